// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * One function per difference between kernels, compiled alone by Kbuild: what
 * compiles is there. Used through compat.h only.
 */

#ifdef KNM_PROBE_VM_FLAGS_SET
#include <linux/mm.h>

void probe(struct vm_area_struct *vma);
void probe(struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_DONTDUMP);
}
#endif
