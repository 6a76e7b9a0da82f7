// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Any requests, with any chains of options, from a few descriptors, by NIOCCTRL
 * and by the older ioctls: each gets an errno of the interface and a sentence
 * that says why, changes no byte of the caller that it may not, and at the end
 * all is free.
 *
 * The caller's memory is two pages before one that is not there. Input: a
 * sequence of operations; a request says where its parts lie, so they may
 * overlap, run into the missing page, or be nowhere.
 */
#include <sys/mman.h>

#include "fuzz.h"

#define ARENA (2 * 4096u)
#define FILES 4
#define NAMES 12

static u8 *arena;
static struct nm_core *core;
static struct nm_file *files[FILES];

static void arena_make(void)
{
	if (arena)
		return;
	arena = mmap(NULL, ARENA + 4096, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sim_claim(arena != MAP_FAILED);
	sim_claim(!mprotect(arena + ARENA, 4096, PROT_NONE));
}

/* An address that a program might pass. */
static u64 take_address(struct bytes *in)
{
	u32 v = take_u32(in);

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

/* Room at @addr in the arena, or NULL; words of it can be written. */
static void *room_at(u64 addr, size_t len)
{
	u64 off = addr - (uintptr_t)arena;

	return off < ARENA && ARENA - off >= len && off % 8 == 0 ? arena + off
								 : NULL;
}

/* ---- making requests ---- */

static u32 take_count(struct bytes *in)
{
	static const u32 counts[] = {0,	 1,  2,	  3,	4,    5,     8,
				     16, 17, 256, 1024, 4096, 65535, 300};
	u8 v = take_u8(in);

	return v < 14 ? counts[v] : v;
}

static void fill_register(struct bytes *in, struct nmreq_register *r)
{
	u32 rings, slots;

	r->nr_tx_rings = (u16)take_count(in);
	r->nr_rx_rings = (u16)take_count(in);
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

static void fill_body(struct bytes *in, u16 type, u64 addr)
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
static void fill_options(struct bytes *in, u64 *next)
{
	for (u32 n = take_u8(in) % 6; n; n--) {
		u64 addr = take_address(in);
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

static void fill_name(struct bytes *in, char name[NM_NAME_LEN])
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
	u8 v = take_u8(in);

	memset(name, 0, NM_NAME_LEN);
	if (v < 250)
		memcpy(name, names[v % NAMES], strlen(names[v % NAMES]));
	else
		take_bytes(in, name, NM_NAME_LEN);
}

static u16 take_type(struct bytes *in)
{
	u8 v = take_u8(in);

	if (v < 100)
		return NETMAP_REQ_REGISTER;
	if (v < 130)
		return NETMAP_REQ_X_STATS_GET;
	if (v < 140)
		return NETMAP_REQ_X_REFUSALS_GET;
	return v % 20;
}

/* ---- what may change ---- */

static u8 before[ARENA], allowed[ARENA];

static void allow(u64 addr, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		u64 off = addr + i - (uintptr_t)arena;

		if (off < ARENA)
			allowed[off] = 1;
	}
}

/* As the caller had them when it asked. */
static void allow_reply(u64 arg, int err)
{
	struct nmreq_header h;
	struct nmreq_option o;
	u64 at;
	void *p = room_at(arg, sizeof(h));

	memset(allowed, 0, sizeof(allowed));
	if (!p)
		return;
	memcpy(&h, before + ((u8 *)p - arena), sizeof(h));
	if (!err)
		allow(h.nr_body, sizeof(struct nmreq_x_refusal));
	at = h.nr_options;
	for (u32 n = 0; n < 200 && at; n++) {
		p = room_at(at, sizeof(o));
		if (!p)
			break;
		memcpy(&o, before + ((u8 *)p - arena), sizeof(o));
		allow(at + offsetof(struct nmreq_option, nro_status), 4);
		if (!err)
			allow(at, NETMAP_REQ_MAXSIZE);
		at = o.nro_next;
	}
}

static void check_changes(int err)
{
	for (u32 i = 0; i < ARENA; i++) {
		if (arena[i] != before[i] && !allowed[i])
			sim_die("byte %u of the caller was changed, errno %d",
				i, -err);
	}
}

static bool is_documented(int err)
{
	static const int errs[] = {-EEXIST,  -ENOENT, -EACCES, -ENODEV,
				   0,	     -EINVAL, -ENXIO,  -ENOMEM,
				   -EBUSY,   -EFAULT, -EIO,    -EOPNOTSUPP,
				   -EMSGSIZE};

	for (size_t i = 0; i < sizeof(errs) / sizeof(errs[0]); i++) {
		if (err == errs[i])
			return true;
	}
	return false;
}

/* A refusal has a sentence of its own, and is remembered with it; the end of a
 * list is not a refusal. @seq: the next number before the request. */
static void check_refusal(u64 seq, int err)
{
	struct nm_refusal r;
	int found = nm_refusals_get(&core->refusals, seq, &r);

	if (!err || err == -ENOENT) {
		sim_claim(found == -ENOENT);
		return;
	}
	sim_claim(!found && r.seq == seq && r.error == (u32)-err);
	if (!r.sentence[0])
		sim_die("no sentence for errno %d of request %u", -err,
			r.request);
}

/* ---- operations ---- */

static int ask(struct nm_file *f, unsigned long cmd, u64 arg)
{
	u64 seq = core->refusals.next;
	int err;

	memcpy(before, arena, ARENA);
	err = nm_file_ioctl(f, NULL, cmd, arg);
	if (!is_documented(err))
		sim_die("request gave %d", err);
	check_refusal(seq, err);
	return err;
}

static void do_ctrl(struct bytes *in, struct nm_file *f)
{
	u64 arg = take_address(in);
	struct nmreq_header *h = room_at(arg, sizeof(*h));
	int err;

	if (h) {
		u8 odd = take_u8(in);

		h->nr_version = odd == 255 ? take_u8(in) : NETMAP_API;
		h->nr_reserved = odd == 254;
		h->nr_reqtype = take_type(in);
		fill_name(in, h->nr_name);
		h->nr_body = take_address(in);
		h->nr_options = 0;
		fill_body(in, h->nr_reqtype, h->nr_body);
		fill_options(in, &h->nr_options);
	}
	err = ask(f, NIOCCTRL, arg);
	allow_reply(arg, err);
	check_changes(err);
}

static void fill_flat(struct bytes *in, struct nmreq *r)
{
	char name[NM_NAME_LEN];
	struct nmreq_register reg;

	fill_name(in, name);
	fill_register(in, &reg);
	*r = (struct nmreq){
		.nr_version = take_u8(in) == 255 ? take_u8(in) : NETMAP_API,
		.nr_tx_slots = reg.nr_tx_slots,
		.nr_rx_slots = reg.nr_rx_slots,
		.nr_tx_rings = reg.nr_tx_rings,
		.nr_rx_rings = reg.nr_rx_rings,
		.nr_ringid = (u16)take_u32(in),
		.nr_cmd = take_u8(in) & 1 ? take_u8(in) % 14 : 0,
		.nr_arg1 = take_u8(in),
		.nr_arg2 = reg.nr_mem_id,
		.nr_arg3 = reg.nr_extra_bufs,
		.nr_flags = (u32)reg.nr_flags & ~(u32)NR_REG_MASK,
	};
	r->nr_flags |= reg.nr_mode;
	memcpy(r->nr_name, name, sizeof(r->nr_name));
}

/* NIOCREGIF, NIOCGINFO, NIOCCONFIG. On failure no byte may change, and on
 * success none of what is only asked. */
static void do_older(struct bytes *in, struct nm_file *f)
{
	static const unsigned long cmds[] = {NIOCREGIF, NIOCREGIF, NIOCGINFO,
					     NIOCCONFIG};
	unsigned long cmd = cmds[take_u8(in) % 4];
	u64 arg = take_address(in);
	struct nmreq *r = room_at(arg, sizeof(*r));
	int err;

	if (cmd == NIOCCONFIG) {
		char *name = room_at(arg, sizeof(struct nm_ifreq));
		char full[NM_NAME_LEN];

		fill_name(in, full);
		if (name)
			memcpy(name, full, IFNAMSIZ);
	} else if (r) {
		fill_flat(in, r);
	}
	err = ask(f, cmd, arg);
	memset(allowed, 0, sizeof(allowed));
	if (!err && cmd != NIOCCONFIG) {
		allow(arg + offsetof(struct nmreq, nr_offset), 20);
		allow(arg + offsetof(struct nmreq, nr_arg1), 8);
		if (r && r->nr_cmd == NETMAP_BDG_LIST)
			allow(arg, IFNAMSIZ);
	}
	check_changes(err);
}

static void reopen(u32 i)
{
	if (files[i])
		nm_file_destroy(files[i]);
	sim_claim(!nm_file_create(core, &files[i]));
}

static void step(struct bytes *in)
{
	u8 op = take_u8(in);
	u32 i = op % FILES;

	if (op >= 224) {
		do_older(in, files[i]);
		return;
	}
	switch (op / FILES % 8) {
	case 0:
		reopen(i);
		break;
	case 1:
		nm_file_ioctl(files[i], NULL, NIOCTXSYNC, take_u8(in));
		break;
	case 2:
		nm_file_ioctl(files[i], NULL, NIOCRXSYNC, take_u8(in));
		break;
	case 3:
		nm_file_poll(files[i], NULL, take_u8(in), NULL);
		break;
	case 4:
		sim_claim(nm_file_ioctl(files[i], NULL,
					take_u64(in) | 1ul << 40,
					take_address(in)) == -EOPNOTSUPP);
		break;
	default:
		do_ctrl(in, files[i]);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct bytes in = {data, data + size};

	arena_make();
	memset(arena, 0, ARENA);
	sim_begin(1);
	core = world_make();
	for (u32 i = 0; i < FILES; i++)
		reopen(i);
	for (u32 n = 0; n < 64 && bytes_left(&in); n++)
		step(&in);
	for (u32 i = 0; i < FILES; i++) {
		nm_file_destroy(files[i]);
		files[i] = NULL;
	}
	world_end(core);
	fuzz_end();
	return 0;
}
