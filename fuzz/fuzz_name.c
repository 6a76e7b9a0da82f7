// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Any name: it is taken apart without loss or refused, and binding to it works
 * or is refused, and leaves nothing.
 *
 * Input: mode, up to 64 bytes of the name, a second name after a zero.
 */
#include "fuzz.h"

static bool is_clean(const char *s, size_t size)
{
	return memchr(s, 0, size);
}

static void check_parse(const char name[NM_NAME_LEN])
{
	struct nm_name n;
	char joined[3 * NM_NAME_LEN];
	size_t at, len;
	int err = nm_name_parse(&n, name);

	sim_claim(!err || err == -EINVAL || err == -ENXIO || err == -ENOMEM);
	sim_claim(!err || sim_last_refusal()[0]);
	if (err)
		return;
	sim_claim(is_clean(n.full, sizeof(n.full)));
	sim_claim(is_clean(n.parent, sizeof(n.parent)));
	sim_claim(is_clean(n.pipe_id, sizeof(n.pipe_id)));
	sim_claim(is_clean(n.bridge, sizeof(n.bridge)));
	sim_claim(!strcmp(n.full, name));
	at = strlen(n.parent);
	memcpy(joined, n.parent, at);
	if (n.pipe_role)
		joined[at++] = n.pipe_role;
	len = strlen(n.pipe_id);
	memcpy(joined + at, n.pipe_id, len + 1);
	sim_claim(!strcmp(joined, name));
	len = strlen(n.bridge);
	sim_claim(!memcmp(n.bridge, n.parent, len));
	sim_claim(!len || n.parent[len] == ':');
	sim_claim(len || strlen(n.parent) < IFNAMSIZ);
}

static int bind_name(struct nm_file *file, const char name[NM_NAME_LEN],
		     u32 mode)
{
	struct nmreq_register reg = {.nr_mode = mode,
				     .nr_tx_slots = 4,
				     .nr_rx_slots = 4,
				     .nr_mem_id = mode == NR_REG_NULL};
	struct nmreq_header h = {.nr_version = NETMAP_API,
				 .nr_reqtype = NETMAP_REQ_REGISTER,
				 .nr_body = (uintptr_t)&reg};
	int err;

	memcpy(h.nr_name, name, NM_NAME_LEN);
	err = nm_file_ioctl(file, NULL, NIOCCTRL, (uintptr_t)&h);
	sim_claim(!memcmp(h.nr_name, name, NM_NAME_LEN));
	sim_claim(!err || err == -EINVAL || err == -ENXIO || err == -ENOMEM);
	return err;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct bytes in = {data, data + size};
	u32 mode = take_u8(&in) % 10;
	char name[2][NM_NAME_LEN] = {0};
	struct nm_file *file[2];
	struct nm_core *core;

	for (u32 i = 0; i < 2; i++) {
		for (u32 k = 0; k < NM_NAME_LEN && bytes_left(&in); k++) {
			name[i][k] = (char)take_u8(&in);
			if (!name[i][k])
				break;
		}
	}
	sim_begin(1);
	core = world_make();
	for (u32 i = 0; i < 2; i++) {
		check_parse(name[i]);
		sim_claim(!nm_file_create(core, &file[i]));
		bind_name(file[i], name[i], mode);
	}
	nm_file_destroy(file[0]);
	nm_file_destroy(file[1]);
	world_end(core);
	fuzz_end();
	return 0;
}
