// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "refusals.h"

void nm_refusals_init(struct nm_refusals *r)
{
	os_mutex_init(&r->lock, OS_LOCK_CONTROL);
	r->next = 1;
}

void nm_refusals_fini(struct nm_refusals *r)
{
	os_mutex_fini(&r->lock);
}

/* Names in it are anybody's: nothing may act on a terminal, or look like the
 * end of a line. */
static void clean(char *text, size_t size)
{
	text[size - 1] = '\0';
	for (; *text; text++)
		if ((u8)*text < ' ' || (u8)*text > '~')
			*text = '?';
}

void nm_refusals_add(struct nm_refusals *r, const struct nm_refusal *entry)
{
	struct nm_refusal *e;

	os_mutex_lock(&r->lock);
	e = &r->entry[r->next % NM_REFUSALS];
	*e = *entry;
	e->seq = r->next++;
	clean(e->program, sizeof(e->program));
	clean(e->sentence, sizeof(e->sentence));
	os_mutex_unlock(&r->lock);
}

int nm_refusals_get(struct nm_refusals *r, u64 seq, struct nm_refusal *out)
{
	int err = -ENOENT;
	u64 oldest;

	os_mutex_lock(&r->lock);
	oldest = r->next > NM_REFUSALS ? r->next - NM_REFUSALS : 1;
	if (seq < oldest)
		seq = oldest;
	if (seq < r->next) {
		*out = r->entry[seq % NM_REFUSALS];
		err = 0;
	}
	os_mutex_unlock(&r->lock);
	return err;
}
