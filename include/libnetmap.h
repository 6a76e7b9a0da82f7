/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * libnetmap.h - ports by name.
 *
 *      #include <libnetmap.h>
 *      #include <net/netmap_user.h>
 *
 *      struct nmport_d *d = nmport_open("vale0:a@conf:slots=512");
 *      struct pollfd p = { .fd = d->fd, .events = POLLIN };
 *
 *      while (poll(&p, 1, -1) > 0)
 *              for (uint16_t i = d->first_rx_ring; i <= d->last_rx_ring; i++)
 *                      use(NETMAP_RXRING(d->nifp, i));
 *      nmport_close(d);
 *
 * Compile with  pkg-config --cflags --libs libnetmap .
 *
 *   part 1   contexts        where memory and messages go
 *   part 2   ports           from a name to rings, at once or in steps
 *   part 3   requests        the parts of a name; lists of options
 *   part 4   options         names of options that a program adds
 *   part 5   the layout, in numbers
 *
 * A port specification is
 *
 *      SUBSYSTEM:NAME [RINGS] [/FLAGS | @REGION]... [@OPTION]...
 *
 *   SUBSYSTEM   netmap; or valeX, X any letters, digits and underscores, which
 *               then is part of the name
 *   NAME        a port, or one end of a pipe: name{ID, name}ID; ID is letters,
 *               digits and underscores. At most 63 characters, valeX: included.
 *               It ends at the first of  - * ^ / @
 *   RINGS       nothing  all but the host rings    -N   ring pair N
 *               ^        all host rings            ^N   host ring pair N
 *               *        all
 *   FLAGS       x exclusive; R, T only receive, only transmit rings;
 *               monitor: t of transmit, r of receive, z zero copy
 *   REGION      a number of 1 or more: the memory region to be in. It may be
 *               repeated, but not contradicted.
 *   OPTION      NAME, NAME=VALUE, or NAME:KEY=VALUE,KEY=VALUE...
 *
 *   @share=SPEC            be in the region of port SPEC, which is open
 *   @conf:KEY=N,...        how many there are to be, where this call makes the
 *                          port: rings, host-rings, slots for both directions;
 *                          tx-rings rx-rings host-tx-rings host-rx-rings
 *                          tx-slots rx-slots, which go before these
 *   @extmem=FILE           be in memory that is FILE; as a list  @extmem:file=
 *                          with if-num if-size ring-num ring-size buf-num
 *                          buf-size: numbers and bytes of the three kinds of
 *                          objects
 *   @offset=N              data begins N bytes into the buffers; as a list
 *                          @offset:initial= with bits: how many bits of the
 *                          slots' ptr hold that (0: 64). It is refused until
 *                          nmport_enable_option("offset"), since the program
 *                          must know of it.
 *
 *   netmap:eth0-1/xR@2    vale1:p@conf:rings=4,slots=512    netmap:vm{in
 *   netmap:eth1@share=netmap:eth0    vale0:a@extmem=/mnt/huge/f
 *
 * In names of options and keys a dash and an underscore are the same. A key is
 * given once in an option. A value ends at the next @, and in a list at the
 * next comma.
 *
 * Errors: functions return -1 or NULL and set errno; a sentence about it, with
 * the device's own words where it has any, goes to the context's error function.
 *
 * Threads: a struct nmport_d is used by one thread at a time; several threads
 * may each have their own. What ports share is in their context, under its
 * lock. A program with one thread may define LIBNETMAP_NOTHREADSAFE before it
 * includes this file: then the lock, and the thread library it takes, are left
 * out.
 */
#ifndef LIBNETMAP_H
#define LIBNETMAP_H

#include <stddef.h>
#include <stdint.h>
#include <net/netmap.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ======================================================================
 * Part 1: contexts
 * ====================================================================== */

/*
 * A region that is mapped, once for all ports of a context that are in it: two
 * ports whose mem is the same may exchange buffers. To be read only.
 */
struct nmem_d {
	uint16_t mem_id; /* nr_mem_id */
	int refcount;	 /* ports that use it */
	void *mem;	 /* address */
	size_t size;	 /* bytes */
	int is_extmem;	 /* 1: memory of the program's, where it was already */
	struct nmem_d *next;
	struct nmem_d *prev;
};

/*
 * A context: what the functions below call. A program may make one of its own
 * as a copy of the default,
 *
 *      struct nmctx mine = *nmctx_get();
 *      mine.error = log_it, mine.mem_descs = NULL;
 *      nmctx_set_default(&mine);
 *
 * and keeps it until the last port that was made in it has been deleted. The
 * functions may be called by several threads at once, under the lock or not.
 */
struct nmctx {
	int verbose; /* 0: no messages */
	/* Takes note of a sentence: no newline, below 1000 bytes. */
	void (*error)(struct nmctx *ctx, const char *sentence);
	/* As malloc(3) and free(3). */
	void *(*malloc)(struct nmctx *ctx, size_t size);
	void (*free)(struct nmctx *ctx, void *p);
	/* 1: waits for the lock and takes it; 0: gives it back. NULL: none. */
	void (*lock)(struct nmctx *ctx, int take);
	/* What is mapped, under the lock; NULL in a new context. */
	struct nmem_d *mem_descs;
};

/* The context that nmport_new() and all that begins with it use. At first that
 * is one of the library's: messages on stderr, malloc(3), free(3). */
struct nmctx *nmctx_get(void);

/* Makes @ctx the default, for ports that are made from now on; it is borrowed.
 * Returns the one before it. */
struct nmctx *nmctx_set_default(struct nmctx *ctx);

/* Gives the library's own context a lock. Done by this header, before main(),
 * unless LIBNETMAP_NOTHREADSAFE is defined. */
void nmctx_set_threadsafe(void);

/* Call what the context has. nmctx_ferror() keeps errno; nmctx_malloc() returns
 * NULL and errno ENOMEM; nmctx_free() takes NULL. */
void nmctx_ferror(struct nmctx *ctx, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void *nmctx_malloc(struct nmctx *ctx, size_t size);
void nmctx_free(struct nmctx *ctx, void *p);
void nmctx_lock(struct nmctx *ctx);
void nmctx_unlock(struct nmctx *ctx);

/* ======================================================================
 * Part 2: ports
 * ======================================================================
 *
 *   nmport_open        = nmport_prepare + nmport_open_desc
 *   nmport_prepare     = nmport_new + nmport_parse
 *   nmport_open_desc   = nmport_register + nmport_mmap
 *
 * Each step has one that undoes it, and which does nothing if the step was not
 * done; nmport_close() undoes them all. Between nmport_prepare() and
 * nmport_open_desc() a program may change hdr and reg, and add options.
 */

struct nmport_cleanup_d;

/* A port. Ring numbers are those of NETMAP_TXRING and NETMAP_RXRING: host rings
 * come behind the others. first .. last are the rings of the bind; without any
 * in a direction, last = first - 1. */
struct nmport_d {
	struct nmreq_header hdr;   /* [program, before it is opened] */
	struct nmreq_register reg; /* [program, before it is opened] */

	/* only to be read */
	struct nmem_d *mem; /* the region, once mapped */
	struct nmctx *ctx;
	int register_done; /* 1: bound */
	int mmap_done;	   /* 1: mapped; the fields from nifp on are set */
	struct nmreq_opt_extmem *extmem; /* or NULL */

	int fd; /* for poll(2) and ioctl(2), once bound; else -1 */
	struct netmap_if *nifp;
	uint16_t first_tx_ring;
	uint16_t last_tx_ring;
	uint16_t first_rx_ring;
	uint16_t last_rx_ring;
	uint16_t cur_tx_ring; /* where nmport_inject() looks first */
	uint16_t cur_rx_ring; /* first_rx_ring; for the program to use */

	struct nmport_cleanup_d *clist; /* the library's */
};

/*
 * Opens, binds and maps the port that @spec names. NULL and errno: EINVAL for
 * what cannot be read, EOPNOTSUPP for an option that is not enabled; ENOMEM;
 * else what open(2) of /dev/netmap, NETMAP_REQ_REGISTER or mmap(2) failed with.
 */
struct nmport_d *nmport_open(const char *spec);

/* Unmaps, closes, frees. NULL is allowed; errno is kept. */
void nmport_close(struct nmport_d *d);

/* Makes a port in the default context: all zero, but for an empty request
 * REGISTER in hdr. ENOMEM. Deleted together with its options. */
struct nmport_d *nmport_new(void);
void nmport_delete(struct nmport_d *d);

/*
 * Reads @spec into hdr, reg, and options. What is in reg before stays: numbers
 * that @spec does not mention, flags (others are added), and a region, which
 * @spec may not contradict. @share asks the device at once. Returns 0, or -1
 * and errno as nmport_open(); then, and by nmport_undo_parse(), hdr and reg
 * become zero, and all options are gone. Another nmport_parse() may follow.
 */
int nmport_parse(struct nmport_d *d, const char *spec);
void nmport_undo_parse(struct nmport_d *d);

struct nmport_d *nmport_prepare(const char *spec);
void nmport_undo_prepare(struct nmport_d *d);

/* Opens the device and binds: reg then has what is there. 0, or -1 and errno:
 * EINVAL bound already; what open(2) or NETMAP_REQ_REGISTER failed with. There
 * is a sentence for each option that was not served. Undone: reg stays as it was
 * answered, with a region that may be gone; to bind again, set nr_mem_id. */
int nmport_register(struct nmport_d *d);
void nmport_undo_register(struct nmport_d *d);

/* Maps the region, if no port of the context has, and finds the rings. 0, or -1
 * and errno: EINVAL not bound, or mapped already; ENOMEM; what mmap(2) failed
 * with. The device sees the mapping as the port's through which it was made:
 * that one stays bound until the last port of the context that is in the region
 * has been closed. */
int nmport_mmap(struct nmport_d *d);
void nmport_undo_mmap(struct nmport_d *d);

int nmport_open_desc(struct nmport_d *d);
void nmport_undo_open_desc(struct nmport_d *d);

/*
 * Returns a port of the same context that is not opened yet, with @d's name,
 * numbers, flags, and, if @d is bound, region; not its options. NULL and errno:
 * ENOMEM; EINVAL: @d has memory of its own and is not bound, so that its region
 * is not known yet.
 */
struct nmport_d *nmport_clone(struct nmport_d *d);

/*
 * Puts a frame of @size bytes into the first transmit ring that has room,
 * beginning with cur_tx_ring, in as many slots as it needs. The next
 * NIOCTXSYNC or poll(2) sends it. Returns @size, or 0: no room, nothing put.
 */
int nmport_inject(struct nmport_d *d, const void *buf, size_t size);

/*
 * Be in a region on @size bytes at @base, which is page aligned, and belongs to
 * the program: it stays until every port of that region has been closed. 0, or
 * -1 and errno: EINVAL bound, or has such memory already; ENOMEM.
 */
int nmport_extmem(struct nmport_d *d, void *base, size_t size);

/* The same on a file, whose size is the region's: it is mapped now, and unmapped
 * with the last port of the context that is in its region. Also EINVAL: empty
 * file; what open(2) or mmap(2) failed with. */
int nmport_extmem_from_file(struct nmport_d *d, const char *path);

/* What that region is to have, to be changed before the port is bound (0: the
 * default), and what it has, afterwards; NULL: no such memory. */
struct nmreq_pools_info *nmport_extmem_getinfo(struct nmport_d *d);

/*
 * Let data begin at an offset in the buffers (nmreq_opt_offsets): @initial in
 * all slots, @maxoff at most, in the lowest @bits of slot.ptr (0: 64), and with
 * @mingap bytes written to a slot at most (0: to the buffer's end). 0, or -1
 * and errno: EINVAL bound, or has offsets already, or more than 64 bits;
 * ENOMEM.
 */
int nmport_offset(struct nmport_d *d, uint64_t initial, uint64_t maxoff,
		  uint64_t bits, uint64_t mingap);

/* Says which options nmport_parse() accepts, of "share", "conf", "extmem" and
 * "offset"; at first all but the last. An unknown name: EOPNOTSUPP; ignored.
 * Once for the process, not for a context. */
int nmport_enable_option(const char *name);
void nmport_disable_option(const char *name);

/* ======================================================================
 * Part 3: requests
 * ====================================================================== */

/* Makes @hdr an empty request of type @reqtype (NETMAP_REQ_*) with that body,
 * which may be NULL. */
void nmreq_header_init(struct nmreq_header *hdr, uint16_t reqtype, void *body);

/*
 * Each reads one part of a port specification from *@spec on, and moves *@spec
 * behind it. They return 0, or -1 and errno EINVAL, and then *@spec and the
 * record are as before.
 *
 * header: subsystem and name, to nr_name. register: the rest as far as the
 * options, to nr_mode, nr_ringid (below 65536), nr_flags (added), nr_mem_id
 * (EINVAL if another is there); *@spec is then empty or begins with "@", and
 * no digit.
 */
int nmreq_header_decode(const char **spec, struct nmreq_header *hdr,
			struct nmctx *ctx);
int nmreq_register_decode(const char **spec, struct nmreq_register *reg,
			  struct nmctx *ctx);

/* Asks the device for the region of the port that *@spec names, and moves
 * *@spec behind the name. Returns its number, or -1 and errno: EINVAL, and what
 * open(2) or NETMAP_REQ_PORT_INFO_GET failed with (ENXIO: no such port). */
int32_t nmreq_get_mem_id(const char **spec, struct nmctx *ctx);

/* The list of options that begins in nr_options, which must not be changed while
 * it is walked. Found: the first of that type, or NULL. Removed: if it is there.
 * Pushed: in front; it is borrowed. nmreq_free_options() gives each to free(3)
 * and leaves an empty list; not for a port's, whose options are its own. */
void nmreq_push_option(struct nmreq_header *hdr, struct nmreq_option *opt);
void nmreq_remove_option(struct nmreq_header *hdr, struct nmreq_option *opt);
struct nmreq_option *nmreq_find_option(struct nmreq_header *hdr,
				       uint32_t reqtype);
void nmreq_free_options(struct nmreq_header *hdr);

/* "extmem", "sync-kloop-eventfds", "csb", "sync-kloop-mode", "offsets" for
 * NETMAP_REQ_OPT_*; else "unknown". */
const char *nmreq_option_name(uint32_t reqtype);

#define nmreq_option_at_(_p) ((struct nmreq_option *)(uintptr_t)(_p))
#define nmreq_foreach_option(_hdr, _o)                                  \
	for ((_o) = nmreq_option_at_((_hdr)->nr_options); (_o) != NULL; \
	     (_o) = nmreq_option_at_((_o)->nro_next))

/* ======================================================================
 * Part 4: options
 * ====================================================================== */

#define NMREQ_OPT_MAXKEYS 16

struct nmreq_parse_ctx;

/* Takes an option that was read: 0, or -1 and errno, which ends the reading. */
typedef int (*nmreq_opt_parser_cb)(struct nmreq_parse_ctx *ctx);

/* A key of an option. */
struct nmreq_opt_key {
	const char *key;
	int id; /* below NMREQ_OPT_MAXKEYS: where its value goes */
	uint32_t flags;
};

#define NMREQ_OPTK_ALLOWEMPTY 1 /* KEY and KEY= are allowed: the value is "" */
#define NMREQ_OPTK_MUSTSET    2 /* the option is refused without it */
#define NMREQ_OPTK_DEFAULT    4 /* it is the key of the form NAME=VALUE */

/* An option. */
struct nmreq_opt_parser {
	const char *prefix; /* its name */
	nmreq_opt_parser_cb parse;
	int default_key; /* id of the key of the form NAME=VALUE; -1: none, but
			  * for a key with NMREQ_OPTK_DEFAULT */
	int nr_keys;	 /* 0 .. NMREQ_OPT_MAXKEYS */
	uint32_t flags;
	struct nmreq_opt_parser *next; /* the next option that is known */
	struct nmreq_opt_key keys[NMREQ_OPT_MAXKEYS];
} __attribute__((aligned(16)));

#define NMREQ_OPTF_DISABLED   1 /* refused with EOPNOTSUPP */
#define NMREQ_OPTF_ALLOWEMPTY 2 /* may be given as its name alone */

/* What was read of an option. The values are valid during the call. */
struct nmreq_parse_ctx {
	struct nmctx *ctx;
	void *token;			     /* of nmreq_options_decode() */
	const char *keys[NMREQ_OPT_MAXKEYS]; /* values by id; NULL: not given */
};

/*
 * Reads options, @OPTION..., and calls the parser of each, in that order, with
 * @token; @parsers are those that are known, linked by next. 0, or -1 and errno:
 * EINVAL; EOPNOTSUPP the option is disabled; ENOMEM; what the parser failed
 * with. Options before the one that fails have been parsed.
 */
int nmreq_options_decode(const char *opts, struct nmreq_opt_parser *parsers,
			 void *token, struct nmctx *ctx);

#ifdef __cplusplus
}
#endif

#ifndef LIBNETMAP_NOTHREADSAFE
__attribute__((constructor)) static inline void libnetmap_init_(void)
{
	nmctx_set_threadsafe();
}
#endif

/* ======================================================================
 * Part 5: the layout once more, in numbers (64-bit machines)
 * ====================================================================== */

NETMAP_AT_(nmem_d, mem_id, 0);
NETMAP_AT_(nmem_d, refcount, 4);
NETMAP_AT_(nmem_d, mem, 8);
NETMAP_AT_(nmem_d, size, 16);
NETMAP_AT_(nmem_d, is_extmem, 24);
NETMAP_AT_(nmem_d, next, 32);
NETMAP_AT_(nmem_d, prev, 40);
NETMAP_SIZE_(nmem_d, 48);

NETMAP_AT_(nmctx, verbose, 0);
NETMAP_AT_(nmctx, error, 8);
NETMAP_AT_(nmctx, malloc, 16);
NETMAP_AT_(nmctx, free, 24);
NETMAP_AT_(nmctx, lock, 32);
NETMAP_AT_(nmctx, mem_descs, 40);
NETMAP_SIZE_(nmctx, 48);

NETMAP_AT_(nmport_d, hdr, 0);
NETMAP_AT_(nmport_d, reg, 88);
NETMAP_AT_(nmport_d, mem, 144);
NETMAP_AT_(nmport_d, ctx, 152);
NETMAP_AT_(nmport_d, register_done, 160);
NETMAP_AT_(nmport_d, mmap_done, 164);
NETMAP_AT_(nmport_d, extmem, 168);
NETMAP_AT_(nmport_d, fd, 176);
NETMAP_AT_(nmport_d, nifp, 184);
NETMAP_AT_(nmport_d, first_tx_ring, 192);
NETMAP_AT_(nmport_d, last_tx_ring, 194);
NETMAP_AT_(nmport_d, first_rx_ring, 196);
NETMAP_AT_(nmport_d, last_rx_ring, 198);
NETMAP_AT_(nmport_d, cur_tx_ring, 200);
NETMAP_AT_(nmport_d, cur_rx_ring, 202);
NETMAP_AT_(nmport_d, clist, 208);
NETMAP_SIZE_(nmport_d, 216);

NETMAP_AT_(nmreq_opt_key, key, 0);
NETMAP_AT_(nmreq_opt_key, id, 8);
NETMAP_AT_(nmreq_opt_key, flags, 12);
NETMAP_SIZE_(nmreq_opt_key, 16);

NETMAP_AT_(nmreq_opt_parser, prefix, 0);
NETMAP_AT_(nmreq_opt_parser, parse, 8);
NETMAP_AT_(nmreq_opt_parser, default_key, 16);
NETMAP_AT_(nmreq_opt_parser, nr_keys, 20);
NETMAP_AT_(nmreq_opt_parser, flags, 24);
NETMAP_AT_(nmreq_opt_parser, next, 32);
NETMAP_AT_(nmreq_opt_parser, keys, 40);
NETMAP_SIZE_(nmreq_opt_parser, 304);

NETMAP_AT_(nmreq_parse_ctx, ctx, 0);
NETMAP_AT_(nmreq_parse_ctx, token, 8);
NETMAP_AT_(nmreq_parse_ctx, keys, 16);
NETMAP_SIZE_(nmreq_parse_ctx, 144);

#endif
