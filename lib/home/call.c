// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * An ioctl as a conversation (wire.h): the call with the memory at its argument;
 * what netmapd needs besides, and the call again with that; what it came to.
 *
 * netmapd is believed what it says of ports, not what it wants of us: it gets
 * memory only that the call's own memory points to, and writes only to what it
 * got. So a descriptor from a stranger cannot look around here.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "mem.h"
#include "real.h"
#include "session.h"
#include "wiring.h"

/* Of a body, what is sent unasked; no request but extensions has more. */
#define BODY_SIZE 64

struct call {
	struct nmd_call msg;
	size_t used; /* bytes of pieces, in line->out */
};

static __thread char sentence[NMD_SENTENCE_LEN];

const char *nmh_sentence(void)
{
	return sentence;
}

static size_t padded(size_t len)
{
	return (len + 7) & ~(size_t)7;
}

static size_t room(const struct call *c)
{
	size_t used = sizeof(c->msg) + c->used;

	return used < NMD_MESSAGE_MAX ? NMD_MESSAGE_MAX - used : 0;
}

/* ---- what is sent ---- */

/* Adds a piece of @len bytes, whose data is written by the caller; NULL: no
 * room. */
static void *add_piece(struct call *c, struct nmh_line *line, uint64_t addr,
		       size_t len)
{
	struct nmd_piece *piece = (void *)(line->out + c->used);
	size_t size = sizeof(*piece) + padded(len);

	if (room(c) < size)
		return NULL;
	*piece = (struct nmd_piece){.addr = addr, .len = (uint32_t)len};
	memset((char *)(piece + 1) + len, 0, padded(len) - len);
	c->used += size;
	c->msg.npieces++;
	return piece + 1;
}

/* The memory at @addr, if it can be read. */
static int try_memory(struct call *c, struct nmh_line *line, uint64_t addr,
		      size_t len)
{
	size_t used = c->used;
	void *data = add_piece(c, line, addr, len);

	if (!data)
		return -EMSGSIZE;
	if (nmh_mem_read(data, addr, len)) {
		c->used = used;
		c->msg.npieces--;
	}
	return 0;
}

/* The same; where there is none, a piece of length 0. */
static int add_memory(struct call *c, struct nmh_line *line, uint64_t addr,
		      size_t len)
{
	uint32_t n = c->msg.npieces;
	int err = try_memory(c, line, addr, len);

	if (err || c->msg.npieces > n)
		return err;
	return add_piece(c, line, addr, 0) ? 0 : -EMSGSIZE;
}

static int send_call(struct call *c, struct nmh_line *line)
{
	struct iovec iov[] = {{&c->msg, sizeof(c->msg)}, {line->out, c->used}};

	c->msg.msg = (struct nmd_msg){
		.type = NMD_CALL, .size = (uint32_t)(sizeof(c->msg) + c->used)};
	return nmh_send(line->sock, iov, 2, NULL, 0);
}

/* ---- what may be asked for ---- */

/* @len bytes at @addr are part of a request's record that begins at @word. */
static bool is_record_of(uint64_t word, uint64_t addr, uint64_t len)
{
	return word <= addr && addr - word <= NETMAP_REQ_MAXSIZE &&
	       len <= NETMAP_REQ_MAXSIZE + 1 - (addr - word);
}

/* Does any of the words that were sent point to what is asked for? */
static bool is_pointed_to(const struct call *c, const struct nmh_line *line,
			  uint64_t addr, uint64_t len)
{
	const struct nmd_piece *p;

	for (size_t at = 0; at < c->used; at += sizeof(*p) + padded(p->len)) {
		p = (const void *)(line->out + at);
		for (size_t i = 0; i + sizeof(uint64_t) <= p->len;
		     i += sizeof(uint64_t)) {
			uint64_t word;

			memcpy(&word, (const char *)(p + 1) + i, sizeof(word));
			if (is_record_of(word, addr, len))
				return true;
		}
	}
	return false;
}

static int serve(struct call *c, struct nmh_line *line,
		 const struct nmd_need *need)
{
	if (!need->len || !is_pointed_to(c, line, need->addr, need->len))
		return -EBADMSG;
	return add_memory(c, line, need->addr, need->len);
}

/* ---- what comes back ---- */

static bool was_sent(const struct call *c, const struct nmh_line *line,
		     uint64_t addr, uint64_t len)
{
	const struct nmd_piece *p;

	for (size_t at = 0; at < c->used; at += sizeof(*p) + padded(p->len)) {
		p = (const void *)(line->out + at);
		if (addr >= p->addr && len <= p->len &&
		    addr - p->addr <= p->len - len)
			return true;
	}
	return false;
}

/* Writes the pieces behind @done, which is @len bytes. */
static int write_back(const struct call *c, const struct nmh_line *line,
		      const struct nmd_done *done, size_t len)
{
	size_t at = sizeof(*done);
	int err = 0;

	for (uint32_t i = 0; i < done->npieces; i++) {
		const struct nmd_piece *p =
			(const void *)((const char *)done + at);

		if (at + sizeof(*p) > len || p->len > len - at - sizeof(*p) ||
		    !was_sent(c, line, p->addr, p->len))
			return -EBADMSG;
		if (nmh_mem_write(p->addr, p + 1, p->len))
			err = -EFAULT;
		at += sizeof(*p) + padded(p->len);
	}
	return err;
}

static int finish(struct call *c, struct nmh_line *line, size_t len)
{
	const struct nmd_done *done = (const void *)line->in;
	int err;

	if (len < sizeof(*done) || done->error < 0 || done->error >= 4096)
		return -EBADMSG;
	snprintf(sentence, sizeof(sentence), "%.*s", NMD_SENTENCE_LEN - 1,
		 done->sentence);
	err = write_back(c, line, done, len);
	return err ? err : -done->error;
}

/* ---- the conversation ---- */

/* One attempt. -EAGAIN: netmapd needs more, and has it now. */
static int attempt(struct call *c, struct nmh_line *line, bool *is_over)
{
	const struct nmd_msg *msg = (const void *)line->in;
	uint32_t nfds = 0;
	int err, len;

	err = send_call(c, line);
	if (err)
		return err;
	len = nmh_recv(line->sock, line->in, NMD_MESSAGE_MAX, NULL, &nfds, 0);
	if (len < 0)
		return len;
	if (msg->type == NMD_NEED && len >= (int)sizeof(struct nmd_need)) {
		err = serve(c, line, (const void *)line->in);
		return err ? err : -EAGAIN;
	}
	if (msg->type != NMD_DONE)
		return -EBADMSG;
	*is_over = true;
	return finish(c, line, (size_t)len);
}

static size_t argument_size(unsigned long cmd)
{
	switch (cmd) {
	case NIOCCTRL:
	case NIOCGINFO:
	case NIOCREGIF:
	case NIOCCONFIG:
		return _IOC_SIZE(cmd);
	default:
		return 0; /* will be refused, whatever is there */
	}
}

/* What a request will surely need, so that netmapd has not to ask for each: its
 * body, or the beginning, and the heads of its options. */
static int add_request(struct call *c, struct nmh_line *line)
{
	const struct nmd_piece *p = (const void *)line->out;
	struct nmreq_option option;
	struct nmreq_header h;
	size_t total = 0;
	int err = 0;

	if (p->len != sizeof(h))
		return 0;
	memcpy(&h, p + 1, sizeof(h));
	if (h.nr_body)
		err = try_memory(c, line, h.nr_body, BODY_SIZE);
	for (uint64_t at = h.nr_options; at && !err; at = option.nro_next) {
		total += sizeof(option);
		if (total > NETMAP_REQ_MAXSIZE ||
		    nmh_mem_read(&option, at, sizeof(option)))
			break;
		err = try_memory(c, line, at, sizeof(option));
	}
	return err;
}

static int add_argument(struct call *c, struct nmh_line *line)
{
	size_t size = argument_size(c->msg.cmd);
	int err;

	if (!size || !c->msg.arg)
		return 0;
	err = add_memory(c, line, c->msg.arg, size);
	if (!err && c->msg.cmd == NIOCCTRL)
		err = add_request(c, line);
	return err;
}

static int converse(struct call *c, struct nmh_line *line, bool *is_over)
{
	int err = add_argument(c, line);

	for (int i = 0; i <= NMD_NEEDS_MAX && !err; i++) {
		err = attempt(c, line, is_over);
		if (err != -EAGAIN || *is_over)
			return err;
		err = 0;
	}
	*is_over = true; /* as far as we go along */
	return err ? err : -EMSGSIZE;
}

/* The line, or netmapd, is of no use any more. */
static int give_up(struct nmh_session *s, int fd, struct nmh_line *line,
		   int err)
{
	nmh_line_drop(s, line);
	if (!nmh_session_is_alive(s, fd))
		return -ENOTCONN;
	if (err == -EBADMSG)
		nmh_complain("netmapd said what the protocol does not allow: "
			     "it and this library do not fit");
	return err == -EBADMSG ? -EPROTO : err;
}

/* Where all are in use, by threads that wait, one may be free soon. */
static int get_line(struct nmh_session *s, int fd, struct nmh_line **line)
{
	struct timespec t = {0, 1000000};
	int err;

	for (int i = 0; i < 1000; i++) {
		err = nmh_line_get(s, fd, line);
		if (err != -EBUSY)
			break;
		nanosleep(&t, NULL);
	}
	return err;
}

int nmh_session_ioctl(struct nmh_session *s, int fd, unsigned long cmd,
		      uint64_t arg)
{
	struct call c = {.msg = {.cmd = cmd, .arg = arg}};
	struct nmh_line *line;
	bool is_over = false;
	int err;

	sentence[0] = '\0';
	err = get_line(s, fd, &line);
	if (err)
		return err;
	err = converse(&c, line, &is_over);
	if (!is_over || err == -EBADMSG)
		return give_up(s, fd, line, err);
	nmh_line_put(s, line);
	return err;
}
