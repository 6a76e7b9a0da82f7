/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* nmreq_header_decode() and nmreq_register_decode(): every form of a name, and
 * every way to be wrong. */
#include "device.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

#define A63 "a12345678901234567890123456789012345678901234567890123456789012"

/* ---- names ---- */

static void a_name_ends_at_a_separator(void **state)
{
	static const struct {
		const char *spec, *name, *rest;
	} rows[] = {
		{"netmap:eth0", "eth0", ""},
		{"netmap:eth0-1", "eth0", "-1"},
		{"netmap:eth0*", "eth0", "*"},
		{"netmap:eth0^", "eth0", "^"},
		{"netmap:eth0/x", "eth0", "/x"},
		{"netmap:eth0@1", "eth0", "@1"},
		{"netmap:eth0@conf:slots=1", "eth0", "@conf:slots=1"},
		/* other characters are the device's to judge */
		{"netmap:eth0&", "eth0&", ""},
		{"netmap:eth 0.7:1", "eth 0.7:1", ""},
		{"netmap:netmap:x", "netmap:x", ""},
		{"netmap:vale0:a", "vale0:a", ""},
		{"netmap:" A63, A63, ""},
		{"netmap:" A63 "-1", A63, "-1"},
		/* a switch's name is part of the port's */
		{"vale0:a", "vale0:a", ""},
		{"vale:a", "vale:a", ""},
		{"vale_X9:port.7/z", "vale_X9:port.7", "/z"},
		{"vale0:a:b", "vale0:a:b", ""},
		/* pipes */
		{"netmap:vm{in", "vm{in", ""},
		{"netmap:vm}in", "vm}in", ""},
		{"netmap:vm{1-0", "vm{1", "-0"},
		{"netmap:vm{A_9@conf:slots=256", "vm{A_9", "@conf:slots=256"},
		{"vale0:a}x/R", "vale0:a}x", "/R"},
		/* behind the name a brace is not one of a pipe */
		{"netmap:eth0@extmem=/{1", "eth0", "@extmem=/{1"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		const char *at = rows[i].spec;
		struct nmreq_header h, want;

		memset(&h, 0xa5, sizeof(h));
		want = h;
		memset(want.nr_name, 0, sizeof(want.nr_name));
		strcpy(want.nr_name, rows[i].name);
		if (nmreq_header_decode(&at, &h, &dev_ctx))
			fail_msg("%s: %s", rows[i].spec, dev.said);
		assert_memory_equal(&h, &want, sizeof(h));
		assert_string_equal(at, rows[i].rest);
		assert_ptr_equal(at, rows[i].spec + strlen(rows[i].spec) -
					     strlen(rows[i].rest));
	}
	assert_int_equal(dev.sentences, 0);
}

static void what_is_no_name_is_einval(void **state)
{
	static const struct {
		const char *spec, *says;
	} rows[] = {
		{"", "begins neither"},
		{"eth0", "begins neither"},
		{":eth0", "begins neither"},
		{"netmap", "begins neither"},
		{"netmap0:eth0", "begins neither"},
		{"Netmap:eth0", "begins neither"},
		{" netmap:eth0", "begins neither"},
		{"net:eth0", "begins neither"},
		{"val0:a", "begins neither"},
		{"vale", "begins neither"},
		{"vale0", "begins neither"},
		{"vale-1:a", "begins neither"},
		{"vale0.1:a", "begins neither"},
		{"netmap:", "no name"},
		{"netmap:-1", "no name"},
		{"netmap:^", "no name"},
		{"netmap:*", "no name"},
		{"netmap:/x", "no name"},
		{"netmap:@1", "no name"},
		{"netmap:{1", "no name"},
		{"netmap:}1", "no name"},
		{"vale0:", "no name"},
		{"vale0:@1", "no name"},
		{"vale0:{1", "no name"},
		{"netmap:vm{", "found \"\""},
		{"netmap:vm}", "found \"\""},
		{"netmap:vm{-1", "found \"\""},
		{"netmap:vm{in{out", "found \"in{out\""},
		{"netmap:vm{in}out", "found \"in}out\""},
		{"netmap:vm{}", "found \"}\""},
		{"netmap:vm{i.n", "found \"i.n\""},
		{"netmap:vm}i:n@1", "found \"i:n\""},
		{"netmap:" A63 "3", "64 characters, 63"},
		{"vale0:" A63, "69 characters, 63"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		const char *at = rows[i].spec;
		struct nmreq_header h, before;

		memset(&h, 0xa5, sizeof(h));
		before = h;
		errno = 0;
		if (nmreq_header_decode(&at, &h, &dev_ctx) != -1)
			fail_msg("%s: accepted", rows[i].spec);
		assert_int_equal(errno, EINVAL);
		assert_ptr_equal(at, rows[i].spec);
		assert_memory_equal(&h, &before, sizeof(h));
		assert_int_equal(dev.sentences, i + 1);
		if (!strstr(dev.said, rows[i].says) ||
		    strncmp(dev.said, rows[i].spec, strlen(rows[i].spec)) != 0)
			fail_msg("%s: said \"%s\"", rows[i].spec, dev.said);
	}
}

/* ---- rings, flags, region ---- */

static void the_rest_says_which_rings_and_where(void **state)
{
	static const struct {
		const char *spec, *rest;
		uint32_t mode;
		uint16_t ringid, mem_id;
		uint64_t flags;
	} rows[] = {
		{"", "", NR_REG_ALL_NIC, 0, 0, 0},
		{"^", "", NR_REG_SW, 0, 0, 0},
		{"*", "", NR_REG_NIC_SW, 0, 0, 0},
		{"-0", "", NR_REG_ONE_NIC, 0, 0, 0},
		{"-17", "", NR_REG_ONE_NIC, 17, 0, 0},
		{"-007", "", NR_REG_ONE_NIC, 7, 0, 0},
		{"-65535", "", NR_REG_ONE_NIC, 65535, 0, 0},
		{"^0", "", NR_REG_ONE_SW, 0, 0, 0},
		{"^3", "", NR_REG_ONE_SW, 3, 0, 0},
		{"/x", "", NR_REG_ALL_NIC, 0, 0, NR_EXCLUSIVE},
		{"/z", "", NR_REG_ALL_NIC, 0, 0, NR_ZCOPY_MON},
		{"/t", "", NR_REG_ALL_NIC, 0, 0, NR_MONITOR_TX},
		{"/r", "", NR_REG_ALL_NIC, 0, 0, NR_MONITOR_RX},
		{"/R", "", NR_REG_ALL_NIC, 0, 0, NR_RX_RINGS_ONLY},
		{"/T", "", NR_REG_ALL_NIC, 0, 0, NR_TX_RINGS_ONLY},
		{"/xztrRT", "", NR_REG_ALL_NIC, 0, 0, 0x6f00},
		{"/TRrtzx", "", NR_REG_ALL_NIC, 0, 0, 0x6f00},
		{"/xx", "", NR_REG_ALL_NIC, 0, 0, NR_EXCLUSIVE},
		{"/x/R", "", NR_REG_ALL_NIC, 0, 0,
		 NR_EXCLUSIVE | NR_RX_RINGS_ONLY},
		{"@1", "", NR_REG_ALL_NIC, 0, 1, 0},
		{"@65535", "", NR_REG_ALL_NIC, 0, 65535, 0},
		{"@2@2", "", NR_REG_ALL_NIC, 0, 2, 0},
		{"-1/xR@2", "", NR_REG_ONE_NIC, 1, 2,
		 NR_EXCLUSIVE | NR_RX_RINGS_ONLY},
		{"^@2/x@2/T", "", NR_REG_SW, 0, 2,
		 NR_EXCLUSIVE | NR_TX_RINGS_ONLY},
		/* options begin */
		{"@conf:slots=1", "@conf:slots=1", NR_REG_ALL_NIC, 0, 0, 0},
		{"*/x@7@share=netmap:e", "@share=netmap:e", NR_REG_NIC_SW, 0, 7,
		 NR_EXCLUSIVE},
		{"@@", "@@", NR_REG_ALL_NIC, 0, 0, 0},
		{"^1@-", "@-", NR_REG_ONE_SW, 1, 0, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		const char *at = rows[i].spec;
		struct nmreq_register r, want;

		memset(&r, 0x5a, sizeof(r));
		r.nr_mem_id = 0;
		r.nr_flags = NR_ACCEPT_VNET_HDR; /* stays */
		want = r;
		want.nr_mode = rows[i].mode;
		want.nr_ringid = rows[i].ringid;
		want.nr_mem_id = rows[i].mem_id;
		want.nr_flags |= rows[i].flags;
		if (nmreq_register_decode(&at, &r, &dev_ctx))
			fail_msg("%s: %s", rows[i].spec, dev.said);
		assert_memory_equal(&r, &want, sizeof(r));
		assert_string_equal(at, rows[i].rest);
		assert_ptr_equal(at, rows[i].spec + strlen(rows[i].spec) -
					     strlen(rows[i].rest));
	}
	assert_int_equal(dev.sentences, 0);
}

static void what_is_no_rest_is_einval(void **state)
{
	static const struct {
		const char *spec, *says;
	} rows[] = {
		{"-", "behind '-'"},
		{"-x", "behind '-'"},
		{"-@1", "behind '-'"},
		{"-65536", "at most 65535"},
		{"-99999999999999999999", "at most 65535"},
		{"^65536", "at most 65535"},
		{"-1-", "neither"},
		{"-1x", "\"x\" is neither"},
		{"^x", "\"x\" is neither"},
		{"*1", "\"1\" is neither"},
		{"x", "\"x\" is neither"},
		{"{1", "\"{1\" is neither"},
		{"-1{1", "\"{1\" is neither"},
		{"/", "no flags"},
		{"//x", "no flags"},
		{"/@1", "no flags"},
		{"/x/", "no flags"},
		{"/q", "flag 'q'"},
		{"/xq", "flag 'q'"},
		{"/x-1", "flag '-'"},
		{"/X", "flag 'X'"},
		{"@", "nothing behind"},
		{"-1/x@2@", "nothing behind"},
		{"@0", "1 to 65535"},
		{"@00", "1 to 65535"},
		{"@65536", "1 to 65535"},
		{"@2x", "1 to 65535"},
		{"@2-1", "1 to 65535"},
		{"@2@3", "region 2 was"},
		{"@2/x@3", "region 2 was"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		const char *at = rows[i].spec;
		struct nmreq_register r, before;

		memset(&r, 0x5a, sizeof(r));
		r.nr_mem_id = 0;
		before = r;
		errno = 0;
		if (nmreq_register_decode(&at, &r, &dev_ctx) != -1)
			fail_msg("%s: accepted", rows[i].spec);
		assert_int_equal(errno, EINVAL);
		assert_ptr_equal(at, rows[i].spec);
		assert_memory_equal(&r, &before, sizeof(r));
		assert_int_equal(dev.sentences, i + 1);
		if (!strstr(dev.said, rows[i].says))
			fail_msg("%s: said \"%s\"", rows[i].spec, dev.said);
	}
}

static void a_region_that_was_chosen_before_is_not_contradicted(void **state)
{
	struct nmreq_register r;
	const char *at = "@4";

	(void)state;
	memset(&r, 0, sizeof(r));
	r.nr_mem_id = 4;
	assert_int_equal(nmreq_register_decode(&at, &r, &dev_ctx), 0);
	assert_int_equal(r.nr_mem_id, 4);
	at = "/x";
	assert_int_equal(nmreq_register_decode(&at, &r, &dev_ctx), 0);
	assert_int_equal(r.nr_mem_id, 4);
	at = "@5";
	assert_int_equal(nmreq_register_decode(&at, &r, &dev_ctx), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(r.nr_mem_id, 4);
	assert_non_null(strstr(dev.said, "region 4 was"));
}

/* ---- asking for a region ---- */

static void the_region_of_a_port_is_what_the_device_says(void **state)
{
	const char *spec = "vale0:a{x@rest", *at = spec;

	(void)state;
	fake.mem_id = 65535;
	assert_int_equal(nmreq_get_mem_id(&at, &dev_ctx), 65535);
	assert_ptr_equal(at, spec + 9);
	assert_int_equal(dev.hdr.nr_reqtype, NETMAP_REQ_PORT_INFO_GET);
	assert_string_equal(dev.hdr.nr_name, "vale0:a{x");
	assert_int_equal(dev.hdr.nr_options, 0);
	assert_int_equal(fake.opens, 1);
	assert_int_equal(fake.closes, 1);
	assert_int_equal(dev.sentences, 0);
}

static void region_fails(const char *spec, int err, const char *says)
{
	const char *at = spec;
	int before = dev.sentences;

	errno = 0;
	assert_int_equal(nmreq_get_mem_id(&at, &dev_ctx), -1);
	assert_int_equal(errno, err);
	assert_ptr_equal(at, spec);
	assert_int_equal(dev.sentences, before + 1);
	assert_non_null(strstr(dev.said, says));
	assert_int_equal(fake.closes, fake.opens);
}

static void without_an_answer_there_is_no_region(void **state)
{
	(void)state;
	region_fails("eth0", EINVAL, "begins neither");
	assert_int_equal(fake.opens, 0);
	fake.open_errno = EACCES;
	region_fails("netmap:eth0", EACCES, "/dev/netmap");
	fake.open_errno = 0;
	fake.ioctl_errno = ENXIO;
	region_fails("netmap:eth0", ENXIO, "eth0");
}

/* ---- records ---- */

static void a_header_begins_empty(void **state)
{
	struct nmreq_header h, want;
	int body;

	(void)state;
	memset(&h, 0xa5, sizeof(h));
	memset(&want, 0, sizeof(want));
	want.nr_version = 14;
	want.nr_reqtype = NETMAP_REQ_VALE_LIST;
	want.nr_body = (uintptr_t)&body;
	nmreq_header_init(&h, NETMAP_REQ_VALE_LIST, &body);
	assert_memory_equal(&h, &want, sizeof(h));
	nmreq_header_init(&h, NETMAP_REQ_VALE_DELIF, NULL);
	assert_int_equal(h.nr_body, 0);
}

static void options_are_a_list(void **state)
{
	struct nmreq_option o[3], *p;
	struct nmreq_header h;
	int i, n = 0;

	(void)state;
	nmreq_header_init(&h, NETMAP_REQ_REGISTER, NULL);
	memset(o, 0, sizeof(o));
	nmreq_remove_option(&h, &o[0]); /* none there */
	for (i = 0; i < 3; i++) {
		o[i].nro_reqtype = (uint32_t)i + 1;
		nmreq_push_option(&h, &o[i]);
		assert_int_equal(h.nr_options, (uintptr_t)&o[i]);
	}
	nmreq_foreach_option(&h, p) assert_ptr_equal(p, &o[2 - n++]);
	assert_int_equal(n, 3);
	for (i = 0; i < 3; i++)
		assert_ptr_equal(nmreq_find_option(&h, (uint32_t)i + 1), &o[i]);
	assert_null(nmreq_find_option(&h, 9));

	nmreq_remove_option(&h, &o[1]); /* from the middle */
	assert_null(nmreq_find_option(&h, 2));
	nmreq_remove_option(&h, &o[1]); /* once more: nothing */
	nmreq_remove_option(&h, &o[2]); /* the first */
	assert_int_equal(h.nr_options, (uintptr_t)&o[0]);
	nmreq_remove_option(&h, &o[0]); /* the only one */
	assert_int_equal(h.nr_options, 0);

	for (i = 0; i < 3; i++)
		nmreq_push_option(
			&h, (struct nmreq_option *)calloc(1, sizeof(o[0])));
	nmreq_free_options(&h); /* a sanitizer would see a leak */
	assert_int_equal(h.nr_options, 0);
	nmreq_free_options(&h);
}

static void options_have_names(void **state)
{
	(void)state;
	assert_string_equal(nmreq_option_name(1), "extmem");
	assert_string_equal(nmreq_option_name(2), "sync-kloop-eventfds");
	assert_string_equal(nmreq_option_name(3), "csb");
	assert_string_equal(nmreq_option_name(4), "sync-kloop-mode");
	assert_string_equal(nmreq_option_name(5), "offsets");
	assert_string_equal(nmreq_option_name(0), "unknown");
	assert_string_equal(nmreq_option_name(6), "unknown");
	assert_string_equal(nmreq_option_name(UINT32_MAX), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DEV_TEST(a_name_ends_at_a_separator),
		DEV_TEST(what_is_no_name_is_einval),
		DEV_TEST(the_rest_says_which_rings_and_where),
		DEV_TEST(what_is_no_rest_is_einval),
		DEV_TEST(a_region_that_was_chosen_before_is_not_contradicted),
		DEV_TEST(the_region_of_a_port_is_what_the_device_says),
		DEV_TEST(without_an_answer_there_is_no_region),
		DEV_TEST(a_header_begins_empty),
		DEV_TEST(options_are_a_list),
		DEV_TEST(options_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
