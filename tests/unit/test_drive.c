// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_drive.c - when nothing may be stored; and a phase, over a file that stands for resourceN_wc and a module that
 * answers as it is told.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "drive_world.h"
#include "probe/drive_witness.h"

/* --- refusals --- */

static void assert_refused(const struct drive_plan *p, const char *why)
{
	struct drive_refusal r;

	if (!drive_refused(p, &r))
		fail_msg("not refused, wanted '%s'", why);
	if (!strstr(r.why, why))
		fail_msg("refused with '%s', wanted '%s'", r.why, why);
	assert_string_equal(r.what, "0000:00:02.0:2");
}

static void test_not_refused(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_refusal r;

	(void)state;
	world_init(&w);
	assert_false(drive_refused(&p, &r));
	/* The very last line of the BAR. */
	p.offset = BAR_SIZE - 64;
	p.length = 64;
	assert_false(drive_refused(&p, &r));
	/* A virtual function's command register says nothing. */
	w.dev.virtual_function = true;
	w.dev.command = -1;
	assert_false(drive_refused(&p, &r));
}

static void test_refused_scratch(void **state)
{
	static const struct {
		uint64_t offset, length;
		const char *why;
	} rows[] = {
		{ 0, 0, "whole lines" },
		{ 8, 64, "whole lines" },
		{ 64, 72, "whole lines" },
		{ BAR_SIZE, 64, "not inside" },
		{ BAR_SIZE - 64, 128, "not inside" },
		{ 0, BAR_SIZE + 64, "not inside" },
		{ ~(uint64_t)63, 128, "not inside" },
		{ 64, ~(uint64_t)63, "not inside" },
	};
	struct drive_plan p;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		p = plan(WCDIAG_STORE_MOV8);
		p.offset = rows[i].offset;
		p.length = rows[i].length;
		assert_refused(&p, rows[i].why);
	}
	p = plan(WCDIAG_STORE_MOV8);
	p.have_scratch = false;
	assert_refused(&p, "without a scratch range");
	/* Two lines a message do not fit into one. */
	p = plan(WCDIAG_STORE_MISALIGNED);
	p.length = 64;
	assert_refused(&p, "misaligned");
}

static void test_refused_keep(void **state)
{
	struct drive_keep keep = { .start = 0x2ff8, .end = 0x3000, .what = "the counter" };
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_refusal r;

	(void)state;
	world_init(&w);
	p.keep = &keep;
	p.nkeep = 1;
	/* The scratch range ends at 0x2040: the same page. */
	assert_refused(&p, "the counter");
	keep = (struct drive_keep){ .start = 0x3000, .end = 0x3008, .what = "the counter" };
	assert_false(drive_refused(&p, &r));
	keep = (struct drive_keep){ .start = 0xff8, .end = 0x1000, .what = "the counter" };
	assert_false(drive_refused(&p, &r));
	keep = (struct drive_keep){ .start = 0xff8, .end = 0x1001, .what = "the counter" };
	assert_refused(&p, "the counter");
}

static void test_refused_device(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct pci_bar *b = &w.dev.bar[2];

	(void)state;
	world_init(&w);
	w.dev.class = 0x060400;
	assert_refused(&p, "bridge");
	world_init(&w);
	w.dev.nwindow = 3;
	assert_refused(&p, "bridge");
	world_init(&w);
	b->flags |= RES_UNSET;
	assert_refused(&p, "no address");
	world_init(&w);
	b->addr = 0;
	assert_refused(&p, "no address");
	world_init(&w);
	b->size = 0;
	assert_refused(&p, "no such BAR");
	world_init(&w);
	b->flags = RES_IO;
	assert_refused(&p, "I/O");
	world_init(&w);
	b->size = 256;
	assert_refused(&p, "whole pages");
	world_init(&w);
	w.dev.asleep = w.dev.suspended = true;
	assert_refused(&p, "asleep");
	world_init(&w);
	w.dev.command = 1;
	assert_refused(&p, "decoding is off");
	world_init(&w);
	w.dev.command = -1;
	fact_missing(&w.dev.config, NULL, "config", EACCES, "run as root");
	assert_refused(&p, "not known whether");
}

static void test_refused_in_use(void **state)
{
	struct iomem_res res[3] = {
		{ .start = BAR_ADDR, .end = BAR_ADDR + BAR_SIZE, .depth = 1, .name = "0000:00:02.0" },
		{ .start = BAR_ADDR, .end = BAR_ADDR + 0x1000, .depth = 2, .name = "somebody" },
	};
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_refusal r;

	(void)state;
	world_init(&w);
	strcpy(w.dev.driver, "bardrv");
	assert_refused(&p, "bardrv");
	p.force = true;
	assert_false(drive_refused(&p, &r));
	world_init(&w);
	p.force = false;
	w.m.iomem.r = res;
	w.m.iomem.n = 2;
	assert_refused(&p, "somebody");
	p.force = true;
	assert_false(drive_refused(&p, &r));
	world_init(&w);
	p.force = false;
	fact_missing(&w.m.iomem.fact, NULL, "/proc/iomem", EACCES, "run as root");
	assert_refused(&p, "not known whether the BAR is claimed");
}

static void test_refused_way(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_refusal r;

	(void)state;
	world_init(&w);
	w.dev.bar[2].has_wc = false;
	assert_refused(&p, "PAT is off");
	w.dev.bar[2].flags &= ~(uint64_t)RES_PREFETCH;
	assert_refused(&p, "not prefetchable");
	p.by = DRIVE_BY_MODULE;
	assert_false(drive_refused(&p, &r));
	p.by = DRIVE_BY_WC;
	p.side[DRIVE_USER] = false;
	assert_false(drive_refused(&p, &r));
	p = plan(WCDIAG_STORE_MOV8);
	p.by = DRIVE_BY_UC;
	w.dev.bar[2].has_resource = false;
	assert_refused(&p, "resource2");
	p.by = DRIVE_BY_FILE;
	p.file_offset = 64;
	assert_refused(&p, "4096");
}

/* --- a phase --- */

/* Lines of the file that are as the plan's data; every other byte of it must be zero. */
static size_t lines_stored(const struct drive_plan *p)
{
	uint8_t *all = malloc(BAR_SIZE);
	int fd = open(fake.path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;

	assert_non_null(all);
	assert_int_equal(read(fd, all, BAR_SIZE), BAR_SIZE);
	close(fd);
	for (uint64_t at = 0; at < BAR_SIZE; at += 64) {
		bool same = !memcmp(all + at, p->data, 64);

		if (!same)
			for (int i = 0; i < 64; i++)
				assert_int_equal(all[at + (uint64_t)i], 0);
		else
			assert_true(at >= p->offset && at < p->offset + p->length);
		n += same;
	}
	free(all);
	return n;
}

static void done(struct drive_phase *ph)
{
	drive_phase_free(ph);
	unlink(fake.path);
}

static void test_user_wc(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_phase ph;

	(void)state;
	reset();
	ph = go(&p, DRIVE_USER);
	assert_int_equal(ph.state, DRIVE_DONE);
	assert_int_equal(lines_stored(&p), 64);
	assert_true(ph.list_known && ph.list_same && ph.nhold == 0);
	assert_int_equal(ph.reserved, MT_WC);
	assert_true(ph.entry_known && !ph.mixed);
	assert_int_equal(ph.slot, 1);
	assert_int_equal(ph.effective, MT_WC);
	assert_int_equal(ph.row[0].runs, 3);
	assert_int_equal(ph.row[0].each.tlps, 100);
	assert_int_equal(ph.row[0].each.full, 100);
	assert_true(ph.row[0].timed);
	done(&ph);
}

static void test_user_uc(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_phase ph;

	(void)state;
	reset();
	fake.slot = 2;
	ph = go(&p, DRIVE_USER);
	assert_int_equal(ph.type, MT_UCMINUS);
	assert_int_equal(ph.effective, MT_UC);
	assert_int_equal(ph.row[0].each.tlps, 800);
	done(&ph);
}

/* Nothing at all is stored unless every entry is the scratch range's page. */
static void test_user_elsewhere(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_phase ph;

	(void)state;
	for (int i = 0; i < 4; i++) {
		reset();
		fake.shift = i == 0 ? 0x1000 : 0;
		fake.kind = i == 1 ? PTE_NONE : i == 2 ? PTE_PROTNONE : PTE_PRESENT;
		fake.rights = i == 3 ? PTE_CAN_USER : PTE_CAN_USER | PTE_CAN_WRITE;
		ph = go(&p, DRIVE_USER);
		assert_int_equal(ph.state, DRIVE_SKIPPED);
		assert_true(*ph.why);
		assert_int_equal(fake.mapped, 1);
		assert_int_equal(lines_stored(&p), 0);
		done(&ph);
	}
}

static void test_user_mixed(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_phase ph;

	(void)state;
	reset();
	fake.other_from = 0x1000;
	ph = go(&p, DRIVE_USER);
	assert_true(ph.mixed);
	assert_int_equal(ph.effective, MT_UNKNOWN);
	assert_false(ph.row[0].each.known);
	done(&ph);
}

/* resourceN leads where the kernel says, a driver's node anywhere. */
static void test_user_without_entries(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_phase ph;

	(void)state;
	reset();
	fake.walk_err = -ENODEV;
	ph = go(&p, DRIVE_USER);
	assert_int_equal(ph.state, DRIVE_DONE);
	assert_false(ph.entry_known);
	assert_int_equal(ph.effective, MT_UNKNOWN);
	assert_false(ph.row[0].each.known);
	assert_int_equal(lines_stored(&p), 64);
	done(&ph);
	reset();
	fake.walk_err = -EPERM;
	p.by = DRIVE_BY_FILE;
	ph = go(&p, DRIVE_USER);
	assert_int_equal(ph.state, DRIVE_SKIPPED);
	assert_int_equal(lines_stored(&p), 0);
	done(&ph);
}

static void test_user_refused(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_phase ph;

	(void)state;
	reset();
	fake.map_err = -EINVAL;
	ph = go(&p, DRIVE_USER);
	assert_int_equal(ph.state, DRIVE_SKIPPED);
	assert_non_null(strstr(ph.why, "Invalid argument"));
	done(&ph);
	reset();
	fake.cannot = "no";
	ph = go(&p, DRIVE_USER);
	assert_int_equal(ph.state, DRIVE_SKIPPED);
	assert_string_equal(ph.why, "no");
	assert_int_equal(fake.mapped, 0);
	done(&ph);
}

/* A file that shrinks gives the same SIGBUS as a mapping that is taken away. */
static void test_user_lost(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_phase ph;

	(void)state;
	reset();
	fake.truncate = true;
	ph = go(&p, DRIVE_USER);
	assert_int_equal(ph.state, DRIVE_LOST);
	assert_int_equal(ph.row[0].state, DRIVE_LOST);
	assert_int_equal(ph.row[0].runs, 0);
	done(&ph);
	/* ... and the next phase knows nothing of it. */
	reset();
	ph = go(&p, DRIVE_USER);
	assert_int_equal(ph.state, DRIVE_DONE);
	done(&ph);
}

static void test_list(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_phase ph;

	(void)state;
	/* Held before, and it stays. A neighbour that only touches is none. */
	reset();
	fake.list[0] = fake.list[2] = "PAT memtype list:\n"
				      "PAT: [mem 0x00000000fe000000-0x00000000fe001000] uncached-minus\n"
				      "PAT: [mem 0x00000000fe002000-0x00000000fe003000] uncached-minus\n";
	ph = go(&p, DRIVE_USER);
	assert_int_equal(ph.nhold, 1);
	assert_int_equal(ph.hold[0].t.type, MT_UCMINUS);
	assert_string_equal(ph.hold[0].who, "nobody visible");
	assert_true(ph.list_same);
	done(&ph);
	/* Ours stays behind. */
	reset();
	fake.list[2] = fake.list[1];
	ph = go(&p, DRIVE_USER);
	assert_true(ph.list_known && !ph.list_same);
	done(&ph);
	/* Another type than before. */
	reset();
	fake.list[0] = "PAT memtype list:\nPAT: [mem 0x00000000fe001000-0x00000000fe003000] uncached-minus\n";
	fake.list[2] = fake.list[1];
	ph = go(&p, DRIVE_USER);
	assert_false(ph.list_same);
	done(&ph);
	/* Not to be read. */
	reset();
	fake.list[0] = fake.list[1] = fake.list[2] = NULL;
	ph = go(&p, DRIVE_USER);
	assert_false(ph.list_known);
	assert_int_equal(ph.reserved, MT_UNKNOWN);
	done(&ph);
}

static void test_kernel(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MEMCPY_TOIO);
	struct drive_phase ph;

	(void)state;
	reset();
	p.warm_up = 7;
	ph = go(&p, DRIVE_KERNEL);
	assert_int_equal(ph.state, DRIVE_DONE);
	assert_int_equal(fake.stores, 4);
	assert_int_equal(fake.mapped, 0);
	assert_int_equal(ph.effective, MT_WC);
	assert_int_equal(ph.row[0].warmed, 7);
	assert_int_equal(ph.row[0].runs, 3);
	assert_true(ph.row[0].timed);
	assert_int_equal(ph.row[0].each.tlps, 100);
	done(&ph);
	/* User space does not have that one, nor the kernel memcpy(). */
	reset();
	ph = go(&p, DRIVE_USER);
	assert_int_equal(ph.row[0].state, DRIVE_SKIPPED);
	assert_int_equal(lines_stored(&p), 0);
	done(&ph);
	reset();
	p = plan(WCDIAG_STORE_MEMCPY);
	ph = go(&p, DRIVE_KERNEL);
	assert_int_equal(ph.row[0].state, DRIVE_SKIPPED);
	assert_int_equal(fake.stores, 0);
	done(&ph);
}

static void test_kernel_ends_early(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_phase ph;

	(void)state;
	reset();
	fake.stop_after = 40;
	ph = go(&p, DRIVE_KERNEL);
	assert_int_equal(ph.state, DRIVE_STOPPED);
	assert_int_equal(ph.row[0].runs, 0);
	assert_int_equal(ph.row[0].part, 40);
	assert_int_equal(fake.stores, 1);
	done(&ph);
	reset();
	fake.store_err = -EBUSY;
	ph = go(&p, DRIVE_KERNEL);
	assert_int_equal(ph.state, DRIVE_STOPPED);
	assert_int_equal(ph.row[0].state, DRIVE_STOPPED);
	assert_non_null(strstr(ph.row[0].why, "the module refuses"));
	done(&ph);
	/* This kernel does not use what the CPU has: no fault of the run's. */
	reset();
	fake.store_err = -EOPNOTSUPP;
	ph = go(&p, DRIVE_KERNEL);
	assert_int_equal(ph.state, DRIVE_DONE);
	assert_int_equal(ph.row[0].state, DRIVE_SKIPPED);
	done(&ph);
	/* It says that it stored elsewhere. */
	reset();
	fake.shift = 0x1000;
	ph = go(&p, DRIVE_KERNEL);
	assert_int_equal(ph.row[0].runs, 0);
	assert_non_null(strstr(ph.row[0].why, "impossible"));
	done(&ph);
}

struct tlps {
	size_t n;
	uint64_t first, last;
};

static void count(const struct model_tlp *t, void *ctx)
{
	struct tlps *c = ctx;

	if (!c->n++)
		c->first = t->addr;
	c->last = t->addr;
}

/* All that was stored: 7 of the warm-up, two whole runs of 100, 40 of the third; of 64 lines. */
static void test_tlps(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_phase ph = { .effective = MT_WC };
	struct drive_row row = { .pattern = WCDIAG_STORE_MOV8, .warmed = 7, .runs = 2, .part = 40 };
	struct tlps c = { 0 };

	(void)state;
	world_init(&w);
	assert_int_equal(drive_row_tlps(&p, &ph, &row, count, &c), 0);
	assert_int_equal(c.n, 247);
	assert_int_equal(c.first, BAR_ADDR + OFFSET);
	assert_int_equal(c.last, BAR_ADDR + OFFSET + 39 * 64);
	ph.effective = MT_WB;
	assert_int_equal(drive_row_tlps(&p, &ph, &row, count, &c), -ENODATA);
	/* A direct store is one TLP under every type. */
	c = (struct tlps){ 0 };
	row.pattern = WCDIAG_STORE_MOVDIR64B;
	ph.effective = MT_UC;
	assert_int_equal(drive_row_tlps(&p, &ph, &row, count, &c), 0);
	assert_int_equal(c.n, 247);
}

/* --- witnesses --- */

static struct witness_counts tlps_of(uint64_t n, unsigned int runs)
{
	struct witness_counts c = { 0 };

	c.runs[WITNESS_TLPS] = runs;
	c.count[WITNESS_TLPS] = n;
	return c;
}

static void test_rate(void **state)
{
	struct drive_prediction each = { .known = true, .tlps = 100, .lines = 100, .full = 100 };
	struct witness_counts c = tlps_of(200, 2);
	double low, high;

	(void)state;
	assert_int_equal(drive_full_rate(&c, &each, &low, &high), 0);
	assert_true(low == 1 && high == 1);
	/* 14 more in each run: 14 lines in two pieces, or 2 in eight. */
	c = tlps_of(228, 2);
	assert_int_equal(drive_full_rate(&c, &each, &low, &high), 0);
	assert_true(low > 0.859 && low < 0.861 && high > 0.979 && high < 0.981);
	/* Every line in eight. More than that is not below zero. */
	c = tlps_of(800, 1);
	assert_int_equal(drive_full_rate(&c, &each, &low, &high), 0);
	assert_true(low == 0 && high == 0);
	c = tlps_of(100000, 1);
	assert_int_equal(drive_full_rate(&c, &each, &low, &high), 0);
	assert_true(low == 0 && high == 0);
	c = tlps_of(199, 2);
	assert_int_equal(drive_full_rate(&c, &each, &low, &high), -ERANGE);
	c = tlps_of(0, 0);
	assert_int_equal(drive_full_rate(&c, &each, &low, &high), -ENODATA);
	/* Full and partial, each by its own runs. */
	c.runs[WITNESS_FULL] = 1;
	c.count[WITNESS_FULL] = 90;
	c.runs[WITNESS_PARTIAL] = 2;
	c.count[WITNESS_PARTIAL] = 20;
	assert_int_equal(drive_full_rate(&c, &each, &low, &high), 0);
	assert_true(low > 0.899 && low < 0.901 && low == high);
	/* Of what is partial by itself, or uncached, nothing is said. */
	each.full = 99;
	assert_int_equal(drive_full_rate(&c, &each, &low, &high), -ENODATA);
	each.full = each.lines = 0;
	assert_int_equal(drive_full_rate(&c, &each, &low, &high), -ENODATA);
}

static void test_witnesses(void **state)
{
	struct drive_witnesses *l = calloc(1, sizeof(*l));
	struct drive_keep keep[DRIVE_WITNESSES];
	const char *what;

	(void)state;
	assert_non_null(l);
	assert_int_equal(drive_witness_add(l, "reg:2+0xff000:8", &what), 0);
	assert_int_equal(drive_witness_add(l, "reg:0+16:4", &what), 0);
	assert_int_equal(drive_witness_add(l, "nonsense", &what), -EINVAL);
	assert_int_equal(drive_witness_add(l, "pmu", &what), 0);
	assert_int_equal(drive_witness_add(l, "reg:2+0:4", &what), 0);
	assert_int_equal(drive_witness_add(l, "pmu", &what), -E2BIG);
	assert_int_equal(l->n, 4);
	assert_int_equal(drive_witness_keeps(l, 2, keep), 2);
	assert_int_equal(keep[0].start, 0xff000);
	assert_int_equal(keep[0].end, 0xff008);
	assert_int_equal(keep[1].end, 4);
	assert_int_equal(drive_witness_keeps(l, 1, keep), 0);
	free(l);
}

/* The last test: there is no way back from it. */
static void test_stop(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct drive_phase ph;

	(void)state;
	reset();
	drive_stop();
	ph = go(&p, DRIVE_USER);
	assert_int_equal(ph.row[0].state, DRIVE_SKIPPED);
	assert_int_equal(lines_stored(&p), 0);
	assert_int_equal(fake.mapped, 1);
	done(&ph);
	reset();
	ph = go(&p, DRIVE_KERNEL);
	assert_int_equal(fake.stores, 0);
	done(&ph);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_refused),
		cmocka_unit_test(test_refused_scratch),
		cmocka_unit_test(test_refused_keep),
		cmocka_unit_test(test_refused_device),
		cmocka_unit_test(test_refused_in_use),
		cmocka_unit_test(test_refused_way),
		cmocka_unit_test(test_user_wc),
		cmocka_unit_test(test_user_uc),
		cmocka_unit_test(test_user_elsewhere),
		cmocka_unit_test(test_user_mixed),
		cmocka_unit_test(test_user_without_entries),
		cmocka_unit_test(test_user_refused),
		cmocka_unit_test(test_user_lost),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_kernel_ends_early),
		cmocka_unit_test(test_tlps),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_witnesses),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
