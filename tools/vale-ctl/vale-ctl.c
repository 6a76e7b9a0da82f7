// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* vale-ctl - ports of VALE switches: list, make, remove, attach, detach. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ctl.h"

#define USAGE	2
#define NO_PORT 255 /* VALE_LIST of a name: the switch is there, the port not */

struct options {
	int action;	    /* the option that says what to do; 'L': list */
	const char *name;   /* its argument */
	const char *config; /* -C */
	const char *region; /* -m */
	bool verbose;
};

static void help(FILE *f)
{
	fputs("usage: vale-ctl [-v] [ACTION [-C CONFIG] [-m REGION]]\n"
	      "\n"
	      "Without an action: lists all ports of all VALE switches.\n"
	      "\n"
	      "  -a, --attach=valeX:IF   attach interface IF to a switch\n"
	      "  -h, --attach-host=valeX:IF\n"
	      "                          the same, with its host's stack\n"
	      "  -d, --detach=valeX:IF   take IF off the switch\n"
	      "  -n, --new=NAME          make a persistent port; with -C\n"
	      "                          "
	      "TXSLOTS[,RXSLOTS[,TXRINGS[,RXRINGS]]]\n"
	      "  -r, --remove=NAME       remove a persistent port\n"
	      "  -g, --get=NAME          show what a port is like\n"
	      "  -l, --list=valeX:PORT   show the numbers of switch and port\n"
	      "  -p, --poll=valeX:IF     poll IF by threads; with -C\n"
	      "                          MODE,CPU,COUNT  (MODE 1: one "
	      "processor\n"
	      "                          for all rings, 2: one for each)\n"
	      "  -P, --no-poll=valeX:IF  back to interrupts\n"
	      "  -C, --config=CONFIG     numbers for -n and -p\n"
	      "  -m, --region=ID|PORT    memory region for -n, -a, -h: by "
	      "number,\n"
	      "                          or that of a port\n"
	      "  -v, --verbose           say what was done\n"
	      "      --help              this text\n"
	      "\n"
	      "exit status: 0 done, 1 refused, 2 usage. See vale-ctl(8).\n",
	      f);
}

static const struct option long_options[] = {
	{"attach", 1, NULL, 'a'},  {"attach-host", 1, NULL, 'h'},
	{"detach", 1, NULL, 'd'},  {"new", 1, NULL, 'n'},
	{"remove", 1, NULL, 'r'},  {"get", 1, NULL, 'g'},
	{"list", 1, NULL, 'l'},	   {"poll", 1, NULL, 'p'},
	{"no-poll", 1, NULL, 'P'}, {"config", 1, NULL, 'C'},
	{"region", 1, NULL, 'm'},  {"verbose", 0, NULL, 'v'},
	{"help", 0, NULL, 'H'},	   {0},
};

__attribute__((noreturn)) static void usage(const char *what, const char *arg)
{
	fprintf(stderr, "vale-ctl: %s%s%s; see vale-ctl --help\n", what,
		arg ? " " : "", arg ? arg : "");
	exit(USAGE);
}

static void options_parse(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){.action = 'L'};
	while ((c = getopt_long(argc, argv, "a:h:d:n:r:g:l:p:P:C:m:v",
				long_options, NULL)) != -1) {
		if (c == '?')
			usage("that is no option", NULL);
		if (c == 'H') {
			help(stdout);
			exit(0);
		}
		if (c == 'C') {
			o->config = optarg;
		} else if (c == 'm') {
			o->region = optarg;
		} else if (c == 'v') {
			o->verbose = true;
		} else {
			if (o->action != 'L')
				usage("one action at a time; a second is",
				      optarg);
			o->action = c;
			o->name = optarg;
		}
	}
	if (optind < argc)
		usage("what is", argv[optind]);
}

/* Up to @max numbers, separated by commas; returns how many. */
static int numbers(const char *text, unsigned long *n, int max)
{
	int count = 0;
	char *end;

	while (text && *text && count < max) {
		if (*text < '0' || *text > '9')
			usage("numbers and commas only in -C", text);
		n[count++] = strtoul(text, &end, 10);
		if (*end && *end != ',')
			usage("numbers and commas only in -C", text);
		text = *end ? end + 1 : end;
	}
	if (text && *text)
		usage("too many numbers in -C:", text);
	return count;
}

static int refused(int fd, const char *name, int err)
{
	fprintf(stderr, "vale-ctl: %s: %s\n", name, ctl_why(fd, err));
	return 1;
}

/* -m: the number of the region; 0 without one. Ends the program if there is
 * none. */
static uint16_t region_of(int fd, const struct options *o)
{
	struct nmreq_port_info_get info = {0};
	unsigned long id;
	char *end;
	int err;

	if (!o->region)
		return 0;
	id = strtoul(o->region, &end, 10);
	if (!*end && *o->region && id <= 0xffff)
		return (uint16_t)id;
	err = ctl_request(fd, NETMAP_REQ_PORT_INFO_GET, o->region, &info, NULL);
	if (err)
		exit(refused(fd, o->region, err));
	return info.nr_mem_id;
}

/* ---- actions: each returns the exit status ---- */

static int list_all(int fd)
{
	struct nmreq_vale_list body = {0};
	struct nmreq_header hdr;
	int err;

	for (;;) {
		err = ctl_request(fd, NETMAP_REQ_VALE_LIST, NULL, &body, &hdr);
		if (err)
			break;
		printf("%-40s switch %u port %u\n", hdr.nr_name,
		       body.nr_bridge_idx, body.nr_port_idx);
		body.nr_port_idx++;
	}
	return err == ENOENT ? 0 : refused(fd, "list", err);
}

static int list_one(int fd, const char *name)
{
	struct nmreq_vale_list body = {0};
	int err = ctl_request(fd, NETMAP_REQ_VALE_LIST, name, &body, NULL);

	if (err)
		return refused(fd, name, err);
	if (body.nr_port_idx == NO_PORT) {
		fprintf(stderr, "vale-ctl: the switch of %s has no such port\n",
			name);
		return 1;
	}
	printf("%-40s switch %u port %u\n", name, body.nr_bridge_idx,
	       body.nr_port_idx);
	return 0;
}

static int attach(int fd, const struct options *o)
{
	struct nmreq_vale_attach body = {
		.reg = {.nr_mode = o->action == 'h' ? NR_REG_NIC_SW
						    : NR_REG_ALL_NIC,
			.nr_mem_id = region_of(fd, o)},
	};
	int err = ctl_request(fd, NETMAP_REQ_VALE_ATTACH, o->name, &body, NULL);

	if (err)
		return refused(fd, o->name, err);
	if (o->verbose)
		printf("%s: attached, port %u\n", o->name, body.port_index);
	return 0;
}

static int detach(int fd, const struct options *o)
{
	struct nmreq_vale_detach body = {0};
	int err = ctl_request(fd, NETMAP_REQ_VALE_DETACH, o->name, &body, NULL);

	if (err)
		return refused(fd, o->name, err);
	if (o->verbose)
		printf("%s: detached, was port %u\n", o->name, body.port_index);
	return 0;
}

static int make(int fd, const struct options *o)
{
	struct nmreq_vale_newif body = {0};
	unsigned long n[4] = {0};
	int count = numbers(o->config, n, 4), err;

	body.nr_tx_slots = (uint32_t)n[0];
	body.nr_rx_slots = (uint32_t)(count > 1 ? n[1] : n[0]);
	body.nr_tx_rings = (uint16_t)n[2];
	body.nr_rx_rings = (uint16_t)(count > 3 ? n[3] : n[2]);
	body.nr_mem_id = region_of(fd, o);
	err = ctl_request(fd, NETMAP_REQ_VALE_NEWIF, o->name, &body, NULL);
	if (err)
		return refused(fd, o->name, err);
	if (o->verbose)
		printf("%s: made; %u+%u rings of %u+%u slots, region %u\n",
		       o->name, body.nr_tx_rings, body.nr_rx_rings,
		       body.nr_tx_slots, body.nr_rx_slots, body.nr_mem_id);
	return 0;
}

static int remove_port(int fd, const struct options *o)
{
	int err = ctl_request(fd, NETMAP_REQ_VALE_DELIF, o->name, NULL, NULL);

	if (err)
		return refused(fd, o->name, err);
	if (o->verbose)
		printf("%s: removed\n", o->name);
	return 0;
}

static int show(int fd, const char *name)
{
	struct nmreq_port_info_get b = {0};
	int err = ctl_request(fd, NETMAP_REQ_PORT_INFO_GET, name, &b, NULL);

	if (err)
		return refused(fd, name, err);
	printf("%s: tx %u rings of %u slots, rx %u rings of %u slots, host "
	       "rings %u+%u, region %u of %llu KiB\n",
	       name, b.nr_tx_rings, b.nr_tx_slots, b.nr_rx_rings, b.nr_rx_slots,
	       b.nr_host_tx_rings, b.nr_host_rx_rings, b.nr_mem_id,
	       (unsigned long long)b.nr_memsize >> 10);
	return 0;
}

static int polling(int fd, const struct options *o)
{
	struct nmreq_vale_polling body = {0};
	bool on = o->action == 'p';
	unsigned long n[3] = {0};
	int err;

	if (on && numbers(o->config, n, 3) != 3)
		usage("-p needs -C MODE,CPU,COUNT", NULL);
	body.nr_mode = (uint32_t)n[0];
	body.nr_first_cpu_id = (uint32_t)n[1];
	body.nr_num_polling_cpus = (uint32_t)n[2];
	err = ctl_request(fd,
			  on ? NETMAP_REQ_VALE_POLLING_ENABLE
			     : NETMAP_REQ_VALE_POLLING_DISABLE,
			  o->name, &body, NULL);
	if (err)
		return refused(fd, o->name, err);
	if (o->verbose)
		printf("%s: %s\n", o->name,
		       on ? "polled" : "not polled any more");
	return 0;
}

static int act(int fd, const struct options *o)
{
	switch (o->action) {
	case 'a':
	case 'h':
		return attach(fd, o);
	case 'd':
		return detach(fd, o);
	case 'n':
		return make(fd, o);
	case 'r':
		return remove_port(fd, o);
	case 'g':
		return show(fd, o->name);
	case 'l':
		return list_one(fd, o->name);
	case 'p':
	case 'P':
		return polling(fd, o);
	default:
		return list_all(fd);
	}
}

int main(int argc, char **argv)
{
	struct options o;
	int fd, status;

	options_parse(&o, argc, argv);
	fd = ctl_open();
	if (fd < 0) {
		fprintf(stderr, "vale-ctl: /dev/netmap: %s\n", strerror(-fd));
		return 1;
	}
	status = act(fd, &o);
	close(fd);
	return status;
}
