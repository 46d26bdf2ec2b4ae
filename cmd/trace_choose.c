/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_choose.c - which of a program's mappings are traced, and the memory type that each is told with. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/trace.h"
#include "probe/machine.h"

#define PAGE 4096ULL

int trace_choose_init(struct trace_choose *k, const struct trace_asked *a, const struct machine *m)
{
	bool *sel = NULL;

	*k = (struct trace_choose){ .a = a, .m = m, .dev = -1, .reader = READER_NONE };
	if (device_arg_given(&a->bar)) {
		if (device_select(a->c, m, &a->bar, &sel, NULL, 0))
			return EXIT_FAILED;
		for (size_t i = 0; i < m->pci.n; i++) {
			if (sel[i] && k->dev >= 0) {
				free(sel);
				return cmd_fail(a->c, a->bar.typed, "several devices", "name one");
			}
			if (sel[i])
				k->dev = (int)i;
		}
		free(sel);
	}
	/* Without it the type is what the file asks for, or not known. */
	if (m)
		reader_open(&k->reader, READER_ANY, &k->unread);
	return 0;
}

void trace_choose_end(struct trace_choose *k)
{
	reader_close(&k->reader);
}

static const struct pci_bar *the_bar(const struct trace_choose *k)
{
	/* dev is of those that were read. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	return k->dev < 0 ? NULL : &k->m->pci.dev[k->dev].bar[k->a->bar.bar];
}

/* As maps writes it when the file has no name any more. */
static bool path_is(const char *path, const char *file)
{
	static const char gone[] = " (deleted)";
	size_t n = strlen(file);

	return !strncmp(path, file, n) && (!path[n] || !strcmp(path + n, gone));
}

/* By device and inode; by its path where these are not what the file system shows to those who ask (overlays). */
static bool is_file(const char *file, const struct trace_mapping *m)
{
	bool is = path_is(m->path, file);
	struct stat st;
	char *real;

	if (is || (!stat(file, &st) && st.st_dev == m->dev && st.st_ino == m->ino))
		return true;
	real = realpath(file, NULL);
	is = real && path_is(m->path, real);
	free(real);
	return is;
}

static void walk(const struct trace_choose *k, const struct trace_mapping *m, struct runs *out)
{
	*out = (struct runs){ 0 };
	if (reader_is_open(&k->reader) && reader_walk(&k->reader, m->pid, m->start, m->end, 0, out))
		runs_free(out);
}

static bool placed(const struct pte_run *r)
{
	return (r->kind == PTE_PRESENT || r->kind == PTE_PROTNONE) && r->phys != PTE_NO_PHYS;
}

/* Is it of the BAR? By its entries; where there are none, by its file. */
static enum tri of_bar(const struct trace_choose *k, const struct trace_mapping *m, const struct runs *l)
{
	const struct pci_bar *b = the_bar(k);
	uint64_t lo = b->addr & ~(PAGE - 1), hi = (b->addr + b->size + PAGE - 1) & ~(PAGE - 1);
	struct map_path p;
	size_t seen = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (!placed(&l->r[i]))
			continue;
		if (l->r[i].phys < hi && run_phys_end(&l->r[i]) > lo)
			return TRI_YES;
		seen++;
	}
	if (seen)
		return TRI_NO;
	if (!map_path_parse(m->path, strlen(m->path), &p))
		return TRI_UNKNOWN;
	switch (p.kind) {
	case MAP_SYSFS:
	case MAP_SYSFS_WC:
		return pci_find(&k->m->pci, p.slot) == k->dev && p.bar == k->a->bar.bar ? TRI_YES : TRI_NO;
	case MAP_PROC_PCI:
		return pci_find(&k->m->pci, p.slot) == k->dev && m->offset >= lo && m->offset < hi ? TRI_YES : TRI_NO;
	case MAP_DEVMEM:
		return m->offset >= lo && m->offset < hi ? TRI_YES : TRI_NO;
	default:
		return TRI_UNKNOWN;
	}
}

/* The model knows four. */
static enum mtype model_type(enum mtype t)
{
	return t == MT_WT || t == MT_WP ? MT_UC : t;
}

static bool by_entries(const struct trace_choose *k, const struct runs *l, struct trace_file *f)
{
	enum mtype t = MT_UNKNOWN;
	bool any = false;

	for (size_t i = 0; i < l->n; i++) {
		const struct pte_run *r = &l->r[i];
		enum mtype one;

		if (!placed(r))
			continue;
		one = machine_entry_effective(k->m, 0, run_slot(r), r->phys, run_phys_end(r));
		if (any && one != t) {
			f->type = MT_WC;
			f->assumed = true;
			snprintf(f->why, sizeof(f->why),
				 "its pages have different types (wcdiag pte --pid %d): told as if all "
				 "were write-combining",
				 r->pid);
			return true;
		}
		t = one;
		any = true;
	}
	if (!any || t == MT_UNKNOWN || t == MT_UNDEFINED)
		return false;
	f->type = model_type(t);
	snprintf(f->why, sizeof(f->why), "%s by its page table entries", mtype_name(t));
	return true;
}

/* What a file asks for that never asks for WC; the MTRRs may make WC of it all the same. */
static bool by_file(const struct trace_choose *k, const struct trace_mapping *m, struct trace_file *f)
{
	const uint64_t len = m->end - m->start;
	struct map_path p;
	enum mtype t;

	if (!map_path_parse(m->path, strlen(m->path), &p) ||
	    (p.kind != MAP_SYSFS && p.kind != MAP_DEVMEM && p.kind != MAP_VFIO && p.kind != MAP_UIO))
		return false;
	t = p.kind == MAP_SYSFS || p.kind == MAP_DEVMEM
		    ? machine_effective(k->m, 0, MT_UCMINUS, m->offset, m->offset + len)
		    : MT_UCMINUS;
	if (t == MT_UNKNOWN || t == MT_UNDEFINED)
		t = MT_UCMINUS;
	f->type = t;
	snprintf(f->why, sizeof(f->why), "%s by its file, which asks for UC-; its entries were not read",
		 mtype_name(t));
	return true;
}

static void type_of(const struct trace_choose *k, const struct trace_mapping *m, const struct runs *l,
		    struct trace_file *f)
{
	if (!m->device) {
		f->type = k->a->type;
		snprintf(f->why, sizeof(f->why), "an ordinary file, told as if it were %s memory (--type)",
			 k->a->type == MT_WC ? "write-combining" : "uncached");
		return;
	}
	if (k->m && (by_entries(k, l, f) || by_file(k, m, f)))
		return;
	f->type = MT_WC;
	f->assumed = true;
	if (!k->m)
		snprintf(f->why, sizeof(f->why), "type not known, told as if write-combining: it was no device before");
	else if (reader_is_open(&k->reader))
		snprintf(f->why, sizeof(f->why),
			 "type not known, told as if write-combining: its entries are not there yet");
	else
		snprintf(f->why, sizeof(f->why), "type not known, told as if write-combining: %.100s: %.60s%s%s%s",
			 k->unread.where, k->unread.why, k->unread.remedy ? " (" : "",
			 k->unread.remedy ? k->unread.remedy : "", k->unread.remedy ? ")" : "");
}

static struct trace_file *file_at(struct trace_choose *k, const struct trace_mapping *m)
{
	struct trace_file *f = k->file;

	while (f < k->file + k->nfile && (f->dev != m->dev || f->ino != m->ino))
		f++;
	if (f < k->file + k->nfile)
		return f;
	if (k->nfile == TRACE_FILES) {
		k->more++;
		return NULL;
	}
	*f = (struct trace_file){ .dev = m->dev, .ino = m->ino, .device = m->device };
	safe_text(m->path, f->path, sizeof(f->path));
	k->nfile++;
	return f;
}

void trace_choose_mapping(struct trace_choose *k, const struct trace_mapping *m, struct trace_choice *c)
{
	struct trace_file *f = file_at(k, m), one = { .dev = m->dev, .ino = m->ino };
	enum tri is = TRI_NO;
	struct runs l = { 0 };

	if (!f)
		f = &one;
	f->seen++;
	if (m->device && k->m)
		walk(k, m, &l);
	if (the_bar(k))
		is = m->device ? of_bar(k, m, &l) : TRI_NO;
	else if (k->a->map ? is_file(k->a->map, m) : m->device)
		is = TRI_YES;
	f->unsure |= is == TRI_UNKNOWN;
	c->trace = is == TRI_YES;
	if (c->trace) {
		/* The first mapping that is traced says it for the file: its events have one type. */
		if (!f->traced)
			type_of(k, m, &l, f);
		f->traced = true;
		c->type = f->type;
		c->through = !m->device || reader_is_open(&k->reader);
	}
	runs_free(&l);
}

static bool entry_at(const struct trace_choose *k, pid_t pid, uint64_t at, struct pte_run *out)
{
	struct runs l = { 0 };
	bool ok = !reader_walk(&k->reader, pid, at & ~(PAGE - 1), (at & ~(PAGE - 1)) + PAGE, 0, &l) && l.n == 1 && placed(l.r);

	if (ok)
		*out = l.r[0];
	runs_free(&l);
	return ok;
}

bool trace_same_entry(const struct trace_choose *k, pid_t pid, uint64_t theirs, const void *ours)
{
	struct pte_run a, b;

	return reader_is_open(&k->reader) && entry_at(k, pid, theirs, &a) && entry_at(k, getpid(), (uint64_t)(uintptr_t)ours, &b) &&
	       a.phys == b.phys && run_slot(&a) == run_slot(&b);
}

const struct trace_file *trace_file_of(const struct trace_choose *k, const struct trace_place *p)
{
	for (size_t i = 0; i < k->nfile; i++)
		if (k->file[i].dev == p->dev && k->file[i].ino == p->ino)
			return &k->file[i];
	return NULL;
}
