/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/observed.h"
#include "temproot.h"

struct got {
	struct tlp t[16];
	uint64_t at[16];
	size_t n;
	int stop;
};

static int get(const struct tlp *t, uint64_t at, void *ctx)
{
	struct got *g = ctx;

	assert_true(g->n < 16);
	g->t[g->n] = *t;
	g->at[g->n++] = at;
	return g->stop;
}

static int read_n(const void *text, size_t len, const struct observed_opts *o, struct got *g, struct observed *out)
{
	static const struct observed_opts usual;
	char *copy = exact_copy(text, len);
	FILE *f = len ? fmemopen(copy, len, "r") : fopen("/dev/null", "r");
	int rc;

	*g = (struct got){ .stop = g->stop };
	rc = observed_read(f, o ? o : &usual, get, g, out);
	fclose(f);
	free(copy);
	return rc;
}

static int read_text(const char *text, const struct observed_opts *o, struct got *g, struct observed *out)
{
	return read_n(text, strlen(text), o, g, out);
}

/* "addr ndw fbe lbe" of each, as the text form has them. */
static void is(const struct got *g, const char *want)
{
	char all[1024] = "";

	for (size_t i = 0; i < g->n; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%llx %u %x %x", i ? ", " : "",
			 (unsigned long long)g->t[i].addr, g->t[i].ndw, g->t[i].fbe, g->t[i].lbe);
	assert_string_equal(all, want);
}

static void text_lists(void **state)
{
	struct got g = { .n = 0 };
	struct observed o;

	(void)state;
	assert_int_equal(read_text("# x\n\ntlp 0xd4000000 16 f f\r\ntlp 0x10 1 c 0\nend 2\n", NULL, &g, &o), 0);
	is(&g, "d4000000 16 f f, 10 1 c 0");
	assert_true(o.form == OF_TEXT && o.ended && !o.cut && o.tlps == 2 && o.kinds[TLP_MWR] == 2 && g.at[1] == 4);
	assert_int_equal(read_text("tlp 0x0 1 f 0\ncut 7\n", NULL, &g, &o), 0);
	assert_true(o.cut && !o.ended);
	assert_int_equal(read_text("tlp 0x0 1 f 0\n", NULL, &g, &o), 0);
	assert_true(!o.cut && !o.ended);
	assert_int_equal(read_text("tlp 0x0 1 f 0\ntlp 0x40 16 f", NULL, &g, &o), 0);
	assert_true(o.cut && g.n == 1);
	assert_int_equal(read_text("end 0\n", NULL, &g, &o), 0);
	assert_true(o.ended && !g.n);
}

static void bad_text_has_its_line(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *what;
	} bad[] = {
		{ "tlp 0x0 1 f 0\nend 2\n", 2, "the list has not as many TLPs as its end says" },
		{ "tlp 0x0 1 f 0\nend 1\ntlp 0x0 1 f 0\n", 3, "there is more behind the end" },
		{ "tlp 0x1 1 f 0\n", 1, "the address is not a number, or no multiple of 4" },
		{ "tlp d0 1 f 0\n", 1, "the address is not a number, or no multiple of 4" },
		{ "tlp 0x10000000000000000 1 f 0\n", 1, "the address is not a number, or no multiple of 4" },
		{ "tlp -4 1 f 0\n", 1, "the address is not a number, or no multiple of 4" },
		{ "tlp 0x0 0 f 0\n", 1, "the length is not 1 to 1024 doublewords" },
		{ "tlp 0x0 1025 f 0\n", 1, "the length is not 1 to 1024 doublewords" },
		{ "tlp 0x0 1 1f 0\n", 1, "byte enables are one hexadecimal digit each" },
		{ "tlp 0x0 1 f\n", 1, "byte enables are one hexadecimal digit each" },
		{ "tlp 0x0 1 f 0 0\n", 1, "there is more behind the byte enables" },
		{ "tlp 0x0 1 f 0\nx\n", 2, "no line of such a list (tlp ADDRESS DWS FBE LBE)" },
		{ "tlp 0x0 1 f 0\nend x\n", 2, "how many there were is not a number" },
		{ "tlp 0x0 1 f 0\n\033[31m\n", 2, "a control character: this is no text" },
		{ "", 1, "the file is empty" },
		{ "\n\n", 1, "no columns of TLPs: address and dws, or header, or dw0 to dw3 (--columns)" },
		{ "hello\n", 1, "no columns of TLPs: address and dws, or header, or dw0 to dw3 (--columns)" },
		{ "address,dws,fbe,lbe\n0x0,1,15,0\n0x40,16,15\n", 3,
		  "the last byte enables are not a number to 15 (hexadecimal: 0x, or --radix hex)" },
		{ "address,dws\nd4000000,1\n", 2, "the address is not a number (hexadecimal: 0x, or --radix hex)" },
		{ "address,dws,fbe,lbe\n0x0,1,f,0\n", 2,
		  "the first byte enables are not a number to 15 (hexadecimal: 0x, or --radix hex)" },
		{ "address,bytes\n0xffc,8\n0x0,4097\n", 3, "the length is not 1 to 4096 bytes" },
		{ "header\n40000001 0000000f\n", 2, "the header is not 24 or 32 hexadecimal digits" },
		{ "header\n60000001 0000000f d4000000\n", 2, "the header is not whole" },
		{ "header\ne0000001 0000000f d4000000\n", 2, "there is no such format" },
		{ "dw0,dw1,dw2\n40000001,0000000f,1d4000000\n", 2, "a word of the header is not a number of 32 bits" },
		{ "address,dws,type\n0x0,1,\n", 2, "the type is empty" },
		{ "valid,address,dws\nx,0x0,1\n", 2, "the column that says whether there is a TLP is not a number" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct got g = { .n = 0 };
		struct observed o;

		if (read_text(bad[i].text, NULL, &g, &o) != -EBADMSG || o.at != bad[i].line ||
		    strcmp(o.what, bad[i].what))
			fail_msg("%s: line %llu, %s", bad[i].text, (unsigned long long)o.at, o.what ? o.what : "taken");
	}
}

static void csv_with_named_columns(void **state)
{
	static const struct {
		const char *text, *want;
	} good[] = {
		{ "address,dws,first_be,last_be,reason,ip,flush\n0xd4000000,16,0xf,0xf,full,0x401136,1\n",
		  "d4000000 16 f f" },
		{ "\xef\xbb\xbfLast BE;First BE;Length (DW);Address\n0xf;0xe;2;0x44\n", "44 2 e f" },
		{ "Exported by X\nat noon\n\nAddr\tLen\tBE\n64\t1\t12\n", "40 1 c 0" },
		{ "addr,len,be\n0x40,2,0xcf\n", "40 2 f c" },
		{ "address,bytes\n0x41,1\n0x42,4\n0x40,64\n0x43,5\n",
		  "40 1 2 0, 40 2 c 3, 40 16 f f, 40 2 8 f" },
		{ "\"address\",\"dws\",\"x, y\"\n\"0x40\",\"1\",\"a\"\"b\"\n", "40 1 f 0" },
		{ "Sample in Buffer,TRIGGER,u_ila/hdr_addr[63:0],u_ila/len[9:0],u_ila/fbe[3:0],lbe[3:0]\n"
		  "Radix - UNSIGNED,UNSIGNED,HEX,UNSIGNED,HEX,BINARY\n0,0,00000000d4000010,10,c,1111\n",
		  "d4000010 10 c f" },
		{ "valid,address,dws\n0,zz,zz\n1,64'h40,2\n", "40 2 f f" },
		{ "address,dws\n40h,2\n0x1_0000,2", "40 2 f f, 10000 2 f f" },
		{ "address , dws\n 0x40 , 2 \n\n", "40 2 f f" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct got g = { .n = 0 };
		struct observed o;

		if (read_text(good[i].text, NULL, &g, &o))
			fail_msg("%s: line %llu: %s", good[i].text, (unsigned long long)o.at, o.what);
		is(&g, good[i].want);
		assert_int_equal(o.form, OF_CSV);
		assert_false(o.cut);
	}
}

static void csv_as_the_user_names_its_columns(void **state)
{
	struct observed_opts o = { .column = { [OC_ADDR] = "Where", [OC_DWS] = "how many" }, .radix = OR_HEX };
	struct got g = { .n = 0 };
	struct observed out;

	(void)state;
	assert_int_equal(read_text("address,WHERE,How_Many\n1,d4000000,10\n", &o, &g, &out), 0);
	is(&g, "d4000000 16 f f");
	assert_true(out.no_enables);
	assert_int_equal(read_text("address,dws\n1,1\n", &o, &g, &out), -EBADMSG);
	assert_string_equal(out.what, "no column for one that --columns names");
	for (unsigned int c = 0; c < OC_COUNT; c++)
		assert_non_null(observed_column_name(c));
	assert_null(observed_column_name(OC_COUNT));
}

static void csv_with_raw_headers(void **state)
{
	struct observed_opts right = { .right_first = true };
	struct got g = { .n = 0 };
	struct observed out;

	(void)state;
	assert_int_equal(read_text("time,header\n1,40000010 000000ff d4000000\n"
				   "2,0x60000001_0000000c_00000012_d4000040\n3,00000001000000ffd4000000\n",
				   NULL, &g, &out), 0);
	is(&g, "d4000000 16 f f, 12d4000040 1 c 0, d4000000 1 f f");
	assert_true(out.kinds[TLP_MWR] == 2 && out.kinds[TLP_MRD] == 1 && !out.no_enables);
	assert_int_equal(read_text("hdr[127:0]\n128'hd400004000000012_0000000c60000001\n", &right, &g, &out), 0);
	is(&g, "12d4000040 1 c 0");
	assert_int_equal(read_text("DW0,DW1,DW2,DW3\n40000010,000000ff,d4000000,\n60000001,c,12,d4000040\n", NULL, &g,
				   &out), 0);
	is(&g, "d4000000 16 f f, 12d4000040 1 c 0");
}

static void csv_of_more_than_writes(void **state)
{
	struct got g = { .n = 0 };
	struct observed o;

	(void)state;
	assert_int_equal(read_text("type,address,dws\nMRd(32),,\nMWr(64),0x40,2\nMemory Write,0x44,1\n0x60,0x48,1\n"
				   "CplD,,\n0x4a,,\n", NULL, &g, &o), 0);
	assert_true(o.kinds[TLP_MWR] == 3 && o.kinds[TLP_OTHER] == 3 && o.tlps == 6);
}

static void csv_that_ends_in_a_line(void **state)
{
	struct got g = { .n = 0 };
	struct observed o;

	(void)state;
	assert_int_equal(read_text("address,dws,fbe,lbe\n0x40,2,15,15\n0x48,2", NULL, &g, &o), 0);
	is(&g, "40 2 f f");
	assert_true(o.cut);
}

static void whoever_takes_them_may_stop(void **state)
{
	struct got g = { .stop = -EINTR };
	struct observed o;

	(void)state;
	assert_int_equal(read_text("tlp 0x0 1 f 0\ntlp 0x0 1 f 0\n", NULL, &g, &o), -EINTR);
	assert_int_equal(g.n, 1);
	assert_int_equal(read_text("address,dws\n0,1\n0,1\n", NULL, &g, &o), -EINTR);
	assert_int_equal(g.n, 1);
}

/* A NetTLP packet: a write of one doubleword, behind tags of VLANs. */
static size_t frame(uint8_t *p, unsigned int tags, unsigned int port)
{
	static const uint8_t tlp[] = { 0x40, 0, 0, 1, 0, 0, 3, 15, 0xa0, 0, 0, 0x10, 1, 2, 3, 4 };
	size_t at = 12;

	memset(p, 0, 128);
	for (; tags; tags--, at += 4)
		memcpy(p + at, (uint8_t[]){ 0x81, 0, 0, 0x64 }, 4);
	memcpy(p + at, (uint8_t[]){ 8, 0, 0x45, 0, 0, 50 }, 6);
	at += 2;
	p[at + 9] = 17;
	p[at + 22] = (uint8_t)(port >> 8);
	p[at + 23] = (uint8_t)port;
	p[at + 25] = 8 + 6 + sizeof(tlp);
	memcpy(p + at + 28 + 6, tlp, sizeof(tlp));
	return at + 28 + 6 + sizeof(tlp);
}

static int pkt(const uint8_t *p, size_t have, size_t whole, struct tlp *t, bool *part)
{
	uint8_t *copy = (uint8_t *)exact_copy((const char *)p, have);
	const char *what;
	int rc = observed_packet(copy, have, whole, t, part, &what);

	free(copy);
	return rc;
}

static void packets_whole_cut_and_foreign(void **state)
{
	uint8_t p[128];
	struct tlp t;
	bool part;

	(void)state;
	for (unsigned int tags = 0; tags <= 2; tags++) {
		size_t n = frame(p, tags, 12288 + 128 * tags);

		assert_int_equal(pkt(p, n, n, &t, &part), 0);
		assert_true(t.kind == TLP_MWR && t.addr == 0xa0000010 && !part);
		/* padded to the smallest frame: not the TLP's business */
		assert_int_equal(pkt(p, n + 4, n + 4, &t, &part), 0);
		for (size_t have = 0; have < n; have++) {
			int rc = pkt(p, have, n, &t, &part);

			assert_int_equal(rc, have < n - 4 ? -ENODATA : 0);
			assert_true(part);
		}
		assert_int_equal(pkt(p, n - 1, n - 1, &t, &part), -EBADMSG);
		assert_int_equal(pkt(p, 20, 20, &t, &part), -ENOENT);
	}
	frame(p, 3, 12288);
	assert_int_equal(pkt(p, 100, 100, &t, &part), -ENOENT);
	frame(p, 0, 12287);
	assert_int_equal(pkt(p, 100, 100, &t, &part), -ENOENT);
	frame(p, 0, 12545);
	assert_int_equal(pkt(p, 100, 100, &t, &part), -ENOENT);
	frame(p, 0, 12288);
	p[14 + 9] = 6;
	assert_int_equal(pkt(p, 100, 100, &t, &part), -ENOENT);
	frame(p, 0, 12288);
	p[14 + 7] = 1;
	assert_int_equal(pkt(p, 100, 100, &t, &part), -ENOENT);
	frame(p, 0, 12288);
	p[14 + 28 + 6 + 3] = 2;
	assert_int_equal(pkt(p, 100, 100, &t, &part), -EBADMSG);
	frame(p, 0, 12288);
	p[14 + 25] = 13;
	assert_int_equal(pkt(p, 100, 100, &t, &part), -EBADMSG);
}

static void captures(void **state)
{
	uint8_t file[512] = { 0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, [16] = 128, [20] = 1 };
	struct got g = { .n = 0 };
	struct observed o;
	size_t at = 24, n;

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int cut = i == 1 ? 4 : i == 2 ? 20 : 0;

		n = frame(file + at + 16, i & 1, i == 3 ? 53 : 12290);
		memset(file + at, 0, 16);
		file[at + 8] = (uint8_t)(n - cut);
		file[at + 12] = (uint8_t)n;
		at += 16 + n - cut;
	}
	assert_int_equal(read_n(file, at, NULL, &g, &o), 0);
	assert_true(o.form == OF_PCAP && o.records == 4 && o.tlps == 2 && o.shortened == 1 && o.lost == 1 && o.foreign == 1);
	is(&g, "a0000010 1 f 0, a0000010 1 f 0");
	assert_int_equal(g.at[1], 2);
	assert_false(o.cut);
	assert_int_equal(read_n(file, at - 3, NULL, &g, &o), 0);
	assert_true(o.cut && o.records == 3);
	assert_int_equal(read_n(file, 20, NULL, &g, &o), -EBADMSG);
	g.stop = -EINTR;
	assert_int_equal(read_n(file, at, NULL, &g, &o), -EINTR);
	g.stop = 0;
	file[20] = 113;
	assert_int_equal(read_n(file, at, NULL, &g, &o), -ENOTSUP);
	assert_string_equal(o.what, "its packets are not Ethernet frames");
}

static void what_is_written_is_read(void **state)
{
	static const struct tlp w[] = {
		{ .addr = 0xd4000000, .ndw = 16, .fbe = 15, .lbe = 15 },
		{ .addr = 0x1200000004, .ndw = 1, .fbe = 6 },
		{ .addr = 0x0, .ndw = 1024, .fbe = 15, .lbe = 15 },
	};
	struct observed_writer *out;
	struct got g = { .n = 0 };
	struct observed o;
	const char *what;
	char *buf = NULL;
	size_t len;

	(void)state;
	assert_int_equal(observed_write_begin(open_memstream(&buf, &len), &out, &what), 0);
	for (size_t i = 0; i < sizeof(w) / sizeof(w[0]); i++)
		observed_write(out, &w[i]);
	assert_int_equal(observed_write_end(out), 0);
	assert_int_equal(read_n(buf, len, NULL, &g, &o), 0);
	is(&g, "d4000000 16 f f, 1200000004 1 6 0, 0 1024 f f");
	assert_true(o.tlps == 3 && !o.shortened && !o.foreign && !o.bad);
	/* The sum over a header with its checksum in it is 0xffff. */
	for (unsigned int i = 0, sum = 0; i <= 20; i += 2) {
		if (i == 20)
			assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
		sum += (unsigned int)(uint8_t)buf[24 + 16 + 14 + i] << 8 | (uint8_t)buf[24 + 16 + 15 + i];
	}
	free(buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_lists),
		cmocka_unit_test(bad_text_has_its_line),
		cmocka_unit_test(csv_with_named_columns),
		cmocka_unit_test(csv_as_the_user_names_its_columns),
		cmocka_unit_test(csv_with_raw_headers),
		cmocka_unit_test(csv_of_more_than_writes),
		cmocka_unit_test(csv_that_ends_in_a_line),
		cmocka_unit_test(whoever_takes_them_may_stop),
		cmocka_unit_test(packets_whole_cut_and_foreign),
		cmocka_unit_test(captures),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests_name("observed", tests, NULL, NULL);
}
