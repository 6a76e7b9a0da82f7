// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "epoll.h"
#include "lock.h"
#include "real.h"
#include "session.h"
#include "session_int.h"
#include "wiring.h"

#define OPEN_NS 5000000000LL /* for all attempts to reach netmapd */

#define REF 1ull
#define USE (1ull << 32)

struct nmh_session *nmh_sessions[NMH_SESSIONS_MAX];
pthread_mutex_t nmh_lock = PTHREAD_MUTEX_INITIALIZER;

/* nmh_lock. */
static uint32_t nsessions;
static struct nmh_session *unused;

static uint32_t low(uint64_t refs)
{
	return (uint32_t)refs;
}

/* ---- memory that stays mapped ---- */

/* Puts zeros that anybody may read and write where something was mapped. */
static void blank(void *at, size_t size)
{
	int err = 0;

	nmh_mmap(at, size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0,
		 &err);
}

/* ---- objects ---- */

/* Of the thread that forks; nmh_lock. */
static uint64_t fork_signals;

static void fork_prepare(void)
{
	uint64_t signals = nmh_signals_off();

	nmh_ep_fork_prepare();
	fork_signals = signals;
}

static void fork_parent(void)
{
	uint64_t signals = fork_signals;

	nmh_ep_fork_parent();
	nmh_signals_on(signals);
}

static void release(struct nmh_session *s);

/* A child is another process only once fork_child() has run: one of vfork()
 * shares our memory. */
static pid_t owner;

pid_t nmh_session_owner(void)
{
	return __atomic_load_n(&owner, __ATOMIC_RELAXED);
}

/* The lines are copies of our parent's, which goes on with them. */
static void fork_session(struct nmh_session *s)
{
	for (uint64_t made = s->made; made; made &= made - 1) {
		struct nmh_line *line = &s->line[__builtin_ctzll(made)];

		nmh_line_close(line);
	}
	s->made = s->free = 0;
	/* Other threads' calls are not under way here. */
	s->refs = low(s->refs);
}

static void fork_child(void)
{
	owner = getpid();
	nmh_ep_fork_child();
	for (uint32_t i = 0; i < nsessions; i++) {
		struct nmh_session *s = nmh_sessions[i];
		bool was_used = s->refs;

		fork_session(s);
		if (was_used && !s->refs)
			release(s);
	}
	nmh_signals_on(fork_signals);
}

/* Not when the first session is there: a fork waits for nmh_lock also when only
 * epoll instances are, and where a handler finds a session nothing may be set
 * up. */
__attribute__((constructor)) static void init(void)
{
	__atomic_store_n(&owner, getpid(), __ATOMIC_RELAXED);
	pthread_atfork(fork_prepare, fork_parent, fork_child);
}

/* nmh_lock held. */
static struct nmh_session *allocate(void)
{
	struct nmh_session *s = unused;

	if (s) {
		unused = s->next_free;
		return s;
	}
	if (nsessions == NMH_SESSIONS_MAX)
		return NULL;
	s = nmh_alloc(sizeof(*s));
	if (!s)
		return NULL;
	s->index = nsessions;
	__atomic_store_n(&nmh_sessions[nsessions++], s, __ATOMIC_RELEASE);
	return s;
}

/* nmh_lock held. */
static struct nmh_session *find(uint64_t inode)
{
	for (uint32_t i = 0; i < nsessions; i++) {
		struct nmh_session *s = nmh_sessions[i];

		if (s->inode == inode && low(s->refs))
			return s;
	}
	return NULL;
}

static bool ref_if_used(struct nmh_session *s, uint64_t ref)
{
	uint64_t refs = __atomic_load_n(&s->refs, __ATOMIC_RELAXED);

	do {
		if (!low(refs))
			return false;
	} while (!__atomic_compare_exchange_n(&s->refs, &refs, refs + ref, true,
					      __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
	return true;
}

int nmh_session_find(int fd, struct nmh_session **sp)
{
	struct nmh_session *s;
	uint64_t signals;
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	signals = nmh_lock_take(&nmh_lock);
	s = find(st.st_ino);
	if (!s || !ref_if_used(s, REF)) {
		s = allocate();
		if (s) {
			s->inode = st.st_ino;
			s->bell = s->region = -1;
			s->is_dead = s->resets = 0;
			__atomic_store_n(&s->refs, REF, __ATOMIC_RELEASE);
		}
	}
	nmh_lock_give(&nmh_lock, signals);
	if (!s)
		return -ENOMEM;
	*sp = s;
	return 0;
}

bool nmh_session_is_at(const struct nmh_session *s, int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISSOCK(st.st_mode) && st.st_ino == s->inode;
}

int nmh_session_copy(const struct nmh_session *s, int fd)
{
	int copy = nmh_fd_copy(fd);

	if (copy < 0 || nmh_session_is_at(s, copy))
		return copy;
	nmh_fd_close(copy);
	return -EBADF;
}

/* Nobody has it any more; late syncs may still look. */
static void release(struct nmh_session *s)
{
	uint64_t signals;

	__atomic_store_n(&s->is_mapped, 0, __ATOMIC_RELEASE);
	for (uint64_t made = s->made; made; made &= made - 1)
		nmh_line_close(&s->line[__builtin_ctzll(made)]);
	s->made = s->free = 0;
	if (s->bell >= 0) {
		int bell = s->bell;

		s->bell = -1;
		nmh_fd_close(bell);
		blank(s->page, NMD_PAGE_SIZE);
	}
	if (s->region >= 0) {
		nmh_fd_close(s->region);
		s->region = -1;
		blank(s->view, s->view_size);
	}
	signals = nmh_lock_take(&nmh_lock);
	s->inode = 0;
	s->next_free = unused;
	unused = s;
	nmh_lock_give(&nmh_lock, signals);
}

void nmh_session_ref(struct nmh_session *s)
{
	__atomic_fetch_add(&s->refs, REF, __ATOMIC_RELAXED);
}

void nmh_session_put(struct nmh_session *s)
{
	if (__atomic_sub_fetch(&s->refs, USE, __ATOMIC_ACQ_REL) == 0)
		release(s);
}

void nmh_session_unref(struct nmh_session *s)
{
	/* The reference becomes a use, for the time of what follows. */
	uint64_t refs =
		__atomic_add_fetch(&s->refs, USE - REF, __ATOMIC_ACQ_REL);

	if (!low(refs))
		nmh_ep_session_gone(s);
	nmh_session_put(s);
}

struct nmh_session *nmh_session_get(int fd, uint32_t word)
{
	struct nmh_session *s = nmh_session_at(word);

	if (!ref_if_used(s, USE))
		return NULL;
	if (nmh_fd_peek(fd) == word)
		return s;
	nmh_session_put(s);
	return NULL;
}

/* ---- opening ---- */

/* Gives @fd, just connected, an object and its first line. */
static int establish(int fd)
{
	struct nmh_session *s;
	struct nmh_line *line;
	int err;

	err = nmh_session_find(fd, &s);
	if (err)
		return err;
	err = nmh_line_make(s, fd, &line);
	if (err == -ENOTCONN)
		err = nmh_line_refusal(fd);
	if (!err) {
		nmh_line_put(s, line);
		nmh_fd_set(fd, nmh_session_word(s));
	}
	nmh_session_unref(s);
	return err;
}

static void set_flags(int fd, int flags)
{
	if (flags & O_NONBLOCK)
		nmh_sys(SYS_fcntl, fd, F_SETFL, O_RDWR | O_NONBLOCK);
	if (!(flags & O_CLOEXEC))
		nmh_sys(SYS_fcntl, fd, F_SETFD, 0);
}

static void complain_of(int err, const struct nmd_where *where)
{
	char text[NMD_WHERE_TEXT];

	snprintf(text, sizeof(text),
		 err == -EMFILE || err == -ENFILE
			 ? "no descriptor is left for netmapd at %s (%s): "
			   "ulimit "
			   "-n raises their number"
			 : "netmapd at %s does not answer as it should (%s)",
		 where->path, strerror(-err));
	nmh_complain(text);
}

int nmh_session_open(int flags)
{
	int64_t deadline = nmh_now() + OPEN_NS;
	unsigned int complaints = nmh_complaints();
	char text[NMD_WHERE_TEXT];
	struct nmd_where where;
	int fd, err;

	err = nmd_where_make(&where, text, sizeof(text));
	if (err) {
		nmh_complain(text);
		return err;
	}
	do {
		fd = nmh_connect(&where, deadline, text, sizeof(text));
		if (fd < 0) {
			nmh_complain(text);
			return fd;
		}
		err = establish(fd);
		if (!err) {
			set_flags(fd, flags);
			return fd;
		}
		nmh_sys(SYS_close, fd);
		/* It may have been about to leave: the next one will not. */
	} while (err == -ENOTCONN && nmh_now() < deadline);
	if (complaints == nmh_complaints())
		complain_of(err, &where);
	return err;
}
