/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memtree.c - the names: found by a balanced tree, so that no choice of names makes it slow. */
#include "memtree.h"

#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memtree_int.h"

enum { MAX_LINKS = 40 };

static int by_place(const void *a, const void *b)
{
	const struct memnode *x = a, *y = b;

	if (x->parent != y->parent)
		return (uintptr_t)x->parent < (uintptr_t)y->parent ? -1 : 1;
	return strcmp(x->name, y->name);
}

static struct memnode *node_new(struct memnode *parent, const char *name, enum mem_kind kind)
{
	size_t n = strlen(name) + 1;
	struct memnode *node = malloc(sizeof(*node) + n);

	if (!node)
		return NULL;
	*node = (struct memnode){ .parent = parent, .kind = kind, .name = memcpy(node + 1, name, n) };
	return node;
}

static void node_free(void *p)
{
	struct memnode *node = p;

	free(node->data);
	free(node);
}

struct memtree *memtree_new(void)
{
	struct memtree *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->spill = -1;
	t->top = node_new(NULL, "", MEM_DIR);
	if (!t->top) {
		free(t);
		return NULL;
	}
	return t;
}

void memtree_free(struct memtree *t)
{
	if (!t)
		return;
	tdestroy(t->names, node_free);
	node_free(t->top);
	if (t->spill >= 0)
		close(t->spill);
	free(t);
}

struct memnode *memtree_top(const struct memtree *t)
{
	return t->top;
}

struct memnode *memtree_child(const struct memtree *t, const struct memnode *dir, const char *name)
{
	const struct memnode key = { .parent = (struct memnode *)dir, .name = name };
	struct memnode *const *found = tfind(&key, &t->names, by_place);

	return found ? *found : NULL;
}

struct memnode *memtree_add(struct memtree *t, struct memnode *dir, const char *name, enum mem_kind kind)
{
	struct memnode *node = node_new(dir, name, kind);

	if (!node)
		return NULL;
	if (!tsearch(node, &t->names, by_place)) {
		node_free(node);
		return NULL;
	}
	node->sibling = dir->child;
	dir->child = node;
	return node;
}

int memtree_make_link(struct memnode *file, const char *target)
{
	file->data = strdup(target);
	if (!file->data)
		return -ENOMEM;
	file->kind = MEM_LINK;
	file->len = strlen(target);
	return 0;
}

struct walk {
	const struct memtree *t;
	struct memnode *root, *here;
	unsigned int links;
	const char *p;		 /* what is still to be resolved */
	char rest[2 * PATH_MAX]; /* where that lies once a link was followed */
};

/* Put a link's target before what is left. */
static int follow(struct walk *w, const struct memnode *link)
{
	size_t left = strlen(w->p);

	if (++w->links > MAX_LINKS)
		return -ELOOP;
	if (link->len + left + 2 > sizeof(w->rest))
		return -ENAMETOOLONG;
	memmove(w->rest + link->len, w->p, left + 1);
	memcpy(w->rest, link->data, link->len);
	w->p = w->rest;
	if (*w->p == '/')
		w->here = w->root;
	return 0;
}

/* One component, n bytes at w->p. */
static int step(struct walk *w, size_t n, bool nofollow)
{
	char name[NAME_MAX + 1];
	struct memnode *next;

	if (w->here->kind != MEM_DIR)
		return -ENOTDIR;
	if (n > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, w->p, n);
	name[n] = '\0';
	w->p += n;
	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, "..")) {
		if (w->here != w->root)
			w->here = w->here->parent;
		return 0;
	}
	next = memtree_child(w->t, w->here, name);
	if (!next)
		return -ENOENT;
	/* Behind a slash even the last one is followed. */
	if (next->kind == MEM_LINK && (*w->p || !nofollow))
		return follow(w, next);
	w->here = next;
	return *w->p && next->kind != MEM_DIR ? -ENOTDIR : 0;
}

int memtree_find(const struct memtree *t, struct memnode *root, const char *path, bool nofollow, struct memnode **out)
{
	struct walk w;
	size_t n;
	int rc = 0;

	if (!*path)
		return -ENOENT;
	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	w.t = t;
	w.root = w.here = root;
	w.links = 0;
	w.p = path;
	while (!rc) {
		w.p += strspn(w.p, "/");
		n = strcspn(w.p, "/");
		if (!n)
			break;
		rc = step(&w, n, nofollow);
	}
	*out = rc ? NULL : w.here;
	return rc;
}
