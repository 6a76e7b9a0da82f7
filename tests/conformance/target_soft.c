// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "soft.h"
#include "target_soft.h"

#define NICS_MAX 64

static struct soft_nic *nics[NICS_MAX];
static char names[NICS_MAX][IFNAMSIZ];

static unsigned at(const char *name)
{
	for (unsigned i = 0; i < NICS_MAX; i++)
		if (nics[i] && !strcmp(names[i], name))
			return i;
	/* One that came with a persistent port is not in the table. */
	return NICS_MAX;
}

static struct soft_nic *of(const char *name)
{
	struct soft_nic *s = soft_find(t_core(), name);

	if (s)
		return s;
	printf("Bail out! no interface %s\n", name);
	exit(1);
}

static int create(const char *name, const struct t_nic *t)
{
	struct soft_conf conf = {
		.rings = {t->tx_rings, t->rx_rings},
		.slots = {t->tx_slots, t->rx_slots},
		.descs = t->descs,
		.mtu = t->mtu,
		.frags = t->frags,
		.manual = t->manual,
		.lazy = t->lazy,
	};
	unsigned i = 0;

	while (i < NICS_MAX - 1 && nics[i])
		i++;
	snprintf(names[i], sizeof(names[i]), "%s", name);
	return -soft_create(t_core(), name, &conf, &nics[i]);
}

static void nic_remove(const char *name)
{
	unsigned i = at(name);

	if (i == NICS_MAX)
		return;
	soft_destroy(t_core(), nics[i]);
	nics[i] = NULL;
}

static bool fwd;

static void set_fwd(bool on)
{
	fwd = on;
	os_store(&t_core()->params.fwd, (u32)on);
}

static void remove_all(void)
{
	for (unsigned i = 0; i < NICS_MAX; i++)
		if (nics[i])
			nic_remove(names[i]);
	if (fwd)
		set_fwd(false);
}

static void cable(const char *a, const char *b)
{
	soft_cable(of(a), b ? of(b) : NULL);
}

static void set_link(const char *name, bool up)
{
	soft_link(of(name), up);
}

static bool arrive(const char *name, uint32_t ring, const void *data,
		   uint32_t len)
{
	return soft_wire_put(of(name), ring, data, len);
}

static uint32_t run(const char *name, uint32_t ring, uint32_t n)
{
	return soft_tx_run(of(name), ring, n);
}

static bool host_send(const char *name, uint32_t queue, const void *data,
		      uint32_t len)
{
	return soft_host_send(of(name), queue, data, len);
}

static uint32_t host_recv(const char *name, void *data, uint32_t size)
{
	return soft_host_recv(of(name), data, size);
}

static void reset(const char *name, bool stopped)
{
	soft_reset(of(name), stopped);
}

static void fail_start(const char *name, uint32_t n)
{
	soft_fail_start(of(name), n);
}

static uint32_t started(const char *name)
{
	return soft_started(of(name));
}

static const struct t_nics table = {
	.create = create,
	.remove = nic_remove,
	.remove_all = remove_all,
	.cable = cable,
	.link = set_link,
	.arrive = arrive,
	.send = run,
	.host_send = host_send,
	.host_recv = host_recv,
	.reset = reset,
	.fail_start = fail_start,
	.started = started,
	.set_fwd = set_fwd,
};

const struct t_nics *const t_nics = &table;
