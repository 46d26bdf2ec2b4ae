/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/tlp.h"
#include "temproot.h"

#define HDR3(a, b, c)	 { (a) >> 24 & 255, (a) >> 16 & 255, (a) >> 8 & 255, (a) & 255, (b) >> 24 & 255, \
			   (b) >> 16 & 255, (b) >> 8 & 255, (b) & 255, (c) >> 24 & 255, (c) >> 16 & 255,  \
			   (c) >> 8 & 255, (c) & 255 }

static int decode(const uint8_t *bytes, size_t n, struct tlp *t, size_t *at)
{
	uint8_t *copy = (uint8_t *)exact_copy((const char *)bytes, n);
	const char *what;
	int rc = tlp_decode(copy, n, t, at, &what);

	free(copy);
	assert_int_equal(!rc, !what);
	return rc;
}

static void headers_of_real_devices(void **state)
{
	/* Headers as the published captures have them: a host's MMIO write, a NIC's read, a root complex's completion. */
	static const uint8_t mwr[] = HDR3(0x40000001u, 0x0000030fu, 0xa0000010u);
	static const uint8_t mrd[] = HDR3(0x00000080u, 0x1b0000ffu, 0xa0000000u);
	static const uint8_t cpld[] = HDR3(0x4a000040u, 0x19000200u, 0x1b000000u);
	struct tlp t;
	size_t at;

	(void)state;
	assert_int_equal(decode(mwr, sizeof(mwr), &t, &at), 0);
	assert_int_equal(at, 12);
	assert_int_equal(t.kind, TLP_MWR);
	assert_true(t.addr == 0xa0000010 && t.ndw == 1 && t.fbe == 15 && t.lbe == 0 && t.tag == 3 && t.header == 3);
	assert_true(t.has_data && !t.poisoned && !t.digest && t.requester == 0);
	assert_int_equal(tlp_bytes(&t), 4);
	assert_int_equal(decode(mrd, sizeof(mrd), &t, &at), 0);
	assert_int_equal(t.kind, TLP_MRD);
	assert_true(t.ndw == 128 && t.fbe == 15 && t.lbe == 15 && t.requester == 0x1b00 && !t.has_data);
	assert_int_equal(decode(cpld, sizeof(cpld), &t, &at), 0);
	assert_int_equal(t.kind, TLP_CPL);
	assert_true(t.ndw == 64 && t.has_data && t.addr == 0 && t.fbe == 0 && t.requester == 0x1900);
}

static void each_bit_of_the_first_words(void **state)
{
	static const uint8_t four[16] = { 0x60, 0, 0xc0, 0, 1, 2, 3, 0x3c, 0, 0, 0, 0x12, 0xd4, 0, 0, 0x43 };
	struct tlp t;
	size_t at;

	(void)state;
	assert_int_equal(decode(four, sizeof(four), &t, &at), 0);
	assert_int_equal(at, 16);
	assert_true(t.addr == 0x12d4000040 && t.ndw == 1024 && t.header == 4 && t.poisoned && t.digest);
	assert_true(t.fbe == 12 && t.lbe == 3 && t.requester == 0x102 && t.tag == 3);
	assert_int_equal(tlp_bytes(&t), 4 + 4 * 1022);
}

static void kinds_by_format_and_type(void **state)
{
	static const struct {
		uint8_t byte;
		enum tlp_kind kind;
	} k[] = {
		{ 0x00, TLP_MRD },    { 0x20, TLP_MRD },   { 0x01, TLP_MRDLK }, { 0x21, TLP_MRDLK }, { 0x40, TLP_MWR },
		{ 0x60, TLP_MWR },    { 0x02, TLP_IORD },  { 0x42, TLP_IOWR },	{ 0x04, TLP_CFGRD }, { 0x05, TLP_CFGRD },
		{ 0x44, TLP_CFGWR },  { 0x45, TLP_CFGWR }, { 0x30, TLP_MSG },	{ 0x37, TLP_MSG },   { 0x74, TLP_MSG },
		{ 0x0a, TLP_CPL },    { 0x4a, TLP_CPL },   { 0x0b, TLP_CPL },	{ 0x4b, TLP_CPL },   { 0x4c, TLP_ATOMIC },
		{ 0x6e, TLP_ATOMIC }, { 0x5b, TLP_DMWR },  { 0x7b, TLP_DMWR },	{ 0x0f, TLP_OTHER }, { 0x41, TLP_OTHER },
		{ 0x22, TLP_OTHER },  { 0x2a, TLP_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(k) / sizeof(k[0]); i++) {
		uint8_t b[16] = { k[i].byte, 0, 0, 1 };
		struct tlp t;
		size_t at;

		assert_int_equal(decode(b, sizeof(b), &t, &at), 0);
		if (t.kind != k[i].kind || t.fmt_type != k[i].byte)
			fail_msg("0x%02x: %s", k[i].byte, tlp_kind_name(t.kind));
	}
}

static void what_is_too_short_or_none_is_told_apart(void **state)
{
	static const uint8_t good[16] = { 0x60, 0, 0, 1, 0, 0, 0, 15 };
	static const uint8_t none[16] = { 0xa0 };
	uint8_t prefixed[4 * (TLP_PREFIXES_MAX + 5)] = { 0 };
	struct tlp t;
	size_t at;

	(void)state;
	for (size_t n = 0; n < 16; n++)
		assert_int_equal(decode(good, n, &t, &at), -ENODATA);
	assert_int_equal(decode(none, 16, &t, &at), -EBADMSG);
	for (unsigned int k = 1; k <= TLP_PREFIXES_MAX + 1; k++) {
		for (unsigned int i = 0; i < k; i++)
			prefixed[4 * i] = 0x91;
		memcpy(prefixed + 4 * k, good, 16);
		assert_int_equal(decode(prefixed, 4 * k + 16, &t, &at), k <= TLP_PREFIXES_MAX ? 0 : -EBADMSG);
		if (k <= TLP_PREFIXES_MAX)
			assert_true(at == 4 * k + 16 && t.kind == TLP_MWR);
		assert_int_equal(decode(prefixed, 4 * k, &t, &at), k <= TLP_PREFIXES_MAX ? -ENODATA : -EBADMSG);
	}
}

static void a_write_is_encoded_and_reads_back(void **state)
{
	static const struct tlp w[] = {
		{ .addr = 0xd4000000, .ndw = 16, .fbe = 15, .lbe = 15 },
		{ .addr = 0xd4000044, .ndw = 1, .fbe = 12, .tag = 7, .requester = 0x0102 },
		{ .addr = 0x1200000000, .ndw = 1024, .fbe = 8, .lbe = 1 },
		{ .addr = 0x1000, .ndw = 2, .fbe = 15, .lbe = 15, .header = 4 },
		{ .addr = 0x1200000000, .ndw = 2, .fbe = 15, .lbe = 15, .header = 3 },
	};
	static const uint8_t size[] = { 12, 12, 16, 16, 16 };

	(void)state;
	for (size_t i = 0; i < sizeof(w) / sizeof(w[0]); i++) {
		uint8_t buf[TLP_HEADER_MAX];
		size_t n = tlp_encode_write(&w[i], buf), at;
		struct tlp t;

		assert_int_equal(n, size[i]);
		assert_int_equal(decode(buf, n, &t, &at), 0);
		assert_true(t.kind == TLP_MWR && t.addr == w[i].addr && t.ndw == w[i].ndw && t.fbe == w[i].fbe &&
			    t.lbe == w[i].lbe && t.tag == w[i].tag && t.requester == w[i].requester);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_of_real_devices),
		cmocka_unit_test(each_bit_of_the_first_words),
		cmocka_unit_test(kinds_by_format_and_type),
		cmocka_unit_test(what_is_too_short_or_none_is_told_apart),
		cmocka_unit_test(a_write_is_encoded_and_reads_back),
	};

	return cmocka_run_group_tests_name("tlp", tests, NULL, NULL);
}
