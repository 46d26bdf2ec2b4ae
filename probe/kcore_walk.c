// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kcore_walk.c - the entries of a process, or of the kernel.
 *
 * A process goes on, maps, unmaps and ends while it is looked at. Its mappings come from smaps, each is walked, and
 * then maps must still say the same of it, and the number still lead to the same memory: what changed is read again, a
 * few times. A process that ended is -ESRCH, with nothing of it left in the answer.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore_int.h"
#include "km.h"
#include "scan.h"

#define ROUNDS 8
#define TICK   10000000ULL /* nanoseconds: USER_HZ is 100 on x86 */

bool kcore_start_of(const char *stat, size_t len, uint64_t *ticks)
{
	const char *name = memrchr(stat, ')', len), *w;
	struct scan s;
	size_t n;

	if (!name)
		return false;
	s = scan_of(name + 1, len - (size_t)(name + 1 - stat));
	for (int field = 3; field < 22; field++) {
		scan_blanks(&s);
		if (!scan_word(&s, &w, &n))
			return false;
	}
	scan_blanks(&s);
	return scan_dec(&s, INT64_MAX, ticks);
}

/* Is what was found the process that /proc shows under this number? By when it began. */
static int same_start(const struct kcore *k, int pid, const struct kcore_who *w)
{
	uint64_t ticks, of = w->start / TICK;
	char *text;
	size_t len;
	int err = k->proc(k->ctx, pid, "stat", &text, &len);

	if (err)
		return err == -ENOENT ? -ESRCH : err;
	if (!kcore_start_of(text, len, &ticks))
		err = -EPROTO;
	else if ((long long)ticks - k->shift - (long long)of > 1 || (long long)of - ((long long)ticks - k->shift) > 1)
		err = -EAGAIN;
	free(text);
	return err;
}

/* What is read while its owner frees it, or while its file is written, is anything: it is read again, a few times. */
static bool may_pass(int err)
{
	return err == -EAGAIN || err == -EIO || err == -EFAULT || err == -EPROTO || err == -EBADMSG;
}

static int find(const struct kcore *k, int pid, struct kcore_who *w)
{
	int err = -EAGAIN;

	for (int i = 0; i < ROUNDS && may_pass(err); i++) {
		err = kcore_find(&k->mem, &k->layout, k->ns, pid, w);
		if (!err)
			err = same_start(k, pid, w);
	}
	return err;
}

static bool same_who(const struct kcore_who *a, const struct kcore_who *b)
{
	return a->task == b->task && a->pid == b->pid && a->mm == b->mm && a->pgd == b->pgd &&
	       a->exec_id == b->exec_id && a->start == b->start;
}

static int read_vmas(const struct kcore *k, int pid, bool flags, struct kcore_vmas *out)
{
	char *text;
	size_t len;
	int err = k->proc(k->ctx, pid, flags ? "smaps" : "maps", &text, &len);

	*out = (struct kcore_vmas){ 0 };
	if (err)
		return err == -ENOENT ? -ESRCH : err;
	err = kcore_vmas_parse(text, len, flags, out);
	free(text);
	if (!err && !out->n)
		err = -ESRCH;
	return err;
}

static bool same_vma(const struct kcore_vma *a, const struct kcore_vma *b)
{
	return a->start == b->start && a->end == b->end && a->line == b->line;
}

static const struct kcore_vma *vma_at(const struct kcore_vmas *l, uint64_t start)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->v[mid].start < start)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < l->n && l->v[lo].start == start ? &l->v[lo] : NULL;
}

struct asked {
	const struct kcore *k;
	int pid;
	uint64_t start, end;
	unsigned int flags;
};

static bool wanted(const struct asked *a, const struct kcore_vma *v)
{
	const uint8_t device = PTE_VMA_PFNMAP | PTE_VMA_MIXEDMAP | PTE_VMA_IO;

	return v->start < a->end && v->end > a->start && v->end <= a->k->user_end &&
	       (!(a->flags & KM_DEVICE) || v->vma & device);
}

static struct kcore_fold fold_of(const struct asked *a)
{
	return (struct kcore_fold){ .pid = a->pid,
				    .skip_none = a->flags & KM_SKIP_NONE,
				    .upper = a->flags & KM_UPPER,
				    .ignore = a->flags & KM_EVERY ? 0 : PTE_A | PTE_D | PTE_SOFT,
				    .fresh = true };
}

static int walk_vma(const struct asked *a, uint64_t root, struct kcore_vma *v)
{
	struct kcore_fold f = fold_of(a);
	uint64_t start = v->start > a->start ? v->start : a->start, end = v->end < a->end ? v->end : a->end;

	f.user = true;
	f.vma = v->vma;
	runs_free(&v->runs);
	return kcore_tables(&a->k->mem, root, start, end, &f, &v->runs);
}

/* What the round before has walked, and what is still the same, need not be walked again. */
static void take_over(struct kcore_vmas *now, struct kcore_vmas *before)
{
	for (size_t i = 0; i < now->n; i++) {
		struct kcore_vma *n = &now->v[i], *b = (struct kcore_vma *)vma_at(before, n->start);

		if (!b || !b->walked || !same_vma(n, b) || n->vma != b->vma)
			continue;
		n->runs = b->runs;
		n->walked = true;
		b->runs = (struct runs){ 0 };
	}
}

/* 0: all that was walked stood until the end. -EAGAIN: some did not, and has to be walked again. */
static int settle(const struct asked *a, struct kcore_vmas *l)
{
	struct kcore_vmas now;
	int err = read_vmas(a->k, a->pid, false, &now);

	if (err)
		return err;
	for (size_t i = 0; i < l->n; i++) {
		const struct kcore_vma *n = vma_at(&now, l->v[i].start);

		if (!l->v[i].walked || (n && same_vma(n, &l->v[i])))
			continue;
		l->v[i].walked = false;
		err = -EAGAIN;
	}
	kcore_vmas_free(&now);
	return err;
}

static int walk_round(const struct asked *a, const struct kcore_who *w, struct kcore_vmas *l)
{
	struct kcore_vmas now;
	uint64_t root;
	int err = read_vmas(a->k, a->pid, true, &now), settled;

	if (err)
		return err;
	take_over(&now, l);
	kcore_vmas_free(l);
	*l = now;
	if (!kcore_to_phys(&a->k->mem, w->pgd, &root))
		return -EFAULT;
	for (size_t i = 0; i < l->n; i++) {
		int one;

		if (!wanted(a, &l->v[i]) || l->v[i].walked)
			continue;
		one = walk_vma(a, root, &l->v[i]);
		if (one == -E2BIG || one == -ENOMEM)
			return one;
		l->v[i].walked = !one;
		/* A table that went away with its mapping is no error, should the next round not have it any more. */
		err = err ?: one;
	}
	settled = settle(a, l);
	return settled ?: err;
}

static int append(const struct kcore_vmas *l, const struct asked *a, struct runs *out)
{
	int err = 0;

	for (size_t i = 0; i < l->n; i++)
		for (size_t j = 0; wanted(a, &l->v[i]) && j < l->v[i].runs.n && !err; j++)
			err = runs_push(out, &l->v[i].runs.r[j]);
	return err;
}

int kcore_walk_process(const struct kcore *k, int pid, uint64_t start, uint64_t end, unsigned int flags,
		       struct runs *out)
{
	const struct asked a = { k, pid, start, end, flags };
	struct kcore_vmas l = { 0 };
	struct kcore_who w, again;
	int err = find(k, pid, &w), found;

	for (int i = 0; i < ROUNDS && !err; i++) {
		int walked = walk_round(&a, &w, &l);

		found = find(k, pid, &again);
		if (found) {
			err = found;
		} else if (!same_who(&w, &again)) {
			/* It runs another program now: nothing of the old one counts. */
			kcore_vmas_free(&l);
			w = again;
			walked = -EAGAIN;
		}
		if (!err && !walked) {
			err = append(&l, &a, out);
			break;
		}
		if (!err && (i == ROUNDS - 1 || !may_pass(walked)))
			err = walked;
	}
	kcore_vmas_free(&l);
	return err;
}

int kcore_walk_kernel(const struct kcore *k, uint64_t start, uint64_t end, unsigned int flags, struct runs *out)
{
	const struct asked a = { k, 0, start, end, flags };
	struct kcore_fold f = fold_of(&a);
	uint64_t root;

	f.not_ram = flags & KM_DEVICE ? &k->ram : NULL;
	f.fresh = false;
	if (!kcore_to_phys(&k->mem, k->image.swapper, &root))
		return -EFAULT;
	return kcore_tables(&k->mem, root, start, end, &f, out);
}
