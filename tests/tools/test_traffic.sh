#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# pkt-gen and bridge, as their users start them, beside a netmapd.
#
#   pkt-gen tx ---- vale, pipe ---- pkt-gen rx
#   pkt-gen ping -- vale0 -- bridge -- vale1 -- pkt-gen pong
#
# usage: test_traffic.sh PKT_GEN BRIDGE DATA_DIR
set -u

pkt_gen=$1
bridge=$2
data=$3
dir=$(mktemp -d)
pids=()
passed=0
failed=0

end() {
	local pid

	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null
	done
	wait
	rm -rf "$dir"
}
trap end EXIT

# until_true COMMAND...: true once it is; false after 30 seconds.
until_true() {
	local i

	for ((i = 0; i < 600; i++)); do
		"$@" && return
		sleep 0.05
	done
	return 1
}

# start NAME PROGRAM ARGUMENT...: in the background, and waits until it has its
# ports. Its output is $dir/NAME.
start() {
	local name=$1
	shift
	: >"$dir/$name"
	"$@" >"$dir/$name" 2>&1 &
	pids+=($!)
	until_true ready "$name" $!
}

ready() {
	[ -s "$dir/$1" ] || ! kill -0 "$2" 2>/dev/null
}

# receive NAME ARGUMENT...: a receiver that has its port.
receive() {
	local name=$1
	shift
	start "$name" timeout 60 "$pkt_gen" -v -T 0 "$@"
}

send() {
	timeout 60 "$pkt_gen" -T 0 "$@" >"$dir/send" 2>&1
}

# Waits for the programs that were started, in this order.
finish() {
	local pid status=0

	for pid in "${pids[@]}"; do
		wait "$pid" || status=1
	done
	pids=()
	return $status
}

# says NAME TEXT: that is in the output.
says() {
	grep -q -- "$2" "$dir/$1" && return
	sed "s/^/# $1: /" "$dir/$1"
	return 1
}

# claim TEXT COMMAND: one test.
claim() {
	if "$2"; then
		passed=$((passed + 1))
		echo "ok $((passed + failed)) $1"
	else
		failed=$((failed + 1))
		echo "not ok $((passed + failed)) $1"
	fi
	local pid
	for pid in "${pids[@]}"; do
		kill "$pid"
		wait "$pid"
	done 2>/dev/null
	pids=()
}

# ---- the claims; rings have 1023 free slots, pipes lose nothing. A reply that
# takes more than a second is none to ping, so who sent it is asked ----

switch_carries() {
	receive rx -i vale0:b -n 1000
	send -i vale0:a -f tx -n 1000 && finish &&
		says send 'Sent 1000 packets, 60000 bytes' &&
		says rx 'Received 1000 packets, 60000 bytes'
}

pipe_keeps_numbers() {
	receive rx -i 'netmap:p{1' -f rxseq -n 500k
	send -i 'netmap:p}1' -f txseq -n 500k && finish &&
		says rx '1 streams, 0 lost, 0 out of order, 0 twice, 0 without'
}

threads_have_streams() {
	receive rx -i 'netmap:q{1' -f rxseq -p 2 -n 200k
	send -i 'netmap:q}1' -f txseq -p 2 -n 200k && finish &&
		says rx 'Received 200000 packets' &&
		says rx '2 streams, 0 lost, 0 out of order, 0 twice, 0 without'
}

slots_are_counted_as_frames() {
	receive rx -i 'netmap:r{1' -f rxseq -n 1000
	send -i 'netmap:r}1' -f txseq -n 1000 -l 9000 -F 7 && finish &&
		says rx 'Received 1000 packets, 9000000 bytes' &&
		says rx '1 streams, 0 lost, 0 out of order, 0 twice, 0 without'
}

pings_come_back() {
	start pong "$pkt_gen" -v -T 0 -f pong -i vale0:b
	send -i vale0:a -f ping -n 300 -S 02:00:00:00:00:0a || return
	says send 'Sent 300 packets, [0-9]* answered' &&
		says send '^[0-9]* round trips: min .*, mean .*, p50 .*, p90 .*, p99 .*, p99.9 .*, max ' &&
		says send '  2^[0-9]* ns ... 2^[0-9]*: ' &&
		kill -TERM "${pids[0]}" && finish &&
		says pong 'Sent back 300 packets, 18000 bytes'
}

pings_need_an_answer() {
	! send -i vale0:a -f ping -n 1 && says send '1 packets, 0 answered'
}

# An independent reader of the file: the sums over headers and data.
checksums_are_good() {
	receive rx -i 'netmap:s{1' --write "$dir/rx.pcap" -n 3000
	send -i 'netmap:s}1' -f tx -n 1000 -l 60 -l 1500 &&
		send -i 'netmap:s}1' -f tx -n 1000 -zZ -s 10.1.0.0-10.1.9.9 &&
		send -i 'netmap:s}1' -f tx -n 500 -6 -d '[fd00::1]:1-[fd00::9]:9' &&
		send -i 'netmap:s}1' -f tx -n 500 -o 4096 &&
		finish || return
	python3 "$(dirname "$0")/checksums.py" "$dir/rx.pcap" 3000
}

recorded_frame_is_sent() {
	receive rx -i 'netmap:t{1' --write "$dir/p.pcap" -n 2
	send -i 'netmap:t}1' -f tx -n 2 -P "$data/udp.pcap" && finish || return
	# file header 24, record header 16, length there at 8
	local len
	len=$(od -An -tu4 -j 32 -N 4 "$data/udp.pcap" | tr -d ' ')
	cmp <(tail -c +41 "$data/udp.pcap" | head -c "$len") \
		<(tail -c +41 "$dir/p.pcap" | head -c "$len")
}

headers_are_passed() {
	receive rx -i vale0:b -H 12 -n 100
	send -i vale0:a -f tx -H 12 -n 100 && finish &&
		says rx 'Received 100 packets, 7200 bytes'
	receive rx -i vale0:b -n 100
	send -i vale0:a -f tx -H 12 -n 100 && finish &&
		says rx 'Received 100 packets, 6000 bytes'
}

ages_are_measured() {
	receive rx -i vale0:b -n 500 -o 16
	send -i vale0:a -f tx -n 500 -o 16 && finish &&
		says rx '^500 frames with their time: min '
}

idle_receivers_end() {
	receive rx -i vale0:b -W
	send -i vale0:a -n 10 -f tx && finish &&
		says rx 'Received 10 packets, 600 bytes'
}

signals_end_with_a_summary() {
	start tx "$pkt_gen" -v -T 10 -f tx -i vale0:a -R 1000
	until_true grep -q '([1-9][0-9]* packets' "$dir/tx" &&
		kill -TERM "${pids[0]}" && finish &&
		says tx 'Sent [0-9]* packets' &&
		says tx '^Speed: .*pps, .*bps, average batch .*, min space '
}

signals_may_come_twice() {
	start tx "$pkt_gen" -v -T 0 -f tx -i vale0:a -R 1000
	kill -TERM "${pids[0]}" && kill -INT "${pids[0]}"
	finish
	says tx 'Sent [0-9]* packets'
}

# A tap, and what the system has of it, in a network of its own.
in_network() {
	pids=()
	trap 'kill "${pids[@]}" 2>/dev/null' EXIT
	start pong "$pkt_gen" -v -T 0 -i tap:tap0 -f pong
	send -i pcap:tap0 -f ping -n 20 &&
		kill -TERM "${pids[0]}" && finish && says pong 'Sent back'
}

taps_and_pcap() {
	export -f in_network start until_true ready send says finish
	export pkt_gen dir
	unshare -n bash -c in_network
}

bridged() {
	start bridge "$bridge" -v "$@"
	start pong "$pkt_gen" -v -T 0 -f pong -i vale1:b
	send -i vale0:a -f ping -n 300 -l 3000 &&
		says send 'Sent 300 packets, [0-9]* answered' &&
		kill -TERM "${pids[0]}" && wait "${pids[0]}" &&
		says bridge 'vale0:m to vale1:m.*: 300 packets, 900000 bytes' &&
		says bridge 'vale1:m.* to vale0:m: 300 packets, 900000 bytes'
}

bridge_copies() {
	bridged vale0:m vale1:m && says bridge 'are copied'
}

bridge_exchanges() {
	bridged -i vale0:m -i vale1:m@share=vale0:m &&
		says bridge 'are exchanged'
}

bridge_copies_if_told() {
	bridged -c -i vale0:m -i vale1:m@share=vale0:m &&
		says bridge 'are copied'
}

bridge_reflects() {
	start bridge "$bridge" -v -L 'netmap:u{1'
	send -i 'netmap:u}1' -f ping -n 100 &&
		kill -TERM "${pids[0]}" && finish &&
		says bridge ': 100 packets, 6000 bytes'
}

claim 'a switch carries what tx sends to rx' switch_carries
claim 'a pipe loses no number' pipe_keeps_numbers
claim 'each thread has a stream of its own' threads_have_streams
claim 'frames of several slots are counted once' slots_are_counted_as_frames
claim 'every ping comes back, and its time is known' pings_come_back
claim 'ping without any answer fails' pings_need_an_answer
claim 'checksums are good whatever varies' checksums_are_good
claim 'a recorded frame is sent as it is' recorded_frame_is_sent
claim 'virtio-net headers are sent and received' headers_are_passed
claim 'times in frames become ages' ages_are_measured
claim 'a receiver ends when nothing comes any more' idle_receivers_end
claim 'a signal ends with a summary' signals_end_with_a_summary
claim 'two signals at once are one' signals_may_come_twice
if unshare -n test -w /dev/net/tun 2>/dev/null; then
	claim 'a tap and libpcap are ports, too' taps_and_pcap
else
	echo "# SKIP: no tap interfaces here"
fi
claim 'bridge copies between regions' bridge_copies
claim 'bridge exchanges buffers in a region' bridge_exchanges
claim 'bridge copies if it is told to' bridge_copies_if_told
claim 'bridge -L sends back' bridge_reflects
echo "1..$((passed + failed))"
[ "$failed" -eq 0 ]
