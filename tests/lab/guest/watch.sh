# SPDX-License-Identifier: GPL-2.0-or-later
# watch.sh - the words for wcdiag watch; read by lib.sh.
#
#   watching NAME [OPTIONS]        a watch begins; its lines are $OUT/NAME.json
#   watched NAME CODE              it is ended as by Ctrl-C, with this status, and nothing of it is left in the kernel
#   killed NAME                    the same by kill -9
#   truth_watch NAME PROCESS RULE WORDS    a decision of PROCESS broke RULE, and WORDS (a pattern) are in who held the range
#   truth_decision NAME PATTERN    a line is like this
#   truth_watch_none NAME PATTERN  none is

# Probes of any kind, and how many programs, maps and links BPF has.
traces() {
	cat /sys/kernel/debug/kprobes/list /sys/kernel/debug/tracing/kprobe_events /sys/kernel/debug/tracing/enabled_functions
	bpfleft
}

# What belongs to a closed file goes a moment later.
traces_gone() {
	tries=0
	while ! traces | cmp -s - /tmp/traces; do
		tries=$((tries + 1))
		[ $tries -lt 50 ] || { traces | diff /tmp/traces -; return 1; }
		usleep 100000
	done
}

watching() {
	name=$1
	shift
	traces >/tmp/traces
	wcdiag watch --json "$@" >"$OUT/$name.json" 2>"$OUT/$name.err" &
	watcher=$!
	tries=0
	until grep -q '"event":"begin"' "$OUT/$name.json"; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] && kill -0 $watcher || { cat "$OUT/$name.err"; return 1; }
		usleep 100000
	done
}

watched() {
	kill -INT $watcher
	code=0
	wait $watcher || code=$?
	truth "watch $1 ends with status $2 (and it is $code)" [ "$code" = "$2" ]
	truth "watch $1: nothing was lost" grep -q '"event":"end".*"lost":0,' "$OUT/$1.json"
	truth "watch $1 leaves nothing in the kernel" traces_gone
}

killed() {
	kill -KILL $watcher
	wait $watcher 2>/dev/null || true
	truth "watch $1 leaves nothing in the kernel when it is killed" traces_gone
}

truth_watch() {
	truth "watch $1: $2 is told by $3 that $4 was first" \
		grep -q "\"process\":\"$2\".*\"rule\":\"$3\".*\"holder\":\"[^\"]*$4" "$OUT/$1.json"
}

truth_decision() {
	truth "watch $1: a decision like $2" grep -q "$2" "$OUT/$1.json"
}

truth_watch_none() {
	truth "watch $1: none like $2" sh -c "! grep -q '$2' '$OUT/$1.json'"
}
