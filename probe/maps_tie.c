/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps_tie.c - what maps does not tell: the PCI device behind a node, and behind a process's vfio descriptors. Live it
 * is looked up, a snapshot has it in two small files; the same look-ups write these.
 */
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "maps_int.h"
#include "pci.h"
#include "scan.h"
#include "src.h"

/* ---- live ---- */

/*
 * The mapped file itself is asked, through /proc/PID/map_files: its path may name something else in our mount
 * namespace, or nothing any more. That takes privilege; without it the path is looked up in the process's own root.
 */
static bool char_device(const struct map *m, dev_t *dev)
{
	char path[sizeof(m->path) + 32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/map_files/%llx-%llx", m->pid, (unsigned long long)m->vstart,
		 (unsigned long long)m->vend);
	if (stat(path, &st)) {
		if (strchr(m->path, '?') || strlen(m->path) == sizeof(m->path) - 1)
			return false;	/* shown, but not as it is */
		snprintf(path, sizeof(path), "/proc/%d/root%s", m->pid, m->path);
		if (stat(path, &st))
			return false;
	}
	*dev = st.st_rdev;
	return S_ISCHR(st.st_mode);
}

bool node_slot(const struct src *s, const struct map *m, char slot[20])
{
	char path[64], target[512];
	dev_t dev;

	if (!char_device(m, &dev))
		return false;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", major(dev), minor(dev));
	if (!src_readlink(s, path, target, sizeof(target)) && slot_in_path(target, strlen(target), slot))
		return true;
	/* a class device without a place below the PCI device, but with a link to it */
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/device", major(dev), minor(dev));
	return !src_readlink(s, path, target, sizeof(target)) && slot_in_path(target, strlen(target), slot);
}

/* What the descriptors of one process say. */
struct vfio_seen {
	char slot[20];		/* the first one found, "" when none */
	bool several;		/* another one was found as well */
	bool unclear;		/* a group of several devices: any of them may be the one */
};

static void seen(struct vfio_seen *v, const char *slot)
{
	if (!*v->slot)
		memcpy(v->slot, slot, sizeof(v->slot));
	else if (strcmp(v->slot, slot))
		v->several = true;
}

/* /dev/vfio/26: of a group of one device it must be that one. */
static void group_member(const struct src *s, const char *group, struct vfio_seen *v)
{
	char path[96], slot[20];
	char **names = NULL;
	size_t n = 0;

	snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/%.20s/devices", group);
	if (!src_list(s, path, &names, &n) && n == 1 && slot_parse(names[0], strlen(names[0]), slot))
		seen(v, slot);
	else
		v->unclear = true;
	src_list_free(names, n);
}

/* Since 6.17 the kernel says it: "vfio-device-syspath: /sys/devices/pci0000:e0/.../0000:e8:00.0". */
static bool device_path(const struct src *s, int pid, const char *fd, char slot[20])
{
	static const char key[] = "vfio-device-syspath:";
	char path[64];
	struct blob text;
	const char *p;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%.12s", pid, fd);
	if (src_read(s, path, &text))
		return false;
	p = memmem(text.data, text.len, key, sizeof(key) - 1);
	if (p)
		found = slot_in_path(p, strcspn(p, "\n"), slot);
	blob_free(&text);
	return found;
}

bool vfio_slot(const struct src *s, int pid, char slot[20])
{
	struct vfio_seen group = {0}, device = {0};
	char path[96], target[256], found[20];
	char **fd = NULL;
	size_t n = 0, i;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	if (src_list(s, path, &fd, &n))
		return false;
	for (i = 0; i < n; i++) {
		struct scan t;

		snprintf(path, sizeof(path), "/proc/%d/fd/%.12s", pid, fd[i]);
		if (src_readlink(s, path, target, sizeof(target)))
			continue;
		t = scan_of(target, strlen(target));
		if (scan_lit(&t, "/dev/vfio/devices/")) {
			snprintf(path, sizeof(path), "/sys/class/vfio-dev/%.32s", t.p);
			if (!src_readlink(s, path, target, sizeof(target)) &&
			    slot_in_path(target, strlen(target), found))
				seen(&device, found);
			else
				device.unclear = true;
		} else if (scan_lit(&t, "anon_inode:[vfio-device")) {
			if (device_path(s, pid, fd[i], found))
				seen(&device, found);
			else
				device.unclear = true;
		} else if (scan_lit(&t, "/dev/vfio/") && !scan_lit(&t, "vfio")) {
			scan_lit(&t, "noiommu-");
			group_member(s, t.p, &group);
		}
	}
	src_list_free(fd, n);
	/* Where each device descriptor names its device the groups add nothing; else they have to leave no choice. */
	if (*device.slot && !device.unclear)
		group = device;
	else if (*device.slot)
		seen(&group, device.slot);
	if (!*group.slot || group.several || group.unclear)
		return false;
	memcpy(slot, group.slot, sizeof(group.slot));
	return true;
}

/* ---- side files ---- */

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

/* ---- nodes, each looked up once ---- */

struct node {
	char *key;
	size_t len;
	bool tied;
	char slot[20];
};

static int by_node(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->key, y->key, x->len);
}

static void node_free(void *p)
{
	struct node *n = p;

	free(n->key);
	free(n);
}

static struct node *node_new(const struct scan *key)
{
	struct node *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->len = scan_left(key);
	n->key = malloc(n->len + 1);
	if (!n->key) {
		free(n);
		return NULL;
	}
	memcpy(n->key, key->p, n->len);
	return n;
}

static int node_live(struct maps_ctx *c, const struct scan *key, const struct map *m, const struct node **out)
{
	struct node *n = node_new(key), **at;

	if (!n)
		return -ENOMEM;
	at = tsearch(n, &c->node_cache, by_node);
	if (!at) {
		node_free(n);
		return -ENOMEM;
	}
	if (*at != n)
		node_free(n);
	else
		n->tied = node_slot(c->s, m, n->slot);
	*out = *at;
	return 0;
}

int resolve_node(struct maps_ctx *c, const struct scan *key, struct map *m, bool *tied)
{
	const struct node *n;
	const struct tie *t;
	const char *slot;
	int err;

	m->dev = m->bar = -1;
	m->phys_known = false;
	m->phys = 0;
	if (src_is_live(c->s)) {
		err = node_live(c, key, m, &n);
		if (err)
			return err;
		*tied = n->tied;
		slot = n->slot;
	} else {
		t = ties_find(&c->nodes, m->path, strlen(m->path));
		*tied = t != NULL;
		slot = t ? t->slot : "";
	}
	if (*tied && *slot && c->pci)
		m->dev = pci_find(c->pci, slot);
	return 0;
}

void resolve_free(struct maps_ctx *c)
{
	memtype_free(&c->bars);
	ties_free(&c->nodes);
	ties_free(&c->vfio);
	tdestroy(c->node_cache, node_free);
	c->node_cache = NULL;
}

/* ---- what capture writes ---- */

#define NODES_HEAD "# PATH SLOT: a mapped device node and the PCI device behind it\n"
#define VFIO_HEAD  "# PID SLOT: a process and the one PCI device that it has open through vfio\n"

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
