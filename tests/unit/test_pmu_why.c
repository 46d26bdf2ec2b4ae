/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_pmu_why.c - which counters are opened where a CPU has two kinds of cores, and what is left and what is said
 * where something is refused or absent.
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

#include "fake_perf.h"

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
	assert_int_equal(pmu_ncounters(p), 4);
	assert_int_equal(fake.nopen, 4);
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
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(hybrid_cores, start),
		cmocka_unit_test_setup(gracemont_is_refused_the_split, start),
		cmocka_unit_test_setup(all_boxes_or_none, start),
		cmocka_unit_test_setup(refused_or_absent, start),
		cmocka_unit_test_setup(reasons, start),
	};

	return cmocka_run_group_tests_name("pmu_why", tests, NULL, NULL);
}
