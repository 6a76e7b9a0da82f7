// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* NS_INDIRECT: frames that lie somewhere else in the sender's memory. */
#include <sys/mman.h>
#include <unistd.h>

#include "conf.h"

static void open_pair(struct port *a, struct port *b)
{
	*a = conf_open_as("vale0:a", REG_SLOTS(64));
	*b = conf_open_as("vale0:b", REG_SLOTS(64));
}

/* The slot at head points to @len bytes at @data. */
static struct netmap_slot *point(struct netmap_ring *tx, const void *data,
				 size_t len, uint16_t flags)
{
	struct netmap_slot *slot = conf_slot(tx, 0);

	memset(NETMAP_BUF(tx, slot->buf_idx), 0xee, 64);
	slot->ptr = (uintptr_t)data;
	slot->len = (uint16_t)len;
	slot->flags = NS_INDIRECT | flags;
	conf_advance(tx, 1);
	return slot;
}

/* The last @len bytes before a page that cannot be read. */
static uint8_t *before_hole(size_t len)
{
	static uint8_t *page;
	size_t size = (size_t)sysconf(_SC_PAGESIZE);

	if (!page) {
		page = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		CHECK(page != MAP_FAILED);
		CHECK_EQ(mprotect(page + size, size, PROT_NONE), 0);
	}
	return page + size - len;
}

static void delivered(void)
{
	conf_needs_indirect();
	struct port a, b;
	struct netmap_ring *tx;

	open_pair(&a, &b);
	tx = conf_tx(&a, 0);
	for (uint32_t i = 0; i < 100; i++) {
		struct frame f = conf_frame(BROADCAST, 1, i);
		struct netmap_slot *slot = point(tx, f.data, sizeof(f.data), 0);
		struct netmap_slot was = *slot;

		conf_txsync(&a);
		CHECK_EQ(nm_ring_space(tx), 63);
		CHECK_MEM(slot, &was, sizeof(was));
		conf_expect(&b, 0, f);
		slot->flags = 0;
	}
}

static void any_length(void)
{
	conf_needs_indirect();
	struct port a, b;
	struct netmap_ring *tx;
	uint32_t size;
	static uint8_t data[65536], got[65536];

	open_pair(&a, &b);
	tx = conf_tx(&a, 0);
	size = tx->nr_buf_size;
	for (uint32_t len = 14; len <= size; len += len < size - 33 ? 33 : 1) {
		check_note("length %u", len);
		conf_fill(data, len, BROADCAST, 1, len);
		point(tx, data, len, 0);
		conf_txsync(&a);
		conf_rxsync(&b);
		CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), len);
		CHECK_MEM(got, data, len);
	}
}

/* Also where the last byte is the last one that can be read. */
static void no_byte_too_many(void)
{
	conf_needs_indirect();
	struct port a, b;

	open_pair(&a, &b);
	for (uint32_t len = 14; len < 100; len++) {
		uint8_t *data = before_hole(len), got[100];

		check_note("length %u", len);
		conf_fill(data, len, BROADCAST, 1, len);
		point(conf_tx(&a, 0), data, len, 0);
		conf_txsync(&a);
		conf_rxsync(&b);
		CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), len);
		CHECK_MEM(got, data, len);
	}
}

/* The bad one vanishes, its neighbours arrive, all slots come back. */
static void dropped(const void *data, size_t len)
{
	struct port a, b;
	struct netmap_ring *tx;

	open_pair(&a, &b);
	tx = conf_tx(&a, 0);
	conf_put_frame(tx, conf_frame(BROADCAST, 1, 1));
	point(tx, data, len, 0);
	conf_put_frame(tx, conf_frame(BROADCAST, 1, 2));
	conf_txsync(&a);
	CHECK_EQ(nm_ring_space(tx), 63);
	conf_expect(&b, 0, conf_frame(BROADCAST, 1, 1));
	conf_expect(&b, 0, conf_frame(BROADCAST, 1, 2));
	conf_expect_none(&b);
	conf_close(&a);
	conf_close(&b);
}

static void null_pointer(void)
{
	dropped(NULL, 60);
}

static void unreadable(void)
{
	dropped(before_hole(0), 60);
	/* Not canonical, and the last page of all. */
	dropped((void *)(uintptr_t)0x8000000000000000u, 60);
	dropped((void *)(uintptr_t)-16, 60);
}

static void half_readable(void)
{
	dropped(before_hole(30), 60);
	dropped(before_hole(59), 60);
}

static void too_long(void)
{
	static uint8_t data[65536];
	struct port a, b;
	uint32_t size;

	conf_fill(data, sizeof(data), BROADCAST, 1, 1);
	open_pair(&a, &b);
	size = conf_tx(&a, 0)->nr_buf_size;
	conf_close(&a);
	conf_close(&b);
	dropped(data, size + 1);
	dropped(data, 65535);
}

static void runt(void)
{
	uint8_t data[14] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	dropped(data, 13);
	dropped(data, 0);
}

static void flooded(void)
{
	conf_needs_indirect();
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port c = conf_open("vale0:c"), d = conf_open("vale0:d");
	struct frame f = conf_frame(BROADCAST, 1, 1);

	point(conf_tx(&a, 0), f.data, sizeof(f.data), 0);
	conf_txsync(&a);
	conf_expect(&b, 0, f);
	conf_expect(&c, 0, f);
	conf_expect(&d, 0, f);
}

/* Learning and look-up see what ptr points to, not the slot's buffer. */
static void switched_by_its_addresses(void)
{
	conf_needs_indirect();
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct port c = conf_open("vale0:c");
	struct frame f = conf_frame(BROADCAST, 5, 1), g = conf_frame(5, 6, 2);

	point(conf_tx(&a, 0), f.data, sizeof(f.data), 0);
	conf_txsync(&a);
	conf_expect(&b, 0, f);
	conf_expect(&c, 0, f);
	point(conf_tx(&b, 0), g.data, sizeof(g.data), 0);
	conf_txsync(&b);
	conf_expect(&a, 0, g);
	conf_expect_none(&c);
}

static void fragments(void)
{
	conf_needs_indirect();
	struct port a, b;
	struct netmap_ring *tx;
	uint8_t data[300], got[300];

	open_pair(&a, &b);
	tx = conf_tx(&a, 0);
	conf_fill(data, sizeof(data), BROADCAST, 1, 3);
	point(tx, data, 100, NS_MOREFRAG);
	conf_put(tx, data + 100, 100, NS_MOREFRAG);
	point(tx, data + 200, 100, 0);
	conf_txsync(&a);
	conf_rxsync(&b);
	CHECK_EQ(nm_ring_space(conf_rx(&b, 0)), 3);
	CHECK_EQ(conf_get(conf_rx(&b, 0), got, sizeof(got)), 300);
	CHECK_MEM(got, data, 300);
}

static void bad_fragment(void)
{
	struct port a, b;
	struct netmap_ring *tx;
	uint8_t data[300];

	open_pair(&a, &b);
	tx = conf_tx(&a, 0);
	conf_fill(data, sizeof(data), BROADCAST, 1, 3);
	for (int bad = 0; bad < 3; bad++) {
		check_note("fragment %d", bad);
		for (int i = 0; i < 3; i++)
			point(tx, i == bad ? NULL : data + 100 * i, 100,
			      i < 2 ? NS_MOREFRAG : 0);
		conf_txsync(&a);
		CHECK_EQ(nm_ring_space(tx), 63);
		conf_send(&a, 0, conf_frame(BROADCAST, 1, 1));
		conf_expect(&b, 0, conf_frame(BROADCAST, 1, 1));
		conf_expect_none(&b);
	}
}

static void whole_ring(void)
{
	conf_needs_indirect();
	struct port a = conf_open_as("vale0:a", REG_SLOTS(1024));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(1024));
	static struct frame f[1023];

	for (uint32_t i = 0; i < 1023; i++) {
		f[i] = conf_frame(BROADCAST, 1, i);
		point(conf_tx(&a, 0), f[i].data, sizeof(f[i].data), 0);
	}
	conf_txsync(&a);
	for (uint32_t i = 0; i < 1023; i++)
		conf_expect(&b, 0, f[i]);
	conf_expect_none(&b);
}

static const struct claim claims[] = {
	{"a frame at ptr arrives, and the slot stays as it was", delivered},
	{"any length up to the buffer's size arrives", any_length},
	{"no byte behind the frame is read", no_byte_too_many},
	{"a NULL pointer drops that frame alone", null_pointer},
	{"an unreadable frame is dropped alone", unreadable},
	{"a frame that can be read in part is dropped alone", half_readable},
	{"a frame longer than a buffer is dropped alone", too_long},
	{"a frame under 14 bytes is dropped alone", runt},
	{"a flooded frame reaches every port", flooded},
	{"the frame at ptr decides where it goes", switched_by_its_addresses},
	{"indirect and direct slots make one frame", fragments},
	{"a bad fragment drops its frame alone", bad_fragment},
	{"a ring full of indirect frames arrives", whole_ring},
};

int main(void)
{
	return CONF_RUN(claims);
}
