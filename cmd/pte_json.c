/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_json.c - runs as JSON: all that is known of each, whatever columns were chosen. */
#include <errno.h>
#include <stdio.h>

#include "cmd/json.h"
#include "cmd/pte.h"
#include "probe/machine.h"

static void words(struct json_object *o, const struct machine *m, const struct pte_run *r, const struct pte *p)
{
	char buf[PTE_WORDS];

	pte_word_pat(m, p, buf, sizeof(buf));
	js_str(o, "pat", pte_leaf(r) ? buf : NULL);
	pte_word_mtrr(m, r, buf, sizeof(buf));
	js_str(o, "mtrr", pte_leaf(r) ? buf : NULL);
	pte_word_effective(m, r, p, buf, sizeof(buf));
	js_str(o, "effective", pte_leaf(r) ? buf : NULL);
}

#define MAX_RESERVED 64

struct list {
	struct json_object *a;
	size_t n;
};

static int add_reserved(const struct memtype *m, void *arg)
{
	struct list *l = arg;
	struct json_object *o = json_object_new_object();

	js_str(o, "type", mtype_name(m->type));
	js_hex(o, "start", m->start);
	js_hex(o, "end", m->end);
	json_object_array_add(l->a, o);
	return ++l->n == MAX_RESERVED;
}

/* null: not known; []: nothing. */
static struct json_object *reserved(const struct machine *m, const struct pte_run *r)
{
	struct list l = { 0 };

	if (!pte_leaf(r) || (m->memtype.fact.state != FACT_KNOWN && m->memtype.fact.state != FACT_ABSENT))
		return NULL;
	l.a = json_object_new_array();
	memtype_overlaps(&m->memtype, r->phys, run_phys_end(r), add_reserved, &l);
	return l.a;
}

static struct json_object *bits(uint8_t v, const char *const *name, size_t n)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		if (v & 1U << i)
			json_object_array_add(a, json_object_new_string(name[i]));
	return a;
}

static struct json_object *upper_of(const struct pte_found *f, const struct pte_run *r)
{
	struct json_object *a;
	char hex[24];

	if (!f->upper)
		return NULL;
	a = json_object_new_array();
	for (int i = 0; i < 4; i++) {
		snprintf(hex, sizeof(hex), "0x%llx", (unsigned long long)r->upper[i]);
		json_object_array_add(a, json_object_new_string(hex));
	}
	return a;
}

static struct json_object *js_run(const struct machine *m, const struct pte_found *f, const struct pte_who *w,
				  const struct pte_run *r)
{
	static const char *const rights[] = { "write", "user", "nx" };
	static const char *const vma[] = { "vma", "pfnmap", "mixedmap", "io", "shared", "write", "hugetlb" };
	struct json_object *o = json_object_new_object();
	char buf[200];
	struct pte p;

	pte_decode(r->raw, r->level, &p);
	js_num(o, "pid", (uint64_t)r->pid);
	js_str(o, "process", *w->names.comm ? w->names.comm : NULL);
	js_bool(o, "kernel", !r->pid);
	pte_word_file(m, &f->index, w, r, buf, sizeof(buf));
	js_str(o, "file", *buf ? buf : NULL);
	js_hex(o, "start", r->start);
	js_hex(o, "end", r->end);
	if (pte_leaf(r))
		js_hex(o, "phys", r->phys);
	else
		js_str(o, "phys", NULL);
	pte_word_bar(m, &f->index, r, buf, sizeof(buf));
	js_str(o, "bar", *buf ? buf : NULL);
	js_num(o, "level", r->level);
	js_num(o, "pages", (r->end - r->start) / 4096);
	js_str(o, "kind", pte_kind_name((enum pte_kind)r->kind));
	js_hex(o, "raw", r->raw);
	js_hex(o, "differ", r->differ);
	json_object_object_add(o, "upper", upper_of(f, r));
	pte_flags(&p, buf, sizeof(buf));
	js_str(o, "flags", buf);
	js_hex(o, "soft", p.soft);
	json_object_object_add(o, "rights", bits(r->rights, rights, 3));
	json_object_object_add(o, "vma", r->vma ? bits(r->vma, vma, 7) : NULL);
	if (pte_leaf(r))
		js_num(o, "slot", p.slot);
	else
		js_str(o, "slot", NULL);
	words(o, m, r, &p);
	json_object_object_add(o, "reserved", reserved(m, r));
	return o;
}

static struct json_object *js_pagemap(const struct pte_who *w)
{
	const struct pagemap_check *c = &w->pagemap;
	struct json_object *o = json_object_new_object();

	js_num(o, "pid", (uint64_t)w->pid);
	js_num(o, "pages", c->pages);
	js_num(o, "same", c->same);
	js_num(o, "hidden", c->hidden);
	js_num(o, "no_frame", c->no_frame);
	js_num(o, "moved", c->moved);
	js_num(o, "differ", c->differ);
	if (c->differ) {
		js_hex(o, "first", c->first);
		js_hex(o, "first_raw", c->first_raw);
		js_hex(o, "first_pagemap", c->first_pagemap);
	}
	js_bool(o, "scanned", c->scanned);
	if (c->scanned) {
		js_num(o, "scan_pages", c->scan_pages);
		js_num(o, "scan_differ", c->scan_differ);
	}
	js_fact(o, "fact", &c->fact);
	return o;
}

void pte_json(struct view *v, const struct pte_found *f)
{
	struct json_object *runs = json_object_new_array(), *checks = json_object_new_array(),
			   *gone = json_object_new_array();

	js_str(v->json, "reader", *f->reader ? f->reader : NULL);
	if (f->levels)
		js_num(v->json, "levels", f->levels);
	else
		js_str(v->json, "levels", NULL);
	for (size_t i = 0; i < f->nwho; i++) {
		const struct pte_who *w = &f->who[i];

		for (size_t k = w->from; k < w->to; k++)
			json_object_array_add(runs, js_run(v->m, f, w, &f->list.r[k]));
		if (w->checked)
			json_object_array_add(checks, js_pagemap(w));
	}
	if (f->gone)
		json_object_array_add(gone, json_object_new_int(f->gone));
	json_object_object_add(v->json, "runs", runs);
	json_object_object_add(v->json, "pagemap", checks);
	json_object_object_add(v->json, "gone", gone);
}
