/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect_runs.c - the runs of "wcdiag pte --json", taken apart into single entries again.
 */
#include <errno.h>
#include <stdlib.h>

#include "expect_runs.h"

bool run_hex(struct json_object *run, const char *key, uint64_t *out)
{
	const char *s = str(run, key);
	char *end;

	if (!s)
		return false;
	errno = 0;
	*out = strtoull(s, &end, 0);
	return !errno && end != s && !*end;
}

/* The entry of a run's page number i. */
static struct wentry entry_at(uint64_t start, uint64_t raw, unsigned int level, uint64_t i)
{
	struct wentry e = { .address = start + i * wentry_size(level), .raw = raw, .level = level };

	/* An inverted frame counts down. */
	if (raw & W_P)
		e.raw += i * wentry_size(level);
	else if (raw & W_G)
		e.raw -= i * wentry_size(level);
	return e;
}

static bool claim(struct claims *l, const struct claimed *c)
{
	if (l->n == l->max) {
		size_t more = l->max ? l->max * 2 : 8192;
		struct claimed *grown = realloc(l->c, more * sizeof(*grown));

		if (!grown)
			return false;
		l->c = grown;
		l->max = more;
	}
	l->c[l->n++] = *c;
	return true;
}

static bool expand(struct claims *l, struct json_object *run)
{
	uint64_t start, end, raw, differ, level = str(run, "level") ? (uint64_t)atoi(str(run, "level")) : 0;

	if (one_of(str(run, "kind"), "none"))
		return true;
	if (!run_hex(run, "start", &start) || !run_hex(run, "end", &end) || !run_hex(run, "raw", &raw) ||
	    !run_hex(run, "differ", &differ) || level < 1 || level > 5 || end <= start || end - start > 1ULL << 40) {
		say("a run that cannot be read: %s",
		    json_object_to_json_string_ext(run, JSON_C_TO_STRING_NOSLASHESCAPE));
		return false;
	}
	for (uint64_t i = 0; start + i * wentry_size((unsigned int)level) < end; i++) {
		struct claimed c = { .e = entry_at(start, raw, (unsigned int)level, i),
				     .differ = differ,
				     .first = i ? NULL : run };

		if (!claim(l, &c))
			return false;
	}
	return true;
}

static int by_address(const void *a, const void *b)
{
	uint64_t x = ((const struct claimed *)a)->e.address, y = ((const struct claimed *)b)->e.address;

	return x < y ? -1 : x > y;
}

bool claims_of(struct claims *l, struct json_object *root, int pid)
{
	struct json_object *runs = get(root, "runs");
	bool ok = count(runs) > 0;

	for (size_t i = 0; ok && i < count(runs); i++) {
		struct json_object *r = json_object_array_get_idx(runs, i);
		int of = str(r, "pid") ? atoi(str(r, "pid")) : 0;

		if (of == pid)
			ok = expand(l, r);
	}
	if (l->n)
		qsort(l->c, l->n, sizeof(*l->c), by_address);
	return ok;
}

void claims_free(struct claims *l)
{
	free(l->c);
	*l = (struct claims){ 0 };
}
