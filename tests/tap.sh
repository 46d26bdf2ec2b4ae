# SPDX-License-Identifier: GPL-2.0-or-later
# tap.sh - what test scripts print (TAP). Sourced, by sh and bash, from the top of the tree.
#
#   ok RESULT WHAT [WORDS]   fine when RESULT is 0; else WORDS, and the files in $tap_shows, are shown behind a "#"
#   skip WHAT WHY
#
# $n is the number of the last one, $failed 0 while all are fine.
n=0 failed=0
tap_shows=

ok() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
		return
	fi
	failed=1
	echo "not ok $n - $2"
	[ -z "${3:-}" ] || echo "$3" | sed 's/^/# /' | head -20
	for tap_file in $tap_shows; do
		[ ! -e "$tap_file" ] || sed 's/^/# /' "$tap_file" | head -30
	done
}

skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}
