#!/bin/sh
# shellcheck shell=dash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# In the guest of the demo: numbered frames from pkt-gen to pkt-gen, between two
# ports of a switch, and between NIC ports on the ends of a veth pair.
#
#   pkt-gen -> vale0:a [ VALE ] vale0:b -> pkt-gen
#   pkt-gen -> netmap:kd0 === netmap:kd1 -> pkt-gen
#
# usage: kernel_frames.sh FRAMES ARRIVE
# prints: way <tab> name <tab> sent <tab> received <tab> note
# exit: 1 if not ARRIVE of them arrive, all of one stream and in order
set -u
frames=$1
arrive=$2

fail() {
	echo "$*" >&2
	cat tx.out rx.out >&2
	exit 1
}

# Until FILE has TEXT, which the other program writes when it is ready.
has() {
	i=0
	until grep -qF "$2" "$1"; do
		i=$((i + 1))
		[ $i -lt 600 ] || fail "no '$2'"
		sleep 0.1
	done
}

# number NAME FILE: that follows NAME
number() {
	sed -n "s/^$1 \([0-9]*\) packets.*/\1/p" "$2"
}

# move NAME FROM TO: no faster than a receiver can be woken, since neither a
# switch nor a veth waits for one.
move() {
	: >tx.out
	: >rx.out
	pkt-gen -N -v -T 0 -W -i "$3" -f rxseq >rx.out 2>&1 &
	has rx.out "$3"
	mode=$(dmesg | sed -n "s/.*netmap: ${3#*:}: rx \([^:]*\): .*/\1/p" | tail -n 1)
	pkt-gen -N -T 0 -i "$2" -f txseq -n "$frames" -b 64 -R 100000 >tx.out 2>&1 ||
		fail "$1: the sender failed"
	wait $! || fail "$1: the receiver failed"
	got=$(number Received rx.out)
	[ "$got" = "$arrive" ] || fail "$1: $got frames received, not $arrive"
	grep -q ': 1 streams, 0 lost, 0 out of order, 0 twice, 0 without' rx.out ||
		fail "$1: not all in order"
	printf 'way\t%s\t%s\t%s\t%s\n' "$1" "$(number Sent tx.out)" "$got" "$mode"
}

cd /tmp || exit 1
ip link add kd0 type veth && ip link set veth0 name kd1 &&
	ip link set kd0 up && ip link set kd1 up || exit 1
move 'VALE switch, vale0:a to :b' vale0:a vale0:b
move 'NIC ports, kd0 to kd1 (veth)' netmap:kd0 netmap:kd1
ip link del kd0
