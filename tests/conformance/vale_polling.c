// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Polling mode: whom it refuses. What it does is tested on NICs. */
#include "conf_vale.h"

static int polling(const char *name, bool on)
{
	struct nmreq_vale_polling b = {
		.nr_mode = NETMAP_POLLING_MODE_SINGLE_CPU,
		.nr_num_polling_cpus = 1,
	};

	return vale_ctrl(on ? NETMAP_REQ_VALE_POLLING_ENABLE
			    : NETMAP_REQ_VALE_POLLING_DISABLE,
			 name, &b);
}

static void refused(const char *name, int err)
{
	check_note("name \"%s\"", name);
	CHECK_ERR(polling(name, true), err);
	CHECK_ERR(polling(name, false), err);
}

static void needs_an_attached_nic(void)
{
	struct port a = conf_open("vale0:a");

	refused("", EINVAL);
	refused("eth0", EINVAL);
	refused("vale0", EINVAL);
	refused("vale0:nosuch", ENXIO);
	refused("vale1:a", ENXIO);
	refused("vale0:a", EOPNOTSUPP);
	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(attach_as("vale0:per0", NR_REG_NIC_SW), 0);
	refused("vale0:per0", EOPNOTSUPP);
	refused("vale0:per0^", EOPNOTSUPP);
	CHECK_ERR(attach("vale1:per0"), 0);
	refused("vale1:per0", EOPNOTSUPP);
	CHECK_ERR(detach("vale1:per0"), 0);
	CHECK_ERR(detach("vale0:per0"), 0);
	CHECK_ERR(delif("per0"), 0);
	conf_close(&a);
}

static const struct claim claims[] = {
	{"only attached NICs can be polled", needs_an_attached_nic},
};

int main(void)
{
	return CONF_RUN(claims);
}
