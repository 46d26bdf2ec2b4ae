#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What wcdiag costs beside what people use today: one page of ratios, each measured in one run, the two sides in turns, for
# machines are noisy and only what stood side by side can be compared. "make bench" builds first.
#
#   run.sh [--json]     text, or one JSON object for a plot; both leave the object in build/bench.json
#   LINES=N             length of the memtype list (1000000)
#   PAIRS=N             interleaved pairs of each comparison (15)
#
# A rival that is not installed is named and skipped. No test depends on any of this.
set -eu
cd "$(dirname "$0")/../.."
export LC_ALL=C

pairs=${PAIRS:-15} json=
[ "${1:-}" != --json ] || json=yes
machine=epyc-256cpu-4000res
out=build/bench.json
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
: >"$tmp/results"

[ -x ./wcdiag ] || { echo "bench: ./wcdiag is not built (make bench)" >&2; exit 1; }

say() { if [ -z "$json" ]; then printf "$@"; fi; }
quoted() { sed 's/\\/\\\\/g; s/"/\\"/g' <<<"$1"; }

# One object of the results; numbers or null as they are.
result() {	# WHAT UNIT MEDIAN LOW HIGH [RIVAL]
	printf '{"what": "%s", "unit": "%s", "median": %s, "low": %s, "high": %s, "rival": %s}\n' "$(quoted "$1")" "$2" \
		"$3" "$4" "$5" "$([ $# -lt 6 ] && echo null || echo "\"$(quoted "$6")\"")" >>"$tmp/results"
}

skipped() {	# WHAT WHY
	say '    %-34s skipped: %s\n' "$1" "$2"
	printf '{"what": "%s", "skipped": "%s"}\n' "$(quoted "$1")" "$(quoted "$2")" >>"$tmp/results"
}

# Microseconds of one run of a command. Its own status is its own affair; 3 and above means that it did not work.
once() {
	local from=${EPOCHREALTIME/[.,]/} status=0
	"$@" >/dev/null 2>"$tmp/err" || status=$?
	took=$((${EPOCHREALTIME/[.,]/} - from))
	if [ $status -ge 3 ]; then
		echo "bench: $1: $(head -1 "$tmp/err")" >&2
		exit 1
	fi
}

# Quartiles and median of a column of numbers.
middle() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 3) / 4)], v[int((NR + 1) / 2)], v[NR - int((NR + 3) / 4) + 1] }'; }

# Ours against a rival, in turns: the ratio of each pair, ours by theirs.
against() {	# WHAT RIVAL-NAME OURS... -- RIVAL...
	local what=$1 rival=$2 i mine
	shift 2
	local ours=() theirs=()
	while [ "$1" != -- ]; do ours+=("$1"); shift; done
	shift
	theirs=("$@")
	if ! command -v "${theirs[0]}" >/dev/null; then
		skipped "$what by $rival" "${theirs[0]} is not installed"
		return
	fi
	once "${ours[@]}"
	: >"$tmp/pairs"; : >"$tmp/ours"
	for ((i = 0; i < pairs; i++)); do
		if ((i % 2)); then
			once "${ours[@]}"; mine=$took; once "${theirs[@]}"
		else
			once "${theirs[@]}"; mine=$took; once "${ours[@]}"; set -- $took $mine; mine=$1; took=$2
		fi
		echo "$mine $took" | awk '{ print $1 / $2 }' >>"$tmp/pairs"
		echo "$mine" | awk '{ print $1 / 1000 }' >>"$tmp/ours"
	done
	read -r low mid high < <(middle <"$tmp/pairs")
	read -r _ ms _ < <(middle <"$tmp/ours")
	say '    %-34s %6.2f x %-12s (%.2f to %.2f), %.1f ms\n' "$what" "$mid" "$rival" "$low" "$high" "$ms"
	result "$what" "x" "$mid" "$low" "$high" "$rival"
}

cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)
say '%s, Linux %s, %s CPUs; %s interleaved pairs, medians (quartiles)\n' "$cpu" "$(uname -r)" "$(nproc)" "$pairs"

say '\nstore loops over ordinary memory: rival time by ours, above 1 we are faster\n'
build/rel/tests/bench/bench_stores --json $((pairs < 31 ? 31 : pairs)) >"$tmp/stores"
[ -n "$json" ] || build/rel/tests/bench/bench_stores $((pairs < 31 ? 31 : pairs))

awk 'BEGIN { for (i = 0; i < 100000; i++) printf "s 0x%x 8\n", 4294967296 + 8 * i }' >"$tmp/events"
say '\none diagnosis of this machine: ours by theirs, below 1 we are faster\n'
against "check" "lspci -vvv" ./wcdiag check -- lspci -vvv
against "check" "lspci -n" ./wcdiag check -- lspci -n
against "bars" "lspci -n" ./wcdiag bars -- lspci -n
against "model, 100,000 events" "wc -l" ./wcdiag model --profile reference "$tmp/events" -- wc -l "$tmp/events"

say '\nthe reservation list, %s lines\n' "${LINES:-1000000}"
build/rel/tests/bench/bench_memtype --write "$tmp/list" "${LINES:-1000000}"
once wc -l "$tmp/list"
for i in 1 2 3 4 5; do once wc -l "$tmp/list"; echo "$took"; done | middle >"$tmp/wc"
read -r best _ _ <"$tmp/wc"
build/rel/tests/bench/bench_memtype "$tmp/list" "$(awk "BEGIN { print $best / 1000 }")" >"$tmp/memtype"
say '%s\n' "$(sed 's/^/    /' "$tmp/memtype")"
# "parse and index   181.4 ms   36.27 x wc -l": each of its lines.
sed -n 's/^\(.*[a-z]\)  *\([0-9.]*\) ms *\(\([0-9.]*\) x wc -l\)\{0,1\}$/\1\t\2/p' "$tmp/memtype" |
	while IFS=$'\t' read -r what ms; do result "list: $what" ms "$ms" null null; done

say '\nreplay of snapshots, one process for all\n'
roots=()
for r in tests/machines/*/root; do roots+=("$r"); done
for ((i = 0; i < 5; i++)); do
	once ./wcdiag check --root "${roots[@]}"
	echo "$took ${#roots[@]}" | awk '{ print $2 * 1000000 / $1 }'
done | middle >"$tmp/replay"
read -r low mid high <"$tmp/replay"
say '    %-34s %6.0f snapshots/s (%.0f to %.0f), %d of them\n' "check --root" "$mid" "$low" "$high" ${#roots[@]}
result "check --root" "snapshots/s" "$mid" "$low" "$high"
against "check --root, 256 CPUs" "wc -l of it" ./wcdiag check --root "tests/machines/$machine/root" -- \
	find "tests/machines/$machine/root" -type f -exec wc -l {} +

say '\nwcdiag live, once a second on a terminal of 200x50\n'
if command -v tmux >/dev/null; then
	for what in "200" "200 changing" live; do
		# shellcheck disable=SC2086
		read -r share _ _ < <(tests/bench/live.sh 30 $what)
		case $what in
		live)		what="this machine" ;;
		*changing)	what="... which change each second" ;;
		*)		what="$what BARs, 4000 reservations" ;;
		esac
		say '    %-34s %6.2f %% of a CPU\n' "$what" "$share"
		result "live: $what" "% of a CPU" "$share" null null
	done
else
	skipped "live" "tmux is not installed"
fi

say '\nmany snapshots of 60 devices, in memory\n'
. tests/bench/fleet.sh

say '\nmodel of the buffers, one core\n'
build/rel/tests/bench/bench_model >"$tmp/model"
say '%s\n' "$(sed 's/^/    /' "$tmp/model")"
sed -n 's/^\(.*[^ ]\)  *\([0-9]*\) million events.*/\1\t\2/p' "$tmp/model" |
	while IFS=$'\t' read -r what n; do result "model: $what" "million events/s" "$n" null null; done

. tests/bench/trace.sh

say '\nwalk of page tables, in a VM (software emulation: the ratios count)\n'
# The scenario's own output, with its verdicts; a status of the lab that is no result (nothing to boot) says why.
lab=$(tests/lab/run.sh --kernel 6.12 --scenario km-bench --keep) || true
results=$(sed -n 's/^# results: //p' <<<"$lab")
if [ -f "$results/6.12-km/results/km-bench/bench" ]; then
	say '%s\n' "$(sed 's/^ok - /    /; s/^not ok - /    WRONG: /; s/^/    /' "$results/6.12-km/results/km-bench/bench")"
	printf '{"what": "pte in a VM", "text": "%s"}\n' \
		"$(tr '\n' ' ' <"$results/6.12-km/results/km-bench/bench" | sed 's/\\/\\\\/g; s/"/\\"/g')" >>"$tmp/results"
else
	skipped "pte in a VM" "$(grep -E '^not ok|SKIP' <<<"$lab" | head -1)"
fi
case $results in
"${TMPDIR:-/tmp}"/wcdiag-lab.*)	rm -rf "$results" ;;
esac

{
	printf '{"wcdiag": "%s", "cpu": "%s", "kernel": "%s", "cpus": %s, "pairs": %s,\n"stores": ' \
		"$(./wcdiag --version | awk '{ print $2 }')" "$(quoted "$cpu")" "$(uname -r)" "$(nproc)" "$pairs"
	cat "$tmp/stores"
	printf ',\n"results": [\n'
	sed '$!s/$/,/' "$tmp/results"
	printf ']}\n'
} >"$out"
[ -z "$json" ] || cat "$out"
say '\nthe same for a plot: %s\n' "$out"
