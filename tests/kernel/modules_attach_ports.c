// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* Another module makes persistent ports and attaches them to its own switch, by
 * functions and by requests, and only with the switch's token; names of netmap's
 * earlier interface do the same (modules/attach). */
#include "kt.h"

int main(void)
{
	KT_CHECK(kt_insmod("netmap_attach", "") == 0);
	KT_CHECK(kt_rmmod("netmap_attach") == 0);
	/* Nothing is left that a second time would find. */
	KT_CHECK(kt_insmod("netmap_attach", "") == 0);
	KT_CHECK(kt_rmmod("netmap_attach") == 0);
	return 0;
}
