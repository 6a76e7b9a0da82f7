// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Devices of software are interfaces like others: what the owner of a tap
 * writes is received in rings, and it reads what they send; a bridge in netmap
 * mode gives a program what its members hear, and sends by them. Their hosts go
 * on talking by a program.
 *
 *      tap        program -- rings of kt0 ---- descriptor of the tap
 *
 *      bridge     program -- rings of kb0 == member kv0 --- kv1, elsewhere
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kt_nic.h"

#define LEN    1514
#define FRAMES 300 /* more than a tap keeps for its owner at a time */
#define HERE   "10.8.0.1"
#define THERE  "10.8.0.2"

static unsigned fill(uint8_t *f, unsigned n)
{
	unsigned len = 14 + n * 37 % (LEN - 13);

	memset(f, 0xff, 6);
	for (unsigned i = 6; i < len; i++)
		f[i] = (uint8_t)(i < 12 ? 2 : n + i * 3);
	f[12] = 0x88;
	f[13] = 0xb5;
	return len;
}

static void readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	KT_CHECK(poll(&p, 1, KT_SECONDS * 1000) == 1);
}

/* ---- a tap ---- */

static int tap_open(const char *name)
{
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR);

	KT_CHECK(fd >= 0);
	strcpy(r.ifr_name, name);
	KT_CHECK(ioctl(fd, TUNSETIFF, &r) == 0);
	kt_run(kt_here(),
	       "echo 1 >/proc/sys/net/ipv6/conf/%s/disable_ipv6; "
	       "ip link set %s up",
	       name, name);
	return fd;
}

static void taps(unsigned admode)
{
	uint8_t f[2048], got[2048];
	int tap = tap_open("kt0");
	struct kt_port p;
	unsigned len;

	kt_run(kt_here(), "echo %u >/sys/module/netmap/parameters/admode",
	       admode);
	kt_open(&p, "kt0");
	kt_mode_is("kt0", admode ? KT_VETH_SKB : KT_VETH);
	for (unsigned n = 0; n < FRAMES; n++) {
		len = fill(f, n);
		KT_CHECK(write(tap, f, len) == (ssize_t)len);
		kt_next_is(p.fd, p.rx, f, len);
		KT_CHECK(kt_put(p.tx, f, len));
		KT_CHECK(ioctl(p.fd, NIOCTXSYNC) == 0);
		readable(tap);
		KT_CHECK(read(tap, got, sizeof(got)) == (ssize_t)len);
		KT_CHECK(!memcmp(got, f, len));
	}
	/* The tap goes: so does the port. */
	close(tap);
	KT_FAILS(ioctl(p.fd, NIOCRXSYNC), EIO);
	kt_close(&p);
	kt_run(kt_here(), "echo 0 >/sys/module/netmap/parameters/admode");
}

/* ---- a bridge ---- */

static void bridges(void)
{
	int there = kt_new_ns(), s;
	uint8_t f[2048], got[2048];
	struct kt_pair pair;
	struct kt_port p;
	unsigned len;
	ssize_t got_len;
	pid_t relay;
	bool ours;

	KT_CHECK(kt_pair_make(&pair, KT_VETH));
	kt_run(kt_here(),
	       "brctl addbr kb0 && brctl addif kb0 kv0 && "
	       "echo 1 >/proc/sys/net/ipv6/conf/kb0/disable_ipv6; "
	       "ip addr add " HERE "/24 dev kb0; ip link set kb0 up");
	s = kt_packet_socket("kv1");
	kt_open(&p, "kb0");
	kt_mode_is("kb0", KT_E1000);
	for (unsigned n = 0; n < FRAMES; n++) {
		len = fill(f, n);
		KT_CHECK(send(s, f, len, 0) == (ssize_t)len);
		kt_next_is(p.fd, p.rx, f, len);
		KT_CHECK(kt_put(p.tx, f, len));
		KT_CHECK(ioctl(p.fd, NIOCTXSYNC) == 0);
		do { /* also what it has sent itself, and what the host
		      * sent before */
			readable(s);
			got_len = recv(s, got, sizeof(got), MSG_TRUNC);
			KT_CHECK(got_len >= 14);
			ours = !memcmp(got + 12, f + 12, 2);
			KT_CHECK(!ours || got_len == (ssize_t)len);
		} while (!ours || memcmp(got, f, len));
	}
	close(s);
	kt_close(&p);
	kt_move("kv1", there);
	kt_run(there, "ip addr add " THERE "/24 dev kv1 && ip link set kv1 up");
	relay = kt_relay("kb0", 1);
	kt_run(kt_here(), "ping -c 1 -W 10 " THERE " >/dev/null");
	kt_tcp(there, kt_here(), HERE);
	kt_end(relay);
	kt_run(there, "ping -c 1 -W 10 " HERE " >/dev/null");
	/* The bridge goes: so does the port; its member is left. */
	kt_open(&p, "kb0");
	kt_run(kt_here(), "ip link set kb0 down; ip link del kb0");
	KT_FAILS(ioctl(p.fd, NIOCRXSYNC), EIO);
	kt_close(&p);
	kt_open(&p, "kv0");
	kt_close(&p);
	kt_pair_end(&pair);
	close(there);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("tap\n");
	taps(0);
	printf("tap, by skbs\n");
	taps(2);
	printf("bridge\n");
	bridges();
	return 0;
}
