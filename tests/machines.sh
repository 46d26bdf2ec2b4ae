#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Replays every recorded machine and compares what wcdiag says with what is expected. Prints TAP.
#
#   tests/machines.sh [--golden] [--wcdiag PATH] [NAME...]
#
# --golden rewrites the expected output and shows what changed. The assertions in tests/machines/NAME/must are not
# touched by it: they say what has to be true whatever the wording is. See tests/README.md.

set -u
cd "$(dirname "$0")/.." || exit 3
wcdiag=${WCDIAG:-./wcdiag} golden=
while [ $# -gt 0 ]; do
	case $1 in
	--golden) golden=1; shift;;
	--wcdiag) wcdiag=${2:?--wcdiag needs a path}; shift 2;;
	-*) echo "usage: tests/machines.sh [--golden] [--wcdiag PATH] [NAME...]" >&2; exit 3;;
	*) break;;
	esac
done
[ $# -gt 0 ] || set -- $(cd tests/machines && ls -d */ | tr -d /)
# The output must not depend on who runs this, and where.
export NO_COLOR=1 LC_ALL=C
unset COLUMNS

tmp=$(mktemp -d) || exit 3
trap 'rm -rf "$tmp"' EXIT
trap 'exit 3' HUP INT TERM
n=0 failed=0

ok() { n=$((n + 1)); echo "ok $n - $1"; }
not_ok() { n=$((n + 1)); failed=$((failed + 1)); echo "not ok $n - $1"; }

. tests/contract.sh

# expect MACHINE WHAT FILE: is $tmp/out what the file says?
expect() {
	file=tests/machines/$1/expected/$3
	if [ -n "$golden" ]; then
		mkdir -p "$(dirname "$file")"
		cmp -s "$tmp/out" "$file" || cp "$tmp/out" "$file"
		ok "machine $1: $2"
	elif [ ! -f "$file" ]; then
		not_ok "machine $1: $2: $file is missing (make golden, then read it)"
	elif diff -u "$file" "$tmp/out" > "$tmp/diff"; then
		ok "machine $1: $2"
	else
		not_ok "machine $1: $2"
		sed -e '1s,.*,--- expected,' -e '2s,.*,+++ got,' -e 's/^/# /' "$tmp/diff"
	fi
}

# run MACHINE ARGS...: into $tmp/out, the version blotted out; the exit status into $code
run() {
	machine=$1
	shift
	"$wcdiag" "$@" --root "tests/machines/$machine/root" > "$tmp/raw" 2> "$tmp/err"
	code=$?
	sed 's/^  "wcdiag": "[^"]*",$/  "wcdiag": "VERSION",/' "$tmp/raw" > "$tmp/out"
	if [ $code -gt 3 ] || [ -s "$tmp/err" ]; then
		not_ok "machine $machine: $*: ends with $code and this on stderr"
		sed 's/^/# /' "$tmp/err" | head -40
	fi
}

# The JSON in $tmp/out against the contract and the machine's own assertions
judge_json() {
	"$contract" --exit "$code" --must "tests/machines/$1/must" "$2" < "$tmp/out" > "$tmp/judged"
	while read -r line; do
		case $line in
		"ok "*) ok "machine $1: $2: ${line#ok }";;
		*) not_ok "machine $1: $2: ${line#not ok }";;
		esac
	done < "$tmp/judged"
	[ -s "$tmp/judged" ] || not_ok "machine $1: $2: json_contract said nothing"
}

exit_is() { echo "$1 $code" >> "$tmp/exits"; }

one_machine() {
	: > "$tmp/exits"
	run "$1" check
	exit_is check
	expect "$1" "check text" check.txt
	first=$code
	run "$1" check --json
	expect "$1" "check json" check.json
	[ "$code" = "$first" ] || not_ok "machine $1: check --json ends with $code, check with $first"
	judge_json "$1" check
	if [ -f "tests/machines/$1/runs" ]; then
		while read -r name args; do
			case $name in ''|\#*) continue;; esac
			# Words, not a command line: no quotes are needed in these.
			run "$1" $args < /dev/null
			exit_is "$name"
			case " $args " in
			*" --json "*) expect "$1" "$args" "$name.json";;
			*) expect "$1" "$args" "$name.txt";;
			esac
			case $args in *--format*) continue;; check*) ;; *) continue;; esac
			case " $args " in *" --json "*) ;; *) run "$1" $args --json < /dev/null;; esac
			judge_json "$1" "$name"
		done < "tests/machines/$1/runs"
	fi
	cp "$tmp/exits" "$tmp/out"
	expect "$1" "exit status" exit
}

if [ ! -x "$wcdiag" ]; then
	echo "Bail out! $wcdiag: not there (run make)"
	exit 3
fi
if ! build_contract; then
	echo "Bail out! json_contract does not build (json-c is needed)"
	exit 3
fi
for machine in "$@"; do
	machine=${machine%/}
	if [ ! -d "tests/machines/$machine/root" ]; then
		not_ok "machine $machine: there is no tests/machines/$machine/root"
		continue
	fi
	[ -s "tests/machines/$machine/about" ] && [ -s "tests/machines/$machine/must" ] ||
		not_ok "machine $machine: about or must is missing"
	one_machine "$machine"
done
echo "1..$n"
[ -z "$golden" ] || git diff --stat -- tests/machines >&2 || :
[ -z "$golden" ] || git status --short -- tests/machines | grep '^??' | head -20 >&2 || :
[ $failed = 0 ]
