// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Polling mode: threads look for frames instead of waiting to be woken. */
#include "vale_admin.h"

/* Lanes [first, end) of one side, by one thread. */
struct poller {
	struct os_thread *thread;
	struct nm_side *side;
	u32 first, end;
};

struct nm_polling {
	u32 n; /* started ones */
	struct poller poller[];
};

/* ---- data path ---- */

static bool poll_lanes(void *arg)
{
	const struct poller *p = arg;
	bool more = false;

	for (u32 i = p->first; i < p->end; i++)
		more |= nm_lane_in(&p->side->lane[NM_RX][i]);
	return more;
}

/* ---- control ---- */

static int check(const struct nm_side *side, const struct nmreq_vale_polling *p)
{
	const char *name = side->vp.port.name;
	u32 n = p->nr_num_polling_cpus, first = p->nr_first_cpu_id;

	if (!n || n >= os_cpus())
		return os_refuse(-EINVAL,
				 "%s: %u polling processors of %u, at least 1 "
				 "and not all",
				 name, n, os_cpus());
	/* Which of them there are is os_thread_start()'s to say. */
	if (n > ~0u - first)
		return os_refuse(-EINVAL, "%s: no processors from %u on", name,
				 first);
	if (p->nr_mode == NETMAP_POLLING_MODE_SINGLE_CPU) {
		if (n != 1)
			return os_refuse(-EINVAL,
					 "%s: %u processors to poll all rings, "
					 "not 1",
					 name, n);
		return 0;
	}
	if (p->nr_mode != NETMAP_POLLING_MODE_MULTI_CPU)
		return os_refuse(-EINVAL, "%s: polling mode %u", name,
				 p->nr_mode);
	if (n > side->nlanes[NM_RX] || first > side->nlanes[NM_RX] - n)
		return os_refuse(-EINVAL, "%s: ring %u of %u", name,
				 first + n - 1, side->nlanes[NM_RX]);
	return 0;
}

static void pollers_stop(struct nm_polling *p)
{
	while (p->n) {
		struct poller *one = &p->poller[--p->n];

		os_thread_stop(one->thread);
		for (u32 i = one->first; i < one->end; i++)
			one->side->lane[NM_RX][i].polled = false;
	}
}

/* The work leaves the lanes alone: it is stopped. */
static int poller_start(struct nm_polling *p, struct nm_side *side, u32 first,
			u32 end, u32 cpu)
{
	struct poller *one = &p->poller[p->n];
	int err;

	*one = (struct poller){.side = side, .first = first, .end = end};
	for (u32 i = first; i < end; i++)
		side->lane[NM_RX][i].polled = true;
	err = os_thread_start(&one->thread, poll_lanes, one, cpu);
	if (!err) {
		p->n++;
		return 0;
	}
	for (u32 i = first; i < end; i++)
		side->lane[NM_RX][i].polled = false;
	return err;
}

static int pollers_start(struct nm_polling *p, struct nm_side *side,
			 const struct nmreq_vale_polling *req)
{
	u32 first = req->nr_first_cpu_id, n = req->nr_num_polling_cpus;
	int err = 0;

	if (req->nr_mode == NETMAP_POLLING_MODE_SINGLE_CPU)
		return poller_start(p, side, 0, side->nlanes[NM_RX], first);
	for (u32 i = first; i < first + n && !err; i++)
		err = poller_start(p, side, i, i + 1, i);
	if (err)
		pollers_stop(p);
	return err;
}

int nm_polling_start(struct nm_attach *a, const struct nmreq_vale_polling *req)
{
	struct nm_side *side = a->side[0];
	struct nm_polling *p;
	int err;

	if (a->polling)
		return os_refuse(-EFAULT, "%s: is polled already",
				 side->vp.port.name);
	err = check(side, req);
	if (err)
		return err;
	p = os_alloc(sizeof(*p) +
		     req->nr_num_polling_cpus * sizeof(p->poller[0]));
	if (!p)
		return os_refuse(-ENOMEM, "%s: no memory to poll it",
				 side->vp.port.name);
	nm_side_in_stop(side);
	err = pollers_start(p, side, req);
	nm_side_in_start(side);
	if (err)
		os_free(p);
	else
		a->polling = p;
	return err;
}

int nm_polling_stop(struct nm_attach *a)
{
	struct nm_side *side = a->side[0];

	if (!a->polling)
		return os_refuse(-EFAULT, "%s: is not polled",
				 side->vp.port.name);
	nm_side_in_stop(side);
	pollers_stop(a->polling);
	nm_side_in_start(side);
	os_free(a->polling);
	a->polling = NULL;
	return 0;
}
