// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "name.h"

static bool is_brace(char c)
{
	return c == '{' || c == '}';
}

static bool is_ident(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

size_t nm_name_len(const char *name)
{
	size_t n = 0;

	while (n < NM_NAME_LEN && name[n])
		n++;
	return n;
}

static bool has_prefix(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return false;
	return true;
}

bool nm_name_is_equal(const char *a, const char *b)
{
	size_t n = nm_name_len(a);

	return n == nm_name_len(b) && !memcmp(a, b, n);
}

/* Splits off "{id" or "}id". */
static int parse_pipe(struct nm_name *n)
{
	size_t len = 0, idlen;
	const char *id;

	while (n->full[len] && !is_brace(n->full[len]))
		len++;
	memcpy(n->parent, n->full, len);
	if (!n->full[len])
		return 0;
	n->pipe_role = n->full[len];
	id = n->full + len + 1;
	idlen = nm_name_len(id);
	memcpy(n->pipe_id, id, idlen);
	if (!idlen)
		return os_refuse(-EINVAL, "%s: a pipe needs an id behind %s",
				 n->full, n->pipe_role == '{' ? "{" : "}");
	for (size_t i = 0; i < idlen; i++)
		if (is_brace(id[i]))
			return os_refuse(-EINVAL,
					 "%s: a pipe has one { or }; pipes do "
					 "not hang on pipes",
					 n->full);
	return 0;
}

/* "vale" ident ":" port */
static int parse_vale(struct nm_name *n)
{
	const char *p = n->parent;
	size_t bridge = 4, port;

	if (!has_prefix(p, NM_BDG_NAME))
		goto bad;
	while (is_ident(p[bridge]))
		bridge++;
	if (p[bridge] != ':' || bridge >= IFNAMSIZ)
		goto bad;
	port = nm_name_len(p + bridge + 1);
	if (!port || port >= IFNAMSIZ)
		goto bad;
	memcpy(n->bridge, p, bridge);
	return 0;
bad:
	return os_refuse(-ENOMEM,
			 "%s: names with val are valeX:port; X of letters, "
			 "digits, _, valeX and port of 1..%d characters",
			 n->full, IFNAMSIZ - 1);
}

int nm_name_parse(struct nm_name *n, const char full[NM_NAME_LEN])
{
	int err;

	memset(n, 0, sizeof(*n));
	memcpy(n->full, full, NM_NAME_LEN);
	if (n->full[NM_NAME_LEN - 1]) {
		n->full[NM_NAME_LEN - 1] = 0;
		return os_refuse(-EINVAL, "nr_name: over %d characters",
				 NM_NAME_LEN - 1);
	}
	if (!n->full[0])
		return os_refuse(-ENXIO, "nr_name is empty; it names a port");
	err = parse_pipe(n);
	if (err)
		return err;
	if (has_prefix(n->parent, "val"))
		return parse_vale(n);
	if (!n->parent[0] || nm_name_len(n->parent) >= IFNAMSIZ)
		return os_refuse(
			-ENXIO,
			"%s: the name of an interface has 1..%d characters",
			n->full, IFNAMSIZ - 1);
	return 0;
}
