/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_rules_stores.c - what the judge makes of a stream of stores, and of a pattern that ran from both sides: each
 * rule speaks, keeps silent beside, and says that it does not know where that is so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "judge_world.h"
#include "probe/experiment.h"
#include "probe/model_text.h"
#include "probe/witness_int.h"

struct told {
	struct world *w;
	struct experiment x;
	struct stream *stream;
};

static int told_setup(void **state)
{
	struct told *t = calloc(1, sizeof(*t));
	void *w;

	setup(&w);
	t->w = w;
	t->w->exp = &t->x;
	t->x.message = "the stream";
	*state = t;
	return 0;
}

static int told_teardown(void **state)
{
	struct told *t = *state;
	void *w = t->w;

	stream_free(t->stream);
	teardown(&w);
	free(t);
	return 0;
}

static int feed(const struct model_event *e, void *ctx)
{
	return stream_feed(ctx, e);
}

static const struct bar_judgement *tell(struct told *t, const char *profile, const char *text)
{
	const struct model_params p = { .cpu = cpu_profile_find(profile) };
	char *copy = strdup(text);
	struct model_text m;

	for (char *c = copy; *c; c++)
		if (*c == ';')
			*c = '\n';
	stream_free(t->stream);
	assert_non_null(p.cpu);
	assert_int_equal(stream_new(&p, NULL, NULL, &t->stream), 0);
	model_text_begin(&m, MT_WC);
	assert_int_equal(model_text_feed(&m, copy, strlen(copy), feed, t->stream), 0);
	assert_int_equal(model_text_end(&m, feed, t->stream), 0);
	free(copy);
	t->x.story = stream_end(t->stream);
	t->x.given = t->x.numbered = true;
	return judge_world(t->w, LAYER_STORES);
}

static const char *words(enum severity s)
{
	return severity_name(s);
}

/* "SEVERITY RULE; ..." of the layer, graver ones first. */
static void findings(const struct bar_judgement *b, char *buf, size_t len)
{
	size_t at = 0;

	*buf = '\0';
	for (size_t i = 0; i < b->findings.n; i++) {
		const struct finding *f = &b->findings.f[i];

		if (f->rule->layer == LAYER_STORES)
			at += (size_t)snprintf(buf + at, len - at, "%s%s %s", at ? "; " : "", words(f->sev),
					       f->rule->id + strlen("stores-"));
	}
}

#define EIGHTS(base)                                                                                                   \
	"s " base "00 8; s " base "08 8; s " base "10 8; s " base "18 8; s " base "20 8; s " base "28 8; s " base      \
	"30 8; s " base "38 8"
#define FOUR_BY_TURNS                                                                                                  \
	"s 0x1000 32; s 0x1040 32; s 0x1080 32; s 0x10c0 32; s 0x1020 32; s 0x1060 32; s 0x10a0 32; s 0x10e0 32; f "   \
	"sfence"

#define DIRECT_DOWN                                                                                                    \
	"s 0x1038 8 direct; s 0x1030 8 direct; s 0x1028 8 direct; s 0x1020 8 direct; s 0x1018 8 direct; s 0x1010 8 "   \
	"direct; s 0x1008 8 direct; s 0x1000 8 direct"
#define DIRECT_BY_TURNS                                                                                                \
	"s 0x1000 8 direct; s 0x1040 8 direct; s 0x1008 8 direct; s 0x1048 8 direct; s 0x1010 8 direct; s 0x1050 8 "   \
	"direct; s 0x1018 8 direct; s 0x1058 8 direct; s 0x1020 8 direct; s 0x1060 8 direct; s 0x1028 8 direct; "      \
	"s 0x1068 8 direct; s 0x1030 8 direct; s 0x1070 8 direct; s 0x1038 8 direct; s 0x1078 8 direct"

static const struct {
	const char *profile, *stream, *findings, *says; /* says: a part of the first finding's sentence */
} rows[] = {
	{ "skylake", EIGHTS("0x10") "; f sfence", "info wc-ok",
	  "the stream: 1 of 1 lines leave full: nothing to blame in these stores" },
	{ "skylake", FOUR_BY_TURNS, "info wc-ok", "4 of 4" },
	{ "zen4", "s 0x1000 64; f sfence; s 0x1040 64; f sfence", "info wc-ok", "2 of 2" },

	{ "skylake", "s 0x1008 64; f sfence", "broken misaligned",
	  "the stream: 64 bytes start 8 bytes behind a line boundary: two partial lines, 56 and 8 bytes, 8 TLPs where "
	  "1 "
	  "would do" },
	{ "skylake", "s 0x1008 64; s 0x1048 64; f sfence; s 0x2008 64; s 0x2048 64; f sfence", "broken misaligned",
	  "128 bytes start 8 bytes behind a line boundary: a partial line at each end, 56 and 8 bytes, 8 TLPs where 1 "
	  "would do (2 such messages)" },
	/* Two TLPs at least, however they are cut. */
	{ "zen4", "s 0x1008 64; f sfence", "broken misaligned", "64 bytes start" },
	{ "skylake", "s 0x1000 64; s 0x1040 8; f sfence", "info partial-line; info wc-ok",
	  "as one TLP, as a doorbell" },

	{ "skylake", "s 0x1000 56; f sfence", "broken partial-line",
	  "a line gets 56 of its 64 bytes and leaves as 7 TLPs where 1 would do" },
	{ "zen4", "s 0x1000 56; f sfence", "unknown partial-line",
	  "documented nowhere: as 1 TLP or more, 7 as Intel's do" },
	{ "skylake", "s 0x1000 8; f sfence", "info partial-line; info wc-ok", "a line gets 8 of its 64 bytes" },
	{ "skylake", "s 0x1000 8; s 0x1010 8; f sfence", "info partial-line; info wc-ok",
	  "with holes between, and leaves as 2 TLPs, as few as they need" },
	{ "skylake", "s 0x1000 64; s 0x1008 64; f sfence", "broken partial-line; suspect repeat; info partial-line",
	  "has just left full, and 56 of its bytes are stored again: 7 TLPs more" },
	{ "skylake", "s 0x1000 32; s 0x1020 32; s 0x1000 8 type=uc; s 0x1008 8 type=uc", "info wc-ok",
	  "1 of 1 lines leave full; 2 stores to uncached memory are not judged: nothing" },
	{ "skylake", DIRECT_DOWN, "broken partial-line", "lines are filled by direct stores of 4 or 8 bytes" },
	{ "skylake", DIRECT_BY_TURNS, "broken partial-line", "14 TLPs more than these lines need" },
	{ "skylake", "s 0x1000 8 direct; s 0x1008 8 direct; f sfence", "unknown partial-line",
	  "fine for doorbells side by side; if they are one message, 1 TLP more than it needs" },
	{ "skylake", "s 0x1000 4; s 0x1004 4 direct; f sfence", "unknown partial-line; info partial-line",
	  "direct stores of 4 or 8 bytes share a line" },
	{ "skylake", "s 0x1004 4; f sfence; s 0x1000 4 direct", "unknown partial-line; info partial-line", "direct" },
	{ "skylake", "s 0x1000 8 direct; s 0x2000 64; s 0x1008 8 direct", "info wc-ok", "1 of 1" },
	{ "skylake", "s 0x1002 4 direct", "unknown misaligned", "1 store of MOVDIRI off its own boundary" },
	{ "skylake", "s 0x1000 64 direct; s 0x1040 64 direct", "info wc-ok", "2 direct stores, each a TLP" },

	{ "skylake", "s 0x1000 32; f sfence ip=0x40; s 0x1020 32; f sfence", "broken flushed-inside",
	  "the stream: an SFENCE at 0x40 comes between two stores to one line: 8 TLPs where 1 would do" },
	{ "skylake", "s 0x1000 32; l; s 0x1020 32; f sfence", "broken flushed-inside",
	  "a locked operation (LOCK, or XCHG with memory) (event 1 of the stream, from 0) comes between" },
	{ "skylake", "s 0x1000 32; f mfence; s 0x1020 32; s 0x1040 32; c cpuid; s 0x1060 32; f sfence",
	  "broken flushed-inside; broken flushed-inside", "an MFENCE" },
	{ "skylake", "s 0x1000 32; y; s 0x1020 32; f sfence", "unknown flushed-inside",
	  "whether it flushes is documented nowhere for this CPU: if it does, 8 TLPs where 1 would do" },
	{ "reference", "s 0x1000 32; y; s 0x1020 32; f sfence", "broken flushed-inside", "a system call" },
	{ "k8", "s 0x1000 32; u; s 0x1020 32; f sfence", "unknown flushed-inside", "an access to uncached memory" },
	{ "skylake", "s 0x1000 16; s 0x1010 8 direct; s 0x1018 40; f sfence", "broken flushed-inside",
	  "a direct store" },
	/* Doorbells, or one message? */
	{ "skylake", "s 0x1000 8; f sfence; s 0x1008 8; f sfence", "unknown flushed-inside",
	  "fine for doorbells side by side, 2 TLPs where 1 would do if they are one message" },
	{ "skylake", "s 0x1000 8; f sfence; s 0x1008 8; f sfence; s 0x1010 48; f sfence", "broken flushed-inside",
	  "8 TLPs where 1" },
	{ "skylake", "s 0x1000 8; f sfence; s 0x1008 16; f sfence", "broken flushed-inside", "3 TLPs where 1" },
	{ "skylake", "s 0x1000 8; f sfence; s 0x2000 64; f sfence; s 0x1008 8; f sfence",
	  "info partial-line; info wc-ok", "as a doorbell should" },
	/* Older stores may join the direct one. */
	{ "skylake", "s 0x1000 8; s 0x1000 64 direct; s 0x1008 8; f sfence", "unknown flushed-inside",
	  "a direct store" },
	{ "skylake", "s 0x1000 32; f lfence; s 0x1020 32; f sfence", "info wc-ok", "1 of 1" },

	/* What parts a line that needs as many TLPs anyway parts nothing. */
	{ "skylake", "s 0x1010 8; f sfence; s 0x103b 1", "info wc-ok",
	  "0 of 2 lines leave full, 2 with fewer bytes as few TLPs as these need: nothing" },
	{ "skylake", "s 0x1010 8; r 0x1010 8; s 0x103b 1", "info wc-ok", "nothing to blame" },
	{ "k8", "s 0x1010 8; s 0x2000 8; s 0x1026 2", "info partial-line; info wc-ok", "as a doorbell should" },
	{ "skylake", "s 0x1010 8; f sfence; s 0x103b 1; f sfence; s 0x2000 32; f sfence; s 0x2020 32",
	  "broken flushed-inside", "8 TLPs where 1 would do" },
	{ "k8", "s 0x113e 2; s 0x1020 32; s 0x1137 1; s 0x1000 32", "broken capacity", "8 TLPs where 1 would do" },
	{ "zen4", "s 0x10c0 8; f sfence; s 0x10e0 16", "unknown flushed-inside",
	  "3 TLPs (if this CPU cuts as Intel's do) where 2 would do" },
	{ "zen4", "s 0x1000 32; f sfence; s 0x1020 32", "broken flushed-inside",
	  "8 TLPs (if this CPU cuts as Intel's do) where 1 would do" },
	{ "zen4", "s 0x1000 8; f sfence", "info partial-line; info wc-ok", "as 1 TLP, as Intel's CPUs cut it" },
	{ "zen4", "s 0x1000 4; f sfence", "info partial-line; info wc-ok", "as a doorbell should" },

	{ "k8", FOUR_BY_TURNS, "broken capacity",
	  "4 lines are filled by turns, and this CPU has 1 buffer: each line leaves in pieces, 8 TLPs where 1 would "
	  "do" },
	{ "intel", FOUR_BY_TURNS, "unknown capacity",
	  "4 lines are open at once, and how many buffers this CPU has is not" },
	/* One line at a time, and a doorbell open beside: any CPU can do that. */
	{ "intel", "s 0x2000 8; " EIGHTS("0x10") "; " EIGHTS("0x11") "; f sfence", "info partial-line; info wc-ok",
	  "a line" },

	{ "skylake", "s 0x1000 32; s 0x1000 32; s 0x1020 32; f sfence", "suspect repeat; info wc-ok",
	  "32 bytes of a line stored twice (1 line)" },
	{ "skylake", "s 0x1000 64; s 0x1038 8; f sfence", "suspect repeat; info wc-ok", "8 bytes of a line" },
	{ "skylake", "s 0x1000 64; f sfence; s 0x1000 64; f sfence", "info wc-ok", "2 of 2" },
	{ "skylake", "s 0x1000 32; g 64; s 0x1020 32; f sfence", "suspect gap; info wc-ok", "64 other instructions" },
	{ "skylake", "s 0x1000 32; g 63; s 0x1020 32; f sfence", "info wc-ok", "1 of 1" },
	{ "skylake", "s 0x1000 32; i fault; s 0x1020 32; f sfence", "suspect first-touch; info wc-ok", "a page fault" },
	{ "skylake", "i fault; s 0x1000 64; f sfence", "info wc-ok", "1 of 1" },
	{ "skylake", "s 0x1000 32; i; s 0x1020 32; f sfence; s 0x1040 64", "info wc-ok",
	  "1 of 2 lines leave full; interrupts came inside a line 1 time: that always happens now and then: nothing" },

	/* Interrupts hide what a message lacks, and where most lines are hit all. */
	{ "skylake", "s 0x1000 8; i; s 0x1008 24; f sfence; s 0x2000 64", "broken partial-line",
	  "a line gets 32 of its 64 bytes and leaves as 4 TLPs where 1 would do" },
	{ "skylake", "s 0x1000 8; i; s 0x1008 8; i; s 0x1010 48", "unknown unknown", "inside 1 of 1 lines" },

	{ "skylake", "f sfence", "unknown unknown",
	  "what the stream does with its lines is not known: there is no store" },
	{ "skylake", "s 0x1000 8 type=uc; f sfence", "unknown unknown", "none of its stores goes to write-combining" },
};

static void each_stream_is_judged(void **state)
{
	struct told *t = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct bar_judgement *b = tell(t, rows[i].profile, rows[i].stream);
		const char *says = NULL;
		char got[300];

		findings(b, got, sizeof(got));
		if (strcmp(got, rows[i].findings))
			fail_msg("%s: %s\n  gives %s\n  not   %s", rows[i].profile, rows[i].stream, got,
				 rows[i].findings);
		for (size_t k = 0; k < b->findings.n && !says; k++)
			if (b->findings.f[k].rule->layer == LAYER_STORES)
				says = b->findings.f[k].says;
		if (!strstr(says, rows[i].says))
			fail_msg("%s: %s\n  says %s\n  not  %s", rows[i].profile, rows[i].stream, says, rows[i].says);
		/* Every word in braces was given. */
		for (size_t k = 0; k < b->findings.n; k++) {
			assert_null(strchr(b->findings.f[k].says, '{'));
			assert_true(!b->findings.f[k].fix || b->findings.f[k].sev == SEV_INFO || *b->findings.f[k].fix);
		}
		assert_int_equal(b->state[LAYER_STORES], !strncmp(got, "broken", 6)    ? STATE_BROKEN
							 : !strncmp(got, "unknown", 7) ? STATE_UNKNOWN
							 : !strncmp(got, "suspect", 7) ? STATE_SUSPECT
										       : STATE_OK);
	}
}

static void each_rule_is_in_the_table_or_tested_below(void **state)
{
	const struct rule *r;

	(void)state;
	for (size_t i = 0; (r = rule_at(i)); i++) {
		const char *id = r->id + strlen("stores-");
		bool seen = false;

		if (r->layer != LAYER_STORES)
			continue;
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
			seen |= strstr(rows[k].findings, id) != NULL;
		seen |= !strcmp(id, "rep-bytes") || !strcmp(id, "narrow") || !strcmp(id, "user-differs-from-kernel");
		if (!seen)
			fail_msg("no row for %s", r->id);
		assert_true(r->per_bar && !r->needs && !r->uses);
	}
}

static void bytes(char *buf, size_t len, const char *more)
{
	size_t at = 0;

	for (unsigned int i = 0; i < 64; i++)
		at += (size_t)snprintf(buf + at, len - at, "s 0x%x 1%s;", 0x1000 + i, more);
}

static void single_bytes(void **state)
{
	struct told *t = *state;
	const struct bar_judgement *b;
	char text[4096], got[200];

	bytes(text, sizeof(text), "");
	b = tell(t, "skylake", text);
	findings(b, got, sizeof(got));
	assert_string_equal(got, "suspect narrow; info wc-ok");
	assert_non_null(strstr(found(b, "stores-narrow")->says, "1 line filled by stores of 1 byte:"));
	assert_non_null(strstr(found(b, "stores-wc-ok")->says, "what is suspect splits none of them by itself"));
	bytes(text, sizeof(text), " rep");
	b = tell(t, "skylake", text);
	findings(b, got, sizeof(got));
	assert_string_equal(got, "suspect rep-bytes; info wc-ok");
	bytes(text, sizeof(text), " rep type=uc");
	b = tell(t, "skylake", text);
	findings(b, got, sizeof(got));
	assert_string_equal(got, "broken rep-bytes; unknown unknown");
	assert_non_null(strstr(found(b, "stores-rep-bytes")->says, "stores 64 single bytes to uncached memory"));
}

static void a_stream_that_is_not_known(void **state)
{
	struct told *t = *state;
	struct stream_story lost = { .lost = true };
	const struct bar_judgement *b;
	char got[200];

	/* Nothing was asked: nothing is said. */
	b = judge_world(t->w, LAYER_STORES);
	findings(b, got, sizeof(got));
	assert_string_equal(got, "");
	t->w->exp = NULL;
	b = judge_world(t->w, LAYER_STORES);
	findings(b, got, sizeof(got));
	assert_string_equal(got, "");
	t->w->exp = &t->x;
	t->x.story_why = "how the C library copies could not be recorded";
	b = judge_world(t->w, LAYER_STORES);
	findings(b, got, sizeof(got));
	assert_string_equal(got, "unknown unknown");
	assert_non_null(strstr(found(b, "stores-unknown")->says, "could not be recorded"));
	assert_int_equal(b->state[LAYER_STORES], STATE_UNKNOWN);
	/* Not followed to the end: never "ok", even if what was seen is. */
	lost.totals.lines = lost.totals.wc = 10;
	lost.totals.full = 10;
	t->x.story = &lost;
	b = judge_world(t->w, LAYER_STORES);
	findings(b, got, sizeof(got));
	assert_string_equal(got, "unknown unknown");
	lost.lost = false;
	b = judge_world(t->w, LAYER_STORES);
	findings(b, got, sizeof(got));
	assert_string_equal(got, "info wc-ok");
}

static void evidence_for_programs(void **state)
{
	const struct bar_judgement *b =
		tell(*state, "skylake", "s 0x1000 32 ip=0x10; f sfence ip=0x20; s 0x1020 32 ip=0x30; f sfence ip=0x40");
	const struct finding *f = found(b, "stores-flushed-inside");

	assert_int_equal(finding_evidence(f, "tlps")->num, 8);
	assert_int_equal(finding_evidence(f, "need")->num, 1);
	assert_int_equal(finding_evidence(f, "line")->num, 0x1000);
	assert_int_equal(finding_evidence(f, "by_ip")->num, 0x20);
	assert_int_equal(finding_evidence(f, "next_ip")->num, 0x30);
	assert_int_equal(finding_evidence(f, "by_event")->num, 1);
	assert_string_equal(finding_evidence(f, "kind")->text, "sfence");
	assert_string_equal(finding_evidence(f, "known_by")->text, "predicted");
	assert_true(f->nev < FINDING_EVIDENCE);
}

/* --- both sides of a drive --- */

#define MESSAGES 1000ULL

struct both {
	struct drive_plan plan;
	struct drive_phase phase[2];
	struct drive_row row[2];
	struct drive_witnesses witnesses;
	struct witness counter;
};

/* mov8, so many TLPs a line by the entries, so many counted (0: not), in so many runs. */
static void side_is(struct told *t, struct both *b, int side, enum mtype type, double counted, unsigned int runs)
{
	struct drive_phase *ph = &b->phase[side];
	struct drive_row *row = &b->row[side];
	struct witness_counts *c = &b->witnesses.w[0].seen[side][WCDIAG_STORE_MOV8].sum;

	*row = (struct drive_row){ .pattern = WCDIAG_STORE_MOV8, .state = DRIVE_DONE, .runs = runs };
	row->each.known = true;
	row->each.tlps = row->each.best = row->each.worst = type == MT_WC ? MESSAGES : 8 * MESSAGES;
	row->each.lines = row->each.full = type == MT_WC ? MESSAGES : 0;
	*ph = (struct drive_phase){ .side = (enum drive_side)side,
				    .state = DRIVE_DONE,
				    .entry_known = true,
				    .entry = 0x1234,
				    .type = type,
				    .effective = type,
				    .row = row,
				    .nrow = 1 };
	*c = (struct witness_counts){ 0 };
	if (counted > 0) {
		c->runs[WITNESS_TLPS] = runs;
		c->count[WITNESS_TLPS] = (uint64_t)(counted * (double)(MESSAGES * runs));
	}
	b->witnesses.n = 1;
	b->witnesses.w[0].w = &b->counter;
	strcpy(b->witnesses.w[0].name, "reg:2+0x10:8");
	b->counter.trust = TRUST_DEVICE;
	t->x.phase[side] = ph;
	t->x.witness = &b->witnesses;
	t->x.plan = &b->plan;
}

static const struct {
	enum mtype kernel, user;
	double k, u; /* counted TLPs a line */
	unsigned int runs;
	int sev;
	const char *kernel_tlps, *user_tlps, *by, *points;
} pairs[] = {
	/* By the entries, and counted or not. */
	{ MT_WC, MT_UCMINUS, 0, 0, 1, SEV_BROKEN, "1.00", "8.00", "predicted", "pte" },
	{ MT_WC, MT_UC, 1.01, 8, 1, SEV_BROKEN, "1.01", "8.00", "counted", "pte" },
	/* The count knows nothing of it. */
	{ MT_WC, MT_UC, 1, 1, 10, SEV_SUSPECT, "1.00", "1.00", "counted", "pte" },
	{ MT_WC, MT_WC, 0, 0, 10, -1, NULL, NULL, NULL, NULL },
	{ MT_UC, MT_UC, 8, 8, 10, -1, NULL, NULL, NULL, NULL },
	{ MT_UC, MT_WC, 8, 1, 10, -1, NULL, NULL, NULL, NULL },
	{ MT_WC, MT_UNKNOWN, 0, 0, 10, -1, NULL, NULL, NULL, NULL },
	{ MT_UNKNOWN, MT_UC, 0, 0, 10, -1, NULL, NULL, NULL, NULL },
	/* By count alone. */
	{ MT_WC, MT_WC, 1, 4.5, 10, SEV_BROKEN, "1.00", "4.50", "counted", "fabric" },
	{ MT_WC, MT_WC, 1, 4.5, 2, SEV_SUSPECT, "1.00", "4.50", "counted", "fabric" },
	{ MT_WC, MT_WC, 1, 1.01, 10, -1, NULL, NULL, NULL, NULL },
	{ MT_WC, MT_WC, 4, 4.5, 10, -1, NULL, NULL, NULL, NULL },
};

static void user_and_kernel_are_compared(void **state)
{
	struct told *t = *state;
	static struct both b;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct bar_judgement *j;
		const struct finding *f;

		side_is(t, &b, DRIVE_KERNEL, pairs[i].kernel, pairs[i].k, pairs[i].runs);
		side_is(t, &b, DRIVE_USER, pairs[i].user, pairs[i].u, pairs[i].runs);
		j = judge_world(t->w, LAYER_STORES);
		if (sev(j, "stores-user-differs-from-kernel") != pairs[i].sev)
			fail_msg("row %zu: severity %d", i, sev(j, "stores-user-differs-from-kernel"));
		if (pairs[i].sev < 0)
			continue;
		f = found(j, "stores-user-differs-from-kernel");
		assert_string_equal(finding_evidence(f, "kernel_tlps_per_line")->text, pairs[i].kernel_tlps);
		assert_string_equal(finding_evidence(f, "user_tlps_per_line")->text, pairs[i].user_tlps);
		assert_string_equal(finding_evidence(f, "known_by")->text, pairs[i].by);
		assert_string_equal(finding_evidence(f, "points_at")->text, pairs[i].points);
		assert_string_equal(finding_evidence(f, "pattern")->text, "mov8");
		assert_string_equal(finding_evidence(f, "witness")->text,
				    *pairs[i].by == 'c' ? "reg:2+0x10:8" : "none");
		assert_null(strchr(f->says, '{'));
	}
}

static void what_proves_nothing_is_not_compared(void **state)
{
	const struct finding *f;
	static const struct hyper_kind *emulated;
	struct told *t = *state;
	static struct both b;

	for (size_t i = 0; i < 64 && !emulated; i++)
		if (hyper_kinds[i].pat == HYPER_PAT_EMULATED)
			emulated = &hyper_kinds[i];
	assert_non_null(emulated);
#define NONE() assert_int_equal(sev(judge_world(t->w, LAYER_STORES), "stores-user-differs-from-kernel"), -1)
	side_is(t, &b, DRIVE_KERNEL, MT_WC, 0, 10);
	NONE();
	side_is(t, &b, DRIVE_USER, MT_UC, 0, 10);
	b.row[DRIVE_USER].state = DRIVE_LOST;
	NONE();
	side_is(t, &b, DRIVE_USER, MT_UC, 0, 0);
	NONE();
	side_is(t, &b, DRIVE_USER, MT_UC, 0, 10);
	b.row[DRIVE_USER].pattern = b.row[DRIVE_KERNEL].pattern = WCDIAG_STORE_MOVDIRI;
	NONE();
	b.row[DRIVE_USER].pattern = b.row[DRIVE_KERNEL].pattern = WCDIAG_STORE_FENCED;
	NONE();
	b.row[DRIVE_USER].pattern = WCDIAG_STORE_MOV8;
	b.row[DRIVE_KERNEL].pattern = WCDIAG_STORE_MOV4;
	NONE();
	/* Few runs on one side prove no rule. */
	side_is(t, &b, DRIVE_KERNEL, MT_WC, 1, 10);
	side_is(t, &b, DRIVE_USER, MT_WC, 4, 2);
	assert_int_equal(sev(judge_world(t->w, LAYER_STORES), "stores-user-differs-from-kernel"), SEV_SUSPECT);
	side_is(t, &b, DRIVE_KERNEL, MT_WC, 1, 2);
	side_is(t, &b, DRIVE_USER, MT_WC, 4, 10);
	assert_int_equal(sev(judge_world(t->w, LAYER_STORES), "stores-user-differs-from-kernel"), SEV_SUSPECT);
	/* A count against the entry: neither is called the culprit. */
	side_is(t, &b, DRIVE_KERNEL, MT_WC, 1, 10);
	side_is(t, &b, DRIVE_USER, MT_UCMINUS, 1, 10);
	f = found(judge_world(t->w, LAYER_STORES), "stores-user-differs-from-kernel");
	assert_int_equal(f->sev, SEV_SUSPECT);
	assert_non_null(strstr(f->says, "one of the two is wrong"));
	/* Nor does one that counted in few of the runs, or that another contradicts. */
	side_is(t, &b, DRIVE_KERNEL, MT_WC, 1, 10);
	side_is(t, &b, DRIVE_USER, MT_WC, 4, 10);
	b.witnesses.w[0].seen[DRIVE_USER][WCDIAG_STORE_MOV8].sum.runs[WITNESS_TLPS] = 1;
	b.witnesses.w[0].seen[DRIVE_USER][WCDIAG_STORE_MOV8].sum.count[WITNESS_TLPS] = 4 * MESSAGES;
	assert_int_equal(sev(judge_world(t->w, LAYER_STORES), "stores-user-differs-from-kernel"), SEV_SUSPECT);
	side_is(t, &b, DRIVE_USER, MT_WC, 4, 10);
	b.witnesses.w[1] = b.witnesses.w[0];
	b.witnesses.w[1].seen[DRIVE_USER][WCDIAG_STORE_MOV8].sum.count[WITNESS_TLPS] = 10 * MESSAGES;
	b.witnesses.n = 2;
	NONE();
	/* The clock is no count; one type on both sides, and no mapping is to mend. */
	side_is(t, &b, DRIVE_KERNEL, MT_WC, 1, 10);
	side_is(t, &b, DRIVE_USER, MT_WC, 4, 10);
	f = found(judge_world(t->w, LAYER_STORES), "stores-user-differs-from-kernel");
	assert_int_equal(f->sev, SEV_BROKEN);
	assert_null(strstr(f->fix, "pgprot"));
	b.counter.trust = TRUST_HINT;
	NONE();
	/* Where nothing combines, the same count on both sides is no word against the entries. */
	side_is(t, &b, DRIVE_KERNEL, MT_WC, 8, 10);
	side_is(t, &b, DRIVE_USER, MT_UC, 8, 10);
	t->w->m.hyper.kind = emulated;
	assert_int_equal(sev(judge_world(t->w, LAYER_STORES), "stores-user-differs-from-kernel"), SEV_BROKEN);
	assert_string_equal(finding_evidence(found(judge_world(t->w, LAYER_STORES), "stores-user-differs-from-kernel"),
					     "user_tlps_per_line")
				    ->text,
			    "8.00");
}

/* An event has a number where the reader gave the events; a pattern's are our own. */
static void events_are_numbered_where_they_were_given(void **state)
{
	static const char stream[] = "s 0x1000 32; f sfence; s 0x1020 32; f sfence";
	struct told *t = *state;

	assert_non_null(strstr(found(tell(t, "skylake", stream), "stores-flushed-inside")->says, "(event 1 of the stream, from 0)"));
	t->x.numbered = false;
	assert_null(strstr(found(judge_world(t->w, LAYER_STORES), "stores-flushed-inside")->says, "event"));
}

/* Without a machine: the same findings; and what may lack something is never fine. */
static void the_stores_alone(void **state)
{
	struct told *t = *state;
	const struct bar_judgement *b;
	struct findings alone;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		b = tell(t, rows[i].profile, rows[i].stream);
		assert_int_equal(judge_stores(&t->x, &alone), 0);
		n = 0;
		for (size_t k = 0; k < b->findings.n; k++) {
			if (b->findings.f[k].rule->layer != LAYER_STORES)
				continue;
			assert_true(n < alone.n);
			assert_ptr_equal(alone.f[n].rule, b->findings.f[k].rule);
			assert_int_equal(alone.f[n].sev, b->findings.f[k].sev);
			assert_string_equal(alone.f[n++].says, b->findings.f[k].says);
		}
		assert_int_equal(n, alone.n);
		findings_free(&alone);
	}
	tell(t, "skylake", EIGHTS("0x10"));
	t->x.lacks = "a way was not seen";
	assert_int_equal(judge_stores(&t->x, &alone), 0);
	assert_int_equal(alone.n, 1);
	assert_string_equal(alone.f[0].rule->id, "stores-unknown");
	assert_int_equal(alone.f[0].sev, SEV_UNKNOWN);
	assert_non_null(strstr(alone.f[0].says, "a way was not seen"));
	assert_null(alone.f[0].fix);
	findings_free(&alone);
	assert_int_equal(alone.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_stream_is_judged, told_setup, told_teardown),
		cmocka_unit_test(each_rule_is_in_the_table_or_tested_below),
		cmocka_unit_test_setup_teardown(single_bytes, told_setup, told_teardown),
		cmocka_unit_test_setup_teardown(a_stream_that_is_not_known, told_setup, told_teardown),
		cmocka_unit_test_setup_teardown(evidence_for_programs, told_setup, told_teardown),
		cmocka_unit_test_setup_teardown(events_are_numbered_where_they_were_given, told_setup, told_teardown),
		cmocka_unit_test_setup_teardown(the_stores_alone, told_setup, told_teardown),
		cmocka_unit_test_setup_teardown(user_and_kernel_are_compared, told_setup, told_teardown),
		cmocka_unit_test_setup_teardown(what_proves_nothing_is_not_compared, told_setup, told_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
