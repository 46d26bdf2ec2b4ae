#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fleet.sh - check over 5,000 snapshots, one of them a corrupt archive: all others judged, in their order, with bounded memory.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
: "${WCDIAG:=./wcdiag}"
export LC_ALL=C NO_COLOR=1
tmp=$(mktemp -d) || exit 1
tap_shows="$tmp/err"
trap 'rm -rf "$tmp"' EXIT
M=$PWD/tests/machines

# 50 racks of 100 hosts: links to four recorded machines, whose verdicts differ.
mkdir -p "$tmp/rack/00"
i=0
while [ $i -lt 100 ]; do
  case $((i % 4)) in 0) m=founding ;; 1) m=decode-off ;; 2) m=entries-untracked ;; 3) m=no-pat-cpu ;; esac
  ln -s "$M/$m/root" "$tmp/rack/00/$(printf %02d $i)-$m"
  i=$((i + 1))
done
i=1
while [ $i -lt 50 ]; do ln -s 00 "$tmp/rack/$(printf %02d $i)"; i=$((i + 1)); done
tar czf "$tmp/good.tar.gz" -C "$M/founding" root
head -c 700 "$tmp/good.tar.gz" > "$tmp/corrupt.tar.gz"
{ printf '%s\n' "$tmp"/rack/*/* | head -2500; echo "$tmp/corrupt.tar.gz"; printf '%s\n' "$tmp"/rack/*/* | sed -n '2501,4998p'; echo "$tmp/good.tar.gz"; } > "$tmp/list"

# What each must say: what it says alone, as one of two.
for m in founding decode-off entries-untracked no-pat-cpu; do
  "$WCDIAG" check --root "$M/$m/root" "$M/$m/root" 2> /dev/null | sed -n "1s|^[^ ]* *|$m |p"
done > "$tmp/alone"
"$WCDIAG" check --roots-from "$tmp/list" > "$tmp/out" 2> "$tmp/err"; rc=$?
[ $rc = 3 ]; ok $? "5,000 snapshots with one that is corrupt: 3"
[ "$(wc -l < "$tmp/list")" = 5000 ] && sed 's/ .*//' "$tmp/out" | cmp -s - "$tmp/list"; ok $? "... a line each, in the order of the list"
[ "$(grep -c ' failed ' "$tmp/out")" = 1 ] && sed -n 2501p "$tmp/out" | grep -q 'corrupt.tar.gz  *failed   not an archive that can be read'; ok $? "... the corrupt one in its place, with the reason"
[ "$(wc -l < "$tmp/err")" = 1 ] && grep -q '^wcdiag check: .*corrupt.tar.gz: not an archive that can be read: .* (.*)$' "$tmp/err"; ok $? "... and one line on stderr"
sed -n 's|^[^ ]*/[0-9]*-\([^ ]*\)  *|\1 |p' "$tmp/out" | sort | uniq -c | awk '{ $1 = ""; print substr($0, 2) }' > "$tmp/each"
tr -s ' ' < "$tmp/alone" | sort > "$tmp/want"
tr -s ' ' < "$tmp/each" | diff - "$tmp/want" > "$tmp/err" && [ "$(cut -d ' ' -f 2 "$tmp/want" | sort -u | wc -l)" = 3 ]; ok $? "... every other one is judged as it is alone: intact, broken and unknown ones"
grep -v corrupt "$tmp/list" | head -400 > "$tmp/some"
"$WCDIAG" check --roots-from "$tmp/some" > "$tmp/o1" 2> "$tmp/err"; a=$?
"$WCDIAG" check -j 1 --roots-from - < "$tmp/some" > "$tmp/o2" 2> "$tmp/err"; b=$?
"$WCDIAG" check -j 7 --root $(cat "$tmp/some") > "$tmp/o3" 2> "$tmp/err"; c=$?
[ $a$b$c = 111 ] && cmp -s "$tmp/o1" "$tmp/o2" && cmp -s "$tmp/o1" "$tmp/o3"; ok $? "one process or seven, a file, standard input or --root: the same answer, broken is worst: 1"
grep -e '-founding$' "$tmp/some" > "$tmp/unknown"
"$WCDIAG" check --roots-from "$tmp/unknown" > "$tmp/o1" 2> "$tmp/err"; a=$?
"$WCDIAG" check --until memtype --roots-from "$tmp/unknown" > "$tmp/o1" 2> "$tmp/err"; b=$?
[ $a = 2 ] && [ $b = 0 ]; ok $? "unknown ones alone: 2; intact ones: 0"

"$WCDIAG" check --format table -n --roots-from "$tmp/list" > "$tmp/out" 2> "$tmp/err"; rc=$?
[ $rc = 3 ] && [ "$(wc -l < "$tmp/err")" = 1 ] && sed 's/ .*//' "$tmp/out" | uniq | cmp -s - "$tmp/list"; ok $? "as a table: every machine has its lines, in the order of the list"
for v in intact broken unknown failed; do echo "$v $(awk -v v=$v '$0 ~ " " v " " { n++ } END { print n + 0 }' "$tmp/out")"; done > "$tmp/each"
"$WCDIAG" check --json --roots-from "$tmp/list" 2> "$tmp/err" | sed -n 's/^          "verdict": "\(.*\)",$/\1/p' | sort | uniq -c > "$tmp/json"
grep -q '^failed 1$' "$tmp/each" && [ "$(awk '$1 != "failed" && $2 { print $2, $1 }' "$tmp/each" | sort)" = "$(awk '{ print $1, $2 }' "$tmp/json" | sort)" ]; ok $? "... as many verdicts of each kind as JSON has"

# As json-c keeps them, 2,000 are more than 64 MiB: they cannot have been kept.
head -2000 "$tmp/list" > "$tmp/some"
case $WCDIAG in
*san*) skip "JSON of 2,000 in 32 MiB" "the sanitizers take terabytes of addresses" ;;
*)
  (ulimit -v 32768; exec "$WCDIAG" check --json --roots-from "$tmp/some") > "$tmp/json" 2> "$tmp/err"; rc=$?
  [ $rc = 1 ] && [ "$(stat -c %s "$tmp/json")" -gt 8388608 ] && [ "$(grep -c '^      "root":' "$tmp/json")" = 2000 ]; ok $? "JSON of 2,000, in processes of 32 MiB: $(($(stat -c %s "$tmp/json") >> 20)) MiB"
  if command -v python3 > /dev/null; then
    python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); assert d["exit"]==1 and [m["root"] for m in d["machines"]]==open(sys.argv[2]).read().split()' "$tmp/json" "$tmp/some" 2> "$tmp/err"; ok $? "... one object, in order"
  else
    skip "... one object, in order" "python3 is not installed"
  fi ;;
esac
timeout 10 "$WCDIAG" check --roots-from "$tmp/list" 2> "$tmp/err" | head -n 1 > "$tmp/out"; [ -s "$tmp/out" ]; ok $? "a reader that goes away"
# Every recorded machine says the same from an archive as from its folder.
mkdir "$tmp/packed"
for m in "$M"/*/; do
  m=$(basename "$m"); tar czf "$tmp/packed/$m.tar.gz" -C "$M/$m" root
  echo "$M/$m/root" >> "$tmp/folders"; echo "$tmp/packed/$m.tar.gz" >> "$tmp/archives"
done
"$WCDIAG" check --json --roots-from "$tmp/folders" 2> "$tmp/err" | sed 's/^      "root": .*//' > "$tmp/o1"
"$WCDIAG" check --json --roots-from "$tmp/archives" 2> "$tmp/err" | sed 's/^      "root": .*//' > "$tmp/o2"
[ "$(grep -c '^      "verdict":' "$tmp/o1")" = "$(wc -l < "$tmp/folders")" ] && cmp "$tmp/o1" "$tmp/o2" > "$tmp/err" 2>&1; ok $? "$(wc -l < "$tmp/folders") recorded machines: an archive is judged as its folder"
rm -r "$tmp/packed"

# Killed while it has archives open, one of them larger than what is kept in memory: nothing is left of it.
mkdir "$tmp/TMPDIR" "$tmp/large"; cp -r "$M/founding/root/." "$tmp/large"; head -c 48000000 /dev/zero > "$tmp/large/proc/filler"
tar cf "$tmp/large.tar" -C "$tmp" large; yes "$tmp/large.tar" | head -500 > "$tmp/some"
TMPDIR=$tmp/TMPDIR "$WCDIAG" check -j 2 --roots-from "$tmp/some" > "$tmp/out" 2> "$tmp/err" & pid=$!
k=0; while [ ! -s "$tmp/out" ] && [ $k -lt 300 ]; do sleep 0.1; k=$((k + 1)); done
kill -KILL $pid; wait $pid 2> "$tmp/err"; rc=$?
[ $rc = 137 ] && [ -s "$tmp/out" ] && [ -z "$(ls -A "$tmp/TMPDIR")" ]; ok $? "killed with archives open: nothing is left in TMPDIR"
rm -r "$tmp/large" "$tmp/large.tar"
: > "$tmp/empty"; printf 'a\0b\n' > "$tmp/zero"
for a in "--roots-from $tmp/empty" "--roots-from $tmp/none" "--roots-from $tmp/zero" "--roots-from $tmp/list --roots-from $tmp/list" "--roots-from $tmp" "-j 0 --roots-from $tmp/list" "-j x --roots-from $tmp/list" "-j 257 --roots-from $tmp/list"; do
  "$WCDIAG" check $a > "$tmp/out" 2> "$tmp/err"; rc=$?
  [ $rc = 3 ] && [ ! -s "$tmp/out" ] && [ "$(wc -l < "$tmp/err")" = 1 ]; ok $? "check $(echo "$a" | sed "s|$tmp/||g"): one line, 3"
done
