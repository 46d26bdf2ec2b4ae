/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_feed.c - cheap things at every refresh, the rest when they say so. */
#include "cmd/live_feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/device.h"
#include "probe/judge.h"
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

static uint64_t mix_maps(uint64_t h, const struct live_feed *f)
{
	struct maps maps;

	maps_read(f->s, &f->m->pci, f->m->host.kver, &maps);
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

static uint64_t mix_entries(uint64_t h, const struct live_feed *f)
{
	struct entries e;

	entries_read(f->s, &e);
	h = mix(mix(h, e.list.n), (uint64_t)e.fact.state);
	for (size_t i = 0; i < e.list.n; i++) {
		const struct pte_run *r = &e.list.r[i];

		h = mix(mix(mix(h, (uint64_t)r->pid), r->start), r->end);
		h = mix(mix(h, r->raw & ~PTE_USED), r->phys);
		h = mix(h, (uint64_t)r->level | (uint64_t)r->kind << 8 | (uint64_t)r->rights << 16 |
				   (uint64_t)r->vma << 24);
	}
	entries_free(&e);
	return h;
}

/* Reservations as bytes: what the kernel prints is not taken apart for this. */
static uint64_t look(const struct live_feed *f)
{
	struct blob text;
	int rc = src_read(f->s, MEMTYPE_PATH, &text);
	uint64_t h = mix(1, (uint64_t)-rc);

	if (!rc) {
		h = mix_bytes(h, text.data, text.len);
		blob_free(&text);
	}
	return mix_entries(mix_maps(h, f), f);
}

struct facts {
	struct machine *m;
	struct judgement *j;
	bool *sel;
};

static void drop(struct facts *x)
{
	judgement_free(x->j);
	machine_free(x->m);
	free(x->sel);
}

/* What is read of a machine. */
static unsigned int everything(const struct live_feed *f)
{
	return READ_ALL | (device_arg_given(f->dev) ? 0 : READ_SPARE);
}

static int judge_it(struct live_feed *f, struct facts *x)
{
	struct judge_target t = { .bar = f->dev->bar, .explicit_device = device_arg_given(f->dev), .selected = x->sel };
	int rc = judge(x->m, &t, LAYER_PTE, &x->j);

	if (rc)
		snprintf(f->trouble, sizeof(f->trouble), "it could not be judged: %s", strerror(-rc));
	return rc;
}

static int judge_all(struct live_feed *f, struct facts *x)
{
	int rc = machine_read(f->s, everything(f), NULL, &x->m);

	if (rc) {
		snprintf(f->trouble, sizeof(f->trouble), "the machine could not be read: %s", strerror(-rc));
		return rc;
	}
	if (device_select(f->c, x->m, f->dev, &x->sel, f->trouble, sizeof(f->trouble)))
		return -ENODEV;
	return judge_it(f, x);
}

static double cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A large machine is read whole more seldom: who watches is not to be what is seen. */
static void pause_after(struct live_feed *f, double cost)
{
	double every = cost * FEED_ALL_SHARE;

	f->soon = every < FEED_ALL_SOON ? FEED_ALL_SOON : every > FEED_ALL_SELDOM ? FEED_ALL_SELDOM : every;
	f->every = f->soon < FEED_ALL_EVERY ? FEED_ALL_EVERY : f->soon;
}

/* What changes while it is read is seen at the next refresh: then the two differ, and seen is neither. */
static void note_seen(struct live_feed *f, uint64_t before)
{
	f->seen = look(f);
	if (before && before != f->seen)
		f->seen = ~f->seen;
}

static int read_all(struct live_feed *f, double now, int (*use)(struct live_feed *f, void *ctx), void *ctx)
{
	struct facts old = { f->m, f->j, f->sel }, x = { NULL, NULL, NULL };
	double began = cpu_time();
	uint64_t before = f->m ? look(f) : 0;
	int rc = judge_all(f, &x);

	pause_after(f, cpu_time() - began);
	if (rc) {
		drop(&x);
		f->all_at = now; /* tried; not again at every refresh */
		return rc;
	}
	f->m = x.m;
	f->j = x.j;
	f->sel = x.sel;
	*f->trouble = '\0';
	rc = use(f, ctx);
	if (rc) {
		f->m = old.m;
		f->j = old.j;
		f->sel = old.sel;
		drop(&x);
		return rc;
	}
	drop(&old);
	f->all_at = f->mappings_at = now;
	f->stale = false;
	note_seen(f, before);
	return 1;
}

/* Only what changed, and the judgement over it and what stands. */
static int read_moving(struct live_feed *f, double now, uint64_t before, int (*use)(struct live_feed *f, void *ctx),
		       void *ctx)
{
	struct facts x = { f->m, NULL, f->sel };
	struct judgement *old = f->j;
	struct machine_moving was;
	int rc = machine_reread(f->m, everything(f), &was);

	if (rc) {
		snprintf(f->trouble, sizeof(f->trouble), "the mappings could not be read: %s", strerror(-rc));
		return rc;
	}
	rc = judge_it(f, &x);
	if (!rc) {
		f->j = x.j;
		rc = use(f, ctx);
	}
	if (rc) { /* what stood stands again */
		machine_moving_swap(f->m, &was);
		machine_moving_free(&was);
		judgement_free(x.j);
		f->j = old;
		return rc;
	}
	machine_moving_free(&was);
	judgement_free(old);
	*f->trouble = '\0';
	f->mappings_at = now;
	f->stale = true;
	note_seen(f, before);
	return 1;
}

int live_feed_read(struct live_feed *f, double now, bool all, int (*use)(struct live_feed *f, void *ctx), void *ctx)
{
	uint64_t seen;

	if (all || !f->m || now - f->all_at >= (f->stale ? f->soon : f->every))
		return read_all(f, now, use, ctx);
	seen = look(f);
	if (seen != f->seen)
		return read_moving(f, now, seen, use, ctx);
	f->mappings_at = now;
	return 0;
}

void live_feed_free(struct live_feed *f)
{
	struct facts x = { f->m, f->j, f->sel };

	drop(&x);
	f->m = NULL;
	f->j = NULL;
	f->sel = NULL;
}
