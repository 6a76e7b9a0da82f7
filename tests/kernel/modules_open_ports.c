// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Another module opens a port and is called for every frame that arrives; while
 * it is loaded, netmap stays (examples/kernel/sink). */
#include <errno.h>

#include "kt.h"

#define SINK   "netmap_sink"
#define FRAMES 501

static void sees_every_frame(void)
{
	struct kt_port source;

	KT_CHECK(kt_insmod(SINK, "port=vale0:sink") == 0);
	kt_open(&source, "vale0:source");
	for (int i = 0; i < FRAMES; i++) {
		kt_send(&source, (uint8_t)i);
		/* a full ring would drop */
		if (i % 100 == 99 || i == FRAMES - 1)
			KT_CHECK(kt_param_becomes(SINK, "frames",
						  (unsigned)i + 1));
	}
	KT_CHECK(kt_param(SINK, "bytes") == FRAMES * 60);
	KT_CHECK(kt_param(SINK, "calls") > 0);
	KT_CHECK(kt_param(SINK, "calls") <= FRAMES + 1);
	KT_CHECK(kt_param(SINK, "folded") != 0);

	/* a program may have the module's port too, or its region */
	KT_FAILS(kt_rmmod("netmap"), EWOULDBLOCK);
	KT_CHECK(kt_rmmod(SINK) == 0);
	kt_send(&source, 0);
	KT_CHECK(kt_receive(&source) == -1);
	kt_close(&source);
}

static void comes_and_goes_in_traffic(void)
{
	struct kt_port source;

	kt_open(&source, "vale0:source");
	for (int i = 0; i < 20; i++) {
		KT_CHECK(kt_insmod(SINK, "") == 0);
		for (int k = 0; k < 50; k++)
			kt_send(&source, 1);
		KT_CHECK(kt_rmmod(SINK) == 0);
	}
	kt_close(&source);
}

static void refusals_reach_the_module(void)
{
	struct nmreq_register reg = {.nr_flags = NR_EXCLUSIVE};
	struct kt_port taken;

	KT_FAILS(kt_insmod(SINK, "port=vale0:"), ENOMEM);
	KT_FAILS(kt_insmod(SINK, "port=nosuchinterface"), ENXIO);
	KT_FAILS(kt_insmod(SINK, "port=a-name-of-more-than-sixty-three-"
				 "characters-is-not-a-name-of-any-port-here"),
		 EINVAL);
	kt_open(&taken, "vale0:other");
	KT_CHECK(kt_register(taken.fd, "vale0:sink", &reg) == -1);
	kt_close(&taken);
}

int main(void)
{
	sees_every_frame();
	comes_and_goes_in_traffic();
	refusals_reach_the_module();
	return 0;
}
