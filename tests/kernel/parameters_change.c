// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Parameters of the loaded module change what is made from then on; values
 * outside of their range are refused and change nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kt.h"

static int parameter(const char *name, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/module/netmap/parameters/%s", name);
	fd = open(path, flags);
	KT_CHECK(fd >= 0);
	return fd;
}

static unsigned int get(const char *name)
{
	char text[32] = "";
	int fd = parameter(name, O_RDONLY);

	KT_CHECK(read(fd, text, sizeof(text) - 1) > 0);
	KT_CHECK(close(fd) == 0);
	return (unsigned int)strtoul(text, NULL, 10);
}

/* 0, or -1 and errno. */
static int set(const char *name, const char *value)
{
	int fd = parameter(name, O_WRONLY);
	ssize_t n = write(fd, value, strlen(value));
	int saved = errno;

	close(fd);
	errno = saved;
	return n < 0 ? -1 : 0;
}

static void set_number(const char *name, unsigned int value)
{
	char text[32];

	snprintf(text, sizeof(text), "%u\n", value);
	KT_CHECK(set(name, text) == 0);
	KT_CHECK(get(name) == value);
}

static int try_open(const char *name, struct nmreq_register *reg)
{
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	int err = kt_register(fd, name, reg);
	int saved = errno;

	close(fd);
	errno = saved;
	return err;
}

static struct nmreq_pools_info pools(const char *name, uint16_t mem_id)
{
	struct nmreq_pools_info p = {.nr_mem_id = mem_id};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_POOLS_INFO_GET,
				 .nr_body = (uintptr_t)&p};
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR);

	snprintf(h.nr_name, sizeof(h.nr_name), "%s", name);
	KT_CHECK(ioctl(fd, NIOCCTRL, &h) == 0);
	close(fd);
	return p;
}

static void bridges(void)
{
	struct nmreq_register reg = {0};
	unsigned int before = get("max_bridges");
	struct kt_port a;

	KT_CHECK(before == 8);
	set_number("max_bridges", 1);
	kt_open(&a, "vale0:a");
	KT_FAILS(try_open("vale1:a", &reg), ENOMEM);
	set_number("max_bridges", 2);
	KT_CHECK(try_open("vale1:a", &reg) == 0);
	kt_close(&a);
	set_number("max_bridges", before);
}

static void batch(void)
{
	unsigned int before = get("bridge_batch");
	struct kt_port a, b;

	kt_open(&a, "vale0:a");
	kt_open(&b, "vale0:b");
	set_number("bridge_batch", 1);
	for (uint8_t i = 1; i < 10; i++) {
		kt_send(&a, i);
		KT_CHECK(kt_receive(&b) == i);
	}
	set_number("bridge_batch", before);
	kt_close(&a);
	kt_close(&b);
}

static void stamps(void)
{
	struct kt_port a;

	kt_open(&a, "vale0:a");
	KT_CHECK(kt_receive(&a) == -1 && a.rx->ts.tv_sec != 0);
	set_number("no_timestamp", 1);
	a.rx->ts.tv_sec = 0;
	KT_CHECK(kt_receive(&a) == -1 && a.rx->ts.tv_sec == 0);
	set_number("no_timestamp", 0);
	KT_CHECK(kt_receive(&a) == -1 && a.rx->ts.tv_sec != 0);
	kt_close(&a);
}

static void regions(void)
{
	unsigned int bufs = get("buf_num"), size = get("priv_buf_size");
	unsigned int least = get("priv_buf_num");

	set_number("buf_num", 5000);
	KT_CHECK(pools("vale0:a", 1).nr_buf_pool_objtotal == 5000);
	set_number("buf_num", bufs);
	KT_CHECK(pools("vale0:a", 1).nr_buf_pool_objtotal == bufs);
	set_number("priv_buf_num", 400000);
	set_number("priv_buf_size", 4096);
	KT_CHECK(pools("vale0:a", 0).nr_buf_pool_objtotal == 400000);
	KT_CHECK(pools("vale0:a", 0).nr_buf_pool_objsize == 4096);
	set_number("priv_buf_num", least);
	set_number("priv_buf_size", size);
}

static void refusals(void)
{
	static const char *const bad[][2] = {
		{"max_bridges", "0"},	{"max_bridges", "100000"},
		{"bridge_batch", "0"},	{"bridge_batch", "1025"},
		{"no_timestamp", "2"},	{"buf_size", "63"},
		{"buf_size", "65537"},	{"ring_num", "1"},
		{"priv_if_num", "101"}, {"buf_num", "abc"},
		{"buf_num", "-1"},	{"buf_num", "99999999999"},
		{"admode", "3"},	{"admode", "-1"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unsigned int before = get(bad[i][0]);

		printf("%s=%s\n", bad[i][0], bad[i][1]);
		KT_CHECK(set(bad[i][0], bad[i][1]) == -1);
		KT_CHECK(get(bad[i][0]) == before);
	}
}

int main(void)
{
	bridges();
	batch();
	stamps();
	regions();
	refusals();
	return 0;
}
