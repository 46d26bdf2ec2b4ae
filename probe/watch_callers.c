/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch_callers.c - from the functions on a stack: what kind of request it was, and whose.
 *
 * From the inside out: the kernel's own plumbing, whose names stand in the table, then the function that called it. A
 * compiler leaves out what calls last and returns (ioremap_wc jumps into __ioremap_caller): so no name is relied on
 * alone, and the outermost one that is known tells the kind.
 */
#include <stdio.h>
#include <string.h>

#include "watch.h"

struct plumbing {
	const char *name;	  /* a "*" at its end: anything may follow */
	enum watch_caller caller; /* CALLER_UNKNOWN: tells nothing by itself */
};

/*
 * Source: Linux 6.1, 6.12 and 6.18, arch/x86/mm/ioremap.c, arch/x86/mm/pat/, mm/memory.c, mm/huge_memory.c,
 * lib/iomap.c, drivers/pci/iomap.c (6.12: lib/pci_iomap.c), lib/devres.c, kernel/iomem.c, include/linux/io-mapping.h;
 * seen in guests.
 */
static const struct plumbing table[] = {
	{ "memtype_reserve", CALLER_UNKNOWN },
	{ "memtype_free", CALLER_UNKNOWN },
	{ "reserve_pfn_range", CALLER_UNKNOWN },
	{ "free_pfn_range", CALLER_UNKNOWN },
	{ "track_pfn_insert", CALLER_FAULT },
	{ "pfnmap_setup_cachemode*", CALLER_UNKNOWN },
	/* kernel mappings */
	{ "__ioremap_caller*", CALLER_IOREMAP },
	{ "ioremap*", CALLER_IOREMAP },
	{ "__ioremap*", CALLER_IOREMAP },
	{ "generic_ioremap*", CALLER_IOREMAP },
	{ "arch_memremap_wb", CALLER_IOREMAP },
	{ "memremap", CALLER_IOREMAP },
	{ "devm_memremap*", CALLER_IOREMAP },
	{ "devm_ioremap*", CALLER_IOREMAP },
	{ "__devm_ioremap*", CALLER_IOREMAP },
	{ "devm_of_iomap", CALLER_IOREMAP },
	{ "pci_iomap*", CALLER_IOREMAP },
	{ "pcim_iomap*", CALLER_IOREMAP },
	{ "pcim_map*", CALLER_IOREMAP },
	{ "pcim_add_mapping*", CALLER_IOREMAP },
	{ "pci_ioremap_*", CALLER_IOREMAP },
	{ "acpi_os_map_iomem", CALLER_IOREMAP },
	{ "acpi_os_ioremap", CALLER_IOREMAP },
	{ "io_mapping_*", CALLER_RESERVE },
	{ "iounmap", CALLER_IOUNMAP },
	{ "memunmap", CALLER_IOUNMAP },
	{ "devm_iounmap", CALLER_IOUNMAP },
	{ "devm_ioremap_release", CALLER_IOUNMAP },
	{ "pci_iounmap", CALLER_IOUNMAP },
	{ "pcim_iounmap*", CALLER_IOUNMAP },
	/* a driver's own reservation */
	{ "memtype_reserve_io", CALLER_RESERVE },
	{ "arch_io_reserve_memtype_wc", CALLER_RESERVE },
	{ "devm_arch_io_reserve_memtype_wc", CALLER_RESERVE },
	{ "memtype_free_io", CALLER_RELEASE },
	{ "arch_io_free_memtype_wc", CALLER_RELEASE },
	{ "arch_io_free_memtype_wc_release", CALLER_RELEASE },
	{ "devm_arch_io_free_memtype_wc_release", CALLER_RELEASE },
	/* types of RAM */
	{ "set_memory_*", CALLER_SET_MEMORY },
	{ "_set_memory_*", CALLER_SET_MEMORY },
	{ "set_pages_*", CALLER_SET_MEMORY },
	{ "_set_pages_*", CALLER_SET_MEMORY },
	{ "free_memtype_ram*", CALLER_SET_MEMORY },
	/* user mappings */
	{ "track_pfn_remap", CALLER_MMAP },
	{ "pfnmap_track*", CALLER_MMAP },
	{ "pfnmap_untrack*", CALLER_UNMAP },
	{ "remap_pfn_range*", CALLER_MMAP },
	{ "io_remap_pfn_range", CALLER_MMAP },
	{ "vm_iomap_memory", CALLER_MMAP },
	{ "rdma_user_mmap_io", CALLER_MMAP },
	{ "__vm_insert_mixed*", CALLER_FAULT },
	{ "vmf_insert_*", CALLER_FAULT },
	{ "insert_pfn*", CALLER_FAULT },
	{ "track_pfn_copy", CALLER_FORK },
	{ "copy_page_range", CALLER_FORK },
	{ "untrack_pfn*", CALLER_UNMAP },
	{ "unmap_single_vma", CALLER_UNMAP },
};

static bool is(const char *name, size_t len, const char *want)
{
	size_t n = strlen(want);

	if (n && want[n - 1] == '*')
		return len >= n - 1 && !memcmp(name, want, n - 1);
	return len == n && !memcmp(name, want, n);
}

/* "ioremap_wc+0x15/0x20", "pci_iomap.part.0+0x..." : the name without what a compiler adds. */
static const struct plumbing *known(const char *frame)
{
	size_t len = strcspn(frame, "+. ");

	/* A driver may call its own function as it likes. */
	if (strchr(frame, '['))
		return NULL;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (is(frame, len, table[i].name))
			return &table[i];
	return NULL;
}

/* "mydrv_probe+0x63/0x80 [mydrv]" into its two. */
static void take_apart(const char *frame, struct watch_event *e)
{
	size_t len = strcspn(frame, " ");
	const char *open = strchr(frame, '[');

	snprintf(e->function, sizeof(e->function), "%.*s", (int)len, frame);
	*e->module = 0;
	if (open)
		snprintf(e->module, sizeof(e->module), "%.*s", (int)strcspn(open + 1, "]"), open + 1);
}

/* What is decided by the first page of a large one is true of all of it. */
static void widen(struct watch_event *e, const char *frame)
{
	const size_t len = strcspn(frame, "+. ");

	if (e->kind != WATCH_INSERT || e->end - e->start != 4096)
		return;
	if (memmem(frame, len, "_pmd", 4))
		e->end = e->start + (2ULL << 20);
	else if (memmem(frame, len, "_pud", 4))
		e->end = e->start + (1ULL << 30);
}

void watch_callers_tell(struct watch_event *e)
{
	size_t i;

	e->caller = CALLER_UNKNOWN;
	*e->function = *e->module = 0;
	for (i = 0; i < e->nstack; i++) {
		const struct plumbing *p = known(e->stack[i]);

		/* Something without a name in between: what was put there by whoever traces this function, too. */
		if (!p && !strncmp(e->stack[i], "0x", 2) && i + 1 < e->nstack && known(e->stack[i + 1]))
			continue;
		if (!p)
			break;
		widen(e, e->stack[i]);
		/* A fork reserves through the ways of an mmap, and io_mapping through ioremap: the outer one is asked
		 * for. */
		if (p->caller != CALLER_UNKNOWN)
			e->caller = p->caller;
	}
	if (i < e->nstack && strncmp(e->stack[i], "0x", 2))
		take_apart(e->stack[i], e);
	/* It calls memtype_free last, and leaves no frame. */
	if (e->caller == CALLER_UNKNOWN && e->kind == WATCH_FREE && *e->module)
		e->caller = CALLER_RELEASE;
	if (e->caller == CALLER_UNKNOWN && e->kind == WATCH_INSERT)
		e->caller = CALLER_FAULT;
	if (e->caller == CALLER_UNKNOWN && e->kind == WATCH_REMAP)
		e->caller = CALLER_MMAP;
}
