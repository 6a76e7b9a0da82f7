/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * request.h - an ioctl of a program: what it sent of its memory, and what is to
 * be written there. A caller of the core (os_caller.h).
 *
 *   nmd_call, pieces --> request --nm_file_ioctl()--> nmd_done, pieces
 *                                                 or  nmd_need
 */
#ifndef NMD_REQUEST_H
#define NMD_REQUEST_H

#include "os_caller.h"
#include "wire.h"

struct nm_file;

struct nmd_request {
	struct os_caller caller;
	struct nmd_call call;
	const u8 *pieces, *end; /* in message[] */
	struct nmd_need need;	/* len 0: nothing is missing */
	u32 answer_size, answer_pieces;
	u8 message[NMD_MESSAGE_MAX] __attribute__((aligned(8)));
	u8 answer[NMD_MESSAGE_MAX] __attribute__((aligned(8)));
};

/* Takes in the @size bytes of message[]. -EPROTO: that is no call. */
int nmd_request_init(struct nmd_request *rq, u32 size);

/* Serves it, and makes the answer. Thread. */
void nmd_request_serve(struct nmd_request *rq, struct nm_file *file);

#endif
