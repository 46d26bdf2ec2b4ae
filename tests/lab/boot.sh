#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# boot.sh KERNEL-FOLDER INITRAMFS BOOT SCENARIO,SCENARIO,...|demo OUT - one virtual machine, from power-on to its results.
#
# BOOT is a row of the table "boots". OUT gets console.log, and results/ with one folder a scenario as the guest wrote it;
# for "demo", OUT/serial is what the guest says, as it says it. WCDIAG_LAB_ENV is put on the kernel's command line.
# WCDIAG_LAB_ANALYSER is the plugin that walks the guest's page tables into OUT/walk.N; without it nobody does.
# Exit 1, with the reason in OUT/failed, when the machine hung, died or sent nothing that can be unpacked.
set -u

here=$(cd "$(dirname "$0")" && pwd)
kernel=$(realpath "$1") initramfs=$(realpath "$2") boot=$3 scenarios=$4 out=$5
limit=${WCDIAG_LAB_TIMEOUT:-600}

column() { awk -F '|' -v boot="$boot" -v n="$1" '{ gsub(/^[ \t]+|[ \t]+$/, "", $1) } $1 == boot { gsub(/^[ \t]+|[ \t]+$/, "", $n); print $n }' "$here/boots"; }

cpu=$(column 2)
[ -n "$cpu" ] || { echo "boot.sh: no boot '$boot' in $here/boots" >&2; exit 2; }

mkdir -p "$out/results"
out=$(realpath "$out")
memory=512	# MiB; the analyser must know where RAM ends
plugin=
[ -z "${WCDIAG_LAB_ANALYSER:-}" ] || plugin="-plugin $(realpath "$WCDIAG_LAB_ANALYSER"),out=.,ram=$memory"
# A socket's path must be short: QEMU runs in OUT and names what it makes relative to it.
cd "$out" || exit 2
truncate -s 1M ivshmem.mem behind.mem

# One thread for both CPUs: with a thread each, QEMU 7.2 now and then misses that the kernel patches its own code, and the
# guest dies of an int3. No cmpxchg16b (cx16=off): QEMU 7.2 computes the flags that it leaves from a stale kind of the last
# operation; an interrupt right behind it then saves an operand as EFLAGS, and the guest dies of a double fault (seen in
# kmem_cache_alloc; the more often, the slower the guest is made). Fixed slots, so that scenarios can name devices; tests/lab/guest/lib.sh holds the same table.
# On a busy host the kernel would complain about its clock, or take its timer for broken and panic (setup_IO_APIC): hence
# tsc=nowatchdog and no_timer_check.
# The third serial port is QEMU's own monitor: with it the guest unplugs its devices.
# shellcheck disable=SC2046,SC2086
timeout --foreground -k 5 "$limit" qemu-system-x86_64 -accel tcg,thread=single -machine q35 -cpu "$cpu,cx16=off" -smp 2 -m "$memory" \
	-nodefaults -no-user-config -no-reboot -display none -vga none \
	-serial file:console.log -serial file:serial \
	-chardev socket,id=qmp,path=monitor,server=on,wait=off -mon chardev=qmp,mode=control \
	-chardev socket,id=toqmp,path=monitor -serial chardev:toqmp $plugin \
	-device VGA,addr=0x1 \
	-object "memory-backend-file,id=m1,share=on,size=1M,mem-path=ivshmem.mem" -device ivshmem-plain,memdev=m1,addr=0x2 \
	-device pci-testdev,membar=16M,addr=0x3 \
	-device edu,addr=0x4 \
	-device pcie-root-port,id=rp2,hotplug=off,chassis=2,slot=2,addr=0x7 \
	-device nvme,serial=lab,cmb_size_mb=4,bus=rp2 \
	-device pcie-root-port,id=rp1,chassis=1,slot=1,addr=0x6 \
	-object "memory-backend-file,id=m2,share=on,size=1M,mem-path=behind.mem" -device ivshmem-plain,id=behind,memdev=m2,bus=rp1 \
	$(column 4) \
	-kernel "$kernel/vmlinuz" -initrd "$initramfs" \
	-append "console=ttyS0 quiet panic=-1 tsc=nowatchdog no_timer_check lab=$scenarios ${WCDIAG_LAB_ENV:-} $(column 3)" </dev/null >qemu.log 2>&1 &
vm=$!
trap 'kill $vm 2>/dev/null; exit 130' HUP INT TERM
wait $vm
code=$?
rm -f ivshmem.mem behind.mem monitor

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
