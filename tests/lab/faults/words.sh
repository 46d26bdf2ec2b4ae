# SPDX-License-Identifier: GPL-2.0-or-later
# words.sh - the words for scenarios with the faults' driver (tests/lab/faults/README.md); read after lib.sh.
#
#   driver CASE DEVICE:BAR     the driver takes this device, and is what CASE says (driver/table.c)
#   driver_act ACT             later, while it has it (driver/act.c)
#   no_driver                  it lets the device go
#   agrees TAG NAME MINIMUM    wcdiag pte and the analyser agree about all of process NAME
# A scenario with them says "#: needs wcfault". At its end the driver is unloaded, which takes everything back.

# What lib.sh sets and reads: loaded, dir, bar, slot, file, offset, bytes, how, mapper_options.
# shellcheck disable=SC2154,SC2034

WCFAULT=/sys/bus/pci/drivers/wcfault

driver() {
	place "$2"
	case " $loaded " in
	*' wcfault '*)	;;
	*)	[ -d /sys/module/uio ] || load uio
		load wcfault ;;
	esac
	driven=$dir
	echo "$1 $bar" >$WCFAULT/case
	echo wcfault >"$dir/driver_override"
	echo "$slot" >/sys/bus/pci/drivers_probe
	truth "the driver has $2 as '$1'" [ -e "$WCFAULT/$slot" ]
	echo >"$dir/driver_override"
}

driver_act() {
	truth "the driver can '$1'" sh -c "echo '$1' >$WCFAULT/act"
}

no_driver() {
	echo "${driven##*/}" >$WCFAULT/unbind
}

# The next map's process maps this beside it, first: $at_NAME is then this one's.
beside() {	# WHERE OFFSET LENGTH [OPTIONS]
	range "$1"
	bytes "$2"
	offset=$bytes
	bytes "$3"
	case $how in
	node)	file=/dev/wcfault0 ;;
	wc)	file=$dir/resource${bar}_wc ;;
	*)	file=$dir/resource$bar ;;
	esac
	mapper_options="$file:$offset:$bytes${4:+:$4}"
}

# What wcdiag pte reads of the whole process is what the analyser reads, no fewer than MINIMUM entries; also walk TAG.
agrees() {	# TAG NAME MINIMUM
	# The first walk makes the mapper touch what it needs for the next.
	walk "$1-first" "$2"
	walk "$1" "$2"
	eval "pid=\$pid_$2"
	wcdiag_as "$1-pte" pte --pid "$pid" --every --json
	compare "$1-pte" "$1" "$3"
}
