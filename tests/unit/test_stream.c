/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The story of a stream, case by case: events in the text form of wcdiag-events(5), parted by ';', and what has to be
 * said of their lines, "NAME lines/tlps/need", with " n=N" where there is one. Worked out by hand; the reference
 * profile: 10 buffers, a partial line leaves in chunks of 8 bytes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/model_text.h"
#include "probe/stores.h"
#include "probe/stream.h"

static int feed(const struct model_event *e, void *ctx)
{
	return stream_feed(ctx, e);
}

static struct stream *begin(unsigned int buffers)
{
	const struct model_params p = { .buffers = buffers };
	struct stream *s;

	assert_int_equal(stream_new(&p, NULL, NULL, &s), 0);
	return s;
}

static void run(struct stream *s, const char *text)
{
	char *copy = strdup(text);
	struct model_text t;
	int rc;

	for (char *p = copy; *p; p++)
		if (*p == ';')
			*p = '\n';
	model_text_begin(&t, MT_WC);
	rc = model_text_feed(&t, copy, strlen(copy), feed, s);
	if (!rc)
		rc = model_text_end(&t, feed, s);
	if (rc)
		fail_msg("%s: line %lu: %s", text, t.line, t.what ? t.what : "refused");
	free(copy);
}

/* Every departure that is not full is in exactly one of six. */
static void sums_agree(const struct stream_story *y)
{
	uint64_t partial = y->seen[STREAM_INTERRUPTED].lines, kinds = 0;

	for (unsigned int w = STREAM_FLUSHED; w <= STREAM_SMALL; w++)
		partial += y->seen[w].lines;
	assert_int_equal(partial, y->totals.lines - y->totals.full);
	for (unsigned int k = 0; k < ME_KINDS; k++)
		kinds += y->flushed[k].lines;
	assert_int_equal(kinds, y->seen[STREAM_FLUSHED].lines);
}

static void words(const struct stream_story *y, char *buf, size_t len)
{
	size_t at = 0;

	*buf = '\0';
	for (unsigned int w = 0; w < STREAM_WHATS; w++) {
		const struct stream_seen *x = &y->seen[w];
		char n[32] = "";

		if (!x->lines)
			continue;
		if (x->n)
			snprintf(n, sizeof(n), " n=%llu", (unsigned long long)x->n);
		at += (size_t)snprintf(buf + at, len - at, "%s%s %llu/%llu/%llu%s", at ? "; " : "", stream_what_name(w),
				       (unsigned long long)x->lines, (unsigned long long)x->tlps,
				       (unsigned long long)x->need, n);
		assert_true(at < len);
	}
	sums_agree(y);
}

#define EIGHTS(base)                                                                                                   \
	"s " base "00 8; s " base "08 8; s " base "10 8; s " base "18 8; s " base "20 8; s " base "28 8; s " base      \
	"30 8; s " base "38 8"

static const struct {
	const char *name, *stream, *story;
	unsigned int buffers;
} rows[] = {
	{ "nothing", "f sfence", "", 0 },
	{ "a line in eights", EIGHTS("0x10") "; f sfence", "", 0 },
	{ "down", "s 0x1030 16; s 0x1020 16; s 0x1010 16; s 0x1000 16; f sfence", "", 0 },
	{ "at the end of the address space", "s 0xffffffffffffffc0 32; s 0xffffffffffffffe0 32", "", 0 },
	{ "two masks that make a line",
	  "s 0x1000 64 mask=0x5555555555555555; s 0x1000 64 mask=0xaaaaaaaaaaaaaaaa; f sfence", "", 0 },
	{ "four lines by turns",
	  "s 0x1000 32; s 0x1040 32; s 0x1080 32; s 0x10c0 32; s 0x1020 32; s 0x1060 32; s 0x10a0 "
	  "32; s 0x10e0 32; f sfence",
	  "", 0 },
	{ "full ring of one line", EIGHTS("0x10") "; f sfence; " EIGHTS("0x10") "; f sfence", "", 0 },

	{ "a doorbell", "s 0x1000 8; f sfence", "small 1/1/1", 0 },
	{ "a doorbell, again and again", "s 0x1000 8; f sfence; s 0x1000 8; f sfence; s 0x1000 8", "small 3/3/3", 0 },
	{ "a doorbell and an interrupt", "s 0x1000 8; i; f sfence", "small 1/1/1", 0 },
	{ "56 of 64", "s 0x1000 56; f sfence", "partial 1/7/1", 0 },
	{ "56 of 64, round a ring of one line", "s 0x1000 56; f sfence; s 0x1000 56; f sfence", "partial 2/14/2", 0 },
	{ "32 of 64, round a ring of two", "s 0x1000 32; f sfence; s 0x1040 32; f sfence; s 0x1000 32; f sfence",
	  "partial 3/12/3", 0 },
	{ "the end of the stream", "s 0x1000 56", "partial 1/7/1", 0 },
	/* Each aligned quadword has holes: no fewer than one TLP each. */
	{ "every second byte", "s 0x1000 64 mask=0x5555555555555555; f sfence", "small 1/8/8", 0 },
	{ "a long message, its tail short", "s 0x1000 64; s 0x1040 36; f sfence", "partial 1/5/1", 0 },
	{ "... its head short, its end on a boundary", "s 0x101c 36; s 0x1040 64; f sfence", "partial 1/5/1", 0 },

	{ "sfence inside", "s 0x1000 32; f sfence; s 0x1020 32; f sfence", "flushed 2/8/1 n=1", 0 },
	{ "three times inside", "s 0x1000 16; f mfence; s 0x1010 16; l; s 0x1020 16; c; s 0x1030 16",
	  "flushed 4/8/1 n=3", 0 },
	{ "the line comes back among others", "s 0x1000 32; f sfence; s 0x1020 32; s 0x1040 64; s 0x1080 64; f sfence",
	  "flushed 2/8/1 n=1", 0 },
	{ "the header last: others full before the fence",
	  "s 0x1008 56; s 0x1040 64; s 0x1080 64; f sfence; s 0x1000 8; f sfence", "flushed 2/8/1 n=1", 0 },
	{ "never full, and flushed inside", "s 0x1000 16; f sfence; s 0x1010 16; f sfence", "flushed 2/4/1 n=1", 0 },
	{ "two doorbells side by side, a message between",
	  "s 0x1000 8; f sfence; s 0x2000 64; f sfence; s 0x1008 8; f sfence", "small 2/2/2", 0 },
	{ "round a ring, each message torn",
	  "s 0x1000 32; f sfence; s 0x1020 32; f sfence; s 0x1000 32; f sfence; s 0x1020 32; f sfence",
	  "flushed 4/16/2 n=2", 0 },
	{ "round a ring over a line that lacks its half",
	  "s 0x1000 32; f sfence; s 0x1000 32; f sfence; s 0x1020 32; f sfence", "flushed 2/8/1 n=1; partial 1/4/1",
	  0 },
	{ "round a ring over one that was torn and is not full",
	  "s 0x1000 16; f sfence; s 0x1010 16; f sfence; s 0x1000 16; f sfence; s 0x1010 16; f sfence",
	  "flushed 4/8/2 n=2", 0 },
	{ "lfence and other instructions close nothing", "s 0x1000 32; f lfence; g 63; s 0x1020 32; f sfence", "", 0 },
	{ "a direct store to the line", "s 0x1000 8; s 0x1008 8 direct; s 0x1010 8; f sfence", "flushed 2/2/2 n=1", 0 },

	{ "an interrupt inside", "s 0x1000 32; i; s 0x1020 32; f sfence", "interrupted 2/8/1 n=1", 0 },
	{ "an interrupt, and others meanwhile", "s 0x1000 32; i; s 0x2000 64; s 0x1020 32; f sfence",
	  "interrupted 2/8/1 n=1", 0 },
	{ "a page fault inside", "s 0x1000 32; i fault; s 0x1020 32; f sfence",
	  "first-touch 1/4/1; interrupted 2/8/1 n=1", 0 },
	{ "a page fault before", "i fault; s 0x1000 32; s 0x1020 32; f sfence", "", 0 },
	/* The fence parted the first two, the interrupt the last two; the line is counted where it began. */
	{ "a fence and an interrupt", "s 0x1000 32; f sfence; s 0x1020 16; i; s 0x1030 16; f sfence",
	  "flushed 1/4/1 n=1; interrupted 2/4/0 n=1", 0 },

	{ "eight bytes off", "s 0x1008 8; s 0x1010 16; s 0x1020 32; s 0x1040 8; f sfence", "misaligned 2/8/1 n=64", 0 },
	{ "... down", "s 0x1040 8; s 0x1020 32; s 0x1010 16; s 0x1008 8; f sfence", "misaligned 2/8/1 n=64", 0 },
	{ "... one store", "s 0x1008 64; f sfence", "misaligned 2/8/1 n=64", 0 },
	{ "... unaligned in the quadword", "s 0x1003 64; f sfence", "misaligned 2/9/1 n=64", 0 },
	{ "... 128 bytes, the line between is full", "s 0x1008 64; s 0x1048 64; f sfence", "misaligned 2/8/1 n=128",
	  0 },
	{ "... 100 bytes: aligned they would be two", "s 0x1008 56; s 0x1040 44; f sfence", "misaligned 2/13/2 n=100",
	  0 },
	{ "... 24 bytes", "s 0x1038 24; f sfence", "misaligned 2/3/1 n=24", 0 },
	{ "... packed, a fence each: the next message begins in the line where this one ends",
	  "s 0x1008 64; f sfence; s 0x1048 64; f sfence", "misaligned 4/16/2 n=64", 0 },
	{ "... round a ring of two lines", "s 0x1008 64; f sfence; s 0x1008 64; f sfence", "misaligned 4/16/2 n=64",
	  0 },
	{ "... an interrupt just on the boundary", "s 0x1008 56; i; s 0x1040 8; f sfence", "misaligned 2/8/1 n=64", 0 },
	{ "... with one buffer", "s 0x1008 56; s 0x1040 8; s 0x1080 64; f sfence", "misaligned 2/8/1 n=64", 1 },
	{ "packed without a fence is a long message", "s 0x1000 40; s 0x1028 40; s 0x1050 48; f sfence", "", 0 },
	{ "a fence on the boundary: two messages", "s 0x1020 32; f sfence; s 0x1040 32; f sfence", "partial 2/8/2", 0 },
	{ "the line below was filled by others", "s 0x1000 8; s 0x1008 64; f sfence", "small 1/1/1", 0 },

	{ "three lines by turns, two buffers",
	  "s 0x1000 32; s 0x1040 32; s 0x1080 32; s 0x1020 32; s 0x1060 32; s 0x10a0 32; f sfence",
	  "capacity 6/24/3 n=3", 2 },
	{ "lines that nobody comes back to", "s 0x1000 8; s 0x1040 8; s 0x1080 8; f sfence", "small 3/3/3", 2 },
	{ "capacity, full lines meanwhile", "s 0x1000 32; s 0x1040 32; s 0x2000 64; s 0x1020 32; f sfence",
	  "capacity 2/8/1 n=3; partial 1/4/1", 1 },

	{ "bytes again in time", "s 0x1000 32; s 0x1000 32; s 0x1020 32; f sfence", "repeat 1/1/1 n=32", 0 },
	{ "the tail once more", EIGHTS("0x10") "; s 0x1038 8; f sfence", "small 1/1/1; repeat 1/1/1 n=8", 0 },
	{ "65 bytes as two 64", "s 0x1000 64; s 0x1001 64; f sfence", "partial 1/8/1; small 1/1/1; repeat 1/8/1 n=63",
	  0 },
	{ "two doorbells of one line, one fence", "s 0x1000 8; s 0x1010 8; f sfence", "small 1/2/2", 0 },
	{ "a doorbell in the line of a message before", EIGHTS("0x10") "; f sfence; s 0x1038 8; f sfence",
	  "small 1/1/1", 0 },

	{ "63 other instructions", "s 0x1000 32; g 63; s 0x1020 32", "", 0 },
	{ "64", "s 0x1000 32; g 64; s 0x1020 32", "gap 1/1/1 n=64", 0 },
	{ "40 and 40", "s 0x1000 32; g 40; s 0x2000 8; g 40; s 0x1020 32; f sfence", "small 1/1/1; gap 1/1/1 n=80", 0 },
	{ "before and behind", "g 1000; s 0x1000 64; g 1000; s 0x1040 64", "", 0 },
	{ "more than can be counted",
	  "g 18446744073709551615; s 0x1000 32; g 18446744073709551615; s 0x1020 32; g 9; f sfence", "", 0 },
	{ "uncached stores are no lines", "s 0x1000 8 type=uc; s 0x1008 8 type=uc-; s 0x1010 8 type=wb", "", 0 },
};

static void each_stream_has_its_story(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stream *s = begin(rows[i].buffers);
		char got[400];

		run(s, rows[i].stream);
		words(stream_end(s), got, sizeof(got));
		if (strcmp(got, rows[i].story))
			fail_msg("%s\n  %s\n  gives %s\n  not   %s", rows[i].name, rows[i].stream, got, rows[i].story);
		stream_free(s);
	}
}

static void every_word_occurs_in_the_table_or_by_patterns(void **state)
{
	(void)state;
	for (unsigned int w = 0; w < STREAM_WHATS; w++) {
		bool seen = w == STREAM_REP_BYTES || w == STREAM_NARROW;

		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			seen |= strstr(rows[i].story, stream_what_name(w)) != NULL;
		if (!seen)
			fail_msg("no row with %s", stream_what_name(w));
	}
	assert_string_equal(stream_what_name(STREAM_WHATS), "unknown");
}

static void what_flushed_is_told_by_its_kind(void **state)
{
	static const struct {
		const char *event;
		enum model_kind kind;
	} by[] = {
		{ "f sfence", ME_SFENCE },
		{ "f mfence", ME_MFENCE },
		{ "l", ME_LOCKED },
		{ "c cpuid", ME_SERIAL },
		{ "u", ME_UC },
		{ "p", ME_PORT },
		{ "y", ME_SYSCALL },
		{ "r 0x1004 4", ME_READ },
		{ "r 0x9000 4 type=uc", ME_UC },
		{ "s 0x9000 4 type=uc", ME_UC },
		{ "s 0x1008 8 direct", ME_STORE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		const struct stream_story *y;
		struct stream *s = begin(0);
		char text[200];

		snprintf(text, sizeof(text), "s 0x1000 8 ip=0x10; %s ip=0x20; s 0x1010 48 ip=0x30; f sfence ip=0x40",
			 by[i].event);
		run(s, text);
		y = stream_end(s);
		for (unsigned int k = 0; k < ME_KINDS; k++)
			assert_int_equal(y->flushed[k].lines, k == by[i].kind ? 2 : 0);
		assert_int_equal(y->flushed[by[i].kind].n, 1);
		assert_int_equal(y->flushed[by[i].kind].kind, by[i].kind);
		assert_int_equal(y->flushed[by[i].kind].tlps_one, 7);
		assert_int_equal(y->flushed[by[i].kind].by_ip, 0x20);
		assert_int_equal(y->flushed[by[i].kind].next_ip, 0x30);
		stream_free(s);
	}
}

static void the_first_example_says_where(void **state)
{
	struct stream *s = begin(0);
	const struct stream_story *y;
	const struct stream_seen *x;

	(void)state;
	run(s,
	    "f lfence; s 0x1000 16 ip=0x10; s 0x1010 16 ip=0x11; f mfence ip=0x12; s 0x1020 32 ip=0x13; "
	    "s 0x2004 60 ip=0x14; s 0x2040 4 ip=0x15; f sfence; s 0x3000 32; f mfence ip=0x16; s 0x3020 32; f sfence");
	y = stream_end(s);
	x = &y->seen[STREAM_FLUSHED];
	assert_int_equal(x->lines, 4);
	assert_int_equal(x->line, 0x1000);
	assert_int_equal(x->mask, 0xffffffff);
	assert_int_equal(x->stores, 2);
	assert_int_equal(x->size, 16);
	assert_int_equal(x->first, 1);
	assert_int_equal(x->last, 2);
	assert_int_equal(x->ip_first, 0x10);
	assert_int_equal(x->ip_last, 0x11);
	assert_int_equal(x->by, 3);
	assert_int_equal(x->by_ip, 0x12);
	assert_int_equal(x->kind, ME_MFENCE);
	assert_int_equal(x->next_ip, 0x13);
	assert_int_equal(x->tlps_one, 8);
	assert_int_equal(x->need_one, 1);
	x = &y->seen[STREAM_MISALIGNED];
	assert_int_equal(x->line, 0x2000);
	assert_true(x->mask == ~0xfULL);
	assert_int_equal(x->behind, 0xf);
	assert_int_equal(x->n, 64);
	assert_int_equal(x->tlps_one, 9);
	assert_int_equal(x->need_one, 1);
	assert_int_equal(x->ip_first, 0x14);
	assert_int_equal(x->next_ip, 0x15);
	assert_int_equal(y->buffers, 10);
	assert_false(y->lost);
	stream_free(s);
	/* Of lines that stayed alone the example is one that tells: not a repeat, and bytes with holes. */
	s = begin(0);
	run(s, "s 0x1000 64; s 0x1000 8; f sfence; s 0x2000 8; f sfence; s 0x3000 8; s 0x3010 8; f sfence; s 0x4000 8");
	x = &stream_end(s)->seen[STREAM_SMALL];
	assert_int_equal(x->lines, 4);
	assert_int_equal(x->again, 1);
	assert_int_equal(x->line, 0x3000);
	assert_int_equal(x->need_one, 2);
	stream_free(s);
	s = begin(0);
	run(s, "s 0x1000 64; s 0x1000 8; f sfence; s 0x2000 8; f sfence; s 0x3000 8");
	x = &stream_end(s)->seen[STREAM_SMALL];
	assert_int_equal(x->line, 0x2000);
	stream_free(s);
}

/* Byte by byte, and by a string instruction; a few bytes are a head or a tail of something else. */
static void narrow_stores_and_string_instructions(void **state)
{
	static const struct {
		unsigned int size, n, flags;
		const char *story;
	} each[] = {
		{ 1, 64, 0, "narrow 1/1/1" },
		{ 2, 32, 0, "narrow 1/1/1" },
		{ 4, 16, 0, "" },
		{ 1, 64, ME_REP, "rep-bytes 1/1/1" },
		{ 2, 32, ME_REP, "" },
		{ 8, 8, ME_REP, "" },
		{ 1, 7, 0, "small 1/1/1" },
		{ 1, 8, 0, "small 1/1/1; narrow 1/1/1" },
		{ 1, 7, ME_REP, "small 1/1/1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		struct stream *s = begin(0);
		char got[200];

		for (unsigned int k = 0; k < each[i].n; k++) {
			struct model_event e = { .kind = ME_STORE, .type = MT_WC };

			e.addr = 0x1000 + each[i].size * k;
			e.size = (uint8_t)each[i].size;
			e.flags = (uint8_t)each[i].flags;
			assert_int_equal(stream_feed(s, &e), 0);
		}
		words(stream_end(s), got, sizeof(got));
		assert_string_equal(got, each[i].story);
		stream_free(s);
	}
}

static void uncached_strings_and_direct_stores_are_counted(void **state)
{
	struct stream *s = begin(0);
	const struct stream_story *y;

	(void)state;
	run(s, "s 0x1000 1 type=uc rep; s 0x1001 1 type=uc rep; s 0x1008 8 type=uc rep; "
	       "s 0x2000 8 direct; s 0x2008 8 direct ip=0x9; s 0x2010 8 direct ip=0xa; s 0x2040 8 direct; s 0x3000 64 "
	       "direct; "
	       "s 0x3040 64 direct; s 0x4008 8 direct");
	y = stream_end(s);
	assert_int_equal(y->rep_uncached, 2);
	assert_int_equal(y->direct_beside, 0);
	assert_int_equal(y->direct_apart, 2);
	assert_int_equal(y->direct_misaligned, 0);
	assert_int_equal(y->direct_ip, 9);
	assert_int_equal(y->totals.lines, 0);
	stream_free(s);
}

static void whether_the_number_of_buffers_matters(void **state)
{
	struct stream *s = begin(0);

	(void)state;
	run(s, "s 0x1000 64; s 0x2000 8; s 0x1040 64; f sfence");
	assert_false(stream_end(s)->buffers_matter);
	stream_free(s);
	s = begin(0);
	run(s, "s 0x1000 32; s 0x1040 32; s 0x1020 32; s 0x1060 32");
	assert_true(stream_end(s)->buffers_matter);
	stream_free(s);
}

/* 16 lines by turns in 10 buffers. */
static void interleaved_lines_say_how_many(void **state)
{
	struct stream *s = begin(0);
	const struct stream_story *y;
	char got[200];

	(void)state;
	for (unsigned int turn = 0; turn < 8; turn++)
		for (unsigned int line = 0; line < 16; line++) {
			struct model_event e = { .kind = ME_STORE, .type = MT_WC, .size = 8 };

			e.addr = 0x4000 + 64 * line + 8 * turn;
			assert_int_equal(stream_feed(s, &e), 0);
		}
	y = stream_end(s);
	words(y, got, sizeof(got));
	assert_string_equal(got, "capacity 128/128/16 n=16");
	assert_int_equal(y->seen[STREAM_CAPACITY].tlps_one, 8);
	assert_int_equal(y->seen[STREAM_CAPACITY].need_one, 1);
	assert_int_equal(y->totals.open_max, 10);
	stream_free(s);
}

static void scatter(struct stream *s, uint64_t lines, uint64_t from, unsigned int size)
{
	for (uint64_t i = 0; i < lines; i++) {
		struct model_event e = { .kind = ME_STORE, .type = MT_WC };

		e.addr = 0x100000 + 64 * i + from;
		e.size = (uint8_t)size;
		assert_int_equal(stream_feed(s, &e), 0);
	}
}

static void what_is_remembered_is_bounded_and_that_is_said(void **state)
{
	struct stream *s = begin(0);
	const struct stream_story *y;

	(void)state;
	/* As many as can be remembered: all come back. */
	scatter(s, 4096, 0, 32);
	scatter(s, 4096, 32, 32);
	y = stream_end(s);
	sums_agree(y);
	assert_false(y->lost);
	assert_int_equal(y->seen[STREAM_CAPACITY].lines, 2 * 4096);
	assert_int_equal(y->seen[STREAM_CAPACITY].n, 4096);
	stream_free(s);
	s = begin(0);
	scatter(s, 100000, 0, 32);
	scatter(s, 100000, 32, 32);
	y = stream_end(s);
	sums_agree(y);
	assert_true(y->lost);
	assert_int_equal(y->seen[STREAM_PARTIAL].lines, 200000);
	stream_free(s);
	/* What nobody waits for is not lost. */
	s = begin(0);
	for (uint64_t i = 0; i < 10000; i++) {
		struct model_event e = { .kind = ME_STORE, .type = MT_WC, .size = 8, .addr = 0x100000 + 64 * i };
		struct model_event fence = { .kind = ME_SFENCE };

		assert_int_equal(stream_feed(s, &e), 0);
		assert_int_equal(stream_feed(s, &fence), 0);
		e.addr = 0x10000;
		e.size = 64;
		assert_int_equal(stream_feed(s, &e), 0);
	}
	y = stream_end(s);
	assert_false(y->lost);
	assert_int_equal(y->seen[STREAM_SMALL].lines, 10000);
	stream_free(s);
}

static void wrong_events_and_the_end(void **state)
{
	const struct model_params bad = { .buffers = MODEL_MAX_BUFFERS + 1 };
	const struct model_event wrong = { .kind = ME_STORE, .type = MT_WC }, fine = { .kind = ME_SFENCE };
	struct stream *s;

	(void)state;
	assert_int_equal(stream_new(&bad, NULL, NULL, &s), -EINVAL);
	assert_null(s);
	stream_free(NULL);
	s = begin(0);
	assert_int_equal(stream_feed(s, &wrong), -EINVAL);
	assert_int_equal(stream_feed(s, &fine), 0);
	assert_int_equal(stream_end(s)->totals.events, 1);
	assert_int_equal(stream_feed(s, &fine), -EINVAL);
	assert_int_equal(stream_end(s)->totals.events, 1);
	stream_free(s);
}

/* 16 messages of each pattern in a page: twice round for the long ones. */
static const struct {
	unsigned int pattern;
	const char *story;
} patterns[] = {
	{ WCDIAG_STORE_MOV8, "" },
	{ WCDIAG_STORE_MOV4, "" },
	{ WCDIAG_STORE_SSE, "" },
	{ WCDIAG_STORE_AVX, "" },
	{ WCDIAG_STORE_AVX512, "" },
	{ WCDIAG_STORE_MOVNTI, "" },
	{ WCDIAG_STORE_MOVNTDQ, "" },
	{ WCDIAG_STORE_VMOVNTDQ, "" },
	{ WCDIAG_STORE_VMOVNTDQ512, "" },
	{ WCDIAG_STORE_REP_MOVSQ, "" },
	{ WCDIAG_STORE_REP_MOVSB, "rep-bytes 16/16/16" },
	{ WCDIAG_STORE_MEMCPY, "" },
	{ WCDIAG_STORE_MEMCPY_TOIO, "" },
	{ WCDIAG_STORE_IOWRITE64_COPY, "" },
	{ WCDIAG_STORE_MOVDIRI, "" },
	{ WCDIAG_STORE_MOVDIR64B, "" },
	{ WCDIAG_STORE_MISALIGNED, "misaligned 32/128/16 n=64" },
	{ WCDIAG_STORE_PARTIAL, "partial 16/112/16" },
	{ WCDIAG_STORE_FENCED, "flushed 128/128/16 n=112" },
	/* 16 messages of 16 lines, 8 stores each. */
	{ WCDIAG_STORE_INTERLEAVED, "capacity 2048/2048/256 n=16" },
	{ WCDIAG_STORE_GAP, "gap 16/16/16 n=100" },
	{ WCDIAG_STORE_DESCENDING, "" },
	{ WCDIAG_STORE_OVERLAP, "small 16/16/16; repeat 16/16/16 n=8" },
};

static void each_pattern_has_its_story(void **state)
{
	const struct model_params p = { 0 };
	bool seen[WCDIAG_STORE_COUNT] = { false };

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct stores_run r = { .pattern = patterns[i].pattern, .messages = 16 };
		struct stores_event one = { .kind = STORES_STORE, .size = 64 };
		struct stores_shape shape = { .n = 1, .events = &one };
		const struct stores_shape *use = r.pattern == WCDIAG_STORE_MEMCPY ? &shape : NULL;
		const struct stream_story *y;
		struct stream *s;
		char got[200];

		/* A range of 8 lines: round and round. */
		for (uint64_t length = 4096; length; length = length == 4096 ? 512 : 0) {
			if (r.pattern == WCDIAG_STORE_INTERLEAVED && length < 1024)
				continue;
			assert_int_equal(stream_of_run(&r, length, use, &p, &s, &y), 0);
			words(y, got, sizeof(got));
			if (strcmp(got, patterns[i].story))
				fail_msg("%s, %u bytes: %s, not %s", wcdiag_store_patterns[r.pattern].name,
					 (unsigned int)length, got, patterns[i].story);
			assert_false(y->lost);
			assert_int_equal(y->direct_beside, r.pattern == WCDIAG_STORE_MOVDIRI ? 16 * 7 : 0);
			stream_free(s);
		}
		seen[r.pattern] = true;
	}
	for (unsigned int i = 0; i < WCDIAG_STORE_COUNT; i++)
		assert_true(seen[i]);
}

static void a_run_that_cannot_be_has_no_story(void **state)
{
	const struct model_params p = { 0 }, bad = { .header = 7 };
	struct stores_run r = { .pattern = WCDIAG_STORE_MEMCPY, .messages = 1 };
	struct stores_event bytes[64];
	struct stores_shape shape = { .n = 64, .events = bytes };
	const struct stream_story *y;
	struct stream *s;
	char got[100];

	(void)state;
	assert_int_equal(stream_of_run(&r, 4096, NULL, &p, &s, &y), -ENODATA);
	assert_null(s);
	assert_null(y);
	/* A library that copies by "rep movsb" is recorded byte by byte. */
	for (unsigned int i = 0; i < 64; i++)
		bytes[i] = (struct stores_event){ .kind = STORES_STORE, .size = 1, .offset = i };
	assert_int_equal(stream_of_run(&r, 4096, &shape, &p, &s, &y), 0);
	words(y, got, sizeof(got));
	assert_string_equal(got, "rep-bytes 1/1/1");
	stream_free(s);
	r.pattern = WCDIAG_STORE_MOV8;
	assert_int_equal(stream_of_run(&r, 100, NULL, &p, &s, &y), -EINVAL);
	assert_int_equal(stream_of_run(&r, 4096, NULL, &bad, &s, &y), -EINVAL);
	r.pattern = WCDIAG_STORE_COUNT;
	assert_int_equal(stream_of_run(&r, 4096, NULL, &p, &s, &y), -EINVAL);
	assert_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_stream_has_its_story),
		cmocka_unit_test(every_word_occurs_in_the_table_or_by_patterns),
		cmocka_unit_test(what_flushed_is_told_by_its_kind),
		cmocka_unit_test(the_first_example_says_where),
		cmocka_unit_test(narrow_stores_and_string_instructions),
		cmocka_unit_test(uncached_strings_and_direct_stores_are_counted),
		cmocka_unit_test(whether_the_number_of_buffers_matters),
		cmocka_unit_test(interleaved_lines_say_how_many),
		cmocka_unit_test(what_is_remembered_is_bounded_and_that_is_said),
		cmocka_unit_test(wrong_events_and_the_end),
		cmocka_unit_test(each_pattern_has_its_story),
		cmocka_unit_test(a_run_that_cannot_be_has_no_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
