# SPDX-License-Identifier: GPL-2.0-or-later
#
# Archives that no tar program makes: entries with any name, type and size, header by header. Sourced by tests/bad.sh.

field() {	# field TEXT WIDTH: padded with zero bytes
	printf '%s' "$1"
	head -c $(($2 - ${#1})) /dev/zero
}

# header NAME TYPE SIZE [LINKTARGET]: 512 bytes. TYPE: 0 file, 1 hard link, 2 symbolic link, 3 character device, 5 directory, 6 fifo
header() {
	{
		field "$1" 100; field 0000644 8; field 0000000 8; field 0000000 8
		field "$(printf '%011o' "$3")" 12; field 00000000000 12
		printf '        %s' "$2"; field "${4:-}" 100
		printf 'ustar\00000'; field root 32; field root 32; field 0000001 8; field 0000003 8; head -c 167 /dev/zero
	} > "$tmp/header"
	sum=$(od -An -v -tu1 "$tmp/header" | tr -s ' \n' '+' | sed 's/^+//; s/+$//')
	sum=$(($sum))
	head -c 148 "$tmp/header"
	printf '%06o\0 ' $sum
	tail -c +157 "$tmp/header"
}

pad() { [ $(($1 % 512)) = 0 ] || head -c $((512 - $1 % 512)) /dev/zero; }

# entry NAME TYPE TEXT [LINKTARGET]
entry() {
	header "$1" "$2" ${#3} "${4:-}"
	printf '%s' "$3"
	pad ${#3}
}

tar_end() { head -c 1024 /dev/zero; }

marker() { entry wcdiag-snapshot 0 'wcdiag-snapshot 1
'; }

# Each function archive_NAME writes an archive to standard output.

archive_dotdot() { marker; entry ../bad-escaped 0 escaped; tar_end; }
archive_dotdot_inside() { marker; entry proc/../../bad-escaped 0 escaped; tar_end; }
archive_absolute() { marker; entry "$outside/bad-escaped" 0 escaped; tar_end; }
archive_hardlink() { marker; entry proc/mtrr 1 '' "$outside/secret"; tar_end; }
archive_hardlink_inside() { marker; entry proc/mtrr 1 '' wcdiag-snapshot; tar_end; }
archive_device() { marker; entry proc/iomem 3 ''; tar_end; }
archive_fifo() { marker; entry proc/iomem 6 ''; tar_end; }
archive_symlink_absolute() { marker; entry proc/iomem 2 '' "$outside/secret"; tar_end; }
archive_symlink_up() { marker; entry proc/iomem 2 '' ../../../../../../etc/passwd; tar_end; }
archive_symlink_then_file() { marker; entry proc 2 '' "$outside"; entry proc/bad-escaped 0 escaped; tar_end; }
archive_symlink_inside_then_file() { marker; entry a 2 '' b; entry b 2 '' ..; entry a/bad-escaped 0 escaped; tar_end; }
archive_marker_is_link() { entry wcdiag-snapshot 2 '' real; entry real 0 'wcdiag-snapshot 1
'; tar_end; }
archive_no_marker() { entry proc/mtrr 0 ''; tar_end; }
archive_two_snapshots() { entry a/wcdiag-snapshot 0 'wcdiag-snapshot 1
'; entry b/wcdiag-snapshot 0 'wcdiag-snapshot 1
'; tar_end; }
archive_claims_8_exbi() { marker; header sys/kernel/debug/x86/pat_memtype_list 0 8589934591; tar_end; }
archive_cut() { marker; header proc/iomem 0 4096; printf 'only this'; }
archive_rubbish() { head -c 4096 "$wcdiag" | tail -c 3000; }
archive_empty() { :; }
archive_file_is_directory() { marker; entry proc/iomem/ 5 ''; entry proc/iomem 0 'x
'; tar_end; }
archive_directory_over_file() { marker; entry proc 0 'x
'; entry proc/mtrr 0 ''; tar_end; }
archive_empty_name() { marker; entry '' 0 x; tar_end; }
archive_escape_in_name() { marker; entry "$(printf 'proc/\033[31mred')/../x" 0 x; tar_end; }
archive_deep() {
	marker
	entry "$(head -c 98 /dev/zero | tr '\0' / | sed 's,/,a/,g' | head -c 98)" 0 x
	tar_end
}

# 2 GiB in 20 entries, made of a compressed mebibyte of zeros again and again: about 2 MiB on disk
archive_bomb() {
	head -c 1048576 /dev/zero | gzip -9 > "$tmp/mebibyte.gz"
	marker | gzip -1
	k=0
	while [ $k -lt 20 ]; do
		header "filler/$k" 0 104857600 | gzip -1
		m=0
		while [ $m -lt 100 ]; do cat "$tmp/mebibyte.gz"; m=$((m + 1)); done
		k=$((k + 1))
	done
	tar_end | gzip -1
}
archive_bomb_one_file() {
	[ -f "$tmp/mebibyte.gz" ] || head -c 1048576 /dev/zero | gzip -9 > "$tmp/mebibyte.gz"
	{ marker; header sys/kernel/debug/x86/pat_memtype_list 0 4294967296; } | gzip -1
	k=0
	while [ $k -lt 4096 ]; do printf '%s\n' "$tmp/mebibyte.gz"; k=$((k + 1)); done | xargs cat
	tar_end | gzip -1
}
archive_gzip_twice() { { marker; tar_end; } | gzip -1 | gzip -1; }
# 61,440 files: names are cheap, files are not
archive_many() {
	marker
	header n000000 0 0 > "$tmp/one"
	k=0
	while [ $k -lt 512 ]; do cat "$tmp/one"; k=$((k + 1)); done > "$tmp/block"
	k=0
	while [ $k -lt 120 ]; do cat "$tmp/block"; k=$((k + 1)); done
	tar_end
}

# The bombs last: a gibibyte on its way to the disk makes everything after it slow.
archives='dotdot dotdot_inside absolute hardlink hardlink_inside device fifo symlink_absolute symlink_up symlink_then_file
symlink_inside_then_file marker_is_link no_marker two_snapshots claims_8_exbi cut rubbish empty file_is_directory
directory_over_file empty_name escape_in_name deep gzip_twice many bomb bomb_one_file'
