/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_scene.c - what of the machine a watch needs: BARs, RAM, what is reserved already and by whom, PAT; why it
 * cannot be. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd/watch.h"
#include "probe/machine.h"

uint64_t watch_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

int64_t watch_wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000LL + t.tv_nsec - (int64_t)watch_now();
}

time_t watch_clock(const struct watch_scene *s, const struct watch_event *e, int *us)
{
	/* A record may claim any two numbers; seconds and the rest are added apart, so that no sum runs over. */
	int64_t sec = s->wall / 1000000000 + (int64_t)(e->when / 1000000000);
	int64_t ns = s->wall % 1000000000 + (int64_t)(e->when % 1000000000);

	sec += ns / 1000000000;
	ns %= 1000000000;
	if (ns < 0) {
		ns += 1000000000;
		sec--;
	}
	*us = (int)(ns / 1000);
	return (time_t)sec;
}

void watch_slots(const struct machine *m, enum mtype slot[8])
{
	for (int i = 0; i < 8; i++)
		slot[i] = m->belief_fact.state == FACT_KNOWN ? m->belief.slot[i] : MT_UNKNOWN;
}

/* From before the watch: only who is still there to be seen. */
static void holder(const struct machine *m, const struct memtype *t, char *buf, size_t len)
{
	*buf = 0;
	for (size_t i = 0; i < m->ioremaps.n; i++) {
		const struct ioremap *r = &m->ioremaps.r[i];

		if (r->start == t->start && r->end == t->end) {
			snprintf(buf, len, "ioremap by %s%s%s%s", r->caller, *r->module ? " [" : "", r->module,
				 *r->module ? "]" : "");
			return;
		}
	}
	for (size_t i = 0; i < m->maps.n; i++) {
		const struct map *p = &m->maps.m[i];

		if (p->phys_known && p->phys == t->start && map_phys_end(p) == t->end) {
			snprintf(buf, len, "process %d (%s) through %.120s", p->pid, p->comm, p->path);
			return;
		}
	}
}

static int bars(const struct machine *m, struct watch_scene *s)
{
	char name[40];
	int rc = 0;

	for (size_t d = 0; d < m->pci.n; d++)
		for (int b = 0; b < 6 && !rc; b++) {
			const struct pci_bar *x = &m->pci.dev[d].bar[b];

			if (!x->size || !x->addr || !(x->flags & RES_MEM))
				continue;
			snprintf(name, sizeof(name), "%s:%d", m->pci.dev[d].slot, b);
			rc = watch_ranges_add(&s->bars, x->addr, x->addr + x->size, MT_UNKNOWN, name);
		}
	return rc;
}

int watch_scene_of(const struct machine *m, struct watch_scene *s)
{
	char who[240];
	int rc;

	snprintf(s->kernel, sizeof(s->kernel), "%s", m->host.release);
	snprintf(s->wcdiag, sizeof(s->wcdiag), "%s", WCDIAG_FULL_VERSION);
	s->pat = m->pat_state;
	rc = bars(m, s);
	for (size_t i = 0; i < m->iomem.n && !rc; i++)
		if (!strcmp(m->iomem.r[i].name, "System RAM"))
			rc = watch_ranges_add(&s->ram, m->iomem.r[i].start, m->iomem.r[i].end, MT_UNKNOWN, "");
	s->before_known = m->memtype.fact.state == FACT_KNOWN;
	if (!s->before_known)
		snprintf(s->before_why, sizeof(s->before_why), "%s: %s", m->memtype.fact.where,
			 m->memtype.fact.state == FACT_ABSENT ? "the kernel keeps none" : m->memtype.fact.why);
	for (size_t i = 0; i < m->memtype.n && !rc; i++) {
		holder(m, &m->memtype.m[i], who, sizeof(who));
		rc = watch_ranges_add(&s->before, m->memtype.m[i].start, m->memtype.m[i].end, m->memtype.m[i].type,
				      who);
	}
	return rc;
}

int watch_scene_begin(const struct cmd *c, struct watch *w, const struct machine *m, struct watch_scene *s)
{
	const struct watch_state *st = watch_state(w);
	int rc;

	s->before_when = watch_now();
	s->wall = watch_wall();
	snprintf(s->way, sizeof(s->way), "%s", watch_way_name(st->way));
	for (size_t i = 0; i < st->nlacks && s->nlacks < sizeof(s->lacks) / sizeof(s->lacks[0]) - 3; i++)
		snprintf(s->lacks[s->nlacks++], sizeof(s->lacks[0]), "%s", st->lacks[i]);
	if (st->bpf.state == FACT_MISSING)
		snprintf(s->lacks[s->nlacks++], sizeof(s->lacks[0]), "what BPF would show (%.30s: %.50s)",
			 st->bpf.where, st->bpf.why);
	if (st->names_hidden)
		snprintf(s->lacks[s->nlacks++], sizeof(s->lacks[0]),
			 "the functions' names (/proc/kallsyms hides them: sysctl kernel.kptr_restrict=0)");
	if (m->belief_fact.state != FACT_KNOWN)
		snprintf(s->lacks[s->nlacks++], sizeof(s->lacks[0]),
			 "types of pages inserted at fault time (the PAT's layout is not known)");
	rc = watch_scene_of(m, s);
	return rc ? cmd_fail_errno(c, "this machine", -rc, NULL) : 0;
}

int watch_refused(const struct cmd *c, enum watch_way asked, const struct watch_state *st, int err)
{
	char why[600];
	const struct fact *bpf = &st->bpf, *perf = &st->perf;

	if (asked == WATCH_PERF && perf->state == FACT_MISSING)
		return cmd_fail(c, perf->where, perf->why, perf->remedy);
	if (bpf->state != FACT_MISSING)
		return cmd_fail_errno(c, "the kernel's decisions", err, NULL);
	if (asked == WATCH_BPF || perf->state != FACT_MISSING || !strcmp(bpf->why, perf->why))
		return cmd_fail(c, bpf->where, bpf->why, bpf->remedy);
	snprintf(why, sizeof(why), "%s; and perf instead: %s: %s", bpf->why, perf->where, perf->why);
	return cmd_fail(c, bpf->where, why, perf->remedy ? perf->remedy : bpf->remedy);
}
