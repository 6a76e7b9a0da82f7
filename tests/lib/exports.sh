#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The shared library shows the functions of its header, with a version; those of
# libc that the preload library shows too, without one; and nothing else.
#
# usage: exports.sh LIBRARY EXPORTS_PROGRAM PRELOAD_MAP
set -eu
export LC_ALL=C

symbols() {
	nm -D --defined-only "$1" | awk '$2 != "A" { print $3 }' | sort
}

diff <(symbols "$1" | sed -n 's/@.*//p') <("$2" | sort)
diff <(symbols "$1" | grep -v @) <(sed -n 's/^\t\([a-z_0-9]*\);$/\1/p' "$3" | sort)
