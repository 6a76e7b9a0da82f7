/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * net/netmap_user.h - helpers for programs that use rings.
 *
 * Macros and small functions that walk the structures of net/netmap.h. With
 * NETMAP_WITH_LIBS defined before inclusion, this file brings in
 * net/netmap_open.h too, which opens ports by name and moves frames one at a
 * time:
 *
 *      #define NETMAP_WITH_LIBS
 *      #include <net/netmap_user.h>
 *
 *      struct nm_desc *d = nm_open("netmap:eth0", NULL, 0, NULL);
 *      struct pollfd p = { .fd = NETMAP_FD(d), .events = POLLIN };
 *      struct nm_pkthdr h;
 *      unsigned char *frame;
 *
 *      while (poll(&p, 1, -1) > 0)
 *              while ((frame = nm_nextpkt(d, &h)))
 *                      use(frame, h.len);
 *
 * and the same without the library, the usual way to be fast:
 *
 *      struct netmap_ring *r = NETMAP_RXRING(d->nifp, 0);
 *
 *      while (poll(&p, 1, -1) > 0) {
 *              while (!nm_ring_empty(r)) {
 *                      struct netmap_slot *s = &r->slot[r->head];
 *
 *                      use(NETMAP_BUF(r, s->buf_idx), s->len);
 *                      r->head = r->cur = nm_ring_next(r, r->head);
 *              }
 *      }
 *
 * Nothing here locks: a ring, and a struct nm_desc, is used by one thread at a
 * time.
 */
#ifndef NET_NETMAP_USER_H
#define NET_NETMAP_USER_H

#include <net/netmap.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#ifndef _LINUX_IF_H /* which cannot be followed by this: */
#include <net/if.h>
#endif

#ifndef likely
#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif

/* ---- from the mapping to rings and buffers ----
 * Macros by name, functions within: each argument is evaluated once. */

static inline struct netmap_ring *nm_ring_at_(const struct netmap_if *nifp,
					      size_t entry)
{
	return (struct netmap_ring *)(void *)((char *)(uintptr_t)nifp +
					      nifp->ring_ofs[entry]);
}

static inline size_t nm_first_rx_(const struct netmap_if *nifp)
{
	return (size_t)nifp->ni_tx_rings + nifp->ni_host_tx_rings;
}

static inline struct netmap_ring *nm_rx_at_(const struct netmap_if *nifp,
					    size_t i)
{
	return nm_ring_at_(nifp, nm_first_rx_(nifp) + i);
}

static inline char *nm_buf_at_(const struct netmap_ring *ring, size_t idx)
{
	return (char *)(uintptr_t)ring + ring->buf_ofs +
	       idx * ring->nr_buf_size;
}

static inline uint32_t nm_buf_of_(const struct netmap_ring *ring, const void *p)
{
	return (uint32_t)((size_t)((const char *)p - nm_buf_at_(ring, 0)) /
			  ring->nr_buf_size);
}

static inline uint64_t nm_offset_(const struct netmap_ring *ring,
				  const struct netmap_slot *slot)
{
	return slot->ptr & ring->offset_mask;
}

static inline void nm_set_offset_(const struct netmap_ring *ring,
				  struct netmap_slot *slot, uint64_t offset)
{
	slot->ptr =
		(slot->ptr & ~ring->offset_mask) | (offset & ring->offset_mask);
}

static inline char *nm_data_at_(const struct netmap_ring *ring,
				const struct netmap_slot *slot)
{
	return nm_buf_at_(ring, slot->buf_idx) + nm_offset_(ring, slot);
}

/* The interface record at @_ofs (nr_offset) of the mapping. */
#define NETMAP_IF(_base, _ofs) \
	((struct netmap_if *)(void *)((char *)(_base) + (_ofs)))

/* Ring @_i of one direction; the host rings are those behind the last NIC
 * ring. A ring that is not part of the bind has ring_ofs[] 0: then this gives
 * the address of the interface record itself. */
#define NETMAP_TXRING(_nifp, _i) nm_ring_at_((_nifp), (size_t)(_i))
#define NETMAP_RXRING(_nifp, _i) nm_rx_at_((_nifp), (size_t)(_i))

/* Buffer number @_idx (char *), and the number of the buffer that address @_p
 * is in. Any ring of the region will do. */
#define NETMAP_BUF(_ring, _idx)	  nm_buf_at_((_ring), (size_t)(_idx))
#define NETMAP_BUF_IDX(_ring, _p) nm_buf_of_((_ring), (_p))

/* Where in its buffer the data of a slot begins: read it, write it, and the
 * address that follows from it. 0 unless the port was opened with offsets. */
#define NETMAP_ROFFSET(_ring, _slot)	 nm_offset_((_ring), (_slot))
#define NETMAP_WOFFSET(_ring, _slot, _o) nm_set_offset_((_ring), (_slot), (_o))
#define NETMAP_BUF_OFFSET(_ring, _slot)	 nm_data_at_((_ring), (_slot))

/* ---- indices ---- */

/* tail may move while we look, where netmap runs beside the program. [A] What
 * was stored into the slots before it moved is seen after this load; pairs
 * with netmap's release store of tail. */
static inline uint32_t nm_ring_tail_(const struct netmap_ring *ring)
{
	return __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);
}

/* The slot after @i. */
static inline uint32_t nm_ring_next(struct netmap_ring *ring, uint32_t i)
{
	return unlikely(i + 1 == ring->num_slots) ? 0 : i + 1;
}

/* 1 if the program has no slot in the ring: nothing to read, no room to
 * send. */
static inline int nm_ring_empty(struct netmap_ring *ring)
{
	return ring->head == nm_ring_tail_(ring);
}

/* Slots that the program has: 0 .. num_slots - 1. */
static inline uint32_t nm_ring_space(struct netmap_ring *ring)
{
	uint32_t head = ring->head;
	uint32_t tail = nm_ring_tail_(ring);

	return tail >= head ? tail - head : tail + ring->num_slots - head;
}

/* 1 if a transmit ring still has slots that are not sent (as of the last
 * sync). */
static inline int nm_tx_pending(struct netmap_ring *ring)
{
	return nm_ring_next(ring, nm_ring_tail_(ring)) != ring->head;
}

/* Gives up all slots before @i. cur goes first: netmap must never see a head
 * beyond cur. [B] Stores into the slots are seen before head; pairs with
 * netmap's acquire load of head. */
static inline void nm_ring_release_(struct netmap_ring *ring, uint32_t i)
{
	__atomic_store_n(&ring->cur, i, __ATOMIC_RELAXED);
	__atomic_store_n(&ring->head, i, __ATOMIC_RELEASE);
}

/* Copies @len bytes; short lengths that are multiples of 64 without a call. */
static inline void nm_pkt_copy(const void *src, void *dst, int len)
{
	const char *s = (const char *)src;
	char *d = (char *)dst;

	if (unlikely(len <= 0))
		return;
	if (unlikely(len >= 1024 || len % 64)) {
		memcpy(d, s, (size_t)len);
		return;
	}
	for (; len > 0; len -= 64, d += 64, s += 64)
		memcpy(d, s, 64);
}

/* ---- CSB mode (part 3 of net/netmap.h) ---- */

/* Stores before it are seen before stores after it. */
static inline void nm_stst_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

/* Loads before it are done before loads after it. */
static inline void nm_ldld_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

/*
 * Tells the loop how far the program is. cur is stored before head, and slots
 * before both. Who then looks at kern_need_kick, to decide whether to write the
 * ioeventfd, needs a full fence between.
 */
static inline void nm_sync_kloop_appl_write(struct nm_csb_atok *atok,
					    uint32_t cur, uint32_t head)
{
	__atomic_store_n(&atok->cur, cur, __ATOMIC_RELEASE);
	__atomic_store_n(&atok->head, head, __ATOMIC_RELEASE);
}

/* Learns how far the loop is. hwtail is loaded before hwcur, and slots after
 * both. */
static inline void nm_sync_kloop_appl_read(struct nm_csb_ktoa *ktoa,
					   uint32_t *hwtail, uint32_t *hwcur)
{
	*hwtail = __atomic_load_n(&ktoa->hwtail, __ATOMIC_ACQUIRE);
	*hwcur = __atomic_load_n(&ktoa->hwcur, __ATOMIC_ACQUIRE);
}

/* ---- messages on stderr; a program that defines ND keeps its own ---- */

#ifndef ND

/* Prints the time of day (seconds of the hour), the function, and a line. */
__attribute__((format(printf, 2, 3))) static inline void
nm_log_(const char *func, const char *fmt, ...)
{
	struct timeval now;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	gettimeofday(&now, NULL);
	fprintf(stderr, "%04d.%06d %s: %s\n", (int)(now.tv_sec % 3600),
		(int)now.tv_usec, func, text);
}

/* True at most @lps times in a second; @second and @count are the caller's
 * memory of that. */
static inline int nm_log_due_(long *second, int *count, int lps)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	if (__atomic_exchange_n(second, (long)now.tv_sec, __ATOMIC_RELAXED) !=
	    (long)now.tv_sec)
		__atomic_store_n(count, 0, __ATOMIC_RELAXED);
	return __atomic_fetch_add(count, 1, __ATOMIC_RELAXED) < lps;
}

/* D(format, ...) prints; RD(n, format, ...) at most n times in a second at this
 * place; ND(format, ...) not at all. */
#define D(...) nm_log_(__func__, __VA_ARGS__)
#define RD(_lps, ...)                                             \
	do {                                                      \
		static long nm_second_;                           \
		static int nm_count_;                             \
		if (nm_log_due_(&nm_second_, &nm_count_, (_lps))) \
			nm_log_(__func__, __VA_ARGS__);           \
	} while (0)
#define ND(...) \
	do {    \
	} while (0)

#endif

/* ---- descriptors of nm_open() behind a pointer of another type ---- */

#define P2NMD(_p)     ((struct nm_desc *)(_p))
#define NETMAP_FD(_d) (((const struct nm_desc *)(_d))->fd)
#define IS_NETMAP_DESC(_d) \
	((_d) != NULL &&   \
	 ((const struct nm_desc *)(_d))->self == (const void *)(_d))

#endif

#ifdef NETMAP_WITH_LIBS
#include <net/netmap_open.h>
#endif
