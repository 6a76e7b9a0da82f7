// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "options.h"
#include <getopt.h>
#include <limits.h>
#include <net/netmap.h>
#include <stdio.h>
#include <string.h>
#include "cli.h"
#include "frame.h"

#define DEFAULT_BURST 512
#define DEFAULT_LEN   60

enum { KEY_WRITE = 256 };

static const struct cli_option table[] = {
	{'f', "function", "FUNCTION",
	 "What to do: rx (the default) counts frames that arrive, tx sends, "
	 "ping sends and waits for the replies, pong sends back, txseq sends "
	 "numbered frames, rxseq checks the numbers"},
	{'i', "port", "PORT", "Where: see below; as the last argument, too"},
	{'n', "count", "N", "End after N frames; 0: never (default)"},
	{'l', "length", "BYTES",
	 "Length of a frame without its checksum: 60, or 62 and more where the "
	 "headers need that; given twice, lengths between both, at random"},
	{'b', "burst", "N",
	 "Frames in a batch, 1 to 8192: 512, but 1 for ping (which sends N and "
	 "waits for N)"},
	{'d', "dst", "RANGE",
	 "Destination address and port: 10.1.0.1:1234, or fd00::1:1 with -6"},
	{'s', "src", "RANGE", "Source: 10.0.0.1:1234, or fd00::1"},
	{'D', "dst-mac", "MAC", "Destination MAC address: ff:ff:ff:ff:ff:ff"},
	{'S', "src-mac", "MAC",
	 "Source MAC address: the interface's, else one made of the port's "
	 "name"},
	{'4', "ipv4", NULL, "Send IPv4 (default)"},
	{'6', "ipv6", NULL, "Send IPv6"},
	{'p', "threads", "N",
	 "Use N threads, each with a ring pair of its own, on one port; 0: as "
	 "many as there are. A switch port that is made gets as many"},
	{'c', "cpus", "N", "Use N processors for the threads"},
	{'a', "cpu", "CPU", "Keep thread number I on processor CPU + I"},
	{'T', "report", "MS",
	 "Print the rate every MS milliseconds: 1000; 0: never"},
	{'w', "wait", "SECONDS",
	 "Wait for the link before the start: 2 seconds at most, but 0 where "
	 "there is no interface"},
	{'W', "end-idle", NULL,
	 "rx, rxseq, pong: end when nothing has come for a second, once "
	 "something has"},
	{'R', "rate", "PPS", "Send at most PPS frames per second"},
	{'X', "dump", NULL, "Print the frames in hexadecimal (as -o 64)"},
	{'H', "vnet-header", "BYTES",
	 "Frames begin with a virtio-net header of 0, 10 or 12 bytes (of "
	 "zeros, when sent); a switch port is told"},
	{'P', "pcap", "FILE", "Send the first frame of a pcap file, as it is"},
	{KEY_WRITE, "write", "FILE",
	 "rx: write what arrives to a new pcap file"},
	{'z', "random-src", NULL,
	 "Random sources, of the range of -s, or, without one, any (-o 512)"},
	{'Z', "random-dst", NULL, "The same for destinations (-o 1024)"},
	{'F', "slots", "N", "Spread each frame over N slots, 1 to 64"},
	{'M', "slot-bytes", "BYTES",
	 "Put at most BYTES into a slot; with -F and without -l, frames are N "
	 "times that long"},
	{'I', "indirect", NULL,
	 "Send from memory of the program's instead of buffers (-o 32): switch "
	 "ports"},
	{'N', "plain", NULL, "Print numbers as they are, without k, M, G"},
	{'C', "conf", "SLOTS[,...]",
	 "Slots and rings of a port that is made: SLOTS; TX-SLOTS,RX-SLOTS; "
	 "and, behind these, RINGS or TX-RINGS,RX-RINGS. Better: @conf in "
	 "PORT"},
	{'o', "options", "BITS",
	 "Sum of: 1 prefetch buffers, 2 read received buffers, 4 copy each "
	 "frame, 8 by memcpy, 16 send the time, and measure how old frames are "
	 "that arrive, 32 -I, 64 -X, 256 -r, 512 -z, 1024 -Z, 2048 -A, 4096 "
	 "sum up all bytes for each checksum"},
	{'r', "rubbish", NULL, "Send what is in the buffers (-o 256)"},
	{'A', "rate-stats", NULL,
	 "Print mean and deviation of the last rates, too (-o 2048)"},
	{'B', "framing", NULL,
	 "Count preamble, checksum and gap (24 bytes) in bits per second"},
	{'v', "verbose", NULL, "Say more; twice: about each thread"},
	{0},
};

static const char more[] =
	"Ranges are ADDR[:PORT][-ADDR[:PORT]] or ADDR:PORT-PORT, IPv6 "
	"addresses\n"
	"with a port in brackets. Frames walk through them: first the source "
	"port,\n"
	"then the source, the destination port, the destination.\n"
	"\n"
	"Ports:\n"
	"  netmap:eth0, netmap:p{1   an interface, a pipe (libnetmap(3) has "
	"the rest)\n"
	"  vale0:a                   a port of a switch\n"
	"  eth0                      as netmap:eth0\n"
	"  tap:tap0                  a tap interface, made if it is not there\n"
	"  pcap:eth0                 an interface, by libpcap\n"
	"  pcap:FILE                 a pcap file: tx writes it, rx reads it\n"
	"  null                      nothing: frames are made and thrown away\n"
	"\n"
	"Numbers may end with k, M or G. SIGINT ends the run, with the "
	"summary.\n"
	"Exit codes: 0 done, 1 failed, 2 wrong use.\n";

static const struct cli cli = {
	.program = "pkt-gen",
	.usage = "[OPTION]... -i PORT",
	.about = "Sends frames as fast as a port takes them, or receives and "
		 "counts them; measures round trips; numbers frames and finds "
		 "out which are missing.",
	.options = table,
	.more = more,
};

/* ---- arguments ---- */

static enum function function(const char *name)
{
	static const char *const names[] = {
		[FUNC_RX] = "rx",	[FUNC_TX] = "tx",
		[FUNC_PING] = "ping",	[FUNC_PONG] = "pong",
		[FUNC_RXSEQ] = "rxseq", [FUNC_TXSEQ] = "txseq",
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0)
			return (enum function)i;
	cli_refuse("-f %s: not one of rx, tx, ping, pong, rxseq, txseq", name);
}

static void mac(const char *what, const char *text, uint8_t m[6])
{
	unsigned v[6];
	int end = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &v[0], &v[1], &v[2],
		   &v[3], &v[4], &v[5], &end) != 6 ||
	    text[end])
		cli_refuse("%s %s: not a MAC address like 02:00:00:00:00:01",
			   what, text);
	for (int i = 0; i < 6; i++)
		m[i] = (uint8_t)v[i];
}

static void range(const char *what, const char *text, struct range *r)
{
	const char *why;

	if (!range_parse(r, text, &why))
		cli_refuse("%s %s: %s", what, text, why);
}

static void length(struct options *o, const char *text)
{
	uint32_t len = (uint32_t)cli_in_range("-l", text, 1, FRAME_MAX);

	if (!o->len_max)
		o->len_max = len;
	else
		o->len_min = len;
	if (o->len_min > o->len_max) {
		o->len_min = o->len_max;
		o->len_max = len;
	}
}

static void conf(struct options *o, const char *text)
{
	static const uint64_t max[4] = {UINT32_MAX, UINT32_MAX, UINT16_MAX,
					UINT16_MAX};
	uint64_t v[4] = {0};
	char copy[80], *part, *rest = copy;
	unsigned n = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((part = strsep(&rest, ","))) {
		if (n == 4)
			cli_refuse("-C %s: more than four numbers", text);
		v[n] = cli_in_range("-C", part, 0, max[n]);
		n++;
	}
	o->tx_slots = (uint32_t)v[0];
	o->rx_slots = (uint32_t)(n > 1 ? v[1] : v[0]);
	o->tx_rings = (uint16_t)v[2];
	o->rx_rings = (uint16_t)(n > 3 ? v[3] : v[2]);
}

static void vnet(struct options *o, const char *text)
{
	uint64_t len = cli_in_range("-H", text, 0, 12);

	if (len != 0 && len != 10 && len != 12)
		cli_refuse("-H %s: a virtio-net header has 0, 10 or 12 bytes",
			   text);
	o->vnet = (uint32_t)len;
}

static void flag(struct options *o, int key)
{
	switch (key) {
	case '4':
		o->version = 4;
		break;
	case '6':
		o->version = 6;
		break;
	case 'W':
		o->ends_idle = true;
		break;
	case 'X':
		o->bits |= OPT_DUMP;
		break;
	case 'z':
		o->bits |= OPT_RANDOM_SRC;
		break;
	case 'Z':
		o->bits |= OPT_RANDOM_DST;
		break;
	case 'I':
		o->bits |= OPT_INDIRECT;
		break;
	case 'r':
		o->bits |= OPT_RUBBISH;
		break;
	case 'A':
		o->bits |= OPT_RATE_STATS;
		break;
	case 'N':
		o->plain = true;
		break;
	case 'B':
		o->framing = true;
		break;
	case 'v':
		o->verbose++;
		break;
	}
}

static void number(struct options *o, int key, const char *arg)
{
	switch (key) {
	case 'n':
		o->count = cli_in_range("-n", arg, 0, UINT64_MAX);
		break;
	case 'b':
		o->burst = (uint32_t)cli_in_range("-b", arg, 1, MAX_BURST);
		break;
	case 'p':
		o->threads = (unsigned)cli_in_range("-p", arg, 0, MAX_THREADS);
		break;
	case 'c':
		o->cpus = (unsigned)cli_in_range("-c", arg, 1, 65536);
		break;
	case 'a':
		o->cpu = (int)cli_in_range("-a", arg, 0, 65535);
		break;
	case 'T':
		o->report_ms = (unsigned)cli_in_range("-T", arg, 0, INT_MAX);
		break;
	case 'w':
		o->link_wait = (int)cli_in_range("-w", arg, 0, 86400);
		break;
	case 'R':
		o->rate = cli_in_range("-R", arg, 0, 1000000000);
		break;
	case 'F':
		o->slots =
			(uint32_t)cli_in_range("-F", arg, 1, NETMAP_MAX_FRAGS);
		break;
	case 'M':
		o->slot_bytes = (uint32_t)cli_in_range("-M", arg, 1, FRAME_MAX);
		break;
	case 'o':
		o->bits |= (uint32_t)cli_in_range("-o", arg, 0, OPT_ALL);
		break;
	default:
		flag(o, key);
	}
}

static void option(struct options *o, int key, const char *arg)
{
	switch (key) {
	case 'f':
		o->func = function(arg);
		break;
	case 'i':
		if (o->port)
			cli_refuse("-i %s: there is a port already, %s", arg,
				   o->port);
		o->port = arg;
		break;
	case 'l':
		length(o, arg);
		break;
	case 'd':
		range("-d", arg, &o->dst);
		break;
	case 's':
		range("-s", arg, &o->src);
		break;
	case 'D':
		mac("-D", arg, o->dst_mac);
		break;
	case 'S':
		mac("-S", arg, o->src_mac);
		o->has_src_mac = true;
		break;
	case 'H':
		vnet(o, arg);
		break;
	case 'P':
		o->frame_file = arg;
		break;
	case KEY_WRITE:
		o->write_file = arg;
		break;
	case 'C':
		conf(o, arg);
		break;
	default:
		number(o, key, arg);
	}
}

/* ---- what goes together ---- */

static void fit_addresses(struct options *o)
{
	const char *why;

	if (!o->version) /* of what is given, else 4 */
		o->version = o->src.version   ? o->src.version
			     : o->dst.version ? o->dst.version
					      : 4;
	if (!o->src.version)
		range_parse(&o->src, o->version == 4 ? "10.0.0.1" : "fd00::1",
			    &why);
	if (!o->dst.version)
		range_parse(&o->dst, o->version == 4 ? "10.1.0.1" : "fd00::1:1",
			    &why);
	if (o->src.version != o->version)
		cli_refuse("-s: an IPv%d address, but IPv%d is to be sent",
			   o->src.version, o->version);
	if (o->dst.version != o->version)
		cli_refuse("-d: an IPv%d address, but IPv%d is to be sent",
			   o->dst.version, o->version);
}

static enum frame_mark mark_of(const struct options *o)
{
	if (o->func == FUNC_PING || (o->bits & OPT_TIMESTAMP))
		return FRAME_TIME;
	return o->func == FUNC_TXSEQ ? FRAME_SEQ : FRAME_PLAIN;
}

static void fit_length(struct options *o)
{
	uint32_t min = frame_len_min(o->version, mark_of(o));

	if (!o->len_max && o->slots && o->slot_bytes)
		o->len_max = o->slots * o->slot_bytes;
	if (!o->len_max)
		o->len_max = min > DEFAULT_LEN ? min : DEFAULT_LEN;
	if (!o->len_min)
		o->len_min = o->len_max;
	if (o->len_max > FRAME_MAX)
		cli_refuse("-F %u -M %u: %u bytes, but a frame has at most %d",
			   o->slots, o->slot_bytes, o->len_max, FRAME_MAX);
	if (!options_send(o) && o->func != FUNC_PING)
		return;
	if (o->len_min < min && !(o->bits & OPT_RUBBISH) && !o->frame_file)
		cli_refuse("-l %u: shorter than the headers of that frame, "
			   "which have %u bytes",
			   o->len_min, min);
}

static void check_slots(struct options *o)
{
	uint32_t total = o->len_max + o->vnet, per;

	if (o->frame_file || !o->slots)
		return;
	per = o->slot_bytes ? o->slot_bytes : (total + o->slots - 1) / o->slots;
	if ((total + per - 1) / per != o->slots)
		cli_refuse("-F %u: a frame of %u bytes has %u slots of %u",
			   o->slots, total, (total + per - 1) / per, per);
	if (o->len_min != o->len_max)
		cli_refuse("-F %u: random lengths (-l twice) have no fixed "
			   "number of slots",
			   o->slots);
	o->slot_bytes = per;
}

static void check(struct options *o)
{
	bool sends = options_send(o);

	if (!o->port)
		cli_refuse("no port: -i is missing; see pkt-gen --help");
	if ((o->slots || o->slot_bytes || o->frame_file) && !sends)
		cli_refuse("-F, -M and -P are for tx and txseq only");
	if (o->write_file && o->func != FUNC_RX)
		cli_refuse("--write is for rx only");
	if (o->frame_file && o->func != FUNC_TX)
		cli_refuse(
			"-P %s: the frame is sent as it is, without numbers; "
			"use -f tx",
			o->frame_file);
	if (o->frame_file && (o->bits & (OPT_TIMESTAMP | OPT_RUBBISH)))
		cli_refuse("-P %s: the frame is sent as it is, not with -r or "
			   "-o 16",
			   o->frame_file);
	if ((o->bits & OPT_RUBBISH) &&
	    (o->func != FUNC_TX || (o->bits & (OPT_INDIRECT | OPT_TIMESTAMP |
					       OPT_COPY | OPT_MEMCPY))))
		cli_refuse("-r leaves buffers as they are: it is for tx, "
			   "without -I and -o 4, 8, 16");
	if (o->bits & ~(uint32_t)OPT_ALL)
		cli_refuse("-o %u: no such option",
			   o->bits & ~(uint32_t)OPT_ALL);
}

void options_read(struct options *o, int argc, char **argv)
{
	int key;

	*o = (struct options){
		.func = FUNC_RX,
		.dst_mac = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		.threads = 1,
		.cpu = -1,
		.report_ms = 1000,
		.link_wait = -1,
	};
	cli_set_program(cli.program);
	while ((key = cli_next(&cli, argc, argv)) != -1)
		option(o, key, optarg);
	if (optind < argc)
		option(o, 'i', argv[optind++]);
	if (optind < argc)
		cli_refuse("%s: one argument too many", argv[optind]);
	check(o);
	if (!o->burst)
		o->burst = o->func == FUNC_PING ? 1 : DEFAULT_BURST;
	fit_addresses(o);
	fit_length(o);
	check_slots(o);
}
