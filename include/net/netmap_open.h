/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * net/netmap_open.h - open a port by name, send and receive frames.
 *
 * A small library that is compiled into the program; include it as
 *
 *      #define NETMAP_WITH_LIBS
 *      #include <net/netmap_user.h>
 *
 *   nm_open()      name to descriptor      nm_inject()    send a frame
 *   nm_close()                             nm_nextpkt()   receive a slot
 *   nm_parse()     name to request         nm_dispatch()  receive frames
 *   nm_mmap()      map an open port
 *
 * Functions whose names end in an underscore are not for programs. A struct
 * nm_desc is used by one thread at a time.
 */
#ifndef NET_NETMAP_OPEN_H
#define NET_NETMAP_OPEN_H

#include <net/netmap_user.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct nm_desc;

/* A frame that was received; begins as struct pcap_pkthdr does. */
struct nm_pkthdr {
	struct timeval ts; /* of the sync that brought it */
	uint32_t caplen;   /* bytes at buf */
	uint32_t len;	   /* bytes of the frame */
	uint64_t flags;	   /* NM_MORE_PKTS: nm_dispatch() has more at hand */
	struct nm_desc *d;
	struct netmap_slot *slot; /* the first */
	uint8_t *buf;
};

#define NM_MORE_PKTS 1

/* For programs to count in; nothing here does. */
struct nm_stat {
	unsigned int ps_recv;
	unsigned int ps_drop;
	unsigned int ps_ifdrop;
};

#define NM_ERRBUF_SIZE 512

/*
 * An open port. Ring numbers are those of NETMAP_TXRING and NETMAP_RXRING;
 * first .. last of each direction belong to the descriptor, but for a direction
 * that the name left out. Without a mapping (NM_OPEN_NO_MMAP) the pointers are
 * NULL.
 */
struct nm_desc {
	struct nm_desc *self; /* its own address, else it is not one */
	int fd;
	void *mem; /* the mapping, maybe another descriptor's */
	size_t memsize;
	int done_mmap; /* not 0: the mapping is ours to undo */
	struct netmap_if *const nifp;
	uint16_t first_tx_ring, last_tx_ring, cur_tx_ring;
	uint16_t first_rx_ring, last_rx_ring, cur_rx_ring;
	struct nmreq req;     /* as NIOCREGIF returned it */
	struct nm_pkthdr hdr; /* of the frame that nm_dispatch() shows */

	/* any ring, for NETMAP_BUF(); buffer 0; the end of the buffers */
	struct netmap_ring *const some_ring;
	void *const buf_start;
	void *const buf_end;

	/* for programs; nothing here looks at them */
	int snaplen;
	int promisc;
	int to_ms;
	char *errbuf;
	uint32_t if_flags;
	uint32_t if_reqcap;
	uint32_t if_curcap;
	struct nm_stat st;
	char msg[NM_ERRBUF_SIZE];
};

typedef void (*nm_cb_t)(unsigned char *arg, const struct nm_pkthdr *hdr,
			const unsigned char *buf);

/* Flags of nm_open(). NETMAP_NO_TX_POLL and NETMAP_DO_RX_POLL are also taken;
 * bits 0-15 are kept for these. From the parent descriptor come: */
#define NM_OPEN_NO_MMAP	 0x040000 /* no parent: do not map */
#define NM_OPEN_IFNAME	 0x080000 /* nr_name, nr_ringid, nr_flags: no spec */
#define NM_OPEN_ARG1	 0x100000 /* nr_arg1 */
#define NM_OPEN_ARG2	 0x200000 /* nr_arg2: the region */
#define NM_OPEN_ARG3	 0x400000 /* nr_arg3: extra buffers */
#define NM_OPEN_RING_CFG 0x800000 /* numbers of rings and slots */

NETMAP_AT_(nm_pkthdr, ts, 0);
NETMAP_AT_(nm_pkthdr, caplen, 16);
NETMAP_AT_(nm_pkthdr, len, 20);
NETMAP_AT_(nm_pkthdr, flags, 24);
NETMAP_AT_(nm_pkthdr, d, 32);
NETMAP_AT_(nm_pkthdr, slot, 40);
NETMAP_AT_(nm_pkthdr, buf, 48);
NETMAP_SIZE_(nm_pkthdr, 56);

NETMAP_AT_(nm_stat, ps_recv, 0);
NETMAP_AT_(nm_stat, ps_drop, 4);
NETMAP_AT_(nm_stat, ps_ifdrop, 8);
NETMAP_SIZE_(nm_stat, 12);

NETMAP_AT_(nm_desc, self, 0);
NETMAP_AT_(nm_desc, fd, 8);
NETMAP_AT_(nm_desc, mem, 16);
NETMAP_AT_(nm_desc, memsize, 24);
NETMAP_AT_(nm_desc, done_mmap, 32);
NETMAP_AT_(nm_desc, nifp, 40);
NETMAP_AT_(nm_desc, first_tx_ring, 48);
NETMAP_AT_(nm_desc, last_tx_ring, 50);
NETMAP_AT_(nm_desc, cur_tx_ring, 52);
NETMAP_AT_(nm_desc, first_rx_ring, 54);
NETMAP_AT_(nm_desc, last_rx_ring, 56);
NETMAP_AT_(nm_desc, cur_rx_ring, 58);
NETMAP_AT_(nm_desc, req, 60);
NETMAP_AT_(nm_desc, hdr, 120);
NETMAP_AT_(nm_desc, some_ring, 176);
NETMAP_AT_(nm_desc, buf_start, 184);
NETMAP_AT_(nm_desc, buf_end, 192);
NETMAP_AT_(nm_desc, snaplen, 200);
NETMAP_AT_(nm_desc, promisc, 204);
NETMAP_AT_(nm_desc, to_ms, 208);
NETMAP_AT_(nm_desc, errbuf, 216);
NETMAP_AT_(nm_desc, if_flags, 224);
NETMAP_AT_(nm_desc, if_reqcap, 228);
NETMAP_AT_(nm_desc, if_curcap, 232);
NETMAP_AT_(nm_desc, st, 236);
NETMAP_AT_(nm_desc, msg, 248);
NETMAP_SIZE_(nm_desc, 760);

/* ---- names ---- */

#define NM_PARSE_ERRSIZE 80 /* bytes that nm_parse() may put into err */

/* Says at which part @at of the spec it failed, and fails. */
static inline int nm_parse_fail_(char *err, const char *why, const char *at)
{
	if (err)
		snprintf(err, NM_PARSE_ERRSIZE, "%s at %s%.24s%s", why,
			 *at ? "\"" : "", *at ? at : "its end",
			 *at ? "\"" : "");
	errno = EINVAL;
	return -1;
}

/* Reads digits, none: 0. The result is below @limit, or this fails. */
static inline int nm_parse_number_(const char **at, uint32_t limit,
				   uint32_t *number)
{
	uint32_t n = 0;

	for (; **at >= '0' && **at <= '9'; (*at)++) {
		n = n * 10 + (uint32_t)(**at - '0');
		if (n >= limit)
			return -1;
	}
	*number = n;
	return 0;
}

/* Length of the identifier at @s, which may be none. */
static inline size_t nm_parse_ident_(const char *s)
{
	return strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "abcdefghijklmnopqrstuvwxyz0123456789_");
}

/* "netmap:" name, or "vale" ident ":" ident; the name goes to @r. */
static inline int nm_parse_name_(const char **at, struct nmreq *r, char *err)
{
	const char *name = *at, *end;

	if (strncmp(name, "netmap:", 7) == 0) {
		name += 7;
		end = name + strcspn(name, "-*^{}/@");
	} else {
		end = name + nm_parse_ident_(name);
		if (*end != ':')
			return nm_parse_fail_(err, "no ':' after the switch",
					      end);
		end++;
		end += nm_parse_ident_(end);
		if (*end != '\0' && strchr("-*^{}/@", *end) == NULL)
			return nm_parse_fail_(err, "bad character in the name",
					      end);
	}
	if ((size_t)(end - name) >= sizeof(r->nr_name))
		return nm_parse_fail_(err, "name too long", name);
	memset(r->nr_name, 0, sizeof(r->nr_name));
	memcpy(r->nr_name, name, (size_t)(end - name));
	*at = end;
	return 0;
}

/* Which rings: nothing, or one of  ^  *  -N  {N  }N . */
static inline int nm_parse_rings_(const char **at, struct nmreq *r, char *err)
{
	uint32_t mode = NR_REG_ALL_NIC, number = 0;
	const char *from = *at;

	switch (*from) {
	case '^':
		mode = NR_REG_SW;
		break;
	case '*':
		mode = NR_REG_NIC_SW;
		break;
	case '-':
		mode = NR_REG_ONE_NIC;
		break;
	case '{':
		mode = NR_REG_PIPE_MASTER;
		break;
	case '}':
		mode = NR_REG_PIPE_SLAVE;
		break;
	}
	if (mode != NR_REG_ALL_NIC)
		(*at)++;
	if (mode >= NR_REG_ONE_NIC &&
	    nm_parse_number_(at, NETMAP_RING_MASK, &number))
		return nm_parse_fail_(err, "number too large", from);
	r->nr_ringid &= NETMAP_NO_TX_POLL | NETMAP_DO_RX_POLL;
	r->nr_ringid |= (uint16_t)number;
	r->nr_flags &= ~(uint32_t)NR_REG_MASK;
	r->nr_flags |= mode;
	return 0;
}

/* One or more letters behind a "/". */
static inline int nm_parse_flags_(const char **at, struct nmreq *r, char *err)
{
	const char *from = *at;

	for (;; (*at)++) {
		switch (**at) {
		case 'x':
			r->nr_flags |= NR_EXCLUSIVE;
			break;
		case 'z':
			r->nr_flags |= NR_ZCOPY_MON;
			break;
		case 't':
			r->nr_flags |= NR_MONITOR_TX;
			break;
		case 'r':
			r->nr_flags |= NR_MONITOR_RX;
			break;
		case 'R':
			r->nr_flags |= NR_RX_RINGS_ONLY;
			break;
		case 'T':
			r->nr_flags |= NR_TX_RINGS_ONLY;
			break;
		default:
			if (*at == from)
				return nm_parse_fail_(err, "no flag", from);
			return 0;
		}
	}
}

/* Any number of "/" flags, and one "@" region. */
static inline int nm_parse_tail_(const char *at, struct nmreq *r, char *err)
{
	uint32_t region = 0;

	while (*at) {
		const char *from = at++;

		if (*from == '/') {
			if (nm_parse_flags_(&at, r, err))
				return -1;
		} else if (*from == '@') {
			if (region)
				return nm_parse_fail_(err, "second region",
						      from);
			if (nm_parse_number_(&at, 0x10000, &region) || !region)
				return nm_parse_fail_(err, "bad region", from);
			r->nr_arg2 = (uint16_t)region;
		} else {
			return nm_parse_fail_(err, "unexpected text", from);
		}
	}
	return 0;
}

/*
 * Reads a name into d->req: nr_name, nr_ringid, nr_flags, nr_arg2.
 *
 *      netmap:NAME RINGS TAIL      interface; ends at one of  - * ^ { } / @
 *      valeX:PORT RINGS TAIL       letters, digits, underscores
 *
 *      RINGS  nothing  all NIC rings       -N  NIC ring pair N, below 4095
 *             ^        the host rings      {N  pipe N, master end
 *             *        both                }N  pipe N, slave end
 *      TAIL   /FLAGS   x exclusive; R, T only receive, transmit rings;
 *                      monitor: t of transmit, r of receive, z zero copy
 *             @M       in region M, 1 or more
 *
 * The whole name has at most 15 characters, without netmap: and without what
 * follows it. Flags other than the mode, and the poll bits of nr_ringid, are
 * added to what is there. 0, or -1 and errno: 0 for a name that begins in
 * another way, and so is not for us; EINVAL, with a sentence in @err
 * (NM_PARSE_ERRSIZE bytes, may be NULL) and @d as it was.
 */
static inline int nm_parse(const char *spec, struct nm_desc *d, char *err)
{
	struct nmreq r = d->req;

	if (err)
		err[0] = '\0';
	if (strncmp(spec, "netmap:", 7) && strncmp(spec, NM_BDG_NAME, 4)) {
		errno = 0;
		return -1;
	}
	if (nm_parse_name_(&spec, &r, err) || nm_parse_rings_(&spec, &r, err) ||
	    nm_parse_tail_(spec, &r, err))
		return -1;
	d->req = r;
	return 0;
}

/* ---- open and close ---- */

/* The ring of an entry of ring_ofs[], or NULL when it is not bound; of a
 * direction, or NULL when it is not mapped either. */
static inline struct netmap_ring *nm_entry_(const struct nm_desc *d, size_t i)
{
	return d->nifp->ring_ofs[i] ? nm_ring_at_(d->nifp, i) : NULL;
}

static inline struct netmap_ring *nm_txring_(const struct nm_desc *d, size_t i)
{
	return likely(d->nifp != NULL) ? nm_entry_(d, i) : NULL;
}

static inline struct netmap_ring *nm_rxring_(const struct nm_desc *d, size_t i)
{
	return likely(d->nifp != NULL) ? nm_entry_(d, nm_first_rx_(d->nifp) + i)
				       : NULL;
}

/*
 * Maps the region of @d, or uses the mapping of @parent when both are in the
 * same one, and sets the pointers of @d. @parent, or NULL, must then stay open
 * for as long as @d. 0, or EINVAL (the cause is in errno).
 */
static inline int nm_mmap(struct nm_desc *d, const struct nm_desc *parent)
{
	struct netmap_ring *ring;

	if (d->done_mmap)
		return 0;
	if (parent && parent->mem && parent->req.nr_arg2 == d->req.nr_arg2) {
		d->mem = parent->mem;
		d->memsize = parent->memsize;
	} else {
		void *mem = mmap(NULL, d->req.nr_memsize,
				 PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, 0);

		if (mem == MAP_FAILED)
			return EINVAL;
		d->mem = mem;
		d->memsize = d->req.nr_memsize;
		d->done_mmap = 1;
	}
	/* const is for the program: here they are made */
	*(struct netmap_if **)(uintptr_t)&d->nifp =
		NETMAP_IF(d->mem, d->req.nr_offset);
	ring = nm_rxring_(d, d->first_rx_ring);
	if (ring == NULL)
		ring = nm_txring_(d, d->first_tx_ring);
	*(struct netmap_ring **)(uintptr_t)&d->some_ring = ring;
	*(void **)(uintptr_t)&d->buf_start = ring ? NETMAP_BUF(ring, 0) : NULL;
	*(void **)(uintptr_t)&d->buf_end = (char *)d->mem + d->memsize;
	return 0;
}

/* Unmaps what @d itself mapped, closes, frees. 0, or EINVAL for what is not a
 * descriptor. */
static inline int nm_close(struct nm_desc *d)
{
	if (!IS_NETMAP_DESC(d))
		return EINVAL;
	if (d->done_mmap && d->mem)
		munmap(d->mem, d->memsize);
	if (d->fd >= 0)
		close(d->fd);
	d->self = NULL;
	free(d);
	return 0;
}

/* What nm_open() takes from its parent. */
static inline void nm_open_import_(struct nmreq *r, const struct nmreq *from,
				   uint64_t flags)
{
	if (flags & NM_OPEN_IFNAME) {
		memcpy(r->nr_name, from->nr_name, sizeof(r->nr_name));
		r->nr_ringid = from->nr_ringid;
		r->nr_flags = from->nr_flags;
	}
	r->nr_arg1 = flags & NM_OPEN_ARG1 ? from->nr_arg1 : 4;
	r->nr_arg3 = flags & NM_OPEN_ARG3 ? from->nr_arg3 : 0;
	if (flags & NM_OPEN_ARG2)
		r->nr_arg2 = from->nr_arg2;
	if (flags & NM_OPEN_RING_CFG) {
		r->nr_tx_slots = from->nr_tx_slots;
		r->nr_rx_slots = from->nr_rx_slots;
		r->nr_tx_rings = from->nr_tx_rings;
		r->nr_rx_rings = from->nr_rx_rings;
	}
}

/* First and last ring of a direction with @n NIC rings. A ring number that only
 * the other direction has means ring 0. EINVAL: the mode does not bind rings of
 * a port. */
static inline int nm_open_range_(const struct nmreq *r, uint16_t n,
				 uint16_t *first, uint16_t *last)
{
	uint16_t id = r->nr_ringid & NETMAP_RING_MASK;
	uint32_t mode = r->nr_flags & NR_REG_MASK;

	if (mode == NR_REG_DEFAULT) {
		mode = NR_REG_ALL_NIC;
		if (r->nr_ringid & NETMAP_SW_RING)
			mode = NR_REG_SW;
		else if (r->nr_ringid & NETMAP_HW_RING)
			mode = NR_REG_ONE_NIC;
	}
	switch (mode) {
	case NR_REG_ALL_NIC:
		*first = 0;
		*last = (uint16_t)(n ? n - 1 : 0);
		return 0;
	case NR_REG_NIC_SW:
		*first = 0;
		*last = n;
		return 0;
	case NR_REG_SW:
		*first = *last = n;
		return 0;
	case NR_REG_ONE_SW:
		*first = *last = (uint16_t)(n + id);
		return 0;
	case NR_REG_ONE_NIC:
		*first = *last = (uint16_t)(id < n ? id : 0);
		return 0;
	case NR_REG_PIPE_MASTER:
	case NR_REG_PIPE_SLAVE:
		*first = *last = 0;
		return 0;
	}
	errno = EINVAL;
	return EINVAL;
}

/* The part of nm_open() that @d can be closed after. */
static inline int nm_open_bind_(struct nm_desc *d, uint64_t flags,
				const struct nm_desc *parent)
{
	d->fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	if (d->fd < 0 || ioctl(d->fd, NIOCREGIF, &d->req) < 0)
		return -1;
	if (nm_open_range_(&d->req, d->req.nr_tx_rings, &d->first_tx_ring,
			   &d->last_tx_ring) ||
	    nm_open_range_(&d->req, d->req.nr_rx_rings, &d->first_rx_ring,
			   &d->last_rx_ring))
		return -1;
	d->cur_tx_ring = d->first_tx_ring;
	d->cur_rx_ring = d->first_rx_ring;
	if (parent || !(flags & NM_OPEN_NO_MMAP))
		return nm_mmap(d, parent);
	return 0;
}

/*
 * Opens, binds and maps the port that @spec names (see nm_parse()). The request
 * starts as *@req, or zeros, gets what @spec says, then what @flags asks for of
 * @parent. Given a parent and any flag, nr_arg1 becomes 4 and nr_arg3 becomes 0
 * unless they are asked for. @req and @parent may be NULL.
 *
 * Returns a descriptor, to be given to nm_close(), or NULL and errno: 0 when
 * @spec is not for us; EINVAL, with a line on stderr, when it cannot be read;
 * else why open, NIOCREGIF or mmap failed.
 */
static inline struct nm_desc *nm_open(const char *spec, const struct nmreq *req,
				      uint64_t flags,
				      const struct nm_desc *parent)
{
	char err[NM_PARSE_ERRSIZE];
	struct nm_desc *d;
	int saved;

	d = (struct nm_desc *)calloc(1, sizeof(*d));
	if (d == NULL)
		return NULL;
	d->self = d;
	d->fd = -1;
	if (req)
		d->req = *req;
	if (!(parent && (flags & NM_OPEN_IFNAME)) && nm_parse(spec, d, err)) {
		if (errno)
			fprintf(stderr, "nm_open: %s: %s\n", spec, err);
		goto err_close;
	}
	if (parent && flags)
		nm_open_import_(&d->req, &parent->req, flags);
	d->req.nr_version = NETMAP_API;
	d->req.nr_ringid |=
		(uint16_t)(flags & (NETMAP_NO_TX_POLL | NETMAP_DO_RX_POLL));
	if (nm_open_bind_(d, flags, parent) == 0)
		return d;
err_close:
	saved = errno;
	nm_close(d);
	errno = saved;
	return NULL;
}

/* ---- frames ---- */

/* Ring @i, or the one after it, of first .. last taken as a circle. */
static inline uint16_t nm_ring_after_(uint16_t i, uint16_t first, uint16_t last)
{
	return i < last ? (uint16_t)(i + 1) : first;
}

/* Bytes that a slot can take; its len has 16 bits. */
static inline size_t nm_slot_room_(const struct netmap_ring *ring,
				   const struct netmap_slot *slot)
{
	uint64_t ofs = NETMAP_ROFFSET(ring, slot), room = 0;

	if (ofs < ring->nr_buf_size)
		room = ring->nr_buf_size - ofs;
	return room < UINT16_MAX ? (size_t)room : UINT16_MAX;
}

/* Whether @len bytes fit into the program's slots, at most NETMAP_MAX_FRAGS of
 * them. */
static inline int nm_ring_fits_(struct netmap_ring *ring, size_t len)
{
	uint32_t space = nm_ring_space(ring), i = ring->head, k;

	for (k = 0; k < space && k < NETMAP_MAX_FRAGS; k++) {
		size_t room = nm_slot_room_(ring, &ring->slot[i]);

		if (len <= room)
			return 1;
		len -= room;
		i = nm_ring_next(ring, i);
	}
	return 0;
}

/* Puts a frame, which fits, into a ring's next slots. */
static inline void nm_ring_put_(struct netmap_ring *ring, const void *buf,
				size_t len)
{
	const char *from = (const char *)buf;
	uint32_t i = ring->head;

	do {
		struct netmap_slot *slot = &ring->slot[i];
		size_t n = nm_slot_room_(ring, slot);

		if (n > len)
			n = len;
		nm_pkt_copy(from, NETMAP_BUF_OFFSET(ring, slot), (int)n);
		from += n;
		len -= n;
		slot->len = (uint16_t)n;
		slot->flags &= NS_BUF_CHANGED;
		if (len)
			slot->flags |= NS_MOREFRAG;
		i = nm_ring_next(ring, i);
	} while (len);
	nm_ring_release_(ring, i);
}

/*
 * Puts a frame into the first transmit ring that has room for it, beginning
 * with the one used last, in as many slots as it needs. It is sent by the next
 * NIOCTXSYNC or poll(2). Returns @len, or 0 when no ring has room. Nothing is
 * put when @len is 0.
 */
static inline int nm_inject(struct nm_desc *d, const void *buf, size_t len)
{
	uint16_t ri = d->cur_tx_ring;
	struct netmap_ring *ring;

	if (len == 0)
		return 0;
	for (;;) {
		ring = nm_txring_(d, ri);
		if (ring && nm_ring_fits_(ring, len))
			break;
		ri = nm_ring_after_(ri, d->first_tx_ring, d->last_tx_ring);
		if (ri == d->cur_tx_ring)
			return 0;
	}
	d->cur_tx_ring = ri;
	nm_ring_put_(ring, buf, len);
	return (int)len;
}

/* Describes slot @i, received, in @hdr. */
static inline void nm_slot_hdr_(struct nm_desc *d, struct netmap_ring *ring,
				uint32_t i, struct nm_pkthdr *hdr)
{
	struct netmap_slot *slot = &ring->slot[i];

	hdr->ts = ring->ts;
	hdr->len = hdr->caplen = slot->len;
	hdr->flags = 0;
	hdr->d = d;
	hdr->slot = slot;
	hdr->buf = (uint8_t *)NETMAP_BUF_OFFSET(ring, slot);
}

/*
 * Describes in d->hdr the frame at the head of a ring that is not empty, and
 * returns the slot after it. Its bytes count to caplen for as long as each
 * slot's begin where those of the slot before it end.
 */
static inline uint32_t nm_frame_(struct nm_desc *d, struct netmap_ring *ring)
{
	uint32_t tail = nm_ring_tail_(ring), i = ring->head;
	struct nm_pkthdr *hdr = &d->hdr;
	const uint8_t *end;

	nm_slot_hdr_(d, ring, i, hdr);
	end = hdr->buf + hdr->caplen;
	for (;;) {
		int more = ring->slot[i].flags & NS_MOREFRAG;
		struct netmap_slot *slot;

		i = nm_ring_next(ring, i);
		if (!more || i == tail)
			return i;
		slot = &ring->slot[i];
		hdr->len += slot->len;
		if (end == (uint8_t *)NETMAP_BUF_OFFSET(ring, slot)) {
			hdr->caplen += slot->len;
			end += slot->len;
		} else {
			end = NULL;
		}
	}
}

/* Whether one of @n receive rings, from the one after cur_rx_ring on, has a
 * frame. */
static inline int nm_waiting_(const struct nm_desc *d, uint32_t n)
{
	uint16_t ri = d->cur_rx_ring;

	while (n--) {
		struct netmap_ring *ring;

		ri = nm_ring_after_(ri, d->first_rx_ring, d->last_rx_ring);
		ring = nm_rxring_(d, ri);
		if (ring && !nm_ring_empty(ring))
			return 1;
	}
	return 0;
}

/*
 * Calls @cb(@arg, &d->hdr, d->hdr.buf) for up to @cnt frames (0 or less: all
 * that are there), ring by ring, and gives each one's slots back after the
 * call. A frame in several slots is one call: hdr.len is its length, hdr.caplen
 * what lies in one piece at hdr.buf. hdr.flags has NM_MORE_PKTS when another
 * call follows. No sync. Returns the number of calls.
 */
static inline int nm_dispatch(struct nm_desc *d, int cnt, nm_cb_t cb,
			      unsigned char *arg)
{
	uint32_t rings = (uint32_t)d->last_rx_ring - d->first_rx_ring + 1;
	int got = 0;

	while (rings-- && (cnt <= 0 || got < cnt)) {
		struct netmap_ring *ring = nm_rxring_(d, d->cur_rx_ring);

		while (ring && !nm_ring_empty(ring) &&
		       (cnt <= 0 || got < cnt)) {
			uint32_t next = nm_frame_(d, ring);

			got++;
			if (got != cnt && (next != nm_ring_tail_(ring) ||
					   nm_waiting_(d, rings)))
				d->hdr.flags |= NM_MORE_PKTS;
			cb(arg, &d->hdr, d->hdr.buf);
			nm_ring_release_(ring, next);
		}
		d->cur_rx_ring = nm_ring_after_(
			d->cur_rx_ring, d->first_rx_ring, d->last_rx_ring);
	}
	return got;
}

/*
 * Returns the bytes of the next slot and describes them in @hdr; a frame in
 * several slots comes in pieces. The slot is given up, so the bytes stay until
 * the next NIOCRXSYNC or poll(2). NULL: there is none. No sync.
 */
static inline unsigned char *nm_nextpkt(struct nm_desc *d,
					struct nm_pkthdr *hdr)
{
	uint16_t ri = d->cur_rx_ring;

	do {
		struct netmap_ring *ring = nm_rxring_(d, ri);

		if (ring && !nm_ring_empty(ring)) {
			nm_slot_hdr_(d, ring, ring->head, hdr);
			nm_ring_release_(ring, nm_ring_next(ring, ring->head));
			d->cur_rx_ring = ri;
			return hdr->buf;
		}
		ri = nm_ring_after_(ri, d->first_rx_ring, d->last_rx_ring);
	} while (ri != d->cur_rx_ring);
	return NULL;
}

#endif
