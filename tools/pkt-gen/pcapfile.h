/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* pcapfile.h - frames from and to pcap files. */
#ifndef PKT_GEN_PCAPFILE_H
#define PKT_GEN_PCAPFILE_H

#include <stdbool.h>
#include <stdint.h>
#include "frame.h"

/* Makes @f the first frame of an Ethernet pcap file, as it is, behind @vnet
 * zeros. False, and said. */
bool pcapfile_frame(struct frame *f, const char *path, uint32_t vnet);

struct pcapfile; /* one that is written */

/* Makes a new file; NULL, and said, also if there is one of that name. */
struct pcapfile *pcapfile_create(const char *path);
void pcapfile_add(struct pcapfile *p, const uint8_t *data, uint32_t len);
/* False, and said: not all of it is on its way to the disk. NULL is allowed. */
bool pcapfile_close(struct pcapfile *p);

#endif
