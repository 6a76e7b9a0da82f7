/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * kt.h - for the programs that test what only the module has: a device file,
 * its mappings, namespaces. Each program is one claim; exit 0, 1, or 77.
 */
#ifndef TESTS_KERNEL_KT_H
#define TESTS_KERNEL_KT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <net/netmap.h>

/* Ends the program with exit 1 unless @cond, saying where and errno. */
#define KT_CHECK(cond) kt_check(cond, #cond, __FILE__, __LINE__)
/* The call fails, with this errno. */
#define KT_FAILS(call, error) \
	kt_fails((call) == -1, error, #call, __FILE__, __LINE__)

void kt_check(bool good, const char *what, const char *file, int line);
void kt_fails(bool failed, int error, const char *what, const char *file,
	      int line);
void kt_skip(const char *reason) __attribute__((noreturn));

/* A descriptor bound to all rings of a port, mapped. */
struct kt_port {
	int fd;
	char *mem;
	size_t size;
	struct netmap_if *nif;
	struct netmap_ring *tx;
	struct netmap_ring *rx;
};

/* REGISTER of @name, all rings: 0, or -1 and errno. @reg receives the reply,
 * and may hold wishes. */
int kt_register(int fd, const char *name, struct nmreq_register *reg);

void kt_open(struct kt_port *p, const char *name);
void kt_close(struct kt_port *p);

/* NEWIF and DELIF of persistent port @name, ATTACH ("vale0:name", NR_REG_*) and
 * DETACH of it: 0, or -1 and errno. */
int kt_newif(int fd, const char *name);
int kt_delif(int fd, const char *name);
int kt_attach(int fd, const char *name, uint32_t mode);
int kt_detach(int fd, const char *name);

/* Puts a frame of 60 bytes, all @mark but its addresses, into the next tx
 * slot and hands it over. Flooded by a switch. */
void kt_send(struct kt_port *p, uint8_t mark);
/* Synchronizes the rx ring, takes one frame, gives it back: its mark, or -1
 * when there is none. */
int kt_receive(struct kt_port *p);

/* Loads /examples/@name.ko with @params: 0, or -1 and errno. */
int kt_insmod(const char *name, const char *params);
/* Unloads module @name: 0, or -1 and errno. */
int kt_rmmod(const char *name);
/* A number among the parameters of a loaded module. */
unsigned long kt_param(const char *module, const char *param);
/* True once kt_param() is @value; false after ten seconds without. */
bool kt_param_becomes(const char *module, const char *param,
		      unsigned long value);

static inline uint8_t *kt_buffer(struct netmap_ring *r, uint32_t i)
{
	return (uint8_t *)r + r->buf_ofs + (size_t)i * r->nr_buf_size;
}

#endif
