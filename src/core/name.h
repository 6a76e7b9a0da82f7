/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* name.h - port names, as the interface defines them:
 *
 *   name   := vale | base
 *   vale   := "vale" ident ":" port [pipe]     ident: [A-Za-z0-9_]*
 *   base   := interface [pipe]
 *   pipe   := "{" id | "}" id                  master / slave
 *
 * "vale" ident, port and interface are 1..15 characters.
 */
#ifndef NM_NAME_H
#define NM_NAME_H

#include "os.h"
#include "net/netmap.h"

#define NM_NAME_LEN NETMAP_REQ_IFNAMSIZ /* with its NUL */

struct nm_name {
	char full[NM_NAME_LEN];
	char parent[NM_NAME_LEN]; /* without the pipe suffix */
	char pipe_id[NM_NAME_LEN];
	char pipe_role;	       /* '{', '}', or 0: not a pipe */
	char bridge[IFNAMSIZ]; /* "valeX", or empty */
};

/*
 * Takes @full apart; it is copied. -ENXIO: empty, or an interface part that is
 * too long; -ENOMEM: begins with "val" but is no switch port (sic: what
 * programs know); -EINVAL: not terminated, or a bad pipe suffix.
 */
int nm_name_parse(struct nm_name *n, const char full[NM_NAME_LEN]);

/* Characters before the NUL, or all NM_NAME_LEN. */
size_t nm_name_len(const char *name);

bool nm_name_is_equal(const char *a, const char *b);

#endif
