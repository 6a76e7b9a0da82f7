/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * session.h - a descriptor that programs hold: a connection, the core's file,
 * and the page through which both sides say that they sleep (wire.h).
 *
 *   control thread                      workers (worker.h)
 *     accepts, reads hellos and calls     sync the rings of the sessions that
 *     makes and ends sessions, lines      rang, or that frames came for
 *
 * Workers know sessions by *handles*, numbers that find nothing once a session
 * has ended. They use one only inside a read section in which they found it, so
 * after taking it out of the table an os_read_sync() is all there is to wait
 * for.
 */
#ifndef NMD_SESSION_H
#define NMD_SESSION_H

#include "file.h"
#include "netmapd.h"
#include "os_wait.h"
#include "wire.h"

#define NMD_SESSIONS 8192

struct nmd_worker;
struct nmd_line;
struct nmd_user;

/* One direction of a session's port, for the waits it hangs on. */
struct nmd_side {
	struct nmd_session *session;
	u32 bit; /* NM_POLLIN, NM_POLLOUT */
	struct os_poll *poll;
};

struct nmd_session {
	struct nmd_source source; /* fd */
	struct nm_list node;	  /* nmd.sessions */
	struct nmd *d;
	struct nmd_user *user;
	u64 handle; /* not 0 */
	int fd;
	struct nm_file *file;
	struct nmd_side side[NM_DIRS]; /* poll set once bound */
	bool complete;		       /* NMD_FEATURE_COMPLETE */
	bool bound;		       /* sides are set up; control thread */
	bool releases_matter;	       /* of its rings, in any case */
	bool sends_nothing; /* a monitor: to ask for room is an error */

	int page_fd, bell;
	struct nmd_page *page;
	/* Wakes of its lines, -1: none. Written by the control thread. */
	int wake[NMD_LINES];
	struct nmd_line *line[NMD_LINES]; /* control thread */

	u32 due; /* NM_POLLIN, NM_POLLOUT: woken since the last service */
	struct nmd_worker *worker; /* who hears the bell; worker_lock */
	/* That worker alone. */
	bool active;
	u32 away; /* rings from another processor, one after the other */
};

/* ---- control thread ---- */

/* Takes over the connection @fd, or refuses it. */
void nmd_session_create(struct nmd *d, int fd);
/* Tells the program of the connection @fd, just made, and the log, that it is not
 * to be, and why: -errno. The caller closes it. */
void nmd_session_refuse(const struct nmd *d, int fd, int err);
/* The last program has closed it, or it spoke badly; or netmapd ends. */
void nmd_session_destroy(struct nmd_session *s);
/*
 * Destroys those that programs have closed; true if there were any. Before each
 * message is read: what a program closed is closed for whatever it asks next.
 */
bool nmd_sessions_reap(struct nmd *d);
/* A call has been served: if that has bound the file, workers serve it. */
void nmd_session_called(struct nmd_session *s);

/* The program's syncs are calls from now on. */
void nmd_session_complete(struct nmd_session *s);
/* poll(2) without waiting. */
u32 nmd_session_poll(struct nmd_session *s, u32 events);
/* Sends what programs have put in rings. */
void nmd_sessions_send(struct nmd *d);

/* ---- workers; in a read section ---- */

/* NULL: it has ended. */
struct nmd_session *nmd_session_find(u64 handle);
/* Who has the place of @handle now; NULL: nobody. */
struct nmd_session *nmd_session_at(u64 handle);
/* Syncs what moved, or is due: NM_POLLIN, NM_POLLOUT for what is ready. */
u32 nmd_session_sync(struct nmd_session *s);
/* Wakes the program's threads that wait for that. */
void nmd_session_wake(struct nmd_session *s, u32 ready);
/* Moves that a sleeping worker must be told of: NM_POLLIN, NM_POLLOUT. */
u32 nmd_session_pending(const struct nmd_session *s);
/* From now on programs ring before the next move counts, or need not. */
void nmd_session_bells(struct nmd_session *s, bool on);

#endif
