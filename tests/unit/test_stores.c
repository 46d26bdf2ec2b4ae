// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_stores.c - the store patterns: what they write, that the prediction is what the instructions do (executed step
 * by step), and the geometry of runs.
 */
#include "stores_list.h"

static void table_is_whole(void **state)
{
	(void)state;
	for (int i = 0; i < WCDIAG_STORE_COUNT; i++) {
		const struct wcdiag_store_pattern *p = &wcdiag_store_patterns[i];
		int last = p->first + (p->count - 1) * p->step;
		bool user = stores_function((unsigned int)i);

		assert_true(p->name && p->words && p->size && p->count);
		assert_int_equal(stores_find(p->name), i);
		assert_true(p->span % WCDIAG_STORE_LINE == 0 && p->span);
		assert_true(last >= 0 && last + p->size <= p->span && p->first + p->size <= p->span);
		assert_true(p->tail + p->size <= p->span);
		assert_true(!!(p->flags & WCDIAG_STORE_LINES) == !!p->lines);
		assert_true(!!(p->flags & WCDIAG_STORE_NOPS) == !!p->gap);
		assert_int_equal(user, !(p->flags & WCDIAG_STORE_KERNEL_ONLY));
	}
	assert_int_equal(stores_find("mov16"), -ENOENT);
	assert_null(stores_function(WCDIAG_STORE_COUNT));
	assert_false(stores_cpu_has(WCDIAG_STORE_COUNT));
}

/* What a reference pattern promises: each byte of each line once. Spoilers: what their words say. */
static void a_message_covers(unsigned int pattern, uint64_t mask0, uint64_t mask1, int stores, int twice)
{
	struct stores_run r = a_run(pattern);
	struct list l = { 0 };
	uint8_t times[128] = { 0 };
	int n = 0, again = 0;

	r.lines = wcdiag_store_patterns[pattern].lines ? 1 : 0;
	assert_int_equal(stores_expand(&r, 128, NULL, collect, &l), 0);
	for (size_t i = 0; i < l.n; i++) {
		if (l.e[i].kind != STORES_STORE)
			continue;
		n++;
		assert_true(l.e[i].offset + l.e[i].size <= sizeof(times));
		for (uint32_t k = 0; k < l.e[i].size; k++)
			again += times[l.e[i].offset + k]++ > 0;
	}
	for (int i = 0; i < 64; i++) {
		assert_int_equal(!!times[i], mask0 >> i & 1);
		assert_int_equal(!!times[64 + i], mask1 >> i & 1);
	}
	assert_int_equal(n, stores);
	assert_int_equal(again, twice);
	assert_int_equal(l.e[l.n - 1].kind, STORES_FENCE);
	free(l.e);
}

static void messages_are_what_they_are_called(void **state)
{
	const uint64_t all = ~0ULL;

	(void)state;
	a_message_covers(WCDIAG_STORE_MOV8, all, 0, 8, 0);
	a_message_covers(WCDIAG_STORE_MOV4, all, 0, 16, 0);
	a_message_covers(WCDIAG_STORE_SSE, all, 0, 4, 0);
	a_message_covers(WCDIAG_STORE_AVX, all, 0, 2, 0);
	a_message_covers(WCDIAG_STORE_AVX512, all, 0, 1, 0);
	a_message_covers(WCDIAG_STORE_MOVNTI, all, 0, 8, 0);
	a_message_covers(WCDIAG_STORE_MOVNTDQ, all, 0, 4, 0);
	a_message_covers(WCDIAG_STORE_VMOVNTDQ, all, 0, 2, 0);
	a_message_covers(WCDIAG_STORE_VMOVNTDQ512, all, 0, 1, 0);
	a_message_covers(WCDIAG_STORE_REP_MOVSQ, all, 0, 8, 0);
	a_message_covers(WCDIAG_STORE_REP_MOVSB, all, 0, 64, 0);
	a_message_covers(WCDIAG_STORE_MEMCPY_TOIO, all, 0, 16, 0);
	a_message_covers(WCDIAG_STORE_IOWRITE64_COPY, all, 0, 8, 0);
	a_message_covers(WCDIAG_STORE_MOVDIRI, all, 0, 8, 0);
	a_message_covers(WCDIAG_STORE_MOVDIR64B, all, 0, 1, 0);
	a_message_covers(WCDIAG_STORE_MISALIGNED, all << 8, 0xff, 8, 0);
	a_message_covers(WCDIAG_STORE_PARTIAL, all >> 8, 0, 7, 0);
	a_message_covers(WCDIAG_STORE_FENCED, all, 0, 8, 0);
	a_message_covers(WCDIAG_STORE_INTERLEAVED, all, 0, 8, 0);
	a_message_covers(WCDIAG_STORE_GAP, all, 0, 8, 0);
	a_message_covers(WCDIAG_STORE_DESCENDING, all, 0, 8, 0);
	a_message_covers(WCDIAG_STORE_OVERLAP, all, 0, 9, 8);
}

/* Batch by batch, all inside, every message once, fences where batches end. */
static void runs_keep_to_their_range(void **state)
{
	static const uint64_t lengths[] = { 64, 128, 192, 1024, 4096, 4160, 65536 };
	static const unsigned int batches[] = { 0, 1, 3 };

	(void)state;
	for (unsigned int i = 0; i < WCDIAG_STORE_COUNT; i++) {
		const struct wcdiag_store_pattern *p = &wcdiag_store_patterns[i];

		if (p->flags & WCDIAG_STORE_LIBRARY)
			continue;
		for (size_t k = 0; k < 3 * sizeof(lengths) / sizeof(*lengths); k++) {
			struct stores_run r = a_run(i);
			uint64_t length = lengths[k / 3], message = 0, in_batch = 0, whole, span;
			struct list l = { 0 };
			size_t stores = 0;

			r.messages = 150;
			r.batch = batches[k % 3];
			r.lines = p->lines ? 2 : 0;
			span = (uint64_t)p->span * (p->lines ? 2 : 1);
			if (length < span) {
				assert_int_equal(stores_expand(&r, length, NULL, collect, &l), -EINVAL);
				continue;
			}
			whole = r.batch ? r.batch : 4096 / span;
			assert_int_equal(stores_expand(&r, length, NULL, collect, &l), 0);
			for (size_t n = 0; n < l.n; n++) {
				const struct stores_event *e = &l.e[n];

				if (e->kind == STORES_STORE) {
					assert_true(e->offset + e->size <= length);
					assert_true(e->offset / span == e->message % (length / span));
					in_batch += e->message != message;
					message = e->message;
					stores++;
				} else if (!(p->flags & WCDIAG_STORE_FENCE_EACH) && e->kind == STORES_FENCE) {
					assert_true(in_batch <= whole);
					in_batch = 0;
				}
			}
			assert_int_equal(message, 149);
			assert_int_equal(stores, 150U * (p->lines ? 2 : 1) * (p->count + !!p->tail));
			free(l.e);
		}
	}
}

static void a_wrong_run_is_refused(void **state)
{
	const struct stores_run good = a_run(WCDIAG_STORE_MOV8);
	struct stores_result result;
	struct stores_run r;
	_Alignas(64) char small[128];

#define WRONG(want, length, ...) (r = good, __VA_ARGS__, assert_int_equal(stores_check(&r, length), want))
	(void)state;
	WRONG(0, 64, (void)0);
	WRONG(-EINVAL, 0, (void)0);
	WRONG(-EINVAL, 63, (void)0);
	WRONG(-EINVAL, 100, (void)0);
	WRONG(-EINVAL, 4096, r.pattern = WCDIAG_STORE_COUNT);
	WRONG(-EINVAL, 4096, r.pattern = ~0U);
	WRONG(-EINVAL, 4096, r.messages = 0);
	WRONG(-EINVAL, 4096, r.lines = 1);
	WRONG(-EINVAL, 4096, r.gap = 1);
	WRONG(-EINVAL, 4096, r.batch = 65);
	WRONG(0, 4096, r.batch = 64);
	WRONG(-EINVAL, 64, r.pattern = WCDIAG_STORE_MISALIGNED);
	WRONG(-EINVAL, 4096, (r.pattern = WCDIAG_STORE_MISALIGNED, r.batch = 33));
	WRONG(-EINVAL, 1 << 20, (r.pattern = WCDIAG_STORE_REP_MOVSB, r.lines = 65));
	WRONG(-EINVAL, 1 << 20, (r.pattern = WCDIAG_STORE_REP_MOVSB, r.lines = 64, r.batch = 2));
	WRONG(-EINVAL, 4096, (r.pattern = WCDIAG_STORE_GAP, r.gap = 1001));
	WRONG(-EOPNOTSUPP, 4096, r.pattern = WCDIAG_STORE_MEMCPY_TOIO);
	WRONG(-EOPNOTSUPP, 4096, r.pattern = WCDIAG_STORE_IOWRITE64_COPY);
#undef WRONG
	assert_int_equal(stores_run(&good, small + 8, 64, NULL, 0, NULL, &result), -EINVAL);
	r = good;
	r.messages = ~0ULL; /* not a sum that wraps: a long way */
	assert_int_equal(stores_check(&r, 64), 0);
}

static void samples_are_counted(void **state)
{
	struct stores_run r = a_run(WCDIAG_STORE_MOV8);
	struct stores_result result;
	struct stores_stats stats;
	uint32_t samples[100] = { 0 };
	char *scratch = aligned_alloc(4096, SCRATCH);

	(void)state;
	assert_non_null(scratch);
	r.messages = 10000;
	r.batch = 16;
	/* Room for 1023: 63 whole batches and one of 15, nine times; 49 and one of 9. Of 616 every seventh. */
	assert_int_equal(stores_run(&r, scratch, SCRATCH - 64, samples, 100, NULL, &result), 0);
	assert_int_equal(result.done, 10000);
	assert_int_equal(result.every, 7);
	assert_int_equal(result.nsamples, 88);
	for (size_t i = 0; i < result.nsamples; i++)
		assert_true(samples[i] > 0 && samples[i] <= result.cycles);
	assert_int_equal(stores_stats(&r, SCRATCH, samples, result.nsamples, &stats), 0);
	assert_true(stats.min > 0 && stats.min <= stats.p25 && stats.p25 <= stats.median && stats.median <= stats.p75 &&
		    stats.p75 <= stats.p99 && stats.p99 <= stats.max);
	free(scratch);
}

static void stats_are_per_line(void **state)
{
	struct stores_run r = a_run(WCDIAG_STORE_MISALIGNED);
	struct stores_stats s;
	uint32_t samples[200];

	(void)state;
	r.messages = 1000;
	r.batch = 4; /* 8 lines */
	for (uint32_t i = 0; i < 200; i++)
		samples[i] = 8 * (200 - i);
	assert_int_equal(stores_stats(&r, 4096, samples, 200, &s), 0);
	assert_true(s.n == 200 && s.min == 1 && s.max == 200 && s.p25 == 51 && s.median == 101 && s.p75 == 150 &&
		    s.p99 == 198);
	assert_int_equal(stores_stats(&r, 128, samples, 1, &s), 0); /* there is room for one message only */
	assert_true(s.n == 1 && s.min == 4 && s.max == 4 && s.median == 4);
	assert_int_equal(stores_stats(&r, 4096, samples, 0, &s), -EINVAL);
}

static void a_run_can_be_stopped(void **state)
{
	struct stores_run r = a_run(WCDIAG_STORE_MOV8);
	struct stores_result result;
	volatile sig_atomic_t stop = 1;
	_Alignas(64) char scratch[64] = "untouched";

	(void)state;
	r.messages = ~0ULL;
	assert_int_equal(stores_run(&r, scratch, 64, NULL, 0, &stop, &result), 0);
	assert_int_equal(result.done, 0);
	assert_string_equal(scratch, "untouched");
}

static int not_now(void *ctx, const struct stores_event *event)
{
	(void)event;
	return ++*(int *)ctx == 3 ? -ECANCELED : 0;
}

static void an_expansion_can_be_ended(void **state)
{
	struct stores_run r = a_run(WCDIAG_STORE_MOV8);
	int n = 0;

	(void)state;
	r.messages = ~0ULL;
	assert_int_equal(stores_expand(&r, 4096, NULL, not_now, &n), -ECANCELED);
	assert_int_equal(n, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_whole),	    cmocka_unit_test(messages_are_what_they_are_called),
		cmocka_unit_test(runs_keep_to_their_range), cmocka_unit_test(a_wrong_run_is_refused),
		cmocka_unit_test(samples_are_counted),	    cmocka_unit_test(stats_are_per_line),
		cmocka_unit_test(a_run_can_be_stopped),	    cmocka_unit_test(an_expansion_can_be_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
