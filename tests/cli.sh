#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cli.sh - the commands as users and scripts call them: help, options, formats, several snapshots, this machine as anybody.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
: "${WCDIAG:=./wcdiag}"
tmp=$(mktemp -d) || exit 1
tap_shows="$tmp/out $tmp/err"
trap 'rm -rf "$tmp"' EXIT

# expect CODE ARGS...: run, keep output, compare the exit code
expect() {
  want=$1
  shift
  "$WCDIAG" "$@" > "$tmp/out" 2> "$tmp/err"
  rc=$?
  [ "$rc" = "$want" ]
}
has() { grep -q -- "$1" "$tmp/out"; }

expect 0 --help && has 'wcdiag check'; ok $? "wcdiag --help names the command to start with"
expect 0 --version && has '^wcdiag [0-9]'; ok $? "--version"
for c in $("$WCDIAG" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
  expect 0 "$c" --help && has "usage: wcdiag $c" && [ ! -s "$tmp/err" ]; ok $? "$c --help"
  # each option of the help has its item in the manual page of the command, ".It Fl s , Fl -slot Ar slot", and no other has
  grep -o -- '--[a-z][a-z-]*' "$tmp/out" | sort -u > "$tmp/help"
  sed -n '/^\.It /s/Fl -/\n--/gp' "man/wcdiag-$c.1" 2> "$tmp/err" | grep -o '^--[a-z][a-z-]*' | sort -u > "$tmp/page"
  diff "$tmp/help" "$tmp/page" > "$tmp/out" && [ -s "$tmp/page" ]; ok $? "the options of $c --help are those of man/wcdiag-$c.1"
done

R=tests/machines/founding/root
expect 2 check --root $R; ok $? "the founding case: cannot tell (2), not fine (0)"
expect 0 check --root $R --until memtype; ok $? "the founding case asked up to memtype: 0"
expect 2 check 02:00.0 --root $R && has 'BAR 2'; ok $? "DEVICE before the options"
expect 2 check --root $R 0000:02:00.0:2 && ! has 'BAR 0'; ok $? "DEVICE:BAR judges that BAR alone"
expect 2 check --root $R -s 02:00.0; ok $? "-s as lspci"
expect 3 check --root $R -d ffff:ffff; ok $? "-d without a match is an error"
expect 3 check --root $R 09:00.0 && grep -q '^wcdiag check: 09:00.0: no such device (.*)$' "$tmp/err"; ok $? "unknown device, one line"
expect 3 check --until nonsense --root $R; ok $? "unknown layer"
expect 1 check --root $R --root tests/machines/xrt-alias/root && [ "$(wc -l < "$tmp/out")" = 2 ]; ok $? "two snapshots: a line each, the worst decides"
expect 1 check --json --root $R tests/machines/xrt-alias/root && has '"machines"'; ok $? "several snapshots behind one --root, JSON"
expect 3 check --root $R --root "$tmp"; ok $? "a directory that is no snapshot among several: 3"
has founding; ok $? "... and the good one is judged all the same"
expect 3 check --format nagios --root $R && has '^WC UNKNOWN'; ok $? "nagios: unknown is 3"
X=tests/machines/xrt-alias/root
one_line() { [ "$(wc -l < "$tmp/$1")" = 1 ]; }
expect 3 check --klog "$tmp/none" --root $R --root $X && one_line err && [ ! -s "$tmp/out" ]; ok $? "a log that is not there, for several snapshots: said once"
expect 3 check 02:00.0:2 --root $R --root $X --root tests/machines/half-a-snapshot/root; grep -q '^wcdiag check: tests/machines/.*/root: 02:00.0:2: ' "$tmp/err"; ok $? "a device that one of several snapshots lacks: stderr names the snapshot"
expect 3 check --format nagios --root "$tmp" && one_line out && has "^WC UNKNOWN - $tmp: "; ok $? "nagios: a snapshot that cannot be read has its line, with its name"
expect 3 check --format nagios 09:00.0 --root $R && one_line out && one_line err && has "^WC UNKNOWN - $R: 09:00.0: "; ok $? "nagios: a device that is not there has its line"
N="$R $X tests/machines/half-a-snapshot/root"
expect 1 check --format table --root $N && has '^ROOT  *SLOT  *BAR  *SIZE VERDICT BREAKS_AT RULE$' && has "^$X  *0000:65:00.0   0 .* broken  memtype   memtype-alias-wins$" && has "^$R  *0000:02:00.0   2  *64 MiB unknown -  *pte-unknown$"; ok $? "table: a line a BAR, with what decided"
[ "$(wc -l < "$tmp/out")" = "$((1 + $("$WCDIAG" check --json --root $N | grep -c '"breaks_at"')))" ]; ok $? "... as many as there are BARs"
[ "$(awk '{ print index($0, $2) }' "$tmp/out" | sort -u | wc -l)" = 1 ]; ok $? "... all in the same columns, though they are printed one by one"
expect 3 check --format table --root $X "$tmp" $R && has "^$tmp  *-  *-  *- failed  *-  *-$" && one_line err; ok $? "table: a snapshot that cannot be read has its line in between"
expect 3 check --format table -o says --root "$tmp" && has "^not a snapshot"; ok $? "... with the reason, when asked"
expect 3 check --format table -n -o verdict,until --root $R && [ ! -s "$tmp/out" ] && grep -q 'until: no such column' "$tmp/err"; ok $? "table: a column that is none"
expect 0 check --format table --until memtype -P -b -o slot,bar,size,verdict --root $R && has '^SLOT="0000:02:00.0" BAR="2" SIZE="67108864" VERDICT="intact"$'; ok $? "table: pairs, bytes, other columns"
expect 1 check --format table -r --root $X $R && has '32.x20MiB' && [ "$(grep -c ROOT "$tmp/out")" = 1 ]; ok $? "table: raw, one line of headings"
expect 1 check --format table -n --root $X $R && ! has ROOT; ok $? "... or none"
expect 3 check -r --root $R && one_line err && grep -q 'add --format table' "$tmp/err" && [ ! -s "$tmp/out" ]; ok $? "columns for what is no table"
expect 3 explain --man --json && one_line err && [ ! -s "$tmp/out" ]; ok $? "explain --man is no JSON"
expect 3 explain --man memtype-alias-wins && one_line err && [ ! -s "$tmp/out" ]; ok $? "explain --man is no single rule"
expect 2 check --format nagios --root tests/machines/xrt-alias/root && has '^WC CRITICAL'; ok $? "nagios: broken is 2"
expect 0 check --format nagios --until memtype --root $R && has '^WC OK'; ok $? "nagios: intact is 0"
M=tests/model
expect 0 model --profile skylake $M/message.events && has '^TLPs  *1$'; ok $? "model: a message is one TLP, and that is exact (0)"
printf 's 0xd4000000 32\n? # lost\ns 0xd4000020 32\n' > "$tmp/holes"
expect 2 model --profile skylake "$tmp/holes" && has '^TLPs  *1, as far as is known 1 to 8$' && has 'something was not seen$'; ok $? "model: a stream that says that it has a hole is a range (2)"
printf 's 0xd4000000 64\n?\n' > "$tmp/holes"
expect 2 model --profile skylake --json "$tmp/holes" && has '"id":"\?unseen\|"id": *"unseen"'; ok $? "... also when the stores that it names are exact"
printf 's 0xd4000000 64\n? way\n' > "$tmp/holes"
expect 0 model --profile skylake "$tmp/holes"; ok $? "... but not where only a flush can be missing, and no line is open"
expect 2 model --profile zen4 $M/misaligned.events && has '^TLPs  *8, as far as is known 2 to 16$'; ok $? "model: a range is 2, and says of what"
has 'how this CPU cuts a partial line'; ok $? "... and why"
expect 0 model --profile skylake --buffers 1 --json $M/misaligned.events && has '"capacity"'; ok $? "model --buffers 1: the second line pushes the first out"
expect 0 model --profile skylake --type uc $M/message.events && has '^TLPs  *8$'; ok $? "model --type uc: a TLP a store"
expect 0 model --profile skylake --header 4 $M/message.events && has '^on the wire  88 '; ok $? "model --header 4"
expect 0 model --profile reference --tlps $M/message.events && [ "$(cat "$tmp/out")" = "tlp 0xd4000000 16 f f" ]; ok $? "model --tlps prints that and nothing else"
expect 0 model --profile skylake --list --limit 3 $M/misaligned.events && has '^\.\.\. and 5 more$'; ok $? "model --limit counts the rest"
"$WCDIAG" model --profile reference --tlps - < $M/message.events > "$tmp/out" 2> "$tmp/err" && has '^tlp 0xd4000000 16 f f$'; ok $? "model reads standard input"
expect 0 model --root $R $M/message.events && has '^CPU  *sandybridge (chosen by Intel(R) Core(TM) i7-3930K'; ok $? "model --root takes the CPU of a snapshot"
printf 's 0x1000 8\ns 0x1008 99\n' > "$tmp/bad"
expect 3 model --profile generic "$tmp/bad" && [ ! -s "$tmp/out" ] && grep -q 'line 2: the size is not 1 to 64 bytes (see wcdiag-events(5))' "$tmp/err"; ok $? "model: a bad line, by its number, and no answer"
expect 0 model --profiles && has '^reference '; ok $? "model --profiles"
# Whatever the machine: a number (0) or none (2); how long it takes is no test's business.
"$WCDIAG" buffers --svg "$tmp/svg" > "$tmp/out" 2> "$tmp/err"; case $? in 0|2) [ ! -s "$tmp/err" ] && has '^  buffers  *\(at least \)\{0,1\}[1-9n]' ;; *) false ;; esac; ok $? "buffers: a number, or that there is none"
grep -q '<title>.*</title>' "$tmp/svg" && grep -q '<desc>.*</desc>' "$tmp/svg" && grep -q '</svg>' "$tmp/svg" && ! grep -q 'href\|script\|url(' "$tmp/svg"; ok $? "... and a picture with a title, a description, and nothing from elsewhere"
if command -v xmllint > /dev/null; then xmllint --noout "$tmp/svg" 2> "$tmp/err"; ok $? "... well formed"; fi
"$WCDIAG" buffers --all-cpus --sibling --json > "$tmp/out" 2> "$tmp/err"; case $? in 0|2) [ ! -s "$tmp/err" ] && has '"capacity": *\(null\|[1-9]\)' && has '"available"' && has '"confidence": *[01]\.[0-9][0-9],' && has '"contended": *\(null\|true\|false\)' && has '"curve"' && has '"costs"' ;; *) false ;; esac; ok $? "buffers --json: all that the contract names"
expect 3 buffers --cpu 65000; ok $? "buffers of a CPU that there is not"
expect 3 buffers --cpu x; ok $? "... that is no number"
expect 3 buffers --cpu 0 --all-cpus; ok $? "... one and all"
expect 3 buffers --svg "$tmp/no/such"; ok $? "... a picture that cannot be written"
expect 3 buffers --root $R && grep -q 'wcdiag capture --buffers' "$tmp/err"; ok $? "... of a snapshot that has none: says how to record it"
# A recorded curve is decided the same way everywhere: 8 buffers, on a CPU of which 10 are known.
mkdir "$tmp/curve" && cp -R $R/. "$tmp/curve" && cp tests/buffers/clean.txt "$tmp/curve/wcdiag/buffers.txt"
expect 2 buffers --root "$tmp/curve" && has '^  buffers  *at least 8 lines' && has '^  confidence  *0\.30: this CPU is known to have more' && has 'contended'; ok $? "buffers --root: fewer than are known is not to be trusted (2)"
expect 0 model --profile measured --root "$tmp/curve" $M/misaligned.events && has '^CPU  *measured (measured when the snapshot was taken on CPU 0)' && has '^Buffers  *not known, 8 assumed (measured: 8, while the core was shared'; ok $? "model --profile measured --root: assumed, and said to be"
sed 's/hidden/alone/' tests/buffers/clean.txt > "$tmp/curve/wcdiag/buffers.txt"
expect 0 buffers --root "$tmp/curve" --json && has '"capacity": *8,' && has '"confidence": *0\.50,' && has '"contended": *false' && has '"source": *"snapshot"'; ok $? "buffers --root: of a core without siblings it is worth more (0)"
sed -i 's/\[1\]=000206d7/[1]=000f06f7/' "$tmp/curve/wcdiag/cpuid.txt" # a model that no table has
expect 0 model --profile measured --root "$tmp/curve" $M/message.events && has '^CPU  *measured .*: Intel, no closer row' && has '^Buffers  *8 (measured: 8)$'; ok $? "... of a CPU that no table has it is the number"
expect 3 buffers --root "$tmp/curve" --cpu 9 && grep -q 'not measured' "$tmp/err"; ok $? "... of another CPU there is none"
head -7 tests/buffers/clean.txt > "$tmp/curve/wcdiag/buffers.txt"
expect 3 buffers --root "$tmp/curve" && grep -q 'buffers.txt, line 7: the file ends before a round does' "$tmp/err"; ok $? "... a file that was cut: its line"
expect 3 model --profile measured --root $R $M/message.events && grep -q 'not measured when the snapshot was taken' "$tmp/err"; ok $? "model --profile measured of a snapshot without"
"$WCDIAG" model --profile measured $M/message.events > "$tmp/out" 2> "$tmp/err"; case $? in 0|2) has '^CPU  *measured (measured now on CPU [0-9]' ;; 3) grep -q 'not stable' "$tmp/err" ;; *) false ;; esac; ok $? "model --profile measured on this machine"
expect 0 explain && [ "$(wc -l < "$tmp/out")" -gt 40 ]; ok $? "explain lists the rules"
expect 0 explain memtype-alias-wins && has 'ioremap_wc'; ok $? "explain RULE prints the fix"
expect 3 explain no-such-rule; ok $? "explain of an unknown rule"
for c in bars pat mtrr memtype; do
  "$WCDIAG" $c --json --root $R > "$tmp/out" 2> "$tmp/err"; [ $? -le 2 ] && has '"schema"' && has '"host"'; ok $? "$c --json"
done

# Measured, or (a CPU that is emulated, or too busy) not, which is said.
"$WCDIAG" capture --buffers "$tmp/b" > "$tmp/out" 2> "$tmp/err"; case $? in 0|2) if [ -f "$tmp/b/wcdiag/buffers.txt" ]; then "$WCDIAG" buffers --root "$tmp/b" > "$tmp/out"; [ $? -ne 3 ]; else has '/wcdiag/buffers.txt: '; fi ;; *) false ;; esac; ok $? "capture --buffers"
# capture: the helper module is optional; that it refused is not.
cp -r tests/machines/lab-6.1/root "$tmp/without" && for e in 'ENOENT 0' 'EPERM 2'; do
  printf '%s /dev/wcdiag\n%s /wcdiag/entries.txt\n' "${e% *}" "${e% *}" | cat tests/machines/lab-6.1/root/wcdiag/errors.txt - > "$tmp/without/wcdiag/errors.txt"
  expect "${e#* }" capture -f -o "$tmp/w.tar.gz" --root "$tmp/without" && has '^  /wcdiag/entries.txt: '; ok $? "capture where the module gave ${e% *}: ${e#* }, and said"
done

# pte: entries replayed, columns, wrong command lines
E=tests/machines/founding-entries/root
expect 0 pte --bar 02:00.0:2 --root $E && has '^WHO .*EFFECTIVE' && has '^2784 bartest .* WC '; ok $? "pte --bar of a snapshot: kernel and process"
expect 0 pte --bar 02:00.0:2 --pid 2784 --root $E && ! has '^kernel' && has bartest; ok $? "pte --bar --pid: that process alone"
expect 0 pte --pid 2784 --root $E && has 0x7f5c1c000000; ok $? "pte --pid of a snapshot"
expect 0 pte --pid 2784 0x7f5c1c001234+8K --root $E && ! has 'level by level'; ok $? "... without -v no levels"
expect 0 pte -v --pid 2784 0x7f5c1c001234+8K --root $E && has 'level by level'; ok $? "... with -v levels"
expect 0 pte --pid 2784 0x1000 --root $E && has 'no entries there'; ok $? "... an address without entries: said, and 0"
expect 0 pte --kernel 0xffffc90018000000 --root $E && has '^kernel'; ok $? "pte --kernel of a snapshot"
expect 0 pte --bar 02:00.0:2 --root $E -o pid,Slot && [ "$(head -1 "$tmp/out")" = ' PID SLOT' ]; ok $? "pte -o: columns in any case"
expect 0 pte --bar 02:00.0:2 --root $E -n -r -o PID,SIZE -b && [ "$(head -1 "$tmp/out")" = '0 67108864' ]; ok $? "pte -n -r -b: for scripts"
expect 0 pte --bar 02:00.0:2 --root $E -P -o PID && [ "$(head -1 "$tmp/out")" = 'PID="0"' ]; ok $? "pte -P: pairs"
expect 0 pte --bar 02:00.0:2 --root $E -o +RAW && has '^WHO .* RAW$' && has 0x80000000d400026f; ok $? "pte -o +RAW: after the usual ones"
expect 0 pte --bar 02:00.0:2 --root $E --output-all && has 'PHYSEND'; ok $? "pte --output-all"
expect 3 pte --bar 02:00.0:2 --root $E -o NONSENSE && one_line err && [ ! -s "$tmp/out" ]; ok $? "pte -o: no such column"
expect 3 pte --bar 02:00.0:2 --root $E -o ,; ok $? "pte -o: an empty name"
expect 3 pte --bar 02:00.0:2 --root $E -r -P; ok $? "pte: raw and pairs are two forms"
expect 0 pte --json --bar 02:00.0:2 --root $E && has '"raw": "0x80000000d400026f"' && has '"reader": "wcdiag_km 0.1.0"'; ok $? "pte --json"
expect 3 pte --bar 02:00.0:2 --root $E --verify && one_line err; ok $? "pte --verify reads no snapshot"
expect 0 explain sources && has '^  entries-kcore .*no .*yes .*yes .*no' && has '/proc/kcore'; ok $? "explain sources: what lockdown leaves"
expect 0 explain sources --json && has '"confidentiality": "no"'; ok $? "explain sources --json"
expect 3 explain sources bar-asleep && one_line err; ok $? "explain: sources go alone"
expect 3 pte --self --reader crash && one_line err; ok $? "--reader: no such reader"
expect 2 pte --bar 02:00.0:2 --root $R && has '^not read: /wcdiag/entries.txt: not in the snapshot (.*wcdiag capture again (where /sys/kernel/btf/vmlinux is missing, with the module loaded: make install-km, modprobe wcdiag_km))$' && has '^without the entries only'; ok $? "pte without entries: what is missing, what for, how to get it"
for a in -n -r -P; do
  expect 0 pte --bar 02:00.0:2 --root $E $a && ! has '2 runs' && grep -q '2 runs' "$tmp/err"; ok $? "pte $a: only rows on standard output"
done
expect 0 pte --pid 2784 0x7f5c1c003fff+2 --root $E -nro START,SIZE,PHYS,RAW -b && has '^0x7f5c1c003000 8192 0xd4003000 0x80000000d400326f$'; ok $? "pte: of a recorded run only the range, with the entry of its first page"
expect 3 pte --root $E && one_line err; ok $? "pte of nobody"
for a in '--pid 0' '--pid -1' '--pid x' '--pid 1 --self' '--self' '--pid 2784 12x' '--pid 2784 7f00' '--pid 2784 0x10+' '--pid 2784 0x10+0' '--pid 2784 0x10+1Q' '--pid 2784 0x10 0x20' '--bar 02:00.0' '--bar 02:00.0:2 0x10' '--bar 02:00.0:7' '--bar 02:00.0:2 --kernel 0' '--kernel 0x1ffffffffffffffff' '--kernel 0xfffffffffffffff0' '--kernel 0xffffc90000000000+17179869184G'; do
  expect 3 pte $a --root $E && one_line err && [ ! -s "$tmp/out" ]; ok $? "pte $a: one line, 3"
done
[ -e /dev/wcdiag ] || { expect 2 pte --self && has 'make install-km, then modprobe wcdiag_km'; ok $? "pte --self without the module: 2, and how to get it"; }

# drive: only what needs no device of its own; the rest is in the lab
expect 0 drive --list-patterns && has '^mov8 ' && has '^movdir64b .*control' && [ "$(sed 1d "$tmp/out" | wc -l)" = "$(grep -c '^	WCDIAG_STORE_[A-Z0-9_]*[	 ]*= [0-9]*,' km/wcdiag_stores.h)" ]; ok $? "drive --list-patterns: all of them"
expect 0 drive --list-patterns --json && has '"pattern": "memcpy-toio"'; ok $? "... --json"
"$WCDIAG" drive --list-witnesses > "$tmp/out" 2> "$tmp/err"; rc=$?
[ $rc = 0 ] && has '^reg:BAR+OFFSET:WIDTH' && has '^pmu'; ok $? "drive --list-witnesses"
expect 3 drive --scratch 0+64 && one_line err; ok $? "drive of no device"
expect 3 drive 02:00.0 --scratch 0+64 && grep -q 'which BAR' "$tmp/err"; ok $? "drive of no BAR"
expect 3 drive 02:00.0:2 && grep -q 'without a scratch range' "$tmp/err"; ok $? "drive without --scratch"
expect 3 drive ff:1f.7:2 --scratch 0+64 && one_line err && [ ! -s "$tmp/out" ]; ok $? "drive of a device that is not there"
for a in '--scratch 64' '--scratch 0+' '--scratch x+64' '--scratch 0+64 --scratch 0+64' '--scratch 0+64x' '--side none' '--by wb' '-p nonsense' '-p mov8,' '-p ,' '--lines 0' '--lines 65' '--gap 1001' '--messages 0' '--messages 262145' '--repeat 0' '--cpu -1' '--fill' '--fill 1' '--fill xx' '--witness reg:7+0:8' '--witness nobody' '--map @0' '--map /dev/x@y' '--root tests/machines/founding/root' '--scratch 0+64 --interrupts-off --side user' '--scratch 0+64 --map /dev/x --side kernel' '--scratch 0+64 --map /dev/x --by module'; do
  expect 3 drive 02:00.0:2 $a && one_line err && [ ! -s "$tmp/out" ]; ok $? "drive $a: one line, 3"
done

# check with stores: what goes not together; the rest is in tests/stores and in the lab
E=tests/machines/entries-good-drivers/root
expect 0 check 00:03.0:2 --pattern mov8 --root $E && has 'the pattern mov8: 4096 of 4096 lines leave full' && has 'to stores'; ok $? "check --pattern, a good one: intact to stores"
expect 1 check 00:03.0:2 --pattern misaligned --root $E && has 'breaks at stores' && has 'stores-misaligned'; ok $? "check --pattern misaligned: breaks at stores"
expect 1 check 00:03.0:2 --pattern interleaved --lines 64 --root $E && has 'stores-capacity'; ok $? "check --pattern interleaved: too many lines at once"
expect 1 check 00:03.0:2 --pattern interleaved --lines 9 --profile zen4 --root $E && has 'this CPU has 8 buffers'; ok $? "check --profile: of another CPU"
printf 's 0x1000 64\ns 0x1040 sixty\n' > "$tmp/bad.events"
expect 3 check 00:03.0:2 --events "$tmp/bad.events" --root $E && one_line err && grep -q 'line 2' "$tmp/err" && [ ! -s "$tmp/out" ]; ok $? "check --events: a bad line has its number"
printf 'f sfence\n' > "$tmp/none.events"
expect 3 check 00:03.0:2 --events "$tmp/none.events" --root $E && one_line err; ok $? "check --events: a stream without a store"
expect 3 check 00:03.0:2 --events "$tmp/not-there" --root $E && one_line err; ok $? "check --events: no such file"
for a in '-p misaligned --until pte' '--events a --until memtype' '--profile zen4' '-p mov8 --profile nobody' '-p mov8 --profile measured' '--scratch 0+64' '--map /dev/x' '--scratch 0+64 --map /dev/x' '-p mov8,sse' '-p nonsense' '--events - ' '--events a -p mov8' '--events a --events b' '--witness pmu' '--scratch 0+64 --witness timing' '--until fabric' '--until stores' '-p mov8 --until fabric' '--force' '-p mov8 --repeat 5' '--events a --cpu 1' '--lines 3'; do
  expect 3 check 00:03.0:2 $a --root $E && one_line err && [ ! -s "$tmp/out" ]; ok $? "check $a --root: one line, 3"
done
expect 3 check --events tests/stores/sfence-inside.events --root tests/machines/lost-prefetch/root && one_line err && [ ! -s "$tmp/out" ] && grep -q 'no BAR to judge' "$tmp/err"; ok $? "check --events where no BAR is to judge: not passed over"
for e in good-interrupted:'3 of 4 lines' good-movdir64b:'2 direct stores, 2 TLPs' fault-inside:'but for the page faults' last-vector-again:'has just left full'; do
  COLUMNS=300 "$WCDIAG" check 00:03.0:2 --events "tests/stores/${e%%:*}.events" --root $E > "$tmp/out"; has "${e#*:}"; ok $? "check --events ${e%%:*}: ${e#*:}"
done
expect 3 check ff:1f.7:2 --map /dev/null --profile zen4 && one_line err && grep -q 'for which stores' "$tmp/err"; ok $? "check --map --profile: nothing is stored that it could be for"
for a in '--scratch 0+64' '02:00.0 --scratch 0+64' '02:00.0 --map /dev/x' 'ff:1f.7:2 --scratch 0+64' 'ff:1f.7:2 --map /dev/null' '00:00.0:0 --scratch 0+64 --until pte'; do
  expect 3 check $a && one_line err && [ ! -s "$tmp/out" ]; ok $? "check $a: one line, 3"
done

for m in tests/machines/*/root; do "$WCDIAG" check --json --root "$m"; done 2> /dev/null | grep -E '"(says|fix|evidence)":.*\{[a-z_0-9]+\}' > "$tmp/out"
[ ! -s "$tmp/out" ]; ok $? "no sentence of any recorded machine has an empty place"
script -qec "env -u NO_COLOR $WCDIAG check --root $R" /dev/null > "$tmp/out" 2>/dev/null; grep -q "$(printf '\033')" "$tmp/out"; ok $? "colours on a terminal"
script -qec "NO_COLOR=1 $WCDIAG check --root $R" /dev/null > "$tmp/out" 2>/dev/null; ! grep -q "$(printf '\033')" "$tmp/out"; ok $? "NO_COLOR"

# This machine, whatever it is: never a crash, never a bare 0 when something could not be read.
"$WCDIAG" check --json > "$tmp/out" 2> "$tmp/err"; rc=$?
[ $rc -le 2 ] && has '"source": "live"'; ok $? "check of this machine ends with 0, 1 or 2"
! grep -q '"unknown"' "$tmp/out" || [ $rc != 0 ]; ok $? "... and not with 0 when a layer is unknown"
if [ "$(id -u)" != 0 ]; then
  expect 2 check && [ ! -s "$tmp/err" ] && has 'run as root'; ok $? "as an ordinary user: 2, with the missing facts and remedies"
elif command -v setpriv > /dev/null; then
  d=$(mktemp -d) && chmod 755 "$d" && cp "$WCDIAG" "$d/wcdiag"
  setpriv --reuid=65534 --regid=65534 --clear-groups "$d/wcdiag" check > "$tmp/out" 2> "$tmp/err"
  rc=$?
  rm -rf "$d"
  [ $rc = 2 ] && [ ! -s "$tmp/err" ] && has 'run as root'; ok $? "as an ordinary user: 2, with the missing facts and remedies"
else
  n=$((n + 1)); echo "ok $n - as an ordinary user # SKIP no setpriv"
fi
# A container hides processes: neither check nor a snapshot taken in it may believe that those it sees are all there are.
if [ "$(id -u)" = 0 ] && unshare -pf --mount-proc true 2> /dev/null; then
  unshare -pf --mount-proc "$WCDIAG" capture -o "$tmp/c.tar.gz" > "$tmp/out" 2> "$tmp/err"
  expect 2 bars --root "$tmp/c.tar.gz" && has 'not read: /proc/PID/maps'; ok $? "a snapshot taken in a container: the mappings of others are not known"
else
  n=$((n + 1)); echo "ok $n - a snapshot taken in a container # SKIP no right to make a PID namespace"
fi
# Whether a device sleeps is said only where it was recorded.
cp -r tests/machines/lab-6.1/root "$tmp/sleepless" && find "$tmp/sleepless" -name power_state -delete && find "$tmp/sleepless" -path '*/power/runtime_status' -delete
"$WCDIAG" check --root tests/machines/lab-6.1/root > "$tmp/with" 2>&1
"$WCDIAG" check --root "$tmp/sleepless" > "$tmp/out" 2> "$tmp/err"
grep -qE 'D0|not asleep' "$tmp/with" && ! grep -qE 'D0|not asleep' "$tmp/out" && tr -s ' \n' ' ' < "$tmp/out" | grep -q 'whether it sleeps is not known'
ok $? "whether a device sleeps is said where that was recorded"
# The program never wakes, writes or reads what it must not: no BAR file is opened, no config of a sleeping device, nothing for writing.
if command -v strace > /dev/null && strace -o /dev/null true 2>/dev/null; then
  ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=openat,openat2,open -o "$tmp/trace" "$WCDIAG" check > "$tmp/out" 2> "$tmp/err"
  grep -E 'O_WRONLY|O_RDWR' "$tmp/trace" | grep -vE '/dev/null|/tmp/|/proc/self' > "$tmp/bad"
  grep -E '/resource[0-9]' "$tmp/trace" >> "$tmp/bad"
  cp "$tmp/bad" "$tmp/err"; [ ! -s "$tmp/bad" ]; ok $? "check opens nothing for writing and no BAR"
else
  n=$((n + 1)); echo "ok $n - check opens nothing for writing and no BAR # SKIP strace cannot run here"
fi
