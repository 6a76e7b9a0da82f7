/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * epoll.h - sessions in epoll instances.
 *
 * The kernel's instance stays in charge: it has what is foreign, it is what
 * threads sleep in, and it decides what epoll_ctl answers. For a session it has
 *
 *   the descriptor itself, for nothing but EPOLLHUP: netmapd has died
 *   the wake eventfd of a line of the entry's own, edge triggered: news
 *
 * both under a number that the program's data cannot be taken for. Such events
 * are hints, and never shown: the entries here say what a program gets.
 */
#ifndef NMH_EPOLL_H
#define NMH_EPOLL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct nmh_session;

/* Of the descriptor numbers of an instance, by index in its word. */
void nmh_ep_ref(uint32_t index);
void nmh_ep_unref(uint32_t index);

/* @epfd was just made: sees what is added to it. */
void nmh_ep_create(int epfd);

int nmh_ep_ctl(int epfd, int op, int fd, struct epoll_event *event);

/* epoll_wait(2) on @epfd, whose word is @word. @ns: to wait at most, -1 for
 * ever; @is_fine: not in milliseconds. */
int nmh_ep_wait(int epfd, uint32_t word, struct epoll_event *events, int max,
		int64_t ns, bool is_fine, const sigset_t *mask);

/* poll(2) on an instance: has it a session that is ready? With @arm it becomes
 * readable when that changes. */
bool nmh_ep_is_ready(int epfd, uint32_t word, bool arm);

/* The last descriptor of @s here was closed. */
void nmh_ep_session_gone(struct nmh_session *s);

/* Take nmh_lock and the locks of all instances; give them back. */
void nmh_ep_fork_prepare(void);
void nmh_ep_fork_parent(void);
void nmh_ep_fork_child(void);

#endif
