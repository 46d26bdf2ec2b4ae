#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh - run the tests, count every one, and end with "N passed, N failed, N skipped".
#
#   run.sh              everything          --no-lab     without the VM
#   run.sh --san        the same corpus with the sanitizer build, without the VM
#   run.sh --cov        the same with the build that counts lines (tests/coverage.sh)
#   run.sh --only-lab   only the VM         --smoke      a short run with one VM
#
# Every part prints TAP lines ("ok 3 - what", "not ok 4 - what", "ok 5 - what # SKIP why"); what a part prints besides is kept
# in build/log/ and shown when the part failed. A part that ends without a single line, or by an error, is itself a failure.
set -u
cd "$(dirname "$0")/.." || exit 1

lab=yes rest=yes san= smoke= build=rel
for a; do
  case $a in
    --no-lab) lab= ;;
    --san) lab= san=san build=san ;;
    --cov) lab= san=cov build=cov ;;
    --only-lab) rest= ;;
    --smoke) smoke=--smoke ;;
    *) echo "run.sh: $a: no such option" >&2; exit 3 ;;
  esac
done

B=build/$build
WCDIAG=./wcdiag
[ -z "$san" ] || WCDIAG=$B/wcdiag
export WCDIAG NO_COLOR=1 LC_ALL=C
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
log=build/log${san:+-$san}
mkdir -p "$log"
passed=0 failed=0 skipped=0

# part NAME COMMAND...: run it, count its TAP lines, show what failed.
part() {
  name=$1
  shift
  start=$(date +%s)
  "$@" > "$log/$name" 2>&1
  rc=$?
  p=$(grep -a '^ok ' "$log/$name" | grep -avc '# SKIP')
  s=$(grep -a '^ok ' "$log/$name" | grep -ac '# SKIP')
  f=$(grep -ac '^not ok ' "$log/$name")
  if [ "$f" = 0 ] && { [ "$rc" != 0 ] || [ $((p + s)) = 0 ]; }; then
    f=1
    echo "not ok - $name ended with $rc after $((p + s)) tests"
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  printf '%-24s %5d passed %3d failed %3d skipped  %4ds\n' "$name" "$p" "$f" "$s" $(($(date +%s) - start))
  grep -a '^ok .*# SKIP' "$log/$name" | sed 's/^ok [0-9]* *-* */    skipped: /'
  if [ "$f" != 0 ]; then
    grep -a -A12 '^not ok ' "$log/$name" | head -120
    [ "$rc" = 0 ] || tail -n 30 "$log/$name"
    echo "    all of it: $log/$name"
  fi
}

unit() {
  rc=0
  for t in "$B"/tests/unit/test_*; do
    case $t in *.o|*.d) continue ;; esac
    CMOCKA_MESSAGE_OUTPUT=TAP "$t" || rc=1
  done
  return $rc
}

if [ -n "$rest" ]; then
  if pkg-config --exists cmocka; then
    part unit unit
  else
    echo "unit: cmocka is not installed"
    failed=$((failed + 1))
  fi
  part machines tests/machines.sh
  part bad-input tests/bad.sh
  if [ -z "$smoke" ]; then
    part command-line tests/cli.sh
    part completion tests/completion.sh
    part metrics tests/metrics.sh
    part live tests/live.sh
    part report tests/report.sh
    part fleet tests/fleet.sh
    part stores tests/stores.sh
    part compare tests/compare.sh
    part diff tests/diff.sh
    part watch tests/watch.sh
    part trace tests/trace.sh
    part story tests/story.sh
    # A million streams where there is time.
    part models-agree tests/model_agree.sh ${lab:+--streams 1000000}
    [ -n "$san" ] || part manual tests/manual.sh
    [ -n "$san" ] || part docs tests/docs.sh
    [ -n "$san" ] || part install tests/install.sh
    [ -n "$san" ] || part hardware tests/hardware.sh
    [ -n "$san" ] || part stores-asm tests/disasm.sh
  fi
fi
if [ -n "$lab" ]; then
  part lab tests/lab/run.sh $smoke
fi

echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
