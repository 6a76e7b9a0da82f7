// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "demo.h"

static bool refuse(const char *path, const char *why)
{
	fprintf(stderr, "demo: %s: %s\n", path, why);
	return false;
}

/* Which host @mac is; HOSTS if it is one too many. */
static unsigned host_of(struct capture *c, const uint8_t mac[6])
{
	unsigned i;

	for (i = 0; i < c->hosts; i++)
		if (!memcmp(c->mac[i], mac, 6))
			return i;
	if (i < HOSTS)
		memcpy(c->mac[c->hosts++], mac, 6);
	return i;
}

/* Appends a frame of @len bytes; NULL: no memory. */
static struct frame *frame_add(struct capture *c, const void *data,
			       uint32_t len)
{
	struct frame *f;

	if (!(c->n & (c->n - 1))) { /* full: 0, 1, 2, 4, ... */
		size_t room = c->n ? 2 * (size_t)c->n : 1;

		f = realloc(c->frame, room * sizeof(*f));
		if (!f)
			return NULL;
		c->frame = f;
	}
	f = &c->frame[c->n];
	f->data = malloc(len);
	if (!f->data)
		return NULL;
	memcpy(f->data, data, len);
	f->len = len;
	c->n++;
	c->bytes += len;
	return f;
}

static bool frame_read(struct capture *c, const struct pcap_pkthdr *h,
		       const u_char *data)
{
	unsigned host;
	struct frame *f;

	if (h->caplen != h->len)
		return refuse(c->path, "has frames that were cut");
	if (h->len < 14)
		return refuse(c->path, "has a frame shorter than its header");
	host = host_of(c, data + 6);
	if (host == HOSTS)
		return refuse(c->path, "has frames of more than two hosts");
	f = frame_add(c, data, h->len);
	if (!f)
		return refuse(c->path, "out of memory");
	f->host = (uint8_t)host;
	return true;
}

bool capture_load(struct capture *c, const char *path)
{
	char err[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline(path, err);
	struct pcap_pkthdr *h;
	const u_char *data;
	bool ok = true;
	int next;

	*c = (struct capture){.path = path};
	if (!file)
		return refuse(path, err);
	if (pcap_datalink(file) != DLT_EN10MB)
		ok = refuse(path, "is not a capture of Ethernet");
	while (ok && (next = pcap_next_ex(file, &h, &data)) != PCAP_ERROR_BREAK)
		ok = next == 1 ? frame_read(c, h, data)
			       : refuse(path, pcap_geterr(file));
	if (ok && !c->n)
		ok = refuse(path, "has no frames");
	pcap_close(file);
	if (!ok)
		capture_free(c);
	return ok;
}

bool capture_make(struct capture *c, unsigned n, uint32_t len)
{
	static const uint8_t mac[HOSTS][6] = {{2, 0, 0, 0, 0, 0xa},
					      {2, 0, 0, 0, 0, 0xb}};

	*c = (struct capture){.path = "made frames", .hosts = HOSTS};
	memcpy(c->mac, mac, sizeof(mac));
	for (unsigned i = 0; i < n; i++) {
		unsigned host = i == 0; /* host 1 speaks first */
		uint8_t data[2048];
		struct frame *f;

		memset(data, (int)i, sizeof(data));
		memcpy(data, mac[!host], 6);
		memcpy(data + 6, mac[host], 6);
		data[12] = 0x88; /* 0x88b5: local experiments, IEEE 802 */
		data[13] = 0xb5;
		f = frame_add(c, data, len);
		if (!f) {
			capture_free(c);
			return refuse(c->path, "out of memory");
		}
		f->host = (uint8_t)host;
	}
	return true;
}

void capture_free(struct capture *c)
{
	for (unsigned i = 0; i < c->n; i++)
		free(c->frame[i].data);
	free(c->frame);
	c->frame = NULL;
	c->n = 0;
}
