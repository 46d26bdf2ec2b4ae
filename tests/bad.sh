#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Broken snapshots, hostile archives and wrong command lines. Whatever it is given, wcdiag ends within half a minute (idle: a tenth of that) and not by
# a signal; it says what it could not read and never calls that fine; it writes nothing anywhere. Prints TAP.
#
#   tests/bad.sh [--wcdiag PATH]
#
# bad/overlay/NAME   files laid over a good snapshot; "expect" beside them says what must come of it
# bad/tar.sh         archives that no tar program makes
# bad/cmdline        wrong command lines
# and here: what git cannot keep or nobody wants to keep: fifos, loops, endless lines, every file of a snapshot spoilt in turn

set -u
cd "$(dirname "$0")/.." || exit 3
wcdiag=${WCDIAG:-./wcdiag}
while [ $# -gt 0 ]; do
	case $1 in
	--wcdiag) wcdiag=${2:?--wcdiag needs a path}; shift 2;;
	*) echo "usage: tests/bad.sh [--wcdiag PATH]" >&2; exit 3;;
	esac
done
if [ ! -x "$wcdiag" ]; then
	echo "Bail out! $wcdiag: not there (run make)"
	exit 3
fi
export NO_COLOR=1 LC_ALL=C
# A sanitizer's own exit status must not look like a verdict.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99" UBSAN_OPTIONS="${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}exitcode=99"

tmp=$(mktemp -d) || exit 3
trap 'chmod -R u+rwx "$tmp"; rm -rf "$tmp"' EXIT
trap 'exit 3' HUP INT TERM
# What no snapshot may reach, and where unpacking may happen but nothing may stay
outside=$tmp/outside
mkdir "$outside" "$tmp/TMPDIR" "$tmp/cwd"
echo canary-in-a-cage > "$outside/secret"
export TMPDIR=$tmp/TMPDIR
untouched=$(ls -A "$outside" "$TMPDIR" "$tmp/cwd")
n=0 failed=0

. tests/contract.sh
. tests/bad/tar.sh

# A good snapshot, with one more BAR (I/O) for the command lines
good=$tmp/good
cp -a tests/machines/uio-own-mmap/root "$good"
card=$good/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0
sed -i '5s/.*/0x000000000000e000 0x000000000000e0ff 0x0000000000040101/' "$card/resource"
cp tests/machines/ena-vfio-6.12/root/wcdiag/vfio.txt "$good/wcdiag/"

result() {	# result NAME FAULT: an empty fault is a success
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - bad: $1"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $n - bad: $1: $2"
	head -c 600 "$tmp/err" | LC_ALL=C tr -c '\n -~' '?' | sed 's/^/# stderr: /' | head -12
}

# run ARGS...: output in $tmp/out and $tmp/err, status in $code, what is wrong whatever was asked for in $fault
run() {
	timeout -k 1 30 "$wcdiag" "$@" > "$tmp/out" 2> "$tmp/err" < /dev/null
	code=$?
	fault=
	if [ $code -gt 3 ]; then
		fault="ends with $code"
		[ $code != 124 ] || fault="takes more than 10 s"
	elif [ $code = 3 ]; then
		[ "$(wc -l < "$tmp/err")" = 1 ] && grep -Eq '^wcdiag( [a-z]+)?: .+: .+' "$tmp/err" ||
			fault="stderr is not one line \"wcdiag CMD: WHAT: WHY (WHAT TO DO)\""
	elif [ -s "$tmp/err" ]; then
		fault="something on stderr"
	fi
	if LC_ALL=C grep -q '[^ -~]' "$tmp/out" "$tmp/err"; then
		fault="${fault:-control characters in the output}"
	fi
	if grep -q canary-in-a-cage "$tmp/out" "$tmp/err"; then
		fault="it read a file outside of the snapshot"
	fi
	if [ "$(ls -A "$outside" "$TMPDIR" "$tmp/cwd")" != "$untouched" ] || [ "$(cat "$outside/secret")" != canary-in-a-cage ]; then
		fault="${fault:+$fault, and }it left something behind: $(ls -A "$outside" "$TMPDIR" "$tmp/cwd" | tr '\n' ' ')"
		rm -rf "$TMPDIR" "$outside"
		mkdir "$TMPDIR" "$outside"
		echo canary-in-a-cage > "$outside/secret"
	fi
}

one_of() {	# one_of CODE...: else a fault
	[ -z "$fault" ] || return
	for c in "$@"; do [ "$code" != "$c" ] || return; done
	fault="ends with $code, expected one of: $*"
}

# every NAME ROOT CODES: all commands that read a snapshot
every() {
	every_fault=
	for c in check "check --json" pat mtrr memtype bars "pat --json" "mtrr --json" "memtype --json" "bars --json" \
		"pte --pid 3011" "pte --bar 01:00.0:0" "pte --json -v --bar 01:00.0:0"; do
		run $c --root "$2"
		case $c in
		check*) one_of $3;;
		*--bar*) case $3 in 3) one_of 3;; *) one_of 0 2 3;; esac;;	# the device may be what is broken
		*) case $3 in 3) one_of 3;; *) one_of 0 2;; esac;;
		esac
		if [ "$c" = "check --json" ] && [ -z "$fault" ] && [ $code != 3 ]; then
			"$contract" --exit $code ${4:+--must "$4" check} < "$tmp/out" > "$tmp/judged" ||
				fault=$(grep '^not ok' "$tmp/judged" | head -1)
		fi
		[ -z "$fault" ] || { every_fault="$c: $fault"; break; }
	done
	result "$1" "$every_fault"
}

# --- files laid over a good snapshot ---------------------------------------------------------------------------------

overlays() {
	for o in tests/bad/overlay/*/; do
		o=${o%/}
		rm -rf "$tmp/root"
		cp -a "$good" "$tmp/root"
		cp -a "$o/." "$tmp/root/"
		rm -f "$tmp/root/expect"
		if grep -q '^exit 3' "$o/expect"; then
			every "${o##*/}" "$tmp/root" 3
			continue
		fi
		grep -v -e "^#" -e "^not intact" "$o/expect" > "$tmp/must"
		every "${o##*/}" "$tmp/root" "1 2" "$tmp/must"
		# "not intact", or a file that is named as missing: what is known does not suffice for an all-clear.
		if grep -q -e "^file " -e "^not intact" "$o/expect"; then
			run check --until memtype --root "$tmp/root"
			one_of 1 2
			result "${o##*/}, up to memtype" "$fault"
		fi
	done
}

# --- every file of a snapshot spoilt in turn -------------------------------------------------------------------------

spoil() {	# spoil HOW FILE
	case $1 in
	missing) rm "$2";;
	empty) : > "$2";;
	half) size=$(($(wc -c < "$2") / 2)); head -c $size "$2" > "$tmp/x"; cp "$tmp/x" "$2";;
	binary) head -c 3000 "$wcdiag" | tail -c 2000 > "$2";;
	zeros) head -c 5000 /dev/zero > "$2";;
	endless) head -c 1048576 /dev/zero | tr '\0' A > "$2";;
	numbers) printf '18446744073709551616 -1 0x1ffffffffffffffff 4294967295-99999999999\n' > "$2";;
	directory) rm "$2"; mkdir "$2";;
	loop) rm "$2"; ln -s "${2##*/}" "$2";;
	outside) rm "$2"; ln -s "$outside/secret" "$2";;
	up) rm "$2"; ln -s ../../../../../../../../../../../../../../../../../../../../..$outside/secret "$2";;
	fifo) rm "$2"; mkfifo "$2";;
	esac
}

# Without these nothing may be called intact: from boot options to who maps what. (The others only improve the answer.)
deciding='proc/sys/kernel/osrelease proc/cmdline proc/iomem proc/3011/maps dev/kmsg sys/devices/system/cpu/online
sys/kernel/debug/x86/pat_memtype_list wcdiag/msr.txt wcdiag/cpuid.txt
sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/vendor sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/class
sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/resource sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/config'

sweep() {
	(cd "$good" && find . -type f ! -path '*/0000:00:01.0/[a-z]*' ! -name 'resource[0-9]*' -o -type f -path '*/0000:01:00.0/*' |
		sed 's,^\./,,' | sort -u) > "$tmp/files"
	rm -rf "$tmp/root"
	cp -a "$good" "$tmp/root"
	for how in missing empty half binary zeros endless numbers directory loop outside up fifo; do
		while read -r f; do
			spoil $how "$tmp/root/$f"
			run check --json --until memtype --root "$tmp/root"
			case "$f $how" in
			*" half" | "proc/3011/maps empty" | "dev/kmsg endless" | "dev/kmsg numbers" | "proc/cmdline endless" | \
			"proc/cmdline numbers") ;;	# may be what a machine has
			*)
				case " $(echo $deciding) " in
				*" $f "*) one_of 1 2 3;;
				esac;;
			esac
			if [ -z "$fault" ] && [ $code != 3 ]; then
				"$contract" --exit $code < "$tmp/out" > "$tmp/judged" || fault=$(head -1 "$tmp/judged")
			fi
			result "$f: $how" "$fault"
			rm -rf "$tmp/root/$f"
			cp -a "$good/$f" "$tmp/root/$f"
		done < "$tmp/files"
	done
}

# The entries, which the good snapshot has not: with them it would be intact, and nothing else could be seen to be missing.
sweep_entries() {
	rm -rf "$tmp/root"
	for how in none missing empty half binary zeros endless numbers directory loop outside up fifo; do
		rm -rf "$tmp/root"
		cp -a "$good" "$tmp/root"
		printf '%s\n' 'reader wcdiag_km 0.1.0' 'levels 4' \
			'0 0xffffc90000000000 0xffffc90000010000 1 present wx - 0x4000000000 0x800000400000016b 0x0' \
			'3011 0x7f11e8000000 0x7f11e9000000 1 present wux pisw 0x4000000000 0x800000400000026f 0x0' \
			> "$tmp/root/wcdiag/entries.txt"
		[ $how = none ] || spoil $how "$tmp/root/wcdiag/entries.txt"
		run check --json --root "$tmp/root"
		case $how in
		none) one_of 0;;
		*) one_of 1 2;;
		esac
		if [ -z "$fault" ]; then
			"$contract" --exit $code < "$tmp/out" > "$tmp/judged" || fault=$(head -1 "$tmp/judged")
		fi
		if [ -z "$fault" ]; then
			run pte --bar 01:00.0:0 --root "$tmp/root"
			case $how in
			none) one_of 0;;
			*) one_of 2;;
			esac
		fi
		result "wcdiag/entries.txt: $how" "$fault"
	done
}

# --- what else can stand where a snapshot should ----------------------------------------------------------------------

strange_roots() {
	mkfifo "$tmp/fifo"
	every "a fifo" "$tmp/fifo" 3
	every "a file that is no archive" tests/bad.sh 3
	every "a directory that is no snapshot" "$tmp/cwd" 3
	every "nothing there" "$tmp/nothing" 3
	every "a device that never ends" /dev/zero 3
	ln -s loop "$tmp/loop"
	every "a link to itself" "$tmp/loop" 3

	rm -rf "$tmp/root"; cp -a "$good" "$tmp/root"
	rm -rf "$tmp/root/sys/bus/pci/devices"
	ln -s "$outside" "$tmp/root/sys/bus/pci/devices"
	every "PCI devices that are a link to outside" "$tmp/root" "1 2"

	rm -rf "$tmp/root"; cp -a "$good" "$tmp/root"
	rm "$tmp/root/sys/bus/pci/devices/0000:01:00.0"
	ln -s ../devices/0000:01:00.0 "$tmp/root/sys/bus/pci/devices/0000:01:00.0"
	every "a PCI device that is a link to itself" "$tmp/root" "1 2"

	rm -rf "$tmp/root"; cp -a "$good" "$tmp/root"
	mkdir "$tmp/root/sys/bus/pci/devices/not-a-slot" "$tmp/root/proc/99999999999" "$tmp/root/proc/-1"
	every "names that are no slot and no process" "$tmp/root" "1 2"

	rm -rf "$tmp/root"; cp -a "$good" "$tmp/root"
	k=0
	while [ $k -lt 400 ]; do printf '7f11e8000000-7f11e9000000 rw-s 4000000000 00:06 912 /dev/mem\n'; k=$((k + 1)); done > "$tmp/400"
	k=0
	while [ $k -lt 250 ]; do cat "$tmp/400"; k=$((k + 1)); done > "$tmp/root/proc/3011/maps"
	every "100,000 mappings of one BAR" "$tmp/root" "1 2"

	rm -rf "$tmp/root"; cp -a "$good" "$tmp/root"
	{
		echo 'PAT memtype list:'
		awk 'BEGIN { for (i = 0; i < 200000; i++) printf "PAT: [mem 0x%016x-0x0000004001000000] %s\n", 1048576 + i, i % 3 ? "write-combining" : "uncached-minus" }'
	} > "$tmp/root/sys/kernel/debug/x86/pat_memtype_list"
	every "200,000 reservations, each over the whole BAR" "$tmp/root" "1 2"

	rm -rf "$tmp/root"; cp -a "$good" "$tmp/root"
	awk 'BEGIN { for (i = 0; i < 100000; i++) print "6," i "," i ",-;x86/PAT: memtype_reserve added [mem 0x4000000000-0x4000" sprintf("%06x", i * 16 + 4095) "], track uncached-minus, req write-combining, ret uncached-minus" }' > "$tmp/root/dev/kmsg"
	every "100,000 downgrades in the log" "$tmp/root" "1 2"

	rm -rf "$tmp/root"; cp -a "$good" "$tmp/root"
	awk 'BEGIN { for (i = 0; i < 100000; i++) print "6," i "," i ",-;x86/PAT: x:1 conflicting memory types 4000000000-4000" sprintf("%06x", i * 16 + 4096) " uncached-minus<->write-combining" }' > "$tmp/root/dev/kmsg"
	every "100,000 refusals in the log" "$tmp/root" "1 2"

	rm -rf "$tmp/root"; cp -a "$good" "$tmp/root"
	awk 'BEGIN { for (i = 0; i < 65536; i++) print i " 0x277 0x0" (i % 7) "07050600070106" }' > "$tmp/root/wcdiag/msr.txt"
	echo 0-65535 > "$tmp/root/sys/devices/system/cpu/online"
	every "65,536 CPUs of seven kinds" "$tmp/root" "1 2"

	rm -rf "$tmp/root"; cp -a "$good" "$tmp/root"
	port=$good/sys/devices/pci0000:00/0000:00:01.0
	up=sys/devices/pci0000:00 bus=2
	while [ $bus -lt 202 ]; do
		slot=$(printf '0000:%02x:00.0' $bus)
		up=$up/$slot bus=$((bus + 1))
		mkdir "$tmp/root/$up"
		cp "$port/vendor" "$port/device" "$port/class" "$port/resource" "$tmp/root/$up/"
		ln -s "../../../devices/${up#sys/devices/}" "$tmp/root/sys/bus/pci/devices/$slot"
	done
	every "200 bridges one behind the other" "$tmp/root" "1 2"

	unreadable
}

# One bad snapshot does not stop the rest, and the worst decides.
several_roots() {
	printf 'just a file\n' > "$tmp/FILE"
	run check --root "$good" "$tmp/FILE" "$good"
	one_of 3
	[ -n "$fault" ] || [ "$(grep -c "^$good " "$tmp/out")" = 2 ] || fault="the two good ones are not both told of"
	result "a bad snapshot between two good ones" "$fault"
	run check --json --root "$good" "$tmp/FILE" "$good"
	one_of 3
	[ -n "$fault" ] || [ "$(grep -c '"root": ' "$tmp/out")" = 3 ] || fault="not three machines"
	result "the same as JSON" "$fault"
}

# As an ordinary user: for root nothing is unreadable.
unreadable() {
	rm -rf "$tmp/root"; cp -a "$good" "$tmp/root"
	chmod 0 "$tmp/root/proc" "$tmp/root/wcdiag/msr.txt"
	if [ "$(id -u)" != 0 ]; then
		every "folders that may not be read" "$tmp/root" "1 2"
	elif command -v setpriv > /dev/null && setpriv --reuid 65534 --regid 65534 --clear-groups true 2> /dev/null; then
		# The program may lie where that user cannot come.
		cp "$wcdiag" "$tmp/wcdiag-for-all"
		chmod 755 "$tmp" "$tmp/root"; chmod 777 "$TMPDIR"
		printf '#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups %s/wcdiag-for-all "$@"\n' "$tmp" > "$tmp/as-nobody"
		chmod 755 "$tmp/as-nobody" "$tmp/wcdiag-for-all"
		saved=$wcdiag wcdiag=$tmp/as-nobody
		every "folders that may not be read" "$tmp/root" "1 2"
		chmod 755 "$tmp/root/proc"; chmod 0 "$tmp/root"
		every "a snapshot that may not be read" "$tmp/root" 3
		chmod 755 "$tmp/root"
		wcdiag=$saved
	else
		n=$((n + 1))
		echo "ok $n - bad: folders that may not be read # SKIP needs an ordinary user, or setpriv"
	fi
}

# --- archives --------------------------------------------------------------------------------------------------------

hostile_archives() {
	for a in $archives; do
		archive_$a > "$tmp/$a.tar" 2> /dev/null
		run check --root "$tmp/$a.tar"
		case $a in
		file_is_directory | deep) one_of 2 3;;	# odd, but harm nobody
		gzip_twice) one_of 3;;
		*) one_of 3;;
		esac
		result "archive $a" "$fault"
		rm -f "$tmp/$a.tar"
	done
	# The good one, so that the family above is not refused for another reason
	tar czf "$tmp/good.tar.gz" -C "$good" .
	run check --root "$tmp/good.tar.gz"
	one_of 2
	result "archive good" "$fault"
	size=$(($(wc -c < "$tmp/good.tar.gz") / 2))
	head -c $size "$tmp/good.tar.gz" > "$tmp/half.tar.gz"
	run check --root "$tmp/half.tar.gz"
	one_of 3
	result "archive cut in the middle" "$fault"
}

# --- command lines, and a standard output that takes nothing ----------------------------------------------------------

command_lines() {
	printf 'just a file\n' > "$tmp/FILE"
	while read -r line; do
		case $line in ''|\#*) continue;; esac
		text=${line##* | }
		args=$(echo "${line% | *}" | sed "s,ROOT,$good,g; s,FILE,$tmp/FILE,g")
		run $args
		one_of 3
		[ -n "$fault" ] || [ ! -s "$tmp/out" ] || fault="it prints something on stdout"
		[ -n "$fault" ] || grep -qF -- "$text" "$tmp/err" || fault="stderr does not say: $text"
		result "wcdiag ${line% | *}" "$fault"
	done < tests/bad/cmdline
	run
	[ $code = 3 ] && fault= || fault="ends with $code"
	result "wcdiag without a command" "$fault"
}

# Whatever was typed is shown, but not raw, and not without end.
nonsense() {
	escape=$(printf '\033[31mred\007')
	long=$(head -c 20000 /dev/zero | tr '\0' x)
	for arg in "$escape" "$long" "--$escape" "--$long" "0000:01:00.0:$escape"; do
		case $arg in *xxx*) what="an endless argument";; *) what="an escape sequence";; esac
		case $arg in --*) what="$what as an option";; 0000*) what="$what as a BAR";; esac
		for c in check bars memtype "check --until" "check --format" "check --klog" explain command; do
			case $c in
			command) run "$arg";;
			explain) run explain "$arg";;
			*) run $c "$arg" --root "$good";;
			esac
			one_of 3
			[ -n "$fault" ] || [ "$(wc -c < "$tmp/err")" -lt 2000 ] || fault="a line of $(wc -c < "$tmp/err") bytes on stderr"
			result "$c: $what" "$fault"
		done
	done
	for log in "$wcdiag" /dev/null "$good/wcdiag-snapshot"; do
		run check --root "$good" --klog "$log"
		one_of 2 3
		result "--klog ${log##*/}" "$fault"
	done
}

no_output() {
	for args in "check --root $good --json" "check --root $good" "pat --root $good --json" "memtype --root $good" \
		"bars --root $good" "mtrr --root $good" "explain" "check --help" "--help" "--version"; do
		timeout 30 "$wcdiag" $args >&- 2> "$tmp/err"
		code=$? fault=
		one_of 3
		[ "$(wc -l < "$tmp/err")" = 1 ] || fault=${fault:-not one line on stderr}
		result "wcdiag ${args%% *} ... with stdout closed" "$fault"
		[ -e /dev/full ] || continue
		timeout 30 "$wcdiag" $args > /dev/full 2> "$tmp/err"
		code=$? fault=
		one_of 3
		[ "$(wc -l < "$tmp/err")" = 1 ] || fault=${fault:-not one line on stderr}
		result "wcdiag ${args%% *} ... into /dev/full" "$fault"
	done
	{ timeout 30 "$wcdiag" check --root "$good" --json 2> "$tmp/err"; echo $? > "$tmp/code"; } | true
	code=$(cat "$tmp/code") fault=
	# A reader that goes early may still have taken all of it into the pipe.
	one_of 2 3
	result "wcdiag check --json into a pipe that nobody reads" "$fault"
}

build_contract || { echo "Bail out! json_contract does not build (json-c is needed)"; exit 3; }
overlays
sweep
sweep_entries
strange_roots
several_roots
hostile_archives
command_lines
nonsense
no_output
echo "1..$n"
[ $failed = 0 ]
