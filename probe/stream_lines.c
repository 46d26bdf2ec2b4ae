/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stream_lines.c - the lines of which a part has left: found by their address, given up in the order they came. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stream_int.h"

static unsigned int bucket_of(uint64_t line)
{
	return (unsigned int)((line / MODEL_LINE * 0x9e3779b97f4a7c15ULL) >> 32) % STREAM_LINES;
}

int lines_init(struct lines *l)
{
	l->g = calloc(STREAM_LINES, sizeof(*l->g));
	if (!l->g)
		return -ENOMEM;
	memset(l->bucket, -1, sizeof(l->bucket));
	l->oldest = l->newest = -1;
	for (int i = 0; i < STREAM_LINES; i++)
		l->g[i].chain = i + 1 < STREAM_LINES ? i + 1 : -1;
	l->free = 0;
	return 0;
}

void lines_clear(struct lines *l)
{
	free(l->g);
	l->g = NULL;
}

struct group *lines_get(struct lines *l, uint64_t line)
{
	if (l->oldest < 0)
		return NULL;
	for (int i = l->bucket[bucket_of(line)]; i >= 0; i = l->g[i].chain)
		if (l->g[i].line == line)
			return &l->g[i];
	return NULL;
}

struct group *lines_oldest(struct lines *l)
{
	return l->oldest < 0 ? NULL : &l->g[l->oldest];
}

bool lines_full(const struct lines *l)
{
	return l->free < 0;
}

struct group *lines_add(struct lines *l, uint64_t line)
{
	unsigned int b = bucket_of(line);
	int i = l->free;
	struct group *g = &l->g[i];

	l->free = g->chain;
	*g = (struct group){ .line = line, .chain = l->bucket[b], .older = l->newest, .newer = -1 };
	l->bucket[b] = i;
	if (l->newest >= 0)
		l->g[l->newest].newer = i;
	else
		l->oldest = i;
	l->newest = i;
	return g;
}

void lines_remove(struct lines *l, struct group *g)
{
	int i = (int)(g - l->g), *p = &l->bucket[bucket_of(g->line)];

	while (*p != i)
		p = &l->g[*p].chain;
	*p = g->chain;
	*(g->older >= 0 ? &l->g[g->older].newer : &l->oldest) = g->newer;
	*(g->newer >= 0 ? &l->g[g->newer].older : &l->newest) = g->older;
	g->chain = l->free;
	l->free = i;
}
