/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps_read.c - goes through the processes and keeps the mappings of device memory.
 *
 * A process may have tens of thousands of lines of which a few matter: they are read through one buffer and looked at
 * in place.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "maps_int.h"
#include "scan.h"
#include "src.h"
#include "src_int.h"

/* A path of PATH_MAX bytes, each written as four, and the columns before it. */
#define BUFFER (64 * 1024)
/* Far more than a machine has; a snapshot that holds more is not one. */
#define MAX_MAPS 1000000
#define WHERE "/proc/PID/maps"

struct walk {
	struct maps_ctx c;
	char *buf;
	int *pid;
	size_t npid;
	char bad[120];		/* the first line that could not be understood */
	const char *hidden;	/* why there may be processes that /proc does not show */
	int denied_err;
};

void maps_copy_path(struct map *m, const struct map_line *l)
{
	struct scan s = scan_of(l->path, l->pathlen);
	size_t n = 0;

	while (!scan_done(&s) && n < sizeof(m->path) - 1) {
		unsigned char ch = scan_lit(&s, "\\012") ? '\n' : (unsigned char)*s.p++;

		m->path[n++] = ch >= 0x20 && ch < 0x7f ? (char)ch : '?';
	}
	m->path[n] = '\0';
}

void maps_read_comm(const struct src *s, int pid, char comm[32])
{
	char path[48];
	struct blob text;

	if (*comm)
		return;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	if (src_read(s, path, &text))
		return;
	scan_copy(comm, 32, text.data, strcspn(text.data, "\n"));
	blob_free(&text);
}

static int keep(struct maps_ctx *c, const struct map *m)
{
	struct maps *out = c->out;

	if (out->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 64;
		struct map *p;

		if (out->n >= MAX_MAPS)
			return -EFBIG;
		p = reallocarray(out->m, cap, sizeof(*p));
		if (!p)
			return -ENOMEM;
		out->m = p;
		c->cap = cap;
	}
	out->m[out->n] = *m;
	maps_read_comm(c->s, c->pid, c->comm);
	memcpy(out->m[out->n++].comm, c->comm, sizeof(c->comm));
	return 0;
}

/* 0, -EBADMSG, or an error that ends the whole. */
static int take_line(struct maps_ctx *c, const char *line, size_t len)
{
	struct map_line l;
	struct map_path p;
	struct map m;

	if (map_line_parse(line, len, &l))
		return -EBADMSG;
	if (!l.pathlen || !map_path_parse(l.path, l.pathlen, &p))
		return 0;
	m = (struct map){ .pid = c->pid, .vstart = l.vstart, .vend = l.vend, .offset = l.offset, .read = l.read,
			  .write = l.write, .exec = l.exec, .shared = l.shared, .kind = p.kind };
	maps_copy_path(&m, &l);
	if (p.kind == MAP_NODE) {
		/* behind range, protection and offset stand device, inode and path: they name the node */
		struct scan key = scan_of(line, len);
		bool tied;
		int err, i;

		for (i = 0; i < 3; i++) {
			const char *blank = memchr(key.p, ' ', scan_left(&key));

			key.p = blank ? blank + 1 : key.end;
		}
		err = resolve_node(c, &key, &m, &tied);
		if (err || !tied)
			return err;
	} else {
		resolve_map(c, &l, &p, &m);
	}
	return keep(c, &m);
}

static void bad_line(struct walk *w, size_t line)
{
	if (!*w->bad)
		snprintf(w->bad, sizeof(w->bad), "process %d, line %zu: no line of a maps file", w->c.pid, line);
}

/* 0, or the error of reading, or one of take_line()'s. *empty: it has not a single byte. */
static int take_file(struct walk *w, int fd, bool *empty)
{
	size_t have = 0, line = 0;
	bool skip = false;	/* within a line that did not fit */
	ssize_t n;
	int err;

	for (;;) {
		struct scan text, l;
		bool whole;

		n = read(fd, w->buf + have, BUFFER - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n)
			*empty = false;
		text = scan_of(w->buf, have + (size_t)n);
		have = 0;
		while (scan_line(&text, &l, &whole)) {
			if (!whole && n && (l.p > w->buf || scan_left(&l) < BUFFER)) {
				have = scan_left(&l);	/* the rest of it is still to be read */
				memmove(w->buf, l.p, have);
				break;
			}
			line += !skip;
			/* A last line without its end may have lost a part of its path. */
			err = whole && !skip ? take_line(&w->c, l.p, scan_left(&l)) : -EBADMSG;
			if (err == -EBADMSG)
				bad_line(w, line);
			else if (err)
				return err;
			skip = !whole;
		}
		if (!n)
			return 0;
	}
}

static int take_process(struct walk *w, int pid)
{
	struct maps_ctx *c = &w->c;
	char path[48];
	size_t before = c->out->n;
	bool empty = true;
	int fd, err, tid;

	c->pid = pid;
	c->comm[0] = '\0';
	c->vfio_state = -1;
	c->uio_valid = false;
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	fd = src_open(c->s, path);
	err = fd < 0 ? fd : take_file(w, fd, &empty);
	if (fd >= 0)
		close(fd);
	/* Without memory: nobody at home (a kernel thread has no other), or only the main thread has ended. */
	if ((!err && empty) || err == -ESRCH) {
		fd = maps_open_thread(c->s, pid, &tid);
		if (fd != -ESRCH)
			err = fd < 0 ? fd : take_file(w, fd, &empty);
		if (fd >= 0)
			close(fd);
	}
	switch (err) {
	case 0:
		c->out->seen++;
		return 0;
	case -ENOMEM:
	case -EFBIG:
		return err;
	case -ENOENT:
	case -ESRCH:	/* it ended meanwhile, or never had memory of its own */
		c->out->n = before;
		return 0;
	default:
		c->out->n = before;
		c->out->denied++;
		w->denied_err = -err;
		return 0;
	}
}

static int by_number(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int maps_list_pids(const struct src *s, int **pid, size_t *n)
{
	char **names;
	size_t count, i;
	int err = src_list(s, "/proc", &names, &count);

	*n = 0;
	*pid = NULL;
	if (err)
		return err;
	*pid = calloc(count + 1, sizeof(**pid));
	for (i = 0; *pid && i < count; i++) {
		struct scan t = scan_of(names[i], strlen(names[i]));
		uint64_t v;

		if (scan_dec(&t, INT_MAX, &v) && scan_done(&t))
			(*pid)[(*n)++] = (int)v;
	}
	src_list_free(names, count);
	if (!*pid)
		return -ENOMEM;
	qsort(*pid, *n, sizeof(**pid), by_number);
	return 0;
}

const char *maps_hidden(const struct src *s, int first_pid)
{
	static const char first[] = "pid:[4026531836]";
	char ns[64];

	if (!src_readlink(s, "/proc/self/ns/pid", ns, sizeof(ns)) && strcmp(ns, first))
		return "processes outside this container (PID namespace) are not seen";
	return first_pid == 1 ? NULL : "/proc hides the processes of other users (mount option hidepid)";
}

static void look_for_hidden(struct walk *w)
{
	const struct src *s = w->c.s;

	if (!src_is_live(s)) {
		const struct src_error *e = src_recorded(s, WHERE);

		if (e) {
			w->hidden = "not all processes could be seen when the snapshot was taken";
			w->denied_err = e->err;
		}
		return;
	}
	w->denied_err = EPERM;
	w->hidden = maps_hidden(s, w->npid ? w->pid[0] : 0);
}

/* A snapshot has no folder of a process that capture could not read, but a line in its list of errors. */
static void recorded_denials(struct walk *w)
{
	size_t i;

	for (i = 0; i < w->c.s->nerror; i++) {
		const struct src_error *e = &w->c.s->error[i];
		struct scan p = scan_of(e->path, strlen(e->path));
		uint64_t v;
		int pid;

		if (e->err == ENOENT || e->err == ESRCH || !scan_lit(&p, "/proc/") || !scan_dec(&p, INT_MAX, &v) ||
		    !scan_lit(&p, "/maps") || !scan_done(&p) || (i && !strcmp(e->path, e[-1].path)))
			continue;
		pid = (int)v;
		if (w->npid && bsearch(&pid, w->pid, w->npid, sizeof(*w->pid), by_number))
			continue;	/* has a folder, and was counted there */
		w->c.out->denied++;
		w->denied_err = e->err;
	}
}

static int finish(struct walk *w, int err)
{
	const struct src *s = w->c.s;
	struct maps *out = w->c.out;
	struct fact *f = &out->fact;
	char why[sizeof(f->why)];

	if (err == -EFBIG) {
		fact_garbled(f, WHERE, "more than %d mappings of device memory", MAX_MAPS);
	} else if (err) {
		fact_missing(f, s, err == -ENOMEM ? WHERE : "/proc", -err, NULL);
	} else if (*w->bad) {
		fact_garbled(f, WHERE, "%s", w->bad);
	} else if (out->denied) {
		fact_missing(f, s, WHERE, w->denied_err, "run as root (CAP_SYS_PTRACE)");
		src_why(s, WHERE, w->denied_err, why, sizeof(why));
		snprintf(f->why, sizeof(f->why), "%zu of %zu processes could not be read: %.120s", out->denied,
			 out->denied + out->seen, why);
	} else if (w->hidden) {
		fact_missing(f, s, WHERE, w->denied_err, "run as root, outside of any container");
		snprintf(f->why, sizeof(f->why), "%s", w->hidden);
	} else if (!out->seen && !w->c.nodes.found) {
		/* nobody has no processes; a snapshot that holds none tells by nodes.txt that capture looked */
		fact_missing(f, s, WHERE, ENODATA, NULL);
	} else {
		fact_known(f, WHERE);
	}
	return f->state == FACT_KNOWN ? 0 : -f->err;
}

int maps_read(const struct src *s, const struct pci *pci, unsigned int kernel, struct maps *out)
{
	struct walk w = { .c = { .s = s, .pci = pci, .kernel = kernel, .out = out } };
	size_t i;
	int err;

	*out = (struct maps){0};
	w.buf = malloc(BUFFER);
	err = w.buf ? resolve_init(&w.c) : -ENOMEM;
	if (!err)
		err = maps_list_pids(s, &w.pid, &w.npid);
	if (!err)
		look_for_hidden(&w);
	for (i = 0; !err && i < w.npid; i++)
		err = take_process(&w, w.pid[i]);
	if (!err && !src_is_live(s))
		recorded_denials(&w);
	err = finish(&w, err);
	free(w.pid);
	free(w.buf);
	resolve_free(&w.c);
	return err;
}

void maps_free(struct maps *m)
{
	free(m->m);
	*m = (struct maps){0};
}
