// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <cap-ng.h>
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include "sandbox.h"

#define PAGE	  4096
#define HUGE_PAGE (2u << 20)

/* ---- system calls ---- */

static const int allowed[] = {
	/* programs: connections, messages, bells */
	SCMP_SYS(accept4),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(getsockopt),
	SCMP_SYS(shutdown),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(eventfd2),
	SCMP_SYS(socketpair),
	SCMP_SYS(dup2),
	SCMP_SYS(dup3),
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(preadv2),
	SCMP_SYS(close),
	SCMP_SYS(fcntl),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	/* memory */
	SCMP_SYS(memfd_create),
	SCMP_SYS(ftruncate),
	SCMP_SYS(mmap),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(mprotect),
	SCMP_SYS(madvise),
	SCMP_SYS(brk),
	/* threads */
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(futex),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_setaffinity),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(prctl),
	SCMP_SYS(gettid),
	SCMP_SYS(tgkill),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall),
	/* time, chance, who we are */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(getrandom),
	SCMP_SYS(getpid),
	SCMP_SYS(getuid),
	SCMP_SYS(getcpu),
	/* the end of the socket; the system's log, anew where it restarted */
	SCMP_SYS(unlink),
	SCMP_SYS(socket),
	SCMP_SYS(connect),
	SCMP_SYS(sendto),
};

static int filter(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err = ctx ? 0 : -ENOMEM;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (!err)
			err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i],
					       0);
	if (!err)
		err = seccomp_load(ctx);
	if (ctx)
		seccomp_release(ctx);
	return err;
}

static int capabilities_drop(void)
{
	capng_clear(CAPNG_SELECT_BOTH);
	return capng_apply(CAPNG_SELECT_BOTH);
}

const char *nmd_sandbox_enter(void)
{
	/* As a user without any there is nothing to drop: no failure. */
	bool caps = !capabilities_drop() ||
		    capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE;
#ifdef NMD_NO_SECCOMP
	/* The sanitizers call what they like. */
	bool calls = false;
#else
	bool calls = !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !filter();
#endif

	if (caps && calls)
		return "full";
	return caps ? "no-seccomp" : calls ? "no-capabilities" : "none";
}

/* ---- pages that cannot be had ---- */

static unsigned lost;

/* Zeros in the place of the page of @size around @at. */
static bool replace(uintptr_t at, uintptr_t size)
{
	return mmap((void *)(at & ~(size - 1)), size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0) != MAP_FAILED;
}

static void on_bus_error(int signal, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr;
	int err = errno;

	(void)context;
	/* A huge page cannot be replaced in part. That of a region was reserved,
	 * but a program can punch a hole there, and others take the pages. */
	if (info->si_code != BUS_ADRERR ||
	    (!replace(at, PAGE) && !replace(at, HUGE_PAGE))) {
		sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL},
			  NULL);
		return; /* again, to the end */
	}
	__atomic_fetch_add(&lost, 1, __ATOMIC_RELAXED);
	errno = err;
}

void nmd_sandbox_pages(void)
{
	struct sigaction act = {.sa_sigaction = on_bus_error,
				.sa_flags = SA_SIGINFO};

	sigaction(SIGBUS, &act, NULL);
}

unsigned nmd_sandbox_pages_lost(void)
{
	return __atomic_load_n(&lost, __ATOMIC_RELAXED);
}
