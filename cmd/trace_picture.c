/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_picture.c - a pattern as lines of 64 bytes: which byte by which instruction, and how each line leaves. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/text.h"
#include "cmd/trace.h"
#include "cmd/trace_picture.h"
#include "probe/model_int.h"

#define SHOW_LINES  4
#define SHOW_LEGEND 10
#define INDENT	    7

static bool flushes(const struct message_pattern *p, size_t i)
{
	for (size_t k = 0; k < p->ntlps; k++)
		if (p->tlps[k].by == i && p->tlps[k].reason != MR_END)
			return true;
	return false;
}

static int letter_of(const struct legend *l, const struct message_pattern *p, size_t i)
{
	for (unsigned int k = 0; k < l->n; k++)
		if (l->at[k].event == i || (l->at[k].ip && l->at[k].ip == p->e[i].e.ip &&
					    p->e[l->at[k].event].e.kind == p->e[i].e.kind))
			return (int)k;
	return -1;
}

char trace_letter(const struct legend *l, const struct message_pattern *p, size_t i)
{
	int k = letter_of(l, p, i);

	return k < 0 ? NO_LETTER : LETTERS[k];
}

void trace_legend(const struct message_pattern *p, struct legend *l)
{
	*l = (struct legend){ 0 };
	for (size_t i = 0; i < p->n; i++) {
		bool store = p->e[i].e.kind == ME_STORE;
		int k;

		if (!store && !flushes(p, i))
			continue;
		k = letter_of(l, p, i);
		if (k < 0 && l->n == NLETTERS) {
			l->more = true;
			continue;
		}
		if (k < 0) {
			k = (int)l->n++;
			l->at[k] = (struct letter){ .ip = p->e[i].e.ip, .event = i };
		}
		l->at[k].stores += store;
	}
}

const char *trace_where(const struct symbol *y, uint64_t ip, char *buf, size_t len)
{
	char raw[400];

	symbol_format(y, ip, raw, sizeof(raw));
	return safe_text(raw, buf, len);
}

/* "0-31, 40-47" */
static void bytes_words(uint64_t mask, char *buf, size_t len)
{
	struct items t;

	items_begin(&t, buf, len);
	for (unsigned int i = 0; i < MODEL_LINE; i++) {
		unsigned int from = i;

		if (!(mask >> i & 1))
			continue;
		while (i + 1 < MODEL_LINE && (mask >> (i + 1) & 1))
			i++;
		if (i == from)
			items_add(&t, 1, ", ", "%u", i);
		else
			items_add(&t, 1, ", ", "%u-%u", from, i);
	}
	items_end(&t);
}

/* Departures of a line that go the same way, one after the other. */
struct leaving {
	uint64_t mask[4];
	unsigned int n;
	const struct model_tlp *t; /* the first TLP of the first */
};

static bool same_way(const struct message_pattern *p, const struct legend *l, const struct model_tlp *a,
		     const struct model_tlp *b)
{
	return a->pieces == b->pieces && a->reason == b->reason &&
	       (a->reason == MR_FULL || a->reason == MR_END || a->reason == MR_DIRECT || a->reason == MR_UNCACHED ||
		trace_letter(l, p, a->by) == trace_letter(l, p, b->by));
}

static void why_words(const struct message_pattern *p, const struct legend *l, const struct model_tlp *t, char *buf,
		      size_t len)
{
	switch (t->reason) {
	case MR_FULL:
		snprintf(buf, len, "full");
		break;
	case MR_END:
		snprintf(buf, len,
			 p->end_unseen ? "open behind the last store; what flushes it was not seen"
				       : "open behind the last store until something flushes it");
		break;
	case MR_CAPACITY:
		snprintf(buf, len, "pushed out by another line (store %c)", trace_letter(l, p, t->by));
		break;
	case MR_DIRECT:
		snprintf(buf, len, "stored directly");
		break;
	case MR_UNCACHED:
		snprintf(buf, len, "uncached");
		break;
	default:
		snprintf(buf, len, "flushed by %c (%s)", trace_letter(l, p, t->by), model_reason_name(t->reason));
	}
}

/* "bytes 0-15; 16-31 as 2 TLPs each, flushed by c (sfence)", or "leaves as 1 TLP, full" */
static void leaves_words(const struct message_pattern *p, const struct legend *l, const struct leaving *d, bool alone,
			 char *buf, size_t len)
{
	char bytes[240] = "leaves", one[120], why[120];
	struct items t;

	if (!alone) {
		items_begin(&t, bytes, sizeof(bytes));
		for (unsigned int i = 0; i < d->n && i < sizeof(d->mask) / sizeof(d->mask[0]); i++) {
			bytes_words(d->mask[i], one, sizeof(one));
			items_add(&t, 1, " / ", "%s%s", i ? "" : "bytes ", one);
		}
		items_end(&t);
	}
	why_words(p, l, d->t, why, sizeof(why));
	snprintf(buf, len, "%s%s as %u TLP%s%s, %s", bytes, d->n > sizeof(d->mask) / sizeof(d->mask[0]) ? " / ..." : "",
		 d->t->pieces, d->t->pieces == 1 ? "" : "s", d->n > 1 ? " each" : "", why);
}

static void leaves(const struct message_pattern *p, const struct legend *l, uint64_t line, char *buf, size_t len)
{
	uint64_t group = UINT64_MAX, more = 0;
	struct leaving d[4];
	struct items t;
	char one[500];
	size_t n = 0;

	for (size_t i = 0; i < p->ntlps; i++) {
		const struct model_tlp *x = &p->tlps[i];
		uint64_t mask = model_tlp_mask(x->addr, x->ndw, x->fbe, x->lbe);

		if (x->line != line)
			continue;
		if (x->group != group) {
			group = x->group;
			if (!n || !same_way(p, l, d[n - 1].t, x)) {
				more += n == sizeof(d) / sizeof(d[0]);
				if (n == sizeof(d) / sizeof(d[0]))
					continue;
				d[n++] = (struct leaving){ .t = x };
			}
			d[n - 1].n++;
		}
		if (n && !more && d[n - 1].n <= sizeof(d->mask) / sizeof(d->mask[0]))
			d[n - 1].mask[d[n - 1].n - 1] |= mask;
	}
	items_begin(&t, buf, len);
	for (size_t i = 0; i < n; i++) {
		leaves_words(p, l, &d[i], n + more == 1 && d[0].n == 1, one, sizeof(one));
		items_add(&t, 1, "; ", "%s", one);
	}
	if (more)
		items_add(&t, more, "; ", "and %" PRIu64 " times more", more);
	items_end(&t);
}

void trace_line_show(const struct message_pattern *p, const struct legend *l, uint64_t line, struct line_shown *out)
{
	struct message_line m;
	unsigned int at = 0, last = 0;

	message_picture(p, line, &m);
	memset(out, 0, sizeof(*out));
	for (unsigned int i = 0; i < MODEL_LINE; i++) {
		if (i && !(i % 8)) {
			out->bytes[at] = ' ';
			out->again[at++] = ' ';
		}
		out->bytes[at] = m.by[i] < 0 ? '.' : trace_letter(l, p, (size_t)m.by[i]);
		out->again[at] = m.again >> i & 1 ? '^' : ' ';
		at++;
		if (m.again >> i & 1)
			last = at;
	}
	out->again[last] = '\0';
	leaves(p, l, line, out->leaves, sizeof(out->leaves));
}

static void print_line(int64_t from, int64_t to, const struct line_shown *s)
{
	char name[48];

	if (from == to)
		snprintf(name, sizeof(name), "%+" PRId64, from);
	else
		snprintf(name, sizeof(name), "%+" PRId64 "..%+" PRId64, from, to);
	/* A long name gets a line of its own. */
	if (strlen(name) >= INDENT)
		printf("%s\n%*s", name, INDENT, "");
	else
		printf("%-*s", INDENT, name);
	printf("%s\n", s->bytes);
	if (*s->again)
		printf("%-*s%s\n", INDENT, "again", s->again);
	printf("%*s", INDENT, "");
	wrap(s->leaves, INDENT, INDENT, text_width());
}

/* The bytes that an event stores to this line. */
static bool stores_to(const struct model_event *e, uint64_t line)
{
	uint64_t off = e->addr > line ? e->addr - line : 0, skip = line > e->addr ? line - e->addr : 0;
	uint64_t mask = e->flags & ME_MASKED ? e->mask : UINT64_MAX >> (64 - e->size);

	return off < MODEL_LINE && skip < MODEL_LINE && mask >> skip << off;
}

/* Lines that were stored to, in their order. */
size_t trace_lines_of(const struct message_pattern *p, uint64_t *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct model_event *e = &p->e[i].e;

		for (uint64_t line = LINE_OF(e->addr); e->kind == ME_STORE && line < e->addr + e->size;
		     line += MODEL_LINE) {
			size_t j = 0;

			while (j < n && out[j] != line)
				j++;
			if (j == n && n < max && stores_to(e, line))
				out[n++] = line;
		}
	}
	for (size_t i = 1; i < n; i++)
		for (size_t j = i; j && out[j - 1] > out[j]; j--) {
			uint64_t t = out[j];

			out[j] = out[j - 1];
			out[j - 1] = t;
		}
	return n;
}

static void print_lines(const struct message_pattern *p, const struct legend *l, bool all)
{
	static uint64_t line[2 * MESSAGES_STORES];
	size_t n = trace_lines_of(p, line, sizeof(line) / sizeof(line[0])), shown = 0;

	printf("%*s", INDENT, "");
	for (unsigned int i = 0; i < 8; i++)
		printf(i < 7 ? "%-9u" : "%u\n", 8 * i);
	for (size_t i = 0; i < n;) {
		struct line_shown s, next;
		size_t k = i + 1;

		trace_line_show(p, l, line[i], &s);
		for (; k < n && line[k] == line[k - 1] + MODEL_LINE; k++) {
			trace_line_show(p, l, line[k], &next);
			if (memcmp(&s, &next, sizeof(s)))
				break;
		}
		if (!all && shown++ == SHOW_LINES) {
			printf("%*s... and %zu more lines: -v\n", INDENT, "", n - i);
			return;
		}
		print_line((int64_t)(line[i] - p->line) / (int64_t)MODEL_LINE,
			   (int64_t)(line[k - 1] - p->line) / (int64_t)MODEL_LINE, &s);
		i = k;
	}
}

void trace_letter_words(const struct message_pattern *p, const struct letter *x, char *buf, size_t len)
{
	const struct trace_event *e = &p->e[x->event];
	const char *extra = e->e.flags & ME_DIRECT   ? " direct"
			    : e->e.flags & ME_REP    ? " rep"
			    : e->e.flags & ME_MASKED ? " masked"
						     : "";

	if (e->e.kind != ME_STORE && e->number >= 0)
		snprintf(buf, len, "%s %d", e->e.kind == ME_INTERRUPT ? "signal" : model_kind_name(e->e.kind),
			 e->number);
	else if (e->e.kind != ME_STORE)
		snprintf(buf, len, "%s", model_kind_name(e->e.kind));
	else if (x->stores > 1)
		snprintf(buf, len, "%u x %u bytes%s", x->stores, e->e.size, extra);
	else
		snprintf(buf, len, "%u byte%s%s", e->e.size, e->e.size == 1 ? "" : "s", extra);
}

/* "a, b called from send (msg.c:42)": of functions of other files', each call once. */
static void print_callers(const struct trace_pattern *v, const struct legend *l, unsigned int shown)
{
	uint64_t done = 0;

	for (unsigned int k = 0; k < shown; k++) {
		const struct trace_ip *at = &v->at[l->at[k].event];
		char who[4 * NLETTERS], where[400], line[700];
		struct items t;

		if (!at->call || done >> k & 1)
			continue;
		items_begin(&t, who, sizeof(who));
		for (unsigned int i = k; i < shown; i++) {
			if (v->at[l->at[i].event].call != at->call)
				continue;
			done |= 1ULL << i;
			items_add(&t, 1, ", ", "%c", LETTERS[i]);
		}
		items_end(&t);
		snprintf(line, sizeof(line), "%s called from %s", who,
			 trace_where(&at->caller, at->call, where, sizeof(where)));
		printf("    ");
		wrap(line, 4, 7, text_width());
	}
}

static void print_legend(const struct trace_pattern *v, const struct legend *l, bool all)
{
	unsigned int shown = all || l->n <= SHOW_LEGEND ? l->n : SHOW_LEGEND;
	char what[64], where[400];

	for (unsigned int k = 0; k < shown; k++) {
		const struct letter *x = &l->at[k];
		const struct trace_ip *at = &v->at[x->event];

		trace_letter_words(v->p, x, what, sizeof(what));
		printf("    %c  %-14s ", LETTERS[k], what);
		wrap(trace_where(&at->y, x->ip, where, sizeof(where)), 22, 22, text_width());
	}
	print_callers(v, l, shown);
	if (shown < l->n)
		printf("    ... and %u more instructions: -v\n", l->n - shown);
	if (l->more)
		printf("    *  further instructions, for which there are no letters\n");
}

void trace_picture(const struct trace_pattern *v, bool all)
{
	struct legend l;

	trace_legend(v->p, &l);
	print_lines(v->p, &l, all);
	print_legend(v, &l, all);
}
