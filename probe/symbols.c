// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbols.c - where an instruction is. What a process maps is remembered by process, what an address of a module means
 * by module: the latter never changes, the former does.
 */
#include "symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols_int.h"

#define READS_MOST 10000

int symbols_new(struct symbols **out)
{
	struct symbols *s = calloc(1, sizeof(*s));
	struct stat st;

	*out = NULL;
	if (!s)
		return -ENOMEM;
	s->dw = dw_lib(&s->why);
	if (s->dw && s->dw->elf_version(EV_CURRENT) == EV_NONE) {
		s->dw = NULL;
		s->why = "this libelf is too old";
	}
	s->root[0].fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (!stat("/proc/self/root", &st)) {
		s->root[0].dev = st.st_dev;
		s->root[0].ino = st.st_ino;
	}
	if (!stat("/proc/self/ns/mnt", &st))
		s->root[0].ns = st.st_ino;
	s->roots = 1;
	*out = s;
	return 0;
}

const char *symbols_why(const struct symbols *s)
{
	return s->why;
}

static void drop(struct symbols_process *p)
{
	free(p->range);
	if (p->dir >= 0)
		close(p->dir);
}

void symbols_free(struct symbols *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->modules; i++)
		symbols_unlook(s->dw, s->module[i]);
	for (size_t i = 0; i < s->roots; i++)
		if (s->root[i].fd >= 0)
			close(s->root[i].fd);
	for (size_t i = 0; i < s->processes; i++)
		drop(&s->process[i]);
	free(s->process);
	free(s->seen);
	free(s);
}

static struct symbols_process *process_of(struct symbols *s, pid_t pid)
{
	struct symbols_process *p;

	for (size_t i = 0; i < s->processes; i++)
		if (s->process[i].pid == pid)
			return &s->process[i];
	p = realloc(s->process, (s->processes + 1) * sizeof(*p));
	if (!p)
		return NULL;
	s->process = p;
	p += s->processes++;
	*p = (struct symbols_process){ .pid = pid, .serial = ++s->serials, .dir = -1 };
	return p;
}

static int order(const void *a, const void *b)
{
	const struct symbols_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static const struct symbols_range *range_at(const struct symbols_range *r, size_t n, uint64_t ip)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r[mid].start <= ip)
			low = mid + 1;
		else
			high = mid;
	}
	return low && ip < r[low - 1].end ? &r[low - 1] : NULL;
}

/* What is mapped now, and of before what nothing lies over now: its instructions may be asked for later. */
static int renew(struct symbols_process *p, struct symbols_range *now, size_t n)
{
	struct symbols_range *all = calloc(n + p->n + 1, sizeof(*all));
	size_t have = n;

	if (!all)
		return -ENOMEM;
	memcpy(all, now, n * sizeof(*all));
	for (size_t i = 0, k = 0; i < p->n && have < 2 * SYMBOLS_RANGES; i++) {
		while (k < n && now[k].end <= p->range[i].start)
			k++;
		if (k == n || now[k].start >= p->range[i].end)
			all[have++] = p->range[i];
	}
	qsort(all, have, sizeof(*all), order);
	free(p->range);
	p->range = all;
	p->n = have;
	return 0;
}

int symbols_of_process(struct symbols *s, pid_t pid)
{
	struct symbols_process *p = process_of(s, pid);
	struct symbols_range *now;
	char name[32];
	size_t n;
	int rc;

	if (!p)
		return -ENOMEM;
	snprintf(name, sizeof(name), "/proc/%d", (int)pid);
	if (p->dir < 0)
		p->dir = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (p->dir < 0)
		return -errno;
	rc = symbols_ranges(s, p->dir, &now, &n);
	if (!rc && n)
		rc = renew(p, now, n);
	free(now);
	return rc;
}

void symbols_forget(struct symbols *s, pid_t pid)
{
	for (size_t i = 0; i < s->processes; i++) {
		if (s->process[i].pid != pid)
			continue;
		drop(&s->process[i]);
		s->process[i] = s->process[--s->processes];
		return;
	}
}

/* What is known of an address in a module; of a file that is no ELF file nothing is. */
static void in_module(struct symbols *s, int module, uint64_t offset, bool all, struct symbol *out)
{
	struct symbols_module *m = s->module[module];
	struct symbols_seen *seen;
	const struct symbols_entry *e;
	uint64_t addr;

	out->module = m->name;
	out->offset = offset;
	if (!symbols_address(m, offset, &addr))
		return;
	out->offset = addr;
	if (!symbols_remember(s, (all ? 0 : SYMBOLS_NEAR) + (uint64_t)module + 1, addr, &seen)) {
		*out = seen->y;
		return;
	}
	symbols_look(s, m, all);
	e = symbols_entry_at(m, addr);
	if (e) {
		out->function = e->name;
		out->in = addr - e->addr;
	}
	if (s->dw)
		symbols_line(s->dw, m, addr, out);
	if (seen)
		seen->y = *out;
}

static void at(struct symbols *s, pid_t pid, uint64_t ip, bool all, struct symbol *out)
{
	struct symbols_process *p = process_of(s, pid);
	const struct symbols_range *r;
	struct symbols_seen *seen;

	*out = (struct symbol){ .offset = ip };
	if (!p)
		return;
	if (p->reads < READS_MOST && symbols_remember(s, SYMBOLS_PROCESS + p->serial, ip, &seen)) {
		p->reads++;
		(void)symbols_of_process(s, pid);
	}
	r = range_at(p->range, p->n, ip);
	if (r && r->module >= 0)
		in_module(s, r->module, ip - r->start + r->offset, all, out);
}

void symbols_at(struct symbols *s, pid_t pid, uint64_t ip, struct symbol *out)
{
	at(s, pid, ip, true, out);
}

void symbols_near(struct symbols *s, pid_t pid, uint64_t ip, struct symbol *out)
{
	at(s, pid, ip, false, out);
}
