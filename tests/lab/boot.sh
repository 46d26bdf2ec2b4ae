#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# boot.sh KERNEL-FOLDER INITRAMFS BOOT SCENARIO,SCENARIO,...|demo OUT - one virtual machine, from power-on to its results.
#
# BOOT is a row of the table "boots". OUT gets console.log, and results/ with one folder a scenario as the guest wrote it;
# for "demo", OUT/serial is what the guest says, as it says it. WCDIAG_LAB_ENV is put on the kernel's command line.
# Exit 1, with the reason in OUT/failed, when the machine hung, died or sent nothing that can be unpacked.
set -u

here=$(cd "$(dirname "$0")" && pwd)
kernel=$1 initramfs=$2 boot=$3 scenarios=$4 out=$5
limit=${WCDIAG_LAB_TIMEOUT:-300}

column() { awk -F '|' -v boot="$boot" -v n="$1" '{ gsub(/^[ \t]+|[ \t]+$/, "", $1) } $1 == boot { gsub(/^[ \t]+|[ \t]+$/, "", $n); print $n }' "$here/boots"; }

cpu=$(column 2)
[ -n "$cpu" ] || { echo "boot.sh: no boot '$boot' in $here/boots" >&2; exit 2; }

mkdir -p "$out/results"
truncate -s 1M "$out/ivshmem.mem" "$out/behind.mem"

# One thread for both CPUs: with a thread each, QEMU 7.2 now and then misses that the kernel patches its own code, and the
# guest dies of an int3. Fixed slots, so that scenarios can name devices; tests/lab/guest/lib.sh holds the same table.
# shellcheck disable=SC2046
timeout --foreground -k 5 "$limit" qemu-system-x86_64 -accel tcg,thread=single -machine q35 -cpu "$cpu" -smp 2 -m 512 \
	-nodefaults -no-user-config -no-reboot -display none -vga none \
	-serial "file:$out/console.log" -serial "file:$out/serial" \
	-device VGA,addr=0x1 \
	-object "memory-backend-file,id=m1,share=on,size=1M,mem-path=$out/ivshmem.mem" -device ivshmem-plain,memdev=m1,addr=0x2 \
	-device pci-testdev,membar=16M,addr=0x3 \
	-device edu,addr=0x4 \
	-device pcie-root-port,id=rp2,hotplug=off,chassis=2,slot=2,addr=0x7 \
	-device nvme,serial=lab,cmb_size_mb=4,bus=rp2 \
	-device pcie-root-port,id=rp1,chassis=1,slot=1,addr=0x6 \
	-object "memory-backend-file,id=m2,share=on,size=1M,mem-path=$out/behind.mem" -device ivshmem-plain,memdev=m2,bus=rp1 \
	$(column 4) \
	-kernel "$kernel/vmlinuz" -initrd "$initramfs" \
	-append "console=ttyS0 quiet panic=-1 lab=$scenarios ${WCDIAG_LAB_ENV:-} $(column 3)" </dev/null >"$out/qemu.log" 2>&1 &
vm=$!
trap 'kill $vm 2>/dev/null; exit 130' HUP INT TERM
wait $vm
code=$?
rm -f "$out/ivshmem.mem" "$out/behind.mem"

failed() {
	echo "$1" >"$out/failed"
	exit 1
}

case $code in
0)	;;
124|137) failed "no end after $limit s" ;;
*)	failed "QEMU ended with status $code: $(head -n 1 "$out/qemu.log")" ;;
esac
[ -s "$out/serial" ] || failed "it sent no results"
[ "$scenarios" != demo ] || exit 0
tar -xzf "$out/serial" -C "$out/results" 2>"$out/tar.log" || failed "its results are cut: $(tail -n 1 "$out/tar.log")"
