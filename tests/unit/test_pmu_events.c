/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_pmu_events.c - every row of the event tables, encoded by the sysfs trees under tests/pmu/, against values that
 * were worked out without them (tests/pmu/expected, see tests/pmu/README.md); and which rows serve as a witness.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "probe/cpu.h"
#include "probe/pmu_format.h"
#include "probe/src.h"

#define TREES "tests/pmu"

static struct src *tree(const char *name)
{
	char path[200], why[200];
	struct src *s;

	snprintf(path, sizeof(path), TREES "/%s", name);
	if (src_open_root(&s, path, why, sizeof(why)))
		fail_msg("%s: %s", path, why);
	return s;
}

struct expected {
	char tree[16], gen[32], pmu[32], name[80];
	uint64_t config, config1;
	bool seen;
};

static struct expected want[400];
static size_t nwant;

static int load(void **state)
{
	FILE *f = fopen(TREES "/expected", "r");
	char line[300];

	(void)state;
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		struct expected *e = &want[nwant];

		if (line[0] == '#')
			continue;
		if (nwant == sizeof(want) / sizeof(want[0]) ||
		    sscanf(line, "%15[^\t]\t%31[^\t]\t%31[^\t]\t%79[^\t]\t0x%" SCNx64 "\t0x%" SCNx64, e->tree, e->gen,
			   e->pmu, e->name, &e->config, &e->config1) != 6)
			return -1;
		nwant++;
	}
	fclose(f);
	return 0;
}

static struct expected *expected_of(const struct pmu_event *e)
{
	for (size_t i = 0; i < nwant; i++)
		if (!strcmp(want[i].gen, pmu_gen_name(e->gen)) && !strcmp(want[i].pmu, e->pmu) &&
		    !strcmp(want[i].name, e->name))
			return &want[i];
	fail_msg("no expected value: %s %s %s", pmu_gen_name(e->gen), e->pmu, e->name);
	return NULL;
}

/* On every box of the tree that the row means: at least one. */
static void encode(const struct pmu_event *e, struct expected *x)
{
	struct src *s = tree(x->tree);
	struct pmu_config c;
	const char *at = "";
	char **name;
	size_t n;

	assert_int_equal(pmu_box_names(s, e->pmu, &name, &n), 0);
	if (!n)
		fail_msg("%s has no %s", x->tree, e->pmu);
	for (size_t i = 0; i < n; i++) {
		struct pmu_box b;
		struct fact f;

		assert_int_equal(pmu_box_read(s, name[i], &b, &f), 0);
		if (pmu_encode(&b, e, &c, &at))
			fail_msg("%s %s on %s: %s", x->gen, e->name, name[i], at);
		if (c.word[0] != x->config || c.word[1] != x->config1 || c.word[2])
			fail_msg("%s %s: config 0x%" PRIx64 " config1 0x%" PRIx64 ", expected 0x%" PRIx64 " 0x%" PRIx64,
				 x->gen, e->name, c.word[0], c.word[1], x->config, x->config1);
		assert_true(strncmp(e->pmu, "uncore", 6) ? true : b.ncpus > 0);
		pmu_box_free(&b);
	}
	src_list_free(name, n);
	src_close(s);
}

static void every_row(void **state)
{
	const struct pmu_event *e;
	size_t n = 0;

	(void)state;
	for (; (e = pmu_event(n)); n++) {
		struct expected *x = expected_of(e);

		assert_false(x->seen);
		x->seen = true;
		assert_non_null(e->source);
		assert_true(e->gen < PMU_GENS && e->means < PMU_MEANINGS);
		assert_string_not_equal(pmu_means_name(e->means), "");
		assert_true((e->unit != 0) == (e->means == PMU_BYTES || e->means == PMU_OUTBOUND));
		encode(e, x);
	}
	assert_int_equal(n, pmu_nevents());
	assert_int_equal(n, 328);
	assert_int_equal(n, nwant);
}

static const struct pmu_event *row(enum pmu_gen g, const char *name)
{
	const struct pmu_event *e;

	for (size_t i = 0; (e = pmu_event(i)); i++)
		if (e->gen == g && !strcmp(e->name, name))
			return e;
	return NULL;
}

/* Typed from the manuals' own numbers, not from tests/pmu/expected. */
static void by_hand(void **state)
{
	static const struct {
		enum pmu_gen gen;
		const char *tree, *box, *name;
		uint64_t config, config1;
	} t[] = {
		/* FILTER1 0x41833 in config1[63:32]: the aliases that put it into [31:0] filter by something else */
		{ PMU_SKX, "skx", "uncore_cha_1", "LLC_REFERENCES.STREAMING_FULL", 0x2135, 0x0004183300000000 },
		{ PMU_CLX, "skx", "uncore_cha_0", "LLC_REFERENCES.STREAMING_PARTIAL", 0x2135, 0x00041a3300000000 },
		{ PMU_CLX, "skx", "uncore_cha_0", "LLC_MISSES.MMIO_WRITE", 0x2135, 0x40041e3300000000 },
		/* the same opcode, config1 bit 23 up on Sandy Bridge and 52 up from Ivy Bridge */
		{ PMU_SNBEP, "snbep", "uncore_cbox_0", "UNC_C_TOR_INSERTS.OPCODE(WCiLF)", 0x0135, 0xc6000000 },
		{ PMU_BDX, "hswep", "uncore_cbox_1", "UNC_C_TOR_INSERTS.OPCODE(WCiLF)", 0x0135, 0x18c0000000000000 },
		{ PMU_BDX, "hswep", "uncore_cbox_1", "UNC_C_TOR_INSERTS.MISS_OPCODE(WiL)", 0x0335, 0x58f0000000000000 },
		/* umask extension in config[57:32] */
		{ PMU_ICX, "snr", "uncore_cha_0", "UNC_CHA_TOR_INSERTS.IA_MISS_WCIL", 0x00c86ffe00000135, 0 },
		{ PMU_GNR, "gnr", "uncore_cha_1", "UNC_CHA_TOR_INSERTS.IA_MISS_WCILF", 0x00c867fe00000135, 0 },
		/* ch_mask 36, fc_mask 44 on Skylake and 48 later */
		{ PMU_SKX, "skx", "uncore_iio_1", "UNC_IIO_TXN_REQ_BY_CPU.MEM_WRITE.PART2", 0x00007040000001c1, 0 },
		{ PMU_SPR, "spr", "uncore_iio_0", "UNC_IIO_DATA_REQ_BY_CPU.MEM_WRITE.PART7", 0x00070800000001c0, 0 },
		{ PMU_GNR, "gnr", "uncore_iio_0", "UNC_IIO_DATA_REQ_BY_CPU.MEM_WRITE.PART0", 0x00070010000001c0, 0 },
		/* the second off-core register: umask 2 */
		{ PMU_KNL, "hswep", "cpu", "OFFCORE_RESPONSE.PARTIAL_STREAMING_STORES.ANY_RESPONSE", 0x02b7, 0x14000 },
		/* PerfMonV2: event bits 8 and up in config[37:32], umask bits 8 and up in config[27:24] */
		{ PMU_ZEN5, "zen5", "amd_df", "local_socket_outbound_data_beats_cfi_15", 0x000000050700ffdf, 0 },
		{ PMU_ZEN5, "zen5", "cpu", "wcb_close.full_line_64b", 0x0150, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct pmu_event *e = row(t[i].gen, t[i].name);
		struct src *s = tree(t[i].tree);
		struct pmu_config c;
		struct pmu_box b;
		struct fact f;
		const char *at;

		assert_non_null(e);
		assert_int_equal(pmu_box_read(s, t[i].box, &b, &f), 0);
		assert_int_equal(pmu_encode(&b, e, &c, &at), 0);
		if (c.word[0] != t[i].config || c.word[1] != t[i].config1)
			fail_msg("%s: 0x%" PRIx64 " 0x%" PRIx64, t[i].name, c.word[0], c.word[1]);
		pmu_box_free(&b);
		src_close(s);
	}
}

/* A kernel that does not know the CPU offers plain fields only: an error, never an event cut to fit. */
static void foreign_formats(void **state)
{
	static const struct {
		enum pmu_gen gen;
		const char *name, *tree, *box, *at;
		int err;
	} t[] = {
		{ PMU_ICX, "UNC_CHA_TOR_INSERTS.IA_MISS_WCIL", "skx", "uncore_cha_0", "umask", -ERANGE },
		{ PMU_SKX, "LLC_REFERENCES.STREAMING_FULL", "snr", "uncore_cha_0", "filter_rem", -ENOENT },
		{ PMU_SNR, "UNC_IIO_TXN_REQ_BY_CPU.MEM_WRITE.PART0", "hswep", "uncore_cbox_0", "ch_mask", -ENOENT },
		{ PMU_ZEN5, "local_socket_outbound_data_beats_cfi_0", "zen2", "amd_df", "umask", -ERANGE },
		{ PMU_SPR, "OCR.STREAMING_WR.ANY_RESPONSE", "zen5", "cpu", "offcore_rsp", -ENOENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct src *s = tree(t[i].tree);
		const char *at = "";
		struct pmu_config c;
		struct pmu_box b;
		struct fact f;

		assert_int_equal(pmu_box_read(s, t[i].box, &b, &f), 0);
		assert_int_equal(pmu_encode(&b, row(t[i].gen, t[i].name), &c, &at), t[i].err);
		assert_string_equal(at, t[i].at);
		pmu_box_free(&b);
		src_close(s);
	}
}

static void generations(void **state)
{
	static const struct {
		enum cpu_vendor vendor;
		unsigned int family, model, stepping;
		enum pmu_gen gen;
	} t[] = {
		{ VENDOR_INTEL, 6, 0x2d, 7, PMU_SNBEP },   { VENDOR_INTEL, 6, 0x55, 4, PMU_SKX },
		{ VENDOR_INTEL, 6, 0x55, 5, PMU_CLX },	   { VENDOR_INTEL, 6, 0x55, 11, PMU_CLX },
		{ VENDOR_INTEL, 6, 0x8f, 8, PMU_SPR },	   { VENDOR_INTEL, 6, 0xbe, 0, PMU_ADL },
		{ VENDOR_INTEL, 6, 0x1a, 5, PMU_NO_GEN },  { VENDOR_INTEL, 15, 6, 4, PMU_NO_GEN },
		{ VENDOR_AMD, 0x17, 0x2f, 0, PMU_ZEN1 },   { VENDOR_AMD, 0x17, 0x31, 0, PMU_ZEN2 },
		{ VENDOR_AMD, 0x19, 0x01, 1, PMU_ZEN3 },   { VENDOR_AMD, 0x19, 0x11, 1, PMU_ZEN4 },
		{ VENDOR_AMD, 0x19, 0x30, 0, PMU_NO_GEN }, { VENDOR_AMD, 0x1a, 0x02, 1, PMU_ZEN5 },
		{ VENDOR_AMD, 0x1a, 0x50, 0, PMU_ZEN6 },   { VENDOR_AMD, 0x18, 0x00, 1, PMU_NO_GEN },
		{ VENDOR_OTHER, 6, 0x55, 4, PMU_NO_GEN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct cpu c = {
			.vendor = t[i].vendor, .family = t[i].family, .model = t[i].model, .stepping = t[i].stepping
		};

		assert_int_equal(pmu_gen_of(&c), t[i].gen);
	}
	/* No CPU is of two generations, and each generation has a model and a name. */
	for (size_t i = 0; i < pmu_nmodels; i++)
		for (size_t j = i + 1; j < pmu_nmodels; j++) {
			const struct pmu_models *a = &pmu_models[i], *b = &pmu_models[j];

			assert_false(a->vendor == b->vendor && a->family == b->family && a->model_lo <= b->model_hi &&
				     b->model_lo <= a->model_hi && a->stepping_lo <= b->stepping_hi &&
				     b->stepping_lo <= a->stepping_hi);
		}
	for (unsigned int g = 0; g < PMU_GENS; g++) {
		size_t i = 0;

		while (i < pmu_nmodels && pmu_models[i].gen != g)
			i++;
		assert_true(i < pmu_nmodels);
		assert_non_null(pmu_gen_name((enum pmu_gen)g));
	}
	assert_string_equal(pmu_gen_name(PMU_NO_GEN), "");
}

static void choices(void **state)
{
	static const struct {
		enum pmu_gen gen;
		const char *core;
		const char *full, *partial; /* NULL: not counted */
		bool any, closed, ports, of_core, turns;
	} t[] = {
		{ PMU_SKX, "cpu", "LLC_REFERENCES.STREAMING_FULL", "LLC_REFERENCES.STREAMING_PARTIAL", .ports = true,
		  .turns = true },
		{ PMU_BDX, "cpu", "UNC_C_TOR_INSERTS.OPCODE(WCiLF)", "UNC_C_TOR_INSERTS.OPCODE(WCiL)", .turns = true },
		{ PMU_ICX, "cpu", "UNC_CHA_TOR_INSERTS.IA_MISS_WCILF", "UNC_CHA_TOR_INSERTS.IA_MISS_WCIL",
		  .ports = true },
		{ PMU_SNR, "cpu", "OCR.FULL_STREAMING_WR.ANY_RESPONSE", "OCR.PARTIAL_STREAMING_WR.ANY_RESPONSE",
		  .ports = true, .of_core = true },
		{ PMU_SPR, "cpu", "UNC_CHA_TOR_INSERTS.IA_MISS_WCILF", "UNC_CHA_TOR_INSERTS.IA_MISS_WCIL",
		  .ports = true },
		{ PMU_ADL, "cpu_atom", "OCR.FULL_STREAMING_WR.ANY_RESPONSE", "OCR.PARTIAL_STREAMING_WR.ANY_RESPONSE",
		  .of_core = true },
		{ PMU_ADL, "cpu_core", NULL, NULL, .any = true, .of_core = true },
		{ PMU_ICL, "cpu", NULL, NULL, .any = true, .of_core = true },
		{ PMU_GLP, "cpu", "OFFCORE_RESPONSE.FULL_STREAMING_STORES.ANY_RESPONSE", NULL, .any = true,
		  .of_core = true },
		{ PMU_ZEN5, "cpu", "wcb_close.full_line_64b", NULL, .closed = true, .of_core = true },
		{ PMU_ZEN6, "cpu", "wcb_close.full_line_64b", NULL, .of_core = true },
		{ PMU_ZEN2, "cpu", NULL, NULL, .closed = true, .of_core = true },
	};
	struct pmu_choice c;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(pmu_choose(t[i].gen, t[i].core, &c), 0);
		assert_int_equal(c.have[PMU_R_FULL], t[i].full != NULL);
		assert_int_equal(c.have[PMU_R_PARTIAL], t[i].partial != NULL);
		if (t[i].full)
			assert_string_equal(c.event[PMU_R_FULL].name, t[i].full);
		if (t[i].partial)
			assert_string_equal(c.event[PMU_R_PARTIAL].name, t[i].partial);
		assert_int_equal(c.have[PMU_R_ANY], t[i].any);
		assert_int_equal(c.have[PMU_R_CLOSED], t[i].closed);
		assert_int_equal(c.have[PMU_R_BYTES], t[i].ports);
		assert_int_equal(c.have[PMU_R_TXNS], t[i].ports);
		assert_int_equal(c.core, t[i].of_core);
		assert_int_equal(c.takes_turns, t[i].turns);
	}
	/* all ports of a box: four on Skylake, eight later */
	assert_int_equal(pmu_choose(PMU_SKX, "cpu", &c), 0);
	assert_true(c.event[PMU_R_TXNS].term[2].value == 0x0f);
	assert_int_equal(pmu_choose(PMU_GNR, "cpu", &c), 0);
	assert_true(c.event[PMU_R_BYTES].term[2].value == 0xff);
	/* nothing that tells full from partial, or nothing at all */
	assert_int_equal(pmu_choose(PMU_SKL, "cpu", &c), -ENOENT);
	assert_int_equal(pmu_choose(PMU_ZEN4, "cpu", &c), -ENOENT);
	assert_int_equal(pmu_choose(PMU_NO_GEN, "cpu", &c), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row),   cmocka_unit_test(by_hand), cmocka_unit_test(foreign_formats),
		cmocka_unit_test(generations), cmocka_unit_test(choices),
	};

	return cmocka_run_group_tests_name("pmu_events", tests, load, NULL);
}
