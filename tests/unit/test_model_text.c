/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "probe/model_ips.h"
#include "probe/model_text.h"
#include "temproot.h"

#define ST(a, n)	.kind = ME_STORE, .addr = (a), .size = (n), .type = MT_WC
#define RD(a, n, type_) .kind = ME_READ, .addr = (a), .size = (n), .type = (type_)

static const struct {
	const char *text;
	struct model_event e;
} good[] = {
	{ "s 0xd4000000 8", { ST(0xd4000000, 8) } },
	{ "s 4096 64", { ST(4096, 64) } },
	{ "  s\t0xD400000a   1  ", { ST(0xd400000a, 1) } },
	{ "s 0x10 8 ip=0x401136", { ST(0x10, 8), .ip = 0x401136 } },
	{ "s 0x10 8 # why", { ST(0x10, 8) } },
	{ "s 0x10 8# why", { ST(0x10, 8) } },
	{ "s 0x10 8\r", { ST(0x10, 8) } },
	{ "s 0x10 8 mask=0xf0 ip=5", { ST(0x10, 8), .mask = 0xf0, .flags = ME_MASKED, .ip = 5 } },
	{ "s 0x10 8 mask=0", { ST(0x10, 8), .flags = ME_MASKED } },
	{ "s 0x40 64 direct", { ST(0x40, 64), .flags = ME_DIRECT } },
	{ "s 0x40 8 direct type=uc", { .kind = ME_STORE, .addr = 0x40, .size = 8, .type = MT_UC, .flags = ME_DIRECT } },
	{ "s 0x40 8 type=uc-", { .kind = ME_STORE, .addr = 0x40, .size = 8, .type = MT_UCMINUS } },
	{ "s 0x40 8 type=wb", { .kind = ME_STORE, .addr = 0x40, .size = 8, .type = MT_WB } },
	{ "s 0xffffffffffffffff 1", { ST(UINT64_MAX, 1) } },
	{ "r 0x40 4", { RD(0x40, 4, MT_WC) } },
	{ "r 0x40 4 type=uc ip=7", { RD(0x40, 4, MT_UC), .ip = 7 } },
	{ "f sfence", { .kind = ME_SFENCE } },
	{ "f mfence ip=0x1", { .kind = ME_MFENCE, .ip = 1 } },
	{ "f lfence", { .kind = ME_LFENCE } },
	{ "l", { .kind = ME_LOCKED } },
	{ "l ip=9", { .kind = ME_LOCKED, .ip = 9 } },
	{ "c cpuid", { .kind = ME_SERIAL } },
	{ "c mov-cr ip=9", { .kind = ME_SERIAL, .ip = 9 } },
	{ "c", { .kind = ME_SERIAL } },
	{ "c ip=9", { .kind = ME_SERIAL, .ip = 9 } },
	{ "u", { .kind = ME_UC } },
	{ "p", { .kind = ME_PORT } },
	{ "s 0x40 1 rep", { ST(0x40, 1), .flags = ME_REP } },
	{ "s 0x40 8 type=uc rep ip=3", { .kind = ME_STORE, .addr = 0x40, .size = 8, .type = MT_UC, .flags = ME_REP, .ip = 3 } },
	{ "i", { .kind = ME_INTERRUPT } },
	{ "i fault", { .kind = ME_INTERRUPT, .flags = ME_FAULT } },
	{ "i fault ip=0x10", { .kind = ME_INTERRUPT, .flags = ME_FAULT, .ip = 16 } },
	{ "? # lost", { .kind = ME_UNSEEN } },
	{ "? way", { .kind = ME_UNSEEN, .flags = ME_WAY } },
	{ "? ip=0x40", { .kind = ME_UNSEEN, .ip = 0x40 } },
	{ "g 120", { .kind = ME_GAP, .addr = 120 } },
	{ "g 0x78 ip=1", { .kind = ME_GAP, .addr = 120, .ip = 1 } },
	{ "g 18446744073709551615", { .kind = ME_GAP, .addr = UINT64_MAX } },
	{ "y", { .kind = ME_SYSCALL } },
};

static bool same(const struct model_event *a, const struct model_event *b)
{
	return a->addr == b->addr && a->mask == b->mask && a->ip == b->ip && a->kind == b->kind && a->size == b->size &&
	       a->type == b->type && a->flags == b->flags;
}

static int one(const char *text, struct model_event *e, const char **what)
{
	size_t len = strlen(text);
	char *copy = exact_copy(text, len);
	int rc = model_text_line(copy, len, MT_WC, e, what);

	free(copy);
	return rc;
}

static void each_form_is_read_and_written_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct model_event e, again;
		const char *what;
		char buf[MODEL_TEXT_LINE];

		if (one(good[i].text, &e, &what) != 1)
			fail_msg("%s: %s", good[i].text, what);
		if (!same(&e, &good[i].e))
			fail_msg("%s: read as something else", good[i].text);
		model_text_format(&e, buf, sizeof(buf));
		assert_int_equal(one(buf, &again, &what), 1);
		if (!same(&e, &again))
			fail_msg("%s: written as %s", good[i].text, buf);
	}
}

static void blank_lines_and_comments_are_no_events(void **state)
{
	static const char *const text[] = { "", " ", "\t", "# s 0x10 8", "   # x", "\r" };
	struct model_event e;
	const char *what;

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		assert_int_equal(one(text[i], &e, &what), 0);
}

static const struct {
	const char *text, *what;
} bad[] = {
	{ "x", "no such event (s, r, f, l, c, u, p, i, y, g, ?)" },
	{ "S 0x10 8", "no such event (s, r, f, l, c, u, p, i, y, g, ?)" },
	{ "store 0x10 8", "no such event (s, r, f, l, c, u, p, i, y, g, ?)" },
	{ "s", "the address is not a number" },
	{ "s 0x", "the address is not a number" },
	{ "s 0xg 8", "the address is not a number" },
	{ "s -8 8", "the address is not a number" },
	{ "s +8 8", "the address is not a number" },
	{ "s d4000000 8", "the address is not a number" },
	{ "s 0x10000000000000000 8", "the address is not a number" },
	{ "s 18446744073709551616 8", "the address is not a number" },
	{ "s 0x10", "the size is not a number" },
	{ "s 0x10 8.0", "the size is not a number" },
	{ "s 0x10 0", "the size is not 1 to 64 bytes" },
	{ "s 0x10 65", "the size is not 1 to 64 bytes" },
	{ "s 0x10 256", "the size is not 1 to 64 bytes" },
	{ "s 0x10 4294967304", "the size is not 1 to 64 bytes" },
	{ "s 0xfffffffffffffff9 8", "it runs past the end of the address space" },
	{ "s 0x10 8 mask=0x100", "the mask has bytes beyond the size" },
	{ "s 0x10 8 mask=", "no such word for this event" },
	{ "s 0x10 8 mask=x", "mask= is not a number" },
	{ "s 0x10 8 mask=1 mask=1", "a word is given twice" },
	{ "s 0x10 8 ip=1 ip=1", "a word is given twice" },
	{ "s 0x10 8 direct direct", "a word is given twice" },
	{ "s 0x10 8 type=wt", "no such type (wc, uc, uc-, wb)" },
	{ "s 0x10 8 type=WC", "no such type (wc, uc, uc-, wb)" },
	{ "s 0x10 8 ip=z", "ip= is not a number" },
	{ "s 0x10 8 9", "no such word for this event" },
	{ "s 0x10 16 direct", "a direct store has 4, 8 or 64 bytes" },
	{ "s 0x48 64 direct", "a direct store of 64 bytes has to be aligned" },
	{ "s 0x48 8 direct mask=1", "a direct store has no mask" },
	{ "r 0x48 8 direct", "no such word for this event" },
	{ "r 0x48 8 mask=1", "no such word for this event" },
	{ "f", "which fence? (sfence, mfence, lfence)" },
	{ "f fence", "which fence? (sfence, mfence, lfence)" },
	{ "f ip=1", "which fence? (sfence, mfence, lfence)" },
	{ "c rdtsc", "no such serialising instruction" },
	{ "c f", "no such serialising instruction" },
	{ "l cmpxchg", "no such word for this event" },
	{ "u type=uc", "no such word for this event" },
	{ "i direct", "no such word for this event" },
	{ "i rep", "no such word for this event" },
	{ "i fault fault", "a word is given twice" },
	{ "y fault", "no such word for this event" },
	{ "fault", "no such event (s, r, f, l, c, u, p, i, y, g, ?)" },
	{ "s 0x10 8 fault", "no such word for this event" },
	{ "s 0x10 8 rep rep", "a word is given twice" },
	{ "s 0x10 16 rep", "a string instruction stores 1, 2, 4 or 8 bytes, without a mask, not direct" },
	{ "s 0x10 3 rep", "a string instruction stores 1, 2, 4 or 8 bytes, without a mask, not direct" },
	{ "s 0x10 8 rep direct", "a string instruction stores 1, 2, 4 or 8 bytes, without a mask, not direct" },
	{ "s 0x10 8 mask=1 rep", "a string instruction stores 1, 2, 4 or 8 bytes, without a mask, not direct" },
	{ "r 0x10 8 rep", "no such word for this event" },
	{ "g", "how many instructions is not a number" },
	{ "g ip=1", "how many instructions is not a number" },
	{ "g -1", "how many instructions is not a number" },
	{ "g 18446744073709551616", "how many instructions is not a number" },
	{ "g 1 2", "no such word for this event" },
	{ "s 0x10 8\v", "a control character: this is no text" },
	{ "s 0x10 8 # \033[31m", "a control character: this is no text" },
	{ "s 0x10 8\rs 0x10 8", "a control character: this is no text" },
};

static void what_is_wrong_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct model_event e;
		const char *what;

		if (one(bad[i].text, &e, &what) != -EBADMSG)
			fail_msg("%s: accepted", bad[i].text);
		if (strcmp(what, bad[i].what))
			fail_msg("%s: %s", bad[i].text, what);
	}
}

struct got {
	struct model_event e[16];
	size_t n;
	int stop;
};

static int get(const struct model_event *e, void *ctx)
{
	struct got *g = ctx;

	assert_true(g->n < 16);
	g->e[g->n++] = *e;
	return g->stop;
}

static void a_file_in_pieces_of_any_size_is_the_same_file(void **state)
{
	static const char text[] = "# a message\n\ns 0x10 8\r\ns 0x18 8 ip=0x7\nf sfence\n  \nl";
	size_t len = sizeof(text) - 1;

	(void)state;
	for (size_t piece = 1; piece <= len; piece++) {
		struct got g = { .n = 0 };
		struct model_text t;

		model_text_begin(&t, MT_UC);
		for (size_t at = 0; at < len; at += piece) {
			size_t n = len - at < piece ? len - at : piece;
			char *copy = exact_copy(text + at, n);

			assert_int_equal(model_text_feed(&t, copy, n, get, &g), 0);
			free(copy);
		}
		assert_int_equal(model_text_end(&t, get, &g), 0);
		assert_int_equal(g.n, 4);
		assert_int_equal(g.e[0].type, MT_UC);
		assert_int_equal(g.e[1].ip, 7);
		assert_int_equal(g.e[2].kind, ME_SFENCE);
		assert_int_equal(g.e[3].kind, ME_LOCKED);
		assert_int_equal(t.line, 7);
	}
}

static void a_bad_line_has_its_number_and_the_events_before_it_are_there(void **state)
{
	static const char text[] = "s 0x10 8\n#\ns 0x18 99\ns 0x20 8\n";
	struct got g = { .n = 0 };
	struct model_text t;

	(void)state;
	model_text_begin(&t, MT_WC);
	assert_int_equal(model_text_feed(&t, text, sizeof(text) - 1, get, &g), -EBADMSG);
	assert_int_equal(t.line, 3);
	assert_string_equal(t.what, "the size is not 1 to 64 bytes");
	assert_int_equal(g.n, 1);
}

static void a_line_without_end_is_refused(void **state)
{
	char text[4 * MODEL_TEXT_LINE];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[0] = '#';
	for (size_t piece = 1; piece <= sizeof(text); piece *= 3) {
		struct got g = { .n = 0 };
		struct model_text t;
		int rc = 0;

		model_text_begin(&t, MT_WC);
		for (size_t at = 0; at < sizeof(text) && !rc; at += piece)
			rc = model_text_feed(&t, text + at, sizeof(text) - at < piece ? sizeof(text) - at : piece, get,
					     &g);
		assert_int_equal(rc, -EBADMSG);
		assert_int_equal(t.line, 1);
		assert_string_equal(t.what, "the line is too long");
	}
	/* The longest that is taken, whole and in pieces. */
	text[MODEL_TEXT_LINE - 1] = '\n';
	for (size_t cut = 1; cut < MODEL_TEXT_LINE; cut += 100) {
		struct got g = { .n = 0 };
		struct model_text t;

		model_text_begin(&t, MT_WC);
		assert_int_equal(model_text_feed(&t, text, cut, get, &g), 0);
		assert_int_equal(model_text_feed(&t, text + cut, MODEL_TEXT_LINE - cut, get, &g), 0);
		assert_int_equal(t.line, 1);
	}
}

static void whoever_takes_the_events_may_stop(void **state)
{
	struct got g = { .stop = -EINTR };
	struct model_text t;

	(void)state;
	model_text_begin(&t, MT_WC);
	assert_int_equal(model_text_feed(&t, "l\nl\nl\n", 6, get, &g), -EINTR);
	assert_int_equal(g.n, 1);
}

static void a_tlp_as_a_line(void **state)
{
	char buf[64];

	(void)state;
	model_text_tlp(&(struct model_tlp){ .addr = 0xd4000044, .ndw = 1, .fbe = 12 }, buf, sizeof(buf));
	assert_string_equal(buf, "tlp 0xd4000044 1 c 0");
}

static void partial_lines_are_counted_by_instruction(void **state)
{
	static struct model_ips s;
	struct model_tlp t = { .bytes = 8, .pieces = 2, .ip_last = 0x20, .reason = MR_SFENCE, .by_ip = 0x30 };

	(void)state;
	model_ips_begin(&s);
	model_ips_add(&s, &t);
	t.piece = 1;
	model_ips_add(&s, &t);
	t.piece = 0;
	t.ip_last = 0x10;
	for (int i = 0; i < 3; i++)
		model_ips_add(&s, &t);
	t.ip_last = 0;
	model_ips_add(&s, &t);
	t.ip_last = 0x40;
	t.bytes = 64;
	model_ips_add(&s, &t);
	t.bytes = 8;
	t.reason = MR_UNCACHED;
	model_ips_add(&s, &t);
	model_ips_sort(&s);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.at[0].ip, 0x10);
	assert_int_equal(s.at[0].lines, 3);
	assert_int_equal(s.at[1].ip, 0x20);
	assert_int_equal(s.at[1].lines, 1);
	assert_int_equal(s.at[1].tlps, 2);
	assert_int_equal(s.at[1].by_ip, 0x30);
	assert_int_equal(s.nowhere, 1);
	assert_int_equal(s.more, 0);
}

static void more_instructions_than_there_is_room_for_are_counted_together(void **state)
{
	static struct model_ips s;
	uint64_t sum = 0;

	(void)state;
	model_ips_begin(&s);
	for (uint64_t i = 1; i <= 5000; i++) {
		struct model_tlp t = { .bytes = 8, .pieces = 1, .ip_last = i * 0x1000, .reason = MR_END };

		model_ips_add(&s, &t);
	}
	model_ips_sort(&s);
	for (size_t i = 0; i < s.n; i++)
		sum += s.at[i].lines;
	assert_int_equal(sum + s.more, 5000);
	assert_true(s.n > 100 && s.more > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_read_and_written_back),
		cmocka_unit_test(blank_lines_and_comments_are_no_events),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(a_file_in_pieces_of_any_size_is_the_same_file),
		cmocka_unit_test(a_bad_line_has_its_number_and_the_events_before_it_are_there),
		cmocka_unit_test(a_line_without_end_is_refused),
		cmocka_unit_test(whoever_takes_the_events_may_stop),
		cmocka_unit_test(a_tlp_as_a_line),
		cmocka_unit_test(partial_lines_are_counted_by_instruction),
		cmocka_unit_test(more_instructions_than_there_is_room_for_are_counted_together),
	};

	return cmocka_run_group_tests_name("model_text", tests, NULL, NULL);
}
