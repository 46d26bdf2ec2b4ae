#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# docs.sh - what README.md, CONTRIBUTING.md and docs/ name is there: files, functions, make targets, links.
set -u
cd "$(dirname "$0")/.." || exit 1
tmp=$(mktemp) || exit 1
trap 'rm -f "$tmp"' EXIT
n=0
ok() { n=$((n + 1)); if [ -z "$1" ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; echo "$1" | sed 's/^/# not there: /'; fi; }

# A path in backquotes: with a slash and an ending, or a folder with a slash at its end. What has a word in capitals in it
# (NAME, LAYER, N) or a * stands for many.
paths() {
	# shellcheck disable=SC2016
	grep -o '`[^` ]*`' "$1" | tr -d '`' | grep -E '^[a-z.][A-Za-z0-9_.*-]*/' | grep -vE '[A-Z]{2,}|//|\$|<|\{|^(lib|share|updates|usr)/' |
		grep -E '/$|\.(c|h|sh|md|txt|1|4|5|7)$' | grep -vE '^(wcdiag|root|expected)/' | sort -u
}
functions() { grep -oE '`[a-z_]+\(\)`' "$1" | tr -d '`()' | sort -u; }

for f in README.md CONTRIBUTING.md docs/*.md tests/README.md tests/lab/README.md km/README.md; do
	here=$(dirname "$f")
	missing=$(paths "$f" | while read -r p; do
		# shellcheck disable=SC2086
		ls -d $p >/dev/null 2>&1 || ls -d "$here/"$p >/dev/null 2>&1 || echo "$p"
	done)
	ok "$missing" "the files that $f names"
	missing=$(grep -oE '\]\([^)#]+' "$f" | cut -c3- | grep -v '^http' | while read -r p; do [ -e "$here/$p" ] || echo "$p"; done)
	ok "$missing" "the links of $f"
	missing=$(grep -E '`make |^    ' "$f" | grep -oE '(`|^    |&& |sudo )make [a-z][a-z-]+' | sed 's/.* //' | sort -u |
		while read -r t; do grep -qE "^\.PHONY:.* $t( |\$)|^$t:" Makefile || echo "make $t"; done)
	ok "$missing" "the targets of make that $f names"
done
# In the same step as the file where it is.
missing=$(awk '/^[0-9]+\. |^- |^$/ { print item; item = "" } { item = item " " $0 } END { print item }' docs/architecture.md | while read -r item; do
	echo "$item" >"$tmp"
	for w in $(functions "$tmp"); do
		# shellcheck disable=SC2046
		grep -qE "\b$w\(" $(paths "$tmp" | grep '\.[ch]$') /dev/null || echo "$w() in $(paths "$tmp" | tr '\n' ' ')"
	done
done)
ok "$missing" "the functions that docs/architecture.md names are in the files beside which it names them"
missing=
[ "$(functions docs/architecture.md | wc -l)" -ge 8 ] && [ "$(paths docs/architecture.md | wc -l)" -ge 30 ] || missing="names at all"
ok "$missing" "... and it names some"
