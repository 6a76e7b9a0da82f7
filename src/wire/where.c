// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "where.h"
#include "wire.h"

int nmd_refuse(char *text, size_t size, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, size, format, args);
	va_end(args);
	return err;
}

static bool is_named_right(const char *path)
{
	const char *name = strrchr(path, '/');

	return name && !strcmp(name + 1, NMD_SOCKET_NAME);
}

int nmd_where_set(struct nmd_where *where, const char *path, char *text,
		  size_t size)
{
	if (strlen(path) >= sizeof(where->path))
		return nmd_refuse(
			text, size, -ENAMETOOLONG,
			"the path of netmapd's socket has %zu characters "
			"and %zu are the most (%.60s...)",
			strlen(path), sizeof(where->path) - 1, path);
	if (path[0] != '/')
		return nmd_refuse(
			text, size, -EINVAL,
			"the path of netmapd's socket is \"%s\", and has "
			"to begin with /",
			path);
	if (!is_named_right(path))
		return nmd_refuse(text, size, -EINVAL,
				  "netmapd's socket is \"%s\", and has to be "
				  "named " NMD_SOCKET_NAME,
				  path);
	strcpy(where->path, path);
	where->is_private = false;
	return 0;
}

/* The user's runtime directory, which others have made. */
static int check_runtime(const char *dir, char *text, size_t size)
{
	struct stat st;

	if (stat(dir, &st))
		return nmd_refuse(
			text, size, -errno,
			"XDG_RUNTIME_DIR is %.160s, which cannot be used "
			"(%s): set NETMAP_SOCKET or unset it",
			dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return nmd_refuse(text, size, -ENOTDIR,
				  "XDG_RUNTIME_DIR is %.160s, which is no "
				  "directory: set NETMAP_SOCKET or unset it",
				  dir);
	if (st.st_uid != geteuid())
		return nmd_refuse(
			text, size, -EPERM,
			"XDG_RUNTIME_DIR is %.160s, which is user %u's "
			"and not user %u's: set NETMAP_SOCKET or unset it",
			dir, st.st_uid, geteuid());
	return 0;
}

/* @dir: our own folder; missing is all right. */
static int check_folder(const char *dir, char *text, size_t size)
{
	struct stat st;

	if (lstat(dir, &st))
		return errno == ENOENT
			       ? 0
			       : nmd_refuse(
					 text, size, -errno,
					 "%s, the folder of netmapd's socket, "
					 "cannot be looked at (%s)",
					 dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return nmd_refuse(
			text, size, -ENOTDIR,
			"%s should be the folder of netmapd's socket and "
			"is no directory: remove it or set NETMAP_SOCKET",
			dir);
	if (st.st_uid != geteuid())
		return nmd_refuse(text, size, -EPERM,
				  "%s, the folder of netmapd's socket, is user "
				  "%u's and not user %u's: set NETMAP_SOCKET",
				  dir, st.st_uid, geteuid());
	if (st.st_mode & 077)
		return nmd_refuse(
			text, size, -EPERM,
			"%s, the folder of netmapd's socket, has mode "
			"%04o, which lets others in: chmod 0700 it",
			dir, st.st_mode & 07777u);
	return 0;
}

/* Writes @dir (and more to come) and the socket's path below it. */
static int set_private(struct nmd_where *where, const char *dir, char *text,
		       size_t size)
{
	char path[NMD_WHERE_PATH + 64];
	int err;

	if ((size_t)snprintf(path, sizeof(path), "%s/" NMD_SOCKET_NAME, dir) >=
	    sizeof(path))
		path[NMD_WHERE_PATH] = 'x'; /* too long in any case */
	err = nmd_where_set(where, path, text, size);
	if (!err)
		where->is_private = true;
	return err;
}

static int set_runtime(struct nmd_where *where, const char *runtime, char *text,
		       size_t size)
{
	char dir[NMD_WHERE_PATH + 32];
	int err = check_runtime(runtime, text, size);

	if (err)
		return err;
	snprintf(dir, sizeof(dir), "%s/netmap", runtime);
	return set_private(where, dir, text, size);
}

/* There, and for us: who may not connect has a netmapd of their own. */
static bool is_system_ours(void)
{
	struct stat st;

	return !stat(NMD_SYSTEM_SOCKET, &st) && S_ISSOCK(st.st_mode) &&
	       !faccessat(AT_FDCWD, NMD_SYSTEM_SOCKET, W_OK, AT_EACCESS);
}

static int find(struct nmd_where *where, char *text, size_t size)
{
	const char *env = secure_getenv("NETMAP_SOCKET");
	char dir[64];

	if (env && *env)
		return nmd_where_set(where, env, text, size);
	if (is_system_ours())
		return nmd_where_set(where, NMD_SYSTEM_SOCKET, text, size);
	env = secure_getenv("XDG_RUNTIME_DIR");
	if (env && *env)
		return set_runtime(where, env, text, size);
	snprintf(dir, sizeof(dir), "/tmp/netmap-%u", geteuid());
	return set_private(where, dir, text, size);
}

static void folder_of(const struct nmd_where *where, char dir[NMD_WHERE_PATH])
{
	strcpy(dir, where->path);
	*strrchr(dir, '/') = '\0';
}

int nmd_where_look(struct nmd_where *where, char *text, size_t size)
{
	char dir[NMD_WHERE_PATH];
	struct nmd_where found;
	int err = find(&found, text, size);

	if (err)
		return err;
	if (found.is_private) {
		folder_of(&found, dir);
		err = check_folder(dir, text, size);
		if (err)
			return err;
	}
	*where = found;
	return 0;
}

int nmd_where_make(struct nmd_where *where, char *text, size_t size)
{
	char dir[NMD_WHERE_PATH];
	struct nmd_where found;
	int err = nmd_where_look(&found, text, size);

	if (err)
		return err;
	if (found.is_private) {
		folder_of(&found, dir);
		if (mkdir(dir, 0700) && errno != EEXIST)
			return nmd_refuse(
				text, size, -errno,
				"%s, the folder of netmapd's socket, "
				"cannot be made (%s): set NETMAP_SOCKET",
				dir, strerror(errno));
		/* Somebody may have been faster. */
		err = check_folder(dir, text, size);
		if (err)
			return err;
	}
	*where = found;
	return 0;
}
