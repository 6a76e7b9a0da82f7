/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* exports.c - prints the names of all functions of libnetmap.h, which are in the
 * shared library that this is linked with; for exports.sh. */
#include <stdio.h>

#include <libnetmap.h>

#define F(name)                             \
	{                                   \
#name, (void (*)(void))name \
	}

static const struct {
	const char *name;
	void (*f)(void);
} functions[] = {
	F(nmctx_ferror),
	F(nmctx_free),
	F(nmctx_get),
	F(nmctx_lock),
	F(nmctx_malloc),
	F(nmctx_set_default),
	F(nmctx_set_threadsafe),
	F(nmctx_unlock),
	F(nmport_clone),
	F(nmport_close),
	F(nmport_delete),
	F(nmport_disable_option),
	F(nmport_enable_option),
	F(nmport_extmem),
	F(nmport_extmem_from_file),
	F(nmport_extmem_getinfo),
	F(nmport_inject),
	F(nmport_mmap),
	F(nmport_new),
	F(nmport_offset),
	F(nmport_open),
	F(nmport_open_desc),
	F(nmport_parse),
	F(nmport_prepare),
	F(nmport_register),
	F(nmport_undo_mmap),
	F(nmport_undo_open_desc),
	F(nmport_undo_parse),
	F(nmport_undo_prepare),
	F(nmport_undo_register),
	F(nmreq_find_option),
	F(nmreq_free_options),
	F(nmreq_get_mem_id),
	F(nmreq_header_decode),
	F(nmreq_header_init),
	F(nmreq_option_name),
	F(nmreq_options_decode),
	F(nmreq_push_option),
	F(nmreq_register_decode),
	F(nmreq_remove_option),
};

int main(void)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (functions[i].f)
			puts(functions[i].name);
	return 0;
}
