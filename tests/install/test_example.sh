#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# A program outside this tree needs nothing but what `meson install` puts in
# place: headers and library are found by pkg-config, the example compiles
# without a warning, in C, and runs.
#
# usage: test_example.sh BUILD_DIR EXAMPLE.c LINE
#   LINE  the program prints it
set -eu

build=$1
example=$2
says=$3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for tool in pkg-config "${CC:=cc}"; do
	if ! command -v "$tool" >/dev/null; then
		echo "SKIP: $tool is not installed"
		exit 77
	fi
done

meson install -C "$build" --no-rebuild --destdir "$dir/root" >"$dir/log" ||
	{ cat "$dir/log"; exit 1; }

pc=$(find "$dir/root" -name netmap-embedded.pc)
[ -n "$pc" ] || { echo "netmap-embedded.pc was not installed"; exit 1; }
export PKG_CONFIG_SYSROOT_DIR=$dir/root
export PKG_CONFIG_LIBDIR=${pc%/*}
read -r -a flags <<<"$(pkg-config --cflags --libs netmap-embedded)"

# away from the tree, so that nothing of it can be found by chance
cp "$example" "$dir/program.c"
cd "$dir"
"$CC" -std=gnu11 -Wall -Wextra -Werror -o program program.c "${flags[@]}"
timeout 20 ./program >out || { echo "exit $?"; cat out; exit 1; }
cat out
grep -qxF "$says" out
