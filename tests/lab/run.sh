#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh [--kernel 6.1|6.12] [--scenario NAME] [--smoke] [--keep] - the lab: Debian's kernels in QEMU, devices with
# prefetchable BARs, and what wcdiag must say about them.
#
# Each file in scenarios/ is one scenario; those that name the same boot share one virtual machine, and a machine runs on
# each processor. Prints TAP; exit 0 when nothing failed. Needs neither root nor KVM. A scenario whose modules could not be
# built here, for want of the kernel's headers, is skipped by name.
#   --smoke   one machine, the scenarios that matter most
#   --keep    leave the results where they are, and say where
#   --write   with --kernel 6.1: write what scenarios keep (tests/lab/kept) anew, then review the difference
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
program=${WCDIAG:-$top/wcdiag}
kernels='6.1 6.12'
wanted='' keep='' write=''

usage() {
	sed -n '3,11s/^# \{0,1\}//p' "$0"
	exit "$1"
}
while [ $# -gt 0 ]; do
	case $1 in
	--kernel)	kernels=${2:?}; shift ;;
	--scenario)	wanted="$wanted ${2:?}"; shift ;;
	--smoke)	kernels=6.1; wanted='right uc-first decode-off pte-agrees' ;;
	--keep)		keep=yes ;;
	--write)	write=yes ;;
	--help)		usage 0 ;;
	*)		usage 2 >&2 ;;
	esac
	shift
done

work=$(mktemp -d "${TMPDIR:-/tmp}/wcdiag-lab.XXXXXX")
clean() {
	if [ -n "$keep" ]; then echo "# results: $work"; else rm -rf "$work"; fi
}
trap clean EXIT
trap 'exit 130' HUP INT TERM
started=$(date +%s)

# Everything is collected here, numbered on its way out.
tap=$work/tap
: >"$tap"
number() { awk '/^(not )?ok / { n++; sub(/ok /, "ok " n " ") } { print; fflush() } END { print "1.." n+0 }'; }

# The value of "#: KEY VALUE" in a scenario.
header() { sed -n "s/^#: $1 //p" "$here/scenarios/$2" | head -n 1; }

# "BOOT SCENARIO,SCENARIO,..." for each boot that has something to do, in the order of the table.
plan() {
	for f in "$here"/scenarios/*; do
		name=$(basename "$f")
		case " $wanted " in
		'  '|*" $name "*)
			boot=$(header boot "$name") order=$(header order "$name")
			echo "${boot:-main} ${order:-50} $name" ;;
		esac
	done | sort -k 1,1 -k 2n,2 -k 3 | awk '{ s[$1] = s[$1] (s[$1] ? "," : "") $3 } END { for (b in s) print b, s[b] }' >"$work/plan"
	grep -v '^#' "$here/boots" | cut -d'|' -f1 | while read -r boot; do
		grep "^$boot " "$work/plan" || true
	done
}

skip_all() {
	echo "ok - lab # SKIP $1" | number
	exit 0
}

fail_all() {
	echo "not ok - lab: $1" | number
	exit 1
}

for tool in qemu-system-x86_64 busybox ldd; do
	command -v $tool >/dev/null || skip_all "no $tool (tests/deps.sh lab)"
done
for name in $wanted; do
	[ -f "$here/scenarios/$name" ] || { echo "run.sh: no scenario '$name'" >&2; exit 2; }
done
[ -x "$program" ] || fail_all "no program $program (make)"
# The guest's and the host's must be the same, even when somebody builds meanwhile.
cp "$program" "$work/wcdiag"
program=$work/wcdiag
cc=${CC:-cc}
command -v "${cc%% *}" >/dev/null || skip_all "expect.c needs a compiler (tests/deps.sh build)"
pkg-config --exists json-c || skip_all "expect.c needs json-c (tests/deps.sh build)"
# shellcheck disable=SC2046
$cc -std=gnu17 -D_GNU_SOURCE -O2 -o "$work/expect" "$here"/expect*.c "$here/walkfile.c" $(pkg-config --cflags --libs json-c) ||
	fail_all "expect.c does not compile"

"$here/analyser/build.sh" "$work/analyser.so" >"$work/analyser.log" 2>&1 || fail_all "the analyser does not compile"
export WCDIAG_LAB_ANALYSER="$work/analyser.so"

# The modules that the scenarios to be run need, built for kernel $1 into the folder modules.$1; what went wrong in
# modules.$1.bad, why one was left out in modules.$1.skipped.
modules() {
	mkdir -p "$work/modules.$1"
	for source in $(sources); do
		code=0
		"$here/module.sh" "$1" "$source" "$work/modules.$1" >"$work/module.$1.log" 2>&1 || code=$?
		case $code in
		0)	;;
		77)	tail -n 1 "$work/module.$1.log" >>"$work/modules.$1.skipped" ;;
		*)	{ echo "$source"; tail -n 20 "$work/module.$1.log"; } >>"$work/modules.$1.bad" ;;
		esac
	done
}

sources() {
	needed=" $(cut -d' ' -f2 "$work/boots" | tr , '\n' | while read -r name; do header needs "$name"; done | tr '\n' ' ')"
	case $needed in *' wcdiag_km '*) echo "$top/km" ;; esac
	# Every other one is the faults' driver.
	for m in $needed; do
		[ "$m" = wcdiag_km ] || { echo "$here/faults/driver"; break; }
	done
}

# Of the scenarios in $2, those whose modules are there for kernel $1, as "A,B"; the others are skipped by name.
runnable() {
	for name in $(echo "$2" | tr , ' '); do
		missing=
		for m in $(header needs "$name"); do
			[ -f "$work/modules.$1/$m.ko" ] || missing=$m
		done
		if [ -z "$missing" ]; then
			printf '%s%s' "$comma" "$name"
			comma=,
		else
			echo "ok - lab $1/$name # SKIP no $missing.ko: $(head -n 1 "$work/modules.$1.skipped" 2>/dev/null)" >>"$tap"
		fi
	done
}

plan >"$work/boots"
[ -s "$work/boots" ] || { echo "run.sh: no scenario names a boot of the table" >&2; exit 2; }
# The two kernels are fetched side by side; unpacking is most of the time.
for k in $kernels; do
	(
		code=0
		"$here/kernel.sh" "$k" >"$work/kernel.$k" 2>"$work/kernel.$k.log" || code=$?
		echo $code >"$work/kernel.$k.code"
		[ $code != 0 ] || modules "$k"
	) &
done
wait
for k in $kernels; do
	case $(cat "$work/kernel.$k.code") in
	0)	WCDIAG=$program "$here/initramfs.sh" "$(cat "$work/kernel.$k")" "$work/initramfs.$k" "$work/modules.$k"
		if [ -f "$work/modules.$k.bad" ]; then
			echo "not ok - lab $k: its modules do not build"
			sed 's/^/#   /' "$work/modules.$k.bad"
		fi >>"$tap" ;;
	77)	echo "ok - lab $k # SKIP $(tail -n 1 "$work/kernel.$k.log")" >>"$tap" ;;
	*)	echo "not ok - lab $k: the kernel could not be prepared" >>"$tap"
		sed 's/^/#   /' "$work/kernel.$k.log" >>"$tap" ;;
	esac
done
while read -r boot names; do
	for k in $kernels; do
		[ -f "$work/initramfs.$k" ] || continue
		comma=
		names_here=$(runnable "$k" "$names")
		[ -z "$names_here" ] ||
			echo "$(cat "$work/kernel.$k") $work/initramfs.$k $boot $names_here $work/$k-$boot"
	done
done <"$work/boots" >"$work/jobs"
# The longest first, so that none is left alone at the end.
cores=$(nproc)
[ "$cores" -ge 2 ] || cores=2
[ "$cores" -le 8 ] || cores=8	# each has 512 MiB
awk '{ print split($4, s, ","), $0 }' "$work/jobs" | sort -s -k 1,1nr | cut -d' ' -f2- |
	xargs -r -P "$cores" -n 5 "$here/boot.sh" || true

# What a kernel prints when something went wrong under it.
oops='WARNING:|BUG:|Oops|general protection|Call Trace|unable to handle|stack segment'

judge_boot() {	# KERNEL BOOT SCENARIOS
	dir=$work/$1-$2
	if [ -f "$dir/failed" ]; then
		echo "not ok - lab $1: boot $2 came to its end ($(cat "$dir/failed"); it had to run $3)"
		tail -n 15 "$dir/console.log" | tr -d '\r' | sed 's/^/#   /'
		return
	fi
	echo "ok - lab $1: boot $2 came to its end"
	if grep -E "$oops" "$dir/results/boot/dmesg" >"$dir/oops"; then
		echo "not ok - lab $1: boot $2: no warning in the kernel log"
		head -n 12 "$dir/oops" | sed 's/^/#   /'
	else
		echo "ok - lab $1: boot $2: no warning in the kernel log"
	fi
	for name in $(echo "$3" | tr , ' '); do
		lists "$dir" "$dir/results/$name"
		[ "$1" != 6.1 ] || kept "$dir/results/$name" "$name"
		"$work/expect" "$dir/results/$name" "lab $1/$name" || true
		for archive in "$dir/results/$name"/*.tar.gz; do
			[ ! -f "$archive" ] || replay "$archive" "lab $1/$name"
		done
	done
}

# The guest cannot see the analyser's lists: what it wants to have compared with them is compared here ("compare_list",
# tests/lab/guest/bus.sh), and is then judged as if it had been said there.
lists() {	# MACHINE SCENARIO
	[ -f "$2/lists" ] || return 0
	while read -r tag measured events options; do
		number=$(awk -v t="$measured" '$1 == t { n = $2 } END { print n }' "$2/buses")
		code=0
		# shellcheck disable=SC2086
		"$program" compare --json $options "$2/$events" "$1/tlp.$number.csv" \
			</dev/null >"$2/$tag.out" 2>"$2/$tag.err" || code=$?
		echo $code >"$2/$tag.code"
	done <"$2/lists"
}

# Without what differs from run to run, and with it where a line ends: processes, addresses, CPUs, times, the kernel's
# release. A number of the evidence is left out where the sentence has its digits, and the sentence has addresses.
unlike() {
	tr -s ' \n' ' ' <"$1" | sed -E 's/0x7[0-9a-f]{8,11}|0xff[0-9a-f]{14}/ADDRESS/g; s/(process|pid|program) [0-9]+/\1 PID/g; s/ [0-9]+ sender/ PID sender/g; s/on CPU [0-9]+/on CPU N/g; s/ pat_slot=[0-9]+//g; s/[0-9]+ (stops|steps)/N \1/g
		s/[0-9.]+ (ns|us|ms|s|cycles|ticks)\b/N \1/g; s/[0-9]+\.[0-9]+\.[0-9]+-[0-9a-z-]*amd64/RELEASE/g'
}

# "kept TAG": what people see is what is kept in this folder, and shown in the manual.
kept() {	# RESULTS SCENARIO
	[ -f "$1/kept" ] || return 0
	while read -r tag; do
		file=$here/kept/$2-$tag
		if [ -n "$write" ]; then
			cp "$1/$tag.out" "$file"
		fi
		unlike "$1/$tag.out" >"$1/$tag.said"
		unlike "$file" >"$1/$tag.kept" 2>/dev/null
		if cmp -s "$1/$tag.said" "$1/$tag.kept"; then
			echo "ok - lab 6.1/$2: $tag is as it is kept"
		else
			echo "not ok - lab 6.1/$2: $tag is not what tests/lab/kept/$2-$tag says (run.sh --kernel 6.1 --scenario $2 --write)"
			diff -u "$file" "$1/$tag.out" | sed 's/^/#   /' | head -40
		fi
	done <"$1/kept"
}

# A capture must say elsewhere what the machine said itself.
replay() {
	"$program" check --root "$1" --json >"${1%.tar.gz}.replay" 2>"${1%.tar.gz}.replay.err" || true
	how=--same
	[ ! -f "${1%.tar.gz}.loose" ] || how=--agree
	"$work/expect" $how "${1%.tar.gz}.out" "${1%.tar.gz}.replay" "$2: $(basename "$1") replayed here says the same" || true
}

while read -r _ initramfs boot names _; do
	judge_boot "${initramfs##*/initramfs.}" "$boot" "$names"
done <"$work/jobs" >>"$tap"
number <"$tap"
passed=$(grep '^ok ' "$tap" | grep -vc '# SKIP' || true)
failed=$(grep -c '^not ok ' "$tap" || true)
echo "# lab: $passed passed, $failed failed, $(grep -c '# SKIP' "$tap" || true) skipped, $(($(date +%s) - started)) s"
[ "$failed" = 0 ]
