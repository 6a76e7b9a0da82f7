// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A process owns a switch: the embedded interface, from end to end. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <net/netmap_user.h>
#include "traffic.h"

/* Private data: what joined, and where frames are to go. */
struct plan {
	uint32_t to;
	uint32_t joined, left;
};

static uint32_t to_one_port(const struct nm_vale_frame *f, uint32_t *ring,
			    void *priv)
{
	const struct plan *plan = priv;

	(void)ring;
	/* what the frame says of itself does not matter */
	return f->len < 14 ? NM_VALE_DROP : plan->to;
}

static int add_one(uint8_t data[NM_IFRDATA_LEN], void *priv)
{
	(void)priv;
	data[0]++;
	return 0;
}

static int joins(const char *name, bool attach, uint32_t port, void *priv)
{
	struct plan *plan = priv;

	(void)port;
	assert_false(attach);
	if (!strcmp(name, "vale3:unwanted"))
		return -EPERM;
	plan->joined++;
	return 0;
}

static void leaves(uint32_t port, void *priv)
{
	struct plan *plan = priv;

	(void)port;
	plan->left++;
}

static const struct nm_switch_ops ops = {.lookup = to_one_port,
					 .config = add_one,
					 .join = joins,
					 .dtor = leaves};

static void send_one(struct nme_port *p)
{
	struct netmap_ring *r = NETMAP_TXRING(nme_if(p), 0);
	struct netmap_slot *s = &r->slot[r->head];

	memset(NETMAP_BUF(r, s->buf_idx), 0xff, 60); /* to everybody */
	s->len = 60;
	r->head = r->cur = nm_ring_next(r, r->head);
	assert_int_equal(nme_txsync(p), 0);
}

/* How many came since the last time. */
static uint32_t take(struct nme_port *p)
{
	struct netmap_ring *r = NETMAP_RXRING(nme_if(p), 0);
	uint32_t n;

	assert_int_equal(nme_rxsync(p), 0);
	n = nm_ring_space(r);
	r->head = r->cur = r->tail;
	return n;
}

static void the_owner_says_where_frames_go(void **state)
{
	struct plan plan = {.to = 2};
	struct nme_port *a, *b, *c, *no;
	uint64_t token;
	struct nme *w;

	(void)state;
	assert_int_equal(nme_create(&w, NULL), 0);
	assert_int_equal(nme_switch_create(w, "vale3", &token), 0);
	assert_int_equal(nme_switch_set_ops(w, "vale3", &ops, &plan, token), 0);
	a = port_open(w, "vale3:a");
	b = port_open(w, "vale3:b");
	c = port_open(w, "vale3:c");
	assert_int_equal(nme_open(w, "vale3:unwanted", &no), -EPERM);
	assert_int_equal(plan.joined, 3);

	send_one(a);
	assert_int_equal(take(b), 0);
	assert_int_equal(take(c), 1);
	plan.to = NM_VALE_FLOOD;
	send_one(a);
	assert_int_equal(take(b), 1);
	assert_int_equal(take(c), 1);
	plan.to = NM_VALE_DROP;
	send_one(a);
	plan.to = 100; /* nobody */
	send_one(a);
	assert_int_equal(take(b), 0);
	assert_int_equal(take(c), 0);

	/* back to learning: flooded */
	assert_int_equal(nme_switch_set_ops(w, "vale3", NULL, NULL, token), 0);
	send_one(a);
	assert_int_equal(take(b), 1);
	assert_int_equal(take(c), 1);
	nme_close(a);
	assert_int_equal(plan.left, 0);
	nme_close(b);
	nme_close(c);
	assert_int_equal(nme_switch_destroy(w, "vale3", token), 0);
	assert_int_equal(nme_destroy(w), 0);
}

static void the_token_is_the_key(void **state)
{
	struct plan plan = {.to = NM_VALE_FLOOD};
	struct nme_port *p;
	uint64_t token;
	struct nme *w;

	(void)state;
	assert_int_equal(nme_create(&w, NULL), 0);
	assert_int_equal(nme_switch_create(w, "eth0", &token), -EINVAL);
	assert_int_equal(nme_switch_create(w, "vale3", &token), 0);
	assert_int_equal(nme_switch_create(w, "vale3", &token), -EEXIST);
	assert_int_equal(nme_switch_set_ops(w, "vale3", &ops, &plan, token + 1),
			 -EACCES);
	assert_int_equal(nme_switch_set_ops(w, "vale4", &ops, &plan, token),
			 -ENXIO);
	assert_int_equal(nme_switch_destroy(w, "vale3", 0), -EACCES);
	assert_int_equal(nme_switch_set_ops(w, "vale3", &ops, &plan, token), 0);
	p = port_open(w, "vale3:p");
	assert_int_equal(nme_switch_destroy(w, "vale3", token), -EBUSY);
	nme_close(p);
	assert_int_equal(plan.left, 1);
	assert_int_equal(nme_switch_destroy(w, "vale3", token), 0);
	assert_int_equal(nme_switch_destroy(w, "vale3", token), -ENXIO);
	assert_int_equal(nme_destroy(w), 0);
}

/* A program may attach to a switch only if that has no owner. */
static void the_owner_attaches_what_others_may_not(void **state)
{
	struct nmreq_vale_newif newif = {0};
	struct nmreq_vale_attach body = {.reg.nr_mode = NR_REG_ALL_NIC};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_VALE_NEWIF,
				 .nr_name = "per0",
				 .nr_body = (uintptr_t)&newif};
	struct nme_port *any;
	uint64_t token;
	struct nme *w;

	(void)state;
	assert_int_equal(nme_create(&w, NULL), 0);
	assert_int_equal(nme_switch_create(w, "vale3", &token), 0);
	assert_int_equal(nme_open_unbound(w, &any), 0);
	assert_int_equal(nme_ioctl(any, NIOCCTRL, &h), 0);
	h.nr_reqtype = NETMAP_REQ_VALE_ATTACH;
	h.nr_body = (uintptr_t)&body;
	strcpy(h.nr_name, "vale3:per0");
	assert_int_equal(nme_ioctl(any, NIOCCTRL, &h), -EACCES);
	assert_int_equal(nme_switch_attach(w, "vale3:per0", 0), -EACCES);
	assert_int_equal(nme_switch_attach(w, "vale3:none", token), -EINVAL);
	assert_int_equal(nme_switch_attach(w, "vale3:per0", token), 0);
	assert_int_equal(nme_switch_detach(w, "vale3:per0", 0), -EACCES);
	assert_int_equal(nme_switch_detach(w, "vale3:per0", token), 0);
	assert_int_equal(nme_switch_detach(w, "vale3:per0", token), -ENXIO);
	nme_close(any);
	assert_int_equal(nme_switch_destroy(w, "vale3", token), 0);
	assert_int_equal(nme_destroy(w), 0);
}

static void the_owner_answers_config(void **state)
{
	struct nm_ifreq ask = {.nifr_name = "vale3:p", .data = {41}};
	struct nme_port *p;
	struct plan plan = {0};
	uint64_t token;
	struct nme *w;

	(void)state;
	assert_int_equal(nme_create(&w, NULL), 0);
	assert_int_equal(nme_switch_create(w, "vale3", &token), 0);
	p = port_open(w, "vale3:p");
	assert_int_equal(nme_ioctl(p, NIOCCONFIG, &ask), -EINVAL);
	assert_int_equal(nme_switch_set_ops(w, "vale3", &ops, &plan, token), 0);
	assert_int_equal(nme_ioctl(p, NIOCCONFIG, &ask), 0);
	assert_int_equal(ask.data[0], 42);
	nme_close(p);
	assert_int_equal(nme_switch_destroy(w, "vale3", token), 0);
	assert_int_equal(nme_destroy(w), 0);
}

/* ---- private data under traffic ---- */

#define CHANGES 200

struct sender {
	struct nme_port *port;
	uint32_t stop;
};

static void *keep_sending(void *arg)
{
	struct sender *s = arg;

	while (!__atomic_load_n(&s->stop, __ATOMIC_ACQUIRE))
		send_one(s->port);
	return NULL;
}

static int exchange(void **priv, void *arg)
{
	void **place = arg, *old = *priv;

	*priv = *place;
	*place = old;
	return 0;
}

static int refuse(void **priv, void *arg)
{
	(void)arg;
	*priv = NULL;
	return -EDOM;
}

static void the_old_private_data_is_out_of_use(void **state)
{
	struct plan *next, *now = test_calloc(1, sizeof(*now));
	struct sender s = {0};
	uint64_t token;
	struct nme *w;
	pthread_t t;

	(void)state;
	now->to = NM_VALE_FLOOD;
	assert_int_equal(nme_create(&w, NULL), 0);
	assert_int_equal(nme_switch_create(w, "vale3", &token), 0);
	assert_int_equal(nme_switch_update(w, "vale3", refuse, NULL, token),
			 -EINVAL); /* no operations */
	assert_int_equal(nme_switch_set_ops(w, "vale3", &ops, now, token), 0);
	assert_int_equal(nme_switch_update(w, "vale3", refuse, NULL, token),
			 -EDOM);
	assert_int_equal(nme_switch_update(w, "vale3", refuse, NULL, 0),
			 -EACCES);
	s.port = port_open(w, "vale3:p");
	assert_int_equal(pthread_create(&t, NULL, keep_sending, &s), 0);
	for (int i = 0; i < CHANGES; i++) {
		next = test_calloc(1, sizeof(*next));
		*next = *now;
		now = next;
		assert_int_equal(
			nme_switch_update(w, "vale3", exchange, &next, token),
			0);
		/* a sender that still looked at it would be found here */
		memset(next, 0xa5, sizeof(*next));
		test_free(next);
	}
	__atomic_store_n(&s.stop, 1, __ATOMIC_RELEASE);
	pthread_join(t, NULL);
	nme_close(s.port);
	assert_int_equal(nme_switch_destroy(w, "vale3", token), 0);
	test_free(now);
	assert_int_equal(nme_destroy(w), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_owner_says_where_frames_go),
		cmocka_unit_test(the_token_is_the_key),
		cmocka_unit_test(the_owner_attaches_what_others_may_not),
		cmocka_unit_test(the_owner_answers_config),
		cmocka_unit_test(the_old_private_data_is_out_of_use),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
