#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# disasm.sh - the compiled functions of the store patterns contain exactly the stores, fences and no-ops that they
# should (tests/stores.expected), in user space and in the module, for each kernel that it has been built for here.
# Prints TAP.
#
# That they also do what they contain is tests/unit/test_stores_steps.c, which executes them step by step, and the lab.
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0 failed=0

say() {	# ok|not ok WHAT
	n=$((n + 1))
	echo "$1 $n - $2"
	[ "$1" = ok ] || failed=1
}

# "NAME OPERATION..." for each function of an object. The last operand in AT&T syntax is where it goes; what goes to
# the stack is the compiler's. What follows a function's return is filling.
operations() {
	objdump -dr --no-show-raw-insn "$1" | awk '
	function flush() { if (name != "") print name ops; name = "" }
	function place(operand,   at) {
		at = operand
		sub(/\(.*/, "", at)
		return at == "" ? 0 : hex(at)
	}
	function hex(s,   v, i, c) {
		if (s !~ /^0x/) return s + 0
		for (i = 3; i <= length(s); i++) {
			c = index("0123456789abcdef", substr(s, i, 1)) - 1
			v = v * 16 + c
		}
		return v
	}
	function bytes(reg) {
		if (reg ~ /^%zmm/) return 64
		if (reg ~ /^%ymm/) return 32
		if (reg ~ /^%xmm/) return 16
		if (reg ~ /^%r[0-9]+d$/ || reg ~ /^%e/) return 4
		if (reg ~ /^%r([0-9]+|[a-d]x|[sd]i)$/) return 8
		return "?"
	}
	/^[0-9a-f]+ <.*>:$/ {
		flush()
		over = 0
		name = ops = ""
		if ($2 ~ /^<wcs_[a-z0-9_]+>:$/) {
			name = $2
			gsub(/[<>:]|wcs_/, "", name)
		}
		next
	}
	name == "" || over { next }
	/R_X86_64_/ && calls {
		target = $NF; sub(/[-+]0x.*/, "", target)
		calls = 0
		if (target ~ /^(__fentry__|__x86_return_thunk)$/) next
		ops = ops (target ~ /^\.|^__x86_indirect/ ? " call" : " call:" target)
		next
	}
	{ sub(/^ *[0-9a-f]+:[ \t]*/, ""); op = $1; rest = $2; if (calls) { ops = ops " call"; calls = 0 } }
	op == "rep" || op == "repz" {
		width = $2 ~ /q$/ ? 8 : $2 ~ /b$/ ? 1 : "?"
		ops = ops " rep-" substr($2, 1, 4) ":" width "@0"
		next
	}
	op ~ /^(s|m|l)fence$/ { ops = ops " " op; next }
	# Before a loop they only fill up to its line: what counts stands behind a store.
	op == "nop" && NF == 1 && ops != "" && name !~ /copy|memcpy/ { ops = ops " nop"; next }
	op ~ /^(call|callq)$/ {
		if (rest ~ /^\*/) ops = ops " call"; else calls = 1
		next
	}
	op ~ /^ret/ || (op == "jmp" && rest !~ /<wcs_/) { over = 1; next }
	op == "movdir64b" { ops = ops " movdir64b:64@0"; next }
	rest ~ /\)$/ && rest !~ /\((%rsp|%rbp)/ && op !~ /^(cmp|test|lea|push|nop|endbr|jmp)/ {
		split(rest, part, ",")
		if (rest ~ /^[^(]*,/) ops = ops " " op ":" bytes(part[1]) "@" place(part[2])
	}
	END { flush() }' | sort
}

object() {	# WHAT FILE WITHOUT
	if [ ! -f "$2" ]; then
		say ok "stores: $1 # SKIP not built here"
		return
	fi
	for source in km/wcdiag_stores_asm.h km/wcdiag_stores.h; do
		if [ -n "$(find "$source" -newer "$2")" ]; then
			say ok "stores: $1 # SKIP older than $source"
			return
		fi
	done
	operations "$2" >"$work/got"
	grep -v '^#' tests/stores.expected | grep -v -E "^($3) " | sort >"$work/want"
	while read -r name ops; do
		got=$(sed -n "s/^$name //p" "$work/got")
		if [ "$got" = "$ops" ]; then
			say ok "stores: $1: $name"
		else
			say 'not ok' "stores: $1: $name"
			printf '# must be %s\n# but it is %s\n' "$ops" "${got:-not there}"
		fi
	done <"$work/want"
	if [ "$(cut -d' ' -f1 "$work/got")" = "$(cut -d' ' -f1 "$work/want")" ]; then
		say ok "stores: $1: no other function"
	else
		say 'not ok' "stores: $1: functions that are not expected"
		cut -d' ' -f1 "$work/got" | sed 's/^/# /'
	fi
}

if ! command -v objdump >/dev/null; then
	echo "ok 1 - stores # SKIP no objdump (binutils)"
	exit 0
fi
object user build/rel/probe/stores_asm.o 'memcpy_toio|iowrite64_copy'
object module km/store_asm.o memcpy
for series in 6.1 6.12; do
	object "module for $series" build/km/$series/km/store_asm.o memcpy
done
echo "1..$n"
[ "$failed" = 0 ]
