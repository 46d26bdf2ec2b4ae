// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_stores_steps.c - the store patterns are what they are said to be: what they write, between guards; and each
 * instruction, executed step by step on this CPU, against the prediction.
 */
#include "stores_list.h"

#define GUARD ((size_t)4096)
#define BLANK 0xa5

/* A run over memory between two guards, against the bytes that the expansion says. The C library's: all of each line.
 */
static void writes_exactly(const struct stores_run *r, uint64_t length)
{
	static struct stores_event whole = { .kind = STORES_STORE };
	const struct stores_shape all = { .n = 1, .events = &whole };
	const struct wcdiag_store_pattern *p = &wcdiag_store_patterns[r->pattern];
	bool library = p->flags & WCDIAG_STORE_LIBRARY;
	struct stores_result result;
	struct list l = { 0 };
	uint8_t *memory = aligned_alloc(4096, GUARD + SCRATCH + GUARD), *want = malloc(GUARD + SCRATCH + GUARD);
	uint8_t first = p->step < 0 ? 0 : p->first;

	assert_true(memory && want && length <= SCRATCH);
	memset(memory, BLANK, GUARD + SCRATCH + GUARD);
	memset(want, BLANK, GUARD + SCRATCH + GUARD);
	whole.size = WCDIAG_STORE_LINE * (r->lines ? r->lines : 1);
	assert_int_equal(stores_expand(r, length, library ? &all : NULL, collect, &l), 0);
	for (size_t i = 0; i < l.n; i++)
		for (uint32_t k = 0; l.e[i].kind == STORES_STORE && k < l.e[i].size; k++)
			want[GUARD + l.e[i].offset + k] = r->data[(l.e[i].offset + k - first) % WCDIAG_STORE_LINE];
	assert_int_equal(stores_run(r, memory + GUARD, length, NULL, 0, NULL, &result), 0);
	assert_int_equal(result.done, r->messages);
	assert_memory_equal(memory, want, GUARD + SCRATCH + GUARD);
	free(memory);
	free(want);
	free(l.e);
}

static void each_pattern_writes_its_bytes_and_no_other(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < WCDIAG_STORE_COUNT; i++) {
		struct stores_run r = a_run(i);

		if (!here(i))
			continue;
		writes_exactly(&r, SCRATCH); /* one message */
		r.messages = 37;
		r.batch = 3;
		writes_exactly(&r, SCRATCH);
		r.batch = 0;
		writes_exactly(&r, 1024); /* around and around, where there is room for 16 lines */
		if (wcdiag_store_patterns[i].lines) {
			r.lines = 7;
			writes_exactly(&r, SCRATCH);
			r.lines = 64;
			writes_exactly(&r, 4096);
		}
	}
}

static void say(const char *whose, const struct stores_event *e, size_t n)
{
	print_message("# %s:", whose);
	for (size_t i = 0; i < n && i < 40; i++)
		print_message(" %c%u@%lu", "SFG"[e[i].kind], e[i].size, (unsigned long)e[i].offset);
	print_message("\n");
}

/* Where nobody may trace there is nothing to be learnt; said once. */
static bool may_trace(void)
{
	struct stores_run r = a_run(WCDIAG_STORE_MOV8);
	struct stores_shape shape;
	int err = stores_record(&r, &shape);

	if (!err)
		free(shape.events);
	else if (err != -EPERM && err != -ENOSYS)
		fail_msg("stores_record: %s", strerror(-err));
	return !err;
}

/* The instructions one by one, as this processor executes them, against the table. */
static void steps_agree(const struct stores_run *run)
{
	struct stores_run r = *run;
	struct stores_shape shape;
	struct list l = { 0 };
	bool same;

	r.batch = 1;
	assert_int_equal(stores_expand(&r, SCRATCH, NULL, collect, &l), 0);
	assert_int_equal(stores_record(&r, &shape), 0);
	l.n--; /* the batch's fence */
	same = l.n == shape.n;
	for (size_t i = 0; i < l.n && same; i++)
		same = l.e[i].kind == shape.events[i].kind && l.e[i].size == shape.events[i].size &&
		       l.e[i].offset == shape.events[i].offset;
	if (!same) {
		say("the table", l.e, l.n);
		say("the CPU", shape.events, shape.n);
		fail_msg("%s: what is predicted is not what is stored", wcdiag_store_patterns[r.pattern].name);
	}
	free(l.e);
	free(shape.events);
}

static void the_prediction_is_what_the_cpu_does(void **state)
{
	(void)state;
	if (!may_trace())
		skip();
	for (unsigned int i = 0; i < WCDIAG_STORE_COUNT; i++) {
		const struct wcdiag_store_pattern *p = &wcdiag_store_patterns[i];
		struct stores_run r = a_run(i);

		if (p->flags & WCDIAG_STORE_LIBRARY || !here(i))
			continue;
		steps_agree(&r);
		for (r.lines = 1; p->lines && r.lines <= 64; r.lines = r.lines * 3 + 1)
			steps_agree(&r);
		r.lines = 0;
		for (r.gap = 1; p->gap && r.gap <= 64; r.gap = r.gap * 3 + 1)
			steps_agree(&r);
	}
}

/* All that can be said of a C library: every byte is there at least once, nothing beside. */
static void memcpy_is_recorded(void **state)
{
	struct stores_run r = a_run(WCDIAG_STORE_MEMCPY);
	struct list l = { 0 };

	(void)state;
	assert_int_equal(stores_expand(&r, SCRATCH, NULL, collect, &l), -ENODATA);
	assert_int_equal(l.n, 0);
	if (!may_trace())
		skip();
	for (r.lines = 1; r.lines <= 64; r.lines *= 4) {
		struct stores_shape shape;
		uint8_t times[4096] = { 0 };
		size_t bytes = r.lines * 64, n = 0;

		assert_int_equal(stores_record(&r, &shape), 0);
		for (size_t i = 0; i < shape.n; i++) {
			if (shape.events[i].kind != STORES_STORE)
				continue;
			n++;
			assert_true(shape.events[i].offset + shape.events[i].size <= bytes);
			memset(times + shape.events[i].offset, 1, shape.events[i].size);
		}
		print_message("# memcpy of %zu bytes: %zu stores\n", bytes, n);
		assert_true(n);
		for (size_t i = 0; i < bytes; i++)
			assert_int_equal(times[i], 1);
		free(shape.events);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_pattern_writes_its_bytes_and_no_other),
		cmocka_unit_test(the_prediction_is_what_the_cpu_does),
		cmocka_unit_test(memcpy_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
