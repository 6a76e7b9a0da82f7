// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Every ioctl but the syncs passes here, and a refused one is remembered. */
#include "net/netmap_ext.h"
#include "req.h"

static int serve(struct nm_file *file, struct os_caller *caller,
		 unsigned long cmd, u64 arg, u32 *request)
{
	switch (cmd) {
	case NIOCCTRL:
		return nm_req_ctrl(file, caller, arg, request);
	case NIOCGINFO:
	case NIOCREGIF:
		return nm_req_legacy(file, caller, cmd, arg, request);
	case NIOCCONFIG:
		return nm_req_config(file, caller, arg);
	default:
		return os_refuse(-EOPNOTSUPP, "ioctl number 0x%llx is not ours",
				 (unsigned long long)cmd);
	}
}

/* Out of line: its frame is large, and requests nest deep enough. */
__attribute__((__noinline__)) static void remember(struct nm_refusals *to,
						   struct os_caller *caller,
						   unsigned long cmd,
						   u32 request, int err)
{
	struct nm_refusal r = {
		.error = (u32)-err,
		.ioctl = (u32)cmd,
		.request = request,
	};

	os_realtime(&r.sec, &r.usec);
	os_caller_id(caller, &r.pid, r.program);
	os_refusal(r.sentence, sizeof(r.sentence));
	nm_refusals_add(to, &r);
}

/* ENOENT is the end of a list, and who asked knows; and who was interrupted.
 * ERESTART is no answer yet. */
static bool is_refusal(int err)
{
	return err && err != -ENOENT && err != -EINTR && err != -OS_EINTR &&
	       err != -ERESTART;
}

int nm_file_ioctl(struct nm_file *file, struct os_caller *caller,
		  unsigned long cmd, u64 arg)
{
	u32 request = 0;
	int err;

	if (cmd == NIOCTXSYNC)
		return nm_file_txsync(file, caller);
	if (cmd == NIOCRXSYNC)
		return nm_file_rxsync(file, caller);
	os_refusal(NULL, 0); /* of a sync before, perhaps */
	err = serve(file, caller, cmd, arg, &request);
	if (is_refusal(err))
		remember(&file->core->refusals, caller, cmd, request, err);
	return err;
}

int nm_req_x_refusals_get(struct nm_req *rq)
{
	struct nmreq_x_refusal *b = (void *)rq->data;
	struct nm_refusal r;
	int err;

	_Static_assert(sizeof(b->x_program) == sizeof(r.program) &&
			       sizeof(b->x_sentence) == sizeof(r.sentence),
		       "texts are as long inside as outside");
	err = nm_refusals_get(&rq->file->core->refusals, b->x_seq, &r);
	if (err)
		return os_refuse(err, "no request was refused since");
	*b = (struct nmreq_x_refusal){
		.x_size = (uint16_t)rq->body_len,
		.x_request = (uint16_t)r.request,
		.x_error = r.error,
		.x_seq = r.seq,
		.x_sec = r.sec,
		.x_usec = (uint32_t)r.usec,
		.x_pid = r.pid,
		.x_ioctl = r.ioctl,
	};
	memcpy(b->x_program, r.program, sizeof(r.program));
	memcpy(b->x_sentence, r.sentence, sizeof(r.sentence));
	return 0;
}
