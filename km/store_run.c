// SPDX-License-Identifier: GPL-2.0-only
/*
 * store_run.c - run a pattern batch by batch.
 *
 * A batch is 64 lines at most: some microseconds, a fraction of a millisecond where every store goes out by itself.
 * Only so long are interrupts or preemption off; between batches whoever wants the CPU gets it.
 */
#include <linux/irqflags.h>
#include <linux/math64.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>

#include <asm/fpu/api.h>

#include "store.h"

/* The registers that the caller's program has in the vector unit are saved before the clock is read. */
static u64 batch(const struct wcdiag_store *s, wcdiag_store_fn fn, const struct wcdiag_store_args *args)
{
	bool vector = wcdiag_store_patterns[s->req.pattern].flags & WCDIAG_STORE_VECTOR;
	bool irqs_off = s->req.flags & WCDIAG_KM_IRQS_OFF;
	unsigned long flags;
	u64 start, cycles;

	if (vector)
		kernel_fpu_begin();
	if (irqs_off)
		local_irq_save(flags);
	start = wcdiag_store_clock();
	fn(args);
	cycles = wcdiag_store_clock() - start;
	if (irqs_off)
		local_irq_restore(flags);
	if (vector)
		kernel_fpu_end();
	return cycles;
}

static void note_cpu(struct wcdiag_store *s, u32 *last)
{
	u32 cpu = raw_smp_processor_id();

	if (!s->walk.done)
		s->req.cpu = cpu;
	else if (cpu != *last)
		s->req.moved++;
	*last = cpu;
}

void wcdiag_store_run(struct wcdiag_store *s)
{
	struct wcdiag_km_store *r = &s->req;
	wcdiag_store_fn fn = wcdiag_store_function(r->pattern);
	struct wcdiag_store_args args = { .from = s->from, .lines = s->lines, .gap = s->gap };
	u32 last = 0, whole = 0;
	u64 n;

	r->every = r->max_samples ? div64_u64(s->walk.messages, s->walk.batch) / r->max_samples + 1 : 1;
	for (n = wcdiag_store_next(&s->walk); n; n = wcdiag_store_next(&s->walk)) {
		u64 cycles;

		if (signal_pending(current) || READ_ONCE(s->stop))
			break;
		args.to = (void __force *)s->mapping + s->inside + s->walk.at;
		args.messages = n;
		cycles = batch(s, fn, &args);
		note_cpu(s, &last);
		r->cycles += cycles;
		if (n == s->walk.batch && whole++ % r->every == 0 && r->nsamples < r->max_samples)
			s->samples[r->nsamples++] = min_t(u64, cycles, U32_MAX);
		s->walk.done += n;
		cond_resched();
	}
	r->done = s->walk.done;
}
