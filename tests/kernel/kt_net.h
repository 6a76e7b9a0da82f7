/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * kt_net.h - network namespaces, commands in them, and streams between them.
 * Programs begin in one namespace, and are there but where these functions say.
 */
#ifndef TESTS_KERNEL_KT_NET_H
#define TESTS_KERNEL_KT_NET_H

#include <sys/types.h>

#include "kt.h"

#define KT_SECONDS 20 /* the patience of all that waits */

/* The namespace that the program begins in: a descriptor. */
int kt_here(void);
void kt_enter(int ns);
/* A new namespace, that the descriptor alone keeps; the process stays here. */
int kt_new_ns(void);

/* Interface @name of here moves to @ns. */
void kt_move(const char *name, int ns);

/* Starts a command of the shell in @ns; it succeeds. */
pid_t kt_start(int ns, const char *command);
void kt_finish(pid_t pid, const char *command);
/* Both. */
void kt_run(int ns, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Kills the process. */
void kt_end(pid_t pid);

/* Runs @fn in a child process, which ends with it. */
pid_t kt_fork(void (*fn)(void *), void *arg);

/* Frames that the interface @name of @ns has received. */
unsigned long kt_received(int ns, const char *name);

/* A million bytes by TCP each way at the same time, compared; the client is in
 * @from, the server, address @ip, in @to. */
void kt_tcp(int from, int to, const char *ip);
/* The same of @bytes. */
void kt_tcp_bytes(int from, int to, const char *ip, size_t bytes);

#endif
