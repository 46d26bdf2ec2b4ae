# SPDX-License-Identifier: GPL-2.0-or-later
# bus.sh - the words for the bus analyser: what was stored to a BAR, and as which TLPs it left
# (tests/lab/analyser/bus.h). Read by lib.sh.
#
#   bus start WHERE [BUFFERS [EVICT [AFTER]]]
#       from now on every store to that BAR, by whomever, is followed; the CPU's buffers: 10. All is slower meanwhile.
#       With EVICT the CPU is one that splits: of the lines that a thread opens it gives up every EVICT-th one after its
#       AFTER-th store (1), in chunks, though the program did nothing that asks for it
#   bus stop TAG
#       what was seen is called TAG
#   bus rest
#       the guest is fast again, until the next start; by itself at the scenario's end
#   stores WHERE OFFSET PATTERN LINES
#       a program maps the BAR and makes known stores (tests/lab/busstore.c)
#   counter WHERE COUNTER
#       reads one of the analyser's counters in the last page of the BAR, through resourceN (uncached): tlps, full,
#       bytes, dws, uc, stores; since the start. The answer is in $counter
# Truths of the analyser. Its list is what the program's own instructions make of it, as if it were never interrupted:
#   truth_tlps TAG N [KEY=NUMBER...]         so many TLPs; of them full (whole lines, combined), partial (of combined
#                                            lines), uc (of uncached stores), reason:WHY (by what made them leave);
#                                            bytes and dws of all
#   truth_stores TAG N [size=N] [type=TYPE] [at=OFFSET+LENGTH] [by=user|kernel]      so many stores are such
#   truth_reads TAG N                        so many reads
#   truth_tlps_are TAG <LIST                 these TLPs: lines "tlp +OFFSET DWS FIRST LAST"; one flush in any order
#   compare_tlps TAG FILE LEAST              the tool's prediction, in $OUT/FILE: the same TLPs, LEAST or more
#   truth_stored_as TAG FILE [lines]         the program's stores are those of the events in $OUT/FILE, offsets in the BAR:
#                                            same places, sizes, order, and the same instruction where the program made it
#                                            itself; lines: of several threads, order counts within a line of 64 bytes
#   truth_same_memory TAG OTHER              after both the memory behind the BAR is the same, but for the last page
#   compare_list NAME TAG EVENTS [OPTIONS]   on the host, "wcdiag compare OPTIONS $OUT/EVENTS LIST --json" with the
#                                            analyser's own CSV as LIST; "want" is then about NAME:
#       want machine class WHAT CASES PREDICTED OBSERVED    (-: any)
#       want machine first WHAT KEY=VALUE...    the first difference
#   truth_untouched TAG OFFSET+LENGTH...     apart from these bytes and the last page the memory behind the BAR is as
#                                            before, and no TLP went elsewhere

bus() {	# start WHERE [BUFFERS [EVICT [AFTER]]] | stop TAG | rest
	case $1 in
	start)
		range "$2"
		read -r bus_number </tmp/bus.count
		bus_number=$((bus_number + 1))
		echo $bus_number >/tmp/bus.count
		bus_range="$start	$size"
		busctl start $bus_number $start $size "$(poke /dev/cpu/0/msr 0x277)" "${3:-10}" \
			"${4:-0}" "${5:-1}" ;;
	stop)
		busctl stop
		printf '%s\t%s\t%s\n' "$2" $bus_number "$bus_range" >>"$OUT/buses" ;;
	rest)	busctl rest ;;
	esac
}

bar_file() {	# WHERE -> $file
	place "$1"
	file=$dir/resource$bar
	[ "$how" != wc ] || file=${file}_wc
}

stores() {	# WHERE OFFSET PATTERN LINES
	bar_file "$1"
	bytes "$2"
	busstore "$file" "$bytes" "$3" "$4"
}

counter() {	# WHERE COUNTER
	range "$1"
	file=$dir/resource$bar
	case $2 in
	tlps)	at=0 ;;
	full)	at=8 ;;
	bytes)	at=16 ;;
	dws)	at=24 ;;
	uc)	at=32 ;;
	stores)	at=40 ;;
	*)	echo "no counter '$2'"; return 1 ;;
	esac
	counter=$(busstore "$file" $((size - 4096 + at)) read)
}

truth_counter() {	# WHERE COUNTER N
	counter "$1" "$2"
	[ "$counter" = "$3" ] || echo "counter $2 of $1: $counter"
	truth "the counter $2 of $1 is $3" [ "$counter" = "$3" ]
}

bus_want() {	# KIND TAG WORD...
	line=$1
	shift
	for word; do line="$line	$word"; done
	printf '%s\n' "$line" >>"$OUT/wants"
}

truth_tlps() { bus_want tlps "$@"; }

truth_stores() { bus_want stores "$@"; }

truth_reads() { bus_want reads "$@"; }

truth_untouched() { bus_want untouched "$@"; }

compare_tlps() { bus_want tlps-are "$@"; }

truth_stored_as() { bus_want stored-as "$@"; }

truth_same_memory() { bus_want memory-as "$@"; }

compare_list() {	# NAME TAG EVENTS [OPTIONS]
	now=$1
	[ ! -x /bin/wcdiag ] || echo "$*" >>"$OUT/lists"
}

truth_tlps_are() {	# TAG <LIST
	cat >"$OUT/$1.by-hand"
	bus_want tlps-are "$1" "$1.by-hand" 1
}
