/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * client.h - the control side of switches, for who owns one: another kernel
 * module, or a process that embeds us.
 *
 *   nm_switch_create   an empty switch that lives until nm_switch_destroy(),
 *                      and a token. Who has not got the token cannot attach,
 *                      detach or change it; programs may still open
 *                      "valeX:port" and come and go.
 *   nm_switch_set_ops  what takes the place of learning (struct nm_switch_ops)
 *   nm_switch_update   changes the private data behind those
 *   nm_switch_attach, nm_switch_detach     NETMAP_REQ_VALE_ATTACH and _DETACH
 *   nm_switch_newif, nm_switch_delif       NETMAP_REQ_VALE_NEWIF and _DELIF
 *   nm_switch_config   NIOCCONFIG: programs talk to the owner
 *
 * Threads only; every function takes the control lock by itself (the kernel:
 * RTNL before it), so the caller holds neither, nor is inside a callback. @name
 * is a NUL-terminated string of less than NM_NAME_LEN bytes. A switch that was
 * not made here has no token, and any token (0, usually) is good for it.
 */
#ifndef NM_CLIENT_H
#define NM_CLIENT_H

#include "vale.h"

/* Makes the switch @name ("valeX"); *token, never 0, is the key to it. -EINVAL:
 * not the name of a switch; -EEXIST; -ENOMEM: no memory or max_bridges. */
int nm_switch_create(struct nm_core *core, const char *name, u64 *token);

/* Ends it. -ENXIO: there is none; -EINVAL: was not made by nm_switch_create();
 * -EACCES: wrong token; -EBUSY: has ports. */
int nm_switch_destroy(struct nm_core *core, const char *name, u64 token);

/*
 * Overrides the members of the switch's operations that are not NULL in @ops
 * (copied), and the private pointer. NULL @ops: back to learning, from an empty
 * table. When it returns nobody runs the old operations or uses the old private
 * pointer. -ENXIO, -EACCES, -ENOMEM.
 */
int nm_switch_set_ops(struct nm_core *core, const char *name,
		      const struct nm_switch_ops *ops, void *priv, u64 token);

/*
 * @fn(&priv, @arg) with a copy of the private pointer, under the control lock;
 * if it returns 0 what it has made of the copy takes effect, and when this
 * returns the old pointer is out of use. Returns what @fn does; -EINVAL: no
 * such switch, or one without operations; -EACCES, -ENOMEM: @fn did not run.
 */
int nm_switch_update(struct nm_core *core, const char *name,
		     int (*fn)(void **priv, void *arg), void *arg, u64 token);

/* NIOCCONFIG on @name ("valeX" or "valeX:port"): the owner's operation may
 * change @data. -EINVAL: no such switch, or none that listens. */
int nm_switch_config(struct nm_core *core, const char *name,
		     u8 data[NM_IFRDATA_LEN]);

/* NETMAP_REQ_VALE_ATTACH and _DETACH of @name, "valeX:interface", with a token;
 * *index: the port's on the switch. Errors of the requests, and -EACCES. */
int nm_switch_attach(struct nm_core *core, const char name[NM_NAME_LEN],
		     const struct nmreq_register *reg, u64 token, u32 *index);
int nm_switch_detach(struct nm_core *core, const char name[NM_NAME_LEN],
		     u64 token, u32 *index);

/* NETMAP_REQ_VALE_NEWIF and _DELIF. */
int nm_switch_newif(struct nm_core *core, const char name[NM_NAME_LEN],
		    struct nmreq_vale_newif *b);
int nm_switch_delif(struct nm_core *core, const char name[NM_NAME_LEN]);

/* The name of the switch that @port, which the caller holds, is on. -ENXIO: on
 * none. */
int nm_switch_name(struct nm_port *port, char name[IFNAMSIZ]);

/* The end of a world: switches that live without ports, and their tokens.
 * Control lock held. */
void nm_switches_end(struct nm_core *core);

#endif
