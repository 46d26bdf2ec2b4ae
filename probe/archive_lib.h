/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * archive_lib.h - libarchive, taken in only where an archive is read or written: it and what it needs in turn (libxml2, ICU)
 * cost a fifth of a whole diagnosis of a live machine to load.
 */
#ifndef WCDIAG_ARCHIVE_LIB_H
#define WCDIAG_ARCHIVE_LIB_H

#include <archive.h>
#include <archive_entry.h>

#include "late_lib.h"

#define ARCHIVE_FUNCTIONS(X)                                                                                           \
	X(archive_entry_filetype) \
	X(archive_entry_free) \
	X(archive_entry_hardlink) \
	X(archive_entry_new) \
	X(archive_entry_pathname) \
	X(archive_entry_set_filetype) \
	X(archive_entry_set_mtime) \
	X(archive_entry_set_pathname) \
	X(archive_entry_set_perm) \
	X(archive_entry_set_size) \
	X(archive_entry_set_symlink) \
	X(archive_entry_size) \
	X(archive_entry_size_is_set) \
	X(archive_entry_symlink) \
	X(archive_errno) \
	X(archive_error_string) \
	X(archive_filter_bytes) \
	X(archive_filter_count) \
	X(archive_read_data_block) \
	X(archive_read_free) \
	X(archive_read_new) \
	X(archive_read_next_header) \
	X(archive_read_open_fd) \
	X(archive_read_support_filter_bzip2) \
	X(archive_read_support_filter_compress) \
	X(archive_read_support_filter_gzip) \
	X(archive_read_support_filter_lz4) \
	X(archive_read_support_filter_lzip) \
	X(archive_read_support_filter_lzma) \
	X(archive_read_support_filter_xz) \
	X(archive_read_support_filter_zstd) \
	X(archive_read_support_format_cpio) \
	X(archive_read_support_format_tar) \
	X(archive_read_support_format_zip) \
	X(archive_version_string) \
	X(archive_write_add_filter_gzip) \
	X(archive_write_close) \
	X(archive_write_data) \
	X(archive_write_free) \
	X(archive_write_header) \
	X(archive_write_new) \
	X(archive_write_open_fd) \
	X(archive_write_set_filter_option) \
	X(archive_write_set_format_pax_restricted)

struct archive_lib {
	ARCHIVE_FUNCTIONS(LATE_MEMBER)
};

/* The one there is; NULL when it cannot be had, with a sentence. Stays loaded. Not for several threads at once. */
const struct archive_lib *archive_lib(const char **why);

#endif
