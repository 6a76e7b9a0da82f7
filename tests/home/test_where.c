// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Where netmapd's socket is, and folders that will not do. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "where.h"

static char dir[] = "/tmp/test_where.XXXXXX";
static char text[NMD_WHERE_TEXT];
static struct nmd_where where;

static void set_socket(void **state)
{
	char path[200];

	(void)state;
	setenv("NETMAP_SOCKET", "/a/netmapd.sock", 1);
	assert_int_equal(nmd_where_look(&where, text, sizeof(text)), 0);
	assert_string_equal(where.path, "/a/netmapd.sock");
	assert_false(where.is_private);
	setenv("NETMAP_SOCKET", "a/netmapd.sock", 1);
	assert_int_equal(nmd_where_look(&where, text, sizeof(text)), -EINVAL);
	assert_non_null(strstr(text, "a/netmapd.sock"));
	setenv("NETMAP_SOCKET", "/a/other.sock", 1);
	assert_int_equal(nmd_where_look(&where, text, sizeof(text)), -EINVAL);
	assert_non_null(strstr(text, "/a/other.sock"));
	memset(path, 'a', sizeof(path));
	strcpy(path + 150, "/netmapd.sock");
	path[0] = '/';
	setenv("NETMAP_SOCKET", path, 1);
	assert_int_equal(nmd_where_look(&where, text, sizeof(text)),
			 -ENAMETOOLONG);
	assert_non_null(strstr(text, "107"));
	unsetenv("NETMAP_SOCKET");
}

static void runtime_folder(void **state)
{
	char path[128];
	struct stat st;

	(void)state;
	setenv("XDG_RUNTIME_DIR", dir, 1);
	snprintf(path, sizeof(path), "%s/netmap", dir);
	assert_int_equal(nmd_where_look(&where, text, sizeof(text)), 0);
	assert_true(where.is_private);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(nmd_where_make(&where, text, sizeof(text)), 0);
	assert_int_equal(nmd_where_make(&where, text, sizeof(text)), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);

	chmod(path, 0750);
	assert_int_equal(nmd_where_look(&where, text, sizeof(text)), -EPERM);
	assert_non_null(strstr(text, "0750"));
	rmdir(path);
	assert_int_equal(symlink("/tmp", path), 0);
	assert_int_equal(nmd_where_make(&where, text, sizeof(text)), -ENOTDIR);
	unlink(path);
}

static void other_owner(void **state)
{
	char path[128];

	(void)state;
	if (geteuid()) { /* what is root's has to do */
		setenv("XDG_RUNTIME_DIR", "/", 1);
		assert_int_equal(nmd_where_look(&where, text, sizeof(text)),
				 -EPERM);
		assert_non_null(strstr(text, "XDG_RUNTIME_DIR"));
		return;
	}
	snprintf(path, sizeof(path), "%s/netmap", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chown(path, 4711, 0), 0);
	assert_int_equal(nmd_where_look(&where, text, sizeof(text)), -EPERM);
	assert_non_null(strstr(text, "4711"));
	rmdir(path);
	assert_int_equal(chown(dir, 4711, 0), 0);
	assert_int_equal(nmd_where_look(&where, text, sizeof(text)), -EPERM);
	assert_non_null(strstr(text, "XDG_RUNTIME_DIR"));
	chown(dir, 0, 0);
}

static void no_runtime(void **state)
{
	char path[64];

	(void)state;
	setenv("XDG_RUNTIME_DIR", "/nonexistent/dir", 1);
	assert_int_equal(nmd_where_look(&where, text, sizeof(text)), -ENOENT);
	assert_non_null(strstr(text, "/nonexistent/dir"));
	unsetenv("XDG_RUNTIME_DIR");
	assert_int_equal(nmd_where_look(&where, text, sizeof(text)), 0);
	snprintf(path, sizeof(path), "/tmp/netmap-%u/netmapd.sock", geteuid());
	assert_string_equal(where.path, path);
}

static int setup(void **state)
{
	(void)state;
	unsetenv("NETMAP_SOCKET");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_socket),
		cmocka_unit_test(runtime_folder),
		cmocka_unit_test(other_owner),
		cmocka_unit_test(no_runtime),
	};

	/* The system's socket would come first. */
	if (!access(NMD_SYSTEM_SOCKET, F_OK)) {
		puts("1..0 # SKIP " NMD_SYSTEM_SOCKET " is in use");
		return 0;
	}
	return cmocka_run_group_tests(tests, setup, teardown);
}
