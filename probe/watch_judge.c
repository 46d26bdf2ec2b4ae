/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_judge.c - a decision of the kernel, held against the reservations that live: watch_live.c keeps those. */
#include "watch_judge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch_live.h"

/* Below 1 MiB the kernel tracks nothing: always WB (is_untracked_pat_range). */
#define ISA_END 0x100000ULL

struct watch_judge {
	enum pat_state pat;
	struct watch_live live;
	bool blind, lost;
	uint64_t known_at;
	/* the last page that was inserted, to tell its like */
	int pid;
	enum mtype asked, got;
	uint64_t vma;
	char function[96];
};

int watch_judge_new(enum pat_state pat, struct watch_judge **out)
{
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	(*out)->pat = pat;
	return 0;
}

void watch_judge_free(struct watch_judge *j)
{
	if (!j)
		return;
	watch_live_free(&j->live);
	free(j);
}

int watch_judge_before(struct watch_judge *j, uint64_t start, uint64_t end, enum mtype type, const char *holder)
{
	return watch_live_add(&j->live, &(struct watch_held){ .start = start, .end = end, .type = type, .asked = type },
			      *holder ? holder : "somebody, before this watch began");
}

void watch_judge_blind(struct watch_judge *j)
{
	j->blind = true;
}

void watch_judge_lost(struct watch_judge *j)
{
	j->lost = true;
}

void watch_judge_known_at(struct watch_judge *j, uint64_t when)
{
	j->known_at = when;
}

/* Where the kernel's own code asks on behalf of whoever mapped a file of its. */
static const struct {
	const char *function, *means;
} files[] = {
	{ "kernfs_fop_mmap", "a file in sysfs (resourceN, resourceN_wc)" },
	{ "proc_reg_mmap", "a file in /proc (bus/pci)" },
	{ "mmap_mem", "/dev/mem" },
};

static const char *by_what(const struct watch_event *e)
{
	const size_t len = strcspn(e->function, "+");

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!*e->module && strlen(files[i].function) == len && !memcmp(e->function, files[i].function, len))
			return files[i].means;
	return *e->function ? e->function : "a function whose name is not known";
}

const char *watch_who(const struct watch_event *e, char *buf, size_t len)
{
	const char *by = by_what(e);
	const bool kernel =
		e->caller == CALLER_IOREMAP || e->caller == CALLER_RESERVE || e->caller == CALLER_SET_MEMORY;
	const char *comm = *e->comm ? e->comm : "?";
	char mod[64] = "";

	if (*e->module)
		snprintf(mod, sizeof(mod), " [%s]", e->module);
	if (kernel)
		snprintf(buf, len, "%s by %s%s (in process %d, %s)", watch_caller_name(e->caller), by, mod, e->pid,
			 comm);
	else
		snprintf(buf, len, "process %d (%s), %s through %s%s", e->pid, comm,
			 e->caller == CALLER_UNKNOWN ? "a request" : watch_caller_name(e->caller), by, mod);
	return buf;
}

static const char *how_long(uint64_t ns, char *buf, size_t len)
{
	if (ns < 1000000)
		snprintf(buf, len, "%" PRIu64 " us", ns / 1000);
	else if (ns < 1000000000)
		snprintf(buf, len, "%" PRIu64 " ms", ns / 1000000);
	else if (ns < 600000000000)
		snprintf(buf, len, "%.1f s", (double)ns / 1e9);
	else
		snprintf(buf, len, "%.0f minutes", (double)ns / 60e9);
	return buf;
}

static int say(struct watch_finding *f, const char *rule, enum severity sev, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static int say(struct watch_finding *f, const char *rule, enum severity sev, const char *fmt, ...)
{
	va_list ap;

	f->rule = rule;
	f->sev = sev;
	va_start(ap, fmt);
	vsnprintf(f->says, sizeof(f->says), fmt, ap);
	va_end(ap);
	return 1;
}

static void tell_holder(struct watch_finding *f, const struct watch_held *h, const struct watch_event *e)
{
	snprintf(f->holder, sizeof(f->holder), "%s", h->who);
	f->held_start = h->start;
	f->held_end = h->end;
	f->held_as = h->type;
	f->before_ns = h->when && e->when > h->when ? e->when - h->when : 0;
}

/* "HOLDER took 0xA-0xB as UC- 3.1 s before" */
static const char *took(const struct watch_finding *f, const struct watch_held *h, char *buf, size_t len)
{
	char ago[40] = "before this watch began";

	if (h->when) {
		how_long(f->before_ns, ago, sizeof(ago));
		strcat(ago, " before");
	}
	snprintf(buf, len, "%s took 0x%" PRIx64 "-0x%" PRIx64 " as %s %s%s", h->who, h->start, h->end,
		 mtype_name(h->type), ago,
		 h->asked == MT_WC && h->type != MT_WC ? " (it had asked for WC itself)" : "");
	return buf;
}

static const char *not_surely(const struct watch_judge *j)
{
	return j->lost || j->live.full ? " (decisions were lost: it may be another)" : "";
}

/* It got another type than it asked for. */
static int changed(struct watch_judge *j, const struct watch_event *e, enum mtype got, struct watch_finding *f)
{
	const struct watch_held *h = watch_live_first(&j->live, e->start, e->end, got);
	const char *sure = e->got == MT_UNKNOWN ? "will have got" : "got";
	char by[400];

	/* What asks for WB gets UC- where the MTRRs say UC: that is ordinary, and no alias. */
	if (e->asked == MT_WB && !h)
		return 0;
	if (h) {
		tell_holder(f, h, e);
		took(f, h, by, sizeof(by));
	}
	if (e->asked == MT_WC && h)
		return say(f, "memtype-alias-wins", SEV_BROKEN,
			   "asked for WC, %s %s without a word: %s; the first reservation decides for everybody%s",
			   sure, mtype_name(got), by, not_surely(j));
	if (e->asked == MT_WC)
		return say(
			f, "memtype-alias-wins", SEV_BROKEN,
			"asked for WC, %s %s without a word: a reservation from before this watch is there, and whose "
			"it is was not seen",
			sure, mtype_name(got));
	if (got == MT_WC && e->asked != MT_WB)
		return say(
			f, NULL, SEV_SUSPECT,
			"asked for %s, %s WC%s%s: if these are registers, stores to them now wait in buffers and may "
			"leave in another order",
			mtype_name(e->asked), sure, h ? ": " : "", h ? by : "");
	return say(f, NULL, SEV_INFO, "asked for %s, %s %s%s%s", mtype_name(e->asked), sure, mtype_name(got),
		   h ? ": " : "", h ? by : "");
}

static int refused(struct watch_judge *j, const struct watch_event *e, struct watch_finding *f)
{
	const enum severity sev = e->asked == MT_WC ? SEV_BROKEN : SEV_SUSPECT;
	const struct watch_held *a, *b;
	char how[100] = "will have been refused";

	if (e->result)
		snprintf(how, sizeof(how), "was refused (%s)", strerror(-e->result));
	if (e->part_ram)
		return say(f, "memtype-refused-log", sev,
			   "asked for %s and %s: a part of its range is RAM and a part is not, which the kernel keeps no "
			   "type for",
			   mtype_name(e->asked), how);
	watch_live_two(&j->live, e->start, e->end, &a, &b);
	if (a)
		tell_holder(f, a, e);
	if (a && b)
		return say(f, "memtype-refused-log", sev,
			   "asked for %s and %s: reservations of different types lie in its range: %s: %s; %s: %s%s",
			   mtype_name(e->asked), how, mtype_name(a->type), a->who, mtype_name(b->type), b->who,
			   not_surely(j));
	return say(f, "memtype-refused-log", sev, "asked for %s and %s%s%s%s%s", mtype_name(e->asked), how,
		   a ? "; reserved there is " : "", a ? mtype_name(a->type) : "", a ? ": " : "", a ? a->who : "");
}

/*
 * Types that no mapping takes for another (is_new_memtype_allowed): whoever asked gives the reservation back at once and
 * gets an error, which this decision does not show. A page inserted later is not asked.
 */
static bool not_taken(enum mtype asked, enum mtype got)
{
	return got == MT_WB ? asked == MT_WC || asked == MT_UCMINUS || asked == MT_WT
			    : got == MT_WC && asked == MT_WT;
}

static int refused_for(struct watch_judge *j, const struct watch_event *e, enum mtype got, struct watch_finding *f)
{
	const struct watch_held *h = watch_live_first(&j->live, e->start, e->end, got);
	char by[400] = "a reservation that this watch has not seen";

	if (h) {
		tell_holder(f, h, e);
		took(f, h, by, sizeof(by));
	}
	return say(f, "memtype-refused-log", e->asked == MT_WC ? SEV_BROKEN : SEV_SUSPECT,
		   "asked for %s where %s is reserved, and was refused for that: the kernel gives no %s to who asks for "
		   "%s; %s%s",
		   mtype_name(e->asked), mtype_name(got), mtype_name(got), mtype_name(e->asked), by, not_surely(j));
}

static int reserve(struct watch_judge *j, const struct watch_event *e, struct watch_finding *f)
{
	struct watch_held new = { .start = e->start, .end = e->end, .asked = e->asked, .when = e->when, .pid = e->pid };
	enum mtype got = e->got;
	int said = 0, rc;
	char who[240];

	if (e->result)
		return refused(j, e, f);
	if (e->part_ram && !e->result_known)
		return refused(j, e, f);
	new.kernel = e->caller == CALLER_IOREMAP || e->caller == CALLER_RESERVE;
	/* Not seen: by the kernel's rule what is there decides, else the request; WB may have become UC- by MTRRs. */
	if (got == MT_UNKNOWN &&
	    watch_live_predict(&j->live, e->start, e->end, e->asked == MT_WB ? MT_UNKNOWN : e->asked, &got))
		return refused(j, e, f);
	if (not_taken(e->asked, got))
		said = refused_for(j, e, got, f);
	else if (got != e->asked && got != MT_UNKNOWN && e->asked != MT_UNKNOWN)
		said = changed(j, e, got, f);
	new.type = got;
	snprintf(new.module, sizeof(new.module), "%s", e->module);
	/* Made after the watch began and before the list was read: it stands in both. */
	if (e->when <= j->known_at)
		watch_live_forget_before(&j->live, e->start, e->end, got);
	rc = watch_live_add(&j->live, &new, watch_who(e, who, sizeof(who)));
	return rc ? rc : said;
}

static int release(struct watch_judge *j, const struct watch_event *e, struct watch_finding *f)
{
	const struct watch_held *h;

	if (!e->result && watch_live_remove(&j->live, e))
		return 0;
	h = watch_live_first(&j->live, e->start, e->end, MT_UNKNOWN);
	/* Over RAM and not RAM nothing was taken. */
	if (e->part_ram)
		return 0;
	/* Given back well, only that we have not seen it taken; or not seen whether it was found. */
	if ((e->result_known && !e->result) || (!e->result_known && (!h || j->lost)))
		return 0;
	if (h)
		tell_holder(f, h, e);
	return say(
		f, "memtype-stale", SEV_SUSPECT,
		"a part of a mapping was given back, and the kernel %s no reservation of that range: what was taken by "
		"%s stays reserved until the next boot (Linux up to 6.15; never munmap or mprotect a part of a BAR "
		"mapping)",
		e->result_known ? "found" : "will have found", h ? h->who : "whoever mapped it");
}

static bool like_the_last(struct watch_judge *j, const struct watch_event *e)
{
	if (j->pid == e->pid && j->asked == e->asked && j->got == e->got && j->vma == e->vma_start &&
	    !strcmp(j->function, e->function))
		return true;
	j->pid = e->pid;
	j->asked = e->asked;
	j->got = e->got;
	j->vma = e->vma_start;
	snprintf(j->function, sizeof(j->function), "%s", e->function);
	return false;
}

static int insert(struct watch_judge *j, const struct watch_event *e, struct watch_finding *f)
{
	const char *what =
		e->kind == WATCH_REMAP ? "a part of a mapping was remapped" : "pages were inserted later (page fault)";
	const struct watch_held *h = watch_live_first(&j->live, e->start, e->end, MT_UNKNOWN);
	const bool by_perf = e->got == MT_UNKNOWN && e->asked == MT_UNKNOWN;

	f->again = like_the_last(j, e);
	if (e->result)
		return refused(j, e, f);
	if (!h && by_perf && !j->blind)
		return say(f, "memtype-none", SEV_SUSPECT,
			   "%s where nothing is reserved: they get UC-, whatever the handler asked for%s", what,
			   not_surely(j));
	if (e->asked == e->got || e->got == MT_UNKNOWN || e->asked == MT_UNKNOWN)
		return 0;
	if (e->asked == MT_WC && !h && j->blind)
		return say(f, "memtype-none", SEV_BROKEN,
			   "%s and asked for WC, got %s without a word: nothing that this watch has seen is reserved "
			   "there, what was before is not known",
			   what, mtype_name(e->got));
	if (e->asked == MT_WC && !h)
		return say(f, "memtype-none", SEV_BROKEN,
			   "%s and asked for WC, got %s without a word: nothing is reserved there; the driver must "
			   "reserve it at probe: arch_io_reserve_memtype_wc()%s",
			   what, mtype_name(e->got), not_surely(j));
	return changed(j, e, e->got, f);
}

int watch_judge_event(struct watch_judge *j, const struct watch_event *e, struct watch_finding *f)
{
	int rc = 0;

	*f = (struct watch_finding){ .sev = SEV_INFO, .held_as = MT_UNKNOWN };
	if (j->pat == PAT_STATE_OFF || e->end <= ISA_END)
		return 0;
	if (e->kind == WATCH_RESERVE)
		rc = reserve(j, e, f);
	else if (e->kind == WATCH_FREE)
		rc = release(j, e, f);
	else
		rc = insert(j, e, f);
	return rc;
}
