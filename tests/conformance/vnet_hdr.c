// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* PORT_HDR_SET, PORT_HDR_GET, NR_ACCEPT_VNET_HDR. */
#include "conf_vale.h"

static int set(const char *name, uint32_t len)
{
	struct nmreq_port_hdr h = {.nr_hdr_len = len};

	return conf_ctrl(conf_fd(), NETMAP_REQ_PORT_HDR_SET, name, &h);
}

static int get(const char *name, uint32_t *len)
{
	struct nmreq_port_hdr h = {.nr_hdr_len = 77};
	int err = conf_ctrl(conf_fd(), NETMAP_REQ_PORT_HDR_GET, name, &h);

	*len = h.nr_hdr_len;
	return err;
}

static void lengths(void)
{
	static const uint32_t bad[] = {1, 9, 11, 13, 14, 20, 0xffffffff};
	static const uint32_t good[] = {10, 12, 10, 0, 12, 0};
	struct port a = conf_open("vale0:a");
	uint32_t len;

	(void)a;
	CHECK_ERR(get("vale0:a", &len), 0);
	CHECK_EQ(len, 0);
	for (size_t i = 0; i < CONF_COUNT(good); i++) {
		CHECK_ERR(set("vale0:a", good[i]), 0);
		for (size_t k = 0; k < CONF_COUNT(bad); k++)
			CHECK_ERR(set("vale0:a", bad[k]), EINVAL);
		CHECK_ERR(get("vale0:a", &len), 0);
		CHECK_EQ(len, good[i]);
	}
}

static void only_on_switches(void)
{
	struct port a = conf_open("vale0:a");
	struct port pipe = conf_open("vale0:a{1");
	uint32_t len;

	(void)a;
	(void)pipe;
	CHECK_ERR(set("vale0:b", 12), ENXIO);
	CHECK_ERR(set("vale1:a", 12), ENXIO);
	CHECK_ERR(set("vale0:a{1", 12), ENXIO);
	CHECK_ERR(set("nobody", 12), ENXIO);
	CHECK_ERR(set("", 12), ENXIO);
	CHECK(!conf_exists("vale0:b"));
	CHECK(!conf_exists("vale1:a"));
	CHECK_ERR(get("vale0:a", &len), 0);
	CHECK_EQ(len, 0);
}

static void any_port(void)
{
	struct port a = conf_open("vale0:a");
	struct port pipe = conf_open("vale0:a{1");
	uint32_t len;

	(void)a;
	(void)pipe;
	CHECK_ERR(set("vale0:a", 12), 0);
	CHECK_ERR(get("vale0:a{1", &len), 0);
	CHECK_EQ(len, 0);
	CHECK_ERR(get("vale0:a}1", &len), 0);
	CHECK_EQ(len, 0);
	CHECK_ERR(get("vale0:a{2", &len), ENODEV);
	CHECK_EQ(len, 77);
	CHECK_ERR(get("vale0:b", &len), ENXIO);
	CHECK_ERR(get("nobody", &len), ENXIO);
	CHECK_EQ(len, 77);
	CHECK(!conf_exists("vale0:a{2"));
}

static void accepting(void)
{
	struct port a = conf_open("vale0:a"), b;

	CHECK_ERR(set("vale0:a", 12), 0);
	CHECK_ERR(conf_try("vale0:a", REG(NR_REG_ALL_NIC)), EIO);
	CHECK_ERR(conf_try("vale0:a",
			   REG(NR_REG_ALL_NIC, .nr_flags = NR_EXCLUSIVE)),
		  EIO);
	b = conf_open_as("vale0:a",
			 REG(NR_REG_ALL_NIC, .nr_flags = NR_ACCEPT_VNET_HDR));
	CHECK(b.reg.nr_flags & NR_ACCEPT_VNET_HDR);
	CHECK_ERR(set("vale0:a", 0), 0);
	CHECK_ERR(conf_try("vale0:a", REG(NR_REG_ALL_NIC)), 0);
	/* Who is there stays. */
	CHECK_ERR(set("vale0:a", 10), 0);
	conf_txsync(&a);
	conf_rxsync(&a);
	/* The flag asks for nothing. */
	CHECK_ERR(conf_try("vale0:c",
			   REG(NR_REG_ALL_NIC, .nr_flags = NR_ACCEPT_VNET_HDR)),
		  0);
	CHECK_ERR(conf_try("vale0:a{1", REG(NR_REG_ALL_NIC)), 0);
}

static void refused_leaves_nothing(void)
{
	struct port a = conf_open("vale0:a");
	struct port b = conf_open("vale0:b");
	int fd = conf_fd();
	struct nmreq_register reg = REG(NR_REG_ALL_NIC);

	CHECK_ERR(set("vale0:a", 12), 0);
	CHECK_ERR(conf_register(fd, "vale0:a", &reg), EIO);
	/* The descriptor is free. */
	reg = REG(NR_REG_ALL_NIC);
	CHECK_ERR(conf_register(fd, "vale0:b", &reg), 0);
	conf_close(&a);
	CHECK(!conf_exists("vale0:a"));
	conf_close(&b);
}

static void new_port(void)
{
	struct port a = conf_open("vale0:a");
	uint32_t len;

	CHECK_ERR(set("vale0:a", 12), 0);
	conf_close(&a);
	a = conf_open("vale0:a");
	CHECK_ERR(get("vale0:a", &len), 0);
	CHECK_EQ(len, 0);
}

/* Attached or not; what a second attachment has is its own. */
static void persistent(void)
{
	uint32_t len;

	CHECK_ERR(newif("per0"), 0);
	CHECK_ERR(get("per0", &len), 0);
	CHECK_EQ(len, 0);
	CHECK_ERR(set("per0", 12), 0);
	CHECK_ERR(set("per0", 13), EINVAL);
	CHECK_ERR(set("vale0:per0", 12), ENXIO);
	CHECK_ERR(conf_try("per0", REG(NR_REG_ALL_NIC)), EIO);
	CHECK_ERR(attach_as("vale0:per0", NR_REG_NIC_SW), 0);
	CHECK_ERR(get("vale0:per0", &len), 0);
	CHECK_EQ(len, 12);
	CHECK_ERR(set("vale0:per0", 10), 0);
	CHECK_ERR(get("per0", &len), 0);
	CHECK_EQ(len, 10);
	CHECK_ERR(get("vale0:per0^", &len), 0);
	CHECK_EQ(len, 0);
	CHECK_ERR(attach("vale1:per0"), 0);
	CHECK_ERR(set("vale1:per0", 12), 0);
	CHECK_ERR(get("vale1:per0", &len), 0);
	CHECK_EQ(len, 12);
	CHECK_ERR(get("per0", &len), 0);
	CHECK_EQ(len, 10);
	CHECK_ERR(detach("vale1:per0"), 0);
	CHECK_ERR(detach("vale0:per0"), 0);
	CHECK_ERR(get("per0", &len), 0);
	CHECK_EQ(len, 10);
	CHECK_ERR(delif("per0"), 0);
	CHECK_ERR(set("per0", 12), ENXIO);
	CHECK_ERR(get("per0", &len), ENXIO);
}

static const struct claim claims[] = {
	{"a header has 0, 10 or 12 bytes; other lengths are EINVAL and change "
	 "nothing",
	 lengths},
	{"PORT_HDR_SET is ENXIO on what is no port of a switch, and makes none",
	 only_on_switches},
	{"PORT_HDR_GET tells of any port: 0 for pipes, ENODEV for pipes that "
	 "are not open, ENXIO without a port",
	 any_port},
	{"opening a port with a header takes NR_ACCEPT_VNET_HDR, else EIO",
	 accepting},
	{"a bind refused with EIO leaves nothing", refused_leaves_nothing},
	{"a port that comes anew has no header", new_port},
	{"a persistent port keeps its header, on a switch or not; an "
	 "attachment has one of its own",
	 persistent},
};

int main(void)
{
	return CONF_RUN(claims);
}
