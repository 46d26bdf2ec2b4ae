/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_rules_fabric.c - what the judge makes of a drive: who ran through which entry, and what was counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "judge_world.h"
#include "probe/experiment.h"
#include "probe/witness_int.h"

#define MESSAGES 1000ULL
#define RUNS	 10U

/* A drive of both sides through WC entries, mov8 and the control, each line one TLP, counted by the device. */
struct driven {
	struct world *w;
	struct experiment x;
	struct drive_plan plan;
	struct drive_phase phase[2];
	struct drive_row row[2][3];
	struct drive_witnesses witnesses;
	struct witness device;
	struct circumstances around;
	struct stream_story story;
};

static void row_of(struct driven *d, int side, int at, unsigned int pattern, bool combines)
{
	bool control = wcdiag_store_patterns[pattern].role == WCDIAG_STORE_CONTROL;
	struct drive_row *r = &d->row[side][at];

	*r = (struct drive_row){ .pattern = pattern, .state = DRIVE_DONE, .runs = RUNS };
	r->each.known = true;
	r->each.tlps = r->each.best = r->each.worst = combines || control ? MESSAGES : 8 * MESSAGES;
	r->each.lines = r->each.full = combines && !control ? MESSAGES : 0;
	d->phase[side].nrow = (size_t)at + 1;
}

static void counts(struct driven *d, int side, unsigned int pattern, uint64_t tlps)
{
	struct witness_counts *c = &d->witnesses.w[0].seen[side][pattern].sum;

	*c = (struct witness_counts){ 0 };
	c->runs[WITNESS_TLPS] = RUNS;
	c->count[WITNESS_TLPS] = tlps;
}

static void side_is(struct driven *d, int side, enum mtype type)
{
	struct drive_phase *ph = &d->phase[side];

	*ph = (struct drive_phase){ .side = (enum drive_side)side,
				    .state = DRIVE_DONE,
				    .list_known = true,
				    .list_same = true,
				    .entry_known = true,
				    .type = type,
				    .effective = type,
				    .row = d->row[side] };
	row_of(d, side, 0, WCDIAG_STORE_MOV8, type == MT_WC);
	row_of(d, side, 1, WCDIAG_STORE_MOVDIR64B, type == MT_WC);
	counts(d, side, WCDIAG_STORE_MOV8, (type == MT_WC ? 1 : 8) * MESSAGES * RUNS);
	counts(d, side, WCDIAG_STORE_MOVDIR64B, MESSAGES * RUNS);
	d->x.phase[side] = ph;
}

static int driven_setup(void **state)
{
	struct driven *d = calloc(1, sizeof(*d));
	void *w;

	setup(&w);
	d->w = w;
	d->w->exp = &d->x;
	d->x.plan = &d->plan;
	d->x.witness = &d->witnesses;
	d->x.story = &d->story;
	d->x.message = "the reference pattern mov8";
	d->story.totals = (struct model_totals){ .stores = 8, .wc = 8, .lines = 1, .full = 1, .tlps = 1 };
	d->plan.m = &d->w->m;
	d->plan.dev = &d->w->dev;
	d->plan.bar = 2;
	d->device.trust = TRUST_DEVICE;
	d->witnesses.n = 1;
	d->witnesses.w[0].w = &d->device;
	strcpy(d->witnesses.w[0].name, "reg:2+0xff000:8");
	side_is(d, DRIVE_KERNEL, MT_WC);
	side_is(d, DRIVE_USER, MT_WC);
	*state = d;
	return 0;
}

static int driven_teardown(void **state)
{
	struct driven *d = *state;
	void *w = d->w;

	teardown(&w);
	free(d);
	return 0;
}

static const struct bar_judgement *judged(struct driven *d)
{
	return judge_world(d->w, LAYER_FABRIC);
}

static void test_all_whole(void **state)
{
	const struct bar_judgement *b = judged(*state);

	assert_int_equal(b->state[LAYER_FABRIC], STATE_OK);
	assert_int_equal(sev(b, "fabric-rate"), SEV_INFO);
	assert_non_null(strstr(found(b, "fabric-rate")->says, "user mov8 100.0%"));
	assert_non_null(strstr(b->note[LAYER_FABRIC], "20000 lines"));
	assert_true(b->driven);
}

static void test_not_driven(void **state)
{
	struct driven *d = *state;
	const struct bar_judgement *b;

	d->x.plan = NULL;
	b = judged(d);
	assert_int_equal(b->state[LAYER_FABRIC], STATE_SKIPPED);
	d->w->exp = NULL;
	b = judged(d);
	assert_int_equal(b->state[LAYER_STORES], STATE_SKIPPED);
	assert_int_equal(b->state[LAYER_FABRIC], STATE_SKIPPED);
}

static void test_split(void **state)
{
	struct driven *d = *state;
	const struct bar_judgement *b;

	/* Every line in 8 pieces: 7 more each, 0 to 0%. */
	counts(d, DRIVE_USER, WCDIAG_STORE_MOV8, 8 * MESSAGES * RUNS);
	b = judged(d);
	assert_int_equal(sev(b, "fabric-split"), SEV_BROKEN);
	assert_non_null(strstr(found(b, "fabric-split")->says, "user: mov8"));
	assert_non_null(strstr(found(b, "fabric-split")->says, "arrived whole: the CPU gives lines up early"));
	assert_int_equal(b->state[LAYER_FABRIC], STATE_BROKEN);

	/* 0.69 more a line: 31% whole in 2 pieces, 90.1% in 8. */
	counts(d, DRIVE_USER, WCDIAG_STORE_MOV8, MESSAGES * RUNS * 169 / 100);
	b = judged(d);
	assert_int_equal(sev(b, "fabric-split"), SEV_UNKNOWN);
	assert_non_null(strstr(found(b, "fabric-split")->says, "31.0% to 90.1%"));
	assert_int_equal(b->state[LAYER_FABRIC], STATE_UNKNOWN);

	/* 0.08 more: 92% to 98.9%. */
	counts(d, DRIVE_USER, WCDIAG_STORE_MOV8, MESSAGES * RUNS * 108 / 100);
	b = judged(d);
	assert_int_equal(sev(b, "fabric-split"), SEV_SUSPECT);
	assert_int_equal(b->state[LAYER_FABRIC], STATE_SUSPECT);

	counts(d, DRIVE_USER, WCDIAG_STORE_MOV8, MESSAGES * RUNS + 10);
	b = judged(d);
	assert_int_equal(sev(b, "fabric-split"), -1);
	assert_non_null(strstr(b->note[LAYER_FABRIC], "user mov8 99.9% to 100.0%"));
}

/* So many runs as were counted, not as were made. */
static void test_split_in_few_runs(void **state)
{
	struct driven *d = *state;
	struct drive_seen *seen = &d->witnesses.w[0].seen[DRIVE_USER][WCDIAG_STORE_MOV8];
	const struct finding *f;

	seen->sum.runs[WITNESS_TLPS] = 2;
	seen->sum.count[WITNESS_TLPS] = 2 * 8 * MESSAGES;
	seen->failed = 8;
	assert_int_equal(sev(judged(d), "fabric-split"), SEV_SUSPECT);
	f = found(judged(d), "fabric-split");
	assert_int_equal(finding_evidence(f, "lines")->num, 2 * MESSAGES);
	assert_int_equal(finding_evidence(f, "runs")->num, 2);
	assert_int_equal(finding_evidence(f, "runs_not_counted")->num, 8);
	seen->sum.runs[WITNESS_TLPS] = 3;
	seen->sum.count[WITNESS_TLPS] = 3 * 8 * MESSAGES;
	assert_int_equal(sev(judged(d), "fabric-split"), SEV_BROKEN);
}

static void test_control_failed(void **state)
{
	struct driven *d = *state;
	const struct bar_judgement *b;

	counts(d, DRIVE_USER, WCDIAG_STORE_MOV8, 8 * MESSAGES * RUNS);
	counts(d, DRIVE_USER, WCDIAG_STORE_MOVDIR64B, 8 * MESSAGES * RUNS);
	b = judged(d);
	assert_int_equal(sev(b, "fabric-control-failed"), SEV_BROKEN);
	assert_non_null(strstr(found(b, "fabric-split")->says, "what is behind the CPU splits"));

	/* Without the instruction there is nothing to clear or to accuse it. */
	d->row[DRIVE_USER][1].state = DRIVE_SKIPPED;
	d->row[DRIVE_USER][1].runs = 0;
	b = judged(d);
	assert_int_equal(sev(b, "fabric-control-failed"), -1);
	assert_non_null(strstr(found(b, "fabric-split")->says, "no control on this CPU"));
}

/* The control needs no WC entry: it can fail, and pass, where nothing combines. */
static void test_control_without_wc(void **state)
{
	struct driven *d = *state;

	side_is(d, DRIVE_USER, MT_UC);
	assert_int_equal(sev(judged(d), "fabric-control-failed"), -1);
	counts(d, DRIVE_USER, WCDIAG_STORE_MOVDIR64B, 8 * MESSAGES * RUNS);
	assert_int_equal(sev(judged(d), "fabric-control-failed"), SEV_BROKEN);
}

static void test_no_witness(void **state)
{
	struct driven *d = *state;
	const struct bar_judgement *b;

	d->witnesses.n = 0;
	b = judged(d);
	assert_int_equal(sev(b, "fabric-no-witness"), SEV_UNKNOWN);
	assert_int_equal(b->state[LAYER_FABRIC], STATE_UNKNOWN);
	assert_int_equal(sev(b, "fabric-rate"), -1);

	/* The clock sees a cause, no TLP. */
	d->witnesses.n = 1;
	d->device.trust = TRUST_HINT;
	assert_int_equal(sev(judged(d), "fabric-no-witness"), SEV_UNKNOWN);

	/* One that was there and could not count. */
	d->device.trust = TRUST_DEVICE;
	d->witnesses.w[0].seen[DRIVE_USER][WCDIAG_STORE_MOV8] = (struct drive_seen){ .failed = RUNS };
	fact_missing(&d->witnesses.w[0].fact, NULL, "reg:2+0xff000:8", EIO, NULL);
	b = judged(d);
	assert_int_equal(sev(b, "fabric-no-witness"), SEV_UNKNOWN);
	assert_non_null(strstr(found(b, "fabric-no-witness")->says, "reg:2+0xff000:8: "));
}

static void test_fewer(void **state)
{
	struct driven *d = *state;
	const struct bar_judgement *b;

	counts(d, DRIVE_USER, WCDIAG_STORE_MOV8, 17);
	b = judged(d);
	assert_int_equal(sev(b, "fabric-unknown"), SEV_UNKNOWN);
	assert_non_null(strstr(found(b, "fabric-unknown")->says, "counts something else"));
	assert_int_equal(b->state[LAYER_FABRIC], STATE_UNKNOWN);
}

/* Never fine: the user's side did not run. */
static void test_user_skipped(void **state)
{
	struct driven *d = *state;
	const struct bar_judgement *b;

	d->phase[DRIVE_USER].state = DRIVE_SKIPPED;
	strcpy(d->phase[DRIVE_USER].why, "it cannot be mapped: Invalid argument");
	d->phase[DRIVE_USER].nrow = 0;
	b = judged(d);
	assert_int_equal(sev(b, "fabric-unknown"), SEV_UNKNOWN);
	assert_int_equal(b->state[LAYER_FABRIC], STATE_UNKNOWN);
	assert_non_null(strstr(found(b, "fabric-unknown")->says, "it cannot be mapped"));
}

static void test_kernel_skipped(void **state)
{
	struct driven *d = *state;
	const struct bar_judgement *b;

	d->phase[DRIVE_KERNEL].state = DRIVE_SKIPPED;
	d->phase[DRIVE_KERNEL].nrow = 0;
	b = judged(d);
	assert_int_equal(sev(b, "fabric-unknown"), SEV_INFO);
	assert_int_equal(b->state[LAYER_FABRIC], STATE_OK);

	/* Then the other side has to be counted. */
	d->witnesses.n = 0;
	assert_int_equal(sev(judged(d), "fabric-unknown"), SEV_UNKNOWN);
}

static void test_ended_early(void **state)
{
	struct driven *d = *state;
	const struct bar_judgement *b;

	d->phase[DRIVE_USER].state = DRIVE_STOPPED;
	d->row[DRIVE_USER][0].state = DRIVE_STOPPED;
	d->row[DRIVE_USER][0].runs = 0;
	strcpy(d->phase[DRIVE_USER].why, "interrupted");
	b = judged(d);
	assert_int_equal(sev(b, "fabric-unknown"), SEV_UNKNOWN);
	assert_int_equal(b->state[LAYER_FABRIC], STATE_UNKNOWN);
}

/* The founding case: the user's entry does not combine, and the kernel's shows that the fabric is well. */
static void test_user_uncached(void **state)
{
	struct driven *d = *state;
	const struct bar_judgement *b;

	side_is(d, DRIVE_USER, MT_UC);
	b = judged(d);
	assert_int_equal(b->state[LAYER_FABRIC], STATE_OK);
	assert_int_equal(sev(b, "fabric-unknown"), SEV_INFO);

	side_is(d, DRIVE_KERNEL, MT_UC);
	b = judged(d);
	assert_int_equal(b->state[LAYER_FABRIC], STATE_UNKNOWN);

	side_is(d, DRIVE_KERNEL, MT_WC);
	side_is(d, DRIVE_USER, MT_UNKNOWN);
	d->row[DRIVE_USER][0].each.known = false;
	assert_int_equal(judged(d)->state[LAYER_FABRIC], STATE_UNKNOWN);
}

static void test_list_changed(void **state)
{
	struct driven *d = *state;

	d->phase[DRIVE_KERNEL].list_same = false;
	assert_int_equal(sev(judged(d), "fabric-changed"), SEV_UNKNOWN);
	d->phase[DRIVE_KERNEL].list_known = false;
	assert_int_equal(sev(judged(d), "fabric-changed"), -1);
}

static void test_mps(void **state)
{
	struct driven *d = *state;

	assert_int_equal(sev(judged(d), "fabric-mps"), -1);
	d->w->dev.mps = 256;
	d->w->dev.mps_supported = 512;
	assert_non_null(strstr(found(judged(d), "fabric-mps")->says, "256"));
}

/* A pattern of the program's that fills its lines is looked at like the reference. */
static void test_own_pattern(void **state)
{
	struct driven *d = *state;
	const struct bar_judgement *b;

	row_of(d, DRIVE_USER, 2, WCDIAG_STORE_DESCENDING, true);
	counts(d, DRIVE_USER, WCDIAG_STORE_DESCENDING, 8 * MESSAGES * RUNS);
	b = judged(d);
	assert_int_equal(sev(b, "fabric-split"), SEV_BROKEN);
	assert_non_null(strstr(found(b, "fabric-split")->says, "descending"));
	/* One that does not fill them is no matter of the fabric. */
	row_of(d, DRIVE_USER, 2, WCDIAG_STORE_PARTIAL, true);
	d->row[DRIVE_USER][2].each.full = 0;
	d->row[DRIVE_USER][2].each.tlps = d->row[DRIVE_USER][2].each.worst = 7 * MESSAGES;
	counts(d, DRIVE_USER, WCDIAG_STORE_PARTIAL, 7 * MESSAGES * RUNS);
	assert_int_equal(sev(judged(d), "fabric-split"), -1);
	/* ... but for what goes beyond its own TLPs. */
	counts(d, DRIVE_USER, WCDIAG_STORE_PARTIAL, 14 * MESSAGES * RUNS);
	assert_int_equal(sev(judged(d), "fabric-split"), SEV_SUSPECT);
	assert_non_null(strstr(found(judged(d), "fabric-split")->says, "14000 TLPs a run"));
}

/* Case (b) of the founding question: somebody's UC- was there before our ioremap_wc(). */
static void test_our_request_downgraded(void **state)
{
	struct driven *d = *state;
	const struct bar_judgement *b;

	assert_int_equal(sev(judged(d), "memtype-alias-wins"), -1);
	side_is(d, DRIVE_KERNEL, MT_UC);
	side_is(d, DRIVE_USER, MT_UC);
	d->phase[DRIVE_KERNEL].hold[0].t =
		(struct memtype){ .start = BAR_ADDR, .end = BAR_ADDR + BAR_SIZE, .type = MT_UCMINUS };
	d->phase[DRIVE_KERNEL].nhold = 1;
	d->w->io[0] = (struct ioremap){ .start = BAR_ADDR, .end = BAR_ADDR + BAR_SIZE };
	strcpy(d->w->io[0].caller, "mydrv_probe+0x1/0x2");
	strcpy(d->w->io[0].module, "mydrv");
	d->w->m.ioremaps.n = 1;
	reserve(d->w, "PAT memtype list:\nPAT: [mem 0x00000000fe000000-0x00000000fe100000] uncached-minus\n");
	b = judged(d);
	assert_int_equal(sev(b, "memtype-alias-wins"), SEV_BROKEN);
	assert_int_equal(b->breaks_at, LAYER_MEMTYPE);
	assert_non_null(strstr(found(b, "memtype-alias-wins")->says, "mydrv_probe+0x1/0x2 [mydrv]"));

	/* Gone before the user's side ran. */
	side_is(d, DRIVE_USER, MT_WC);
	assert_int_not_equal(sev(judged(d), "memtype-alias-wins"), SEV_BROKEN);
	side_is(d, DRIVE_USER, MT_UC);
	assert_int_equal(sev(judged(d), "memtype-alias-wins"), SEV_BROKEN);

	/* It asked for UC-: nobody asked for WC. */
	d->phase[DRIVE_KERNEL].by = DRIVE_BY_UC;
	assert_int_not_equal(sev(judged(d), "memtype-alias-wins"), SEV_BROKEN);
}

static void whole_and_partial(struct driven *d, size_t witness, uint64_t full, uint64_t partial)
{
	struct witness_counts *c = &d->witnesses.w[witness].seen[DRIVE_USER][WCDIAG_STORE_MOV8].sum;

	*c = (struct witness_counts){ 0 };
	c->runs[WITNESS_FULL] = c->runs[WITNESS_PARTIAL] = RUNS;
	c->count[WITNESS_FULL] = full;
	c->count[WITNESS_PARTIAL] = partial;
}

/* The CPU's counters see lines: they have to be those that were stored. */
static void test_pmu_of_something_else(void **state)
{
	struct driven *d = *state;

	whole_and_partial(d, 0, MESSAGES * RUNS, 0);
	assert_int_equal(judged(d)->state[LAYER_FABRIC], STATE_OK);
	whole_and_partial(d, 0, 5, 0);
	assert_int_equal(sev(judged(d), "fabric-unknown"), SEV_UNKNOWN);
	whole_and_partial(d, 0, 3 * MESSAGES * RUNS, 100);
	assert_int_equal(sev(judged(d), "fabric-unknown"), SEV_UNKNOWN);
	whole_and_partial(d, 0, MESSAGES * RUNS / 2, MESSAGES * RUNS / 2);
	assert_int_equal(sev(judged(d), "fabric-split"), SEV_BROKEN);
}

/* Of two who contradict each other none is believed; farther from the CPU more may be split. */
static void test_two_witnesses(void **state)
{
	static struct witness second;
	struct driven *d = *state;
	const struct bar_judgement *b;

	second = (struct witness){ .trust = TRUST_DEVICE };
	d->witnesses.n = 2;
	d->witnesses.w[1].w = &second;
	strcpy(d->witnesses.w[1].name, "cmd:count");
	whole_and_partial(d, 1, 0, MESSAGES * RUNS);
	b = judged(d);
	assert_int_equal(sev(b, "fabric-unknown"), SEV_UNKNOWN);
	assert_non_null(strstr(found(b, "fabric-unknown")->says, "cmd:count"));
	assert_int_equal(b->state[LAYER_FABRIC], STATE_UNKNOWN);

	/* The CPU says that it split them, and the device got them whole. */
	second.trust = TRUST_CPU;
	assert_int_equal(judged(d)->state[LAYER_FABRIC], STATE_UNKNOWN);

	/* They left the CPU whole. */
	whole_and_partial(d, 1, MESSAGES * RUNS, 0);
	assert_int_equal(judged(d)->state[LAYER_FABRIC], STATE_OK);
	counts(d, DRIVE_USER, WCDIAG_STORE_MOV8, 8 * MESSAGES * RUNS);
	b = judged(d);
	assert_int_equal(b->state[LAYER_FABRIC], STATE_BROKEN);
	assert_non_null(strstr(found(b, "fabric-split")->says, "reg:2+0xff000:8"));

	/* What the device counted cannot be: no lesser witness makes it good. */
	counts(d, DRIVE_USER, WCDIAG_STORE_MOV8, 17);
	assert_int_equal(sev(judged(d), "fabric-unknown"), SEV_UNKNOWN);
}

/* The mapping was taken away, or Ctrl-C was hit: whatever was counted until then is not what was asked for. */
static void test_not_to_its_end(void **state)
{
	struct driven *d = *state;

	for (int s = DRIVE_STOPPED; s <= DRIVE_LOST; s++) {
		d->phase[DRIVE_USER].state = (enum drive_state)s;
		assert_int_equal(judged(d)->state[LAYER_FABRIC], STATE_UNKNOWN);
	}
}

/* The program's own pattern was asked about: mov8's count does not answer for it. */
static void test_own_pattern_uncounted(void **state)
{
	struct driven *d = *state;

	d->x.given = true;
	row_of(d, DRIVE_USER, 2, WCDIAG_STORE_DESCENDING, true);
	assert_int_equal(sev(judged(d), "fabric-no-witness"), SEV_UNKNOWN);
	counts(d, DRIVE_USER, WCDIAG_STORE_DESCENDING, 17);
	assert_int_equal(sev(judged(d), "fabric-unknown"), SEV_UNKNOWN);
	counts(d, DRIVE_USER, WCDIAG_STORE_DESCENDING, MESSAGES * RUNS);
	assert_int_equal(judged(d)->state[LAYER_FABRIC], STATE_OK);
	d->row[DRIVE_USER][2].state = DRIVE_SKIPPED;
	d->row[DRIVE_USER][2].runs = 0;
	strcpy(d->row[DRIVE_USER][2].why, "this CPU does not have it");
	assert_int_equal(sev(judged(d), "fabric-unknown"), SEV_UNKNOWN);
}

static void test_entry_not_known(void **state)
{
	struct driven *d = *state;
	const struct bar_judgement *b;

	side_is(d, DRIVE_USER, MT_UNKNOWN);
	d->row[DRIVE_USER][0].each.known = false;
	b = judged(d);
	assert_int_equal(sev(b, "fabric-unknown"), SEV_UNKNOWN);
	assert_non_null(strstr(found(b, "fabric-unknown")->says, "cannot be told"));
	assert_null(strstr(found(b, "fabric-unknown")->says, "nothing combines"));
}

/* check --map: what was mapped has to be among what is judged. */
static void test_mapped_file(void **state)
{
	struct driven *d = *state;
	struct map *p;

	d->x.plan = NULL;
	d->x.file = "/dev/mydev0";
	d->x.pid = 401;
	assert_int_equal(sev(judged(d), "map-not-there"), SEV_UNKNOWN);
	assert_int_equal(judged(d)->state[LAYER_PTE], STATE_UNKNOWN);
	p = add_map(d->w, MAP_SYSFS_WC, BAR_ADDR, BAR_SIZE);
	assert_int_equal(p->pid, 401);
	assert_int_equal(sev(judged(d), "map-not-there"), -1);
	d->x.pid = 500;
	assert_int_equal(sev(judged(d), "map-not-there"), SEV_UNKNOWN);
	d->x.pid = 401;
	d->x.file_err = EINVAL;
	assert_non_null(strstr(found(judged(d), "map-not-there")->says, "Invalid argument"));
	/* That needs nobody else's mappings; the other does. */
	d->w->m.maps.fact.state = FACT_MISSING;
	assert_non_null(strstr(found(judged(d), "map-not-there")->says, "Invalid argument"));
	d->x.file_err = 0;
	d->x.pid = 500;
	assert_int_equal(sev(judged(d), "map-not-there"), -1);
	assert_int_equal(judged(d)->state[LAYER_PTE], STATE_UNKNOWN);
	d->w->m.maps.fact.state = FACT_KNOWN;
	d->x.file = NULL;
	assert_int_equal(sev(judged(d), "map-not-there"), -1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, driven_setup, driven_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_all_whole),
		T(test_not_driven),
		T(test_split),
		T(test_split_in_few_runs),
		T(test_control_failed),
		T(test_control_without_wc),
		T(test_no_witness),
		T(test_fewer),
		T(test_user_skipped),
		T(test_kernel_skipped),
		T(test_ended_early),
		T(test_user_uncached),
		T(test_list_changed),
		T(test_mps),
		T(test_own_pattern),
		T(test_our_request_downgraded),
		T(test_pmu_of_something_else),
		T(test_two_witnesses),
		T(test_not_to_its_end),
		T(test_own_pattern_uncounted),
		T(test_entry_not_known),
		T(test_mapped_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
