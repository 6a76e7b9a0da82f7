// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * model.c - where a frame is to arrive, in the simplest words.
 *
 * The switch, as IEEE 802.1Q has it: remember where a station sent from; bring
 * a frame to where its destination was seen, or, if that is not known or the
 * destination is a group, to everybody else. The pipe: to the other end.
 *
 * It shares nothing with the switch it judges: a list, searched from its start.
 */
#include <string.h>
#include "demo.h"

void model_init(struct model *m, enum way_kind kind)
{
	*m = (struct model){.kind = kind};
}

static bool is_group(const uint8_t mac[6])
{
	return mac[0] & 1;
}

/* The entry of @mac, or m->n. */
static unsigned find(const struct model *m, const uint8_t mac[6])
{
	unsigned i = 0;

	while (i < m->n && memcmp(m->station[i].mac, mac, 6))
		i++;
	return i;
}

static void learn(struct model *m, const uint8_t mac[6], unsigned end)
{
	unsigned i = find(m, mac);

	if (i == m->n) {
		if (m->n == MAX_STATIONS)
			return; /* captures have two hosts */
		memcpy(m->station[m->n++].mac, mac, 6);
	}
	m->station[i].end = end;
}

unsigned model_route(struct model *m, const struct frame *f, unsigned from)
{
	const uint8_t *dst = f->data, *src = f->data + 6;
	unsigned others = 7 & ~(1u << from), i;

	if (m->kind == WAY_PIPE)
		return 3 & others;
	if (!is_group(src))
		learn(m, src, from);
	i = find(m, dst);
	if (is_group(dst) || i == m->n)
		return others;
	return others & 1u << m->station[i].end; /* not back to the sender */
}
