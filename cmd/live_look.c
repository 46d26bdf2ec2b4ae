/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_look.c - one number for all that changes. */
#include "cmd/live_look.h"

#include <string.h>
#include <time.h>

#include "probe/machine.h"
#include "probe/src.h"

/* Not for secrets: it has to tell one reading from the next, whoever made it. */
static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 29;
}

static uint64_t mix_bytes(uint64_t h, const char *p, size_t n)
{
	uint64_t v;

	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&v, p, 8);
		h = mix(h, v);
	}
	v = 0;
	memcpy(&v, p, n);
	return mix(mix(h, v), n);
}

static uint64_t mix_maps(uint64_t h, const struct machine *m)
{
	struct maps maps;

	maps_read(m->src, &m->pci, m->host.kver, &maps);
	h = mix(mix(mix(h, maps.n), maps.denied), (uint64_t)maps.fact.state);
	for (size_t i = 0; i < maps.n; i++) {
		const struct map *p = &maps.m[i];

		h = mix(mix(mix(h, (uint64_t)p->pid), p->vstart), p->vend);
		h = mix(mix(h, p->phys_known ? p->phys : ~p->offset),
			(uint64_t)(p->read | p->write << 1 | p->exec << 2 | p->shared << 3) | (uint64_t)(p->kind << 4) |
				(uint64_t)(p->dev + 1) << 16 | (uint64_t)(p->bar + 1) << 48);
		h = mix_bytes(mix_bytes(h, p->comm, strlen(p->comm)), p->path, strlen(p->path));
	}
	maps_free(&maps);
	return h;
}

/* Accessed and dirty change with every use of a mapping and decide nothing. */
#define PTE_USED (1ULL << 5 | 1ULL << 6)

static uint64_t of_entries(const struct entries *e)
{
	uint64_t h = mix(mix(1, e->list.n), (uint64_t)e->fact.state);

	for (size_t i = 0; i < e->list.n; i++) {
		const struct pte_run *r = &e->list.r[i];

		h = mix(mix(mix(h, (uint64_t)r->pid), r->start), r->end);
		h = mix(mix(h, r->raw & ~PTE_USED), r->phys);
		h = mix(h, (uint64_t)r->level | (uint64_t)r->kind << 8 | (uint64_t)r->rights << 16 |
				   (uint64_t)r->vma << 24);
	}
	return h;
}

/* Reservations as bytes: what the kernel prints is not taken apart for this. */
static uint64_t of_quick(const struct machine *m)
{
	struct blob text;
	int rc = src_read(m->src, MEMTYPE_PATH, &text);
	uint64_t h = mix(1, (uint64_t)-rc);

	if (!rc) {
		h = mix_bytes(h, text.data, text.len);
		blob_free(&text);
	}
	return mix_maps(h, m);
}

double live_cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool entries_changed(struct live_look *l, const struct machine *m, double now)
{
	double began = live_cpu_time();
	struct entries e;
	uint64_t h;

	entries_read(m->src, &e);
	h = of_entries(&e);
	entries_free(&e);
	l->entries_at = now;
	l->entries_every = (live_cpu_time() - began) * LOOK_SHARE;
	return h != l->entries;
}

bool live_look_changed(struct live_look *l, const struct machine *m, double now)
{
	l->now = of_quick(m);
	return l->now != l->quick || (now - l->entries_at >= l->entries_every && entries_changed(l, m, now));
}

void live_look_before(struct live_look *l, const struct machine *m)
{
	l->now = of_quick(m);
}

void live_look_note(struct live_look *l, const struct machine *m, double now)
{
	l->quick = of_quick(m);
	/* It changed while it was read: what was read is neither, and the next look finds another. */
	if (l->now && l->now != l->quick)
		l->quick = ~l->quick;
	l->entries = of_entries(&m->entries);
	l->entries_at = now;
}
