/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* target_event.h - t_event*() where eventfds are the system's. */
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int t_event(void)
{
	return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void t_event_close(int event)
{
	close(event);
}

void t_event_write(int event)
{
	uint64_t one = 1;

	while (write(event, &one, sizeof(one)) < 0)
		;
}

unsigned long t_event_read(int event, int timeout_ms)
{
	struct pollfd p = {.fd = event, .events = POLLIN};
	uint64_t count;

	poll(&p, 1, timeout_ms);
	return read(event, &count, sizeof(count)) < 0 ? 0 : count;
}
