// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "fds.h"
#include "mem.h"
#include "real.h"

/* ---- bytes ---- */

/* Where process_vm_*() is forbidden (seccomp): through a pipe, which knows bad
 * addresses too. */
static int by_pipe(uint64_t to, uint64_t from, size_t len)
{
	int pipe[2], err;
	size_t done = 0;

	err = (int)nmh_sys(SYS_pipe2, pipe, O_CLOEXEC);
	if (err)
		return err;
	while (done < len && !err) {
		size_t n = len - done < 4096 ? len - done : 4096;
		long r = nmh_sys(SYS_write, pipe[1], from + done, n);

		if (r > 0 && nmh_sys(SYS_read, pipe[0], to + done, r) == r)
			done += (size_t)r;
		else if (r != -EINTR)
			err = -EFAULT;
	}
	nmh_sys(SYS_close, pipe[0]);
	nmh_sys(SYS_close, pipe[1]);
	return err;
}

/* @nr: process_vm_readv or process_vm_writev. */
static int transfer(long nr, void *here, uint64_t there, size_t len)
{
	struct iovec local = {here, len}, remote = {(void *)there, len};
	long r;

	if (!len)
		return 0;
	r = nmh_sys(nr, getpid(), &local, 1, &remote, 1, 0);
	if (r == -ENOSYS || r == -EPERM)
		return nr == SYS_process_vm_readv
			       ? by_pipe((uintptr_t)here, there, len)
			       : by_pipe(there, (uintptr_t)here, len);
	return r == (long)len ? 0 : -EFAULT;
}

int nmh_mem_read(void *to, uint64_t addr, size_t len)
{
	return transfer(SYS_process_vm_readv, to, addr, len);
}

int nmh_mem_write(uint64_t addr, const void *from, size_t len)
{
	return transfer(SYS_process_vm_writev, (void *)from, addr, len);
}

/* ---- files ---- */

struct area {
	uint64_t start, end, offset, inode;
	uint64_t first_end; /* of the first mapping */
	dev_t dev;
	char path[4096];
};

static bool parse(const char *line, struct area *a, bool *shared)
{
	unsigned int major, minor;
	char perms[5];
	int path = 0;

	if (sscanf(line, "%lx-%lx %4s %lx %x:%x %lu %n", &a->start, &a->end,
		   perms, &a->offset, &major, &minor, &a->inode, &path) < 7)
		return false;
	a->dev = makedev(major, minor);
	*shared = perms[3] == 's' && perms[0] == 'r' && perms[1] == 'w';
	snprintf(a->path, sizeof(a->path), "%s", path ? line + path : "");
	a->path[strcspn(a->path, "\n")] = '\0';
	return true;
}

/* Of the mappings that follow each other in the file and in memory from @addr
 * on, the first, with the end of the last. */
static bool find_area(FILE *maps, uint64_t addr, uint64_t len, struct area *a)
{
	struct area next;
	char *line = NULL;
	bool shared, found = false, ok = false;
	size_t room = 0;

	while (!ok && getline(&line, &room, maps) > 0) {
		if (!parse(line, &next, &shared) || next.end <= addr)
			continue;
		if (!shared || !next.inode)
			break;
		if (!found) {
			if (next.start > addr)
				break;
			*a = next;
			a->first_end = next.end;
			found = true;
		} else {
			if (next.start != a->end || next.dev != a->dev ||
			    next.inode != a->inode ||
			    next.offset != a->offset + (a->end - a->start))
				break;
			a->end = next.end;
		}
		ok = a->end - addr >= len;
	}
	free(line);
	return ok;
}

static bool is_same(int fd, const struct area *a)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_ino == a->inode && st.st_dev == a->dev;
}

static int open_checked(const char *path, const struct area *a)
{
	long fd = nmh_sys(SYS_openat, AT_FDCWD, path,
			  O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd >= 0 && !is_same((int)fd, a)) {
		nmh_sys(SYS_close, fd);
		return -1;
	}
	return (int)fd;
}

/* One of our own descriptors may be the file: memfds have no path. */
static int among_fds(const struct area *a)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *e;
	long fd = -1;

	if (!dir)
		return -1;
	while (fd < 0 && (e = readdir(dir))) {
		int n = atoi(e->d_name);

		if (e->d_name[0] == '.' || n == dirfd(dir) || !is_same(n, a))
			continue;
		if ((nmh_sys(SYS_fcntl, n, F_GETFL) & O_ACCMODE) == O_RDWR)
			fd = nmh_sys(SYS_fcntl, n, F_DUPFD_CLOEXEC, 0);
	}
	closedir(dir);
	return (int)fd;
}

int nmh_mem_file(uint64_t addr, uint64_t len, uint64_t *offset)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char link[80];
	struct area *a;
	int fd = -1;

	if (!maps)
		return -EFAULT;
	a = malloc(sizeof(*a));
	if (a && find_area(maps, addr, len, a)) {
		/* Exact, and for the privileged only. */
		snprintf(link, sizeof(link), "/proc/self/map_files/%lx-%lx",
			 a->start, a->first_end);
		fd = open_checked(link, a);
		if (fd < 0 && a->path[0] == '/')
			fd = open_checked(a->path, a);
		if (fd < 0)
			fd = among_fds(a);
		*offset = a->offset + (addr - a->start);
	}
	free(a);
	fclose(maps);
	return fd < 0 ? -EFAULT : fd;
}
