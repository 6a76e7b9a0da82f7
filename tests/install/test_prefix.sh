#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# What `make install` puts below a prefix does for a newcomer, and finds itself:
# the examples are compiled by the very commands in their first lines, against
# shared and static library, and start the netmapd beside the library.
#
# usage: test_prefix.sh SOURCE_DIR EXAMPLE.c
#   EXAMPLE.c  of libnetmap(3)
set -eu

source=$1
page_example=$(realpath "$2")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$source"
root=$PWD/build/prefix/root

for tool in pkg-config cc; do
	if ! command -v "$tool" >/dev/null; then
		echo "SKIP: $tool is not installed"
		exit 77
	fi
done

# As make install does, in a folder of its own.
scripts/setup build/prefix "prefix=$root"
rm -rf "$root"
{
	ninja -C build/prefix
	meson install -C build/prefix --no-rebuild
} >"$dir/log" || { cat "$dir/log"; exit 1; }

export PATH=$root/bin:$PATH
export PKG_CONFIG_PATH=$root/lib/pkgconfig LD_LIBRARY_PATH=$root/lib
export NETMAP_SOCKET=$dir/netmapd.sock NETMAP_HOME=netmapd
unset NETMAPD

# says TEXT COMMAND...: it ends well, and prints that line.
says() {
	local text=$1
	shift
	timeout 60 "$@" >"$dir/out" 2>&1 || { cat "$dir/out"; return 1; }
	grep -qx "$text" "$dir/out" || { cat "$dir/out"; return 1; }
}

# Compiles all examples in folder $1 as their first lines say.
compile() {
	mkdir -p "$1/embedded"
	cp examples/*.c examples/container.sh "$1"
	cp examples/embedded/*.c "$1/embedded"
	for example in "$1"/*.c "$1"/embedded/*.c; do
		(
			cd "${example%/*}"
			sed -n 's/^ \*\t\(cc .*\)/\1/p' "${example##*/}" >cc.sh
			grep -q . cc.sh
			sh -e cc.sh
		)
	done
}

# Nothing but what is below the prefix is there for them.
cd "$dir"
echo "== shared"
(cd "$source" && compile "$dir/shared")
readelf -d shared/sink | grep -q 'NEEDED.*libnetmap.so.0'
says '1000 frames sent, 1000 seen' shared/embedded/sink_source
says '1 to a, 2 to b' shared/embedded/own_switch
examples() {
	"$source/tests/examples/test_examples.sh" "$dir/$1" \
		"$root"/bin/{pkt-gen,vale-ctl,netmap-run}
}
examples shared

echo "== static"
# Not capture: libpcap's own needs are others' affair.
cp -r shared static
for name in bridge pass several_ports sink source take; do
	read -r -a flags <<<"$(pkg-config --static --cflags --libs libnetmap)"
	cc -static -o "static/$name" "static/$name.c" "${flags[@]}"
done
if readelf -d static/sink | grep NEEDED; then
	exit 1
fi
examples static

echo "== the example of libnetmap(3), and who served it"
read -r -a flags <<<"$(pkg-config --cflags --libs libnetmap)"
cc -o page "$page_example" "${flags[@]}"
says '60 bytes' ./page
# Without a program netmapd ends, some time.
pkt-gen -i vale0:held -f rx >"$dir/held" 2>&1 &
held=$!
for _ in {1..600}; do
	netmap ports 2>&1 | grep -q '^vale0:held' && break
	sleep 0.1
done
netmap status
pid=$(netmap status --json |
	python3 -c 'import json, sys; print(json.load(sys.stdin)["netmapd"]["pid"])')
[ "$(readlink "/proc/$pid/exe")" = "$root/bin/netmapd" ]
kill "$held"
wait "$held" || true
netmap stop

echo "== pages, completion, units"
for page in "$source"/man/*.scd; do
	page=${page##*/}
	page=${page%.scd}
	file=$root/share/man/man${page##*.}/$page
	if ! command -v scdoc >/dev/null; then
		echo "made without scdoc: no pages"
		break
	fi
	[ -s "$file" ]
	if command -v mandoc >/dev/null; then
		mandoc -T lint -W error "$file"
	fi
	if command -v man >/dev/null; then
		[ "$(man -M "$root/share/man" -w "${page##*.}" "${page%.*}")" = "$file" ]
		man -l "$file" | grep -q NAME
	fi
done
for command in bridge netmap pkt-gen vale-ctl; do
	bash -c '. "$1" && complete -p "$2"' completion \
		"$root/share/bash-completion/completions/$command" "$command"
done
grep -qF "ExecStart=$root/bin/netmapd" "$root"/lib/systemd/system/netmapd.service
