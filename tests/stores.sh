#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# stores.sh - the streams of tests/stores: what check --events says of each, on a recorded machine whose entries are right.
#
# Each says in comments what has to be found in layer stores, and nothing but that is: "#: SEVERITY RULE", or "#: none".
# Information is not counted. Prints TAP.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
program=${WCDIAG:-./wcdiag}
machine=tests/machines/entries-good-drivers/root
work=$(mktemp -d "${TMPDIR:-/tmp}/wcdiag-stores.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM

findings() {
	awk -F'"' '$2 == "rule" { rule = $4 } $2 == "layer" { layer = $4 }
		$2 == "severity" && layer == "stores" && $4 != "info" { print $4, rule }' "$1" | sort -u
}

faults=0 good=0
for f in tests/stores/*.events; do
	sed -n 's/^#: *//p' "$f" | grep -v '^none$' | sort -u >"$work/want"
	grep -q '^#: ' "$f"
	ok $? "$f says what it wants"
	"$program" check 00:03.0:2 --events "$f" --json --root "$machine" >"$work/out" 2>"$work/err"
	code=$?
	findings "$work/out" >"$work/got"
	cmp -s "$work/want" "$work/got"
	ok $? "$f: $(paste -sd, "$work/want")"
	diff "$work/want" "$work/got" | sed 's/^/# /'
	# The machine is intact: the stores alone decide.
	want=0
	grep -q '^unknown' "$work/want" && want=2
	grep -q '^broken' "$work/want" && want=1
	[ "$code" = "$want" ]
	ok $? "$f: exit status $want"
	[ "$code" = "$want" ] || sed 's/^/# /' "$work/err"
	if [ "$want" = 1 ]; then faults=$((faults + 1)); fi
	if [ ! -s "$work/want" ]; then good=$((good + 1)); fi
done
[ "$faults" -ge 12 ]
ok $? "$faults faults, 12 or more"
[ "$good" -ge 4 ]
ok $? "$good good ones, 4 or more"
echo "1..$n"
