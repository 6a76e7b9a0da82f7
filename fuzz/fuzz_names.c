// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * fuzz_names.c - any text as the name of a port, beside a port that is there.
 *
 * Whatever is opened has an interface record inside its region, can be
 * synchronized, and is gone when closed; whatever is refused has a reason.
 */
#include <string.h>
#include <netmap_embedded.h>
#include "fuzz.h"

static void try_name(struct nme *world, const char *name)
{
	struct nme_port *port = NULL;
	const char *mem, *record;
	size_t size;

	if (nme_open(world, name, &port)) {
		FUZZ_HOLDS(!port);
		FUZZ_HOLDS(nme_error()[0]);
		return;
	}
	mem = nme_mem(port, &size);
	record = (const char *)nme_if(port);
	FUZZ_HOLDS(mem && record >= mem);
	FUZZ_HOLDS(record + sizeof(struct netmap_if) <= mem + size);
	FUZZ_HOLDS(nme_txsync(port) == 0);
	FUZZ_HOLDS(nme_rxsync(port) == 0);
	nme_close(port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char name[256];
	struct nme *world;
	struct nme_port *first;

	if (len >= sizeof(name))
		len = sizeof(name) - 1;
	memcpy(name, data, len);
	name[len] = 0;

	FUZZ_HOLDS(nme_create(&world, NULL) == 0);
	FUZZ_HOLDS(nme_open(world, "vale0:a", &first) == 0);
	try_name(world, name);
	nme_close(first);
	FUZZ_HOLDS(nme_destroy(world) == 0);
	return 0;
}
