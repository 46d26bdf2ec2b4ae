#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# module.sh SERIES SOURCE-FOLDER OUT-FOLDER - build the modules in SOURCE-FOLDER for the lab's kernel of that series (6.1,
# 6.12); OUT-FOLDER then holds the *.ko.
#
# A copy is built, in build/km/SERIES/: the folder itself may be built for another kernel. Sources that did not change are
# not built again. Exit 77 with one line when the headers cannot be had. CHECK=1: W=1, sparse, warnings are errors.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
usage='usage: module.sh 6.1|6.12 SOURCE-FOLDER OUT-FOLDER'
series=${1:?$usage}
source=$(cd "${2:?$usage}" && pwd)
out=${3:?$usage}

headers=$("$here/headers.sh" "$series")
for tool in make gcc-12; do
	command -v $tool >/dev/null || { echo "module $series: no $tool (tests/deps.sh lab)" >&2; exit 77; }
done

copy=$top/build/km/$series/$(basename "$source")
mkdir -p "$copy" "$out"
# A second caller waits for the first.
if [ -z "${WCDIAG_MODULE_LOCKED:-}" ] && command -v flock >/dev/null; then
	WCDIAG_MODULE_LOCKED=1 exec flock "$copy" "$0" "$@"
fi

# Only sources: objects of another kernel may lie beside them.
find "$source" -maxdepth 1 -type f \( -name '*.c' -o -name '*.h' -o -name '*.sh' -o -name Kbuild -o -name Makefile \) \
	! -name '*.mod.c' ! -name conftest.h -exec cp -pu {} "$copy/" \;
for f in "$copy"/*.c "$copy"/*.sh "$copy"/*.h; do	# what the source no longer has
	case $f in *.mod.c|*/conftest.h) continue ;; esac
	[ -e "$source/$(basename "$f")" ] || rm -f "$f"
done

# What decides whether it must be built: the headers, and the contents of the sources.
mark=$(echo "$headers ${CHECK:-}"; cd "$copy" &&
	find . -maxdepth 1 -type f \( -name '*.[ch]' -o -name '*.sh' -o -name Kbuild -o -name Makefile \) ! -name '*.mod.c' ! -name conftest.h -exec cksum {} + | sort)
if [ "$(cat "$copy/.built" 2>/dev/null)" != "$mark" ]; then
	rm -f "$copy/.built"
	more=''
	[ -z "${CHECK:-}" ] || more='W=1 C=2 KCFLAGS=-Werror CF=-Wsparse-error'
	# shellcheck disable=SC2086
	if ! make -s -C "$headers" M="$copy" $more modules >"$copy/build.log" 2>&1 ||
	   { [ -n "${CHECK:-}" ] && grep -E 'warning:|error:' "$copy/build.log" >&2; }; then
		cat "$copy/build.log" >&2
		echo "module $series: $source does not build" >&2
		exit 1
	fi
	printf '%s\n' "$mark" >"$copy/.built"
fi
cp -p "$copy"/*.ko "$out/"
