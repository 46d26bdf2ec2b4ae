/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_judge.c - what the rules say of each pattern, and what they say of the run that no pattern shows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/trace.h"
#include "probe/experiment.h"
#include "probe/rule.h"

static const char *lacks(const struct message_pattern *p)
{
	if (p->cut)
		return "the tracing began or ended inside it";
	if (p->unsaid)
		return "something inside it was not seen: the picture may lack stores, or what flushes them";
	return p->doubtful ? "a way in it is taken to be as it was before, and was found to be otherwise another time"
			   : NULL;
}

/* Where an instruction of the pattern is. */
static const char *where(uint64_t ip, void *ctx, char *buf, size_t len)
{
	const struct trace_pattern *v = ctx;

	for (size_t i = 0; i < v->p->n; i++)
		if (v->p->e[i].e.ip == ip)
			return v->at[i].y.module ? trace_where(&v->at[i].y, ip, buf, len) : NULL;
	return NULL;
}

struct who {
	const struct trace_story *s;
	pid_t pid;
};

static const char *where_in_run(uint64_t ip, void *ctx, char *buf, size_t len)
{
	const struct who *w = ctx;
	const struct symbol *y = trace_ips_at(w->s->ips, w->pid, ip);

	return y && y->module ? trace_where(y, ip, buf, len) : NULL;
}

/* Fewest TLPs for the bytes of its lines, had each left whole. */
static uint64_t need_of(const struct stream_story *y)
{
	uint64_t more = y->direct_beside + y->direct_apart;

	for (unsigned int w = 0; w < STREAM_WHATS; w++) {
		const struct stream_seen *s = &y->seen[w];

		if ((w <= STREAM_SMALL || w == STREAM_INTERRUPTED) && s->tlps > s->need)
			more += s->tlps - s->need;
	}
	return y->totals.tlps > more ? y->totals.tlps - more : 0;
}

static enum severity worst_of(const struct findings *f)
{
	enum severity worst = SEV_INFO;

	for (size_t i = 0; i < f->n; i++)
		if (f->f[i].sev > worst)
			worst = f->f[i].sev;
	return worst;
}

/* Nothing combines where all of it goes to uncached memory, and that is the mapping's fault, not the stores'. */
static void uncached(struct trace_pattern *v)
{
	const struct model_totals *t = &v->p->story->totals;
	size_t n = 0;

	v->uncached = t->uc && !t->wc && !t->direct;
	for (size_t i = 0; i < v->findings.n && v->uncached; i++) {
		struct finding *f = &v->findings.f[i];

		if (!v->p->unsaid && !v->p->doubtful && !strcmp(f->rule->id, "stores-unknown")) {
			free(f->says);
			free(f->fix);
		} else {
			v->findings.f[n++] = *f;
		}
	}
	if (v->uncached)
		v->findings.n = n;
}

static int judge_pattern(struct trace_pattern *v)
{
	struct experiment x = { .story = v->p->story,
				.message = "this message",
				.given = true,
				.lacks = lacks(v->p),
				.where = where,
				.ctx = v };
	int rc = judge_stores(&x, &v->findings);

	uncached(v);
	v->worst = worst_of(&v->findings);
	v->tlps = v->p->story->totals.tlps;
	v->need = need_of(v->p->story);
	if (v->uncached && v->tlps > 1 && v->worst == SEV_INFO)
		v->worst = SEV_SUSPECT;
	if (v->p->fewest < v->need)
		v->need = v->p->fewest;
	/* A part of a message says nothing of it. */
	if (v->p->cut) {
		v->worst = SEV_UNKNOWN;
		v->need = v->tlps;
	}
	/* Lines that are stored whole, and once more: full each time, and no rule's business but for what it costs. */
	v->again = v->worst == SEV_INFO && v->tlps > v->need;
	if (v->again)
		v->worst = SEV_SUSPECT;
	return rc;
}

static bool said(const struct trace_story *s, const struct findings *also, const struct finding *f)
{
	for (size_t i = 0; i < s->npattern; i++)
		for (size_t k = 0; k < s->pattern[i].findings.n; k++)
			if (s->pattern[i].findings.f[k].rule == f->rule && s->pattern[i].findings.f[k].sev >= f->sev)
				return true;
	for (size_t k = 0; k < also->n; k++)
		if (also->f[k].rule == f->rule && also->f[k].sev >= f->sev)
			return true;
	return false;
}

static int take(struct findings *to, struct finding *f)
{
	struct finding *p = realloc(to->f, (to->n + 1) * sizeof(*p));

	if (!p)
		return -ENOMEM;
	to->f = p;
	to->f[to->n++] = *f;
	f->says = f->fix = NULL; /* they are the taker's now */
	return 0;
}

/* What one message leaves open the next one finds: only the whole stream shows that. */
static int judge_run(struct trace_story *s)
{
	int rc = 0;

	for (size_t i = 0; i < s->nthread && !rc; i++) {
		struct who w = { s, s->thread[i].pid };
		struct experiment x = { .story = s->thread[i].story,
					.message = "the whole run",
					.given = true,
					.where = where_in_run,
					.ctx = &w };
		struct findings f;

		if (!x.story)
			continue;
		rc = judge_stores(&x, &f);
		for (size_t k = 0; k < f.n && !rc; k++)
			if (f.f[k].sev > SEV_INFO && x.story->totals.wc + x.story->totals.direct &&
			    !said(s, &s->run, &f.f[k]))
				rc = take(&s->run, &f.f[k]);
		findings_free(&f);
	}
	return rc;
}

/* Parts of messages, and stores that are seen whole elsewhere, are of no news. */
static bool of_no_news(const struct trace_pattern *v)
{
	return v->p->cut || v->p->same_stores >= 0 || v->p->same_body >= 0;
}

/* The dearest first: TLPs that need not be; then the graver, the more frequent. */
static int dearest(const void *a, const void *b)
{
	const struct trace_pattern *x = a, *y = b;
	double dx = (double)(x->tlps - x->need) * (double)x->p->count,
	       dy = (double)(y->tlps - y->need) * (double)y->p->count;

	if (of_no_news(x) != of_no_news(y))
		return of_no_news(x) ? 1 : -1;
	if (dx != dy)
		return dx < dy ? 1 : -1;
	if (x->worst != y->worst)
		return x->worst < y->worst ? 1 : -1;
	if (x->p->count != y->p->count)
		return x->p->count < y->p->count ? 1 : -1;
	return (x->p->id > y->p->id) - (x->p->id < y->p->id);
}

int trace_judge(struct trace_story *s, const struct messages *m, struct trace_ip *const *ips)
{
	const struct message_pattern *p = messages_patterns(m, &s->npattern);
	int rc = 0;

	s->thread = messages_threads(m, &s->nthread);
	s->pattern = calloc(s->npattern ? s->npattern : 1, sizeof(*s->pattern));
	if (!s->pattern)
		return -ENOMEM;
	for (size_t i = 0; i < s->npattern && !rc; i++) {
		s->pattern[i].p = &p[i];
		s->pattern[i].at = ips[p[i].id];
		rc = judge_pattern(&s->pattern[i]);
	}
	if (!rc)
		rc = judge_run(s);
	qsort(s->pattern, s->npattern, sizeof(*s->pattern), dearest);
	return rc;
}

void trace_judge_free(struct trace_story *s)
{
	for (size_t i = 0; i < s->npattern && s->pattern; i++)
		findings_free(&s->pattern[i].findings);
	free(s->pattern);
	findings_free(&s->run);
}
