#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# trace.sh - the live tracer against programs whose streams are known. Prints TAP.
#
#   trace.sh                 what `make check` runs
#   trace.sh PROGRAM...      these programs alone, and no attaching
#
#   TRACE_KINDS="gcc-pie gcc-nopie gcc-static clang-pie clang-nopie clang-static"   in which executables
#   TRACE_CYCLES=200         attach and detach so often
#
# For each program: stdout, exit status and the file it leaves are the same with the tracer as without; the events are
# those that the program says it makes, and those that truth.c, which shares no code with the tracer, has seen.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${WCDIAG:=./wcdiag}" "${TRACE_CYCLES:=200}" "${CC:=cc}"
case $WCDIAG in *san/*) B=build/san san='-fsanitize=address,undefined' ;; *) B=build/rel san= ;; esac
T=$B/tests/trace
n=0 rc=0
LC_ALL=C export LC_ALL

tap() { # ok|not WHAT [FILE]: with what there is to see
  n=$((n + 1))
  if [ "$1" = ok ]; then echo "ok $n - $2"; return; fi
  rc=1
  echo "not ok $n - $2"
  [ -z "${3:-}" ] || head -n 12 "$3" | sed 's/^#* */# /'
}
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }

if [ "$(uname -m)" != x86_64 ]; then skip trace "not an x86-64 machine"; exit 0; fi
make -s --no-print-directory -C tests/trace -j"$(nproc)" OUT="$PWD/$T" LIB="$PWD/$B/libprobe.a" SANFLAGS="$san" > "$B/trace-make.log" 2>&1 || {
  tap not "the traced programs build" "$B/trace-make.log"
  exit 1
}
W=$(mktemp -d) || exit 1
trap 'rm -rf "$W"' EXIT
awk 'BEGIN { for (i = 0; i < 32768; i++) printf "%c", 90 + i * 7 % 31 }' > "$W/blank"
case $(nproc) in 1) ;; *) ;; esac

# once KIND PROGRAM HOW...: run it, what it leaves is in $W/HOW.*
run() { # NAME COMMAND...
  name=$1
  shift
  cp "$W/blank" "$W/file"
  timeout 60 "$@" > "$W/$name.out" 2> "$W/$name.err"
  echo "status $?" >> "$W/$name.out"
  cp "$W/file" "$W/$name.file"
}
same_run() { # NAME: as the untraced one?
  cmp -s "$W/plain.out" "$W/$1.out" && cmp -s "$W/plain.file" "$W/$1.file"
}

# One program in one executable: WHAT is what it is about.
one() { # KIND PROGRAM MARKS WHAT
  k=$1 p=$2 m=$3 label="$1 $2: $4"
  progs=$T/$k/progs
  run plain setarch -R "$progs" "$p" "$W/file"
  if grep -q '^skip: ' "$W/plain.out"; then
    skip "$label" "$(sed -n 's/^skip: //p' "$W/plain.out")"
    return
  fi
  blind= keep= only=
  case $m in *b*) blind=-b ;; esac
  case $m in *l*) keep=-k ;; esac
  case $m in *s*) only=-s ;; esac
  case $m in *t*) "$progs" --expect "$p" > "$W/told" ;; esac
  case $m in
  *T*)
    cp "$W/blank" "$W/file"
    if ! timeout 60 "$T/truth" $keep "$W/file" -- "$progs" "$p" "$W/file" > "$W/truth" 2> "$W/why"; then
      tap not "$label: truth" "$W/why"
      return
    fi
    ;;
  esac
  for how in $hows; do
    case $how$m in itself*n*) continue ;; esac
    run traced setarch -R "$T/tell" -t -o "$W/trace" $([ $how = through ] || echo -e) "$W/file" -- "$progs" "$p" "$W/file"
    : > "$W/why"
    if ! same_run traced; then
      { diff "$W/plain.out" "$W/traced.out"; cmp "$W/plain.file" "$W/traced.file"; head -3 "$W/traced.err"; } > "$W/why" 2>&1
    fi
    # Where nothing may be missing nothing is said to be.
    grep '^# note \(lost\|refused\)' "$W/trace" >> "$W/why"
    case $m in *u*) ;; *) grep '^# note unsaid' "$W/trace" >> "$W/why" ;; esac
    case $m in *t*) "$T/same" $blind $only "$W/told" "$W/trace" >> "$W/why" || echo "# ... it says" >> "$W/why" ;; esac
    case $m in *T*) "$T/same" -t $keep $blind $only "$W/truth" "$W/trace" >> "$W/why" || echo "# ... truth saw" >> "$W/why" ;; esac
    if [ -s "$W/why" ]; then tap not "$label ($how)" "$W/why"; else tap ok "$label ($how)"; fi
  done
}

hows='through itself'
kinds=${TRACE_KINDS:-gcc-pie gcc-nopie gcc-static clang-pie clang-nopie clang-static}
"$T/gcc-pie/progs" --list > "$W/list"
if [ $# -gt 0 ]; then
  for p; do grep "^$p " "$W/list" || echo "trace.sh: $p: no such program" >&2; done > "$W/wanted"
else
  cp "$W/list" "$W/wanted"
fi
for k in $kinds; do
  if [ ! -x "$T/$k/progs" ]; then
    skip "programs by $k" "no ${k%%-*} here"
    continue
  fi
  while read -r p m what; do one "$k" "$p" "$m" "$what"; done < "$W/wanted"
done
[ $# = 0 ] || exit $rc
exit $rc
