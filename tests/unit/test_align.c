/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "probe/align.h"

#if defined(__SANITIZE_ADDRESS__)
#define MANY 50000u
#else
#define MANY 1000000u
#endif
#define CASES 64

struct run {
	struct align *a;
	struct align_totals t;
	struct align_case c[CASES];
	size_t n;
};

static int keep(const struct align_case *c, void *ctx)
{
	struct run *r = ctx;

	if (r->n < CASES)
		r->c[r->n] = *c;
	r->n++;
	return 0;
}

static struct tlp w(uint64_t addr, unsigned int ndw, unsigned int fbe, unsigned int lbe)
{
	return (struct tlp){ .kind = TLP_MWR, .addr = addr, .ndw = (uint16_t)ndw, .fbe = (uint8_t)fbe, .lbe = (uint8_t)lbe };
}

static struct model_tlp as_model(const struct tlp *t, uint64_t by)
{
	return (struct model_tlp){ .addr = t->addr, .ndw = (uint8_t)t->ndw, .fbe = t->fbe, .lbe = t->lbe, .by = by,
				   .reason = MR_FULL };
}

/* "A64 B8+8 ..." is a list: a letter is a line; +N: from byte N on; commas in the predicted one keep a set together. */
static size_t list(const char *s, struct tlp *out, uint64_t *by)
{
	size_t n = 0;
	uint64_t set = 0;

	while (*s) {
		uint64_t line = 0x1000 + 64 * (uint64_t)(*s++ - 'A');
		unsigned int bytes = (unsigned int)strtoul(s, (char **)&s, 10), from = 0;

		if (*s == '+')
			from = (unsigned int)strtoul(s + 1, (char **)&s, 10);
		out[n] = w(line + from, bytes / 4, 15, bytes > 4 ? 15 : 0);
		by[n++] = set;
		if (*s == ' ')
			set++;
		s += *s != 0;
	}
	return n;
}

static void go(struct run *r, const char *predicted, const char *observed)
{
	struct tlp t[64];
	uint64_t by[64];
	size_t n = list(predicted, t, by);

	*r = (struct run){ .n = 0 };
	assert_int_equal(align_new(&r->a), 0);
	for (size_t i = 0; i < n; i++) {
		struct model_tlp m = as_model(&t[i], by[i]);

		assert_int_equal(align_predicted(r->a, &m, 0), 0);
	}
	n = list(observed, t, by);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(align_observed(r->a, &t[i], i + 1), 0);
	assert_int_equal(align_run(r->a, keep, r, &r->t), 0);
}

/* "class predicted observed at_predicted at_observed [-missing] [+extra]", cases apart by commas. */
static void told(const struct run *r, char *buf, size_t len)
{
	*buf = '\0';
	for (size_t i = 0; i < r->n && i < CASES; i++) {
		const struct align_case *c = &r->c[i];
		size_t at = strlen(buf);

		snprintf(buf + at, len - at, "%s%s %u:%u at %llu:%llu", i ? ", " : "", align_class_id(c->class), c->predicted,
			 c->observed, (unsigned long long)c->at_predicted, (unsigned long long)c->at_observed);
		at = strlen(buf);
		if (c->missing)
			snprintf(buf + at, len - at, " -%llu", (unsigned long long)c->missing);
		at = strlen(buf);
		if (c->extra)
			snprintf(buf + at, len - at, " +%llu", (unsigned long long)c->extra);
	}
}

static const struct {
	const char *predicted, *observed, *cases;
} small[] = {
	{ "A64 B64 C64", "A64 B64 C64", "" },
	{ "A8,A8+8,B8 C64", "B8 A8+8 A8 C64", "" },
	{ "A64 B64 C64 D64", "A64 C64 D64", "missing 1:0 at 1:1 -64" },
	{ "A64 B64 C64 D64", "A64 B32 B32+32 C64 D64", "more 1:2 at 1:1" },
	{ "A64 B64 C64 D64", "A64 B32+32 B32 C64 D64", "more 1:2 at 1:1" },
	{ "A64 B8,B8+8,B8+16 C64 D64", "A64 B16 B8+16 C64 D64", "fewer 2:1 at 1:1" },
	{ "A64 B64 C64 D64", "A64 B128 D64", "fewer 2:1 at 1:1" },
	{ "A64 B64 C64 D64", "A64 C64 B64 D64", "reordered 1:1 at 1:1" },
	{ "A64 B64 C64 D64 E64", "A64 C64 D64 B64 E64", "reordered 1:1 at 1:1" },
	{ "A64 B64 C64", "A64 B8 B64 C64", "foreign 0:1 at 1:1 +8" },
	{ "A64 B64 C64", "A64 Z8 B64 C64", "foreign 0:1 at 1:1 +8" },
	{ "A64 B64 C64", "A64 B64 C64 Z8", "foreign 0:1 at 3:3 +8" },
	{ "A64 B64 C64", "Z8 A64 B64 C64", "foreign 0:1 at 0:0 +8" },
	{ "A64 B8,B8+16,B8+32 C64", "A64 Z4 B8 Z4 B8+32 B8+16 Z4 C64",
	  "foreign 0:1 at 1:1 +4, foreign 0:1 at 2:3 +4, foreign 0:1 at 4:6 +4" },
	{ "A64 B24 C64", "A64 B8 B16+8 C64", "more 1:2 at 1:1" },
	{ "A24,A8+24 B64", "A8 A24+8 B64", "otherwise 2:2 at 0:0" },
	/* Each line split, as an uncached mapping does; and the two lines in turns. */
	{ "A16 B16 C16", "A8 A8+8 B8 B8+8 C8 C8+8", "more 1:2 at 0:0, more 1:2 at 1:2, more 1:2 at 2:4" },
	{ "A16 B16 C16", "A8 B8 A8+8 B8+8 C16", "more 1:2 at 0:0, more 1:2 at 1:1" },
	/* Two at once: a line split, of which a piece is lost. */
	{ "A64 B64 C64 D64", "A64 B32 C64 D64", "missing 1:1 at 1:1 -32" },
	{ "A64 B64 C64 D64", "A64 D64", "missing 1:0 at 1:1 -64, missing 1:0 at 2:1 -64" },
	/* In a flush, the one line that differs. */
	{ "A8,A8+8,B8,B8+8,C8 D64", "A8 A8+8 B16 C8 D64", "fewer 2:1 at 2:2" },
	{ "A8,A8+8,B8,B8+8,C8 D64", "A8 A8+8 B8 C8 D64", "missing 1:0 at 3:3 -8" },
	/* The same bytes again: counted, as they came one time less. */
	{ "A64 A64 B64", "A64 B64", "missing 1:0 at 1:1 -64" },
	{ "A64 B64", "", "missing 1:0 at 0:0 -64, missing 1:0 at 1:0 -64" },
};

static void each_kind_of_difference(void **state)
{
	char buf[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++) {
		struct run r;
		uint64_t predicted = 0, observed = 0;

		go(&r, small[i].predicted, small[i].observed);
		told(&r, buf, sizeof(buf));
		if (strcmp(buf, small[i].cases))
			fail_msg("%s | %s: %s", small[i].predicted, small[i].observed, buf);
		for (unsigned int c = 0; c < AC_CLASSES; c++) {
			predicted += r.t.predicted_tlps[c];
			observed += r.t.observed_tlps[c];
			assert_non_null(align_class_id(c));
			assert_non_null(align_class_says(c));
		}
		assert_true(predicted == r.t.predicted && observed == r.t.observed);
		align_free(r.a);
	}
}

static void what_a_cut_capture_may_lack_is_told_apart(void **state)
{
	static const struct {
		const char *predicted, *observed;
		unsigned int unseen;
	} cut[] = {
		{ "A64 B64 C64 D64", "A64 B64", 2 },
		{ "A64 B64 C64 D64", "A64 B32", 3 },
		{ "A64 B64 C64 D64", "A64 C64 D64", 0 },
		{ "A64 B64 C64 D64", "A64 C64", 1 },
		{ "A64 B8,B8+8,B8+16,C8", "A64 B8+8 B8+16", 2 },
		{ "A64 B64", "", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		struct run r;

		go(&r, cut[i].predicted, cut[i].observed);
		if (r.t.unseen != cut[i].unseen)
			fail_msg("%s | %s: %u", cut[i].predicted, cut[i].observed, (unsigned int)r.t.unseen);
		align_free(r.a);
	}
}

static void only_what_is_in_the_range_is_compared(void **state)
{
	struct tlp t = w(0x1000, 16, 15, 15), before = w(0xff8, 2, 15, 15), over = w(0xff8, 4, 15, 15);
	struct tlp behind = w(0x2000, 1, 15, 0), wraps = w(UINT64_MAX - 3, 2, 15, 15);
	struct model_tlp m = as_model(&t, 0);
	struct run r = { .n = 0 };
	uint64_t start, end;

	(void)state;
	assert_int_equal(align_new(&r.a), 0);
	assert_int_equal(align_predicted(r.a, &m, (uint64_t)0 - 0x1000), 0);
	assert_int_equal(align_predicted(r.a, &m, 2), -EINVAL);
	assert_true(align_tlp_at(r.a, 0)->addr == 0 && !align_tlp_at(r.a, 1) && !align_seen_at(r.a, 0));
	align_free(r.a);
	assert_int_equal(align_new(&r.a), 0);
	assert_int_equal(align_predicted(r.a, &m, 0), 0);
	align_get_range(r.a, &start, &end);
	assert_true(start == 0x1000 && end == 0x2000);
	assert_int_equal(align_observed(r.a, &before, 1), 0);
	assert_int_equal(align_observed(r.a, &over, 2), 0);
	assert_int_equal(align_observed(r.a, &t, 3), 0);
	assert_int_equal(align_observed(r.a, &behind, 4), 0);
	assert_int_equal(align_observed(r.a, &wraps, 5), 0);
	assert_int_equal(align_run(r.a, keep, &r, &r.t), 0);
	assert_true(r.t.elsewhere == 3 && r.t.observed == 2 && r.t.cases[AC_AS] == 1);
	assert_true(align_seen_at(r.a, 1)->at == 3);
	align_free(r.a);
	assert_int_equal(align_new(&r.a), 0);
	assert_int_equal(align_observed(r.a, &t, 1), 0);
	assert_int_equal(align_run(r.a, keep, &r, &r.t), 0);
	assert_true(r.t.elsewhere == 1 && !r.t.observed);
	align_free(r.a);
}

/* A long stream over 256 KiB: whole lines, and every tenth a line of which two chunks left with a fence. */
static size_t stream(struct tlp *t, uint64_t *by, size_t n)
{
	size_t i = 0;

	for (uint64_t k = 0; i + 2 <= n; k++) {
		uint64_t line = 0xd4000000 + k * 64 % 0x40000;

		if (k % 10 == 9) {
			t[i] = w(line, 2, 15, 15);
			by[i++] = k;
			t[i] = w(line + 8, 2, 15, 15);
			by[i++] = k;
		} else {
			t[i] = w(line, 16, 15, 15);
			by[i++] = k;
		}
	}
	return i;
}

enum inject { DROP, SPLIT, MERGE, REORDER, FOREIGN, INJECTS };

static size_t inject(enum inject kind, const struct tlp *in, size_t n, size_t at, struct tlp *out)
{
	size_t m = at;

	memcpy(out, in, at * sizeof(*in));
	switch (kind) {
	case DROP:
		at++;
		break;
	case SPLIT:
		out[m++] = w(in[at].addr, 6, 15, 15);
		out[m++] = w(in[at].addr + 24, 10, 15, 15);
		at++;
		break;
	case MERGE:
		out[m++] = w(in[at].addr, in[at].ndw + in[at + 1].ndw, 15, 15);
		at += 2;
		break;
	case REORDER:
		out[m++] = in[at + 1];
		out[m++] = in[at];
		at += 2;
		break;
	case FOREIGN:
		out[m++] = w(in[at].addr + 4, 1, 15, 0);
		break;
	default:
		break;
	}
	memcpy(out + m, in + at, (n - at) * sizeof(*in));
	return m + n - at;
}

static void compare(struct run *r, const struct tlp *p, const uint64_t *by, size_t n, const struct tlp *o, size_t m)
{
	*r = (struct run){ .n = 0 };
	assert_int_equal(align_new(&r->a), 0);
	for (size_t i = 0; i < n; i++) {
		struct model_tlp x = as_model(&p[i], by[i]);

		assert_int_equal(align_predicted(r->a, &x, 0), 0);
	}
	for (size_t i = 0; i < m; i++)
		assert_int_equal(align_observed(r->a, &o[i], i + 1), 0);
	assert_int_equal(align_run(r->a, keep, r, &r->t), 0);
}

static void one_difference_in_a_million_is_found_at_its_place(void **state)
{
	static const enum align_class want[] = { [DROP] = AC_MISSING, [SPLIT] = AC_MORE, [MERGE] = AC_FEWER,
						 [REORDER] = AC_REORDERED, [FOREIGN] = AC_FOREIGN };
	static const size_t places[] = { 0, MANY / 2 + 3, MANY - 12 };
	struct tlp *p = calloc(MANY, sizeof(*p)), *o = calloc(MANY + 2, sizeof(*o));
	uint64_t *by = calloc(MANY, sizeof(*by));
	size_t n;

	(void)state;
	assert_true(p && o && by);
	n = stream(p, by, MANY);
	for (enum inject k = 0; k < INJECTS; k++) {
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
			size_t at = places[i], m;
			clock_t start;
			struct run r;

			/* Where two whole lines follow each other, which do not wrap. */
			while (p[at].ndw != 16 || p[at + 1].ndw != 16 || p[at + 1].addr < p[at].addr)
				at++;
			m = inject(k, p, n, at, o);
			start = clock();
			compare(&r, p, by, n, o, m);
			if (r.n != 1 || r.c[0].class != want[k] || r.c[0].at_predicted != at || r.c[0].at_observed != at)
				fail_msg("kind %d at %zu: %zu cases, %s at %llu:%llu", k, at, r.n,
					 align_class_id(r.c[0].class), (unsigned long long)r.c[0].at_predicted,
					 (unsigned long long)r.c[0].at_observed);
			assert_true(clock() - start < 2 * CLOCKS_PER_SEC);
			assert_false(r.t.tired || r.t.full);
			align_free(r.a);
		}
	}
	free(p);
	free(o);
	free(by);
}

static void many_differences_and_none_alike_end_in_time(void **state)
{
	struct tlp *p = calloc(MANY, sizeof(*p)), *o = calloc(8 * MANY, sizeof(*o));
	uint64_t *by = calloc(MANY, sizeof(*by));
	size_t n, m;
	struct run r;

	(void)state;
	assert_true(p && o && by);
	n = stream(p, by, MANY / 8);
	/* What an uncached mapping makes of it: each TLP as its 8-byte pieces. */
	m = 0;
	for (size_t i = 0; i < n; i++)
		for (unsigned int d = 0; d < p[i].ndw; d += 2)
			o[m++] = w(p[i].addr + 4 * d, 2, 15, 15);
	compare(&r, p, by, n, o, m);
	assert_true(r.t.predicted_tlps[AC_MORE] + r.t.predicted_tlps[AC_AS] == n && !r.t.missing_bytes && !r.t.extra_bytes);
	align_free(r.a);
	/* 48 lines at a time, first the first piece of each, then the second: the bytes are together only behind all of them. */
	for (n = 0; n + 48 <= MANY / 8; n += 48)
		for (size_t i = 0; i < 48; i++) {
			p[n + i] = w(0xd4000000 + 64 * ((n + i) % 4096), 16, 15, 15);
			by[n + i] = n + i;
			for (size_t d = 0; d < 8; d++)
				o[8 * n + 48 * d + i] = w(p[n + i].addr + 8 * d, 2, 15, 15);
		}
	compare(&r, p, by, n, o, 8 * n);
	assert_true(r.t.predicted_tlps[AC_MORE] == n && r.t.cases[AC_MORE] == n && r.n == n);
	align_free(r.a);
	/* Bursts lost, longer than the window. */
	n = stream(p, by, MANY);
	m = 0;
	for (size_t i = 0; i < n; i++)
		if (i / 2000 % 10 != 3)
			o[m++] = p[i];
	compare(&r, p, by, n, o, m);
	assert_true(r.t.predicted_tlps[AC_MISSING] == n - m && r.t.predicted_tlps[AC_AS] == m && !r.t.tired);
	align_free(r.a);
	/* Nothing is as it was: the order is turned round, in pieces, and the enables differ. */
	for (size_t i = 0; i < n; i++) {
		o[i] = p[n - 1 - i];
		o[i].fbe = i & 1 ? 15 : 12;
	}
	compare(&r, p, by, n, o, n);
	assert_true(r.n > 100);
	align_free(r.a);
	free(p);
	free(o);
	free(by);
}

static int stop(const struct align_case *c, void *ctx)
{
	(void)c;
	(void)ctx;
	return -EINTR;
}

static void whoever_takes_the_cases_may_stop(void **state)
{
	struct tlp t = w(0x1000, 16, 15, 15);
	struct model_tlp m = as_model(&t, 0);
	struct align_totals sum;
	struct align *a;

	(void)state;
	assert_int_equal(align_new(&a), 0);
	assert_int_equal(align_predicted(a, &m, 0), 0);
	assert_int_equal(align_run(a, stop, NULL, &sum), -EINTR);
	align_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_difference),
		cmocka_unit_test(what_a_cut_capture_may_lack_is_told_apart),
		cmocka_unit_test(only_what_is_in_the_range_is_compared),
		cmocka_unit_test(one_difference_in_a_million_is_found_at_its_place),
		cmocka_unit_test(many_differences_and_none_alike_end_in_time),
		cmocka_unit_test(whoever_takes_the_cases_may_stop),
	};

	return cmocka_run_group_tests_name("align", tests, NULL, NULL);
}
