/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The options of a port specification, @NAME..., for whatever parsers there
 * are. They are read in a copy, whose separators become ends of strings.
 */
#include <errno.h>
#include <string.h>

#include "lib.h"

/* An option that is being read. */
struct option {
	struct nmreq_parse_ctx p;
	const struct nmreq_opt_parser *parser;
};

/* A dash and an underscore are the same. */
static bool is_same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b))
			return false;
	return *a == *b;
}

static bool is_valid_id(int id)
{
	return id >= 0 && id < NMREQ_OPT_MAXKEYS;
}

static int key_count(const struct nmreq_opt_parser *parser)
{
	return parser->nr_keys < NMREQ_OPT_MAXKEYS ? parser->nr_keys
						   : NMREQ_OPT_MAXKEYS;
}

static const struct nmreq_opt_key *
find_key(const struct nmreq_opt_parser *parser, const char *name)
{
	for (int i = 0; i < key_count(parser); i++)
		if (is_same_name(parser->keys[i].key, name))
			return &parser->keys[i];
	return NULL;
}

/* The key of the form NAME=VALUE, or NULL. */
static const struct nmreq_opt_key *
default_key(const struct nmreq_opt_parser *parser)
{
	for (int i = 0; i < key_count(parser); i++) {
		const struct nmreq_opt_key *k = &parser->keys[i];

		if (parser->default_key >= 0 ? k->id == parser->default_key
					     : k->flags & NMREQ_OPTK_DEFAULT)
			return k;
	}
	return NULL;
}

/* @value NULL: there was no '='. */
static int set_key(struct option *o, const struct nmreq_opt_key *k,
		   const char *value)
{
	const char *name = o->parser->prefix;

	if (!is_valid_id(k->id))
		return nmreq_fail(o->p.ctx, EINVAL,
				  "option %s: key %s has id %d, %d is the most",
				  name, k->key, k->id, NMREQ_OPT_MAXKEYS - 1);
	if (o->p.keys[k->id])
		return nmreq_fail(o->p.ctx, EINVAL,
				  "option %s: %s is given twice", name, k->key);
	if (!value || !*value) {
		if (!(k->flags & NMREQ_OPTK_ALLOWEMPTY))
			return nmreq_fail(o->p.ctx, EINVAL,
					  "option %s: %s has no value", name,
					  k->key);
		value = "";
	}
	o->p.keys[k->id] = value;
	return 0;
}

/* KEY=VALUE,KEY=VALUE... */
static int read_keys(struct option *o, char *list)
{
	bool more = true;

	while (more) {
		const struct nmreq_opt_key *k;
		char *next = list + strcspn(list, ",");
		char *value = list + strcspn(list, "=,");

		more = *next == ',';
		*next = '\0';
		if (value == next)
			value = NULL;
		else
			*value++ = '\0';
		k = find_key(o->parser, list);
		if (!k)
			return nmreq_fail(o->p.ctx, EINVAL,
					  "option %s: there is no key \"%s\"",
					  o->parser->prefix, list);
		if (set_key(o, k, value))
			return -1;
		list = next + 1;
	}
	return 0;
}

/* =VALUE, :KEYS, or nothing. */
static int read_body(struct option *o, char kind, char *body)
{
	const struct nmreq_opt_key *k;

	switch (kind) {
	case ':':
		return read_keys(o, body);
	case '=':
		k = default_key(o->parser);
		if (k)
			return set_key(o, k, body);
		return nmreq_fail(o->p.ctx, EINVAL,
				  "option %s: \"%s\" is for no key",
				  o->parser->prefix, body);
	}
	if (o->parser->flags & NMREQ_OPTF_ALLOWEMPTY)
		return 0;
	return nmreq_fail(o->p.ctx, EINVAL, "option %s: it has no value",
			  o->parser->prefix);
}

static int check_keys(const struct option *o)
{
	for (int i = 0; i < key_count(o->parser); i++) {
		const struct nmreq_opt_key *k = &o->parser->keys[i];

		if (!(k->flags & NMREQ_OPTK_MUSTSET))
			continue;
		if (!is_valid_id(k->id) || !o->p.keys[k->id])
			return nmreq_fail(o->p.ctx, EINVAL,
					  "option %s: %s is missing",
					  o->parser->prefix, k->key);
	}
	return 0;
}

/* NAME, NAME=VALUE or NAME:KEYS. */
static int read_option(char *text, const struct nmreq_opt_parser *parsers,
		       void *token, struct nmctx *ctx)
{
	struct option o = {.p = {.ctx = ctx, .token = token}};
	char *body = text + strcspn(text, "=:");
	char kind = *body;

	*body = '\0';
	for (o.parser = parsers; o.parser; o.parser = o.parser->next)
		if (is_same_name(o.parser->prefix, text))
			break;
	if (!o.parser)
		return nmreq_fail(ctx, EINVAL, "there is no option \"%s\"",
				  text);
	if (__atomic_load_n(&o.parser->flags, __ATOMIC_RELAXED) &
	    NMREQ_OPTF_DISABLED)
		return nmreq_fail(ctx, EOPNOTSUPP,
				  "option %s: this program has not enabled it",
				  text);
	if (read_body(&o, kind, kind ? body + 1 : body) || check_keys(&o))
		return -1;
	return o.parser->parse(&o.p) ? -1 : 0;
}

/* @text is "@" option, and so on. */
static int read_options(char *text, const struct nmreq_opt_parser *parsers,
			void *token, struct nmctx *ctx)
{
	while (*text) {
		char *end, last;

		if (*text++ != '@')
			return nmreq_fail(ctx, EINVAL,
					  "\"%s\": options begin "
					  "with '@'",
					  text - 1);
		end = text + strcspn(text, "@");
		last = *end;
		*end = '\0';
		if (read_option(text, parsers, token, ctx))
			return -1;
		*end = last;
		text = end;
	}
	return 0;
}

int nmreq_options_decode(const char *opts, struct nmreq_opt_parser *parsers,
			 void *token, struct nmctx *ctx)
{
	size_t size = strlen(opts) + 1;
	char *copy = nmctx_malloc(ctx, size);
	int err, saved;

	if (!copy)
		return nmreq_fail(ctx, ENOMEM, "%s: no memory", opts);
	memcpy(copy, opts, size);
	err = read_options(copy, parsers, token, ctx);
	saved = errno;
	nmctx_free(ctx, copy);
	errno = saved;
	return err;
}
