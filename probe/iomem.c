/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iomem.c - /proc/iomem: claims on physical ranges.
 *
 * Source: Linux kernel/resource.c r_show(): two blanks a level, "%08llx-%08llx : NAME", the end inclusive.
 */
#include <errno.h>
#include <stdlib.h>

#include "iomem.h"
#include "scan.h"
#include "src.h"

#define IOMEM_PATH "/proc/iomem"

static const char *parse_line(struct scan l, struct iomem_res *r)
{
	size_t blanks = 0;
	uint64_t last;

	while (scan_char(&l, ' '))
		blanks++;
	if (!scan_hex(&l, &r->start))
		return "no start address";
	if (!scan_char(&l, '-') || !scan_hex(&l, &last))
		return "no end address";
	if (last < r->start)
		return "the end is below the start";
	if (!scan_lit(&l, " : "))
		return "no name";
	/* A window up to the last byte of the address space has no exclusive end: it loses that byte. */
	r->end = last == UINT64_MAX ? last : last + 1;
	r->depth = blanks / 2 > UINT32_MAX ? UINT32_MAX : (unsigned int)(blanks / 2);
	scan_copy(r->name, sizeof(r->name), l.p, scan_left(&l));
	return NULL;
}

int iomem_parse(const char *text, size_t len, struct iomem *out, unsigned int *line, const char **what)
{
	struct scan t = scan_of(text, len), l;
	size_t cap = 0;
	bool whole;

	*out = (struct iomem){0};
	*line = 0;
	*what = NULL;
	while (scan_line(&t, &l, &whole)) {
		++*line;
		if (whole && scan_rest_blank(&l))
			continue;
		if (out->n == cap) {
			struct iomem_res *r = reallocarray(out->r, cap ? cap * 2 : 64, sizeof(*r));

			if (!r) {
				iomem_free(out);
				return -ENOMEM;
			}
			out->r = r;
			cap = cap ? cap * 2 : 64;
		}
		*what = whole ? parse_line(l, &out->r[out->n]) : "cut off: no end of line";
		if (*what) {
			iomem_free(out);
			return -EBADMSG;
		}
		out->n++;
	}
	return 0;
}

/* What a reader without CAP_SYS_ADMIN is shown. */
static bool all_hidden(const struct iomem *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->r[i].start || m->r[i].end > 1)
			return false;
	return true;
}

int iomem_read(const struct src *s, struct iomem *out)
{
	struct blob text;
	const char *what;
	unsigned int line;
	int err;

	*out = (struct iomem){0};
	err = src_read(s, IOMEM_PATH, &text);
	if (err) {
		fact_missing(&out->fact, s, IOMEM_PATH, -err, "run as root");
		return err;
	}
	err = iomem_parse(text.data, text.len, out, &line, &what);
	blob_free(&text);
	if (err == -EBADMSG) {
		fact_garbled(&out->fact, IOMEM_PATH, "line %u: %s", line, what);
	} else if (err) {
		fact_missing(&out->fact, NULL, IOMEM_PATH, -err, NULL);
	} else if (!out->n) {
		err = -EBADMSG;	/* every machine has RAM at least */
		fact_garbled(&out->fact, IOMEM_PATH, "empty");
	} else if (all_hidden(out)) {
		iomem_free(out);
		err = -EPERM;
		fact_missing(&out->fact, s, IOMEM_PATH, EPERM, "run as root (CAP_SYS_ADMIN)");
	} else {
		fact_known(&out->fact, IOMEM_PATH);
	}
	return err;
}

void iomem_free(struct iomem *m)
{
	free(m->r);
	*m = (struct iomem){0};
}

/* The BAR's own line: of those of that name that cover start, the one with just this range, else the deepest. */
static const struct iomem_res *own_line(const struct iomem *m, const char *slot, uint64_t start, uint64_t end)
{
	const struct iomem_res *best = NULL, *r;

	for (r = m->r; r < m->r + m->n; r++) {
		if (start < r->start || start >= r->end || strcmp(r->name, slot))
			continue;
		if (r->start == start && r->end == end)
			return r;
		if (!best || r->depth > best->depth)
			best = r;
	}
	return best;
}

/*
 * Names that the firmware's tables put there, not a driver: they are not busy, and mapping the BAR works all the same.
 * Linux arch/x86/kernel/e820.c e820_type_to_string (do_mark_busy), drivers/pnp/system.c ("pnp 00:05").
 */
static bool from_firmware(const char *name)
{
	static const char *const names[] = {
		"Reserved", "reserved", "Soft Reserved", "ACPI Tables", "ACPI Non-volatile Storage", "Unusable memory",
		"Unknown E820 type",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return !strncmp(name, "pnp ", 4);
}

int iomem_claims(const struct iomem *m, const char *slot, uint64_t start, uint64_t end,
		 const struct iomem_res **claim, size_t max)
{
	const struct iomem_res *own = m->n ? own_line(m, slot, start, end) : NULL, *r;
	int n = 0;

	if (!own)
		return -ENOENT;
	for (r = own + 1; r < m->r + m->n && r->depth > own->depth; r++) {
		if (r->end <= start || r->start >= end || from_firmware(r->name))
			continue;
		if ((size_t)n < max)
			claim[n] = r;
		n++;
	}
	return n;
}
