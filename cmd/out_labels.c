/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out_labels.c - escaping of labels, and names that nobody else has. */
#include "cmd/out_labels.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

void out_label(FILE *to, const char *s)
{
	for (; s && *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\\' || c == '"')
			fprintf(to, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", to);
		else if (c < 0x20 || c > 0x7e)
			fprintf(to, "\\\\x%02x", c); /* the reader's backslash */
		else
			fputc(c, to);
	}
}

/* How often a name was seen: the next of that name begins to count there, so that a thousand equal ones cost a thousand
 * looks. */
struct seen {
	char *label;
	size_t times;
};

static int by_label(const void *a, const void *b)
{
	return strcmp(((const struct seen *)a)->label, ((const struct seen *)b)->label);
}

static char *label_of(const char *name, size_t again)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	out_label(f, name);
	if (again)
		fprintf(f, " (%zu)", again);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

/* The elements are the caller's. */
static void keep(void *element)
{
	(void)element;
}

/* One label that is not in the tree yet, and is then. */
static char *own_label(void **tree, struct seen *s, const char *name)
{
	struct seen **first;

	*s = (struct seen){ label_of(name, 0), 1 };
	if (!s->label)
		return NULL;
	first = tsearch(s, tree, by_label);
	while (first && *first != s) {
		struct seen **at;

		free(s->label);
		s->label = label_of(name, ++(*first)->times);
		if (!s->label)
			return NULL;
		at = tsearch(s, tree, by_label);
		if (!at || *at == s)
			first = at;
	}
	return first ? s->label : NULL;
}

char **out_labels_new(const char **name, size_t n)
{
	char **label = calloc(n ? n : 1, sizeof(*label));
	struct seen *s = calloc(n ? n : 1, sizeof(*s));
	void *tree = NULL;
	size_t i = 0;

	for (; label && s && i < n; i++) {
		label[i] = own_label(&tree, &s[i], name[i]);
		if (!label[i]) {
			free(s[i].label);
			break;
		}
	}
	tdestroy(tree, keep);
	free(s);
	if (label && i == n)
		return label;
	out_labels_free(label, i);
	return NULL;
}

void out_labels_free(char **label, size_t n)
{
	for (size_t i = 0; label && i < n; i++)
		free(label[i]);
	free(label);
}
