/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_model.c - rows of the memory BARs, matched with those of the reading before. */
#include "cmd/live_model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/text.h"
#include "probe/judge.h"
#include "probe/machine.h"

const char *const live_col_name[LC_COLS] = {
	[LC_BAR] = "BAR",	    [LC_SIZE] = "SIZE",	      [LC_VERDICT] = "VERDICT",	 [LC_BREAKS] = "BREAKS",
	[LC_RESERVED] = "RESERVED", [LC_ENTRIES] = "ENTRIES", [LC_MAPPED] = "MAPPED BY",
};

static uint64_t key_of(const struct pci_device *d, int bar)
{
	return (uint64_t)d->domain << 24 | (uint64_t)(d->bus & 0xff) << 16 | (uint64_t)(d->dev & 0x1f) << 11 |
	       (uint64_t)(d->func & 7) << 8 | (uint64_t)bar;
}

/* The judgement's BARs and pci.dev stand in the same order: one cursor serves all. */
static const struct bar_judgement *judged(const struct judgement *j, size_t *at, const struct pci_device *d, int bar)
{
	while (*at < j->nbar && key_of(j->bar[*at].dev, j->bar[*at].bar) < key_of(d, bar))
		(*at)++;
	return *at < j->nbar && j->bar[*at].dev == d && j->bar[*at].bar == bar ? &j->bar[*at] : NULL;
}

static void fill(const struct machine *m, struct live_row *r)
{
	const struct pci_device *d = &m->pci.dev[r->dev];
	const struct bar_judgement *j = r->j;
	char slot[64];

	snprintf(slot, sizeof(slot), "%s:%d", d->slot, r->bar);
	safe_text(slot, r->text[LC_BAR], sizeof(r->text[LC_BAR]));
	human_size(r->end - r->start, r->text[LC_SIZE], sizeof(r->text[LC_SIZE]));
	if (!r->start)
		snprintf(r->text[LC_SIZE], sizeof(r->text[LC_SIZE]), "no place");
	snprintf(r->text[LC_VERDICT], sizeof(r->text[0]), "%s", j ? verdict_name(j->verdict) : "not judged");
	snprintf(r->text[LC_BREAKS], sizeof(r->text[0]), "%s",
		 j && j->breaks_at >= 0 ? layer_name((enum layer)j->breaks_at) : "-");
	live_reserved_words(m, r->start, r->end, r->text[LC_RESERVED], sizeof(r->text[0]));
	live_entries_words(m, j, r->text[LC_ENTRIES], sizeof(r->text[0]));
	live_mapped_words(m, r, r->text[LC_MAPPED], sizeof(r->text[0]));
}

/* since[] from the row of the same BAR; was NULL: it was not there. */
static void carry(const struct live_model *v, const struct live_row *was, struct live_row *r)
{
	for (int c = 0; c < LC_COLS; c++) {
		if (was && !strcmp(was->text[c], r->text[c]))
			r->since[c] = was->since[c];
		else /* what the first reading shows is no change */
			r->since[c] = v->refresh > 1 ? v->refresh : 0;
		if (r->since[c] > r->newest)
			r->newest = r->since[c];
	}
}

int live_model_update(struct live_model *v, const struct machine *m, const struct judgement *j, const bool *sel,
		      int bar)
{
	struct live_row *row = calloc(m->pci.n * 6 + 1, sizeof(*row));
	size_t n = 0, was = 0, at = 0;

	if (!row)
		return -ENOMEM;
	v->refresh++;
	v->m = m;
	v->j = j;
	memset(v->verdicts, 0, sizeof(v->verdicts));
	v->unjudged = 0;
	for (size_t d = 0; d < m->pci.n; d++)
		for (int b = 0; b < 6; b++) {
			const struct pci_bar *p = &m->pci.dev[d].bar[b];
			const struct bar_judgement *bj = judged(j, &at, &m->pci.dev[d], b);
			struct live_row *r = &row[n];

			if ((sel && !sel[d]) || (bar >= 0 && b != bar) ||
			    (!bj && (!(p->flags & RES_MEM) || p->size < 4096)))
				continue;
			r->key = key_of(&m->pci.dev[d], b);
			r->dev = d;
			r->bar = b;
			r->start = p->addr;
			r->end = p->addr + p->size;
			r->j = bj;
			if (r->j)
				v->verdicts[r->j->verdict]++;
			else
				v->unjudged++;
			fill(m, r);
			while (was < v->n && v->row[was].key < r->key)
				was++;
			carry(v, was < v->n && v->row[was].key == r->key ? &v->row[was] : NULL, r);
			n++;
		}
	free(v->row);
	v->row = row;
	v->n = n;
	return 0;
}

void live_model_tick(struct live_model *v)
{
	v->refresh++;
}

void live_model_free(struct live_model *v)
{
	free(v->row);
	v->row = NULL;
	v->n = 0;
}

bool live_changed(const struct live_model *v, const struct live_row *r, enum live_col col)
{
	return r->since[col] && v->refresh - r->since[col] < LIVE_MARKED;
}
