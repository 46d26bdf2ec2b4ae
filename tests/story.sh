#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# story.sh - wcdiag trace as users call it: a program whose stores are known, and what is told of them. Prints TAP.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
: "${WCDIAG:=./wcdiag}" "${CC:=cc}"
case $WCDIAG in /*) ;; *) WCDIAG=$PWD/$WCDIAG ;; esac
export COLUMNS=200 LC_ALL=C NO_COLOR=1
tmp=$(mktemp -d) || exit 1
tap_shows="$tmp/out $tmp/err"
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2> /dev/null; rm -rf "$tmp"' EXIT

# expect CODE ARGS...: wcdiag trace ARGS...
expect() {
  want=$1
  shift
  timeout 120 "$WCDIAG" trace "$@" > "$tmp/out" 2> "$tmp/err" < /dev/null
  [ $? = "$want" ]
}
has() { grep -q -- "$1" "$tmp/out"; }
one_line() { [ "$(wc -l < "$tmp/err")" = 1 ] && [ ! -s "$tmp/out" ]; }
# What JSON holds under a key, the last time: the totals come last
js() { sed -n "s/^ *\"$1\": *\"\{0,1\}\([^\",]*\).*/\1/p" "$tmp/out" | tail -n 1; }
alive() { kill -0 "$pid" 2> /dev/null; }

# Wrong command lines: one line, 3, and nothing was started.
for a in '' '-p 0' '-p x' '-p 1 -- true' 'true' '--map' '--bar 01:00.0 -- true' '--bar nonsense:2 -- true' '--map a --bar 01:00.0:2 -- true' '--limit 0 -- true' '--duration 0 -- true' '--duration x -- true' '--duration 1x -- true' '--type wb -- true' '--profile nobody -- true' '--buffers 0 -- true' '--buffers 33 -- true' '--events /no/such/dir/f -- true' '-o /no/such/dir/f -- true' '--root x -- true' '-- /no/such/program' '-- /' '-p 2147483647'; do
  expect 3 $a && one_line; ok $? "trace $a: one line, 3"
done
expect 3 --bar ff:1f.7:2 -- true && one_line; ok $? "trace --bar of a device that is not there"

if [ "$(uname -m)" != x86_64 ] || ! command -v "${CC%% *}" > /dev/null; then
  skip "stories" "no compiler, or not an x86-64 machine"
  exit $failed
fi
$CC -g -O2 -Wall -Werror -pthread -o "$tmp/story" tests/trace/story/story.c 2> "$tmp/err" || { ok 1 "the program of the stories is built"; exit $failed; }
root=$PWD f=file s=./story
cd "$tmp" || exit 1
tell() { mode=$1; shift; expect 0 --map "$f" --profile skylake "$@" -- "$s" "$f" "$mode" 100; }

tell whole && has '^1  ok  100 messages: 64 bytes in 1 line, 1 TLP$' && has '^+0     aaaaaaaa aaaaaaaa bbbbbbbb' && has '100 full (100.0 %)' && has '100 TLPs predicted' && ! has '^  broken\|^  unknown\|^  suspect' && [ ! -s "$tmp/err" ]; ok $? "a good program: ok, and short"
has '^begins$' && has '^ends$'; ok $? "... whose own output is there"
has ' a  16 bytes  *whole (story.c:[0-9]*)$'; ok $? "... each instruction with its function and line"
[ "$(head -c 8 "$f" | wc -c)" = 8 ] && [ "$(wc -c < "$f")" = 65536 ]; ok $? "... and the file is as the program leaves it"
COLUMNS=80 && export COLUMNS
tell whole && [ "$(wc -l < "$tmp/out")" -le 24 ] && ! grep '.\{81\}' "$tmp/out"; ok $? "... in 24 lines of 80 columns"
tell turns -v && ! grep '.\{81\}' "$tmp/out"; ok $? "... nor is anything else wider"
COLUMNS=200
tell copy63 && has '^1  broken  .* messages*: 63 bytes in 1 line, 8 TLPs where 1 would do$' && has 'cccccccd dddddddd ddddddd\.$' && has '^again  *^$' && has 'flushed by e (sfence)' && has 'copy63 stores 63 bytes as 16 + 16 + 16 + 16: byte 47 is stored twice' && has '^  broken    stores-partial-line$' && has 'fix: store all 64 bytes' && has '^  suspect   stores-repeat$'; ok $? "63 bytes, byte 47 twice: which, what it costs, what to change"
tell library && has '[0-9]* messages*: 63 bytes in 1 line, 8 TLPs where 1 would do$' && has ' called from library (story.c:[0-9]*)$'; ok $? "the C library's memcpy: who called it"
tell sites && has ' called from library (story.c:[0-9]*)$' && has ' called from other (story.c:[0-9]*)$' && ! has '^1 .* 9[0-9] messages'; ok $? "... from two places: two patterns, each with its own"
tell fenced && has '^  broken    stores-flushed-inside$' && has 'bytes 0-31 as 4 TLPs, flushed by c (sfence)' && has 'an SFENCE in fenced (story.c:'; ok $? "a fence inside: by whom"
tell misaligned && has '^  broken    stores-misaligned$' && has '^+1     dddddddd \.\.\.' && has '64 bytes start 8 bytes behind a line boundary'; ok $? "off the line: two lines, and how far"
tell turns && has '^  broken    stores-capacity$' && has ' a  64 x 16 bytes ' && has '^+4\.\.+15$' && has 'pushed out by another line'; ok $? "too many lines by turns: one message, equal lines together"
tell doorbell && has ' messages*: 4 bytes in 1 line, 1 TLP$' && ! has '^  broken'; ok $? "a doorbell is no fault"
tell many && has '^3  ok  ' && ! has '^4  ' && has '^\.\.\. and [0-9]* more patterns in [0-9]* messages, of which 0 not ok'; ok $? "twelve patterns, all in order: three, and the rest summed"
tell many -v && has '^12  ' && has '^Messages in their order$' && has '^  1  *thread [0-9]*: pattern ' && has '^  100  *thread '; ok $? "... -v: all of them, and every message in its order"
tell whole --buffers 3 && has '3 buffers as asked for'; ok $? "--buffers"
tell whole --type uc && has 'told as if it were uncached' && has '400 TLPs predicted'; ok $? "--type uc: a TLP a store"
tell threads && has '200 messages, 800 stores by 2 threads' && has '200 full (100.0 %)'; ok $? "two threads, each with its own lines"
tell forks && has '^1  broken  .*63 bytes' && has ' ok  100 messages: 64 bytes'; ok $? "a child's messages, too"
tell forks --no-children && has '100 messages, 400 stores by 1 thread' && ! has '63 bytes'; ok $? "... not with --no-children"
tell again && has '^1  broken  2 messages: 63 bytes' && has 'mapped again' && has 'copy63 (story.c:'; ok $? "a program that executes itself anew: the same instructions, one pattern"

# The program's own end, and its input.
tell fails && has 'its own exit status is 7'; ok $? "a program that fails: its status is told, ours is 0"
tell dies && has 'it ended by signal 9 (SIGKILL)' && has '^1  ok  100 messages'; ok $? "a program that dies: by which signal, and its story until then"
echo hello | "$WCDIAG" trace --map "$f" -- cat > "$tmp/out" 2> "$tmp/err" && has '^hello$'; ok $? "standard input is the program's"
"$WCDIAG" trace -- sh -c 'kill -PIPE $$; echo still here' > "$tmp/out" 2> "$tmp/err"; ! has '^still here' && has 'signal 13 (SIGPIPE)'; ok $? "SIGPIPE is the program's own, not ignored as by us"

# Nothing to tell: why, and what to do.
tell private && has '^Nothing  no shared mapping of file that can be written was seen' && has 'MAP_PRIVATE'; ok $? "a private mapping: none was seen, and why that may be"
expect 0 --map "$f.other" -- "$s" "$f" whole 1 && has "no shared mapping of $f.other" && has '^ */.*/file$'; ok $? "another file: what the program does have mapped"
expect 0 -- "$s" "$f" whole 1 && has 'no mapping of device memory was seen'; ok $? "no file named, no device: said"
tell none && expect 0 --map "$f" -- "$s" "$f" none 0 && has '^Nothing  was stored to that mapping'; ok $? "mapped, and nothing stored"
rm -f "$f"; tell whole && has '^1  ok  100 messages'; ok $? "a file that the program itself makes"
expect 0 --map "$tmp/../${tmp##*/}/file" -- "$s" "$f" whole 5 && has '^1  ok  5 messages'; ok $? "a path written otherwise"

# --limit, --duration, signals: the program goes on.
expect 0 --map "$f" --limit 40 -- "$s" "$f" whole 1000 && has 'to the limit of stores; it goes on untraced' && has ' 40 stores by'; ok $? "--limit"
"$s" "$f" goes-on 60 > "$tmp/prog" 2>&1 &
pid=$!
sleep 0.3
expect 0 --map "$f" --duration 0.5 -p $pid && has 'as long as asked; it goes on untraced' && has ' ok  [0-9]* messages*: 64 bytes' && alive; ok $? "-p, --duration: attached, told, left as it was"
for sig in INT TERM HUP QUIT; do
  # A shell ignores two of them for what it starts in the background.
  if ! env --default-signal=INT true 2> /dev/null; then skip "SIG$sig" "env without --default-signal"; continue; fi
  env --default-signal=INT --default-signal=QUIT timeout 20 "$WCDIAG" trace --map "$f" --duration 10 -p $pid > "$tmp/out" 2> "$tmp/err" &
  tracer=$!
  sleep 0.7
  kill -$sig $tracer # timeout hands it on
  wait $tracer
  has 'until it was stopped; it goes on untraced' && alive; ok $? "SIG$sig ends the tracing, not the program"
done
kill -9 $pid 2> /dev/null
wait $pid 2> /dev/null
pid=

expect 0 --map "$f" --limit 6 -- "$s" "$f" goes-on 1 && has '^1  ok  1 message: 64 bytes' && has '^2  unknown  1 part of a message' && ! has '^  broken\|32 bytes in'; ok $? "ended inside a message: a part of one, and no fault"

# Files: the story, the events.
tell whole -o "$tmp/story.txt" && ! has 'messages' && has '^ends$' && grep -q '^1  ok  100 messages' "$tmp/story.txt"; ok $? "-o: the story apart from the program's output"
tell copy63 --events "$tmp/ev" && has 'for wcdiag model, compare, and check --events' && "$WCDIAG" model --profile skylake "$tmp/ev" > "$tmp/out" 2> "$tmp/err" && has '^lines  *100, full 0' && has '^TLPs  *800$'; ok $? "--events: model makes the same of it"
tell threads --events "$tmp/tev" && has 'of 1 more: .*TID' && [ "$(ls "$tmp"/tev.* | wc -l)" = 1 ] && for x in "$tmp"/tev "$tmp"/tev.*; do "$WCDIAG" model --profile skylake "$x" 2>&1; done > "$tmp/out" && [ "$(grep -c '^lines  *100, full 100' "$tmp/out")" = 2 ]; ok $? "... a file for each thread"
tell half-read --events "$tmp/hev" && "$WCDIAG" model --profile skylake "$tmp/hev" > "$tmp/out" 2> "$tmp/err"; [ $? = 2 ] && [ "$(grep -c '^? # ' "$tmp/hev")" -ge 100 ] && has 'something was not seen$' && ! has '^lines  *100, full 100'; ok $? "... where the kernel wrote, the events say that something is missing, and so does model: 2"
"$WCDIAG" check --root "$root/tests/machines/entries-good-drivers/root" --profile skylake --events "$tmp/hev" 0000:00:05.0:2 > "$tmp/out" 2> "$tmp/err"; [ $? != 0 ] && has '^  stores  *\(unknown\|broken\)' && has 'something is not seen in it'; ok $? "... and check --events: not fine"
if [ -w /dev/full ]; then expect 3 --map "$f" --events /dev/full -- "$s" "$f" whole 500 && has 'not complete' && has '^1  ok  500 messages' && [ "$(wc -l < "$tmp/err")" = 1 ]; ok $? "... that cannot be written: the story all the same, and 3"; fi
expect 0 --map "$f" --events "$tmp/nev" -- "$s" "$f" none 0 && has 'empty, nothing was stored'; ok $? "... of nothing: empty, and said"

tell copy63 --json -o "$tmp/j"; cp "$tmp/j" "$tmp/out"
[ "$(js schema)" = 1 ] && [ "$(js ended_by)" = program ] && [ "$(js stores)" = 400 ] && [ "$(js full)" = 0 ] && has '"rule": "stores-partial-line"' && has '"function": "copy63"' && has '"line": "0x' && has '"why": "sfence"' && has '"tlps_needed": 1' && has '"type_assumed": false'; ok $? "--json: totals, patterns, findings"
keys=$(sed -n 's/^ *"\([a-z_]*\)":.*/\1/p' "$tmp/out" | sort -u | grep -v '^\(message\|known_by\|bytes_mask\|first_event\|last_event\|ip_first\|ip_last\|and_so\|cost\|need\|times\|tlps_words\|tlps_in_all\|where\|n\|n_words\|lines_words\|size_words\|rule\|layer\|says\|evidence\|fix\|source\|severity\|wcdiag\|schema\|what\|so\|interrupted\)$')
bad=
for k in $keys; do grep -q "[ .]$k\b" "$root/man/wcdiag-trace.1" || bad="$bad $k"; done
[ -z "$bad" ]; ok $? "... every key of it stands in the manual page${bad:+: not$bad}"

# What wcdiag was given it gives on, and it does not depend on it.
(trap '' CHLD; expect 0 --map "$f" --profile skylake -- "$s" "$f" whole 100 && has '100 full (100.0 %)'); ok $? "started with SIGCHLD ignored"
for how in ignored default; do
  (if [ $how = ignored ]; then trap '' PIPE; fi
    timeout 60 "$WCDIAG" trace --map "$f" -- sh -c 'grep SigIgn /proc/self/status' 2> "$tmp/err" | grep '^SigIgn:' > "$tmp/out")
  mask=$(sed -n 's/.*\(.\)...$/\1/p' "$tmp/out") # SIGPIPE is bit 12, the lowest of the fourth digit
  case $how$mask in ignored[13579bdf] | default[02468ace]) ok 0 "SIGPIPE $how: for the program as well" ;; *) ok 1 "SIGPIPE $how: for the program as well" ;; esac
done
# Every tenth message has a fence inside: found, or nothing is called fine.
tell tenth -v && ! has '100 full (100.0 %)' && has '^[12]  broken' && ! has '^[12]  ok  9[1-9]'; ok $? "a fence now and then"
# The way from the last one leads out of the loop: it was never taken before, so its second fence was not seen.
tell tenth --learn 1000 && has '^1  broken  9 messages' && has '^2  ok  90 messages' && has '^3  broken  1 message with the stores of pattern 1'
ok $? "... with --learn exactly"
exit $failed
