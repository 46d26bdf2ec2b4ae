/* SPDX-License-Identifier: GPL-2.0-or-later */
/* align.c - the two lists, and the words for what comes of them. */
#include "align_int.h"

#include <errno.h>
#include <stdlib.h>

#define PAGE 4096u

static const struct {
	const char *id, *says;
} classes[AC_CLASSES] = {
	[AC_AS] = { "as_predicted", "as predicted" },
	[AC_MORE] = { "more", "more TLPs than predicted for the same bytes: the hardware split them" },
	[AC_FEWER] = { "fewer", "fewer TLPs than predicted for the same bytes" },
	[AC_OTHERWISE] = { "otherwise", "the same bytes in as many TLPs, cut in other places" },
	[AC_REORDERED] = { "reordered", "the same TLP, but earlier or later" },
	[AC_MISSING] = { "missing", "predicted, but not observed" },
	[AC_FOREIGN] = { "foreign", "observed, but not predicted" },
};

const char *align_class_id(enum align_class c)
{
	return classes[c].id;
}

const char *align_class_says(enum align_class c)
{
	return classes[c].says;
}

int align_new(struct align **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : -ENOMEM;
}

void align_free(struct align *a)
{
	if (!a)
		return;
	free(a->p);
	free(a->o);
	free(a);
}

/* Room for one more of size bytes. */
static int grow(void **list, size_t n, size_t *room, size_t size)
{
	size_t want = *room ? 2 * *room : 1024;
	void *more;

	if (n < *room)
		return 0;
	more = realloc(*list, want * size);
	if (!more)
		return -ENOMEM;
	*list = more;
	*room = want;
	return 0;
}

int align_predicted(struct align *a, const struct model_tlp *t, uint64_t move)
{
	void *list = a->p;
	int rc;

	if (t->addr + move > UINT64_MAX - 4u * t->ndw || (move & 3))
		return -EINVAL;
	if (a->np == ALIGN_MAX) {
		a->t.full = true;
		return 0;
	}
	rc = grow(&list, a->np, &a->roomp, sizeof(*a->p));
	a->p = list;
	if (rc)
		return rc;
	a->p[a->np] = (struct align_tlp){ .addr = t->addr + move,
					  .ndw = t->ndw,
					  .fbe = t->fbe,
					  .lbe = t->lbe,
					  .reason = t->reason,
					  .by = t->by,
					  .ip = t->ip_last };
	if (!a->ranged) {
		uint64_t page = a->p[a->np].addr & ~(uint64_t)(PAGE - 1);

		a->start = a->np && a->start < page ? a->start : page;
		a->end = a->np && a->end - 1 > page ? a->end : page + PAGE;
	}
	a->np++;
	return 0;
}

void align_range(struct align *a, uint64_t start, uint64_t end)
{
	a->ranged = true;
	a->start = start;
	a->end = end;
}

void align_get_range(const struct align *a, uint64_t *start, uint64_t *end)
{
	*start = a->start;
	*end = a->end;
}

int align_observed(struct align *a, const struct tlp *t, uint64_t at)
{
	void *list = a->o;
	int rc;

	/* One that runs past the end of the address space was never sent to a BAR. */
	if ((!a->ranged && !a->np) || t->addr > UINT64_MAX - 4u * t->ndw || t->addr + 4u * t->ndw - 1 < a->start ||
	    t->addr > a->end - 1) {
		a->t.elsewhere++;
		return 0;
	}
	if (a->no == ALIGN_MAX) {
		a->t.full = true;
		return 0;
	}
	rc = grow(&list, a->no, &a->roomo, sizeof(*a->o));
	a->o = list;
	if (rc)
		return rc;
	a->o[a->no++] = (struct align_seen){ .addr = t->addr, .at = at, .ndw = t->ndw, .fbe = t->fbe, .lbe = t->lbe };
	return 0;
}

const struct align_tlp *align_tlp_at(const struct align *a, uint64_t i)
{
	return i < a->np ? &a->p[i] : NULL;
}

const struct align_seen *align_seen_at(const struct align *a, uint64_t i)
{
	return i < a->no ? &a->o[i] : NULL;
}
