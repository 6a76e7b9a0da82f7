// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * netmap_attach.c - what tests/kernel/modules_attach_ports.c loads: a module that
 * owns a switch makes a persistent port and attaches it, by every name that the
 * functions have, with its token and without. All of it happens as it is loaded;
 * it loads if every answer was the right one.
 */
#include <linux/module.h>
#include <net/net_namespace.h>
#include <net/netmap_kernel.h>

#define PORT   "kvi0"
#define MEMBER "vale8:kvi0"

static int broken;

#define EXPECT(call, want)                                             \
	do {                                                           \
		int _got = (call);                                     \
		if (_got != (want)) {                                  \
			pr_err("netmap_attach: line %d: %s gave %d\n", \
			       __LINE__, #call, _got);                 \
			broken = -EIO;                                 \
		}                                                      \
	} while (0)

static struct nmreq_vale_attach attach = {.reg.nr_mode = NR_REG_ALL_NIC};
static struct nmreq_vale_detach detach;
static struct nmreq_vale_newif newif;

static struct nmreq_header attach_header(void)
{
	return (struct nmreq_header){.nr_version = NETMAP_API,
				     .nr_reqtype = NETMAP_REQ_VALE_ATTACH,
				     .nr_name = MEMBER,
				     .nr_body = (uintptr_t)&attach};
}

static struct nmreq_header detach_header(void)
{
	return (struct nmreq_header){.nr_version = NETMAP_API,
				     .nr_reqtype = NETMAP_REQ_VALE_DETACH,
				     .nr_name = MEMBER,
				     .nr_body = (uintptr_t)&detach};
}

static void by_earlier_names(void *token)
{
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_VALE_NEWIF,
				 .nr_name = PORT,
				 .nr_body = (uintptr_t)&newif};
	struct nmreq_header on = attach_header(), off = detach_header();

	EXPECT(nm_vi_create(&h), 0);
	EXPECT(nm_vi_create(&h), -EEXIST);
	EXPECT(nm_vi_create(&on), -EINVAL);
	EXPECT(netmap_bdg_attach(&off, token), -EINVAL);
	EXPECT(netmap_bdg_attach(&on, NULL), -EACCES);
	EXPECT(netmap_bdg_attach(&on, token), 0);
	EXPECT(netmap_bdg_attach(&on, token), -EBUSY);
	EXPECT(nm_vi_destroy(PORT), -EBUSY);
	EXPECT(netmap_bdg_detach(&off, NULL), -EACCES);
	EXPECT(netmap_bdg_detach(&off, token), 0);
	EXPECT(netmap_bdg_detach(&off, token), -ENXIO);
	EXPECT(nm_vi_destroy(PORT), 0);
	EXPECT(nm_vi_destroy(PORT), -ENXIO);
}

static void by_name(u64 token)
{
	struct nmreq_register odd = {.nr_mode = NR_REG_ONE_NIC};
	u32 index = 77;

	EXPECT(netmap_switch_newif(&init_net, PORT, NULL), 0);
	EXPECT(netmap_switch_attach(&init_net, MEMBER, NULL, token + 1, &index),
	       -EACCES);
	EXPECT(netmap_switch_attach(&init_net, MEMBER, &odd, token, &index),
	       -EINVAL);
	EXPECT(index, 77);
	EXPECT(netmap_switch_attach(&init_net, MEMBER, NULL, token, &index), 0);
	EXPECT(index, 0);
	EXPECT(netmap_switch_detach(&init_net, MEMBER, token + 1, &index),
	       -EACCES);
	EXPECT(netmap_switch_detach(&init_net, MEMBER, token, &index), 0);
}

/* By requests of a client, whose port is on another switch. */
static void by_requests(u64 token)
{
	struct nmreq_header on = attach_header(), off = detach_header();
	struct netmap_client *c, *member;
	char name[IFNAMSIZ];

	EXPECT(netmap_client_open(&init_net, "vale7:own", NULL, &c), 0);
	if (broken)
		return;
	EXPECT(netmap_client_switch(c, name), 0);
	EXPECT(strcmp(name, "vale7"), 0);
	EXPECT(netmap_client_ctrl(c, &on), -EACCES);
	netmap_client_set_token(c, token);
	EXPECT(netmap_client_ctrl(c, &on), 0);
	EXPECT(netmap_client_open(&init_net, PORT, NULL, &member), 0);
	if (!broken) {
		EXPECT(netmap_client_switch(member, name), 0);
		EXPECT(strcmp(name, "vale8"), 0);
		/* The port goes on without a switch. */
		EXPECT(netmap_client_ctrl(c, &off), 0);
		EXPECT(netmap_client_switch(member, name), -ENXIO);
		netmap_client_close(member);
	}
	netmap_client_close(c);
}

static int __init attach_init(void)
{
	void *token;
	int err;

	token = netmap_vale_create("vale8", &err);
	if (err)
		return err;
	by_earlier_names(token);
	by_name((uintptr_t)token);
	by_requests((uintptr_t)token);
	EXPECT(netmap_switch_delif(&init_net, PORT), 0);
	EXPECT(netmap_vale_destroy("vale8", token), 0);
	return broken;
}

static void __exit attach_exit(void)
{
}

module_init(attach_init);
module_exit(attach_exit);

MODULE_DESCRIPTION("netmap test: ports of a switch, from inside the kernel");
MODULE_LICENSE("Dual BSD/GPL");
