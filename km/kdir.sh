#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# kdir.sh [--running] - the folder of the kernel headers to build against: $KDIR, else those of the running kernel, else
# (not with --running) the newest installed, else those that the lab has fetched. Exit 1 with one line when there are
# none, or what they ask for (a compiler, a library) is missing.
set -u

top=$(cd "$(dirname "$0")/.." && pwd)
cache=${WCDIAG_CACHE:-$top/tests/lab/cache}
running=/lib/modules/$(uname -r)/build

good() { [ -f "$1/Makefile" ] && [ -f "$1/include/generated/autoconf.h" ]; }

newest() {
	for d in /usr/src/linux-headers-*-amd64 /lib/modules/*/build "$cache"/*-headers/usr/src/linux-headers-*-amd64; do
		if good "$d"; then
			case $d in
			"$cache"/*)	echo "1 $(basename "$d") $d" ;;
			/lib/*)		echo "2 $(basename "$(dirname "$d")") $d" ;;
			*)		echo "2 ${d#/usr/src/linux-headers-} $d" ;;
			esac
		fi
	done | sort -k 1,1n -k 2,2V | tail -n 1 | cut -d' ' -f3-
}

if [ -n "${KDIR:-}" ]; then
	dir=$KDIR
	good "$dir" || { echo "$dir holds no kernel headers" >&2; exit 1; }
elif good "$running"; then
	dir=$running
else
	dir=
	[ "${1:-}" = --running ] || dir=$(newest)
	if [ -z "$dir" ]; then
		echo "no kernel headers (Debian: linux-headers-$(uname -r) or linux-headers-amd64; or KDIR=FOLDER)" >&2
		exit 1
	fi
fi

# Debian's headers name the compiler that built the kernel.
cc=$(sed -n 's/^CC *=.*[ )]\(gcc-[0-9][0-9]*\)$/\1/p' "$dir/Makefile")
if [ -n "$cc" ] && [ -z "${KM_CC:-}" ] && ! command -v "$cc" >/dev/null; then
	echo "$dir asks for $cc (Debian: $cc; or KM_CC=COMPILER)" >&2
	exit 1
fi
# And they come with programs of their own.
if command -v ldd >/dev/null; then
	lib=$(ldd "$dir"/tools/objtool/objtool "$dir"/scripts/mod/modpost 2>/dev/null |
		sed -n 's/^[[:space:]]*\([^ ]*\) => not found.*/\1/p' | head -n 1)
	[ -z "$lib" ] || { echo "$dir asks for $lib (Debian: libelf1)" >&2; exit 1; }
fi
echo "$dir"
