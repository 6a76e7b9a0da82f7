#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The examples, beside a netmapd: what comes out is what went in.
#
#   source ---- vale0 ---- sink, capture, several_ports
#   source ---- vale0 ---- bridge ---- vale1 ---- capture
#   pkt-gen ping ---- vale0 ---- nm_open
#   source ---- vale0 ---- take, of another user or in a container
#
# usage: test_examples.sh EXAMPLES PROGRAM...
#   EXAMPLES  the folder with them
#   PROGRAM   pkt-gen, vale-ctl, and, where nm_open is to run, netmap-run
set -u

# shellcheck source=tests/examples/run.bash
. "$(dirname "$0")/run.bash"
examples=$1
container=$1/container.sh
shift
programs "$@"
frames=1000 # fit into a ring, so that a switch drops none

send() {
	timeout 60 "$examples/source" "$1" "$frames"
}

# holds FILE.pcap TIMES: each frame of source that often, in order.
holds() {
	python3 - "$1" "$2" "$frames" <<-'END'
		import struct, sys
		data, times, frames = open(sys.argv[1], "rb").read(), *map(int, sys.argv[2:])
		link, at, seen = struct.unpack_from("<I", data, 20)[0], 24, {}
		while at < len(data):
		    caplen, length = struct.unpack_from("<II", data, at + 8)
		    frame = data[at + 16:at + 16 + caplen]
		    assert caplen == length == 60, (caplen, length)
		    assert frame[:14] == b"\xff" * 6 + b"\x02\0\0\0\0\1\x88\xb5"
		    assert frame[22:] == bytes(38)
		    number = struct.unpack_from("<Q", frame, 14)[0]
		    seen[number] = seen.get(number, 0) + 1
		    at += 16 + caplen
		assert link == 1 and list(seen) == list(range(frames)), (link, len(seen))
		assert set(seen.values()) == {times}, seen
	END
}

# ---- the claims ----

sink_sees_all() {
	local i sum=$((frames * (6 * 255 + 2 + 1 + 0x88 + 0xb5)))

	for ((i = 0; i < frames; i++)); do
		sum=$((sum + (i & 255) + (i >> 8)))
	done
	start sink "$examples/sink" vale0:sink "$frames"
	port vale0:sink && send vale0:source && ended sink &&
		says sink "$frames frames, $((frames * 60)) bytes, sum $sum"
}

capture_writes_all() {
	start capture "$examples/capture" vale0:c "$dir/c.pcap" "$frames"
	port vale0:c && send vale0:source && ended capture &&
		holds "$dir/c.pcap" 1
}

monitor_sees_both_ways() {
	start sink "$examples/sink" vale0:m "$frames"
	port vale0:m || return
	start capture "$examples/capture" vale0:m/rt "$dir/m.pcap" "$frames"
	until_true test -e "$dir/m.pcap" && send vale0:source &&
		ended capture && holds "$dir/m.pcap" 1
}

# bridges PORT TEXT: the other port of the bridge.
bridges() {
	start capture "$examples/capture" vale1:c "$dir/b.pcap" "$frames"
	start bridge "$examples/bridge" vale0:left "$1"
	port vale1:c && port vale1:right && send vale0:source &&
		wait "${pids[0]}" && holds "$dir/b.pcap" 1
}

bridge_copies() {
	bridges vale1:right
}

bridge_swaps() {
	bridges vale1:right@share=vale0:left
}

counted() {
	echo >&3
	tail -n 2 "$dir/several" | sort | paste -sd ' ' |
		grep -qx "vale0:a $frames vale1:b $((2 * frames))"
}

several_ports_at_once() {
	mkfifo "$dir/keys"
	exec 3<>"$dir/keys"
	input=$dir/keys start several "$examples/several_ports" vale0:a vale1:b
	port vale0:a && port vale1:b && send vale0:source &&
		send vale1:source && until_true counted_half &&
		send vale1:source && until_true counted
	local status=$?
	exec 3>&-
	return $status
}

counted_half() {
	echo >&3
	tail -n 2 "$dir/several" | grep -qx "vale1:b $frames"
}

nm_open_answers() {
	start echo netmap-run "$examples/nm_open" vale0:echo
	port vale0:echo || return
	timeout 60 pkt-gen -i vale0:a -f ping -n 100 -T 0 >"$dir/ping" 2>&1 &&
		says ping 'Sent 100 packets, 100 answered'
}

# What take sends back comes beside what source sent.
taken() {
	start capture "$examples/capture" vale0:c "$dir/t.pcap" \
		$((2 * frames))
	port vale0:c || return
	start take "$@"
	port vale0:p && send vale0:source && ended take &&
		wait "${pids[0]}" && holds "$dir/t.pcap" 2
}

another_user_takes_a_port() {
	local user=(setpriv --reuid 65534 --regid 65534 --clear-groups)

	cp -L "$examples/take" "$examples/sink" "$dir/bin/"
	! "${user[@]}" "$dir/bin/sink" vale0:x 1 2>"$dir/refused" &&
		grep -q '^vale0:x: open of /dev/netmap: Permission' "$dir/refused" &&
		taken "$examples/pass" vale0:p "${user[@]}" "$dir/bin/take" \
			$frames
}

# With the PATH of a plain user.
a_container_takes_a_port() {
	taken env PATH=/usr/bin:/bin "$container" vale0:p "$examples/take" "$frames"
}

a_container_has_nothing_else() {
	! "$container" vale0:p "$examples/sink" vale0:x 1 >"$dir/refused" 2>&1 &&
		grep -q '^vale0:x: open of /dev/netmap: ' "$dir/refused"
}

bad_names_are_explained() {
	local program

	for program in 'bridge bad bad' 'capture bad f 1' 'sink bad 1' \
		'source bad 1' 'several_ports bad' 'pass bad false'; do
		# shellcheck disable=SC2086  # words
		! "$examples/"$program >"$dir/bad" 2>&1 &&
				grep -q '^bad: begins neither with' "$dir/bad" || return
	done
}

claim 'sink sees what source sends, to the last byte' sink_sees_all
claim 'capture writes what source sends' capture_writes_all
claim 'a monitor sees what a port receives' monitor_sees_both_ways
claim 'bridge copies between regions' bridge_copies
claim 'bridge exchanges buffers in a region' bridge_swaps
claim 'several_ports counts on each port' several_ports_at_once
if command -v netmap-run >/dev/null; then
	claim 'nm_open sends back what arrives' nm_open_answers
else
	skip 'nm_open sends back what arrives' \
		'a sanitizer cannot be loaded by netmap-run'
fi
# Each comes twice, and all may wait in one ring.
frames=400
if ! command -v netmap-run >/dev/null; then
	skip 'another process takes a port' \
		"a sanitizer's mmap() comes before libnetmap's"
elif [ "$(id -u)" -eq 0 ]; then
	claim 'another user takes a port, and can open none' \
		another_user_takes_a_port
else
	skip 'another user takes a port, and can open none' \
		'only root can become another user'
fi
if has_containers && command -v netmap-run >/dev/null; then
	claim 'a container takes a port' a_container_takes_a_port
	claim 'a container has nothing else' a_container_has_nothing_else
else
	skip 'a container takes a port' \
		"no containers here, or a sanitizer: $(cat "$dir/no")"
fi
claim 'bad names are explained' bad_names_are_explained
finish
