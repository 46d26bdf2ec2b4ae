/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu_format.c - format files taken apart, and values put where they say. Pure.
 */
#include "pmu_format.h"

#include <errno.h>
#include <string.h>

#include "scan.h"

static int bad(const char **what, const char *why)
{
	*what = why;
	return -EBADMSG;
}

/* "config", "config1", "config2" and the colon. */
static int word_of(struct scan *s, unsigned char *word, const char **what)
{
	uint64_t n = 0;

	if (!scan_lit(s, "config"))
		return bad(what, "no config word");
	if (!scan_char(s, ':')) {
		if (!scan_dec(s, 255, &n) || !scan_char(s, ':') || !n)
			return bad(what, "no config word");
		if (n >= PMU_WORDS) {
			*what = "a config word that perf has learnt since";
			return -EOPNOTSUPP;
		}
	}
	*word = (unsigned char)n;
	return 0;
}

int pmu_field_parse(const char *text, size_t len, struct pmu_field *out, const char **what)
{
	struct scan s = scan_of(text, len);
	struct pmu_field f = { .word = 0 };
	uint64_t lo, hi;
	int err = word_of(&s, &f.word, what);

	if (err)
		return err;
	do {
		if (!scan_dec(&s, 63, &lo))
			return bad(what, "no bit from 0 to 63");
		hi = lo;
		if (scan_char(&s, '-') && (!scan_dec(&s, 63, &hi) || hi < lo))
			return bad(what, "no range of bits");
		for (uint64_t b = lo; b <= hi; b++) {
			if (f.mask >> b & 1)
				return bad(what, "a bit twice");
			f.mask |= 1ULL << b;
			f.bit[f.nbits++] = (unsigned char)b;
		}
	} while (scan_char(&s, ','));
	scan_char(&s, '\n');
	if (!scan_done(&s))
		return bad(what, "more than ranges of bits");
	*out = f;
	return 0;
}

int pmu_field_put(const struct pmu_field *f, uint64_t value, struct pmu_config *used, struct pmu_config *config)
{
	if (f->nbits < 64 && value >> f->nbits)
		return -ERANGE;
	/* Fields may lie over each other (one event's mask is another's threshold); what is used must not. */
	if (used->word[f->word] & f->mask)
		return -EEXIST;
	used->word[f->word] |= f->mask;
	for (unsigned int i = 0; i < f->nbits; i++)
		config->word[f->word] |= (value >> i & 1) << f->bit[i];
	return 0;
}

static const struct pmu_field *find(const struct pmu_box *b, const char *name)
{
	for (size_t i = 0; i < b->nfields; i++)
		if (!strcmp(b->field[i].name, name))
			return &b->field[i];
	return NULL;
}

int pmu_encode(const struct pmu_box *b, const struct pmu_event *e, struct pmu_config *out, const char **at)
{
	struct pmu_config used = { { 0 } }, config = { { 0 } };
	const struct pmu_field *f;
	int err;

	for (unsigned int i = 0; i < PMU_TERMS && e->term[i].name; i++) {
		if (!e->term[i].value)
			continue;
		f = find(b, e->term[i].name);
		err = f ? pmu_field_put(f, e->term[i].value, &used, &config) : -ENOENT;
		if (err) {
			*at = e->term[i].name;
			return err;
		}
	}
	*out = config;
	return 0;
}

bool pmu_name_matches(const char *pattern, const char *name)
{
	size_t n = strlen(pattern);

	if (!n || pattern[n - 1] != '*')
		return !strcmp(pattern, name);
	n--; /* "uncore_cha_" */
	if (n && !strncmp(pattern, name, n) && name[n])
		return strspn(name + n, "0123456789") == strlen(name + n);
	/* uncore.c numbers boxes only where there are several. */
	return n && strlen(name) == n - 1 && !strncmp(pattern, name, n - 1);
}
