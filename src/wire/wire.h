/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * wire.h - what a program (libnetmap) and netmapd say to each other.
 *
 * A descriptor is a *session*: a SOCK_SEQPACKET connection to netmapd. It is
 * passed, inherited and duplicated like any other, and its last close is the
 * descriptor's. Several processes may have it, so nothing is ever sent to them
 * on it, but a refusal before there is any line: each has *lines* of its own,
 * socket pairs of which it sends one end through the session. A line serves one
 * thread at a time.
 *
 *   program                                                 netmapd
 *     connect ----------------- session ------------------> accept: a descriptor
 *     nmd_hello + [line end] -- session -->
 *                          <--- line ------ nmd_welcome + [page, bell, wake]
 *                       or <-- session ---- nmd_welcome: why it is none, and the end
 *     nmd_call + memory ------- line ----->
 *                          <--- line ------ nmd_need: the same call again, with
 *     nmd_call + more --------- line ----->           that memory too
 *                          <--- line ------ nmd_done + what to write to memory
 *
 * netmapd never reads or writes the memory of a program. A call carries what
 * is at its argument; where the engine wants more (a body, options), the answer
 * is nmd_need and nothing has been done. The program's library writes what
 * nmd_done brings.
 *
 * Packets do not pass here: they are in the region, which both map, and the
 * session's page (struct nmd_page) says who sleeps. TXSYNC and RXSYNC are no
 * messages but, where netmapd sleeps, one write to the bell.
 *
 *   page    a memfd, mapped by both sides
 *   bell    an eventfd; the program writes to it, netmapd sleeps on it
 *   wake    one of a pair of datagram sockets, of the line: a thread sleeps on
 *           it. netmapd sends to the other, which it keeps to itself: whoever has
 *           that may connect it to somebody else (not an eventfd: whether a write
 *           blocks would be the program's to say)
 *
 * All integers are in the byte order of the machine. Messages grow at the end
 * only: a receiver takes what it knows of and treats what is missing as 0.
 */
#ifndef NMD_WIRE_H
#define NMD_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define NMD_MAGIC	 0x646d6e01u
#define NMD_VERSION	 2 /* what we speak */
#define NMD_VERSION_MIN	 2 /* oldest that we understand */
#define NMD_FDS		 4 /* in one message */
#define NMD_MESSAGE_MAX	 32768
#define NMD_LINES	 64   /* of a session at once, all its processes */
#define NMD_NEEDS_MAX	 64   /* for one call */
#define NMD_RINGS_MAX	 1024 /* bound by one descriptor */
#define NMD_PROGRAM_LEN	 16
#define NMD_SENTENCE_LEN 160
#define NMD_SOCKET_NAME	 "netmapd.sock" /* last part of the socket's path */

enum nmd_type {
	NMD_HELLO = 1,
	NMD_WELCOME,
	NMD_CALL,
	NMD_NEED,
	NMD_DONE,
	NMD_MAP, /* program: struct nmd_msg alone */
	NMD_MAPPED,
	NMD_STATUS, /* program: struct nmd_msg alone */
	NMD_STATE,
	NMD_POLL, /* struct nmd_poll, both ways */
	NMD_POLLED,
};

/* Begins every message. */
struct nmd_msg {
	uint32_t type; /* enum nmd_type */
	uint32_t size; /* of the whole message */
};

/*
 * The program's syncs and polls are calls (NMD_CALL of NIOCTXSYNC, NIOCRXSYNC;
 * NMD_POLL), complete when they are answered, and netmapd syncs the session's
 * rings at no other time: only wakes it. Of a session from its first hello with
 * it on; welcomed by a netmapd that does so.
 */
#define NMD_FEATURE_COMPLETE 1ull

/* The first on a session, once for each line; with one descriptor. */
struct nmd_hello {
	struct nmd_msg msg;
	uint32_t magic;
	uint16_t version, version_min; /* spoken; oldest that is understood */
	uint64_t features;	       /* NMD_FEATURE_*; others are ignored */
	char program[NMD_PROGRAM_LEN]; /* name, for people */
};

/* error 0: with the descriptors page, bell and wake. Else the line ends. */
struct nmd_welcome {
	struct nmd_msg msg;
	uint32_t magic;
	uint16_t version, version_min;
	uint64_t features;
	int32_t error; /* 0 or errno */
	uint32_t line; /* its bit in nmd_page.armed */
	uint32_t page_size;
	uint32_t pad;
	char sentence[NMD_SENTENCE_LEN];
};

/* A piece of a program's memory; @len bytes follow, then up to 7 to the next
 * multiple of 8. */
struct nmd_piece {
	uint64_t addr;
	uint32_t len;
	uint32_t pad;
};

/* An ioctl. Behind it: pieces. */
struct nmd_call {
	struct nmd_msg msg;
	uint64_t cmd, arg;
	uint32_t npieces;
	uint32_t pad;
};

/* The @len bytes, not 0, at @addr that the next attempt has to bring, besides
 * what this one brought: as a piece, of length 0 if they cannot be read. */
struct nmd_need {
	struct nmd_msg msg;
	uint64_t addr;
	uint32_t len;
	uint32_t pad;
};

/* What an ioctl came to. Behind it: pieces to write, in this order. */
struct nmd_done {
	struct nmd_msg msg;
	int32_t error; /* 0 or errno */
	uint32_t npieces;
	uint32_t bound; /* 1: the descriptor is bound to a port */
	uint32_t pad;
	char sentence[NMD_SENTENCE_LEN]; /* why not; "": no more to say */
};

/* The descriptor's port; error 0: with the region's memfd. Behind it: the
 * offsets in the region of tx rings, then of rx rings (uint64_t). */
struct nmd_mapped {
	struct nmd_msg msg;
	int32_t error;	   /* 0 or errno; ENXIO: not bound */
	uint32_t rings[2]; /* tx, rx: offsets that follow */
	uint32_t pad;
	uint64_t size;	   /* bytes of the region */
	uint64_t nr_flags; /* of the REGISTER */
};

/* poll(2) without waiting, of a session with NMD_FEATURE_COMPLETE. */
struct nmd_poll {
	struct nmd_msg msg;
	uint32_t events; /* POLLIN, POLLOUT, POLLERR by their values on Linux */
	uint32_t pad;
};

/* What netmapd is and has: for "netmap status". */
struct nmd_state {
	struct nmd_msg msg;
	uint32_t pid, uid;
	uint32_t sessions, lines, workers;
	uint32_t pad;
	uint64_t uptime_ns;
	uint64_t features;
	char release[32];
};

/* ---- the page ----
 *
 * Either side may find anything in what the other writes, and takes it for a
 * hint: a wrong bit costs the program that set it a wake-up, nobody else.
 *
 * Sleep and wake, in both directions the same two steps with a full barrier
 * between them, so that one side sees the other (after Dekker):
 *
 *   netmapd about to sleep      program with news
 *     bell[dir] = 1               ring->head = ...
 *     -- barrier --               -- barrier --
 *     ring->head moved? stay      bell[dir]? bell[dir] = 0, write to the bell
 *
 *   program about to sleep      netmapd with news
 *     armed[dir] |= my line       ring->tail = ...
 *     -- barrier --               -- barrier --
 *     ring->tail moved? stay      armed[dir]? armed[dir] = 0, write to those
 *                                 lines' wakes
 *
 * [0] is tx, [1] is rx.
 */
struct nmd_page {
	/* netmapd sets, the program clears. */
	uint32_t bell[2];
	/* netmapd writes. */
	uint32_t resets; /* rings with bad cursors, since the bind: POLLERR */
	uint32_t state;	 /* NMD_PAGE_* */
	uint32_t pad[12];
	/* The program sets, netmapd clears: a bit for each line. */
	uint64_t armed[2] __attribute__((aligned(64)));
	uint32_t cpu; /* where the program rang last */
	uint32_t pad2[11];
};

#define NMD_PAGE_BOUND 1u /* bound: NMD_MAP has an answer */
#define NMD_PAGE_COMPLETE \
	4u		 /* syncs and polls are calls: NMD_FEATURE_COMPLETE */
#define NMD_PAGE_OVER 2u /* nothing will ever come: POLLERR, do not wait */

#define NMD_PAGE_SIZE 4096

_Static_assert(sizeof(struct nmd_page) == 128, "the page's layout is fixed");

#endif
