/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_judge_pte.c - what the judge makes of page table entries, on machines made up here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "judge_world.h"

#define PAGE 0x1000ULL
#define VA   0x7f0000000000ULL
#define KVA  0xffffb18040000000ULL

enum { SLOT_WB = 0, SLOT_WC = 1, SLOT_UCMINUS = 2, SLOT_UC = 3 };

static uint64_t raw_of(uint64_t phys, unsigned int slot, unsigned int level, int pid)
{
	uint64_t raw = phys | 0x63 | (pid ? 4 : 0x100) | (uint64_t)(slot & 3) << 3 | 1ULL << 63;

	return level == 1 ? raw | (uint64_t)(slot >> 2) << 7 : raw | 0x80 | (uint64_t)(slot >> 2) << 12;
}

static struct pte_run *leaf(struct world *w, int pid, uint64_t va, uint64_t phys, uint64_t len, unsigned int slot)
{
	struct pte_run *r = &w->run[w->m.entries.list.n++];

	*r = (struct pte_run){ .pid = pid,
			       .start = va,
			       .end = va + len,
			       .phys = phys,
			       .raw = raw_of(phys, slot, 1, pid),
			       .level = 1,
			       .kind = PTE_PRESENT,
			       .rights = PTE_CAN_WRITE | PTE_CANNOT_EXEC | (pid ? PTE_CAN_USER : 0),
			       .vma = pid ? PTE_VMA | PTE_VMA_PFNMAP | PTE_VMA_IO | PTE_VMA_SHARED | PTE_VMA_WRITE
					  : 0 };
	return r;
}

static struct pte_run *hole(struct world *w, int pid, uint64_t va, uint64_t len)
{
	struct pte_run *r = leaf(w, pid, va, 0, len, 0);

	r->kind = PTE_NONE;
	r->raw = 0;
	r->phys = PTE_NO_PHYS;
	r->rights = 0;
	return r;
}

static void large(struct pte_run *r, unsigned int level, unsigned int slot)
{
	r->level = (uint8_t)level;
	r->raw = raw_of(r->phys, slot, level, r->pid);
}

static int by_place(const void *a, const void *b)
{
	const struct pte_run *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->start > y->start) - (x->start < y->start);
}

/* The entries that were put in so far are all there are. */
static void walked(struct world *w)
{
	struct entries *e = &w->m.entries;
	struct memtype_list *l = &w->m.by_phys;

	known(&e->fact);
	strcpy(e->reader, "wcdiag_km test");
	qsort(e->list.r, e->list.n, sizeof(*e->list.r), by_place);
	memtype_free(l);
	l->m = calloc(e->list.n + 1, sizeof(*l->m));
	assert_non_null(l->m);
	for (size_t i = 0; i < e->list.n; i++) {
		const struct pte_run *r = &e->list.r[i];

		if (r->phys != PTE_NO_PHYS)
			l->m[l->n++] = (struct memtype){ r->phys, run_phys_end(r), MT_UNKNOWN, (uint32_t)i };
	}
	assert_int_equal(memtype_index(l), 0);
}

static void wc_everywhere(struct world *w)
{
	reserve(w, "write-combining @ 0xfe000000-0xfe100000\n");
}

static const char *text(const struct finding *f, const char *key)
{
	const struct evidence *e = f ? finding_evidence(f, key) : NULL;

	return e ? e->text : "";
}

/* Every slot, in a 4 KiB, a 2 MiB and a 1 GiB entry (whose PAT bit is another one): only the one that holds WC is fine.
 */
static void only_the_slot_that_holds_wc_is_intact(void **state)
{
	static const struct {
		uint64_t pat;
		unsigned int wc; /* bits: slots that hold WC */
	} layout[] = {
		{ PAT_LINUX, 1u << 1 },
		{ 0x0007010600070106ULL, 1u << 1 | 1u << 5 }, /* Linux on CPUs with the PAT errata */
		{ 0x0000050100070406ULL, 1u << 4 },	      /* Xen */
	};
	struct world *w = *state;

	for (size_t l = 0; l < sizeof(layout) / sizeof(layout[0]); l++)
		for (unsigned int level = 1; level <= 3; level++)
			for (unsigned int slot = 0; slot < 8; slot++) {
				struct bar_judgement *b;
				bool wc = layout[l].wc >> slot & 1;

				w->m.maps.n = w->m.entries.list.n = 0;
				for (int i = 0; i < 2; i++)
					pat_decode(layout[l].pat, &w->pat[i]);
				pat_decode(layout[l].pat, &w->m.belief);
				w->dev.bar[2].addr = 0x4000000000;
				w->dev.bar[2].size = 1ULL << 30;
				add_map(w, MAP_NODE, 0x4000000000, 1ULL << 30);
				reserve(w, wc ? "write-combining @ 0x4000000000-0x4040000000\n"
					      : "uncached-minus @ 0x4000000000-0x4040000000\n");
				large(leaf(w, 401, VA, 0x4000000000, 1ULL << 30, slot), level, slot);
				w->run[0].raw = raw_of(0x4000000000, slot, level, 401);
				walked(w);
				b = judge_world(w, LAYER_PTE);
				assert_int_equal(b->verdict, wc ? VERDICT_INTACT : VERDICT_BROKEN);
				assert_int_equal(b->state[LAYER_PTE], wc ? STATE_OK : STATE_BROKEN);
				if (wc)
					continue;
				assert_int_equal(finding_evidence(found(b, "pte-not-wc"), "pat_slot")->num, slot);
				assert_string_equal(text(found(b, "pte-not-wc"), "entry_type"),
						    mtype_name(w->pat[0].slot[slot]));
			}
}

static void both_sides_wc_is_intact(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	add_map(w, MAP_NODE, BAR_ADDR, BAR_SIZE);
	wc_everywhere(w);
	leaf(w, 0, KVA, BAR_ADDR, BAR_SIZE, SLOT_WC);
	leaf(w, 401, VA, BAR_ADDR, BAR_SIZE, SLOT_WC);
	walked(w);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(b->verdict, VERDICT_INTACT);
	assert_int_equal(b->judged_to, LAYER_PTE);
	assert_int_equal(b->maps.n, 2);
	for (size_t i = 0; i < b->findings.n; i++)
		assert_int_equal(b->findings.f[i].sev, SEV_INFO);
}

static void the_sides_are_compared_page_by_page(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	add_map(w, MAP_NODE, BAR_ADDR, 4 * PAGE);
	wc_everywhere(w);
	leaf(w, 0, KVA, BAR_ADDR + 2 * PAGE, 8 * PAGE, SLOT_WC);
	leaf(w, 401, VA, BAR_ADDR, 4 * PAGE, SLOT_UCMINUS);
	walked(w);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(sev(b, "pte-user-differs-from-kernel"), SEV_BROKEN);
	assert_string_equal(text(found(b, "pte-user-differs-from-kernel"), "both"), "0xfe002000-0xfe004000");
	/* The kernel's begin where the process's end. */
	w->run[0].phys = BAR_ADDR + 4 * PAGE;
	w->run[0].raw = raw_of(w->run[0].phys, SLOT_WC, 1, 0);
	walked(w);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(sev(b, "pte-user-differs-from-kernel"), -1);
	assert_int_equal(sev(b, "pte-not-wc"), SEV_BROKEN);
}

static void a_kernel_that_is_not_wc_does_not_stop_the_users_stores(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	add_map(w, MAP_NODE, BAR_ADDR, BAR_SIZE);
	reserve(w, "uncached-minus @ 0xfe000000-0xfe100000\n");
	leaf(w, 0, KVA, BAR_ADDR, BAR_SIZE, SLOT_UCMINUS);
	leaf(w, 401, VA, BAR_ADDR, BAR_SIZE, SLOT_WC);
	walked(w);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(sev(b, "pte-user-differs-from-kernel"), SEV_SUSPECT);
	assert_int_equal(sev(b, "pte-differs-from-memtype"), SEV_SUSPECT);
	assert_int_equal(b->verdict, VERDICT_INTACT);
}

/* The frame may hold a bit that is no address: the reader's phys counts. */
static void an_encryption_bit_in_the_frame_is_no_address(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	add_map(w, MAP_NODE, BAR_ADDR, BAR_SIZE);
	wc_everywhere(w);
	leaf(w, 401, VA, BAR_ADDR, BAR_SIZE, SLOT_WC)->raw |= 1ULL << 47;
	walked(w);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(b->verdict, VERDICT_INTACT);
	assert_int_equal(b->maps.m[0].wc, BAR_SIZE);
}

/* A run that begins before the BAR and ends behind it is counted as far as it lies in it. */
static void a_run_is_counted_as_far_as_it_lies_in_the_bar(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	add_map(w, MAP_DEVMEM, BAR_ADDR - 16 * PAGE, BAR_SIZE + 32 * PAGE);
	reserve(w, "uncached-minus @ 0xfdff0000-0xfe110000\n");
	leaf(w, 401, VA, BAR_ADDR - 16 * PAGE, BAR_SIZE + 32 * PAGE, SLOT_UCMINUS);
	walked(w);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(sev(b, "pte-not-wc"), SEV_BROKEN);
	assert_int_equal(finding_evidence(found(b, "pte-not-wc"), "pages")->num, BAR_SIZE / PAGE);
	assert_int_equal(finding_evidence(found(b, "pte-not-wc"), "address")->num, VA + 16 * PAGE);
}

/* Two VMAs side by side, whose pages the reader joined to one run. */
static void a_run_over_two_mappings_is_counted_for_each(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;
	struct map *p;

	add_map(w, MAP_NODE, BAR_ADDR, 4 * PAGE);
	p = add_map(w, MAP_NODE, BAR_ADDR + 4 * PAGE, 8 * PAGE);
	p->pid = 401;
	p->vstart += 4 * PAGE;
	p->vend += 4 * PAGE;
	wc_everywhere(w);
	leaf(w, 401, VA, BAR_ADDR, 12 * PAGE, SLOT_WC);
	walked(w);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(b->maps.n, 2);
	assert_int_equal(b->maps.m[0].wc, 4 * PAGE);
	assert_int_equal(b->maps.m[1].wc, 8 * PAGE);
	/* The same of pages without entries. */
	w->m.entries.list.n = 0;
	hole(w, 401, VA, 12 * PAGE);
	walked(w);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(b->maps.m[0].none, 4 * PAGE);
	assert_int_equal(b->maps.m[1].none, 8 * PAGE);
}

static void one_of_two_hundred_is_found(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	wc_everywhere(w);
	for (int i = 0; i < 200; i++) {
		add_map(w, MAP_NODE, BAR_ADDR, BAR_SIZE);
		leaf(w, 401 + i, VA, BAR_ADDR, BAR_SIZE, i == 170 ? SLOT_UCMINUS : SLOT_WC);
	}
	walked(w);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(b->breaks_at, LAYER_PTE);
	assert_int_equal(finding_evidence(found(b, "pte-not-wc"), "pid")->num, 571);
}

/* However many have their register page beside a window of their own, it excuses nobody else. */
static void good_neighbours_excuse_nobody(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;
	struct map *p;

	reserve(w, "uncached-minus @ 0xfe000000-0xfe001000\nwrite-combining @ 0xfe001000-0xfe100000\n");
	for (int i = 0; i < 100; i++) {
		add_map(w, MAP_NODE, BAR_ADDR, PAGE)->pid = 401 + i;
		p = add_map(w, MAP_NODE, BAR_ADDR + PAGE, BAR_SIZE - PAGE);
		p->pid = 401 + i;
		p->vstart += 0x1000000;
		p->vend += 0x1000000;
		leaf(w, 401 + i, VA, BAR_ADDR, PAGE, SLOT_UCMINUS);
		leaf(w, 401 + i, VA + 0x1000000, BAR_ADDR + PAGE, BAR_SIZE - PAGE, SLOT_WC);
	}
	walked(w);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(b->verdict, VERDICT_INTACT);
	assert_int_equal(sev(b, "pte-not-wc"), SEV_INFO);
	add_map(w, MAP_NODE, BAR_ADDR + 8 * PAGE, PAGE)->pid = 600;
	leaf(w, 600, VA, BAR_ADDR + 8 * PAGE, PAGE, SLOT_UCMINUS);
	walked(w);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(b->breaks_at, LAYER_PTE);
	assert_int_equal(finding_evidence(found(b, "pte-not-wc"), "pid")->num, 600);
}

static void what_was_not_walked_is_never_fine(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	add_map(w, MAP_NODE, BAR_ADDR, BAR_SIZE);
	wc_everywhere(w);
	leaf(w, 401, VA, BAR_ADDR, BAR_SIZE, SLOT_WC);
	walked(w);
	assert_int_equal(judge_world(w, LAYER_PTE)->verdict, VERDICT_INTACT);
	fact_missing(&w->m.entries.fact, NULL, "/dev/wcdiag", EAGAIN, "try again");
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(b->verdict, VERDICT_UNKNOWN);
	assert_int_equal(b->state[LAYER_PTE], STATE_UNKNOWN);
	*w->m.entries.reader = '\0';
	assert_int_equal(judge_world(w, LAYER_PTE)->verdict, VERDICT_UNKNOWN);
	/* Another mapping of the device, not touched yet, is information only: it hides nothing. */
	w->map[1] = w->map[0];
	w->map[1].pid = 402;
	w->map[1].phys_known = false;
	w->m.maps.n = 2;
	hole(w, 402, VA, BAR_SIZE);
	walked(w);
	fact_missing(&w->m.entries.fact, NULL, "/dev/wcdiag", EAGAIN, "try again");
	assert_int_equal(judge_world(w, LAYER_PTE)->verdict, VERDICT_UNKNOWN);
}

static void a_mapping_that_was_missed_is_unknown(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	add_map(w, MAP_NODE, BAR_ADDR, BAR_SIZE);
	add_map(w, MAP_SYSFS_WC, BAR_ADDR, BAR_SIZE);
	wc_everywhere(w);
	leaf(w, 401, VA, BAR_ADDR, BAR_SIZE, SLOT_WC);
	walked(w);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(b->verdict, VERDICT_UNKNOWN);
	assert_int_equal(finding_evidence(found(b, "pte-unknown"), "pid")->num, 402);
	leaf(w, 402, VA, BAR_ADDR, BAR_SIZE, SLOT_WC);
	walked(w);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(b->verdict, VERDICT_INTACT);
}

static void a_slot_of_an_unknown_register_is_unknown(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	add_map(w, MAP_NODE, BAR_ADDR, BAR_SIZE);
	wc_everywhere(w);
	leaf(w, 401, VA, BAR_ADDR, BAR_SIZE, SLOT_WC);
	walked(w);
	/* One CPU's register was not read. */
	w->pat[1].known = false;
	w->m.ndistinct = 2;
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(b->state[LAYER_PTE], STATE_UNKNOWN);
	assert_int_equal(sev(b, "pte-not-wc"), -1);
	assert_int_not_equal(b->verdict, VERDICT_INTACT);
	/* None was, and nothing tells what the kernel believes. */
	w->m.pat = NULL;
	w->m.mtrr = NULL;
	fact_missing(&w->m.msrs.fact, NULL, "/dev/cpu/0/msr", EPERM, "root");
	fact_missing(&w->m.mtrr_fact, NULL, "/dev/cpu/0/msr", EPERM, "root");
	fact_missing(&w->m.belief_fact, NULL, "log", ENOENT, "log");
	w->m.pat_state = PAT_STATE_UNKNOWN;
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(b->state[LAYER_PTE], STATE_UNKNOWN);
	assert_int_equal(sev(b, "pte-not-wc"), -1);
}

static void a_register_rewritten_on_any_cpu_is_the_cause(void **state)
{
	struct world *w = *state;

	add_map(w, MAP_NODE, BAR_ADDR, BAR_SIZE);
	wc_everywhere(w);
	leaf(w, 401, VA, BAR_ADDR, BAR_SIZE, SLOT_WC);
	walked(w);
	w->m.ndistinct = 2;
	for (int bad = 0; bad < 2; bad++) {
		struct bar_judgement *b;

		pat_decode(PAT_LINUX, &w->pat[!bad]);
		pat_decode(PAT_RESET, &w->pat[bad]);
		b = judge_world(w, LAYER_PTE);
		assert_int_equal(b->breaks_at, LAYER_PAT);
		assert_int_equal(sev(b, "pte-not-wc"), SEV_BROKEN);
		assert_string_equal(text(found(b, "pte-not-wc"), "cause"), "register-rewritten");
		assert_non_null(
			strstr(text(found(b, "pte-not-wc"), "entry_type"), bad ? "WT on CPU 1" : "WT on CPU 0"));
	}
}

static void set_wc_mtrr(struct mtrr *m, uint64_t start, uint64_t size)
{
	m->var[0] = (struct mtrr_var){ .valid = true,
				       .type = MT_WC,
				       .start = start,
				       .end = start + size,
				       .base_raw = start | 1,
				       .mask_raw = ((1ULL << 46) - size) | 0x800 };
}

static void a_wc_mtrr_makes_ucminus_entries_combine_where_it_lies_on_every_cpu(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	add_map(w, MAP_SYSFS, BAR_ADDR, BAR_SIZE);
	reserve(w, "uncached-minus @ 0xfe000000-0xfe100000\n");
	leaf(w, 401, VA, BAR_ADDR, BAR_SIZE, SLOT_UCMINUS);
	walked(w);
	for (int i = 0; i < 2; i++)
		set_wc_mtrr(&w->mtrr[i], BAR_ADDR, BAR_SIZE);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(b->verdict, VERDICT_INTACT);
	assert_int_equal(sev(b, "map-resource-not-wc"), SEV_INFO);
	/* Strong UC yields to nothing. */
	w->run[0].raw = raw_of(BAR_ADDR, SLOT_UC, 1, 401);
	assert_int_equal(sev(judge_world(w, LAYER_PTE), "pte-not-wc"), SEV_BROKEN);
	w->run[0].raw = raw_of(BAR_ADDR, SLOT_UCMINUS, 1, 401);
	/* On one CPU only. */
	w->m.ndistinct = 2;
	memset(&w->mtrr[1].var[0], 0, sizeof(w->mtrr[1].var[0]));
	assert_int_equal(sev(judge_world(w, LAYER_PTE), "pte-not-wc"), SEV_BROKEN);
	/* On every CPU, but over half of the mapping: that half combines. */
	w->m.ndistinct = 1;
	for (int i = 0; i < 2; i++)
		set_wc_mtrr(&w->mtrr[i], BAR_ADDR, BAR_SIZE / 2);
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(b->breaks_at, LAYER_PTE);
	assert_int_equal(b->maps.m[0].wc, BAR_SIZE / 2);
	assert_int_equal(b->maps.m[0].other, BAR_SIZE / 2);
}

static void a_large_page_over_an_mtrr_boundary_is_found_and_small_ones_are_not(void **state)
{
	struct world *w = *state;

	w->dev.bar[2].size = 0x400000;
	for (int i = 0; i < 2; i++)
		set_wc_mtrr(&w->mtrr[i], BAR_ADDR, 0x100000);
	add_map(w, MAP_NODE, BAR_ADDR, 0x400000);
	reserve(w, "write-combining @ 0xfe000000-0xfe400000\n");
	large(leaf(w, 401, VA, BAR_ADDR, 0x400000, SLOT_WC), 2, SLOT_WC);
	walked(w);
	assert_int_equal(sev(judge_world(w, LAYER_PTE), "mtrr-boundary-in-large-page"), SEV_SUSPECT);
	large(&w->run[0], 1, SLOT_WC);
	assert_int_equal(sev(judge_world(w, LAYER_PTE), "mtrr-boundary-in-large-page"), -1);
}

/*
 * Two mappings of four pages' worth of a BAR in every state that their entries, rights and files can have, against what
 * a few sentences demand:
 *   - intact: somebody's storable page is WC, or the kernel's is, and nobody's storable page is not, but for a register
 *     page beside WC pages of the same process;
 *   - broken: where a storable page is not WC and is no such register page;
 *   - not broken: where all that can be stored through is WC.
 */
enum state { S_WC, S_UC, S_NONE, STATES };
enum perm { RW_SHARED, R_SHARED, RW_PRIVATE, PERMS };

struct
try {
	enum state page[2];
	unsigned int slot; /* of pages that are not WC */
	enum perm perm;
	enum map_kind kind;
	int pid;
	uint64_t first; /* page of the BAR */
};

static void put_try(struct world *w, const struct try *t, uint64_t va)
{
	if (t->pid) {
		struct map *p = add_map(w, t->kind, BAR_ADDR + t->first * PAGE, 2 * PAGE);

		p->pid = t->pid;
		p->vstart = va;
		p->vend = va + 2 * PAGE;
		p->write = t->perm != R_SHARED;
		p->shared = t->perm != RW_PRIVATE;
	}
	for (unsigned int i = 0; i < 2; i++) {
		struct pte_run *r;

		if (t->page[i] == S_NONE && !t->pid)
			continue;
		if (t->page[i] == S_NONE) {
			hole(w, t->pid, va + i * PAGE, PAGE);
			continue;
		}
		r = leaf(w, t->pid, va + i * PAGE, BAR_ADDR + (t->first + i) * PAGE, PAGE,
			 t->page[i] == S_WC ? SLOT_WC : t->slot);
		if (t->perm != RW_SHARED)
			r->rights &= (uint8_t)~PTE_CAN_WRITE;
	}
}

static unsigned int pages(const struct try *t, enum state s)
{
	return (t->page[0] == s) + (t->page[1] == s);
}

static bool storable(const struct try *t)
{
	return t->pid && t->perm == RW_SHARED;
}

/* The state of a page of the BAR in a mapping. */
static enum state page_at(const struct try *t, uint64_t page)
{
	return page >= t->first && page < t->first + 2 ? t->page[page - t->first] : S_NONE;
}

/* Not WC, and not excused by WC pages that the same process has of other parts of the BAR. */
static bool bad(const struct try *t, const struct try *o)
{
	bool window = false;

	for (uint64_t page = 0; page < 4; page++)
		window = window || (page_at(o, page) == S_WC && page_at(t, page) != S_UC);
	/* Registers are UC or UC-, and nobody asks for WC to reach them. */
	window = window && storable(o) && o->pid == t->pid && t->slot != SLOT_WB && t->kind != MAP_SYSFS_WC;
	return storable(t) && pages(t, S_UC) && (pages(t, S_WC) || !window);
}

static void check_verdict(struct world *w, const struct try *a, const struct try *b, int list)
{
	struct bar_judgement *j = judge_world(w, LAYER_PTE);
	bool broken = bad(a, b) || bad(b, a), kernel_wc = !b->pid && pages(b, S_WC);
	bool wc = (storable(a) && pages(a, S_WC)) || (storable(b) && pages(b, S_WC)) || kernel_wc;
	bool harmless = !pages(a, S_NONE) && !pages(a, S_UC) && storable(a) && (!b->pid || storable(b)) &&
			!pages(b, S_NONE) && !pages(b, S_UC);
	const char *what = NULL;

	if (broken && j->verdict != VERDICT_BROKEN)
		what = "a storable page is not WC, and it is not broken";
	else if (!wc && j->verdict == VERDICT_INTACT)
		what = "no page is WC, and it is intact";
	else if (harmless && j->verdict == VERDICT_BROKEN)
		what = "all is WC, and it is broken";
	if (!what)
		return;
	for (size_t i = 0; i < j->findings.n; i++)
		if (j->findings.f[i].sev != SEV_INFO)
			print_message("%s %s: %s\n", severity_name(j->findings.f[i].sev), j->findings.f[i].rule->id,
				      j->findings.f[i].says);
	fail_msg("%s: pages %d %d perm %d kind %s; pid %d first %d pages %d %d perm %d kind %s; list %d", what,
		 a->page[0], a->page[1], a->perm, map_kind_name(a->kind), b->pid, (int)b->first, b->page[0], b->page[1],
		 b->perm, map_kind_name(b->kind), list);
}

static void try_both(struct world *w, const struct try *a, const struct try *b)
{
	static const char *const list[] = {
		"PAT memtype list:\n",
		"write-combining @ 0xfe000000-0xfe004000\n",
		"uncached-minus @ 0xfe000000-0xfe004000\n",
	};

	w->m.maps.n = w->m.entries.list.n = 0;
	put_try(w, a, VA);
	put_try(w, b, b->pid ? VA + 0x1000000 : KVA);
	walked(w);
	for (int l = 0; l < 3; l++) {
		reserve(w, list[l]);
		check_verdict(w, a, b, l);
	}
}

static void try_pairs(struct world *w, unsigned int slot, unsigned int perms)
{
	static const enum map_kind one[] = { MAP_SYSFS_WC, MAP_NODE }, other[] = { MAP_SYSFS, MAP_NODE };

	for (unsigned int x = 0; x < 9 * perms * 2; x++) {
		struct try a = { .page = { x % 3, x / 3 % 3 },
				 .slot = slot,
				 .perm = x / 9 % perms,
				 .kind = one[x / 9 / perms],
				 .pid = 401 };

		/* The kernel, the same process, another one; each on the same pages and on others. */
		for (unsigned int y = 0; y < 9 * 2 * 3 * 2; y++) {
			struct try b = { .page = { y % 3, y / 3 % 3 },
					 .slot = slot,
					 .kind = other[y / 9 % 2],
					 .pid = (int[]){ 0, 401, 402 }[y / 18 % 3],
					 .first = y / 54 * 2 };

			if (b.pid || b.kind == MAP_NODE)
				try_both(w, &a, &b);
		}
	}
}

static void every_pair_of_mappings_is_judged_as_their_entries_are(void **state)
{
	try_pairs(*state, SLOT_UCMINUS, PERMS);
}

static void pages_that_are_wb_are_no_registers(void **state)
{
	try_pairs(*state, SLOT_WB, 1);
}

/* One mapping, each of two pages in every state: intact only by a page that is WC and can be stored to. */
enum one { O_WC, O_UCMINUS, O_UC, O_WB, O_NONE, O_OTHER, O_RAM, ONES };

static void put_one(struct world *w, enum one o, uint64_t va, uint64_t phys)
{
	static const unsigned int slot[ONES] = { SLOT_WC, SLOT_UCMINUS, SLOT_UC, SLOT_WB };
	struct pte_run *r;

	if (o == O_NONE || o == O_OTHER) {
		r = hole(w, 401, va, PAGE);
		r->kind = o == O_NONE ? PTE_NONE : PTE_OTHER;
		r->raw = o == O_NONE ? 0 : 0x7ffffffff0000000;
	} else if (o == O_RAM) {
		leaf(w, 401, va, 0x123450000 + (va - VA), PAGE, SLOT_WC);
	} else {
		leaf(w, 401, va, phys, PAGE, slot[o]);
	}
}

static void one_mapping(struct world *w, const enum one page[2], enum map_kind kind, enum perm perm, bool placed,
			bool reserved)
{
	struct bar_judgement *j;
	bool wc = page[0] == O_WC || page[1] == O_WC, other = false;
	const char *what = NULL;
	struct map *p;

	w->m.maps.n = w->m.entries.list.n = 0;
	p = add_map(w, kind, BAR_ADDR, 2 * PAGE);
	p->write = perm != R_SHARED;
	p->shared = perm != RW_PRIVATE;
	p->phys_known = placed;
	if (!placed)
		p->phys = 0;
	for (unsigned int i = 0; i < 2; i++) {
		put_one(w, page[i], VA + i * PAGE, BAR_ADDR + i * PAGE);
		other = other || (page[i] >= O_UCMINUS && page[i] <= O_WB);
	}
	walked(w);
	reserve(w, reserved ? "write-combining @ 0xfe000000-0xfe002000\n" : "PAT memtype list:\n");
	j = judge_world(w, LAYER_PTE);
	if (j->verdict == VERDICT_INTACT && (perm != RW_SHARED || !wc || other))
		what = "intact";
	else if (j->verdict != VERDICT_BROKEN && perm == RW_SHARED && other)
		what = "not broken";
	else if (j->verdict == VERDICT_BROKEN && perm == RW_SHARED && page[0] == O_WC && page[1] == O_WC)
		what = "broken";
	if (!what)
		return;
	for (size_t i = 0; i < j->findings.n; i++)
		if (j->findings.f[i].sev != SEV_INFO)
			print_message("%s %s: %s\n", severity_name(j->findings.f[i].sev), j->findings.f[i].rule->id,
				      j->findings.f[i].says);
	fail_msg("it is %s: pages %d %d, %s, perm %d, %splaced, %sreserved", what, page[0], page[1],
		 map_kind_name(kind), perm, placed ? "" : "not ", reserved ? "" : "not ");
}

static void one_mapping_in_every_state(void **state)
{
	for (unsigned int x = 0; x < ONES * ONES * MAP_KINDS * PERMS * 4; x++) {
		const enum one page[2] = { x % ONES, x / ONES % ONES };
		unsigned int y = x / (ONES * ONES);
		enum map_kind kind = y % MAP_KINDS;
		bool may_be_unplaced = kind == MAP_NODE || kind == MAP_VFIO || kind == MAP_UIO;

		y /= MAP_KINDS;
		if ((y & 1) || may_be_unplaced)
			one_mapping(*state, page, kind, y / 4, y & 1, y & 2);
	}
}

static void one_page_is_said_in_the_singular(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	reserve(w, "uncached-minus @ 0xfe000000-0xfe100000\n");
	for (uint64_t n = 1; n <= 11; n += 10) {
		w->m.maps.n = w->m.entries.list.n = 0;
		add_map(w, MAP_NODE, BAR_ADDR, n * PAGE);
		leaf(w, 401, VA, BAR_ADDR, n * PAGE, SLOT_UCMINUS);
		walked(w);
		b = judge_world(w, LAYER_PTE);
		assert_int_equal(sev(b, "pte-not-wc"), SEV_BROKEN);
		assert_non_null(strstr(found(b, "pte-not-wc")->says, n == 1 ? " 1 page of it " : " 11 pages of it "));
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(only_the_slot_that_holds_wc_is_intact),
		T(both_sides_wc_is_intact),
		T(the_sides_are_compared_page_by_page),
		T(a_kernel_that_is_not_wc_does_not_stop_the_users_stores),
		T(an_encryption_bit_in_the_frame_is_no_address),
		T(a_run_is_counted_as_far_as_it_lies_in_the_bar),
		T(a_run_over_two_mappings_is_counted_for_each),
		T(one_of_two_hundred_is_found),
		T(good_neighbours_excuse_nobody),
		T(what_was_not_walked_is_never_fine),
		T(a_mapping_that_was_missed_is_unknown),
		T(a_slot_of_an_unknown_register_is_unknown),
		T(a_register_rewritten_on_any_cpu_is_the_cause),
		T(a_wc_mtrr_makes_ucminus_entries_combine_where_it_lies_on_every_cpu),
		T(a_large_page_over_an_mtrr_boundary_is_found_and_small_ones_are_not),
		T(every_pair_of_mappings_is_judged_as_their_entries_are),
		T(pages_that_are_wb_are_no_registers),
		T(one_mapping_in_every_state),
		T(one_page_is_said_in_the_singular),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
