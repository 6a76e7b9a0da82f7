// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>
#include <net/netmap_user.h>
#include "traffic.h"

static int make_world(void **state)
{
	return nme_create((struct nme **)state, NULL);
}

static int end_world(void **state)
{
	return nme_destroy(*state);
}

static void configuration_is_checked(void **state)
{
	struct nme_conf c = {.buf_size = 63};
	struct nme *w;

	(void)state;
	assert_int_equal(nme_create(&w, &c), -EINVAL);
	assert_non_null(
		strstr(nme_error(), "buf_size: 63 is outside 64..65536"));
	c = (struct nme_conf){.size = 8};
	assert_int_equal(nme_create(&w, &c), -EINVAL);
	c = (struct nme_conf){.flags = 0x10};
	assert_int_equal(nme_create(&w, &c), -EINVAL);
	assert_non_null(strstr(nme_error(), "0x10"));
	c = (struct nme_conf){.max_bridges = 257};
	assert_int_equal(nme_create(&w, &c), -EINVAL);
	c = (struct nme_conf){.vale_stations = 63};
	assert_int_equal(nme_create(&w, &c), -EINVAL);
}

static void configuration_of_an_older_caller_is_taken(void **state)
{
	struct nme_conf c = {.size = offsetof(struct nme_conf, spare),
			     .buf_size = 4096};
	struct nme_port *p;
	struct nme *w;

	(void)state;
	memset(c.spare, 0xff, sizeof(c.spare)); /* not there for that caller */
	assert_int_equal(nme_create(&w, &c), 0);
	p = port_open(w, "vale0:a");
	assert_int_equal(NETMAP_TXRING(nme_if(p), 0)->nr_buf_size, 4096);
	nme_close(p);
	assert_int_equal(nme_destroy(w), 0);
}

static void buffers_of_every_size_work(void **state)
{
	static const uint32_t sizes[] = {64, 2048, 9216, 32768, 65535, 65536};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct nme_conf c = {.buf_size = sizes[i]};
		struct netmap_ring *ring;
		struct nme_port *p;
		struct nme *w;

		assert_int_equal(nme_create(&w, &c), 0);
		p = port_open(w, "vale0:a");
		ring = NETMAP_TXRING(nme_if(p), 0);
		assert_int_equal(ring->nr_buf_size, (sizes[i] + 63) / 64 * 64);
		assert_int_equal(ring->slot[0].len,
				 ring->nr_buf_size > 0xffff
					 ? 0xffff
					 : ring->nr_buf_size);
		nme_close(p);
		assert_int_equal(nme_destroy(w), 0);
	}
}

static void a_region_over_4_gib_is_refused_by_name(void **state)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_rings = 16,
				     .nr_rx_rings = 16,
				     .nr_tx_slots = 4096,
				     .nr_rx_slots = 4096};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_REGISTER,
				 .nr_name = "vale0:a",
				 .nr_body = (uintptr_t)&reg};
	struct nme_conf c = {.buf_size = 65536};
	struct nme_port *p;
	struct nme *w;

	(void)state;
	assert_int_equal(nme_create(&w, &c), 0);
	assert_int_equal(nme_open_unbound(w, &p), 0);
	assert_int_equal(nme_ioctl(p, NIOCCTRL, &h), -ENOMEM);
	assert_non_null(strstr(nme_error(), "4 GiB"));
	nme_close(p);
	assert_int_equal(nme_destroy(w), 0);
}

static void a_pipe_makes_its_switch_port_large_enough(void **state)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC,
				     .nr_tx_rings = 128,
				     .nr_tx_slots = 4096,
				     .nr_extra_bufs = 200000};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_REGISTER,
				 .nr_name = "vale0:p{1",
				 .nr_body = (uintptr_t)&reg};
	struct nme_port *p;

	assert_int_equal(nme_open_unbound(*state, &p), 0);
	if (nme_ioctl(p, NIOCCTRL, &h))
		fail_msg("%s", nme_error());
	assert_int_equal(reg.nr_tx_rings, 128);
	assert_int_equal(reg.nr_extra_bufs, 200000);
	nme_close(p);
}

static void a_world_in_use_stays(void **state)
{
	struct nme_port *p = port_open(*state, "vale0:a");

	assert_int_equal(nme_destroy(*state), -EBUSY);
	assert_non_null(strstr(nme_error(), "1 port handles"));
	nme_close(p);
	nme_close(NULL);
}

static void worlds_are_apart(void **state)
{
	struct nme_port *a = port_open(*state, "vale0:a"), *b;
	uint32_t number = 0;
	struct nme *other;

	assert_int_equal(nme_create(&other, NULL), 0);
	b = port_open(other, "vale0:b");
	assert_int_equal(frames_send(a, 1, 2, &number, 4), 4);
	assert_int_equal(frames_take(b, NULL, NULL), 0);
	assert_int_equal(stats_of(a, "vale0:a", NETMAP_X_TX).no_port, 4);
	nme_close(a);
	nme_close(b);
	assert_int_equal(nme_destroy(other), 0);
}

static void specs_say_what_they_mean(void **state)
{
	struct nme_port *p = port_open(*state, "netmap:vale0:a-0/xT");
	struct netmap_if *nifp = nme_if(p);

	assert_int_not_equal(nifp->ring_ofs[0], 0);
	assert_int_equal(nifp->ring_ofs[2], 0); /* rx ring 0 not bound */
	nme_close(p);
	p = port_open(*state, "base{in/R@1");
	assert_int_equal(nme_if(p)->ni_flags & NI_PRIV_MEM, 0);
	nme_close(p);
}

static void bad_specs_are_refused_with_a_sentence(void **state)
{
	static const struct {
		const char *spec;
		int err;
		const char *says;
	} bad[] = {
		{"vale0:a-", -EINVAL, "from '-'"},
		{"vale0:a-4096", -EINVAL, "from '-4096'"},
		{"vale0:a@0", -EINVAL, "from '@0'"},
		{"vale0:a@65536", -EINVAL, "from '@65536'"},
		{"vale0:a/q", -EINVAL, "from '/q'"},
		{"vale0:a^", -EINVAL, "asks for host rings"},
		{"vale0:a*", -EINVAL, "asks for host rings"},
		{"vale0:a-1", -EINVAL, "numbered from 0"},
		{"vale0:a/", -EINVAL, "from '/'"},
		{"vale0:a-0^", -EINVAL, "from '^'"},
		{"vale0:a@1@2", -EINVAL, "from '@2'"},
		{"vale0:a@77", -EINVAL, "no region has that id"},
		{"vale0", -ENOMEM, "are valeX:port"},
		{"eth77", -ENXIO, "no such interface"},
		{"", -ENXIO, "empty"},
		{"a{", -EINVAL, "needs an id"},
	};
	struct nme_port *p = NULL;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(nme_open(*state, bad[i].spec, &p), bad[i].err);
		if (!strstr(nme_error(), bad[i].says))
			fail_msg("%s: %s", bad[i].spec, nme_error());
		assert_null(p);
	}
}

static void names_over_63_characters_are_refused(void **state)
{
	char spec[80];
	struct nme_port *p;

	memset(spec, 'x', sizeof(spec));
	spec[64] = 0;
	assert_int_equal(nme_open(*state, spec, &p), -EINVAL);
	assert_non_null(strstr(nme_error(), "over 63"));
}

static void unbound_handles_answer(void **state)
{
	struct nme_port *p;
	struct nme_pollfd f;

	assert_int_equal(nme_open_unbound(*state, &p), 0);
	assert_null(nme_if(p));
	assert_null(nme_mem(p, NULL));
	assert_int_equal(nme_txsync(p), -ENXIO);
	assert_int_equal(nme_rxsync(p), -ENXIO);
	assert_int_equal(nme_on_arrival(p, NULL, NULL), -ENXIO);
	f = (struct nme_pollfd){.port = p, .events = POLLIN};
	assert_int_equal(nme_poll(&f, 1, -1), 1);
	assert_int_equal(f.revents, POLLERR);
	nme_close(p);
}

static void opening_a_switch_port_touches_at_most_3_mib(void **state)
{
	static unsigned char resident[1 << 20];
	struct nme_port *p = port_open(*state, "vale0:a");
	size_t size, pages, touched = 0;
	void *mem = nme_mem(p, &size);

	pages = (size + 4095) / 4096;
	assert_true(pages <= sizeof(resident));
	assert_int_equal(mincore(mem, size, resident), 0);
	for (size_t i = 0; i < pages; i++)
		touched += resident[i] & 1;
	assert_true(touched > 0);
	assert_true(touched * 4096 <= 3u << 20);
	nme_close(p);
}

static void huge_pages_are_used_or_done_without(void **state)
{
	struct nme_conf c = {.flags = NME_HUGETLB};
	uint32_t number = 0;
	struct nme_port *a, *b;
	struct nme *w;

	(void)state;
	assert_int_equal(nme_create(&w, &c), 0);
	a = port_open(w, "vale0:a");
	b = port_open(w, "vale0:b");
	assert_int_equal(frames_send(a, 1, 2, &number, 100), 100);
	assert_int_equal(frames_take(b, NULL, NULL), 100);
	nme_close(a);
	nme_close(b);
	assert_int_equal(nme_destroy(w), 0);
}

static void a_wait_ends_with_its_time(void **state)
{
	struct nme_port *p = port_open(*state, "vale0:a");
	struct nme_pollfd f = {.port = p, .events = POLLIN};

	assert_int_equal(nme_poll(&f, 1, 10), 0);
	assert_int_equal(f.revents, 0);
	f.events = POLLIN | POLLOUT;
	assert_int_equal(nme_poll(&f, 1, -1), 1);
	assert_int_equal(f.revents, POLLOUT);
	nme_close(p);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_world, end_world)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configuration_is_checked),
		cmocka_unit_test(configuration_of_an_older_caller_is_taken),
		cmocka_unit_test(buffers_of_every_size_work),
		cmocka_unit_test(a_region_over_4_gib_is_refused_by_name),
		T(a_pipe_makes_its_switch_port_large_enough),
		T(a_world_in_use_stays),
		T(worlds_are_apart),
		T(specs_say_what_they_mean),
		T(bad_specs_are_refused_with_a_sentence),
		T(names_over_63_characters_are_refused),
		T(unbound_handles_answer),
		T(opening_a_switch_port_touches_at_most_3_mib),
		cmocka_unit_test(huge_pages_are_used_or_done_without),
		T(a_wait_ends_with_its_time),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
