#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The demo's act KERNEL goes well when all frames arrive in the guest, and fails
# when one more does than is to.
#
# usage: test_kernel.sh ACTS
set -u

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# play STATUS ARG...
play() {
	local want=$1 got=0
	shift

	"$acts" --only kernel --frames 20000 "$@" >"$dir/out" 2>&1 || got=$?
	cat "$dir/out"
	[ $got = "$want" ] || fail "exit status $got, not $want"
}

fail() {
	echo "$*"
	exit 1
}

said() {
	grep -qE "$1" "$dir/out" || fail "no line '$1'"
}

acts=$1
play 0
if grep -q '^KERNEL   left out' "$dir/out"; then
	sed -n 's/^KERNEL   left out/SKIP/p' "$dir/out"
	exit 77
fi
said '^  VALE switch.* 20000  *20000   all, in order$'
said '^  NIC ports.* 20000  *20000   all, in order; native-xdp$'
said '^  VALE switch  *[0-9]+  #'
said '^  AF_PACKET.* [0-9]+  ##########'
! grep '.\{81\}' "$dir/out" || fail "that is wider than 80 columns"

play 1 --arrive 19999
said '20000 frames received, not 19999'
said '^FAILED: kernel$'
