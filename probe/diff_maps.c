/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff_maps.c - who maps one BAR, and what their page table entries select. By the process's name: pids, addresses, how
 * many workers there are and in which order they started is no difference.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff_int.h"

#define NAMES 512

/* All mappings of processes of one name; the kernel's is "the kernel". */
struct who {
	bool kernel; /* a process may call itself anything */
	char name[32];
	unsigned int kinds, types; /* bit: enum map_kind, enum mtype */
	bool some_read, some_unread, writes, reads, shared, private, none, ram, readonly, protnone;
};

struct crowd {
	struct who *w;
	size_t n;
	bool more;
};

static int by_name(const void *a, const void *b)
{
	const struct who *x = a, *y = b;

	if (x->kernel != y->kernel)
		return x->kernel ? -1 : 1;
	return strcmp(x->name, y->name);
}

static struct who *find(struct crowd *c, bool kernel, const char *name)
{
	struct who *w;

	for (size_t i = 0; i < c->n; i++)
		if (c->w[i].kernel == kernel && !strcmp(c->w[i].name, name))
			return &c->w[i];
	if (c->n == NAMES) {
		c->more = true;
		return NULL;
	}
	w = &c->w[c->n++];
	w->kernel = kernel;
	snprintf(w->name, sizeof(w->name), "%s", name);
	return w;
}

static void slots_of(struct who *w, const struct machine *m, unsigned int slots)
{
	for (unsigned int s = 0; s < 8; s++)
		for (size_t i = 0; (slots & (1u << s)) && i < m->ndistinct; i++)
			w->types |= 1u << machine_entry_type(m, m->distinct[i], s);
	if (slots && !m->ndistinct)
		for (unsigned int s = 0; s < 8; s++)
			if (slots & (1u << s))
				w->types |= 1u << machine_entry_type(m, 0, s);
}

static void gather(struct crowd *c, const struct machine *m, const struct bar_judgement *b)
{
	c->more = b->maps.more;
	for (size_t i = 0; i < b->maps.n; i++) {
		const struct bar_map *p = &b->maps.m[i];
		struct who *w = find(c, !p->map, p->map ? p->map->comm : "the kernel");

		if (!w)
			continue;
		if (p->map) {
			w->kinds |= 1u << p->map->kind;
			w->reads = w->reads || p->map->read;
			w->writes = w->writes || p->map->write;
			w->shared = w->shared || p->map->shared;
			w->private = w->private || !p->map->shared;
		}
		w->some_read = w->some_read || p->read;
		w->some_unread = w->some_unread || !p->read;
		w->none = w->none || p->none;
		w->ram = w->ram || p->ram;
		w->readonly = w->readonly || (p->readonly && p->map && p->map->write);
		w->protnone = w->protnone || p->protnone;
		slots_of(w, m, p->slots);
	}
	qsort(c->w, c->n, sizeof(*c->w), by_name);
}

static void kinds(struct diff_word *w, const struct who *p)
{
	char list[160] = "";
	size_t k = 0;

	for (unsigned int i = 0; i < MAP_KINDS && k < sizeof(list); i++)
		if (p->kinds & (1u << i))
			k += (size_t)snprintf(list + k, sizeof(list) - k, "%s%s", k ? " and " : "", map_kind_name(i));
	word_set(w, "%s, %s%s%s", list, p->writes ? "read-write" : "read-only", p->shared ? ", shared" : "",
		 p->private ? ", private" : "");
}

static void entries(struct diff_word *w, const struct who *p)
{
	word_begin(w);
	if (p->some_unread) {
		word_unknown(w, "entries not read");
		return;
	}
	for (unsigned int t = 0; t < MT_COUNT; t++)
		if (p->types & (1u << t))
			word_add(w, "%s", mtype_name(t));
	if (p->none)
		word_add(w, "pages without an entry");
	if (p->ram)
		word_add(w, "copies in RAM");
	if (p->readonly)
		word_add(w, "entries that allow no store");
	if (p->protnone)
		word_add(w, "entries without access");
	word_end(w);
}

/* Does it map something of which nobody knows where it lies, and which may be this BAR? */
static bool may_map(struct diff_work *k, const struct machine *m, const struct bar_judgement *b, const char *name)
{
	for (size_t i = 0; i < m->maps.n; i++) {
		const struct map *p = &m->maps.m[i];

		if (!diff_spend(k))
			return true;
		if (!p->phys_known && (p->bar < 0 || p->bar == b->bar) &&
		    (p->dev < 0 || &m->pci.dev[p->dev] == b->dev) && !strcmp(p->comm, name))
			return true;
	}
	return false;
}

/* Not found is not gone where some processes could not be looked at, or nobody knows what they map. */
static void missing(struct diff_work *k, struct diff_word *w, const struct machine *m, const struct bar_judgement *b,
		    const struct crowd *c, const char *name)
{
	if (diff_lacks(m, F_MAPS) || c->more)
		word_unknown(w, "not every process could be looked at");
	else if (may_map(k, m, b, name))
		word_unknown(w, "it maps something of which only the entries tell the place");
	else
		word_begin(w);
}

/* One side of one name. */
struct one {
	const struct machine *m;
	const struct bar_judgement *b;
	const struct crowd *c;
	const struct who *who; /* NULL: nobody of that name maps it */
};

static void mapping(struct diff_work *w, struct diff_word *out, const struct one *s, const char *name)
{
	if (s->who)
		kinds(out, s->who);
	else
		missing(w, out, s->m, s->b, s->c, name);
}

static void compare(struct diff_work *w, const struct one *sa, const struct one *sb)
{
	const struct who *x = sa->who, *y = sb->who;
	const char *name = x ? x->name : y->name;
	struct diff_word a, b;

	if (!(x ? x : y)->kernel) {
		mapping(w, &a, sa, name);
		mapping(w, &b, sb, name);
		diff_note(w, DIFF_MAPPING, name, &a, &b);
	}
	if (x && y) {
		entries(&a, x);
		entries(&b, y);
		diff_note(w, DIFF_ENTRY, name, &a, &b);
	}
}

void diff_maps(struct diff_work *w, const struct bar_judgement *a, const struct bar_judgement *b)
{
	struct crowd x = { .w = calloc(NAMES, sizeof(*x.w)) }, y = { .w = calloc(NAMES, sizeof(*y.w)) };
	size_t i = 0, k = 0;

	if (!x.w || !y.w) {
		w->err = -ENOMEM;
		goto out;
	}
	gather(&x, w->d->a.m, a);
	gather(&y, w->d->b.m, b);
	while (i < x.n || k < y.n) {
		int c = i == x.n ? 1 : k == y.n ? -1 : by_name(&x.w[i], &y.w[k]);

		compare(w, &(struct one){ w->d->a.m, a, &x, c <= 0 ? &x.w[i] : NULL },
			&(struct one){ w->d->b.m, b, &y, c >= 0 ? &y.w[k] : NULL });
		i += c <= 0;
		k += c >= 0;
	}
out:
	free(x.w);
	free(y.w);
}
