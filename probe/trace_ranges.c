/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_ranges.c - the mappings that are traced: found in the program's maps, made read-only, and opened again; each
 * whole, as one line of maps.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "maps.h"
#include "trace_int.h"

struct line {
	struct map_line m;
	dev_t dev;
	ino_t ino;
	char path[PATH_MAX];
};

struct range *tr_range_at(struct space *s, uint64_t addr)
{
	for (size_t i = 0; i < s->n; i++)
		if (addr >= s->r[i].start && addr < s->r[i].end)
			return &s->r[i];
	return NULL;
}

bool tr_range_overlap(const struct space *s, uint64_t addr, uint64_t len)
{
	for (size_t i = 0; i < s->n; i++)
		if (addr < s->r[i].end && (len > UINT64_MAX - addr || addr + len > s->r[i].start))
			return true;
	return false;
}

uint64_t tr_place_addr(const struct trace *t, const struct range *r, uint64_t addr)
{
	return t->places[r->place].base + r->offset + (addr - r->start);
}

static bool take_line(const char *text, size_t len, struct line *l)
{
	unsigned int major, minor;
	unsigned long long ino;
	size_t n = 0;

	if (map_line_parse(text, len, &l->m) || !l->m.shared ||
	    sscanf(text, "%*s %*s %*s %x:%x %llu", &major, &minor, &ino) != 3)
		return false;
	l->dev = makedev(major, minor);
	l->ino = (ino_t)ino;
	for (size_t i = 0; i < l->m.pathlen && n + 1 < sizeof(l->path); i++) {
		bool newline = l->m.pathlen - i >= 4 && !memcmp(l->m.path + i, "\\012", 4);

		l->path[n++] = newline ? '\n' : l->m.path[i];
		i += newline ? 3 : 0;
	}
	l->path[n] = '\0';
	return true;
}

/* VmFlags of one mapping; the kernel walks the page tables of all for it, so only nodes are asked about. */
static bool is_device(const struct thread *th, const struct line *l)
{
	char path[PATH_MAX + 32], line[600];
	bool there = false, found = false;
	struct stat st;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/root%s", th->tid, l->path);
	if (strncmp(l->path, "/sys/", 5) != 0 && strncmp(l->path, "/proc/", 6) != 0 &&
	    (stat(path, &st) || !S_ISCHR(st.st_mode)))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/smaps", th->tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		unsigned long long start, end;

		if (sscanf(line, "%llx-%llx ", &start, &end) == 2) {
			there = start == l->m.vstart;
		} else if (there && !strncmp(line, "VmFlags:", 8)) {
			found = strstr(line, " io") || strstr(line, " pf");
			break;
		}
	}
	if (f)
		fclose(f);
	return found;
}

/* A place for a file; -1: there are too many. */
static int place_of(struct trace *t, const struct line *l, const struct trace_choice *c, bool device)
{
	struct trace_place *p;
	size_t i;

	for (i = 0; i < t->nplaces; i++)
		if (t->places[i].dev == l->dev && t->places[i].ino == l->ino)
			return (int)i;
	if (i == TRACE_PLACES)
		return -1;
	p = &t->places[t->nplaces++];
	*p = (struct trace_place){ .dev = l->dev,
				   .ino = l->ino,
				   .base = (uint64_t)i << TRACE_PLACE_SHIFT,
				   .device = device,
				   .type = c->type };
	snprintf(p->path, sizeof(p->path), "%.*s", (int)sizeof(p->path) - 1, l->path);
	return (int)i;
}

/* What was known here before: the same file at the same addresses. */
static struct range *known(const struct trace *t, const struct space *s, const struct line *l)
{
	for (size_t i = 0; i < s->n; i++) {
		struct range *r = &s->r[i];
		const struct trace_place *p = &t->places[r->place];

		if (l->m.vstart < r->end && l->m.vend > r->start && p->dev == l->dev && p->ino == l->ino &&
		    l->m.offset - l->m.vstart == r->offset - r->start)
			return r;
	}
	return NULL;
}

static bool ask(struct trace *t, const struct thread *th, const struct line *l, struct range *r)
{
	struct trace_mapping m = { .pid = th->p->pid,
				   .start = l->m.vstart,
				   .end = l->m.vend,
				   .offset = l->m.offset,
				   .dev = l->dev,
				   .ino = l->ino,
				   .device = is_device(th, l),
				   .read = l->m.read,
				   .exec = l->m.exec,
				   .path = l->path };
	struct trace_choice c = { .type = MT_WC };
	uint64_t began;
	int place;

	if (!t->calls->choose)
		return false;
	began = trace_now();
	t->calls->choose(&m, &c, t->ctx);
	t->told_ns += trace_now() - began;
	if (!c.trace)
		return false;
	place = place_of(t, l, &c, m.device);
	if (place < 0) {
		trace_tell(t, th, TRACE_REFUSED, 0, m.start, m.end - m.start, ENOSPC,
			   "more files are chosen than can be told apart");
		return false;
	}
	*r = (struct range){ .place = (uint8_t)place, .device = m.device, .through = c.through, .fd = -1 };
	return true;
}

struct found {
	struct range *r;
	size_t n, cap;
};

static int add(struct found *f, const struct range *r)
{
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 8;
		struct range *p = reallocarray(f->r, cap, sizeof(*p));

		if (!p)
			return -ENOMEM;
		f->r = p;
		f->cap = cap;
	}
	f->r[f->n++] = *r;
	return 0;
}

static int one_line(struct trace *t, struct thread *th, const struct line *l, struct found *f, bool found)
{
	struct range *old = known(t, th->p->space, l), r;

	if (old) {
		r = *old;
		r.idle = !l->m.write && (!old->guarded || old->idle);
		r.guarded = !l->m.write && !r.idle;
		if (old->start == l->m.vstart && old->end == l->m.vend)
			old->ours = NULL; /* goes on in r */
		else
			r.ours = NULL, r.ours_tried = false;
		if (!r.ours)
			r.fd = -1;
	} else if (!l->m.write || !ask(t, th, l, &r)) {
		return 0;
	}
	r.start = l->m.vstart;
	r.end = l->m.vend;
	r.offset = l->m.offset;
	r.exec = l->m.exec;
	if (!old)
		trace_tell(t, th, TRACE_MAPPED, 0, r.start, r.end - r.start, r.place,
			   found ? "found at attaching" : NULL);
	return add(f, &r);
}

static int read_maps(struct trace *t, struct thread *th, struct found *f, bool found)
{
	struct line l;
	char path[40], *text = NULL;
	size_t cap = 0;
	ssize_t n;
	FILE *maps;
	int err = 0;

	snprintf(path, sizeof(path), "/proc/%d/maps", th->tid);
	maps = fopen(path, "re");
	if (!maps)
		return -errno;
	while (!err && (n = getline(&text, &cap, maps)) > 0) {
		if (text[n - 1] == '\n')
			text[--n] = '\0';
		if (take_line(text, (size_t)n, &l))
			err = one_line(t, th, &l, f, found);
	}
	free(text);
	fclose(maps);
	return err;
}

static bool still_there(const struct found *f, const struct range *old)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->r[i].start < old->end && f->r[i].end > old->start && f->r[i].place == old->place)
			return true;
	return false;
}

int tr_rescan(struct trace *t, struct thread *th, bool found)
{
	struct space *s = th->p->space;
	struct found f = { .r = NULL };
	int err = read_maps(t, th, &f, found);

	if (err) {
		free(f.r);
		return err;
	}
	for (size_t i = 0; i < s->n; i++) {
		tr_ours_drop(&s->r[i]);
		if (!still_there(&f, &s->r[i]))
			trace_tell(t, th, TRACE_UNMAPPED, 0, s->r[i].start, s->r[i].end - s->r[i].start, s->r[i].place,
				   NULL);
	}
	free(s->r);
	s->r = f.r;
	s->n = f.n;
	if (s->n && t->p.no_syscalls)
		t->calls_off = true;
	return s->open ? 0 : tr_guard(t, th, NULL, true);
}

int tr_guard(struct trace *t, struct thread *th, struct range *only, bool guard)
{
	struct space *s = th->p->space;
	int err = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct range *r = &s->r[i];
		const uint64_t arg[6] = { r->start, r->end - r->start,
					  (uint64_t)(PROT_READ | (r->exec ? PROT_EXEC : 0) |
						     (guard ? 0 : PROT_WRITE)) };
		int64_t ret = 0;
		int e;

		if ((only && only != r) || r->guarded == guard || r->idle)
			continue;
		e = tr_syscall(t, th, SYS_mprotect, arg, &ret);
		if (!e && ret < 0)
			e = (int)ret;
		if (!e) {
			r->guarded = guard;
			continue;
		}
		err = err ? err : e;
		if (e == -ESRCH)
			break;
		if (guard) {
			r->idle = true;
			trace_tell(t, th, TRACE_REFUSED, 0, r->start, r->end - r->start, -e,
				   "it could not be made read-only: stores to it are not seen");
		}
	}
	return err;
}
