/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entries_read.c - the entries that map device memory: from the helper module or kcore, process by process, or from a snapshot.
 *
 * The kernel's vvar pages stand in every process as VM_PFNMAP and VM_IO, and are RAM: they are left out (Linux
 * arch/x86/entry/vdso/vma.c).
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "entries.h"
#include "maps_int.h"
#include "reader.h"
#include "scan.h"
#include "src.h"
#include "src_int.h"

#define MAX_VVAR  8
#define MAX_TRIES 8

/* What the maps file of a process said before it was walked. */
struct before {
	bool memory; /* it had mappings */
	int pid;     /* whom to walk: itself, or a thread of it whose main thread has ended */
	struct {
		uint64_t start, end;
	} vvar[MAX_VVAR];
	size_t nvvar;
};

static void look_at_maps(const char *text, size_t len, struct before *b)
{
	struct scan t = scan_of(text, len), l;
	bool whole;

	while (scan_line(&t, &l, &whole)) {
		struct map_line m;

		if (map_line_parse(l.p, scan_left(&l), &m))
			continue;
		b->memory = true;
		/* "[vvar]", "[vvar_vclock]" */
		if (m.pathlen < 5 || memcmp(m.path, "[vvar", 5) || b->nvvar == MAX_VVAR)
			continue;
		b->vvar[b->nvvar].start = m.vstart;
		b->vvar[b->nvvar++].end = m.vend;
	}
}

static void look_before(const struct src *s, int pid, struct before *b)
{
	char path[48];
	struct blob text = { 0 };
	int fd, tid;

	*b = (struct before){ .pid = pid };
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	if (!src_read(s, path, &text) && text.len)
		look_at_maps(text.data, text.len, b);
	blob_free(&text);
	if (b->memory)
		return;
	fd = maps_open_thread(s, pid, &tid);
	if (fd < 0)
		return;
	b->pid = tid;
	if (!src_read_fd(fd, &text))
		look_at_maps(text.data, text.len, b);
	blob_free(&text);
	close(fd);
}

static bool is_vvar(const struct before *b, const struct pte_run *r)
{
	for (size_t i = 0; i < b->nvvar; i++)
		if (r->start >= b->vvar[i].start && r->end <= b->vvar[i].end)
			return true;
	return false;
}

static int add_gone(struct entries *e, int pid)
{
	int *p = reallocarray(e->gone, e->ngone + 1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	e->gone = p;
	e->gone[e->ngone++] = pid;
	return 0;
}

/* The first failure that is no process's end becomes the fact; what was read stays. */
static void failed(struct entries *e, const struct reader *r, int pid, int err)
{
	const char *remedy, *why = reader_why(r, err, &remedy);

	if (e->fact.state == FACT_MISSING)
		return;
	fact_missing(&e->fact, NULL, r->where, err, remedy);
	if (pid)
		snprintf(e->fact.why, sizeof(e->fact.why), "process %d: %s", pid, why);
	else
		snprintf(e->fact.why, sizeof(e->fact.why), "the kernel's own mappings: %s", why);
}

static int walk_process(const struct src *s, const struct reader *r, int pid, struct entries *e)
{
	size_t from = e->list.n, to = from;
	bool memory = false;
	struct before b;
	int err, tries = 0;

	/* The thread that was asked may end while others, and the memory, live on: then one of those is asked. */
	do {
		e->list.n = from;
		look_before(s, pid, &b);
		memory = memory || b.memory;
		err = reader_walk(r, b.pid, 0, r->user_end, KM_DEVICE, &e->list);
	} while (err == -ESRCH && b.memory && ++tries < MAX_TRIES);
	if (err == -ESRCH) {
		/* What it had is nobody's mapping any more. A kernel thread or a zombie had nothing. */
		e->list.n = from;
		if (!b.memory)
			return memory ? add_gone(e, pid) : 0;
		err = -EAGAIN;
	}
	for (size_t i = from; i < e->list.n; i++) {
		struct pte_run *run = &e->list.r[i];

		run->pid = pid;
		if (!is_vvar(&b, run))
			e->list.r[to++] = *run;
	}
	e->list.n = to;
	if (err == -ENOMEM)
		return err;
	if (err)
		failed(e, r, pid, -err);
	return 0;
}

static int walk_all(const struct src *s, const struct reader *r, struct entries *e)
{
	int *pid, err;
	size_t n;

	err = maps_list_pids(s, &pid, &n);
	if (err) {
		fact_missing(&e->fact, s, "/proc", -err, NULL);
		return err;
	}
	err = reader_walk(r, 0, r->vmalloc_start, r->vmalloc_end, KM_DEVICE, &e->list);
	if (err && err != -ENOMEM) {
		failed(e, r, 0, -err);
		err = 0;
	}
	for (size_t i = 0; i < n && !err; i++)
		if (pid[i])
			err = walk_process(s, r, pid[i], e);
	if (!err && e->fact.state != FACT_MISSING) {
		const char *hidden = maps_hidden(s, n ? pid[0] : 0);

		if (hidden) {
			fact_missing(&e->fact, NULL, "/proc", EPERM,
				     "run it as root in the first PID namespace (the host)");
			snprintf(e->fact.why, sizeof(e->fact.why), "%s", hidden);
		}
	}
	free(pid);
	return err;
}

static int read_live(const struct src *s, struct entries *e)
{
	struct reader r;
	const char *where;
	int err = reader_open(&r, READER_ANY, &e->fact);

	if (err)
		return err;
	e->fact = (struct fact){ 0 };
	memcpy(e->reader, r.name, sizeof(e->reader));
	e->levels = r.levels;
	where = r.where;
	err = walk_all(s, &r, e);
	reader_close(&r);
	if (err) {
		runs_free(&e->list);
		if (e->fact.state != FACT_MISSING)
			fact_missing(&e->fact, NULL, where, -err, NULL);
		return err;
	}
	if (e->fact.state == FACT_MISSING)
		return -e->fact.err;
	fact_known(&e->fact, where);
	return 0;
}

static const char record_it[] =
	"on that machine, as root: wcdiag capture again (where /sys/kernel/btf/vmlinux is missing, with the "
	"module loaded: make install-km, modprobe wcdiag_km)";

static int read_record(const struct src *s, struct entries *e)
{
	const struct src_error *refused;
	struct blob b;
	const char *what;
	unsigned int line;
	int err = src_read(s, ENTRIES_PATH, &b);

	if (err) {
		/* A recorded refusal was met at the device: that is the name the user knows. */
		fact_missing(&e->fact, s, ENTRIES_PATH, -err, NULL);
		e->fact.remedy = record_it;
		if (err != -ENODATA)
			snprintf(e->fact.where, sizeof(e->fact.where), KM_PATH);
		if (err == -ENOENT)
			snprintf(e->fact.why, sizeof(e->fact.why),
				 "there was no reader of entries when the snapshot was taken: neither the helper module "
				 "nor /proc/kcore");
		return err;
	}
	err = entries_parse(b.data, b.len, e, &line, &what);
	blob_free(&b);
	if (err == -EBADMSG) {
		fact_garbled(&e->fact, ENTRIES_PATH, "line %u: %s", line, what);
		return err;
	}
	if (err) {
		fact_missing(&e->fact, s, ENTRIES_PATH, -err, NULL);
		return err;
	}
	refused = src_recorded(s, ENTRIES_PATH);
	if (refused) {
		fact_missing(&e->fact, s, ENTRIES_PATH, refused->err, NULL);
		e->fact.remedy = "on that machine, as root and outside of containers: wcdiag capture again";
		snprintf(e->fact.why, sizeof(e->fact.why),
			 "not everything could be walked when the snapshot was taken");
		return -refused->err;
	}
	fact_known(&e->fact, ENTRIES_PATH);
	return 0;
}

int entries_read(const struct src *s, struct entries *out)
{
	*out = (struct entries){ 0 };
	return src_is_live(s) ? read_live(s, out) : read_record(s, out);
}
