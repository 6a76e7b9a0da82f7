#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The Debian packages on a machine that has nothing else: built, looked through by
# lintian, installed, used by a user of the group, upgraded, purged.
#
# usage: deb.sh SOURCE_DIR
# shellcheck disable=SC2016  # dpkg-query has variables of its own
set -eu

source=$1
for tool in dpkg-buildpackage lintian mmdebstrap unshare; do
	if ! command -v "$tool" >/dev/null; then
		echo "SKIP: $tool is not installed"
		exit 77
	fi
done
if [ "$(id -u)" != 0 ]; then
	echo "SKIP: only root can set up a machine below a folder"
	exit 77
fi

dir=$(mktemp -d)
root=$dir/root
clean_up() {
	umount "$root/proc" 2>/dev/null || true
	rm -rf --one-file-system "$dir"
}
trap clean_up EXIT

fail() {
	echo "FAILED: $*"
	exit 1
}

inside() {
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		DEBIAN_FRONTEND=noninteractive "$@"
}

apt() {
	inside apt-get -qq -y --no-install-recommends "$@" </dev/null
}

echo "== built"
"$source/scripts/deb"
debs=("$source"/build/deb/*[!m]_*.deb) # no dbgsym

echo "== lintian finds no error"
lintian --allow-root --fail-on error "$source"/build/deb/*.changes

echo "== installed"
mmdebstrap --quiet --variant=minbase bookworm "$root"
mount -t proc proc "$root/proc"
cp "${debs[@]}" "$root/"
apt update
# A kernel's headers: DKMS builds for the newest that has them.
apt install linux-headers-amd64 "${debs[@]/#*\//./}" >"$dir/log" 2>&1 ||
	{ tail -n 30 "$dir/log"; fail "apt-get install"; }
module=$(find "$root/lib/modules" -name 'netmap.ko*')
[ "$module" ] || { tail -n 30 "$dir/log"; fail "DKMS has built no module"; }
inside getent group netmap || fail "no group netmap"
[ -e "$root/lib/systemd/system/netmapd.socket" ] || fail "no netmapd.socket"

echo "== frames pass between two programs of a user"
inside useradd tester
as_user() {
	chroot --userspec=tester "$root" env -i PATH=/usr/bin:/bin "$@"
}
as_user pkt-gen -i vale0:to -f rx -n 1000 -w 0 >"$dir/rx" 2>&1 &
receiver=$!
until as_user vale-ctl | grep -q vale0:to; do
	kill -0 $receiver || { cat "$dir/rx"; fail "the receiver has ended"; }
	sleep 0.1
done
as_user pkt-gen -i vale0:from -f tx -n 1000 -w 0 >"$dir/tx" 2>&1 ||
	{ cat "$dir/tx"; fail "the sender"; }
wait $receiver || { cat "$dir/rx"; fail "the receiver"; }
as_user netmap-run vale-ctl >/dev/null || fail "netmap-run"

echo "== upgraded"
newer=$dir/newer
for deb in "${debs[@]}"; do
	dpkg-deb -R "$deb" "$newer"
	sed -i '/^Version:/s/$/+1/; s/(= [0-9.]*)/(>= 0)/' "$newer/DEBIAN/control"
	rm -f "$root/$(basename "$deb")"
	dpkg-deb -b --root-owner-group "$newer" "$root/$(basename "$deb")" >/dev/null
	rm -rf "$newer"
done
apt install "${debs[@]/#*\//./}" >"$dir/log" 2>&1 ||
	{ tail -n 30 "$dir/log"; fail "the upgrade"; }
[ "$(inside dpkg-query -W -f '${Version}' netmapd)" = 0.1.0+1 ] ||
	fail "it was not upgraded"

echo "== purged"
mapfile -t names < <(inside dpkg-query -W -f '${Package}\n' '*netmap*')
apt purge "${names[@]}" >"$dir/log" 2>&1 ||
	{ tail -n 30 "$dir/log"; fail "apt-get purge"; }
rm "$root"/*.deb
# What goes by itself at the next boot, users' folders among it, may stay.
left=$(find "$root" -xdev \( -path "$root/proc" -o -path "$root/tmp" \
	-o -path "$root/run" -o -path "$root/usr/src/linux-*" \
	-o -path "$root/usr/include/linux" \) -prune -o -name '*netmap*' -print)
[ -z "$left" ] || fail "these are left: $left"
