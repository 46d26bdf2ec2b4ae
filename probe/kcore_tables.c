// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kcore_tables.c - down the page tables, read from outside while the kernel changes them.
 *
 * No lock can be had here. What is believed has held still: all entries on the way are read, then the last table, then
 * the entries again, then the table again, then the entries once more. An entry that leads to a table is cleared before
 * the table is freed, so a table read between two equal looks at the entries above it was that table; and should one
 * have been freed and come back at the same place meanwhile, what it held in between would have to be the same twice.
 * Only the accessed and dirty bits may differ, which the processor sets in its own time. What does not hold still in
 * sixteen attempts is -EAGAIN: the caller may try again, and never gets an entry that nobody had.
 *
 * The rules for what an entry is are those of km/runs.c and km/table.c, where the sources stand.
 */
#include <errno.h>
#include <string.h>

#include "kcore_int.h"

#define LEVELS	 5
#define ENTRIES	 512
#define TRIES	 16
#define MAX_RUNS (4U << 20)

#define P	 (1ULL << 0)
#define PS	 (1ULL << 7)
#define PROTNONE (1ULL << 8)
#define NX	 (1ULL << 63)
#define BY_CPU	 (PTE_A | PTE_D)

/* Where a walk to one address ended. */
struct end {
	uint64_t at[LEVELS + 1];    /* physical addresses of the entries on the way */
	uint64_t entry[LEVELS + 1]; /* and what stood there; 0 below the end */
	unsigned int level;	    /* of the end; 1: at a table of 4 KiB entries, in table */
	uint64_t table[ENTRIES];
};

static unsigned int shift_of(unsigned int level)
{
	return 12 + 9 * (level - 1);
}

static bool is_leaf(uint64_t raw, unsigned int level)
{
	return level == 1 || (level <= 3 && (raw & PS));
}

/* Where the file holds nothing of a table that an entry leads to: that may be a torn moment, or so. */
static int no_table(int err)
{
	return err == -EFAULT ? -EIO : err;
}

static int still_so(const struct kcore_mem *m, const struct end *e, unsigned int top)
{
	for (unsigned int l = top; l > 1 && l >= e->level; l--) {
		uint64_t now;
		int err = kcore_phys(m, e->at[l], &now, sizeof(now));

		if (err)
			return no_table(err);
		if ((now ^ e->entry[l]) & ~BY_CPU)
			return -EAGAIN;
	}
	return 0;
}

static int descend(const struct kcore_mem *m, uint64_t root, uint64_t addr, struct end *e)
{
	unsigned int top = m->image->levels;
	uint64_t table = root;

	memset(e->entry, 0, sizeof(e->entry));
	for (unsigned int l = top;; l--) {
		int err;

		e->level = l;
		e->at[l] = table + (addr >> shift_of(l)) % ENTRIES * 8;
		if (l == 1)
			return no_table(kcore_phys(m, table, e->table, sizeof(e->table)));
		err = kcore_phys(m, e->at[l], &e->entry[l], sizeof(e->entry[l]));
		if (err)
			return no_table(err);
		if (!(e->entry[l] & P) || is_leaf(e->entry[l], l))
			return 0;
		table = e->entry[l] & m->frames;
	}
}

static int table_still_so(const struct kcore_mem *m, const struct end *e)
{
	uint64_t again[ENTRIES];
	int err;

	if (e->level > 1)
		return 0;
	err = kcore_phys(m, e->at[1] & ~(KCORE_PAGE - 1), again, sizeof(again));
	for (int i = 0; i < ENTRIES && !err; i++)
		if ((again[i] ^ e->table[i]) & ~BY_CPU)
			err = -EAGAIN;
	return no_table(err);
}

static int look(const struct kcore_mem *m, uint64_t root, uint64_t addr, struct end *e)
{
	unsigned int top = m->image->levels;
	int err = -EAGAIN;

	for (int i = 0; i < TRIES && (err == -EAGAIN || err == -EIO); i++) {
		err = descend(m, root, addr, e);
		if (!err)
			err = still_so(m, e, top);
		if (!err)
			err = table_still_so(m, e);
		if (!err)
			err = still_so(m, e, top);
	}
	return err;
}

static uint8_t rights_of(uint64_t raw)
{
	return (uint8_t)((raw >> 1 & (PTE_CAN_WRITE | PTE_CAN_USER)) | (raw & NX ? PTE_CANNOT_EXEC : 0));
}

static uint8_t both(uint8_t a, uint8_t b)
{
	return (uint8_t)((a & b & (PTE_CAN_WRITE | PTE_CAN_USER)) | ((a | b) & PTE_CANNOT_EXEC));
}

static uint8_t upper_rights(const struct kcore_mem *m, const struct kcore_fold *f, const struct end *e)
{
	unsigned int top = m->image->levels;
	uint8_t rights = PTE_CAN_WRITE | PTE_CAN_USER;

	for (unsigned int l = top; l > e->level; l--) {
		/* With page table isolation the process runs on another root, without this bit (km/runs.c). */
		uint64_t raw = l == top && f->user && m->pti ? e->entry[l] & ~NX : e->entry[l];

		rights = both(rights, rights_of(raw));
	}
	return rights;
}

static uint8_t kind_of(uint64_t raw, unsigned int level)
{
	/* An erratum of some CPUs sets A and D of empty entries (Linux _PAGE_KNL_ERRATUM_MASK). */
	if (!(raw & ~BY_CPU))
		return PTE_NONE;
	if (raw & P)
		return PTE_PRESENT;
	return (raw & PROTNONE) && is_leaf(raw, level) ? PTE_PROTNONE : PTE_OTHER;
}

static int add(const struct kcore_mem *m, struct kcore_fold *f, const struct end *e, uint64_t raw, uint8_t upper,
	       uint64_t addr, uint64_t stop, struct runs *out)
{
	struct pte_run r = { .pid = f->pid,
			     .start = addr,
			     .end = stop,
			     .raw = raw,
			     .phys = PTE_NO_PHYS,
			     .level = (uint8_t)e->level,
			     .kind = kind_of(raw, e->level),
			     .vma = f->vma };
	uint64_t size = 1ULL << shift_of(e->level);
	int err;

	if (r.kind == PTE_PRESENT || r.kind == PTE_PROTNONE) {
		/* A frame stands inverted in what is not present (Linux asm/pgtable-invert.h). */
		uint64_t frame = (raw & P ? raw : ~raw) & m->frames;

		if (e->level > 3)
			return -EIO; /* no leaf can be so high */
		r.phys = (frame & ~(size - 1)) + (addr & (size - 1));
		r.rights = both(upper, rights_of(raw));
	}
	if (r.kind == PTE_NONE && f->skip_none)
		return 0;
	if (f->not_ram && (r.phys == PTE_NO_PHYS || kcore_is_ram(f->not_ram, r.phys & ~(size - 1), size)))
		return 0;
	for (unsigned int l = e->level + 1; f->upper && l <= LEVELS; l++)
		r.upper[l - 2] = e->entry[l];
	if (out->n >= MAX_RUNS)
		return -E2BIG;
	err = f->fresh ? runs_push(out, &r) : runs_join(out, &r, f->ignore);
	f->fresh = false;
	return err;
}

/* What the walk to addr found, up to where it holds or to last; *next is the address behind. */
static int add_end(const struct kcore_mem *m, struct kcore_fold *f, const struct end *e, uint64_t addr, uint64_t last,
		   uint64_t *next, struct runs *out)
{
	uint8_t upper = upper_rights(m, f, e);
	/* The last address before the next entry of the level above: the sum below cannot wrap. */
	uint64_t size = 1ULL << shift_of(e->level == 1 ? 2 : e->level), until = addr | (size - 1);
	int err = 0;

	until = until < last ? until : last;
	*next = until + 1;
	if (e->level > 1)
		return add(m, f, e, e->entry[e->level], upper, addr, until + 1, out);
	for (; addr < until && !err; addr += KCORE_PAGE)
		err = add(m, f, e, e->table[(addr >> 12) % ENTRIES], upper, addr, addr + KCORE_PAGE, out);
	return err;
}

int kcore_tables(const struct kcore_mem *m, uint64_t root, uint64_t start, uint64_t end, struct kcore_fold *f,
		 struct runs *out)
{
	struct end e = { 0 };

	while (start < end) {
		int err = look(m, root, start, &e);

		if (!err)
			err = add_end(m, f, &e, start, end - 1, &start, out);
		if (err)
			return err;
	}
	return 0;
}
