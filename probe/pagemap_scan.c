/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pagemap_scan.c - PAGEMAP_SCAN (Linux 6.7): where pages are present, and where by large entries, in one call.
 *
 * It sees what reading pagemap page by page would take long to see: that nothing is present where the walk found
 * nothing. Numbers and structures: Linux include/uapi/linux/fs.h; older headers lack them.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pagemap_int.h"
#include "reader.h"

struct scan_region {
	uint64_t start, end, categories;
};
struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
_Static_assert(sizeof(struct scan_region) == 24 && sizeof(struct scan_arg) == 96, "uapi");

#define SCAN	   _IOWR('f', 16, struct scan_arg)
#define IS_PRESENT (1ULL << 3)
#define IS_HUGE	   (1ULL << 6)

#define PAGE	  4096ULL
#define AT_ONCE	  512
#define MAX_AGAIN 1024
#define TRIES	  3

static int real_ioctl(int fd, unsigned long request, void *arg)
{
	int rc;

	do {
		rc = ioctl(fd, request, arg);
	} while (rc < 0 && errno == EINTR);
	return rc < 0 ? -errno : rc;
}
int (*pagemap_ioctl)(int fd, unsigned long request, void *arg) = real_ioctl;

static int add(struct presents *l, uint64_t start, uint64_t end, bool huge)
{
	if (l->n && l->p[l->n - 1].end == start && l->p[l->n - 1].huge == huge) {
		l->p[l->n - 1].end = end;
		return 0;
	}
	if (l->n == l->max) {
		size_t max = l->max ? l->max * 2 : 64;
		struct present *p = reallocarray(l->p, max, sizeof(*p));

		if (!p)
			return -ENOMEM;
		l->p = p;
		l->max = max;
	}
	l->p[l->n++] = (struct present){ start, end, huge };
	return 0;
}

/* What the scan can see of the runs: of VM_PFNMAP it shows nothing. */
static int from_runs(const struct runs *r, struct presents *out)
{
	int err = 0;

	for (size_t i = 0; i < r->n && !err; i++) {
		const struct pte_run *x = &r->r[i];

		if ((x->kind == PTE_PRESENT || x->kind == PTE_PROTNONE) && !(x->vma & PTE_VMA_PFNMAP))
			err = add(out, x->start, x->end, x->level > 1);
	}
	return err;
}

/* 0; -ENOTTY and others where the kernel has no such call; -EPROTO for an answer that cannot be. */
static int from_scan(int fd, uint64_t start, uint64_t end, struct presents *out)
{
	struct scan_region region[AT_ONCE];
	int err = 0;

	while (start < end && !err) {
		struct scan_arg a = { .size = sizeof(a),
				      .start = start,
				      .end = end,
				      .vec = (uintptr_t)region,
				      .vec_len = AT_ONCE,
				      .category_mask = IS_PRESENT,
				      .return_mask = IS_PRESENT | IS_HUGE };
		uint64_t at = start;
		int n = pagemap_ioctl(fd, SCAN, &a);

		if (n < 0)
			return n;
		if (n > AT_ONCE || a.walk_end > end || a.walk_end <= start)
			return -EPROTO;
		for (int i = 0; i < n && !err; i++) {
			if (region[i].start < at || region[i].end <= region[i].start || region[i].end > end)
				return -EPROTO;
			at = region[i].end;
			err = add(out, region[i].start, region[i].end, region[i].categories & IS_HUGE);
		}
		start = a.walk_end;
	}
	return err;
}

uint64_t presents_compare(const struct presents *a, const struct presents *b,
			  void (*fn)(uint64_t start, uint64_t end, void *arg), void *arg)
{
	const struct present none = { UINT64_MAX, UINT64_MAX, false };
	uint64_t at = 0, pages = 0;
	size_t i = 0, j = 0;

	while (i < a->n || j < b->n) {
		const struct present *x = i < a->n ? &a->p[i] : &none, *y = j < b->n ? &b->p[j] : &none;
		uint64_t first = x->start < y->start ? x->start : y->start, until, to_y;
		bool in_x, in_y;

		at = at > first ? at : first;
		in_x = x->start <= at;
		in_y = y->start <= at;
		until = in_x ? x->end : x->start;
		to_y = in_y ? y->end : y->start;
		until = until < to_y ? until : to_y;
		if (in_x != in_y || (in_x && x->huge != y->huge)) {
			pages += (until - at) / PAGE;
			if (fn)
				fn(at, until, arg);
		}
		at = until;
		i += in_x && x->end == at;
		j += in_y && y->end == at;
	}
	return pages;
}

struct scanner {
	int fd, pid;
	const struct reader *k;
	struct pagemap_check *out;
	size_t again;
	int err;
};

/* The fewest pages on which both disagree in three tries. */
static void look_again(uint64_t start, uint64_t end, void *arg)
{
	struct scanner *s = arg;
	uint64_t least = UINT64_MAX;

	if (s->again++ >= MAX_AGAIN) {
		s->out->moved += (end - start) / PAGE;
		return;
	}
	for (int i = 0; i < TRIES && least && !s->err; i++) {
		struct presents a = { 0 }, b = { 0 };
		struct runs r = { 0 };
		uint64_t n;

		s->err = reader_walk(s->k, s->pid, start, end, KM_SKIP_NONE, &r);
		if (!s->err)
			s->err = from_runs(&r, &a);
		if (!s->err)
			s->err = from_scan(s->fd, start, end, &b);
		n = s->err ? 0 : presents_compare(&a, &b, NULL, NULL);
		least = n < least ? n : least;
		runs_free(&r);
		free(a.p);
		free(b.p);
	}
	s->out->scan_differ += s->err ? 0 : least;
}

int pagemap_scan(int fd, const struct reader *k, int pid, const struct runs *l, struct pagemap_check *out)
{
	struct scanner s = { .fd = fd, .pid = pid, .k = k, .out = out };
	struct presents a = { 0 }, b = { 0 };
	int err;

	if (!l->n)
		return 0;
	err = from_runs(l, &a);
	/* Only where somebody walked: between the runs there may be mappings that were not asked for. */
	for (size_t i = 0, first = 0; i < l->n && !err; i++) {
		if (i + 1 < l->n && l->r[i + 1].start == l->r[i].end)
			continue;
		err = from_scan(fd, l->r[first].start, l->r[i].end, &b);
		first = i + 1;
	}
	if (!err) {
		out->scanned = true;
		for (size_t i = 0; i < b.n; i++)
			out->scan_pages += (b.p[i].end - b.p[i].start) / PAGE;
		presents_compare(&a, &b, look_again, &s);
		err = s.err;
	} else if (err != -ENOMEM) {
		err = 0; /* this kernel has it not, or not for us */
	}
	free(a.p);
	free(b.p);
	return err;
}
