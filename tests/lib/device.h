/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * device.h - libnetmap on top of the device that is not there (tests/abi/
 * fake.h). The linker gives the library's calls of open, ioctl, mmap, munmap
 * and close to the functions here (--wrap; meson compiles with 64-bit file
 * offsets, which is in the names); what is not for /dev/netmap goes on to the
 * real ones. The contexts' messages are caught.
 *
 * Include it once, in one file per program.
 */
#ifndef LIB_DEVICE_H
#define LIB_DEVICE_H

#include "../abi/fake.h"

#include <libnetmap.h>
#include <net/netmap_ext.h>
#include <sys/stat.h>

int __real_open64(const char *path, int flags, ...);
int __real_close(int fd);
void *__real_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset);
int __real_munmap(void *addr, size_t len);

int __wrap_open64(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_ioctl(int fd, unsigned long request, void *arg);
void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset);
int __wrap_munmap(void *addr, size_t len);

/* Beside what fake has. */
static struct dev {
	/* what was asked; the options as they were then */
	struct nmreq_header hdr;
	struct nmreq_register reg;
	unsigned int options;
	struct nmreq_opt_extmem extmem;
	struct nmreq_opt_offsets offsets;
	/* what is answered */
	uint32_t status; /* of every option */
	int dead; /* descriptors, the first ones, whose netmapd has ended */
	/* calls that were for others */
	int others_open, others_mapped;
	/* refusals that are kept, by number from 1 on */
	struct nmreq_x_refusal refusal[4];

	/* messages: the last, and how many */
	char said[1000];
	int sentences;
} dev;

static int is_dev_fd(int fd)
{
	return fd >= FAKE_FD && fd < FAKE_FD + fake.opens;
}

int __wrap_open64(const char *path, int flags, ...)
{
	int fd;

	if (strcmp(path, "/dev/netmap") == 0)
		return fake_open(path, flags);
	fd = __real_open64(path, flags);
	dev.others_open += fd >= 0;
	return fd;
}

int __wrap_close(int fd)
{
	if (is_dev_fd(fd))
		return fake_close(fd);
	dev.others_open--;
	return __real_close(fd);
}

static void dev_note_options(const struct nmreq_header *h)
{
	struct nmreq_option *o;

	dev.options = 0;
	nmreq_foreach_option(h, o)
	{
		dev.options++;
		o->nro_status = dev.status;
		if (o->nro_reqtype == NETMAP_REQ_OPT_EXTMEM) {
			assert_int_equal(o->nro_size, sizeof(dev.extmem));
			memcpy(&dev.extmem, o, sizeof(dev.extmem));
		} else if (o->nro_reqtype == NETMAP_REQ_OPT_OFFSETS) {
			assert_int_equal(o->nro_size, sizeof(dev.offsets));
			memcpy(&dev.offsets, o, sizeof(dev.offsets));
		} else {
			assert_int_equal(o->nro_reqtype, NETMAP_REQ_OPT_CSB);
		}
	}
}

/* The region at @mem is the port's that @h names. */
static void dev_name_if(void *mem, const struct nmreq_header *h)
{
	memcpy(NETMAP_IF(mem, FAKE_IF)->ni_name, h->nr_name, IFNAMSIZ - 1);
}

static void dev_register(struct nmreq_header *h)
{
	struct nmreq_register *r =
		(struct nmreq_register *)(uintptr_t)h->nr_body;

	r->nr_offset = FAKE_IF;
	r->nr_memsize = fake.memsize;
	r->nr_tx_rings = fake.tx_rings;
	r->nr_rx_rings = fake.rx_rings;
	r->nr_tx_slots = r->nr_rx_slots = fake.slots;
	r->nr_mem_id = fake.mem_id;
	dev_name_if(fake.mem, h);
}

/* As the device: that one or the first after it. */
static int dev_refusal(struct nmreq_x_refusal *r)
{
	assert_int_equal(r->x_size, sizeof(*r));
	for (size_t i = 0; i < 4; i++) {
		if (!dev.refusal[i].x_seq || dev.refusal[i].x_seq < r->x_seq)
			continue;
		*r = dev.refusal[i];
		return 0;
	}
	errno = ENOENT;
	return -1;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	struct nmreq_header *h = (struct nmreq_header *)arg;

	assert_true(is_dev_fd(fd));
	if (fd < FAKE_FD + dev.dead) {
		errno = ENOTCONN;
		return -1;
	}
	assert_int_equal(request, 0xc0586997);
	assert_int_equal(h->nr_version, 14);
	assert_int_equal(h->nr_reserved, 0);
	if (h->nr_reqtype == NETMAP_REQ_X_REFUSALS_GET)
		return dev_refusal(
			(struct nmreq_x_refusal *)(uintptr_t)h->nr_body);
	assert_int_equal(fd, FAKE_FD + fake.opens - 1);
	fake.ioctls++;
	dev.hdr = *h;
	dev_note_options(h);
	if (h->nr_reqtype == NETMAP_REQ_REGISTER)
		memcpy(&dev.reg, (void *)(uintptr_t)h->nr_body,
		       sizeof(dev.reg));
	else
		assert_int_equal(h->nr_reqtype, NETMAP_REQ_PORT_INFO_GET);
	if (fake.ioctl_errno) {
		errno = fake.ioctl_errno;
		return -1;
	}
	if (h->nr_reqtype == NETMAP_REQ_PORT_INFO_GET) {
		struct nmreq_port_info_get *i =
			(struct nmreq_port_info_get *)(uintptr_t)h->nr_body;

		assert_int_equal(i->nr_mem_id, 0);
		i->nr_mem_id = fake.mem_id;
		return 0;
	}
	if (!fake.mem)
		fake_make();
	dev_register(h);
	return 0;
}

void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset)
{
	void *p;

	if (is_dev_fd(fd))
		return fake_mmap(addr, len, prot, flags, fd, offset);
	if (fake.mmap_errno) {
		errno = fake.mmap_errno;
		return MAP_FAILED;
	}
	p = __real_mmap64(addr, len, prot, flags, fd, offset);
	dev.others_mapped += p != MAP_FAILED;
	return p;
}

int __wrap_munmap(void *addr, size_t len)
{
	if (addr == fake.mem)
		return fake_munmap(addr, len);
	dev.others_mapped--;
	return __real_munmap(addr, len);
}

/* ---- a context that listens ---- */

static void dev_said(struct nmctx *ctx, const char *sentence)
{
	(void)ctx;
	assert_in_range(strlen(sentence), 1, 999);
	assert_null(strchr(sentence, '\n'));
	strcpy(dev.said, sentence);
	dev.sentences++;
	errno = ENOMSG; /* as printing may leave it */
}

static struct nmctx dev_ctx, *dev_before;

static int dev_setup(void **state)
{
	fake_setup(state);
	memset(&dev, 0, sizeof(dev));
	dev_ctx = *nmctx_get();
	dev_ctx.error = dev_said;
	dev_before = nmctx_set_default(&dev_ctx);
	return 0;
}

/* What a test leaves behind is a leak of the library. */
static int dev_teardown(void **state)
{
	nmctx_set_default(dev_before);
	nmport_disable_option("offset");
	if (fake.opens != fake.closes || fake.mmaps != fake.munmaps ||
	    dev.others_open || dev.others_mapped || dev_ctx.mem_descs) {
		printf("left: %d of %d open, %d of %d mapped, files %d open "
		       "and %d mapped\n",
		       fake.opens - fake.closes, fake.opens,
		       fake.mmaps - fake.munmaps, fake.mmaps, dev.others_open,
		       dev.others_mapped);
		return -1;
	}
	return fake_teardown(state);
}

/* ---- ports that must be there ---- */

static inline struct nmport_d *must_open(const char *spec)
{
	struct nmport_d *d = nmport_open(spec);

	if (!d)
		fail_msg("%s: errno %d, \"%s\"", spec, errno, dev.said);
	return d;
}

static inline struct nmport_d *must_prepare(const char *spec)
{
	struct nmport_d *d = nmport_prepare(spec);

	if (!d)
		fail_msg("%s: errno %d, \"%s\"", spec, errno, dev.said);
	return d;
}

#define DEV_TEST(name) \
	cmocka_unit_test_setup_teardown(name, dev_setup, dev_teardown)

#endif
