// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Regions on memory of the program: sizes, identity, life. */
#include <sys/mman.h>

#include "conf.h"

#define SIZE	  (4u << 20)
#define PAGE	  4096
#define UNTOUCHED 777

/* Memory full of garbage. */
static char *memory(size_t size)
{
	char *m = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(m != MAP_FAILED);
	memset(m, 0xa5, size);
	return m;
}

static struct nmreq_opt_extmem extmem(const void *mem, size_t size)
{
	return (struct nmreq_opt_extmem){
		.nro_opt = {.nro_reqtype = NETMAP_REQ_OPT_EXTMEM,
			    .nro_status = UNTOUCHED},
		.nro_usrptr = (uintptr_t)mem,
		.nro_info = {.nr_memsize = size,
			     .nr_if_pool_objtotal = 8,
			     .nr_ring_pool_objtotal = 16,
			     .nr_ring_pool_objsize = 2048,
			     .nr_buf_pool_objtotal = 512},
	};
}

/* Binds @name on @mem; the program sees its rings in its own memory. */
static struct port open_on(const char *name, char *mem, size_t size)
{
	struct nmreq_opt_extmem o = extmem(mem, size);
	struct port p = {.fd = conf_fd(), .reg = REG_SLOTS(64)};

	CHECK_ERR(conf_ctrl_with(p.fd, NETMAP_REQ_REGISTER, name, &p.reg, &o),
		  0);
	CHECK_ERR((int)o.nro_opt.nro_status, 0);
	CHECK_EQ(p.reg.nr_memsize, size);
	p.mem = mem;
	p.nifp = NETMAP_IF(p.mem, p.reg.nr_offset);
	return p;
}

static void rings_in_own_memory(void)
{
	char *mem = memory(SIZE);
	struct port a = open_on("vale0:a", mem, SIZE);
	struct port b = conf_open("vale0:b");
	struct netmap_ring *tx = conf_tx(&a, 0);

	CHECK((char *)tx >= mem && (char *)tx < mem + SIZE);
	CHECK_STR(a.nifp->ni_name, "vale0:a");
	CHECK_EQ(a.nifp->ni_flags & NI_PRIV_MEM, NI_PRIV_MEM);
	for (uint32_t i = 0; i < 200; i++) {
		conf_send(&a, 0, conf_frame(BROADCAST, 1, i));
		conf_expect(&b, 0, conf_frame(BROADCAST, 1, i));
		conf_send(&b, 0, conf_frame(BROADCAST, 2, i));
		conf_expect(&a, 0, conf_frame(BROADCAST, 2, i));
	}
	conf_close(&a);
	munmap(mem, SIZE);
}

/* Nothing of what was in the memory is left in any object. */
static void objects_are_zeroed(void)
{
	static const char zero[64];
	char *mem = memory(SIZE);
	struct port a = open_on("vale0:a", mem, SIZE);
	struct netmap_ring *tx = conf_tx(&a, 0), *rx = conf_rx(&a, 0);

	CHECK_EQ(tx->head, 0);
	CHECK_EQ(tx->flags, 0);
	CHECK_EQ(tx->offset_mask, 0);
	CHECK_MEM(tx->sem, zero, sizeof(zero));
	CHECK_EQ(tx->slot[5].ptr, 0);
	CHECK_EQ(a.nifp->ni_version, 0);
	CHECK_EQ(a.nifp->ni_spare1[0], 0);
	for (uint32_t i = 0; i < 64; i++) {
		CHECK_MEM(NETMAP_BUF(tx, tx->slot[i].buf_idx), zero, 64);
		CHECK_MEM(NETMAP_BUF(rx, rx->slot[i].buf_idx), zero, 64);
	}
	conf_close(&a);
	munmap(mem, SIZE);
}

static void surplus_is_buffers(void)
{
	char *mem = memory(SIZE);
	struct nmreq_opt_extmem o = extmem(mem, SIZE);
	struct port a = conf_open_with(
		"vale0:a", REG_SLOTS(64, .nr_extra_bufs = 1500), &o);
	const struct nmreq_pools_info *i = &o.nro_info;
	uint64_t bytes =
		(uint64_t)i->nr_buf_pool_objtotal * i->nr_buf_pool_objsize;

	CHECK_EQ(i->nr_memsize, SIZE);
	CHECK_EQ(i->nr_if_pool_objtotal, 8);
	CHECK_EQ(i->nr_if_pool_objsize, 1024);
	CHECK_EQ(i->nr_ring_pool_objtotal, 16);
	CHECK_EQ(i->nr_ring_pool_objsize, 2048);
	CHECK(i->nr_buf_pool_objtotal > 1900);
	CHECK(bytes <= SIZE);
	CHECK(bytes > SIZE - 12 * PAGE - 2 * i->nr_buf_pool_objsize);
	CHECK_EQ(a.reg.nr_extra_bufs, 1500);
	conf_close(&a);
	munmap(mem, SIZE);
}

static void defaults(void)
{
	size_t size = 16u << 20;
	char *mem = memory(size);
	struct nmreq_opt_extmem o = extmem(mem, size);
	struct port a;

	memset(&o.nro_info, 0, sizeof(o.nro_info));
	o.nro_info.nr_memsize = size;
	a = conf_open_with("vale0:a", REG(NR_REG_ALL_NIC), &o);
	CHECK_EQ(o.nro_info.nr_if_pool_objtotal, 2);
	CHECK_EQ(o.nro_info.nr_ring_pool_objtotal, 4);
	CHECK_EQ(o.nro_info.nr_ring_pool_objsize, 20480);
	CHECK(o.nro_info.nr_buf_pool_objtotal > 4098);
	CHECK_EQ(conf_tx(&a, 0)->num_slots, 1024);
	conf_close(&a);
	munmap(mem, size);
}

static void mapping_shows_it(void)
{
	char *mem = memory(SIZE);
	struct port a = open_on("vale0:a", mem, SIZE);
	struct port b = conf_open("vale0:b");
	char *map = conf_map(a.fd, a.reg.nr_memsize);
	struct netmap_ring *own = conf_tx(&a, 0);
	struct port via = a;

	via.mem = map;
	via.nifp = NETMAP_IF(map, a.reg.nr_offset);
	CHECK_EQ(conf_tx(&via, 0)->num_slots, 64);
	CHECK_EQ(conf_tx(&via, 0)->slot[3].buf_idx, own->slot[3].buf_idx);
	conf_send(&via, 0, conf_frame(BROADCAST, 1, 7));
	conf_expect(&b, 0, conf_frame(BROADCAST, 1, 7));
	CHECK_EQ(own->head, 1);
	conf_close(&a);
	munmap(mem, SIZE);
}

static void same_pages_same_region(void)
{
	char *mem = memory(SIZE), *other = memory(SIZE);
	struct port a = open_on("vale0:a", mem, SIZE);
	struct port b = open_on("vale0:b", mem, SIZE);
	struct port c = open_on("vale0:c", other, SIZE);

	CHECK_EQ(a.reg.nr_mem_id, b.reg.nr_mem_id);
	CHECK(a.reg.nr_mem_id != c.reg.nr_mem_id);
	conf_send(&a, 0, conf_frame(BROADCAST, 1, 7));
	conf_expect(&b, 0, conf_frame(BROADCAST, 1, 7));
	conf_expect(&c, 0, conf_frame(BROADCAST, 1, 7));
	conf_close(&a);
	conf_send(&c, 0, conf_frame(BROADCAST, 1, 8));
	conf_expect(&b, 0, conf_frame(BROADCAST, 1, 8));
	conf_close(&b);
	conf_close(&c);
	munmap(mem, SIZE);
	munmap(other, SIZE);
}

static void by_id_too(void)
{
	char *mem = memory(SIZE);
	struct port a = open_on("vale0:a", mem, SIZE);
	uint16_t id = a.reg.nr_mem_id;
	struct port b = conf_open_as("vale0:b", REG_SLOTS(64, .nr_mem_id = id));

	CHECK_EQ(b.reg.nr_mem_id, id);
	conf_send(&b, 0, conf_frame(BROADCAST, 1, 7));
	conf_expect(&a, 0, conf_frame(BROADCAST, 1, 7));
	conf_close(&a);
	conf_close(&b);
	CHECK_ERR(conf_try("vale0:b", REG_SLOTS(8, .nr_mem_id = id)), EINVAL);
	munmap(mem, SIZE);
}

static void existing_port_keeps_its_own(void)
{
	char *mem = memory(SIZE);
	struct port a = conf_open_as("vale0:a", REG_SLOTS(64));
	struct nmreq_opt_extmem o = extmem(mem, SIZE);
	struct port b = conf_open_with("vale0:a", REG_SLOTS(64), &o);

	CHECK_EQ(b.reg.nr_mem_id, a.reg.nr_mem_id);
	CHECK_EQ(b.reg.nr_memsize, a.reg.nr_memsize);
	CHECK_EQ((unsigned char)mem[0], 0xa5);
	munmap(mem, SIZE);
}

/* The rest of the program's memory is as it was, and stays its own. */
static void ends_with_the_port(void)
{
	char *mem = memory(SIZE);

	for (int i = 0; i < 3; i++) {
		struct port a = open_on("vale0:a", mem, SIZE);

		CHECK_EQ(conf_tx(&a, 0)->head, 0);
		conf_send(&a, 0, conf_frame(BROADCAST, 1, 7));
		conf_close(&a);
		memset(mem, 0xa5, SIZE);
	}
	munmap(mem, SIZE);
}

static void pipes_hang_on_it(void)
{
	char *mem = memory(SIZE);
	struct port a = open_on("vale0:a", mem, SIZE);
	struct port x = conf_open("vale0:a{1"), y = conf_open("vale0:a}1");

	CHECK_EQ(x.reg.nr_mem_id, a.reg.nr_mem_id);
	x.mem = y.mem = mem;
	x.nifp = NETMAP_IF(mem, x.reg.nr_offset);
	y.nifp = NETMAP_IF(mem, y.reg.nr_offset);
	conf_send(&x, 0, conf_frame(BROADCAST, 1, 7));
	conf_expect(&y, 0, conf_frame(BROADCAST, 1, 7));
	conf_close(&x);
	conf_close(&y);
	conf_close(&a);
	munmap(mem, SIZE);
}

static const struct claim claims[] = {
	{"rings and buffers are in the program's memory", rings_in_own_memory},
	{"every object is zeroed before use", objects_are_zeroed},
	{"memory beyond the pools becomes buffers", surplus_is_buffers},
	{"what is not said has defaults", defaults},
	{"a mapping of the descriptor shows the same", mapping_shows_it},
	{"the same pages are the same region", same_pages_same_region},
	{"ports join it by its id", by_id_too},
	{"a port in use keeps its region", existing_port_keeps_its_own},
	{"the memory is the program's again afterwards", ends_with_the_port},
	{"pipes of the port are in it", pipes_hang_on_it},
};

int main(void)
{
	conf_needs_memory();
	return CONF_RUN(claims);
}
