// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A mapping keeps its port: after close, after fork, until it is gone. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kt.h"

/* Is there a port of that name? Asks for it alone. */
static bool is_busy(const char *name)
{
	struct nmreq_register reg = {.nr_flags = NR_EXCLUSIVE};
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR), r;

	KT_CHECK(fd >= 0);
	r = kt_register(fd, name, &reg);
	KT_CHECK(r == 0 || errno == EBUSY);
	close(fd);
	return r != 0;
}

static void after_close(void)
{
	struct kt_port p;

	kt_open(&p, "vale0:kept");
	KT_CHECK(close(p.fd) == 0);
	KT_CHECK(is_busy("vale0:kept"));
	KT_CHECK(p.tx->num_slots == 1024 && p.tx->tail == 1023);
	/* half of it is enough */
	KT_CHECK(munmap(p.mem, 4096) == 0);
	KT_CHECK(is_busy("vale0:kept"));
	KT_CHECK(munmap(p.mem + 4096, p.size - 4096) == 0);
	KT_CHECK(!is_busy("vale0:kept"));
}

static void in_a_child(void)
{
	struct kt_port p;
	int status, go[2];
	char c;

	KT_CHECK(pipe(go) == 0);
	kt_open(&p, "vale0:forked");
	if (fork() == 0) {
		close(go[1]);
		/* the parent's end closes when it is done here */
		while (read(go[0], &c, 1) > 0)
			;
		KT_CHECK(is_busy("vale0:forked"));
		p.tx->sem[0] = 42;
		_exit(p.tx->num_slots == 1024 ? 0 : 1);
	}
	kt_close(&p);
	close(go[0]);
	close(go[1]);
	KT_CHECK(wait(&status) > 0 && status == 0);
	KT_CHECK(!is_busy("vale0:forked"));
}

/* What a private mapping writes is its own. */
static void private_copy(void)
{
	struct kt_port p;
	char *copy;

	kt_open(&p, "vale0:private");
	p.mem[p.size - 1] = 1;
	copy = mmap(NULL, p.size, PROT_READ | PROT_WRITE, MAP_PRIVATE, p.fd, 0);
	KT_CHECK(copy != MAP_FAILED);
	KT_CHECK(copy[p.size - 1] == 1);
	copy[p.size - 1] = 2;
	KT_CHECK(p.mem[p.size - 1] == 1);
	KT_CHECK(munmap(copy, p.size) == 0);
	kt_close(&p);
}

int main(void)
{
	after_close();
	in_a_child();
	private_copy();
	return 0;
}
