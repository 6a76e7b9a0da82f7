/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * demo.h - the parts of the demo.
 *
 *     capture   frames of a capture file, and which of its two hosts sent each
 *     way       what frames go through: a switch with three ports, or a pipe
 *     model     where each frame is to arrive, worked out naively
 *     check     every frame through a way, compared byte for byte
 *     rates     the same frames again, as fast as they go
 *     dump      what a wrong frame looks like
 *
 * Everything runs in one thread. Functions that can fail return false and have
 * said why on stderr, unless said otherwise.
 */
#ifndef DEMO_H
#define DEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netmap_embedded.h>
#include <net/netmap_user.h>

/* ---- capture.c ---- */

#define HOSTS 2

struct frame {
	uint8_t *data;
	uint32_t len; /* 14 .. */
	uint8_t host; /* who sent it: 0 (seen first) or 1 */
};

struct capture {
	const char *path;
	struct frame *frame;
	unsigned n;
	uint64_t bytes;
	uint8_t mac[HOSTS][6];
	unsigned hosts; /* seen so far */
};

/* Whole Ethernet frames of two hosts, or it refuses. */
bool capture_load(struct capture *c, const char *path);
/* @n frames of @len bytes from host 0 to host 1, each another pattern; the
 * first one is from host 1, so that a switch has learned where it is. */
bool capture_make(struct capture *c, unsigned n, uint32_t len);
void capture_free(struct capture *c);

/* ---- way.c ---- */

#define MAX_ENDS 3

enum way_kind { WAY_SWITCH, WAY_PIPE, WAYS };

/*
 *   switch   host 0 -- a [ vale0 ] b -- host 1        pipe   host 0 -- a == b
 *                           w                                       -- host 1
 *                         (watches)
 */
struct way {
	enum way_kind kind;
	unsigned ends; /* end i < HOSTS is where host i is */
	struct nme *world;
	struct nme_port *port[MAX_ENDS];
};

bool way_open(struct way *w, enum way_kind kind);
void way_close(struct way *w);
const char *way_name(enum way_kind kind);
char end_name(unsigned end); /* 'a', 'b', 'w' */

static inline struct netmap_ring *way_tx(const struct way *w, unsigned end)
{
	return NETMAP_TXRING(nme_if(w->port[end]), 0);
}

static inline struct netmap_ring *way_rx(const struct way *w, unsigned end)
{
	return NETMAP_RXRING(nme_if(w->port[end]), 0);
}

/* ---- ring.c ---- */

#define MAX_FRAME 0x20000 /* of a frame put together again: 64 slots */

/* Slots that @len bytes take. */
static inline unsigned slots_of(const struct netmap_ring *ring, uint32_t len)
{
	return (len + ring->nr_buf_size - 1) / ring->nr_buf_size;
}

/* Appends a frame to a transmit ring that has room for it. */
void ring_put(struct netmap_ring *ring, const struct frame *f);
/* Takes the next frame out of @ring, put together in @buf, MAX_FRAME bytes.
 * false: there is none; with f->len > 0, its end is not there, and it stays. */
bool ring_take(struct netmap_ring *ring, uint8_t *buf, struct frame *f);
bool frame_same(const struct frame *a, const struct frame *b);

/* ---- model.c ---- */

#define MAX_STATIONS 64

struct model {
	enum way_kind kind;
	unsigned n;
	struct {
		uint8_t mac[6];
		unsigned end;
	} station[MAX_STATIONS];
};

void model_init(struct model *m, enum way_kind kind);
/* The ends where @f, sent at end @from, is to arrive: bit i for end i. */
unsigned model_route(struct model *m, const struct frame *f, unsigned from);

/* ---- check.c ---- */

struct check {
	const struct capture *sent;
	const struct capture *expected; /* usually the same */
	unsigned last;			/* frames to send; 0: all */
	/* what was found */
	unsigned frames, flooded, delivered;
	unsigned ends; /* where the last frame arrived: bit i for end i */
	/* the frame that is wrong, or 0; they count from 1 */
	unsigned wrong;
};

/* Sends the frames in their order and looks at all ends after each batch. */
bool check_run(struct check *c, enum way_kind kind);

/* ---- rates.c ---- */

struct rate {
	double ns; /* per frame, median of the runs */
	double mpps;
	double gbit; /* per second, bytes of these frames only */
};

#define RATE_RUNS 5

/* Sends the capture again and again, in batches of up to 256 frames per
 * sender, RATE_RUNS times for @slice_ns. */
bool rate_measure(struct rate *r, const struct capture *c, enum way_kind kind,
		  uint64_t slice_ns);

/* ---- dump.c ---- */

/* Both frames in hex on stdout, equal rows once; marks where they first
 * differ. A NULL frame: there is none. */
void dump_difference(const struct frame *expected, const struct frame *got);
void dump_frame(const struct frame *f);

#endif
