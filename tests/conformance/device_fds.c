// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Real descriptors: read and write, dup, passing, mappings of all kinds. */
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf.h"

static void read_and_write(void)
{
	struct port p = conf_open("vale0:a");
	int fd = conf_fd();
	char byte = 0;

	CHECK_EQ(read(fd, &byte, 1), -1);
	CHECK_ERR(errno, EINVAL);
	CHECK_EQ(write(fd, &byte, 1), -1);
	CHECK_ERR(errno, EINVAL);
	CHECK_EQ(read(p.fd, &byte, 1), -1);
	CHECK_ERR(errno, EINVAL);
	CHECK_EQ(write(p.fd, &byte, 1), -1);
	CHECK_ERR(errno, EINVAL);
}

static void dup_keeps_port(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct frame f = conf_frame(BROADCAST, 1, 1);
	int copy = dup(a.fd);

	CHECK(copy >= 0);
	conf_put_frame(conf_tx(&a, 0), f);
	conf_close(&a);
	CHECK(conf_exists("vale0:a"));
	CHECK_ERR(conf_ioctl(copy, NIOCTXSYNC, NULL), 0);
	conf_expect(&b, 0, f);
	CHECK_EQ(close(copy), 0);
	CHECK(!conf_exists("vale0:a"));
}

static void send_fd(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	CHECK_EQ(sendmsg(socket, &m, 0), 1);
}

static int receive_fd(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	int fd;

	CHECK_EQ(recvmsg(socket, &m, 0), 1);
	CHECK(CMSG_FIRSTHDR(&m) != NULL);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

/* While it is only in the socket, the port lives too. */
static void passed_descriptor(void)
{
	struct port a = conf_open("vale0:a"), b = conf_open("vale0:b");
	struct frame f = conf_frame(BROADCAST, 1, 1);
	size_t size = a.reg.nr_memsize;
	uint64_t offset = a.reg.nr_offset;
	int pair[2], fd;
	char *mem;

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	send_fd(pair[0], a.fd);
	conf_close(&a);
	CHECK(conf_exists("vale0:a"));
	fd = receive_fd(pair[1]);
	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(mem != MAP_FAILED);
	conf_put_frame(NETMAP_TXRING(NETMAP_IF(mem, offset), 0), f);
	CHECK_ERR(conf_ioctl(fd, NIOCTXSYNC, NULL), 0);
	conf_expect(&b, 0, f);
	CHECK_EQ(munmap(mem, size), 0);
	close(fd);
	close(pair[0]);
	close(pair[1]);
	CHECK(!conf_exists("vale0:a"));
}

static void mapping_keeps_port(void)
{
	struct nmreq_register reg = REG(NR_REG_ALL_NIC);
	int fd = t_open();
	char *mem;

	CHECK(fd >= 0);
	CHECK_ERR(conf_register(fd, "vale0:a", &reg), 0);
	mem = t_mmap(fd, reg.nr_memsize);
	CHECK(mem != MAP_FAILED);
	CHECK_EQ(t_close(fd), 0);
	CHECK(conf_exists("vale0:a"));
	CHECK_STR(NETMAP_IF(mem, reg.nr_offset)->ni_name, "vale0:a");
	CHECK_EQ(t_munmap(mem, reg.nr_memsize), 0);
	CHECK(!conf_exists("vale0:a"));
}

/* The last of several partial mappings counts. */
static void partial_mappings(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct nmreq_register reg = REG(NR_REG_ALL_NIC);
	int fd = t_open();
	char *low, *high;

	CHECK(fd >= 0);
	CHECK_ERR(conf_register(fd, "vale0:a", &reg), 0);
	low = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(low != MAP_FAILED);
	high = mmap(NULL, page, PROT_READ, MAP_SHARED, fd,
		    (off_t)(reg.nr_memsize - page));
	CHECK(high != MAP_FAILED);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(munmap(low, page), 0);
	CHECK(conf_exists("vale0:a"));
	CHECK_EQ(munmap(high, page), 0);
	CHECK(!conf_exists("vale0:a"));
}

/* Any page of the region, by its offset, is the same memory. */
static void page_offsets(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct port p = conf_open("vale0:a");

	for (size_t at = 0; at < 40 * page; at += page) {
		char *mem = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED,
				 p.fd, (off_t)at);

		check_note("offset %zu", at);
		CHECK(mem != MAP_FAILED);
		CHECK_MEM(mem, p.mem + at, page);
		CHECK_EQ(munmap(mem, page), 0);
	}
}

static void outside(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct port p = conf_open("vale0:a");
	off_t size = (off_t)p.reg.nr_memsize;

	CHECK(mmap(NULL, page, PROT_READ, MAP_SHARED, p.fd, size) ==
	      MAP_FAILED);
	CHECK_ERR(errno, EINVAL);
	CHECK(mmap(NULL, 2 * page, PROT_READ, MAP_SHARED, p.fd,
		   size - (off_t)page) == MAP_FAILED);
	CHECK_ERR(errno, EINVAL);
	CHECK(mmap(NULL, page, PROT_READ, MAP_SHARED, p.fd, (off_t)1 << 40) ==
	      MAP_FAILED);
	CHECK_ERR(errno, EINVAL);
}

static void private_mapping(void)
{
	struct port p = conf_open("vale0:a");
	size_t size = p.reg.nr_memsize;
	char *mem =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, p.fd, 0);

	CHECK(mem != MAP_FAILED);
	CHECK_STR(NETMAP_IF(mem, p.reg.nr_offset)->ni_name, "vale0:a");
	CHECK_EQ(munmap(mem, size), 0);
}

static void two_descriptors_one_region(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port b = conf_open_as(
		"vale0:b", REG_SLOTS(8, .nr_mem_id = a.reg.nr_mem_id));
	uint32_t idx = conf_tx(&a, 0)->slot[0].buf_idx;

	CHECK(a.mem != b.mem);
	strcpy(NETMAP_BUF(conf_tx(&a, 0), idx), "through a");
	CHECK_STR(NETMAP_BUF(conf_tx(&b, 0), idx), "through a");
	CHECK_MEM(a.mem, b.mem, 3 * 4096);
}

/* ---- select ---- */

/* Asks without waiting: bit 0, it is readable; bit 1, writable. */
static int selected(int fd, int ask)
{
	struct timeval now = {0};
	fd_set in, out;
	int n;

	FD_ZERO(&in);
	FD_ZERO(&out);
	if (ask & 1)
		FD_SET(fd, &in);
	if (ask & 2)
		FD_SET(fd, &out);
	n = select(fd + 1, &in, &out, NULL, &now);
	CHECK_ERR(n < 0 ? errno : 0, 0);
	return (FD_ISSET(fd, &in) ? 1 : 0) | (FD_ISSET(fd, &out) ? 2 : 0);
}

/* It synchronizes the rings as poll does. */
static void select_is_poll(void)
{
	struct port a = conf_open_as("vale0:a", REG_SLOTS(8));
	struct port b = conf_open_as("vale0:b", REG_SLOTS(8));
	struct frame f = conf_frame(BROADCAST, 1, 3);

	CHECK_EQ(selected(b.fd, 1), 0);
	CHECK_EQ(selected(b.fd, 3), 2);
	conf_put_frame(conf_tx(&a, 0), f);
	CHECK_EQ(selected(a.fd, 2), 2);
	CHECK_EQ(selected(b.fd, 1), 1);
	CHECK_EQ(nm_ring_space(conf_rx(&b, 0)), 1);
	conf_expect(&b, 0, f);
	CHECK_EQ(selected(b.fd, 1), 0);
	/* An error is something to read, and to write. */
	CHECK_EQ(selected(conf_fd(), 3), 3);
}

static void select_waits(void)
{
	struct port b = conf_open("vale0:b");
	struct timeval tick = {.tv_usec = 20000};
	fd_set in;

	FD_ZERO(&in);
	FD_SET(b.fd, &in);
	CHECK_EQ(select(b.fd + 1, &in, NULL, NULL, &tick), 0);
	CHECK(!FD_ISSET(b.fd, &in));
}

static const struct claim claims[] = {
	{"read and write are EINVAL", read_and_write},
	{"a duplicate keeps the port", dup_keeps_port},
	{"a passed descriptor keeps the port and can be mapped",
	 passed_descriptor},
	{"a mapping keeps the port", mapping_keeps_port},
	{"the last of several partial mappings keeps the port",
	 partial_mappings},
	{"each page can be mapped by its offset", page_offsets},
	{"mapping beyond the region is EINVAL", outside},
	{"a private mapping is accepted", private_mapping},
	{"two descriptors of a region map the same memory",
	 two_descriptors_one_region},
	{"select synchronizes and answers as poll does", select_is_poll},
	{"select waits until its time is over", select_waits},
};

int main(void)
{
	if (!t_is_device())
		check_skip("descriptors are not files here");
	return CONF_RUN(claims);
}
