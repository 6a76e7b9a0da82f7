#!/bin/sh
# shellcheck shell=dash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# netmap status INTERFACE: how frames go, why so, and what stands against it;
# before a port is open, and while one is.
#
#   ks0 === ks1   a veth pair        e1000, virtio-net: of the machine
set -u

fail() {
	echo "$*"
	exit 1
}

# says STATUS INTERFACE PATTERN...: a line for each pattern
says() {
	want=$1
	name=$2
	shift 2
	netmap status "$name" >status.out 2>&1
	got=$?
	cat status.out
	[ $got -eq "$want" ] || fail "exit status $got, not $want"
	for pattern in "$@"; do
		grep -qE "$pattern" status.out || fail "no line '$pattern'"
	done
}

# lacks PATTERN: nor does what was said last
lacks() {
	! grep -qE "$1" status.out || fail "a line '$1'"
}

# opened INTERFACE COMMAND...: while a program has it in netmap mode
opened() {
	name=$1
	shift
	pkt-gen -v -T 0 -i "netmap:$name" -f rx >open.out 2>&1 &
	program=$!
	i=0
	until netmap status "$name" | grep -q 'in netmap mode'; do
		i=$((i + 1))
		[ $i -lt 600 ] || fail "$name: no port: $(cat open.out)"
		sleep 0.1
	done
	"$@"
	kill $program
	wait $program
	netmap status "$name" | grep -q 'none is open' || fail "$name stays open"
}

# of_driver DRIVER: an interface that has it
of_driver() {
	for i in /sys/class/net/*; do
		case $(readlink "$i/device/driver") in
		*/"$1") echo "${i##*/}" ;;
		esac
	done | head -n 1
}

cd /tmp || exit 1
ip link add ks0 type veth && ip link set veth0 name ks1 || exit 1
ip link set ks0 up && ip link set ks1 up || exit 1

says 0 ks0 'driver veth \(software\), up, MTU 1500$' \
	'^port +none is open' '^rx +not known: .*asked' '^tx +not known: '
lacks warning
native() {
	says 0 netmap:ks0 '^port +NIC, tx 1 x 1024, rx 1 x 1024 slots' \
		'^rx +native-xdp: the driver has XDP$' \
		'^tx +native-xdp: the driver takes XDP frames$'
	lacks 'warning|problem'
	netmap status --json ks0 >status.out
	grep -q '"why": "the driver has XDP"' status.out || fail "no why in JSON"
	grep -q '"driver": "veth"' status.out || fail "no driver in JSON"
}
opened ks0 native

echo 2 >/sys/module/netmap/parameters/admode
says 0 ks0 '^rx +skb: parameter admode is 2$' '^tx +skb: parameter admode is 2$'
chosen() {
	echo 0 >/sys/module/netmap/parameters/admode
	says 0 ks0 '^rx +skb: parameter admode is 2$'
}
opened ks0 chosen

e1000=$(of_driver e1000)
virtio=$(of_driver virtio_net)
ip link set "$e1000" up && ip link set "$virtio" up || exit 1
says 0 "$e1000" 'driver e1000 \(hardware\)' \
	'^warning +the driver e1000 may reset its queues'
skbs() {
	says 0 "$e1000" '^rx +skb: the driver has no XDP$' \
		'^tx +skb: the driver takes no XDP frames$'
}
opened "$e1000" skbs
resets() {
	says 0 "$virtio" '^rx +native-xdp' \
		'^warning +the driver virtio_net may reset its queues'
}
opened "$virtio" resets
ip link set "$e1000" down
ip link set "$virtio" down

brctl addbr kb0 && brctl addif kb0 ks0 || exit 1
says 1 ks0 '^problem +it belongs to kb0'
pkt-gen -i netmap:ks0 -f rx && fail "it was opened all the same"
ip link del kb0
ip link set ks0 mtu 9000 || exit 1
says 0 ks0 'MTU 9000: frames take up to 5 slots of 2112 bytes$'
ip link del ks0
says 1 ks0 '^netmap status: ks0: there is no such interface'

# A switch's own interface has no driver to go by.
vale-ctl -n kp0 || exit 1
says 0 kp0 '^port +persistent' '^rx +own: '
vale-ctl -r kp0
