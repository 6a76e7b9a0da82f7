// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The envelope of NIOCCTRL: header, body and their checks. */
#include "conf.h"

static struct nmreq_header header(uint16_t reqtype, void *body)
{
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = reqtype,
				 .nr_name = "vale0:a",
				 .nr_body = (uintptr_t)body};

	return h;
}

static void versions_accepted(void)
{
	struct nmreq_port_info_get info = {0};
	struct nmreq_header h = header(NETMAP_REQ_PORT_INFO_GET, &info);
	int fd = conf_fd();

	for (uint16_t v = NETMAP_MIN_API; v <= NETMAP_MAX_API; v++) {
		check_note("version %u", v);
		info.nr_mem_id = 0;
		h.nr_version = v;
		CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), 0);
		CHECK_EQ(h.nr_version, v);
	}
}

static void versions_refused(void)
{
	static const uint16_t bad[] = {0, 1, 13, 16, 17, 0x7fff, 0xffff};
	struct nmreq_port_info_get info = {0};
	struct nmreq_header h = header(NETMAP_REQ_PORT_INFO_GET, &info);
	int fd = conf_fd();

	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		check_note("version %u", bad[i]);
		h.nr_version = bad[i];
		CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EINVAL);
		CHECK_EQ(h.nr_version, bad[i]);
	}
}

static void reserved_refused(void)
{
	static const uint32_t bad[] = {1, 2, 0x80000000u, 0xffffffffu};
	struct nmreq_port_info_get info = {0};
	struct nmreq_header h = header(NETMAP_REQ_PORT_INFO_GET, &info);
	int fd = conf_fd();

	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		check_note("reserved 0x%x", bad[i]);
		h.nr_reserved = bad[i];
		CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EINVAL);
		CHECK_EQ(h.nr_reserved, bad[i]);
	}
}

static void unknown_requests(void)
{
	static const uint16_t bad[] = {0, 16, 17, 255, 256, 0x7fff, 0xffff};
	uint64_t body[16] = {0};
	int fd = conf_fd();

	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		struct nmreq_header h = header(bad[i], body);

		check_note("request %u", bad[i]);
		CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EINVAL);
		h.nr_body = 0;
		CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EINVAL);
	}
}

/* Afterwards the same header works, with nothing but the body changed. */
static void body_missing(void)
{
	static const uint16_t type[] = {NETMAP_REQ_PORT_INFO_GET,
					NETMAP_REQ_POOLS_INFO_GET,
					NETMAP_REQ_REGISTER};
	union {
		struct nmreq_register reg;
		struct nmreq_port_info_get info;
		struct nmreq_pools_info pools;
	} body;
	int fd = conf_fd();

	for (size_t i = 0; i < CONF_COUNT(type); i++) {
		struct nmreq_header h = header(type[i], NULL);

		check_note("request %u", type[i]);
		CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EINVAL);
		CHECK_EQ(h.nr_reserved, 0);
		memset(&body, 0, sizeof(body));
		if (type[i] == NETMAP_REQ_REGISTER)
			body.reg.nr_mode = NR_REG_ALL_NIC;
		h.nr_body = (uintptr_t)&body;
		CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), 0);
	}
}

static void body_unexpected(void)
{
	static const uint16_t type[] = {NETMAP_REQ_VALE_DELIF,
					NETMAP_REQ_SYNC_KLOOP_STOP,
					NETMAP_REQ_CSB_ENABLE};
	uint64_t body[16] = {0};
	int fd = conf_fd();

	for (size_t i = 0; i < CONF_COUNT(type); i++) {
		struct nmreq_header h = header(type[i], body);

		check_note("request %u", type[i]);
		CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EINVAL);
		CHECK_EQ(h.nr_reserved, 0);
	}
}

/* A failed request changes neither the header nor the body. */
static void failure_leaves_body(void)
{
	struct nmreq_port_info_get info, info_before;
	struct nmreq_register reg, reg_before;
	struct nmreq_header h = header(NETMAP_REQ_PORT_INFO_GET, &info), before;
	int fd = conf_fd();

	memset(&info, 0x5a, sizeof(info));
	info.nr_mem_id = 0;
	info_before = info;
	strcpy(h.nr_name, "nosuch0");
	before = h;
	CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), ENXIO);
	CHECK_MEM(&h, &before, sizeof(h));
	CHECK_MEM(&info, &info_before, sizeof(info));

	memset(&reg, 0x5a, sizeof(reg));
	reg.nr_mem_id = 0;
	reg.nr_flags = 0;
	reg.nr_mode = NR_REG_DEFAULT;
	reg_before = reg;
	h = header(NETMAP_REQ_REGISTER, &reg);
	before = h;
	CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EINVAL);
	CHECK_MEM(&h, &before, sizeof(h));
	CHECK_MEM(&reg, &reg_before, sizeof(reg));
}

/* A name of 64 bytes has no end. */
static void endless_name(void)
{
	static const uint16_t types[] = {
		NETMAP_REQ_REGISTER,	 NETMAP_REQ_PORT_INFO_GET,
		NETMAP_REQ_VALE_ATTACH,	 NETMAP_REQ_VALE_DETACH,
		NETMAP_REQ_PORT_HDR_SET, NETMAP_REQ_PORT_HDR_GET,
		NETMAP_REQ_VALE_NEWIF,	 NETMAP_REQ_VALE_DELIF,
		NETMAP_REQ_X_STATS_GET,
	};
	int fd = conf_fd();

	for (size_t i = 0; i < CONF_COUNT(types); i++) {
		uint8_t body[512] = {0};
		struct nmreq_header h = header(types[i], body);

		check_note("request %u", types[i]);
		if (types[i] == NETMAP_REQ_X_STATS_GET)
			((struct nmreq_x_stats *)body)->x_size =
				sizeof(struct nmreq_x_stats);
		memset(h.nr_name, 'a', sizeof(h.nr_name));
		CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), EINVAL);
	}
}

static void success_leaves_header(void)
{
	struct nmreq_port_info_get info = {0};
	struct nmreq_header h = header(NETMAP_REQ_PORT_INFO_GET, &info);
	struct nmreq_header before = h;
	int fd = conf_fd();

	CHECK_ERR(conf_ioctl(fd, NIOCCTRL, &h), 0);
	CHECK_MEM(&h, &before, sizeof(h));
	CHECK(info.nr_memsize != 0);
}

static const struct claim claims[] = {
	{"a name without an end is refused by every request that takes one",
	 endless_name},
	{"versions 14 and 15 are accepted and not rewritten",
	 versions_accepted},
	{"other versions are EINVAL and not rewritten", versions_refused},
	{"nr_reserved other than 0 is EINVAL and left as found",
	 reserved_refused},
	{"unknown requests are EINVAL", unknown_requests},
	{"a missing body is EINVAL and nr_reserved stays 0", body_missing},
	{"a body where none belongs is EINVAL and nr_reserved stays 0",
	 body_unexpected},
	{"a failed request changes neither header nor body",
	 failure_leaves_body},
	{"a request changes nothing in the header", success_leaves_header},
};

int main(void)
{
	return CONF_RUN(claims);
}
