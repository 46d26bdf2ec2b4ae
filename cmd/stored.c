/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stored.c - wcdiag drive's JSON as rows for people. Pure. */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd/cmd.h"
#include "cmd/stored.h"
#include "probe/drive_witness.h"

#define ROWS_MAX 1000

/* --- members of an object; what is not there, or null, has no value --- */

static struct json_object *member(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	return o && json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, key, &v) ? v : NULL;
}

static const char *text_of(struct json_object *o, const char *key)
{
	struct json_object *v = member(o, key);

	return v && json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;
}

static bool number_of(struct json_object *o, const char *key, uint64_t *out)
{
	struct json_object *v = member(o, key);

	*out = v ? json_object_get_uint64(v) : 0;
	return v != NULL;
}

static bool rate_of(struct json_object *o, const char *key, double *out)
{
	struct json_object *v = member(o, key);

	*out = v ? json_object_get_double(v) : 0;
	return v != NULL;
}

static size_t count_of(struct json_object *list)
{
	return list && json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

static bool is(const char *a, const char *b)
{
	return a && !strcmp(a, b);
}

/* --- rows --- */

struct reading {
	struct stored *out;
	bool counted, split; /* somebody counted; ... split lines */
	char splits[200];    /* where */
	char other[100];     /* sides whose entries are not WC */
	char lacks[600];     /* what is not known */
	bool nomem;
};

static void lack(struct reading *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void lack(struct reading *r, const char *fmt, ...)
{
	size_t n = strlen(r->lacks);
	va_list ap;

	if (n + 2 >= sizeof(r->lacks))
		return;
	if (n)
		n += (size_t)snprintf(r->lacks + n, sizeof(r->lacks) - n, "; ");
	va_start(ap, fmt);
	vsnprintf(r->lacks + n, sizeof(r->lacks) - n, fmt, ap);
	va_end(ap);
}

static struct stored_row *add(struct reading *r, const char *side)
{
	struct stored *s = r->out;
	struct stored_row *more;

	if (s->n == ROWS_MAX)
		return NULL;
	more = realloc(s->row, (s->n + 1) * sizeof(*more));
	if (!more) {
		r->nomem = true;
		return NULL;
	}
	s->row = more;
	more = &s->row[s->n++];
	*more = (struct stored_row){ .mood = MOOD_PLAIN };
	snprintf(more->side, sizeof(more->side), "%s", side);
	return more;
}

static void type_words(struct json_object *phase, char *buf, size_t len)
{
	const char *effective = text_of(phase, "effective"), *reserved = text_of(phase, "reserved");
	struct json_object *mixed = member(phase, "mixed");

	/* Reserved is what the kernel intended; the entry was not read. */
	if (effective)
		snprintf(buf, len, "%s", effective);
	else if (mixed && json_object_get_boolean(mixed))
		snprintf(buf, len, "mixed");
	else
		snprintf(buf, len, reserved ? "%s?" : "unknown", reserved);
}

static void predicted_words(struct json_object *p, char *buf, size_t len)
{
	uint64_t tlps, best, worst;

	if (!number_of(p, "tlps", &tlps) || !number_of(p, "best", &best) || !number_of(p, "worst", &worst))
		snprintf(buf, len, "-");
	else if (best == worst)
		snprintf(buf, len, "%" PRIu64, tlps);
	else
		snprintf(buf, len, "%" PRIu64 "-%" PRIu64, best, worst);
}

static void counted_words(struct json_object *w, char *buf, size_t len)
{
	uint64_t tlps, full, partial;
	bool have_full = number_of(w, "full", &full), have_partial = number_of(w, "partial", &partial);

	if (number_of(w, "tlps", &tlps))
		snprintf(buf, len, "%" PRIu64, tlps);
	else if (have_full && have_partial)
		snprintf(buf, len, "%" PRIu64 "+%" PRIu64 " part", full, partial);
	else if (have_full)
		snprintf(buf, len, "%" PRIu64 " full", full);
	else if (have_partial)
		snprintf(buf, len, "%" PRIu64 " part", partial);
	else
		snprintf(buf, len, "-");
}

static void whole_words(double low, double high, char *buf, size_t len)
{
	if (high - low < 0.0005)
		snprintf(buf, len, "%.1f%% whole", 100 * high);
	else
		snprintf(buf, len, "%.1f%%-%.1f%% whole", 100 * low, 100 * high);
}

/* Where no rate of whole lines can be told: the TLPs, held against what was predicted. */
static void compare(struct stored_row *row, struct json_object *w, struct json_object *o, bool wc)
{
	struct json_object *p = member(o, "predicted");
	uint64_t tlps, best, worst;

	if (!number_of(p, "best", &best) || !number_of(p, "worst", &worst)) {
		snprintf(row->says, sizeof(row->says), "not predicted");
		return;
	}
	if (!number_of(w, "tlps", &tlps)) {
		snprintf(row->says, sizeof(row->says), "TLPs were not counted: not compared");
		return;
	}
	snprintf(row->says, sizeof(row->says), "%s%s",
		 tlps < best	? "fewer than predicted"
		 : tlps > worst ? "more than predicted"
				: "as predicted",
		 wc ? "" : ": not through WC");
	row->mood = tlps < best || tlps > worst ? MOOD_DUNNO : wc ? MOOD_GOOD : MOOD_PLAIN;
}

static void judge(struct reading *r, struct stored_row *row, struct json_object *w, struct json_object *o)
{
	struct json_object *split = member(w, "split");
	uint64_t failed, runs;
	double low, high;
	bool rate = rate_of(w, "whole_low", &low) && rate_of(w, "whole_high", &high);
	char whole[80] = "";

	number_of(w, "failed", &failed);
	number_of(w, "runs", &runs);
	r->counted = r->counted || runs;
	if (rate)
		whole_words(low, high, whole, sizeof(whole));
	if (split && json_object_get_boolean(split)) {
		size_t n = strlen(r->splits);

		snprintf(row->says, sizeof(row->says), "split: %s", whole);
		row->mood = MOOD_BAD;
		snprintf(r->splits + n, sizeof(r->splits) - n, "%s%s %s", n ? ", " : "", row->side, row->pattern);
		r->split = true;
	} else if (failed) {
		snprintf(row->says, sizeof(row->says), "not counted: %" PRIu64 " runs failed", failed);
		row->mood = MOOD_DUNNO;
		lack(r, "%s %s: %" PRIu64 " runs could not be counted", row->side, row->pattern, failed);
	} else if (!runs) {
		snprintf(row->says, sizeof(row->says), "not counted");
	} else if (rate) {
		snprintf(row->says, sizeof(row->says), "%s", whole);
		row->mood = low >= DRIVE_FULL_ENOUGH ? MOOD_GOOD : MOOD_DUNNO;
		if (low < DRIVE_FULL_ENOUGH)
			lack(r, "%s %s: %s: too few to call it whole, not surely so few to call it split", row->side,
			     row->pattern, whole);
	} else {
		compare(row, w, o, is(row->type, "WC"));
	}
}

static void one_row(struct reading *r, const char *side, struct json_object *phase, struct json_object *o)
{
	struct json_object *l = member(o, "witnesses");
	const char *why = text_of(o, "why"), *pattern = text_of(o, "pattern");
	size_t n = count_of(l);

	for (size_t i = 0; i < (n ? n : 1); i++) {
		struct json_object *w = n ? json_object_array_get_idx(l, i) : NULL;
		struct stored_row *row = add(r, side);

		if (!row)
			return;
		snprintf(row->pattern, sizeof(row->pattern), "%s", pattern ? pattern : "?");
		snprintf(row->witness, sizeof(row->witness), "%s",
			 w && text_of(w, "witness") ? text_of(w, "witness") : "");
		type_words(phase, row->type, sizeof(row->type));
		predicted_words(member(o, "predicted"), row->predicted, sizeof(row->predicted));
		counted_words(w, row->counted, sizeof(row->counted));
		judge(r, row, w, o);
		if (!is(text_of(o, "state"), "done")) {
			snprintf(row->says, sizeof(row->says), "ended early: %s", why ? why : "no reason was given");
			row->mood = MOOD_DUNNO;
			lack(r, "%s %s ended early: %s", side, row->pattern, why ? why : "no reason was given");
		}
	}
}

/* Rows that did not run, their names behind each reason. */
static void skipped(struct reading *r, const char *side, struct json_object *rows, size_t at)
{
	struct json_object *o = json_object_array_get_idx(rows, at);
	const char *why = text_of(o, "why");
	struct stored_row *row;
	char names[280] = "";
	size_t n = 0;

	why = why ? why : "no reason was given";
	for (size_t k = 0; k < at; k++) {
		struct json_object *before = json_object_array_get_idx(rows, k);

		if (is(text_of(before, "state"), "skipped") && is(text_of(before, "why"), why))
			return;
	}
	for (size_t k = at; k < count_of(rows) && n < sizeof(names); k++) {
		struct json_object *same = json_object_array_get_idx(rows, k);

		if (is(text_of(same, "state"), "skipped") && is(text_of(same, "why"), why))
			n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n ? ", " : "",
					      text_of(same, "pattern") ? text_of(same, "pattern") : "?");
	}
	row = add(r, side);
	if (row)
		snprintf(row->says, sizeof(row->says), "not run: %s: %.90s", names, why);
}

static void one_phase(struct reading *r, struct json_object *phase)
{
	const char *side = text_of(phase, "side"), *why = text_of(phase, "why"), *remedy = text_of(phase, "remedy");
	const char *effective = text_of(phase, "effective");
	struct json_object *rows = member(phase, "rows");
	struct stored_row *row;
	size_t n = strlen(r->other);

	side = side ? side : "?";
	if (!is(text_of(phase, "state"), "done"))
		lack(r, "%s: %s", side, why ? why : "no reason was given");
	if (is(text_of(phase, "state"), "skipped")) {
		row = add(r, side);
		if (!row)
			return;
		snprintf(row->says, sizeof(row->says), "nothing stored: %s%s%s%s", why ? why : "no reason was given",
			 remedy ? " (" : "", remedy ? remedy : "", remedy ? ")" : "");
		row->mood = MOOD_DUNNO;
		return;
	}
	if (!effective)
		lack(r, "%s: the type, for the entries were not read (wcdiag_km does)", side);
	if (effective && strcmp(effective, "WC"))
		snprintf(r->other + n, sizeof(r->other) - n, "%s%s %s", n ? ", " : "", side, effective);
	for (size_t i = 0; i < count_of(rows); i++)
		if (!is(text_of(json_object_array_get_idx(rows, i), "state"), "skipped"))
			one_row(r, side, phase, json_object_array_get_idx(rows, i));
	for (size_t i = 0; i < count_of(rows); i++)
		if (is(text_of(json_object_array_get_idx(rows, i), "state"), "skipped"))
			skipped(r, side, rows, i);
}

/* --- all of it --- */

static void says(struct stored *s, enum mood mood, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void says(struct stored *s, enum mood mood, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->says, sizeof(s->says), fmt, ap);
	va_end(ap);
	s->mood = mood;
}

/* One line of stderr, without the name before it. */
static void refused(struct stored *s, const char *said)
{
	static const char name[] = "wcdiag drive: ";

	if (said && !strncmp(said, name, sizeof(name) - 1))
		said += sizeof(name) - 1;
	if (said && *said)
		says(s, MOOD_DUNNO, "not done: %.*s", (int)strcspn(said, "\n"), said);
	else
		says(s, MOOD_DUNNO, "not done, and wcdiag drive did not say why");
}

static void sentence(struct reading *r, int code)
{
	struct stored *s = r->out;

	if (code == EXIT_BROKEN || r->split)
		says(s, MOOD_BAD, "split lines were counted: %s", *r->splits ? r->splits : "see below");
	else if (*r->other)
		says(s, MOOD_BAD, "not through write-combining: %s: nothing combines there", r->other);
	else if (code == EXIT_UNKNOWN || *r->lacks)
		says(s, MOOD_DUNNO, "not all is known: %s", *r->lacks ? r->lacks : "see below");
	else if (r->counted)
		says(s, MOOD_GOOD, "no split lines were counted");
	else
		says(s, MOOD_PLAIN, "stored, and nobody counted what arrived (--witness)");
}

static void subject(struct stored *s, struct json_object *o)
{
	const char *slot = text_of(o, "slot"), *scratch = text_of(o, "scratch");
	struct json_object *emulated = member(o, "emulated");
	uint64_t bar, length;

	number_of(o, "bar", &bar);
	number_of(o, "length", &length);
	snprintf(s->of, sizeof(s->of), "%.40s BAR %" PRIu64 ", scratch %.20s+%" PRIu64, slot ? slot : "?", bar,
		 scratch ? scratch : "?", length);
	s->emulated = emulated && json_object_get_boolean(emulated);
}

int stored_read(const char *text, const char *said, int status, struct stored *out)
{
	struct json_object *o = NULL, *phases;
	struct reading r = { .out = out };
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	*out = (struct stored){ .mood = MOOD_PLAIN };
	if (code < 0) {
		says(out, MOOD_DUNNO, "wcdiag drive was ended by signal %d", WTERMSIG(status));
		return 0;
	}
	if (code > EXIT_UNKNOWN) {
		refused(out, said);
		return 0;
	}
	o = text ? json_tokener_parse(text) : NULL;
	phases = member(o, "phases");
	if (!count_of(phases)) {
		says(out, MOOD_DUNNO, "what wcdiag drive said was not understood");
		json_object_put(o);
		return 0;
	}
	out->understood = true;
	subject(out, o);
	for (size_t i = 0; i < count_of(phases); i++)
		one_phase(&r, json_object_array_get_idx(phases, i));
	sentence(&r, code);
	json_object_put(o);
	return r.nomem ? -ENOMEM : 0;
}

void stored_free(struct stored *s)
{
	free(s->row);
	s->row = NULL;
	s->n = 0;
}
