// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* NIOCCONFIG on the built-in switch, which takes no messages. */
#include "conf.h"

/* Refused, and nothing of the record written. */
static void refused(int fd, const char *name)
{
	struct nm_ifreq r, before;

	memset(&r, 0x5a, sizeof(r));
	memset(r.nifr_name, 0, sizeof(r.nifr_name));
	memcpy(r.nifr_name, name, strlen(name));
	before = r;
	check_note("name %s", name);
	CHECK_ERR(conf_ioctl(fd, NIOCCONFIG, &r), EINVAL);
	CHECK_MEM(&r, &before, sizeof(r));
}

static void built_in_switch(void)
{
	struct port p = conf_open("vale0:a");

	refused(p.fd, "vale0:a");
	refused(conf_fd(), "vale0:a");
	refused(conf_fd(), "vale0:nosuch");
}

static void unknown_switch(void)
{
	struct port p = conf_open("vale0:a");

	refused(p.fd, "vale1:a");
	CHECK(!conf_exists("vale1:a"));
}

static void not_a_switch(void)
{
	static const char *const names[] = {
		"",	  "vale0",   "vale0:", "eth0",
		"base{1", "vale.:a", "vale-:", "abcdefghijklmno"};
	int fd = conf_fd();

	for (size_t i = 0; i < CONF_COUNT(names); i++)
		refused(fd, names[i]);
	refused(fd, "abcdefghijklmnop"); /* 16, and no NUL */
}

static void bad_addresses(void)
{
	int fd = conf_fd();

	CHECK_ERR(conf_ioctl(fd, NIOCCONFIG, NULL), EINVAL);
	CHECK_ERR(conf_ioctl(fd, NIOCCONFIG, (void *)8), EFAULT);
}

static const struct claim claims[] = {
	{"the built-in switch refuses messages with EINVAL", built_in_switch},
	{"an unknown switch is EINVAL and is not made", unknown_switch},
	{"a name that is not valeX:port is EINVAL", not_a_switch},
	{"no address is EINVAL, a bad one EFAULT", bad_addresses},
};

int main(void)
{
	return CONF_RUN(claims);
}
