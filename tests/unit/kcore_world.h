/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kcore_world.h - a made-up machine for the kcore reader: some pages of memory, tables, processes, and /proc.
 *
 * RAM is virtual RAM_AT + physical, MEMORY bytes from 0; a read that no page was made for gives zeros, as /proc/kcore does.
 */
#ifndef WCDIAG_KCORE_WORLD_H
#define WCDIAG_KCORE_WORLD_H

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/kcore_int.h"
#include "probe/km.h"

#define RAM_AT	   0xff11000000000000ULL
#define MEMORY	   (256ULL << 20)
#define FILE_AT	   0x4000ULL
#define PHYS_FLAGS 0xfff0000000000fffULL

enum { W_P = 1, W_RW = 2, W_US = 4, W_PWT = 8, W_PCD = 16, W_A = 32, W_D = 64, W_PS = 128 };
#define W_TABLE (W_P | W_RW | W_US)
#define W_NX	(1ULL << 63)

struct world {
	struct kcore k;
	struct kcore_seg seg[2];
	struct {
		uint64_t phys;
		uint8_t data[4096];
	} page[64];
	size_t npage;
	uint64_t next; /* physical address of the next new page */
	/* Called before each read. */
	void (*before_read)(struct world *w);
	unsigned int reads;
	uint64_t reading; /* the physical address of this one, and its end */
	uint64_t reading_end;
	uint64_t page_flags, flags_of;	/* flags_of: only of this page; 0: of all */
	int flags_err;
	const char *smaps, *maps, *stat;
	/* After so many looks at maps it is as ended; 0: never. */
	unsigned int maps_left, maps_seen;
	void (*after_smaps)(struct world *w);
	void (*before_maps)(struct world *w);
};

static inline uint8_t *world_page(struct world *w, uint64_t phys)
{
	phys &= ~4095ULL;
	for (size_t i = 0; i < w->npage; i++)
		if (w->page[i].phys == phys)
			return w->page[i].data;
	assert(w->npage < sizeof(w->page) / sizeof(w->page[0]));
	w->page[w->npage].phys = phys;
	memset(w->page[w->npage].data, 0, 4096);
	return w->page[w->npage++].data;
}

static inline uint64_t *world_word(struct world *w, uint64_t phys)
{
	return (uint64_t *)(void *)(world_page(w, phys) + (phys & 4095));
}

static inline uint64_t world_new(struct world *w)
{
	w->next += 4096;
	world_page(w, w->next);
	return w->next;
}

static inline int world_read(void *ctx, void *buf, size_t len, uint64_t offset)
{
	struct world *w = ctx;
	uint64_t phys = offset - FILE_AT;

	w->reads++;
	w->reading = phys;
	w->reading_end = phys + len;
	if (w->before_read)
		w->before_read(w);
	assert(offset >= FILE_AT && phys + len <= MEMORY);
	assert((phys & 4095) + len <= 4096);
	memset(buf, 0, len);
	for (size_t i = 0; i < w->npage; i++)
		if (w->page[i].phys == (phys & ~4095ULL))
			memcpy(buf, w->page[i].data + (phys & 4095), len);
	return 0;
}

static inline int world_flags(void *ctx, uint64_t pfn, uint64_t *flags)
{
	struct world *w = ctx;

	*flags = !w->flags_of || w->flags_of == pfn * 4096 ? w->page_flags : 0;
	return w->flags_err;
}

static inline int world_proc(void *ctx, int pid, const char *file, char **data, size_t *len)
{
	struct world *w = ctx;
	const char *text;

	(void)pid;
	if (!strcmp(file, "maps") && w->before_maps)
		w->before_maps(w);
	text = !strcmp(file, "smaps") ? w->smaps : !strcmp(file, "stat") ? w->stat : w->maps;
	if (!strcmp(file, "maps") && w->maps_left && w->maps_seen++ >= w->maps_left - 1)
		return -ENOENT;
	*data = strdup(text);
	*len = strlen(text);
	if (!strcmp(file, "smaps") && w->after_smaps)
		w->after_smaps(w);
	return 0;
}

/* Any numbers will do, as long as the fields do not overlap. */
static const struct kcore_layout world_layout = {
	.task_pid = 0, .task_comm = 8, .task_mm = 24, .task_thread_pid = 32, .task_pid_links = 40, .task_exec_id = 72,
	.task_start = 80,
	.pid_level = 4, .pid_numbers = 64, .pid_tasks = 16, .upid_nr = 0, .upid_ns = 8, .upid_size = 16,
	.ns_root = 8, .ns_base = 16, .node_shift = 0, .node_slots = 40, .node_slots_size = 512,
	.mm_pgd = 16, .mm_users = 24,
};

static inline void world_init(struct world *w, unsigned int levels)
{
	*w = (struct world){ .next = 0x100000 };
	w->seg[0] = (struct kcore_seg){ .vaddr = 0xffa0000000000000ULL, .size = 20ULL << 40, .paddr = KCORE_NO_PADDR,
					.offset = 1ULL << 50 };
	w->seg[1] = (struct kcore_seg){ .vaddr = RAM_AT, .size = MEMORY, .paddr = 0, .offset = FILE_AT };
	w->k.image = (struct kcore_image){ .seg = w->seg, .n = 2, .levels = levels };
	w->k.layout = world_layout;
	w->k.mem = (struct kcore_mem){ .image = &w->k.image,
				       .frames = ((1ULL << 52) - 1) & ~4095ULL,
				       .read = world_read,
				       .page_flags = world_flags,
				       .ctx = w };
	w->k.user_end = (1ULL << (levels == 5 ? 56 : 47)) - 4096;
	w->k.kernel_start = UINT64_MAX << (levels == 5 ? 56 : 47);
	w->k.proc = world_proc;
	w->k.ctx = w;
}

/* Where the entry of that level for addr stands; tables above it are made. */
static inline uint64_t world_entry(struct world *w, uint64_t root, uint64_t addr, unsigned int level)
{
	uint64_t table = root;

	for (unsigned int l = w->k.image.levels;; l--) {
		uint64_t at = table + (addr >> (12 + 9 * (l - 1))) % 512 * 8;

		if (l == level)
			return at;
		if (!*world_word(w, at))
			*world_word(w, at) = world_new(w) | W_TABLE;
		table = *world_word(w, at) & ~PHYS_FLAGS;
	}
}

static inline void world_map(struct world *w, uint64_t root, uint64_t addr, unsigned int level, uint64_t raw)
{
	*world_word(w, world_entry(w, root, addr, level)) = raw;
}

#endif
