# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh - the words that scenarios are written in. Read by the guest's shell, beside the scenario itself.
#
# Setting the stage:
#   map NAME WHERE OFFSET LENGTH [OPTIONS]   a process NAME maps a BAR and keeps it; $pid_NAME is its pid
#   refused NAME WHERE OFFSET LENGTH ERRNO   the same, but the kernel must refuse with this errno
#   unmap NAME                               that process ends
#   load MODULE [PARAMETER=VALUE...]         insmod; the scenario says "#: needs MODULE" too. Unloaded at its end
#   unload MODULE                            or here
#   monitor COMMAND...                       a command for QEMU's monitor; its answer is $OUT/monitor.out
#   helper NAME COMMAND...                   another program that stays (tests/lab/stay.h); its first line is in $answer
#       $mapper_options and $process_name say more about the process
#       WHERE is DEVICE:BAR (resourceN), DEVICE:BAR:wc (resourceN_wc), DEVICE:BAR:mem (/dev/mem),
#             DEVICE:BAR:vfio (through vfio-pci, which the device must be bound to), DEVICE:BAR:node or :uio (the faults'
#             driver, which it must be bound to: tests/lab/faults/words.sh)
# Looking:
#   check TAG [WHERE] [OPTIONS]   wcdiag check ... --json; what it says is kept as TAG. In the scenarios fault-* and good-*, where
#                                 the module is loaded, once more without it, as TAG.kcore: all that is wanted of the one is wanted
#                                 of the other
#   wcdiag_as TAG ARGS...         any wcdiag command, output kept as TAG
#   kept TAG ARGS...              any wcdiag command, for people, 76 columns wide: what it prints is tests/lab/kept/SCENARIO-TAG,
#                                 but for numbers that differ from run to run; run.sh --write writes that anew. Linux 6.1 only
#   record TAG [loose]            check --json of everything and a capture: replayed on the host, both must say the same;
#                                 loose where facts are missing: a snapshot words their absence in its own way
# What must be true. "truth" is the kernel's own word, read without wcdiag; "want" is wcdiag's, compared on the host:
#   truth WHAT COMMAND...            the command succeeds
#   tap COMMAND...                   the command succeeds, and so does each of the "ok - WHAT" that it prints
#   truth_list TYPE WHERE OFFSET LENGTH      the memtype list has exactly this reservation
#   truth_no_list WHERE                      no reservation holds a byte of this BAR
#   want exit N
#   want WHERE verdict|breaks_at|judged_to VALUE
#   want WHERE layer LAYER STATE[|STATE]
#   want WHERE rule ID SEVERITY[|SEVERITY] [KEY=VALUE | says~WORDS]...     KEY of the evidence
#   want WHERE no ID...              none of these rules
#   want WHERE stored SIDE PATTERN KEY=VALUE...      what became of its stores: expect_stored.c
#   want machine value NAME=VALUE|NAME>NUMBER...     of any JSON; A.B is B in A
#   want WHERE unbroken              no finding is broken
#   want WHERE clean LAYER           that layer has nothing above info
#   want WHERE names LAYER WORDS     an unknown finding of that layer names this
#       WHERE is DEVICE:BAR, or "machine" for the machine's own findings
# The analyser's words (walk, truth_walk, compare, ...) are explained in analyser.sh, those of its measurements of stores
# (bus, truth_tlps, ...) in bus.sh, of traced programs in trace.sh, of wcdiag watch in watch.sh, the faults' driver's in words.sh.
# Offsets and lengths take 0x and the suffixes K and M; "all" is the whole BAR.

. /lab/analyser.sh
. /lab/bus.sh
. /lab/monitor.sh
. /lab/trace.sh
. /lab/watch.sh

# Under software emulation a fork costs about 20 ms, hence few of them: helpers leave their answer in a variable.

LIST=/sys/kernel/debug/x86/pat_memtype_list
DEV=/sys/bus/pci/devices

# "ivshmem:2:wc" -> $slot 0000:00:02.0, $bar 2, $how wc, $dir its folder. tests/lab/boot.sh plugs the devices in.
place() {
	bar=${1#*:} how=
	case $bar in
	*:*)	how=${bar#*:} bar=${bar%%:*} ;;
	esac
	case ${1%%:*} in
	vga)		slot=0000:00:01.0 ;;
	ivshmem)	slot=0000:00:02.0 ;;
	testdev)	slot=0000:00:03.0 ;;
	edu)		slot=0000:00:04.0 ;;
	big)		slot=0000:00:08.0 ;;	# only on some boots
	bigger)		slot=0000:00:09.0 ;;
	behind)		slot=0000:01:00.0 ;;	# ivshmem behind the root port "port1"
	port1)		slot=0000:00:06.0 ;;
	nvme)		slot=0000:02:00.0 ;;	# behind "port2", which can be suspended
	port2)		slot=0000:00:07.0 ;;
	*)		echo "no device is called '$1'" >&2; return 1 ;;
	esac
	dir=$DEV/$slot
}

# Also $start and $size of the BAR, from sysfs.
range() {
	place "$1"
	n=0
	while read -r start end flags; do
		[ $n != "$bar" ] || break
		n=$((n + 1))
	done <"$dir/resource"
	start=$((start)) size=$((end - start + 1))
}

bytes() {	# 64K 1M 0x1000 all -> $bytes; "all" is the size of the last range()
	case $1 in
	all)	bytes=$size ;;
	*K)	bytes=$((${1%K} * 1024)) ;;
	*M)	bytes=$((${1%M} * 1024 * 1024)) ;;
	*)	bytes=$(($1)) ;;
	esac
}

list() { cat "$LIST" 2>/dev/null || echo "no list"; }

# Everything that a look at the machine must leave as it was, read without touching any device.
state() {
	list
	cat /proc/mtrr 2>/dev/null || true
	for d in "$DEV"/*; do
		line=$d
		for f in enable power_state power/runtime_status; do
			if read -r word <"$d/$f"; then line="$line $word"; fi
		done
		echo "$line"
	done
}

result() { printf 'truth\t%s\t%s\n' "$1" "$2" >>"$OUT/wants"; }

truth() {
	what=$1
	shift
	if "$@" >/dev/null; then result ok "$what"; else echo "not true: $what"; result not "$what"; fi
}

tap() {
	code=0
	"$@" >"$OUT/tap" 2>&1 || code=$?
	cat "$OUT/tap"
	while read -r line; do
		case $line in
		'ok - '*)	result ok "${line#ok - }" ;;
		'not ok - '*)	result not "${line#not ok - }" ;;
		esac
	done <"$OUT/tap"
	[ $code = 0 ] || result not "$*: status $code"
}

listed() {
	grep -qxF "$1" "$LIST" && return
	echo "the list has no line '$1':" >&2
	list >&2
	return 1
}

truth_list() {	# TYPE WHERE OFFSET LENGTH
	range "$2"
	bytes "$3"
	start=$((start + bytes))
	bytes "$4"
	truth "the kernel reserved $1 for $2 $3+$4" \
		listed "$(printf 'PAT: [mem 0x%016x-0x%016x] %s' $start $((start + bytes)) "$1")"
}

overlaps() {	# WHERE: does a reservation hold a byte of this BAR?
	range "$1"
	while IFS=' -]' read -r pat mem a b type; do
		[ "$mem" = '[mem' ] || continue
		[ $((a < start + size && b > start)) = 0 ] || return 0
	done <"$LIST"
	return 1
}

truth_no_list() {
	if overlaps "$1"; then result not "nothing is reserved in $1"; else result ok "nothing is reserved in $1"; fi
}

# NAME WHERE OFFSET LENGTH OPTIONS: leaves the mapper's answer in $answer.
start_mapper() {
	range "$2"
	bytes "$3"
	offset=$bytes
	bytes "$4"
	case $how in
	wc)	file=$dir/resource${bar}_wc ;;
	mem)	file=/dev/mem offset=$((start + offset)) ;;
	node)	file=/dev/wcfault0 ;;
	uio)	file=/dev/uio0 ;;
	*)	file=$dir/resource$bar ;;
	esac
	case $how in
	vfio)	helper "$1" vfio "$1" "$slot" "$bar" "$offset" "$bytes" ;;
	*)	helper "$1" mapper $mapper_options -n "${process_name:-$1}" "$file:$offset:$bytes${5:+:$5}" ;;
	esac
	eval "at_$1=\${answer##* } len_$1=$bytes"
}

# NAME COMMAND...: a helper that says what it got, then "ready", and stays (stay.h). Its first line is left in $answer.
helper() {
	name=$1
	shift
	rm -f "/tmp/$name.in" "/tmp/$name.out"
	mkfifo "/tmp/$name.in"
	# Opened for reading and writing, the fifo never ends: the helper stays until it is told to go.
	"$@" <>"/tmp/$name.in" >"/tmp/$name.out" &
	eval "pid_$name=$!"
	tries=0
	until grep -q '^ready' "/tmp/$name.out" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || { echo "$name ($*) says nothing"; return 1; }
		usleep 20000
	done
	read -r answer <"/tmp/$name.out"
	mappers="$mappers $name"
}

map() {
	start_mapper "$1" "$2" "$3" "$4" "${5:-}"
	case $answer in
	ok*)	;;
	*)	echo "map $*: $answer"; return 1 ;;
	esac
}

refused() {
	start_mapper "$1" "$2" "$3" "$4"
	truth "the kernel refuses $2 $3+$4 with $5" [ "$answer" = "errno 0 $5" ]
	unmap "$1"
}

unmap() {
	eval "pid=\$pid_$1"
	kill "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
}

load() {
	module=$1
	shift
	insmod "/modules/$module.ko" "$@"
	loaded="$module $loaded"
}

# Who was killed a moment ago may still be on its way out, with the file open.
remove_module() {
	tries=0
	until rmmod "$1" 2>/tmp/rmmod.err; do
		tries=$((tries + 1))
		[ $tries -lt 50 ] || { cat /tmp/rmmod.err; return 1; }
		usleep 200000
	done
}

unload() {
	remove_module "$1"
	left=''
	for module in $loaded; do
		[ "$module" = "$1" ] || left="$left$module "
	done
	loaded=$left
}

# As root unless AS is set to a user's name.
wcdiag_as() {
	tag=$1
	shift
	[ -x /bin/wcdiag ] || return 0
	state >"$OUT/before"
	list >"$OUT/$tag.list"
	code=0
	if [ -n "${AS:-}" ]; then
		su -s /bin/sh -c "cd /tmp && wcdiag $*" "$AS" >"$OUT/$tag.out" 2>"$OUT/$tag.err" </dev/null || code=$?
	else
		wcdiag "$@" >"$OUT/$tag.out" 2>"$OUT/$tag.err" </dev/null || code=$?
	fi
	echo $code >"$OUT/$tag.code"
	state >"$OUT/after"
	truth "$tag: wcdiag $1 left the machine as it was" cmp "$OUT/before" "$OUT/after"
	cmp -s "$OUT/before" "$OUT/after" || diff -u "$OUT/before" "$OUT/after" || true
}

check() {
	now=$1
	shift
	case ${1:-} in
	[a-z]*:[0-5])
		place "$1"
		shift
		set -- "$slot:$bar" "$@" ;;
	esac
	wcdiag_as "$now" check "$@" --json
	twice=
	[ -e /dev/wcdiag ] || return 0
	case $0 in
	fault-*|good-*)
		twice=yes
		wcdiag_as "$now.kcore" check "$@" --json --reader kcore ;;
	esac
}

kept() {
	now=$1
	export COLUMNS=76
	wcdiag_as "$@"
	unset COLUMNS
	echo "$now" >>"$OUT/kept"
}

record() {
	[ -x /bin/wcdiag ] || return 0
	wcdiag_as "$1" check --json
	now=$1 twice=
	archive=/tmp/record-${AS:-root}.tar.gz
	rm -f "$archive"
	wcdiag_as "$1-capture" capture -o "$archive"
	[ "${2:-}" != loose ] || : >"$OUT/$1.loose"
	truth "the capture $1 is written" cp "$archive" "$OUT/$1.tar.gz"
}

want() {
	subject=$1
	case $subject in
	machine)	where=machine; shift ;;
	exit)		where=machine ;;
	*)		place "$subject"; where=$slot:$bar; shift ;;
	esac
	line="want	$now	$where	$subject"
	again="want	$now.kcore	$where	$subject"
	for word; do
		line="$line	$word"
		case $word in
		evidence~wcdiag_km)	word=evidence~kcore ;;
		esac
		again="$again	$word"
	done
	printf '%s\n' "$line" >>"$OUT/wants"
	[ -z "${twice:-}" ] || printf '%s\n' "$again" >>"$OUT/wants"
}

scenario_begin() {
	mappers='' mapper_options='' process_name='' loaded=''
	list >"$OUT/list.start"
}

scenario_end() {
	for m in $mappers; do unmap "$m"; done
	for m in $loaded; do unload "$m"; done
	list >"$OUT/list.end"
	[ -n "${leaves_reservations:-}" ] ||
		truth "the memtype list is at the end as it was at the start" cmp "$OUT/list.start" "$OUT/list.end"
	printf 'end\n' >>"$OUT/wants"
}
