#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# typical.sh ROOT: writes the snapshot of a made-up server of ordinary size, 60 PCI devices: what many of them cost.
set -eu
cd "$(dirname "$0")/../.."
root=$1
. tests/gen/machine.sh

snapshot 6.1.0-18-amd64 "quiet" "hand (tests/gen/typical.sh)"
online 0-31
cpu intel 000606a6 "Intel(R) Xeon(R) Silver 4314 CPU @ 2.40GHz" 46
pat 0-31 0x0407050600070106
mtrr 0-31 8 46 0xc00 0x6 0x80000000 0 0x80000000
put sys/kernel/security/lockdown <<'A'
[none] integrity confidentiality
A
echo 'reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable' | put proc/mtrr
absent /proc/bus/pci /sys/class/uio

# 20 root ports, a card with a prefetchable BAR of 64 MiB below each, and 20 functions of the chipset.
card() { printf '%d' $((0x20000000000 + $1 * 0x4000000)); }
reg() { printf '%d' $((0x90000000 + $1 * 0x100000)); }
{
	echo 'PAT memtype list:'
	k=0; while [ $k -lt 20 ]; do
		a=$(reg $k); printf 'PAT: [mem 0x%016x-0x%016x] uncached-minus\n' "$a" $((a + 0x4000))
		k=$((k + 1))
	done
	k=0; while [ $k -lt 20 ]; do
		a=$(card $k); printf 'PAT: [mem 0x%016x-0x%016x] write-combining\n' "$a" $((a + 0x4000000))
		k=$((k + 1))
	done
} | put sys/kernel/debug/x86/pat_memtype_list
{
	printf '00001000-0009ffff : System RAM\n00100000-7fffffff : System RAM\n80000000-fbffffff : PCI Bus 0000:00\n'
	k=0; while [ $k -lt 20 ]; do
		a=$(reg $k); printf '  %x-%x : 0000:%02x:00.0\n    %x-%x : card\n' "$a" $((a + 0x3fff)) $((k + 1)) "$a" $((a + 0x3fff))
		k=$((k + 1))
	done
	echo '100000000-103fffffff : System RAM'
} | put proc/iomem
k=0; while [ $k -lt 20 ]; do
	a=$(reg $k)
	printf '0xffffb%011x-0xffffb%011x   20480 card_probe+0x24f/0x460 [card] phys=0x%016x ioremap\n' $((0x2c000000000 + k * 32768)) \
		$((0x2c000005000 + k * 32768)) "$a"
	k=$((k + 1))
done | put proc/vmallocinfo
echo '6,412,1230220,-;x86/PAT: Configuration [0-7]: WB  WC  UC- UC  WB  WP  UC- WT  ' | put dev/kmsg
nodes
k=0; while [ $k -lt 20 ]; do
	bus=$(printf '%02x' $((k + 1))) port=$(printf '%02x' $((k / 4 + 1))).$((k % 4)) a=$(card $k)
	device pci0000:00/0000:00:$port 8086:347a 0x060400
	bridge $bus $bus none $(printf '0x%x-0x%x' "$(reg $k)" $(($(reg $k) + 0xfffff))) $(printf '0x%x-0x%x' "$a" $((a + 0x3ffffff)))
	driver=pcieport numa=0; device_end
	device pci0000:00/0000:00:$port/0000:$bus:00.0 10ee:9038 0x120000 10ee:0007
	bar 0 "$(reg $k)" 0x4000 mem32
	bar 2 "$a" 0x4000000 mem64p; driver=card numa=0; device_end
	device pci0000:00/0000:00:1$((k / 8)).$((k % 8)) 8086:3455 0x088000
	numa=0; device_end
	k=$((k + 1))
done
