#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# coverage.sh - which lines of probe/ the tests run that need no VM: a line a file, the least covered first, and in
# build/coverage/ the page that shows each line. "make coverage" builds first. Exit 1 when fewer than LEAST percent of the
# lines were run. Whether the tests pass is for "make check" to say: a few look at what is written to stderr, and this
# build complains there when it may not keep its counts (as an ordinary user).
#
# What a worker or a traced program's tracer ran is not counted when it is killed: the figure is a lower bound. The lab runs
# more of what reads a live machine; that is not in it.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${LEAST:=90}"
B=build/cov
if ! command -v gcovr >/dev/null; then
	echo "coverage: gcovr is not installed (apt-get install gcovr)" >&2
	exit 3
fi
find $B -name '*.gcda' -delete
rc=0
echo "coverage: the tests run (build/log-cov/)"
tests/run.sh --cov >build/coverage.log 2>&1
tail -n 1 build/coverage.log
mkdir -p build/coverage
# Branches of assertions and of the compiler's own are noise: lines alone.
gcovr -r . --object-directory $B --filter 'probe/' --exclude-throw-branches --sort-percentage \
	--html-details build/coverage/index.html --txt build/coverage/lines.txt --json-summary build/coverage/summary.json $B ||
	exit 3
# "FILE LINES EXECUTED COVER% MISSING"
grep '^probe/' build/coverage/lines.txt | awk '{ print $4 + 0, $3, $2, $1 }' | sort -n | head -25 |
	awk '{ printf "%4d %%  %5d of %5d lines  %s\n", $1, $2, $3, $4 }'
got=$(sed -n 's/.*"line_percent": \([0-9.]*\),.*/\1/p' build/coverage/summary.json | tail -n 1)
echo "coverage: $got % of the lines in probe/ (at least $LEAST asked); each line: build/coverage/index.html"
awk -v g="$got" -v l="$LEAST" 'BEGIN { exit !(g >= l) }' || rc=1
exit $rc
