/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_text.c - an event from a line, and a line from an event. */
#include "model_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What is left of a line. */
struct rest {
	const char *p, *end;
};

struct word {
	const char *s;
	size_t n;
};

static bool next(struct rest *r, struct word *w)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
		r->p++;
	w->s = r->p;
	while (r->p < r->end && *r->p != ' ' && *r->p != '\t')
		r->p++;
	w->n = (size_t)(r->p - w->s);
	return w->n > 0;
}

static bool is(struct word w, const char *text)
{
	return w.n == strlen(text) && !memcmp(w.s, text, w.n);
}

/* "name=": the rest of the word to *value. */
static bool has(struct word w, const char *name, struct word *value)
{
	size_t n = strlen(name);

	if (w.n <= n || memcmp(w.s, name, n))
		return false;
	*value = (struct word){ w.s + n, w.n - n };
	return true;
}

/* 0x and hex digits, or decimal digits; no sign, nothing behind it, and it has to fit. */
static bool number(struct word w, uint64_t *out)
{
	unsigned int base = 10;
	uint64_t v = 0;

	if (w.n > 2 && w.s[0] == '0' && (w.s[1] == 'x' || w.s[1] == 'X')) {
		base = 16;
		w.s += 2;
		w.n -= 2;
	}
	for (size_t i = 0; i < w.n; i++) {
		char c = w.s[i];
		unsigned int d = c >= '0' && c <= '9'	? (unsigned int)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a') + 10
				 : c >= 'A' && c <= 'F' ? (unsigned int)(c - 'A') + 10
							: 99;

		if (d >= base || v > (UINT64_MAX - d) / base)
			return false;
		v = v * base + d;
	}
	*out = v;
	return w.n > 0;
}

static const struct {
	const char *name;
	enum mtype type;
} types[] = { { "wc", MT_WC }, { "uc", MT_UC }, { "uc-", MT_UCMINUS }, { "wb", MT_WB } };
#define NTYPES (sizeof(types) / sizeof(types[0]))

static const struct {
	const char *word, *second;
	enum model_kind kind;
} events[] = {
	{ "s", NULL, ME_STORE },      { "r", NULL, ME_READ },	    { "f", "sfence", ME_SFENCE },
	{ "f", "mfence", ME_MFENCE }, { "f", "lfence", ME_LFENCE }, { "l", NULL, ME_LOCKED },
	{ "u", NULL, ME_UC },	      { "p", NULL, ME_PORT },	    { "i", NULL, ME_INTERRUPT },
	{ "y", NULL, ME_SYSCALL },    { "g", NULL, ME_GAP },	    { "?", NULL, ME_UNSEEN },
	{ "c", "cpuid", ME_SERIAL },  { "c", "serialize", ME_SERIAL },
	{ "c", "iret", ME_SERIAL },   { "c", "wrmsr", ME_SERIAL },  { "c", "mov-cr", ME_SERIAL },
	{ "c", "mov-dr", ME_SERIAL }, { "c", "invd", ME_SERIAL },   { "c", "invlpg", ME_SERIAL },
	{ "c", "wbinvd", ME_SERIAL }, { "c", "lgdt", ME_SERIAL },   { "c", "lidt", ME_SERIAL },
	{ "c", "lldt", ME_SERIAL },   { "c", "ltr", ME_SERIAL },    { "c", "rsm", ME_SERIAL },
};
#define NEVENTS (sizeof(events) / sizeof(events[0]))

/* Which serialising instruction it was need not be said. */
static bool name_follows(struct rest r)
{
	struct word w;

	return next(&r, &w) && !memchr(w.s, '=', w.n);
}

/* The event's name: one word, or two for fences and serialising instructions. */
static const char *kind(struct rest *r, struct model_event *e)
{
	struct word first, second;
	size_t i;

	next(r, &first);
	for (i = 0; i < NEVENTS && !is(first, events[i].word); i++)
		;
	if (i == NEVENTS)
		return "no such event (s, r, f, l, c, u, p, i, y, g, ?)";
	if (!events[i].second) {
		e->kind = (uint8_t)events[i].kind;
		return NULL;
	}
	if (is(first, "c") && !name_follows(*r)) {
		e->kind = ME_SERIAL;
		return NULL;
	}
	next(r, &second);
	for (i = 0; i < NEVENTS; i++) {
		if (is(first, events[i].word) && is(second, events[i].second)) {
			e->kind = (uint8_t)events[i].kind;
			return NULL;
		}
	}
	return is(first, "f") ? "which fence? (sfence, mfence, lfence)" : "no such serialising instruction";
}

static const char *place(struct rest *r, struct model_event *e)
{
	struct word w;
	uint64_t size;

	if (!next(r, &w) || !number(w, &e->addr))
		return "the address is not a number";
	if (!next(r, &w) || !number(w, &size))
		return "the size is not a number";
	if (!size || size > MODEL_LINE)
		return "the size is not 1 to 64 bytes";
	e->size = (uint8_t)size;
	return NULL;
}

static const char *count(struct rest *r, struct model_event *e)
{
	struct word w;

	return next(r, &w) && number(w, &e->addr) ? NULL : "how many instructions is not a number";
}

enum { SEEN_IP = 1, SEEN_TYPE = 2, SEEN_MASK = 4, SEEN_DIRECT = 8, SEEN_REP = 16, SEEN_FAULT = 32, SEEN_WAY = 64 };

static const char *attribute(struct word w, struct model_event *e, unsigned int *seen)
{
	bool store = e->kind == ME_STORE, access = store || e->kind == ME_READ;
	unsigned int which;
	struct word v;

	if (has(w, "ip=", &v)) {
		which = SEEN_IP;
		if (!number(v, &e->ip))
			return "ip= is not a number";
	} else if (access && has(w, "type=", &v)) {
		size_t i = 0;

		which = SEEN_TYPE;
		while (i < NTYPES && !is(v, types[i].name))
			i++;
		if (i == NTYPES)
			return "no such type (wc, uc, uc-, wb)";
		e->type = (uint8_t)types[i].type;
	} else if (store && has(w, "mask=", &v)) {
		which = SEEN_MASK;
		if (!number(v, &e->mask))
			return "mask= is not a number";
		e->flags |= ME_MASKED;
	} else if (store && is(w, "direct")) {
		which = SEEN_DIRECT;
		e->flags |= ME_DIRECT;
	} else if (store && is(w, "rep")) {
		which = SEEN_REP;
		e->flags |= ME_REP;
	} else if (e->kind == ME_INTERRUPT && is(w, "fault")) {
		which = SEEN_FAULT;
		e->flags |= ME_FAULT;
	} else if (e->kind == ME_UNSEEN && is(w, "way")) {
		which = SEEN_WAY;
		e->flags |= ME_WAY;
	} else {
		return "no such word for this event";
	}
	if (*seen & which)
		return "a word is given twice";
	*seen |= which;
	return NULL;
}

int model_text_line(const char *s, size_t len, enum mtype type, struct model_event *out, const char **what)
{
	struct model_event e = { 0 };
	const char *hash = memchr(s, '#', len);
	struct rest r;
	struct word w;
	unsigned int seen = 0;

	*what = NULL;
	/* A byte that no text has tells of another kind of file, in a comment too. */
	for (size_t i = 0; i < len && !*what; i++)
		if (((unsigned char)s[i] < 0x20 && s[i] != '\t' && !(s[i] == '\r' && i + 1 == len)) || s[i] == 0x7f)
			*what = "a control character: this is no text";
	if (*what)
		return -EBADMSG;
	if (len && s[len - 1] == '\r')
		len--;
	r = (struct rest){ s, hash ? hash : s + len };
	w = (struct word){ 0 };
	if (!next(&r, &w))
		return 0;
	r.p = w.s;
	*what = kind(&r, &e);
	if (!*what && (e.kind == ME_STORE || e.kind == ME_READ)) {
		e.type = (uint8_t)type;
		*what = place(&r, &e);
	}
	if (!*what && e.kind == ME_GAP)
		*what = count(&r, &e);
	while (!*what && next(&r, &w))
		*what = attribute(w, &e, &seen);
	if (!*what)
		*what = model_event_wrong(&e);
	if (*what)
		return -EBADMSG;
	*out = e;
	return 1;
}

void model_text_begin(struct model_text *t, enum mtype type)
{
	*t = (struct model_text){ .type = type, .line = 0 };
}

static int line(struct model_text *t, const char *s, size_t len, model_event_fn fn, void *ctx)
{
	struct model_event e;
	int rc;

	t->line++;
	t->what = "the line is too long";
	rc = len >= MODEL_TEXT_LINE ? -EBADMSG : model_text_line(s, len, t->type, &e, &t->what);
	return rc == 1 ? fn(&e, ctx) : rc;
}

int model_text_feed(struct model_text *t, const char *bytes, size_t len, model_event_fn fn, void *ctx)
{
	int rc = 0;

	while (len && !rc) {
		const char *nl = memchr(bytes, '\n', len);
		size_t n = nl ? (size_t)(nl - bytes) : len;

		if (nl && !t->have) {
			rc = line(t, bytes, n, fn, ctx);
		} else if (t->have + n >= MODEL_TEXT_LINE) {
			rc = line(t, t->part, MODEL_TEXT_LINE, fn, ctx);
		} else {
			memcpy(t->part + t->have, bytes, n);
			t->have += n;
			if (nl) {
				rc = line(t, t->part, t->have, fn, ctx);
				t->have = 0;
			}
		}
		bytes += n + (nl != NULL);
		len -= n + (nl != NULL);
	}
	return rc;
}

int model_text_end(struct model_text *t, model_event_fn fn, void *ctx)
{
	size_t n = t->have;

	t->have = 0;
	return n ? line(t, t->part, n, fn, ctx) : 0;
}

void model_text_format(const struct model_event *e, char *buf, size_t len)
{
	char place_[64] = "", type[16] = "", mask[32] = "", ip[32] = "";
	const char *word = "?", *second = NULL;

	for (size_t i = NEVENTS; i-- > 0;)
		if (events[i].kind == e->kind) {
			word = events[i].word;
			second = events[i].second;
		}
	if (e->kind == ME_STORE || e->kind == ME_READ) {
		snprintf(place_, sizeof(place_), " 0x%llx %u", (unsigned long long)e->addr, e->size);
		for (size_t i = 0; i < NTYPES; i++)
			if (types[i].type == e->type)
				snprintf(type, sizeof(type), " type=%s", types[i].name);
	}
	if (e->kind == ME_GAP)
		snprintf(place_, sizeof(place_), " %llu", (unsigned long long)e->addr);
	if (e->flags & ME_MASKED)
		snprintf(mask, sizeof(mask), " mask=0x%llx", (unsigned long long)e->mask);
	if (e->ip)
		snprintf(ip, sizeof(ip), " ip=0x%llx", (unsigned long long)e->ip);
	snprintf(buf, len, "%s%s%s%s%s%s%s%s%s%s", word, second ? " " : "", second ? second : "", place_, type, mask,
		 e->flags & ME_DIRECT ? " direct" : "", e->flags & ME_REP ? " rep" : "",
		 e->flags & ME_FAULT ? " fault"
		 : e->flags & ME_WAY ? " way"
				     : "",
		 ip);
}

void model_text_tlp(const struct model_tlp *t, char *buf, size_t len)
{
	snprintf(buf, len, "tlp 0x%llx %u %x %x", (unsigned long long)t->addr, t->ndw, t->fbe, t->lbe);
}
