/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* options.h - what pkt-gen was asked to do. */
#ifndef PKT_GEN_OPTIONS_H
#define PKT_GEN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include "range.h"

enum function {
	FUNC_RX,
	FUNC_TX,
	FUNC_PING,
	FUNC_PONG,
	FUNC_RXSEQ,
	FUNC_TXSEQ,
};

/* Bits of -o. */
enum {
	OPT_PREFETCH = 1,
	OPT_ACCESS = 2,
	OPT_COPY = 4,
	OPT_MEMCPY = 8,
	OPT_TIMESTAMP = 16,
	OPT_INDIRECT = 32,
	OPT_DUMP = 64,
	OPT_RUBBISH = 256,
	OPT_RANDOM_SRC = 512,
	OPT_RANDOM_DST = 1024,
	OPT_RATE_STATS = 2048,
	OPT_FULL_CSUM = 4096,
	OPT_ALL = 127 | 256 | 512 | 1024 | 2048 | 4096,
};

#define MAX_THREADS 256
#define MAX_BURST   8192

struct options {
	enum function func;
	const char *port;
	uint64_t count; /* 0: endless */
	uint32_t len_max, len_min;
	uint32_t burst;
	struct range src, dst;
	uint8_t src_mac[6], dst_mac[6];
	bool has_src_mac;
	int version;	  /* of IP */
	unsigned threads; /* 0: as many as there are rings */
	unsigned cpus;	  /* 0: all */
	int cpu;	  /* of the first thread; -1: anywhere */
	unsigned report_ms;
	int link_wait; /* seconds; -1: as is usual for the port */
	bool ends_idle;
	uint64_t rate;
	uint32_t vnet;
	const char *frame_file, *write_file;
	uint32_t slots;	     /* of a frame; 0: as few as will do */
	uint32_t slot_bytes; /* 0: what a buffer has */
	uint32_t bits;	     /* OPT_* */
	bool plain;	     /* numbers without k, M, G */
	bool framing;
	uint16_t tx_rings, rx_rings; /* wished for; 0: no wish */
	uint32_t tx_slots, rx_slots;
	unsigned verbose;
};

/* Reads the command line; ends the program if it cannot be done. */
void options_read(struct options *o, int argc, char **argv);

static inline bool options_send(const struct options *o)
{
	return o->func == FUNC_TX || o->func == FUNC_TXSEQ;
}

static inline bool options_receive(const struct options *o)
{
	return o->func == FUNC_RX || o->func == FUNC_RXSEQ;
}

#endif
