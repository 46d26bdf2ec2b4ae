/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps_side.c - the two small files in which a snapshot keeps what maps does not tell: read, and made for capture.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "maps_int.h"
#include "scan.h"
#include "src.h"

#define NODES_HEAD "# PATH SLOT: a mapped device node and the PCI device behind it\n"
#define VFIO_HEAD  "# PID SLOT: a process and the one PCI device that it has open through vfio\n"

static int by_key(const void *a, const void *b)
{
	const struct tie *x = a, *y = b;
	int c = memcmp(x->key, y->key, x->keylen < y->keylen ? x->keylen : y->keylen);

	if (c)
		return c;
	return x->keylen < y->keylen ? -1 : x->keylen > y->keylen;
}

/* "KEY SLOT": the key may hold blanks, the slot does not. A line that is none is passed over: it ties nothing. */
static bool tie_line(struct scan l, struct tie *t)
{
	const char *blank;

	while (!scan_done(&l) && (l.end[-1] == '\r' || l.end[-1] == ' '))
		l.end--;
	blank = memrchr(l.p, ' ', scan_left(&l));
	if (!blank || blank == l.p || *l.p == '#')
		return false;
	t->key = l.p;
	t->keylen = (size_t)(blank - l.p);
	return slot_parse(blank + 1, (size_t)(l.end - blank - 1), t->slot);
}

int ties_load(const struct src *s, const char *path, struct ties *out)
{
	struct scan text, l;
	size_t cap = 0, i, n = 0;
	bool whole;
	int err;

	*out = (struct ties){0};
	out->text = calloc(1, sizeof(*out->text));
	if (!out->text)
		return -ENOMEM;
	err = src_read(s, path, out->text);
	if (err)
		return err == -ENOMEM ? err : 0;	/* then nothing is tied, and found says so */
	out->found = true;
	text = scan_of(out->text->data, out->text->len);
	while (scan_line(&text, &l, &whole)) {
		if (out->n == cap) {
			struct tie *t = reallocarray(out->t, cap ? cap * 2 : 64, sizeof(*t));

			if (!t)
				return -ENOMEM;
			out->t = t;
			cap = cap ? cap * 2 : 64;
		}
		out->n += tie_line(l, &out->t[out->n]);
	}
	if (!out->n)
		return 0;
	qsort(out->t, out->n, sizeof(*out->t), by_key);
	for (i = 1; i < out->n; i++) {	/* two containers may call different devices the same: then it is not known */
		if (by_key(&out->t[n], &out->t[i]))
			out->t[++n] = out->t[i];
		else if (strcmp(out->t[n].slot, out->t[i].slot))
			out->t[n].slot[0] = '\0';
	}
	out->n = n + 1;
	return 0;
}

void ties_free(struct ties *t)
{
	if (t->text)
		blob_free(t->text);
	free(t->text);
	free(t->t);
	*t = (struct ties){0};
}

const struct tie *ties_find(const struct ties *t, const char *key, size_t len)
{
	struct tie want = { .key = key, .keylen = len };

	return t->n ? bsearch(&want, t->t, t->n, sizeof(*t->t), by_key) : NULL;
}

static int by_path(const void *a, const void *b)
{
	const struct map *x = *(const struct map *const *)a, *y = *(const struct map *const *)b;
	int c = strcmp(x->path, y->path);

	return c ? c : (x->pid > y->pid) - (x->pid < y->pid);
}

/* Every distinct path of a node with its device; both when two processes see different devices under one path. */
static void write_nodes(const struct src *s, const struct map **m, size_t n, FILE *f)
{
	char slot[20], last[20] = "";
	size_t i;

	fputs(NODES_HEAD, f);
	for (i = 0; i < n; i++) {
		bool again = i && !strcmp(m[i]->path, m[i - 1]->path);

		if (m[i]->kind != MAP_NODE || (again && m[i]->pid == m[i - 1]->pid) || !node_slot(s, m[i], slot))
			continue;
		if (again && !strcmp(slot, last))
			continue;
		fprintf(f, "%s %s\n", m[i]->path, slot);
		memcpy(last, slot, sizeof(last));
	}
}

static void write_vfio(const struct src *s, const struct maps *m, FILE *f)
{
	int last = -1;
	char slot[20];
	size_t i;

	fputs(VFIO_HEAD, f);
	for (i = 0; i < m->n; i++) {
		if (m->m[i].kind != MAP_VFIO || m->m[i].pid == last)
			continue;
		last = m->m[i].pid;
		if (vfio_slot(s, last, slot))
			fprintf(f, "%d %s\n", last, slot);
	}
}

/* Of a snapshot: its own text, or an empty one. */
static int copy_side_file(const struct src *s, const char *path, const char *head, char **out)
{
	struct blob text;
	int err = src_read(s, path, &text);

	if (err && err != -ENODATA && err != -ENOENT)
		return err;
	*out = strdup(err ? head : text.data);
	if (!err)
		blob_free(&text);
	return *out ? 0 : -ENOMEM;
}

static int copy_side_files(const struct src *s, const struct maps *m, char **nodes, char **vfio)
{
	int err = copy_side_file(s, NODES_PATH, NODES_HEAD, nodes);

	if (!err)
		err = copy_side_file(s, VFIO_PATH, VFIO_HEAD, vfio);
	/* Made out of nothing, the first file would say that somebody had looked. */
	if (!err && !m->seen && src_exists(s, NODES_PATH))
		err = -ENODATA;
	if (err) {
		free(*nodes);
		free(*vfio);
		*nodes = *vfio = NULL;
	}
	return err;
}

int maps_side_files(const struct src *s, const struct maps *m, char **nodes, char **vfio)
{
	const struct map **sorted = calloc(m->n + 1, sizeof(*sorted));
	size_t nlen, vlen, i;
	FILE *nf, *vf;
	int err;

	*nodes = *vfio = NULL;
	if (!src_is_live(s)) {
		free(sorted);
		return copy_side_files(s, m, nodes, vfio);
	}
	nf = open_memstream(nodes, &nlen);
	vf = open_memstream(vfio, &vlen);
	if (sorted && nf && vf) {
		for (i = 0; i < m->n; i++)
			sorted[i] = &m->m[i];
		qsort(sorted, m->n, sizeof(*sorted), by_path);
		write_nodes(s, sorted, m->n, nf);
		write_vfio(s, m, vf);
	}
	err = !sorted || !nf || !vf || ferror(nf) || ferror(vf) ? -ENOMEM : 0;
	if (nf && fclose(nf))
		err = -ENOMEM;
	if (vf && fclose(vf))
		err = -ENOMEM;
	free(sorted);
	if (err) {
		free(*nodes);
		free(*vfio);
		*nodes = *vfio = NULL;
	}
	return err;
}
