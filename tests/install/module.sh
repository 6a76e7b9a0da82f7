#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# What make module-install and DKMS get: files in their places. The module itself
# is compiled and loaded by other tests; here any file will do.
#
# usage: module.sh SOURCE_DIR
set -eu

here=$1/scripts/kernel/here
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export NETMAP_BUILD=$dir/build DESTDIR=$dir/root

fail() {
	echo "$*"
	find "$dir"
	exit 1
}

echo "without a module there is nothing to install"
! "$here" install 2>"$dir/err" || fail "it was installed"
grep -q 'run make module first' "$dir/err" || fail "$(cat "$dir/err")"

echo "a folder that is none of a kernel is refused"
! KDIR=$dir "$here" build 2>"$dir/err" || fail "it was built"
grep -qF "KDIR=$dir is no kernel's build folder" "$dir/err" ||
	fail "$(cat "$dir/err")"

echo "module and udev rule are put in place"
mkdir -p "$NETMAP_BUILD/kernel/here"
echo module >"$NETMAP_BUILD/kernel/here/netmap.ko"
echo 6.1.0-test >"$NETMAP_BUILD/kernel/here/release"
"$here" install >"$dir/out" || fail "status $?"
grep -q module "$DESTDIR/lib/modules/6.1.0-test/updates/netmap.ko" ||
	fail "no module"
grep -q 'GROUP="netmap"' "$DESTDIR/lib/udev/rules.d/60-netmap.rules" ||
	fail "no udev rule"

echo "DKMS gets a source tree that names its version"
DESTDIR=$dir/dkms "$here" sources
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$dir/dkms/dkms.conf")
grep -q "version: '$version'" "$1/meson.build" || fail "version '$version'"
for file in Kbuild main.c core/core.c include/net/netmap.h; do
	[ -f "$dir/dkms/$file" ] || fail "no $file"
	[ ! -L "$dir/dkms/$file" ] || fail "$file is a link"
done
