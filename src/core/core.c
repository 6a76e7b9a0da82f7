// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "core.h"

struct param_range {
	const char *name;
	size_t offset; /* in struct nm_params */
	u32 def, min, max;
};

#define PARAM(field, def, min, max)                                            \
	{                                                                      \
#field, __builtin_offsetof(struct nm_params, field), def, min, \
			max                                                    \
	}

static const struct param_range ranges[] = {
	PARAM(max_bridges, 8, 1, 256),
	PARAM(bridge_batch, NM_BATCH_MAX, 1, NM_BATCH_MAX),
	PARAM(vale_stations, 16384, 64, 1u << 24),
	PARAM(no_timestamp, 0, 0, 1),
	PARAM(fwd, 0, 0, 1),
	PARAM(if_num, 100, 10, 10000),
	PARAM(if_size, 1024, 64, 4096),
	PARAM(ring_num, 200, 2, 1024),
	PARAM(ring_size, 36864, 4096, 131072),
	PARAM(buf_num, 163840, 4, 1000000),
	PARAM(buf_size, NM_BUF_SIZE, 64, 65536),
	PARAM(priv_buf_size, NM_BUF_SIZE, 64, 65536),
	PARAM(priv_if_num, 2, 1, 100),
	PARAM(priv_if_size, 1024, 64, 4096),
	PARAM(priv_ring_num, 4, 2, 1024),
	PARAM(priv_ring_size, 20480, 512, 131072),
	PARAM(priv_buf_num, 4098, 4, 1000000),
	PARAM(late_syncs, 0, 0, 1),
	PARAM(huge_pages, 0, 0, 1),
};

static u32 *param_of(struct nm_params *p, const struct param_range *r)
{
	return (u32 *)(void *)((char *)p + r->offset);
}

static u32 param_read(const struct nm_params *p, const struct param_range *r)
{
	return *(const u32 *)(const void *)((const char *)p + r->offset);
}

void nm_params_init(struct nm_params *p)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		*param_of(p, &ranges[i]) = ranges[i].def;
}

static bool is_same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

int nm_params_set(struct nm_params *p, const char *name, u32 value)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (!is_same(name, ranges[i].name))
			continue;
		*param_of(p, &ranges[i]) = value;
		return nm_params_check(p);
	}
	return os_refuse(-EINVAL, "there is no parameter %s", name);
}

int nm_params_check(const struct nm_params *p)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		const struct param_range *r = &ranges[i];
		u32 v = param_read(p, r);

		if (v < r->min || v > r->max)
			return os_refuse(-EINVAL,
					 "parameter %s: %u is outside %u..%u",
					 r->name, v, r->min, r->max);
	}
	return 0;
}

int nm_core_create(struct nm_core **core, const struct nm_params *params)
{
	struct nm_core *c = os_alloc(sizeof(*c));
	int err;

	if (!c)
		return os_refuse(-ENOMEM, "no memory for a world");
	c->params = *params;
	err = nm_params_check(&c->params);
	if (err) {
		os_free(c);
		return err;
	}
	os_mutex_init(&c->lock, OS_LOCK_CONTROL);
	nm_refusals_init(&c->refusals);
	nm_list_init(&c->all_ports);
	nm_list_init(&c->ports);
	nm_list_init(&c->monitors);
	nm_list_init(&c->aliases);
	nm_list_init(&c->switches);
	nm_list_init(&c->regions);
	nm_list_init(&c->interfaces);
	c->last_mem_id = 1;
	*core = c;
	return 0;
}

int nm_core_params_set(struct nm_core *core, const struct nm_params *params)
{
	int err = nm_params_check(params);

	if (err)
		return err;
	nm_core_lock(core);
	/* Some are read without the lock. */
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		os_store(param_of(&core->params, &ranges[i]),
			 param_read(params, &ranges[i]));
	nm_core_unlock(core);
	return 0;
}
