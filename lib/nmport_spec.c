/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The options that a port specification may have: share, conf, extmem, offset.
 * Each is a table of keys, and a function that takes their values to a port.
 */
#include <errno.h>
#include <string.h>

#include "lib.h"

/* The number that is the value of key @id, at most @max; *number stays where
 * the key was not given. */
static int read_number(const struct nmreq_parse_ctx *p,
		       const struct nmreq_opt_parser *parser, int id,
		       uint32_t max, uint32_t *number)
{
	const char *at = p->keys[id];

	if (!at || (nmreq_number(&at, max, number) && !*at))
		return 0;
	return nmreq_fail(p->ctx, EINVAL,
			  "option %s: %s is \"%s\", a number of at most %u is "
			  "wanted",
			  parser->prefix, parser->keys[id].key, p->keys[id],
			  max);
}

/* ---- share ---- */

enum { SHARE_PORT };

static int parse_share(struct nmreq_parse_ctx *p)
{
	struct nmport_d *d = p->token;
	const char *at = p->keys[SHARE_PORT];
	int32_t id = nmreq_get_mem_id(&at, p->ctx);

	if (id < 0)
		return -1;
	if (*at)
		return nmreq_fail(p->ctx, EINVAL,
				  "option share: \"%s\" is more than a name",
				  p->keys[SHARE_PORT]);
	if (d->reg.nr_mem_id && d->reg.nr_mem_id != id)
		return nmreq_fail(p->ctx, EINVAL,
				  "option share: %s is in region %d, but "
				  "region %u was asked for already",
				  p->keys[SHARE_PORT], (int)id,
				  d->reg.nr_mem_id);
	d->reg.nr_mem_id = (uint16_t)id;
	return 0;
}

static struct nmreq_opt_parser share = {
	.prefix = "share",
	.parse = parse_share,
	.default_key = SHARE_PORT,
	.nr_keys = 1,
	.keys = {{"port", SHARE_PORT, NMREQ_OPTK_MUSTSET}},
};

/* ---- conf ---- */

/* Each is a key for both directions; its own keys follow: tx, rx. */
enum { CONF_RINGS = 0, CONF_HOST_RINGS = 3, CONF_SLOTS = 6, CONF_KEYS = 9 };

static struct nmreq_opt_parser conf;

/* Key @id for both, then each direction's, which go before it. */
static int read_pair(const struct nmreq_parse_ctx *p, int id, uint32_t max,
		     uint32_t *tx, uint32_t *rx)
{
	if (read_number(p, &conf, id, max, tx) ||
	    read_number(p, &conf, id, max, rx) ||
	    read_number(p, &conf, id + 1, max, tx) ||
	    read_number(p, &conf, id + 2, max, rx))
		return -1;
	return 0;
}

static int parse_conf(struct nmreq_parse_ctx *p)
{
	struct nmreq_register *r = &((struct nmport_d *)p->token)->reg;
	uint32_t tx = r->nr_tx_rings, rx = r->nr_rx_rings;
	uint32_t host_tx = r->nr_host_tx_rings, host_rx = r->nr_host_rx_rings;
	uint32_t tx_slots = r->nr_tx_slots, rx_slots = r->nr_rx_slots;

	if (read_pair(p, CONF_RINGS, UINT16_MAX, &tx, &rx) ||
	    read_pair(p, CONF_HOST_RINGS, UINT16_MAX, &host_tx, &host_rx) ||
	    read_pair(p, CONF_SLOTS, UINT32_MAX, &tx_slots, &rx_slots))
		return -1;
	r->nr_tx_rings = (uint16_t)tx;
	r->nr_rx_rings = (uint16_t)rx;
	r->nr_host_tx_rings = (uint16_t)host_tx;
	r->nr_host_rx_rings = (uint16_t)host_rx;
	r->nr_tx_slots = tx_slots;
	r->nr_rx_slots = rx_slots;
	return 0;
}

static struct nmreq_opt_parser conf = {
	.prefix = "conf",
	.parse = parse_conf,
	.default_key = -1,
	.nr_keys = CONF_KEYS,
	.next = &share,
	.keys = {{"rings", CONF_RINGS, 0},
		 {"tx-rings", CONF_RINGS + 1, 0},
		 {"rx-rings", CONF_RINGS + 2, 0},
		 {"host-rings", CONF_HOST_RINGS, 0},
		 {"host-tx-rings", CONF_HOST_RINGS + 1, 0},
		 {"host-rx-rings", CONF_HOST_RINGS + 2, 0},
		 {"slots", CONF_SLOTS, 0},
		 {"tx-slots", CONF_SLOTS + 1, 0},
		 {"rx-slots", CONF_SLOTS + 2, 0}},
};

/* ---- extmem ---- */

enum {
	EXT_FILE,
	EXT_IF_NUM,
	EXT_IF_SIZE,
	EXT_RING_NUM,
	EXT_RING_SIZE,
	EXT_BUF_NUM,
	EXT_BUF_SIZE,
	EXT_KEYS
};

static struct nmreq_opt_parser extmem;

static int parse_extmem(struct nmreq_parse_ctx *p)
{
	struct nmport_d *d = p->token;
	struct nmreq_pools_info i, *info;

	memset(&i, 0, sizeof(i));
	if (read_number(p, &extmem, EXT_IF_NUM, UINT32_MAX,
			&i.nr_if_pool_objtotal) ||
	    read_number(p, &extmem, EXT_IF_SIZE, UINT32_MAX,
			&i.nr_if_pool_objsize) ||
	    read_number(p, &extmem, EXT_RING_NUM, UINT32_MAX,
			&i.nr_ring_pool_objtotal) ||
	    read_number(p, &extmem, EXT_RING_SIZE, UINT32_MAX,
			&i.nr_ring_pool_objsize) ||
	    read_number(p, &extmem, EXT_BUF_NUM, UINT32_MAX,
			&i.nr_buf_pool_objtotal) ||
	    read_number(p, &extmem, EXT_BUF_SIZE, UINT32_MAX,
			&i.nr_buf_pool_objsize) ||
	    nmport_extmem_from_file(d, p->keys[EXT_FILE]))
		return -1;
	info = nmport_extmem_getinfo(d);
	i.nr_memsize = info->nr_memsize;
	*info = i;
	return 0;
}

static struct nmreq_opt_parser extmem = {
	.prefix = "extmem",
	.parse = parse_extmem,
	.default_key = EXT_FILE,
	.nr_keys = EXT_KEYS,
	.next = &conf,
	.keys = {{"file", EXT_FILE, NMREQ_OPTK_MUSTSET},
		 {"if-num", EXT_IF_NUM, 0},
		 {"if-size", EXT_IF_SIZE, 0},
		 {"ring-num", EXT_RING_NUM, 0},
		 {"ring-size", EXT_RING_SIZE, 0},
		 {"buf-num", EXT_BUF_NUM, 0},
		 {"buf-size", EXT_BUF_SIZE, 0}},
};

/* ---- offset ---- */

enum { OFFSET_INITIAL, OFFSET_BITS, OFFSET_KEYS };

static struct nmreq_opt_parser offset;

static int parse_offset(struct nmreq_parse_ctx *p)
{
	uint32_t initial = 0, bits = 0;

	if (read_number(p, &offset, OFFSET_INITIAL, UINT32_MAX, &initial) ||
	    read_number(p, &offset, OFFSET_BITS, 64, &bits))
		return -1;
	return nmport_offset(p->token, initial, initial, bits, 0);
}

/* A program that does not know of offsets would read and write beside the
 * data: it enables the option when it does. */
static struct nmreq_opt_parser offset = {
	.prefix = "offset",
	.parse = parse_offset,
	.default_key = OFFSET_INITIAL,
	.nr_keys = OFFSET_KEYS,
	.flags = NMREQ_OPTF_DISABLED,
	.next = &extmem,
	.keys = {{"initial", OFFSET_INITIAL, NMREQ_OPTK_MUSTSET},
		 {"bits", OFFSET_BITS, 0}},
};

struct nmreq_opt_parser *const nmport_parsers = &offset;

/* ---- which are accepted ---- */

static struct nmreq_opt_parser *find_parser(const char *name)
{
	struct nmreq_opt_parser *p = nmport_parsers;

	while (p && strcmp(p->prefix, name) != 0)
		p = p->next;
	return p;
}

int nmport_enable_option(const char *name)
{
	struct nmreq_opt_parser *p = find_parser(name);

	if (!p) {
		errno = EOPNOTSUPP;
		return -1;
	}
	__atomic_and_fetch(&p->flags, ~(uint32_t)NMREQ_OPTF_DISABLED,
			   __ATOMIC_RELAXED);
	return 0;
}

void nmport_disable_option(const char *name)
{
	struct nmreq_opt_parser *p = find_parser(name);

	if (p)
		__atomic_or_fetch(&p->flags, NMREQ_OPTF_DISABLED,
				  __ATOMIC_RELAXED);
}
