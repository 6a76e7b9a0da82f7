// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The OFFSETS option of REGISTER: what is accepted, and what a ring says. */
#include "conf_ofs.h"

static int try_with(struct nmreq_opt_offsets *o)
{
	o->nro_opt.nro_status = UNTOUCHED;
	return conf_try_with("vale0:a", REG_SLOTS(8), o);
}

static void claim_refused(struct nmreq_opt_offsets o, int err)
{
	uint64_t max = o.nro_max_offset;

	CHECK_ERR(try_with(&o), err);
	CHECK_ERR((int)o.nro_opt.nro_status, err);
	CHECK_EQ(o.nro_max_offset, max);
	CHECK(!conf_exists("vale0:a"));
}

static void inconsistent(void)
{
	claim_refused(OFFSETS(16, .nro_offset_bits = 65), EINVAL);
	claim_refused(OFFSETS(16, .nro_offset_bits = 4), EINVAL);
	claim_refused(OFFSETS(0, .nro_initial_offset = 1), EINVAL);
	claim_refused(OFFSETS(16, .nro_initial_offset = 17), EINVAL);
	claim_refused(OFFSETS(65537), EINVAL);
	claim_refused(OFFSETS(~0ull), EINVAL);
}

static void up_to_a_buffer(void)
{
	struct port p = conf_open_as("vale0:a", REG_SLOTS(8));
	uint32_t size = conf_tx(&p, 0)->nr_buf_size;
	struct nmreq_opt_offsets o = OFFSETS(size);

	conf_close(&p);
	CHECK_ERR(try_with(&o), 0);
	claim_refused(OFFSETS(size + 1), EINVAL);
}

static void bits_make_the_mask(void)
{
	for (uint32_t bits = 0; bits <= 64; bits++) {
		struct nmreq_opt_offsets o =
			OFFSETS(bits < 6 && bits ? (1u << bits) - 1 : 63,
				.nro_offset_bits = bits);
		uint64_t max = o.nro_max_offset;
		uint64_t mask = bits % 64 ? (1ull << bits) - 1 : ~0ull;
		struct port p = conf_open_with("vale0:a", REG_SLOTS(8), &o);

		check_note("%u bits", bits);
		CHECK_ERR((int)o.nro_opt.nro_status, 0);
		CHECK_EQ(o.nro_max_offset, max);
		CHECK_EQ(conf_tx(&p, 0)->offset_mask, mask);
		CHECK_EQ(conf_rx(&p, 0)->offset_mask, mask);
		conf_close(&p);
	}
}

static void initial_in_all_slots(void)
{
	struct nmreq_opt_offsets o =
		OFFSETS(128, .nro_initial_offset = 64, .nro_offset_bits = 16);
	struct port p = conf_open_with(
		"vale0:a", REG_SLOTS(8, .nr_tx_rings = 2, .nr_rx_rings = 2),
		&o);

	for (uint32_t i = 0; i < 2; i++) {
		for (uint32_t k = 0; k < 8; k++) {
			CHECK_EQ(conf_tx(&p, i)->slot[k].ptr, 64);
			CHECK_EQ(conf_rx(&p, i)->slot[k].ptr, 64);
		}
	}
}

static void selected_rings_only(void)
{
	struct nmreq_opt_offsets o = OFFSETS(128, .nro_initial_offset = 64);
	struct port p = conf_open_as(
		"vale0:a", REG_SLOTS(8, .nr_tx_rings = 2, .nr_rx_rings = 2));
	struct port q;

	conf_close(&p);
	p = conf_open_as("vale0:a",
			 REG(NR_REG_ONE_NIC, .nr_tx_rings = 2, .nr_rx_rings = 2,
			     .nr_tx_slots = 8, .nr_rx_slots = 8));
	q = conf_open_with("vale0:a", REG(NR_REG_ONE_NIC, .nr_ringid = 1), &o);
	CHECK_EQ(conf_tx(&p, 0)->offset_mask, 0);
	CHECK_EQ(conf_rx(&p, 0)->offset_mask, 0);
	CHECK_EQ(conf_tx(&q, 1)->offset_mask, ~0ull);
	CHECK_EQ(conf_rx(&q, 1)->offset_mask, ~0ull);
}

static void no_more_in_use(void)
{
	struct nmreq_opt_offsets o =
		OFFSETS(128, .nro_initial_offset = 32, .nro_offset_bits = 10);
	struct port p = conf_open_with("vale0:a", REG_SLOTS(8), &o);
	struct nmreq_opt_offsets larger = OFFSETS(129, .nro_offset_bits = 10);
	struct nmreq_opt_offsets wider = OFFSETS(128, .nro_offset_bits = 11);
	struct nmreq_opt_offsets less =
		OFFSETS(64, .nro_initial_offset = 8, .nro_offset_bits = 9);
	struct port q;

	CHECK_ERR(try_with(&larger), EBUSY);
	CHECK_ERR((int)larger.nro_opt.nro_status, EBUSY);
	CHECK_ERR(try_with(&wider), EBUSY);
	q = conf_open_with("vale0:a", REG_SLOTS(8), &less);
	CHECK_ERR((int)less.nro_opt.nro_status, 0);
	CHECK_EQ(less.nro_max_offset, 128);
	CHECK_EQ(conf_tx(&q, 0)->offset_mask, 1023);
	CHECK_EQ(conf_tx(&q, 0)->slot[0].ptr, 32);
	(void)p;
}

static void none_in_use(void)
{
	struct port p = conf_open_as("vale0:a", REG_SLOTS(8));
	struct nmreq_opt_offsets o = OFFSETS(1, .nro_offset_bits = 1);

	CHECK_ERR(try_with(&o), EBUSY);
	CHECK_EQ(conf_tx(&p, 0)->offset_mask, 0);
}

static void forgotten_by_the_last(void)
{
	struct nmreq_opt_offsets o = OFFSETS(128, .nro_initial_offset = 32);
	struct port keep =
		conf_open_as("vale0:a", REG(NR_REG_ONE_NIC, .nr_tx_rings = 2,
					    .nr_rx_rings = 2));
	struct nmreq_register reg = REG(NR_REG_ONE_NIC, .nr_ringid = 1);
	struct port p = conf_open_with("vale0:a", reg, &o);

	conf_close(&p);
	p = conf_open_as("vale0:a", reg);
	CHECK_EQ(conf_tx(&p, 1)->offset_mask, 0);
	CHECK_EQ(conf_rx(&p, 1)->offset_mask, 0);
	CHECK_EQ(conf_tx(&p, 1)->slot[0].ptr, 0);
	(void)keep;
}

static void align_not_read(void)
{
	struct nmreq_opt_offsets o = OFFSETS(128, .nro_tx_align = 12345);
	struct port p = conf_open_with("vale0:a", REG_SLOTS(8), &o);

	CHECK_EQ(conf_tx(&p, 0)->buf_align, 0);
	CHECK_EQ(conf_rx(&p, 0)->buf_align, 0);
}

static void null_ports_too(void)
{
	struct nmreq_opt_offsets o = OFFSETS(128, .nro_initial_offset = 32,
					     .nro_offset_bits = 7 + 1);
	struct port p = conf_open_with("x",
				       REG(NR_REG_NULL, .nr_mem_id = 1,
					   .nr_tx_rings = 1, .nr_rx_rings = 1,
					   .nr_tx_slots = 8, .nr_rx_slots = 8),
				       &o);

	CHECK_EQ(conf_tx(&p, 0)->offset_mask, 255);
	CHECK_EQ(conf_rx(&p, 0)->offset_mask, 255);
	CHECK_EQ(conf_tx(&p, 0)->slot[7].ptr, 32);
}

static void undone_with_the_bind(void)
{
	struct nmreq_option unknown = {.nro_reqtype = NETMAP_REQ_OPT_MAX};
	struct nmreq_opt_offsets o = OFFSETS(128, .nro_initial_offset = 32);

	o.nro_opt.nro_next = (uintptr_t)&unknown;
	CHECK_ERR(try_with(&o), EOPNOTSUPP);
	CHECK_ERR((int)unknown.nro_status, EOPNOTSUPP);
	CHECK(!conf_exists("vale0:a"));
}

static const struct claim claims[] = {
	{"inconsistent values are refused, in the status too", inconsistent},
	{"an offset may be as large as a buffer", up_to_a_buffer},
	{"the number of bits makes the mask", bits_make_the_mask},
	{"the initial offset is in all slots", initial_in_all_slots},
	{"only selected rings have offsets", selected_rings_only},
	{"a ring in use gets no larger offsets", no_more_in_use},
	{"a ring in use without offsets gets none", none_in_use},
	{"a ring without users forgets its offsets", forgotten_by_the_last},
	{"the wanted alignment is not looked at, none is needed",
	 align_not_read},
	{"null ports have offsets", null_ports_too},
	{"an option served by nobody undoes it all", undone_with_the_bind},
};

int main(void)
{
	return CONF_RUN(claims);
}
