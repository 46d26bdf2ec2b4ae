/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_box.c - reads what sysfs says of a PMU.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "msr.h"
#include "pmu_format.h"
#include "scan.h"
#include "src.h"

enum { MAX_FIELDS = 64 }; /* the richest PMU has 23 */

static int read_type(const struct src *s, struct pmu_box *b, struct fact *f)
{
	char path[sizeof(f->where)];
	struct blob text;
	struct scan in;
	uint64_t type;
	int err;

	snprintf(path, sizeof(path), PMU_DEVICES "/%s/type", b->name);
	err = src_read(s, path, &text);
	if (err) {
		fact_missing(f, s, path, -err, NULL);
		return err;
	}
	in = scan_of(text.data, text.len);
	if (!scan_dec(&in, UINT32_MAX, &type) || (scan_char(&in, '\n'), !scan_done(&in))) {
		fact_garbled(f, path, "no number");
		err = -EBADMSG;
	} else {
		b->type = (uint32_t)type;
	}
	blob_free(&text);
	return err;
}

/* A core PMU has none, and that is no gap. */
static int read_cpumask(const struct src *s, struct pmu_box *b, struct fact *f)
{
	char path[sizeof(f->where)];
	struct blob text;
	size_t len;
	int err;

	snprintf(path, sizeof(path), PMU_DEVICES "/%s/cpumask", b->name);
	err = src_read(s, path, &text);
	if (err == -ENOENT || err == -ENODATA)
		return 0;
	if (err) {
		fact_missing(f, s, path, -err, NULL);
		return err;
	}
	len = text.len && text.data[text.len - 1] == '\n' ? text.len - 1 : text.len;
	err = cpulist_parse(text.data, len, &b->cpu, &b->ncpus);
	if (!err && !b->ncpus)
		err = -EBADMSG;
	if (err)
		fact_garbled(f, path, "no list of CPUs");
	blob_free(&text);
	return err;
}

static int read_field(const struct src *s, struct pmu_box *b, const char *name, struct fact *f)
{
	struct pmu_field *field = &b->field[b->nfields];
	char path[sizeof(f->where)];
	const char *what = "";
	struct blob text;
	int err;

	snprintf(path, sizeof(path), PMU_DEVICES "/%s/format/%s", b->name, name);
	err = src_read(s, path, &text);
	if (err) {
		fact_missing(f, s, path, -err, NULL);
		return err;
	}
	err = pmu_field_parse(text.data, text.len, field, &what);
	blob_free(&text);
	/* A field in a word that is not filled cannot be used; the others can. */
	if (err == -EOPNOTSUPP || strlen(name) >= sizeof(field->name))
		return 0;
	if (err) {
		fact_garbled(f, path, "%s", what);
		return err;
	}
	snprintf(field->name, sizeof(field->name), "%s", name);
	b->nfields++;
	return 0;
}

static int read_format(const struct src *s, struct pmu_box *b, struct fact *f)
{
	char path[sizeof(f->where)], **names;
	size_t n;
	int err;

	snprintf(path, sizeof(path), PMU_DEVICES "/%s/format", b->name);
	err = src_list(s, path, &names, &n);
	if (err) {
		fact_missing(f, s, path, -err, NULL);
		return err;
	}
	if (n > MAX_FIELDS) {
		fact_garbled(f, path, "more than %d fields", MAX_FIELDS);
		err = -EBADMSG;
	}
	if (!err && !(b->field = calloc(n ? n : 1, sizeof(*b->field)))) {
		fact_missing(f, NULL, path, ENOMEM, NULL);
		err = -ENOMEM;
	}
	for (size_t i = 0; !err && i < n; i++)
		err = read_field(s, b, names[i], f);
	src_list_free(names, n);
	return err;
}

int pmu_box_read(const struct src *s, const char *name, struct pmu_box *out, struct fact *f)
{
	struct pmu_box b = { .ncpus = 0 };
	char path[sizeof(f->where)];
	int err;

	snprintf(path, sizeof(path), PMU_DEVICES "/%s", name);
	if (strlen(name) >= sizeof(b.name) || strchr(name, '/')) {
		fact_missing(f, NULL, path, EINVAL, NULL);
		return -EINVAL;
	}
	snprintf(b.name, sizeof(b.name), "%s", name);
	err = read_type(s, &b, f);
	if (!err)
		err = read_cpumask(s, &b, f);
	if (!err)
		err = read_format(s, &b, f);
	if (err) {
		pmu_box_free(&b);
		return err;
	}
	fact_known(f, path);
	*out = b;
	return 0;
}

void pmu_box_free(struct pmu_box *b)
{
	free(b->field);
	free(b->cpu);
	*b = (struct pmu_box){ .ncpus = 0 };
}

int pmu_box_names(const struct src *s, const char *pattern, char ***names, size_t *n)
{
	size_t kept = 0;
	int err = src_list(s, PMU_DEVICES, names, n);

	if (err)
		return err;
	for (size_t i = 0; i < *n; i++) {
		if (pmu_name_matches(pattern, (*names)[i]))
			(*names)[kept++] = (*names)[i];
		else
			free((*names)[i]);
	}
	*n = kept;
	return 0;
}
