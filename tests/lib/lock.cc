/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The same checks, by a C++ compiler. */
#include "lock.c"
