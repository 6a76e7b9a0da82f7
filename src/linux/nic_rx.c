// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Frames of an rx queue on their way into its ring: seen by programs, and told
 * to sleepers, once per burst. A burst ends when the softirq that has brought
 * its frames comes to our NAPI, which is behind the driver's.
 */
#include "nic_int.h"

static int burst_end(struct napi_struct *napi, int budget)
{
	struct knm_nic_rx *rx = container_of(napi, struct knm_nic_rx, napi);

	spin_lock(&rx->lock);
	rx->pending = false;
	nm_nic_rx_end(&rx->burst);
	spin_unlock(&rx->lock);
	napi_complete(napi);
	return 0;
}

void knm_nic_rx_init(struct knm_nic_rx *rx, u32 ring)
{
	rx->ring = ring;
	spin_lock_init(&rx->lock);
	netif_napi_add(knm_nic_owner, &rx->napi, burst_end);
}

void knm_nic_rx_fini(struct knm_nic_rx *rx)
{
	__netif_napi_del(&rx->napi);
}

void knm_nic_rx_start(struct knm_nic_rx *rx, struct nm_port *port)
{
	rx->pending = false;
	napi_enable(&rx->napi);
	/* Pairs with those who take frames: the ring is ready. */
	smp_store_release(&rx->port, port);
}

void knm_nic_rx_stop(struct knm_nic_rx *rx)
{
	WRITE_ONCE(rx->port, NULL);
	synchronize_net();
	napi_disable(&rx->napi);
}
