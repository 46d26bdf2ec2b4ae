/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmalloc.c - /proc/vmallocinfo: the ioremaps that live now, and who made them.
 *
 * Source: Linux mm/vmalloc.c (vmalloc_info_show, in older ones s_show): "0x%pK-0x%pK %7ld", then where known " %pS"
 * (the caller, with " [module]"), " pages=%d", " phys=%pa" (older: "%llx"), " ioremap" and other words, " N0=%u"
 * counts of pages a node. An area that was unmapped and waits to be purged has no phys=.
 */
#include <errno.h>
#include <stdlib.h>

#include "scan.h"
#include "src.h"
#include "vmalloc.h"

#define VMALLOC_PATH "/proc/vmallocinfo"
#define GUARD 4096

/* With a hidden pointer (%pK hashes to 32 bits, or prints 0) this is no kernel address, and says nothing. */
#define KERNEL_HALF 0xff00000000000000ULL

static bool word_is(const char *word, size_t len, const char *want)
{
	return strlen(want) == len && !memcmp(word, want, len);
}

/* The words behind the size. Returns whether this is an ioremap whose physical address is told. */
static bool parse_words(struct scan l, struct ioremap *r, const char **what)
{
	bool ioremap = false, phys = false, caller = false;
	const char *word;
	size_t len;

	while (scan_blanks(&l), scan_word(&l, &word, &len)) {
		struct scan w = scan_of(word, len);

		if (scan_lit(&w, "phys=")) {
			scan_lit(&w, "0x");
			phys = scan_hex(&w, &r->start) && scan_done(&w);
			if (!phys)
				*what = "phys= without an address";
		} else if (word_is(word, len, "ioremap")) {
			ioremap = true;
		} else if (*word == '[' && caller && !*r->module) {
			/* "[mydrv]"; a build id may follow within the brackets */
			size_t n = word[len - 1] == ']' ? len - 2 : len - 1;

			scan_copy(r->module, sizeof(r->module), word + 1, len > 1 ? n : 0);
		} else if (!caller && !ioremap && !phys && !memchr(word, '=', len)) {
			caller = true;
			scan_copy(r->caller, sizeof(r->caller), word, len);
		}
	}
	return ioremap && phys;
}

/* 1: an ioremap, 0: something else, -EBADMSG: *what. */
static int parse_line(struct scan l, struct ioremap *r, const char **what)
{
	uint64_t vaddr, vend, size;

	*r = (struct ioremap){0};
	if (!scan_0x(&l, &vaddr) || !scan_char(&l, '-') || !scan_0x(&l, &vend)) {
		*what = "no virtual range";
		return -EBADMSG;
	}
	if (!scan_blanks(&l) || !scan_dec(&l, INT64_MAX, &size)) {
		*what = "no size";
		return -EBADMSG;
	}
	if (!parse_words(l, r, what))
		return *what ? -EBADMSG : 0;
	if (size <= GUARD || r->start > UINT64_MAX - size) {
		*what = "an ioremap of an impossible size";
		return -EBADMSG;
	}
	r->vaddr = vaddr >= KERNEL_HALF ? vaddr : 0;
	r->end = r->start + (size - GUARD);
	return 1;
}

/* Every field counts, so that equal input gives equal output whatever qsort does. */
static int by_start(const void *a, const void *b)
{
	const struct ioremap *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	if (x->vaddr != y->vaddr)
		return x->vaddr < y->vaddr ? -1 : 1;
	return strcmp(x->caller, y->caller);
}

int vmalloc_parse(const char *text, size_t len, struct ioremaps *out, unsigned int *line, const char **what)
{
	struct scan t = scan_of(text, len), l;
	size_t cap = 0;
	bool whole;
	int found;

	*out = (struct ioremaps){0};
	*line = 0;
	*what = NULL;
	while (scan_line(&t, &l, &whole)) {
		++*line;
		if (whole && scan_rest_blank(&l))
			continue;
		if (out->n == cap) {
			struct ioremap *r = reallocarray(out->r, cap ? cap * 2 : 64, sizeof(*r));

			if (!r) {
				vmalloc_free(out);
				return -ENOMEM;
			}
			out->r = r;
			cap = cap ? cap * 2 : 64;
		}
		if (!whole)
			*what = "cut off: no end of line";
		found = whole ? parse_line(l, &out->r[out->n], what) : -EBADMSG;
		if (found < 0) {
			vmalloc_free(out);
			return found;
		}
		out->n += (size_t)found;
	}
	if (out->n)
		qsort(out->r, out->n, sizeof(*out->r), by_start);
	return 0;
}

int vmalloc_read(const struct src *s, struct ioremaps *out)
{
	struct blob text;
	const char *what;
	unsigned int line;
	int err;

	*out = (struct ioremaps){0};
	err = src_read(s, VMALLOC_PATH, &text);
	if (err) {
		fact_missing(&out->fact, s, VMALLOC_PATH, -err, err == -EACCES || err == -EPERM ? "run as root" : NULL);
		return err;
	}
	err = vmalloc_parse(text.data, text.len, out, &line, &what);
	blob_free(&text);
	if (err == -EBADMSG)
		fact_garbled(&out->fact, VMALLOC_PATH, "line %u: %s", line, what);
	else if (err)
		fact_missing(&out->fact, NULL, VMALLOC_PATH, -err, NULL);
	else
		fact_known(&out->fact, VMALLOC_PATH);
	return err;
}

void vmalloc_free(struct ioremaps *m)
{
	free(m->r);
	*m = (struct ioremaps){0};
}
