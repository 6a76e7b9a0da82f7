// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <net/netmap_ext.h>

#include "requests.h"

#define NAMES 12

uint8_t *arena;

void arena_make(void)
{
	if (arena)
		return;
	arena = mmap(NULL, ARENA + 4096, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (arena == MAP_FAILED || mprotect(arena + ARENA, 4096, PROT_NONE))
		abort();
}

/* An address that a program might pass. */
static uint64_t take_address(struct bytes *in)
{
	uint32_t v = take_u32(in);

	switch (v & 15) {
	case 0:
		return 0;
	case 1:
		return take_u64(in);
	case 2: /* at the edge */
		return (uintptr_t)arena + ARENA - (v >> 4) % 16 * 8;
	default:
		return (uintptr_t)arena + ((v >> 4) % (ARENA / 8)) * 8;
	}
}

void *room_at(uint64_t addr, size_t len)
{
	uint64_t off = addr - (uintptr_t)arena;

	return off < ARENA && ARENA - off >= len && off % 8 == 0 ? arena + off
								 : NULL;
}

static uint32_t take_count(struct bytes *in)
{
	static const uint32_t counts[] = {0,  1,  2,   3,    4,	   5,	  8,
					  16, 17, 256, 1024, 4096, 65535, 300};
	uint8_t v = take_u8(in);

	return v < 14 ? counts[v] : v;
}

static void fill_register(struct bytes *in, struct nmreq_register *r)
{
	uint32_t rings, slots;

	r->nr_tx_rings = (uint16_t)take_count(in);
	r->nr_rx_rings = (uint16_t)take_count(in);
	rings = r->nr_tx_rings + r->nr_rx_rings;
	/* Many rings only of few slots: the region's size is not the point. */
	slots = rings > 40 ? 8 : 4096;
	r->nr_tx_slots = take_count(in) % (slots + 2);
	r->nr_rx_slots = take_count(in) % (slots + 2);
	if (rings > 40) {
		r->nr_tx_slots |= 1;
		r->nr_rx_slots |= 1;
	}
	r->nr_mem_id = take_u8(in) % 8;
	r->nr_ringid = take_u8(in);
	r->nr_mode = take_u8(in) % 12;
	r->nr_extra_bufs = take_count(in) % 1030;
	r->nr_flags = take_u64(in);
	if (r->nr_flags & 1)
		r->nr_flags = 0;
}

static void fill_stats(struct bytes *in, struct nmreq_x_stats *s)
{
	s->x_size = take_u8(in);
	s->x_dir = take_u8(in) % 3;
	s->x_ring = take_u8(in);
	if (s->x_ring == 255)
		s->x_ring = NETMAP_X_ALL_RINGS;
}

static void fill_refusal(struct bytes *in, struct nmreq_x_refusal *r)
{
	r->x_size = take_u8(in);
	r->x_seq = take_u8(in);
}

static void fill_body(struct bytes *in, uint16_t type, uint64_t addr)
{
	void *p;

	switch (type) {
	case NETMAP_REQ_REGISTER:
		p = room_at(addr, sizeof(struct nmreq_register));
		if (p)
			fill_register(in, p);
		break;
	case NETMAP_REQ_X_STATS_GET:
		p = room_at(addr, sizeof(struct nmreq_x_stats));
		if (p)
			fill_stats(in, p);
		break;
	case NETMAP_REQ_X_REFUSALS_GET:
		p = room_at(addr, sizeof(struct nmreq_x_refusal));
		if (p)
			fill_refusal(in, p);
		break;
	default:
		p = room_at(addr, 64);
		if (p)
			take_bytes(in, p, take_u8(in) % 64);
	}
}

/* A chain of options from *@next on; may bite its tail. */
static void fill_options(struct bytes *in, uint64_t *next)
{
	for (uint32_t n = take_u8(in) % 6; n; n--) {
		uint64_t addr = take_address(in);
		struct nmreq_option *o = room_at(addr, sizeof(*o));

		memcpy(next, &addr, sizeof(addr));
		if (!o)
			return;
		o->nro_next = take_u8(in) & 1 ? take_address(in) : 0;
		o->nro_reqtype = take_u8(in) % 9;
		o->nro_size = take_u8(in) & 1 ? take_u64(in) : take_u8(in);
		next = &o->nro_next;
	}
}

static void fill_name(struct bytes *in, char name[NETMAP_REQ_IFNAMSIZ])
{
	static const char *const names[NAMES] = {
		"vale0:a",
		"vale0:b",
		"vale1:a",
		"vale0:a{1",
		"vale0:a}1",
		"base{1",
		"base}1",
		"vale0:b{x",
		"base{2",
		"eth0",
		"valetoolongname1:a",
		"",
	};
	uint8_t v = take_u8(in);

	memset(name, 0, NETMAP_REQ_IFNAMSIZ);
	if (v < 250)
		memcpy(name, names[v % NAMES], strlen(names[v % NAMES]));
	else
		take_bytes(in, name, NETMAP_REQ_IFNAMSIZ);
}

static uint16_t take_type(struct bytes *in)
{
	uint8_t v = take_u8(in);

	if (v < 100)
		return NETMAP_REQ_REGISTER;
	if (v < 130)
		return NETMAP_REQ_X_STATS_GET;
	if (v < 140)
		return NETMAP_REQ_X_REFUSALS_GET;
	return v % 20;
}

static void fill_flat(struct bytes *in, struct nmreq *r)
{
	char name[NETMAP_REQ_IFNAMSIZ];
	struct nmreq_register reg;

	fill_name(in, name);
	fill_register(in, &reg);
	*r = (struct nmreq){
		.nr_version = take_u8(in) == 255 ? take_u8(in) : NETMAP_API,
		.nr_tx_slots = reg.nr_tx_slots,
		.nr_rx_slots = reg.nr_rx_slots,
		.nr_tx_rings = reg.nr_tx_rings,
		.nr_rx_rings = reg.nr_rx_rings,
		.nr_ringid = (uint16_t)take_u32(in),
		.nr_cmd = take_u8(in) & 1 ? take_u8(in) % 14 : 0,
		.nr_arg1 = take_u8(in),
		.nr_arg2 = reg.nr_mem_id,
		.nr_arg3 = reg.nr_extra_bufs,
		.nr_flags = (uint32_t)reg.nr_flags & ~(uint32_t)NR_REG_MASK,
	};
	r->nr_flags |= reg.nr_mode;
	memcpy(r->nr_name, name, sizeof(r->nr_name));
}

static void take_ctrl(struct bytes *in, struct request *q)
{
	struct nmreq_header *h;
	uint8_t odd;

	q->kind = REQUEST_CTRL;
	q->cmd = NIOCCTRL;
	q->arg = take_address(in);
	h = room_at(q->arg, sizeof(*h));
	if (!h)
		return;
	odd = take_u8(in);
	h->nr_version = odd == 255 ? take_u8(in) : NETMAP_API;
	h->nr_reserved = odd == 254;
	h->nr_reqtype = take_type(in);
	fill_name(in, h->nr_name);
	h->nr_body = take_address(in);
	h->nr_options = 0;
	fill_body(in, h->nr_reqtype, h->nr_body);
	fill_options(in, &h->nr_options);
}

static void take_older(struct bytes *in, struct request *q)
{
	static const unsigned long cmds[] = {NIOCREGIF, NIOCREGIF, NIOCGINFO,
					     NIOCCONFIG};
	char full[NETMAP_REQ_IFNAMSIZ];
	void *room;

	q->kind = REQUEST_OLDER;
	q->cmd = cmds[take_u8(in) % 4];
	q->arg = take_address(in);
	if (q->cmd == NIOCCONFIG) {
		room = room_at(q->arg, sizeof(struct nm_ifreq));
		fill_name(in, full);
		if (room)
			memcpy(room, full, IFNAMSIZ);
		return;
	}
	room = room_at(q->arg, sizeof(struct nmreq));
	if (room)
		fill_flat(in, room);
}

void request_take(struct bytes *in, struct request *q)
{
	uint8_t op = take_u8(in);

	*q = (struct request){.file = op % REQUEST_FILES};
	if (op >= 224) {
		take_older(in, q);
		return;
	}
	switch (op / REQUEST_FILES % 8) {
	case 0:
		q->kind = REQUEST_REOPEN;
		break;
	case 1:
		q->kind = REQUEST_SYNC;
		q->cmd = NIOCTXSYNC;
		q->arg = take_u8(in);
		break;
	case 2:
		q->kind = REQUEST_SYNC;
		q->cmd = NIOCRXSYNC;
		q->arg = take_u8(in);
		break;
	case 3:
		q->kind = REQUEST_POLL;
		q->arg = take_u8(in);
		break;
	case 4:
		q->kind = REQUEST_UNKNOWN;
		q->arg = take_address(in);
		q->cmd = take_u64(in) | 1ul << 40;
		break;
	default:
		take_ctrl(in, q);
	}
}

bool request_answer_is_documented(int error)
{
	static const int errors[] = {
		EEXIST, ENOENT, EACCES, ENODEV, 0,	    EINVAL,  ENXIO,
		ENOMEM, EBUSY,	EFAULT, EIO,	EOPNOTSUPP, EMSGSIZE};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (error == errors[i])
			return true;
	return false;
}
