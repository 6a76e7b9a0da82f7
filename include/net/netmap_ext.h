/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * net/netmap_ext.h - requests that only this implementation has.
 *
 * Numbers are 0x4e00 and up, where the common interface has none. Bodies
 * begin with their size and grow at the end only: a caller sets x_size to what
 * it was compiled with, gets back the size that was filled in, and reads no
 * field beyond that.
 */
#ifndef NET_NETMAP_EXT_H
#define NET_NETMAP_EXT_H

#include "netmap.h"

/*
 * Handover, a consent of who sends: a switch may exchange the buffers of this
 * bind's tx slots with those of a receiver's slots, instead of copying, where
 * both are in one region and the frame goes to one port. Such a slot comes back
 * with NS_BUF_CHANGED and another buf_idx, to be read afresh before it is
 * filled; what the buffer holds is undefined. Consent is given by a bit of
 * nr_flags, which others ignore, or by an option of REGISTER, which then fails
 * with EOPNOTSUPP where it is not understood or the port is of no switch.
 */
#define NR_X_ZCOPY	       0x1000000000000ull
#define NETMAP_REQ_X_OPT_ZCOPY 0x4e01

struct nmreq_x_opt_zcopy {
	struct nmreq_option nro_opt;
	uint16_t x_size; /* in: bytes from here to the end, at least 8, else
			  * EINVAL; out: those that were understood */
	uint16_t x_spare[3];
};

/* Read a port's counters without binding it: NIOCCTRL, nr_name names the port,
 * nr_body points to struct nmreq_x_stats. ENXIO: no such port (none is made).
 * An attachment and the interface behind it count apart: valeX:eth0 (and its
 * host side valeX:eth0^) transmits what eth0 has received into the switch, and
 * receives from the switch what eth0 will transmit.
 * EINVAL: x_size below 16, unknown direction, ring out of range. */
#define NETMAP_REQ_X_STATS_GET 0x4e01

/* x_dir */
#define NETMAP_X_TX 0
#define NETMAP_X_RX 1
/* x_ring: the sum over all rings of that direction */
#define NETMAP_X_ALL_RINGS 0xffff

/*
 * Counters, in units of frames unless said otherwise. They never decrease.
 *
 * A transmit ring (a source), of what was taken from it:
 *      offered = sent + no_* ,  each frame counted in exactly one place.
 * A receive ring (a destination), of what was addressed to it:
 *      attempted = delivered + drop_*  once no delivery is under way.
 * A frame that a switch floods is one `sent` and one `attempted` per port.
 */
struct nmreq_x_stats {
	uint16_t x_size;  /* in: sizeof this struct; out: bytes filled in */
	uint16_t x_dir;	  /* in: NETMAP_X_TX or NETMAP_X_RX */
	uint16_t x_ring;  /* in: ring, or NETMAP_X_ALL_RINGS */
	uint16_t x_rings; /* out: rings the port has in that direction */
	uint32_t x_spare[2];

	/* both directions */
	uint64_t syncs;	    /* synchronizations that did run */
	uint64_t resets;    /* ring reset because of bad head, cur or tail */
	uint64_t contended; /* synchronizations skipped, another was running */

	/* transmit rings */
	uint64_t offered;
	uint64_t sent; /* had at least one destination */
	uint64_t sent_bytes;
	uint64_t no_runt;     /* under 14 bytes in the first slot */
	uint64_t no_slot;     /* bad buffer index or length in a slot */
	uint64_t no_frags;    /* more than NETMAP_MAX_FRAGS slots */
	uint64_t no_indirect; /* NS_INDIRECT data not readable, or the
			       * region is mapped by other processes too */
	uint64_t no_self;     /* destination was the source port itself */
	uint64_t no_port;     /* nobody else on the switch, or no switch */
	uint64_t no_memory;   /* no bounce buffers for NS_INDIRECT */

	/* receive rings */
	uint64_t attempted;
	uint64_t delivered;
	uint64_t delivered_bytes;
	uint64_t drop_full;   /* no room in the ring */
	uint64_t drop_closed; /* ring not bound by anybody */
	uint64_t drop_slot;   /* bad buffer index in the receiver's slot */
	uint64_t drop_size;   /* a piece larger than the receiver's buffer */

	/* transmit rings */
	uint64_t no_client; /* the switch's client said so */

	/* receive rings */
	uint64_t drop_header; /* virtio-net header: malformed, not possible */
	uint64_t drop_memory; /* no memory to change that header */
};

/*
 * Read why requests were refused, with the oldest first: NIOCCTRL, nr_name is
 * not looked at, nr_body points to struct nmreq_x_refusal. The last 64 refused
 * requests (every ioctl but the syncs) of the network namespace are kept. To
 * follow them, begin with x_seq 0 and go on with x_seq + 1; a gap means that
 * some were overwritten unread. ENOENT: none at or after x_seq (this, and the
 * end of other lists, is not itself a refusal that is kept). EINVAL: x_size
 * below 16.
 */
#define NETMAP_REQ_X_REFUSALS_GET 0x4e02

struct nmreq_x_refusal {
	uint16_t x_size;    /* in: sizeof this struct; out: bytes filled in */
	uint16_t x_request; /* out: nr_reqtype, or nr_cmd of NIOCREGIF and
			     * NIOCGINFO; 0 where there is none */
	uint32_t x_error;   /* out: the errno it failed with */
	uint64_t x_seq;	    /* in: the first wanted; out: its number, from 1 */
	int64_t x_sec;	    /* out: when, since 1970 */
	uint32_t x_usec;
	uint32_t x_pid;	      /* out: the process that asked, */
	char x_program[16];   /* its program (15 characters), NUL terminated */
	uint32_t x_ioctl;     /* out: number of the ioctl */
	uint32_t x_spare;     /* out: 0 */
	char x_sentence[160]; /* out: one sentence, printable, NUL terminated */
};

/*
 * List the ports that exist, in the order in which they came: NIOCCTRL, nr_body
 * points to struct nmreq_x_port; nr_name is written, as X_STATS_GET takes it
 * (but of a null port, which has no name there). Begin with x_seq 0 and go on
 * with x_seq + 1. ENOENT: none at or after x_seq. EINVAL: x_size below 16.
 */
#define NETMAP_REQ_X_PORTS_GET 0x4e03

/* [0] is tx, [1] is rx. */
struct nmreq_x_port {
	uint16_t x_size;   /* in: sizeof this struct; out: bytes filled in */
	uint16_t x_mem_id; /* out: region */
	uint32_t x_spare;
	uint64_t x_seq;	     /* in: the first wanted; out: its number, from 1 */
	char x_kind[16];     /* out: "VALE", "pipe", ..., NUL terminated */
	uint32_t x_rings[2]; /* out: rings, without host rings */
	uint32_t x_host_rings[2];
	uint32_t x_slots[2]; /* out: of each ring */
	uint32_t x_users[2]; /* out: binds of the ring that has most */
	uint64_t x_memsize;  /* out: bytes of the region */
	char x_mode[32];     /* out: how rings of a port on an interface of the
			      * system reach its driver while they are in
			      * netmap mode: "rx native-xdp, tx skb"; else
			      * empty. NUL terminated */
	char x_why[2][80];   /* out: why tx, and rx, go as x_mode says: what the
			      * driver has, or has not, or was told; empty
			      * where x_mode is. NUL terminated */
};

#endif
