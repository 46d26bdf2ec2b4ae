/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch_functions.c - the kernel's functions that decide about memory types, and on which kernels they are.
 *
 * Which of them the running kernel has is looked up by name, never told from its version: distributions carry changes
 * back. nargs is compared with the kernel's own type information; a function that takes another number of arguments is
 * another function than the one that was read, and is left alone.
 */
#include "watch.h"

const struct watch_function watch_functions[] = {
	{ .name = "memtype_reserve",
	  .nargs = 4,
	  .range = "from 5.6; before that reserve_memtype",
	  .what = NULL,
	  .source = "arch/x86/mm/pat/memtype.c, read in 5.15, 6.1, 6.6, 6.12, 6.18; run on 6.1 and 6.12" },
	{ .name = "memtype_free",
	  .nargs = 2,
	  .range = "from 5.6; before that free_memtype",
	  .what = NULL,
	  .source = "the same" },
	{ .name = "track_pfn_insert",
	  .nargs = 3,
	  .range = "to 6.15",
	  .what = "pages inserted at fault time",
	  .instead = "pfnmap_setup_cachemode",
	  .source = "arch/x86/mm/pat/memtype.c, called by vmf_insert_pfn_prot and others in mm/memory.c and "
		    "mm/huge_memory.c; run on 6.1 and 6.12" },
	{ .name = "track_pfn_remap",
	  .nargs = 5,
	  .range = "to 6.15",
	  .what = "remaps of a part of a mapping",
	  .instead = "pfnmap_setup_cachemode",
	  .source = "arch/x86/mm/pat/memtype.c, called by remap_pfn_range in mm/memory.c; run on 6.1 and 6.12" },
	{ .name = "pfnmap_setup_cachemode",
	  .nargs = 3,
	  .range = "from 6.16",
	  .what = "pages inserted at fault time, and remaps of a part of a mapping",
	  .instead = "track_pfn_insert",
	  .source = "arch/x86/mm/pat/memtype.c of 6.18, read, not run; pfnmap_setup_cachemode_pfn is an inline "
		    "function around it, pfnmap_track reserves through memtype_reserve, and fork shares what is "
		    "reserved instead of reserving again" },
	{ .name = NULL },
};
