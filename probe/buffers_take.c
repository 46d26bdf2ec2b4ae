// SPDX-License-Identifier: GPL-2.0-or-later
/* buffers_take.c - puts the thread onto a CPU, measures there, and puts it back. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/buffers_bench.h"
#include "probe/buffers_take.h"
#include "probe/circumstances.h"
#include "probe/cpu.h"
#include "probe/src.h"

enum { COSTS_MS = 50, HOLD_MS = 25 };

void buffers_context_of(const struct cpu *cpu, const struct hyper *hyper, const struct buffers_record *r,
			struct buffers_context *out)
{
	*out = (struct buffers_context){ .emulated = hyper->kind && hyper->kind->pat == HYPER_PAT_EMULATED,
					 .known = cpu_profile_for(cpu)->buffers,
					 .sibling = r->sibling,
					 .sibling_busy = r->sibling_busy };
	/* What a record says of its siblings is worth nothing if it was a guest's. */
	if (hyper->guest || cpu->hypervisor_bit)
		out->sibling = BUFFERS_HIDDEN;
}

static int pin(unsigned int cpu)
{
	size_t size = CPU_ALLOC_SIZE(cpu + 1);
	cpu_set_t *one = CPU_ALLOC(cpu + 1);
	int err;

	if (!one)
		return -ENOMEM;
	CPU_ZERO_S(size, one);
	CPU_SET_S(cpu, size, one);
	err = sched_setaffinity(0, size, one) ? -errno : 0;
	CPU_FREE(one);
	return err;
}

/* The sibling thread, made to store. */
struct neighbour {
	unsigned int cpu;
	atomic_int stop, err;
	atomic_bool runs;
};

static void *store_away(void *arg)
{
	struct neighbour *o = arg;
	struct buffers_bench *b;
	int err = pin(o->cpu);

	if (!err)
		err = buffers_open(&b);
	if (!err) {
		/* Lines that are never full: they stay in the buffers until something throws them out. */
		const struct buffers_job job = { .to = b->mem, .lines = 4, .groups = 16, .end = 56 };

		atomic_store(&o->runs, true);
		while (!atomic_load(&o->stop))
			buffers_store8(&job);
		buffers_close(b);
	}
	atomic_store(&o->err, err);
	atomic_store(&o->runs, true);
	return NULL;
}

static void measure_beside(struct buffers_bench *b, const struct buffers_place *p, struct buffers_taken *t)
{
	struct neighbour o = { .cpu = (unsigned int)p->beside };
	struct buffers_context x = t->x;
	struct buffers_curve *c = malloc(sizeof(*c));
	pthread_t thread;
	double ms;
	int err;

	if (p->beside < 0) {
		t->beside_skipped = p->sibling == BUFFERS_HIDDEN ? "the hypervisor shows no sibling thread"
								 : "the core has one thread";
	} else if (!c || pthread_create(&thread, NULL, store_away, &o)) {
		t->beside_skipped = "no memory for a thread";
	} else {
		while (!atomic_load(&o.runs))
			sched_yield();
		x.sibling = BUFFERS_HIDDEN; /* what the sibling does is no question now */
		err = buffers_measure(b, &x, BUFFERS_QUIET_MS, c, &t->beside_a, &ms);
		atomic_store(&o.stop, 1);
		pthread_join(thread, NULL);
		t->beside = !err && !atomic_load(&o.err);
		if (!t->beside)
			t->beside_skipped = "the sibling thread could not be used";
	}
	free(c);
}

/* What the sibling did while the curve was measured. */
static double neighbour_busy(struct circumstances_watch *w)
{
	struct circumstances c;

	if (!w)
		return -1;
	circumstances_end(w, &c);
	return c.sibling_fact.state == FACT_KNOWN ? c.sibling_busy : -1;
}

static int measure(const struct src *s, struct buffers_bench *b, const struct buffers_place *p, unsigned int with,
		   struct buffers_taken *t)
{
	struct circumstances_watch *w = NULL;
	int err;

	if (p->sibling == BUFFERS_SIBLING && circumstances_begin(s, p->cpu, NULL, &w))
		w = NULL;
	err = buffers_measure(b, &t->x, BUFFERS_LIMIT_MS, &t->rec.curve, &t->a, &t->ms);
	t->rec.sibling_busy = neighbour_busy(w);
	t->x.sibling_busy = t->rec.sibling_busy;
	if (!err && with & BUFFERS_WITH_COSTS) {
		struct buffers_hold_curve h;

		t->ncost = buffers_measure_costs(b, COSTS_MS, t->cost);
		buffers_measure_hold(b, HOLD_MS, &h);
		buffers_hold_decide(&h, &t->hold);
	}
	t->ticks_ns = buffers_ticks_ns(b);
	if (!err && with & BUFFERS_WITH_SIBLING)
		measure_beside(b, p, t);
	if (err == -ENODATA) {
		t->a = (struct buffers_answer){ .contended = true,
						.why = "too busy: not one round could be had in time" };
		return 0;
	}
	return err ? err : buffers_decide(&t->rec.curve, &t->x, &t->a);
}

int buffers_take(const struct src *s, const struct cpu *cpu, const struct hyper *hyper, const struct buffers_place *p,
		 unsigned int with, struct buffers_taken *out)
{
	struct buffers_bench *b = NULL;
	struct timespec start;
	cpu_set_t before;
	bool pinned;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &start);
	memset(out, 0, sizeof(*out));
	out->rec.cpu = p->cpu;
	out->rec.kind = p->kind;
	out->rec.sibling = p->sibling;
	out->rec.sibling_busy = -1;
	buffers_context_of(cpu, hyper, &out->rec, &out->x);
	if (out->x.emulated)
		return buffers_decide(&out->rec.curve, &out->x, &out->a);
	pinned = !sched_getaffinity(0, sizeof(before), &before);
	err = pin(p->cpu);
	if (err)
		return err;
	if (out->rec.kind == BUFFERS_UNIFORM)
		out->rec.kind = buffers_kind_here();
	err = buffers_open(&b);
	if (!err)
		err = measure(s, b, p, with, out);
	buffers_close(b);
	if (pinned)
		sched_setaffinity(0, sizeof(before), &before);
	out->ms_all = bench_ms(&start);
	return err;
}

int buffers_recorded(const struct src *s, struct buffers_record **out, size_t *n, unsigned int *line, const char **what)
{
	struct blob text;
	int err = src_read(s, BUFFERS_PATH, &text);

	*out = NULL;
	*n = 0;
	*line = 0;
	*what = NULL;
	if (err)
		return err;
	err = buffers_records_parse(text.data, text.len, out, n, line, what);
	blob_free(&text);
	return err;
}

int buffers_profile(const struct cpu_profile *row, const struct buffers_answer *a, struct buffers_profile *out)
{
	if (!a->stable)
		return -ENODATA;
	out->cpu = *row;
	out->cpu.name = "measured";
	out->cpu.buffers = a->confidence > 0.5 ? a->capacity : 0;
	out->cpu.assumed = a->confidence > 0.5 ? 0 : a->capacity;
	out->cpu.buffers_conf = a->confidence > 0.8 ? CONF_HIGH : a->confidence > 0.5 ? CONF_MEDIUM : CONF_LOW;
	snprintf(out->source, sizeof(out->source), "measured: %u%s%s%s", a->capacity,
		 a->contended ? ", while the core was shared" : "", a->confidence > 0.5 ? "" : "; ",
		 a->confidence > 0.5 ? ""
		 : a->why	     ? a->why
				     : "not sure");
	out->cpu.buffers_source = out->source;
	return 0;
}
