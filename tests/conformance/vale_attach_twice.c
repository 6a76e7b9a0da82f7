// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A persistent port on two switches joins them. */
#include "conf_vale.h"

static void make(void)
{
	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(attach("vale0:per0"), 0);
	CHECK_ERR(attach("vale1:per0"), 0);
}

static void unmake(void)
{
	CHECK_ERR(detach("vale1:per0"), 0);
	CHECK_ERR(detach("vale0:per0"), 0);
	CHECK_ERR(delif("per0"), 0);
}

static void bridges_two_switches(void)
{
	struct frame f = conf_frame(BROADCAST, 1, 2), g = conf_frame(1, 9, 3);
	struct port a, b;

	make();
	a = conf_open("vale0:a");
	b = conf_open("vale1:b");
	for (int i = 0; i < 100; i++) {
		conf_send(&a, 0, f);
		conf_await(&b, 0, f);
		conf_send(&b, 0, g);
		conf_await(&a, 0, g);
	}
	conf_close(&a);
	conf_close(&b);
	unmake();
}

static void many_frames_keep_their_order(void)
{
	struct port a, b;
	uint32_t sent = 0, got = 0;

	make();
	a = conf_open("vale0:a");
	b = conf_open("vale1:b");
	while (got < 2000) {
		for (int i = 0; i < 4 && sent < 2000; i++, sent++)
			conf_put_frame(conf_tx(&a, 0),
				       conf_frame(BROADCAST, 1, sent));
		conf_txsync(&a);
		while (got < sent)
			conf_await(&b, 0, conf_frame(BROADCAST, 1, got++));
	}
	conf_close(&a);
	conf_close(&b);
	unmake();
}

static void wrapped_port_is_busy(void)
{
	static const char *const name[] = {"per0", "vale0:per0", "vale1:per0"};

	make();
	for (size_t i = 0; i < CONF_COUNT(name); i++)
		CHECK_ERR(conf_try(name[i], REG(NR_REG_ALL_NIC)), EBUSY);
	CHECK_ERR(attach("vale1:per0"), EBUSY);
	CHECK_ERR(attach("vale0:per0"), EBUSY);
	CHECK_ERR(attach("vale2:per0"), EBUSY);
	CHECK_EQ(list_port("vale0:per0"), 0);
	CHECK_EQ(list_port("vale1:per0"), 0);
	CHECK_EQ(list_port("vale2:per0"), -ENOENT);
	unmake();
}

static void reverse_order(void)
{
	make();
	CHECK_ERR(detach("vale0:per0"), EBUSY);
	CHECK_ERR(delif("per0"), EBUSY);
	CHECK_ERR(detach("vale1:per0"), 0);
	CHECK_ERR(conf_try("vale1:per0", REG(NR_REG_ALL_NIC)), EINVAL);
	CHECK_ERR(conf_try("vale0:per0", REG(NR_REG_ALL_NIC)), 0);
	CHECK_ERR(delif("per0"), EBUSY);
	CHECK_ERR(attach("vale1:per0"), 0);
	unmake();
	CHECK(!conf_exists("per0"));
}

static void open_port_stays(void)
{
	struct port p;

	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(attach("vale0:per0"), 0);
	p = conf_open("per0");
	CHECK_ERR(attach("vale1:per0"), EBUSY);
	CHECK_EQ(list_port("vale1:per0"), -ENOENT);
	CHECK_EQ(list_port("vale0:per0"), 0);
	conf_close(&p);
	CHECK_ERR(detach("vale0:per0"), 0);
	CHECK_ERR(delif("per0"), 0);
}

static const struct claim claims[] = {
	{"a port attached twice passes frames from switch to switch",
	 bridges_two_switches},
	{"frames between the switches keep their order, and none is lost",
	 many_frames_keep_their_order},
	{"a port attached twice can neither be opened nor attached",
	 wrapped_port_is_busy},
	{"it is detached in reverse order", reverse_order},
	{"a port that is open cannot be attached again", open_port_stays},
};

int main(void)
{
	return CONF_RUN(claims);
}
