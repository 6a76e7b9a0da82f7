#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The demo finds every frame right when it is, and says what is wrong when it
# is not: a frame with another byte, one too few, one too many. What "wrong"
# means is set up honestly: the demo is told to expect (--expect) a capture
# that differs from the one it sends.
#
# The same of the acts, where processes and a netmapd do it.
#
# usage: test_demo.sh DEMO DATA_FOLDER [ACTS ACT...]
set -u

demo=$1
data=$2
shift 2
acts=${1:-}
[ -z "$acts" ] || shift
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

n=0
failed=0
echo "1..$((11 + (${#acts} ? 7 : 0)))"

# report WHAT: says how the last command went, for a TAP line
report()
{
	local ok=$?

	n=$((n + 1))
	if [ $ok = 0 ]; then
		echo "ok $n - $1"
		return
	fi
	failed=1
	echo "not ok $n - $1"
	sed 's/^/# /' "$dir/out"
}

# run STATUS ARG...: the demo, which is to end with this exit status
run() { run_program "$demo" "$@"; }

# run_program PROGRAM STATUS ARG...
run_program()
{
	local program=$1 want=$2 status=0
	shift 2

	"$program" "$@" >"$dir/out" 2>&1 || status=$?
	[ $status = "$want" ] || { echo "exit $status" >>"$dir/out"; false; }
}

# said PATTERN: a line of the output is like this
said() { grep -q -e "$1" "$dir/out"; }

# offset FILE N: where the record of frame N begins in a pcap file (24 bytes,
# then for each frame 16 bytes, the third word of them its length, and itself)
offset()
{
	local at=24 i len

	for ((i = 1; i < $2; i++)); do
		len=$(od -An -tu4 -j $((at + 8)) -N4 "$1")
		at=$((at + 16 + len))
	done
	echo $at
}

ping=$data/ping.pcap
jumbo=$data/jumbo.pcap

run 0 --file "$ping" --file "$jumbo" --slice 1 &&
	said '1046 frames: none missing, none too many, none changed'
report "real traffic, jumbo frames included, goes through unchanged"

said 'switch jumbo.pcap  *[0-9.]* ' && said 'pipe  *60 B frames  *[0-9.]* '
report "rates are printed for both ways"

said '60 B frames' && awk 'length > 80 { wide = 1 } END { exit wide }' "$dir/out"
report "nothing is wider than 80 columns"

# one byte of frame 300, byte 40, is another
cp "$ping" "$dir/byte.pcap"
at=$(($(offset "$ping" 300) + 16 + 40))
byte=$(od -An -tu1 -j $at -N1 "$ping")
printf '%b' "\\x$(printf %02x $((byte ^ 1)))" |
	dd of="$dir/byte.pcap" bs=1 seek=$at conv=notrunc status=none

run 1 --file "$ping" --expect "$dir/byte.pcap" &&
	said 'WRONG: switch .*, frame 300, ' &&
	said 'first difference at byte 40 ' &&
	said '^- 0020 ' && said '^+ 0020 ' &&
	[ "$(grep -c '^[-+] [0-9a-f]\{4\} ' "$dir/out")" = 2 ]
report "a changed byte is found and both rows are shown"

# under the first differing byte: row 0x20 begins at byte 32, in column 8
grep -A1 '^+ 0020' "$dir/out" | tail -n 1 | grep -q "^ \{32\}^^\$"
report "the first difference is marked"

again=$(sed -n '/^To repeat/{n;s/^ *//;p}' "$dir/out")
status=0
eval "$again" >"$dir/out" 2>&1 || status=$?
[ $status = 1 ] && said 'WRONG: switch .*, frame 300, ' &&
	said 'first difference at byte 40 '
report "the command that is printed repeats just that"

run 1 --only pipe --file "$ping" --expect "$dir/byte.pcap" &&
	said 'WRONG: pipe .*, frame 300, ' &&
	said 'first difference at byte 40 '
report "the same through the pipe"

head -c "$(offset "$ping" 101)" "$ping" >"$dir/100.pcap"
run 1 --only switch --file "$dir/100.pcap" --expect "$ping" &&
	said 'WRONG: switch .*, frame 101, .*: missing' &&
	said 'received: nothing'
report "a frame that does not arrive is missed"

run 1 --only pipe --file "$ping" --expect "$dir/100.pcap" &&
	said 'WRONG: pipe .*, frame 10[0-9], .*: one too many' &&
	said 'expected: nothing'
report "a frame too many is noticed"

run 0 --file "$jumbo" --frame 1 && said '110 bytes, sent by host a' &&
	said 'switch  arrived as sent at b, w$' &&
	said 'pipe    arrived as sent at b$'
report "one frame can be looked at, and where it arrived"

head -c 1000 "$ping" >"$dir/cut.pcap"
run 2 --file "$dir/cut.pcap" && said 'cut.pcap: '
report "a damaged capture is refused"

[ -n "$acts" ] || exit $failed

for act in "$@"; do
	run_program "$acts" 0 --only "$act" --file "$ping" --file "$jumbo" \
		--slice 5 --safe 1 || echo "act $act" >>"$dir/bad"
	cat "$dir/out" >>"$dir/all"
done
mv "$dir/all" "$dir/out"
[ ! -e "$dir/bad" ]
report "every act goes well: $*"

said '1046 frames each way: none missing, none too many, none changed' &&
	said '^  VALE switch in netmapd  *[0-9]' &&
	said '^  good pair on vale1 .* all, in order$' &&
	said '^  good pair on a pipe .* all, in order$' &&
	! said '^  0 words spoiled' && said ', 20 programs killed$'
report "the acts say what they saw"

awk 'length > 80 { wide = 1 } END { exit wide }' "$dir/out"
report "no act is wider than 80 columns"

run_program "$acts" 1 --only correct --file "$ping" --expect "$dir/byte.pcap" &&
	said 'WRONG: switch .*, frame 300, ' &&
	said 'first difference at byte 40 '
report "a byte changed between processes is found"

run_program "$acts" 1 --only correct --file "$ping" --expect "$dir/100.pcap" &&
	said 'WRONG: switch .*: one too many' && said 'expected: nothing'
report "a frame too many between processes is noticed"

# A system without QEMU, and one that has it, but no kernel for it.
mkdir "$dir/bin"
for folder in ${PATH//:/ }; do
	ln -sf "$folder"/* "$dir/bin/"
done
rm -f "$dir/bin/qemu-system-x86_64"
path=$PATH
PATH=$dir/bin
run_program "$acts" 0 --only kernel --file "$ping" &&
	said '^KERNEL   left out: no qemu-system-x86_64 here; make bench-kernel ' &&
	[ "$(grep -c . "$dir/out")" = 3 ]
report "where QEMU is missing, one line says what brings it"

for tool in qemu-system-x86_64 busybox cpio modprobe gcc make; do
	[ -e "$dir/bin/$tool" ] || ln -s "$(type -P true)" "$dir/bin/$tool"
done
NETMAP_BUILD=$dir run_program "$acts" 0 --only kernel --file "$ping" &&
	said '^KERNEL   left out: no Debian kernel in build/; make bench-kernel ' &&
	[ "$(grep -c . "$dir/out")" = 3 ]
report "where a kernel is missing, too, and none is fetched"
PATH=$path

exit $failed
