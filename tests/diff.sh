#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# diff.sh - wcdiag diff: a recorded machine and a copy of it with one thing changed, pairs of machines, hostile names. TAP.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
: "${WCDIAG:=./wcdiag}"
export NO_COLOR=1 LC_ALL=C COLUMNS=80
M=tests/machines
A=$M/uc-mtrr-over-wc/root	# one BAR, WC to layer memtype
tmp=$(mktemp -d) || exit 1
tap_shows="$tmp/out $tmp/err"
trap 'rm -rf "$tmp"' EXIT

# expect CODE ARGS...: into $tmp/out, its lines joined into $tmp/flat
expect() {
  want=$1
  shift
  "$WCDIAG" diff "$@" > "$tmp/out" 2> "$tmp/err"
  rc=$?
  tr '\n' ' ' < "$tmp/out" | tr -s ' ' > "$tmp/flat"
  [ "$rc" = "$want" ]
}
has() { grep -qF -- "$1" "$tmp/flat"; }
copy() { rm -rf "$tmp/b"; cp -a "${1:-$A}" "$tmp/b"; chmod -R u+w "$tmp/b"; }
until="--until memtype"
dev=sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0

expect 0 $until $A $A && has 'Nothing changed: 1 BAR intact, before and after.' && [ "$(wc -l < "$tmp/out")" -le 8 ]
ok $? "a machine and itself: nothing changed, 0"
expect 2 $A $A && has 'Nothing changed' && has 'neither before nor after'
ok $? "unknown on both sides: 2, and that a change there would not be seen"

# --- one change at a time ---
copy
sed -i 's/write-combining/uncached-minus/' "$tmp/b/sys/kernel/debug/x86/pat_memtype_list"
expect 1 $until $A "$tmp/b" && has '1 BAR lost write-combining: 0000:01:00.0 BAR 0 was intact, is broken at memtype (memtype-' &&
  has 'matters reserved: write-combining -> uncached-minus'
ok $? "another reservation: the BAR lost write-combining, 1, by this rule"
expect 0 $until "$tmp/b" $A && has '1 BAR is write-combining that was broken' && has 'uncached-minus -> write-combining'
ok $? "... and the other way round it is better: 0"
expect 0 $until "$tmp/b" "$tmp/b" && has '1 BAR broken, before and after'
ok $? "... broken as before: nothing got worse, 0"

copy
echo 'quiet nopat secret=yes pci=nocrs' > "$tmp/b/proc/cmdline"
sed -i 's/^0-7 0x277 .*/0-7 0x277 0x0007040600070406/' "$tmp/b/wcdiag/msr.txt"
expect 1 $until $A "$tmp/b" && has 'lost write-combining' && has 'is broken at pat' &&
  has 'matters boot options: none -> nopat pci=nocrs' && has 'PAT slot 1: WC -> WT' && ! has secret
ok $? "nopat: lost, the option and the slot matter, other options are nobody's business"

copy; cp -a "$tmp/b" "$tmp/a"
printf '0 0xd0003a5\n1 0xd0003a5\n2 0xd0003a5\n' > "$tmp/a/wcdiag/microcode.txt"
printf '0 0xd0003b9\n1 0xd0003a5\n2 0xd0003b9\n' > "$tmp/b/wcdiag/microcode.txt"
expect 0 $until "$tmp/a" "$tmp/b" && has 'may matter microcode: 0xd0003a5 -> 0xd0003b9 on 2 CPUs, 0xd0003a5 on 1 CPU (CPU 1)'
ok $? "another microcode, and not on every CPU: said, and nothing got worse"
expect 0 $until "$A" "$tmp/b" && has "knowledge of the microcode's revision: not known (not in the snapshot) -> known"
ok $? "... an older snapshot does not hold it: that is said"
expect 0 $until "$tmp/b" "$tmp/b" && has 'Nothing changed'
ok $? "... the same as before is nothing"
rm -r "$tmp/a"

copy
echo 6.12.1-amd64 > "$tmp/b/proc/sys/kernel/osrelease"
expect 0 $until $A "$tmp/b" && has 'No verdict changed, and 1 difference may matter' && has 'kernel: 6.1.0-18-amd64 -> 6.12.1-amd64'
ok $? "another kernel with the same verdict may matter"

copy
sed -i '1s/0x0000000000042208/0x0000000000040200/' "$tmp/b/$dev/resource"
rm "$tmp/b/$dev/resource0_wc"
expect 0 $until $A "$tmp/b" && has 'prefetchable: yes -> no' && has 'resourceN_wc: there -> not there'
ok $? "prefetchable lost: told, and that no verdict changed"

copy
echo D3hot > "$tmp/b/$dev/power_state"
echo suspended > "$tmp/b/$dev/power/runtime_status"
expect 1 $until $A "$tmp/b" && has 'matters power: not asleep -> asleep (D3hot)' && has bar-asleep
ok $? "asleep: power matters, by bar-asleep"

copy
ln -sfn ../../../bus/pci/drivers/newdrv "$tmp/b/$dev/driver"
expect 0 $until $A "$tmp/b" && has 'driver: none -> newdrv'
ok $? "another driver"

copy
rm -r "$tmp/b/proc/4410"
expect 0 $until $A "$tmp/b" && has 'mapped by streamer: sysfs-wc, read-write, shared -> none'
ok $? "a program that no longer maps the BAR"

copy
rm "$tmp/b/sys/kernel/debug/x86/pat_memtype_list"
expect 2 $until $A "$tmp/b" && has "knowledge of the kernel's memory-type reservations: known -> not known (not in the snapshot)" &&
  has '1 BAR can no longer be told' && ! has 'Nothing'
ok $? "a fact that was lost: not known now, 2, and never unchanged"
cp -a "$tmp/b" "$tmp/c"
expect 2 $until "$tmp/c" "$tmp/b" && has "known on neither side, so not compared: the kernel's memory-type reservations"
ok $? "... lost on both sides: named as not compared"
rm -rf "$tmp/c"

copy
rm -r "${tmp:?}/b/$dev" "$tmp/b/sys/bus/pci/devices/0000:01:00.0"
expect 1 $until $A "$tmp/b" && has '0000:01:00.0 BAR 0 was intact, is not there' && has '10ee:7021, gone'
ok $? "the device is gone: its intact BAR is lost, 1"
expect 0 $until "$tmp/b" $A && has '10ee:7021, new'
ok $? "... and new the other way round: 0"

copy
rm -r "$tmp/b/sys/bus/pci" "$tmp/b/sys/devices"
expect 2 $until $A "$tmp/b" && has '0000:01:00.0 BAR 0 was intact, is not known' && ! has gone && ! has 'not there'
ok $? "no device is known now: not known, 2, and never gone"
expect 0 $until "$tmp/b" $A && has '1 BAR is intact that could not be told before' && ! has ', new'
ok $? "... the other way round: could not be told before, and not new"

# The bus behind the bridge has another number: moved, not gone and new.
copy
mv "$tmp/b/$dev" "$tmp/b/sys/devices/pci0000:00/0000:00:01.0/0000:07:00.0"
rm "$tmp/b/sys/bus/pci/devices/0000:01:00.0"
ln -s ../../../devices/pci0000:00/0000:00:01.0/0000:07:00.0 "$tmp/b/sys/bus/pci/devices/0000:07:00.0"
sed -i 's/0000:01:00.0/0000:07:00.0/' "$tmp/b/proc/4410/maps" "$tmp/b/proc/iomem"
expect 0 $until -v $A "$tmp/b" && has '0000:07:00.0 10ee:7021, was 0000:01:00.0' && has 'slot: 0000:01:00.0 -> 0000:07:00.0' &&
  ! has ', gone' && ! has ', new'
ok $? "another bus number: the device moved"
expect 0 $until $A "$tmp/b" && has 'Nothing that matters to write-combining changed' && has 'does not matter to write-combining (-v shows it)'
ok $? "... which does not matter, and is only counted"

# --- two captures of one unchanged host: other pids, other order ---
G=$M/entries-good-drivers/root
copy $G
for p in "$tmp"/b/proc/[0-9]*; do mv "$p" "$tmp/b/proc/x$((9000 - ${p##*/}))"; done
for p in "$tmp"/b/proc/x*; do mv "$p" "${p%/x*}/${p##*/x}"; done
awk '/^[0-9]/ && $1 > 0 { $1 = 9000 - $1 } { print }' $G/wcdiag/entries.txt > "$tmp/e"
{ grep -v '^[0-9]' "$tmp/e"; grep '^[0-9]' "$tmp/e" | sort -s -n -k1,1; } > "$tmp/b/wcdiag/entries.txt"
for f in vfio mappings; do
  [ ! -f "$tmp/b/wcdiag/$f.txt" ] || sed -i 's/^/# /' "$tmp/b/wcdiag/$f.txt"
done
expect 0 -v $G "$tmp/b" && has 'Nothing changed'
ok $? "two captures of an unchanged host, other pids and order: nothing changed"

# --- hostile names ---
copy
printf 'a\033[31mb\nc' > "$tmp/b/proc/4410/comm"
ln -sfn "$(printf '../../../bus/pci/drivers/e\033]0;x\007f')" "$tmp/b/$dev/driver"
printf '6.1\033[2J' > "$tmp/b/proc/sys/kernel/osrelease"
esc=0
mv "$tmp/b" "$tmp/$(printf 'b\033[7m')"
for f in text json; do
  "$WCDIAG" diff -v --format $f $A "$tmp/$(printf 'b\033[7m')" > "$tmp/out" 2>&1
  [ -s "$tmp/out" ] && ! LC_ALL=C grep -q '[^ -~]' "$tmp/out" || esc=1
done
ok $esc "names with escape sequences stay text"

# --- all neighbours: the width, the codes, JSON that mirrors ---
wide=0 bad=0 mirror=0 last=
have_jq=$(command -v jq)
flip='def t: if . == "worse" then "better" elif . == "better" then "worse" else . end;
  def s: {slot_before: .slot, slot: .slot_before, before: .after, after: .before, turn: (.turn | t)};
  {bars: [.bars[] | . + s + {known_before: .known_after, known_after: .known_before} | del(.newly_broken)] | sort,
   differences: [.differences[] | . + s | del(.says, .fix, .sign)] | sort, n: .known_on_neither_side, more}'
plain='{bars: [.bars[] | del(.newly_broken)] | sort,
  differences: [.differences[] | del(.says, .fix, .sign)] | sort, n: .known_on_neither_side, more}'
for m in $(ls $M); do
  if [ -n "$last" ]; then
    "$WCDIAG" diff -v $M/$last/root $M/$m/root > "$tmp/out" 2> "$tmp/err"
    [ $? -lt 3 ] && [ ! -s "$tmp/err" ] || bad="$last $m"
    ! grep -q '.\{81\}' "$tmp/out" || { wide="$last $m"; grep '.\{81\}' "$tmp/out" | head -3 | sed 's/^/# wide: /'; }
    if [ -n "$have_jq" ]; then
      "$WCDIAG" diff --json $M/$last/root $M/$m/root | jq -S "$flip" > "$tmp/1"
      "$WCDIAG" diff --json $M/$m/root $M/$last/root | jq -S "$plain" > "$tmp/2"
      [ -s "$tmp/1" ] && cmp -s "$tmp/1" "$tmp/2" || { mirror="$last $m"; diff "$tmp/1" "$tmp/2" | head -10 | sed 's/^/# /'; }
    fi
  fi
  last=$m
done
: > "$tmp/out"
[ "$bad" = 0 ]; ok $? "each recorded machine and the next: an answer, nothing on stderr ($bad)"
[ "$wide" = 0 ]; ok $? "... within 80 columns ($wide)"
if [ -n "$have_jq" ]; then
  [ "$mirror" = 0 ]; ok $? "... and the other way round the same with the signs changed ($mirror)"
else
  n=$((n + 1)); echo "ok $n - ... the other way round # SKIP jq is not installed"
fi

# --- archives, this machine, mistakes ---
tar czf "$tmp/a.tar.gz" -C "$A/.." root
expect 0 $until "$tmp/a.tar.gz" $A && has 'Nothing changed'
ok $? "an archive and a directory"
"$WCDIAG" diff $A > "$tmp/out" 2> "$tmp/err"; rc=$?
[ $rc -lt 3 ] && grep -q '^After   this machine' "$tmp/out"; ok $? "without AFTER: this machine"
expect 3 && grep -q 'no snapshot is named' "$tmp/err"; ok $? "nothing named: 3"
expect 3 $A $A $A && grep -q 'third' "$tmp/err"; ok $? "a third snapshot: 3"
expect 3 $A /nonexistent && grep -q '^wcdiag diff: /nonexistent: ' "$tmp/err" && [ ! -s "$tmp/out" ]; ok $? "no such snapshot: 3"
expect 3 --until stores $A $A && grep -q 'no snapshot holds' "$tmp/err"; ok $? "--until stores: 3"
expect 3 --until nothing $A $A; ok $? "--until nothing: 3"
exit $failed
