/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_model.c - what the model of the buffers costs, in events per second on one core.
 *
 *   bench_model [EVENTS]    for each kind of stream (20 million), best of three
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "probe/model.h"

#define RUNS  3
#define BATCH 4096

static double now(void)
{
	struct timespec t;

	/* The time of this thread alone: others on the machine do not count. */
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One batch of events, fed again and again; each ends as it began as far as lines go, so that batches are alike. */
struct stream {
	const char *name, *profile;
	void (*make)(struct model_event *e);
	bool list; /* with a callback that looks at each TLP */
};

static void eights(struct model_event *e)
{
	for (unsigned int i = 0; i < BATCH; i++)
		e[i] = (struct model_event){ .kind = ME_STORE, .type = MT_WC, .size = 8, .addr = 0xd4000000 + 8 * i };
}

static void whole(struct model_event *e)
{
	for (unsigned int i = 0; i < BATCH; i++)
		e[i] = (struct model_event){ .kind = ME_STORE, .type = MT_WC, .size = 64, .addr = 0xd4000000 + 64 * i };
}

static void fenced(struct model_event *e)
{
	eights(e);
	for (unsigned int i = 1; i < BATCH; i += 2)
		e[i] = (struct model_event){ .kind = ME_SFENCE };
}

/* Eight lines in turn. */
static void interleaved(struct model_event *e)
{
	for (unsigned int i = 0; i < BATCH; i++)
		e[i] = (struct model_event){ .kind = ME_STORE,
					     .type = MT_WC,
					     .size = 8,
					     .addr = 0xd4000000 + 512 * (i / 64) + 64 * (i % 8) + 8 * (i / 8 % 8) };
}

/* Sixteen lines in turn: more than there are buffers. */
static void crowded(struct model_event *e)
{
	for (unsigned int i = 0; i < BATCH; i++)
		e[i] = (struct model_event){ .kind = ME_STORE,
					     .type = MT_WC,
					     .size = 8,
					     .addr = 0xd4000000 + 1024 * (i / 128) + 64 * (i % 16) + 8 * (i / 16 % 8) };
}

static void uncached(struct model_event *e)
{
	eights(e);
	for (unsigned int i = 0; i < BATCH; i++)
		e[i].type = MT_UC;
}

static const struct stream streams[] = {
	{ "8 bytes, lines in order", "reference", eights, false },
	{ "the same, each TLP looked at", "reference", eights, true },
	{ "64 bytes", "reference", whole, false },
	{ "8 bytes, a fence after each", "reference", fenced, false },
	{ "the same, each TLP looked at", "reference", fenced, true },
	{ "8 bytes over 8 lines", "reference", interleaved, false },
	{ "8 bytes over 16 lines (range)", "reference", crowded, false },
	{ "8 bytes over 8 lines (range)", "generic", interleaved, false },
	{ "8 bytes, uncached", "reference", uncached, false },
};

static uint64_t looked;

static void look(const struct model_tlp *t, void *ctx)
{
	(void)ctx;
	looked += t->addr + t->ndw;
}

static double measure(const struct stream *s, unsigned long events, struct model_totals *out)
{
	static struct model_event e[BATCH];
	struct model_params p = { .cpu = cpu_profile_find(s->profile) };
	double best = 0;

	s->make(e);
	for (int run = 0; run < RUNS; run++) {
		struct model *m;
		double t;

		if (model_new(&p, s->list ? look : NULL, NULL, &m))
			exit(1);
		t = now();
		for (unsigned long n = 0; n < events; n += BATCH)
			for (unsigned int i = 0; i < BATCH; i++)
				model_feed(m, &e[i]);
		model_end(m);
		t = (double)model_totals(m)->events / (now() - t);
		best = t > best ? t : best;
		*out = *model_totals(m);
		model_free(m);
	}
	return best;
}

int main(int argc, char **argv)
{
	unsigned long events = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000000;

	if (!events || argc > 2) {
		fputs("usage: bench_model [EVENTS]\n", stderr);
		return 3;
	}
	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		struct model_totals t;
		double rate = measure(&streams[i], events, &t);

		printf("%-32s %6.0f million events/s  %.2f TLPs an event\n", streams[i].name, rate / 1e6,
		       (double)t.tlps / (double)t.events);
	}
	return 0;
}
