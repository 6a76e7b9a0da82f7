/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * lib.h - what the files of libnetmap know of each other. The library calls
 * open, ioctl, mmap, close by these names, as programs do.
 */
#ifndef NETMAP_LIB_H
#define NETMAP_LIB_H

/* The lock is set up by programs that include the header, not by us. */
#define LIBNETMAP_NOTHREADSAFE
#include <libnetmap.h>

#include <stdbool.h>

/* Everything here stays inside the library. */
#pragma GCC visibility push(hidden)

/* nmctx.c: the context that the library starts with. */
extern struct nmctx nmctx_own;

/* nmport_spec.c: the options that nmport_parse() knows; the token is the
 * port. */
extern struct nmreq_opt_parser *const nmport_parsers;

/* A file that is mapped, and by how many: the port that has the option, and the
 * region made of it. Under the context's lock. */
struct nmport_file {
	void *mem;
	size_t size;
	int refs;
};

/* What is to be undone when a port's request is given up: the first member of
 * a record that @undo frees. */
struct nmport_cleanup_d {
	struct nmport_cleanup_d *next;
	void (*undo)(struct nmport_d *d, struct nmport_cleanup_d *c);
};

/* nmport_opts.c */
void nmport_cleanup(struct nmport_d *d);
/* The mapped file that d->extmem is, with a reference, or NULL: memory of the
 * program. Lock held. */
struct nmport_file *nmport_file_get(struct nmport_d *d);
void nmport_file_put(struct nmctx *ctx, struct nmport_file *f);

/* nmport_mem.c: the descriptor of @d, which may be mapped, is about to be
 * closed. */
void nmport_mem_unbound(const struct nmport_d *d);

/* nmreq_text.c */

/* Says a sentence, sets errno, returns -1. */
int nmreq_fail(struct nmctx *ctx, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Reads digits, one or more, that make a number of at most @max; moves *at
 * behind them. */
bool nmreq_number(const char **at, uint32_t max, uint32_t *number);
bool nmreq_is_digit(char c);

/* nmreq_refusal.c: the sentence that the device has for the last refused request
 * of that type of this process, behind ": "; else "". */
#define NMREQ_REFUSAL_SIZE 162
void nmreq_refusal(int fd, uint16_t reqtype, char sentence[NMREQ_REFUSAL_SIZE]);
/* Has the netmapd that @fd is of ended? Never so with the kernel's device. */
bool nmreq_is_abandoned(int fd);

#pragma GCC visibility pop

#endif
