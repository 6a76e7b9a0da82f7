// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <glib-unix.h>
#include "loop.h"

static gboolean on_input(gint fd, GIOCondition what, gpointer loop)
{
	(void)fd;
	need(what & G_IO_IN, "no input");
	if (!loop_receive())
		return G_SOURCE_CONTINUE;
	g_main_loop_quit(loop);
	return G_SOURCE_REMOVE;
}

int main(void)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);

	g_unix_fd_add(loop_begin(), G_IO_IN, on_input, loop);
	g_main_loop_run(loop);
	g_main_loop_unref(loop);
	return loop_result();
}
