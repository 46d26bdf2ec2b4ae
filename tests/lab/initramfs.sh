#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# initramfs.sh KERNEL-FOLDER OUT [MODULES-FOLDER] - what the guest runs: busybox, modules, the helpers, the guest's scripts,
# and ./wcdiag with its libraries when it is built. Not compressed: unpacking under software emulation costs more than
# copying.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
kernel=${1:?usage: initramfs.sh KERNEL-FOLDER OUT [MODULES-FOLDER]}
out=${2:?usage: initramfs.sh KERNEL-FOLDER OUT [MODULES-FOLDER]}
program=${WCDIAG:-$top/wcdiag}

busybox=$(command -v busybox || ls /bin/busybox)
root=$out.d
rm -rf "$root"
mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/sys" "$root/tmp" "$root/etc" "$root/lab" "$root/modules" "$root/root"
cp "$busybox" "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
cp "$kernel"/modules/* "$root/modules/"
for ko in "${3:-/nonexistent}"/*.ko; do
	[ ! -f "$ko" ] || cp "$ko" "$root/modules/"
done
cp "$here/guest/init" "$root/init"
cp "$here"/guest/*.sh "$here/guest/demo" "$root/lab/"
[ ! -f "$here/faults/words.sh" ] || cp "$here/faults/words.sh" "$root/lab/"
cp -r "$here/scenarios" "$root/lab/"
chmod 755 "$root/init"
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"

for helper in "$here"/mapper.c "$here"/vfio.c "$here"/poke.c "$here"/walkme.c "$here"/churn.c "$here"/onpty.c "$here"/onscreen.c "$here"/burst.c "$here"/bpfleft.c "$here"/bus*.c \
	"$here"/km*.c "$here"/faults/*.c; do
	[ ! -f "$helper" ] || ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -I "$top" -I "$here" -static \
		-o "$root/lab/$(basename "$helper" .c)" "$helper"
done

# The tutorial's program names its lines.
${CC:-cc} -std=gnu17 -O1 -g -ffile-prefix-map="$here/"= -static -Wall -Wextra -o "$root/lab/sender" "$here/sender.c"

# Programs whose stores are known, to be traced.
progs=$(mktemp -d)
make -s --no-print-directory -C "$top/tests/trace" OUT="$progs" "$progs/gcc-static/progs"
cp "$progs/gcc-static/progs" "$root/lab/progs"
rm -rf "$progs"

# The terminal that onscreen is: without colours, and without ways to change a part of a line that it would have to know.
if command -v tic >/dev/null; then
	printf 'plain|a place, cleared, text,\n\tam, cols#100, lines#30, bel=^G, clear=\\E[H\\E[2J, cr=\\r,\n\tcup=\\E[%%i%%p1%%d;%%p2%%dH, cub1=^H, ind=\\n,\n' >"$root/lab/plain.ti"
	tic -x -o "$root/lab/terminfo" "$root/lab/plain.ti"
fi

# A program or library, and what it is linked with: "name => /path (0x...)" for libraries, "/path (0x...)" for the loader.
libraries() {
	ldd "$1" | sed -n 's/.*=> \(\/[^ ]*\) (.*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' | while read -r lib; do
		mkdir -p "$root$(dirname "$lib")"
		cp -L "$lib" "$root$lib"
	done
}

if [ -x "$program" ]; then
	cp "$program" "$root/bin/wcdiag"
	libraries "$program"
	# Some it loads by name when it needs them (probe/late_lib.c): every name of a library in it is looked up.
	grep -aoE 'lib[a-z0-9]+\.so\.[0-9.]*[0-9]' "$program" | sort -u | while read -r name; do
		lib=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p | sed -n "s|^[[:space:]]*$name (.*x86-64.*) => ||p" | head -n 1)
		[ -n "$lib" ] && [ ! -e "$root$lib" ] || continue
		mkdir -p "$root$(dirname "$lib")"
		cp -L "$lib" "$root$lib"
		libraries "$lib"
	done
fi

(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$out"
rm -rf "$root"
