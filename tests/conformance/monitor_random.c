// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * What monitors show is what was sent and received, in order: random frames in
 * random pieces, over rings of random sizes, with syncs at random.
 *
 * Each frame has a number in its bytes. What the sender's program sent, what
 * the receiver's program took and what each monitor showed are four lists of
 * numbers; the monitors are drained often enough to miss nothing.
 */
#include "monitors.h"

#define FRAMES	400
#define LONGEST 700

struct list {
	uint32_t n;
	uint32_t tag[FRAMES];
};

struct world {
	struct port a, b;
	struct port mon[4]; /* tx copy, rx copy, both at a, zero copy at b */
	struct list sent, got, seen[4];
	uint64_t chance;
};

static uint32_t below(struct world *w, uint32_t n)
{
	return conf_random(&w->chance) % n;
}

static uint32_t length_of(uint32_t tag)
{
	uint64_t s = tag;

	return 20 + conf_random(&s) % (LONGEST - 20);
}

static void fill(uint8_t *data, uint32_t tag)
{
	conf_fill(data, length_of(tag), BROADCAST, 1, tag);
	memcpy(data + 14, &tag, sizeof(tag));
}

/* Takes all frames: each is as it was sent. Empty ones are none. */
static void take(const struct port *p, struct list *l)
{
	uint8_t got[LONGEST], want[LONGEST];
	struct netmap_ring *r = conf_rx(p, 0);
	uint32_t tag;
	int len;

	conf_rxsync(p);
	while ((len = conf_get(r, got, sizeof(got))) >= 0) {
		CHECK(len >= 20);
		CHECK(l->n < FRAMES);
		memcpy(&tag, got + 14, sizeof(tag));
		CHECK_EQ(len, length_of(tag));
		fill(want, tag);
		CHECK_MEM(got, want, (size_t)len);
		l->tag[l->n++] = tag;
	}
	conf_rxsync(p);
}

static void send_some(struct world *w)
{
	struct netmap_ring *tx = conf_tx(&w->a, 0);
	uint32_t n = below(w, 5);
	uint8_t data[LONGEST];

	conf_txsync(&w->a);
	while (n-- && w->sent.n < FRAMES) {
		uint32_t tag = w->sent.n, len = length_of(tag);
		uint32_t piece = 60 + below(w, LONGEST);

		if (nm_ring_space(tx) < (len + piece - 1) / piece)
			break;
		fill(data, tag);
		conf_put_pieces(tx, data, len, piece);
		w->sent.tag[w->sent.n++] = tag;
	}
	conf_txsync(&w->a);
}

static void same(const char *what, const struct list *a, const struct list *b)
{
	check_note("%s", what);
	CHECK_EQ(a->n, b->n);
	CHECK_MEM(a->tag, b->tag, a->n * sizeof(a->tag[0]));
	check_note("%s", "");
}

static void random_traffic(const char *from, const char *to, uint32_t seed)
{
	static struct world w;
	uint32_t monitor_slots;

	w = (struct world){.chance = seed};
	monitor_slots = 256 + below(&w, 200);
	w.a = conf_open_as(from, REG_SLOTS(16 + below(&w, 50)));
	w.b = conf_open_as(to, REG_SLOTS(16 + below(&w, 50)));
	w.mon[0] = mon_open_as(from, COPY_TX, REG_SLOTS(monitor_slots));
	w.mon[1] = mon_open_as(to, COPY_RX, REG_SLOTS(monitor_slots));
	w.mon[2] = mon_open_as(from, COPY_BOTH, REG_SLOTS(monitor_slots));
	w.mon[3] = mon_open_as(to, ZCOPY, REG_SLOTS(40));
	while (w.sent.n < FRAMES) {
		send_some(&w);
		if (below(&w, 2))
			take(&w.b, &w.got);
		take(&w.mon[3], &w.seen[3]);
		for (uint32_t i = 0; i < 3; i++)
			take(&w.mon[i], &w.seen[i]);
	}
	conf_txsync(&w.a);
	take(&w.b, &w.got);
	for (uint32_t i = 0; i < 4; i++)
		take(&w.mon[i], &w.seen[i]);
	same("tx copy", &w.seen[0], &w.sent);
	same("rx copy", &w.seen[1], &w.got);
	same("copy of both", &w.seen[2], &w.sent);
	same("zero copy of rx", &w.seen[3], &w.got);
	CHECK(w.got.n > FRAMES / 4);
	conf_cleanup();
}

static void over_switch(void)
{
	for (uint32_t seed = 1; seed <= 8; seed++)
		random_traffic("vale0:a", "vale0:b", seed);
}

static void over_pipe(void)
{
	for (uint32_t seed = 1; seed <= 8; seed++)
		random_traffic("lone{1", "lone}1", seed);
}

static const struct claim claims[] = {
	{"over a switch, drops included", over_switch},
	{"over a pipe", over_pipe},
};

int main(void)
{
	return CONF_RUN(claims);
}
