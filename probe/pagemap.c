/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pagemap.c - /proc/PID/pagemap held against the entries.
 *
 * The two are read one after the other, and a process that runs changes its tables meanwhile. So a page that does not
 * agree is looked at again: entry, pagemap, entry. Only where the entry stands still and pagemap says otherwise, three
 * times in a row, do they disagree.
 */
#include "pagemap.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "pagemap_int.h"
#include "reader.h"
#include "src.h"

#define PAGE	  4096ULL
#define AT_ONCE	  4096 /* pages in one read */
#define TRIES	  3
#define MAX_AGAIN 4096 /* pages that are looked at again: each costs nine calls */
/* Linux fs/proc/task_mmu.c, Documentation/admin-guide/mm/pagemap.rst */
#define PM_PFN	   ((1ULL << 55) - 1)
#define PM_FILE	   (1ULL << 61)
#define PM_SWAP	   (1ULL << 62)
#define PM_PRESENT (1ULL << 63)

struct pagemap_bits pagemap_decode(uint64_t v)
{
	struct pagemap_bits b = { .present = v & PM_PRESENT, .swapped = v & PM_SWAP, .file_or_shared = v & PM_FILE };

	/* Of a swapped page these bits say where in which swap it is. */
	b.pfn = b.present ? v & PM_PFN : 0;
	return b;
}

struct checker {
	int fd, pid;
	const struct reader *k;
	struct pagemap_check *out;
	size_t again;
};

/* Values of n pages from addr; how many were read, or negative errno. */
static ssize_t read_values(const struct checker *c, uint64_t addr, uint64_t *v, size_t n)
{
	size_t got = 0, want = n * sizeof(*v);

	while (got < want) {
		ssize_t r = pread(c->fd, (char *)v + got, want - got, (off_t)(addr / PAGE * sizeof(*v) + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (!r)
			break;
		got += (size_t)r;
	}
	return (ssize_t)(got / sizeof(*v));
}

/* The entry of one page, as it is at a moment. */
struct moment {
	uint8_t kind, vma;
	uint64_t raw, phys;
};

static bool agrees(const struct moment *e, uint64_t value)
{
	struct pagemap_bits b = pagemap_decode(value);

	if (e->kind != PTE_PRESENT && e->kind != PTE_PROTNONE)
		return !b.present;
	if (e->vma & PTE_VMA_PFNMAP)
		return !b.present && !b.swapped;
	return b.present && (!b.pfn || b.pfn == e->phys / PAGE);
}

/* A page on which both agree, counted. */
static void count(struct pagemap_check *out, const struct moment *e, uint64_t value)
{
	struct pagemap_bits b = pagemap_decode(value);

	if (e->kind != PTE_PRESENT && e->kind != PTE_PROTNONE)
		return;
	if (e->vma & PTE_VMA_PFNMAP) {
		out->hidden++;
	} else if (!b.pfn) {
		out->no_frame++;
	} else {
		out->pages++;
		out->same++;
	}
}

static int look(const struct checker *c, uint64_t addr, struct moment *e)
{
	struct runs l = { 0 };
	int err = reader_walk(c->k, c->pid, addr, addr + PAGE, KM_EVERY, &l);

	*e = (struct moment){ .kind = PTE_NONE, .phys = PTE_NO_PHYS };
	if (!err && l.n)
		*e = (struct moment){ l.r[0].kind, l.r[0].vma, l.r[0].raw, l.r[0].phys };
	runs_free(&l);
	return err;
}

/* Accessed, dirty and the software bits change without a word: what the page is stays the same. */
static bool still(const struct moment *a, const struct moment *b)
{
	return a->kind == b->kind && a->phys == b->phys && a->vma == b->vma;
}

static int look_again(struct checker *c, uint64_t addr)
{
	struct pagemap_check *out = c->out;
	struct moment before, after;
	uint64_t value = 0;
	int stood = 0, err;

	if (c->again++ >= MAX_AGAIN) {
		out->moved++;
		return 0;
	}
	for (int i = 0; i < TRIES; i++) {
		err = look(c, addr, &before);
		if (err)
			return err;
		if (read_values(c, addr, &value, 1) != 1)
			return -ESRCH;
		err = look(c, addr, &after);
		if (err)
			return err;
		if (!still(&before, &after))
			continue;
		if (agrees(&after, value)) {
			count(out, &after, value);
			return 0;
		}
		stood++;
	}
	if (stood < TRIES) {
		out->moved++;
		return 0;
	}
	out->pages++;
	if (!out->differ++) {
		out->first = addr;
		out->first_raw = after.raw;
		out->first_pagemap = value;
	}
	return 0;
}

static int check_run(struct checker *c, const struct pte_run *r, uint64_t *v)
{
	struct moment e = { r->kind, r->vma, r->raw, r->phys };
	uint64_t at = r->start;
	int err = 0;

	/* Where nothing is mapped there may be terabytes of it; PAGEMAP_SCAN looks there. */
	while (r->kind != PTE_NONE && at < r->end && !err) {
		size_t n = (r->end - at) / PAGE < AT_ONCE ? (size_t)((r->end - at) / PAGE) : AT_ONCE;
		ssize_t got = read_values(c, at, v, n);

		if (got <= 0)
			return got ? (int)got : -ESRCH;
		for (ssize_t i = 0; i < got && !err; i++, at += PAGE) {
			if (e.phys != PTE_NO_PHYS)
				e.phys = r->phys + (at - r->start);
			if (agrees(&e, v[i]))
				count(c->out, &e, v[i]);
			else
				err = look_again(c, at);
		}
	}
	return err;
}

int pagemap_check(const struct src *s, const struct reader *k, int pid, const struct runs *l, struct pagemap_check *out)
{
	static uint64_t values[AT_ONCE];
	struct checker c = { .k = k, .pid = pid, .out = out };
	char path[48];
	int err = 0;

	*out = (struct pagemap_check){ 0 };
	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	c.fd = src_open(s, path);
	if (c.fd < 0) {
		fact_missing(&out->fact, s, path, -c.fd, "run as root (CAP_SYS_PTRACE, CAP_SYS_ADMIN)");
		return c.fd;
	}
	for (size_t i = 0; i < l->n && !err; i++)
		err = check_run(&c, &l->r[i], values);
	if (!err)
		err = pagemap_scan(c.fd, k, pid, l, out);
	close(c.fd);
	if (err)
		fact_missing(&out->fact, NULL, path, -err, NULL);
	else
		fact_known(&out->fact, path);
	return err;
}
