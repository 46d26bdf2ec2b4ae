# SPDX-License-Identifier: GPL-2.0-or-later
# trace.sh - the part of run.sh about "wcdiag trace": what a program pays for being traced. Sourced by run.sh; functions
# and variables are that file's. The program is bench_trace.c; what it took by its own clock is without starting it.
#
#   MILLIONS=N          instructions amid which the stores lie that lackey traces too (200): that run takes minutes

prog=build/rel/tests/bench/bench_trace
truncate -s 65536 "$tmp/mapped"

# "took" is the whole command in microseconds, "own" what the program says of itself.
native() {	# WHAT N [MILLIONS]
	once "$prog" "$1" "$tmp/mapped" "$tmp/own" "${@:2}"
	own=$(<"$tmp/own")
}

traced() {	# WHAT N [MILLIONS] [OPTION OF TRACE]
	local options=() words=() w
	for w in "$@"; do
		case $w in --*) options+=("$w") ;; *) words+=("$w") ;; esac
	done
	rm -f "$tmp/own"
	once ./wcdiag trace --map "$tmp/mapped" "${options[@]}" -- "$prog" "${words[0]}" "$tmp/mapped" "$tmp/own" "${words[@]:1}"
	own=$(<"$tmp/own")
}

# A column of numbers, each times A/B: low, mid and high of it.
quartiles() { awk -v a="${2:-1}" -v b="${3:-1}" '{ print $1 * a / b }' "$1" | middle; }

bound() {	# VALUE lt|gt LIMIT: words for a limit that was missed
	awk -v v="$1" -v how="$2" -v limit="$3" 'BEGIN { if (how == "lt" ? v > limit : v < limit) print ", MISSED" }'
}

say '\na program traced: by its own clock, traced beside native\n'

# Not a store, not a system call: what is left is what the tracer disturbs.
: >"$tmp/pairs"; : >"$tmp/start"
for ((i = 0; i < pairs; i++)); do
	for who in $( ((i % 2)) && echo native traced || echo traced native); do
		"$who" compute 20000
		declare "own_$who=$own" "took_$who=$took"
	done
	echo "$own_traced $own_native" | awk '{ print $1 / $2 }' >>"$tmp/pairs"
	echo "$took_traced $own_traced $took_native $own_native" |
		awk '{ print ($1 - $2 / 1000) - ($3 - $4 / 1000) }' >>"$tmp/start"
done
read -r low mid high < <(middle <"$tmp/pairs")
say '    %-34s %8.4f x native      (%.4f to %.4f; at most 1.01%s), %.1f s\n' "computes, stores nothing" "$mid" "$low" \
	"$high" "$(bound "$mid" lt 1.01)" "$(awk -v t="$own_native" 'BEGIN { print t / 1e9 }')"
result "trace: computes, stores nothing" x "$mid" "$low" "$high" native
read -r low mid high < <(quartiles "$tmp/start" 1 1000)
say '    %-34s %8.2f ms\n' "starting and ending traced" "$mid"
result "trace: starting and ending" ms "$mid" "$low" "$high"

# Of a system call. The last writes into the mapping.
for call in calls:getppid reads:read "calls:getppid, --no-syscalls" "writes:read into the mapping"; do
	kind=${call%%:*} name=${call#*:} option=
	n=10000
	case $name in *--no-syscalls) option=--no-syscalls n=100000 ;; *mapping) n=1000 ;; esac
	: >"$tmp/ours"; : >"$tmp/theirs"
	for ((i = 0; i < 5; i++)); do
		native "$kind" $n; echo "$own" >>"$tmp/theirs"
		traced "$kind" $n $option; echo "$own" >>"$tmp/ours"
	done
	read -r _ theirs _ < <(quartiles "$tmp/theirs" 1 1000)
	read -r low mid high < <(quartiles "$tmp/ours" 1 1000)
	say '    %-34s %8.2f us a call     (%.2f to %.2f), native %.2f\n' "$name" "$mid" "$low" "$high" "$theirs"
	result "trace: $name" us "$mid" "$low" "$high"
done

# Stores on ways that are known; and such as the program has to make itself, as all to a device behind a driver's node.
for kind in "known:a store, way known:3000:20" "adds:a store left to the program:300:1000"; do
	IFS=: read -r kind name n limit <<<"$kind"
	: >"$tmp/ours"
	for ((i = 0; i < (pairs < 9 ? pairs : 9); i++)); do traced "$kind" "$n"; echo "$own" >>"$tmp/ours"; done
	read -r low mid high < <(quartiles "$tmp/ours" 1 1000)
	say '    %-34s %8.2f us a store    (%.2f to %.2f%s%s)\n' "$name" "$mid" "$low" "$high" \
		"$([ "$limit" = 1000 ] || echo "; at most $limit")" "$(bound "$mid" lt "$limit")"
	result "trace: $name" us "$mid" "$low" "$high"
done

# The same stores by a tracer of all memory accesses: once, amid runs of ours, for it takes minutes.
millions=${MILLIONS:-200}
what="8,000 stores amid $millions million"
lackey() { once valgrind --tool=lackey --trace-mem=yes --log-file=/dev/null "$prog" "$1" "$tmp/mapped" "$tmp/own" "${@:2}"; }
if ! command -v valgrind >/dev/null; then
	skipped "trace: $what by lackey" "valgrind is not installed"
elif ! valgrind --tool=lackey --trace-mem=yes --log-file=/dev/null true 2>/dev/null; then
	skipped "trace: $what by lackey" "this valgrind has no lackey"
else
	: >"$tmp/ours"
	for ((i = 0; i < 3; i++)); do traced stores 8000 "$millions"; echo "$took" >>"$tmp/ours"; done
	lackey stores 8000 "$millions"; theirs=$took
	for ((i = 0; i < 4; i++)); do traced stores 8000 "$millions"; echo "$took" >>"$tmp/ours"; done
	read -r low mid high < <(awk -v t="$theirs" '{ print t / $1 }' "$tmp/ours" | middle)
	read -r _ ms _ < <(quartiles "$tmp/ours" 1 1000)
	say '    %-34s %8.0f x faster than lackey (%.0f to %.0f; at least 500%s), %.0f ms by %.1f s\n' "$what" "$mid" \
		"$low" "$high" "$(bound "$mid" gt 500)" "$ms" "$(awk -v t="$theirs" 'BEGIN { print t / 1e6 }')"
	result "trace: $what" "times faster" "$mid" "$low" "$high" "lackey --trace-mem"
fi
