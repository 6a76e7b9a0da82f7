// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Another module owns a switch: its look-up decides, it says who joins, hears
 * who leaves, answers NIOCCONFIG, changes its private data under traffic, and
 * stays loaded as long as there are ports (examples/kernel/vlan). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kt.h"

#define VLAN "netmap_vlan"

/* Sends 60 bytes to everybody, with tag @vlan unless 0. */
static void send_tagged(struct kt_port *p, unsigned vlan, uint8_t mark)
{
	struct netmap_ring *r = p->tx;
	struct netmap_slot *s = &r->slot[r->head];
	uint8_t *frame = kt_buffer(r, s->buf_idx);

	memset(frame, mark, 60);
	memset(frame, 0xff, 6);
	memset(frame + 6, 2, 6);
	frame[12] = vlan ? 0x81 : 0x08;
	frame[13] = 0;
	frame[14] = (uint8_t)(vlan >> 8);
	frame[15] = (uint8_t)vlan;
	s->len = 60;
	s->flags = 0;
	r->head = r->cur = r->head + 1 == r->num_slots ? 0 : r->head + 1;
	KT_CHECK(ioctl(p->fd, NIOCTXSYNC) == 0);
}

static void set_untagged(const char *vlan)
{
	int fd = open("/sys/module/" VLAN "/parameters/untagged", O_WRONLY);

	KT_CHECK(fd >= 0);
	KT_CHECK(write(fd, vlan, strlen(vlan)) == (ssize_t)strlen(vlan));
	close(fd);
}

static void frames_go_by_tag(struct kt_port *trunk, struct kt_port *ten,
			     struct kt_port *twenty)
{
	send_tagged(trunk, 10, 1);
	KT_CHECK(kt_receive(ten) == 1);
	KT_CHECK(kt_receive(twenty) == -1);
	send_tagged(trunk, 20, 2);
	KT_CHECK(kt_receive(ten) == -1);
	KT_CHECK(kt_receive(twenty) == 2);
	send_tagged(trunk, 30, 3); /* nobody's */
	send_tagged(ten, 20, 4);   /* not its own */
	KT_CHECK(kt_receive(ten) == -1);
	KT_CHECK(kt_receive(twenty) == -1);
	KT_CHECK(kt_receive(trunk) == -1);
	send_tagged(ten, 10, 5);
	KT_CHECK(kt_receive(trunk) == 5);
}

static void private_data_changes(struct kt_port *trunk, struct kt_port *ten)
{
	send_tagged(trunk, 0, 6);
	KT_CHECK(kt_receive(ten) == -1);
	set_untagged("10");
	send_tagged(trunk, 0, 7);
	KT_CHECK(kt_receive(ten) == 7);
	set_untagged("0");
	send_tagged(trunk, 0, 8);
	KT_CHECK(kt_receive(ten) == -1);
}

static void answers_config(int fd)
{
	struct nm_ifreq ask = {.nifr_name = "vale9:trunk", .data = {0, 20}};

	KT_CHECK(ioctl(fd, NIOCCONFIG, &ask) == 0);
	KT_CHECK(ask.data[2] == 2); /* third to join */
	ask.data[1] = 30;
	KT_FAILS(ioctl(fd, NIOCCONFIG, &ask), ENOENT);
}

int main(void)
{
	struct kt_port trunk, ten, twenty;
	struct nmreq_register reg = {0};
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR);

	KT_CHECK(fd >= 0);
	KT_CHECK(kt_insmod(VLAN, "switch=vale9") == 0);
	KT_FAILS(kt_rmmod("netmap"), EWOULDBLOCK);
	kt_open(&trunk, "vale9:trunk");
	kt_open(&ten, "vale9:10");
	kt_open(&twenty, "vale9:20");
	KT_FAILS(kt_register(fd, "vale9:other", &reg), EINVAL);
	KT_FAILS(kt_register(fd, "vale9:4096", &reg), EINVAL);

	frames_go_by_tag(&trunk, &ten, &twenty);
	private_data_changes(&trunk, &ten);
	answers_config(fd);

	/* who left is nobody's destination, and may come again */
	kt_close(&ten);
	send_tagged(&trunk, 10, 9);
	kt_open(&ten, "vale9:10");
	KT_CHECK(kt_receive(&ten) == -1);
	send_tagged(&trunk, 10, 10);
	KT_CHECK(kt_receive(&ten) == 10);

	KT_FAILS(kt_rmmod(VLAN), EWOULDBLOCK);
	kt_close(&ten);
	kt_close(&trunk);
	kt_close(&twenty);
	KT_CHECK(kt_rmmod(VLAN) == 0);
	/* the name is free for an ordinary switch */
	kt_open(&ten, "vale9:other");
	kt_close(&ten);
	KT_CHECK(kt_insmod(VLAN, "switch=nonsense") == -1);
	close(fd);
	return 0;
}
