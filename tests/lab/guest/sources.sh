# SPDX-License-Identifier: GPL-2.0-or-later
# sources.sh - each cell of the table of sources (probe/sources.c), tried. A scenario reads it with ". /lab/sources.sh".
#
#   truth_sources COLUMN [USER]     every row's cell in that column of "wcdiag explain sources" (2: no root, 3: root,
#                                   4: integrity, 5: confidentiality) is what happens now, as that user or as root

asked() {	# as the user, or as root; nothing to read from, a few seconds
	if [ -n "$who" ]; then su -s /bin/sh -c "cd /tmp && PATH=/bin:/lab timeout ${seconds:-5} $*" "$who" </dev/null; else timeout "${seconds:-5}" "$@" </dev/null; fi
}

first_bytes() { [ "$(asked head -c 8 "$1" 2>/dev/null | wc -c)" = 8 ]; }

both_or() {	# how the own and the others' went
	case $1$2 in
	00)	cell=yes ;;
	0?)	cell=partly ;;
	*)	cell=no ;;
	esac
}

try_source() {	# ID: leaves "yes", "no" or "partly" in $cell
	cell=no
	case $1 in
	cmdline)	first_bytes /proc/cmdline && cell=yes ;;
	lockdown)	first_bytes /sys/kernel/security/lockdown && cell=yes ;;
	klog)
		own=1 other=1
		echo 0 >/proc/sys/kernel/dmesg_restrict
		first_bytes /dev/kmsg && own=0
		echo 1 >/proc/sys/kernel/dmesg_restrict
		first_bytes /dev/kmsg && other=0
		both_or $own $other ;;
	msr)		asked poke /dev/cpu/0/msr 0x277 >/dev/null 2>&1 && cell=yes ;;
	mtrr)		first_bytes /proc/mtrr && cell=yes ;;
	resource)	first_bytes "$dir/resource" && cell=yes ;;
	config)
		case $(asked cat "$dir/config" 2>/dev/null | wc -c) in
		64)		cell=partly ;;
		256|4096)	cell=yes ;;
		esac ;;
	iomem)		asked cat /proc/iomem 2>/dev/null | grep -q '^0*[1-9a-f][0-9a-f]*-.* : System RAM' && cell=yes ;;
	memtype)	first_bytes "$LIST" && cell=yes ;;
	vmalloc)	first_bytes /proc/vmallocinfo && cell=yes ;;
	maps)
		own=1 other=1
		first_bytes /proc/self/maps && own=0
		first_bytes /proc/1/maps && other=0
		both_or $own $other ;;
	trace)
		own=1 other=1
		truncate -s 64K /tmp/traced
		chmod 666 /tmp/traced
		code=0
		asked wcdiag trace --map /tmp/traced -- sender /tmp/traced 64 >/tmp/trace.out 2>&1 || code=$?
		[ $code -gt 2 ] || own=0
		sleep 100 &
		sleeper=$!
		code=0
		asked wcdiag trace --map /tmp/traced -p $sleeper --duration 1 >/tmp/trace.out 2>&1 || code=$?
		[ $code -gt 2 ] || other=0
		kill $sleeper
		both_or $own $other ;;
	map)		asked mapper -n try "$dir/resource2_wc:0:4096" 2>/dev/null | grep -q '^ok' && cell=yes ;;
	entries-kcore)	asked wcdiag pte --self --reader kcore >/dev/null 2>&1 && cell=yes ;;
	decisions-*)
		code=0
		seconds=60 asked wcdiag watch --by "${1#decisions-}" --duration 0.1 >/tmp/watch.out 2>&1 || code=$?
		[ $code -gt 2 ] || cell=yes ;;
	entries-km)
		own=1 other=1
		asked wcdiag pte --self --reader km >/dev/null 2>&1 && own=0
		# It is loaded already: "File exists" means that it would be let in.
		insmod /modules/wcdiag_km.ko 2>&1 | grep -qi 'exists' && other=0
		both_or $own $other ;;
	*)		cell="not tried: $1" ;;
	esac
	return 0	# under -e a cell that says "no" is no failure
}

truth_sources() {
	who=${2:-}
	place ivshmem:2
	wcdiag explain sources | sed 's/no root root/no_root root/; /^    /d; 1d' >/tmp/sources
	rows=0
	while read -r id anyone root integrity confidentiality <&3; do
		case $1 in
		2)	said=$anyone ;;
		3)	said=$root ;;
		4)	said=$integrity ;;
		5)	said=$confidentiality ;;
		esac
		try_source "$id"
		rows=$((rows + 1))
		[ "$cell" = "$said" ] || echo "column $1, $id: the table says $said, it is $cell"
		truth "source $id, column $1: $said" [ "$cell" = "$said" ]
	done 3</tmp/sources
	truth "the table has its rows" [ $rows -ge 17 ]
}
