/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms.c - the text of /proc/kallsyms into a table: 16 bytes a symbol, names in one piece. Search: kallsyms_find.c.
 *
 * Source: Linux kernel/kallsyms.c s_show(): "%px %c %s\t[%s]\n" for a module's, else "%px %c %s\n"; the address is 16
 * hex digits, zeros for who may not see it. Read as it is: 200,000 lines must not cost more than a blink.
 */
#include <errno.h>
#include <stdlib.h>

#include "kallsyms_int.h"
#include "scan.h"
#include "src.h"

#define MODULES_MAX 4096 /* a row has 16 bits for it; a machine has a few hundred */

/* Bytes of the shortest line with a name that anybody gives: a first guess at how many there are. */
#define LINE_GUESS 36

struct building {
	struct kallsyms *k;
	size_t cap, names_len, modules_cap;
	bool sorted;
};

static int grow(struct building *b, size_t text_left)
{
	size_t want = b->cap ? b->cap + b->cap / 2 : text_left / LINE_GUESS + 8;
	struct kallsyms_row *row = realloc(b->k->row, want * sizeof(*row));

	if (!row)
		return -ENOMEM;
	b->k->row = row;
	b->cap = want;
	return 0;
}

/* A module's symbols stand together: nearly always it is the one of the line before. */
static int module_number(struct building *b, const char *name, size_t len, uint16_t before, uint16_t *out)
{
	struct kallsyms *k = b->k;
	char *copy;

	for (size_t i = k->nmodules + 1; i-- > 0;) {
		size_t m = i == k->nmodules ? before : i;

		/* The first is the kernel itself, before any line. NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage,clang-analyzer-core.NullDereference) */
		if (strlen(k->modules[m]) == len && !memcmp(k->modules[m], name, len)) {
			*out = (uint16_t)m;
			return 0;
		}
	}
	if (k->nmodules >= MODULES_MAX)
		return -EBADMSG;
	if (k->nmodules == b->modules_cap) {
		char **more = realloc(k->modules, (b->modules_cap * 2 + 16) * sizeof(*more));

		if (!more)
			return -ENOMEM;
		k->modules = more;
		b->modules_cap = b->modules_cap * 2 + 16;
	}
	copy = strndup(name, len);
	if (!copy)
		return -ENOMEM;
	*out = (uint16_t)k->nmodules;
	k->modules[k->nmodules++] = copy;
	return 0;
}

/* NULL, or what is wrong. */
static const char *parse_line(struct scan l, struct kallsyms_row *r, const char **name, size_t *len,
			      const char **module, size_t *modlen)
{
	*module = "";
	*modlen = 0;
	if (!scan_hex(&l, &r->addr))
		return "no address";
	if (!scan_blanks(&l) || scan_left(&l) < 2)
		return "no type";
	r->type = *l.p++;
	if (r->type <= ' ' || r->type > '~')
		return "a type that does not print";
	if (!scan_blanks(&l) || !scan_word(&l, name, len))
		return "no name";
	if (memchr(*name, 0, *len))
		return "a zero byte in a name";
	scan_blanks(&l);
	if (!scan_char(&l, '['))
		return scan_rest_blank(&l) ? NULL : "text after the name";
	*module = l.p;
	while (!scan_done(&l) && *l.p != ']' && *l.p)
		l.p++;
	*modlen = (size_t)(l.p - *module);
	if (!*modlen || !scan_char(&l, ']') || !scan_rest_blank(&l))
		return "a module's name without its bracket";
	return NULL;
}

static int add_line(struct building *b, struct scan l, const char **what)
{
	const char *name, *module;
	size_t len, modlen;
	struct kallsyms *k = b->k;
	struct kallsyms_row *r = &k->row[k->n];
	int rc;

	*what = parse_line(l, r, &name, &len, &module, &modlen);
	if (*what)
		return -EBADMSG;
	rc = module_number(b, module, modlen, k->n ? r[-1].module : 0, &r->module);
	if (rc == -EBADMSG)
		*what = "more modules than a kernel has";
	if (rc)
		return rc;
	r->name = (uint32_t)b->names_len;
	/* There is room for all names before the first line. NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
	memcpy(k->names + b->names_len, name, len);
	b->names_len += len;
	k->names[b->names_len++] = 0;
	if (k->n && r->addr < r[-1].addr)
		b->sorted = false;
	k->hidden = k->hidden && !r->addr;
	k->n++;
	return 0;
}

/* qsort keeps no order of equals: names were added in the order of the text. */
static int by_addr(const void *a, const void *b)
{
	const struct kallsyms_row *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

static int parse_lines(struct building *b, struct scan text, unsigned int *line, const char **what)
{
	struct scan l;
	bool whole;
	int rc;

	while (scan_line(&text, &l, &whole)) {
		++*line;
		if (b->k->n == b->cap && (rc = grow(b, scan_left(&text))))
			return rc;
		if (!whole) {
			*what = "cut off";
			return -EBADMSG;
		}
		rc = add_line(b, l, what);
		if (rc)
			return rc;
	}
	if (b->k->n)
		return 0;
	*line = 1;
	*what = "no symbol at all";
	return -EBADMSG;
}

int kallsyms_parse(const char *text, size_t len, struct kallsyms *out, unsigned int *line, const char **what)
{
	struct building b = { .k = out, .sorted = true, .modules_cap = 16 };
	int rc = -ENOMEM;

	*out = (struct kallsyms){ .hidden = true };
	*line = 0;
	*what = NULL;
	if (len >= UINT32_MAX)
		return -EFBIG;
	/* What is kept of a line is shorter than the line: the address alone is. */
	out->names = malloc(len + 1);
	out->modules = malloc(b.modules_cap * sizeof(*out->modules));
	if (out->names && out->modules) {
		out->modules[0] = strdup("");
		out->nmodules = out->modules[0] != NULL;
	}
	if (out->nmodules)
		rc = parse_lines(&b, scan_of(text, len), line, what);
	if (!rc) {
		char *fit = realloc(out->names, b.names_len);

		out->names = fit ? fit : out->names;
		if (!b.sorted)
			qsort(out->row, out->n, sizeof(*out->row), by_addr);
		rc = kallsyms_index(out);
	}
	if (rc)
		kallsyms_free(out);
	return rc;
}

int kallsyms_read(const struct src *s, struct kallsyms *out)
{
	struct blob text;
	const char *what;
	unsigned int line;
	int rc;

	*out = (struct kallsyms){ 0 };
	rc = src_read(s, KALLSYMS_PATH, &text);
	if (rc) {
		fact_missing(&out->fact, s, KALLSYMS_PATH, -rc, rc == -EACCES || rc == -EPERM ? "run as root" : NULL);
		return rc;
	}
	rc = kallsyms_parse(text.data, text.len, out, &line, &what);
	blob_free(&text);
	if (rc == -EBADMSG)
		fact_garbled(&out->fact, KALLSYMS_PATH, "line %u: %s", line, what);
	else if (rc)
		fact_missing(&out->fact, NULL, KALLSYMS_PATH, -rc, NULL);
	else
		fact_known(&out->fact, KALLSYMS_PATH);
	return rc;
}

void kallsyms_free(struct kallsyms *k)
{
	for (size_t i = 0; i < k->nmodules; i++)
		/* nmodules is 0 where there are none. NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage,clang-analyzer-core.NullDereference) */
		free(k->modules[i]);
	free(k->modules);
	free(k->row);
	free(k->names);
	free(k->by_name);
	*k = (struct kallsyms){ 0 };
}
