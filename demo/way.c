// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdio.h>
#include "demo.h"

struct shape {
	const char *name;
	unsigned ends;
	const char *spec[MAX_ENDS];
};

static const struct shape shapes[WAYS] = {
	[WAY_SWITCH] = {"switch", 3, {"vale0:a", "vale0:b", "vale0:w"}},
	[WAY_PIPE] = {"pipe", 2, {"demo{1", "demo}1"}},
};

const char *way_name(enum way_kind kind)
{
	return shapes[kind].name;
}

char end_name(unsigned end)
{
	return "abw"[end];
}

bool way_open(struct way *w, enum way_kind kind)
{
	const struct shape *shape = &shapes[kind];

	*w = (struct way){.kind = kind, .ends = shape->ends};
	if (nme_create(&w->world, NULL)) {
		fprintf(stderr, "demo: %s\n", nme_error());
		return false;
	}
	for (unsigned i = 0; i < w->ends; i++) {
		if (nme_open(w->world, shape->spec[i], &w->port[i])) {
			fprintf(stderr, "demo: %s: %s\n", shape->spec[i],
				nme_error());
			way_close(w);
			return false;
		}
	}
	return true;
}

void way_close(struct way *w)
{
	for (unsigned i = 0; i < w->ends; i++)
		nme_close(w->port[i]);
	nme_destroy(w->world);
}
