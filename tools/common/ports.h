/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* ports.h - what the tools know of netmap ports beside libnetmap. */
#ifndef TOOLS_PORTS_H
#define TOOLS_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libnetmap.h>

#define PORTS_SPEC 256

/*
 * The specification that the user means by @name: netmap:NAME if @name, or what
 * is in front of its ring, flags and options, is an interface of the system;
 * else @name as it is. False: too long.
 */
bool ports_spec(const char *name, char spec[PORTS_SPEC]);

/* The interface in @spec, if it is on one and no pipe. */
bool ports_interface(const char *spec, char name[IFNAMSIZ]);

/* Waits, up to @seconds, until the interface of @spec has a carrier. True at
 * once where there is no interface. */
bool ports_wait_link(const char *spec, unsigned seconds);

/* Asks for the length of the virtio-net header of @d's frames (PORT_HDR_GET);
 * 0 where a port has none. */
uint32_t ports_header(const struct nmport_d *d);
/* Sets it. False and errno. */
bool ports_set_header(const struct nmport_d *d, uint32_t len);

/* Has @d any ring of that direction? */
static inline bool ports_has_tx(const struct nmport_d *d)
{
	return (uint16_t)(d->last_tx_ring + 1) > d->first_tx_ring;
}

static inline bool ports_has_rx(const struct nmport_d *d)
{
	return (uint16_t)(d->last_rx_ring + 1) > d->first_rx_ring;
}

#endif
