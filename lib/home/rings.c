// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Where a session's rings are: what netmapd says, mapped. */
#include <sys/stat.h>

#include "lock.h"
#include "real.h"
#include "session.h"
#include "session_int.h"
#include "wiring.h"

int nmh_map_over(void **at, size_t *room, size_t size, int prot, int fd,
		 uint64_t offset)
{
	bool fits = *at && *room >= size;
	int err = 0;
	void *mem = nmh_mmap(fits ? *at : NULL, size, prot,
			     MAP_SHARED | (fits ? MAP_FIXED : 0), fd,
			     (int64_t)offset, &err);

	if (!mem)
		return err;
	if (!fits) {
		*at = mem;
		*room = size;
	}
	nmh_sys(SYS_madvise, mem, size, MADV_DONTDUMP);
	return 0;
}

bool nmh_has_size(int fd, uint64_t size)
{
	struct stat st;

	return !fstat(fd, &st) && (uint64_t)st.st_size >= size;
}

static uint32_t nrings(const struct nmd_mapped *m)
{
	return m->rings[0] + m->rings[1];
}

/* The answer is whole, and its rings are in the region. */
static int check_mapped(const struct nmd_mapped *m, int len, uint32_t nfds,
			int region)
{
	const uint64_t *offset = (const uint64_t *)(m + 1);

	if (len < (int)sizeof(*m) || m->msg.type != NMD_MAPPED)
		return -EBADMSG;
	if (m->error)
		return m->error > 0 && m->error < 4096 ? -m->error : -EBADMSG;
	if (m->rings[0] > NMD_RINGS_MAX || m->rings[1] > NMD_RINGS_MAX ||
	    nrings(m) > NMD_RINGS_MAX || nfds != 1 ||
	    (size_t)len < sizeof(*m) + nrings(m) * sizeof(*offset) ||
	    m->size > INT64_MAX || !nmh_has_size(region, m->size))
		return -EBADMSG;
	for (uint32_t i = 0; i < nrings(m); i++)
		if (offset[i] % 8 || m->size < sizeof(struct netmap_ring) ||
		    offset[i] > m->size - sizeof(struct netmap_ring))
			return -EBADMSG;
	return 0;
}

/* Maps the pages from the first ring's head to the last's. */
static int map_view(struct nmh_session *s, const struct nmd_mapped *m,
		    int region, uint64_t *base)
{
	const uint64_t *offset = (const uint64_t *)(m + 1);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t from = UINT64_MAX, to = 0;

	*base = 0;
	if (!nrings(m))
		return 0;
	for (uint32_t i = 0; i < nrings(m); i++) {
		uint64_t end = offset[i] + sizeof(struct netmap_ring);

		from = offset[i] < from ? offset[i] : from;
		to = end > to ? end : to;
	}
	*base = from & ~(page - 1);
	return nmh_map_over(&s->view, &s->view_size, to - *base, PROT_READ,
			    region, *base);
}

/* nmh_lock held. Takes @region. */
static int adopt_rings(struct nmh_session *s, const struct nmd_mapped *m,
		       int region)
{
	const uint64_t *offset = (const uint64_t *)(m + 1);
	uint64_t base;
	int err;

	if (s->region < 0) {
		err = map_view(s, m, region, &base);
		if (err)
			return err;
		for (uint32_t i = 0; i < nrings(m); i++)
			s->ring[i] = (struct nmh_ring){
				.ring = (void *)((char *)s->view +
						 (offset[i] - base)),
			};
		s->first[NMH_TX] = 0;
		s->end[NMH_TX] = s->first[NMH_RX] = m->rings[0];
		s->end[NMH_RX] = nrings(m);
		s->region = region;
		s->region_size = m->size;
		s->nr_flags = m->nr_flags;
	} else {
		nmh_fd_close(region);
	}
	__atomic_store_n(&s->is_mapped, 1, __ATOMIC_RELEASE);
	return 0;
}

static int ask_mapping(struct nmh_line *line, int *region)
{
	struct nmd_msg ask = {NMD_MAP, sizeof(ask)};
	struct iovec iov = {&ask, sizeof(ask)};
	uint32_t nfds = 1;
	int err, len;

	err = nmh_send(line->sock, &iov, 1, NULL, 0);
	if (err)
		return err;
	len = nmh_recv(line->sock, line->in, NMD_MESSAGE_MAX, region, &nfds, 0);
	if (len < 0)
		return len;
	err = check_mapped((struct nmd_mapped *)line->in, len, nfds,
			   nfds ? *region : -1);
	if (err && nfds)
		nmh_fd_close(*region);
	return err;
}

static int converse_poll(const struct nmh_line *line, uint32_t events,
			 uint32_t *got)
{
	struct nmd_poll ask = {.msg = {NMD_POLL, sizeof(ask)},
			       .events = events};
	const struct nmd_poll *answer = (const struct nmd_poll *)line->in;
	struct iovec iov = {&ask, sizeof(ask)};
	uint32_t nfds = 0;
	int err, len;

	err = nmh_send(line->sock, &iov, 1, NULL, 0);
	if (err)
		return err;
	len = nmh_recv(line->sock, line->in, NMD_MESSAGE_MAX, NULL, &nfds, 0);
	if (len < 0)
		return len;
	if (len < (int)sizeof(*answer) || answer->msg.type != NMD_POLLED)
		return -EBADMSG;
	*got = answer->events;
	return 0;
}

int nmh_session_ask_poll(struct nmh_session *s, int fd, uint32_t events,
			 uint32_t *got)
{
	struct nmh_line *line;
	int err = nmh_line_get(s, fd, &line);

	if (err)
		return err;
	err = converse_poll(line, events, got);
	if (err)
		nmh_line_drop(s, line);
	else
		nmh_line_put(s, line);
	return err;
}

int nmh_session_map(struct nmh_session *s, int fd)
{
	struct nmh_line *line;
	uint64_t signals;
	int region, err;

	if (__atomic_load_n(&s->is_mapped, __ATOMIC_ACQUIRE))
		return 0;
	err = nmh_line_get(s, fd, &line);
	if (err)
		return err;
	/* The page says whether it is worth asking. */
	if (!(__atomic_load_n(&s->page->state, __ATOMIC_ACQUIRE) &
	      NMD_PAGE_BOUND)) {
		nmh_line_put(s, line);
		return nmh_session_is_alive(s, fd) ? -ENXIO : -ENOTCONN;
	}
	err = ask_mapping(line, &region);
	if (!err) {
		signals = nmh_lock_take(&nmh_lock);
		err = adopt_rings(s, (struct nmd_mapped *)line->in, region);
		nmh_lock_give(&nmh_lock, signals);
		if (err)
			nmh_fd_close(region);
	}
	if (err == -ENOTCONN || err == -EBADMSG) {
		nmh_line_drop(s, line);
		nmh_session_is_alive(s, fd);
	} else {
		nmh_line_put(s, line);
	}
	return err;
}
