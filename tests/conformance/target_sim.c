// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * One world on the simulator, one thread, virtual time. A descriptor's file
 * lives until it is closed and its last mapping is gone. At the end of the
 * program whatever is left over is a failure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "file.h"
#include "sim.h"
#include "target_soft.h"

#define FILES_MAX    1024
#define MAPPINGS_MAX 1024

/* A file that is open as a descriptor, mapped, or both. */
struct open_file {
	struct nm_file *file;
	unsigned refs;
};

const char t_name[] = "sim";

static struct nm_core *core;
static struct open_file *fds[FILES_MAX];
static struct mapping {
	void *addr;
	struct open_file *of;
} mappings[MAPPINGS_MAX];
static unsigned live; /* files */

bool t_has_threads(void)
{
	return false;
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

static struct open_file *of_get(int fd)
{
	return fd >= 0 && fd < FILES_MAX ? fds[fd] : NULL;
}

static void of_put(struct open_file *of)
{
	if (--of->refs)
		return;
	nm_file_destroy(of->file);
	free(of);
	live--;
}

static int world_make(void)
{
	struct nm_params p;

	sim_begin(sim_seed(1));
	nm_params_init(&p);
	return nm_core_create(&core, &p);
}

/* Nothing may outlive the last file. */
__attribute__((destructor)) static void world_end(void)
{
	const char *broken;

	if (!core || live)
		return;
	nm_core_destroy(core);
	broken = sim_end();
	if (broken) {
		printf("not ok - %s\n", broken);
		fflush(stdout);
		_exit(1);
	}
}

static int file_open(struct open_file **out)
{
	struct open_file *of = calloc(1, sizeof(*of));
	int err;

	if (!of)
		return -ENOMEM;
	err = nm_file_create(core, &of->file);
	if (err) {
		free(of);
		return err;
	}
	of->refs = 1;
	live++;
	*out = of;
	return 0;
}

struct nm_core *t_core(void)
{
	if (!core && world_make())
		abort();
	return core;
}

int t_open(void)
{
	int err = core ? 0 : world_make();
	int fd = 0;

	while (fd < FILES_MAX && fds[fd])
		fd++;
	if (!err)
		err = fd < FILES_MAX ? file_open(&fds[fd]) : -EMFILE;
	return err ? failed(err) : fd;
}

int t_close(int fd)
{
	struct open_file *of = of_get(fd);

	if (!of)
		return failed(-EBADF);
	fds[fd] = NULL;
	of_put(of);
	return 0;
}

int t_ioctl(int fd, unsigned long request, void *arg)
{
	struct open_file *of = of_get(fd);
	int err = of ? nm_file_ioctl(of->file, NULL, request, (uintptr_t)arg)
		     : -EBADF;

	return err ? failed(err) : 0;
}

static struct mapping *mapping_find(const void *addr)
{
	struct mapping *found = NULL;

	for (unsigned i = 0; i < MAPPINGS_MAX; i++) {
		if (mappings[i].addr != addr)
			continue;
		found = &mappings[i];
		/* Files of one region are mapped at one address; the mapping
		 * that goes is one that keeps a closed file, if there is. */
		if (!addr || found->of->refs == 1)
			break;
	}
	return found;
}

void *t_mmap(int fd, size_t len)
{
	struct open_file *of = of_get(fd);
	struct nm_region *r = of ? nm_file_region(of->file) : NULL;
	struct mapping *m = mapping_find(NULL);

	if (!r || !len || len > r->size || !m) {
		errno = !of ? EBADF : r && !m ? ENOMEM : EINVAL;
		return MAP_FAILED;
	}
	of->refs++;
	*m = (struct mapping){.addr = sim_mem_addr(r->mem), .of = of};
	return m->addr;
}

int t_munmap(void *addr, size_t len)
{
	struct mapping *m = addr ? mapping_find(addr) : NULL;

	if (!m || !len)
		return failed(-EINVAL);
	m->addr = NULL;
	of_put(m->of);
	return 0;
}

/* ---- poll ---- */

static short poll_one(struct pollfd *p, struct os_poll *sleep)
{
	struct open_file *of = of_get(p->fd);
	u32 want = 0, found;

	if (!of)
		return p->fd < 0 ? 0 : POLLNVAL;
	if (p->events & (POLLIN | POLLRDNORM))
		want |= NM_POLLIN;
	if (p->events & (POLLOUT | POLLWRNORM))
		want |= NM_POLLOUT;
	found = nm_file_poll(of->file, NULL, want, sleep);
	return (short)((found & NM_POLLIN ? p->events & (POLLIN | POLLRDNORM)
					  : 0) |
		       (found & NM_POLLOUT ? p->events & (POLLOUT | POLLWRNORM)
					   : 0) |
		       (found & NM_POLLERR ? POLLERR : 0));
}

static int poll_all(struct pollfd *fd, unsigned n, struct os_poll *sleep)
{
	int ready = 0;

	for (unsigned i = 0; i < n; i++) {
		fd[i].revents = poll_one(&fd[i], sleep);
		ready += fd[i].revents != 0;
	}
	return ready;
}

/* Time that nothing can shorten passes at once; for ever is an error that the
 * simulator reports. */
int t_poll(struct pollfd *fd, unsigned int n, int timeout_ms)
{
	u64 deadline =
		timeout_ms < 0 ? ~0ull : os_now_ns() + timeout_ms * 1000000ull;
	struct os_poll sleep;
	bool woken = true;
	int ready;

	do {
		sim_poll_init(&sleep);
		ready = poll_all(fd, n, &sleep);
		if (!ready)
			woken = sim_poll_sleep(&sleep, deadline);
		sim_poll_fini(&sleep);
	} while (!ready && woken);
	return ready;
}

/* ---- events ---- */

int t_event(void)
{
	if (!core && world_make())
		return -1;
	return sim_event_make();
}

void t_event_close(int event)
{
	sim_event_end(event);
}

void t_event_write(int event)
{
	sim_event_write(event);
}

unsigned long t_event_read(int event, int timeout_ms)
{
	(void)timeout_ms;
	return sim_event_read(event);
}
