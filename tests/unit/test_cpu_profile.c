/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/cpu.h"
#include "probe/cpu_profile.h"
#include "probe/model.h"

static const struct {
	enum cpu_vendor vendor;
	unsigned int family, model;
	const char *name;
} cpus[] = {
	{ VENDOR_INTEL, 6, 0x2d, "sandybridge" }, /* Core i7-3930K */
	{ VENDOR_INTEL, 6, 0x3e, "sandybridge" },
	{ VENDOR_INTEL, 6, 0x1a, "nehalem" },
	{ VENDOR_INTEL, 6, 0x17, "core2" },
	{ VENDOR_INTEL, 6, 0x3f, "haswell" },
	{ VENDOR_INTEL, 6, 0x4f, "haswell" },
	{ VENDOR_INTEL, 6, 0x55, "skylake" },
	{ VENDOR_INTEL, 6, 0x6a, "icelake" },
	{ VENDOR_INTEL, 6, 0x8f, "sapphirerapids" },
	{ VENDOR_INTEL, 6, 0xcf, "sapphirerapids" },
	{ VENDOR_INTEL, 6, 0xad, "granite" },
	{ VENDOR_INTEL, 6, 0x97, "hybrid" },
	{ VENDOR_INTEL, 6, 0x86, "atom" },
	{ VENDOR_INTEL, 6, 0xaf, "atom" },
	{ VENDOR_INTEL, 6, 0x0d, "intel" },
	{ VENDOR_INTEL, 6, 0xff, "intel" },
	{ VENDOR_INTEL, 15, 4, "netburst" },
	{ VENDOR_INTEL, 19, 1, "intel" },
	{ VENDOR_AMD, 15, 5, "k8" },
	{ VENDOR_AMD, 15, 0x23, "k8-rev-e" },
	{ VENDOR_AMD, 15, 0x6b, "amd" }, /* what QEMU's emulation says of itself */
	{ VENDOR_AMD, 16, 2, "amd" },
	{ VENDOR_AMD, 23, 0x31, "amd" },
	{ VENDOR_AMD, 25, 0x01, "amd" },
	{ VENDOR_AMD, 25, 0x11, "zen4" },
	{ VENDOR_AMD, 25, 0x61, "zen4" },
	{ VENDOR_AMD, 26, 0x02, "amd" },
	{ VENDOR_OTHER, 6, 0x55, "generic" },
};

static void a_cpu_gets_its_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++) {
		struct cpu c = { .vendor = cpus[i].vendor, .family = cpus[i].family, .model = cpus[i].model };

		assert_string_equal(cpu_profile_for(&c)->name, cpus[i].name);
	}
}

/* Every model that there could be has a row, and every row but the reference belongs to a CPU. */
static void rows_and_cpus_fit_together(void **state)
{
	static const enum cpu_vendor vendors[] = { VENDOR_OTHER, VENDOR_INTEL, VENDOR_AMD };
	const struct cpu_profile *p;

	(void)state;
	for (size_t i = 1; (p = cpu_profile_at(i)); i++) {
		bool used = false;

		for (unsigned int v = 0; v < 3; v++)
			for (unsigned int f = 0; f < 32; f++)
				for (unsigned int m = 0; m < 256; m++)
					used |= cpu_profile_for(&(struct cpu){
							.vendor = vendors[v], .family = f, .model = m }) == p;
		if (!used)
			fail_msg("%s: no CPU has it", p->name);
	}
}

static void every_row_is_complete(void **state)
{
	const struct cpu_profile *p;

	(void)state;
	assert_ptr_equal(cpu_profile_at(0), cpu_profile_reference());
	for (size_t i = 0; (p = cpu_profile_at(i)); i++) {
		struct model *m;

		assert_ptr_equal(cpu_profile_find(p->name), p);
		assert_true(p->title && *p->title && p->buffers_source && *p->buffers_source);
		assert_true(p->partial_source && *p->partial_source && p->events && p->events->source);
		/* A number that is not known needs one to go on with, and claims no confidence. */
		assert_true(p->buffers ? p->buffers <= MODEL_MAX_BUFFERS && !p->assumed
				       : p->assumed && p->assumed <= MODEL_MAX_BUFFERS);
		assert_true(p->buffers || p->buffers_conf == CONF_NONE);
		assert_true((p->partial == PARTIAL_UNKNOWN) == (p->partial_conf == CONF_NONE));
		assert_int_equal(model_new(&(struct model_params){ .cpu = p }, NULL, NULL, &m), 0);
		assert_int_equal(model_buffers(m), p->buffers ? p->buffers : p->assumed);
		model_free(m);
	}
	assert_null(cpu_profile_find("auto"));
	assert_null(cpu_profile_find(""));
	assert_string_equal(confidence_name(CONF_HIGH), "high");
	assert_string_equal(confidence_name(99), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cpu_gets_its_row),
		cmocka_unit_test(rows_and_cpus_fit_together),
		cmocka_unit_test(every_row_is_complete),
	};

	return cmocka_run_group_tests_name("cpu_profile", tests, NULL, NULL);
}
