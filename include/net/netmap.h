/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * net/netmap.h - what a program and netmap share: memory, requests, constants.
 *
 * A program opens /dev/netmap, binds the descriptor to a *port* by one ioctl
 * (NIOCCTRL with NETMAP_REQ_REGISTER), and maps the memory *region* that the
 * port lives in. From then on packets move without system calls through
 * *rings* of *slots* in that region; NIOCTXSYNC, NIOCRXSYNC and poll(2)
 * tell each side how far the other has come.
 *
 *   part 1   the mapped region      netmap_slot, netmap_ring, netmap_if
 *   part 2   requests               nmreq_header, bodies, options, NIOC*
 *   part 3   rings without ioctls   nm_csb_atok, nm_csb_ktoa
 *   part 4   the older requests     nmreq, nm_ifreq
 *   part 5   the layout once more, in numbers, checked by the compiler
 *
 * Helpers to walk these structures are in net/netmap_user.h.
 *
 * Who writes a field is said in its comment:
 *   mapped memory   [program]  [netmap]: the program only reads it
 *   requests        [in] by the caller, [out] by netmap, [in/out] both
 * Fields named pad or spare are to be zero. Byte order is the machine's,
 * sizes are in bytes, unless said otherwise.
 */
#ifndef NET_NETMAP_H
#define NET_NETMAP_H

/* Types: the kernel has neither stdint.h nor struct timeval. */
#ifdef __KERNEL__
#include <linux/types.h>
struct netmap_timeval {
	s64 tv_sec;
	s64 tv_usec;
};
typedef struct netmap_timeval netmap_timeval_t;
#else
#include <stdint.h>
#include <sys/time.h>
#include <sys/types.h>
typedef struct timeval netmap_timeval_t;
#endif
#include <linux/ioctl.h>

/* Arrays without a length end some structures: C, and an extension in C++. */
#if defined(__cplusplus) && defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc99-extensions"
#endif

#ifndef IFNAMSIZ
#define IFNAMSIZ 16 /* an interface's name and its NUL, as in net/if.h */
#endif

#define NETMAP_DEVICE_NAME "/dev/netmap"

/* Version of this interface, for nr_version; a range is accepted. */
#define NETMAP_API     14
#define NETMAP_MIN_API 14
#define NETMAP_MAX_API 15

#define NM_CACHE_ALIGN	 128 /* alignment of a ring and of its scratch area */
#define NETMAP_MAX_FRAGS 64  /* most slots that one frame may occupy */

/* Names that begin so are ports of a switch: "vale0:left". The part before
 * the colon and the part behind it have at most 15 characters each. */
#define NM_BDG_NAME "vale"

/* ======================================================================
 * Part 1: the mapped region
 * ======================================================================
 *
 * A region is one range of nr_memsize bytes, mapped shared, read and write, at
 * offset 0 of the descriptor. It holds three kinds of objects, in this order:
 *
 *  base                                                 base + nr_memsize
 *   v                                                                  v
 *   +------------------+---------------------+-------------------------+
 *   | interface        | rings               | buffers of nr_buf_size  |
 *   | records  +----+  | +------+   +------+ | +---+---+---+---+---+---+
 *   |   ...    | if |  | | ring |   | ring | | | 0 | 1 | 2 | 3 | 4 |...|
 *   +----------+----+--+-+------+---+------+-+-+---+---+---+---+---+---+
 *              ^  |      ^          ^ |        ^           ^
 *    nr_offset-+  |      |          | |        |           |
 *                 +------+          | +--------+           |
 *                 | ring_ofs[0]     | | buf_ofs            |
 *                 +-----------------+ +--------------------+
 *                   ring_ofs[1]         buf_ofs + slot[].buf_idx * nr_buf_size
 *
 * Every bind has an interface record of its own; rings are shared by all who
 * bind the same port, and buffers by all ports of the region. Everything is
 * found by relative offsets, so each process may map the region anywhere.
 * Ports are in the same region if their nr_mem_id is the same; programs may
 * then swap buffers between their slots instead of copying.
 */

/*
 * A slot: which buffer, and how much of it is a frame (or a piece of one).
 *
 * buf_idx is 2 .. number of buffers - 1; 0 and 1 are reserved. The program may
 * put another buffer of the region into a slot that it owns and then sets
 * NS_BUF_CHANGED; each buffer is to be in one place at a time. A slot with a
 * bad index or an impossible length is dropped, never believed.
 */
struct netmap_slot {
	uint32_t buf_idx; /* [program, netmap] buffer number */
	uint16_t len;	  /* bytes used in this slot. transmit: [program],
			   * receive: [netmap] */
	uint16_t flags;	  /* [program, netmap] NS_* */
	uint64_t ptr;	  /* [program] address of the data (NS_INDIRECT), or the
			   * data's distance from the start of the buffer in
			   * the bits of offset_mask, or free to use */
};

/* Flags of a slot. Bits that are not listed stay as the program left them. */

/* The buffer was replaced. [program]; a sync that has taken note clears it.
 * It travels through a pipe together with its slot. */
#define NS_BUF_CHANGED 0x0001
/* Transmit: report completion at this slot, so that tail moves soon. A request
 * to NICs; other ports ignore it. [program] */
#define NS_REPORT 0x0002
/* Receive: pass the frame on when the slot is released, from NIC to host stack
 * or from host stack to NIC; the ring must have NR_FORWARD. [program] */
#define NS_FORWARD 0x0004
/* Transmit, switch ports: the source address need not be learned. A hint, that
 * a switch may ignore. [program] */
#define NS_NO_LEARN 0x0008
/* Transmit, switch ports: the data is at address ptr of the calling program
 * instead of in the buffer; len as for a buffer. Dropped if another process has
 * mapped the region: it could say what of this one's memory is sent. [program] */
#define NS_INDIRECT 0x0010
/* The frame goes on in the next slot. All but the last slot of a frame have
 * it; frames should be handed over whole, by one move of head. */
#define NS_MOREFRAG 0x0020
/* Receive, monitors: the frame was seen on a transmit ring. [netmap] */
#define NS_TXMON 0x0040

/* Upper byte. Received from a switch: number of slots of the frame, the same
 * in each of them. Transmit: reserved for a destination port, not looked at. */
#define NS_PORT_SHIFT	 8
#define NS_PORT_MASK	 (0xff << NS_PORT_SHIFT)
#define NS_RFRAGS(_slot) (((_slot)->flags >> NS_PORT_SHIFT) & 0xff)

/*
 * A ring: num_slots slots, used in a circle, and three indices. Slots from
 * head up to, but not including, tail belong to the program; the others to
 * netmap. head == tail: the program has none. One slot at least always stays
 * with netmap, so that this is not ambiguous.
 *
 *              head        cur                 tail
 *                v           v                   v
 *      +---+---+---+---+---+---+---+---+---+---+---+---+---+
 *      | . | . | P | P | P | P | P | P | P | P | . | . | . |
 *      +---+---+---+---+---+---+---+---+---+---+---+---+---+
 *       netmap |         the program            |  netmap
 *
 * transmit  The program fills slots from head on and moves head past them. The
 *           next sync hands them over. tail moves as slots have been sent.
 *           After opening: head = cur = 0, tail = num_slots - 1.
 * receive   Slots head .. tail - 1 hold frames that have arrived. The program
 *           moves head past what it is done with; the next sync takes these
 *           slots back and moves tail over what has arrived since.
 *           After opening: head = cur = tail = 0.
 * cur       is where the program wants to be woken: poll(2) says ready as soon
 *           as tail is past cur. Usually cur = head; a program that waits for
 *           more moves cur ahead, up to tail, and keeps the slots between.
 *
 * A sync accepts head between its last value and tail, cur between head and
 * tail (going forward in the circle). Anything else resets the ring to what
 * netmap knows, with bad slots emptied; poll(2) then shows POLLERR.
 */
struct netmap_ring {
	/* From the address of this ring to that of buffer 0. [netmap] */
	const int64_t buf_ofs;
	const uint32_t num_slots;   /* 1 or more [netmap] */
	const uint32_t nr_buf_size; /* bytes per buffer [netmap] */
	/* Index among the rings of its direction; host rings come behind those
	 * of the NIC. [netmap] */
	const uint16_t ringid;
	const uint16_t dir; /* 1 transmit, 0 receive [netmap] */

	uint32_t head; /* first slot that is the program's [program] */
	uint32_t cur;  /* wake me when tail has passed this [program] */
	uint32_t tail; /* first slot that is netmap's [netmap] */

	uint32_t flags; /* NR_TIMESTAMP, NR_FORWARD [program] */

	/* Receive rings: when the last sync was; since 1970. [netmap] */
	netmap_timeval_t ts;

	/* The bits of slot.ptr that hold an offset; 0 when the port was opened
	 * without nmreq_opt_offsets. [netmap] */
	const uint64_t offset_mask;
	/* The start of the data must be a multiple of this; 0: anything
	 * goes. [netmap] */
	const uint64_t buf_align;

	/* Scratch area for programs that share the ring. netmap clears it when
	 * it makes the ring and then leaves it alone. [program] */
	uint8_t sem[128] __attribute__((aligned(NM_CACHE_ALIGN)));

	__extension__ struct netmap_slot slot[]; /* num_slots of them */
};

/* Flags of a ring, set by the program. */

/* Write ts at each receive sync, even where the administrator has turned that
 * off. */
#define NR_TIMESTAMP 0x0002
/* Obey NS_FORWARD on this receive ring. */
#define NR_FORWARD 0x0004

/*
 * An interface record: what one bind has, at base + nr_offset. ring_ofs[] are
 * distances from the address of this record to the rings:
 *
 *   | NIC transmit | host transmit    | NIC receive | host receive     |
 *   | ni_tx_rings  | ni_host_tx_rings | ni_rx_rings | ni_host_rx_rings |
 *
 * An entry is 0 when the bind does not include that ring. Ports that are not
 * NICs have one host entry in each direction, which is always 0.
 */
struct netmap_if {
	char ni_name[IFNAMSIZ];	    /* the port; cut to 15 [netmap] */
	const uint32_t ni_version;  /* [netmap] */
	const uint32_t ni_flags;    /* NI_PRIV_MEM [netmap] */
	const uint32_t ni_tx_rings; /* [netmap] */
	const uint32_t ni_rx_rings; /* [netmap] */
	/* First of the extra buffers that this bind asked for (nr_extra_bufs);
	 * 0: none. The first 32 bits of each buffer are the number of the
	 * next; 0 ends the list. What is on the list when the descriptor is
	 * closed is freed. [netmap, then program] */
	uint32_t ni_bufs_head;
	const uint32_t ni_host_tx_rings; /* [netmap] */
	const uint32_t ni_host_rx_rings; /* [netmap] */
	uint32_t ni_spare1[3];
	__extension__ const ssize_t ring_ofs[]; /* [netmap] */
};

#define NI_PRIV_MEM 0x1 /* the region is not the common one (region 1) */

/* ======================================================================
 * Part 2: requests
 * ======================================================================
 *
 *   NIOCCTRL                   REQUEST's body
 *   struct nmreq_header   +--> struct nmreq_<request>
 *     nr_reqtype = REQUEST|
 *     nr_name             |    options, each beginning with nmreq_option
 *     nr_body ------------+   +---------------+     +---------------+
 *     nr_options ------------>| nro_next ---------->| nro_next = 0  |
 *                             | nro_reqtype   |     | nro_reqtype   |
 *                             | nro_status    |     | nro_status    |
 *                             | ...           |     | ...           |
 *                             +---------------+     +---------------+
 *
 * Pointers travel as 64-bit integers. Header, body and options together are
 * at most NETMAP_REQ_MAXSIZE bytes (EMSGSIZE). Bodies are written back when
 * the request has succeeded; nro_status always.
 *
 * Errors of every request: EINVAL wrong version, unknown request, nr_reserved
 * not 0, body missing or not wanted, bad option; EFAULT memory not accessible.
 */

struct nmreq_header {
	uint16_t nr_version;  /* [in] NETMAP_API */
	uint16_t nr_reqtype;  /* [in] NETMAP_REQ_* */
	uint32_t nr_reserved; /* [in] 0 */
#define NETMAP_REQ_IFNAMSIZ 64
	/* [in] the object, NUL terminated; [out] for VALE_LIST:
	 *   eth0          an interface
	 *   vale0:left    port "left" of switch "vale0"
	 *   eth0{7        first, "master", end of pipe 7 of eth0
	 *   vale0:left}7  other, "slave", end of pipe 7 of that port
	 * Made on demand when bound: ports of switches, pipes, and what a pipe
	 * is named after. Interfaces and pipe parents: 15 characters. */
	char nr_name[NETMAP_REQ_IFNAMSIZ];
	uint64_t nr_options; /* [in] address of the first option, or 0 */
	uint64_t nr_body;    /* [in] address of the request's body, or 0 */
};

#define NETMAP_REQ_MAXSIZE 4096

/* nr_reqtype, and the body that belongs to it */
#define NETMAP_REQ_REGISTER		1  /* nmreq_register */
#define NETMAP_REQ_PORT_INFO_GET	2  /* nmreq_port_info_get */
#define NETMAP_REQ_VALE_ATTACH		3  /* nmreq_vale_attach */
#define NETMAP_REQ_VALE_DETACH		4  /* nmreq_vale_detach */
#define NETMAP_REQ_VALE_LIST		5  /* nmreq_vale_list */
#define NETMAP_REQ_PORT_HDR_SET		6  /* nmreq_port_hdr */
#define NETMAP_REQ_PORT_HDR_GET		7  /* nmreq_port_hdr */
#define NETMAP_REQ_VALE_NEWIF		8  /* nmreq_vale_newif */
#define NETMAP_REQ_VALE_DELIF		9  /* none */
#define NETMAP_REQ_VALE_POLLING_ENABLE	10 /* nmreq_vale_polling */
#define NETMAP_REQ_VALE_POLLING_DISABLE 11 /* nmreq_vale_polling */
#define NETMAP_REQ_POOLS_INFO_GET	12 /* nmreq_pools_info */
#define NETMAP_REQ_SYNC_KLOOP_START	13 /* nmreq_sync_kloop_start */
#define NETMAP_REQ_SYNC_KLOOP_STOP	14 /* none */
#define NETMAP_REQ_CSB_ENABLE		15 /* none; needs NETMAP_REQ_OPT_CSB */

/*
 * What every option begins with. An option that the request did not serve has
 * a status other than 0 afterwards; REGISTER then fails as a whole, other
 * requests do not.
 */
struct nmreq_option {
	uint64_t nro_next;    /* [in] address of the next option, or 0 */
	uint32_t nro_reqtype; /* [in] NETMAP_REQ_OPT_*, each at most once */
	uint32_t nro_status;  /* [out] 0 served, or an errno */
	uint64_t nro_size;    /* [in] of the whole record, where that is not
			       * fixed by its type; else 0 will do */
};

/* nro_reqtype */
#define NETMAP_REQ_OPT_EXTMEM		   1 /* nmreq_opt_extmem */
#define NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS 2 /* ..._sync_kloop_eventfds */
#define NETMAP_REQ_OPT_CSB		   3 /* nmreq_opt_csb */
#define NETMAP_REQ_OPT_SYNC_KLOOP_MODE	   4 /* nmreq_opt_sync_kloop_mode */
#define NETMAP_REQ_OPT_OFFSETS		   5 /* nmreq_opt_offsets */
#define NETMAP_REQ_OPT_MAX		   6 /* not an option: the end */

/*
 * REGISTER: bind the descriptor to rings of a port, once in its life. The
 * binding lasts until the last copy of the descriptor and its last mapping are
 * gone. Options: EXTMEM, CSB, OFFSETS.
 *
 * Numbers of rings and slots: what the caller wishes, 0 for the default; used
 * only when this call makes the port or is the first to bind a NIC. Too large
 * is cut, not refused: 4096 slots; 16 rings of a switch port, 256 of a pipe;
 * 524288 extra buffers. Afterwards: what there is.
 *
 * ENXIO no such port; ENOMEM no memory, no room on the switch, a bad name that
 * begins with "val"; EINVAL mode, ring, nr_mem_id, pipe name; EBUSY already
 * bound, or somebody's exclusive rings; EIO the port has a virtio-net header
 * and NR_ACCEPT_VNET_HDR was not given; EOPNOTSUPP an option was not served.
 */
struct nmreq_register {
	uint64_t nr_offset;	   /* [out] of the netmap_if in the region */
	uint64_t nr_memsize;	   /* [out] size of the region */
	uint32_t nr_tx_slots;	   /* [in/out] per ring */
	uint32_t nr_rx_slots;	   /* [in/out] */
	uint16_t nr_tx_rings;	   /* [in/out] */
	uint16_t nr_rx_rings;	   /* [in/out] */
	uint16_t nr_host_tx_rings; /* [in/out] NICs only; others: 0 */
	uint16_t nr_host_rx_rings; /* [in/out] */
	uint16_t nr_mem_id;	   /* [in/out] region; 0: any. A port that is
				    * open stays in the region it is in. */
	uint16_t nr_ringid;	   /* [in] for ONE_NIC and ONE_SW: below the
				    * larger number of rings */
	uint32_t nr_mode;	   /* [in] NR_REG_* */
	uint32_t nr_extra_bufs;	   /* [in/out] wanted, granted; the list begins
				    * at ni_bufs_head */
	uint64_t nr_flags;	   /* [in] NR_*; unknown bits are ignored */
};

/* nr_mode: which rings */
#define NR_REG_DEFAULT	   0 /* older requests: as nr_ringid says; else bad */
#define NR_REG_ALL_NIC	   1 /* all but the host rings: the usual one */
#define NR_REG_SW	   2 /* all host rings */
#define NR_REG_NIC_SW	   3 /* all */
#define NR_REG_ONE_NIC	   4 /* rings number nr_ringid, both directions */
#define NR_REG_PIPE_MASTER 5 /* older requests: name{nr_ringid */
#define NR_REG_PIPE_SLAVE  6 /* older requests: name}nr_ringid */
#define NR_REG_NULL	   7 /* no port: rings and buffers in nr_mem_id */
#define NR_REG_ONE_SW	   8 /* host rings number nr_ringid */

/* nr_flags. 0x1000 is not assigned, accepted, and has no effect. */

/* Do not bind the port but watch it: the descriptor gets receive rings that
 * show copies of what is sent, or of what is received. */
#define NR_MONITOR_TX 0x100
#define NR_MONITOR_RX 0x200
/* As both, without copying: buffers are shown when the port gives them up. */
#define NR_ZCOPY_MON 0x400
/* Nobody else may bind these rings. */
#define NR_EXCLUSIVE 0x800
/* Only one direction. */
#define NR_RX_RINGS_ONLY 0x2000
#define NR_TX_RINGS_ONLY 0x4000
/* The program copes with ports whose frames begin with a virtio-net header. */
#define NR_ACCEPT_VNET_HDR 0x8000
/* Accepted, no effect. */
#define NR_DO_RX_POLL 0x10000
/* poll(2) sends pending slots only when asked for POLLOUT; without this flag
 * it always does. */
#define NR_NO_TX_POLL 0x20000

/*
 * PORT_INFO_GET: what a port has, without binding it. With an empty name only
 * about the region nr_mem_id (0: region 1); EINVAL if there is none.
 */
struct nmreq_port_info_get {
	uint64_t nr_memsize;	   /* [out] size of the region */
	uint32_t nr_tx_slots;	   /* [out] per ring */
	uint32_t nr_rx_slots;	   /* [out] */
	uint16_t nr_tx_rings;	   /* [out] */
	uint16_t nr_rx_rings;	   /* [out] */
	uint16_t nr_host_tx_rings; /* [out] */
	uint16_t nr_host_rx_rings; /* [out] */
	uint16_t nr_mem_id;	   /* [in/out] */
	uint16_t pad[3];
};

/*
 * POOLS_INFO_GET: where the three kinds of objects are in a port's region.
 * Offsets are from the start of the mapping. The same record says in
 * nmreq_opt_extmem what a region on memory of the program is to have; there
 * nr_memsize, objtotal and objsize are [in/out], 0 for the default.
 */
struct nmreq_pools_info {
	uint64_t nr_memsize; /* [out] size of the region */
	uint16_t nr_mem_id;  /* [in/out] */
	uint16_t pad1[3];
	uint64_t nr_if_pool_offset;	/* [out] interface records */
	uint32_t nr_if_pool_objtotal;	/* [out] how many there can be */
	uint32_t nr_if_pool_objsize;	/* [out] bytes each */
	uint64_t nr_ring_pool_offset;	/* [out] rings */
	uint32_t nr_ring_pool_objtotal; /* [out] */
	uint32_t nr_ring_pool_objsize;	/* [out] */
	uint64_t nr_buf_pool_offset;	/* [out] buffers */
	uint32_t nr_buf_pool_objtotal;	/* [out] */
	uint32_t nr_buf_pool_objsize;	/* [out] */
};

/*
 * VALE_ATTACH: make an interface a port of a switch, named "vale0:eth0".
 * reg.nr_mode is NR_REG_ALL_NIC, or NR_REG_NIC_SW to connect the interface's
 * host stack to the switch as well. EBUSY attached or open; EINVAL no such
 * interface; EACCES exclusive switch; ENOMEM switch full.
 */
struct nmreq_vale_attach {
	struct nmreq_register reg; /* [in] left as it was */
	uint32_t port_index;	   /* [out] */
	uint32_t pad1;
};

/* VALE_DETACH: undo that. ENXIO no such port, EBUSY polled by a thread. */
struct nmreq_vale_detach {
	uint32_t port_index; /* [out] */
	uint32_t pad1;
};

/*
 * VALE_LIST: find a port of a switch. By name: its indices. With an empty
 * name: the first port at or after the indices given, and its name; to walk,
 * add 1 to nr_port_idx each time, until ENOENT.
 */
struct nmreq_vale_list {
	uint16_t nr_bridge_idx; /* [in/out] */
	uint16_t pad1;
	uint32_t nr_port_idx; /* [in/out] */
};

/*
 * PORT_HDR_SET, PORT_HDR_GET: length of the virtio-net header that every frame
 * on this switch port begins with: 0, 10 or 12 bytes. EINVAL other lengths,
 * ENXIO no such port.
 */
struct nmreq_port_hdr {
	uint32_t nr_hdr_len; /* SET [in], GET [out] */
	uint32_t pad1;
};

/*
 * VALE_NEWIF: make an interface that outlives its users, for VALE_ATTACH;
 * VALE_DELIF removes it. EEXIST; EINVAL name begins with "vale" or is too
 * long; EBUSY (DELIF) attached or open.
 */
struct nmreq_vale_newif {
	uint32_t nr_tx_slots; /* [in/out] per ring, 0: default */
	uint32_t nr_rx_slots; /* [in/out] */
	uint16_t nr_tx_rings; /* [in/out] */
	uint16_t nr_rx_rings; /* [in/out] */
	uint16_t nr_mem_id;   /* [in/out] */
	uint16_t pad1;
};

/*
 * VALE_POLLING_ENABLE, _DISABLE: let threads poll an attached NIC instead of
 * waiting for its interrupts. EOPNOTSUPP not a NIC, EFAULT already so.
 */
struct nmreq_vale_polling {
	uint32_t nr_mode;	      /* [in] NETMAP_POLLING_MODE_* */
	uint32_t nr_first_cpu_id;     /* [in] with MULTI_CPU also first ring */
	uint32_t nr_num_polling_cpus; /* [in] 1 with SINGLE_CPU */
	uint32_t pad1;
};

#define NETMAP_POLLING_MODE_SINGLE_CPU 1 /* one CPU polls all rings */
#define NETMAP_POLLING_MODE_MULTI_CPU  2 /* ring i is polled on CPU i */

/*
 * SYNC_KLOOP_START: synchronize the descriptor's rings in a loop, inside this
 * call, until SYNC_KLOOP_STOP; the descriptor must be in CSB mode (part 3).
 * Options: SYNC_KLOOP_EVENTFDS, SYNC_KLOOP_MODE. EBUSY a loop runs, ENXIO not
 * bound, EINVAL no CSB.
 */
struct nmreq_sync_kloop_start {
	/* [in] microseconds between rounds when there are no eventfds, at most
	 * 1000000 */
	uint32_t sleep_us;
	uint32_t pad1;
};

/* REGISTER: build the region on memory of the program, instead of mapping
 * ours. ENOMEM (also as status): the objects do not fit. */
struct nmreq_opt_extmem {
	struct nmreq_option nro_opt;
	uint64_t nro_usrptr;		  /* [in] address, page aligned */
	struct nmreq_pools_info nro_info; /* [in/out] see there */
};

/* SYNC_KLOOP_START: one pair of eventfds per bound ring, transmit rings first,
 * to wake the loop (ioeventfd) and to be woken (irqfd); -1: none. nro_size is
 * to be the size of the whole record. */
struct nmreq_opt_sync_kloop_eventfds {
	struct nmreq_option nro_opt;
	__extension__ struct {
		int32_t ioeventfd; /* [in] */
		int32_t irqfd;	   /* [in] */
	} eventfds[];
};

/* SYNC_KLOOP_START: who writes an ioeventfd executes that ring's sync itself,
 * inside the write; all ioeventfds must be there. */
struct nmreq_opt_sync_kloop_mode {
	struct nmreq_option nro_opt;
	uint32_t mode; /* [in] NM_OPT_SYNC_KLOOP_* */
};

#define NM_OPT_SYNC_KLOOP_DIRECT_TX 0x1
#define NM_OPT_SYNC_KLOOP_DIRECT_RX 0x2

/* REGISTER (with NR_EXCLUSIVE), CSB_ENABLE: addresses of the arrays of part 3,
 * multiples of 64; one record each per bound ring, transmit rings first. */
struct nmreq_opt_csb {
	struct nmreq_option nro_opt;
	uint64_t csb_atok; /* [in] */
	uint64_t csb_ktoa; /* [in] */
};

/*
 * REGISTER: data begins at a distance from the start of its buffer that is
 * kept in each slot's ptr (see NETMAP_ROFFSET in netmap_user.h). EINVAL
 * inconsistent values; EBUSY the ring is in use with smaller ones; EOPNOTSUPP
 * the port cannot.
 */
struct nmreq_opt_offsets {
	struct nmreq_option nro_opt;
	/* [in/out] no offset will be larger; at most the size of a buffer */
	uint64_t nro_max_offset;
	/* [in] put into all slots of rings that nobody else uses */
	uint64_t nro_initial_offset;
	/* [in] bits of ptr that hold the offset, from bit 0; 0: all 64 */
	uint32_t nro_offset_bits;
	uint32_t nro_tx_align; /* [in] not looked at */
	/* [in] not 0: most bytes that netmap may write behind an offset, so
	 * that several slots can share a buffer */
	uint64_t nro_min_gap;
};

/* ======================================================================
 * Part 3: rings without ioctls (CSB mode)
 * ======================================================================
 *
 * In CSB mode the indices of a ring are not in the ring but in two records in
 * memory of the program, each on a cache line of its own, and a loop in
 * netmap (SYNC_KLOOP_START) follows them. Slots and buffers are used as ever.
 *
 *     nm_csb_atok  program -> netmap       nm_csb_ktoa  netmap -> program
 *     store cur, then head                 load hwtail, then hwcur
 *     signal if kern_need_kick             before sleeping: set
 *                                          appl_need_kick, load again
 */

struct nm_csb_atok {
	uint32_t head;		 /* [program] as in netmap_ring */
	uint32_t cur;		 /* [program] */
	uint32_t appl_need_kick; /* [program] not 0: signal irqfd on news */
	uint32_t sync_flags;	 /* [program] 1 force read, 2 force reclaim:
				  * every sync does both */
	uint32_t pad[12];
};

struct nm_csb_ktoa {
	uint32_t hwcur;		 /* [netmap] slots before this were taken */
	uint32_t hwtail;	 /* [netmap] tail of the ring */
	uint32_t kern_need_kick; /* [netmap] not 0: signal ioeventfd on news */
	uint32_t pad[13];
};

/* ======================================================================
 * Part 4: the older requests
 * ======================================================================
 *
 * NIOCREGIF and NIOCGINFO carry one flat record. They do what NIOCCTRL does,
 * with names up to 15 characters, regions below 4 GiB, and no options. They
 * remain for programs that use them (nm_open() in net/netmap_user.h does).
 */

struct nmreq {
	char nr_name[IFNAMSIZ]; /* [in]; [out] for NETMAP_BDG_LIST */
	uint32_t nr_version;	/* [in] NETMAP_API or more */
	uint32_t nr_offset;	/* [out] of the netmap_if in the region */
	uint32_t nr_memsize;	/* [out] size of the region */
	uint32_t nr_tx_slots;	/* [in/out] */
	uint32_t nr_rx_slots;	/* [in/out] */
	uint16_t nr_tx_rings;	/* [in/out] */
	uint16_t nr_rx_rings;	/* [in/out] */
	uint16_t nr_ringid; /* [in] ring or pipe number, and bits above it */
	uint16_t nr_cmd;    /* [in] 0 (bind; information), or a command */
	uint16_t nr_arg1;   /* [in/out] by command */
	uint16_t nr_arg2;   /* [in/out] nr_mem_id, or by command */
	uint32_t nr_arg3;   /* [in/out] nr_extra_bufs */
	uint32_t nr_flags;  /* [in] NR_REG_* in the low bits, and NR_* */
	uint32_t spare2[1];
};

/* nr_flags: where the mode is. Mode 0 leaves it to nr_ringid. */
#define NR_REG_MASK 0xf

/* nr_ringid */
#define NETMAP_RING_MASK  0x0fff /* the number */
#define NETMAP_HW_RING	  0x4000 /* mode 0: NR_REG_ONE_NIC */
#define NETMAP_SW_RING	  0x2000 /* mode 0: NR_REG_SW; neither bit: ALL_NIC */
#define NETMAP_NO_TX_POLL 0x1000 /* NR_NO_TX_POLL */
#define NETMAP_DO_RX_POLL 0x8000 /* NR_DO_RX_POLL */

/* nr_cmd: as the request of part 2 in the remark; all by NIOCREGIF,
 * but LIST by NIOCGINFO */
#define NETMAP_BDG_ATTACH      1  /* VALE_ATTACH; nr_arg1: NETMAP_BDG_HOST */
#define NETMAP_BDG_DETACH      2  /* VALE_DETACH */
#define NETMAP_BDG_REGOPS      3  /* refused: EINVAL */
#define NETMAP_BDG_LIST	       4  /* VALE_LIST: nr_arg1 switch, nr_arg2 port */
#define NETMAP_BDG_VNET_HDR    5  /* PORT_HDR_SET; nr_arg1: length */
#define NETMAP_BDG_NEWIF       6  /* VALE_NEWIF */
#define NETMAP_BDG_DELIF       7  /* VALE_DELIF */
#define NETMAP_PT_HOST_CREATE  8  /* refused: ENOMEM */
#define NETMAP_PT_HOST_DELETE  9  /* refused: ENOMEM */
#define NETMAP_BDG_POLLING_ON  10 /* VALE_POLLING_ENABLE; nr_arg1: CPUs */
#define NETMAP_BDG_POLLING_OFF 11 /* VALE_POLLING_DISABLE */
#define NETMAP_VNET_HDR_GET    12 /* PORT_HDR_GET; nr_arg1: length */

/* nr_arg1 of ATTACH: connect the host stack too (NR_REG_NIC_SW) */
#define NETMAP_BDG_HOST 1

/* NIOCCONFIG: data for the code that drives a switch, "vale0:port". EINVAL
 * when the switch is the built-in one, or is not there. */
#define NM_IFRDATA_LEN 256
struct nm_ifreq {
	char nifr_name[IFNAMSIZ];  /* [in] */
	char data[NM_IFRDATA_LEN]; /* [in/out] */
};

/*
 * The ioctls of a descriptor. Syncs act on all rings of one direction that are
 * bound, and never wait; a ring that is being synchronized by somebody else is
 * skipped. ENXIO: the descriptor is not bound. EBUSY: it is in CSB mode.
 */
#define NIOCCTRL   _IOWR('i', 151, struct nmreq_header)
#define NIOCTXSYNC _IO('i', 148)
#define NIOCRXSYNC _IO('i', 149)
#define NIOCGINFO  _IOWR('i', 145, struct nmreq) /* PORT_INFO_GET */
#define NIOCREGIF  _IOWR('i', 146, struct nmreq) /* REGISTER and nr_cmd */
#define NIOCCONFIG _IOWR('i', 150, struct nm_ifreq)

#include "netmap_layout.h"

#if defined(__cplusplus) && defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif
