// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* One world inside this process: descriptors are indices of a table. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <netmap_embedded.h>

#include "target.h"
#include "target_event.h"
#include "nme_int.h"
#include "target_soft.h"

#define HANDLES_MAX 1024
#define POLL_MAX    64

const char t_name[] = "embedded";

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* world, handles */
static struct nme *world;
static struct nme_port *handles[HANDLES_MAX];

bool t_has_threads(void)
{
	return true;
}

bool t_has_fork(void)
{
	return false;
}

bool t_reaches_memory(void)
{
	return true;
}

uint32_t t_sample(void)
{
	return 1;
}

bool t_is_device(void)
{
	return false;
}

static int failed(int err)
{
	errno = -err;
	return -1;
}

static struct nme_port *handle_of(int fd)
{
	struct nme_port *p = NULL;

	pthread_mutex_lock(&lock);
	if (fd >= 0 && fd < HANDLES_MAX)
		p = handles[fd];
	pthread_mutex_unlock(&lock);
	return p;
}

struct nm_core *t_core(void)
{
	int err = 0;

	pthread_mutex_lock(&lock);
	if (!world)
		err = nme_create(&world, NULL);
	pthread_mutex_unlock(&lock);
	if (err)
		abort();
	return nme_core(world);
}

/* The lowest free descriptor, or -errno. Lock held. */
static int open_locked(void)
{
	int err = world ? 0 : nme_create(&world, NULL);
	int fd = 0;

	if (err)
		return err;
	while (fd < HANDLES_MAX && handles[fd])
		fd++;
	if (fd == HANDLES_MAX)
		return -EMFILE;
	err = nme_open_unbound(world, &handles[fd]);
	return err ? err : fd;
}

int t_open(void)
{
	int fd;

	pthread_mutex_lock(&lock);
	fd = open_locked();
	pthread_mutex_unlock(&lock);
	return fd < 0 ? failed(fd) : fd;
}

int t_close(int fd)
{
	struct nme_port *p = handle_of(fd);

	if (!p)
		return failed(-EBADF);
	nme_close(p);
	pthread_mutex_lock(&lock);
	handles[fd] = NULL;
	pthread_mutex_unlock(&lock);
	return 0;
}

int t_ioctl(int fd, unsigned long request, void *arg)
{
	struct nme_port *p = handle_of(fd);
	int err = p ? nme_ioctl(p, request, arg) : -EBADF;

	return err < 0 ? failed(err) : err;
}

void *t_mmap(int fd, size_t len)
{
	struct nme_port *p = handle_of(fd);
	size_t size = 0;
	void *mem;

	if (!p) {
		errno = EBADF;
		return MAP_FAILED;
	}
	mem = nme_mem(p, &size);
	if (!mem || !len || len > size) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	return mem;
}

int t_munmap(void *addr, size_t len)
{
	/* The region is mapped as long as the handle is open. */
	(void)addr;
	(void)len;
	return 0;
}

int t_poll(struct pollfd *fds, unsigned int n, int timeout_ms)
{
	struct nme_pollfd handle[POLL_MAX];
	int found;

	if (n > POLL_MAX)
		return failed(-EINVAL);
	for (unsigned int i = 0; i < n; i++) {
		handle[i].port = handle_of(fds[i].fd);
		handle[i].events = fds[i].events;
		handle[i].revents = 0;
		if (!handle[i].port)
			return failed(-EBADF);
	}
	found = nme_poll(handle, n, timeout_ms);
	if (found < 0)
		return failed(found);
	for (unsigned int i = 0; i < n; i++)
		fds[i].revents = handle[i].revents;
	return found;
}
