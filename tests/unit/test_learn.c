// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The learning table against a naive one: a plain list of stations, with the
 * place that each may live in.
 *
 * The table may forget a station only where its rules say so: it is stale, or
 * another station of the same port needed its place. The model follows what
 * learn() answers and claims all else.
 */
#include "unit.h"

#include "vale_learn.h"

#define TICK_NS	 (1ull << 34)
#define STATIONS 400
#define PORTS	 6
#define PLACE	 16 /* entries where one address may live */

struct station {
	u64 mac;
	u32 hash;
	bool known;
	u32 port, tick;
};

static struct nm_fdb fdb;
static struct station st[STATIONS];

static void table_make(u32 stations)
{
	memset(&fdb, 0, sizeof(fdb));
	assert_int_equal(nm_fdb_init(&fdb, stations), 0);
}

static void stations_make(u64 *chance)
{
	for (u32 i = 0; i < STATIONS; i++) {
		st[i] = (struct station){
			.mac = sim_random(chance) & 0xfffffffffffe,
		};
		st[i].hash = nm_fdb_hash(&fdb, st[i].mac);
	}
}

static u32 place_of(const struct station *s)
{
	return (s->hash & fdb.bucket_mask) >> 1;
}

static bool is_fresh(const struct station *s, u32 tick)
{
	return s->known && tick - s->tick <= NM_FDB_AGE;
}

static u32 lookup(const struct station *s, u32 tick)
{
	return nm_fdb_lookup(&fdb, s->mac, s->hash, tick);
}

/* Stations of one place that are fresh, by port or all. */
static u32 neighbours(const struct station *s, u32 tick, u32 port)
{
	u32 n = 0;

	for (u32 i = 0; i < STATIONS; i++) {
		if (place_of(&st[i]) == place_of(s) && is_fresh(&st[i], tick) &&
		    (port == NM_FDB_NONE || st[i].port == port))
			n++;
	}
	return n;
}

/* A new station took the place of its port's own oldest: which, we see. */
static void forget_replaced(const struct station *s, u32 tick)
{
	struct station *gone = NULL;
	u32 oldest = tick;

	for (u32 i = 0; i < STATIONS; i++) {
		if (&st[i] == s || !is_fresh(&st[i], tick) ||
		    st[i].port != s->port || place_of(&st[i]) != place_of(s))
			continue;
		if (st[i].tick < oldest)
			oldest = st[i].tick;
		if (lookup(&st[i], tick) == NM_FDB_NONE) {
			assert_null(gone);
			gone = &st[i];
		}
	}
	assert_non_null(gone);
	assert_int_equal(gone->tick, oldest);
	gone->known = false;
}

static void step_learn(struct station *s, u32 port, u32 tick)
{
	bool had = is_fresh(s, tick), full, ok;
	u32 own;

	full = !had && neighbours(s, tick, NM_FDB_NONE) == PLACE;
	own = neighbours(s, tick, port);
	ok = nm_fdb_learn(&fdb, s->mac, s->hash, port, tick);
	if (!ok) {
		assert_true(full && !own);
		s->known = false;
		return;
	}
	s->known = true;
	s->port = port;
	s->tick = tick;
	if (full)
		forget_replaced(s, tick);
}

static void check_all(u32 tick)
{
	for (u32 i = 0; i < STATIONS; i++) {
		u32 want = is_fresh(&st[i], tick) ? st[i].port : NM_FDB_NONE;

		if (lookup(&st[i], tick) != want)
			fail_msg("station %u is at %u, should be at %u", i,
				 lookup(&st[i], tick), want);
	}
}

static void check_counts(void)
{
	u32 n = (fdb.bucket_mask + 1) * 8, count[NM_FDB_PORTS] = {0};

	for (u32 i = 0; i < n; i++) {
		if (fdb.entry[i])
			count[(fdb.entry[i] >> 48 & 0xff) - 1]++;
	}
	for (u32 i = 0; i < NM_FDB_PORTS; i++)
		assert_int_equal(fdb.count[i], count[i]);
}

/* Learns, moves, ages and forgets, for @rounds. */
static void follow(u64 seed, unsigned rounds, u32 stations)
{
	u64 chance = seed, r;
	u32 tick;

	table_make(stations);
	stations_make(&chance);
	for (unsigned i = 0; i < rounds; i++) {
		r = sim_random(&chance);
		if (r % 64 == 0)
			sim_advance((r >> 8) % (4 * TICK_NS));
		if (r % 4096 == 1)
			sim_advance((r >> 16) % (300 * TICK_NS));
		tick = nm_fdb_tick(&fdb);
		if (r % 512 == 2) {
			u32 port = (u32)(r >> 20) % PORTS;

			nm_fdb_forget(&fdb, port);
			for (u32 k = 0; k < STATIONS; k++)
				st[k].known &= st[k].port != port;
			assert_int_equal(fdb.count[port], 0);
		}
		step_learn(&st[(r >> 24) % STATIONS], (u32)(r >> 44) % PORTS,
			   tick);
		if (i % 16 == 0)
			check_all(tick);
		if (i % 64 == 0)
			check_counts();
	}
	nm_fdb_fini(&fdb);
}

static void a_roomy_table_follows_a_naive_one(void **state)
{
	u64 seed = sim_seed(21);

	(void)state;
	print_message("# SIM_SEED=%llu\n", (unsigned long long)seed);
	follow(seed, 40000, 4096);
}

static void a_crowded_table_follows_a_naive_one(void **state)
{
	u64 seed = sim_seed(22);

	(void)state;
	print_message("# SIM_SEED=%llu\n", (unsigned long long)seed);
	follow(seed, 40000, 128);
}

static void a_station_is_forgotten_after_288_seconds(void **state)
{
	u64 mac = 0x112233445566;
	u32 hash, tick;

	(void)state;
	table_make(64);
	hash = nm_fdb_hash(&fdb, mac);
	tick = nm_fdb_tick(&fdb);
	assert_true(nm_fdb_learn(&fdb, mac, hash, 3, tick));
	sim_advance(NM_FDB_AGE * TICK_NS);
	tick = nm_fdb_tick(&fdb);
	assert_int_equal(nm_fdb_lookup(&fdb, mac, hash, tick), 3);
	sim_advance(TICK_NS);
	tick = nm_fdb_tick(&fdb);
	assert_int_equal(nm_fdb_lookup(&fdb, mac, hash, tick), NM_FDB_NONE);
	nm_fdb_fini(&fdb);
}

/* Whatever the pause, an old station does not come back as the clock of eight
 * bits goes round. */
static void a_pause_of_any_length_revives_nobody(void **state)
{
	u64 mac = 0x112233445566;
	u32 hash;

	(void)state;
	for (u32 pause = NM_FDB_AGE + 1; pause < 1100; pause++) {
		u32 left = pause;

		table_make(64);
		hash = nm_fdb_hash(&fdb, mac);
		nm_fdb_learn(&fdb, mac, hash, 3, nm_fdb_tick(&fdb));
		while (left) {
			u32 step =
				left < 1 + pause % 97 ? left : 1 + pause % 97;

			sim_advance(step * TICK_NS);
			left -= step;
			if (nm_fdb_lookup(&fdb, mac, hash, nm_fdb_tick(&fdb)) !=
				    NM_FDB_NONE &&
			    pause - left > NM_FDB_AGE)
				fail_msg("alive after %u ticks in steps of %u",
					 pause - left, 1 + pause % 97);
		}
		nm_fdb_fini(&fdb);
	}
}

/* A sender whose batch began just before the clock ticked. */
static void a_station_learned_a_tick_ahead_is_fresh(void **state)
{
	u64 mac = 0x112233445566;
	u32 hash, tick;

	(void)state;
	table_make(64);
	hash = nm_fdb_hash(&fdb, mac);
	tick = nm_fdb_tick(&fdb);
	assert_true(nm_fdb_learn(&fdb, mac, hash, 3, tick + 1));
	assert_int_equal(nm_fdb_lookup(&fdb, mac, hash, tick), 3);
	nm_fdb_fini(&fdb);
}

/* One port learns addresses without end; another's stations all stay. */
static void a_flood_of_addresses_pushes_out_nobody_else(void **state)
{
	u64 chance = 4;
	u32 tick, kept = 0;

	(void)state;
	table_make(128);
	stations_make(&chance);
	tick = nm_fdb_tick(&fdb);
	for (u32 i = 0; i < 40; i++)
		kept += nm_fdb_learn(&fdb, st[i].mac, st[i].hash, 1, tick);
	assert_int_equal(kept, 40);
	for (u32 i = 0; i < 200000; i++) {
		u64 mac = sim_random(&chance) & 0xfffffffffffe;

		nm_fdb_learn(&fdb, mac, nm_fdb_hash(&fdb, mac), 2, tick);
	}
	for (u32 i = 0; i < 40; i++)
		assert_int_equal(lookup(&st[i], tick), 1);
	assert_true(fdb.count[2] <= fdb.quota);
	check_counts();
	nm_fdb_fini(&fdb);
}

static void different_switches_hash_differently(void **state)
{
	u32 first, same = 0;

	(void)state;
	table_make(64);
	first = nm_fdb_hash(&fdb, 0x112233445566);
	nm_fdb_fini(&fdb);
	for (int i = 0; i < 50; i++) {
		table_make(64);
		same += nm_fdb_hash(&fdb, 0x112233445566) == first;
		nm_fdb_fini(&fdb);
	}
	assert_true(same < 2);
}

/* ---- two threads ---- */

static const u64 macs[] = {0x20, 0x40, 0x60, 0x80};

static void make_for_two(void *ctx)
{
	(void)ctx;
	memset(&fdb, 0, sizeof(fdb));
	sim_claim(!nm_fdb_init(&fdb, 64));
}

static void learn_on(u32 port)
{
	u32 tick = nm_fdb_tick(&fdb);

	for (u32 i = 0; i < 4; i++)
		nm_fdb_learn(&fdb, macs[i], nm_fdb_hash(&fdb, macs[i]), port,
			     tick);
}

static void learn_on_1(void *ctx)
{
	(void)ctx;
	learn_on(1);
}

static void learn_on_2(void *ctx)
{
	(void)ctx;
	learn_on(2);
}

static void check_two(void *ctx)
{
	u32 n = (fdb.bucket_mask + 1) * 8, count[3] = {0};

	(void)ctx;
	for (u32 i = 0; i < n; i++) {
		if (fdb.entry[i])
			count[(fdb.entry[i] >> 48 & 0xff) - 1]++;
	}
	sim_claim(count[1] == fdb.count[1] && count[2] == fdb.count[2]);
	for (u32 i = 0; i < 4; i++) {
		u32 at =
			nm_fdb_lookup(&fdb, macs[i], nm_fdb_hash(&fdb, macs[i]),
				      nm_fdb_tick(&fdb));

		sim_claim(at == 1 || at == 2);
	}
	nm_fdb_forget(&fdb, 1);
	nm_fdb_forget(&fdb, 2);
	for (u32 i = 0; i < n; i++)
		sim_claim(!fdb.entry[i]);
	nm_fdb_fini(&fdb);
}

static void two_ports_that_claim_the_same_stations_keep_the_counts(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_for_two,
		.thread = {learn_on_1, learn_on_2},
		.finish = check_two,
	};

	(void)state;
	assert_int_equal(sim_explore(&s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(a_roomy_table_follows_a_naive_one),
		unit_claim(a_crowded_table_follows_a_naive_one),
		unit_claim(a_station_is_forgotten_after_288_seconds),
		unit_claim(a_pause_of_any_length_revives_nobody),
		unit_claim(a_station_learned_a_tick_ahead_is_fresh),
		unit_claim(a_flood_of_addresses_pushes_out_nobody_else),
		unit_claim(different_switches_hash_differently),
		unit_claim(
			two_ports_that_claim_the_same_stations_keep_the_counts),
	};

	return unit_run(tests);
}
