// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Port names: what REGISTER takes, and with which error it refuses. */
#include "conf.h"

struct refusal {
	const char *name;
	int err;
};

static void refused(const struct refusal *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		check_note("name \"%s\"", r[i].name);
		CHECK_ERR(conf_try(r[i].name, REG(NR_REG_ALL_NIC)), r[i].err);
	}
}

static void accepted(const char *const *name, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		check_note("name \"%s\"", name[i]);
		CHECK_ERR(conf_try(name[i], REG(NR_REG_ALL_NIC)), 0);
	}
}

static void vale_accepted(void)
{
	static const char *const name[] = {
		"vale0:a",
		"vale:a",
		"valeA_z9:a",
		"vale_:a",
		"vale12345678901:a",
		"vale0:123456789012345",
		"vale0:a b!?*^/@-.,",
		"vale0:a:b",
		"vale0:\xc3\xa9",
	};

	accepted(name, CONF_COUNT(name));
}

static void vale_refused(void)
{
	static const struct refusal r[] = {
		{"val", ENOMEM},
		{"valx0:a", ENOMEM},
		{"vale", ENOMEM},
		{"vale0", ENOMEM},
		{"vale-0:a", ENOMEM},
		{"vale0.1:a", ENOMEM},
		{"vale 0:a", ENOMEM},
		{"vale123456789012:a", ENOMEM},
		{"vale0:1234567890123456", ENOMEM},
		{"vale0{1", ENOMEM},
	};

	refused(r, CONF_COUNT(r));
}

static void no_such_interface(void)
{
	static const struct refusal r[] = {
		{"", ENXIO},
		{"nosuch0", ENXIO},
		{"va", ENXIO},
		{"VALE0:a", ENXIO},
		{"xvale0:a", ENXIO},
		{"nosuch012345678", ENXIO},
		{"nosuch0123456789", ENXIO},
		{"netmap:vale0:a", ENXIO},
	};

	refused(r, CONF_COUNT(r));
}

static void pipes_accepted(void)
{
	static const char *const name[] = {
		"lone{1",
		"lone}1",
		"lone{0",
		"lone{abc",
		"lone}A_9",
		"abcdefghijklmno{1",
		"vale0:a{1",
		"vale0:a}in",
		"vale12345678901:123456789012345{1",
		/* 63 characters */
		"lone{"
		"1234567890123456789012345678901234567890123456789012345678",
	};

	accepted(name, CONF_COUNT(name));
}

static void pipes_refused(void)
{
	static const struct refusal r[] = {
		{"lone{", EINVAL},
		{"lone}", EINVAL},
		{"vale0:a{", EINVAL},
		{"abcdefghijklmnop{1", ENXIO},
		{"abcdefghijklmnop}1", ENXIO},
		{"abcdefghijklmnopqrstuvwxyzabcdefgh{1", ENXIO},
	};

	refused(r, CONF_COUNT(r));
}

static void refusals_leave_nothing(void)
{
	struct port p;

	for (int i = 0; i < 100; i++) {
		CHECK_ERR(conf_try("vale0:a{", REG(NR_REG_ALL_NIC)), EINVAL);
		CHECK_ERR(conf_try("vale0:a", REG(NR_REG_DEFAULT)), EINVAL);
		CHECK_ERR(conf_try("vale0:a{1", REG(NR_REG_SW)), EINVAL);
	}
	CHECK(!conf_exists("vale0:a"));
	CHECK(!conf_exists("vale0:a{1"));
	p = conf_open("vale0:a");
	CHECK_EQ(p.reg.nr_tx_slots, 1024);
}

static void not_terminated(void)
{
	struct nmreq_register reg = REG(NR_REG_ALL_NIC);
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_REGISTER,
				 .nr_body = (uintptr_t)&reg};
	int fd = conf_fd();

	memset(h.nr_name, 'x', sizeof(h.nr_name));
	memcpy(h.nr_name, "lone{", 5);
	CHECK(conf_ioctl(fd, NIOCCTRL, &h) != 0);
	CHECK_ERR(conf_ioctl(fd, NIOCTXSYNC, NULL), ENXIO);
}

/* Only as much of the name as fits is shown. */
static void shown_name(void)
{
	static const struct {
		const char *name, *shown;
	} t[] = {
		{"vale0:a", "vale0:a"},
		{"vale0:a{1", "vale0:a{1"},
		{"lone}in", "lone}in"},
		{"vale12345678901:abc", "vale12345678901"},
		{"lone{1234567890abcdef", "lone{1234567890"},
	};

	for (size_t i = 0; i < CONF_COUNT(t); i++) {
		struct port p = conf_open(t[i].name);

		CHECK_STR(p.nifp->ni_name, t[i].shown);
		conf_close(&p);
	}
}

/* Two names that differ in one place are two ports. */
static void names_tell_apart(void)
{
	static const char *const name[] = {
		"vale0:a", "vale0:A",	"vale0:b",   "vale1:a",
		"vale:a",  "vale0:a{1", "vale0:a}1", "vale0:a{2",
		"lone{1",  "lone}1",	"lone{11",   "lonf{1",
	};
	struct port p[CONF_COUNT(name)];

	for (size_t i = 0; i < CONF_COUNT(name); i++)
		p[i] = conf_open_as(name[i],
				    REG_SLOTS(4, .nr_flags = NR_EXCLUSIVE));
	for (size_t i = 0; i < CONF_COUNT(name); i++) {
		CHECK_STR(p[i].nifp->ni_name, name[i]);
		CHECK_ERR(conf_try(name[i], REG(NR_REG_ALL_NIC)), EBUSY);
	}
}

/* Long ids are compared as a whole. */
static void long_ids_meet(void)
{
	struct port m = conf_open(
		"lone{"
		"123456789012345678901234567890123456789012345678901234567a");
	struct port other = conf_open(
		"lone}"
		"123456789012345678901234567890123456789012345678901234567b");
	struct port s = conf_open(
		"lone}"
		"123456789012345678901234567890123456789012345678901234567a");
	struct frame f = conf_frame(1, 2, 3);

	conf_send(&m, 0, f);
	conf_expect(&s, 0, f);
	conf_expect_none(&other);
}

static const struct claim claims[] = {
	{"valeX:port is a port of a switch made by opening it", vale_accepted},
	{"names that begin with val but are no valeX:port are ENOMEM",
	 vale_refused},
	{"empty names and missing interfaces are ENXIO", no_such_interface},
	{"base{id and base}id are pipes", pipes_accepted},
	{"a pipe without id is EINVAL, with a long base ENXIO", pipes_refused},
	{"refused names leave nothing behind", refusals_leave_nothing},
	{"a name without an end is refused", not_terminated},
	{"netmap_if shows the first 15 characters of the name", shown_name},
	{"names that differ in one place are different ports",
	 names_tell_apart},
	{"pipe ids of 58 characters are compared to the last", long_ids_meet},
};

int main(void)
{
	return CONF_RUN(claims);
}
