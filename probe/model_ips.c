/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_ips.c - which instructions leave lines partial. */
#include "model_ips.h"

#include <stdlib.h>
#include <string.h>

/* Open addressing; half empty at least, so that a search ends soon. */
#define ROOM (MODEL_IPS / 2)

void model_ips_begin(struct model_ips *s)
{
	memset(s, 0, sizeof(*s));
}

void model_ips_add(struct model_ips *s, const struct model_tlp *t)
{
	size_t i = (size_t)(t->ip_last * 0x9e3779b97f4a7c15ULL >> 32) % MODEL_IPS;

	if (t->bytes == MODEL_LINE || t->reason == MR_DIRECT || t->reason == MR_UNCACHED)
		return;
	if (!t->ip_last) {
		s->nowhere += !t->piece;
		return;
	}
	while (s->at[i].ip && s->at[i].ip != t->ip_last)
		i = (i + 1) % MODEL_IPS;
	if (!s->at[i].ip) {
		if (s->n == ROOM) {
			s->more += !t->piece;
			return;
		}
		s->n++;
		s->at[i] = (struct model_ip){ .ip = t->ip_last, .by_ip = t->by_ip, .why = t->reason };
	}
	s->at[i].lines += !t->piece;
	s->at[i].tlps++;
}

static int order(const void *a, const void *b)
{
	const struct model_ip *x = a, *y = b;

	if (x->lines != y->lines)
		return x->lines < y->lines ? 1 : -1;
	return x->ip < y->ip ? -1 : x->ip > y->ip;
}

void model_ips_sort(struct model_ips *s)
{
	qsort(s->at, MODEL_IPS, sizeof(s->at[0]), order);
}
