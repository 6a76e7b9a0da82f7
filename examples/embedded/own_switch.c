// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* own_switch.c - a switch with a switching function of our own: a table says to
 * which port frames go by their first byte, and is changed under traffic.
 *	cc -o own_switch own_switch.c $(pkg-config --cflags --libs netmap-embedded)
 */
#include <netmap_embedded.h>
#include <net/netmap_user.h>
#include <stdio.h>

struct table {
	uint32_t port_of[256]; /* ports are numbered as they open */
};

static uint32_t lookup(const struct nm_vale_frame *f, uint32_t *ring,
		       void *priv)
{
	(void)ring; /* stays the sender's */
	return ((const struct table *)priv)->port_of[f->data[0]];
}

static int replace(void **priv, void *next)
{
	*priv = next;
	return 0;
}

static void send_one(struct nme_port *from)
{
	struct netmap_ring *tx = NETMAP_TXRING(nme_if(from), 0);

	NETMAP_BUF(tx, tx->slot[tx->head].buf_idx)[0] = 7;
	tx->slot[tx->head].len = 60;
	tx->head = tx->cur = nm_ring_next(tx, tx->head);
	nme_txsync(from);
}

int main(void)
{
	static struct table to_a = {{[7] = 1}}, to_b = {{[7] = 2}};
	const struct nm_switch_ops ops = {.lookup = lookup};
	struct nme_port *from, *a, *b;
	struct nme *world;
	uint64_t token; /* who has not got it cannot change the switch */

	if (nme_create(&world, NULL) ||
	    nme_switch_create(world, "vale0", &token) ||
	    nme_switch_set_ops(world, "vale0", &ops, &to_a, token) ||
	    nme_open(world, "vale0:from", &from) ||
	    nme_open(world, "vale0:a", &a) || nme_open(world, "vale0:b", &b))
		return puts(nme_error()), 1;
	send_one(from);
	nme_switch_update(world, "vale0", replace, &to_b, token);
	send_one(from), send_one(from);
	nme_rxsync(a), nme_rxsync(b);
	printf("%u to a, %u to b\n", nm_ring_space(NETMAP_RXRING(nme_if(a), 0)),
	       nm_ring_space(NETMAP_RXRING(nme_if(b), 0)));
	nme_close(from), nme_close(a), nme_close(b);
	return nme_switch_destroy(world, "vale0", token) || nme_destroy(world);
}
