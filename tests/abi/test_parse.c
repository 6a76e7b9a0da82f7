/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* nm_parse(): the grammar of names, element by element. */
#include "fake.h"

#define ALL NR_REG_ALL_NIC

/* What a spec becomes. */
static const struct good {
	const char *spec;
	const char *name;
	uint32_t flags;
	uint16_t ringid;
	uint16_t region;
} goods[] = {
	/* nothing: all NIC rings */
	{"netmap:eth0", "eth0", ALL, 0, 0},
	{"vale0:1", "vale0:1", ALL, 0, 0},
	{"vale:1", "vale:1", ALL, 0, 0},
	{"vale_aZ9:Zz_0", "vale_aZ9:Zz_0", ALL, 0, 0},

	/* rings */
	{"netmap:eth0^", "eth0", NR_REG_SW, 0, 0},
	{"netmap:eth0*", "eth0", NR_REG_NIC_SW, 0, 0},
	{"netmap:eth0-3", "eth0", NR_REG_ONE_NIC, 3, 0},
	{"netmap:eth0-0", "eth0", NR_REG_ONE_NIC, 0, 0},
	{"netmap:eth0-007", "eth0", NR_REG_ONE_NIC, 7, 0},
	{"netmap:eth0-4094", "eth0", NR_REG_ONE_NIC, 4094, 0},
	{"netmap:eth0{5", "eth0", NR_REG_PIPE_MASTER, 5, 0},
	{"netmap:eth0}5", "eth0", NR_REG_PIPE_SLAVE, 5, 0},
	{"vale0:1^", "vale0:1", NR_REG_SW, 0, 0},
	{"vale0:1*", "vale0:1", NR_REG_NIC_SW, 0, 0},
	{"vale0:1-2", "vale0:1", NR_REG_ONE_NIC, 2, 0},
	{"vale0:1{4094", "vale0:1", NR_REG_PIPE_MASTER, 4094, 0},
	{"vale0:1}0", "vale0:1", NR_REG_PIPE_SLAVE, 0, 0},

	/* a missing number is 0 */
	{"netmap:eth0-", "eth0", NR_REG_ONE_NIC, 0, 0},
	{"netmap:eth0{", "eth0", NR_REG_PIPE_MASTER, 0, 0},
	{"netmap:eth0}/x", "eth0", NR_REG_PIPE_SLAVE | NR_EXCLUSIVE, 0, 0},

	/* flags */
	{"netmap:eth0/x", "eth0", ALL | NR_EXCLUSIVE, 0, 0},
	{"netmap:eth0/z", "eth0", ALL | NR_ZCOPY_MON, 0, 0},
	{"netmap:eth0/t", "eth0", ALL | NR_MONITOR_TX, 0, 0},
	{"netmap:eth0/r", "eth0", ALL | NR_MONITOR_RX, 0, 0},
	{"netmap:eth0/R", "eth0", ALL | NR_RX_RINGS_ONLY, 0, 0},
	{"netmap:eth0/T", "eth0", ALL | NR_TX_RINGS_ONLY, 0, 0},
	{"netmap:eth0/tr", "eth0", ALL | NR_MONITOR_TX | NR_MONITOR_RX, 0, 0},
	{"netmap:eth0/TRrtzx", "eth0",
	 ALL | NR_MONITOR_TX | NR_MONITOR_RX | NR_ZCOPY_MON | NR_EXCLUSIVE |
		 NR_RX_RINGS_ONLY | NR_TX_RINGS_ONLY,
	 0, 0},
	{"netmap:eth0/x/R", "eth0", ALL | NR_EXCLUSIVE | NR_RX_RINGS_ONLY, 0,
	 0},

	/* region, before and after flags, with rings */
	{"netmap:eth0@1", "eth0", ALL, 0, 1},
	{"netmap:eth0@65535", "eth0", ALL, 0, 65535},
	{"netmap:eth0@3/x", "eth0", ALL | NR_EXCLUSIVE, 0, 3},
	{"netmap:eth0/x@3", "eth0", ALL | NR_EXCLUSIVE, 0, 3},
	{"netmap:eth0/x@3/R", "eth0", ALL | NR_EXCLUSIVE | NR_RX_RINGS_ONLY, 0,
	 3},
	{"vale0:1-2/x@4", "vale0:1", NR_REG_ONE_NIC | NR_EXCLUSIVE, 2, 4},
	{"netmap:eth0^@9", "eth0", NR_REG_SW, 0, 9},

	/* names: 15 characters, and a netmap name is not looked at */
	{"netmap:a23456789012345", "a23456789012345", ALL, 0, 0},
	{"vale45678:12345", "vale45678:12345", ALL, 0, 0},
	{"netmap:eth0.1&:%", "eth0.1&:%", ALL, 0, 0},
	{"netmap:vale0:1", "vale0:1", ALL, 0, 0},
	{"netmap:", "", ALL, 0, 0},
};

static void a_name_becomes_this_request(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
		const struct good *g = &goods[i];
		struct nm_desc d;
		char err[NM_PARSE_ERRSIZE];

		memset(&d, 0, sizeof(d));
		if (nm_parse(g->spec, &d, err) != 0)
			fail_msg("%s is refused: %s", g->spec, err);
		if (strcmp(d.req.nr_name, g->name) ||
		    d.req.nr_flags != g->flags ||
		    d.req.nr_ringid != g->ringid || d.req.nr_arg2 != g->region)
			fail_msg("%s becomes %s flags 0x%x ring %u region %u",
				 g->spec, d.req.nr_name, d.req.nr_flags,
				 d.req.nr_ringid, d.req.nr_arg2);
	}
}

static const char *const bads[] = {
	/* numbers */
	"netmap:eth0-4095",
	"netmap:eth0{4095",
	"netmap:eth0}4095",
	"netmap:eth0-99999999999999999999",
	"netmap:eth0-4294967296", /* 0 in 32 bits */
	"netmap:eth0-1x",
	"netmap:eth0-x",
	"netmap:eth0- 1",
	"netmap:eth0-+1",
	"netmap:eth0--1",
	"netmap:eth0-0x1",
	"netmap:a-b",	  /* an interface with a dash in its name */
	"netmap:eth0{in", /* names of pipes are numbers here */
	"netmap:eth0{1}2",
	"netmap:eth0{1-2",

	/* nothing may follow these but a tail */
	"netmap:eth0^1",
	"netmap:eth0*1",
	"netmap:eth0^*",
	"netmap:eth0^-1",

	/* flags */
	"netmap:eth0/",
	"netmap:eth0//x",
	"netmap:eth0/q",
	"netmap:eth0/xq",
	"netmap:eth0/X",
	"netmap:eth0/x ",
	"netmap:eth0/x-1",
	"netmap:eth0/@1",

	/* regions and options */
	"netmap:eth0@",
	"netmap:eth0@0",
	"netmap:eth0@00",
	"netmap:eth0@-1",
	"netmap:eth0@65536",
	"netmap:eth0@4294967297", /* 1 in 32 bits */
	"netmap:eth0@1x",
	"netmap:eth0@1@2",
	"netmap:eth0@1@1",
	"netmap:eth0@1/x@1",
	"netmap:eth0@conf:rings=4",
	"netmap:eth0@share=netmap:eth1",

	/* switches */
	"vale",
	"vale0",
	"vale0-1",
	"vale0/x",
	"valet",
	"vale-0:1",
	"vale.0:1",
	"vale 0:1",
	"vale0:a.b",
	"vale0:a:b",
	"vale0:a b",
	"vale0:a&",

	/* length */
	"netmap:a234567890123456",
	"netmap:a2345678901234567890123456789012345678901234567890",
	"vale45678:123456",
	"vale0:a234567890",
};

static void a_malformed_name_is_einval_with_a_sentence(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		char err[NM_PARSE_ERRSIZE] = "";
		struct nm_desc d;

		memset(&d, 0, sizeof(d));
		errno = 0;
		if (nm_parse(bads[i], &d, err) != -1)
			fail_msg("%s is accepted", bads[i]);
		if (errno != EINVAL)
			fail_msg("%s: errno %d", bads[i], errno);
		if (strlen(err) < 8)
			fail_msg("%s: says only '%s'", bads[i], err);
	}
}

static void a_malformed_name_leaves_the_request_alone(void **state)
{
	struct nm_desc d, before;

	(void)state;
	memset(&d, 0x5a, sizeof(d));
	memcpy((void *)&before, &d, sizeof(d));
	assert_int_equal(nm_parse("netmap:eth0-1/x@3?", &d, NULL), -1);
	assert_int_equal(errno, EINVAL);
	assert_memory_equal(&d, &before, sizeof(d));
}

static void a_foreign_prefix_is_not_ours_and_no_error(void **state)
{
	static const char *const specs[] = {
		"",	     "eth0",	    "e",       "netmap",
		"netmap0:1", "Netmap:eth0", "tap:x",   "pcap:file",
		"val",	     "val0:1",	    "Vale0:1", " vale0:1",
		"null",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		char err[NM_PARSE_ERRSIZE] = "stale";
		struct nm_desc d, before;

		memset(&d, 0x5a, sizeof(d));
		memcpy((void *)&before, &d, sizeof(d));
		errno = EIO;
		if (nm_parse(specs[i], &d, err) != -1 || errno != 0)
			fail_msg("'%s': errno %d", specs[i], errno);
		assert_string_equal(err, "");
		assert_memory_equal(&d, &before, sizeof(d));
	}
}

static void what_a_name_does_not_say_stays_as_it_was(void **state)
{
	struct nm_desc d;

	(void)state;
	memset(&d, 0, sizeof(d));
	memset(d.req.nr_name, 'n', sizeof(d.req.nr_name));
	d.req.nr_flags = NR_ACCEPT_VNET_HDR | 0x1000 | NR_REG_NIC_SW;
	d.req.nr_ringid =
		NETMAP_NO_TX_POLL | NETMAP_DO_RX_POLL | NETMAP_SW_RING | 9;
	d.req.nr_arg1 = 11;
	d.req.nr_arg2 = 12;
	d.req.nr_arg3 = 13;
	d.req.nr_tx_slots = 14;
	assert_int_equal(nm_parse("netmap:e-2/x", &d, NULL), 0);

	/* added to: flags, poll bits; replaced: mode, ring number */
	assert_int_equal(d.req.nr_flags, NR_ACCEPT_VNET_HDR | 0x1000 |
						 NR_EXCLUSIVE | NR_REG_ONE_NIC);
	assert_int_equal(d.req.nr_ringid,
			 NETMAP_NO_TX_POLL | NETMAP_DO_RX_POLL | 2);
	assert_int_equal(d.req.nr_arg1, 11);
	assert_int_equal(d.req.nr_arg2, 12);
	assert_int_equal(d.req.nr_arg3, 13);
	assert_int_equal(d.req.nr_tx_slots, 14);

	/* and nothing of the old name is behind the new one */
	assert_memory_equal(d.req.nr_name, "e\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
			    16);
}

static void a_sentence_never_outgrows_its_room(void **state)
{
	char err[NM_PARSE_ERRSIZE + 1], spec[2048];
	struct nm_desc d;

	(void)state;
	memset(&d, 0, sizeof(d));
	memset(spec, '/', sizeof(spec));
	memcpy(spec, "netmap:", 7);
	spec[sizeof(spec) - 1] = '\0';
	err[NM_PARSE_ERRSIZE] = 'e';
	assert_int_equal(nm_parse(spec, &d, err), -1);
	assert_int_equal(err[NM_PARSE_ERRSIZE], 'e');
	assert_true(strlen(err) < NM_PARSE_ERRSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(a_name_becomes_this_request),
		FAKE_TEST(a_malformed_name_is_einval_with_a_sentence),
		FAKE_TEST(a_malformed_name_leaves_the_request_alone),
		FAKE_TEST(a_foreign_prefix_is_not_ours_and_no_error),
		FAKE_TEST(what_a_name_does_not_say_stays_as_it_was),
		FAKE_TEST(a_sentence_never_outgrows_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
