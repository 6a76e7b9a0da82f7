// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Any messages on a line of netmapd, as calls of one descriptor: what is no call
 * is refused, what is missing is asked for, and the answers are well formed.
 * Here the core has the user home, as in netmapd.
 *
 * Input: messages. Two bytes, the length of what follows.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include "core.h"
#include "file.h"
#include "request.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CLAIM(what)                                             \
	do {                                                    \
		if (!(what)) {                                  \
			fprintf(stderr, "not so: %s\n", #what); \
			abort();                                \
		}                                               \
	} while (0)

/* Regions are small: one that is not takes longer than a fuzzer waits. */
static void init(void)
{
	const struct rlimit limit = {64u << 20, 64u << 20};

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
}

/* Its own: they are closed with the request. */
static void check_done(const struct nmd_request *rq)
{
	const struct nmd_done *done = (const void *)rq->answer;
	const u8 *at = rq->answer + sizeof(*done);
	const u8 *end = rq->answer + rq->answer_size;

	CLAIM(done->error >= 0 && done->error < 4096);
	CLAIM(done->sentence[NMD_SENTENCE_LEN - 1] == '\0');
	for (u32 i = 0; i < done->npieces; i++) {
		struct nmd_piece p;

		CLAIM((size_t)(end - at) >= sizeof(p));
		memcpy(&p, at, sizeof(p));
		at += sizeof(p);
		CLAIM((size_t)(end - at) >= p.len);
		at += (p.len + 7) & ~7u;
	}
	CLAIM(at == end);
}

static void check_need(const struct nmd_request *rq)
{
	const struct nmd_need *need = (const void *)rq->answer;

	CLAIM(rq->answer_size == sizeof(*need));
	CLAIM(need->len && need->len <= NMD_MESSAGE_MAX);
}

static void serve(struct nmd_request *rq, struct nm_file *file)
{
	const struct nmd_msg *answer = (const void *)rq->answer;

	nmd_request_serve(rq, file);
	CLAIM(rq->answer_size <= NMD_MESSAGE_MAX);
	CLAIM(answer->size == rq->answer_size);
	if (answer->type == NMD_NEED)
		check_need(rq);
	else
		check_done(rq);
}

static void take(const u8 *data, u32 size, struct nm_file *file)
{
	/* Of its own, so that a byte behind the end is seen. */
	struct nmd_request *rq = malloc(sizeof(*rq));

	CLAIM(rq);
	memcpy(rq->message, data, size);
	if (!nmd_request_init(rq, size))
		serve(rq, file);
	free(rq);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const u8 *end = data + size;
	struct nm_params params;
	struct nm_core *core;
	struct nm_file *file;

	init();
	nm_params_init(&params);
	CLAIM(!nm_core_create(&core, &params));
	CLAIM(!nm_file_create(core, &file));
	while (end - data > 2) {
		u32 len = data[0] | (u32)data[1] << 8;

		data += 2;
		if (len > (size_t)(end - data))
			len = (u32)(end - data);
		if (len > NMD_MESSAGE_MAX)
			len = NMD_MESSAGE_MAX;
		take(data, len, file);
		data += len;
	}
	nm_file_destroy(file);
	nm_core_destroy(core);
	return 0;
}
