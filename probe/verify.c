// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verify.c - two readers that share no code but the folding of runs, held against each other.
 *
 * They read one after the other, and memory changes meanwhile. So a piece that differs is read again by both, up to
 * five times: only what never agrees is a difference.
 */
#include "verify.h"

#include <errno.h>

#include "runs_compare.h"

#define TRIES	  5
#define MAX_AGAIN 4096

int verify_open(struct verify *v)
{
	int km, kcore;

	*v = (struct verify){ .km = READER_NONE, .kcore = READER_NONE };
	km = reader_open(&v->km, READER_KM, &v->km_fact);
	kcore = reader_open(&v->kcore, READER_KCORE, &v->kcore_fact);
	return km || kcore ? -ENODEV : 0;
}

void verify_close(struct verify *v)
{
	reader_close(&v->km);
	reader_close(&v->kcore);
}

struct ask {
	struct verify *v;
	int pid;
	unsigned int flags;
	const struct reader **who;
	int err;
	size_t again;
};

static int read_both(const struct ask *k, uint64_t start, uint64_t end, struct runs *a, struct runs *b)
{
	int err;

	*a = *b = (struct runs){ 0 };
	*k->who = &k->v->km;
	err = reader_walk(&k->v->km, k->pid, start, end, k->flags, a);
	if (!err) {
		*k->who = &k->v->kcore;
		err = reader_walk(&k->v->kcore, k->pid, start, end, k->flags, b);
	}
	return err;
}

struct first {
	uint64_t start, end;
	const struct pte_run *a, *b;
	struct pte_run ra, rb;
};

static void keep_first(uint64_t start, uint64_t end, const struct pte_run *a, const struct pte_run *b, void *arg)
{
	struct first *f = arg;

	if (f->end)
		return;
	*f = (struct first){ .start = start, .end = end };
	if (a)
		f->ra = *a;
	if (b)
		f->rb = *b;
	f->a = a ? &f->ra : NULL;
	f->b = b ? &f->rb : NULL;
}

static void different(const struct ask *k, const struct first *f)
{
	struct verify *v = k->v;

	if (v->differ++)
		return;
	v->pid = k->pid;
	v->start = f->start;
	v->end = f->end;
	v->by_km = f->a;
	v->by_kcore = f->b;
	v->first_km = f->ra;
	v->first_kcore = f->rb;
}

static void look_again(uint64_t start, uint64_t end, const struct pte_run *a, const struct pte_run *b, void *arg)
{
	struct ask *k = arg;
	struct first f = { 0 };

	keep_first(start, end, a, b, &f);
	if (k->err)
		return;
	if (k->again++ >= MAX_AGAIN) {
		k->v->moved++;
		return;
	}
	for (int i = 0; i < TRIES && !k->err; i++) {
		struct runs_compared c = { 0 };
		struct runs x, y;

		k->err = read_both(k, start, end, &x, &y);
		f = (struct first){ 0 };
		if (!k->err)
			runs_compare(&x, &y, keep_first, &f, &c);
		runs_free(&x);
		runs_free(&y);
		if (!k->err && !c.pieces) {
			k->v->moved++;
			k->v->entries += c.same;
			return;
		}
	}
	if (!k->err)
		different(k, &f);
}

int verify_range(struct verify *v, int pid, uint64_t start, uint64_t end, unsigned int flags, const struct reader **who)
{
	struct ask k = { .v = v, .pid = pid, .flags = flags | KM_SKIP_NONE | KM_UPPER | KM_EVERY, .who = who };
	struct runs_compared c;
	struct runs a, b;
	int err = read_both(&k, start, end, &a, &b);

	if (!err) {
		runs_compare(&a, &b, look_again, &k, &c);
		v->entries += c.same;
		err = k.err;
	}
	runs_free(&a);
	runs_free(&b);
	return err;
}
