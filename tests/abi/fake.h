/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fake.h - net/netmap_user.h on top of a device that is not there.
 *
 * The library half of netmap_user.h is compiled into each test, with open,
 * ioctl, mmap, munmap and close replaced by functions that note what they were
 * asked and answer as the test says: a device with one port whose region is
 * made here.
 *
 *   region   0 .. FAKE_IF        not used, so that nr_offset is not 0
 *            FAKE_IF             the interface record
 *            FAKE_RINGS          tx rings, host tx, rx rings, host rx
 *            behind them         the buffers, in the order of the slots
 *
 * Include it once, in one file per program.
 */
#ifndef ABI_FAKE_H
#define ABI_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

static int fake_open(const char *path, int flags);
static int fake_ioctl(int fd, unsigned long request, void *arg);
static void *fake_mmap(void *addr, size_t len, int prot, int flags, int fd,
		       long offset);
static int fake_munmap(void *addr, size_t len);
static int fake_close(int fd);
static int fake_gettimeofday(struct timeval *tv, void *tz);

#define open	     fake_open
#define ioctl	     fake_ioctl
#define mmap	     fake_mmap
#define munmap	     fake_munmap
#define close	     fake_close
#define gettimeofday fake_gettimeofday
#define NETMAP_WITH_LIBS
#include <net/netmap_user.h>
#undef open
#undef ioctl
#undef mmap
#undef munmap
#undef close
#undef gettimeofday

#define FAKE_FD	   77 /* the first descriptor; each further one is one more */
#define FAKE_IF	   192
#define FAKE_RINGS 4096

static struct fake {
	/* the port, set by the test before it opens */
	uint16_t tx_rings, rx_rings; /* without the host rings: one and one */
	uint32_t slots, buf_size;
	uint16_t mem_id;	  /* answered in nr_arg2 */
	int tx_absent, rx_absent; /* leave that direction out of ring_ofs */
	int open_errno, ioctl_errno, mmap_errno; /* not 0: fail so */

	/* what was asked */
	int opens, ioctls, mmaps, munmaps, closes;
	struct nmreq asked; /* the last NIOCREGIF */
	size_t mapped;	    /* bytes, the last mmap */
	void *unmapped;	    /* address, the last munmap */
	int closed;	    /* the last close */

	void *mem; /* the region; made by the first mmap */
	size_t memsize;
	time_t now; /* what gettimeofday says */
} fake;

/* Sets a field that is const for programs. */
#define FAKE_SET(type, field, value) \
	(*(type *)(uintptr_t) & (field) = (type)(value))

/* Rings of both directions, host rings included. */
static uint32_t fake_rings(void)
{
	return fake.tx_rings + fake.rx_rings + 2u;
}

static size_t fake_ring_size(void)
{
	size_t size = sizeof(struct netmap_ring) +
		      fake.slots * sizeof(struct netmap_slot);

	return (size + 127) / 128 * 128;
}

/* First buffer: 2 at least are reserved, these are never in a slot. */
static size_t fake_bufs_at(void)
{
	return FAKE_RINGS + fake_rings() * fake_ring_size();
}

static uint32_t fake_bufs(void)
{
	return 2 + fake_rings() * fake.slots;
}

static void fake_make_ring(struct netmap_if *nifp, uint32_t entry)
{
	size_t at = FAKE_RINGS + entry * fake_ring_size();
	struct netmap_ring *ring =
		(struct netmap_ring *)((char *)fake.mem + at);
	int tx = entry <= fake.tx_rings;
	uint32_t i;

	if (tx ? !fake.tx_absent : !fake.rx_absent)
		FAKE_SET(ssize_t, nifp->ring_ofs[entry], at - FAKE_IF);
	FAKE_SET(int64_t, ring->buf_ofs, fake_bufs_at() - at);
	FAKE_SET(uint32_t, ring->num_slots, fake.slots);
	FAKE_SET(uint32_t, ring->nr_buf_size, fake.buf_size);
	for (i = 0; i < fake.slots; i++) {
		ring->slot[i].buf_idx = 2 + entry * fake.slots + i;
		ring->slot[i].len = 0;
	}
	ring->tail = tx ? fake.slots - 1 : 0;
}

static void fake_make(void)
{
	struct netmap_if *nifp;
	uint32_t i;

	fake.memsize = fake_bufs_at() + (size_t)fake_bufs() * fake.buf_size;
	fake.memsize = (fake.memsize + 4095) / 4096 * 4096;
	fake.mem = aligned_alloc(4096, fake.memsize);
	assert_non_null(fake.mem);
	memset(fake.mem, 0, fake.memsize);
	nifp = NETMAP_IF(fake.mem, FAKE_IF);
	FAKE_SET(uint32_t, nifp->ni_tx_rings, fake.tx_rings);
	FAKE_SET(uint32_t, nifp->ni_rx_rings, fake.rx_rings);
	FAKE_SET(uint32_t, nifp->ni_host_tx_rings, 1);
	FAKE_SET(uint32_t, nifp->ni_host_rx_rings, 1);
	for (i = 0; i < fake_rings(); i++)
		fake_make_ring(nifp, i);
}

static int fake_open(const char *path, int flags)
{
	assert_string_equal(path, "/dev/netmap");
	assert_int_equal(flags & O_ACCMODE, O_RDWR);
	if (fake.open_errno) {
		errno = fake.open_errno;
		return -1;
	}
	return FAKE_FD + fake.opens++;
}

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	struct nmreq *r = (struct nmreq *)arg;

	assert_int_equal(fd, FAKE_FD + fake.opens - 1);
	assert_int_equal(request, 0xc03c6992);
	fake.ioctls++;
	fake.asked = *r;
	if (fake.ioctl_errno) {
		errno = fake.ioctl_errno;
		return -1;
	}
	if (!fake.mem)
		fake_make();
	r->nr_offset = FAKE_IF;
	r->nr_memsize = (uint32_t)fake.memsize;
	r->nr_tx_rings = fake.tx_rings;
	r->nr_rx_rings = fake.rx_rings;
	r->nr_tx_slots = r->nr_rx_slots = fake.slots;
	r->nr_arg2 = fake.mem_id;
	return 0;
}

static void *fake_mmap(void *addr, size_t len, int prot, int flags, int fd,
		       long offset)
{
	assert_null(addr);
	assert_int_equal(prot, PROT_READ | PROT_WRITE);
	assert_int_equal(flags, MAP_SHARED);
	assert_int_equal(fd, FAKE_FD + fake.opens - 1);
	assert_int_equal(offset, 0);
	fake.mapped = len;
	if (fake.mmap_errno) {
		errno = fake.mmap_errno;
		return MAP_FAILED;
	}
	fake.mmaps++;
	return fake.mem;
}

static int fake_munmap(void *addr, size_t len)
{
	assert_int_equal(len, fake.memsize);
	fake.munmaps++;
	fake.unmapped = addr;
	errno = ENOMSG; /* as a call that succeeds may leave it */
	return 0;
}

static int fake_close(int fd)
{
	fake.closes++;
	fake.closed = fd;
	errno = ENOMSG;
	return 0;
}

static int fake_gettimeofday(struct timeval *tv, void *tz)
{
	(void)tz;
	tv->tv_sec = fake.now;
	tv->tv_usec = 42;
	return 0;
}

/* Before each test: one tx and one rx ring of 8 slots, 256-byte buffers. */
static int fake_setup(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.tx_rings = fake.rx_rings = 1;
	fake.slots = 8;
	fake.buf_size = 256;
	fake.mem_id = 1;
	fake.now = 3600 + 5;
	return 0;
}

static int fake_teardown(void **state)
{
	(void)state;
	free(fake.mem);
	return 0;
}

/* Catches what is written to stderr between begin and end. */
static FILE *fake_err_file;
static int fake_err_saved;

static inline void fake_err_begin(void)
{
	fflush(stderr);
	fake_err_file = tmpfile();
	assert_non_null(fake_err_file);
	fake_err_saved = dup(2);
	dup2(fileno(fake_err_file), 2);
}

/* Returns the text, at most 4095 bytes of it, until the next call. */
static inline const char *fake_err_end(void)
{
	static char text[4096];
	size_t n;

	fflush(stderr);
	dup2(fake_err_saved, 2);
	close(fake_err_saved);
	rewind(fake_err_file);
	n = fread(text, 1, sizeof(text) - 1, fake_err_file);
	text[n] = '\0';
	fclose(fake_err_file);
	return text;
}

#define FAKE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

#endif
