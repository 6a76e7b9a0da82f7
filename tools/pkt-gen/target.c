// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "target.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <net/netmap_user.h>
#include "cli.h"

bool target_init(struct target *t, const struct options *o)
{
	static const struct {
		const char *prefix;
		enum target_kind kind;
	} kinds[] = {{"tap:", TARGET_TAP}, {"pcap:", TARGET_PCAP}};

	memset(t, 0, sizeof(*t));
	t->fd = -1;
	t->vnet = o->vnet;
	for (unsigned i = 0; i < 2; i++) {
		if (strncmp(o->port, kinds[i].prefix,
			    strlen(kinds[i].prefix)) != 0)
			continue;
		t->kind = kinds[i].kind;
		snprintf(t->spec, sizeof(t->spec), "%s",
			 o->port + strlen(kinds[i].prefix));
		return *t->spec ? true
				: cli_fail("%s: a name is missing", o->port);
	}
	if (strcmp(o->port, "null") == 0) {
		t->kind = TARGET_NULL;
		return true;
	}
	t->kind = TARGET_NETMAP;
	return ports_spec(o->port, t->spec)
		       ? true
		       : cli_fail("%s: longer than %d characters", o->port,
				  PORTS_SPEC - 1);
}

/* ---- netmap ports ---- */

static bool is_software(const struct target *t)
{
	char name[IFNAMSIZ];

	return !ports_interface(t->spec, name);
}

static struct nmport_d *prepare_first(const struct target *t,
				      const struct options *o, unsigned n)
{
	struct nmport_d *d = nmport_prepare(t->spec);

	if (!d)
		return NULL;
	if (o->tx_slots)
		d->reg.nr_tx_slots = o->tx_slots;
	if (o->rx_slots)
		d->reg.nr_rx_slots = o->rx_slots;
	if (o->tx_rings)
		d->reg.nr_tx_rings = o->tx_rings;
	if (o->rx_rings)
		d->reg.nr_rx_rings = o->rx_rings;
	if (n > 1 && !d->reg.nr_tx_rings && is_software(t))
		d->reg.nr_tx_rings = (uint16_t)n;
	if (n > 1 && !d->reg.nr_rx_rings && is_software(t))
		d->reg.nr_rx_rings = (uint16_t)n;
	return d;
}

/* Rings that threads may have one each of. */
static unsigned pairs(const struct nmport_d *d, const struct options *o)
{
	if (options_send(o))
		return d->reg.nr_tx_rings;
	if (options_receive(o))
		return d->reg.nr_rx_rings;
	return d->reg.nr_tx_rings < d->reg.nr_rx_rings ? d->reg.nr_tx_rings
						       : d->reg.nr_rx_rings;
}

static bool bind_one(struct target *t, unsigned index)
{
	if (t->d->reg.nr_mode != NR_REG_ALL_NIC)
		return cli_fail("%s: names a ring; threads (-p) need a port "
				"with all its rings",
				t->spec);
	t->d->reg.nr_mode = NR_REG_ONE_NIC;
	t->d->reg.nr_ringid = (uint16_t)index;
	return true;
}

static bool check_rings(const struct target *t, const struct options *o)
{
	if (!ports_has_tx(t->d) && !options_receive(o))
		return cli_fail("%s: has no transmit rings", t->spec);
	if (!ports_has_rx(t->d) && !options_send(o))
		return cli_fail("%s: has no receive rings", t->spec);
	return true;
}

static bool set_header(struct target *t, const struct options *o)
{
	uint32_t len = ports_header(t->d);

	if (o->vnet && o->vnet != len) {
		if (!ports_set_header(t->d, o->vnet))
			return cli_fail("%s: cannot have a virtio-net header "
					"of %u bytes: %s",
					t->spec, o->vnet, strerror(errno));
		len = o->vnet;
	}
	t->vnet = len;
	return true;
}

static bool netmap_open(struct target *t, const struct options *o,
			unsigned index, unsigned *n, const struct target *first)
{
	t->d = first ? nmport_clone(first->d) : prepare_first(t, o, *n);
	if (!t->d)
		return false; /* libnetmap said why */
	if (first)
		t->d->reg.nr_ringid = (uint16_t)index;
	else if (*n != 1 && !bind_one(t, 0))
		return false;
	t->d->reg.nr_flags |= NR_ACCEPT_VNET_HDR;
	if (options_receive(o))
		t->d->reg.nr_flags |= NR_NO_TX_POLL;
	if (nmport_open_desc(t->d))
		return false;
	if (*n == 0)
		*n = pairs(t->d, o) < MAX_THREADS ? pairs(t->d, o)
						  : MAX_THREADS;
	if (*n != 1 && *n > pairs(t->d, o))
		return cli_fail("%s: has %u rings for %u threads (-p); a port "
				"that is made gets more by @conf:rings=%u",
				t->spec, pairs(t->d, o), *n, *n);
	return check_rings(t, o) && set_header(t, o);
}

/* ---- every kind ---- */

bool target_open(struct target *t, const struct options *o, unsigned index,
		 unsigned *n, const struct target *first)
{
	if (t->kind == TARGET_NETMAP)
		return netmap_open(t, o, index, n, first);
	if (*n == 0)
		*n = 1;
	if (*n > 1 && t->kind != TARGET_NULL)
		return cli_fail("%s: serves one thread, not %u (-p)", o->port,
				*n);
	return plain_open(t, o);
}

void target_close(struct target *t)
{
	nmport_close(t->d);
	t->d = NULL;
	plain_close(t);
}

int target_send(struct target *t, const uint8_t *data, uint32_t len)
{
	if (t->kind != TARGET_NETMAP)
		return plain_send(t, data, len);
	return nmport_inject(t->d, data, len) == (int)len;
}

bool target_flush(struct target *t)
{
	if (t->kind != TARGET_NETMAP || ioctl(t->d->fd, NIOCTXSYNC, NULL) == 0)
		return true;
	return cli_fail("%s: cannot send: %s", t->spec, strerror(errno));
}

bool target_wait(struct target *t, bool for_room, int ms)
{
	struct pollfd p = {.fd = t->d ? t->d->fd : t->fd,
			   .events = for_room ? POLLOUT : POLLIN};
	int n = poll(&p, 1, ms);

	if (n < 0 && errno != EINTR)
		return cli_fail("%s: cannot wait: %s", t->spec,
				strerror(errno));
	if (n > 0 && (p.revents & POLLERR))
		return cli_fail("%s: the port has failed, or is gone", t->spec);
	return true;
}
