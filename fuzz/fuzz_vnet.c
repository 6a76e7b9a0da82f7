// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Any header before any frame: nothing outside of the frame is touched, and
 * what comes out is within bounds.
 *
 * Input: 10 bytes of virtio-net header, then the frame.
 */
#include <stdlib.h>
#include "fuzz.h"
#include "vnet.h"

#define OUT (NM_VNET_MAX + NM_VNET_TAG)

/* Memory of its own, so that a byte beside it is seen by the sanitizers. */
static u8 *copy_of(const u8 *data, size_t size)
{
	u8 *p = malloc(size ? size : 1);

	sim_claim(p);
	memcpy(p, data, size);
	return p;
}

static void cut(const struct nm_vnet_hdr *h, u8 *frame, u32 len)
{
	u8 *out = copy_of((u8[OUT]){0}, OUT);
	struct nm_vnet_cut c;
	u32 n, pieces = 0, payload = 0;

	if (nm_vnet_cut_begin(&c, h, frame, len, 1)) {
		while ((n = nm_vnet_cut_next(&c, out))) {
			sim_claim(n <= OUT && n >= c.head);
			sim_claim(!memcmp(out, frame, 12));
			payload += n - c.head;
			pieces++;
		}
		sim_claim(pieces && pieces <= NM_VNET_PIECES);
		sim_claim(payload >= len - c.head);
		sim_claim(c.pos == len - c.head);
	}
	free(out);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct nm_vnet_hdr h;
	u8 *frame;

	if (size < NM_VNET_HDR_LEN + 14 || size > 65000)
		return 0;
	h = nm_vnet_hdr_read(data);
	data += NM_VNET_HDR_LEN;
	size -= NM_VNET_HDR_LEN;
	frame = copy_of(data, size);
	if (nm_vnet_is_gso(&h))
		cut(&h, frame, (u32)size);
	else if (!nm_vnet_finish(&h, frame, (u32)size))
		sim_claim(!memcmp(frame, data, size));
	free(frame);
	return 0;
}
