/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* spec.h - port specifications as people write them (netmap_embedded.h). */
#ifndef NM_SPEC_H
#define NM_SPEC_H

#include "net/netmap.h"

/* Fills in a REGISTER request that says what @spec does; @hdr points to @reg.
 * -EINVAL, with a sentence that shows where. */
int nm_spec_parse(const char *spec, struct nmreq_header *hdr,
		  struct nmreq_register *reg);

#endif
