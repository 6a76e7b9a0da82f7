// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * replay.c - a fuzz target without a fuzzer: gives it every file of the
 * directories named, in the order of their names, and one empty input.
 *
 * A target ends the process when something is wrong, so each file is announced
 * before it is tried.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"

static unsigned char input[1 << 20];

static void replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t len;

	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	len = fread(input, 1, sizeof(input), file);
	fclose(file);
	fprintf(stderr, "%s: %zu bytes\n", path, len);
	LLVMFuzzerTestOneInput(input, len);
}

/* Returns how many files @dir has. */
static int replay_dir(const char *dir)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, NULL, alphasort);
	int files = 0;
	char path[4096];

	if (n < 0) {
		fprintf(stderr, "%s: %s\n", dir, strerror(errno));
		exit(1);
	}
	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", dir,
				 entries[i]->d_name);
			replay_file(path);
			files++;
		}
		free(entries[i]);
	}
	free(entries);
	return files;
}

int main(int argc, char **argv)
{
	int files = 0;

	LLVMFuzzerTestOneInput(input, 0);
	for (int i = 1; i < argc; i++)
		files += replay_dir(argv[i]);
	printf("%d files\n", files);
	return files ? 0 : 1;
}
