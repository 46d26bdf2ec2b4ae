/* SPDX-License-Identifier: GPL-2.0-or-later */
/* observed_sum.c - memory writes counted. */
#include "observed_sum.h"

#include <stdlib.h>

#include "model.h"

#define PAGE 4096u

const char *observed_enables_says(enum sum_enables e)
{
	static const char *const says[SE_KINDS] = {
		[SE_ALL] = "every byte",
		[SE_FIRST] = "the first doubleword in part",
		[SE_LAST] = "the last doubleword in part",
		[SE_BOTH] = "the first and the last in part",
		[SE_NONE] = "no byte",
	};

	return says[e];
}

static enum sum_enables enables(const struct tlp *t)
{
	bool first = t->fbe != 15, last = t->ndw > 1 && t->lbe != 15;

	return !tlp_bytes(t) ? SE_NONE : first && last ? SE_BOTH : first ? SE_FIRST : last ? SE_LAST : SE_ALL;
}

/* NULL: all places are taken. */
static struct sum_range *page_of(struct observed_sum *s, uint64_t page)
{
	size_t i = (page / PAGE * 0x9e3779b97f4a7c15ULL) >> 40;

	for (;; i++) {
		uint32_t *slot = &s->slot[i % (2 * SUM_PAGES)];

		if (*slot && s->page[*slot - 1].start == page)
			return &s->page[*slot - 1];
		if (!*slot) {
			if (s->n == SUM_PAGES)
				return NULL;
			s->page[s->n++] = (struct sum_range){ .start = page };
			*slot = (uint32_t)s->n;
			return &s->page[s->n - 1];
		}
	}
}

void observed_sum_add(struct observed_sum *s, const struct tlp *t, uint64_t at, unsigned int mps)
{
	const char *wrong = model_tlp_illegal(t->addr, t->ndw, t->fbe, t->lbe, mps);
	uint64_t page = t->addr & ~(uint64_t)(PAGE - 1);
	struct sum_range *r = page_of(s, page);
	unsigned int n = tlp_bytes(t);

	s->tlps++;
	s->bytes += n;
	s->wire += model_wire(t->addr, t->ndw, t->header);
	s->size[t->ndw]++;
	s->whole_lines += n == MODEL_LINE && t->ndw == MODEL_LINE / 4 && t->addr % MODEL_LINE == 0;
	s->enables[enables(t)]++;
	if (wrong && !s->illegal++) {
		s->wrong = wrong;
		s->wrong_at = at;
	}
	if (r) {
		r->tlps++;
		r->bytes += n;
	} else {
		s->more++;
	}
}

static int by_start(const void *x, const void *y)
{
	const struct sum_range *a = x, *b = y;

	return a->start < b->start ? -1 : a->start > b->start;
}

void observed_sum_end(struct observed_sum *s)
{
	size_t n = 0;

	qsort(s->page, s->n, sizeof(*s->page), by_start);
	for (size_t i = 0; i < s->n; i++) {
		struct sum_range *r = &s->page[i];

		/* end is that of the last page, and 0 behind the last of all. */
		r->end = r->start + PAGE;
		if (n && s->page[n - 1].end == r->start) {
			s->page[n - 1].end = r->end;
			s->page[n - 1].tlps += r->tlps;
			s->page[n - 1].bytes += r->bytes;
		} else {
			s->page[n++] = *r;
		}
	}
	s->n = n;
}
