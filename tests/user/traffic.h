/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* traffic.h - numbered frames for tests of the embedded runtime. */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>
#include <netmap_embedded.h>
#include <net/netmap_ext.h>

#define FRAME_LEN 60

/* What a frame carries after its Ethernet header. */
struct stamp {
	uint32_t source;
	uint32_t number;
};

/* A handle, or the test fails with the sentence. */
struct nme_port *port_open(struct nme *w, const char *spec);

/* Puts up to @n frames from station @src to @dst, numbered from *@number on,
 * into tx ring 0 and syncs; returns how many. */
uint32_t frames_send(struct nme_port *p, uint32_t src, uint32_t dst,
		     uint32_t *number, uint32_t n);

/* Syncs rx ring 0 and calls @fn for each frame that is there; returns how
 * many. */
uint32_t frames_take(struct nme_port *p,
		     void (*fn)(const struct stamp *s, void *arg), void *arg);

/* Makes @station known on @p's switch. */
void station_announce(struct nme_port *p, uint32_t station);

/* The port's counters of one direction. */
struct nmreq_x_stats stats_of(struct nme_port *p, const char *name,
			      uint16_t dir);

#endif
