# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# lib.sh - what the scripts of this folder share. Sourced, never run.
#
#   KERNEL     which Debian kernel: 6.1 (default) or 6.12; 6.1-debug, 6.12-debug:
#              the same sources with what looks for errors (debug.config)
#   top        the source tree
#   build      where generated things go (NETMAP_BUILD, default $top/build)
#   cache      $build/kernel/$KERNEL: the unpacked packages, the module, the
#              initramfs
#   root       $cache/root: the packages' files, as if installed there

KERNEL=${KERNEL:-6.1}
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${NETMAP_BUILD:-$top/build}
# shellcheck disable=SC2034
cache=$build/kernel/$KERNEL
# shellcheck disable=SC2034
root=$cache/root

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# Ends a run that cannot take place here: exit 77 is "skipped" for the tests.
skip() {
	printf 'SKIP: %s\n' "$*"
	exit 77
}

# Kbuild splits names at blanks.
case $build in
*[[:space:]]*) skip "a kernel module cannot be built in a path with spaces" ;;
esac

have() {
	command -v "$1" >/dev/null 2>&1
}

is_debug() {
	[[ $KERNEL = *-debug ]]
}

# The release of the unpacked kernel, e.g. 6.1.0-56-amd64.
release() {
	cat "$cache/release"
}

# kbuild NAME TREE [OPTION]...: builds the module NAME.ko whose sources are in
# TREE against $headers, a kernel's build folder; the log is in $cache. Type
# information (BTF) would need the kernel's own image and pahole.
kbuild() {
	local name=$1 tree=$2 log=$cache/$1.log
	shift 2

	# shellcheck disable=SC2154  # $headers is the caller's
	if ! make -s -C "$headers" M="$tree" CONFIG_DEBUG_INFO_BTF_MODULES= \
		"$@" modules >"$log" 2>&1; then
		cat "$log" >&2
		die "$name.ko does not build in $headers"
	fi
	if grep -q 'warning:' "$log"; then
		cat "$log" >&2
		die "$name.ko builds with warnings in $headers"
	fi
}

# module_tree TREE COMMAND...: lays out the sources of netmap.ko in TREE, as
# src/linux/Kbuild wants them, with COMMAND (ln -s, cp) FILE... FOLDER.
module_tree() {
	local tree=$1
	shift

	mkdir -p "$tree/core" "$tree/include/net"
	find "$tree" -type l -delete
	"$@" "$top"/src/linux/*.[ch] "$top/src/linux/Kbuild" "$tree/"
	"$@" "$top"/src/core/*.[ch] "$tree/core/"
	"$@" "$top"/include/net/*.h "$tree/include/net/"
}

# is_current FILE SOURCE...: FILE is newer than all of SOURCE, and than all below
# those that are folders.
is_current() {
	local file=$1
	shift

	[ -e "$file" ] && [ -z "$(find "$@" -newer "$file" -print -quit)" ]
}

# bench_program FILE: the program of bench/kernel.
bench_program() {
	is_current "$1" "$top/bench/kernel" "$top/include" ||
		gcc -O2 -Wall -Wextra -static -I"$top/include" -o "$1" \
			"$top"/bench/kernel/*.c
}

# boot_counting INITRAMFS DIR SECONDS: boots a guest whose clock counts
# instructions (one vCPU, one nanosecond each). String instructions count once
# per step, so the fast-string features are off: the kernel then copies by words,
# which is counted for what it does.
boot_counting() {
	"$top/scripts/kernel/boot" "$@" \
		"-accel tcg,thread=single -icount shift=0,sleep=off -cpu max,-erms,-fsrm -smp 1" \
		"quiet nokaslr ipv6.disable=1 MODE=bench"
}

# Names of the meta packages of $KERNEL: the image's, then the headers'. Debian
# 12's own kernel is the plain one; others carry their number.
meta_packages() {
	if [ "$KERNEL" = 6.1 ]; then
		echo linux-image-amd64 linux-headers-amd64
	else
		echo "linux-image-$KERNEL-amd64" "linux-headers-$KERNEL-amd64"
	fi
}
