#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# watch.sh - wcdiag watch on recorded decisions (tests/watch, from guests), on spoilt records, and where the kernel refuses. TAP.
# tests/lab has it live.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${WCDIAG:=./wcdiag}"
export NO_COLOR=1 LC_ALL=C COLUMNS=100 TZ=UTC
R=tests/watch
n=0 failed=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

ok() {
  n=$((n + 1))
  if [ "$1" = 0 ]; then echo "ok $n - $2"; else
    failed=1
    echo "not ok $n - $2"
    cat "$tmp/out" "$tmp/err" 2>/dev/null | sed 's/^/# /' | head -40
  fi
}
# expect CODE ARGS...: into $tmp/out, its lines joined into $tmp/flat
expect() {
  want=$1
  shift
  "$WCDIAG" watch "$@" > "$tmp/out" 2> "$tmp/err"
  rc=$?
  tr '\n' ' ' < "$tmp/out" | tr -s ' ' > "$tmp/flat"
  [ "$rc" = "$want" ]
}
has() { grep -qF -- "$1" "$tmp/flat"; }
one_line() { [ ! -s "$tmp/out" ] && [ "$(wc -l < "$tmp/err")" = 1 ] && grep -q "^wcdiag watch: .*: .* (.*)$" "$tmp/err"; }

for k in 6.1 6.12; do
  expect 1 --from $R/faults-$k.json
  ok $? "Linux $k: 1, requests for WC were downgraded"
  has "asked for WC, got UC- without a word: ioremap by kernel_take+0x" && has "[wcfault] (in process "
  ok $? "... a driver's ioremap is named, with function and module"
  has "memtype-refused-log: asked for WC and was refused (Device or resource busy): reservations of different types"
  ok $? "... a refused request, with both who hold its range"
  has "a part of a mapping was remapped and asked for WC, got UC- without a word: nothing is reserved there"
  ok $? "... a remap of a part where nothing is reserved"
  has "pages were inserted later (page fault) and asked for WC, got UC- without a word: nothing is reserved there"
  ok $? "... pages inserted by fault where nothing is reserved"
  has "and 2 more alike, to 0x401683000"
  ok $? "... of which the like are counted in one line"
  has "suspect: asked for UC-, got WC: process" && has "if these are registers"
  ok $? "... an ioremap that became WC"
  has "memtype-stale: a part of a mapping was given back, and the kernel found no reservation of that range: what was taken by process" && has "(clumsy)"
  ok $? "... a reservation that stays, and whose it was"
  has "note: asked for WB, got WC: process"
  ok $? "... /dev/mem that inherits WC is a note"
  has "none lost; 8 did not get the write-combining that they asked for"
  ok $? "... and the sum"
  # by name: each that is broken names module or process
  expect 1 --json --from $R/faults-$k.json
  [ "$(jq -s '[.[] | select(.finding.rule == "memtype-alias-wins") | select(.finding.holder | test("wcfault|clumsy") | not)] | length' "$tmp/out")" = 0 ] &&
    [ "$(jq -s '[.[] | select(.finding.rule == "memtype-alias-wins")] | length' "$tmp/out")" -ge 4 ]
  ok $? "... --json: every alias has its holder"
  cp "$tmp/out" "$tmp/again.json"
  expect 1 --json --from "$tmp/again.json" && [ "$(jq -Sc . "$tmp/out" | grep -v '"end"')" = "$(jq -Sc . "$tmp/again.json" | grep -v '"end"')" ]
  ok $? "... and what was written is read back the same"
done

expect 1 --from $R/faults-6.12-perf.json && has "not seen: the type that came back" &&
  has "asked for WC, will have got UC- without a word: ioremap by kernel_take+0x" && has "WC -> ?"
ok $? "by perf: what came back is foretold, and said to be"
has "asked for WC and will have been refused: reservations of different types"
ok $? "... also that a request is refused"
! has "got UC- without a word: process 274"
ok $? "... and what was refused holds nothing"

expect 1 --bar 0000:00:02.0:2 --limit 2 --from $R/alias.json && has "so many were asked for: 2 decisions" && has "2 shown"
ok $? "--bar, --limit"
expect 0 --range 0x0-0x1000 --range 0x401700000-0x401800000 --from $R/alias.json && has "0 shown, 6 elsewhere"
ok $? "--range: of what is not shown nothing counts: 0"
expect 1 -v --from $R/alias.json && has "memtype_reserve+0x5/0x2c0 reserve_pfn_range+0xac/0x180 track_pfn_remap" && ! has "bpf_trampoline"
ok $? "-v: the stacks, without what BPF has put in between"

# what could not be seen is never "none was downgraded"
sed 's/"asked":"WC","got":"UC-"/"asked":"UC-","got":"UC-"/; $s/"broken"/"intact"/' $R/alias.json > "$tmp/well.json"
expect 0 --from "$tmp/well.json" && has "; 0 did not get"
ok $? "nothing downgraded: 0"
# all well but the third, which is another's to change
sed '2,3s/"asked":"WC","got":"UC-"/"asked":"UC-","got":"UC-"/; $s/"broken"/"intact"/' $R/alias.json > "$tmp/whole.json"
{ sed '$d' "$tmp/well.json"; echo '{"event":"lost","lost":5}'; tail -n 1 "$tmp/well.json"; } > "$tmp/lost.json"
expect 2 --from "$tmp/lost.json" && has "5 decisions were lost so far" && has "5 lost"
ok $? "the same with losses: 2, and they are said"
sed '1s/"pat":"on"/"pat":"off"/' "$tmp/well.json" > "$tmp/nopat.json"
expect 2 --from "$tmp/nopat.json" && has "PAT is off"
ok $? "with PAT off: 2"
sed '1s/"pat":"on"/"pat":"off"/' $R/alias.json > "$tmp/nopat.json"
expect 2 --from "$tmp/nopat.json" && ! has "broken memtype"
ok $? "... and nothing is judged"
sed '1s/"lacks":\[\]/"lacks":["pages inserted at fault time"]/' "$tmp/well.json" > "$tmp/lacks.json"
expect 2 --from "$tmp/lacks.json" && has "not seen: pages inserted at fault time"
ok $? "where something cannot be seen: 2"

sed '1s/"pat":"on"/"pat":null/' "$tmp/well.json" > "$tmp/pat.json"
expect 2 --from "$tmp/pat.json" && has "It cannot be told whether there were others: it is not known whether PAT is on"
ok $? "where PAT is not known: 2, and why"
sed '$d' "$tmp/well.json" > "$tmp/endless.json"
expect 2 --from "$tmp/endless.json" && has "the record stops without an end: 6 decisions" && has "others: the record stops without its end"
ok $? "a record without its last line: 2, and why"
expect 0 --limit 2 --from "$tmp/endless.json" && has "so many were asked for"
ok $? "... but not where --limit ends before"
sed '$s/"seen":6/"seen":100/' "$tmp/well.json" > "$tmp/fewer.json"
expect 2 --from "$tmp/fewer.json" && has "93 that were seen are not in the record"
ok $? "one with fewer decisions than its end tells of, RAM counted: 2"
sed '$s/"intact"/"unknown"/' "$tmp/well.json" > "$tmp/told.json"
expect 2 --from "$tmp/told.json" && has 'the watch itself came to "unknown"'
ok $? "one whose own verdict was unknown: 2"
expect 2 --json --from "$tmp/told.json" && [ "$(tail -n 1 "$tmp/out" | jq -r '.verdict + ": " + .why')" = 'unknown: the watch itself came to "unknown"' ]
ok $? "... --json has why"
for x in '"asked":"UC-"/"asked":null' '"asked":"UC-"/"asked":"odd"' '"got":"UC-"/"got":null'; do
  sed "2s/$x/" "$tmp/well.json" > "$tmp/half.json"
  expect 2 --from "$tmp/half.json" && has "of 1 it was not seen what was asked for or what was given"
  ok $? "a request with ${x#*/}: 2"
  expect 0 --bar 0000:00:01.0:2 --from "$tmp/half.json"
  ok $? "... elsewhere it does not count"
done
sed '$s/"seen"/"unjudged":3,"seen"/' "$tmp/well.json" > "$tmp/unjudged.json"
expect 2 --from "$tmp/unjudged.json" && has "of 3 it was not seen"
ok $? "an end that counts such: 2"
sed '1s/"lacks":\[\],//' "$tmp/well.json" > "$tmp/nolacks.json"
expect 2 --from "$tmp/nolacks.json" && has "not seen: what that watch could not see"
ok $? "a beginning that does not say what could be seen: 2"
printf '%s\n' '{"event":"begin"}' '{"event":"end","seen":0,"lost":0}' > "$tmp/bare.json"
expect 2 --from "$tmp/bare.json"
ok $? "nothing known at all: 2"
for x in '$s/"seen":6/"seen":"6"' '$s/"lost":0/"lost":-1'; do
  sed "$x/" "$tmp/well.json" > "$tmp/count.json"
  expect 3 --from "$tmp/count.json" && grep -q "line 8: a count that is none" "$tmp/err"
  ok $? "$x: 3"
done
for x in '"EBUSY"' 5 -5000 true; do
  sed "2s/\"result\":0/\"result\":$x/" "$tmp/well.json" > "$tmp/result.json"
  expect 3 --from "$tmp/result.json" && grep -q "line 2: a result that is neither 0 nor a negative errno" "$tmp/err"
  ok $? "a result of $x: 3"
done

# by the kernel's rule nobody who asks for WC takes WB: it is refused, though this decision succeeds
sed '2s/"asked":"UC-","got":"UC-"/"asked":"WB","got":"WB"/; s/"asked":"WC","got":"UC-"/"asked":"WC","got":"WB"/' $R/alias.json > "$tmp/wb.json"
expect 1 --from "$tmp/wb.json" && has "memtype-refused-log: asked for WC where WB is reserved, and was refused for that" && ! has "without a word"
ok $? "WC over WB: refused, and not silently WB"

# a request over the end of RAM is no request for RAM: the kernel refuses it
part='s/"0x401600000","end":"0x401610000","asked":"WC","got":"UC-","result":0/"0x1ffd7000","end":"0x1ffe0000","asked":"WC","got":null,"result":RESULT/'
sed "$(echo "$part" | sed 's/RESULT/-22/')" "$tmp/whole.json" > "$tmp/part.json"
expect 1 --from "$tmp/part.json" && has "memtype-refused-log: asked for WC and was refused (Invalid argument): a part of its range is RAM and a part is not" && ! has "RAM left out"
ok $? "a request over RAM and device: refused, and shown"
sed "$(echo "$part" | sed 's/RESULT/null/')" "$tmp/whole.json" > "$tmp/part.json"
expect 1 --from "$tmp/part.json" && has "asked for WC and will have been refused: a part of its range is RAM"
ok $? "... foretold where it was not seen"
sed "$(echo "$part" | sed 's/RESULT/-22/; s/0x1ffe0000/0x1ffd8000/')" "$tmp/whole.json" > "$tmp/part.json"
expect 0 --from "$tmp/part.json" && has ", 1 of RAM left out"
ok $? "... and what is all RAM is left out"

# hostile and broken records
sed 's/"process":"app"/"process":"a\\u001b[31mpp\\n"/' $R/alias.json > "$tmp/esc.json"
expect 1 --from "$tmp/esc.json" && ! LC_ALL=C grep -q "$(printf '\033')" "$tmp/out" && has "a?[31mpp?"
ok $? "control characters are not shown"
for x in '4611686018427387903 9223372036854775807' '-4611686018427387904 1' '-1000 1'; do
  sed "1s/\"wall_ns\":[0-9]*/\"wall_ns\":${x% *}/; 3s/\"monotonic_ns\":[0-9]*/\"monotonic_ns\":${x#* }/" $R/alias.json > "$tmp/wall.json"
  expect 1 --from "$tmp/wall.json" && [ "$(grep -c '^[0-9][0-9]:[0-9][0-9]:[0-9][0-9]\.[0-9]\{6\} ' "$tmp/out")" = 6 ] &&
    expect 1 --json --from "$tmp/wall.json" && ! jq -r '.time // empty' "$tmp/out" | grep -vqE '^-?[0-9]+(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}\.[0-9]{6}Z$' &&
    expect 1 --from "$tmp/wall.json" && ! grep -q " in -" "$tmp/out"
  ok $? "times at the ends of what there is: $x"
done
head -c 3000 $R/alias.json > "$tmp/cut.json"
"$WCDIAG" watch --from "$tmp/cut.json" > "$tmp/out" 2> "$tmp/err"; rc=$?
[ $rc = 3 ] && grep -q "line [0-9]*: cut off (" "$tmp/err"
ok $? "a record that is cut off: 3, and where"
tail -n +2 $R/alias.json > "$tmp/headless.json"
expect 3 --from "$tmp/headless.json" && one_line
ok $? "one without its beginning: 3"
: > "$tmp/empty.json"
expect 3 --from "$tmp/empty.json" && one_line
ok $? "an empty one: 3"
echo nonsense > "$tmp/bad.json"
expect 3 --from "$tmp/bad.json" && one_line && grep -q 'line 1: not JSON' "$tmp/err"
ok $? "one that is no JSON: 3"
expect 3 --from "$tmp/none.json" && one_line
ok $? "none: 3"

for a in '--by ftrace' '--range 5' '--range 0x2000-0x1000' '--range -5-6' '--limit 0' '--duration 0' '--bar 01:00.0' 'ls' '--' \
  "--from $R/alias.json --duration 1" "--from $R/alias.json -- true" "--from $R/alias.json --bar 0000:09:00.0:1" "--from $R/alias.json --bar 02.0:2"; do
  # shellcheck disable=SC2086
  expect 3 $a && one_line
  ok $? "refused: watch $a"
done

# An ordinary user, and a kernel that does not let anybody: what, where, why, what to do; the command is not started.
user='setpriv --reuid 65534 --regid 65534 --clear-groups'
[ "$(id -u)" = 0 ] && $user true 2>/dev/null || user=
cp "$WCDIAG" "$tmp/wcdiag" && chmod 755 "$tmp" "$tmp/wcdiag"
for by in '' '--by bpf' '--by perf'; do
  # shellcheck disable=SC2086
  if [ -z "$user" ] && [ "$(id -u)" = 0 ]; then
    n=$((n + 1)); echo "ok $n - without root ${by:-either way} # SKIP no setpriv"
    continue
  fi
  # shellcheck disable=SC2086
  $user "$tmp/wcdiag" watch $by -- touch "$tmp/started" > "$tmp/out" 2> "$tmp/err"; rc=$?
  [ $rc = 3 ] && one_line && grep -q "run as root\|not installed\|built without\|No such file" "$tmp/err" && [ ! -e "$tmp/started" ]
  ok $? "without root, ${by:-either way}: 3 in one line, the command is not started"
done
echo "1..$n"
exit $failed
