// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * netmap-run - runs a program that opens /dev/netmap where only netmapd serves
 * it: sets LD_PRELOAD, and is replaced by the program.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIBRARY "libnetmap-preload.so"

/* As env(1) and the shells have it. */
enum { EXIT_OWN = 2, EXIT_CANNOT = 126, EXIT_NOT_FOUND = 127 };

static const char usage[] =
	"usage: netmap-run PROGRAM [ARGUMENT]...\n"
	"\n"
	"Runs PROGRAM with /dev/netmap served by netmapd, which is started if\n"
	"need be. Programs that are static, set-user-ID, or bypass libc "
	"cannot\n"
	"be served this way.\n"
	"\n"
	"  NETMAP_HOME     \"kernel\" or \"netmapd\": not whichever is there\n"
	"  NETMAP_SOCKET   where netmapd listens, if not at its usual place\n"
	"  NETMAPD         the netmapd to start\n"
	"\n"
	"Exit status: PROGRAM's; 2 for a wrong call of netmap-run, 126 if "
	"PROGRAM\n"
	"cannot be run, 127 if it is not found.\n";

/* ---- the library ---- */

static bool try_library(char *path, const char *dir)
{
	return snprintf(path, PATH_MAX, "%s/" LIBRARY, dir) < PATH_MAX &&
	       !access(path, R_OK);
}

/* Beside this program, as in a build directory; else where it is installed,
 * from this program (../lib/netmap) or by its name. */
static bool find_library(char *path)
{
	char self[PATH_MAX], dir[PATH_MAX + 16];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n > 0) {
		self[n] = '\0';
		*strrchr(self, '/') = '\0';
		if (try_library(path, self))
			return true;
		snprintf(dir, sizeof(dir), "%s/../lib/netmap", self);
		if (try_library(path, dir))
			return true;
	}
	return try_library(path, LIBDIR);
}

static int set_preload(const char *library)
{
	const char *old = getenv("LD_PRELOAD");
	char *value;
	int err;

	if (!old || !*old)
		return setenv("LD_PRELOAD", library, 1);
	if (asprintf(&value, "%s:%s", library, old) < 0)
		return -1;
	err = setenv("LD_PRELOAD", value, 1);
	free(value);
	return err;
}

/* ---- the program ---- */

/* Where execvp() will find it. */
static bool find_program(const char *name, char *path)
{
	const char *dirs = getenv("PATH"), *next;

	if (strchr(name, '/'))
		return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX &&
		       !access(path, F_OK);
	for (; dirs && *dirs; dirs = next) {
		int n = (int)strcspn(dirs, ":");

		next = dirs + n + (dirs[n] == ':');
		if (snprintf(path, PATH_MAX, "%.*s/%s", n ? n : 1,
			     n ? dirs : ".", name) < PATH_MAX &&
		    !access(path, X_OK))
			return true;
	}
	return false;
}

/* Does the file have a loader, which would look at LD_PRELOAD? */
static bool has_interpreter(int fd, const Elf64_Ehdr *e)
{
	Elf64_Phdr p;

	for (int i = 0; i < e->e_phnum; i++) {
		off_t at = (off_t)(e->e_phoff + (Elf64_Off)i * e->e_phentsize);

		if (pread(fd, &p, sizeof(p), at) != sizeof(p))
			return true; /* exec will say what is wrong */
		if (p.p_type == PT_INTERP)
			return true;
	}
	return false;
}

static bool is_static(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf64_Ehdr e;
	bool found;

	if (fd < 0)
		return false;
	found = read(fd, &e, sizeof(e)) == sizeof(e) &&
		!memcmp(e.e_ident, ELFMAG, SELFMAG) &&
		e.e_ident[EI_CLASS] == ELFCLASS64 &&
		e.e_phentsize == sizeof(Elf64_Phdr) && !has_interpreter(fd, &e);
	close(fd);
	return found;
}

/* Would the loader not preload us? NULL: it would; else why not. */
static const char *why_not(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return NULL;
	if ((st.st_mode & S_ISUID && st.st_uid != getuid()) ||
	    (st.st_mode & S_ISGID && st.st_gid != getgid()))
		return "changes its user or group (set-user-ID), and such "
		       "programs are not given libraries by others: run it "
		       "as that user";
	if (is_static(path))
		return "is statically linked, so no library can be put before "
		       "its own: link it with libnetmap, or run it where the "
		       "module is loaded";
	return NULL;
}

static int run(char **argv)
{
	char path[PATH_MAX];
	const char *why;
	int err;

	if (!find_program(argv[0], path)) {
		fprintf(stderr, "netmap-run: %s: %s\n", argv[0],
			strerror(ENOENT));
		return EXIT_NOT_FOUND;
	}
	why = why_not(path);
	if (why) {
		fprintf(stderr, "netmap-run: %s %s.\n", path, why);
		return EXIT_CANNOT;
	}
	execvp(argv[0], argv);
	err = errno;
	fprintf(stderr, "netmap-run: %s: %s\n", argv[0], strerror(err));
	return err == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT;
}

int main(int argc, char **argv)
{
	char library[PATH_MAX];
	int first = 1;

	if (argc > 1 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "--"))
		first = 2;
	if (argc <= first || (first == 1 && argv[1][0] == '-')) {
		fputs(usage, stderr);
		return EXIT_OWN;
	}
	if (!find_library(library)) {
		fprintf(stderr,
			"netmap-run: " LIBRARY " is neither beside netmap-run "
			"nor in " LIBDIR ": install netmap.\n");
		return EXIT_OWN;
	}
	if (set_preload(library)) {
		fprintf(stderr, "netmap-run: %s\n", strerror(errno));
		return EXIT_CANNOT;
	}
	return run(argv + first);
}
