// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drive_phase.c - one phase: who holds the range, the mapping, its entries, each pattern's runs, the mapping gone, the
 * list again. In this order, and whatever happens the last two.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drive_int.h"
#include "machine.h"

const char *drive_side_name(enum drive_side side)
{
	return side == DRIVE_KERNEL ? "kernel" : "user";
}

const char *drive_state_name(enum drive_state state)
{
	static const char *const names[] = { "done", "skipped", "stopped", "lost" };

	return names[state];
}

static void skip(struct drive_phase *ph, const char *why, const char *remedy)
{
	ph->state = DRIVE_SKIPPED;
	if (why)
		snprintf(ph->why, sizeof(ph->why), "%s", why);
	if (remedy)
		ph->remedy = remedy;
}

static const char *run_why(int err)
{
	switch (err) {
	case EBUSY:
		return "the module refuses: the device has a driver, its BAR is claimed, or the kernel gives no "
		       "mapping "
		       "(its log says why)";
	case EPERM:
		return "the module refuses: not loaded with stores=1, or lockdown";
	case EOPNOTSUPP:
		return "the CPU does not have the instruction, or this kernel does not use it";
	case EHOSTDOWN:
		return "the device is not in D0";
	case EIO:
		return "the kernel's mapping is not of these pages: nothing was stored";
	case EPROTO:
		return "the module gave an impossible answer";
	default:
		return strerrordesc_np(err) ? strerrordesc_np(err) : "unknown error";
	}
}

static void begin(struct drive_now *n, size_t row, unsigned int run)
{
	if (n->watch && n->watch->begin)
		n->watch->begin(n->watch->ctx, n->ph, row, run);
}

static void end(struct drive_now *n, size_t row, unsigned int run, bool complete)
{
	if (n->watch && n->watch->end)
		n->watch->end(n->watch->ctx, n->ph, row, run, complete);
}

static int once(struct drive_now *n, const struct stores_run *run, uint64_t *done)
{
	return n->ph->side == DRIVE_USER ? drive_user_run(n, run, done) : drive_kernel_run(n, run, done);
}

static bool halted(const struct drive_now *n)
{
	return n->ph->side == DRIVE_USER ? *drive_halt() : drive_stopped();
}

static void row_failed(struct drive_row *row, const struct drive_now *n, int err)
{
	row->state = DRIVE_STOPPED;
	if (drive_stopped()) {
		snprintf(row->why, sizeof(row->why), "interrupted");
	} else if (err) {
		/* A kernel that does not use what the CPU has: like a CPU that does not have it. */
		if (err == -EOPNOTSUPP && !row->warmed && !row->runs)
			row->state = DRIVE_SKIPPED;
		snprintf(row->why, sizeof(row->why), "%s", run_why(-err));
	} else if (n->ph->side == DRIVE_USER && drive_bus_lost()) {
		row->state = DRIVE_LOST;
		snprintf(row->why, sizeof(row->why), "the mapping was taken away (SIGBUS)");
	} else {
		snprintf(row->why, sizeof(row->why), "the kernel ended it early: a signal, or a driver that came");
	}
}

static int warm_up(struct drive_now *n, const struct stores_run *run, uint64_t *done)
{
	struct stores_run warm = *run;
	int err;

	*done = 0;
	if (!n->p->warm_up)
		return 0;
	warm.messages = n->p->warm_up;
	err = once(n, &warm, done);
	n->nsamples = 0;
	return err;
}

static void measure(struct drive_now *n, size_t at, const struct stores_run *run)
{
	struct drive_row *row = &n->ph->row[at];
	uint64_t done = 0;
	int err;

	n->nsamples = 0;
	err = warm_up(n, run, &row->warmed);
	for (unsigned int i = 0; i < n->p->repeat && !err && !halted(n); i++) {
		bool complete;

		begin(n, at, i);
		err = once(n, run, &done);
		complete = !err && !halted(n) && done == run->messages;
		/* What was stored before the halt is complete when the last batch was. */
		end(n, at, i, complete);
		row->runs += complete;
		if (!complete) {
			row->part = done;
			break;
		}
	}
	if (err || row->runs < n->p->repeat)
		row_failed(row, n, err);
	/* Before they are sorted. */
	if (n->nsamples && n->watch && n->watch->timed)
		n->watch->timed(n->watch->ctx, n->ph, at, n->samples, n->nsamples);
	row->timed = n->nsamples && !stores_stats(run, n->p->length, n->samples, n->nsamples, &row->time);
}

static int one_row(struct drive_now *n, size_t at)
{
	struct drive_row *row = &n->ph->row[at];
	struct stores_run run;

	drive_run_of(n->p, row->pattern, &run);
	row->state = DRIVE_DONE;
	if (!drive_on_side(row->pattern, n->ph->side)) {
		row->state = DRIVE_SKIPPED;
		snprintf(row->why, sizeof(row->why), "only %s has it",
			 n->ph->side == DRIVE_USER ? "the kernel" : "user space");
		return 0;
	}
	if (!stores_cpu_has(row->pattern)) {
		row->state = DRIVE_SKIPPED;
		snprintf(row->why, sizeof(row->why), "this CPU does not have it");
		return 0;
	}
	if (halted(n)) {
		row->state = DRIVE_SKIPPED;
		snprintf(row->why, sizeof(row->why), "not begun");
		return 0;
	}
	measure(n, at, &run);
	return drive_predict(n->p, &run, drive_phys(n->p) + (n->p->offset - drive_first_page(n->p)), n->ph->effective,
			     drive_shape(n->ph, row->pattern), NULL, NULL, &row->each);
}

static int all_rows(struct drive_now *n)
{
	struct drive_phase *ph = n->ph;
	int err = 0;

	for (size_t i = 0; i < ph->nrow && !err; i++)
		err = one_row(n, i);
	for (size_t i = 0; i < ph->nrow; i++)
		if (ph->row[i].state == DRIVE_LOST || (ph->row[i].state == DRIVE_STOPPED && ph->state == DRIVE_DONE)) {
			ph->state = ph->row[i].state;
			snprintf(ph->why, sizeof(ph->why), "%s", ph->row[i].why);
		}
	return err;
}

/* The mapping is there. Its entries are looked at before anything is stored. */
static bool entries_allow(struct drive_now *n)
{
	uint64_t at = (uintptr_t)n->at;
	struct drive_phase *ph = n->ph;
	struct runs l = { 0 };
	int err = n->ops->walk(n->ctx, at, at + drive_pages_size(n->p), &l);
	bool fit = true;

	if (!err)
		fit = drive_entries_fit(n->p, &l, at, ph);
	else
		snprintf(ph->entry_why, sizeof(ph->entry_why), "%s",
			 err == -ENODEV ? "neither the helper module nor /proc/kcore is there to read"
					: (strerrordesc_np(-err) ? strerrordesc_np(-err) : "unknown error"));
	/* resourceN is the kernel's own file of this BAR; where another file leads only the entries tell. */
	if (err && ph->by == DRIVE_BY_FILE) {
		fit = false;
		skip(ph, "the entries could not be read: nobody can tell where the bytes would go",
		     "run as root; or: make install-km, then modprobe wcdiag_km");
	}
	runs_free(&l);
	return fit;
}

static const char *map_remedy(int err)
{
	switch (err) {
	case EACCES:
		return "run as root";
	case EINVAL:
	case EBUSY:
	case EPERM:
		return "a driver holds the region, another type is reserved there, or lockdown: see wcdiag check";
	default:
		return NULL;
	}
}

static int user_phase(struct drive_now *n)
{
	const struct drive_plan *p = n->p;
	struct drive_phase *ph = n->ph;
	uint64_t size = drive_pages_size(p);
	int err = n->ops->map(n->ctx, p, size, &n->at);

	if (err) {
		skip(ph, NULL, map_remedy(-err));
		snprintf(ph->why, sizeof(ph->why), "it cannot be mapped: %s",
			 strerrordesc_np(-err) ? strerrordesc_np(-err) : "unknown error");
		return 0;
	}
	if (n->watch && n->watch->mapped)
		n->watch->mapped(n->watch->ctx, drive_first_page(p), drive_first_page(p) + size);
	drive_list_during(n);
	if (entries_allow(n)) {
		drive_types(p, ph);
		err = drive_bus_take(n->at, size);
		if (!err) {
			err = all_rows(n);
			drive_bus_give_back();
		}
	} else {
		skip(ph, NULL, NULL);
	}
	n->ops->unmap(n->ctx, n->at, size);
	if (n->watch && n->watch->mapped)
		n->watch->mapped(n->watch->ctx, 0, 0);
	return err;
}

/* A child over ordinary memory: before anything is mapped, for it would inherit that. */
static void record_library(struct drive_now *n)
{
	struct stores_run run;

	for (size_t i = 0; i < n->p->npattern && n->ph->side == DRIVE_USER; i++)
		if (wcdiag_store_patterns[n->p->pattern[i]].flags & WCDIAG_STORE_LIBRARY && !n->ph->shape.events) {
			drive_run_of(n->p, n->p->pattern[i], &run);
			if (stores_record(&run, &n->ph->shape))
				n->ph->shape = (struct stores_shape){ 0 };
		}
}

unsigned int drive_pin(const struct drive_plan *p, cpu_set_t *before, bool *pinned)
{
	int cpu = p->cpu >= 0 ? p->cpu : sched_getcpu();
	cpu_set_t one;

	*pinned = false;
	if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof(*before), before))
		return cpu < 0 ? 0 : (unsigned int)cpu;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	*pinned = !sched_setaffinity(0, sizeof(one), &one);
	return (unsigned int)cpu;
}

static int go(struct drive_now *n)
{
	struct drive_phase *ph = n->ph;
	const char *remedy = NULL, *why = n->ops->cannot(n->ctx, n->p, ph->side, &remedy);
	int err = 0;

	if (why) {
		skip(ph, why, remedy);
		return 0;
	}
	record_library(n);
	drive_list_before(n);
	if (ph->side == DRIVE_USER)
		err = user_phase(n);
	else
		err = all_rows(n);
	drive_list_after(n);
	return err;
}

int drive_phase_run(const struct drive_plan *p, enum drive_side side, const struct drive_ops *ops, void *ctx,
		    const struct drive_watch *watch, struct drive_phase *out)
{
	struct drive_now n = { .p = p, .ops = ops, .ctx = ctx, .watch = watch, .ph = out };
	cpu_set_t before;
	bool pinned;
	int err;

	*out = (struct drive_phase){
		.side = side, .by = p->by, .reserved = MT_UNKNOWN, .type = MT_UNKNOWN, .effective = MT_UNKNOWN
	};
	if (!p->repeat || !p->messages || !p->npattern)
		return -EINVAL;
	n.samples = calloc(DRIVE_SAMPLES, sizeof(*n.samples));
	out->row = calloc(p->npattern, sizeof(*out->row));
	err = n.samples && out->row ? 0 : -ENOMEM;
	if (!err) {
		out->nrow = p->npattern;
		for (size_t i = 0; i < p->npattern; i++)
			out->row[i].pattern = p->pattern[i];
		out->cpu = drive_pin(p, &before, &pinned);
		err = p->cpu >= 0 && !pinned ? -EINVAL : go(&n);
		if (pinned)
			sched_setaffinity(0, sizeof(before), &before);
	}
	free(n.samples);
	if (err)
		drive_phase_free(out);
	return err;
}

void drive_phase_free(struct drive_phase *ph)
{
	free(ph->row);
	free(ph->shape.events);
	ph->shape = (struct stores_shape){ 0 };
	ph->row = NULL;
	ph->nrow = 0;
}
