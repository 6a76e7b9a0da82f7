// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * What netmap adds to a driver: a module (tests/kernel/modules/nmsink) has one
 * without hardware, and two interfaces. A port is on the first; on the second the
 * driver alone does what it does for a frame, which the rows subtract.
 *
 *   nmsink.tx         port, TXSYNC -> nmsink0's ndo_xdp_xmit
 *   nmsink.tx.floor                   nmsink1's ndo_xdp_xmit, 64 at a time
 *   nmsink.rx         nmsink0's NAPI, its XDP program is netmap -> port, RXSYNC
 *   nmsink.rx.floor   nmsink1's NAPI, its XDP program drops
 *
 * Programs fill and read frames in the floors as in the rows.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "link.h"
#include "ring.h"

#define MODULE "/examples/netmap_nmsink.ko"
#define DEBUG  "/sys/kernel/debug"
#define BURST  64 /* frames per ndo_xdp_xmit of the floor */

static struct end port;

/* A file of interface @dev; -1 and errno. */
static int sink_file(unsigned int dev, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), DEBUG "/nmsink/nmsink%u/%s", dev, name);
	return open(path, flags);
}

static int sink_tell(int fd, unsigned int value)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", value);

	return write(fd, text, (size_t)n) == n ? 0 : -1;
}

static unsigned int sink_count(unsigned int dev, const char *name)
{
	int fd = sink_file(dev, name, O_RDONLY);
	char text[32] = "";

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return (unsigned int)strtoul(text, NULL, 10);
}

static int setup(const struct bench_row *row)
{
	int fd;

	(void)row;
	if (port.tx)
		return 0;
	bench_frame(short_frame, BENCH_FRAME, 2, 1);
	fd = open(MODULE, O_RDONLY);
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		return -1;
	close(fd);
	if (mount("debugfs", DEBUG, "debugfs", 0, NULL) && errno != EBUSY)
		return -1;
	if (link_up("nmsink0") || link_up("nmsink1") || drop_all("nmsink1"))
		return -1;
	return end_open(&port, "nmsink0");
}

static unsigned int run_tx(const struct bench_row *row, unsigned int n)
{
	unsigned int before = sink_count(0, "tx_frames"), left;

	for (left = n; left; left -= row->batch) {
		move(port.tx,
		     fill(port.tx, row->batch, BENCH_FRAME, short_frame));
		if (ioctl(port.fd, NIOCTXSYNC))
			break;
	}
	return sink_count(0, "tx_frames") - before;
}

/* One system call for all of it: that of TXSYNC is not subtracted. */
static unsigned int run_tx_floor(const struct bench_row *row, unsigned int n)
{
	unsigned int before = sink_count(1, "tx_frames"), left;
	int fd = sink_file(1, "xmit", O_WRONLY);
	volatile uint32_t head;

	for (left = n; left; left -= row->batch)
		head = fill(port.tx, row->batch, BENCH_FRAME, short_frame);
	(void)head;
	if (sink_tell(fd, n / BURST))
		before++;
	close(fd);
	return sink_count(1, "tx_frames") - before;
}

static unsigned int run_rx(const struct bench_row *row, unsigned int n)
{
	int fd = sink_file(0, "rx", O_WRONLY);
	unsigned int left;

	for (left = n; left; left -= row->batch) {
		if (sink_tell(fd, row->batch) || !end_wait(&port, row->batch))
			break;
		move(port.rx, take(port.rx, row->batch));
	}
	close(fd);
	return n - left;
}

static unsigned int run_rx_floor(const struct bench_row *row, unsigned int n)
{
	unsigned int before = sink_count(1, "rx_dropped"), left;
	int fd = sink_file(1, "rx", O_WRONLY);
	volatile uint32_t head;

	for (left = n; left; left -= row->batch) {
		if (sink_tell(fd, row->batch))
			break;
		head = take(port.rx, row->batch);
	}
	(void)head;
	close(fd);
	return sink_count(1, "rx_dropped") - before;
}

#define ROW(_name, _run, _minus, _note)                                        \
	{                                                                      \
		.name = _name, .note = _note, .frames = 16384, .setup = setup, \
		.run = _run, .batch = 256, .minus = _minus,                    \
	}

const struct bench_row sink_rows[] = {
	ROW("nmsink.tx.floor", run_tx_floor, NULL,
	    "fill, and a driver that counts what it is to send, 64 at a time"),
	ROW("nmsink.tx", run_tx, "nmsink.tx.floor",
	    "what a port and TXSYNC add to nmsink.tx.floor, which is "
	    "subtracted; 60 B, batch 256"),
	ROW("nmsink.rx.floor", run_rx_floor, NULL,
	    "a driver that receives, an XDP program that drops, and read"),
	ROW("nmsink.rx", run_rx, "nmsink.rx.floor",
	    "what a port and RXSYNC add to nmsink.rx.floor, which is "
	    "subtracted; 60 B, batch 256"),
	{0},
};
