// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* POOLS_INFO_GET: how a port's region is laid out. */
#include "conf.h"

static const char *const names[] = {"vale0:a", "vale0:a{1", "lone}1"};

static void in_pool(uint64_t at, uint64_t offset, uint32_t num, uint32_t size)
{
	CHECK(at >= offset);
	CHECK_EQ((at - offset) % size, 0);
	CHECK((at - offset) / size < num);
}

static void objects_in_pools(void)
{
	for (size_t i = 0; i < CONF_COUNT(names); i++) {
		struct port p = conf_open_as(names[i], REG(NR_REG_ALL_NIC,
							   .nr_tx_slots = 100,
							   .nr_rx_slots = 40));
		struct nmreq_pools_info info = conf_pools(names[i]);
		struct netmap_ring *tx = conf_tx(&p, 0), *rx = conf_rx(&p, 0);

		check_note("port %s", names[i]);
		in_pool(p.reg.nr_offset, info.nr_if_pool_offset,
			info.nr_if_pool_objtotal, info.nr_if_pool_objsize);
		in_pool((uint64_t)((char *)tx - p.mem),
			info.nr_ring_pool_offset, info.nr_ring_pool_objtotal,
			info.nr_ring_pool_objsize);
		in_pool((uint64_t)((char *)rx - p.mem),
			info.nr_ring_pool_offset, info.nr_ring_pool_objtotal,
			info.nr_ring_pool_objsize);
		CHECK_EQ((char *)tx - p.mem + tx->buf_ofs,
			 info.nr_buf_pool_offset);
		CHECK_EQ((char *)rx - p.mem + rx->buf_ofs,
			 info.nr_buf_pool_offset);
		CHECK_EQ(tx->nr_buf_size, info.nr_buf_pool_objsize);
		CHECK_EQ(rx->nr_buf_size, info.nr_buf_pool_objsize);
		for (uint32_t k = 0; k < tx->num_slots; k++) {
			CHECK(tx->slot[k].buf_idx >= 2);
			CHECK(tx->slot[k].buf_idx < info.nr_buf_pool_objtotal);
		}
		conf_close(&p);
	}
}

static void pools_in_order(void)
{
	for (size_t i = 0; i < CONF_COUNT(names); i++) {
		struct port p = conf_open(names[i]);
		struct nmreq_pools_info info = conf_pools(names[i]);

		check_note("port %s", names[i]);
		CHECK_EQ(info.nr_memsize, p.reg.nr_memsize);
		CHECK_EQ(info.nr_mem_id, p.reg.nr_mem_id);
		CHECK(info.nr_if_pool_offset +
			      (uint64_t)info.nr_if_pool_objtotal *
				      info.nr_if_pool_objsize <=
		      info.nr_ring_pool_offset);
		CHECK(info.nr_ring_pool_offset +
			      (uint64_t)info.nr_ring_pool_objtotal *
				      info.nr_ring_pool_objsize <=
		      info.nr_buf_pool_offset);
		CHECK(info.nr_buf_pool_offset +
			      (uint64_t)info.nr_buf_pool_objtotal *
				      info.nr_buf_pool_objsize <=
		      info.nr_memsize);
		conf_close(&p);
	}
}

static void alignment(void)
{
	struct port p =
		conf_open_as("vale0:a", REG(NR_REG_ALL_NIC, .nr_tx_slots = 3,
					    .nr_rx_slots = 5, .nr_tx_rings = 3,
					    .nr_rx_rings = 4));
	struct nmreq_pools_info info = conf_pools("vale0:a");

	CHECK_EQ(info.nr_memsize % 4096, 0);
	CHECK_EQ(info.nr_if_pool_objsize % 64, 0);
	CHECK_EQ(info.nr_ring_pool_objsize % 64, 0);
	CHECK_EQ(info.nr_buf_pool_objsize % 64, 0);
	for (uint32_t i = 0; i < 3; i++)
		CHECK_EQ((uintptr_t)conf_tx(&p, i) % NM_CACHE_ALIGN, 0);
	for (uint32_t i = 0; i < 4; i++)
		CHECK_EQ((uintptr_t)conf_rx(&p, i) % NM_CACHE_ALIGN, 0);
}

static void rings_fit(void)
{
	struct port p = conf_open_as("vale0:a", REG_SLOTS(4096));
	struct nmreq_pools_info info = conf_pools("vale0:a");

	CHECK(info.nr_ring_pool_objsize >=
	      sizeof(struct netmap_ring) + 4096 * sizeof(struct netmap_slot));
	CHECK_EQ(conf_tx(&p, 0)->num_slots, 4096);
}

static void temporary_port(void)
{
	for (int i = 0; i < 40; i++) {
		struct nmreq_pools_info info;
		char name[32];

		snprintf(name, sizeof(name), "vale%d:a", i);
		check_note("port %s", name);
		info = conf_pools(name);
		CHECK(info.nr_buf_pool_objtotal > 2048);
		CHECK(!conf_exists(name));
	}
}

static void name_errors(void)
{
	static const struct {
		const char *name;
		int err;
	} bad[] = {
		{"", ENXIO},	   {"nosuch0", ENXIO},
		{"val", ENOMEM},   {"vale0", ENOMEM},
		{"lone{", EINVAL}, {"abcdefghijklmnop{1", ENXIO},
	};

	for (size_t i = 0; i < CONF_COUNT(bad); i++) {
		struct nmreq_pools_info info = {0};
		int fd = conf_fd();

		check_note("port %s", bad[i].name);
		CHECK_ERR(conf_ctrl(fd, NETMAP_REQ_POOLS_INFO_GET, bad[i].name,
				    &info),
			  bad[i].err);
	}
}

static void binds_nothing(void)
{
	struct nmreq_pools_info info = {0};
	int fd = conf_fd();

	CHECK_ERR(conf_ctrl(fd, NETMAP_REQ_POOLS_INFO_GET, "vale0:a", &info),
		  0);
	CHECK_ERR(conf_ioctl(fd, NIOCTXSYNC, NULL), ENXIO);
}

static const struct claim claims[] = {
	{"interfaces, rings and buffers lie in their pools", objects_in_pools},
	{"interfaces, rings and buffers follow each other in the region",
	 pools_in_order},
	{"object sizes are multiples of 64, rings aligned to 128", alignment},
	{"ring objects are large enough for the port", rings_fit},
	{"a port that does not exist is made for the answer only",
	 temporary_port},
	{"bad names give the errors of REGISTER, an empty one ENXIO",
	 name_errors},
	{"asking does not bind", binds_nothing},
};

int main(void)
{
	return CONF_RUN(claims);
}
