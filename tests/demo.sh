#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# demo.sh - judge this machine, then a PCIe device in a virtual machine: right, broken, and driven.
#
# "make demo" builds first and runs this. Needs neither root nor KVM. Exit 0 when the demonstration ran to its end,
# whatever the verdicts were.
set -u

here=$(cd "$(dirname "$0")" && pwd)
lab=$here/lab
program=${WCDIAG:-$here/../wcdiag}
[ -x "$program" ] || { echo "demo: no ./wcdiag here; 'make demo' builds it first" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/wcdiag-demo.XXXXXX")
vm=
clean() {
	[ -z "$vm" ] || kill "$vm" 2>/dev/null
	rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' HUP INT TERM

echo
echo "wcdiag: is write-combining intact, and if not, which link is broken?"
echo
echo "== 1. This machine"
echo
echo "   Nothing is set up: wcdiag reads what the kernel tells about its devices."
echo
echo "  \$ wcdiag check"
echo
"$program" check
code=$?
echo
echo "  (exit status $code: 0 intact, 1 broken, 2 could not tell)"
[ $code -le 2 ] || { echo "demo: wcdiag itself failed" >&2; exit 1; }

# A kernel that is here already before one that must be fetched.
cache=${WCDIAG_CACHE:-$lab/cache}
series='6.1 6.12'
[ -f "$cache/6.1/release" ] || [ ! -f "$cache/6.12/release" ] || series='6.12 6.1'
kernel=
for s in $series; do
	kernel=$("$lab/kernel.sh" "$s") && break
	kernel=
done
[ -n "$kernel" ] || { echo "demo: no kernel for the virtual machine, so the rest is not shown" >&2; exit 1; }

echo
echo "   Booting Debian's kernel $(cat "$kernel/release") in QEMU, with a PCIe device"
echo "   whose BAR 2 is prefetchable ..."
env='NO_COLOR=1'
[ ! -t 1 ] || [ -n "${NO_COLOR:-}" ] || env=
# The helper module and a driver to look at; without kernel headers the reservations are shown, not the entries.
for source in "$here/../km" "$lab/faults/driver"; do
	"$lab/module.sh" "$s" "$source" "$work/modules" >/dev/null 2>"$work/module.log" || {
		echo "   (its page table entries cannot be shown: $(tail -n 1 "$work/module.log"))"
		rm -rf "$work/modules"
		break
	}
done
"$lab/initramfs.sh" "$kernel" "$work/initramfs" "$work/modules" || exit 1
mkdir -p "$work/vm"
: >"$work/vm/serial"
WCDIAG_LAB_ENV="$env COLUMNS=$(tput cols 2>/dev/null || echo 80)" \
	"$lab/boot.sh" "$kernel" "$work/initramfs" main demo "$work/vm" &
vm=$!
tail -n +1 -f --pid="$vm" "$work/vm/serial"
wait "$vm"
code=$?
vm=
if [ $code != 0 ] || grep -q '^demo: ' "$work/vm/serial"; then
	echo "demo: the virtual machine did not come to its end: $(cat "$work/vm/failed" 2>/dev/null)" >&2
	exit 1
fi
echo
echo "   wcdiag explain RULE tells more about a rule; wcdiag --help names the commands."
