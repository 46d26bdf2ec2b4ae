/* SPDX-License-Identifier: GPL-2.0-or-later */
/* finding.c - making findings: evidence as key and value, sentences filled in from the rule's row. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge_internal.h"

struct finding *hit_says(struct judge_ctx *c, enum severity sev, const char *says, const char *fix)
{
	struct findings *o = c->out;
	struct finding *f;

	/* Grown by doubling; findings are few, but a hostile snapshot may ask for many. */
	if (!(o->n & (o->n - 1))) {
		f = realloc(o->f, (o->n ? o->n * 2 : 1) * sizeof(*f));
		if (!f) {
			o->err = -ENOMEM;
			return NULL;
		}
		o->f = f;
	}
	f = &o->f[o->n++];
	/* Of the evidence each piece is filled when it comes: there is room for much, and mostly little. */
	f->rule = c->rule;
	f->sev = sev;
	f->nev = 0;
	/* Until the engine fills them in, these are the row's own sentences, not ours to free. */
	f->says = (char *)says;
	f->fix = (char *)fix;
	return f;
}

struct finding *hit(struct judge_ctx *c, enum severity sev)
{
	return hit_says(c, sev, c->rule->says, c->rule->fix);
}

static struct evidence *ev_new(struct finding *f, const char *key, enum ev_type t)
{
	struct evidence *e;

	if (!f || f->nev >= FINDING_EVIDENCE)
		return NULL;
	e = &f->ev[f->nev++];
	e->key = key;
	e->type = t;
	e->num = 0;
	*e->text = '\0';
	return e;
}

void ev_text(struct finding *f, const char *key, const char *fmt, ...)
{
	struct evidence *e = ev_new(f, key, EV_TEXT);
	va_list ap;

	if (!e)
		return;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	/* Names come from processes and files: nothing but printable bytes gets further. */
	for (char *p = e->text; *p; p++)
		if (*p < 0x20 || *p >= 0x7f)
			*p = '?';
}

void ev_num(struct finding *f, const char *key, uint64_t v)
{
	struct evidence *e = ev_new(f, key, EV_NUMBER);

	if (e)
		e->num = v;
}

void ev_hex(struct finding *f, const char *key, uint64_t v)
{
	struct evidence *e = ev_new(f, key, EV_HEX);

	if (e)
		e->num = v;
}

void ev_range(struct finding *f, const char *key, uint64_t start, uint64_t end)
{
	ev_text(f, key, "0x%" PRIx64 "-0x%" PRIx64, start, end);
}

void ev_map(struct finding *f, const struct map *p)
{
	ev_num(f, "pid", (uint64_t)p->pid);
	ev_text(f, "process", "%s", p->comm);
	ev_text(f, "path", "%s", p->path);
	if (p->phys_known)
		ev_range(f, "mapping", p->phys, map_phys_end(p));
}

const struct evidence *finding_evidence(const struct finding *f, const char *key)
{
	for (size_t i = 0; i < f->nev; i++)
		if (!strcmp(f->ev[i].key, key))
			return &f->ev[i];
	return NULL;
}

/* Is it a count of one? */
static bool single(const struct finding *f, const char *key, size_t len)
{
	for (size_t i = 0; i < f->nev; i++)
		if (strlen(f->ev[i].key) == len && !memcmp(f->ev[i].key, key, len))
			return f->ev[i].type == EV_NUMBER && f->ev[i].num == 1;
	return false;
}

/* A sentence that grows. */
struct sentence {
	char *text;
	size_t len, room;
	bool nomem;
};

static void put(struct sentence *s, const char *text, size_t n)
{
	if (s->len + n + 1 > s->room) {
		size_t room = 2 * s->room + n + 128;
		char *more = realloc(s->text, room);

		if (!more) {
			s->nomem = true;
			return;
		}
		s->text = more;
		s->room = room;
	}
	memcpy(s->text + s->len, text, n);
	s->len += n;
	s->text[s->len] = '\0';
}

static void put_key(struct sentence *out, const struct finding *f, const char *key, size_t len)
{
	char number[32];

	for (size_t i = 0; i < f->nev; i++) {
		const struct evidence *e = &f->ev[i];

		if (strlen(e->key) != len || memcmp(e->key, key, len))
			continue;
		if (e->type == EV_TEXT) {
			put(out, e->text, strlen(e->text));
			return;
		}
		snprintf(number, sizeof(number), e->type == EV_HEX ? "0x%" PRIx64 : "%" PRIu64, e->num);
		put(out, number, strlen(number));
		return;
	}
	/* A sentence that names evidence its test did not give is a bug a reader must see, not a hole. */
	put(out, key - 1, len + 2);
}

static char *fill(const struct finding *f, const char *tmpl)
{
	struct sentence out = { NULL, 0, 0, false };

	put(&out, "", 0);
	while (*tmpl && !out.nomem) {
		static const char many[] = " pages", one[] = " page";
		size_t plain = strcspn(tmpl, "{"), n;

		put(&out, tmpl, plain);
		tmpl += plain;
		if (!*tmpl)
			break;
		n = strspn(tmpl + 1, "abcdefghijklmnopqrstuvwxyz_0123456789");
		if (!n || tmpl[1 + n] != '}') {
			put(&out, tmpl++, 1);
			continue;
		}
		put_key(&out, f, tmpl + 1, n);
		if (single(f, tmpl + 1, n) &&
		    !strncmp(tmpl + n + 2, many, strlen(many))) { /* a register page is one page */
			put(&out, one, strlen(one));
			tmpl += strlen(many);
		}
		tmpl += n + 2;
	}
	if (out.nomem) {
		free(out.text);
		return NULL;
	}
	return out.text;
}

int findings_finish(struct findings *o, size_t from)
{
	for (size_t i = from; i < o->n; i++) {
		struct finding *f = &o->f[i];
		const char *fix = f->fix;

		f->says = fill(f, f->says);
		f->fix = fix ? fill(f, fix) : NULL;
		if (!f->says || (fix && !f->fix))
			o->err = -ENOMEM;
	}
	return o->err;
}
