// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Any text as a port specification of libnetmap: it becomes a request that says
 * the same when it is written down and read again, or is refused, and leaves
 * nothing.
 *
 * Input: the specification. No file of this machine is opened for it.
 */
#include <libnetmap.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

int __wrap_open64(const char *path, int flags, ...);

int __wrap_open64(const char *path, int flags, ...)
{
	int fd = -1;

	(void)flags;
	if (strcmp(path, NETMAP_DEVICE_NAME) != 0)
		fd = memfd_create("file", 0);
	if (fd >= 0)
		sim_claim(ftruncate(fd, 4096) == 0);
	else
		errno = ENOENT;
	return fd;
}

/* ---- a context that counts ---- */

static int sentences, allocated;

static void count_sentence(struct nmctx *ctx, const char *sentence)
{
	(void)ctx;
	sim_claim(sentence[0] && strlen(sentence) < 1000);
	sentences++;
}

static void *count_malloc(struct nmctx *ctx, size_t size)
{
	(void)ctx;
	allocated++;
	return malloc(size);
}

static void count_free(struct nmctx *ctx, void *p)
{
	(void)ctx;
	allocated--;
	free(p);
}

static struct nmctx counting = {
	.verbose = 1,
	.error = count_sentence,
	.malloc = count_malloc,
	.free = count_free,
};

/* ---- the parts ---- */

static void check_header(const char **at)
{
	const char *from = *at;
	struct nmreq_header h, before;

	memset(&h, 0xa5, sizeof(h));
	before = h;
	if (nmreq_header_decode(at, &h, &counting)) {
		sim_claim(errno == EINVAL && *at == from);
		sim_claim(!memcmp(&h, &before, sizeof(h)));
		return;
	}
	sim_claim(*at > from && h.nr_name[0]);
	sim_claim(memchr(h.nr_name, 0, sizeof(h.nr_name)) != NULL);
	sim_claim(strchr("-*^/@", **at) != NULL); /* or its end */
}

static void check_register(const char **at)
{
	const char *from = *at;
	struct nmreq_register r, before;

	memset(&r, 0xa5, sizeof(r));
	r.nr_mem_id = 0;
	before = r;
	if (nmreq_register_decode(at, &r, &counting)) {
		sim_claim(errno == EINVAL && *at == from);
		sim_claim(!memcmp(&r, &before, sizeof(r)));
		return;
	}
	sim_claim(**at == '\0' || (**at == '@' && (*at)[1]));
}

/* Takes whatever values there are. */
static int take_values(struct nmreq_parse_ctx *p)
{
	size_t *total = p->token;

	for (int i = 0; i < NMREQ_OPT_MAXKEYS; i++) {
		if (p->keys[i])
			*total += strlen(p->keys[i]);
		sim_claim(!p->keys[i] || !strchr(p->keys[i], '@'));
	}
	return 0;
}

static void check_options(const char *at)
{
	static struct nmreq_opt_parser b = {
		.prefix = "b",
		.parse = take_values,
		.default_key = 7,
		.nr_keys = 2,
		.keys = {{"k", 7, NMREQ_OPTK_MUSTSET},
			 {"long-key", 0, NMREQ_OPTK_ALLOWEMPTY}},
	};
	static struct nmreq_opt_parser a = {
		.prefix = "a",
		.parse = take_values,
		.default_key = -1,
		.flags = NMREQ_OPTF_ALLOWEMPTY,
		.next = &b,
	};
	size_t total = 0;

	if (nmreq_options_decode(at, &a, &total, &counting))
		sim_claim(errno == EINVAL);
	sim_claim(total <= strlen(at));
}

/* ---- the whole ---- */

/* The request as a specification, in one way of many. */
static void write_down(const struct nmport_d *d, char *text, size_t size)
{
	static const char letters[] = "xztrRT";
	static const uint64_t flags[] = {NR_EXCLUSIVE,	   NR_ZCOPY_MON,
					 NR_MONITOR_TX,	   NR_MONITOR_RX,
					 NR_RX_RINGS_ONLY, NR_TX_RINGS_ONLY};
	const struct nmreq_register *r = &d->reg;
	char *at = text, *end = text + size;
	bool slash = false;

	at += snprintf(at, (size_t)(end - at), "netmap:%s", d->hdr.nr_name);
	switch (r->nr_mode) {
	case NR_REG_SW:
		*at++ = '^';
		break;
	case NR_REG_NIC_SW:
		*at++ = '*';
		break;
	case NR_REG_ONE_NIC:
		at += snprintf(at, (size_t)(end - at), "-%u", r->nr_ringid);
		break;
	case NR_REG_ONE_SW:
		at += snprintf(at, (size_t)(end - at), "^%u", r->nr_ringid);
		break;
	default:
		sim_claim(r->nr_mode == NR_REG_ALL_NIC);
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (!(r->nr_flags & flags[i]))
			continue;
		if (!slash)
			*at++ = '/';
		slash = true;
		*at++ = letters[i];
	}
	if (r->nr_mem_id)
		at += snprintf(at, (size_t)(end - at), "@%u", r->nr_mem_id);
	snprintf(at, (size_t)(end - at),
		 "@conf:tx-rings=%u,rx-rings=%u,host-tx-rings=%u,"
		 "host-rx-rings=%u,tx-slots=%u,rx-slots=%u",
		 r->nr_tx_rings, r->nr_rx_rings, r->nr_host_tx_rings,
		 r->nr_host_rx_rings, r->nr_tx_slots, r->nr_rx_slots);
}

static void check_port(const char *spec)
{
	static const struct nmreq_header nothing;
	struct nmport_d *d = nmport_new(), *again;
	char text[512];

	sentences = 0;
	if (nmport_parse(d, spec)) {
		sim_claim(errno == EINVAL || errno == EOPNOTSUPP ||
			  errno == ENOENT);
		sim_claim(sentences == 1);
		sim_claim(!memcmp(&d->hdr, &nothing, sizeof(nothing)));
		sim_claim(!d->clist && !d->extmem);
		nmport_delete(d);
		return;
	}
	sim_claim(sentences == 0);
	write_down(d, text, sizeof(text));
	again = nmport_prepare(text);
	sim_claim(again != NULL);
	sim_claim(!memcmp(&again->reg, &d->reg, sizeof(d->reg)));
	sim_claim(!strcmp(again->hdr.nr_name, d->hdr.nr_name));
	nmport_undo_prepare(again);
	nmport_undo_prepare(d);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *spec = malloc(size + 1);
	const char *at = spec;

	memcpy(spec, data, size);
	spec[size] = '\0';
	nmctx_set_default(&counting);
	sim_claim(nmport_enable_option("offset") == 0);
	check_header(&at);
	check_register(&at);
	check_options(at);
	check_options(spec);
	check_port(spec);
	sim_claim(allocated == 0);
	free(spec);
	return 0;
}
