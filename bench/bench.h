/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench.h - what a row of the table is, and what the rows share.
 *
 * A row is one way to bring 60-byte frames (unless its name says otherwise)
 * from a sender to a receiver. Its cost is the time per frame for both sides
 * together: *fill* (the sender stores length and flags and copies the frame
 * in), the way itself, and *read* (the receiver loads index, length, flags and
 * the first 64 bytes, which go into bench_sink).
 *
 * Rows named *rtt* and *eventfd* are round trips: the time for one.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BENCH_MAX_ROUNDS 101
#define BENCH_FRAME	 60   /* bytes of the small frame, without checksum */
#define BENCH_BIG_FRAME	 1514 /* the largest at MTU 1500 */
#define BENCH_TEXT	 200  /* room for a note or a reason */

struct bench_def {
	const char *name;
	const char *note; /* how it is done, for the table */
	long arg;	  /* for open: what distinguishes rows of one kind */
	/* Makes the row ready and returns its state, or NULL after
	 * bench_refuse(): it cannot run here. */
	void *(*open)(const struct bench_def *def);
	/* Brings some hundreds or thousands of frames over; returns how many,
	 * or 0 after bench_refuse(): something went wrong. */
	unsigned (*step)(void *state);
	/* Instead of step, for rows with threads of their own: runs for about
	 * @ns, stores the time it took. */
	unsigned long (*slice)(void *state, uint64_t ns, uint64_t *took);
	/* Optional: what is to be added to the note after the last round. */
	void (*remark)(void *state, char text[BENCH_TEXT]);
	void (*close)(void *state);
};

/* Groups of rows, each ending with a row without a name. */
extern const struct bench_def bench_copy_rows[];
extern const struct bench_def bench_netmap_rows[];
extern const struct bench_def bench_nic_rows[];
extern const struct bench_def bench_ports_rows[];
extern const struct bench_def bench_pairs_rows[];
extern const struct bench_def bench_daemon_rows[];
extern const struct bench_def bench_peers_rows[];
extern const struct bench_def bench_packet_rows[];

struct bench_result {
	const struct bench_def *def;
	void *state;	       /* NULL: could not run, or broke */
	char note[BENCH_TEXT]; /* how it is done; or why it is not */
	unsigned rounds;       /* of ns[] filled; sorted by bench_run() */
	double ns[BENCH_MAX_ROUNDS];
};

/* Opens the rows, runs each for @slice_ns in each of @rounds rounds, sorts the
 * figures and closes. Rows that cannot run have rounds == 0 and say why. */
void bench_run(struct bench_result *rows, unsigned n, unsigned rounds,
	       uint64_t slice_ns);
double bench_median(const struct bench_result *row); /* < 0: there is none */

/* Says in one sentence why the row cannot run, or broke. */
__attribute__((format(printf, 1, 2))) void bench_refuse(const char *fmt, ...);
const char *bench_reason(void); /* what was said last */

/* Where everything goes that was read, so that it is read. */
extern volatile uint64_t bench_sink;

uint64_t bench_now(void); /* nanoseconds, monotonic */

/* A frame of @len bytes: addresses, ethertype 0x88b5 (local experiments, IEEE
 * 802), and a pattern. */
void bench_frame(uint8_t *frame, unsigned len, const uint8_t dst[6],
		 const uint8_t src[6]);

/* Eight bytes of a frame, wherever they are. */
typedef uint64_t __attribute__((may_alias, aligned(1))) bench_word;

/* What a receiver reads of a frame: 64 bytes at @p, in eight loads. */
static inline uint64_t bench_read64(const void *p)
{
	const bench_word *w = p;

	return w[0] + w[1] + w[2] + w[3] + w[4] + w[5] + w[6] + w[7];
}

/*
 * The network namespace of this program, for the peers that need devices:
 *
 *    bveth0 <=======> bveth1             AF_PACKET
 *    bpcap0 <=======> bpcap1             libpcap
 *    btap0                               tap
 *    btapa - [ bbridge ] - btapb         bridge
 *
 * bench_netns_enter() before any thread exists; whoever cannot (no user
 * namespaces, no ip command) has peers that say so.
 */
void bench_netns_enter(void);
bool bench_netns_ready(void); /* else it has refused */
/* A new tap device, up, made by opening it; -1: has refused. */
int bench_tap_open(const char *name);
/* Runs ip(8) on @script, one command a line; false: has refused. */
bool bench_ip(const char *script);
/* A packet socket on @dev; @proto 0 receives nothing. -1: has refused. */
int bench_packet_socket(const char *dev, uint16_t proto);

#endif
