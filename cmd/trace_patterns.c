/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_patterns.c - each distinct message once: how often, its picture, what the rules say of it, what to change. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/text.h"
#include "cmd/trace.h"
#include "probe/rule.h"

#define SHOW_PATTERNS 8
#define SHOW_FINE     3
#define FIND	      12

static const char *many(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static enum color of_severity(enum severity s)
{
	static const enum color c[] = {
		[SEV_INFO] = C_GOOD, [SEV_SUSPECT] = C_WARN, [SEV_UNKNOWN] = C_DUNNO, [SEV_BROKEN] = C_BAD
	};

	return c[s];
}

/* Fixes that were told: of one pattern after the other the same is of no news. */
struct told {
	const char *fix[64];
	size_t n;
};

static bool told(struct told *t, const char *fix)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->fix[i], fix))
			return true;
	if (t->n < sizeof(t->fix) / sizeof(t->fix[0]))
		t->fix[t->n++] = fix;
	return false;
}

static void print_finding(const struct trace_story *s, struct told *t, const struct finding *f)
{
	printf("  %s%-8s%s  %s\n%*s", color(s->a->o.color, of_severity(f->sev)), severity_name(f->sev),
	       color(s->a->o.color, C_NONE), f->rule->id, FIND, "");
	wrap(f->says, FIND, FIND, text_width());
	if (f->fix && f->sev != SEV_INFO) {
		printf("%*sfix: ", FIND, "");
		wrap(told(t, f->fix) ? "as above" : f->fix, FIND + 5, FIND + 5, text_width());
	}
	if (s->a->o.verbose) {
		printf("%*ssource: ", FIND, "");
		wrap(f->rule->source, FIND + 8, FIND + 8, text_width());
	}
}

/* "byte 31", "bytes 8-31", or how many. */
static void twice_words(const struct message_pattern *p, unsigned int twice, char *buf, size_t len)
{
	struct message_line l;
	unsigned int first = 64, last = 0, n = 0;

	message_picture(p, p->line, &l);
	for (unsigned int i = 0; i < 64; i++)
		if (l.again >> i & 1) {
			first = n++ ? first : i;
			last = i;
		}
	if (p->lines > 1 || !n || last - first + 1 != n)
		snprintf(buf, len, "%u bytes are stored twice", twice);
	else if (n == 1)
		snprintf(buf, len, "byte %u is stored twice", first);
	else
		snprintf(buf, len, "bytes %u-%u are stored twice", first, last);
}

/* "memcpy stores 63 bytes as 32 + 32": how a copy overlaps itself is what one has to know of it. */
static void print_overlap(const struct trace_pattern *v)
{
	const struct message_pattern *p = v->p;
	char sizes[80], name[120], twice[80], line[400];
	const char *function = NULL;
	unsigned int sum = 0;
	size_t stores = 0;
	struct items t;

	items_begin(&t, sizes, sizeof(sizes));
	for (size_t i = 0; i < p->n; i++) {
		const struct symbol *y = &v->at[i].y;

		if (p->e[i].e.kind != ME_STORE)
			continue;
		if (++stores > 6 || !y->function || (function && strcmp(function, y->function)))
			return;
		function = y->function;
		sum += p->e[i].e.flags & ME_MASKED ? (unsigned int)__builtin_popcountll(p->e[i].e.mask)
						   : p->e[i].e.size;
		items_add(&t, 1, " + ", "%u", p->e[i].e.size);
	}
	items_end(&t);
	if (!function || sum <= p->bytes)
		return;
	twice_words(p, sum - p->bytes, twice, sizeof(twice));
	snprintf(line, sizeof(line), "%s stores %u bytes as %s: %s", safe_text(function, name, sizeof(name)), p->bytes,
		 sizes, twice);
	printf("    ");
	wrap(line, 4, 4, text_width());
}

static void tlp_words(const struct trace_pattern *v, char *buf, size_t len)
{
	const struct model_totals *t = &v->p->story->totals;
	size_t n = (size_t)snprintf(buf, len, "%" PRIu64 " TLP%s", v->tlps, many(v->tlps));

	if (t->best != t->worst && n < len)
		n += (size_t)snprintf(buf + n, len - n, " (%" PRIu64 " to %" PRIu64 ", as far as is known)", t->best,
				      t->worst);
	if (v->need < v->tlps && n < len)
		snprintf(buf + n, len - n, " where %" PRIu64 " would do", v->need);
}

static unsigned int number_of(const struct trace_story *s, int id)
{
	for (size_t i = 0; i < s->npattern; i++)
		if (s->pattern[i].p->id == id)
			return (unsigned int)i + 1;
	return 0;
}

static const struct trace_pattern *pattern_of(const struct trace_story *s, int id)
{
	unsigned int n = number_of(s, id);

	return n ? &s->pattern[n - 1] : NULL;
}

/* The event that flushed what it left open; NULL: none did. */
static const struct trace_ip *flushed_by(const struct trace_pattern *v, const struct trace_event **e)
{
	const struct message_pattern *p = v->p;

	*e = &p->e[p->n - 1];
	return (*e)->e.kind == ME_STORE ? NULL : &v->at[p->n - 1];
}

/* The same as another one but for what flushes it, and no worse. */
static bool but_for_end(const struct trace_story *s, const struct trace_pattern *v, char *buf, size_t len)
{
	const struct trace_pattern *o = pattern_of(s, v->p->same_body);
	const struct trace_event *e;
	const struct trace_ip *by;
	char where[400];

	if (!o || o->worst != v->worst || o->tlps != v->tlps)
		return false;
	by = flushed_by(v, &e);
	if (by)
		snprintf(buf, len, "%" PRIu64 " message%s with the stores of pattern %u, but flushed by: %s, %s",
			 v->p->count, many(v->p->count), number_of(s, o->p->id), model_kind_name(e->e.kind),
			 trace_where(&by->y, e->e.ip, where, sizeof(where)));
	else
		snprintf(buf, len,
			 "%" PRIu64 " message%s with the stores of pattern %u, and nothing behind that flushes",
			 v->p->count, many(v->p->count), number_of(s, o->p->id));
	return true;
}

/* What is no pattern of its own: parts of messages, and stores that are shown whole elsewhere. */
static bool brief(const struct trace_story *s, const struct trace_pattern *v, char *buf, size_t len)
{
	const struct message_pattern *p = v->p;

	if (s->a->o.verbose)
		return false;
	if (p->cut)
		snprintf(buf, len, "%" PRIu64 " part%s of a message: the tracing began or ended inside it", p->count,
			 many(p->count));
	else if (p->same_stores >= 0)
		snprintf(buf, len, "%" PRIu64 " message%s with the stores of pattern %u: what %s was not seen",
			 p->count, many(p->count), number_of(s, p->same_stores),
			 p->unsaid ? "lies between them" : "came behind them");
	else
		return but_for_end(s, v, buf, len);
	return true;
}

static void print_what(const struct trace_story *s, const struct trace_pattern *v, struct told *t)
{
	const struct message_pattern *p = v->p;
	bool all = s->a->o.verbose;
	char line[200];

	trace_picture(v, all);
	print_overlap(v);
	if (v->again)
		printf("    a line is stored whole more than once: a TLP each time\n");
	if (p->unsaid && !p->cut)
		printf("    %s\n", p->unsaid_at ? "a part of it was not seen" : "what came before it was not seen");
	if (v->uncached) {
		snprintf(line, sizeof(line),
			 "uncached memory: %s; if it is meant to combine, wcdiag check tells why the mapping "
			 "is not write-combining",
			 p->n > 1 ? "each store is a TLP of its own, at least" : "nothing combines");
		printf("    ");
		wrap(line, 4, 4, text_width());
	}
	for (size_t i = 0; i < v->findings.n; i++)
		if (v->findings.f[i].sev > SEV_INFO || all)
			print_finding(s, t, &v->findings.f[i]);
}

static void print_pattern(const struct trace_story *s, const struct trace_pattern *v, struct told *t)
{
	const char *status = v->worst == SEV_INFO ? "ok" : severity_name(v->worst);
	const struct message_pattern *p = v->p;
	char tlps[160], line[500];
	bool in_brief = brief(s, v, line, sizeof(line));

	printf("\n%s%u%s  %s%s%s  ", color(s->a->o.color, C_BOLD), number_of(s, p->id), color(s->a->o.color, C_NONE),
	       color(s->a->o.color, of_severity(v->worst)), status, color(s->a->o.color, C_NONE));
	tlp_words(v, tlps, sizeof(tlps));
	if (!in_brief)
		snprintf(line, sizeof(line), "%" PRIu64 " message%s: %u byte%s in %u line%s, %s", p->count,
			 many(p->count), p->bytes, many(p->bytes), p->lines, many(p->lines), tlps);
	wrap(line, 5 + (int)strlen(status), 3, text_width());
	if (!in_brief)
		print_what(s, v, t);
}

static void print_patterns(const struct trace_story *s)
{
	size_t shown = 0, fine = 0, left = 0;
	uint64_t messages = 0, faulty = 0;
	struct told t = { .n = 0 };
	char line[200];

	for (size_t i = 0; i < s->npattern; i++) {
		const struct trace_pattern *v = &s->pattern[i];
		bool ok = v->worst == SEV_INFO;

		/* Of what is in order a few tell enough. */
		if (s->a->o.verbose || (shown < SHOW_PATTERNS && !(ok && fine >= SHOW_FINE))) {
			print_pattern(s, v, &t);
			shown++;
			fine += ok;
			continue;
		}
		left++;
		messages += v->p->count;
		faulty += ok ? 0 : v->p->count;
	}
	if (left) {
		snprintf(line, sizeof(line),
			 "... and %zu more pattern%s in %" PRIu64 " message%s, of which %" PRIu64
			 " not ok (-v shows all)",
			 left, many(left), messages, many(messages), faulty);
		printf("\n");
		wrap(line, 0, 0, text_width());
	}
	if (s->t->other) {
		snprintf(line, sizeof(line),
			 "... and %" PRIu64 " messages of still other patterns, which were not kept apart",
			 s->t->other);
		printf("\n");
		wrap(line, 0, 0, text_width());
	}
	for (size_t i = 0; i < s->run.n; i++) {
		if (!i)
			printf("\n%sBeyond single messages%s\n", color(s->a->o.color, C_BOLD),
			       color(s->a->o.color, C_NONE));
		print_finding(s, &t, &s->run.f[i]);
	}
}

static void print_order(const struct trace_story *s)
{
	if (!s->norder)
		return;
	printf("\n%sMessages in their order%s\n", color(s->a->o.color, C_BOLD), color(s->a->o.color, C_NONE));
	for (size_t i = 0; i < s->norder; i++) {
		const struct trace_run *r = &s->order[i];
		char range[48];

		if (r->count == 1)
			snprintf(range, sizeof(range), "%" PRIu64, r->from + 1);
		else
			snprintf(range, sizeof(range), "%" PRIu64 "-%" PRIu64, r->from + 1, r->from + r->count);
		if (r->pattern < 0)
			printf("  %-15s thread %d: a pattern that was not kept\n", range, r->tid);
		else
			printf("  %-15s thread %d: pattern %u\n", range, r->tid, number_of(s, r->pattern));
	}
	if (s->unordered)
		printf("  ... and %" PRIu64 " more\n", s->unordered);
}

void trace_patterns(const struct trace_story *s)
{
	print_patterns(s);
	print_order(s);
}
