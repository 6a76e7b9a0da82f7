// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * bench_packet.c - what else brings frames through network devices: packet
 * sockets, libpcap, tap devices and the bridge.
 *
 * Each row is a sender and a receiver of 64 frames, in one thread. Of the ways
 * that the system offers, those were taken that proved fastest at this:
 * sendmmsg past the queueing discipline (faster than a transmit ring), a
 * receive ring (faster than recvmmsg), plain reads and writes on a tap (which
 * has nothing else).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"

#define BATCH	    64
#define PROTO	    0x88b5 /* as bench_frame() */
#define RING_FRAMES 256u
#define RING_FRAME  2048u
#define RING_SIZE   (RING_FRAMES * RING_FRAME)

struct path {
	int tx, rx;    /* sockets or taps; -1: none */
	uint8_t *ring; /* of rx, where it is a packet socket */
	unsigned next; /* in ring */
	pcap_t *tx_pcap, *rx_pcap;
	pid_t helper; /* 0: none; ends when this is closed: */
	int helper_fd;
	unsigned (*send)(struct path *p); /* number sent, 0: refused */
	unsigned (*receive)(struct path *p, uint64_t *sum);
	uint8_t frame[64];
	uint8_t buf[BATCH][64];
	struct iovec vec[BATCH];
	struct mmsghdr msg[BATCH];
};

static const uint8_t mac_tx[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t mac_rx[6] = {2, 0, 0, 0, 0, 2};

/* ---- senders ---- */

static unsigned send_mmsg(struct path *p)
{
	int n;

	for (unsigned i = 0; i < BATCH; i++)
		memcpy(p->buf[i], p->frame, BENCH_FRAME);
	n = sendmmsg(p->tx, p->msg, BATCH, 0);
	if (n > 0)
		return (unsigned)n;
	bench_refuse("sendmmsg: %s", strerror(errno));
	return 0;
}

static unsigned send_write(struct path *p)
{
	for (unsigned i = 0; i < BATCH; i++) {
		memcpy(p->buf[i], p->frame, BENCH_FRAME);
		if (write(p->tx, p->buf[i], BENCH_FRAME) != BENCH_FRAME) {
			bench_refuse("tap write: %s", strerror(errno));
			return 0;
		}
	}
	return BATCH;
}

static unsigned send_pcap(struct path *p)
{
	for (unsigned i = 0; i < BATCH; i++) {
		memcpy(p->buf[i], p->frame, BENCH_FRAME);
		if (pcap_inject(p->tx_pcap, p->buf[i], BENCH_FRAME) < 0) {
			bench_refuse("pcap: %s", pcap_geterr(p->tx_pcap));
			return 0;
		}
	}
	return BATCH;
}

/* ---- receivers: what is there now, at least one frame ---- */

/* Waits for a frame that should have been there; a lost one ends the row. */
static bool wait_readable(int fd)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	if (poll(&pfd, 1, 1000) > 0)
		return true;
	bench_refuse("a frame was lost");
	return false;
}

static unsigned receive_ring(struct path *p, uint64_t *sum)
{
	unsigned n = 0;

	for (;; n++, p->next = (p->next + 1) % RING_FRAMES) {
		uint8_t *at = p->ring + (size_t)p->next * RING_FRAME;
		struct tpacket2_hdr *h = (struct tpacket2_hdr *)at;

		if (!(__atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE) &
		      TP_STATUS_USER)) {
			if (n || !wait_readable(p->rx))
				return n;
			continue;
		}
		*sum += h->tp_len + bench_read64(at + h->tp_mac);
		__atomic_store_n(&h->tp_status, TP_STATUS_KERNEL,
				 __ATOMIC_RELEASE);
	}
}

static unsigned receive_read(struct path *p, uint64_t *sum)
{
	ssize_t n = read(p->rx, p->buf[0], sizeof(p->buf[0]));

	while (n < 0 && errno == EAGAIN && wait_readable(p->rx))
		n = read(p->rx, p->buf[0], sizeof(p->buf[0]));
	if (n <= 0)
		return 0;
	*sum += (uint64_t)n + bench_read64(p->buf[0]);
	return 1;
}

static void pcap_frame(u_char *user, const struct pcap_pkthdr *h,
		       const u_char *bytes)
{
	*(uint64_t *)(void *)user += h->len + bench_read64(bytes);
}

static unsigned receive_pcap(struct path *p, uint64_t *sum)
{
	int n = pcap_dispatch(p->rx_pcap, BATCH, pcap_frame, (u_char *)sum);

	if (n > 0)
		return (unsigned)n;
	if (!wait_readable(pcap_get_selectable_fd(p->rx_pcap)))
		return 0;
	n = pcap_dispatch(p->rx_pcap, BATCH, pcap_frame, (u_char *)sum);
	if (n <= 0)
		bench_refuse("pcap_dispatch: %s", pcap_geterr(p->rx_pcap));
	return n > 0 ? (unsigned)n : 0;
}

static unsigned path_step(void *state)
{
	struct path *p = state;
	unsigned sent = p->send(p), got = 0;
	uint64_t sum = 0;

	while (got < sent) {
		unsigned n = p->receive(p, &sum);

		if (!n)
			return 0;
		got += n;
	}
	bench_sink = sum;
	if (got == sent)
		return sent;
	if (sent)
		bench_refuse("%u frames sent, %u received", sent, got);
	return 0;
}

/* ---- making and ending ---- */

static void path_close(void *state)
{
	struct path *p = state;

	if (p->ring)
		munmap(p->ring, RING_SIZE);
	if (p->tx >= 0)
		close(p->tx);
	if (p->rx >= 0)
		close(p->rx);
	if (p->tx_pcap)
		pcap_close(p->tx_pcap);
	if (p->rx_pcap)
		pcap_close(p->rx_pcap);
	if (p->helper > 0) {
		close(p->helper_fd);
		waitpid(p->helper, NULL, 0);
	}
	free(p);
}

static struct path *path_new(void)
{
	struct path *p = bench_netns_ready() ? calloc(1, sizeof(*p)) : NULL;

	if (!p)
		return NULL;
	p->tx = p->rx = -1;
	bench_frame(p->frame, BENCH_FRAME, mac_rx, mac_tx);
	for (unsigned i = 0; i < BATCH; i++) {
		p->vec[i] = (struct iovec){p->buf[i], BENCH_FRAME};
		p->msg[i].msg_hdr.msg_iov = &p->vec[i];
		p->msg[i].msg_hdr.msg_iovlen = 1;
	}
	return p;
}

/* @p if @ok, else NULL and @p is gone: the end of each open function. */
static void *path_finish(struct path *p, bool ok)
{
	if (ok)
		return p;
	path_close(p);
	return NULL;
}

static bool tx_socket(struct path *p, const char *dev)
{
	int one = 1;

	p->send = send_mmsg;
	p->tx = bench_packet_socket(dev, 0);
	if (p->tx < 0)
		return false;
	if (!setsockopt(p->tx, SOL_PACKET, PACKET_QDISC_BYPASS, &one,
			sizeof(one)))
		return true;
	bench_refuse("PACKET_QDISC_BYPASS: %s", strerror(errno));
	return false;
}

static bool rx_ring(struct path *p, const char *dev)
{
	struct tpacket_req req = {
		.tp_block_size = RING_SIZE,
		.tp_block_nr = 1,
		.tp_frame_size = RING_FRAME,
		.tp_frame_nr = RING_FRAMES,
	};
	int version = TPACKET_V2;
	void *ring;

	p->receive = receive_ring;
	p->rx = bench_packet_socket(dev, PROTO);
	if (p->rx < 0)
		return false;
	if (setsockopt(p->rx, SOL_PACKET, PACKET_VERSION, &version,
		       sizeof(version)) ||
	    setsockopt(p->rx, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req))) {
		bench_refuse("PACKET_RX_RING: %s", strerror(errno));
		return false;
	}
	ring = mmap(NULL, RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, p->rx,
		    0);
	if (ring == MAP_FAILED) {
		bench_refuse("mmap of the receive ring: %s", strerror(errno));
		return false;
	}
	p->ring = ring;
	return true;
}

/* A veth pair @name0, @name1: one per row, for what is sent over it is shown
 * to all packet sockets on it. */
static bool veth_add(const char *name)
{
	char script[300];

	snprintf(script, sizeof(script),
		 "link add %s0 address 02:00:00:00:00:01 "
		 "type veth peer name %s1 address 02:00:00:00:00:02\n"
		 "link set %s0 up\n"
		 "link set %s1 up",
		 name, name, name, name);
	return bench_ip(script);
}

static void *afpacket_open(const struct bench_def *def)
{
	struct path *p = path_new();

	(void)def;
	if (!p)
		return NULL;
	return path_finish(p, veth_add("bveth") && tx_socket(p, "bveth0") &&
				      rx_ring(p, "bveth1"));
}

/* A live handle that is called for each frame at once; @proto 0 would mean
 * all, so a sender asks for one that nobody sends. */
static pcap_t *pcap_handle(const char *dev, int proto)
{
	char err[PCAP_ERRBUF_SIZE];
	pcap_t *h = pcap_create(dev, err);

	if (!h) {
		bench_refuse("pcap_create: %.100s", err);
		return NULL;
	}
	pcap_set_snaplen(h, 2048);
	pcap_set_immediate_mode(h, 1);
	pcap_set_protocol_linux(h, proto);
	if (pcap_activate(h) < 0 || pcap_setnonblock(h, 1, err) < 0) {
		bench_refuse("pcap on %s: %.100s", dev, pcap_geterr(h));
		pcap_close(h);
		return NULL;
	}
	return h;
}

static void *libpcap_open(const struct bench_def *def)
{
	struct path *p = path_new();

	(void)def;
	if (!p)
		return NULL;
	p->send = send_pcap;
	p->receive = receive_pcap;
	if (veth_add("bpcap")) {
		p->tx_pcap = pcap_handle("bpcap0", PROTO + 1);
		p->rx_pcap = pcap_handle("bpcap1", PROTO);
	}
	return path_finish(p, p->tx_pcap && p->rx_pcap);
}

static void *tap_open(const struct bench_def *def)
{
	struct path *p = path_new();

	(void)def;
	if (!p)
		return NULL;
	p->send = send_write;
	p->tx = bench_tap_open("btap0");
	return path_finish(p, p->tx >= 0 && rx_ring(p, "btap0"));
}

/* The bridge must know the receiver's station, or it would flood. */
static bool bridge_learn(struct path *p)
{
	uint8_t frame[BENCH_FRAME], in[64];

	bench_frame(frame, BENCH_FRAME, mac_tx, mac_rx);
	if (write(p->rx, frame, BENCH_FRAME) == BENCH_FRAME &&
	    wait_readable(p->tx) && read(p->tx, in, sizeof(in)) == BENCH_FRAME)
		return true;
	bench_refuse("the bridge does not forward");
	return false;
}

/* Writes to tap @a, reads from tap @b; what is between them comes next. */
static struct path *taps_open(const char *a, const char *b)
{
	struct path *p = path_new();

	if (!p)
		return NULL;
	p->send = send_write;
	p->receive = receive_read;
	p->tx = bench_tap_open(a);
	p->rx = bench_tap_open(b);
	return path_finish(p, p->tx >= 0 && p->rx >= 0);
}

static void *bridge_open(const struct bench_def *def)
{
	struct path *p = taps_open("btapa", "btapb");

	(void)def;
	if (!p)
		return NULL;
	return path_finish(p, bench_ip("link add bbridge type bridge "
				       "stp_state 0 mcast_snooping 0\n"
				       "link set btapa master bbridge\n"
				       "link set btapb master bbridge\n"
				       "link set bbridge up") &&
				      bridge_learn(p));
}

/* ovs.sh between the two taps; it says "ready", or why not. */
static bool ovs_start(struct path *p)
{
	char text[BENCH_TEXT] = "it has ended";
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
		bench_refuse("socketpair: %s", strerror(errno));
		return false;
	}
	p->helper = fork();
	if (!p->helper) {
		dup2(fds[1], STDIN_FILENO);
		dup2(fds[1], STDOUT_FILENO);
		execl(OVS_SH, "ovs.sh", "btapc", "btapd", (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	p->helper_fd = fds[0];
	if (p->helper > 0 && read(fds[0], text, sizeof(text) - 1) > 0 &&
	    !strncmp(text, "ready", 5))
		return true;
	text[strcspn(text, "\n")] = '\0';
	bench_refuse("Open vSwitch: %s", text);
	return false;
}

static void *ovs_open(const struct bench_def *def)
{
	struct path *p = taps_open("btapc", "btapd");

	(void)def;
	if (!p)
		return NULL;
	return path_finish(p, ovs_start(p) && bridge_learn(p));
}

const struct bench_def bench_packet_rows[] = {
	{
		.name = "peer.afpacket",
		.note = "packet sockets over veth, sendmmsg of 64 past the "
			"qdisc, receive ring",
		.open = afpacket_open,
		.step = path_step,
		.close = path_close,
	},
	{
		.name = "peer.pcap",
		.note = "libpcap over veth, 64 pcap_inject, pcap_dispatch",
		.open = libpcap_open,
		.step = path_step,
		.close = path_close,
	},
	{
		.name = "peer.tap",
		.note = "64 writes into a tap, receive ring of a packet "
			"socket on it",
		.open = tap_open,
		.step = path_step,
		.close = path_close,
	},
	{
		.name = "peer.bridge",
		.note = "tap, Linux bridge, tap: 64 writes, 64 reads",
		.open = bridge_open,
		.step = path_step,
		.close = path_close,
	},
	{
		.name = "peer.ovs",
		.note = "tap, Open vSwitch (its datapath in user space), tap: "
			"64 writes, 64 reads; the switch on any processor",
		.open = ovs_open,
		.step = path_step,
		.close = path_close,
	},
	{0},
};
