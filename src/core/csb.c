// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "csb.h"

#define RECORD 64 /* bytes, and the alignment */

_Static_assert(sizeof(struct nm_csb_atok) == RECORD, "one line");
_Static_assert(sizeof(struct nm_csb_ktoa) == RECORD, "one line");

static int pin_records(struct nm_csb *csb, struct os_caller *caller,
		       const struct nmreq_opt_csb *o)
{
	u64 len = (u64)csb->n * RECORD;
	int err;

	if (!len)
		return 0;
	err = os_pin(caller, o->csb_atok, len, &csb->pin[0]);
	if (!err)
		err = os_pin(caller, o->csb_ktoa, len, &csb->pin[1]);
	if (err)
		return err;
	csb->atok = os_pin_addr(csb->pin[0]);
	csb->ktoa = os_pin_addr(csb->pin[1]);
	return 0;
}

int nm_csb_create(struct nm_csb **out, struct os_caller *caller,
		  const struct nmreq_opt_csb *o, u32 n)
{
	struct nm_csb *csb;
	int err;

	if ((o->csb_atok | o->csb_ktoa) & (RECORD - 1))
		return os_refuse(-EINVAL,
				 "CSB at 0x%llx and 0x%llx: no multiples of %d",
				 (unsigned long long)o->csb_atok,
				 (unsigned long long)o->csb_ktoa, RECORD);
	csb = os_alloc(sizeof(*csb));
	if (!csb)
		return os_refuse(-ENOMEM, "no memory for CSB mode");
	csb->n = n;
	err = pin_records(csb, caller, o);
	if (err)
		nm_csb_destroy(csb);
	else
		*out = csb;
	return err;
}

void nm_csb_destroy(struct nm_csb *csb)
{
	if (!csb)
		return;
	for (int i = 0; i < 2; i++)
		if (csb->pin[i])
			os_unpin(csb->pin[i]);
	os_free(csb);
}

void nm_csb_init(struct nm_csb *csb, u32 i, const struct nm_queue *q)
{
	struct nm_csb_atok *a = &csb->atok[i];
	struct nm_csb_ktoa *k = &csb->ktoa[i];

	os_store(&a->cur, os_load(&q->rhead));
	os_store(&a->head, os_load(&q->rhead));
	os_store(&a->appl_need_kick, 1);
	os_store(&a->sync_flags, 1);
	for (u32 n = 0; n < sizeof(k->pad) / sizeof(k->pad[0]); n++)
		os_store(&k->pad[n], 0);
	os_store(&k->hwcur, os_load(&q->hwcur));
	os_store(&k->hwtail, os_load(&q->rtail));
	os_store(&k->kern_need_kick, 1);
}
