/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dw_lib.h - elfutils' libdw and libelf, taken in only where an instruction's name is asked for: see late_lib.h.
 *
 * Nothing of libdwfl but its version is among these: it may ask a debuginfod server, and it maps files, so that one cut
 * short meanwhile would end this process. (libdw can still look for a dwz file by itself: symbols_debug.c forestalls it.)
 */
#ifndef WCDIAG_DW_LIB_H
#define WCDIAG_DW_LIB_H

#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>

#include "late_lib.h"

#define DW_FUNCTIONS(X) \
	X(elf_begin) \
	X(elf_end) \
	X(elf_getdata) \
	X(elf_getscn) \
	X(elf_getshdrstrndx) \
	X(elf_memory) \
	X(elf_nextscn) \
	X(elf_strptr) \
	X(elf_version) \
	X(gelf_getchdr) \
	X(gelf_getshdr) \
	X(gelf_getsym) \
	X(dwarf_attr) \
	X(dwarf_attr_integrate) \
	X(dwarf_begin_elf) \
	X(dwarf_child) \
	X(dwarf_diename) \
	X(dwarf_end) \
	X(dwarf_entrypc) \
	X(dwarf_filesrc) \
	X(dwarf_formstring) \
	X(dwarf_formudata) \
	X(dwarf_get_units) \
	X(dwarf_getsrc_die) \
	X(dwarf_getsrcfiles) \
	X(dwarf_hasattr) \
	X(dwarf_haspc) \
	X(dwarf_lineno) \
	X(dwarf_linesrc) \
	X(dwarf_setalt) \
	X(dwarf_siblingof) \
	X(dwarf_tag) \
	X(dwelf_dwarf_gnu_debugaltlink) \
	X(dwelf_elf_gnu_build_id) \
	X(dwelf_elf_gnu_debuglink) \
	X(dwfl_version)

struct dw_lib {
	DW_FUNCTIONS(LATE_MEMBER)
};

/* The one there is; NULL when it cannot be had, with a sentence. Stays loaded. Not for several threads at once. */
const struct dw_lib *dw_lib(const char **why);

#endif
