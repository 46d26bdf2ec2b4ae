/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of a trace, case by case: events in the text form of wcdiag-events(5), parted by ';', and between them
 * notes:
 * "!unseen", "!gap", "!unsaid", "!lost", "!end" (of the thread). A store's ip is its code. What must come of it is
 * worked out by hand; the reference profile: 10 buffers, a partial line leaves in chunks of 8 bytes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#include "probe/messages.h"
#include "probe/model_text.h"

struct feeder {
	struct messages *m;
	pid_t tid;
	uint8_t place, flags;
	int32_t number;
};

static int feed(const struct model_event *e, void *ctx)
{
	const struct feeder *f = ctx;
	const struct trace_event t = { .e = *e,
				       .pid = 1,
				       .tid = f->tid,
				       .addr = e->addr,
				       .place = f->place,
				       .flags = f->flags,
				       .number = e->kind == ME_SYSCALL ? f->number : -1 };

	return messages_event(f->m, &t);
}

static void note(struct messages *m, pid_t tid, const char *name)
{
	static const struct {
		const char *name;
		enum trace_note_kind kind;
	} notes[] = { { "unseen", TRACE_UNSEEN },     { "gap", TRACE_GAP },	   { "unsaid", TRACE_UNSAID },
		      { "lost", TRACE_LOST },	      { "end", TRACE_THREAD_END }, { "exit", TRACE_EXIT },
		      { "syswrite", TRACE_SYSWRITE }, { "path", TRACE_PATH } };
	struct trace_note n = { .pid = 1, .tid = tid, .value = strcmp(name, "exit") ? 1000 : 0 };

	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (!strcmp(name, notes[i].name)) {
			n.kind = notes[i].kind;
			assert_int_equal(messages_note(m, &n), 0);
			return;
		}
	fail_msg("no such note: %s", name);
}

static void run_as(struct feeder f, const char *text)
{
	char *copy = strdup(text), *save = NULL;

	for (char *p = strtok_r(copy, ";", &save); p; p = strtok_r(NULL, ";", &save)) {
		struct model_event e;
		const char *what;

		p += strspn(p, " ");
		if (*p == '!') {
			note(f.m, f.tid, p + 1);
			continue;
		}
		if (model_text_line(p, strlen(p), MT_WC, &e, &what) != 1)
			fail_msg("%s: %s", p, what);
		assert_int_equal(feed(&e, &f), 0);
	}
	free(copy);
}

static void run(struct messages *m, const char *text)
{
	run_as((struct feeder){ .m = m, .tid = 1 }, text);
}

static struct messages *begin_with(struct messages_params p)
{
	struct messages *m;

	assert_int_equal(messages_new(&p, &m), 0);
	return m;
}

static struct messages *begin(void)
{
	return begin_with((struct messages_params){ 0 });
}

/* Ends it, and there are so many patterns. */
static const struct message_pattern *end(struct messages *m, size_t patterns)
{
	const struct message_pattern *p;
	uint64_t sum = 0;
	size_t n;

	assert_int_equal(messages_end(m), 0);
	p = messages_patterns(m, &n);
	for (size_t i = 0; i < n; i++) {
		sum += p[i].count;
		assert_true(!i || p[i].count <= p[i - 1].count);
		assert_non_null(p[i].story);
	}
	assert_int_equal(sum + messages_totals(m)->other, messages_totals(m)->messages);
	assert_int_equal(n, patterns);
	return p;
}

/* memcpy() of 63 bytes into slots, one beside the other, nothing between: each is a message. */
static void memcpy63(void **state)
{
	struct messages *m = begin();
	const struct message_pattern *p;
	struct message_line l;
	char text[128];

	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		unsigned int at = 0x1000 + 64 * (i % 50);

		snprintf(text, sizeof(text), "s %u 32 ip=0x10; s %u 32 ip=0x14", at, at + 31);
		run(m, text);
	}
	p = end(m, 1);
	assert_int_equal(p->count, 1000);
	assert_int_equal(p->n, 2);
	assert_int_equal(p->lines, 1);
	assert_int_equal(p->line, 0x1000);
	assert_false(p->unsaid);
	assert_int_equal(p->story->seen[STREAM_REPEAT].n, 1);
	assert_int_equal(p->story->seen[STREAM_PARTIAL].lines, 1);
	assert_int_equal(p->ntlps, 8);
	assert_int_equal(p->bytes, 63);
	assert_int_equal(p->fewest, 1);
	message_picture(p, 0x1000, &l);
	assert_int_equal(l.by[0], 0);
	assert_int_equal(l.by[30], 0);
	assert_int_equal(l.by[31], 1);
	assert_int_equal(l.by[62], 1);
	assert_int_equal(l.by[63], -1);
	assert_int_equal(l.departure[0], 0);
	assert_int_equal(l.departure[62], 0);
	assert_int_equal(l.departure[63], -1);
	assert_true(l.again == 1ULL << 31);
	messages_free(m);
}

/* Of three stores: where the room for a burst ends is no end of a message. */
static void no_end(void **state)
{
	struct messages *m = begin();
	const struct message_pattern *p;
	char text[128];

	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		unsigned int at = 0x1000 + 64 * i;

		snprintf(text, sizeof(text), "s %u 16 ip=1; s %u 16 ip=2; s %u 8 ip=3", at, at + 16, at + 32);
		run(m, text);
	}
	p = end(m, 1);
	assert_int_equal(p->count, 1000);
	assert_int_equal(p->n, 3);
	messages_free(m);
}

/* With a fence behind each message, and behind several: it is what flushed each. */
static void fence_behind(void **state)
{
	struct messages *m = begin();
	const struct message_pattern *p;

	(void)state;
	for (unsigned int i = 0; i < 10; i++)
		run(m, "s 0x1000 32 ip=1; s 0x1020 16 ip=2; f sfence ip=3; g 30");
	run(m, "s 0x2000 32 ip=1; s 0x2020 16 ip=2; s 0x2040 32 ip=1; s 0x2060 16 ip=2; g 9; f sfence ip=3; f sfence "
	       "ip=9");
	p = end(m, 1);
	assert_int_equal(p->count, 12);
	assert_int_equal(p->n, 3);
	assert_int_equal(p->e[2].e.kind, ME_SFENCE);
	assert_int_equal(p->tlps[0].reason, MR_SFENCE);
	assert_int_equal(p->tlps[0].by_ip, 3);
	assert_int_equal(p->story->seen[STREAM_FLUSHED].lines, 0);
	messages_free(m);

	/* Of full lines nothing is left to flush. */
	m = begin();
	for (unsigned int i = 0; i < 10; i++)
		run(m, "s 0x1000 32 ip=1; s 0x1020 32 ip=2; f sfence ip=3");
	run(m, "s 0x1000 32 ip=1; s 0x1020 32 ip=2");
	p = end(m, 1);
	assert_int_equal(p->count, 11);
	assert_int_equal(p->n, 2);
	assert_int_equal(messages_totals(m)->model.full, 11);
	messages_free(m);
}

static void fence_inside(void **state)
{
	static const struct {
		const char *text;
		unsigned int count, n, torn, kind, end;
	} rows[] = {
		{ "s 0x1000 32 ip=1; f sfence ip=2; s 0x1020 32 ip=3; f mfence ip=4", 5, 4, 1, ME_SFENCE, ME_MFENCE },
		/* One instruction, in a loop, with a fence in the middle. */
		{ "s 0x1000 16 ip=1; s 0x1010 16 ip=1; l ip=2; s 0x1020 16 ip=1; s 0x1030 16 ip=1; f sfence ip=4", 5, 6,
		  1, ME_LOCKED, ME_SFENCE },
		{ "s 0x1000 32 ip=1; y ip=2; f lfence ip=8; s 0x1020 32 ip=3; l ip=4", 5, 5, 1, ME_SYSCALL, ME_LOCKED },
		{ "s 0x1000 32 ip=1; r 0x1000 4 ip=2; s 0x1020 32 ip=3; f lfence; f sfence ip=4", 5, 4, 1, ME_READ,
		  ME_SFENCE },
		/* All of the line once more, which does not wait; and one whose last bytes came before the fence. */
		{ "s 0x1000 32 ip=1; f sfence ip=2; s 0x1000 64 ip=3; l ip=9", 5, 3, 0, ME_SFENCE, ME_KINDS },
		{ "s 0x1000 32 ip=1; s 0x1050 8 ip=2; f sfence ip=3; s 0x1020 32 ip=4; f mfence ip=5", 5, 5, 1,
		  ME_SFENCE, ME_MFENCE },
		/* Nothing flushes what was stored last, but the next message's fence, and there is none. */
		{ "s 0x1000 32 ip=1; f sfence ip=2; s 0x1020 32 ip=3", 1, 3, 1, ME_SFENCE, ME_KINDS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct messages *m = begin();
		const struct message_pattern *p;

		for (unsigned int k = 0; k < rows[i].count; k++)
			run(m, rows[i].text);
		p = end(m, 1);
		assert_int_equal(p->count, rows[i].count);
		assert_int_equal(p->n, rows[i].n);
		assert_int_equal(p->story->flushed[rows[i].kind].torn, rows[i].torn);
		if (rows[i].end != ME_KINDS)
			assert_int_equal(p->e[p->n - 1].e.kind, rows[i].end);
		else
			assert_int_equal(p->e[p->n - 1].e.kind, ME_STORE);
		messages_free(m);
	}
}

/* Slots that are off their lines: the next message goes on in the line where the last one ended, and is its own. */
static void misaligned(void **state)
{
	char text[400];

	(void)state;
	for (unsigned int stride = 64; stride <= 72; stride += 8) {
		for (unsigned int ips = 0; ips < 2; ips++) {
			struct messages *m = begin();
			const struct message_pattern *p;

			for (unsigned int i = 0; i < 7; i++) {
				size_t n = 0;

				for (unsigned int k = 0; k < stride / 8; k++)
					n += (size_t)snprintf(text + n, sizeof(text) - n, "s %u 8 ip=%u; ",
							      0x1008 + i * stride + 8 * k, 1 + ips * k);
				snprintf(text + n, sizeof(text) - n, "f sfence ip=99");
				run(m, text);
			}
			/* Of 72 bytes each message lies in its lines otherwise. */
			p = end(m, stride == 64 ? 1 : 7);
			assert_int_equal(messages_totals(m)->messages, 7);
			assert_int_equal(p->n, stride / 8 + 1);
			assert_int_equal(p->lines, 2);
			messages_free(m);
		}
	}
}

static void doorbells(void **state)
{
	struct messages *m = begin();
	const struct message_pattern *p;

	(void)state;
	/* The same one again and again; and with a fence, which flushes it. */
	for (unsigned int i = 0; i < 7; i++)
		run(m, "s 0x5000 4 ip=1");
	for (unsigned int i = 0; i < 5; i++)
		run(m, "s 0x5000 4 ip=1; f sfence ip=2");
	/* The first fence flushes what was rung before it, too. */
	p = end(m, 1);
	assert_int_equal(p->count, 12);
	assert_int_equal(p->n, 2);
	assert_int_equal(messages_totals(m)->model.tlps, 5);
	assert_int_equal(p[0].story->seen[STREAM_SMALL].lines, 1);
	assert_int_equal(p[0].ntlps, 1);
	messages_free(m);

	/* A slot that moves, and a doorbell that does not: one pattern. */
	m = begin();
	for (unsigned int i = 0; i < 20; i++) {
		char text[128];

		snprintf(text, sizeof(text), "s %u 64 ip=1; s 0x9000 4 ip=2; f sfence ip=3", 0x1000 + 64 * i);
		run(m, text);
	}
	p = end(m, 1);
	assert_int_equal(p->count, 20);
	assert_int_equal(p->lines, 2);
	messages_free(m);

	/* Flushed by another one at the end: known as the same but for that. */
	m = begin();
	run(m,
	    "s 0x9000 4 ip=4; f sfence ip=3; s 0x9000 4 ip=4; f sfence ip=3; s 0x9000 4 ip=4; l ip=9; s 0x9000 8 ip=4");
	p = end(m, 3);
	assert_int_equal(p[0].same_body, -1);
	assert_int_equal(p[1].same_body, p[0].id);
	assert_int_equal(p[1].e[1].e.kind, ME_LOCKED);
	assert_int_equal(p[2].same_body, -1);
	messages_free(m);

	/* One that follows the fence is none of the next message's. */
	m = begin();
	for (unsigned int i = 0; i < 20; i++) {
		char text[128];

		snprintf(text, sizeof(text), "s %u 32 ip=1; s %u 32 ip=2; f sfence ip=3; s 0x9000 4 ip=4",
			 0x1000 + 64 * i, 0x1020 + 64 * i);
		run(m, text);
	}
	p = end(m, 3);
	assert_int_equal(p[0].count, 20);
	assert_int_equal(p[0].n, 2);
	assert_int_equal(p[1].count, 19);
	assert_int_equal(p[1].n, 2);
	assert_int_equal(p[2].n, 1);
	messages_free(m);
}

/* A register of another mapping, uncached: it flushes what is open, and is a message of its own. */
static void uncached_doorbell(void **state)
{
	struct messages *m = begin();
	struct feeder wc = { .m = m, .tid = 1 }, uc = { .m = m, .tid = 1, .place = 1 };
	const struct message_pattern *p;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		run_as(wc, "s 0x1000 32 ip=1");
		run_as(uc, "s 0x1000000000010 4 type=uc ip=2");
	}
	for (unsigned int i = 0; i < 2; i++) {
		run_as(wc, "s 0x1000 32 ip=1");
		run_as(uc, "s 0x1000000000010 4 type=uc ip=2");
		run_as(wc, "s 0x1020 32 ip=3; f sfence ip=4");
	}
	p = end(m, 3);
	assert_int_equal(p[0].count, 3);
	assert_int_equal(p[0].n, 2);
	assert_int_equal(p[0].e[1].e.kind, ME_UC);
	assert_int_equal(p[0].tlps[0].reason, MR_UC);
	assert_int_equal(p[1].count, 3);
	assert_int_equal(p[1].n, 1);
	assert_int_equal(p[1].tlps[0].reason, MR_UNCACHED);
	assert_int_equal(p[2].count, 2);
	assert_int_equal(p[2].n, 4);
	assert_int_equal(p[2].story->flushed[ME_UC].torn, 1);
	assert_int_equal(p[2].bytes, 68);
	assert_int_equal(p[2].fewest, 2);
	assert_int_equal(messages_totals(m)->stores, 12);
	messages_free(m);

	/* A read takes its line, a fence behind it the other one. */
	m = begin();
	run(m, "s 0x1000 8 ip=1; s 0x2000 8 ip=2; r 0x1000 4 ip=3; f sfence ip=4; f sfence ip=5");
	p = end(m, 1);
	assert_int_equal(p->n, 4);
	assert_int_equal(p->tlps[0].reason, MR_READ);
	assert_int_equal(p->tlps[1].reason, MR_SFENCE);
	messages_free(m);
}

/* A whole line twice, by a copy that overlaps itself: two TLPs where one would do. */
static void whole_twice(void **state)
{
	struct messages *m = begin();
	const struct message_pattern *p;

	(void)state;
	run(m, "s 0x1000 64 ip=1; s 0x1000 64 ip=2; s 0x2000 16 ip=3; s 0x2030 16 ip=4; s 0x3000 8 direct ip=5");
	p = end(m, 1);
	assert_int_equal(p->lines, 3);
	assert_int_equal(p->bytes, 64 + 32 + 8);
	assert_int_equal(p->fewest, 1 + 2 + 1);
	assert_int_equal(p->story->totals.full, 2);
	messages_free(m);

	/* A masked store that reaches over a line, and writes nothing there. */
	m = begin();
	run(m, "s 0x1020 64 mask=0xffff00 ip=1; s 0x2020 64 mask=0xffff00000000 ip=2");
	p = end(m, 1);
	assert_int_equal(p->lines, 2);
	assert_int_equal(p->bytes, 32);
	assert_int_equal(p->line, 0x1000);
	messages_free(m);
}

/* More lines by turns than there are buffers: one message, though one instruction stores it all. */
static void capacity(void **state)
{
	struct messages *m = begin();
	const struct message_pattern *p;
	char text[64];

	(void)state;
	for (unsigned int again = 0; again < 4; again++)
		for (unsigned int part = 0; part < 4; part++)
			for (unsigned int line = 0; line < 16; line++) {
				snprintf(text, sizeof(text), "s %u 16 ip=7", 0x4000 + 64 * line + 16 * part);
				run(m, text);
			}
	p = end(m, 1);
	assert_int_equal(p->count, 4);
	assert_int_equal(p->lines, 16);
	assert_int_equal(p->n, 64);
	assert_true(p->story->seen[STREAM_CAPACITY].torn > 0);
	messages_free(m);
}

/* Each thread has its own; a number that comes again is another thread. */
static void threads(void **state)
{
	struct messages *m = begin();
	const struct message_pattern *p;
	const struct message_thread *t;
	size_t n;

	(void)state;
	for (unsigned int round = 0; round < 10; round++)
		for (unsigned int half = 0; half < 2; half++)
			for (pid_t tid = 1; tid <= 300; tid++) {
				char text[64];

				snprintf(text, sizeof(text), "s %u 32 ip=%u", 0x1000 + 32 * half, 1 + half);
				run_as((struct feeder){ .m = m, .tid = tid }, text);
			}
	run(m, "!end; s 0x1000 32 ip=1");
	p = end(m, 2);
	assert_int_equal(p[0].count, 3000);
	assert_int_equal(p[0].tid, 1);
	assert_int_equal(p[1].count, 1);
	assert_int_equal(messages_totals(m)->model.full, 3000);
	assert_int_equal(messages_totals(m)->model.lines, 3001);
	assert_int_equal(messages_totals(m)->threads, 301);
	t = messages_threads(m, &n);
	assert_int_equal(n, MESSAGES_THREADS);
	assert_int_equal(t[0].tid, 1);
	assert_int_equal(t[0].messages, 10);
	assert_int_equal(t[0].stores, 20);
	assert_non_null(t[0].story);
	assert_int_equal(t[MESSAGES_STREAMS].totals.full, 10);
	assert_null(t[MESSAGES_STREAMS].story);
	assert_int_equal(messages_totals(m)->storyless, 301 - MESSAGES_STREAMS);
	messages_free(m);
}

/* One after the other, there is room for the story of each. */
static void thread_by_thread(void **state)
{
	struct messages *m = begin();

	(void)state;
	for (pid_t tid = 1; tid <= 2 * MESSAGES_STREAMS; tid++)
		run_as((struct feeder){ .m = m, .tid = tid },
		       tid % 2 ? "s 0x1000 32 ip=1; !end" : "s 0x1000 32 ip=1; !exit");
	assert_int_equal(end(m, 1)->count, 2 * MESSAGES_STREAMS);
	assert_int_equal(messages_totals(m)->storyless, 0);
	messages_free(m);
}

/* What was not seen inside a message is another pattern, and is told; so is the range of the run. */
static void unseen(void **state)
{
	struct messages *m = begin();
	const struct message_pattern *p;

	(void)state;
	run(m, "s 0x1000 32 ip=1; !unseen; s 0x1020 32 ip=2");
	for (unsigned int i = 0; i < 3; i++)
		run(m, "s 0x1000 32 ip=1; s 0x1020 32 ip=2; !unseen");
	p = end(m, 2);
	assert_int_equal(p[0].count, 3);
	assert_false(p[0].unsaid);
	assert_int_equal(p[1].count, 1);
	assert_true(p[1].unsaid);
	assert_int_equal(p[1].unsaid_at, 1);
	assert_int_equal(p[1].same_stores, p[0].id);
	assert_int_equal(messages_totals(m)->model.full, 4);
	assert_int_equal(messages_totals(m)->full_sure, 3);
	assert_int_equal(messages_totals(m)->model.worst, 4);
	assert_int_equal(messages_totals(m)->worst, 3 + 8);
	assert_int_equal(messages_totals(m)->unseen, 4);
	messages_free(m);

	/* What may be missing may be of the message before it, and of the one behind it. */
	m = begin();
	run(m, "!lost; s 0x1000 32 ip=1; s 0x1020 32 ip=2; f sfence; s 0x2000 16 ip=3; f sfence; !unsaid; "
	       "s 0x3000 8 ip=4; f sfence; s 0x4000 4 ip=5");
	p = end(m, 4);
	assert_true(p[0].unsaid);
	assert_true(p[1].unsaid);
	assert_true(p[2].unsaid);
	assert_false(p[3].unsaid);
	messages_free(m);

	/* A line that was open when nobody looked: what flushed it is not known. */
	m = begin();
	run(m,
	    "s 0x1000 32 ip=1; !gap; s 0x1000 32 ip=1; !unseen; f sfence; s 0x1000 16 ip=2; f sfence; s 0x1000 8 ip=3");
	p = end(m, 3);
	/* Of the second, too: it may have been gone before the fence. */
	assert_true(p[0].end_unseen);
	assert_int_equal(p[0].count, 2);
	assert_int_equal(p[0].n, 1);
	assert_false(p[1].end_unseen);
	assert_int_equal(p[1].n, 2);
	assert_false(p[2].end_unseen);
	assert_int_equal(messages_totals(m)->gaps, 1);
	messages_free(m);
	m = begin();
	run(m, "s 0x1000 32 ip=1; !unseen; s 0x1000 32 ip=1; s 0x1000 32 ip=2");
	p = end(m, 2);
	assert_int_equal(p[0].count, 1);
	assert_true(p[0].end_unseen);
	assert_false(p[0].unsaid);
	messages_free(m);
}

/* A long way that was not seen to its end parts messages, and the careful count does not join the halves. */
static void gap_between(void **state)
{
	struct messages *m = begin();

	(void)state;
	run(m, "s 0x1000 32 ip=1; !gap; s 0x1020 32 ip=2");
	end(m, 2);
	assert_int_equal(messages_totals(m)->model.full, 1);
	assert_int_equal(messages_totals(m)->full_sure, 0);
	assert_int_equal(messages_totals(m)->worst, 8);
	messages_free(m);
}

/* A way that was found otherwise once: what was assumed on it may have been wrong. */
static void other_ways(void **state)
{
	const struct trace_note n = { .kind = TRACE_PATH, .pid = 1, .tid = 1, .ip = 1, .addr = 2 };
	struct messages *m = begin();
	const struct message_pattern *p;

	(void)state;
	run(m, "s 0x1000 32 ip=1; s 0x1020 32 ip=2; s 0x1000 32 ip=1; s 0x1020 32 ip=2; f sfence; s 0x2000 32 ip=2; s "
	       "0x2020 32 ip=1");
	assert_int_equal(messages_note(m, &n), 0);
	p = end(m, 2);
	assert_true(p[0].doubtful);
	assert_false(p[1].doubtful);
	assert_int_equal(messages_totals(m)->paths, 1);
	messages_free(m);

	/* Stepped each time, or not. */
	for (unsigned int i = 0; i < 2; i++) {
		m = begin();
		run(m, "s 0x1000 32 ip=1; g 1; s 0x1020 32 ip=2");
		run_as((struct feeder){ .m = m, .tid = 1, .flags = i ? TRACE_ASSUMED : 0 },
		       "s 0x1000 32 ip=1; g 1; s 0x1020 32 ip=2");
		assert_int_equal(messages_note(m, &n), 0);
		p = end(m, 1);
		assert_int_equal(p->count, 2);
		assert_int_equal(p->assumed, i);
		assert_int_equal(p->doubtful, i);
		/* Of two lines that are full as far as was seen one is so for sure; the other may be two halves. */
		assert_int_equal(messages_totals(m)->model.full, 2);
		assert_int_equal(messages_totals(m)->full_sure, 2 - i);
		assert_int_equal(messages_totals(m)->doubtful, i);
		if (i)
			assert_true(messages_totals(m)->worst >= messages_totals(m)->model.best + 1);
		else
			assert_int_equal(messages_totals(m)->worst, messages_totals(m)->model.worst);
		messages_free(m);
	}
}

/* The tracing began in a message, or ended in one: that is no fault of the program's. */
static void cut_off(void **state)
{
	const struct trace_note found = { .kind = TRACE_THREAD, .pid = 1, .tid = 1, .why = "found at attaching" };
	const struct trace_note begins = { .kind = TRACE_THREAD, .pid = 1, .tid = 1 };
	const struct trace_note leaves = { .kind = TRACE_DETACHED, .pid = 1, .tid = 1 };
	const struct trace_note killed = { .kind = TRACE_EXIT, .pid = 1, .tid = 1, .value = 9 };
	const struct trace_note exits = { .kind = TRACE_EXIT, .pid = 1, .tid = 1, .value = 9 << 8 };
	const struct {
		const struct trace_note *first, *last;
		const char *text;
		bool cut[2];
		size_t at;
	} rows[] = {
		{ &found, NULL, "s 0x1000 32 ip=2; f sfence; s 0x2000 64 ip=3", { true, false }, 0 },
		{ &begins, NULL, "s 0x1000 32 ip=2; f sfence; s 0x2000 64 ip=3", { false, false }, 0 },
		{ &found, NULL, "s 0x1000 64 ip=2; f sfence; s 0x2000 32 ip=3", { false, false }, 0 },
		{ &begins, &leaves, "s 0x1000 64 ip=2; f sfence; s 0x2000 32 ip=3", { false, true }, 1 },
		{ &begins, &killed, "s 0x1000 64 ip=2; f sfence; s 0x2000 32 ip=3", { false, true }, 1 },
		{ &begins, &exits, "s 0x1000 64 ip=2; f sfence; s 0x2000 32 ip=3", { false, false }, 0 },
		{ &begins, &leaves, "s 0x1000 64 ip=2; f sfence; s 0x2000 32 ip=3; f sfence", { false, false }, 0 },
		{ &begins, &leaves, "s 0x1000 32 ip=2; f sfence; s 0x2000 64 ip=3", { false, false }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct messages *m = begin();
		const struct message_pattern *p;

		assert_int_equal(messages_note(m, rows[i].first), 0);
		run(m, rows[i].text);
		if (rows[i].last)
			assert_int_equal(messages_note(m, rows[i].last), 0);
		p = end(m, 2);
		for (unsigned int k = 0; k < 2; k++) {
			assert_int_equal(p[k].cut, rows[i].cut[k]);
			assert_int_equal(p[k].unsaid, rows[i].cut[k]);
			if (p[k].cut)
				assert_int_equal(p[k].unsaid_at, rows[i].at);
		}
		messages_free(m);
	}
}

/* How many other instructions lie between matters only where a rule speaks of it. */
static void other_instructions(void **state)
{
	struct messages *m = begin();
	const struct message_pattern *p;

	(void)state;
	run(m, "s 0x1000 32 ip=1; g 5; s 0x1020 32 ip=2; s 0x1000 32 ip=1; s 0x1020 32 ip=2; s 0x1000 32 ip=1; s "
	       "0x1020 32 ip=2");
	run(m, "s 0x1000 32 ip=1; g 100; s 0x1020 32 ip=2; s 0x1000 32 ip=1; g 200; s 0x1020 32 ip=2");
	/* Between lines that are done it parts messages, whatever the instruction. */
	run(m, "f sfence; s 0x5000 4 ip=8; g 64; s 0x6000 4 ip=9; g 63; s 0x7000 4 ip=10");
	p = end(m, 4);
	assert_int_equal(p[2].n + p[3].n, 1 + 3);
	assert_int_equal(p[0].count, 3);
	assert_int_equal(p[0].story->seen[STREAM_GAP].lines, 0);
	assert_int_equal(p[1].story->seen[STREAM_GAP].lines, 1);
	messages_free(m);
}

/* Messages differ by instruction, size, mask, bytes, neighbours, and by nothing else. */
static void distinct(void **state)
{
	static const char *const same[] = { "s 0x1000 16 ip=1; s 0x1040 16 ip=2; f sfence ip=9",
					    "s 0x7000 16 ip=1; s 0x7040 16 ip=2; f sfence ip=9" };
	static const char *const other[] = { "s 0x1000 16 ip=1; s 0x1080 16 ip=2; f sfence ip=9",
					     "s 0x1000 16 ip=1; s 0x1050 16 ip=2; f sfence ip=9",
					     "s 0x1000 16 ip=1; s 0x1040 8 ip=2; f sfence ip=9",
					     "s 0x1000 16 ip=1; s 0x1040 16 ip=3; f sfence ip=9",
					     "s 0x1000 16 ip=1; s 0x1040 16 mask=0xff ip=2; f sfence ip=9",
					     "s 0x1000 16 ip=1; s 0x1040 16 mask=0xf0f ip=2; f sfence ip=9",
					     "s 0x1000 16 ip=1; s 0x1040 16 ip=2; f mfence ip=9",
					     "s 0x1000 16 ip=1; s 0xfc0 16 ip=2; f sfence ip=9" };
	struct messages *m = begin();
	const struct message_pattern *p;

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		run(m, same[i]);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		run(m, other[i]);
	p = end(m, 1 + sizeof(other) / sizeof(other[0]));
	assert_int_equal(p[0].count, 2);
	messages_free(m);
}

static int count_each(const struct message *one, void *ctx)
{
	uint64_t *sum = ctx;

	assert_int_equal(one->number, sum[0]);
	sum[0]++;
	sum[1] += one->pattern < 0;
	for (size_t i = 0; i < one->n; i++)
		sum[2] += one->e[i].e.kind == ME_STORE;
	return 0;
}

/* What there is no room for is counted, and every message is told, each store in one of them. */
static void beyond(void **state)
{
	uint64_t sum[3] = { 0 };
	struct messages *m = begin_with((struct messages_params){ .patterns = 10, .each = count_each, .ctx = sum });

	(void)state;
	for (unsigned int i = 1; i <= 100; i++) {
		char text[64];

		snprintf(text, sizeof(text), "s 0x1000 32 ip=%u; f sfence", i);
		run(m, text);
	}
	end(m, 10);
	assert_int_equal(messages_totals(m)->other, 90);
	assert_int_equal(sum[0], 100);
	assert_int_equal(sum[1], 90);
	assert_int_equal(sum[2], 100);
	messages_free(m);
}

static int stop_at(const struct message *one, void *ctx)
{
	(void)ctx;
	return one->number == 3 ? 77 : 0;
}

static void each_ends(void **state)
{
	struct messages *m = begin_with((struct messages_params){ .each = stop_at });
	struct trace_event e = { .e = { .addr = 0x1000, .size = 64, .type = MT_WC, .ip = 1 }, .pid = 1, .tid = 1 };
	int rc = 0;

	(void)state;
	for (unsigned int i = 0; i < 1000 && !rc; i++) {
		e.e.addr += 64;
		rc = messages_event(m, &e);
	}
	assert_int_equal(rc, 77);
	messages_free(m);
}

/* Streams that never end a message, and none that fits a buffer: every store is in one message, whatever comes. */
static void random_streams(void **state)
{
	(void)state;
	srand(6);
	for (unsigned int round = 0; round < 40; round++) {
		uint64_t sum[3] = { 0 }, stores = 0;
		struct messages *m =
			begin_with((struct messages_params){ .each = count_each, .ctx = sum, .patterns = 50 });
		unsigned int lines = 1u << (rand() % 12), ips = 1 + (unsigned int)rand() % 6,
			     calm = (unsigned int)rand() % 100;

		for (unsigned int i = 0; i < 5000; i++) {
			unsigned int size = 1u << (rand() % 7), k = (unsigned int)rand() % 100;
			struct trace_event e = { .pid = 1, .tid = 1 + rand() % 3, .number = -1 };
			struct trace_note n = { .kind = (enum trace_note_kind)(rand() % TRACE_NOTES),
						.pid = 1,
						.tid = e.tid };

			e.e.ip = (uint64_t)(1 + rand() % (int)ips);
			e.e.addr = 0x10000 + 64 * ((unsigned int)rand() % lines) + (unsigned int)rand() % 64;
			e.e.size = (uint8_t)size;
			e.e.type = rand() % 20 ? MT_WC : MT_UC;
			e.place = e.e.type == MT_UC;
			if (k >= calm)
				e.e.kind = k % 5 ? ME_READ : ME_SFENCE;
			if (e.e.kind == ME_SFENCE)
				e.e = (struct model_event){ .kind = ME_SFENCE };
			stores += e.e.kind == ME_STORE;
			assert_int_equal(messages_event(m, &e), 0);
			if (rand() % 200 == 0)
				assert_int_equal(messages_note(m, &n), 0);
		}
		assert_int_equal(messages_end(m), 0);
		assert_int_equal(sum[2], stores);
		assert_int_equal(messages_totals(m)->stores, stores);
		assert_int_equal(messages_totals(m)->model.stores, stores);
		assert_int_equal(messages_totals(m)->refused, 0);
		assert_true(messages_totals(m)->full_sure <= messages_totals(m)->model.full);
		messages_free(m);
	}
}

/* What the model cannot take is counted, and marks the message. */
static void refused(void **state)
{
	struct messages *m = begin();
	struct trace_event e = { .e = { .addr = 0x1000, .size = 65, .type = MT_WC, .ip = 1 }, .pid = 1, .tid = 1 };
	const struct message_pattern *p;

	(void)state;
	assert_int_equal(messages_event(m, &e), 0);
	run(m, "s 0x1000 64 ip=1");
	p = end(m, 1);
	assert_int_equal(messages_totals(m)->refused, 1);
	assert_true(p->unsaid);
	assert_int_equal(messages_event(m, &e), -EINVAL);
	messages_free(m);
}

static uint64_t by_program(pid_t pid, uint64_t ip, void *ctx)
{
	(void)ctx;
	return ip - (uint64_t)pid * 0x100000;
}

/* The same copy routine, called from two places: two patterns. */
static void call_sites(void **state)
{
	struct messages *m = begin();

	(void)state;
	for (unsigned int i = 0; i < 6; i++) {
		struct trace_event e = { .e = { .addr = 0x1000, .size = 8, .type = MT_WC, .ip = 5 },
					 .pid = 1,
					 .tid = 1 };

		e.call = 100 + i % 3 / 2;
		assert_int_equal(messages_event(m, &e), 0);
	}
	assert_int_equal(end(m, 2)->count, 4);
	messages_free(m);
}

/* A program that runs again lies elsewhere; its instructions are the same. */
static void places(void **state)
{
	struct messages *m = begin_with((struct messages_params){ .place = by_program });

	(void)state;
	for (pid_t pid = 1; pid <= 5; pid++) {
		struct trace_event e = { .e = { .addr = 0x1000, .size = 8, .type = MT_WC }, .pid = pid, .tid = pid };

		e.e.ip = (uint64_t)pid * 0x100000 + 0x10;
		assert_int_equal(messages_event(m, &e), 0);
	}
	assert_int_equal(end(m, 1)->count, 5);
	messages_free(m);
}

static double seconds(clockid_t c)
{
	struct timespec t;

	clock_gettime(c, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

/* A million messages alike take no more room than a thousand, and each well under 50 us with the sanitizers. */
static void million(void **state)
{
	struct messages *m = begin();
	struct trace_event e = { .e = { .type = MT_WC }, .pid = 1, .tid = 1, .number = -1 };
	double from = seconds(CLOCK_PROCESS_CPUTIME_ID);
	long before = 0;

	(void)state;
	for (unsigned int i = 0; i < 1000000; i++) {
		if (i == 1000)
			before = kib();
		for (unsigned int k = 0; k < 2; k++) {
			e.e.kind = ME_STORE;
			e.e.size = 32;
			e.e.addr = 64 * (i % 1000) + 31 * k;
			e.e.ip = 1 + k;
			assert_int_equal(messages_event(m, &e), 0);
		}
		e.e = (struct model_event){ .kind = ME_SFENCE, .type = MT_WC, .ip = 3 };
		if (i % 8 == 7)
			assert_int_equal(messages_event(m, &e), 0);
	}
	assert_int_equal(end(m, 1)->count, 1000000);
	print_message("# a million messages: %.2f s, %ld KiB more than a thousand\n",
		      seconds(CLOCK_PROCESS_CPUTIME_ID) - from, kib() - before);
	assert_true(seconds(CLOCK_PROCESS_CPUTIME_ID) - from < 50);
	assert_true(kib() - before < 16 * 1024);
	messages_free(m);
}

static void params(void **state)
{
	struct messages_params p = { .model = { .buffers = 99 } };
	struct messages *m;
	size_t n;

	(void)state;
	assert_int_equal(messages_new(&p, &m), -EINVAL);
	assert_null(m);
	m = begin();
	end(m, 0);
	messages_threads(m, &n);
	assert_int_equal(n, 0);
	messages_free(m);
	messages_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memcpy63),
		cmocka_unit_test(no_end),
		cmocka_unit_test(fence_behind),
		cmocka_unit_test(fence_inside),
		cmocka_unit_test(misaligned),
		cmocka_unit_test(doorbells),
		cmocka_unit_test(uncached_doorbell),
		cmocka_unit_test(whole_twice),
		cmocka_unit_test(capacity),
		cmocka_unit_test(threads),
		cmocka_unit_test(thread_by_thread),
		cmocka_unit_test(unseen),
		cmocka_unit_test(gap_between),
		cmocka_unit_test(other_ways),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(other_instructions),
		cmocka_unit_test(distinct),
		cmocka_unit_test(beyond),
		cmocka_unit_test(each_ends),
		cmocka_unit_test(random_streams),
		cmocka_unit_test(refused),
		cmocka_unit_test(call_sites),
		cmocka_unit_test(places),
		cmocka_unit_test(million),
		cmocka_unit_test(params),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
