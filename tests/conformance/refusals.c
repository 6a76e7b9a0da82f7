// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* REFUSALS_GET: why requests were refused, for who asks later. */
#include <stdio.h>
#include <unistd.h>

#include "legacy.h"

#define KEPT 64

/* The oldest entry at or after @seq: 0 or an errno. */
static int get(uint64_t seq, struct nmreq_x_refusal *r)
{
	int fd = conf_fd(), err;

	*r = (struct nmreq_x_refusal){.x_size = sizeof(*r), .x_seq = seq};
	err = conf_ctrl(fd, NETMAP_REQ_X_REFUSALS_GET, "", r);
	conf_fd_close(fd);
	return err;
}

/* The number that the next refusal will have. */
static uint64_t next_seq(void)
{
	struct nmreq_x_refusal r;
	uint64_t next = 1;
	int err;

	while ((err = get(next, &r)) == 0)
		next = r.x_seq + 1;
	CHECK_ERR(err, ENOENT);
	return next;
}

/* The newest entry is @seq, and says this. */
static struct nmreq_x_refusal expect(uint64_t seq, int error, uint32_t ioctl,
				     uint16_t request)
{
	struct nmreq_x_refusal r = {0};

	CHECK_ERR(get(seq, &r), 0);
	CHECK_EQ(r.x_size, sizeof(r));
	CHECK_EQ(r.x_seq, seq);
	CHECK_EQ(r.x_error, error);
	CHECK_EQ(r.x_ioctl, ioctl);
	CHECK_EQ(r.x_request, request);
	CHECK(r.x_sentence[0] != '\0');
	CHECK_ERR(get(seq + 1, &r), ENOENT);
	CHECK_ERR(get(seq, &r), 0);
	return r;
}

static void tells_who_what_and_why(void)
{
	char program[16];
	struct nmreq_x_refusal r;
	uint64_t seq = next_seq();

	snprintf(program, sizeof(program), "%s", program_invocation_short_name);
	CHECK_ERR(conf_try("vale0:a", REG(NR_REG_ONE_NIC, .nr_ringid = 3)),
		  EINVAL);
	r = expect(seq, EINVAL, NIOCCTRL, NETMAP_REQ_REGISTER);
	CHECK_EQ(r.x_pid, getpid());
	CHECK_STR(r.x_program, program);
	CHECK(r.x_sec > 1600000000 && r.x_usec < 1000000);
	CHECK(strstr(r.x_sentence, "vale0:a") != NULL);
	CHECK(strstr(r.x_sentence, "3") != NULL);
}

static void older_ioctls_too(void)
{
	struct nm_ifreq c = {.nifr_name = "eth0"};
	uint64_t seq = next_seq();

	legacy_refused(NIOCREGIF, LEGACY("vale0:a", .nr_cmd = 13), EINVAL);
	expect(seq, EINVAL, NIOCREGIF, 13);
	legacy_refused(NIOCGINFO, LEGACY("nosuchnic0", .nr_cmd = 2), ENXIO);
	expect(seq + 1, ENXIO, NIOCGINFO, 2);
	CHECK_ERR(conf_ioctl(conf_fd(), NIOCCONFIG, &c), EINVAL);
	expect(seq + 2, EINVAL, NIOCCONFIG, 0);
	CHECK_ERR(conf_ioctl(conf_fd(), 0x6970, NULL), EOPNOTSUPP);
	expect(seq + 3, EOPNOTSUPP, 0x6970, 0);
	CHECK_ERR(conf_ioctl(conf_fd(), NIOCCTRL, NULL), EINVAL);
	expect(seq + 4, EINVAL, NIOCCTRL, 0);
}

/* Neither success, nor a sync, nor the end of this list. */
static void only_refusals(void)
{
	struct port p = conf_open("vale0:a");
	uint64_t seq = next_seq();

	CHECK_ERR(conf_ioctl(conf_fd(), NIOCTXSYNC, NULL), ENXIO);
	CHECK_ERR(conf_ioctl(conf_fd(), NIOCRXSYNC, NULL), ENXIO);
	conf_pools("vale0:a");
	conf_txsync(&p);
	CHECK_EQ(next_seq(), seq);
}

/* A sync's sentence is not that of the request after it. */
static void sentences_are_their_own(void)
{
	struct nmreq_x_refusal r;
	uint64_t seq = next_seq();
	int fd = conf_fd();

	CHECK_ERR(conf_ioctl(fd, 0x6970, NULL), EOPNOTSUPP);
	CHECK_ERR(conf_ioctl(fd, NIOCTXSYNC, NULL), ENXIO);
	CHECK_ERR(conf_ioctl(fd, NIOCCTRL, NULL), EINVAL);
	CHECK_ERR(get(seq, &r), 0);
	CHECK(strstr(r.x_sentence, "0x6970") != NULL);
	CHECK_ERR(get(seq + 1, &r), 0);
	CHECK(strstr(r.x_sentence, "NIOCCTRL") != NULL);
}

static void the_last_64(void)
{
	struct nmreq_x_refusal r;
	uint64_t seq = next_seq();
	int fd = conf_fd();

	for (uint32_t i = 0; i < 2 * KEPT; i++)
		CHECK_ERR(conf_ioctl(fd, 0x6900 + (i << 8), NULL), EOPNOTSUPP);
	CHECK_ERR(get(seq, &r), 0);
	CHECK_EQ(r.x_seq, seq + KEPT);
	CHECK_ERR(get(0, &r), 0);
	CHECK_EQ(r.x_seq, seq + KEPT);
	for (uint32_t i = KEPT; i < 2 * KEPT; i++) {
		CHECK_ERR(get(seq + i, &r), 0);
		CHECK_EQ(r.x_seq, seq + i);
		CHECK_EQ(r.x_ioctl, 0x6900 + (i << 8));
	}
	CHECK_ERR(get(seq + 2 * KEPT, &r), ENOENT);
	CHECK_ERR(get(~0ull, &r), ENOENT);
}

static void names_cannot_act(void)
{
	struct nmreq_x_refusal r;
	uint64_t seq = next_seq();

	CHECK_ERR(conf_try("vale0:a\033[2J\n\x9b\xff{1{", REG(NR_REG_ALL_NIC)),
		  EINVAL);
	CHECK_ERR(get(seq, &r), 0);
	for (const char *c = r.x_sentence; *c; c++)
		CHECK(*c >= ' ' && *c <= '~');
	CHECK(strstr(r.x_sentence, "vale0:a?[2J???{1{") != NULL);
}

/* Older callers know less of the record. */
static void sizes(void)
{
	union {
		struct nmreq_x_refusal r;
		char bytes[sizeof(struct nmreq_x_refusal) + 8];
	} b;
	uint64_t seq = next_seq();
	int fd = conf_fd();

	CHECK_ERR(conf_ioctl(fd, 0x6970, NULL), EOPNOTSUPP);
	memset(&b, 0x5a, sizeof(b));
	b.r.x_size = 16;
	b.r.x_seq = 0;
	CHECK_ERR(conf_ctrl(fd, NETMAP_REQ_X_REFUSALS_GET, "", &b), 0);
	CHECK_EQ(b.r.x_size, 16);
	CHECK_EQ(b.r.x_error, EOPNOTSUPP);
	for (size_t i = 16; i < sizeof(b); i++)
		CHECK_EQ(b.bytes[i], 0x5a);
	b.r.x_size = sizeof(b.r) + 8;
	b.r.x_seq = seq;
	CHECK_ERR(conf_ctrl(fd, NETMAP_REQ_X_REFUSALS_GET, "", &b), 0);
	CHECK_EQ(b.r.x_size, sizeof(b.r));
	CHECK_EQ(b.bytes[sizeof(b) - 1], 0x5a);
	b.r.x_size = 15;
	CHECK_ERR(conf_ctrl(fd, NETMAP_REQ_X_REFUSALS_GET, "", &b), EINVAL);
	expect(seq + 1, EINVAL, NIOCCTRL, NETMAP_REQ_X_REFUSALS_GET);
}

/* ---- every way to fail that a program can bring about without much ado; the
 * sentence has the words that matter: the thing, the value, the limit ---- */

struct failing {
	uint16_t type;
	const char *name;
	struct nmreq_register reg; /* or any body */
	int error;
	const char *words[3];
};

static const struct failing failing[] = {
	{1, "", REG(NR_REG_ALL_NIC), ENXIO, {"empty"}},
	{1, "nosuchnic0", REG(NR_REG_ALL_NIC), ENXIO, {"nosuchnic0"}},
	{1, "vale0", REG(NR_REG_ALL_NIC), ENOMEM, {"vale0", "valeX:port"}},
	{1, "vale0:", REG(NR_REG_ALL_NIC), ENOMEM, {"vale0:", "15"}},
	{1, "vale-1:x", REG(NR_REG_ALL_NIC), ENOMEM, {"vale-1:x"}},
	{1, "base{", REG(NR_REG_ALL_NIC), EINVAL, {"base{", "id"}},
	{1, "base{1}2", REG(NR_REG_ALL_NIC), EINVAL, {"base{1}2", "pipe"}},
	{1, "base16characters{1", REG(NR_REG_ALL_NIC), ENXIO, {"15"}},
	{1, "vale0:a", REG(0), EINVAL, {"vale0:a", "nr_mode", "0"}},
	{1, "vale0:a", REG(9), EINVAL, {"vale0:a", "nr_mode", "9"}},
	{1, "vale0:a", REG(NR_REG_SW), EINVAL, {"vale0:a", "host"}},
	{1,
	 "vale0:a",
	 REG(NR_REG_ONE_NIC, .nr_ringid = 5),
	 EINVAL,
	 {"nr_ringid", "5", "1"}},
	{1,
	 "vale0:a",
	 REG(NR_REG_ALL_NIC, .nr_mem_id = 0xfffe),
	 EINVAL,
	 {"nr_mem_id", "65534"}},
	{1, "x", REG(NR_REG_NULL), EINVAL, {"null", "nr_mem_id"}},
	{2, "", REG(0, .nr_offset = 0), 0, {NULL}},
	{2, "nosuchnic0", REG(0), ENXIO, {"nosuchnic0"}},
	{12, "", REG(0), ENXIO, {"empty"}},
	{16, "vale0:a", REG(0), EINVAL, {"nr_reqtype", "16"}},
	{0, "vale0:a", REG(0), EINVAL, {"nr_reqtype", "0"}},
};

static bool has_words(const char *sentence, const char *const words[3])
{
	for (int i = 0; i < 3 && words[i]; i++)
		if (!strstr(sentence, words[i]))
			return false;
	return true;
}

static void every_refusal_has_a_sentence(void)
{
	for (size_t i = 0; i < CONF_COUNT(failing); i++) {
		const struct failing *f = &failing[i];
		struct nmreq_register body = f->reg;
		struct nmreq_x_refusal r;
		uint64_t seq = next_seq();

		check_note("request %u of '%s', row %zu", f->type, f->name, i);
		CHECK_ERR(conf_ctrl(conf_fd(), f->type, f->name, &body),
			  f->error);
		if (!f->error)
			continue;
		r = expect(seq, f->error, NIOCCTRL, f->type);
		check_note("row %zu: %s", i, r.x_sentence);
		CHECK(has_words(r.x_sentence, f->words));
	}
}

static void conflicts_have_sentences(void)
{
	struct port p = conf_open_as(
		"vale0:a", REG(NR_REG_ALL_NIC, .nr_flags = NR_EXCLUSIVE));
	struct nmreq_register reg = REG(NR_REG_ALL_NIC);
	uint64_t seq = next_seq();
	struct nmreq_x_refusal r;

	CHECK_ERR(conf_try("vale0:a", reg), EBUSY);
	r = expect(seq, EBUSY, NIOCCTRL, NETMAP_REQ_REGISTER);
	check_note("%s", r.x_sentence);
	CHECK(strstr(r.x_sentence, "NR_EXCLUSIVE") != NULL);
	CHECK_ERR(conf_register(p.fd, "vale0:b", &reg), EBUSY);
	r = expect(seq + 1, EBUSY, NIOCCTRL, NETMAP_REQ_REGISTER);
	check_note("%s", r.x_sentence);
	CHECK(strstr(r.x_sentence, "vale0:a") != NULL);
}

/* Limits name the parameter that sets them. */
static void limits_name_their_parameter(void)
{
	struct nmreq_x_refusal r;
	char name[16];
	uint64_t seq;
	int err = 0;

	for (int i = 0; !err && i < 300; i++) {
		struct nmreq_register reg = REG_SLOTS(8);

		snprintf(name, sizeof(name), "vale%d:x", i);
		seq = next_seq();
		err = conf_register(conf_fd(), name, &reg);
	}
	CHECK_ERR(err, ENOMEM);
	r = expect(seq, ENOMEM, NIOCCTRL, NETMAP_REQ_REGISTER);
	check_note("%s", r.x_sentence);
	CHECK(strstr(r.x_sentence, "max_bridges") != NULL);
	CHECK(strstr(r.x_sentence, "8") != NULL);
}

static const struct claim claims[] = {
	{"an entry tells who asked what, when, and why it was refused",
	 tells_who_what_and_why},
	{"the older ioctls, and unknown ones, are told of too",
	 older_ioctls_too},
	{"success, syncs and the end of a list are no refusals", only_refusals},
	{"each entry has the sentence of its own request",
	 sentences_are_their_own},
	{"the last 64 are kept, numbered, oldest first", the_last_64},
	{"bytes that do not print become question marks", names_cannot_act},
	{"x_size cuts the reply for older callers, and is at least 16", sizes},
	{"every refused request has a sentence with the words that matter",
	 every_refusal_has_a_sentence},
	{"conflicts say who is in the way", conflicts_have_sentences},
	{"limits name the parameter that sets them",
	 limits_name_their_parameter},
};

int main(void)
{
	return CONF_RUN(claims);
}
