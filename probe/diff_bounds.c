/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff_bounds.c - which BARs both sides are judged by, so that one that is plausible on one side only is not lost. */
#include <errno.h>
#include <stdlib.h>

#include "diff_int.h"

static int push(struct judge_bound **l, size_t *n, int dev, int bar)
{
	struct judge_bound *p;

	if (!(*n & (*n - 1))) {
		p = realloc(*l, (*n ? *n * 2 : 1) * sizeof(*p));
		if (!p)
			return -ENOMEM;
		*l = p;
	}
	(*l)[(*n)++] = (struct judge_bound){ .dev = (size_t)dev, .bar = bar };
	return 0;
}

int diff_bounds(const struct machine *a, const struct machine *b, struct judge_bound **ba, size_t *na,
		struct judge_bound **bb, size_t *nb)
{
	struct diff_pair *p;
	size_t n;
	int rc = diff_match(&a->pci, &b->pci, &p, &n);

	*ba = *bb = NULL;
	*na = *nb = 0;
	for (size_t i = 0; !rc && i < n; i++)
		for (int bar = 0; !rc && bar < 6; bar++) {
			const struct pci_device *x = p[i].a < 0 ? NULL : &a->pci.dev[p[i].a];
			const struct pci_device *y = p[i].b < 0 ? NULL : &b->pci.dev[p[i].b];

			if (!(x && judge_plausible(a, x, bar)) && !(y && judge_plausible(b, y, bar)))
				continue;
			if (x && (x->bar[bar].flags & RES_MEM) && (x->bar[bar].size || pci_bar_unplaced(&x->bar[bar])))
				rc = push(ba, na, p[i].a, bar);
			if (!rc && y && (y->bar[bar].flags & RES_MEM) &&
			    (y->bar[bar].size || pci_bar_unplaced(&y->bar[bar])))
				rc = push(bb, nb, p[i].b, bar);
		}
	free(p);
	/* Looked up one by one; so many are no machine's. */
	if (rc || *na > DIFF_BOUND_MAX || *nb > DIFF_BOUND_MAX) {
		free(*ba);
		free(*bb);
		*ba = *bb = NULL;
		*na = *nb = 0;
	}
	return rc;
}
