#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Writes tests/machines/epyc-256cpu-4000res/root: a large server, made up, for how long a replay takes. What it writes is
# kept in the repository like any other machine; this is how to change it.

set -eu
cd "$(dirname "$0")/../.."
root=tests/machines/epyc-256cpu-4000res/root
rm -rf "$root"
. tests/gen/machine.sh

snapshot 6.6.15-amd64 "quiet iommu=pt" "hand (tests/gen/epyc.sh)"
online 0-255
cpu amd 00a10f11 "AMD EPYC 9554 64-Core Processor" 52
pat 0-255 0x0407050600070106
mtrr 0-255 8 52 0xc00 0x0 0x80000000 6 0x80000000 0x20000000 6 0xa0000000 0x10000000 6
cat >> $root/wcdiag/msr.txt <<'A'
0-255 0xc0010010 0x740000
0-255 0xc001001a 0xb0000000
0-255 0xc001001d 0x18050000000
0-255 0xc0010131 0x0
A
put proc/mtrr <<'A'
reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back
reg01: base=0x080000000 ( 2048MB), size=  512MB, count=1: write-back
reg02: base=0x0a0000000 ( 2560MB), size=  256MB, count=1: write-back
A
put sys/kernel/security/lockdown <<'A'
[none] integrity confidentiality
A

# Four network cards, BAR 0 of 32 MiB: one page of registers, 280 UAR pages of the kernel's and 600 of processes', every
# other one WC. Eight NVMe drives. 472 lines of ACPI tables and other firmware memory fill the list up to 4000.
nic() { printf '%d' $((0x30020000000 + $1 * 0x4000000000)); }
nvme() { printf '%d' $((0xb8000000 + $1 * 0x100000)); }

# res START END TYPE: a line of the list
res() { printf 'PAT: [mem 0x%016x-0x%016x] %s\n' "$1" "$2" "$3"; }

{
	echo 'PAT memtype list:'
	at=$((0xa7000000))
	while [ $at -lt $((0xa7000000 + 472 * 8192)) ]; do
		res $at $((at + 8192)) write-back
		at=$((at + 8192))
	done
	drive=0; while [ $drive -lt 8 ]; do
		at=$(nvme $drive)
		res $at $((at + 8192)) uncached-minus
		drive=$((drive + 1))
	done
	card=0; while [ $card -lt 4 ]; do
		at=$(nic $card) page=0
		res $at $((at + 20480)) uncached-minus
		at=$((at + 0x100000))
		while [ $page -lt 879 ]; do
			case $((page % 2)) in 0) type=uncached-minus;; *) type=write-combining;; esac
			res $at $((at + 4096)) $type
			at=$((at + 4096)) page=$((page + 1))
		done
		card=$((card + 1))
	done
} | put sys/kernel/debug/x86/pat_memtype_list

# ioremap PHYS SIZE CALLER: a line of vmallocinfo, at the next virtual address
v=$((0x2c000000000))
ioremap() {
	printf '0xffffb%011x-0xffffb%011x %7d %s phys=0x%016x ioremap\n' $v $((v + $2 + 4096)) $(($2 + 4096)) "$3" "$1"
	v=$((v + 32768))
}
{
	drive=0; while [ $drive -lt 8 ]; do
		ioremap "$(nvme $drive)" 8192 'nvme_remap_bar+0x33/0xa0 [nvme]'
		drive=$((drive + 1))
	done
	card=0; while [ $card -lt 4 ]; do
		at=$(nic $card) page=0
		ioremap $at 20480 'probe_one+0x24f/0x460 [mlx5_core]'
		at=$((at + 0x100000))
		while [ $page -lt 280 ]; do
			case $((page % 2)) in 0) from=1c0;; *) from=18f;; esac
			ioremap $at 4096 "alloc_uars_page+0x$from/0x2d0 [mlx5_core]"
			at=$((at + 4096)) page=$((page + 1))
		done
		card=$((card + 1))
	done
} | put proc/vmallocinfo

{
	echo '00001000-0009ffff : System RAM'
	echo '00100000-a6ffffff : System RAM'
	echo 'a7000000-a73bffff : ACPI Tables'
	echo 'b0000000-ffffffff : PCI Bus 0000:00'
	drive=0; while [ $drive -lt 8 ]; do
		at=$(nvme $drive) bus=$(printf '%02x' $((drive + 1)))
		printf '  %08x-%08x : PCI Bus 0000:%s\n' $at $((at + 0xfffff)) $bus
		printf '    %08x-%08x : 0000:%s:00.0\n' $at $((at + 0x3fff)) $bus
		printf '      %08x-%08x : nvme\n' $at $((at + 0x3fff))
		drive=$((drive + 1))
	done
	echo '100000000-1804fffffff : System RAM'
	card=0; while [ $card -lt 4 ]; do
		at=$(nic $card) bus=$(printf '%02x' $((0x41 + 0x20 * card)))
		printf '%x-%x : PCI Bus 0000:%02x\n' $at $((at + 0x3fffffffff)) $((0x40 + 0x20 * card))
		printf '  %x-%x : PCI Bus 0000:%s\n' $at $((at + 0x1ffffff)) $bus
		printf '    %x-%x : 0000:%s:00.0\n' $at $((at + 0x1ffffff)) $bus
		printf '      %x-%x : mlx5_core\n' $at $((at + 0x1ffffff))
		card=$((card + 1))
	done
} | put proc/iomem

# The ring has wrapped: the first record is not number 0.
put dev/kmsg <<'A'
6,8123,3410220715,-;mlx5_core 0000:41:00.0 ens1np0: Link up
6,8124,3410229920,-;mlx5_core 0000:61:00.0 ens2np0: Link up
A

# 32 ranks, eight a card, each with a few pages of its card's node
rank=0; while [ $rank -lt 32 ]; do
	page=0; while [ $page -lt 8 ]; do
		at=$((0x7f0020000000 + rank * 0x100000000 + page * 4096))
		printf '%x-%x -w-s %08x 00:06 %d                      /dev/infiniband/uverbs%d\n' $at $((at + 4096)) \
			$((page << 32)) $((900 + rank % 4)) $((rank % 4))
		page=$((page + 1))
	done | process $((41000 + rank)) mpirank
	rank=$((rank + 1))
done
nodes /dev/infiniband/uverbs0 0000:41:00.0 /dev/infiniband/uverbs1 0000:61:00.0 \
	/dev/infiniband/uverbs2 0000:81:00.0 /dev/infiniband/uverbs3 0000:a1:00.0

drive=0; while [ $drive -lt 8 ]; do
	bus=$(printf '%02x' $((drive + 1))) a=$(nvme $drive)
	device pci0000:00/0000:00:$(printf '%02x' $((drive + 1))).1 1022:14ab 0x060400
	bridge $bus $bus none $(printf '0x%x-0x%x' "$a" $((a + 0xfffff))) none
	driver=pcieport numa=0; device_end
	device pci0000:00/0000:00:$bus.1/0000:$bus:00.0 144d:a80a 0x010802 144d:aa0a
	bar 0 "$a" 0x4000 mem64; driver=nvme numa=0; device_end
	drive=$((drive + 1))
done
card=0; while [ $card -lt 4 ]; do
	up=$(printf '%02x' $((0x40 + 0x20 * card))) bus=$(printf '%02x' $((0x41 + 0x20 * card))) a=$(nic $card)
	device pci0000:$up/0000:$up:01.1 1022:14ab 0x060400
	bridge $bus $bus none none $(printf '0x%x-0x%x' "$a" $((a + 0x1ffffff)))
	driver=pcieport numa=$((card / 2)); device_end
	device pci0000:$up/0000:$up:01.1/0000:$bus:00.0 15b3:101d 0x020000 15b3:0016
	bar 0 "$a" 0x2000000 mem64p; driver=mlx5_core numa=$((card / 2)); device_end
	card=$((card + 1))
done
