/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_pmu.c - sets of counters, against a stand-in for perf: what is opened where, turns, scaling, the idle rate, and
 * what is said when something is refused.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "probe/cpu.h"
#include "probe/pmu.h"
#include "probe/pmu_int.h"
#include "probe/src.h"

enum { FDS = 64, US = 1000, MS = 1000 * 1000 };

static struct {
	struct fd {
		bool open, on;
		struct perf_event_attr attr;
		pid_t tid;
		int cpu;
		struct pmu_reading r;
		double share; /* of the time on the hardware */
	} fd[FDS];
	int nfd, nopen;
	int refuse;		 /* a negative errno for opens ... */
	uint64_t refuse_config1; /* ... with one of these bits in config1, when it is not 0 */
	int refuse_at;		 /* ... of this descriptor, when it is not -1 */
	int read_err;
} fake;

static int fake_open(struct perf_event_attr *attr, pid_t tid, int cpu)
{
	if (fake.refuse && (!fake.refuse_config1 || (fake.refuse_config1 & attr->config1)) &&
	    (fake.refuse_at < 0 || fake.refuse_at == fake.nfd))
		return fake.refuse;
	assert_true(fake.nfd < FDS);
	assert_int_equal(attr->size, sizeof(*attr));
	assert_int_equal(attr->disabled, 1);
	assert_int_equal(attr->sample_period, 0);
	assert_int_equal(attr->read_format, PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING);
	fake.fd[fake.nfd] = (struct fd){ .open = true, .attr = *attr, .tid = tid, .cpu = cpu, .share = 1 };
	fake.nopen++;
	return fake.nfd++;
}

static int fake_run(int fd, bool on)
{
	assert_true(fake.fd[fd].open);
	fake.fd[fd].on = on;
	return 0;
}

static int fake_read(int fd, struct pmu_reading *r)
{
	assert_true(fake.fd[fd].open);
	*r = fake.fd[fd].r;
	return fake.read_err;
}

static void fake_close(int fd)
{
	assert_true(fake.fd[fd].open);
	fake.fd[fd].open = false;
	fake.nopen--;
}

/* What counts per ns all the time, by event and filter. */
static double (*background)(const struct perf_event_attr *attr);

static void pass(uint64_t ns)
{
	for (int i = 0; i < fake.nfd; i++) {
		struct fd *f = &fake.fd[i];
		double run = (double)ns * f->share;

		if (!f->on)
			continue;
		f->r.enabled += ns;
		f->r.running += (uint64_t)run;
		if (background)
			f->r.value += (uint64_t)(background(&f->attr) * run);
	}
}

static void fake_wait(unsigned int ms)
{
	pass((uint64_t)ms * MS);
}

/* What the program itself uses. */
static const struct pmu_ops *real;

static int keep_real(void **state)
{
	(void)state;
	real = pmu_ops;
	return 0;
}

static const struct pmu_ops stand_in = { false, fake_open, fake_run, fake_read, fake_close, fake_wait };

/* n of what config and config1 count happen, at the first box that counts it now. */
static void happen(uint64_t config, uint64_t config1, uint64_t n)
{
	for (int i = 0; i < fake.nfd; i++) {
		struct fd *f = &fake.fd[i];

		if (f->on && f->attr.config == config && f->attr.config1 == config1) {
			f->r.value += (uint64_t)((double)n * f->share);
			return;
		}
	}
}

#define CHA	    0x2135, 0x0004183300000000
#define CHA_PARTIAL 0x2135, 0x00041a3300000000
#define IIO_BYTES   0x000070f0000001c0, 0
#define IIO_TXNS    0x000070f0000001c1, 0

static const struct cpu skx = { .vendor = VENDOR_INTEL, .family = 6, .model = 0x55, .stepping = 4, .name = "Xeon" };
static const struct pmu_where here = { .tid = 0, .cpu = 3 };

static struct src *s;
static struct pmu *p;
static struct fact f, partly;

static int start(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.refuse_at = -1;
	background = NULL;
	pmu_ops = &stand_in;
	return 0;
}

static int open_on(const char *tree, const struct cpu *cpu, const struct pmu_where *w)
{
	char path[100], why[200];
	int err;

	snprintf(path, sizeof(path), "tests/pmu/%s", tree);
	if (src_open_root(&s, path, why, sizeof(why)))
		fail_msg("%s: %s", path, why);
	err = pmu_open(s, cpu, w, &p, &f, &partly);
	src_close(s);
	return err;
}

static void finish(void)
{
	pmu_close(p);
	p = NULL;
	assert_int_equal(fake.nopen, 0);
}

static void every_box_of_every_package(void **state)
{
	unsigned int on[2] = { 0, 0 };

	(void)state;
	assert_int_equal(open_on("skx", &skx, &here), 0);
	assert_int_equal(partly.state, FACT_NOT_READ);
	/* 2 CHA x 2 packages x full, partial; 2 IIO x 2 packages x bytes, transactions */
	assert_int_equal(pmu_ncounters(p), 16);
	assert_int_equal(pmu_turns(p), 2);
	for (int i = 0; i < fake.nfd; i++) {
		const struct fd *d = &fake.fd[i];

		assert_int_equal(d->tid, -1);
		assert_true(d->cpu == 0 || d->cpu == 28);
		assert_true(d->attr.type >= 20 && d->attr.type <= 41);
	}
	for (unsigned int t = 0; t < 2; t++) {
		struct pmu_counts c;

		assert_int_equal(pmu_begin(p), 0);
		for (int i = 0; i < fake.nfd; i++)
			on[t] += fake.fd[i].on;
		pass(10 * US);
		assert_int_equal(pmu_end(p, &c), 0);
		assert_int_equal(c.have[PMU_R_FULL], t == 0);
		assert_int_equal(c.have[PMU_R_PARTIAL], t == 1);
		assert_true(c.have[PMU_R_BYTES] && c.have[PMU_R_TXNS]);
		for (int i = 0; i < fake.nfd; i++)
			assert_false(fake.fd[i].on);
	}
	assert_int_equal(on[0], 12);
	assert_int_equal(on[1], 12);
	finish();
}

static void runs_add_up(void **state)
{
	struct pmu_counts sum = { .scaled = false }, one;

	(void)state;
	assert_int_equal(open_on("skx", &skx, &here), 0);
	for (unsigned int run = 0; run < 6; run++) {
		assert_int_equal(pmu_begin(p), 0);
		happen(CHA, 990);
		happen(CHA_PARTIAL, 10);
		happen(IIO_BYTES, 16000);
		happen(IIO_TXNS, 1070);
		pass(100 * US);
		assert_int_equal(pmu_end(p, &one), 0);
		pmu_add(&sum, &one);
	}
	assert_int_equal(sum.runs[PMU_R_FULL], 3);
	assert_int_equal(sum.count[PMU_R_FULL], 3 * 990);
	assert_int_equal(sum.runs[PMU_R_PARTIAL], 3);
	assert_int_equal(sum.count[PMU_R_PARTIAL], 3 * 10);
	assert_int_equal(sum.count[PMU_R_BYTES], 6 * 64000);
	assert_int_equal(sum.count[PMU_R_TXNS], 6 * 1070);
	assert_false(sum.scaled);
	assert_int_equal(sum.idle[PMU_R_FULL], 0);
	finish();
}

/* 3 lines a microsecond and box, whatever we do */
static double busy(const struct perf_event_attr *attr)
{
	return attr->config == 0x2135 ? 0.003 : 0;
}

static void idle_is_subtracted(void **state)
{
	struct pmu_counts c;

	(void)state;
	background = busy;
	assert_int_equal(open_on("skx", &skx, &here), 0);
	assert_int_equal(pmu_idle(p, 20), 0);
	assert_int_equal(pmu_begin(p), 0);
	happen(CHA, 50000);
	pass(2 * MS);
	assert_int_equal(pmu_end(p, &c), 0);
	/* four boxes: 3 * 2000 us * 4 */
	assert_int_equal(c.idle[PMU_R_FULL], 24000);
	assert_int_equal(c.count[PMU_R_FULL], 50000);
	assert_int_equal(c.idle[PMU_R_BYTES], 0);
	/* less than idle is zero, not a number near 2^64 */
	background = NULL;
	assert_int_equal(pmu_begin(p), 0);
	happen(CHA_PARTIAL, 5);
	pass(2 * MS);
	assert_int_equal(pmu_end(p, &c), 0);
	assert_int_equal(c.count[PMU_R_PARTIAL], 0);
	assert_int_equal(c.idle[PMU_R_PARTIAL], 5);
	finish();
}

static void what_was_not_always_there_is_scaled(void **state)
{
	struct pmu_counts c;

	(void)state;
	assert_int_equal(open_on("skx", &skx, &here), 0);
	for (int i = 0; i < fake.nfd; i++)
		fake.fd[i].share = 0.25;
	assert_int_equal(pmu_begin(p), 0);
	happen(CHA, 4000);
	pass(1 * MS);
	assert_int_equal(pmu_end(p, &c), 0);
	assert_true(c.scaled);
	assert_int_equal(c.count[PMU_R_FULL], 4000);
	finish();
}

static void what_never_ran_is_no_zero(void **state)
{
	struct pmu_counts c;

	(void)state;
	assert_int_equal(open_on("skx", &skx, &here), 0);
	/* one box of the transactions, and all of the bytes */
	for (int i = 0, first = 1; i < fake.nfd; i++) {
		if (fake.fd[i].attr.config == 0x000070f0000001c0)
			fake.fd[i].share = 0;
		if (fake.fd[i].attr.config == 0x000070f0000001c1 && first)
			first = 0, fake.fd[i].share = 0;
	}
	assert_int_equal(pmu_begin(p), 0);
	happen(CHA, 7);
	pass(1 * MS);
	assert_int_equal(pmu_end(p, &c), 0);
	assert_true(c.have[PMU_R_FULL]);
	assert_int_equal(c.count[PMU_R_FULL], 7);
	assert_false(c.have[PMU_R_BYTES]);
	assert_false(c.have[PMU_R_TXNS]);
	assert_int_equal(c.runs[PMU_R_TXNS], 0);
	for (int i = 0; i < fake.nfd; i++)
		fake.fd[i].share = 0;
	assert_int_equal(pmu_begin(p), 0);
	pass(1 * MS);
	assert_int_equal(pmu_end(p, &c), -ENODATA);
	fake.read_err = -EIO;
	assert_int_equal(pmu_begin(p), -EIO);
	for (int i = 0; i < fake.nfd; i++)
		assert_false(fake.fd[i].on);
	finish();
}

static void deltas(void **state)
{
	const struct pmu_reading a = { 100, 1000, 1000 };
	bool scaled = false;
	double n = -1;

	(void)state;
	assert_int_equal(pmu_delta(&a, &(struct pmu_reading){ 150, 3000, 3000 }, &n, &scaled), 0);
	assert_true(n == 50 && !scaled);
	assert_int_equal(pmu_delta(&a, &(struct pmu_reading){ 150, 3000, 2000 }, &n, &scaled), 0);
	assert_true(n == 100 && scaled);
	assert_int_equal(pmu_delta(&a, &(struct pmu_reading){ 100, 3000, 1000 }, &n, &scaled), -ENODATA);
	assert_int_equal(pmu_delta(&a, &(struct pmu_reading){ 100, 1000, 1000 }, &n, &scaled), -ENODATA);
	assert_int_equal(pmu_delta(&a, &(struct pmu_reading){ 99, 3000, 3000 }, &n, &scaled), -EPROTO);
	assert_int_equal(pmu_delta(&a, &(struct pmu_reading){ 150, 2000, 3000 }, &n, &scaled), -EPROTO);
	assert_int_equal(pmu_delta(&a, &(struct pmu_reading){ 150, 900, 900 }, &n, &scaled), -EPROTO);
}

static void hybrid_cores(void **state)
{
	static const struct cpu adl = { .vendor = VENDOR_INTEL, .family = 6, .model = 0x97, .name = "Core" };
	static const struct cpu adln = { .vendor = VENDOR_INTEL, .family = 6, .model = 0xbe, .name = "N100" };

	(void)state;
	assert_int_equal(open_on("adl", &adl, &(struct pmu_where){ .tid = 77, .cpu = 3 }), 0);
	assert_int_equal(pmu_ncounters(p), 1);
	assert_int_equal(fake.fd[0].attr.type, 4);
	assert_int_equal(fake.fd[0].attr.config1, 0x10800);
	assert_int_equal(fake.fd[0].tid, 77);
	assert_int_equal(fake.fd[0].cpu, -1);
	finish();
	start(NULL);
	assert_int_equal(open_on("adl", &adl, &(struct pmu_where){ .tid = 77, .cpu = 17 }), 0);
	assert_int_equal(pmu_ncounters(p), 2);
	assert_int_equal(pmu_turns(p), 1);
	assert_int_equal(fake.fd[0].attr.type, 10);
	assert_true(fake.fd[0].attr.config1 == 0x800000010000 && fake.fd[1].attr.config1 == 0x400000010000);
	finish();
	start(NULL);
	assert_int_equal(open_on("adl", &adl, &(struct pmu_where){ .cpu = -1 }), -EINVAL);
	assert_non_null(strstr(f.why, "two kinds of cores"));
	assert_int_equal(open_on("adl", &adl, &(struct pmu_where){ .cpu = 99 }), -EINVAL);
	/* only small cores, and their PMU is plain cpu */
	assert_int_equal(open_on("adln", &adln, &here), 0);
	assert_int_equal(pmu_ncounters(p), 2);
	assert_int_equal(fake.fd[0].attr.type, 4);
	finish();
}

/* A kernel whose list of valid bits ends below the split: one count of both is left. */
static void gracemont_is_refused_the_split(void **state)
{
	static const struct cpu adl = { .vendor = VENDOR_INTEL, .family = 6, .model = 0x97, .name = "Core" };
	const struct pmu_choice *c;

	(void)state;
	fake.refuse = -EINVAL;
	fake.refuse_config1 = 0x800000000000;
	assert_int_equal(open_on("adl", &adl, &(struct pmu_where){ .cpu = 17 }), 0);
	c = pmu_chosen(p);
	assert_true(!c->have[PMU_R_FULL] && c->have[PMU_R_PARTIAL] && !c->have[PMU_R_ANY]);
	assert_int_equal(partly.state, FACT_MISSING);
	assert_non_null(strstr(partly.why, "off-core"));
	finish();
	start(NULL);
	fake.refuse = -EINVAL;
	fake.refuse_config1 = ~0x3fffffffffULL; /* intel_grt_extra_regs */
	assert_int_equal(open_on("adl", &adl, &(struct pmu_where){ .cpu = 17 }), 0);
	c = pmu_chosen(p);
	assert_true(!c->have[PMU_R_FULL] && !c->have[PMU_R_PARTIAL] && c->have[PMU_R_ANY]);
	assert_int_equal(fake.fd[0].attr.config1, 0x10800);
	assert_int_equal(partly.err, EINVAL);
	finish();
	start(NULL);
	fake.refuse = -EINVAL;
	assert_int_equal(open_on("adl", &adl, &(struct pmu_where){ .cpu = 17 }), -EINVAL);
	assert_non_null(strstr(f.why, "off-core"));
}

static void all_boxes_or_none(void **state)
{
	(void)state;
	fake.refuse = -EBUSY;
	fake.refuse_at = 6; /* within the boxes of the partial lines */
	assert_int_equal(open_on("skx", &skx, &here), 0);
	/* full, no partial, and then nothing more, as the stand-in stays at that descriptor */
	assert_true(pmu_chosen(p)->have[PMU_R_FULL]);
	assert_false(pmu_chosen(p)->have[PMU_R_PARTIAL]);
	assert_int_equal(pmu_turns(p), 1);
	assert_int_equal(partly.err, EBUSY);
	assert_non_null(strstr(partly.remedy, "nmi_watchdog"));
	finish();
}

static void refused_or_absent(void **state)
{
	static const struct cpu icx = { .vendor = VENDOR_INTEL, .family = 6, .model = 0x6a, .hypervisor_bit = true };
	static const struct cpu zen4 = { .vendor = VENDOR_AMD, .family = 0x19, .model = 0x11, .name = "EPYC" };
	static const struct cpu old = { .vendor = VENDOR_INTEL, .family = 6, .model = 0x17, .name = "Core 2" };

	(void)state;
	assert_int_equal(open_on("vm", &icx, &here), -ENOENT);
	assert_non_null(strstr(f.why, "virtual machine"));
	assert_non_null(strstr(f.remedy, "reg:"));
	assert_int_equal(open_on("zen5", &zen4, &here), -ENOENT);
	assert_non_null(strstr(f.why, "Zen 4: no counter"));
	assert_int_equal(open_on("skx", &old, &here), -ENOENT);
	assert_non_null(strstr(f.why, "no counter"));
	fake.refuse = -EACCES;
	assert_int_equal(open_on("skx", &skx, &here), -EACCES);
	assert_non_null(strstr(f.remedy, "root"));
	assert_int_equal(fake.nopen, 0);
	pmu_ops = &(const struct pmu_ops){ .real = true };
	assert_int_equal(open_on("skx", &skx, &here), -EOPNOTSUPP);
}

static void reasons(void **state)
{
	static const struct pmu_event box = { .name = "E", .pmu = "uncore_cha_*", .term = { { "event", 1 } } };
	static const struct pmu_event ocr = { .name = "O", .pmu = "cpu", .term = { { "offcore_rsp", 1 } } };
	static const struct {
		const struct pmu_event *e;
		int err;
		struct pmu_limits l;
		const char *why, *remedy;
	} t[] = {
		{ &box, EACCES, { 2, LOCKDOWN_NONE, false }, "perf_event_paranoid is 2", "CAP_PERFMON" },
		{ &box, EACCES, { 3, LOCKDOWN_NONE, false }, "perf_event_paranoid is 3", "CAP_SYS_ADMIN" },
		{ &box, EPERM, { -2, LOCKDOWN_UNKNOWN, false }, "not permitted", "root" },
		{ &box, EPERM, { 3, LOCKDOWN_CONFIDENTIALITY, false }, "lockdown", "boot without" },
		{ &box, ENOENT, { 0, LOCKDOWN_NONE, true }, "virtual machine", "reg:" },
		{ &box, EOPNOTSUPP, { 0, LOCKDOWN_NONE, false }, "no such counter", "reg:" },
		{ &ocr, EINVAL, { 0, LOCKDOWN_NONE, false }, "off-core", "reg:" },
		{ &box, EINVAL, { 0, LOCKDOWN_NONE, false }, "refuses the event", "reg:" },
		{ &box, EMFILE, { 0, LOCKDOWN_NONE, false }, "open files", "ulimit" },
		{ &box, ENOSYS, { 0, LOCKDOWN_NONE, false }, "without perf", "reg:" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		pmu_open_why(&f, t[i].e, "uncore_cha_0", t[i].err, &t[i].l);
		assert_int_equal(f.state, FACT_MISSING);
		assert_int_equal(f.err, t[i].err);
		if (!strstr(f.why, t[i].why) || !strstr(f.remedy, t[i].remedy))
			fail_msg("%zu: %s (%s)", i, f.why, f.remedy);
	}
}

/* perf's system calls on an event that every kernel has: the clock of this thread. */
static void real_system_calls(void **state)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_TASK_CLOCK,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
		.disabled = 1,
		.exclude_kernel = 1,
	};
	struct pmu_reading still, before, after;
	bool scaled = false;
	double ns = 0;
	int fd;

	(void)state;
	fd = real->open(&attr, 0, -1);
	if (fd == -EACCES || fd == -EPERM || fd == -ENOSYS)
		skip(); /* perf is forbidden here */
	assert_true(fd >= 0);
	assert_int_equal(real->open(&attr, 0, 1 << 20), -EINVAL); /* no such CPU */
	assert_int_equal(real->read(fd, &before), 0);
	assert_int_equal(real->run(fd, true), 0);
	for (volatile unsigned int i = 0; i < 3000000; i++)
		;
	assert_int_equal(real->run(fd, false), 0);
	assert_int_equal(real->read(fd, &after), 0);
	assert_int_equal(pmu_delta(&before, &after, &ns, &scaled), 0);
	assert_true(ns > 100 * US && ns < 60e9);
	/* stopped, it stands still, and that is no zero */
	for (volatile unsigned int i = 0; i < 1000; i++)
		;
	assert_int_equal(real->read(fd, &still), 0);
	assert_memory_equal(&still, &after, sizeof(still));
	assert_int_equal(pmu_delta(&after, &still, &ns, &scaled), -ENODATA);
	real->close(fd);
	assert_int_equal(real->read(fd, &still), -EBADF);
	assert_int_equal(real->run(-1, true), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_box_of_every_package, start),
		cmocka_unit_test_setup(runs_add_up, start),
		cmocka_unit_test_setup(idle_is_subtracted, start),
		cmocka_unit_test_setup(what_was_not_always_there_is_scaled, start),
		cmocka_unit_test_setup(what_never_ran_is_no_zero, start),
		cmocka_unit_test(deltas),
		cmocka_unit_test_setup(hybrid_cores, start),
		cmocka_unit_test_setup(gracemont_is_refused_the_split, start),
		cmocka_unit_test_setup(all_boxes_or_none, start),
		cmocka_unit_test_setup(refused_or_absent, start),
		cmocka_unit_test(reasons),
		cmocka_unit_test(real_system_calls),
	};

	return cmocka_run_group_tests_name("pmu", tests, keep_real, NULL);
}
