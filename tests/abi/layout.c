/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * layout.c - compares the public headers with layout_table.h. Compiled as
 * several dialects of C and, through layout.cc, of C++; with and without
 * NETMAP_WITH_LIBS.
 */
/* The functions are not called, so nothing is linked. */
#define LIBNETMAP_NOTHREADSAFE
#include <libnetmap.h>
#include <net/netmap_user.h>

static int checked, wrong;

static void check(const char *what, unsigned long long is,
		  unsigned long long should)
{
	checked++;
	if (is == should)
		return;
	wrong++;
	printf("%s is %llu (0x%llx), should be %llu (0x%llx)\n", what, is, is,
	       should, should);
}

#define SIZE(s, n)	check("sizeof " #s, sizeof(struct s), n);
#define ALIGNMENT(s, n) check("alignment of " #s, __alignof__(struct s), n);
#define FIELD(s, f, at, n)                                                  \
	check("offset of " #s "." #f, __builtin_offsetof(struct s, f), at); \
	check("size of " #s "." #f, sizeof(((struct s *)0)->f), n);
#define SIGNED(s, f)                \
	check("sign of " #s "." #f, \
	      ((__typeof__(0 + ((struct s *)0)->f))-1) < 0, 1);
#define NUMBER(name, value) check(#name, (unsigned long long)(name), value);
#define TEXT(name, value)                                 \
	check(#name " \"" name "\" equals \"" value "\"", \
	      strcmp(name, value) == 0, 1);

int main(void)
{
#include "layout_table.h"
	printf("%d checked, %d wrong\n", checked, wrong);
	return wrong != 0 || checked == 0;
}
