#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh SECONDS [TARGET...] - fuzz each decoder for that long (libFuzzer, address and undefined sanitizers), two at a time.
# What a run finds beyond the kept corpus stays in build/fuzz/; an input that crashes is named, and the exit status is 1.
set -u
cd "$(dirname "$0")/../.." || exit 1
seconds=${1:-60}
[ $# -eq 0 ] || shift
: "${CLANG:=clang}"
B=build/fuzz
mkdir -p $B/obj
if ! echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n); int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { (void)d; (void)n; return 0; }' |
     $CLANG -x c -fsanitize=fuzzer,address -o $B/probe-fuzzer - 2> $B/why; then
  echo "fuzz: $CLANG cannot build libFuzzer targets: $(head -1 $B/why) (apt-get install clang libclang-rt-14-dev)"
  exit 1
fi
flags="-std=gnu17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all"
pkgs="libpci libcpuid json-c libarchive libpcap libdw libbpf"
for f in probe/*.c; do
  o=$B/obj/$(basename "$f" .c).o
  if [ ! "$o" -nt "$f" ] || [ -n "$(find probe -name '*.h' -newer "$o" | head -1)" ]; then
    $CLANG $flags -fsanitize=fuzzer-no-link $(pkg-config --cflags $pkgs) -c -o "$o" "$f" || exit 1
  fi
done
rm -f $B/libprobe.a
ar rcs $B/libprobe.a $B/obj/*.o

# libarchive asks for as much memory as a cpio header says a name is long, 4 GiB at most, and does not touch it.
one() {
  t=$1
  src=tests/fuzz/fuzz_$t.c
  $CLANG $flags -fsanitize=fuzzer $(pkg-config --cflags $pkgs) -o "$B/fuzz_$t" "$src" $B/libprobe.a $(pkg-config --libs $pkgs) -lZydis || return 1
  mkdir -p "$B/found/$t" "$B/crash/$t"
  "$B/fuzz_$t" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=3000 -malloc_limit_mb=4200 -max_len=65536 -print_final_stats=1 \
    -artifact_prefix="$B/crash/$t/" "$B/found/$t" tests/fuzz/corpus/"$t" > "$B/$t.log" 2>&1
}

targets=${*:-$(ls tests/fuzz/fuzz_*.c | sed 's/.*fuzz_\(.*\)\.c/\1/')}
echo "fuzz: $(echo $targets | wc -w) targets, $seconds s each, two at a time"
rc=0
set -- $targets
while [ $# -gt 0 ]; do
  a=$1 b=${2:-}
  one "$a" & pa=$!
  pb=
  if [ -n "$b" ]; then one "$b" & pb=$!; fi
  for p in "$a:$pa" "$b:$pb"; do
    t=${p%%:*} pid=${p#*:}
    [ -n "$pid" ] || continue
    if wait "$pid"; then
      printf '%-12s ok      %s runs\n' "$t" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$B/$t.log")"
    else
      printf '%-12s FAILED  see %s, inputs in %s\n' "$t" "$B/$t.log" "$B/crash/$t/"
      rc=1
    fi
  done
  shift
  [ $# -eq 0 ] || shift
done
exit $rc
