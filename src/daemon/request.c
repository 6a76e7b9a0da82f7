// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdio.h>
#include "file.h"
#include "os_misc.h"
#include "request.h"

static u32 padded(u32 len)
{
	return (len + 7) & ~7u;
}

/* ---- what came ---- */

/* The piece at *at, which moves behind it; NULL: there is no whole one left. */
static const struct nmd_piece *piece_next(const struct nmd_request *rq,
					  const u8 **at)
{
	const struct nmd_piece *p = (const void *)*at;
	size_t left = (size_t)(rq->end - *at);

	if (left < sizeof(*p) || p->len > left - sizeof(*p) ||
	    padded(p->len) > left - sizeof(*p))
		return NULL;
	*at += sizeof(*p) + padded(p->len);
	return p;
}

static int parse(struct nmd_request *rq, u32 size)
{
	const u8 *at;

	if (size < sizeof(rq->call))
		return -EPROTO;
	memcpy(&rq->call, rq->message, sizeof(rq->call));
	if (rq->call.msg.type != NMD_CALL || rq->call.msg.size != size)
		return -EPROTO;
	rq->pieces = at = rq->message + sizeof(rq->call);
	rq->end = rq->message + size;
	for (u32 i = 0; i < rq->call.npieces; i++)
		if (!piece_next(rq, &at))
			return -EPROTO;
	return at == rq->end ? 0 : -EPROTO;
}

/* The first piece that covers [@user, @user + @len); or, with @len 0, the one
 * that says that there is nothing at @user. */
static const u8 *piece_find(const struct nmd_request *rq, u64 user, size_t len)
{
	const u8 *at = rq->pieces;

	for (u32 i = 0; i < rq->call.npieces; i++) {
		const struct nmd_piece *p = piece_next(rq, &at);
		u64 skip = user - p->addr;

		if (!len && !p->len && p->addr == user)
			return (const u8 *)(p + 1);
		if (len && skip < p->len && len <= p->len - skip)
			return (const u8 *)(p + 1) + skip;
	}
	return NULL;
}

/* @err, or -ERESTART and the note that something is missing. */
static int need(struct nmd_request *rq, u64 addr, size_t len, int err)
{
	if (len > NMD_MESSAGE_MAX || piece_find(rq, addr, 0))
		return err;
	if (!rq->need.len)
		rq->need = (struct nmd_need){
			.msg = {NMD_NEED, sizeof(rq->need)},
			.len = (u32)len,
			.addr = addr,
		};
	return -ERESTART;
}

static struct nmd_request *request_of(struct os_caller *c)
{
	return (struct nmd_request *)(void *)c; /* its first member */
}

static int copyin(struct os_caller *c, void *dst, u64 user, size_t len)
{
	struct nmd_request *rq = request_of(c);
	const u8 *at = len ? piece_find(rq, user, len) : NULL;

	if (!at && len)
		return need(rq, user, len, -EFAULT);
	memcpy(dst, at, len);
	return 0;
}

/* ---- what goes ---- */

static int copyout(struct os_caller *c, u64 user, const void *src, size_t len)
{
	struct nmd_request *rq = request_of(c);
	struct nmd_piece p = {.addr = user, .len = (u32)len};
	u32 room = sizeof(rq->answer) - rq->answer_size;

	if (len > room || sizeof(p) + padded((u32)len) > room)
		return -EFAULT;
	memcpy(rq->answer + rq->answer_size, &p, sizeof(p));
	rq->answer_size += sizeof(p);
	memcpy(rq->answer + rq->answer_size, src, len);
	memset(rq->answer + rq->answer_size + len, 0, padded((u32)len) - len);
	rq->answer_size += padded((u32)len);
	rq->answer_pieces++;
	return 0;
}

static void answer_need(struct nmd_request *rq)
{
	rq->answer_size = sizeof(rq->need);
	memcpy(rq->answer, &rq->need, sizeof(rq->need));
}

static void answer_done(struct nmd_request *rq, const struct nm_file *file,
			int err)
{
	struct nmd_done done = {
		.msg = {NMD_DONE, rq->answer_size},
		.error = -err,
		.npieces = rq->answer_pieces,
		.bound = nm_file_is_bound(file),
	};

	if (err)
		snprintf(done.sentence, sizeof(done.sentence), "%s",
			 os_last_refusal());
	memcpy(rq->answer, &done, sizeof(done));
}

/* ---- requests ---- */

int nmd_request_init(struct nmd_request *rq, u32 size)
{
	rq->caller.copyin = copyin;
	rq->caller.copyout = copyout;
	return parse(rq, size);
}

void nmd_request_serve(struct nmd_request *rq, struct nm_file *file)
{
	int err;

	rq->need.len = 0;
	rq->answer_size = sizeof(struct nmd_done);
	rq->answer_pieces = 0;
	os_refuse(0, "%s", "");
	err = nm_file_ioctl(file, &rq->caller, rq->call.cmd, rq->call.arg);
	if (err == -ERESTART && rq->need.len)
		answer_need(rq);
	else
		answer_done(rq, file, err);
}
