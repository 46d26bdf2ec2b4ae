#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# trace.sh - the live tracer against programs whose streams are known (trace/prog/), and against one that is attached to
# again and again (trace/busy.c). Prints TAP.
#
#   trace.sh                 what `make check` runs
#   trace.sh PROGRAM...      these programs alone, in every executable, and no attaching
#
#   TRACE_KINDS="gcc-pie"    in these executables alone; all: see below (with sanitizers: fewer)
#   TRACE_ALL=yes            everything in every executable (minutes)
#   TRACE_CYCLES=200         attach and leave so often
#   TRACE_TIMES=yes          how long each program takes
#
# For each program: stdout, exit status and the file it leaves are with the tracer as without; the events are those that
# the program says it makes, and those that truth.c, which shares no code with the tracer, has seen. Each once with stores
# of known paths through the tracer's mapping ("through"), once all by the program ("itself").
set -u
cd "$(dirname "$0")/.." || exit 1
: "${WCDIAG:=./wcdiag}" "${TRACE_ALL:=}" "${TRACE_TIMES:=}"
case $WCDIAG in
*san/*) B=build/san san='-fsanitize=address,undefined' kinds='gcc-pie bare' cycles=20 ;;
*) B=build/rel san= kinds='gcc-pie gcc-nopie gcc-static clang-pie clang-nopie clang-static bare bare-pie' cycles=200 ;;
esac
: "${TRACE_KINDS:=$kinds}" "${TRACE_CYCLES:=$cycles}"
T=$B/tests/trace
rc=0
LC_ALL=C export LC_ALL

tap() { # ok|not WHAT [FILE]: what there is to see
  if [ "$1" = ok ]; then echo "ok - $2"; return; fi
  rc=1
  echo "not ok - $2"
  [ -z "${3:-}" ] || head -n 12 "$3" | sed 's/^[# ]*/# /'
}
skip() { echo "ok - $1 # SKIP $2"; }

run() { # NAME COMMAND...: what it leaves is in $W/NAME.*
  name=$1
  shift
  cp "$W/blank" "$W/file"
  timeout -k 2 30 "$@" > "$W/$name.out" 2> "$W/$name.err"
  echo "status $?" >> "$W/$name.out"
  cp "$W/file" "$W/$name.file"
}

one() { # KIND PROGRAM MARKS WHAT
  begun=$(date +%s%N)
  judge "$@"
  [ -z "$TRACE_TIMES" ] || echo "# $(($(date +%s%N) / 1000000 - begun / 1000000)) ms: $1 $2"
}

# The program's own list, and truth's, into $W/told and $W/truth; empty: there is none.
expected() { # PROGRAM MARKS
  : > "$W/told"
  : > "$W/truth"
  case $2 in
  *t*) case $k in bare*) cp tests/trace/bare.expect "$W/told" ;; *) "$progs" --expect "$1" > "$W/told" ;; esac ;;
  esac
  # Elsewhere only what the compiler or the library decides is seen once more.
  case $full$2 in all*T* | *T*c*) ;; *) return 0 ;; esac
  cp "$W/blank" "$W/file"
  timeout -k 2 30 "$T/truth" $keep "$W/file" -- "$progs" "$1" "$W/file" > "$W/truth" 2> "$W/why"
}

judge() { # KIND PROGRAM MARKS WHAT
  k=$1 p=$2 m=$3 label="$1 $2: $4" progs=$T/$1/progs blind= keep= only=
  case $full$m in part-*n*) return ;; esac
  run plain setarch -R "$progs" "$p" "$W/file"
  if grep -q '^skip: ' "$W/plain.out"; then
    skip "$label" "$(sed -n 's/^skip: //p' "$W/plain.out")"
    return
  fi
  case $m in *b*) blind=-b ;; esac
  case $m in *l*) keep=-k ;; esac
  case $m in *s*) only=-s ;; esac
  expected "$p" "$m" || { tap not "$label: truth" "$W/why"; return; }
  for how in through itself; do
    case $how$full$m in itselfpart* | itself*-*n*) continue ;; esac
    [ $how = through ] && by= || by=-e
    run traced setarch -R "$T/tell" -t $by -o "$W/trace" "$W/file" -- "$progs" "$p" "$W/file"
    : > "$W/why"
    cmp -s "$W/plain.out" "$W/traced.out" || { diff "$W/plain.out" "$W/traced.out"; head -n 3 "$W/traced.err"; } >> "$W/why"
    cmp "$W/plain.file" "$W/traced.file" >> "$W/why" 2>&1
    # Where nothing may be missing nothing is said to be.
    case $m in *u*) said=refused ;; *) said='\(refused\|lost\|unsaid\)' ;; esac
    grep "^# note $said" "$W/trace" >> "$W/why"
    [ ! -s "$W/told" ] || "$T/same" $blind $only "$W/told" "$W/trace" >> "$W/why" || echo "... it says itself" >> "$W/why"
    [ ! -s "$W/truth" ] || "$T/same" -t $keep $blind $only "$W/truth" "$W/trace" >> "$W/why" || echo "... truth saw" >> "$W/why"
    if [ -s "$W/why" ]; then tap not "$label ($how)" "$W/why"; else tap ok "$label ($how)"; fi
  done
}

programs() { # KIND WANTED: all of one executable
  full=part
  case $TRACE_ALL$1 in yes* | gcc-pie) full=all ;; esac
  if [ ! -x "$T/$1/progs" ]; then
    skip "programs by $1" "no ${1%%-*} here"
    return
  fi
  case $1 in
  bare*) full=all; one "$1" bare -tT "no C library, each instruction known" ;;
  *) while read -r p m what; do one "$1" "$p" "$m" "$what"; done < "$2" ;;
  esac
}

# wcdiag trace itself: its --events against the same lists. A file for each thread; which thread it is of tells its page.
command() {
  k=gcc-pie progs=$T/gcc-pie/progs full=all
  for p in plain sse masked rep locked spoilers straddle loops2 memcpy signal execself remap threads8 forks syscalls aborts; do
    m=$("$progs" --list | sed -n "s/^$p \(-[a-zA-Z]*\) .*/\1/p") keep=
    run plain setarch -R "$progs" "$p" "$W/file"
    grep -q '^skip: ' "$W/plain.out" && { skip "wcdiag trace: $p" "$(sed -n 's/^skip: //p' "$W/plain.out")"; continue; }
    expected "$p" "$m" || { tap not "wcdiag trace: $p: truth" "$W/why"; continue; }
    rm -f "$W"/events*
    run traced setarch -R "$WCDIAG" trace --map "$W/file" -o "$W/story" --events "$W/events" -- "$progs" "$p" "$W/file"
    : > "$W/why"
    # Its own status says that it was traced, not how the program ended.
    sed '$d' "$W/plain.out" > "$W/want"
    { cat "$W/want"; echo 'status 0'; } | diff - "$W/traced.out" > "$W/why" || head -n 3 "$W/traced.err" >> "$W/why"
    cmp "$W/plain.file" "$W/traced.file" >> "$W/why" 2>&1
    for f in "$W"/events*; do
      t=0
      case $p in threads8 | forks) t=$(awk '/^s /{ print (length($2) > 5 ? substr($2, 3, 1) : 0); exit }' "$f") ;; esac
      sed "/^?/d; s/\$/ # t=$t/" "$f"
    done > "$W/trace"
    [ ! -s "$W/told" ] || "$T/same" "$W/told" "$W/trace" >> "$W/why" || echo "... it says itself" >> "$W/why"
    [ ! -s "$W/truth" ] || "$T/same" -t "$W/truth" "$W/trace" >> "$W/why" || echo "... truth saw" >> "$W/why"
    if [ -s "$W/why" ]; then tap not "wcdiag trace --events: $p" "$W/why"; else tap ok "wcdiag trace --events: $p"; fi
  done
}

# A program is attached to and left; what it prints is as it prints it untraced.
busy_begin() {
  cp "$W/blank" "$W/file"
  : > "$W/busy"
  "$T/busy" "$W/file" > "$W/busy" 2> "$W/err" &
  pid=$!
  while ! grep -q busy "$W/busy"; do sleep 0.1; done
}
busy_end() { # WHAT
  kill -USR2 $pid 2> /dev/null
  wait $pid
  echo "status $?" > "$W/status"
  diff "$W/plain" "$W/busy" > "$W/why" && cmp "$W/plain.file" "$W/file" >> "$W/why" 2>&1 && grep -q 'status 0' "$W/status" \
    && tap ok "$1: no signal lost, no sleep or read cut short, output as untraced" \
    || { cat "$W/status" "$W/err" >> "$W/why"; tap not "$1: it is not as untraced" "$W/why"; }
}
left() { # WHAT STATUS: wcdiag trace has ended with STATUS
  "$T/cycle" $pid "$W/file" look > "$W/is" 2>&1
  { echo "status $2"; cat "$W/trace.err"; } > "$W/why"
  diff "$W/was" "$W/is" >> "$W/why" && [ "$2" = 0 ] && grep -q '[1-9]' "$W/story" \
    && tap ok "wcdiag trace -p, $1: masks, mappings and tracer as before, every thread goes on" \
    || tap not "wcdiag trace -p, $1" "$W/why"
}

attached() { # before that it has not said yet what signals it waits for
  until grep -q '^TracerPid:.*[1-9]' /proc/$pid/status; do kill -0 $tracer 2> /dev/null && kill -0 $pid 2> /dev/null || return; sleep 0.05; done
  sleep 0.4
}

attach() {
  busy_begin
  sleep 0.3
  kill -USR2 $pid
  wait $pid
  cp "$W/busy" "$W/plain"
  cp "$W/file" "$W/plain.file"
  grep -q 'ended' "$W/plain" || { tap not "the busy program untraced" "$W/busy"; return; }

  busy_begin
  "$T/cycle" $pid "$W/file" "$TRACE_CYCLES" > "$W/why" 2>&1
  [ $? = 0 ] && tap ok "$TRACE_CYCLES times attached and left: masks, mappings and tracer as before, every thread goes on" \
    || tap not "$TRACE_CYCLES times attached and left" "$W/why"
  cat "$W/why" >&2
  busy_end "$TRACE_CYCLES times"

  busy_begin
  "$T/cycle" $pid "$W/file" look > "$W/was"
  for how in INT TERM HUP "--limit 500" "--duration 0.3"; do
    case $how in --*) with=$how ;; *) with= ;; esac
    env --default-signal=INT timeout -k 5 60 "$WCDIAG" trace $with --map "$W/file" -o "$W/story" -p $pid > /dev/null 2> "$W/trace.err" &
    tracer=$!
    case $how in --*) ;; *) attached; kill -"$how" $tracer ;; esac
    wait $tracer
    left "$how" $?
  done
  busy_end "left in each way"

  # Whose first thread has ended.
  cp "$W/blank" "$W/file"
  "$T/headless" "$W/file" > "$W/headless" 2>&1 &
  pid=$!
  while ! grep -q headless "$W/headless"; do sleep 0.1; done
  timeout -k 5 60 "$WCDIAG" trace --map "$W/file" --duration 0.5 -o "$W/story" -p $pid > /dev/null 2> "$W/why"
  status=$?
  cp "$W/file" "$W/was"
  sleep 0.2
  { [ $status = 0 ] && grep -q 'by 2 threads' "$W/story" && ! grep -q '^TracerPid:.*[1-9]' /proc/$pid/task/*/status \
    && ! cmp -s "$W/was" "$W/file"; }
  [ $? = 0 ] && tap ok "a process whose first thread has ended: attached to and left" \
    || { echo "status $status" >> "$W/why"; cat "$W/story" >> "$W/why"; tap not "a process whose first thread has ended" "$W/why"; }
  kill -KILL $pid
  wait $pid 2> /dev/null

  # After SIGKILL nothing is promised but this: it goes on, or dies of a fault or step that was the tracer's. It does not hang.
  busy_begin
  "$WCDIAG" trace --map "$W/file" -o "$W/story" -p $pid > /dev/null 2>&1 &
  tracer=$!
  attached
  kill -KILL $tracer
  wait $tracer 2> /dev/null
  sleep 0.3
  kill -USR2 $pid 2> /dev/null
  for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 $pid 2> /dev/null || break; sleep 0.3; done
  kill -KILL $pid 2> /dev/null
  wait $pid 2> /dev/null
  status=$?
  case $status in 0 | 99 | 133 | 139) tap ok "after SIGKILL of the tracer the program goes on, or dies of SIGSEGV or SIGTRAP" ;;
  *) tap not "after SIGKILL of the tracer the program ends with $status" "$W/busy" ;;
  esac
}

if [ "${1:-}" = --part ]; then # one part in a process of its own: W is the parent's
  W=$2/$3 full=part
  mkdir -p "$W"
  cp "$2/blank" "$W/blank"
  case $3 in attach | command) $3 ;; *) programs "$3" "$2/wanted" ;; esac
  exit $rc
fi

if [ "$(uname -m)" != x86_64 ]; then skip trace "not an x86-64 machine"; exit 0; fi
W=$(mktemp -d) || exit 1
trap 'rm -rf "$W"' EXIT
make -s --no-print-directory -C tests/trace -j"$(nproc)" OUT="$PWD/$T" LIB="$PWD/$B/libprobe.a" SANFLAGS="$san" > "$W/make.log" 2>&1 || {
  tap not "the traced programs are built" "$W/make.log"
  exit 1
}
awk 'BEGIN { for (i = 0; i < 32768; i++) printf "%c", 90 + i * 7 % 31 }' > "$W/blank"
"$T/gcc-pie/progs" --list > "$W/list"
parts=$TRACE_KINDS
if [ $# -gt 0 ]; then
  for p; do grep "^$p " "$W/list" || { tap not "$p: no such program"; exit 1; }; done > "$W/wanted"
else
  cp "$W/list" "$W/wanted"
  parts="$parts command attach"
fi
# As many at once as there are CPUs.
export WCDIAG TRACE_ALL TRACE_TIMES TRACE_CYCLES
printf '%s\n' $parts | xargs -P "$(nproc)" -I PART sh -c 'tests/trace.sh --part "$1" "$2" > "$1/$2.tap" 2>&1 || touch "$1/failed"' - "$W" PART
for p in $parts; do cat "$W/$p.tap"; done | awk '/^(not )?ok /{ sub(/ok /, "ok " ++n " ") } { print }'
[ ! -e "$W/failed" ]
