// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A port on an interface is opened and closed many times, with NIC and host
 * rings, while its peer and its own stack send: each time it works, afterwards
 * the interface is as before, and nothing has leaked.
 *
 *      here                                  there
 *
 *      UDP flood --> kv0 (opened, closed) === kv1 <-- UDP flood
 *
 * usage: nic_opens_under_traffic [OPENS]   of each kind
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "kt_nic.h"

#define HERE   "10.8.0.1"
#define THERE  "10.8.0.2"
#define OPENS  40
#define LEAVES 30 /* MB that may be missing: in others' caches */

static int there;

struct flood {
	int ns;
	const char *to;
};

/* Until it is killed; what nobody answers is not waited for. */
static void flood(void *arg)
{
	const struct flood *f = arg;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
	char data[100] = "";
	int s;

	kt_enter(f->ns);
	s = socket(AF_INET, SOCK_DGRAM, 0);
	inet_pton(AF_INET, f->to, &to.sin_addr);
	for (unsigned n = 0;; n++) {
		sendto(s, data, sizeof(data), MSG_DONTWAIT,
		       (struct sockaddr *)&to, sizeof(to));
		/* Whom it disturbs needs the processor too. */
		if (n % 32 == 0)
			usleep(100);
	}
}

static long free_mb(void)
{
	char line[128];
	FILE *f = fopen("/proc/meminfo", "r");
	long kb = 0;

	KT_CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %ld", &kb) == 1)
			break;
	fclose(f);
	return kb / 1024;
}

/* All but little of it is there again, once what was freed is free. */
static bool has_free(long mb)
{
	for (time_t end = time(NULL) + KT_SECONDS; time(NULL) < end;
	     usleep(10000))
		if (free_mb() + LEAVES > mb)
			return true;
	printf("%ld MB were free, then %ld\n", mb, free_mb());
	return false;
}

/* Rings of one kind after the other; what comes goes on, either way. */
static void open_use_close(unsigned n)
{
	static const uint32_t modes[] = {NR_REG_NIC_SW, NR_REG_ALL_NIC,
					 NR_REG_SW};
	uint32_t mode = modes[n % 3];
	struct pollfd p = {.events = POLLIN | POLLOUT};
	struct kt_rings r;

	kt_rings_open(&r, "kv0", (struct nmreq_register){.nr_mode = mode});
	p.fd = r.fd;
	for (unsigned i = 0; i < 2; i++) {
		KT_CHECK(poll(&p, 1, 0) >= 0 && !(p.revents & POLLERR));
		if (mode == NR_REG_NIC_SW) {
			kt_pass(kt_rx(&r, 0), kt_tx(&r, 1));
			kt_pass(kt_rx(&r, 1), kt_tx(&r, 0));
		}
		KT_CHECK(ioctl(r.fd, NIOCTXSYNC) == 0);
	}
	kt_rings_close(&r);
}

static void try_kind(enum kt_kind kind, unsigned opens)
{
	char before[512], after[512];
	struct kt_pair pair;
	pid_t floods[2];
	long memory = 0;

	KT_CHECK(kt_pair_make(&pair, kind));
	there = kt_new_ns();
	kt_move("kv1", there);
	kt_run(kt_here(), "ip addr add " HERE "/24 dev kv0");
	kt_run(there, "ip addr add " THERE "/24 dev kv1 && ip link set kv1 up");
	kt_run(kt_here(), "ping -c 1 -W 10 " THERE " >/dev/null");
	kt_look("kv0", before, sizeof(before));
	floods[0] = kt_fork(flood, &(struct flood){kt_here(), THERE});
	floods[1] = kt_fork(flood, &(struct flood){there, HERE});
	for (unsigned n = 0; n < opens; n++) {
		open_use_close(n);
		if (n == opens / 10)
			memory = free_mb();
	}
	kt_end(floods[0]);
	kt_end(floods[1]);
	KT_CHECK(has_free(memory));
	kt_look("kv0", after, sizeof(after));
	KT_CHECK(!strcmp(before, after));
	kt_run(kt_here(), "ping -c 1 -W 10 " THERE " >/dev/null");
	kt_tcp(there, kt_here(), HERE);
	kt_pair_end(&pair);
	close(there);
}

int main(int argc, char **argv)
{
	unsigned opens = argc > 1 ? (unsigned)atoi(argv[1]) : OPENS;

	setvbuf(stdout, NULL, _IOLBF, 0);
	try_kind(KT_VETH, opens);
	try_kind(KT_VETH_SKB, opens);
	return 0;
}
