// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * All topics in one program: "conf-HOME TOPIC" runs one; so does a link named
 * conf-HOME-TOPIC.
 */
#include <stdio.h>
#include <string.h>

#include "topics.h"

#define TOPIC(name) int conf_##name(void);
CONF_TOPICS
#undef TOPIC

static const struct {
	const char *name;
	int (*run)(void);
} topics[] = {
#define TOPIC(name) {#name, conf_##name},
	CONF_TOPICS
#undef TOPIC
};

int main(int argc, char **argv)
{
	const char *dash = strrchr(argv[0], '-');
	const char *wanted = argc > 1 ? argv[1] : dash ? dash + 1 : argv[0];

	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		if (!strcmp(topics[i].name, wanted))
			return topics[i].run();
	fprintf(stderr, "there is no topic %s; these are:\n", wanted);
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		fprintf(stderr, " %s", topics[i].name);
	fputc('\n', stderr);
	return 2;
}
