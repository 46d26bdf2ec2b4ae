#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What wcdiag live costs: CPU time a second of one CPU, in percent, while it reads and draws once a second on a terminal of
# 200x50. Prints "PERCENT KIB-BEFORE KIB-AFTER" (resident memory).
#
#   live.sh SECONDS [BARS]             a recorded machine with 4000 reservations, as many BARs as asked for (200)
#   live.sh SECONDS [BARS] changing    ... of which in each second every other reservation is another type, a process maps
#                                      another place, and one is gone or there again
#   live.sh SECONDS live               this machine
set -eu
cd "$(dirname "$0")/../.."
unset TMUX
seconds=$1 bars=${2:-200}
tmp=$(mktemp -d)
trap 'tmux -S "$tmp/tmux" kill-server 2>/dev/null || true; rm -rf "$tmp"' EXIT

# Copies of one device beside it, each with its BAR behind the last one's.
more() {
	local root=$1 n=$2 from dir slot i addr
	from=$(realpath "$root/sys/bus/pci/devices/0000:61:00.0")
	dir=${from%/*}
	for ((i = 1; i <= n; i++)); do
		slot=$(printf '0000:61:%02x.%d' $((i / 8)) $((i % 8)))
		addr=$((0x34040000000 + i * 0x2000000))
		cp -r "$from" "$dir/$slot"
		{ printf '0x%016x 0x%016x 0x000000000014220c\n' $addr $((addr + 0x1ffffff)); tail -n +2 "$from/resource"; } >"$dir/$slot/resource"
		ln -s "../../../devices${dir#"$root/sys/devices"}/$slot" "$root/sys/bus/pci/devices/$slot"
	done
}

args=()
if [ "$bars" != live ]; then
	cp -r tests/machines/epyc-256cpu-4000res/root "$tmp/root"
	more "$(realpath "$tmp/root")" $((bars - 12))
	args=(--root "$tmp/root")
fi
# A little more often than it is read: a reading now and then sees no change, none sees two.
list=sys/kernel/debug/x86/pat_memtype_list
change() {
	local i=0
	cp "$tmp/root/$list" "$tmp/list.0"
	sed 'n;s/write-combining/WC/;s/uncached-minus/write-combining/;s/WC$/uncached-minus/' "$tmp/list.0" >"$tmp/list.1"
	while sleep 0.97; do
		i=$((1 - i))
		cp "$tmp/list.$i" "$tmp/root/$list.new"
		mv "$tmp/root/$list.new" "$tmp/root/$list"
		printf '7f%d000000000-7f%d000001000 rw-s 34020000000 00:15 1 /sys/devices/pci0000:60/0000:60:01.1/0000:61:00.0/resource0_wc\n' \
			$i $i >"$tmp/root/proc/41000/maps"
		[ $i = 0 ] && mv "$tmp/root/proc/41001" "$tmp/gone" || mv "$tmp/gone" "$tmp/root/proc/41001" 2>/dev/null || true
	done
}
changer=
if [ "${3:-}" = changing ]; then
	change &
	changer=$!
	trap 'kill $changer; tmux -S "$tmp/tmux" kill-server 2>/dev/null || true; sleep 0.1; rm -rf "$tmp"' EXIT
fi
tmux -S "$tmp/tmux" -f /dev/null new-session -d -x 200 -y 50 "LC_ALL=C.UTF-8 exec ./wcdiag live ${args[*]}"
sleep 3
pid=$(tmux -S "$tmp/tmux" list-panes -F '#{pane_pid}')
# Nanoseconds on a CPU, not ticks: it wakes for some milliseconds a second, and a clock of 10 ms would see them or not.
used() { cut -d' ' -f1 "/proc/$pid/schedstat"; }
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"; }
from=$(used) before=$(rss)
sleep "$seconds"
awk -v t=$(($(used) - from)) -v s="$seconds" -v a="$before" -v b="$(rss)" 'BEGIN { printf "%.2f %d %d\n", t / 1e7 / s, a, b }'
