#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# valgrind.sh - the program as it is shipped under valgrind: each command on a recorded machine, and the live tracer. No
# value that was never written is used, and nothing definitely lost. Prints TAP; "make check-san" has the same corpus under
# sanitizers, which see more, in a build of their own.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${WCDIAG:=./wcdiag}" "${CC:=cc}"
if ! command -v valgrind >/dev/null; then
	echo "ok - valgrind # SKIP not installed"
	exit 0
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
rc=0
n=0

try() {	# ARGS...
	n=$((n + 1))
	valgrind -q --suppressions=tests/valgrind.supp --leak-check=full --errors-for-leak-kinds=definite,possible \
		--error-exitcode=99 "$WCDIAG" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
	if [ $got -ge 3 ]; then
		echo "not ok - wcdiag $*: $got"
		grep -a '==' "$tmp/err" | head -30 | sed 's/^/# /'
		rc=1
	else
		echo "ok - wcdiag $*"
	fi
}

m=tests/machines
for root in founding kvm-passthrough entries-good-drivers epyc-256cpu-4000res; do
	[ -d $m/$root/root ] || continue
	try check --root $m/$root/root
	try check --root $m/$root/root --json
	try live --root $m/$root/root --once
	try report --root $m/$root/root -o "$tmp/page.html"
done
for command in pat mtrr memtype bars; do
	try $command --root $m/founding/root
	try $command --root $m/founding/root --json
done
try pte --root $m/entries-good-drivers/root --pid 1
try diff $m/founding/root $m/kvm-passthrough/root
try check --format openmetrics --root $m/founding/root
try explain pte-not-wc
try model tests/stores/sfence-inside.events
try check 00:03.0:2 --events tests/stores/sfence-inside.events --root $m/entries-good-drivers/root
try drive --list-patterns
try drive --list-witnesses
try capture -o "$tmp/snapshot.tar.gz"
try check --root "$tmp/snapshot.tar.gz"
truncate -s 65536 "$tmp/file"
if $CC -g -O2 -pthread -o "$tmp/story" tests/trace/story/story.c 2>/dev/null; then
	try trace --map "$tmp/file" -- "$tmp/story" "$tmp/file" tenth 20
fi
[ $n -ge 20 ] || { echo "not ok - only $n commands"; rc=1; }
exit $rc
