// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <uv.h>
#include "loop.h"

static void on_input(uv_poll_t *handle, int status, int events)
{
	need(!status && events & UV_READABLE, "no input");
	if (loop_receive())
		uv_poll_stop(handle);
}

int main(void)
{
	uv_loop_t *loop = uv_default_loop();
	uv_poll_t handle;

	need(!uv_poll_init(loop, &handle, loop_begin()), "uv_poll_init");
	uv_poll_start(&handle, UV_READABLE, on_input);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&handle, NULL);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_loop_close(loop);
	return loop_result();
}
