/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_names.c - what a process is called, and what is mapped at an address of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/pte.h"
#include "probe/maps.h"
#include "probe/src.h"

static void read_comm(const struct src *s, struct pte_names *out)
{
	char path[48];
	struct blob b;

	snprintf(path, sizeof(path), "/proc/%d/comm", out->pid);
	if (src_read(s, path, &b))
		return;
	b.data[strcspn(b.data, "\n")] = '\0';
	safe_text(b.data, out->comm, sizeof(out->comm));
	blob_free(&b);
}

static int add_line(struct pte_names *out, size_t *max, const char *line, size_t len)
{
	struct map_line l;
	struct pte_name *n;

	if (map_line_parse(line, len, &l))
		return 0;
	if (out->count == *max) {
		size_t more = *max ? *max * 2 : 64;

		n = reallocarray(out->n, more, sizeof(*n));
		if (!n)
			return -ENOMEM;
		out->n = n;
		*max = more;
	}
	n = &out->n[out->count];
	/* Lines stand in order; one that does not would break the search. */
	if (out->count && l.vstart < n[-1].end)
		return 0;
	*n = (struct pte_name){ .start = l.vstart, .end = l.vend };
	snprintf(n->path, sizeof(n->path), "%.*s", (int)(l.pathlen < sizeof(n->path) ? l.pathlen : sizeof(n->path)),
		 l.path);
	out->count++;
	return 0;
}

int pte_names_load(const struct src *s, int pid, struct pte_names *out)
{
	size_t max = 0;
	char path[48];
	struct blob b;
	int rc = 0;

	*out = (struct pte_names){ .pid = pid };
	if (!pid)
		return 0;
	read_comm(s, out);
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	if (src_read(s, path, &b))
		return 0;
	for (const char *p = b.data, *end = b.data + b.len; p < end && !rc;) {
		size_t len = strcspn(p, "\n");

		rc = add_line(out, &max, p, len);
		p += len + 1;
	}
	blob_free(&b);
	return rc;
}

const struct pte_name *pte_names_at(const struct pte_names *n, uint64_t addr)
{
	size_t lo = 0, hi = n->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (n->n[mid].end <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n->count && n->n[lo].start <= addr ? &n->n[lo] : NULL;
}

void pte_names_free(struct pte_names *n)
{
	free(n->n);
	*n = (struct pte_names){ 0 };
}
