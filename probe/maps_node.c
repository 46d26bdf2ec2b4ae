/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps_node.c - the device behind a mapped node, each node looked up once however many mappings it has.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>

#include "maps_int.h"
#include "pci.h"
#include "scan.h"
#include "src.h"

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

void node_cache_free(struct maps_ctx *c)
{
	tdestroy(c->node_cache, node_free);
	c->node_cache = NULL;
}
