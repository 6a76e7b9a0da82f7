// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* usage: test_pcapfile FOLDER, with files of tests/data */
#include "check.h"
#include "cli.h"
#include "pcapfile.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *data_dir;
static char dir[] = "/tmp/pcapfile.XXXXXX";

static const char *path(const char *name)
{
	static char text[300];

	snprintf(text, sizeof(text), "%s/%s", dir, name);
	return text;
}

static void write_bytes(const char *name, const void *bytes, size_t n)
{
	FILE *f = fopen(path(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

/* A file as the format says, byte by byte: magic, version 2.4, zone, accuracy,
 * longest, Ethernet; seconds, microseconds, bytes here, bytes. */
static uint8_t file[24 + 16 + 20] = {
	0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4,  0, 0, 0, 0,  0, 0,
	0,    0,    0,	  1,	0, 0, 0, 0,  0, 1, 0, 0,  0, 1,
	0,    0,    0,	  2,	0, 0, 0, 20, 0, 0, 0, 20,
};

static void first_frame(void **state)
{
	struct frame f;

	(void)state;
	for (uint8_t i = 0; i < 20; i++)
		file[40 + i] = i;
	write_bytes("one.pcap", file, sizeof(file));
	assert_true(pcapfile_frame(&f, path("one.pcap"), 12));
	assert_int_equal(f.len, 20);
	assert_int_equal(f.vnet, 12);
	assert_memory_equal(f.data, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
	assert_memory_equal(f.ether, file + 40, 20);
	frame_free(&f);
}

static void refused(void **state)
{
	struct frame f;

	(void)state;
	assert_false(pcapfile_frame(&f, path("none.pcap"), 0));
	write_bytes("empty.pcap", file, 24);
	assert_false(pcapfile_frame(&f, path("empty.pcap"), 0));
	write_bytes("cut.pcap", file, 50);
	assert_false(pcapfile_frame(&f, path("cut.pcap"), 0));
	file[39] = 21; /* longer than what is in the file */
	write_bytes("part.pcap", file, sizeof(file));
	assert_false(pcapfile_frame(&f, path("part.pcap"), 0));
	file[39] = 20;
	file[23] = 101; /* not Ethernet but IP */
	write_bytes("ip.pcap", file, sizeof(file));
	assert_false(pcapfile_frame(&f, path("ip.pcap"), 0));
	file[23] = 1;
}

static void recorded(void **state)
{
	char name[300];
	struct frame f;

	(void)state;
	snprintf(name, sizeof(name), "%s/udp.pcap", data_dir);
	assert_true(pcapfile_frame(&f, name, 0));
	assert_true(f.len >= 14);
	frame_free(&f);
}

static void written(void **state)
{
	struct pcapfile *p = pcapfile_create(path("new.pcap"));
	struct frame f;

	(void)state;
	assert_non_null(p);
	pcapfile_add(p, file + 40, 20);
	pcapfile_add(p, file, 24);
	assert_true(pcapfile_close(p));
	assert_true(pcapfile_frame(&f, path("new.pcap"), 0));
	assert_int_equal(f.len, 20);
	assert_memory_equal(f.ether, file + 40, 20);
	frame_free(&f);
	assert_null(pcapfile_create(path("new.pcap"))); /* is kept */
}

static int clean(void **state)
{
	static const char *const names[] = {"one.pcap", "empty.pcap",
					    "cut.pcap", "part.pcap",
					    "ip.pcap",	"new.pcap"};

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(path(names[i]));
	return rmdir(dir);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CLAIM("the first frame is taken as it is", first_frame),
		CLAIM("files without a whole Ethernet frame are refused",
		      refused),
		CLAIM("recorded traffic is read", recorded),
		CLAIM("what is written can be read, and no file is lost",
		      written),
	};

	if (argc != 2 || !mkdtemp(dir))
		return 1;
	data_dir = argv[1];
	return cmocka_run_group_tests(tests, NULL, clean);
}
