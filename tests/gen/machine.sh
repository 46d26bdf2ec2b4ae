#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Helpers for writing a snapshot by hand, when all there is of a machine is a report. They make the files that are
# tedious to type (config space, resource, CPUID, MSRs, page table entries); everything else is a text that an editor
# makes. What is kept is the plain files, not the calls. Source it, or name a function:
#
#   . tests/gen/machine.sh; root=tests/machines/NAME/root; snapshot 6.1.0-18-amd64 "quiet"; ...
#
# All functions write below $root. They use short global names (i, n, v ...): loops around them need other ones.

set -eu

put() {	# put PATH: standard input becomes that file
	mkdir -p "$root/$(dirname "$1")"
	cat > "$root/$1"
}

# snapshot RELEASE CMDLINE [BY]
snapshot() {
	printf 'wcdiag-snapshot 1\nby: %s\n' "${3:-hand, after a report (see ../about)}" | put wcdiag-snapshot
	echo "$1" | put proc/sys/kernel/osrelease
	echo "$2" | put proc/cmdline
}

# absent PATH...: looked for, and the machine has none.  refused ERRNO PATH...: could not be read
absent() { refused ENOENT "$@"; }
refused() {
	mkdir -p "$root/wcdiag"
	test -e "$root/wcdiag/errors.txt" || echo '# ERRNO PATH: why a file is not in this snapshot' > "$root/wcdiag/errors.txt"
	errno=$1; shift
	for file in "$@"; do echo "$errno $file" >> "$root/wcdiag/errors.txt"; done
}

# nodes [PATH SLOT]...: device nodes that somebody maps. Without arguments: looked, and there is none.
nodes() {
	{
		echo '# PATH SLOT: a mapped device node and the PCI device behind it'
		while [ $# -gt 1 ]; do echo "$1 $2"; shift 2; done
	} | put wcdiag/nodes.txt
}

# process PID COMM: standard input becomes its maps
process() {
	put "proc/$1/maps"
	echo "$2" | put "proc/$1/comm"
}

# online LIST
online() { echo "$1" | put sys/devices/system/cpu/online; }

# --- CPUID -----------------------------------------------------------------------------------------------------------

le32() {	# four characters as a little-endian register
	printf "%s" "$1" | od -An -v -tu1 | { read -r a b c d || :; printf "%02x%02x%02x%02x" "${d:-0}" "${c:-0}" "${b:-0}" "${a:-0}"; }
}

# cpu intel|amd|hygon LEAF1_EAX BRAND PHYS_BITS [guest] [no-pat] [no-mtrr] [movdir64b] [sev]
# The leaves that are read are the model's; all others are zero.
cpu() {
	vendor=$1 eax=$2 brand=$3 phys=$4
	shift 4
	case $vendor in
	intel) id="756e6547 6c65746e 49656e69"; edx=0xbfebfbff max=0x16 ext=0x80000008;;
	amd)   id="68747541 444d4163 69746e65"; edx=0x178bfbff max=0x10 ext=0x8000001f;;
	hygon) id="6f677948 656e6975 6e65476e"; edx=0x178bfbff max=0x0d ext=0x8000001f;;
	esac
	ecx=0x7ffafbbf; leaf7=0; leaf1f=0
	ecx=$((ecx & ~(1 << 31)))
	for f in "$@"; do
		case $f in
		guest) ecx=$((ecx | 1 << 31));;
		no-pat) edx=$((edx & ~(1 << 16)));;
		no-mtrr) edx=$((edx & ~(1 << 12)));;
		movdir64b) leaf7=$((1 << 27 | 1 << 28));;
		sev) leaf1f=$((1 << 1));;
		esac
	done
	brand=$(printf "%-48.48s" "$brand" | sed "s, *$,,")
	{
		echo "version=0.6.2"
		i=0
		while [ $i -lt 32 ]; do
			case $i in
			0) printf 'basic_cpuid[0]=%08x %s\n' "$((max))" "$id";;
			1) printf 'basic_cpuid[1]=%s 00200800 %08x %08x\n' "$eax" "$((ecx))" "$((edx))";;
			7) printf 'basic_cpuid[7]=00000000 00000000 %08x 00000000\n' "$leaf7";;
			*) printf 'basic_cpuid[%d]=00000000 00000000 00000000 00000000\n' $i;;
			esac
			i=$((i + 1))
		done
		i=0
		while [ $i -lt 32 ]; do
			case $i in
			0) printf 'ext_cpuid[0]=%08x 00000000 00000000 00000000\n' "$((ext))";;
			1) printf 'ext_cpuid[1]=00000000 00000000 00000121 2c100800\n';;
			2 | 3 | 4)
				printf 'ext_cpuid[%d]=' $i
				for k in 1 5 9 13; do
					part=$(printf "%s" "$brand" | cut -c$(((i - 2) * 16 + k))-$(((i - 2) * 16 + k + 3)))
					printf '%s%s' "$(le32 "$part")" "$([ $k = 13 ] || echo ' ')"
				done
				echo;;
			8) printf 'ext_cpuid[8]=%08x 00000000 00000000 00000000\n' $((phys | 48 << 8));;
			31) printf 'ext_cpuid[31]=%08x 00000000 00000000 00000000\n' "$leaf1f";;
			*) printf 'ext_cpuid[%d]=00000000 00000000 00000000 00000000\n' $i;;
			esac
			i=$((i + 1))
		done
		for a in intel_fn4:8 intel_fn11:4 intel_fn12h:4 intel_fn14h:4 amd_fn8000001dh:4; do
			i=0
			while [ $i -lt ${a#*:} ]; do
				printf '%s[%d]=00000000 00000000 00000000 00000000\n' ${a%:*} $i
				i=$((i + 1))
			done
		done
	} | put wcdiag/cpuid.txt
}

# hypervisor SIGNATURE [MAX_LEAF]: leaf 0x40000000 of a guest. Leaves are EAX EBX ECX EDX.
hypervisor() {
	{
		echo '# LEAF EAX EBX ECX EDX'
		printf '0x40000000 0x%08x 0x%s 0x%s 0x%s\n' "$((${2:-0x40000001}))" "$(le32 "$(printf '%.4s' "$1")")" \
			"$(le32 "$(printf '%s' "$1" | cut -c5-8)")" "$(le32 "$(printf '%s' "$1" | cut -c9-12)")"
	} | put wcdiag/hypervisor.txt
}

# --- MSRs ------------------------------------------------------------------------------------------------------------

# pat CPUS VALUE
pat() { mkdir -p "$root/wcdiag"; echo "$1 0x277 $2" >> "$root/wcdiag/msr.txt"; }

# mtrr CPUS COUNT PHYS_BITS DEF_TYPE [START SIZE TYPE]...: TYPE is 0 UC, 1 WC, 4 WT, 5 WP, 6 WB. Unused ranges are zero.
mtrr() {
	cpus=$1 vcnt=$2 phys=$3 def=$4
	shift 4
	mkdir -p "$root/wcdiag"
	{
		printf '%s 0xfe 0x%x\n%s 0x2ff %s\n' "$cpus" $((0xd00 | vcnt)) "$cpus" "$def"
		n=0
		while [ $n -lt $vcnt ]; do
			base=0 mask=0
			if [ $# -ge 3 ]; then
				base=$(($1 | $3))
				mask=$((((1 << phys) - 1) & ~($2 - 1) | 0x800))
				shift 3
			fi
			printf '%s 0x%x 0x%016x\n%s 0x%x 0x%016x\n' "$cpus" $((0x200 + 2 * n)) $base "$cpus" $((0x201 + 2 * n)) $mask
			n=$((n + 1))
		done
		printf '%s 0x250 0x0606060606060606\n%s 0x258 0x0606060606060606\n%s 0x259 0x0000000000000000\n' "$cpus" "$cpus" "$cpus"
		for r in 268 269 26a 26b 26c 26d 26e 26f; do printf '%s 0x%s 0x0505050505050505\n' "$cpus" $r; done
	} >> "$root/wcdiag/msr.txt"
}

# --- PCI -------------------------------------------------------------------------------------------------------------

bytes() {	# hex bytes to binary
	for b in "$@"; do printf "\\$(printf %o "0x$b")"; done
}

le() {	# le VALUE N: N hex bytes, lowest first
	v=$(($1)) n=$2
	while [ $n -gt 0 ]; do printf '%02x ' $((v & 255)); v=$((v >> 8)); n=$((n - 1)); done
}

# device PATH VENDOR:DEVICE CLASS [SUBVENDOR:SUBDEVICE]; then bar..., window..., and at last device_end.
# PATH is below sys/devices: pci0000:00/0000:00:01.0/0000:01:00.0. Command: memory, bus master; set $command for another.
device() {
	dev=$1 slot=${1##*/} vendor=${2%:*} id=${2#*:} class=$3 sub=${4:-0000:0000}
	command=0x0406 numa=-1 driver= power=D0 runtime=active windows= bridge= rom=
	for i in 0 1 2 3 4 5; do eval "line$i='0x0000000000000000 0x0000000000000000 0x0000000000000000' reg$i=0 files$i="; done
}

# bar N START SIZE mem32|mem32p|mem64|mem64p|io: p is prefetchable, and then there is a resourceN_wc
bar() {
	case $4 in
	mem32) flags=0x40200 low=0;;
	mem32p) flags=0x42208 low=8;;
	mem64) flags=0x140204 low=4;;
	mem64p) flags=0x14220c low=12;;
	io) flags=0x40101 low=1;;
	esac
	eval "line$1=\$(printf '0x%016x 0x%016x 0x%016x' $(($2)) $(($2 + $3 - 1)) $((flags)))"
	eval "reg$1=$(($2 & 0xffffffff | low))"
	case $4 in mem64*) eval "reg$(($1 + 1))=$((($2 >> 32) & 0xffffffff))";; esac
	eval "files$1=resource$1"
	case $4 in *p) [ -n "${nowc:-}" ] || eval "files$1='resource$1 resource$1_wc'";; esac
}

# bridge SECONDARY SUBORDINATE IO MEM PREF: each window START-END (inclusive) or none
bridge() { bridge="$1 $2" windows="$3 $4 $5"; }

window_line() {	# window_line START-END FLAGS
	case $1 in
	none) echo '0x0000000000000000 0x0000000000000000 0x0000000000000000';;
	*) printf '0x%016x 0x%016x 0x%016x\n' $((${1%-*})) $((${1#*-})) $(($2));;
	esac
}

resource_file() {
	for i in 0 1 2 3 4 5; do eval "echo \"\$line$i\""; done
	echo "${rom:-0x0000000000000000 0x0000000000000000 0x0000000000000000}"
	for i in 0 1 2 3 4 5; do echo '0x0000000000000000 0x0000000000000000 0x0000000000000000'; done	# SR-IOV
	[ -n "$bridge" ] || return 0
	set -- $windows
	window_line $1 0x1101; window_line $2 0x200; window_line $3 0x102201
	echo '0x0000000000000000 0x0000000000000000 0x0000000000000000'
}

# 64 bytes of header, then power management at 0x40 and PCI Express at 0x50, zeros up to 256
config_file() {
	bytes $(le 0x$vendor 2) $(le 0x$id 2) $(le $command 2) 10 00 ${rev:-00} $(le $class 3) 10 00 $([ -n "$bridge" ] && echo 01 || echo 00) 00
	if [ -n "$bridge" ]; then
		set -- $bridge $windows
		eval "bytes $(le $reg0 4) $(le $reg1 4)"
		bytes 00 $1 $2 00 f1 01 00 00 $(window16 "$4" 0) $(window16 "$5" 1)
		case $5 in none) bytes 00 00 00 00 00 00 00 00;;
		*) bytes $(le $((${5%-*} >> 32)) 4) $(le $((${5#*-} >> 32)) 4);; esac
		bytes 00 00 00 00 40 00 00 00 00 00 00 00 ff 01 02 00
	else
		for i in 0 1 2 3 4 5; do eval "bytes \$(le \$reg$i 4)"; done
		bytes 00 00 00 00 $(le 0x${sub%:*} 2) $(le 0x${sub#*:} 2) 00 00 00 00 40 00 00 00 00 00 00 00 ff 01 00 00
	fi
	bytes 01 50 03 00 08 00 00 00 00 00 00 00 00 00 00 00
	bytes 10 00 $([ -n "$bridge" ] && echo 42 || echo 02) 00 22 80 00 10 2f 20 00 00 83 fc 47 00 00 00 83 10
	i=100; while [ $i -lt 256 ]; do printf '\0'; i=$((i + 1)); done
}

window16() {	# memory base and limit registers of a bridge: bits 31:20, low bit set for a 64-bit window
	case $1 in
	none) echo f1 ff 01 00;;
	*) le $(((${1%-*} >> 16) & 0xfff0 | $2)) 2; le $(((${1#*-} >> 16) & 0xfff0 | $2)) 2;;
	esac
}

device_end() {
	dir=sys/devices/$dev
	mkdir -p "$root/$dir/power" "$root/sys/bus/pci/devices"
	ln -sfn "../../../devices/$dev" "$root/sys/bus/pci/devices/$slot"
	echo "0x$vendor" | put "$dir/vendor"
	echo "0x$id" | put "$dir/device"
	echo "$class" | put "$dir/class"
	echo "0x${rev:-00}" | put "$dir/revision"
	echo "0x${sub%:*}" | put "$dir/subsystem_vendor"
	echo "0x${sub#*:}" | put "$dir/subsystem_device"
	echo "${irq:-0}" | put "$dir/irq"
	[ "$numa" = none ] || echo "$numa" | put "$dir/numa_node"
	[ "$power" = none ] || echo "$power" | put "$dir/power_state"	# since Linux 5.11
	echo "$runtime" | put "$dir/power/runtime_status"
	resource_file | put "$dir/resource"
	for i in 0 1 2 3 4 5; do
		eval "names=\$files$i"
		for f in $names; do : > "$root/$dir/$f"; done
	done
	[ "$runtime" != active ] && [ "$runtime" != unsupported ] || config_file | put "$dir/config"
	[ -z "$driver" ] || ln -sfn "$(echo "${dir#sys/}" | sed "s,[^/]*,..,g")/bus/pci/drivers/$driver" "$root/$dir/driver"
}

# --- page table entries ----------------------------------------------------------------------------------------------

# entries [READER]: begins the recorded entries; then the kernel's (PID 0), then each process's, ascending in all. The
# shell's numbers have a sign: the kernel's address 0xffffb18040000000 is -0x4e7fc0000000.
entries() {
	printf '# PID START END LEVEL KIND RIGHTS VMA PHYS RAW DIFFER [L2 L3 L4 L5]; PID 0 is the kernel\nreader %s\nlevels 4\n' \
		"${1:-wcdiag_km 0.1.0}" | put wcdiag/entries.txt
}

# leaf PID START LENGTH PHYS SLOT [LEVEL] [RIGHTS] [VMA]: a run of entries that map, SLOT of the PAT. A user's are writable
# and of a shared writable VMA of device memory unless RIGHTS and VMA say otherwise.
leaf() {
	pid=$1 level=${6:-1} rights=${7:-wux} vma=${8:-pisw} pat_index=$5
	raw=$(($4 | 1 | (pat_index & 3) << 3 | 0x60))
	case $level in 1) raw=$((raw | (pat_index >> 2) << 7));; *) raw=$((raw | (pat_index >> 2) << 12 | 0x80));; esac
	case $pid in
	0) [ $# -gt 6 ] || rights=wx; vma=- raw=$((raw | 0x100));;
	*) raw=$((raw | 0x204));;
	esac
	case $rights in *w*) raw=$((raw | 2));; *) raw=$((raw & ~0x40));; esac
	printf '%d 0x%x 0x%x %d present %s %s 0x%x 0x%x 0x0\n' $pid $(($2)) $(($2 + $3)) $level $rights $vma $(($4)) $((raw | 1 << 63)) \
		>> "$root/wcdiag/entries.txt"
}

# leaf_none PID START LENGTH PHYS SLOT: the same after mprotect(PROT_NONE): not present, frame inverted
leaf_none() {
	printf '%d 0x%x 0x%x 1 prot-none ux pis 0x%x 0x%x 0x0\n' $1 $(($2)) $(($2 + $3)) $(($4)) \
		$((~$4 & 0xffffffffff000 | 0x360 | ($5 & 3) << 3 | ($5 >> 2) << 7 | 1 << 63)) >> "$root/wcdiag/entries.txt"
}

# no_leaf PID START LENGTH [LEVEL] [VMA]: addresses of a device mapping without entries
no_leaf() {
	printf '%d 0x%x 0x%x %d none - %s - 0x0 0x0\n' $1 $(($2)) $(($2 + $3)) "${4:-1}" "${5:-pisw}" >> "$root/wcdiag/entries.txt"
}

case ${0##*/} in machine.sh) root=${root:?name the snapshot: root=DIR}; "$@";; esac
