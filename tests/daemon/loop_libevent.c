// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <event2/event.h>
#include "loop.h"

static void on_input(evutil_socket_t fd, short what, void *base)
{
	(void)fd;
	need(what & EV_READ, "no input in time");
	if (loop_receive())
		event_base_loopbreak(base);
}

int main(void)
{
	struct event_base *base = event_base_new();
	struct timeval timeout = {TIMEOUT_S, 0};
	struct event *e = event_new(base, loop_begin(), EV_READ | EV_PERSIST,
				    on_input, base);

	event_add(e, &timeout);
	event_base_dispatch(base);
	event_free(e);
	event_base_free(base);
	return loop_result();
}
