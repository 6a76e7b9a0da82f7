// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The option list of NIOCCTRL: sizes, cycles, repetitions, statuses. */
#include "conf.h"

#define UNTOUCHED 777 /* a status nobody gives */

/* Large enough for the body of every option. */
struct option {
	struct nmreq_option o;
	uint8_t body[72];
};

static struct option option(uint32_t type, struct option *next)
{
	struct option opt = {.o = {.nro_next = (uintptr_t)next,
				   .nro_reqtype = type,
				   .nro_status = UNTOUCHED}};

	if (type == NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS)
		opt.o.nro_size = sizeof(opt.o) + 8;
	memset(opt.body, 0xa5, sizeof(opt.body));
	return opt;
}

static int port_info(int fd, const char *name, void *options)
{
	struct nmreq_port_info_get info = {0};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_PORT_INFO_GET,
				 .nr_options = (uintptr_t)options,
				 .nr_body = (uintptr_t)&info};

	strcpy(h.nr_name, name);
	return conf_ioctl(fd, NIOCCTRL, &h);
}

static int bind_with(int fd, void *options)
{
	struct nmreq_register reg = REG(NR_REG_ALL_NIC);
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_REGISTER,
				 .nr_name = "vale0:a",
				 .nr_options = (uintptr_t)options,
				 .nr_body = (uintptr_t)&reg};

	return conf_ioctl(fd, NIOCCTRL, &h);
}

/* All that fits: a body of 32 bytes and 169 option headers make 4088. */
static void total_size_limit(void)
{
	static struct nmreq_option o[170];
	int fd = conf_fd();

	for (uint32_t i = 0; i < CONF_COUNT(o); i++)
		o[i] = (struct nmreq_option){
			.nro_next = (uintptr_t)&o[i + 1],
			.nro_reqtype = NETMAP_REQ_OPT_MAX + i,
			.nro_status = UNTOUCHED,
		};
	o[169].nro_next = 0;
	CHECK_ERR(port_info(fd, "vale0:a", o), EMSGSIZE);
	o[168].nro_next = 0;
	CHECK_ERR(port_info(fd, "vale0:a", o), 0);
	for (size_t i = 0; i < 169; i++)
		CHECK_ERR((int)o[i].nro_status, EOPNOTSUPP);
}

static void variable_size_counts(void)
{
	static struct {
		struct nmreq_option o;
		uint8_t eventfds[NETMAP_REQ_MAXSIZE];
	} opt;
	int fd = conf_fd();

	opt.o.nro_reqtype = NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS;
	opt.o.nro_size = NETMAP_REQ_MAXSIZE - 32;
	CHECK_ERR(port_info(fd, "vale0:a", &opt), 0);
	opt.o.nro_size += 8;
	CHECK_ERR(port_info(fd, "vale0:a", &opt), EMSGSIZE);
}

static void huge_option(void)
{
	static const uint64_t size[] = {NETMAP_REQ_MAXSIZE + 1, 0x80000000u,
					UINT64_MAX};
	int fd = conf_fd();

	for (uint32_t t = 1; t < NETMAP_REQ_OPT_MAX; t++) {
		for (size_t i = 0; i < CONF_COUNT(size); i++) {
			struct option a = option(t, NULL);

			check_note("option %u size %llu", t,
				   (unsigned long long)size[i]);
			a.o.nro_size = size[i];
			CHECK_ERR(port_info(fd, "vale0:a", &a), EMSGSIZE);
		}
	}
}

static void cycle_of_unknown(void)
{
	struct option a = option(NETMAP_REQ_OPT_MAX, NULL);
	struct option b = option(NETMAP_REQ_OPT_MAX + 1, &a);
	int fd = conf_fd();

	a.o.nro_next = (uintptr_t)&a;
	CHECK_ERR(port_info(fd, "vale0:a", &a), EMSGSIZE);
	a.o.nro_next = (uintptr_t)&b;
	CHECK_ERR(port_info(fd, "vale0:a", &a), EMSGSIZE);
	CHECK_ERR(bind_with(fd, &b), EMSGSIZE);
}

static void cycle_of_known(void)
{
	struct option a = option(NETMAP_REQ_OPT_CSB, NULL);
	struct option b = option(NETMAP_REQ_OPT_OFFSETS, &a);
	int fd = conf_fd();

	a.o.nro_next = (uintptr_t)&a;
	CHECK_ERR(port_info(fd, "vale0:a", &a), EINVAL);
	a.o.nro_next = (uintptr_t)&b;
	CHECK_ERR(port_info(fd, "vale0:a", &a), EINVAL);
	CHECK_ERR(bind_with(fd, &b), EINVAL);
}

static void type_zero(void)
{
	struct option a = option(0, NULL);
	struct option b = option(NETMAP_REQ_OPT_CSB, &a);
	int fd = conf_fd();

	CHECK_ERR(port_info(fd, "vale0:a", &a), EINVAL);
	CHECK_ERR((int)a.o.nro_status, EINVAL);
	a.o.nro_status = UNTOUCHED;
	CHECK_ERR(port_info(fd, "vale0:a", &b), EINVAL);
	CHECK_ERR((int)a.o.nro_status, EINVAL);
}

static void same_type_twice(void)
{
	int fd = conf_fd();

	for (uint32_t t = 1; t < NETMAP_REQ_OPT_MAX; t++) {
		uint32_t other = t % (NETMAP_REQ_OPT_MAX - 1) + 1;
		struct option c = option(t, NULL);
		struct option b = option(other, &c);
		struct option a = option(t, &b);

		check_note("option %u", t);
		CHECK_ERR(port_info(fd, "vale0:a", &a), EINVAL);
		CHECK_ERR((int)a.o.nro_status, EINVAL);
		CHECK_ERR((int)c.o.nro_status, EINVAL);
	}
}

static void unknown_fails_register(void)
{
	static const uint32_t type[] = {NETMAP_REQ_OPT_MAX,
					NETMAP_REQ_OPT_MAX + 1, 0x7fffffffu,
					0xffffffffu};
	struct nmreq_register reg = REG(NR_REG_ALL_NIC);
	int fd = conf_fd();

	for (size_t i = 0; i < CONF_COUNT(type); i++) {
		struct option a = option(type[i], NULL);

		check_note("option %u", type[i]);
		CHECK_ERR(bind_with(fd, &a), EOPNOTSUPP);
		CHECK_ERR((int)a.o.nro_status, EOPNOTSUPP);
		CHECK_ERR(conf_ioctl(fd, NIOCTXSYNC, NULL), ENXIO);
		CHECK(!conf_exists("vale0:a"));
	}
	CHECK_ERR(conf_register(fd, "vale0:a", &reg), 0);
}

/* Known, but nothing that REGISTER does. */
static void unserved_fails_register(void)
{
	static const uint32_t type[] = {NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS,
					NETMAP_REQ_OPT_SYNC_KLOOP_MODE};
	int fd = conf_fd();

	for (size_t i = 0; i < CONF_COUNT(type); i++) {
		struct option a = option(type[i], NULL);

		check_note("option %u", type[i]);
		CHECK_ERR(bind_with(fd, &a), EOPNOTSUPP);
		CHECK_ERR((int)a.o.nro_status, EOPNOTSUPP);
		CHECK_ERR(conf_ioctl(fd, NIOCTXSYNC, NULL), ENXIO);
		CHECK(!conf_exists("vale0:a"));
	}
}

/* Body bytes stay: an option's body comes back only if it was served. */
static void others_ignore_options(void)
{
	int fd = conf_fd();

	for (uint32_t t = 1; t < NETMAP_REQ_OPT_MAX + 3; t++) {
		struct option a = option(t, NULL), before;

		check_note("option %u", t);
		before = a;
		before.o.nro_status = EOPNOTSUPP;
		CHECK_ERR(port_info(fd, "vale0:a", &a), 0);
		CHECK_MEM(&a, &before, sizeof(a));
	}
}

static void long_list_of_statuses(void)
{
	struct option opt[NETMAP_REQ_OPT_MAX + 4];
	size_t n = CONF_COUNT(opt);
	int fd = conf_fd();

	for (size_t i = 0; i < n; i++)
		opt[i] =
			option((uint32_t)i + 1, i + 1 < n ? &opt[i + 1] : NULL);
	CHECK_ERR(port_info(fd, "vale0:a", opt), 0);
	for (size_t i = 0; i < n; i++) {
		check_note("option %zu", i + 1);
		CHECK_ERR((int)opt[i].o.nro_status, EOPNOTSUPP);
		CHECK_EQ(opt[i].o.nro_reqtype, i + 1);
		CHECK_EQ(opt[i].o.nro_next,
			 i + 1 < n ? (uintptr_t)&opt[i + 1] : 0);
	}
}

static void status_of_failed_request(void)
{
	struct option a = option(NETMAP_REQ_OPT_MAX, NULL), before;
	int fd = conf_fd();

	before = a;
	before.o.nro_status = EOPNOTSUPP;
	CHECK_ERR(port_info(fd, "nosuch0", &a), ENXIO);
	CHECK_MEM(&a, &before, sizeof(a));
}

static const struct claim claims[] = {
	{"body and option headers of more than 4096 bytes are EMSGSIZE",
	 total_size_limit},
	{"an option of variable size counts with its nro_size",
	 variable_size_counts},
	{"nro_size above 4096 is EMSGSIZE", huge_option},
	{"a cycle of unknown options is EMSGSIZE", cycle_of_unknown},
	{"a cycle of known options is EINVAL", cycle_of_known},
	{"option type 0 is EINVAL, in its status too", type_zero},
	{"the same option twice is EINVAL, in both statuses", same_type_twice},
	{"an unknown option fails REGISTER with EOPNOTSUPP, nothing is bound",
	 unknown_fails_register},
	{"an option that REGISTER does not serve fails it with EOPNOTSUPP",
	 unserved_fails_register},
	{"other requests ignore options, say EOPNOTSUPP, leave their bodies",
	 others_ignore_options},
	{"every option of a list has its status, and its pointer as given",
	 long_list_of_statuses},
	{"a failed request writes option statuses", status_of_failed_request},
};

int main(void)
{
	return CONF_RUN(claims);
}
