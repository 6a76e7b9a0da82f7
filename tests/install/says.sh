#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# says.sh - runs a program, which is to end well and print a line.
#
# usage: says.sh PROGRAM LINE
set -eu

out=$("$1")
echo "$out"
echo "$out" | grep -qxF "$2"
