/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Why a request was refused, in the words of the device, if it keeps them
 * (NETMAP_REQ_X_REFUSALS_GET). */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <net/netmap_ext.h>

#include "lib.h"

/* The refusal numbered @seq, or the first one after it. */
static bool next_refusal(int fd, uint64_t seq, struct nmreq_x_refusal *r)
{
	struct nmreq_header hdr;

	memset(r, 0, sizeof(*r));
	r->x_size = sizeof(*r);
	r->x_seq = seq;
	nmreq_header_init(&hdr, NETMAP_REQ_X_REFUSALS_GET, r);
	return ioctl(fd, NIOCCTRL, &hdr) == 0 && r->x_size >= sizeof(*r) &&
	       r->x_seq >= seq;
}

void nmreq_refusal(int fd, uint16_t reqtype, char sentence[NMREQ_REFUSAL_SIZE])
{
	struct nmreq_x_refusal r;
	uint64_t seq = 0;

	sentence[0] = '\0';
	for (; next_refusal(fd, seq, &r); seq = r.x_seq + 1) {
		if (r.x_request != reqtype || r.x_pid != (uint32_t)getpid())
			continue;
		sentence[0] = ':';
		sentence[1] = ' ';
		memcpy(sentence + 2, r.x_sentence, sizeof(r.x_sentence));
	}
}

/* Any request would do that changes nothing, and is not kept as a refusal. */
bool nmreq_is_abandoned(int fd)
{
	struct nmreq_x_refusal r;

	errno = 0;
	return !next_refusal(fd, UINT64_MAX, &r) && errno == ENOTCONN;
}
