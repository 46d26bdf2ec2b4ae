#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# model_agree.sh [--streams N] [--first N] - the model of wcdiag and the reference model of the lab's analyser, which
# share nothing, make the same TLPs of the same events, in the same order.
#
# The streams are random and the same each time (tests/lab/genevents.c); 20,000 by default, from the first on. Prints
# TAP. A stream that differs is shown, with both answers.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
program=${WCDIAG:-$top/wcdiag}
streams=20000 first=1 chunk=5000

while [ $# -gt 0 ]; do
	case $1 in
	--streams)	streams=${2:?}; shift ;;
	--first)	first=${2:?}; shift ;;
	*)		sed -n '3,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
	shift
done

[ "$streams" -le 100000 ] || chunk=50000

cc=${CC:-cc}
if ! command -v "${cc%% *}" >/dev/null; then
	echo "ok 1 - model agrees # SKIP no compiler for the reference model"
	echo 1..1
	exit 0
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/wcdiag-agree.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
# shellcheck disable=SC2086
$cc -std=gnu17 -D_GNU_SOURCE -O2 -o "$work/ref" "$top/tests/lab/refmodel.c" "$top/tests/lab/analyser/wc.c" "$top/tests/lab/analyser/list.c"
$cc -std=gnu17 -D_GNU_SOURCE -O2 -o "$work/gen" "$top/tests/lab/genevents.c"

# The tool's status is 2 where it says that the manuals leave something open; the list is whole all the same.
tool() {	# BUFFERS
	code=0
	"$program" model --profile reference --buffers "$1" --tlps - || code=$?
	[ $code = 0 ] || [ $code = 2 ] || echo "wcdiag model ended with $code"
}

# Streams $1 to $1 + $2 - 1 with $3 buffers; the answers stay in ours and theirs.
agree() {
	"$work/gen" "$1" "$2" >"$work/events"
	tool "$3" <"$work/events" >"$work/ours" 2>"$work/err" &
	"$work/ref" -b "$3" <"$work/events" >"$work/theirs"
	wait $!
	cmp -s "$work/ours" "$work/theirs"
}

show_first() {	# FIRST COUNT BUFFERS
	at=$1
	while [ "$at" -lt $(($1 + $2)) ] && agree "$at" 1 "$3"; do at=$((at + 1)); done
	echo "# stream $at; below, wcdiag's list (-) and the reference's (+)"
	sed 's/^/#   /' "$work/events"
	diff -u "$work/ours" "$work/theirs" | sed -n '3,40s/^/#   /p'
	sed 's/^/#   stderr: /' "$work/err"
}

n=0 failed=0
result() { n=$((n + 1)); echo "$1 $n - $2"; }

# Mostly the reference's ten buffers; one in four with fewer or more.
while [ "$streams" -gt 0 ]; do
	count=$chunk
	[ "$count" -le "$streams" ] || count=$streams
	case $((first / chunk % 4)) in
	1)	buffers=$((1 + first / chunk % 32)) ;;
	*)	buffers=10 ;;
	esac
	what="streams $first to $((first + count - 1)), $buffers buffers"
	if agree "$first" "$count" "$buffers"; then
		result ok "$what: $(wc -l <"$work/theirs") TLPs, all the same"
	else
		failed=1
		result 'not ok' "$what: the same TLPs"
		# One stream after the other in steps, then the one.
		step=250
		at=$first
		while [ "$at" -lt $((first + count)) ] && agree "$at" $step "$buffers"; do at=$((at + step)); done
		show_first "$at" $step "$buffers"
		break
	fi
	# Lists that agree because they hold next to nothing would prove nothing.
	if [ "$count" = $chunk ]; then
		for least in ' 16 f f:1000' ' 2 :10000' ' 1 :5000' ' 8 :20'; do
			seen=$(grep -c -F -- "${least%:*}" "$work/theirs" || true)
			[ "$seen" -ge "${least#*:}" ] || { failed=1; result 'not ok' "$what: enough TLPs '${least%:*}' ($seen)"; }
		done
	fi
	first=$((first + count)) streams=$((streams - count))
done
echo "1..$n"
exit $failed
