// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Switches with an owner: who may do what, and which operations run when. */
#include "unit.h"

#include "client.h"
#include "world.h"

#define SLOTS 8

struct owner {
	u32 joined, left, configured;
	u32 last_port;
	bool keep_out;
};

static int on_join(const char *name, bool attach, u32 port, void *priv)
{
	struct owner *o = priv;

	sim_claim(!strncmp(name, "vale7:", 6) && !attach);
	if (o->keep_out)
		return -EPERM;
	o->joined++;
	o->last_port = port;
	return 0;
}

static void on_leave(u32 port, void *priv)
{
	struct owner *o = priv;

	o->left++;
	o->last_port = port;
}

static int on_config(u8 data[NM_IFRDATA_LEN], void *priv)
{
	struct owner *o = priv;

	o->configured++;
	data[1] = (u8)(data[0] + 1);
	return data[0] == 99 ? -ENOTSUP : 0;
}

static const struct nm_switch_ops ops = {
	.join = on_join, .dtor = on_leave, .config = on_config};

static void names_and_tokens(void **state)
{
	struct nm_core *core = world_make();
	struct client c;
	u64 t = 0, u = 0;

	(void)state;
	assert_int_equal(nm_switch_create(core, "eth0", &t), -EINVAL);
	assert_int_equal(nm_switch_create(core, "vale", &t), 0);
	assert_int_equal(nm_switch_create(core, "vale7", &u), 0);
	assert_int_not_equal(t, 0);
	assert_int_not_equal(u, 0);
	assert_int_not_equal(t, u);
	assert_int_equal(nm_switch_create(core, "vale7", &u), -EEXIST);
	assert_int_equal(nm_switch_create(core, "vale7-", &u), -EINVAL);
	assert_int_equal(nm_switch_create(core, "vale123456789012", &u),
			 -EINVAL);
	client_open(&c, core, "vale0:a", SLOTS);
	assert_int_equal(nm_switch_create(core, "vale0", &u), -EEXIST);
	assert_int_equal(nm_switch_destroy(core, "vale0", 0), -EINVAL);
	assert_int_equal(nm_switch_destroy(core, "vale1", t), -ENXIO);
	assert_int_equal(nm_switch_destroy(core, "vale7", t), -EACCES);
	assert_int_equal(nm_switch_destroy(core, "vale7", u), 0);
	assert_int_equal(nm_switch_destroy(core, "vale7", u), -ENXIO);
	client_close(&c);
	/* "vale" ends with the world. */
	world_end(core);
}

static void ports_come_and_go(void **state)
{
	struct nm_core *core = world_make();
	struct owner o = {0};
	struct client a, b;
	u64 t;

	(void)state;
	assert_int_equal(nm_switch_create(core, "vale7", &t), 0);
	assert_int_equal(nm_switch_set_ops(core, "vale7", &ops, &o, 0),
			 -EACCES);
	assert_int_equal(nm_switch_set_ops(core, "vale8", &ops, &o, t), -ENXIO);
	assert_int_equal(nm_switch_set_ops(core, "vale7", &ops, &o, t), 0);
	client_open(&a, core, "vale7:a", SLOTS);
	client_open(&b, core, "vale7:b", SLOTS);
	assert_int_equal(o.joined, 2);
	assert_int_equal(o.last_port, 1);
	assert_int_equal(nm_switch_destroy(core, "vale7", t), -EBUSY);
	client_close(&a);
	assert_int_equal(o.left, 1);
	assert_int_equal(o.last_port, 0);
	client_close(&b);
	assert_int_equal(o.left, 2);
	assert_int_equal(nm_switch_destroy(core, "vale7", t), 0);
	world_end(core);
}

static void owner_keeps_ports_out(void **state)
{
	struct nmreq_register reg = {.nr_mode = NR_REG_ALL_NIC};
	struct nm_core *core = world_make();
	struct owner o = {.keep_out = true};
	struct client c;
	u64 t;

	(void)state;
	assert_int_equal(nm_switch_create(core, "vale7", &t), 0);
	assert_int_equal(nm_switch_set_ops(core, "vale7", &ops, &o, t), 0);
	assert_int_equal(client_try(&c, core, "vale7:a", &reg), -EPERM);
	assert_int_equal(o.left, 0);
	assert_int_equal(nm_switch_destroy(core, "vale7", t), 0);
	world_end(core);
}

static void members_are_overridden_one_by_one(void **state)
{
	static const struct nm_switch_ops only_config = {.config = on_config};
	struct nm_core *core = world_make();
	struct owner o = {0}, other = {0};
	u8 data[NM_IFRDATA_LEN] = {5};
	struct client a;

	(void)state;
	client_open(&a, core, "vale7:a", SLOTS);
	assert_int_equal(nm_switch_config(core, "vale7:a", data), -EINVAL);
	/* No token: anybody's. */
	assert_int_equal(nm_switch_set_ops(core, "vale7", &ops, &o, 0), 0);
	assert_int_equal(
		nm_switch_set_ops(core, "vale7", &only_config, &other, 0), 0);
	assert_int_equal(nm_switch_config(core, "vale7:a", data), 0);
	assert_int_equal(data[1], 6);
	data[0] = 99;
	assert_int_equal(nm_switch_config(core, "vale7", data), -ENOTSUP);
	assert_int_equal(nm_switch_config(core, "vale8", data), -EINVAL);
	assert_int_equal(nm_switch_config(core, "eth0", data), -EINVAL);
	assert_int_equal(o.configured, 0);
	assert_int_equal(other.configured, 2);
	/* dtor is still there. */
	client_close(&a);
	assert_int_equal(other.left, 1);
	world_end(core);
}

static int replace(void **priv, void *arg)
{
	if (!arg)
		return -ENODATA;
	*priv = arg;
	return 0;
}

static void private_data_changes(void **state)
{
	struct nm_core *core = world_make();
	struct owner o = {0}, other = {0};
	u8 data[NM_IFRDATA_LEN] = {5};
	u64 t;

	(void)state;
	assert_int_equal(nm_switch_update(core, "vale7", replace, &o, 0),
			 -EINVAL);
	assert_int_equal(nm_switch_create(core, "vale7", &t), 0);
	assert_int_equal(nm_switch_update(core, "vale7", replace, &o, t),
			 -EINVAL);
	assert_int_equal(nm_switch_set_ops(core, "vale7", &ops, &o, t), 0);
	assert_int_equal(nm_switch_update(core, "vale7", replace, &other, 0),
			 -EACCES);
	assert_int_equal(nm_switch_update(core, "vale7", replace, NULL, t),
			 -ENODATA);
	assert_int_equal(nm_switch_config(core, "vale7", data), 0);
	assert_int_equal(nm_switch_update(core, "vale7", replace, &other, t),
			 0);
	assert_int_equal(nm_switch_config(core, "vale7", data), 0);
	assert_int_equal(o.configured, 1);
	assert_int_equal(other.configured, 1);
	assert_int_equal(nm_switch_set_ops(core, "vale7", NULL, NULL, t), 0);
	assert_int_equal(nm_switch_config(core, "vale7", data), -EINVAL);
	assert_int_equal(nm_switch_destroy(core, "vale7", t), 0);
	world_end(core);
}

/* The learning table is emptied: what was known is flooded again. */
static void back_to_learning_from_nothing(void **state)
{
	static const u8 from_a[60] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
	static const u8 from_b[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
	struct nm_core *core = world_make();
	struct client a, b, c;
	u8 got[60];
	u16 flags;

	(void)state;
	client_open(&a, core, "vale7:a", SLOTS);
	client_open(&b, core, "vale7:b", SLOTS);
	client_open(&c, core, "vale7:c", SLOTS);
	for (int round = 0; round < 2; round++) {
		assert_true(client_put(&a, 0, from_a, sizeof(from_a), 0));
		client_txsync(&a);
		client_rxsync(&c);
		assert_int_equal(client_get(&c, 0, got, 60, &flags), 60);
		assert_true(client_put(&b, 0, from_b, sizeof(from_b), 0));
		client_txsync(&b);
		client_rxsync(&c);
		assert_int_equal(client_get(&c, 0, got, 60, &flags), 0);
		assert_int_equal(
			nm_switch_set_ops(core, "vale7", NULL, NULL, 0), 0);
	}
	client_close(&a);
	client_close(&b);
	client_close(&c);
	world_end(core);
}

static void memory_may_lack(void **state)
{
	struct owner o = {0};

	(void)state;
	for (unsigned n = 1, fired = 1; fired; n++) {
		struct nm_core *core = world_make();
		u64 t;
		int err;

		sim_fail_nth(SIM_FAIL_MEMORY, n);
		err = nm_switch_create(core, "vale7", &t);
		if (err) {
			assert_int_equal(err, -ENOMEM);
			assert_int_equal(nm_switch_create(core, "vale7", &t),
					 0);
		}
		err = nm_switch_set_ops(core, "vale7", &ops, &o, t);
		if (err) {
			assert_int_equal(err, -ENOMEM);
			assert_int_equal(
				nm_switch_set_ops(core, "vale7", &ops, &o, t),
				0);
		}
		err = nm_switch_update(core, "vale7", replace, &o, t);
		assert_true(!err || err == -ENOMEM);
		fired = sim_fail_fired();
		sim_fail_nth(SIM_FAIL_MEMORY, 0);
		world_end(core);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(names_and_tokens),
		unit_claim(ports_come_and_go),
		unit_claim(owner_keeps_ports_out),
		unit_claim(members_are_overridden_one_by_one),
		unit_claim(private_data_changes),
		unit_claim(back_to_learning_from_nothing),
		unit_claim(memory_may_lack),
	};

	return unit_run(tests);
}
