// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The EXTMEM option of REGISTER: what is refused, and that nothing is left. */
#include <sys/mman.h>

#include "conf.h"

#define SIZE	  (4u << 20)
#define PAGE	  4096
#define UNTOUCHED 777

static char *mem;

static struct nmreq_opt_extmem extmem(uintptr_t at, size_t size)
{
	return (struct nmreq_opt_extmem){
		.nro_opt = {.nro_reqtype = NETMAP_REQ_OPT_EXTMEM,
			    .nro_status = UNTOUCHED},
		.nro_usrptr = at,
		.nro_info = {.nr_memsize = size,
			     .nr_if_pool_objtotal = 8,
			     .nr_ring_pool_objtotal = 16,
			     .nr_ring_pool_objsize = 2048,
			     .nr_buf_pool_objtotal = 512},
	};
}

static void claim_refused(struct nmreq_opt_extmem o, int err)
{
	CHECK_ERR(conf_try_with("vale0:a", REG_SLOTS(64), &o), err);
	CHECK_ERR((int)o.nro_opt.nro_status, err);
	CHECK(!conf_exists("vale0:a"));
	o = extmem((uintptr_t)mem, SIZE);
	CHECK_ERR(conf_try_with("vale0:a", REG_SLOTS(64), &o), 0);
}

static void not_a_page(void)
{
	claim_refused(extmem((uintptr_t)mem + 64, SIZE / 2), EINVAL);
	claim_refused(extmem((uintptr_t)mem + 1, SIZE / 2), EINVAL);
}

static void not_there(void)
{
	char *gap = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	claim_refused(extmem(0, SIZE), EFAULT);
	munmap(gap + SIZE / 2, PAGE);
	claim_refused(extmem((uintptr_t)gap, SIZE), EFAULT);
	munmap(gap, SIZE);
	claim_refused(extmem((uintptr_t)gap, SIZE), EFAULT);
	claim_refused(extmem(~0ull << 12, SIZE), EFAULT);
}

static void not_writable(void)
{
	char *m =
		mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	claim_refused(extmem((uintptr_t)m, SIZE), EFAULT);
	mprotect(m, SIZE - PAGE, PROT_READ | PROT_WRITE);
	claim_refused(extmem((uintptr_t)m, SIZE), EFAULT);
	munmap(m, SIZE);
}

static void too_small(void)
{
	struct nmreq_opt_extmem o = extmem((uintptr_t)mem, SIZE);

	claim_refused(extmem((uintptr_t)mem, 0), ENOMEM);
	claim_refused(extmem((uintptr_t)mem, PAGE - 1), ENOMEM);
	claim_refused(extmem((uintptr_t)mem, 1u << 20), ENOMEM);
	o.nro_info.nr_buf_pool_objtotal = 2000;
	claim_refused(o, ENOMEM);
	o.nro_info.nr_buf_pool_objtotal = 0xffffffff;
	claim_refused(o, ENOMEM);
	o = extmem((uintptr_t)mem, SIZE);
	o.nro_info.nr_ring_pool_objtotal = 0xffffffff;
	claim_refused(o, ENOMEM);
	o = extmem((uintptr_t)mem, 1ull << 40);
	claim_refused(o, ENOMEM);
}

static void objects_too_large(void)
{
	struct nmreq_opt_extmem o = extmem((uintptr_t)mem, SIZE);

	o.nro_info.nr_buf_pool_objsize = 65537;
	claim_refused(o, EINVAL);
	o = extmem((uintptr_t)mem, SIZE);
	o.nro_info.nr_ring_pool_objsize = 0xffffffff;
	claim_refused(o, EINVAL);
}

/* The pools are as asked; what the port needs does not fit into them. */
static void port_does_not_fit(void)
{
	struct nmreq_opt_extmem o = extmem((uintptr_t)mem, SIZE);

	CHECK_ERR(conf_try_with("vale0:a", REG_SLOTS(1024), &o), ENOMEM);
	o = extmem((uintptr_t)mem, SIZE);
	o.nro_info.nr_ring_pool_objtotal = 1;
	CHECK_ERR(conf_try_with("vale0:a", REG_SLOTS(64), &o), ENOMEM);
	CHECK(!conf_exists("vale0:a"));
}

static void option_beside_it(void)
{
	struct nmreq_option unknown = {.nro_reqtype = NETMAP_REQ_OPT_MAX};
	struct nmreq_opt_extmem o = extmem((uintptr_t)mem, SIZE);

	o.nro_opt.nro_next = (uintptr_t)&unknown;
	CHECK_ERR(conf_try_with("vale0:a", REG_SLOTS(64), &o), EOPNOTSUPP);
	CHECK(!conf_exists("vale0:a"));
}

static void bound_already(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(64));
	struct nmreq_opt_extmem o = extmem((uintptr_t)mem, SIZE);
	struct nmreq_register reg = REG_SLOTS(64);

	CHECK_ERR(
		conf_ctrl_with(a.fd, NETMAP_REQ_REGISTER, "vale0:b", &reg, &o),
		EBUSY);
	CHECK(!conf_exists("vale0:b"));
}

static const struct claim claims[] = {
	{"an address inside of a page is EINVAL", not_a_page},
	{"memory that is not there is EFAULT", not_there},
	{"memory that cannot be written is EFAULT", not_writable},
	{"less memory than the pools need is ENOMEM", too_small},
	{"objects over the limits are EINVAL", objects_too_large},
	{"a port that does not fit is ENOMEM", port_does_not_fit},
	{"an option served by nobody undoes it all", option_beside_it},
	{"a bound descriptor stays as it is", bound_already},
};

int main(void)
{
	conf_needs_memory();
	mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return mem == MAP_FAILED ? 1 : CONF_RUN(claims);
}
