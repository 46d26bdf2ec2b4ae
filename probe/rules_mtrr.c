/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules_mtrr.c - what the MTRRs do to a BAR. Mostly: nothing. An entry that says WC wins over every MTRR type. */
#include <inttypes.h>
#include <stdio.h>

#include "machine.h"
#include "rule.h"

#define MAX_SPANS  256
#define LARGE_PAGE (2ULL << 20)

static int spans(const struct judge_ctx *c, struct mtrr_span *s)
{
	return c->m->mtrr && c->end ? mtrr_over(&c->m->mtrr[0], c->start, c->end, s, MAX_SPANS) : 0;
}

static void ev_span(struct finding *f, const struct mtrr_span *s)
{
	ev_range(f, "range", s->start, s->end);
	if (s->origin == MTRR_BY_VARIABLE)
		for (unsigned int i = 0; i < 32; i++)
			if (s->vars & (1u << i)) {
				ev_num(f, "register", i);
				break;
			}
	ev_text(f, "from", "%s", mtrr_origin_name(s->origin));
}

static void uc_covers(struct judge_ctx *c)
{
	struct mtrr_span s[MAX_SPANS];
	int n = spans(c, s);

	for (int i = 0; i < n; i++)
		if (s[i].type == MT_UC) {
			ev_span(hit(c, SEV_INFO), &s[i]);
			return;
		}
}

struct types {
	uint64_t start, end;
	unsigned int seen; /* bit t: a reservation of type t overlaps */
};

static int see_type(const struct memtype *t, void *arg)
{
	((struct types *)arg)->seen |= 1u << t->type;
	return 0;
}

/* Is some part of the BAR, reserved as t, of another type on CPU index i than on the first? Cut at both CPUs' edges. */
static bool type_differs(const struct judge_ctx *c, size_t i, enum mtype t)
{
	struct mtrr_span a[MAX_SPANS], b[MAX_SPANS];
	int na = mtrr_over(&c->m->mtrr[0], c->start, c->end, a, MAX_SPANS);
	int nb = mtrr_over(&c->m->mtrr[i], c->start, c->end, b, MAX_SPANS);
	uint64_t at = c->start;

	for (int x = 0, y = 0; x < na && y < nb;) {
		uint64_t end = a[x].end < b[y].end ? a[x].end : b[y].end;

		if (machine_effective(c->m, 0, t, at, end) != machine_effective(c->m, i, t, at, end))
			return true;
		at = end;
		x += a[x].end == end;
		y += b[y].end == end;
	}
	return na <= 0 || nb <= 0;
}

static void cpu_mismatch(struct judge_ctx *c)
{
	const struct machine *m = c->m;
	struct types ty = { c->start, c->end, 0 };
	enum severity sev = SEV_SUSPECT;
	size_t other = 0, n = 0;
	struct finding *f;

	/* Most machines have one kind of CPU. Where there are more each is looked at, for they are to be counted. */
	for (size_t i = 1; m->mtrr && m->ndistinct != 1 && i < m->msrs.ncpu; i++)
		if (mtrr_differ(&m->mtrr[0], &m->mtrr[i], c->start, c->end) && !n++)
			other = i;
	if (!n)
		return;
	/* Does it change what an access is, for any type reserved here (nothing reserved: for a WC request)? */
	if (c->dev) {
		memtype_overlaps(&m->memtype, c->start, c->end, see_type, &ty);
		if (!ty.seen)
			ty.seen = 1u << MT_WC;
		for (unsigned int t = 0; t < MT_UNKNOWN; t++)
			for (size_t i = 1; (ty.seen & (1u << t)) && i < m->ndistinct; i++)
				if (type_differs(c, m->distinct[i], t))
					sev = SEV_BROKEN;
	}
	f = hit(c, sev);
	ev_num(f, "cpu_a", m->msrs.cpu[0]);
	ev_num(f, "cpu_b", m->msrs.cpu[other]);
	ev_num(f, "cpus_that_differ", n);
	ev_num(f, "cpus", m->msrs.ncpu);
	ev_text(f, "effect", "%s",
		!c->dev ? "see each BAR for whether its type depends on it"
		: sev == SEV_BROKEN
			? "the effective type of this BAR depends on the CPU"
			: "no type reserved over this BAR changes by it, an entry that says WC least of all");
}

static void undefined_overlap(struct judge_ctx *c)
{
	struct mtrr_span s[MAX_SPANS];
	int n = spans(c, s);

	for (int i = 0; i < n; i++) {
		char regs[64] = "";
		size_t k = 0;

		if (s[i].type != MT_UNDEFINED)
			continue;
		for (unsigned int v = 0; v < 32 && k < sizeof(regs) - 8; v++)
			if (s[i].vars & (1u << v))
				k += (size_t)snprintf(regs + k, sizeof(regs) - k, "%s%u %s", k ? ", " : "", v,
						      mtype_name(c->m->mtrr[0].var[v].type));
		struct finding *f = hit(c, SEV_SUSPECT);

		ev_range(f, "range", s[i].start, s[i].end);
		ev_text(f, "registers", "%s", regs);
		return;
	}
}

static void wc_ucminus(struct judge_ctx *c)
{
	struct mtrr_span s[MAX_SPANS];
	struct types ty = { c->start, c->end, 0 };
	int n = spans(c, s);

	memtype_overlaps(&c->m->memtype, c->start, c->end, see_type, &ty);
	if (!(ty.seen & (1u << MT_UCMINUS)) && c->m->pat_state != PAT_STATE_OFF)
		return;
	for (int i = 0; i < n; i++)
		if (s[i].type == MT_WC && machine_mtrr_wc(c->m, s[i].start, s[i].end) == TRI_YES) {
			ev_span(hit(c, SEV_INFO), &s[i]);
			return;
		}
}

/* A 2 MiB page can exist only where a mapping holds a whole aligned 2 MiB block: then a change of type inside it
 * matters. */
static bool mapped_large(const struct judge_ctx *c, uint64_t block)
{
	for (size_t i = 0; i < c->m->maps.n; i++) {
		const struct map *p = &c->m->maps.m[i];

		if (p->phys_known && p->phys <= block && p->phys + (p->vend - p->vstart) >= block + LARGE_PAGE &&
		    (p->phys & (LARGE_PAGE - 1)) == (p->vstart & (LARGE_PAGE - 1)))
			return true;
	}
	return false;
}

/* Where entries were read: does one large page hold bytes on both sides of the boundary? */
static const struct bar_map *large_page_over(const struct judge_ctx *c, uint64_t boundary)
{
	for (size_t i = 0; i < c->maps.npiece; i++) {
		const struct bar_piece *p = &c->maps.piece[i];

		if (p->run->level > 1 && boundary > p->run->phys && boundary < run_phys_end(p->run) &&
		    boundary & (pte_size(p->run->level) - 1))
			return &c->maps.m[p->map];
	}
	return NULL;
}

/* Everybody who maps this boundary was read: then what large pages there are is known. */
static bool all_read(const struct judge_ctx *c)
{
	for (size_t i = 0; i < c->maps.n; i++)
		/* n is 0 where there is no m. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
		if (!c->maps.m[i].read)
			return false;
	return c->m->entries.fact.state == FACT_KNOWN;
}

static void boundary(struct judge_ctx *c)
{
	struct mtrr_span s[MAX_SPANS];
	int n = spans(c, s);

	for (int i = 1; i < n; i++) {
		uint64_t block = s[i].start & ~(LARGE_PAGE - 1);
		struct finding *f;

		const struct bar_map *who;

		if (s[i].type == s[i - 1].type)
			continue;
		who = large_page_over(c, s[i].start);
		if (who) {
			f = hit_says(
				c, SEV_SUSPECT,
				"the MTRR type changes at {boundary} from {below} to {above}, inside a large page of "
				"{who_maps}: its type is undefined",
				c->rule->fix);
			if (who->map)
				ev_text(f, "who_maps", "process %d (%s)", who->pid, who->map->comm);
			else
				ev_text(f, "who_maps", "the kernel at 0x%" PRIx64, who->vstart);
		} else if (block == s[i].start || all_read(c) || !mapped_large(c, block)) {
			continue;
		} else {
			f = hit(c, SEV_SUSPECT);
		}
		ev_hex(f, "boundary", s[i].start);
		ev_text(f, "below", "%s", mtype_name(s[i - 1].type));
		ev_text(f, "above", "%s", mtype_name(s[i].type));
		return;
	}
}

static void no_pat_needs_wc(struct judge_ctx *c)
{
	enum tri wc;
	struct finding *f;

	if (c->m->pat_state != PAT_STATE_OFF || !c->end)
		return;
	wc = machine_mtrr_wc(c->m, c->start, c->end);
	if (wc == TRI_YES)
		return;
	f = hit_says(c, wc == TRI_NO ? SEV_BROKEN : SEV_UNKNOWN, c->rule->says,
		     c->m->mtrr_fact.state == FACT_ABSENT ? "bring PAT back: this machine has no MTRRs to do it instead"
							  : c->rule->fix);
	ev_text(f, "because", "%s", c->m->pat_why);
	ev_range(f, "bar", c->start, c->end);
	ev_hex(f, "bar_start", c->start);
	ev_hex(f, "bar_size", c->end - c->start);
}

static void absent(struct judge_ctx *c)
{
	if (c->m->mtrr_fact.state == FACT_ABSENT)
		ev_text(hit(c, SEV_INFO), "from", "%s", c->m->mtrr_fact.where);
}

const struct rule rules_mtrr[] = {
	{ .id = "mtrr-unknown",
	  .layer = LAYER_MTRR,
	  .sev = SEV_UNKNOWN,
	  .other = "info when the fact only improves the answer",
	  .when = "the MTRRs of a CPU could not be read",
	  .says = "{fact} could not be read: {file}: {error}",
	  .fix = "{remedy}",
	  .source = "wcdiag-rules(7): a missing fact never reads as ok" },
	{ .id = "mtrr-uc-covers",
	  .layer = LAYER_MTRR,
	  .sev = SEV_INFO,
	  .needs = F(CPUID) | F(MTRR),
	  .per_bar = true,
	  .test = uc_covers,
	  .when = "the MTRRs make the BAR, or part of it, UC",
	  .says = "the MTRRs say UC over {range} ({from}): that is usual for BARs and does no harm, a page table entry "
		  "that says WC gives WC under every MTRR type",
	  .fix = NULL,
	  .source = "Intel SDM vol 3, table 11-7, column WC (AMD: the same column)" },
	{ .id = "mtrr-cpu-mismatch",
	  .layer = LAYER_MTRR,
	  .sev = SEV_BROKEN,
	  .needs = F(CPUID) | F(MTRR),
	  .uses = 0,
	  .other = "suspect when no type reserved over this BAR changes by it",
	  .test = cpu_mismatch,
	  .when = "MTRRs differ between CPUs",
	  .says = "the MTRRs differ between CPUs ({cpus_that_differ} of {cpus} differ from CPU {cpu_a}, the first is "
		  "CPU {cpu_b}): {effect}",
	  .fix = "firmware update: every CPU must hold the same MTRRs (compare them with: wcdiag mtrr)",
	  .source = "Intel SDM vol 3, 11.11.8; https://github.com/pcengines/coreboot/pull/440" },
	{ .id = "mtrr-undefined-overlap",
	  .layer = LAYER_MTRR,
	  .sev = SEV_SUSPECT,
	  .needs = F(CPUID) | F(MTRR),
	  .per_bar = true,
	  .test = undefined_overlap,
	  .when = "variable ranges of different types overlap over the BAR in a mix that the manuals leave undefined",
	  .says = "variable ranges {registers} overlap over {range}: the manuals leave this mix undefined; an entry "
		  "that says WC is not touched by it, any other is",
	  .fix = "firmware; or boot with enable_mtrr_cleanup",
	  .source = "Intel SDM vol 3, 11.11.4.1" },
	{ .id = "mtrr-wc-makes-ucminus-wc",
	  .layer = LAYER_MTRR,
	  .sev = SEV_INFO,
	  .needs = F(CPUID) | F(MTRR),
	  .uses = 0,
	  .per_bar = true,
	  .test = wc_ucminus,
	  .when = "a WC MTRR covers the BAR: UC- mappings of it are effectively WC",
	  .says = "a WC MTRR covers {range} ({from}): a UC- mapping of it combines all the same; it is judged by the "
		  "effective type, not by the entry",
	  .fix = NULL,
	  .source = "Intel SDM vol 3, table 11-7 (row WC, column UC-); AMD the same cell" },
	{ .id = "mtrr-boundary-in-large-page",
	  .layer = LAYER_MTRR,
	  .sev = SEV_SUSPECT,
	  .needs = F(CPUID) | F(MTRR),
	  .uses = F(MAPS),
	  .per_bar = true,
	  .test = boundary,
	  .when = "the MTRR type changes inside an aligned 2 MiB block that a mapping could hold as one large page",
	  .says = "the MTRR type changes at {boundary} from {below} to {above}, inside a 2 MiB block that is mapped as "
		  "a whole: if one large page maps it, its type is undefined",
	  .fix = "map the two sides apart, or offset the mapping by 4 KiB so that small pages are used",
	  .source = "Intel SDM vol 3, 11.11.9" },
	{ .id = "mtrr-no-pat-needs-wc",
	  .layer = LAYER_MTRR,
	  .sev = SEV_BROKEN,
	  .needs = F(CPUID) | F(MTRR),
	  .per_bar = true,
	  .other = "unknown when the MTRRs cannot be told over the whole BAR",
	  .test = no_pat_needs_wc,
	  .when = "PAT is off or missing, and no WC MTRR covers the whole BAR",
	  .says = "PAT is off ({because}), and no WC MTRR covers {bar}: nothing can make this BAR write-combining",
	  .fix = "bring PAT back; or lay a WC MTRR over it: arch_phys_wc_add() in the driver, or as root: echo "
		 "'base={bar_start} size={bar_size} type=write-combining' > /proc/mtrr",
	  .source = "Intel SDM vol 3, tables 11-6 and 11-7; Linux Documentation/arch/x86/mtrr.rst" },
	{ .id = "mtrr-absent",
	  .layer = LAYER_MTRR,
	  .sev = SEV_INFO,
	  .needs = F(CPUID) | F(MTRR),
	  .test = absent,
	  .when = "the CPU, or its hypervisor, has no MTRRs",
	  .says = "there are no MTRRs ({from}): the page table entry alone decides",
	  .fix = NULL,
	  .source = "Intel SDM vol 3, 11.11.1 (CPUID.1:EDX.MTRR)" },
	{ .id = NULL },
};
