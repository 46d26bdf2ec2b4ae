#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# conftest.sh OUT CC FLAG... - what the kernel's headers offer, tried by compiling; OUT becomes a header with the
# answers.
set -eu

out=$1
shift

# The program comes on standard input.
compiles() {
	"$@" -DMODULE -DKBUILD_MODNAME='"conftest"' -DKBUILD_BASENAME='"conftest"' -Werror -Wno-unused-function \
		-x c -c -o "$out.o" - >"$out.log" 2>&1
}

trap 'rm -f "$out.o" "$out.new"' EXIT

# Flags that compile nothing would answer "no" to every question.
if ! echo '#include <linux/mm.h>' | compiles "$@"; then
	cat "$out.log" >&2
	echo "wcdiag_km: the kernel headers do not compile with these flags" >&2
	exit 1
fi

{
	echo '/* Made by conftest.sh from the kernel headers at hand. */'

	# Linux 6.3: vm_flags became read-only, with functions to change them.
	if echo '#include <linux/mm.h>
	static void t(struct vm_area_struct *v) { vm_flags_set(v, VM_IO); }' | compiles "$@"; then
		echo '#define HAVE_VM_FLAGS_SET'
	fi
} >"$out.new"
rm -f "$out.log"
mv "$out.new" "$out"
