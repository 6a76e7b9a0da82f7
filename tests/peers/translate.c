// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * translate - sends frames behind virtio-net headers through a switch to a port
 * that has none, and gives back what arrives there.
 *
 *      stdin  -->  vale0:a (12 bytes of header)  -->  vale0:b (none)  -->  stdout
 *
 * In: a length, then header and frame; until the end. Out, for each: the frames
 * that came of it, each behind its length, and a length of 0. Lengths have 32
 * bits, in the machine's byte order.
 */
#include <stdio.h>
#include <stdlib.h>
#include "gso.h"

static struct gso g;

static void put(const void *data, size_t len)
{
	if (fwrite(data, 1, len, stdout) != len)
		exit(1);
}

static void put_frame(const void *data, uint32_t len)
{
	put(&len, sizeof(len));
	put(data, len);
}

/* The next input is in g; false: there is none. */
static bool take(void)
{
	uint32_t len;

	if (fread(&len, sizeof(len), 1, stdin) != 1)
		return false;
	if (len < 12 || len > sizeof(g.data) ||
	    fread(g.data, 1, len, stdin) != len)
		exit(1);
	g.vnet = 12;
	g.len = len - 12;
	return true;
}

int main(void)
{
	struct port a = vnet_open("vale0:a", 128, 12);
	struct port b = vnet_open("vale0:b", 4096, 0);
	static uint8_t f[GSO_MAX];
	int len;

	while (take()) {
		gso_send(&a, &g, 2048);
		conf_rxsync(&b);
		while ((len = conf_get(conf_rx(&b, 0), f, sizeof(f))) > 0)
			put_frame(f, (uint32_t)len);
		put_frame(f, 0);
		fflush(stdout);
	}
	conf_cleanup();
	return 0;
}
