# SPDX-License-Identifier: GPL-2.0-or-later
# analyser.sh - the words for the analyser, which reads the guest's page tables from outside and shares nothing with
# wcdiag and its module (tests/lab/analyser). Read by lib.sh.
#
#   walk TAG NAME [START END]
#       process NAME stands still while its tables are read: its user half; of the kernel's what is no RAM, and START to END
#   truth_walk TAG user|kernel WHERE OFFSET LENGTH COUNT TYPE [FLAG...]
#       exactly COUNT pages of 4 KiB ("all" = LENGTH, "none") map that part of the BAR, and all of these are TYPE: wc uc- uc
#       wb wt wp by the guest's own PAT register, slotN, or any. FLAG: rw, ro (all levels together), levelN, present, protnone
#   truth_mapping TAG NAME COUNT KIND
#       of the pages of what NAME mapped (first) exactly COUNT have an entry, and all of these are ram, device or any
#   truth_some TAG LEAST TYPE [FLAG...]          so many entries of the user's half are such, or more
#   compare TAG WALK MINIMUM
#       TAG was pte --json of the whole process: it must hold the entries of that walk, no others, and MINIMUM or more
#   compare_kernel TAG WALK MINIMUM START END    the same for the kernel's range
#   compare_bar TAG WALK MINIMUM user|kernel WHERE       the same for what pte --bar has of that process, or of the kernel

# A helper's answer to its next command.
ask() {	# NAME COMMAND ANSWER
	echo "$2" >"/tmp/$1.in"
	tries=0
	until grep -qxF "$3" "/tmp/$1.out"; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || { echo "$1 does not answer to '$2'"; return 1; }
		usleep 20000
	done
}

# The walks of a boot are numbered; "walks" says on the host which is which, and what the slots mean.
walk() {	# TAG NAME [START END]
	read -r number </tmp/walk.count
	number=$((number + 1))
	echo $number >/tmp/walk.count
	ask "$2" "walk $number ${3:-} ${4:-}" "walked $number"
	eval "pid=\$pid_$2"
	printf '%s\t%s\t%s\t%s\n' "$1" $number "$pid" "$(poke /dev/cpu/0/msr 0x277)" >>"$OUT/walks"
}

truth_walk() {	# TAG user|kernel WHERE OFFSET LENGTH COUNT TYPE [FLAG...]
	range "$3"
	bytes "$4"
	start=$((start + bytes))
	bytes "$5"
	said="$1: $2 $3 $4+$5:"
	line="walk	$1	$2	$start	$((start + bytes))"
	shift 5
	truth_entries "$@"
}

truth_mapping() {	# TAG NAME COUNT KIND
	eval "start=\$at_$2 bytes=\$len_$2"
	said="$1: mapping $2:"
	line="walk	$1	virtual	$((start))	$((start + bytes))"
	shift 2
	truth_entries "$@"
}

truth_some() {	# TAG LEAST TYPE [FLAG...]
	line="some	$1	$2"
	said="$1: at least"
	shift 2
	for word; do line="$line	$word"; done
	printf '%s\t%s\n' "$line" "$said" >>"$OUT/wants"
}

truth_entries() {	# COUNT TYPE [FLAG...]
	case $1 in
	all)	set -- $((bytes / 4096)) "$@" ;;
	none)	set -- 0 "$@" ;;
	*)	set -- "$1" "$@" ;;
	esac
	line="$line	$1"
	shift 2
	for word; do line="$line	$word"; done
	printf '%s\t%s\n' "$line" "$said" >>"$OUT/wants"
}

# A process that has nearly every kind of entry (walkme.c): $pid_all.
walkme_all() {
	# Off by itself in a machine this small.
	thp=$(sed 's/.*\[\(.*\)\].*/\1/' /sys/kernel/mm/transparent_hugepage/enabled)
	echo madvise >/sys/kernel/mm/transparent_hugepage/enabled
	helper all walkme "$DEV/0000:00:03.0/resource2_wc:0x1000000" "$DEV/0000:00:02.0/resource2:0x100000"
	echo "$thp" >/sys/kernel/mm/transparent_hugepage/enabled
	truth "walkme has its mappings" [ "${answer%% *}" = ok ]
}

# Every entry of a process that has nearly every kind of them (walkme.c), between two walks that must be the same.
compare_all() {	# LEVELS
	walkme_all
	truth "the CPU's tables have $1 levels" sh -c "[ $1 = \$(grep -qw la57 /proc/cpuinfo && echo 5 || echo 4) ]"
	# The first command makes walkme touch what it needs for the next.
	walk first all
	walk before all
	truth_walk before user testdev:2 0 all all wc rw level1
	truth_walk before user ivshmem:2 0 all all uc- rw level1
	truth_some before 3 ram level2 present
	truth_some before 1 ram level2 present ro
	truth_some before 1 ram level2 protnone
	truth_some before 100 ram level1 protnone
	truth_some before 150 ram level1 present ro
	truth_some before 800 ram level1 present rw
	wcdiag_as every pte --pid "$pid_all" --every --json
	wcdiag_as folded pte --pid "$pid_all" --json
	wcdiag_as bar pte --bar 0000:00:03.0:2 --every --json
	walk after all
	compare every before 2000
	compare every after 2000
	compare folded before 2000
	compare_bar bar before 4096 user testdev:2
}

compare() {	# TAG WALK MINIMUM
	printf 'compare\t%s\t%s\t%s\tprocess\n' "$1" "$2" "$3" >>"$OUT/wants"
}

compare_kernel() {	# TAG WALK MINIMUM START END
	printf 'compare\t%s\t%s\t%s\tkernel\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" >>"$OUT/wants"
}

compare_bar() {	# TAG WALK MINIMUM user|kernel WHERE
	range "$5"
	printf 'compare\t%s\t%s\t%s\tbar-%s\t%s\t%s\n' "$1" "$2" "$3" "$4" $start $((start + size)) >>"$OUT/wants"
}
