/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The list of options of a request. */
#include <stdlib.h>

#include "lib.h"

void nmreq_push_option(struct nmreq_header *hdr, struct nmreq_option *opt)
{
	opt->nro_next = hdr->nr_options;
	hdr->nr_options = (uintptr_t)opt;
}

void nmreq_remove_option(struct nmreq_header *hdr, struct nmreq_option *opt)
{
	uint64_t *link = &hdr->nr_options;

	while (*link && *link != (uintptr_t)opt)
		link = &nmreq_option_at_(*link)->nro_next;
	if (*link)
		*link = opt->nro_next;
}

struct nmreq_option *nmreq_find_option(struct nmreq_header *hdr,
				       uint32_t reqtype)
{
	struct nmreq_option *o;

	nmreq_foreach_option(hdr, o)
	{
		if (o->nro_reqtype == reqtype)
			break;
	}
	return o;
}

void nmreq_free_options(struct nmreq_header *hdr)
{
	while (hdr->nr_options) {
		struct nmreq_option *o = nmreq_option_at_(hdr->nr_options);

		hdr->nr_options = o->nro_next;
		free(o);
	}
}

const char *nmreq_option_name(uint32_t reqtype)
{
	switch (reqtype) {
	case NETMAP_REQ_OPT_EXTMEM:
		return "extmem";
	case NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS:
		return "sync-kloop-eventfds";
	case NETMAP_REQ_OPT_CSB:
		return "csb";
	case NETMAP_REQ_OPT_SYNC_KLOOP_MODE:
		return "sync-kloop-mode";
	case NETMAP_REQ_OPT_OFFSETS:
		return "offsets";
	}
	return "unknown";
}
