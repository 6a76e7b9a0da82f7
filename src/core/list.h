/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* list.h - circular intrusive lists; the caller's lock protects them. */
#ifndef NM_LIST_H
#define NM_LIST_H

#include "os.h"

struct nm_list {
	struct nm_list *next, *prev;
};

#define nm_container(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - __builtin_offsetof(type, member)))

#define nm_list_for_each(pos, head) \
	for ((pos) = (head)->next; (pos) != (head); (pos) = (pos)->next)

static inline void nm_list_init(struct nm_list *l)
{
	l->next = l->prev = l;
}

static inline void nm_list_add_tail(struct nm_list *head, struct nm_list *n)
{
	n->prev = head->prev;
	n->next = head;
	head->prev->next = n;
	head->prev = n;
}

/* Safe to call again on an element that was deleted. */
static inline void nm_list_del(struct nm_list *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	nm_list_init(n);
}

#endif
