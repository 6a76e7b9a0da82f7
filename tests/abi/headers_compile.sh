#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# Every public header compiles alone, twice, and next to the headers it could
# quarrel with, in every dialect, without a warning.
#
#   headers_compile.sh INCLUDE_DIR C_COMPILER C++_COMPILER
set -u
inc=$1 cc=$2 cxx=$3

for c in "$cc" "$cxx"; do
	if ! command -v "$c" >/dev/null; then
		echo "SKIP: no $c here"
		exit 77
	fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

compiled=0 failed=0

# try COMPILER FLAGS...: compiles $work/unit.c of which $unit says what it is
try() {
	compiled=$((compiled + 1))
	"$@" -Wall -Wextra -Wpedantic -Wshadow -Wundef -Werror -I"$inc" \
		-fsyntax-only "$work/unit.c" && return
	failed=$((failed + 1))
	echo "failed: $*: $unit"
}

# A translation unit per line: L defines NETMAP_WITH_LIBS, M the message macros
# of a program that has its own; the rest is included.
while read -r unit; do
	for word in $unit; do
		case $word in
		L) echo '#define NETMAP_WITH_LIBS' ;;
		M) printf '#define %s(...) own\n' D RD ND ;;
		*) echo "#include <$word>" ;;
		esac
	done >"$work/unit.c"
	echo 'extern int nothing;' >>"$work/unit.c"
	for std in gnu99 c11 gnu17; do
		try "$cc" -x c -std=$std
	done
	for std in c++11 gnu++17; do
		try "$cxx" -x c++ -std=$std
	done
done <<'END'
net/netmap.h net/netmap.h
net/netmap_ext.h net/netmap_ext.h
net/netmap_layout.h net/netmap.h
net/netmap_user.h net/netmap_user.h
L net/netmap_user.h net/netmap_user.h
net/netmap_open.h net/netmap_open.h
net/netmap_user.h L net/netmap_user.h
net/netmap.h net/if.h
net/netmap.h linux/if.h
net/if.h net/netmap.h
net/if.h L net/netmap_user.h
L net/netmap_user.h net/if.h
linux/if.h L net/netmap_user.h
L net/netmap_user.h linux/if.h
sys/ioctl.h linux/ioctl.h L net/netmap_user.h
L net/netmap_user.h sys/ioctl.h linux/ioctl.h
M L net/netmap_user.h
net/netmap_switch.h net/netmap_switch.h
netmap_embedded.h netmap_embedded.h
libnetmap.h libnetmap.h
libnetmap.h L net/netmap_user.h
L net/netmap_user.h libnetmap.h
M libnetmap.h net/netmap_user.h
net/if.h libnetmap.h linux/if.h
END

echo "$compiled compiled, $failed failed"
[ "$failed" -eq 0 ] && [ "$compiled" -gt 0 ]
