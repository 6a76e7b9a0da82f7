// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The simulator finds what it is for, and does not cry wolf. */
#include "unit.h"

#include "shm.h"

/* ---- rules of one thread ---- */

static void lock_backwards(void *arg)
{
	struct os_mutex control, region;

	(void)arg;
	os_mutex_init(&control, OS_LOCK_CONTROL);
	os_mutex_init(&region, OS_LOCK_REGION);
	os_mutex_lock(&region);
	os_mutex_lock(&control);
}

static void taking_locks_backwards_names_both_classes(void **state)
{
	(void)state;
	assert_true(sim_dies(lock_backwards, NULL,
			     "lock order: CONTROL is taken while REGION"));
}

static void lock_twice(void *arg)
{
	struct os_mutex m;

	(void)arg;
	os_mutex_init(&m, OS_LOCK_CONTROL);
	os_mutex_lock(&m);
	os_mutex_lock(&m);
}

static void taking_a_lock_twice_is_found(void **state)
{
	(void)state;
	assert_true(sim_dies(lock_twice, NULL, "taken twice"));
}

static void unlock_unheld(void *arg)
{
	struct os_spin s;

	(void)arg;
	os_spin_init(&s, OS_LOCK_QUEUE);
	os_spin_unlock(&s);
}

static void releasing_a_lock_not_held_is_found(void **state)
{
	(void)state;
	assert_true(sim_dies(unlock_unheld, NULL, "that is not held"));
}

static void alloc_under_spin(void *arg)
{
	struct os_spin s;

	(void)arg;
	os_spin_init(&s, OS_LOCK_QUEUE);
	os_spin_lock(&s);
	os_free(os_alloc(1));
}

static void sleeping_under_a_spin_lock_is_found(void **state)
{
	(void)state;
	assert_true(sim_dies(alloc_under_spin, NULL,
			     "os_alloc may sleep, and is called under a spin"));
}

static void mutex_in_read(void *arg)
{
	struct os_mutex m;

	(void)arg;
	os_mutex_init(&m, OS_LOCK_CONTROL);
	os_read_enter();
	os_mutex_lock(&m);
}

static void sync_in_read(void *arg)
{
	(void)arg;
	os_read_enter();
	os_read_sync();
}

static void sleeping_in_a_read_section_is_found(void **state)
{
	(void)state;
	assert_true(sim_dies(mutex_in_read, NULL, "in a read section"));
	assert_true(sim_dies(sync_in_read, NULL, "in a read section"));
}

static void mutex_in_interrupt(void *arg)
{
	struct os_mutex m;

	(void)arg;
	os_mutex_init(&m, OS_LOCK_CONTROL);
	sim_any_enter();
	os_mutex_lock(&m);
}

static void sleeping_in_an_interrupt_is_found(void **state)
{
	(void)state;
	assert_true(sim_dies(mutex_in_interrupt, NULL, "from an interrupt"));
}

static void what_is_left_at_the_end_is_found(void **state)
{
	struct os_wait w;
	struct os_mutex m;
	void *p;

	(void)state;
	sim_begin(0);
	p = os_alloc(10);
	assert_string_equal(sim_end(), "leak: 1 allocations left at the end");
	os_free(p);
	assert_null(sim_end());
	os_wait_init(&w);
	assert_string_equal(sim_end(), "leak: 1 waits left at the end");
	os_wait_fini(&w);
	os_mutex_init(&m, OS_LOCK_CONTROL);
	os_mutex_lock(&m);
	assert_string_equal(sim_end(),
			    "a lock of class CONTROL is still held at the end");
	os_mutex_unlock(&m);
	assert_string_equal(sim_end(), "leak: 1 mutexes left at the end");
	os_mutex_fini(&m);
	assert_null(sim_end());
}

static void leak_in_thread(void *ctx)
{
	(void)ctx;
	os_alloc(1);
}

static void do_nothing(void *ctx)
{
	(void)ctx;
}

static void a_leak_in_a_scenario_is_found(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.thread = {leak_in_thread, do_nothing},
	};

	(void)state;
	assert_true(sim_finds(&s, "leak: 1 allocations"));
}

static void write_behind(void *arg)
{
	volatile char *p = os_alloc(10);

	(void)arg;
	p[10] = 1;
	os_free((void *)(uintptr_t)p);
}

static void writing_behind_an_allocation_is_found(void **state)
{
	(void)state;
	assert_true(sim_dies(write_behind, NULL, "was written outside"));
}

static void touch_behind_region(void *arg)
{
	struct os_mem *mem;
	void *p;

	(void)arg;
	os_mem_create(&mem, 2 * OS_PAGE_SIZE, NULL);
	os_mem_populate(mem, 0, 2 * OS_PAGE_SIZE, &p);
	((volatile char *)p)[2 * OS_PAGE_SIZE - 1] = 1;
	((volatile char *)p)[2 * OS_PAGE_SIZE] = 1;
}

static void touching_memory_behind_a_region_is_found(void **state)
{
	(void)state;
	assert_true(sim_dies(touch_behind_region, NULL, "is in no region"));
}

static void bad_user_addresses_are_refused(void **state)
{
	char byte = 7;

	(void)state;
	assert_int_equal(os_copyin(NULL, &byte, 8, 1), -EFAULT);
	assert_int_equal(os_copyout(NULL, 8, &byte, 1), -EFAULT);
	assert_int_equal(byte, 7);
	assert_int_equal(os_copyin(NULL, &byte, (uintptr_t) "x", 1), 0);
	assert_int_equal(byte, 'x');
}

static void the_chosen_allocation_fails_once(void **state)
{
	void *a, *b, *c;

	(void)state;
	sim_fail_nth(SIM_FAIL_MEMORY, 2);
	a = os_alloc(1);
	b = os_alloc(1);
	c = os_alloc(1);
	assert_non_null(a);
	assert_null(b);
	assert_non_null(c);
	assert_true(sim_fail_fired());
	assert_int_equal(sim_fail_calls(), 3);
	os_free(a);
	os_free(c);
}

static void time_passes_only_by_sleeping(void **state)
{
	struct os_poll p;
	u64 start = os_now_ns();

	(void)state;
	assert_int_equal(os_now_ns(), start);
	sim_poll_init(&p);
	assert_false(sim_poll_sleep(&p, start + 1000));
	sim_poll_fini(&p);
	assert_int_equal(os_now_ns(), start + 1000);
}

static struct {
	struct os_work work;
	unsigned runs;
} counted;

static void count_run(struct os_work *work)
{
	(void)work;
	counted.runs++;
}

static void a_wake_runs_each_attached_work_once(void **state)
{
	struct os_wait w;

	(void)state;
	counted.runs = 0;
	os_wait_init(&w);
	os_work_init(&counted.work, count_run);
	os_work_attach(&counted.work, &w);
	os_wait_wake(&w);
	os_wait_wake(&w);
	sim_run_works();
	assert_int_equal(counted.runs, 1);
	os_work_detach(&counted.work);
	os_wait_wake(&w);
	sim_run_works();
	assert_int_equal(counted.runs, 1);
	os_work_fini(&counted.work);
	os_wait_fini(&w);
}

/* ---- two threads ---- */

static struct {
	u32 data[2], flag;
	u32 x, y, seen_x, seen_y;
	bool release;	 /* publish with a release */
	bool barrier;	 /* store, full barrier, load */
	bool add_first;	 /* poll_add before the check */
	bool sync_first; /* read_sync before the free */
	struct os_wait wait;
	struct os_spin a, b;
	u32 *object;
	struct os_mem *mem;
	void *packet;
} w;

static void publish(void *ctx)
{
	(void)ctx;
	os_store(&w.data[0], 1);
	os_store(&w.data[1], 1);
	if (w.release)
		os_store_release(&w.flag, 1);
	else
		os_store(&w.flag, 1);
}

static void observe(void *ctx)
{
	(void)ctx;
	if (os_load_acquire(&w.flag))
		sim_claim(os_load(&w.data[0]) && os_load(&w.data[1]));
}

static void clear(void *ctx)
{
	(void)ctx;
	w.data[0] = w.data[1] = w.flag = w.x = w.y = 0;
	w.seen_x = w.seen_y = 0;
}

static void a_publish_without_release_is_found(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = clear,
		.thread = {publish, observe},
	};

	(void)state;
	w.release = false;
	assert_true(sim_finds(&s, "not true: os_load(&w.data"));
	assert_true(sim_finds(&s, "SIM_SCHEDULE="));
	w.release = true;
	assert_int_equal(sim_explore(&s), 0);
}

static const char frame_text[] = "a frame of some bytes";

static void with_packet(void *ctx)
{
	clear(ctx);
	os_mem_create(&w.mem, OS_PAGE_SIZE, NULL);
	os_mem_populate(w.mem, 0, OS_PAGE_SIZE, &w.packet);
}

static void without_packet(void *ctx)
{
	(void)ctx;
	os_mem_destroy(w.mem);
}

static void publish_copy(void *ctx)
{
	(void)ctx;
	os_copy(w.packet, frame_text, sizeof(frame_text));
	if (w.release)
		os_store_release(&w.flag, 1);
	else
		os_store(&w.flag, 1);
}

static void observe_copy(void *ctx)
{
	char frame[sizeof(frame_text)];

	(void)ctx;
	if (!os_load_acquire(&w.flag))
		return;
	os_copy(frame, w.packet, sizeof(frame));
	sim_claim(!memcmp(frame, frame_text, sizeof(frame)));
}

static void a_packet_published_without_release_is_found(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = with_packet,
		.thread = {publish_copy, observe_copy},
		.finish = without_packet,
	};

	(void)state;
	w.release = false;
	assert_true(sim_finds(&s, "not true: !memcmp"));
	w.release = true;
	assert_int_equal(sim_explore(&s), 0);
}

static void set_x(void *ctx)
{
	(void)ctx;
	if (w.barrier)
		os_xchg(&w.x, 1);
	else
		os_store_release(&w.x, 1);
	w.seen_y = os_load_acquire(&w.y);
}

static void set_y(void *ctx)
{
	(void)ctx;
	if (w.barrier)
		os_xchg(&w.y, 1);
	else
		os_store_release(&w.y, 1);
	w.seen_x = os_load_acquire(&w.x);
}

static void one_saw_the_other(void *ctx)
{
	(void)ctx;
	sim_claim(w.seen_x || w.seen_y);
}

static void a_missing_full_barrier_is_found(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = clear,
		.thread = {set_x, set_y},
		.finish = one_saw_the_other,
	};

	(void)state;
	w.barrier = false;
	assert_true(sim_finds(&s, "not true: w.seen_x || w.seen_y"));
	w.barrier = true;
	assert_int_equal(sim_explore(&s), 0);
}

static void with_wait(void *ctx)
{
	clear(ctx);
	os_wait_init(&w.wait);
}

static void without_wait(void *ctx)
{
	(void)ctx;
	os_wait_fini(&w.wait);
}

static void sleep_for_flag(void *ctx)
{
	struct os_poll p;

	(void)ctx;
	sim_poll_init(&p);
	if (w.add_first)
		os_poll_add(&p, &w.wait);
	while (!os_load_acquire(&w.flag)) {
		if (!w.add_first)
			os_poll_add(&p, &w.wait);
		sim_poll_sleep(&p, ~0ull);
	}
	sim_poll_fini(&p);
}

static void set_flag_and_wake(void *ctx)
{
	(void)ctx;
	os_store(&w.flag, 1);
	os_wait_wake(&w.wait);
}

static void a_lost_wake_up_is_found(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = with_wait,
		.thread = {sleep_for_flag, set_flag_and_wake},
		.finish = without_wait,
	};

	(void)state;
	w.add_first = false;
	assert_true(sim_finds(&s, "deadlock: thread 0 waits for a wake-up"));
	w.add_first = true;
	assert_int_equal(sim_explore(&s), 0);
}

static void with_two_waits(void *ctx)
{
	(void)ctx;
	os_spin_init(&w.a, OS_LOCK_QUEUE);
	os_spin_init(&w.b, OS_LOCK_QUEUE);
	os_wait_init(&w.wait);
	w.flag = 0;
}

static void without_two_waits(void *ctx)
{
	(void)ctx;
	os_spin_fini(&w.a);
	os_spin_fini(&w.b);
	os_wait_fini(&w.wait);
}

static void hold_a(void *ctx)
{
	(void)ctx;
	os_spin_lock(&w.a);
	os_spin_unlock(&w.a);
	os_store(&w.flag, 1);
	os_wait_wake(&w.wait);
}

/* Waits under a lock that the other needs before it can wake. */
static void wait_under_a(void *ctx)
{
	(void)ctx;
	os_spin_lock(&w.a);
	while (!os_load_acquire(&w.flag))
		sim_relax();
	os_spin_unlock(&w.a);
}

static void a_wait_under_the_waker_s_lock_is_found(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = with_two_waits,
		.thread = {wait_under_a, hold_a},
		.finish = without_two_waits,
	};

	(void)state;
	assert_true(sim_finds(&s, "for ever"));
}

static void join_two(void *ctx)
{
	struct os_poll p;

	(void)ctx;
	sim_poll_init(&p);
	os_poll_add(&p, &w.wait);
	sim_poll_sleep(&p, ~0ull);
	sim_poll_fini(&p);
	os_wait_wake(&w.wait);
}

static void two_threads_that_wait_for_each_other_are_found(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = with_two_waits,
		.thread = {join_two, join_two},
		.finish = without_two_waits,
	};

	(void)state;
	assert_true(sim_finds(&s, "deadlock: thread 0 waits for a wake-up, "
				  "thread 1 for a wake-up"));
}

static void make_object(void *ctx)
{
	(void)ctx;
	w.object = os_alloc(sizeof(u32));
}

static void read_object(void *ctx)
{
	unsigned r = os_read_enter();
	u32 *object = os_load_acquire(&w.object);

	(void)ctx;
	if (object)
		sim_claim(os_load(object) == 0);
	os_read_exit(r);
}

static void free_object(void *ctx)
{
	u32 *object = w.object;

	(void)ctx;
	os_store_release(&w.object, NULL);
	if (w.sync_first)
		os_read_sync();
	os_free(object);
}

static void freeing_what_a_reader_sees_is_found(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = make_object,
		.thread = {read_object, free_object},
	};

	(void)state;
	w.sync_first = false;
	assert_true(sim_finds(&s, "in memory that was freed"));
	w.sync_first = true;
	assert_int_equal(sim_explore(&s), 0);
}

/* Needs exactly three preemptions: each step of one thread must fall between
 * two of the other's. */
static void step_up(void *ctx)
{
	(void)ctx;
	for (unsigned i = 0; i < 2; i++) {
		if (os_load(&w.x) == 2 * i)
			os_store(&w.x, 2 * i + 1);
	}
}

static void step_over(void *ctx)
{
	(void)ctx;
	for (unsigned i = 0; i < 2; i++) {
		if (os_load(&w.x) == 2 * i + 1)
			os_store(&w.x, 2 * i + 2);
	}
}

static void never_four(void *ctx)
{
	(void)ctx;
	sim_claim(w.x != 4);
}

static void what_needs_three_preemptions_is_found(void **state)
{
	struct sim_scenario s = {
		.name = __func__,
		.setup = clear,
		.thread = {step_up, step_over},
		.finish = never_four,
	};

	(void)state;
	assert_true(sim_finds(&s, "not true: w.x != 4"));
}

static void replay_found(void *arg)
{
	struct sim_scenario s = {
		.name = "replay",
		.setup = clear,
		.thread = {publish, observe},
	};

	(void)arg;
	w.release = false;
	sim_explore(&s);
}

static void a_schedule_given_by_the_environment_is_replayed(void **state)
{
	(void)state;
	setenv("SIM_SEED", "7", 1);
	setenv("SIM_SCHEDULE", "0:4", 1);
	assert_true(sim_dies(replay_found, NULL,
			     "point 4: thread 0 stops before its end"));
	unsetenv("SIM_SEED");
	unsetenv("SIM_SCHEDULE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_claim(taking_locks_backwards_names_both_classes),
		unit_claim(taking_a_lock_twice_is_found),
		unit_claim(releasing_a_lock_not_held_is_found),
		unit_claim(sleeping_under_a_spin_lock_is_found),
		unit_claim(sleeping_in_a_read_section_is_found),
		unit_claim(sleeping_in_an_interrupt_is_found),
		unit_claim(what_is_left_at_the_end_is_found),
		unit_claim(a_leak_in_a_scenario_is_found),
		unit_claim(writing_behind_an_allocation_is_found),
		unit_claim(touching_memory_behind_a_region_is_found),
		unit_claim(bad_user_addresses_are_refused),
		unit_claim(the_chosen_allocation_fails_once),
		unit_claim(time_passes_only_by_sleeping),
		unit_claim(a_wake_runs_each_attached_work_once),
		unit_claim(a_publish_without_release_is_found),
		unit_claim(a_packet_published_without_release_is_found),
		unit_claim(a_missing_full_barrier_is_found),
		unit_claim(a_lost_wake_up_is_found),
		unit_claim(a_wait_under_the_waker_s_lock_is_found),
		unit_claim(two_threads_that_wait_for_each_other_are_found),
		unit_claim(freeing_what_a_reader_sees_is_found),
		unit_claim(what_needs_three_preemptions_is_found),
		unit_claim(a_schedule_given_by_the_environment_is_replayed),
	};

	return unit_run(tests);
}
