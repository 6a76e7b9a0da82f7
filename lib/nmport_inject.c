/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Sending one frame through a port. */
#include "lib.h"

#include <net/netmap_open.h>

int nmport_inject(struct nmport_d *d, const void *buf, size_t size)
{
	uint32_t rings = (uint32_t)d->last_tx_ring + 1 - d->first_tx_ring;
	uint16_t i = d->cur_tx_ring;

	if (!d->mmap_done || size == 0)
		return 0;
	while (rings--) {
		struct netmap_ring *ring = NETMAP_TXRING(d->nifp, i);

		if (nm_ring_fits_(ring, size)) {
			d->cur_tx_ring = i;
			nm_ring_put_(ring, buf, size);
			return (int)size;
		}
		i = nm_ring_after_(i, d->first_tx_ring, d->last_tx_ring);
	}
	return 0;
}
