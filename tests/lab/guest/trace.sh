# SPDX-License-Identifier: GPL-2.0-or-later
# trace.sh - the words for traced programs: tests/trace/prog, those of the static executable. Read by lib.sh.
#
#   traced TAG PROGRAM [WANT...]     the program runs twice on ivshmem:2:wc, first untraced, then under wcdiag trace, the
#                                    BAR's first 32 KiB being the same before: it must print and leave the same, and what was
#                                    told of its stores must be what the analyser saw of them, both times. "want" is then
#                                    about the story; WANT are more values of it
#   traced_threads TAG PROGRAM [WANT...]     the same of several threads or processes: order counts within a line
#   traced_same_tlps TAG             what is predicted from the events, too, is what the analyser saw of the untraced run

# Where things lie, and so what some programs store, is the same each time.
trace_begin() {
	bar_file ivshmem:2:wc
	trace_file=$file
	echo 0 >/proc/sys/kernel/randomize_va_space
}

traced() { traced_as '' "$@"; }

traced_threads() { traced_as lines "$@"; }

traced_as() {	# lines|'' TAG PROGRAM [WANT...]
	by=$1 run=$2 program=$3
	shift 3
	busstore "$trace_file" 0 fill 512
	bus start ivshmem:2
	{ progs "$program" "$trace_file" >"$OUT/$run.plain" || :; } 2>/dev/null
	bus stop "$run-plain"
	[ -x /bin/wcdiag ] || return 0
	busstore "$trace_file" 0 fill 512
	bus start ivshmem:2
	wcdiag_as "$run-run" trace --map "$trace_file" --profile reference --buffers 10 --json -o "$OUT/$run.out" \
		--events "$OUT/$run.events" -- progs "$program" "$trace_file"
	bus stop "$run"
	cp "$OUT/$run-run.code" "$OUT/$run.code"
	cat "$OUT/$run.events"* >"$OUT/$run.all"
	truth "$run: it prints what it prints untraced" cmp "$OUT/$run.plain" "$OUT/$run-run.out"
	truth_stored_as "$run-plain" "$run.all" $by
	truth_stored_as "$run" "$run.all" $by
	truth_same_memory "$run" "$run-plain"
	truth_untouched "$run" 0+0x8000
	now=$run
	want exit 0
	want machine value ended_by=program not_seen.lost=0 not_seen.mappings_not_protected=0 "$@"
}

traced_same_tlps() {
	compare_list "$1-tlps" "$1-plain" "$1.events" --profile reference --buffers 10
	want exit 0
	want machine verdict as_predicted
	want machine class missing 0 0 0
	now=$1
}
