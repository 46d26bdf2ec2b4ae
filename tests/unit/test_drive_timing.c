// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_drive_timing.c - the clock as a witness of a drive: which samples it takes, what it makes of them, and that it
 * counts nothing. The CPU of the world is no emulated one unless a test says so.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judge_world.h"
#include "km/wcdiag_km.h"
#include "probe/drive.h"
#include "probe/drive_int.h"
#include "probe/drive_timing.h"
#include "probe/drive_witness.h"

#define OFFSET 0x1000ULL
#define LENGTH 0x2000ULL

static struct world w;
static unsigned int patterns[8];
static struct drive_plan p;
static struct drive_witnesses witnesses;
static const struct drive_witness *which;

static void plan(size_t n, const unsigned int *list)
{
	world_init(&w);
	memcpy(patterns, list, n * sizeof(*list));
	p = (struct drive_plan){
		.m = &w.m,
		.dev = &w.dev,
		.bar = 2,
		.have_scratch = true,
		.offset = OFFSET,
		.length = LENGTH,
		.side = { true, true },
		.cpu = sched_getcpu(),
		.pattern = patterns,
		.npattern = n,
		.messages = 640,
		.repeat = 20,
	};
}

static const unsigned int two[] = { WCDIAG_STORE_MOV8, WCDIAG_STORE_MOV4 };

static int open_timing(void)
{
	const char *what;

	memset(&witnesses, 0, sizeof(witnesses));
	assert_int_equal(drive_witness_add(&witnesses, "timing", &what), 0);
	return drive_witness_open(&witnesses, &p, NULL, &which);
}

/* --- the samples --- */

static void test_widths(void **state)
{
	(void)state;
	assert_int_equal(drive_timing_width(WCDIAG_STORE_MOV4), 4);
	assert_int_equal(drive_timing_width(WCDIAG_STORE_MOVNTI), 8);
	assert_int_equal(drive_timing_width(WCDIAG_STORE_VMOVNTDQ), 32);
	assert_int_equal(drive_timing_width(WCDIAG_STORE_VMOVNTDQ512), 64);
	assert_int_equal(drive_timing_width(WCDIAG_STORE_AVX512), 64);
	/* How wide these store is somebody else's choice; these do not fill lines. */
	assert_int_equal(drive_timing_width(WCDIAG_STORE_REP_MOVSQ), 0);
	assert_int_equal(drive_timing_width(WCDIAG_STORE_MEMCPY), 0);
	assert_int_equal(drive_timing_width(WCDIAG_STORE_IOWRITE64_COPY), 0);
	assert_int_equal(drive_timing_width(WCDIAG_STORE_MOVDIR64B), 0);
	assert_int_equal(drive_timing_width(WCDIAG_STORE_PARTIAL), 0);
	assert_int_equal(drive_timing_width(WCDIAG_STORE_COUNT), 0);
}

/* n batches, a tenth of them a little slower. */
static void take(struct drive_timing *t, enum drive_side side, unsigned int pattern, size_t n, uint32_t cycles)
{
	uint32_t *v = malloc(n * sizeof(*v));

	assert_non_null(v);
	for (size_t i = 0; i < n; i++)
		v[i] = cycles + (i % 10 == 9 ? cycles / 50 : 0);
	drive_timing_take(t, side, pattern, v, n);
	free(v);
}

static struct drive_timing *opened(void)
{
	struct drive_timing *t;
	struct fact f = { 0 };

	if (drive_timing_open(&p, &t, &f))
		fail_msg("%s", f.why);
	return t;
}

/* Batches of 64 lines that cost 200 cycles a store, so that no memory is as slow. */
static void test_by_the_store(void **state)
{
	struct timing_result r;
	struct drive_timing *t;

	(void)state;
	plan(2, two);
	t = opened();
	take(t, DRIVE_USER, WCDIAG_STORE_MOV8, 500, 64 * 8 * 2000);
	take(t, DRIVE_USER, WCDIAG_STORE_MOV4, 500, 64 * 16 * 2000);
	assert_int_equal(drive_timing_judge(t, DRIVE_USER, &r), 0);
	assert_int_equal(r.says, TIMING_UC);
	assert_int_equal(r.narrow, 4);
	assert_int_equal(r.wide, 8);
	assert_true(r.referred);
	assert_true(r.line[1].mid == 8 * 2000);
	assert_true(r.ratio.mid == 2);
	/* Of the other side nothing was timed: that says nothing, and not the same. */
	assert_int_equal(drive_timing_judge(t, DRIVE_KERNEL, &r), 0);
	assert_int_equal(r.says, TIMING_NOTHING);
	assert_non_null(strstr(r.why, "too few"));
	/* The kernel's side has its own verdict, and the same reference. */
	take(t, DRIVE_KERNEL, WCDIAG_STORE_MOV8, 500, 64 * 2000);
	take(t, DRIVE_KERNEL, WCDIAG_STORE_MOV4, 500, 64 * 2020);
	assert_int_equal(drive_timing_judge(t, DRIVE_KERNEL, &r), 0);
	assert_int_equal(r.says, TIMING_WC);
	assert_true(r.referred);
	assert_int_equal(drive_timing_judge(t, DRIVE_USER, &r), 0);
	assert_int_equal(r.says, TIMING_UC);
	drive_timing_close(t);
	drive_timing_close(NULL);
}

/* More than it keeps: evenly, so that the median is that of all. */
static void test_many(void **state)
{
	enum { N = 60000 };
	uint32_t *v = malloc(N * sizeof(*v));
	struct timing_result r;
	struct drive_timing *t;

	(void)state;
	assert_non_null(v);
	plan(2, two);
	t = opened();
	for (uint32_t i = 0; i < N; i++)
		v[i] = 64 * (20000 + (i < N / 2 ? 0 : 1000));
	drive_timing_take(t, DRIVE_USER, WCDIAG_STORE_MOV8, v, N);
	drive_timing_take(t, DRIVE_USER, WCDIAG_STORE_MOV4, v, N);
	assert_int_equal(drive_timing_judge(t, DRIVE_USER, &r), 0);
	assert_int_equal(r.says, TIMING_WC);
	assert_true(r.line[0].mid >= 20000 && r.line[0].mid <= 21000 && r.line[0].hi == 21000 && r.line[0].lo == 20000);
	drive_timing_close(t);
	free(v);
}

static void test_too_few(void **state)
{
	struct timing_result r;
	struct drive_timing *t;

	(void)state;
	plan(2, two);
	t = opened();
	take(t, DRIVE_USER, WCDIAG_STORE_MOV8, 5, 64 * 8 * 2000);
	take(t, DRIVE_USER, WCDIAG_STORE_MOV4, 500, 64 * 16 * 2000);
	assert_int_equal(drive_timing_judge(t, DRIVE_USER, &r), 0);
	assert_int_equal(r.says, TIMING_NOTHING);
	take(t, DRIVE_USER, WCDIAG_STORE_MOV8, 1, 64 * 8 * 2000);
	assert_int_equal(drive_timing_judge(t, DRIVE_USER, &r), 0);
	assert_int_equal(r.says, TIMING_UC);
	drive_timing_close(t);
}

/* Two kinds of instructions with the same width are not thrown together, and what chooses its width itself is left out.
 */
static void test_one_pattern_a_width(void **state)
{
	static const unsigned int many[] = { WCDIAG_STORE_MOVNTI, WCDIAG_STORE_MOV8, WCDIAG_STORE_MOV4,
					     WCDIAG_STORE_REP_MOVSQ };
	static const unsigned int nt[] = { WCDIAG_STORE_MOVNTI, WCDIAG_STORE_MOVNTDQ };
	struct timing_result r;
	struct drive_timing *t;

	(void)state;
	plan(4, many);
	t = opened();
	take(t, DRIVE_USER, WCDIAG_STORE_MOVNTI, 500, 77);
	take(t, DRIVE_USER, WCDIAG_STORE_REP_MOVSQ, 500, 77);
	take(t, DRIVE_USER, WCDIAG_STORE_MISALIGNED, 500, 77);
	assert_int_equal(drive_timing_judge(t, DRIVE_USER, &r), 0);
	assert_int_equal(r.says, TIMING_NOTHING);
	take(t, DRIVE_USER, WCDIAG_STORE_MOV8, 500, 64 * 8 * 2000);
	take(t, DRIVE_USER, WCDIAG_STORE_MOV4, 500, 64 * 16 * 2000);
	assert_int_equal(drive_timing_judge(t, DRIVE_USER, &r), 0);
	assert_true(r.line[1].mid == 8 * 2000);
	drive_timing_close(t);
	/* Where the plain one is not among the patterns the other stands for its width. */
	plan(2, nt);
	t = opened();
	take(t, DRIVE_USER, WCDIAG_STORE_MOVNTI, 500, 64 * 8 * 2000);
	take(t, DRIVE_USER, WCDIAG_STORE_MOVNTDQ, 500, 64 * 4 * 2000);
	assert_int_equal(drive_timing_judge(t, DRIVE_USER, &r), 0);
	assert_int_equal(r.narrow, 8);
	assert_int_equal(r.wide, 16);
	assert_true(r.vector && r.referred);
	drive_timing_close(t);
}

/* --- what is refused --- */

static void assert_refused(const char *why)
{
	assert_int_equal(open_timing(), -EINVAL);
	assert_ptr_equal(which, &witnesses.w[0]);
	if (!strstr(which->fact.why, why) || !which->fact.remedy)
		fail_msg("'%s', wanted '%s'", which->fact.why, why);
	drive_witness_close(&witnesses);
}

static void test_refused(void **state)
{
	static const unsigned int same[] = { WCDIAG_STORE_MOV8, WCDIAG_STORE_MOVNTI, WCDIAG_STORE_REP_MOVSQ,
					     WCDIAG_STORE_MOVDIR64B };

	(void)state;
	plan(4, same);
	assert_refused("two widths");
	plan(1, two);
	assert_refused("two widths");
	/* What the CPU does not have is no width. */
	patterns[1] = WCDIAG_STORE_AVX512;
	p.npattern = 2;
	if (!stores_cpu_has(WCDIAG_STORE_AVX512))
		assert_refused("two widths");
	plan(2, two);
	p.length = 15 * 64;
	assert_refused("less than 16 lines");
	p.length = 16 * 64;
	assert_int_equal(open_timing(), 0);
	drive_witness_close(&witnesses);
	p.cpu = 1023;
	assert_refused("may not run on that CPU");
}

/* --- a drive --- */

static uint32_t cycles_of[WCDIAG_STORE_COUNT];

static const char *fake_cannot(void *ctx, const struct drive_plan *pl, enum drive_side side, const char **remedy)
{
	(void)ctx;
	(void)pl;
	(void)remedy;
	return side == DRIVE_KERNEL ? NULL : "not here";
}

static int fake_store(void *ctx, struct wcdiag_km_store *s)
{
	uint32_t *v = (uint32_t *)(uintptr_t)s->samples;

	(void)ctx;
	s->done = s->messages;
	s->phys = BAR_ADDR + OFFSET;
	s->entry = s->phys | 0x63 | 1ULL << 3;
	s->level = 1;
	s->slot = 1;
	s->nsamples = s->max_samples < 10 ? s->max_samples : 10;
	/* Descending: whoever sorts them in between is found out. */
	for (uint32_t i = 0; i < s->nsamples; i++)
		v[i] = cycles_of[s->pattern] + 10 - i;
	return 0;
}

static int fake_list(void *ctx, struct memtype_list *out)
{
	(void)ctx;
	(void)out;
	return -EACCES;
}

static const struct drive_ops ops = { .cannot = fake_cannot, .store = fake_store, .list = fake_list };

static uint32_t first_seen;

static void seen(void *ctx, const struct drive_phase *ph, size_t row, const uint32_t *cycles, size_t n)
{
	assert_int_equal(n, 200);
	first_seen = cycles[0];
	drive_witness_timed(ctx, ph, row, cycles, n);
}

static void kernel_phase(struct drive_phase *ph)
{
	const struct drive_watch watch = {
		.ctx = &witnesses, .begin = drive_witness_begin, .end = drive_witness_end, .timed = seen
	};

	assert_int_equal(open_timing(), 0);
	assert_int_equal(drive_phase_run(&p, DRIVE_KERNEL, &ops, NULL, &watch, ph), 0);
}

static void test_phase(void **state)
{
	struct timing_result r;
	struct drive_phase ph;

	(void)state;
	plan(2, two);
	cycles_of[WCDIAG_STORE_MOV8] = 64 * 8 * 2000;
	cycles_of[WCDIAG_STORE_MOV4] = 64 * 16 * 2000;
	kernel_phase(&ph);
	assert_int_equal(ph.state, DRIVE_DONE);
	assert_int_equal(first_seen, cycles_of[WCDIAG_STORE_MOV4] + 10);
	assert_int_equal(drive_timing_judge(witnesses.w[0].timing, DRIVE_KERNEL, &r), 0);
	assert_int_equal(r.says, TIMING_UC);
	/* It counts no TLPs, fails in none, and calls nothing split. */
	for (size_t k = 0; k < ph.nrow; k++) {
		const struct drive_seen *s = &witnesses.w[0].seen[DRIVE_KERNEL][ph.row[k].pattern];

		for (unsigned int i = 0; i < WITNESS_WHATS; i++)
			assert_int_equal(s->sum.runs[i], 0);
		assert_int_equal(s->failed, 0);
		assert_int_equal(ph.effective, MT_WC);
		assert_false(drive_split(&witnesses.w[0], &ph, &ph.row[k]));
	}
	drive_phase_free(&ph);
	drive_witness_close(&witnesses);
}

static void test_emulated(void **state)
{
	static const struct hyper_kind qemu = { .name = "QEMU (TCG)", .pat = HYPER_PAT_EMULATED };
	struct timing_result r;
	struct drive_phase ph;

	(void)state;
	plan(2, two);
	w.m.hyper.kind = &qemu;
	kernel_phase(&ph);
	assert_int_equal(drive_timing_judge(witnesses.w[0].timing, DRIVE_KERNEL, &r), 0);
	assert_int_equal(r.says, TIMING_NOTHING);
	assert_non_null(strstr(r.why, "emulated"));
	assert_int_equal(witness_trust_of(witnesses.w[0].w), TRUST_NOTHING);
	drive_phase_free(&ph);
	drive_witness_close(&witnesses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_by_the_store),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_too_few),
		cmocka_unit_test(test_one_pattern_a_width),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_phase),
		cmocka_unit_test(test_emulated),
	};

	return cmocka_run_group_tests_name("drive_timing", tests, NULL, NULL);
}
