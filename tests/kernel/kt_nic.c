// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "kt_nic.h"

const char *const kt_kind_name[KT_KINDS] = {
	[KT_VETH] = "veth",
	[KT_VETH_SKB] = "veth, by skbs",
	[KT_VIRTIO] = "virtio-net",
	[KT_E1000] = "e1000",
};

static void set_admode(unsigned value)
{
	kt_run(kt_here(), "echo %u >/sys/module/netmap/parameters/admode",
	       value);
}

/* The @index-th interface with @driver, counted from 0; false: none. */
static bool find_by_driver(char *name, const char *driver, int index)
{
	struct dirent **list;
	int n = scandir("/sys/class/net", &list, NULL, alphasort);
	bool found = false;

	for (int i = 0; i < n; i++) {
		char path[512], link[512] = "";

		snprintf(path, sizeof(path), "/sys/class/net/%s/device/driver",
			 list[i]->d_name);
		if (!found && readlink(path, link, sizeof(link) - 1) > 0 &&
		    !strcmp(strrchr(link, '/') + 1, driver) && !index--) {
			snprintf(name, IFNAMSIZ, "%.15s", list[i]->d_name);
			found = true;
		}
		free(list[i]);
	}
	free(list);
	return found;
}

void kt_pair_wait(const struct kt_pair *p)
{
	kt_run(kt_here(),
	       "for i in $(seq 1000); do "
	       "[ $(cat /sys/class/net/%s/carrier) = 1 ] && "
	       "[ $(cat /sys/class/net/%s/carrier) = 1 ] && exit; "
	       "usleep 10000; done; false",
	       p->a, p->b);
}

bool kt_pair_make(struct kt_pair *p, enum kt_kind kind)
{
	const char *driver = kind == KT_E1000 ? "e1000" : "virtio_net";

	*p = (struct kt_pair){.kind = kind};
	if (kind == KT_VETH || kind == KT_VETH_SKB) {
		strcpy(p->a, "kv0");
		strcpy(p->b, "kv1");
		/* busybox has no name for the peer */
		kt_run(kt_here(), "ip link add kv0 type veth && "
				  "ip link set veth0 name kv1");
	} else if (!find_by_driver(p->a, driver, 0) ||
		   !find_by_driver(p->b, driver, 1)) {
		return false;
	}
	/* No chatter of the stack's between the frames of tests. */
	kt_run(kt_here(),
	       "for i in %s %s; do "
	       "echo 1 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; "
	       "ip link set $i promisc on up || exit; done",
	       p->a, p->b);
	kt_pair_wait(p);
	if (kind == KT_VETH_SKB)
		set_admode(2);
	return true;
}

void kt_pair_end(struct kt_pair *p)
{
	set_admode(0);
	if (p->kind == KT_VETH || p->kind == KT_VETH_SKB)
		kt_run(kt_here(), "ip link del %s", p->a);
	else
		kt_run(kt_here(),
		       "for i in %s %s; do "
		       "ip addr flush dev $i; "
		       "ip link set $i promisc off down; done",
		       p->a, p->b);
}

/* What is said of @kind, tx and rx: the reason for their mode. */
static const char *const reasons[KT_KINDS][2] = {
	[KT_VETH] = {"the driver takes XDP frames", "the driver has XDP"},
	[KT_VETH_SKB] = {"parameter admode is 2", "parameter admode is 2"},
	[KT_VIRTIO] = {"the driver takes XDP frames", "the driver has XDP"},
	[KT_E1000] = {"the driver takes no XDP frames",
		      "the driver has no XDP"},
};

void kt_mode_is(const char *name, enum kt_kind kind)
{
	const char *mode = kind == KT_VETH || kind == KT_VIRTIO
				   ? "rx native-xdp, tx native-xdp"
				   : "rx skb, tx skb";
	struct nmreq_x_port x = {.x_size = sizeof(x)};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_X_PORTS_GET,
				 .nr_body = (uintptr_t)&x};
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR);

	do {
		KT_CHECK(ioctl(fd, NIOCCTRL, &h) == 0);
		x.x_seq++;
	} while (strcmp(h.nr_name, name));
	close(fd);
	printf("%s: %s (%s, %s)\n", name, x.x_mode, x.x_why[0], x.x_why[1]);
	KT_CHECK(!strcmp(x.x_mode, mode));
	for (int d = 0; d < 2; d++)
		KT_CHECK(!strcmp(x.x_why[d], reasons[kind][d]));
}

void kt_look(const char *name, char *text, size_t size)
{
	char command[256];
	size_t n;
	FILE *f;

	snprintf(command, sizeof(command),
		 "ip link show %s | head -n 2; cat /sys/class/net/%s/flags",
		 name, name);
	f = popen(command, "r");
	KT_CHECK(f);
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	KT_CHECK(pclose(f) == 0);
}

/* ---- rings ---- */

void kt_rings_open(struct kt_rings *r, const char *name,
		   struct nmreq_register reg)
{
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_REGISTER,
				 .nr_body = (uintptr_t)&r->reg};

	r->reg = reg;
	snprintf(h.nr_name, sizeof(h.nr_name), "%s", name);
	r->fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	KT_CHECK(r->fd >= 0);
	KT_CHECK(ioctl(r->fd, NIOCCTRL, &h) == 0);
	r->size = r->reg.nr_memsize;
	r->mem = mmap(NULL, r->size, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
		      0);
	KT_CHECK(r->mem != MAP_FAILED);
	r->nif = (struct netmap_if *)(r->mem + r->reg.nr_offset);
}

void kt_rings_close(struct kt_rings *r)
{
	KT_CHECK(munmap(r->mem, r->size) == 0);
	KT_CHECK(close(r->fd) == 0);
}

struct netmap_ring *kt_tx(const struct kt_rings *r, unsigned i)
{
	return (void *)((char *)r->nif + r->nif->ring_ofs[i]);
}

struct netmap_ring *kt_rx(const struct kt_rings *r, unsigned i)
{
	return kt_tx(r, r->nif->ni_tx_rings + r->nif->ni_host_tx_rings + i);
}

static unsigned room_of(const struct netmap_ring *r)
{
	return (r->tail + r->num_slots - r->head) % r->num_slots;
}

/* Slots of the frame at slot @k; 0: it has not all come. */
static unsigned slots_of(const struct netmap_ring *r, uint32_t k)
{
	for (unsigned n = 1; k != r->tail; n++, k = kt_next(r, k))
		if (!(r->slot[k].flags & NS_MOREFRAG))
			return n;
	return 0;
}

static void exchange(struct netmap_slot *from, struct netmap_slot *to)
{
	uint32_t buf = from->buf_idx;

	from->buf_idx = to->buf_idx;
	to->buf_idx = buf;
	to->len = from->len;
	to->flags = (from->flags & NS_MOREFRAG) | NS_BUF_CHANGED;
	from->flags = NS_BUF_CHANGED;
}

unsigned kt_pass(struct netmap_ring *from, struct netmap_ring *to)
{
	uint32_t f = from->head, t = to->head;
	unsigned n = 0, room = room_of(to), slots;

	for (; (slots = slots_of(from, f)) && slots <= room; n++) {
		for (room -= slots; slots; slots--) {
			exchange(&from->slot[f], &to->slot[t]);
			f = kt_next(from, f);
			t = kt_next(to, t);
		}
	}
	from->head = from->cur = f;
	to->head = to->cur = t;
	return n;
}

/* ---- frames ---- */

static void put_slot(struct netmap_ring *r, const void *data, unsigned len,
		     uint16_t flags)
{
	struct netmap_slot *s = &r->slot[r->head];

	KT_CHECK(len <= r->nr_buf_size);
	memcpy(kt_buffer(r, s->buf_idx), data, len);
	s->len = (uint16_t)len;
	s->flags = flags;
	r->head = r->cur = kt_next(r, r->head);
}

bool kt_put(struct netmap_ring *r, const void *frame, unsigned len)
{
	if (!room_of(r))
		return false;
	put_slot(r, frame, len, 0);
	return true;
}

static void wait_for(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	KT_CHECK(poll(&p, 1, KT_SECONDS * 1000) == 1);
	KT_CHECK(p.revents == events);
}

void kt_put_pieces(int fd, struct netmap_ring *r, const void *frame,
		   unsigned len, unsigned piece)
{
	unsigned slots = (len + piece - 1) / piece;

	/* All that is free counts as room, so ask for more than that. */
	while (room_of(r) < slots) {
		r->cur = r->tail;
		wait_for(fd, POLLOUT);
	}
	for (unsigned at = 0; at < len; at += piece) {
		unsigned part = len - at < piece ? len - at : piece;

		put_slot(r, (const uint8_t *)frame + at, part,
			 at + part < len ? NS_MOREFRAG : 0);
	}
	KT_CHECK(ioctl(fd, NIOCTXSYNC) == 0);
}

unsigned kt_take(struct netmap_ring *r, void *frame, unsigned size)
{
	struct netmap_slot *s;
	unsigned len = 0;

	if (r->head == r->tail)
		return 0;
	do {
		KT_CHECK(r->head != r->tail);
		s = &r->slot[r->head];
		KT_CHECK(len + s->len <= size);
		memcpy((uint8_t *)frame + len, kt_buffer(r, s->buf_idx),
		       s->len);
		len += s->len;
		r->head = r->cur = kt_next(r, r->head);
	} while (s->flags & NS_MOREFRAG);
	return len;
}

unsigned kt_take_next(int fd, struct netmap_ring *r, void *frame, unsigned size)
{
	unsigned len;

	while (!(len = kt_take(r, frame, size)))
		wait_for(fd, POLLIN);
	return len;
}

void kt_next_is(int fd, struct netmap_ring *r, const void *frame, unsigned len)
{
	static uint8_t got[65536];
	unsigned n = kt_take_next(fd, r, got, sizeof(got));

	if (n != len)
		printf("%u bytes instead of %u\n", n, len);
	KT_CHECK(n == len);
	for (unsigned i = 0; i < len; i++)
		if (got[i] != ((const uint8_t *)frame)[i]) {
			printf("of %u bytes, byte %u is %#x instead of %#x\n",
			       len, i, got[i], ((const uint8_t *)frame)[i]);
			KT_CHECK(got[i] == ((const uint8_t *)frame)[i]);
		}
}

/* ---- counters, sockets ---- */

struct nmreq_x_stats kt_stats(const char *name, uint16_t dir)
{
	struct nmreq_x_stats x = {.x_size = sizeof(x),
				  .x_dir = dir,
				  .x_ring = NETMAP_X_ALL_RINGS};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_X_STATS_GET,
				 .nr_body = (uintptr_t)&x};
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR);

	KT_CHECK(fd >= 0);
	snprintf(h.nr_name, sizeof(h.nr_name), "%s", name);
	KT_CHECK(ioctl(fd, NIOCCTRL, &h) == 0);
	close(fd);
	return x;
}

unsigned long kt_counted(const char *name, const char *what)
{
	char path[128], text[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s", name,
		 what);
	f = fopen(path, "r");
	KT_CHECK(f && fgets(text, sizeof(text), f));
	fclose(f);
	return strtoul(text, NULL, 10);
}

int kt_packet_socket(const char *name)
{
	struct sockaddr_ll a = {.sll_family = AF_PACKET,
				.sll_protocol = htons(ETH_P_ALL),
				.sll_ifindex = (int)if_nametoindex(name)};
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

	KT_CHECK(fd >= 0 && a.sll_ifindex);
	KT_CHECK(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	return fd;
}

/* ---- a relay ---- */

struct relay {
	const char *name;
	unsigned host_rings;
	int ready[2];
};

static void relay_run(void *arg)
{
	struct relay *y = arg;
	struct kt_rings r;

	kt_rings_open(&r, y->name,
		      (struct nmreq_register){
			      .nr_mode = NR_REG_NIC_SW,
			      .nr_host_tx_rings = (uint16_t)y->host_rings,
			      .nr_host_rx_rings = (uint16_t)y->host_rings});
	KT_CHECK(write(y->ready[1], "", 1) == 1);
	for (;;) {
		struct pollfd p = {.fd = r.fd, .events = POLLIN};
		unsigned nic_rx = r.reg.nr_rx_rings, moved = 0;
		unsigned nic_tx = r.reg.nr_tx_rings;

		if (poll(&p, 1, -1) != 1 || p.revents & POLLERR)
			return;
		for (unsigned i = 0; i < nic_rx; i++)
			moved += kt_pass(kt_rx(&r, i),
					 kt_tx(&r, nic_tx + i % y->host_rings));
		for (unsigned i = 0; i < y->host_rings; i++)
			moved += kt_pass(kt_rx(&r, nic_rx + i),
					 kt_tx(&r, i % nic_tx));
		/* What has no room waits for that. */
		ioctl(r.fd, NIOCTXSYNC);
		if (!moved)
			usleep(100);
	}
}

pid_t kt_relay(const char *name, unsigned host_rings)
{
	struct relay y = {.name = name, .host_rings = host_rings};
	pid_t pid;
	char c;

	KT_CHECK(pipe(y.ready) == 0);
	pid = kt_fork(relay_run, &y);
	close(y.ready[1]);
	KT_CHECK(read(y.ready[0], &c, 1) == 1);
	close(y.ready[0]);
	return pid;
}

/* ---- the driver without hardware ---- */

#define DEBUG "/sys/kernel/debug"

void kt_sink_load(void)
{
	KT_CHECK(kt_insmod("netmap_nmsink", "") == 0);
	KT_CHECK(mount("debugfs", DEBUG, "debugfs", 0, NULL) == 0 ||
		 errno == EBUSY);
	kt_run(kt_here(), "for i in nmsink0 nmsink1; do "
			  "echo 1 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; "
			  "ip link set $i up || exit; done");
}

int kt_sink_unload(void)
{
	return kt_rmmod("netmap_nmsink");
}

static int sink_file(unsigned dev, const char *file, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), DEBUG "/nmsink/nmsink%u/%s", dev, file);
	fd = open(path, flags);
	KT_CHECK(fd >= 0);
	return fd;
}

void kt_sink_set(unsigned dev, const char *file, unsigned value)
{
	int fd = sink_file(dev, file, O_WRONLY);
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", value);

	KT_CHECK(write(fd, text, (size_t)n) == n);
	close(fd);
}

unsigned long kt_sink_get(unsigned dev, const char *file)
{
	int fd = sink_file(dev, file, O_RDONLY);
	char text[32] = "";

	KT_CHECK(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return strtoul(text, NULL, 10);
}

bool kt_sink_becomes(unsigned dev, const char *file, unsigned long value)
{
	time_t deadline = time(NULL) + KT_SECONDS;

	while (kt_sink_get(dev, file) != value) {
		if (time(NULL) > deadline)
			return false;
		usleep(1000);
	}
	return true;
}
