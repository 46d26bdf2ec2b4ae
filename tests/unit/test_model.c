/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the buffers, case by case: a stream in the text form of wcdiag-events(5), lines parted by ';', and the
 * TLPs that have to come of it, "ADDRESS DWS FBE LBE WHY", in order. Addresses are offsets in the scratch unless they
 * begin with 0x.
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

#include "probe/model.h"
#include "probe/model_text.h"

struct heard {
	char text[8192];
	size_t at;
	struct model_tlp tlp[512];
	unsigned int n;
};

static void hear(const struct model_tlp *t, void *ctx)
{
	struct heard *h = ctx;

	h->at += (size_t)snprintf(h->text + h->at, sizeof(h->text) - h->at, "%s%llx %u %x %x %s", h->at ? "; " : "",
				  (unsigned long long)t->addr, t->ndw, t->fbe, t->lbe, model_reason_id(t->reason));
	assert_true(h->at < sizeof(h->text) && h->n < 512);
	h->tlp[h->n++] = *t;
}

static int feed(const struct model_event *e, void *ctx)
{
	return model_feed(ctx, e);
}

static struct model *model(const struct model_params *p, struct heard *h)
{
	struct model *m;

	memset(h, 0, sizeof(*h));
	assert_int_equal(model_new(p, hear, h, &m), 0);
	return m;
}

static void run(struct model *m, const char *stream)
{
	char *copy = strdup(stream);
	struct model_text t;
	int rc;

	for (char *p = copy; *p; p++)
		if (*p == ';')
			*p = '\n';
	model_text_begin(&t, MT_WC);
	rc = model_text_feed(&t, copy, strlen(copy), feed, m);
	if (!rc)
		rc = model_text_end(&t, feed, m);
	if (rc)
		fail_msg("%s: line %lu: %s", stream, t.line, t.what);
	free(copy);
}

#define EIGHTS(base)                                                                                                   \
	"s " base "00 8; s " base "08 8; s " base "10 8; s " base "18 8; s " base "20 8; s " base "28 8; s " base      \
	"30 8; s " base "38 8"

static const struct {
	const char *name, *stream, *tlps;
	unsigned int buffers; /* 0: the reference profile's 10 */
} rows[] = {
	{ "a line in eights, no fence", EIGHTS("0x10"), "1000 16 f f full", 0 },
	{ "... and nothing is left for the fence", EIGHTS("0x10") "; f sfence", "1000 16 f f full", 0 },
	{ "one store of a line", "s 0x1000 64", "1000 16 f f full", 0 },
	{ "two of half a line", "s 0x1020 32; s 0x1000 32", "1000 16 f f full", 0 },
	{ "descending",
	  "s 0x1038 8; s 0x1030 8; s 0x1028 8; s 0x1020 8; s 0x1018 8; s 0x1010 8; s 0x1008 8; s 0x1000 8",
	  "1000 16 f f full", 0 },
	{ "56 of 64", "s 0x1000 32; s 0x1020 16; s 0x1030 8; f sfence",
	  "1000 2 f f sfence; 1008 2 f f sfence; 1010 2 f f sfence; 1018 2 f f sfence; 1020 2 f f sfence; 1028 2 f f "
	  "sfence; "
	  "1030 2 f f sfence",
	  0 },
	{ "63 of 64: eight partial writes (IA-32 Optimization manual 2-49)", "s 0x1000 63; f mfence",
	  "1000 2 f f mfence; 1008 2 f f mfence; 1010 2 f f mfence; 1018 2 f f mfence; 1020 2 f f mfence; 1028 2 f f "
	  "mfence; "
	  "1030 2 f f mfence; 1038 2 f 7 mfence",
	  0 },
	{ "64 bytes off by 8: two lines, neither full", "s 0x1008 64; f sfence",
	  "1008 2 f f sfence; 1010 2 f f sfence; 1018 2 f f sfence; 1020 2 f f sfence; 1028 2 f f sfence; 1030 2 f f "
	  "sfence; "
	  "1038 2 f f sfence; 1040 2 f f sfence",
	  0 },
	{ "off by 60: both ends of the line boundary", "s 0x103c 8; f sfence", "103c 1 f 0 sfence; 1040 1 f 0 sfence",
	  0 },
	{ "across 4 KiB: split at the line already", "s 0x1ff8 16; f sfence", "1ff8 2 f f sfence; 2000 2 f f sfence",
	  0 },
	{ "a byte", "s 0x1003 1; f sfence", "1000 1 8 0 sfence", 0 },
	{ "two bytes over a doubleword's end", "s 0x1003 2; f sfence", "1000 2 8 1 sfence", 0 },
	{ "the upper doubleword alone", "s 0x1004 4; f sfence", "1004 1 f 0 sfence", 0 },
	{ "bytes over a quadword's end: two chunks", "s 0x1006 4; f sfence", "1004 1 c 0 sfence; 1008 1 3 0 sfence",
	  0 },
	{ "a doorbell", "s 0x1018 8; f sfence", "1018 2 f f sfence", 0 },
	{ "a mask with holes", "s 0x1000 64 mask=0x8100000000000a05; f sfence",
	  "1000 1 5 0 sfence; 1008 1 a 0 sfence; 1038 2 1 8 sfence", 0 },
	{ "a mask of all bytes fills", "s 0x1000 64 mask=0xffffffffffffffff", "1000 16 f f full", 0 },
	{ "an empty mask is nothing", "s 0x1000 64 mask=0; f sfence", "", 0 },
	{ "an empty mask takes no buffer", "s 0x1000 8; s 0x2000 8 mask=0; f sfence", "1000 2 f f sfence", 1 },
	{ "two masked stores make a line", "s 0x1000 64 mask=0x5555555555555555; s 0x1000 64 mask=0xaaaaaaaaaaaaaaaa",
	  "1000 16 f f full", 0 },
	{ "overlapping tail: 65 bytes as two 64", "s 0x1000 64; s 0x1001 64; f sfence",
	  "1000 16 f f full; 1000 2 e f sfence; 1008 2 f f sfence; 1010 2 f f sfence; 1018 2 f f sfence; 1020 2 f f "
	  "sfence; "
	  "1028 2 f f sfence; 1030 2 f f sfence; 1038 2 f f sfence; 1040 1 1 0 sfence",
	  0 },
	{ "a full line written again: two TLPs", "s 0x1000 64; s 0x1000 64", "1000 16 f f full; 1000 16 f f full", 0 },
	{ "a part written again in time: one", "s 0x1000 32; s 0x1000 32; s 0x1020 32", "1000 16 f f full", 0 },
	{ "mfence", "s 0x1000 8; f mfence", "1000 2 f f mfence", 0 },
	{ "lfence closes nothing", "s 0x1000 32; f lfence; s 0x1020 32", "1000 16 f f full", 0 },
	{ "locked", "s 0x1000 8; l", "1000 2 f f locked", 0 },
	{ "serialising", "s 0x1000 8; c cpuid", "1000 2 f f serialising", 0 },
	{ "uncached elsewhere", "s 0x1000 8; u", "1000 2 f f uncached-access", 0 },
	{ "port", "s 0x1000 8; p", "1000 2 f f port-io", 0 },
	{ "interrupt", "s 0x1000 8; i", "1000 2 f f interrupt", 0 },
	{ "system call", "s 0x1000 8; y", "1000 2 f f syscall", 0 },
	{ "the end", "s 0x1000 8", "1000 2 f f end", 0 },
	{ "a fence in the middle of a line", "s 0x1000 32; f sfence; s 0x1020 32; f sfence",
	  "1000 2 f f sfence; 1008 2 f f sfence; 1010 2 f f sfence; 1018 2 f f sfence; 1020 2 f f sfence; 1028 2 f f "
	  "sfence; "
	  "1030 2 f f sfence; 1038 2 f f sfence",
	  0 },
	{ "a read of the line, not of the next", "s 0x1000 8; s 0x1040 8; r 0x1020 4; f sfence",
	  "1000 2 f f read; 1040 2 f f sfence", 0 },
	{ "a read over two lines", "s 0x1040 8; s 0x1000 8; s 0x1080 8; r 0x103c 8; f sfence",
	  "1000 2 f f read; 1040 2 f f read; 1080 2 f f sfence", 0 },
	{ "an uncached read closes all", "s 0x1000 8; r 0x5000 4 type=uc-; f sfence", "1000 2 f f uncached-access", 0 },
	{ "a write-back read closes none", "s 0x1000 8; r 0x1000 4 type=wb; f sfence", "1000 2 f f sfence", 0 },
	{ "capacity 1: the other line pushes it out", "s 0x1000 8; s 0x1040 8; f sfence",
	  "1000 2 f f capacity; 1040 2 f f sfence", 1 },
	{ "capacity 2: the one opened first goes, though written last",
	  "s 0x1000 8; s 0x1040 8; s 0x1008 8; s 0x1080 8; f sfence",
	  "1000 2 f f capacity; 1008 2 f f capacity; 1040 2 f f sfence; 1080 2 f f sfence", 2 },
	{ "two lines in turn, two buffers: both fill", "s 0x1000 32; s 0x1040 32; s 0x1020 32; s 0x1060 32",
	  "1000 16 f f full; 1040 16 f f full", 2 },
	{ "two lines in turn, one buffer: neither",
	  "s 0x1000 32 mask=0xff; s 0x1040 8; s 0x1008 8; s 0x1048 8; f sfence",
	  "1000 2 f f capacity; 1040 2 f f capacity; 1008 2 f f capacity; 1048 2 f f sfence", 1 },
	{ "a whole line needs a buffer as well", "s 0x1000 8; s 0x1040 64; f sfence",
	  "1000 2 f f capacity; 1040 16 f f full", 1 },
	{ "a line that filled frees its buffer", "s 0x1000 64; s 0x1040 8; f sfence",
	  "1000 16 f f full; 1040 2 f f sfence", 1 },
	{ "uncached: each store for itself", "s 0x1000 8 type=uc; s 0x1008 8 type=uc-",
	  "1000 2 f f uncached-store; 1008 2 f f uncached-store", 0 },
	{ "uncached: what waits goes first", "s 0x1000 8; s 0x2000 4 type=uc",
	  "1000 2 f f uncached-access; 2000 1 f 0 uncached-store", 0 },
	{ "uncached: wide", "s 0x1000 32 type=uc", "1000 8 f f uncached-store", 0 },
	{ "uncached: over a quadword's end, contiguous", "s 0x1003 8 type=uc", "1000 3 8 7 uncached-store", 0 },
	{ "uncached: over the line's end", "s 0x103c 8 type=uc", "103c 1 f 0 uncached-store; 1040 1 f 0 uncached-store",
	  0 },
	{ "uncached: masked with holes", "s 0x1000 32 type=uc mask=0x00ff00f5",
	  "1000 2 5 f uncached-store; 1010 2 f f uncached-store", 0 },
	{ "write-back: no store of the device's", "s 0x1000 8 type=wb", "", 0 },
	{ "direct: alone, at once", "s 0x1000 8 direct; s 0x1008 4 direct", "1000 2 f f direct; 1008 1 f 0 direct", 0 },
	{ "direct: 64 bytes, on uncached memory too", "s 0x1000 64 direct type=uc", "1000 16 f f direct", 0 },
	{ "direct: closes no other line", "s 0x1000 32; s 0x2000 64 direct; s 0x1020 32",
	  "2000 16 f f direct; 1000 16 f f full", 0 },
	{ "direct: what waits in its line goes first", "s 0x1000 8; s 0x1008 8 direct; f sfence",
	  "1000 2 f f overtaken; 1008 2 f f direct", 0 },
	{ "direct: later stores start anew", "s 0x1000 64 direct; s 0x1000 8; f sfence",
	  "1000 16 f f direct; 1000 2 f f sfence", 0 },
	{ "direct: takes no buffer", "s 0x1000 8; s 0x2000 8 direct; s 0x1008 8; f sfence",
	  "2000 2 f f direct; 1000 2 f f sfence; 1008 2 f f sfence", 1 },
	{ "at the very end of the address space", "s 0xffffffffffffffc0 64", "ffffffffffffffc0 16 f f full", 0 },
	{ "nothing at all", "f sfence; l; u; p; i; y; c iret; g 9; i fault", "", 0 },
	{ "other instructions close nothing", "s 0x1000 32; g 100000; s 0x1020 32", "1000 16 f f full", 0 },
	{ "a string instruction combines as any", "s 0x1000 8 rep; s 0x1008 8; f sfence",
	  "1000 2 f f sfence; 1008 2 f f sfence", 0 },
	{ "a page fault is an interrupt", "s 0x1000 8; i fault", "1000 2 f f interrupt", 0 },
};

static void each_stream_gives_its_tlps(void **state)
{
	static struct heard h;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model *m = model(&(struct model_params){ .buffers = rows[i].buffers }, &h);

		run(m, rows[i].stream);
		model_end(m);
		if (strcmp(h.text, rows[i].tlps))
			fail_msg("%s\n  %s\n  gives %s\n  not   %s", rows[i].name, rows[i].stream, h.text,
				 rows[i].tlps);
		assert_true(model_totals(m)->best <= h.n && h.n <= model_totals(m)->worst);
		assert_int_equal(model_totals(m)->tlps, h.n);
		/* Again on the same model, and without anybody who listens. */
		memset(&h, 0, sizeof(h));
		model_reset(m);
		run(m, rows[i].stream);
		model_end(m);
		assert_string_equal(h.text, rows[i].tlps);
		model_free(m);
	}
}

static void every_reason_occurs_in_the_table(void **state)
{
	(void)state;
	for (unsigned int r = 0; r < MR_COUNT; r++) {
		bool seen = false;

		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			const char *p = strstr(rows[i].tlps, model_reason_id(r));

			seen |= p && (!p[strlen(model_reason_id(r))] || p[strlen(model_reason_id(r))] == ';');
		}
		if (!seen)
			fail_msg("no row with reason %s", model_reason_id(r));
	}
}

static void a_tlp_names_the_stores_behind_it_and_what_made_it_leave(void **state)
{
	static struct heard h;
	struct model *m = model(&(struct model_params){ 0 }, &h);

	(void)state;
	run(m, "f lfence; s 0x1000 8 ip=0x10; s 0x1004 8 ip=0x20; s 0x1040 64 ip=0x30; f sfence ip=0x40");
	assert_int_equal(h.n, 3);
	assert_int_equal(h.tlp[0].addr, 0x1040);
	assert_int_equal(h.tlp[0].first, 3);
	assert_int_equal(h.tlp[0].last, 3);
	assert_int_equal(h.tlp[0].by, 3);
	assert_int_equal(h.tlp[0].by_ip, 0x30);
	assert_int_equal(h.tlp[0].group, 0);
	for (unsigned int i = 1; i < 3; i++) {
		assert_int_equal(h.tlp[i].line, 0x1000);
		assert_int_equal(h.tlp[i].first, 1);
		assert_int_equal(h.tlp[i].last, 2);
		assert_int_equal(h.tlp[i].stores, 2);
		assert_int_equal(h.tlp[i].ip_first, 0x10);
		assert_int_equal(h.tlp[i].ip_last, 0x20);
		assert_int_equal(h.tlp[i].by, 4);
		assert_int_equal(h.tlp[i].by_ip, 0x40);
		assert_int_equal(h.tlp[i].repeat, 4);
		assert_int_equal(h.tlp[i].piece, i - 1);
		assert_int_equal(h.tlp[i].pieces, 2);
		assert_int_equal(h.tlp[i].group, 1);
	}
	assert_int_equal(model_totals(m)->repeat_bytes, 4);
	model_free(m);
}

static void the_totals_add_up(void **state)
{
	static struct heard h;
	struct model *m = model(&(struct model_params){ 0 }, &h);
	const struct model_totals *t = model_totals(m);

	(void)state;
	run(m, "s 0x1000 64; s 0x1078 16; s 0x2000 8 type=uc; s 0x3000 64 direct; s 0x4000 8 type=wb; r 0x1000 4; f "
	       "sfence");
	model_end(m);
	assert_int_equal(t->events, 7);
	assert_int_equal(t->stores, 5);
	assert_int_equal(t->wc, 2);
	assert_int_equal(t->uc, 1);
	assert_int_equal(t->direct, 1);
	assert_int_equal(t->wb, 1);
	assert_int_equal(t->reads, 1);
	assert_int_equal(t->closing, 2);
	assert_int_equal(t->straddling, 1);
	assert_int_equal(t->store_bytes, 64 + 16 + 8 + 64);
	assert_int_equal(t->bytes, t->store_bytes);
	assert_int_equal(t->lines, 3);
	assert_int_equal(t->full, 1);
	assert_int_equal(t->open_max, 2);
	assert_int_equal(t->tlps, 5);
	/* hardware: 84 bytes a whole line below 4 GiB, 20 + 8 a quadword */
	assert_int_equal(t->wire, 84 + 28 + 28 + 28 + 84);
	assert_int_equal(t->best, 5);
	assert_int_equal(t->worst, 5);
	assert_int_equal(t->unknowns, 0);
	assert_int_equal(t->reason_tlps[MR_UC], 2);
	assert_int_equal(t->reason_lines[MR_UC], 2);
	model_free(m);
}

static const struct {
	const char *profile, *stream;
	unsigned int tlps, best, worst, unknowns;
} ranges[] = {
	/* Intel: what is documented is exact. */
	{ "skylake", "s 0x1000 32; f sfence", 4, 4, 4, 0 },
	{ "skylake", "s 0x1000 32; y; s 0x1020 32", 8, 1, 8, MU_EVENT },
	{ "skylake", "s 0x1000 32; y; f sfence", 4, 4, 4, MU_EVENT },
	/* AMD: half a line is one TLP at best, one a doubleword at worst. */
	{ "zen4", "s 0x1000 32; f sfence", 4, 1, 8, MU_PARTIAL },
	{ "zen4", "s 0x1000 64", 1, 1, 1, 0 },
	/* Bytes 0..8 and 13..15: two TLPs that share a doubleword are the fewest. */
	{ "zen4", "s 0x1000 16 mask=0xe1ff; f sfence", 2, 2, 4, MU_PARTIAL },
	/* How many buffers: two lines in turn fill, or each store leaves alone. */
	{ "intel", "s 0x1000 32; s 0x1040 32; s 0x1020 32; s 0x1060 32", 2, 2, 16, MU_BUFFERS | MU_POLICY },
	{ "intel", "s 0x1000 64; s 0x1040 64", 2, 2, 2, 0 },
	/* One buffer, by the manual: nothing to choose. Four: which one leaves? */
	{ "k8", "s 0x1000 32; s 0x1040 32; s 0x1020 32; s 0x1060 32", 16, 16, 16, 0 },
	{ "k8-rev-e", "s 0x1000 32; s 0x2000 8; s 0x3000 8; s 0x4000 8; s 0x5000 8; s 0x1020 32", 12, 5, 12,
	  MU_POLICY },
	/* That a line was full is forgotten at the fence: 56 bytes are seven TLPs at best again. */
	{ "intel",
	  "s 0x1000 8; s 0x2000 8; s 0x1000 64 mask=0xffffffffffffff00; f sfence; s 0x1000 56; s 0x2000 8; f sfence",
	  10, 10, 17, MU_BUFFERS | MU_POLICY },
	/* An AMD that may or may not close its buffers on an uncached write. */
	{ "k8", "s 0x1000 32; s 0x2000 4 type=uc; s 0x1020 32", 9, 2, 9, MU_EVENT },
	/* Uncached: 32 bytes at once may be one TLP or four, a misaligned store anything. */
	{ "reference", "s 0x1000 32 type=uc", 1, 1, 4, MU_UNCACHED },
	{ "reference", "s 0x1000 8 type=uc", 1, 1, 1, 0 },
	{ "reference", "s 0x1002 8 type=uc", 1, 1, 3, MU_UNCACHED },
	/* Direct: older stores may join it. */
	{ "reference", "s 0x1000 8; s 0x1000 64 direct", 2, 1, 2, MU_DIRECT },
	{ "reference", "s 0x1000 64 direct", 1, 1, 1, 0 },
	{ "reference", "s 0x1006 8 direct", 1, 1, 3, MU_DIRECT },
};

static void the_range_and_its_reason(void **state)
{
	static struct heard h;

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		struct model *m = model(&(struct model_params){ .cpu = cpu_profile_find(ranges[i].profile) }, &h);
		const struct model_totals *t = model_totals(m);

		run(m, ranges[i].stream);
		model_end(m);
		if (t->tlps != ranges[i].tlps || t->best != ranges[i].best || t->worst != ranges[i].worst ||
		    t->unknowns != ranges[i].unknowns)
			fail_msg("%s: %s: %llu, %llu to %llu, unknown %#x", ranges[i].profile, ranges[i].stream,
				 (unsigned long long)t->tlps, (unsigned long long)t->best, (unsigned long long)t->worst,
				 t->unknowns);
		model_free(m);
	}
}

/* From a line that was full, the range stays right when bytes come again: fewer would be wrong. */
static void a_course_with_an_eviction_can_need_fewer_tlps(void **state)
{
	static struct heard h;
	struct model *m = model(&(struct model_params){ .cpu = cpu_profile_find("intel") }, &h);

	(void)state;
	/* 0..7 | leaves | 8..63, 8..55 again, 0..7: the second stretch fills: 2. Merging as long as possible: 1 and 7.
	 */
	run(m, "s 0x1000 8; s 0x2000 8; s 0x1000 64 mask=0xffffffffffffff00; s 0x1000 64 mask=0x00ffffffffffff00; s "
	       "0x1000 8; f sfence");
	assert_true(model_totals(m)->best <= 2 + 1);
	assert_true(model_totals(m)->worst >= 1 + 7 + 1);
	model_free(m);
}

/*
 * Two buffers. 64 lines get 8 bytes each, which leave. A line X gets 8 bytes and stays. Then 63 of the 64 are filled
 * from byte 8 on and get their first 8 bytes last: in the list each fills, while the merging course filled it earlier
 * and holds 8 bytes of each. When a 65th line comes there, X is the one written longest ago, but must not be given up:
 * the list has it.
 */
static void a_line_that_the_list_holds_is_not_given_up_by_the_range(void **state)
{
	static struct heard h;
	struct model *m = model(&(struct model_params){ .buffers = 2 }, &h);
	const uint64_t rest = ~0xffULL;
	struct model_event e = { .kind = ME_STORE, .type = MT_WC, .size = 64, .flags = ME_MASKED };

	(void)state;
	for (unsigned int i = 0; i < 65; i++) {
		e.addr = 0x10000 + 64 * i;
		e.mask = 0xff;
		assert_int_equal(model_feed(m, &e), 0);
	}
	for (unsigned int i = 1; i < 64; i++) {
		e.addr = 0x10000 + 64 * i;
		for (int part = 0; part < 2; part++) {
			e.mask = part ? 0xff : rest;
			assert_int_equal(model_feed(m, &e), 0);
		}
	}
	run(m, "s 0x90000 64");
	e.addr = 0x10000 + 64 * 64;
	e.mask = rest;
	assert_int_equal(model_feed(m, &e), 0);
	model_end(m);
	assert_int_equal(model_totals(m)->tlps, 64 + 63 + 1 + 1);
	assert_true(model_totals(m)->best <= model_totals(m)->tlps);
	model_free(m);
}

static const struct {
	struct model_event e;
	const char *why;
} wrong[] = {
	{ { .kind = ME_KINDS }, "no such kind of event" },
	{ { .kind = ME_STORE, .type = MT_WC, .size = 0 }, "the size is not 1 to 64 bytes" },
	{ { .kind = ME_READ, .type = MT_WC, .size = 65 }, "the size is not 1 to 64 bytes" },
	{ { .kind = ME_STORE, .type = MT_WC, .size = 2, .addr = UINT64_MAX },
	  "it runs past the end of the address space" },
	{ { .kind = ME_STORE, .type = MT_WT, .size = 8 }, "the memory type is none of WC, UC, UC- and WB" },
	{ { .kind = ME_STORE, .type = MT_WC, .size = 8, .flags = ME_FAULT }, "no such flag for this event" },
	{ { .kind = ME_STORE, .type = MT_WC, .size = 8, .flags = 16 }, "no such flag for this event" },
	{ { .kind = ME_INTERRUPT, .flags = ME_FAULT | ME_REP }, "no such flag for this event" },
	{ { .kind = ME_GAP, .flags = ME_FAULT }, "no such flag for this event" },
	{ { .kind = ME_SFENCE, .flags = ME_DIRECT }, "no such flag for this event" },
	/* In the line that is open. */
	{ { .kind = ME_STORE, .type = MT_WC, .addr = 0x1010, .size = 16, .flags = ME_REP },
	  "a string instruction stores 1, 2, 4 or 8 bytes, without a mask, not direct" },
	{ { .kind = ME_STORE, .type = MT_WC, .size = 8, .flags = ME_REP | ME_DIRECT },
	  "a string instruction stores 1, 2, 4 or 8 bytes, without a mask, not direct" },
	{ { .kind = ME_STORE, .type = MT_WC, .size = 8, .flags = ME_MASKED, .mask = 0x100 },
	  "the mask has bytes beyond the size" },
	{ { .kind = ME_STORE, .type = MT_WC, .size = 8, .flags = ME_MASKED | ME_DIRECT },
	  "a direct store has no mask" },
	{ { .kind = ME_STORE, .type = MT_WC, .size = 16, .flags = ME_DIRECT }, "a direct store has 4, 8 or 64 bytes" },
	{ { .kind = ME_STORE, .type = MT_WC, .size = 64, .addr = 8, .flags = ME_DIRECT },
	  "a direct store of 64 bytes has to be aligned" },
	{ { .kind = ME_READ, .type = MT_WC, .size = 8, .flags = ME_DIRECT },
	  "a read has neither a mask nor is it direct" },
};

static void an_event_that_cannot_be_changes_nothing(void **state)
{
	static struct heard h;
	struct model *m = model(&(struct model_params){ 0 }, &h);

	(void)state;
	run(m, "s 0x1000 8");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_string_equal(model_event_wrong(&wrong[i].e), wrong[i].why);
		assert_int_equal(model_feed(m, &wrong[i].e), -EINVAL);
		assert_int_equal(model_totals(m)->events, 1);
		assert_int_equal(h.n, 0);
	}
	model_free(m);
}

static void parameters_out_of_range_are_refused(void **state)
{
	static const struct model_params bad[] = {
		{ .buffers = MODEL_MAX_BUFFERS + 1 }, { .mps = 64 }, { .mps = 192 }, { .mps = 8192 }, { .header = 5 },
	};
	struct model *m;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(model_new(&bad[i], NULL, NULL, &m), -EINVAL);
		assert_null(m);
	}
	assert_int_equal(model_new(&(struct model_params){ .mps = 4096, .header = 3, .buffers = 32 }, NULL, NULL, &m),
			 0);
	assert_int_equal(model_buffers(m), 32);
	model_free(m);
}

static const struct {
	uint64_t addr;
	unsigned int ndw, fbe, lbe, mps;
	bool legal;
} pcie[] = {
	{ 0x1000, 1, 5, 0, 0, true },	 /* one doubleword: holes */
	{ 0x1000, 1, 0, 0, 0, true },	 /* ... and a write of nothing */
	{ 0x1000, 1, 15, 15, 0, false }, /* ... but no last enables */
	{ 0x1000, 2, 5, 10, 0, true },	 /* quadword aligned: holes */
	{ 0x1004, 2, 5, 10, 0, false },	 /* not aligned: none */
	{ 0x1004, 2, 8, 1, 0, true },	  { 0x1004, 2, 12, 7, 0, true },
	{ 0x1000, 2, 0, 15, 0, false },					  /* first zero */
	{ 0x1000, 2, 15, 0, 0, false },					  /* last zero */
	{ 0x1000, 3, 14, 3, 0, true },	  { 0x1000, 3, 7, 15, 0, false }, /* first does not reach the top */
	{ 0x1000, 3, 15, 14, 0, false },				  /* last does not reach the bottom */
	{ 0x1000, 3, 13, 15, 0, false },  { 0x1002, 1, 15, 0, 0, false }, /* not a doubleword's address */
	{ 0x1000, 0, 15, 0, 0, false },	  { 0x1000, 16, 15, 15, 0, true },
	{ 0x1000, 32, 15, 15, 0, true }, /* 128 bytes */
	{ 0x1000, 33, 15, 15, 0, false }, { 0x1000, 33, 15, 15, 256, true },
	{ 0x1fc0, 16, 15, 15, 0, true },  /* up to the page's end */
	{ 0x1fc4, 16, 15, 15, 0, false }, /* over it */
	{ 0x1ffc, 2, 15, 15, 0, false },  { 0x1000, 1, 16, 0, 0, false },
};

static void the_rules_of_pci_express(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pcie) / sizeof(pcie[0]); i++) {
		const char *bad = model_tlp_illegal(pcie[i].addr, pcie[i].ndw, pcie[i].fbe, pcie[i].lbe, pcie[i].mps);

		if (!bad != pcie[i].legal)
			fail_msg("row %zu: %s", i, bad ? bad : "allowed");
	}
	assert_int_equal(model_tlp_mask(0x1000, 16, 15, 15), UINT64_MAX);
	assert_int_equal(model_tlp_mask(0x1008, 2, 5, 10), 0xa500ULL);
	assert_int_equal(model_tlp_mask(0x1038, 3, 15, 15), 0); /* leaves its line */
	assert_int_equal(model_tlp_mask(0x1004, 2, 5, 10), 0);	/* not legal */
}

/* facts: 84 or 88 bytes for a line at once; 224 or 256 in eights; 384 or 448 in fours. */
static void bytes_on_the_wire(void **state)
{
	(void)state;
	assert_int_equal(model_wire(0xd4000000, 16, 0), 84);
	assert_int_equal(model_wire(0x100000000, 16, 0), 88);
	assert_int_equal(8 * model_wire(0xd4000000, 2, 0), 224);
	assert_int_equal(8 * model_wire(0x380000000000, 2, 0), 256);
	assert_int_equal(16 * model_wire(0, 1, 3), 384);
	assert_int_equal(16 * model_wire(0, 1, 4), 448);
}

static void names_are_there_and_differ(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < MR_COUNT; i++)
		for (unsigned int k = 0; k < i; k++) {
			assert_string_not_equal(model_reason_name(i), model_reason_name(k));
			assert_string_not_equal(model_reason_id(i), model_reason_id(k));
		}
	for (unsigned int i = 0; i < ME_KINDS; i++)
		assert_string_not_equal(model_kind_name(i), "unknown");
	for (unsigned int i = 0; i < MU_BITS; i++) {
		assert_string_not_equal(model_unknown_says(1u << i), "unknown");
		assert_string_not_equal(model_unknown_id(1u << i), "unknown");
	}
	assert_string_equal(model_reason_name(MR_COUNT), "unknown");
	assert_string_equal(model_kind_name(ME_KINDS), "unknown");
	assert_string_equal(model_unknown_id(1u << MU_BITS), "unknown");
	assert_string_equal(model_unknown_says(3), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_stream_gives_its_tlps),
		cmocka_unit_test(every_reason_occurs_in_the_table),
		cmocka_unit_test(a_tlp_names_the_stores_behind_it_and_what_made_it_leave),
		cmocka_unit_test(the_totals_add_up),
		cmocka_unit_test(the_range_and_its_reason),
		cmocka_unit_test(a_course_with_an_eviction_can_need_fewer_tlps),
		cmocka_unit_test(a_line_that_the_list_holds_is_not_given_up_by_the_range),
		cmocka_unit_test(an_event_that_cannot_be_changes_nothing),
		cmocka_unit_test(parameters_out_of_range_are_refused),
		cmocka_unit_test(the_rules_of_pci_express),
		cmocka_unit_test(bytes_on_the_wire),
		cmocka_unit_test(names_are_there_and_differ),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
