/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The parts of a port specification that become a request: name, rings, flags,
 * region. libnetmap.h has the grammar. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib.h"

#define IDENT                        \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"abcdefghijklmnopqrstuvwxyz0123456789_"

void nmreq_header_init(struct nmreq_header *hdr, uint16_t reqtype, void *body)
{
	memset(hdr, 0, sizeof(*hdr));
	hdr->nr_version = NETMAP_API;
	hdr->nr_reqtype = reqtype;
	hdr->nr_body = (uintptr_t)body;
}

/* ---- name ---- */

/* Where the name begins that is given to the device, and in it the port;
 * NULL: the subsystem is not one. */
static const char *subsystem(const char *spec, const char **port)
{
	size_t vale = strlen(NM_BDG_NAME);
	size_t len;

	if (strncmp(spec, "netmap:", 7) == 0)
		return *port = spec + 7;
	if (strncmp(spec, NM_BDG_NAME, vale) != 0)
		return NULL;
	len = vale + strspn(spec + vale, IDENT);
	if (spec[len] != ':')
		return NULL;
	*port = spec + len + 1;
	return spec;
}

/* @port up to @end: is it a name, with at most one end of a pipe? */
static int check_port(const char *spec, const char *port, const char *end,
		      struct nmctx *ctx)
{
	const char *brace = port + strcspn(port, "{}");
	const char *id = brace + 1;

	if (port == end || port == brace)
		return nmreq_fail(ctx, EINVAL,
				  "%s: no name of a port behind "
				  "the ':'",
				  spec);
	if (brace >= end)
		return 0;
	id += strspn(id, IDENT);
	if (id == brace + 1 || id < end)
		return nmreq_fail(ctx, EINVAL,
				  "%s: behind '%c' the number or name of a "
				  "pipe is wanted, found \"%.*s\"",
				  spec, *brace, (int)(end - brace - 1),
				  brace + 1);
	return 0;
}

int nmreq_header_decode(const char **spec, struct nmreq_header *hdr,
			struct nmctx *ctx)
{
	const char *port = NULL, *name = subsystem(*spec, &port), *end;
	size_t len;

	if (!name)
		return nmreq_fail(ctx, EINVAL,
				  "%s: begins neither with "
				  "\"netmap:\" nor with \"valeX:\"",
				  *spec);
	end = port + strcspn(port, "-*^/@");
	if (check_port(*spec, port, end, ctx))
		return -1;
	len = (size_t)(end - name);
	if (len >= sizeof(hdr->nr_name))
		return nmreq_fail(ctx, EINVAL,
				  "%s: the name has %zu characters, %zu are "
				  "the most",
				  *spec, len, sizeof(hdr->nr_name) - 1);
	memset(hdr->nr_name, 0, sizeof(hdr->nr_name));
	memcpy(hdr->nr_name, name, len);
	*spec = end;
	return 0;
}

/* ---- rings, flags, region ---- */

static int read_rings(const char **at, struct nmreq_register *r,
		      struct nmctx *ctx)
{
	const char *from = *at;
	uint32_t id = 0;

	r->nr_mode = NR_REG_ALL_NIC;
	switch (*from) {
	case '*':
		r->nr_mode = NR_REG_NIC_SW;
		(*at)++;
		break;
	case '^':
		(*at)++;
		r->nr_mode = nmreq_is_digit(**at) ? NR_REG_ONE_SW : NR_REG_SW;
		break;
	case '-':
		(*at)++;
		r->nr_mode = NR_REG_ONE_NIC;
		break;
	}
	if ((r->nr_mode == NR_REG_ONE_NIC || r->nr_mode == NR_REG_ONE_SW) &&
	    !nmreq_number(at, UINT16_MAX, &id))
		return nmreq_fail(ctx, EINVAL,
				  "%s: behind '%c' the number of a "
				  "ring is wanted, at most %u",
				  from, *from, UINT16_MAX);
	r->nr_ringid = (uint16_t)id;
	return 0;
}

static int read_flags(const char **at, struct nmreq_register *r,
		      struct nmctx *ctx)
{
	static const struct {
		char letter;
		uint64_t flag;
	} flags[] = {
		{'x', NR_EXCLUSIVE},	 {'z', NR_ZCOPY_MON},
		{'t', NR_MONITOR_TX},	 {'r', NR_MONITOR_RX},
		{'R', NR_RX_RINGS_ONLY}, {'T', NR_TX_RINGS_ONLY},
	};
	const char *from = (*at)++;
	size_t i;

	for (; **at && !strchr("/@", **at); (*at)++) {
		for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
			if (**at == flags[i].letter)
				break;
		if (i == sizeof(flags) / sizeof(flags[0]))
			return nmreq_fail(ctx, EINVAL,
					  "%s: flag '%c' is none "
					  "of x z t r R T",
					  from, **at);
		r->nr_flags |= flags[i].flag;
	}
	if (*at == from + 1)
		return nmreq_fail(ctx, EINVAL, "%s: no flags behind '/'", from);
	return 0;
}

static int read_region(const char **at, struct nmreq_register *r,
		       struct nmctx *ctx)
{
	const char *from = (*at)++;
	uint32_t id;

	if (!nmreq_number(at, UINT16_MAX, &id) || id == 0 ||
	    (**at && !strchr("/@", **at)))
		return nmreq_fail(ctx, EINVAL,
				  "%s: the number of a region is "
				  "1 to %u",
				  from, UINT16_MAX);
	if (r->nr_mem_id && r->nr_mem_id != id)
		return nmreq_fail(ctx, EINVAL,
				  "%s: region %u was asked for "
				  "already",
				  from, r->nr_mem_id);
	r->nr_mem_id = (uint16_t)id;
	return 0;
}

int nmreq_register_decode(const char **spec, struct nmreq_register *reg,
			  struct nmctx *ctx)
{
	struct nmreq_register r = *reg;
	const char *at = *spec;
	int err = read_rings(&at, &r, ctx);

	while (!err && *at) {
		if (*at == '/')
			err = read_flags(&at, &r, ctx);
		else if (*at == '@' && nmreq_is_digit(at[1]))
			err = read_region(&at, &r, ctx);
		else if (*at == '@' && at[1])
			break;
		else if (*at == '@')
			err = nmreq_fail(ctx, EINVAL,
					 "%s: nothing behind the "
					 "last '@'",
					 *spec);
		else
			err = nmreq_fail(ctx, EINVAL,
					 "%s: \"%s\" is neither "
					 "flags, nor a region, nor an option",
					 *spec, at);
	}
	if (err)
		return -1;
	*reg = r;
	*spec = at;
	return 0;
}

/* ---- asking the device ---- */

int32_t nmreq_get_mem_id(const char **spec, struct nmctx *ctx)
{
	struct nmreq_port_info_get info;
	char why[NMREQ_REFUSAL_SIZE];
	struct nmreq_header hdr;
	const char *at = *spec;
	int fd, err;

	memset(&info, 0, sizeof(info));
	nmreq_header_init(&hdr, NETMAP_REQ_PORT_INFO_GET, &info);
	if (nmreq_header_decode(&at, &hdr, ctx))
		return -1;
	fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	if (fd < 0)
		return nmreq_fail(ctx, errno,
				  "%s: open of " NETMAP_DEVICE_NAME ": %s",
				  hdr.nr_name, strerror(errno));
	err = ioctl(fd, NIOCCTRL, &hdr) < 0 ? errno : 0;
	if (err)
		nmreq_refusal(fd, hdr.nr_reqtype, why);
	close(fd);
	if (err)
		return nmreq_fail(ctx, err, "%s: region not known: %s%s",
				  hdr.nr_name, strerror(err), why);
	*spec = at;
	return info.nr_mem_id;
}
