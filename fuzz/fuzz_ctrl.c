// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Any requests, with any chains of options, from a few descriptors, by NIOCCTRL
 * and by the older ioctls: each gets an errno of the interface and a sentence
 * that says why, changes no byte of the caller that it may not, and at the end
 * all is free.
 *
 * Input: requests.h.
 */
#include "fuzz.h"
#include "requests.h"

static struct nm_core *core;
static struct nm_file *files[REQUEST_FILES];

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
	if (!request_answer_is_documented(-err))
		sim_die("request gave %d", err);
	check_refusal(seq, err);
	return err;
}

static void do_ctrl(struct nm_file *f, u64 arg)
{
	int err = ask(f, NIOCCTRL, arg);

	allow_reply(arg, err);
	check_changes(err);
}

/* NIOCREGIF, NIOCGINFO, NIOCCONFIG. On failure no byte may change, and on
 * success none of what is only asked. */
static void do_older(struct nm_file *f, unsigned long cmd, u64 arg)
{
	struct nmreq *r = room_at(arg, sizeof(*r));
	int err = ask(f, cmd, arg);

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
	struct request q;

	request_take(in, &q);
	switch (q.kind) {
	case REQUEST_REOPEN:
		reopen(q.file);
		break;
	case REQUEST_SYNC:
		nm_file_ioctl(files[q.file], NULL, q.cmd, q.arg);
		break;
	case REQUEST_POLL:
		nm_file_poll(files[q.file], NULL, (u32)q.arg, NULL);
		break;
	case REQUEST_UNKNOWN:
		sim_claim(nm_file_ioctl(files[q.file], NULL, q.cmd, q.arg) ==
			  -EOPNOTSUPP);
		break;
	case REQUEST_CTRL:
		do_ctrl(files[q.file], q.arg);
		break;
	case REQUEST_OLDER:
		do_older(files[q.file], q.cmd, q.arg);
		break;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct bytes in = {data, data + size};

	arena_make();
	memset(arena, 0, ARENA);
	sim_begin(1);
	core = world_make();
	for (u32 i = 0; i < REQUEST_FILES; i++)
		reopen(i);
	for (u32 n = 0; n < REQUEST_MAX && bytes_left(&in); n++)
		step(&in);
	for (u32 i = 0; i < REQUEST_FILES; i++) {
		nm_file_destroy(files[i]);
		files[i] = NULL;
	}
	world_end(core);
	fuzz_end();
	return 0;
}
