#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# static.sh [cppcheck|clang-tidy|sparse]... - what tools that only read the sources say; all three without an argument.
# Prints TAP; exit 1 when one of them says anything that has no reason in tests/cppcheck.suppress or .clang-tidy. Minutes.
# A tool that is not installed is skipped by name.
set -u
cd "$(dirname "$0")/.." || exit 1
B=build/static
mkdir -p $B
rc=0
ok() {	# WHAT FILE: fine when the file is empty
	if [ -s "$2" ]; then
		echo "not ok - $1"
		sed 's/^/# /' "$2" | head -60
		rc=1
	else
		echo "ok - $1"
	fi
}
skip() { echo "ok - $1 # SKIP $2"; }

flags='-std=gnu17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I.'
defs='-DWCDIAG_VERSION="0" -DWCDIAG_FULL_VERSION="0" -DWCDIAG_NCURSES'

cppcheck_says() {
	if ! command -v cppcheck >/dev/null; then skip cppcheck "not installed"; return; fi
	# shellcheck disable=SC2086
	cppcheck -q --enable=warning,performance,portability --std=c11 --library=posix --library=gnu -I. -D_GNU_SOURCE $defs \
		-j "$(nproc)" --suppressions-list=tests/cppcheck.suppress --template='{file}:{line}: {message} [{id}]' \
		-i probe/bpf probe cmd >$B/cppcheck 2>&1
	ok cppcheck $B/cppcheck
}

tidy_says() {
	if ! command -v clang-tidy >/dev/null; then skip clang-tidy "not installed"; return; fi
	# Files one by one, as many at a time as there are processors: what one says is not mixed with another's.
	rm -rf $B/tidy && mkdir $B/tidy
	# shellcheck disable=SC2086,SC2046
	for f in probe/*.c cmd/*.c; do echo "$f"; done |
		xargs -P "$(nproc)" -I {} sh -c 'clang-tidy -quiet "$1" -- '"$flags"' '"$(echo $defs | sed 's/"/\\"/g')"' '"$(pkg-config --cflags libpci libcpuid smartcols json-c libarchive libpcap libdw ncursesw | tr '\n' ' ')"' 2>/dev/null >"'$B'/tidy/$(echo "$1" | tr / _)"' sh {}
	cat $B/tidy/* >$B/clang-tidy
	ok clang-tidy $B/clang-tidy
}

sparse_says() {
	if ! command -v sparse >/dev/null; then skip sparse "not installed"; return; fi
	for series in 6.1 6.12; do
		if CHECK=1 tests/lab/module.sh $series km $B/km-$series >$B/sparse.log 2>&1; then
			: >$B/sparse
			ok "sparse, and W=1, of km/ for $series" $B/sparse
		elif [ $? = 77 ]; then
			skip "sparse of km/ for $series" "$(tail -n 1 $B/sparse.log)"
		else
			ok "sparse, and W=1, of km/ for $series" $B/sparse.log
		fi
	done
}

[ $# -gt 0 ] || set -- cppcheck clang-tidy sparse
for tool; do
	case $tool in
	cppcheck)	cppcheck_says ;;
	clang-tidy)	tidy_says ;;
	sparse)		sparse_says ;;
	*)		echo "usage: tests/static.sh [cppcheck|clang-tidy|sparse]..." >&2; exit 3 ;;
	esac
done
exit $rc
