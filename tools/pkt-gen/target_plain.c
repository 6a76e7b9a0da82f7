// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Targets that are no netmap ports: tap, pcap, null. */
#include "target.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "cli.h"
#include "frame.h"

#define BUF_SIZE (FRAME_MAX + 1 + 12)

/* ---- tap ---- */

static bool tap_up(const char *name)
{
	struct ifreq r = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	ok = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &r) == 0;
	r.ifr_flags |= IFF_UP;
	ok = ok && ioctl(fd, SIOCSIFFLAGS, &r) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool tap_open(struct target *t)
{
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int len = (int)t->vnet;

	if (strlen(t->spec) >= IFNAMSIZ)
		return cli_fail("tap:%s: a name has at most %d characters",
				t->spec, IFNAMSIZ - 1);
	strcpy(r.ifr_name, t->spec);
	if (len)
		r.ifr_flags |= IFF_VNET_HDR;
	t->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (t->fd < 0)
		return cli_fail("/dev/net/tun: cannot be opened: %s",
				strerror(errno));
	if (ioctl(t->fd, TUNSETIFF, &r) ||
	    (len && ioctl(t->fd, TUNSETVNETHDRSZ, &len)) || !tap_up(t->spec))
		return cli_fail("tap:%s: cannot be made, or brought up: %s",
				t->spec, strerror(errno));
	t->buf = malloc(BUF_SIZE);
	return t->buf ? true : cli_fail("tap:%s: no memory", t->spec);
}

static int tap_send(struct target *t, const uint8_t *data, uint32_t len)
{
	if (write(t->fd, data, len) == (ssize_t)len)
		return 1;
	if (errno == EAGAIN || errno == ENOBUFS || errno == EINTR)
		return 0;
	cli_fail("tap:%s: cannot send: %s", t->spec, strerror(errno));
	return -1;
}

static int tap_receive(struct target *t, const uint8_t **data, uint32_t *len)
{
	ssize_t n = read(t->fd, t->buf, BUF_SIZE);

	if (n >= 0) {
		*data = t->buf;
		*len = (uint32_t)n;
		return 1;
	}
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	cli_fail("tap:%s: cannot receive: %s", t->spec, strerror(errno));
	return -1;
}

/* ---- pcap ---- */

static bool capture_interface(struct target *t)
{
	char err[PCAP_ERRBUF_SIZE];
	int status;

	t->pcap = pcap_create(t->spec, err);
	if (!t->pcap)
		return cli_fail("pcap:%s: %s", t->spec, err);
	pcap_set_snaplen(t->pcap, FRAME_MAX);
	pcap_set_promisc(t->pcap, 1);
	pcap_set_immediate_mode(t->pcap, 1);
	status = pcap_activate(t->pcap);
	if (status < 0)
		return cli_fail("pcap:%s: cannot be opened: %s", t->spec,
				pcap_statustostr(status));
	if (pcap_setnonblock(t->pcap, 1, err))
		return cli_fail("pcap:%s: %s", t->spec, err);
	t->fd = dup(pcap_get_selectable_fd(t->pcap));
	return t->fd >= 0 ? true
			  : cli_fail("pcap:%s: %s", t->spec, strerror(errno));
}

static bool capture_file(struct target *t, const struct options *o)
{
	char err[PCAP_ERRBUF_SIZE];

	if (!options_send(o) && !options_receive(o))
		return cli_fail("pcap:%s: is a file; ping and pong need an "
				"interface",
				t->spec);
	if (options_receive(o)) {
		t->pcap = pcap_open_offline(t->spec, err);
		return t->pcap ? true : cli_fail("pcap:%s: %s", t->spec, err);
	}
	t->pcap = pcap_open_dead(DLT_EN10MB, FRAME_MAX);
	if (!t->pcap)
		return cli_fail("pcap:%s: no memory", t->spec);
	t->dump = pcap_dump_open(t->pcap, t->spec);
	return t->dump ? true
		       : cli_fail("pcap:%s: %s", t->spec, pcap_geterr(t->pcap));
}

static bool capture_open(struct target *t, const struct options *o)
{
	if (t->vnet)
		return cli_fail("pcap:%s: has no virtio-net headers (-H)",
				t->spec);
	return if_nametoindex(t->spec) ? capture_interface(t)
				       : capture_file(t, o);
}

static int capture_send(struct target *t, const uint8_t *data, uint32_t len)
{
	struct pcap_pkthdr h = {.caplen = len, .len = len};

	if (!t->dump) {
		if (pcap_inject(t->pcap, data, len) == (int)len)
			return 1;
		if (errno == ENOBUFS || errno == EAGAIN)
			return 0;
		cli_fail("pcap:%s: %s", t->spec, pcap_geterr(t->pcap));
		return -1;
	}
	gettimeofday(&h.ts, NULL);
	pcap_dump((u_char *)t->dump, &h, data);
	return 1;
}

static int capture_receive(struct target *t, const uint8_t **data,
			   uint32_t *len)
{
	struct pcap_pkthdr *h;
	int n = pcap_next_ex(t->pcap, &h, data);

	if (n == 1)
		*len = h->caplen;
	if (n == PCAP_ERROR_BREAK) {
		t->ended = true;
		return 0;
	}
	if (n == PCAP_ERROR)
		cli_fail("pcap:%s: %s", t->spec, pcap_geterr(t->pcap));
	return n;
}

/* ---- all three ---- */

bool plain_open(struct target *t, const struct options *o)
{
	switch (t->kind) {
	case TARGET_TAP:
		return tap_open(t);
	case TARGET_PCAP:
		return capture_open(t, o);
	default:
		return true;
	}
}

void plain_close(struct target *t)
{
	if (t->dump) {
		if (pcap_dump_flush(t->dump))
			cli_say("pcap:%s: cannot be written: %s", t->spec,
				strerror(errno));
		pcap_dump_close(t->dump);
	}
	if (t->pcap)
		pcap_close(t->pcap);
	if (t->fd >= 0)
		close(t->fd);
	free(t->buf);
	t->dump = NULL;
	t->pcap = NULL;
	t->fd = -1;
	t->buf = NULL;
}

int plain_send(struct target *t, const uint8_t *data, uint32_t len)
{
	switch (t->kind) {
	case TARGET_TAP:
		return tap_send(t, data, len);
	case TARGET_PCAP:
		return capture_send(t, data, len);
	default:
		return 1;
	}
}

int target_receive(struct target *t, const uint8_t **data, uint32_t *len)
{
	switch (t->kind) {
	case TARGET_TAP:
		return tap_receive(t, data, len);
	case TARGET_PCAP:
		return capture_receive(t, data, len);
	default:
		return 0;
	}
}
