// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* soft_host.c - the system's side of a software interface. */
#include "soft_int.h"

int soft_may_start(struct soft_nic *s, const char *what)
{
	if (!s->fail_start || --s->fail_start)
		return 0;
	return os_refuse(-EIO, "%s: %s does not start", s->nic.name, what);
}

void soft_fail_start(struct soft_nic *s, u32 n)
{
	s->fail_start = n;
}

int soft_host_start(struct nm_nic *nic)
{
	struct soft_nic *s = soft_of(nic);
	int err = soft_may_start(s, "the capture");

	if (!err) /* soft_host_send() */
		os_store_release(&s->host_port, nic->port);
	return err;
}

void soft_host_stop(struct nm_nic *nic)
{
	os_store(&soft_of(nic)->host_port, (struct nm_port *)NULL);
	os_read_sync();
}

/* ---- what the system receives ---- */

bool soft_inject(struct nm_nic *nic, const struct nm_nic_piece *p, u32 n)
{
	struct soft_nic *s = soft_of(nic);
	struct soft_log *log = &s->log;
	u32 len = 0, at;
	bool room;

	os_spin_lock(&log->lock);
	at = log->head % s->conf.log;
	room = log->head - log->tail < s->conf.log;
	for (u32 i = 0; i < n && room; i++) {
		room = len + p[i].len <= s->stride;
		if (room)
			os_copy(log->data + (size_t)at * s->stride + len,
				p[i].data, p[i].len);
		len += p[i].len;
	}
	if (room) {
		log->len[at] = len;
		log->head++;
	}
	os_spin_unlock(&log->lock);
	return room;
}

void soft_inject_end(struct nm_nic *nic)
{
	struct soft_log *log = &soft_of(nic)->log;

	os_spin_lock(&log->lock);
	log->bursts++;
	os_spin_unlock(&log->lock);
}

u32 soft_host_bursts(const struct soft_nic *s)
{
	return s->log.bursts;
}

u32 soft_host_recv(struct soft_nic *s, void *data, u32 size)
{
	struct soft_log *log = &s->log;
	u32 len = 0, at;

	os_spin_lock(&log->lock);
	if (log->tail != log->head) {
		at = log->tail++ % s->conf.log;
		len = log->len[at] < size ? log->len[at] : size;
		os_copy(data, log->data + (size_t)at * s->stride, len);
	}
	os_spin_unlock(&log->lock);
	return len;
}

/* ---- what it sends ---- */

/* Out by the wire, as without netmap. */
static bool send_out(struct soft_nic *s, u32 queue, const void *data, u32 len)
{
	struct nm_nic_piece p = {.data = data, .len = (u16)len};
	u32 ring = queue % s->conf.rings[NM_TX];

	soft_wire_out(s, ring, &p, 1);
	soft_wire_flush(s, ring);
	return true;
}

static bool send(struct soft_nic *s, u32 queue, const void *data, u32 len)
{
	struct nm_port *port = os_load_acquire(&s->host_port);
	bool taken;

	if (s->wired && !os_load(&s->tx[queue % s->conf.rings[NM_TX]].port))
		return send_out(s, queue, data, len);
	if (!port)
		return false;
	taken = nm_host_rx(port, queue, data, len);
	nm_host_rx_end(port, queue);
	return taken;
}

bool soft_host_send(struct soft_nic *s, u32 queue, const void *data, u32 len)
{
	unsigned section = os_read_enter();
	bool sent = send(s, queue, data, len);

	os_read_exit(section);
	return sent;
}
