/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * net/netmap_layout.h - the layout of net/netmap.h once more, in numbers, for
 * 64-bit machines: whoever compiles that compiles these checks. Not for programs
 * to include.
 */
#ifndef NET_NETMAP_LAYOUT_H
#define NET_NETMAP_LAYOUT_H

#include "netmap.h"

#if !defined(__LP64__) || (defined(__cplusplus) && __cplusplus < 201103L)
#define NETMAP_ASSERT_(c) struct netmap_slot /* nothing to be said */
#elif defined(__cplusplus)
#define NETMAP_ASSERT_(c) static_assert(c, #c)
#else
#define NETMAP_ASSERT_(c) __extension__ _Static_assert(c, #c)
#endif
#define NETMAP_SIZE_(t, n) NETMAP_ASSERT_(sizeof(struct t) == (n))
#define NETMAP_AT_(t, f, n) \
	NETMAP_ASSERT_(__builtin_offsetof(struct t, f) == (n))

NETMAP_AT_(netmap_slot, buf_idx, 0);
NETMAP_AT_(netmap_slot, len, 4);
NETMAP_AT_(netmap_slot, flags, 6);
NETMAP_AT_(netmap_slot, ptr, 8);
NETMAP_SIZE_(netmap_slot, 16);

NETMAP_AT_(netmap_ring, buf_ofs, 0);
NETMAP_AT_(netmap_ring, num_slots, 8);
NETMAP_AT_(netmap_ring, nr_buf_size, 12);
NETMAP_AT_(netmap_ring, ringid, 16);
NETMAP_AT_(netmap_ring, dir, 18);
NETMAP_AT_(netmap_ring, head, 20);
NETMAP_AT_(netmap_ring, cur, 24);
NETMAP_AT_(netmap_ring, tail, 28);
NETMAP_AT_(netmap_ring, flags, 32);
NETMAP_AT_(netmap_ring, ts, 40);
NETMAP_AT_(netmap_ring, offset_mask, 56);
NETMAP_AT_(netmap_ring, buf_align, 64);
NETMAP_AT_(netmap_ring, sem, 128);
NETMAP_AT_(netmap_ring, slot, 256);
NETMAP_SIZE_(netmap_ring, 256);
NETMAP_ASSERT_(sizeof(netmap_timeval_t) == 16);

NETMAP_AT_(netmap_if, ni_name, 0);
NETMAP_AT_(netmap_if, ni_version, 16);
NETMAP_AT_(netmap_if, ni_flags, 20);
NETMAP_AT_(netmap_if, ni_tx_rings, 24);
NETMAP_AT_(netmap_if, ni_rx_rings, 28);
NETMAP_AT_(netmap_if, ni_bufs_head, 32);
NETMAP_AT_(netmap_if, ni_host_tx_rings, 36);
NETMAP_AT_(netmap_if, ni_host_rx_rings, 40);
NETMAP_AT_(netmap_if, ni_spare1, 44);
NETMAP_AT_(netmap_if, ring_ofs, 56);
NETMAP_SIZE_(netmap_if, 56);

NETMAP_AT_(nmreq_header, nr_version, 0);
NETMAP_AT_(nmreq_header, nr_reqtype, 2);
NETMAP_AT_(nmreq_header, nr_reserved, 4);
NETMAP_AT_(nmreq_header, nr_name, 8);
NETMAP_AT_(nmreq_header, nr_options, 72);
NETMAP_AT_(nmreq_header, nr_body, 80);
NETMAP_SIZE_(nmreq_header, 88);

NETMAP_AT_(nmreq_option, nro_next, 0);
NETMAP_AT_(nmreq_option, nro_reqtype, 8);
NETMAP_AT_(nmreq_option, nro_status, 12);
NETMAP_AT_(nmreq_option, nro_size, 16);
NETMAP_SIZE_(nmreq_option, 24);

NETMAP_AT_(nmreq_register, nr_offset, 0);
NETMAP_AT_(nmreq_register, nr_memsize, 8);
NETMAP_AT_(nmreq_register, nr_tx_slots, 16);
NETMAP_AT_(nmreq_register, nr_rx_slots, 20);
NETMAP_AT_(nmreq_register, nr_tx_rings, 24);
NETMAP_AT_(nmreq_register, nr_rx_rings, 26);
NETMAP_AT_(nmreq_register, nr_host_tx_rings, 28);
NETMAP_AT_(nmreq_register, nr_host_rx_rings, 30);
NETMAP_AT_(nmreq_register, nr_mem_id, 32);
NETMAP_AT_(nmreq_register, nr_ringid, 34);
NETMAP_AT_(nmreq_register, nr_mode, 36);
NETMAP_AT_(nmreq_register, nr_extra_bufs, 40);
NETMAP_AT_(nmreq_register, nr_flags, 48);
NETMAP_SIZE_(nmreq_register, 56);

NETMAP_AT_(nmreq_port_info_get, nr_memsize, 0);
NETMAP_AT_(nmreq_port_info_get, nr_tx_slots, 8);
NETMAP_AT_(nmreq_port_info_get, nr_rx_slots, 12);
NETMAP_AT_(nmreq_port_info_get, nr_tx_rings, 16);
NETMAP_AT_(nmreq_port_info_get, nr_rx_rings, 18);
NETMAP_AT_(nmreq_port_info_get, nr_host_tx_rings, 20);
NETMAP_AT_(nmreq_port_info_get, nr_host_rx_rings, 22);
NETMAP_AT_(nmreq_port_info_get, nr_mem_id, 24);
NETMAP_AT_(nmreq_port_info_get, pad, 26);
NETMAP_SIZE_(nmreq_port_info_get, 32);

NETMAP_AT_(nmreq_pools_info, nr_memsize, 0);
NETMAP_AT_(nmreq_pools_info, nr_mem_id, 8);
NETMAP_AT_(nmreq_pools_info, pad1, 10);
NETMAP_AT_(nmreq_pools_info, nr_if_pool_offset, 16);
NETMAP_AT_(nmreq_pools_info, nr_if_pool_objtotal, 24);
NETMAP_AT_(nmreq_pools_info, nr_if_pool_objsize, 28);
NETMAP_AT_(nmreq_pools_info, nr_ring_pool_offset, 32);
NETMAP_AT_(nmreq_pools_info, nr_ring_pool_objtotal, 40);
NETMAP_AT_(nmreq_pools_info, nr_ring_pool_objsize, 44);
NETMAP_AT_(nmreq_pools_info, nr_buf_pool_offset, 48);
NETMAP_AT_(nmreq_pools_info, nr_buf_pool_objtotal, 56);
NETMAP_AT_(nmreq_pools_info, nr_buf_pool_objsize, 60);
NETMAP_SIZE_(nmreq_pools_info, 64);

NETMAP_AT_(nmreq_vale_attach, reg, 0);
NETMAP_AT_(nmreq_vale_attach, port_index, 56);
NETMAP_AT_(nmreq_vale_attach, pad1, 60);
NETMAP_SIZE_(nmreq_vale_attach, 64);

NETMAP_AT_(nmreq_vale_detach, port_index, 0);
NETMAP_AT_(nmreq_vale_detach, pad1, 4);
NETMAP_SIZE_(nmreq_vale_detach, 8);

NETMAP_AT_(nmreq_vale_list, nr_bridge_idx, 0);
NETMAP_AT_(nmreq_vale_list, pad1, 2);
NETMAP_AT_(nmreq_vale_list, nr_port_idx, 4);
NETMAP_SIZE_(nmreq_vale_list, 8);

NETMAP_AT_(nmreq_port_hdr, nr_hdr_len, 0);
NETMAP_AT_(nmreq_port_hdr, pad1, 4);
NETMAP_SIZE_(nmreq_port_hdr, 8);

NETMAP_AT_(nmreq_vale_newif, nr_tx_slots, 0);
NETMAP_AT_(nmreq_vale_newif, nr_rx_slots, 4);
NETMAP_AT_(nmreq_vale_newif, nr_tx_rings, 8);
NETMAP_AT_(nmreq_vale_newif, nr_rx_rings, 10);
NETMAP_AT_(nmreq_vale_newif, nr_mem_id, 12);
NETMAP_AT_(nmreq_vale_newif, pad1, 14);
NETMAP_SIZE_(nmreq_vale_newif, 16);

NETMAP_AT_(nmreq_vale_polling, nr_mode, 0);
NETMAP_AT_(nmreq_vale_polling, nr_first_cpu_id, 4);
NETMAP_AT_(nmreq_vale_polling, nr_num_polling_cpus, 8);
NETMAP_AT_(nmreq_vale_polling, pad1, 12);
NETMAP_SIZE_(nmreq_vale_polling, 16);

NETMAP_AT_(nmreq_sync_kloop_start, sleep_us, 0);
NETMAP_AT_(nmreq_sync_kloop_start, pad1, 4);
NETMAP_SIZE_(nmreq_sync_kloop_start, 8);

NETMAP_AT_(nmreq_opt_extmem, nro_opt, 0);
NETMAP_AT_(nmreq_opt_extmem, nro_usrptr, 24);
NETMAP_AT_(nmreq_opt_extmem, nro_info, 32);
NETMAP_SIZE_(nmreq_opt_extmem, 96);

NETMAP_AT_(nmreq_opt_sync_kloop_eventfds, nro_opt, 0);
NETMAP_AT_(nmreq_opt_sync_kloop_eventfds, eventfds, 24);
NETMAP_SIZE_(nmreq_opt_sync_kloop_eventfds, 24);

NETMAP_AT_(nmreq_opt_sync_kloop_mode, nro_opt, 0);
NETMAP_AT_(nmreq_opt_sync_kloop_mode, mode, 24);
NETMAP_SIZE_(nmreq_opt_sync_kloop_mode, 32);

NETMAP_AT_(nmreq_opt_csb, nro_opt, 0);
NETMAP_AT_(nmreq_opt_csb, csb_atok, 24);
NETMAP_AT_(nmreq_opt_csb, csb_ktoa, 32);
NETMAP_SIZE_(nmreq_opt_csb, 40);

NETMAP_AT_(nmreq_opt_offsets, nro_opt, 0);
NETMAP_AT_(nmreq_opt_offsets, nro_max_offset, 24);
NETMAP_AT_(nmreq_opt_offsets, nro_initial_offset, 32);
NETMAP_AT_(nmreq_opt_offsets, nro_offset_bits, 40);
NETMAP_AT_(nmreq_opt_offsets, nro_tx_align, 44);
NETMAP_AT_(nmreq_opt_offsets, nro_min_gap, 48);
NETMAP_SIZE_(nmreq_opt_offsets, 56);

NETMAP_AT_(nm_csb_atok, head, 0);
NETMAP_AT_(nm_csb_atok, cur, 4);
NETMAP_AT_(nm_csb_atok, appl_need_kick, 8);
NETMAP_AT_(nm_csb_atok, sync_flags, 12);
NETMAP_AT_(nm_csb_atok, pad, 16);
NETMAP_SIZE_(nm_csb_atok, 64);

NETMAP_AT_(nm_csb_ktoa, hwcur, 0);
NETMAP_AT_(nm_csb_ktoa, hwtail, 4);
NETMAP_AT_(nm_csb_ktoa, kern_need_kick, 8);
NETMAP_AT_(nm_csb_ktoa, pad, 12);
NETMAP_SIZE_(nm_csb_ktoa, 64);

NETMAP_AT_(nmreq, nr_name, 0);
NETMAP_AT_(nmreq, nr_version, 16);
NETMAP_AT_(nmreq, nr_offset, 20);
NETMAP_AT_(nmreq, nr_memsize, 24);
NETMAP_AT_(nmreq, nr_tx_slots, 28);
NETMAP_AT_(nmreq, nr_rx_slots, 32);
NETMAP_AT_(nmreq, nr_tx_rings, 36);
NETMAP_AT_(nmreq, nr_rx_rings, 38);
NETMAP_AT_(nmreq, nr_ringid, 40);
NETMAP_AT_(nmreq, nr_cmd, 42);
NETMAP_AT_(nmreq, nr_arg1, 44);
NETMAP_AT_(nmreq, nr_arg2, 46);
NETMAP_AT_(nmreq, nr_arg3, 48);
NETMAP_AT_(nmreq, nr_flags, 52);
NETMAP_AT_(nmreq, spare2, 56);
NETMAP_SIZE_(nmreq, 60);

NETMAP_AT_(nm_ifreq, nifr_name, 0);
NETMAP_AT_(nm_ifreq, data, 16);
NETMAP_SIZE_(nm_ifreq, 272);

NETMAP_ASSERT_(NIOCCTRL == 0xc0586997);
NETMAP_ASSERT_(NIOCTXSYNC == 0x6994);
NETMAP_ASSERT_(NIOCRXSYNC == 0x6995);
NETMAP_ASSERT_(NIOCGINFO == 0xc03c6991);
NETMAP_ASSERT_(NIOCREGIF == 0xc03c6992);
NETMAP_ASSERT_(NIOCCONFIG == 0xc1106996);

#endif
