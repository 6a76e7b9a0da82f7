#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# A program outside this tree needs nothing but what `meson install` puts in
# place: the example of libnetmap(3) compiles without a warning, in C and C++,
# with the shared and with the static library, and runs. Where there is no
# /dev/netmap, running means to say so.
#
# usage: test_libnetmap.sh BUILD_DIR EXAMPLE.c
set -eu

build=$1
example=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for tool in pkg-config "${CC:=cc}" "${CXX:=c++}"; do
	if ! command -v "$tool" >/dev/null; then
		echo "SKIP: $tool is not installed"
		exit 77
	fi
done

meson install -C "$build" --no-rebuild --destdir "$dir/root" >"$dir/log" ||
	{ cat "$dir/log"; exit 1; }

pc=$(find "$dir/root" -name libnetmap.pc)
[ -n "$pc" ] || { echo "libnetmap.pc was not installed"; exit 1; }
export PKG_CONFIG_SYSROOT_DIR=$dir/root
export PKG_CONFIG_LIBDIR=${pc%/*}
lib=${pc%/pkgconfig/*}
[ "$(readlink "$lib/libnetmap.so")" = libnetmap.so.0 ]
if command -v scdoc >/dev/null; then
	[ -n "$(find "$dir/root" -name libnetmap.3)" ] ||
		echo "made without scdoc: no page is installed"
fi

# try PROGRAM COMPILER...: it sends a frame, or has no device to open.
try() {
	local program=$1
	shift
	"$@" -Wall -Wextra -Werror
	if timeout 20 "./$program" >out 2>&1; then
		grep -qx '60 bytes' out
	else
		[ ! -c /dev/netmap ]
		grep -q '^vale0:a: open of /dev/netmap: ' out
	fi
	echo "$program: $(head -n 1 out)"
}

# away from the tree, so that nothing of it can be found by chance
cp "$example" "$dir/program.c"
cd "$dir"
read -r -a shared <<<"$(pkg-config --cflags --libs libnetmap)"
read -r -a static <<<"$(pkg-config --static --cflags --libs libnetmap)"
export LD_LIBRARY_PATH=$lib
try shared "$CC" -std=gnu11 -o shared program.c "${shared[@]}"
readelf -d shared | grep -q 'NEEDED.*libnetmap.so.0'
try static "$CC" -std=gnu11 -static -o static program.c "${static[@]}"
try cxx "$CXX" -x c++ -std=c++11 -o cxx program.c -x none "${shared[@]}"
