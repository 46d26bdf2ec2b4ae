#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# examples.sh [--write] - what the manual pages and README.md show is what the program prints.
#
# An example is marked by a comment that holds the command, with the recorded machines as their paths here; what is shown is
# the "$ command" line or lines, which are left as they are (also what follows a backslash at the end of one), and the output, which is compared, or with --write replaced:
#
#   .\" example: wcdiag pat --root tests/machines/founding/root          <!-- example: ... -->
#   .Bd -literal                                                         ```
#   $ wcdiag pat --root founding                                         (the same)
#   ...
#   .Ed                                                                  ```
#
# The command may be a pipe, so as to show a part. Prints TAP.
set -u
cd "$(dirname "$0")/.." || exit 1
export WCDIAG="${WCDIAG:-./wcdiag}" COLUMNS=76 LC_ALL=C NO_COLOR=1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
write= n=0 rc=0
[ "${1:-}" != --write ] || write=yes

# The file with each example's output made anew. The shell that runs a command knows wcdiag as the program under test.
refresh() {
	awk -v md="$2" '
	function run(cmd,   line, full) {
		full = "wcdiag() { \"$WCDIAG\" \"$@\"; }; { " cmd "; } 2>&1"
		while ((full | getline line) > 0) {
			if (!md) {
				gsub(/\\/, "\\e", line)
				gsub(/-/, "\\-", line)
				if (line ~ /^[.\x27]/)
					line = "\\&" line
			}
			print line
		}
		close(full)
	}
	!md && /^\.\\" example: / { cmd = substr($0, 14) }
	md && /^<!-- example: .* -->$/ { cmd = substr($0, 15, length($0) - 18) }
	inside && (md ? /^```$/ : /^\.Ed$/) { run(cmd); cmd = ""; inside = 0 }
	inside && !/^[$#] / && !goes_on { next }
	{ goes_on = inside && /\\e?$/; print }
	cmd != "" && (md ? /^```/ : /^\.Bd/) { inside = 1 }
	' "$1"
}

for f in man/*.[1-9] README.md; do
	grep -q 'example: ' "$f" || continue
	case $f in *.md) md=1 ;; *) md=0 ;; esac
	refresh "$f" $md >"$tmp/new"
	n=$((n + 1))
	if cmp -s "$f" "$tmp/new"; then
		echo "ok $n - the examples in $f"
	elif [ -n "$write" ]; then
		cat "$tmp/new" >"$f"
		echo "ok $n - the examples in $f: written anew, review the difference"
	else
		rc=1
		echo "not ok $n - the examples in $f are not what the program prints (tests/examples.sh --write)"
		diff -u "$f" "$tmp/new" | sed 's/^/# /' | head -40
	fi
done
exit $rc
