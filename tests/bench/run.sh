#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What parsing and replaying cost, beside wc -l on the same file; events per second of the model of the buffers; and what a walk by
# the helper module costs, beside pagemap.
# "make bench" builds first.
#
#   LINES=N   length of the memtype list (1000000)
set -eu
cd "$(dirname "$0")/../.."

bench=build/rel/tests/bench/bench_memtype
machine=epyc-256cpu-4000res

# Milliseconds of the fastest of N runs of a command.
best_of() {
	local n=$1 best= from took i
	shift
	for ((i = 0; i < n; i++)); do
		from=${EPOCHREALTIME/[.,]/}
		"$@" >/dev/null 2>&1 || true
		took=$((${EPOCHREALTIME/[.,]/} - from))
		if [ -z "$best" ] || [ "$took" -lt "$best" ]; then best=$took; fi
	done
	printf '%d.%03d\n' $((best / 1000)) $((best % 1000))
}

[ -x "$bench" ] || { echo "bench: $bench is not built (make bench)" >&2; exit 1; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

echo "memtype list"
"$bench" --write "$tmp/list" "${LINES:-1000000}"
"$bench" "$tmp/list" "$(best_of 5 wc -l "$tmp/list")"

echo
echo "check --root, $machine"
if [ ! -d "tests/machines/$machine/root" ]; then
	echo "skipped: no tests/machines/$machine/root"
elif [ ! -x ./wcdiag ]; then
	echo "skipped: ./wcdiag is not built"
else
	files=$(find "tests/machines/$machine/root" -type f | wc -l)
	# check's own status tells what it found; 3 means that it did not work
	status=0
	./wcdiag check --root "tests/machines/$machine/root" >/dev/null 2>"$tmp/err" || status=$?
	if [ "$status" -ge 3 ]; then
		echo "failed: $(head -1 "$tmp/err")"
		exit 1
	fi
	check=$(best_of 3 ./wcdiag check --root "tests/machines/$machine/root")
	wc=$(best_of 3 find "tests/machines/$machine/root" -type f -exec wc -l {} +)
	printf '%-24s %8.1f ms  (%s files)\n' "find, wc -l" "$wc" "$files"
	printf '%-24s %8.1f ms  %6.2f x wc -l\n' "check" "$check" "$(awk "BEGIN { print $check / $wc }")"
fi

echo
echo "model of the buffers, one core"
build/rel/tests/bench/bench_model

echo
echo "walk of page tables, in a VM (software emulation; the ratios count)"
# The scenario's own output, with its verdicts; a status of the lab that is no result (nothing to boot) says why.
lab=$(tests/lab/run.sh --kernel 6.12 --scenario km-bench --keep) || true
results=$(sed -n 's/^# results: //p' <<<"$lab")
if [ -f "$results/6.12-km/results/km-bench/bench" ]; then
	sed 's/^ok - /    /; s/^not ok - /    WRONG: /; s/^/    /' "$results/6.12-km/results/km-bench/bench"
else
	grep -E '^not ok|SKIP' <<<"$lab" || echo "$lab"
fi
case $results in
"${TMPDIR:-/tmp}"/wcdiag-lab.*)	rm -rf "$results" ;;
esac
