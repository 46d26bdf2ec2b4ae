/* SPDX-License-Identifier: GPL-2.0-or-later */
/* align_bytes.c - TLPs that belong together: the same bytes, or which of them are not in both lists. */
#include <errno.h>
#include <stdlib.h>

#include "align_int.h"

/* Bytes of [first, first + 64 * lines) that a TLP writes. */
static void paint(uint64_t *mask, uint64_t first, const struct align_one *x)
{
	unsigned int ndw = x->form >> 8;
	const struct tlp t = { .ndw = (uint16_t)ndw, .fbe = x->form >> 4 & 15, .lbe = x->form & 15 };

	for (unsigned int d = 0; d < ndw; d++) {
		uint64_t off = x->addr + 4 * d - first;

		mask[off / MODEL_LINE] |= (uint64_t)tlp_enables(&t, d) << off % MODEL_LINE;
	}
}

/* The bytes of n TLPs, of which some were predicted and some observed, that are not in both. */
static int bytes(const struct align_one *x, size_t n, uint64_t first, uint64_t lines, uint64_t *missing,
		 uint64_t *extra)
{
	uint64_t *mask = calloc(2 * lines, sizeof(*mask));

	if (!mask)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		paint(mask + (x[i].seen ? lines : 0), first, &x[i]);
	*missing = *extra = 0;
	for (uint64_t i = 0; i < lines; i++) {
		*missing += (unsigned int)__builtin_popcountll(mask[i] & ~mask[lines + i]);
		*extra += (unsigned int)__builtin_popcountll(mask[lines + i] & ~mask[i]);
	}
	free(mask);
	return 0;
}

/* What became of the bytes: sums say whether they are the same; else they are looked at one by one. */
int align_judge(struct align_case *c, const struct align_one *x, size_t n, uint64_t lines, uint64_t hash, uint64_t np,
		uint64_t no)
{
	enum align_class cut = c->observed > c->predicted   ? AC_MORE
			       : c->observed < c->predicted ? AC_FEWER
							    : AC_OTHERWISE;
	int rc = 0;

	if (!c->observed) {
		c->class = AC_MISSING;
		c->missing = np;
	} else if (!c->predicted) {
		c->class = AC_FOREIGN;
		c->extra = no;
	} else if (!hash && np == no) {
		c->class = cut;
	} else {
		rc = bytes(x, n, LINE_OF(c->addr), lines, &c->missing, &c->extra);
		/* A byte that came as well, but not as often: fewer TLPs may have held it, else it is lost. */
		if (!c->missing && !c->extra && no < np && cut != AC_FEWER)
			c->missing = np - no;
		c->class = c->missing ? AC_MISSING : c->extra ? AC_FOREIGN : cut;
	}
	return rc;
}
