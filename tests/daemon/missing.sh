#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# A test that is skipped: what it needs is missing.
# usage: missing.sh WHAT
echo "skipped: $1 is not installed"
exit 77
