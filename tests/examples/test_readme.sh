#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# What README.md shows under "Ways in" compiles, and does what it says: its
# programs, as they stand there, and its commands.
#
# usage: test_readme.sh README.md BUILD_DIR PROGRAM...
#   PROGRAM   pkt-gen, vale-ctl, netmap-run
# shellcheck disable=SC2046,SC2086  # words of commands
set -u

# shellcheck source=tests/examples/run.bash
. "$(dirname "$0")/run.bash"
readme=$(realpath "$1")
build=$(realpath "$2")
shift 2
programs "$@"
export PKG_CONFIG_PATH=$build/meson-uninstalled LD_LIBRARY_PATH=$build/lib
cd "$build/examples" || exit

ways() {
	sed -n '/^## Ways in$/,/^## /p' "$readme"
}

# snippet N: the Nth program.
snippet() {
	ways | awk -v n="$1" '/^```/ { inside = !inside; i += /^```c/; next }
		inside && i == n'
}

# compile NAME N FLAG...: the Nth program, behind what stands on stdin.
compile() {
	local name=$1 number=$2
	shift 2
	{
		cat
		echo 'int main(void) {'
		snippet "$number"
		echo 'return 0; }'
	} >"$dir/$name.c"
	cc -Wall -Werror -Wno-unused-variable -o "$dir/bin/$name" \
		"$dir/$name.c" "$@"
}

# ---- the claims ----

libnetmap_sends() {
	compile linked 1 $(pkg-config --cflags --libs libnetmap) <<-'END' || return
		#include <libnetmap.h>
		#include <net/netmap_user.h>
		static const char frame[60] = {-1, -1, -1, -1, -1, -1, 2};
	END
	start sink ./sink vale0:sink 1
	port vale0:sink && linked && ended sink &&
		says sink '1 frames, 60 bytes, sum 1532'
}

nm_open_receives() {
	compile plain 2 $(pkg-config --cflags libnetmap) <<-'END' || return
		#include <poll.h>
		#include <stdlib.h>
		#define NETMAP_WITH_LIBS
		#include <net/netmap_user.h>
		static void use(unsigned char *arg, const struct nm_pkthdr *h,
				const unsigned char *frame) {
			printf("%u bytes of type %02x%02x\n", h->len, frame[12],
			       frame[13]);
		}
	END
	start plain netmap-run plain
	port vale0:b && ./source vale0:s 1 && ended plain &&
		says plain '60 bytes of type 88b5'
}

embedded_moves() {
	compile embedded 3 $(pkg-config --cflags --libs netmap-embedded) <<-'END' || return
		#include <netmap_embedded.h>
		#include <net/netmap_user.h>
		static char frame[60] = "\xff\xff\xff\xff\xff\xff it arrived";
		static struct nme *w;
		static struct nme_port *a, *b;
	END
	embedded >"$dir/embedded" && grep -q ' it arrived' "$dir/embedded"
}

has_received() {
	grep -q 'pps ([1-9]' "$dir/rx"
}

# Two of them, in two shells.
pkt_gens_move() {
	start rx $1 && port vale0:a && start tx $2 && until_true has_received &&
		kill "${pids[@]}" && ended tx && wait "${pids[0]}" &&
		says rx 'Received [1-9]'
}

netmap_run_answers() {
	start echo $1
	port vale0:b && pkt-gen -i vale0:a -f ping -n 10 -T 0 >"$dir/ping" &&
		says ping 'Sent 10 packets, 10 answered'
}

port_is_passed() {
	start passed $1
	port vale0:c && ./source vale0:s 1000 && ended passed
}

claim 'the program linked with libnetmap sends' libnetmap_sends
claim 'the program with nm_open receives' nm_open_receives
claim 'the program with all in one process moves a frame' embedded_moves
readarray -t commands < <(ways | sed -n 's/^    //p')
for command in "${commands[@]}"; do
	case $command in
	pkt-gen*rx)
		receiver=$command
		;;
	pkt-gen*tx)
		claim "$receiver, $command" pkt_gens_move "$receiver" \
			"$command"
		;;
	netmap-run*)
		claim "$command" netmap_run_answers "$command"
		;;
	./container.sh*)
		if has_containers; then
			claim "$command" port_is_passed "$command"
		else
			skip "$command" "no containers here: $(cat "$dir/no")"
		fi
		;;
	./pass*)
		claim "$command" port_is_passed "$command"
		;;
	*)
		claim "$command" false
		;;
	esac
done
finish
