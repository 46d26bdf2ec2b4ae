/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff_match.c - which device of A is which of B.
 *
 * By identity (vendor, device and their subsystem's): first those in the same slot, then those of the same device and
 * function number on another bus, then in the order of their slots. A snapshot holds no serial numbers.
 */
#include <errno.h>
#include <stdlib.h>

#include "diff.h"
#include "pci.h"

struct ref {
	const struct pci_device *d;
	int at;
};

#define CMP(x, y) ((x) < (y) ? -1 : (x) > (y))

static int by_identity(const struct pci_device *a, const struct pci_device *b)
{
	int c = CMP(a->vendor, b->vendor);

	c = c ? c : CMP(a->device, b->device);
	c = c ? c : CMP(a->sub_vendor, b->sub_vendor);
	return c ? c : CMP(a->sub_device, b->sub_device);
}

static int key_slot(const struct pci_device *a, const struct pci_device *b)
{
	int c = by_identity(a, b);

	return c ? c : pci_device_cmp(a, b);
}

static int key_function(const struct pci_device *a, const struct pci_device *b)
{
	int c = by_identity(a, b);

	c = c ? c : CMP(a->dev, b->dev);
	return c ? c : CMP(a->func, b->func);
}

static int sort_slot(const void *a, const void *b)
{
	return key_slot(((const struct ref *)a)->d, ((const struct ref *)b)->d);
}

static int sort_function(const void *a, const void *b)
{
	int c = key_function(((const struct ref *)a)->d, ((const struct ref *)b)->d);

	return c ? c : sort_slot(a, b);
}

/* Each pass pairs what is equal by its key, in order; what is left over goes to the next, which asks for less. */
static const struct {
	int (*sort)(const void *a, const void *b);
	int (*key)(const struct pci_device *a, const struct pci_device *b);
} passes[] = {
	{ sort_slot, key_slot },
	{ sort_function, key_function },
	{ sort_slot, by_identity },
};

static void pass(size_t p, struct ref *a, size_t *na, struct ref *b, size_t *nb, int *of_b)
{
	size_t i = 0, k = 0, la = 0, lb = 0;

	qsort(a, *na, sizeof(*a), passes[p].sort);
	qsort(b, *nb, sizeof(*b), passes[p].sort);
	while (i < *na || k < *nb) {
		int c = i == *na ? 1 : k == *nb ? -1 : passes[p].key(a[i].d, b[k].d);

		if (!c)
			of_b[b[k++].at] = a[i++].at;
		else if (c < 0)
			a[la++] = a[i++];
		else
			b[lb++] = b[k++];
	}
	*na = la;
	*nb = lb;
}

int diff_match(const struct pci *a, const struct pci *b, struct diff_pair **out, size_t *n)
{
	struct ref *ra = calloc(a->n + 1, sizeof(*ra)), *rb = calloc(b->n + 1, sizeof(*rb));
	struct diff_pair *p = calloc(a->n + b->n + 1, sizeof(*p));
	int *of_b = calloc(b->n + 1, sizeof(*of_b));
	size_t na = a->n, nb = b->n;

	*n = 0;
	*out = p;
	if (!ra || !rb || !p || !of_b) {
		free(p);
		*out = NULL;
		goto out;
	}
	for (size_t i = 0; i < na; i++)
		ra[i] = (struct ref){ &a->dev[i], (int)i };
	for (size_t i = 0; i < nb; i++) {
		rb[i] = (struct ref){ &b->dev[i], (int)i };
		of_b[i] = -1;
	}
	for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++)
		pass(i, ra, &na, rb, &nb, of_b);
	for (size_t i = 0; i < b->n; i++)
		p[(*n)++] = (struct diff_pair){ of_b[i], (int)i };
	qsort(ra, na, sizeof(*ra), sort_slot);
	for (size_t i = 0; i < na; i++)
		p[(*n)++] = (struct diff_pair){ ra[i].at, -1 };
out:
	free(ra);
	free(rb);
	free(of_b);
	return *out ? 0 : -ENOMEM;
}
