// SPDX-License-Identifier: GPL-2.0-or-later
/* drive_timing.c - samples of each side, and of ordinary memory, for the clock's verdict. */
#include "drive_timing.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive_int.h"
#include "stores_int.h"

enum {
	EACH = 4096, /* samples kept of a pattern */
	WIDTHS = 5,
	MEMORY = 1 << 20,     /* of a longer scratch range no more is imitated */
	REFERENCE = 64 * 256, /* messages: 256 batches where they have 64 lines */
};

/* The kernel's and the library's own functions choose their widths themselves. In the order of preference. */
static const struct {
	unsigned int pattern, width;
} widths[] = {
	{ WCDIAG_STORE_MOV4, 4 },     { WCDIAG_STORE_MOV8, 8 },	     { WCDIAG_STORE_SSE, 16 },
	{ WCDIAG_STORE_AVX, 32 },     { WCDIAG_STORE_AVX512, 64 },   { WCDIAG_STORE_MOVNTI, 8 },
	{ WCDIAG_STORE_MOVNTDQ, 16 }, { WCDIAG_STORE_VMOVNTDQ, 32 },
	{ WCDIAG_STORE_VMOVNTDQ512, 64 },
};

enum { NWIDTHS = sizeof(widths) / sizeof(widths[0]), REF = 2 };

struct drive_timing {
	const struct drive_plan *p;
	bool emulated;
	size_t n[3]; /* by enum drive_side; REF */
	struct timing_sample s[3][WIDTHS * EACH];
};

unsigned int drive_timing_width(unsigned int pattern)
{
	for (unsigned int i = 0; i < NWIDTHS; i++)
		if (widths[i].pattern == pattern)
			return widths[i].width;
	return 0;
}

static bool planned(const struct drive_plan *p, unsigned int pattern)
{
	for (size_t i = 0; i < p->npattern; i++)
		if (p->pattern[i] == pattern)
			return stores_cpu_has(pattern);
	return false;
}

/* One pattern for a width: two kinds of instructions of the same width would be two distributions in one. */
static bool compared(const struct drive_plan *p, unsigned int pattern)
{
	unsigned int width = drive_timing_width(pattern);

	if (!width || !planned(p, pattern))
		return false;
	for (unsigned int i = 0; widths[i].pattern != pattern; i++)
		if (widths[i].width == width && planned(p, widths[i].pattern))
			return false;
	return true;
}

/* Of a whole batch; all of them have one line a message. 0: such a run is not possible. */
static unsigned int batch_lines(const struct drive_plan *p, unsigned int pattern, uint64_t length)
{
	struct wcdiag_store_walk walk;
	struct stores_run run, full;

	drive_run_of(p, pattern, &run);
	if (stores_begin(&run, length, &full, &walk))
		return 0;
	return (unsigned int)(walk.batch * walk.span / WCDIAG_STORE_LINE);
}

static int refuse(struct fact *f, const char *why, const char *remedy)
{
	fact_missing(f, NULL, "timing", EINVAL, remedy);
	snprintf(f->why, sizeof(f->why), "%s", why);
	return -EINVAL;
}

static int check(const struct drive_plan *p, struct fact *f)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < NWIDTHS; i++)
		if (compared(p, widths[i].pattern)) {
			n++;
			if (batch_lines(p, widths[i].pattern, p->length) < DRIVE_TIMING_LINES)
				return refuse(f, "a batch in this scratch range has less than 16 lines",
					      "a scratch range of 1K or more");
		}
	return n > 1 ? 0
		     : refuse(f, "it compares stores of two widths, and the patterns chosen have not two on this CPU",
			      "--pattern mov4,mov8, or none");
}

static void add(struct drive_timing *t, unsigned int set, const struct timing_sample *like, const uint32_t *cycles,
		size_t n)
{
	/* Evenly over all of them. */
	size_t step = n / EACH + 1;

	for (size_t i = 0; i < n && t->n[set] < WIDTHS * EACH; i += step) {
		struct timing_sample *s = &t->s[set][t->n[set]++];

		*s = *like;
		s->cycles = cycles[i];
	}
}

static int one_reference(struct drive_timing *t, unsigned int pattern, void *memory, uint64_t length, uint32_t *cycles)
{
	struct timing_sample like = { .width = drive_timing_width(pattern),
				      .lines = batch_lines(t->p, pattern, length),
				      .reference = true };
	struct stores_run run;
	struct stores_result r;
	int err;

	drive_run_of(t->p, pattern, &run);
	run.messages = REFERENCE;
	/* Once to warm up. */
	err = stores_run(&run, memory, length, NULL, 0, NULL, &r);
	if (!err)
		err = stores_run(&run, memory, length, cycles, EACH, NULL, &r);
	if (!err)
		add(t, REF, &like, cycles, r.nsamples);
	return err;
}

static int references(struct drive_timing *t)
{
	uint64_t length = t->p->length < MEMORY ? t->p->length : MEMORY;
	void *memory = aligned_alloc(DRIVE_PAGE, (length + DRIVE_PAGE - 1) & ~(DRIVE_PAGE - 1));
	uint32_t *cycles = malloc(EACH * sizeof(*cycles));
	int err = memory && cycles ? 0 : -ENOMEM;

	if (!err)
		memset(memory, 0, length);
	for (unsigned int i = 0; i < NWIDTHS && !err; i++)
		if (compared(t->p, widths[i].pattern))
			err = one_reference(t, widths[i].pattern, memory, length, cycles);
	free(cycles);
	free(memory);
	return err;
}

int drive_timing_open(const struct drive_plan *p, struct drive_timing **out, struct fact *f)
{
	struct drive_timing *t;
	cpu_set_t before;
	bool pinned;
	int err = check(p, f);

	if (err)
		return err;
	t = malloc(sizeof(*t));
	if (!t) {
		fact_missing(f, NULL, "timing", ENOMEM, NULL);
		return -ENOMEM;
	}
	t->p = p;
	t->emulated = drive_emulated(p->m);
	memset(t->n, 0, sizeof(t->n));
	if (!t->emulated) {
		drive_pin(p, &before, &pinned);
		err = p->cpu >= 0 && !pinned ? refuse(f, "this process may not run on that CPU", "another --cpu")
					     : references(t);
		if (pinned)
			sched_setaffinity(0, sizeof(before), &before);
	}
	if (!err) {
		*out = t;
		return 0;
	}
	free(t);
	if (f->state != FACT_MISSING)
		fact_missing(f, NULL, "timing", -err, NULL);
	return err;
}

void drive_timing_close(struct drive_timing *t)
{
	free(t);
}

void drive_timing_take(struct drive_timing *t, enum drive_side side, unsigned int pattern, const uint32_t *cycles,
		       size_t n)
{
	struct timing_sample like = { .width = drive_timing_width(pattern),
				      .lines = batch_lines(t->p, pattern, t->p->length) };

	if (compared(t->p, pattern) && like.lines)
		add(t, side, &like, cycles, n);
}

int drive_timing_judge(const struct drive_timing *t, enum drive_side side, struct timing_result *out)
{
	size_t n = t->n[side];
	struct timing_sample *all = malloc((n + t->n[REF] + 1) * sizeof(*all));
	int err;

	if (!all)
		return -ENOMEM;
	memcpy(all, t->s[side], n * sizeof(*all));
	memcpy(all + n, t->s[REF], t->n[REF] * sizeof(*all));
	err = timing_judge(all, n + t->n[REF], t->emulated, out);
	free(all);
	if (err == -ENODATA)
		*out = (struct timing_result){
			.says = TIMING_NOTHING,
			.why = "too few whole batches of two widths were timed: 6 of each at least"
		};
	return err == -ENODATA ? 0 : err;
}
