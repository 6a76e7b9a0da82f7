// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "pcapfile.h"
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include "cli.h"

struct pcapfile {
	pcap_t *pcap;
	pcap_dumper_t *dump;
	const char *path;
};

static bool take(struct frame *f, const char *path, uint32_t vnet,
		 const struct pcap_pkthdr *h, const uint8_t *data)
{
	if (h->caplen < h->len)
		return cli_fail("%s: its first frame has %u of %u bytes", path,
				h->caplen, h->len);
	if (h->len < 14 || h->len > FRAME_MAX)
		return cli_fail("%s: its first frame has %u bytes, not 14 to "
				"%d",
				path, h->len, FRAME_MAX);
	f->data = calloc(1, vnet + h->len);
	if (!f->data)
		return cli_fail("no memory for a frame of %u bytes", h->len);
	f->vnet = vnet;
	f->ether = f->data + vnet;
	f->len = f->len_max = h->len;
	memcpy(f->ether, data, h->len);
	return true;
}

bool pcapfile_frame(struct frame *f, const char *path, uint32_t vnet)
{
	char err[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, err);
	struct pcap_pkthdr *h;
	const uint8_t *data;
	bool ok;
	int n;

	memset(f, 0, sizeof(*f));
	if (!pcap)
		return cli_fail("%s", err);
	n = pcap_next_ex(pcap, &h, &data);
	if (pcap_datalink(pcap) != DLT_EN10MB)
		ok = cli_fail("%s: its frames are not Ethernet frames", path);
	else if (n == 1)
		ok = take(f, path, vnet, h, data);
	else
		ok = cli_fail("%s: %s", path,
			      n == PCAP_ERROR ? pcap_geterr(pcap)
					      : "has no frame");
	pcap_close(pcap);
	return ok;
}

struct pcapfile *pcapfile_create(const char *path)
{
	struct pcapfile *p = calloc(1, sizeof(*p));
	FILE *file = fopen(path, "wxe");

	if (!p || !file) {
		cli_say("%s: cannot be made: %s", path, strerror(errno));
		goto err_file;
	}
	p->path = path;
	p->pcap = pcap_open_dead(DLT_EN10MB, FRAME_MAX);
	p->dump = p->pcap ? pcap_dump_fopen(p->pcap, file) : NULL;
	if (!p->dump) {
		cli_say("%s: cannot be written", path);
		goto err_pcap;
	}
	return p;

err_pcap:
	if (p->pcap)
		pcap_close(p->pcap);
err_file:
	if (file)
		fclose(file);
	free(p);
	return NULL;
}

void pcapfile_add(struct pcapfile *p, const uint8_t *data, uint32_t len)
{
	struct pcap_pkthdr h = {.caplen = len, .len = len};

	gettimeofday(&h.ts, NULL);
	pcap_dump((u_char *)p->dump, &h, data);
}

bool pcapfile_close(struct pcapfile *p)
{
	bool ok = true;

	if (!p)
		return true;
	if (pcap_dump_flush(p->dump))
		ok = cli_fail("%s: cannot be written: %s", p->path,
			      strerror(errno));
	pcap_dump_close(p->dump);
	pcap_close(p->pcap);
	free(p);
	return ok;
}
