/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_stores.c - do the stores fill whole lines before something flushes them?
 *
 * Judged by the story of the stream (stream.h). What hangs on something that no manual says of this CPU is unknown, not
 * broken; what befell the program (interrupts) is nobody's fault.
 */
#include "rules_stores.h"

#include <inttypes.h>
#include <stdio.h>

/* One now and then is nobody's fault; where most lines are hit, what the stores do by themselves is not to be seen. */
static void interrupted(struct judge_ctx *c, const struct stream_story *y)
{
	const struct stream_seen *irq = &y->seen[STREAM_INTERRUPTED];
	uint64_t lines = y->totals.lines - irq->n;
	struct finding *f;

	if (2 * y->interrupted <= lines)
		return;
	f = hit_says(
		c, SEV_UNKNOWN,
		"{message}: interrupts came inside {hit} of {lines} lines: whether these would leave whole without "
		"them is not to be seen",
		"record it on a CPU that interrupts are kept away from (isolcpus=, irqaffinity=), or leave them "
		"out of the stream");
	ev_text(f, "message", "%s", stores_whose(c));
	ev_num(f, "hit", y->interrupted);
	ev_num(f, "lines", lines);
}

static void unknown(struct judge_ctx *c)
{
	const struct stream_story *y = stores_story(c);
	const char *why = NULL;
	struct finding *f;

	if (!c->exp)
		return;
	if (y)
		interrupted(c, y);
	if (y && c->exp->lacks) {
		f = hit_says(c, SEV_UNKNOWN, "what {message} does with its lines is known in part only: {why}", NULL);
		ev_text(f, "message", "%s", stores_whose(c));
		ev_text(f, "why", "%s", c->exp->lacks);
	}
	if (!y)
		why = c->exp->story_why;
	else if (y->lost && !y->seen[STREAM_FLUSHED].lines && !y->seen[STREAM_CAPACITY].lines)
		why = "so many lines are begun and left that whether their rest comes later was not followed to the "
		      "end";
	else if (!y->totals.lines && !y->totals.direct)
		why = y->totals.uc ? "none of its stores goes to write-combining memory" : "there is no store in it";
	if (!why)
		return;
	f = hit(c, SEV_UNKNOWN);
	ev_text(f, "message", "%s", stores_whose(c));
	ev_text(f, "why", "%s", why);
}

/* What may break a line, or breaks something beside it. says: instead of the rule's own words; or NULL. */
static void beside(struct judge_ctx *c, enum stream_what w, const char *says)
{
	const struct stream_seen *s = stores_seen(c, w);
	struct finding *f;

	if (!s)
		return;
	f = hit_says(c, SEV_SUSPECT, says ? says : c->rule->says, c->rule->fix);
	ev_stores_first(c, f, s);
	ev_num(f, "lines", s->lines);
	ev_text(f, "lines_words", "%" PRIu64 " line%s", s->lines, stores_plural(s->lines));
	if (w == STREAM_REPEAT)
		ev_text(f, "n_words", "%" PRIu64 "%s byte%s", s->n, s->n >= 255 ? " or more" : "", stores_plural(s->n));
	if (s->n)
		ev_num(f, "n", s->n);
	ev_num(f, "size", s->size);
	ev_text(f, "size_words", "%u byte%s", s->size, stores_plural(s->size));
}

/* Behind a full line they are TLPs of their own; before that the buffer takes them. */
static void repeat(struct judge_ctx *c)
{
	const struct stream_seen *s = stores_seen(c, STREAM_REPEAT);
	const struct stream_story *y = stores_story(c);

	if (!s)
		return;
	beside(c, STREAM_REPEAT,
	       y->seen[STREAM_SMALL].again + y->seen[STREAM_PARTIAL].again < s->lines
		       ? NULL
		       : "{message}: {n_words} of a line stored again when it has just left full ({lines_words}): they "
			 "leave as TLPs of their own, and a device that counts writes sees them twice");
}

static void rep_bytes(struct judge_ctx *c)
{
	const struct stream_story *y = stores_story(c);
	struct finding *f;

	beside(c, STREAM_REP_BYTES, NULL);
	if (!y || !y->rep_uncached)
		return;
	f = hit_says(
		c, SEV_BROKEN,
		"{message}: a string instruction stores {n} single bytes to uncached memory: each is a TLP of its own",
		c->rule->fix);
	ev_text(f, "message", "%s", stores_whose(c));
	ev_num(f, "n", y->rep_uncached);
}

static void narrow(struct judge_ctx *c)
{
	beside(c, STREAM_NARROW, NULL);
}

static void gap(struct judge_ctx *c)
{
	beside(c, STREAM_GAP, NULL);
}

static void first_touch(struct judge_ctx *c)
{
	beside(c, STREAM_FIRST_TOUCH, NULL);
}

/* The last of the table: only when nothing of this layer is broken or unknown. */
static void wc_ok(struct judge_ctx *c)
{
	const struct stream_story *y = stores_story(c);
	const struct stream_seen *small, *irq;
	char more[160] = "", again[80] = "", split[160] = "", apart[120] = "";
	bool suspect = false;
	struct finding *f;
	uint64_t few, faults;

	if (!y || !(y->totals.lines || y->totals.direct))
		return;
	for (size_t i = 0; i < c->out->n; i++) {
		if (c->out->f[i].rule->layer == LAYER_STORES && c->out->f[i].sev >= SEV_UNKNOWN)
			return;
		suspect |= c->out->f[i].rule->layer == LAYER_STORES && c->out->f[i].sev == SEV_SUSPECT;
	}
	small = &y->seen[STREAM_SMALL];
	irq = &y->seen[STREAM_INTERRUPTED];
	faults = y->seen[STREAM_FIRST_TOUCH].lines;
	few = small->lines - small->again + y->spared;
	if (few)
		snprintf(more, sizeof(more), ", %" PRIu64 " with fewer bytes as few TLPs as these need", few);
	if (y->totals.uc)
		snprintf(apart, sizeof(apart), "; %" PRIu64 " store%s to uncached memory %s not judged", y->totals.uc,
			 stores_plural(y->totals.uc), y->totals.uc == 1 ? "is" : "are");
	if (small->again)
		snprintf(again, sizeof(again), "; bytes stored again leave as TLPs of their own %" PRIu64 " time%s", small->again,
			 stores_plural(small->again));
	if (irq->n > faults)
		snprintf(split, sizeof(split),
			 "; interrupts came inside a line %" PRIu64 " time%s: that always happens now and then",
			 irq->n - faults, stores_plural(irq->n - faults));
	f = hit(c, SEV_INFO);
	ev_text(f, "message", "%s", stores_whose(c));
	ev_num(f, "lines", stream_lines_meant(y));
	ev_num(f, "full", y->totals.full);
	ev_num(f, "tlps", y->totals.tlps);
	ev_num(f, "interrupted", irq->n);
	if (y->totals.lines)
		ev_text(f, "what", "%" PRIu64 " of %" PRIu64 " lines leave full%s%s%s%s", y->totals.full,
			stream_lines_meant(y), more, again, split, apart);
	else
		ev_text(f, "what", "%" PRIu64 " direct store%s, each a TLP whatever the memory type", y->totals.direct,
			stores_plural(y->totals.direct));
	ev_text(f, "so", "%s",
		faults	  ? "but for the page faults nothing in these stores splits a line by itself"
		: suspect ? "what is suspect splits none of them by itself"
			  : "nothing to blame in these stores");
}

#define SDM_WC	"Intel SDM vol 3, 11.3 and 11.3.1"
#define SDM_OPT "Intel SDM vol 3, 11.3.1; Intel optimization manual, Write Combining"

const struct rule rules_stores[] = {
	{ .id = "stores-unknown",
	  .layer = LAYER_STORES,
	  .sev = SEV_UNKNOWN,
	  .per_bar = true,
	  .test = unknown,
	  .when = "what is stored could not be found out, or not all of it, or not followed to its end, or interrupts "
		  "came inside most of its lines",
	  .says = "what {message} does with its lines is not known: {why}",
	  .fix = "give the stores as a stream: --events FILE",
	  .source = "wcdiag-events(5)" },
	/* First what tears a line: a reader is shown the first fix, and padding does not mend a fence. */
	{ .id = "stores-flushed-inside",
	  .layer = LAYER_STORES,
	  .sev = SEV_BROKEN,
	  .other = "unknown when it is documented nowhere whether that flushes this CPU's buffers, or when it may be "
		   "doorbells side by side in a line that is never filled",
	  .per_bar = true,
	  .test = stores_flushed_inside,
	  .when = "a fence, a locked operation, a serialising instruction, an uncached access, port I/O, a system call "
		  "or a read of the line comes between two stores to one line",
	  .says = "{message}: {what}{at} comes between two stores to one line: {cost}{and_so}",
	  .fix = "move it before the first store of the message or behind its last one",
	  .source = "Intel SDM vol 3, 11.3 and 11.10; AMD 25112, appendix B, table 12" },
	{ .id = "stores-misaligned",
	  .layer = LAYER_STORES,
	  .sev = SEV_BROKEN,
	  .other = "unknown when MOVDIRI stores off its own boundary",
	  .per_bar = true,
	  .test = stores_misaligned,
	  .when = "stores without a gap begin inside a line and end inside another: a line more than need be, and none "
		  "full",
	  .says = "{message}: {bytes} bytes start {off} bytes behind a line boundary: {ends}, {head} and {tail} bytes, "
		  "{cost}{and_so}",
	  .fix = "begin each message on a line boundary: struct slot { uint8_t data[64]; } "
		 "__attribute__((aligned(64))); offset = (offset + 63) & ~63UL;",
	  .source = SDM_WC },
	{ .id = "stores-partial-line",
	  .layer = LAYER_STORES,
	  .sev = SEV_BROKEN,
	  .other = "info when the line leaves as few TLPs as its bytes need; "
		   "unknown when it is documented nowhere how this CPU cuts a partial line, or when direct stores may "
		   "be doorbells side by side in a line that is never filled",
	  .per_bar = true,
	  .test = stores_partial_line,
	  .when = "a line is never filled, and leaves as more TLPs than its bytes need; or it is filled by "
		  "direct stores",
	  .says = "{message}: a line gets {bytes} of its 64 bytes and leaves as {cost}{and_so}",
	  .fix = "store all 64 bytes: pad the message, memset(pad, 0, 64 - len) in ordinary memory, then copy the "
		 "whole line",
	  .source = "Intel SDM vol 3, 11.3.1 (partial writes of 8 bytes); PCI Express Base Specification 2.2.5" },
	{ .id = "stores-capacity",
	  .layer = LAYER_STORES,
	  .sev = SEV_BROKEN,
	  .other = "unknown when the number of buffers decides and is not known, or how this CPU cuts a partial line",
	  .per_bar = true,
	  .test = stores_capacity,
	  .when = "more lines are open at once than the CPU has buffers",
	  .says = "{message}: {n} lines are filled by turns, and this CPU has {buffers_words}: each line leaves in "
		  "pieces, {cost}{and_so}",
	  .fix = "finish a line before the next: for each line, for each part of it - not the other way round",
	  .source = SDM_OPT },
	{ .id = "stores-repeat",
	  .layer = LAYER_STORES,
	  .sev = SEV_SUSPECT,
	  .per_bar = true,
	  .test = repeat,
	  .when = "bytes of a line are stored again, before it leaves or when it has just left full, as by the "
		  "overlapping tail of memcpy()",
	  .says = "{message}: {n_words} of a line stored twice ({lines_words}): a flush in between makes more TLPs, and "
		  "a device that counts writes sees them twice",
	  .fix = "copy by a loop of your own instead of memcpy(): for (i = 0; i < 8; i++) dst[i] = src[i]; with dst "
		 "volatile uint64_t *",
	  .source = "glibc memmove-vec-unaligned-erms.S (last vector overlaps); Intel SDM vol 3, 11.3.1" },
	{ .id = "stores-rep-bytes",
	  .layer = LAYER_STORES,
	  .sev = SEV_BROKEN,
	  .other = "suspect on write-combining memory",
	  .per_bar = true,
	  .test = rep_bytes,
	  .when = "rep movsb or rep stosb reaches the BAR",
	  .says = "{message}: rep movsb or stosb stores single bytes to {lines_words}: whether the CPU makes wide "
		  "stores of them is its own affair, and an interrupt may come between any two",
	  .fix = "store 16, 32 or 64 bytes at once: _mm256_store_si256((__m256i *)dst, v); in the kernel "
		 "__iowrite64_copy(dst, src, len / 8)",
	  .source = "Intel SDM vol 3, 8.2.4" },
	{ .id = "stores-narrow",
	  .layer = LAYER_STORES,
	  .sev = SEV_SUSPECT,
	  .per_bar = true,
	  .test = narrow,
	  .when = "lines are filled by stores of one or two bytes",
	  .says = "{message}: {lines_words} filled by stores of {size_words}: many chances for an interrupt to split "
		  "one",
	  .fix = "store 16, 32 or 64 bytes at once: _mm256_store_si256((__m256i *)dst, v);",
	  .source = SDM_OPT },
	{ .id = "stores-gap",
	  .layer = LAYER_STORES,
	  .sev = SEV_SUSPECT,
	  .per_bar = true,
	  .test = gap,
	  .when = "64 or more other instructions stand between two stores to one line",
	  .says = "{message}: {n} other instructions between two stores to one line ({lines_words}): in that time an "
		  "interrupt or a cache miss can make it leave",
	  .fix = "load everything first, then store back to back",
	  .source = SDM_OPT },
	{ .id = "stores-first-touch",
	  .layer = LAYER_STORES,
	  .sev = SEV_SUSPECT,
	  .per_bar = true,
	  .test = first_touch,
	  .when = "a page fault comes between two stores to one line",
	  .says = "{message}: a page fault comes between two stores to one line ({lines_words})",
	  .fix = "touch each page once before the first message that counts, or mmap() with MAP_POPULATE",
	  .source = SDM_WC },
	{ .id = "stores-user-differs-from-kernel",
	  .layer = LAYER_STORES,
	  .sev = SEV_BROKEN,
	  .other = "suspect when fewer than 3 runs, or a count against the entries' word, say so",
	  .per_bar = true,
	  .test = stores_sides,
	  .when = "the same pattern ran from the kernel and from user space: the kernel's stores combined, the user's "
		  "did not",
	  .says = "pattern {pattern}: the kernel's stores left as {kernel_tlps_per_line} TLPs a line ({kernel_type}), "
		  "the same from user space as {user_tlps_per_line} ({user_type}), {by}: {look}",
	  .fix = "in the driver's mmap handler: vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot); or map "
		 "resourceN_wc",
	  .source = SDM_WC },
	/* Looks at the findings before it: last. */
	{ .id = "stores-wc-ok",
	  .layer = LAYER_STORES,
	  .sev = SEV_INFO,
	  .per_bar = true,
	  .test = wc_ok,
	  .when = "the stream fills its lines, and nothing in it flushes them",
	  .says = "{message}: {what}: {so}",
	  .source = SDM_WC },
	{ .id = NULL },
};
