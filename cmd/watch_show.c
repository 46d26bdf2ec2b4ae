/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_show.c - a decision comes in: is it asked for, what does it mean, show it. Live and recorded ones alike. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/watch.h"

int watch_show_begin(struct watch_show *w)
{
	const struct watch_scene *s = &w->scene;
	int rc = watch_judge_new(s->pat, &w->judge);

	for (size_t i = 0; i < s->before.n && !rc; i++)
		rc = watch_judge_before(w->judge, s->before.r[i].start, s->before.r[i].end, s->before.r[i].type,
					s->before.r[i].name);
	if (rc)
		return cmd_fail_errno(w->a->c, "what is reserved", -rc, NULL);
	if (!s->before_known)
		watch_judge_blind(w->judge);
	watch_judge_known_at(w->judge, s->before_when);
	return w->out->begin(w->a, s);
}

static const struct watch_range *in(const struct watch_ranges *l, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->r[i].start < end && start < l->r[i].end)
			return &l->r[i];
	return NULL;
}

/* Wholly, in one range or several that follow each other, as /proc/iomem lists them. */
static bool all_in(const struct watch_ranges *l, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < l->n && start < end; i++)
		if (l->r[i].start <= start && start < l->r[i].end)
			start = l->r[i].end;
	return start >= end;
}

static bool asked_for(const struct watch_asked *a, const struct watch_event *e)
{
	for (size_t i = 0; i < a->nrange; i++)
		if (a->range[i].start < e->end && e->start < a->range[i].end)
			return true;
	return !a->nrange;
}

static void name_place(const struct watch_scene *s, const struct watch_event *e, char *buf, size_t len)
{
	const struct watch_range *b = in(&s->bars, e->start, e->end);

	*buf = 0;
	if (b && e->start > b->start)
		snprintf(buf, len, "%.40s+0x%" PRIx64, b->name, e->start - b->start);
	else if (b)
		snprintf(buf, len, "%.40s", b->name);
}

/* A request of which it cannot be told whether it was downgraded; what is given back asks for nothing. */
static bool unjudged(const struct watch_event *e)
{
	return e->kind != WATCH_FREE && (e->asked == MT_UNKNOWN || (!e->result && e->got == MT_UNKNOWN));
}

int watch_show_event(struct watch_show *w, const struct watch_event *e)
{
	struct watch_event here = *e;
	struct watch_row r = { .e = e };
	struct watch_finding f;
	int rc;

	w->n.seen++;
	/* RAM keeps its type in page flags: no reservation that anybody could meet. */
	r.ram = all_in(&w->scene.ram, e->start, e->end);
	here.part_ram = !r.ram && in(&w->scene.ram, e->start, e->end);
	if (r.ram && !w->a->ram) {
		w->n.ram++;
		return 0;
	}
	/* What is not shown is kept in mind all the same: it may be who came first. */
	rc = r.ram ? 0 : watch_judge_event(w->judge, &here, &f);
	if (rc < 0)
		return rc;
	if (!asked_for(w->a, e)) {
		w->n.elsewhere++;
		return 0;
	}
	r.f = rc ? &f : NULL;
	name_place(&w->scene, e, r.where, sizeof(r.where));
	if (r.f && f.sev > w->n.worst)
		w->n.worst = f.sev;
	w->n.downgraded += r.f && f.sev == SEV_BROKEN && !f.again;
	w->n.unjudged += !r.ram && unjudged(e);
	w->n.shown++;
	w->out->row(w->a, &w->scene, &r);
	return w->a->limit && w->n.shown >= w->a->limit;
}

void watch_show_lost(struct watch_show *w, uint64_t lost)
{
	if (lost <= w->n.lost)
		return;
	w->n.lost = lost;
	watch_judge_lost(w->judge);
	w->out->lost(w->a, lost);
}

void watch_show_unjudged(struct watch_show *w, uint64_t n)
{
	if (n > w->n.unjudged)
		w->n.unjudged = n;
}

static void because(struct watch_sums *n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void because(struct watch_sums *n, const char *fmt, ...)
{
	const size_t at = strlen(n->why);
	va_list ap;

	va_start(ap, fmt);
	snprintf(n->why + at, sizeof(n->why) - at, "%s", at ? "; " : "");
	vsnprintf(n->why + strlen(n->why), sizeof(n->why) - strlen(n->why), fmt, ap);
	va_end(ap);
}

/* "None was downgraded" is said only where every one was seen, and what came of it: whatever speaks against that. */
static void doubts(struct watch_show *w)
{
	struct watch_sums *n = &w->n;

	if (n->lost)
		because(n, "%" PRIu64 " decisions were lost", n->lost);
	if (w->scene.nlacks)
		because(n, "not everything can be seen (the first lines say what)");
	if (w->scene.pat == PAT_STATE_OFF)
		because(n, "PAT is off");
	if (w->scene.pat == PAT_STATE_UNKNOWN)
		because(n, "it is not known whether PAT is on");
	if (n->unjudged)
		because(n, "of %" PRIu64 " it was not seen what was asked for or what was given", n->unjudged);
	if (n->no_end)
		because(n, "the record stops without its end");
	if (n->missing)
		because(n, "%" PRIu64 " that were seen are not in the record", n->missing);
	/* Of a part of it nothing follows from a break elsewhere. */
	if (n->recorded == VERDICT_UNKNOWN || (n->recorded == VERDICT_BROKEN && !w->a->nrange))
		because(n, "the watch itself came to \"%s\"", verdict_name(n->recorded));
}

int watch_show_end(struct watch_show *w)
{
	doubts(w);
	w->n.verdict = w->n.worst == SEV_BROKEN ? VERDICT_BROKEN : *w->n.why ? VERDICT_UNKNOWN : VERDICT_INTACT;
	w->out->end(w->a, &w->scene, &w->n);
	return w->n.verdict == VERDICT_BROKEN	 ? EXIT_BROKEN
	       : w->n.verdict == VERDICT_UNKNOWN ? EXIT_UNKNOWN
						 : EXIT_INTACT;
}

void watch_show_free(struct watch_show *w)
{
	watch_judge_free(w->judge);
	watch_scene_free(&w->scene);
}
