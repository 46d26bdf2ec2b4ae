# SPDX-License-Identifier: GPL-2.0-or-later
# fleet.sh - the part of run.sh about many snapshots: a made-up server of 60 devices, as a folder and as an archive, with one
# process and with as many as there are CPUs. Sourced by run.sh; functions and variables are that file's. The folder in
# memory, where there is such a place: what a disk takes to find a thousand files is not wcdiag's.

fleet=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "$tmp")")
tests/gen/typical.sh "$fleet/host"
tar czf "$fleet/host.tar.gz" -C "$fleet" host
yes "$fleet/host" | head -300 >"$fleet/folders"
yes "$fleet/host.tar.gz" | head -60 >"$fleet/archives"

per_second() {	# WHAT LIST JOBS
	local what=$1 list=$2 jobs=$3 n
	n=$(wc -l <"$list")
	for i in 1 2 3; do
		once ./wcdiag check --until memtype -j "$jobs" --roots-from "$list"
		echo "$took $n" | awk '{ print $2 * 1000000 / $1 }'
	done | middle >"$fleet/rate"
	read -r low mid high <"$fleet/rate"
	say '    %-34s %6.0f a second (%.0f to %.0f)\n' "$what" "$mid" "$low" "$high"
	result "$what" "snapshots/s" "$mid" "$low" "$high"
}
for what in folders archives; do
	per_second "$what, one process" "$fleet/$what" 1
	one=$mid
	per_second "$what, $(nproc) processes" "$fleet/$what" "$(nproc)"
	say '    %-34s %6.2f x one process\n' "" "$(awk "BEGIN { print $mid / $one }")"
done
rm -rf "$fleet"
