/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Options of a port specification: how they are written, for parsers of a
 * program's own; and share, conf, extmem and offset. */
#include "device.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- what is written, for parsers that note it ---- */

static char noted[512]; /* "option(a b c);..." with "-" for what is not there */
static int refuse;	/* not 0: the parser fails so */

static int note(struct nmreq_parse_ctx *p, const char *name)
{
	int i;

	assert_ptr_equal(p->ctx, &dev_ctx);
	assert_ptr_equal(p->token, noted);
	strcat(strcat(noted, name), "(");
	for (i = 0; i < NMREQ_OPT_MAXKEYS; i++) {
		if (p->keys[i])
			sprintf(noted + strlen(noted), "%d='%s' ", i,
				p->keys[i]);
	}
	strcat(noted, ");");
	if (refuse) {
		errno = refuse;
		return -1;
	}
	return 0;
}

static int note_full(struct nmreq_parse_ctx *p)
{
	return note(p, "full");
}

static int note_bare(struct nmreq_parse_ctx *p)
{
	return note(p, "bare");
}

static int note_off(struct nmreq_parse_ctx *p)
{
	return note(p, "off");
}

static struct nmreq_opt_parser off = {
	.prefix = "off",
	.parse = note_off,
	.default_key = -1,
	.flags = NMREQ_OPTF_DISABLED | NMREQ_OPTF_ALLOWEMPTY,
};

/* The key for NAME=VALUE is marked; ids are no positions. */
static struct nmreq_opt_parser bare = {
	.prefix = "bare",
	.parse = note_bare,
	.default_key = -1,
	.nr_keys = 2,
	.flags = NMREQ_OPTF_ALLOWEMPTY,
	.next = &off,
	.keys = {{"one", 15, NMREQ_OPTK_ALLOWEMPTY},
		 {"two", 4, NMREQ_OPTK_DEFAULT}},
};

static struct nmreq_opt_parser full = {
	.prefix = "full_option",
	.parse = note_full,
	.default_key = 1,
	.nr_keys = 3,
	.next = &bare,
	.keys = {{"a-key", 0, 0}, {"b", 1, NMREQ_OPTK_MUSTSET}, {"c_d", 2, 0}},
};

static int decode(const char *opts)
{
	noted[0] = '\0';
	errno = 0;
	return nmreq_options_decode(opts, &full, noted, &dev_ctx);
}

static void options_reach_their_parsers(void **state)
{
	static const struct {
		const char *opts, *notes;
	} rows[] = {
		{"", ""},
		{"@full-option=v", "full(1='v' );"},
		{"@full_option=v", "full(1='v' );"},
		{"@full-option=a,b=c:d", "full(1='a,b=c:d' );"},
		{"@full-option:b=v", "full(1='v' );"},
		{"@full-option:a_key=x,b=y,c-d=z", "full(0='x' 1='y' 2='z' );"},
		{"@full-option:c-d=1=2,b=/a:b", "full(1='/a:b' 2='1=2' );"},
		{"@bare", "bare();"},
		{"@bare=v", "bare(4='v' );"},
		{"@bare:one", "bare(15='' );"},
		{"@bare:one=", "bare(15='' );"},
		{"@bare:one,two=2", "bare(4='2' 15='' );"},
		{"@bare@full-option=v@bare:one=1",
		 "bare();full(1='v' );bare(15='1' );"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		if (decode(rows[i].opts))
			fail_msg("%s: %s", rows[i].opts, dev.said);
		assert_string_equal(noted, rows[i].notes);
	}
	assert_int_equal(dev.sentences, 0);
}

static void malformed_options_are_refused(void **state)
{
	static const struct {
		const char *opts;
		int err;
		const char *says;
	} rows[] = {
		{"bare", EINVAL, "begin with '@'"},
		{":bare", EINVAL, "begin with '@'"},
		{"@", EINVAL, "no option \"\""},
		{"@@bare", EINVAL, "no option \"\""},
		{"@bare@", EINVAL, "no option \"\""},
		{"@=v", EINVAL, "no option \"\""},
		{"@:one", EINVAL, "no option \"\""},
		{"@ful=v", EINVAL, "no option \"ful\""},
		{"@bare2", EINVAL, "no option \"bare2\""},
		{"@2", EINVAL, "no option \"2\""},
		{"@Bare", EINVAL, "no option \"Bare\""},
		{"@off", EOPNOTSUPP, "not enabled"},
		{"@off=", EOPNOTSUPP, "not enabled"},
		{"@full-option", EINVAL, "no value"},
		{"@full-option=", EINVAL, "b has no value"},
		{"@full-option:", EINVAL, "no key \"\""},
		{"@full-option:b=v,", EINVAL, "no key \"\""},
		{"@full-option:,b=v", EINVAL, "no key \"\""},
		{"@full-option:=v", EINVAL, "no key \"\""},
		{"@full-option:z=v", EINVAL, "no key \"z\""},
		{"@full-option:bb=v", EINVAL, "no key \"bb\""},
		{"@full-option:b", EINVAL, "b has no value"},
		{"@full-option:b=", EINVAL, "b has no value"},
		{"@full-option:b=,a-key=v", EINVAL, "b has no value"},
		{"@full-option:a-key=v", EINVAL, "b is missing"},
		{"@full-option:b=1,b=1", EINVAL, "b is given twice"},
		{"@full-option:c-d=1,b=2,c_d=3", EINVAL, "c_d is given twice"},
		{"@bare:one,one", EINVAL, "one is given twice"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		if (decode(rows[i].opts) != -1)
			fail_msg("%s: accepted", rows[i].opts);
		if (errno != rows[i].err || !strstr(dev.said, rows[i].says))
			fail_msg("%s: %d \"%s\"", rows[i].opts, errno,
				 dev.said);
		assert_int_equal(dev.sentences, i + 1);
	}
}

static void what_comes_before_a_bad_option_was_parsed(void **state)
{
	(void)state;
	assert_int_equal(decode("@bare@full-option=1@nope"), -1);
	assert_string_equal(noted, "bare();full(1='1' );");
	assert_int_equal(dev.sentences, 1);
}

static void a_parser_may_refuse(void **state)
{
	(void)state;
	refuse = ERANGE;
	assert_int_equal(decode("@bare@full-option=1"), -1);
	assert_int_equal(errno, ERANGE);
	assert_string_equal(noted, "bare();");
	assert_int_equal(dev.sentences, 0); /* it has its own */
	refuse = 0;
}

static void an_option_of_many_keys_has_all(void **state)
{
	static struct nmreq_opt_parser many = {
		.prefix = "many",
		.parse = note_full,
		.default_key = -1,
		.nr_keys = NMREQ_OPT_MAXKEYS,
	};
	static char names[NMREQ_OPT_MAXKEYS][4];
	char text[256] = "@many:", *end = text + strlen(text);
	int i;

	(void)state;
	for (i = 0; i < NMREQ_OPT_MAXKEYS; i++) {
		sprintf(names[i], "k%d", i);
		many.keys[i].key = names[i];
		many.keys[i].id = NMREQ_OPT_MAXKEYS - 1 - i;
		end += sprintf(end, "%sk%d=%d", i ? "," : "", i, i);
	}
	noted[0] = '\0';
	assert_int_equal(nmreq_options_decode(text, &many, noted, &dev_ctx), 0);
	assert_string_equal(noted,
			    "full(0='15' 1='14' 2='13' 3='12' 4='11' 5='10' "
			    "6='9' 7='8' 8='7' 9='6' 10='5' 11='4' 12='3' "
			    "13='2' 14='1' 15='0' );");
	assert_int_equal(
		nmreq_options_decode("@many=1", &many, noted, &dev_ctx), -1);
	assert_non_null(strstr(dev.said, "for no key"));

	many.keys[0].id = NMREQ_OPT_MAXKEYS; /* a parser with a mistake */
	assert_int_equal(
		nmreq_options_decode("@many:k0=1", &many, noted, &dev_ctx), -1);
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(dev.said, "has id 16"));
	many.keys[0].id = -1;
	many.keys[0].flags = NMREQ_OPTK_MUSTSET;
	assert_int_equal(
		nmreq_options_decode("@many:k1=1", &many, noted, &dev_ctx), -1);
	assert_non_null(strstr(dev.said, "k0 is missing"));
}

/* ---- the library's own ---- */

static struct nmport_d *port;

static int parse(const char *spec)
{
	port = nmport_new();
	assert_non_null(port);
	errno = 0;
	return nmport_parse(port, spec);
}

static void accepted(const char *spec)
{
	if (parse(spec))
		fail_msg("%s: %s", spec, dev.said);
}

static void refused(const char *spec, int err, const char *says)
{
	static const struct nmreq_register none;
	static const struct nmreq_header nothing;
	int before = dev.sentences;

	if (parse(spec) != -1)
		fail_msg("%s: accepted", spec);
	if (errno != err || !strstr(dev.said, says) ||
	    dev.sentences != before + 1)
		fail_msg("%s: %d \"%s\"", spec, errno, dev.said);
	assert_memory_equal(&port->reg, &none, sizeof(none));
	assert_memory_equal(&port->hdr, &nothing, sizeof(nothing));
	assert_null(port->extmem);
	assert_null(port->clist);
	nmport_delete(port);
}

static void conf_is(uint16_t tx, uint16_t rx, uint16_t host_tx,
		    uint16_t host_rx, uint32_t tx_slots, uint32_t rx_slots)
{
	const struct nmreq_register *r = &port->reg;

	assert_int_equal(r->nr_tx_rings, tx);
	assert_int_equal(r->nr_rx_rings, rx);
	assert_int_equal(r->nr_host_tx_rings, host_tx);
	assert_int_equal(r->nr_host_rx_rings, host_rx);
	assert_int_equal(r->nr_tx_slots, tx_slots);
	assert_int_equal(r->nr_rx_slots, rx_slots);
	nmport_delete(port);
}

static void conf_sets_numbers_and_the_special_ones_win(void **state)
{
	(void)state;
	accepted("vale1:p@conf:rings=4,slots=512");
	conf_is(4, 4, 0, 0, 512, 512);
	accepted("vale1:p@conf:host-rings=3");
	conf_is(0, 0, 3, 3, 0, 0);
	accepted("vale1:p@conf:tx-rings=1,rx_rings=2,host-tx-rings=3,"
		 "host_rx-rings=4,tx-slots=5,rx-slots=4294967295");
	conf_is(1, 2, 3, 4, 5, UINT32_MAX);
	accepted("vale1:p@conf:tx-rings=1,rings=65535,rx-slots=3,slots=2,"
		 "host-rings=9,host-rx-rings=0");
	conf_is(1, 65535, 9, 0, 2, 3);
	accepted("vale1:p@conf:rings=4@conf:slots=16@conf:rx-rings=2");
	conf_is(4, 2, 0, 0, 16, 16);
	accepted("netmap:vm{in@conf:slots=256");
	assert_string_equal(port->hdr.nr_name, "vm{in");
	conf_is(0, 0, 0, 0, 256, 256);
}

static void conf_takes_numbers_only(void **state)
{
	(void)state;
	refused("vale1:p@conf", EINVAL, "no value");
	refused("vale1:p@conf=4", EINVAL, "for no key");
	refused("vale1:p@conf:ring=4", EINVAL, "no key \"ring\"");
	refused("vale1:p@conf:rings=65536", EINVAL, "rings is \"65536\"");
	refused("vale1:p@conf:slots=4294967296", EINVAL, "at most 4294967295");
	refused("vale1:p@conf:rings=-1", EINVAL, "rings is \"-1\"");
	refused("vale1:p@conf:rx-slots=1k", EINVAL, "rx-slots is \"1k\"");
	refused("vale1:p@conf:slots= 1", EINVAL, "slots is \" 1\"");
	refused("vale1:p@conf:slots=0x10", EINVAL, "slots is \"0x10\"");
	refused("vale1:p@conf:host-rx-rings=65536", EINVAL, "host-rx-rings");
}

static void share_takes_the_region_of_another_port(void **state)
{
	(void)state;
	fake.mem_id = 7;
	accepted("netmap:eth1@share=netmap:eth0");
	assert_string_equal(port->hdr.nr_name, "eth1");
	assert_string_equal(dev.hdr.nr_name, "eth0");
	assert_int_equal(port->reg.nr_mem_id, 7);
	nmport_delete(port);
	accepted("vale0:a@7@share:port=vale0:b{1@share=vale0:c");
	assert_string_equal(dev.hdr.nr_name, "vale0:c");
	assert_int_equal(port->reg.nr_mem_id, 7);
	nmport_delete(port);
	assert_int_equal(fake.opens, 3);
}

static void share_needs_a_port_that_is_there(void **state)
{
	(void)state;
	fake.mem_id = 7;
	refused("vale0:a@share", EINVAL, "no value");
	refused("vale0:a@share=", EINVAL, "no value");
	refused("vale0:a@share=eth0", EINVAL, "begins neither");
	assert_int_equal(fake.opens, 0);
	refused("vale0:a@share=vale0:b-1", EINVAL, "more than a name");
	refused("vale0:a@6@share=vale0:b", EINVAL, "in region 7, but region 6");
	fake.ioctl_errno = ENXIO;
	refused("vale0:a@share=vale0:b", ENXIO, "vale0:b");
	fake.open_errno = ENOENT;
	refused("vale0:a@share=vale0:b", ENOENT, "/dev/netmap");
}

/* ---- extmem ---- */

static char file[32];

static void make_file(off_t size)
{
	int fd;

	strcpy(file, "/tmp/netmap-test-XXXXXX");
	fd = mkstemp(file);
	assert_int_not_equal(fd, -1);
	assert_int_equal(ftruncate(fd, size), 0);
	__real_close(fd);
}

static const char *with_file(const char *before, const char *after)
{
	static char spec[512];

	snprintf(spec, sizeof(spec), "%s%s%s", before, file, after);
	return spec;
}

static void extmem_maps_a_file_and_asks_for_it(void **state)
{
	struct nmreq_pools_info *i;
	struct nmreq_opt_extmem *e;

	(void)state;
	make_file(8192);
	accepted(with_file("vale0:a@extmem=", ""));
	e = port->extmem;
	assert_non_null(e);
	assert_ptr_equal(nmreq_find_option(&port->hdr, NETMAP_REQ_OPT_EXTMEM),
			 e);
	assert_int_equal(e->nro_opt.nro_size, sizeof(*e));
	i = nmport_extmem_getinfo(port);
	assert_ptr_equal(i, &e->nro_info);
	assert_int_equal(i->nr_memsize, 8192);
	assert_int_equal(i->nr_buf_pool_objtotal, 0);
	assert_int_equal(dev.others_mapped, 1);
	strcpy((char *)(uintptr_t)e->nro_usrptr, "in the file");
	nmport_delete(port);
	assert_int_equal(dev.others_mapped, 0);

	accepted(with_file("vale0:a@extmem:if-num=1,if_size=2,file=",
			   ",ring-num=3,ring-size=4,buf_num=5,buf-size=6"));
	assert_string_equal((char *)(uintptr_t)port->extmem->nro_usrptr,
			    "in the file");
	i = nmport_extmem_getinfo(port);
	assert_int_equal(i->nr_memsize, 8192);
	assert_int_equal(i->nr_if_pool_objtotal, 1);
	assert_int_equal(i->nr_if_pool_objsize, 2);
	assert_int_equal(i->nr_ring_pool_objtotal, 3);
	assert_int_equal(i->nr_ring_pool_objsize, 4);
	assert_int_equal(i->nr_buf_pool_objtotal, 5);
	assert_int_equal(i->nr_buf_pool_objsize, 6);
	nmport_delete(port);
	unlink(file);
}

static void extmem_needs_a_file(void **state)
{
	char twice[256];

	(void)state;
	make_file(0);
	refused(with_file("vale0:a@extmem=", ""), EINVAL, "size of");
	assert_int_equal(truncate(file, 4096), 0);
	refused("vale0:a@extmem", EINVAL, "no value");
	refused("vale0:a@extmem:buf-num=1", EINVAL, "file is missing");
	refused(with_file("vale0:a@extmem=", "/no"), ENOTDIR, "open of");
	refused("vale0:a@extmem=/tmp", EISDIR, "open of /tmp");
	refused(with_file("vale0:a@extmem:buf-num=x,file=", ""), EINVAL,
		"buf-num is \"x\"");
	snprintf(twice, sizeof(twice), "vale0:a@extmem=%s@extmem=%s", file,
		 file);
	refused(twice, EINVAL, "already");
	fake.mmap_errno = ENODEV;
	refused(with_file("vale0:a@extmem=", ""), ENODEV, "mmap of");
	unlink(file);
}

static void a_failure_behind_extmem_unmaps_the_file(void **state)
{
	(void)state;
	make_file(4096);
	refused(with_file("vale0:a@extmem=", "@nope"), EINVAL, "no option");
	assert_int_equal(dev.others_mapped, 0);
	unlink(file);
}

/* ---- offset ---- */

static void offset_is_for_programs_that_enable_it(void **state)
{
	struct nmreq_opt_offsets *o;

	(void)state;
	refused("vale0:a@offset=64", EOPNOTSUPP, "not enabled");
	assert_int_equal(nmport_enable_option("offset"), 0);
	accepted("vale0:a@offset=64");
	o = (struct nmreq_opt_offsets *)nmreq_find_option(
		&port->hdr, NETMAP_REQ_OPT_OFFSETS);
	assert_non_null(o);
	assert_int_equal(o->nro_opt.nro_size, sizeof(*o));
	assert_int_equal(o->nro_initial_offset, 64);
	assert_int_equal(o->nro_max_offset, 64);
	assert_int_equal(o->nro_offset_bits, 0);
	assert_int_equal(o->nro_min_gap, 0);
	nmport_delete(port);
	accepted("vale0:a@offset:bits=16,initial=2");
	o = (struct nmreq_opt_offsets *)nmreq_find_option(
		&port->hdr, NETMAP_REQ_OPT_OFFSETS);
	assert_int_equal(o->nro_initial_offset, 2);
	assert_int_equal(o->nro_offset_bits, 16);
	nmport_delete(port);
	refused("vale0:a@offset:bits=16", EINVAL, "initial is missing");
	refused("vale0:a@offset:initial=1,bits=65", EINVAL, "bits is \"65\"");
	refused("vale0:a@offset=-1", EINVAL, "initial is \"-1\"");
	refused("vale0:a@offset=1@offset=1", EINVAL, "already");
	nmport_disable_option("offset");
	refused("vale0:a@offset=64", EOPNOTSUPP, "not enabled");
}

static void every_option_can_be_disabled(void **state)
{
	static const char *const names[] = {"share", "conf", "extmem",
					    "offset"};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(names); i++) {
		char spec[64];

		snprintf(spec, sizeof(spec), "vale0:a@%s", names[i]);
		nmport_disable_option(names[i]);
		refused(spec, EOPNOTSUPP, "not enabled");
		assert_int_equal(nmport_enable_option(names[i]), 0);
		refused(spec, EINVAL, "no value");
	}
	nmport_disable_option("nope");
	assert_int_equal(nmport_enable_option("nope"), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	assert_int_equal(nmport_enable_option(""), -1);
}

/* ---- whole specifications ---- */

static void all_parts_go_together(void **state)
{
	const struct nmreq_register *r;

	(void)state;
	accepted("netmap:eth0-1/xR@2@conf:slots=64");
	r = &port->reg;
	assert_string_equal(port->hdr.nr_name, "eth0");
	assert_int_equal(port->hdr.nr_reqtype, NETMAP_REQ_REGISTER);
	assert_int_equal(port->hdr.nr_body, (uintptr_t)r);
	assert_int_equal(r->nr_mode, NR_REG_ONE_NIC);
	assert_int_equal(r->nr_ringid, 1);
	assert_int_equal(r->nr_flags, NR_EXCLUSIVE | NR_RX_RINGS_ONLY);
	assert_int_equal(r->nr_mem_id, 2);
	assert_int_equal(r->nr_tx_slots, 64);
	nmport_delete(port);
	refused("netmap:", EINVAL, "no name");
	refused("netmap:eth0@", EINVAL, "nothing behind");
	refused("netmap:eth0@conf:slots=1@", EINVAL, "no option \"\"");
	refused("netmap:eth0@conf:slots=1@2", EINVAL, "no option \"2\"");
	refused("netmap:eth0@nope", EINVAL, "no option \"nope\"");
}

static void what_a_program_set_before_stays(void **state)
{
	struct nmport_d *d = nmport_new();

	(void)state;
	d->reg.nr_flags = NR_ACCEPT_VNET_HDR;
	d->reg.nr_extra_bufs = 5;
	d->reg.nr_tx_slots = 128;
	d->reg.nr_mem_id = 3;
	assert_int_equal(nmport_offset(d, 1, 2, 3, 4), 0);
	assert_int_equal(nmport_parse(d, "vale0:a/x@3@conf:rx-slots=64"), 0);
	assert_int_equal(d->reg.nr_flags, NR_ACCEPT_VNET_HDR | NR_EXCLUSIVE);
	assert_int_equal(d->reg.nr_extra_bufs, 5);
	assert_int_equal(d->reg.nr_tx_slots, 128);
	assert_int_equal(d->reg.nr_rx_slots, 64);
	assert_non_null(nmreq_find_option(&d->hdr, NETMAP_REQ_OPT_OFFSETS));
	assert_int_equal(nmport_parse(d, "vale0:a@4"), -1); /* contradicts */

	/* all of it has gone; it may be used again */
	assert_int_equal(d->reg.nr_extra_bufs, 0);
	assert_int_equal(d->hdr.nr_options, 0);
	assert_int_equal(nmport_parse(d, "vale0:a@4"), 0);
	assert_int_equal(d->hdr.nr_version, NETMAP_API);
	assert_int_equal(d->hdr.nr_reqtype, NETMAP_REQ_REGISTER);
	assert_int_equal(d->hdr.nr_body, (uintptr_t)&d->reg);
	assert_int_equal(d->reg.nr_mem_id, 4);
	nmport_undo_parse(d);
	assert_int_equal(d->hdr.nr_reqtype, 0);
	nmport_delete(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DEV_TEST(options_reach_their_parsers),
		DEV_TEST(malformed_options_are_refused),
		DEV_TEST(what_comes_before_a_bad_option_was_parsed),
		DEV_TEST(a_parser_may_refuse),
		DEV_TEST(an_option_of_many_keys_has_all),
		DEV_TEST(conf_sets_numbers_and_the_special_ones_win),
		DEV_TEST(conf_takes_numbers_only),
		DEV_TEST(share_takes_the_region_of_another_port),
		DEV_TEST(share_needs_a_port_that_is_there),
		DEV_TEST(extmem_maps_a_file_and_asks_for_it),
		DEV_TEST(extmem_needs_a_file),
		DEV_TEST(a_failure_behind_extmem_unmaps_the_file),
		DEV_TEST(offset_is_for_programs_that_enable_it),
		DEV_TEST(every_option_can_be_disabled),
		DEV_TEST(all_parts_go_together),
		DEV_TEST(what_a_program_set_before_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
