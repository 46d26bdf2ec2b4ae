// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drive_go.c - the phases of a drive, one after the other, with progress, signals and witnesses: for "wcdiag drive" and
 * for "wcdiag check --scratch".
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cmd/drive.h"
#include "probe/machine.h"
#include "probe/src.h"

static void on_signal(int sig)
{
	(void)sig;
	drive_stop();
}

/* Ends between batches, with everything unmapped and what was done until then shown. A second one is as ever. */
static void take_signals(void)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		struct sigaction now;

		/* nohup's choice stays. */
		if (!sigaction(sigs[i], NULL, &now) && now.sa_handler != SIG_IGN)
			sigaction(sigs[i], &sa, NULL);
	}
}

struct watching {
	const struct drive_args *a;
	void (*mapped)(void *ctx);
	void *ctx;
	struct timespec start, last;
	bool on, shown;
};

static double since(const struct timespec *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - t->tv_sec) + (double)(now.tv_nsec - t->tv_nsec) / 1e9;
}

/* Only on a terminal, and only when it takes more than a second: short runs are told by their result. */
static void progress(struct watching *g, const struct drive_phase *ph, size_t row, unsigned int run)
{
	if (!g->on || since(&g->start) < 1 || since(&g->last) < 0.2)
		return;
	clock_gettime(CLOCK_MONOTONIC, &g->last);
	fprintf(stderr, "\r\033[K%s, %s: pattern %zu of %zu, run %u of %u", drive_side_name(ph->side),
		wcdiag_store_patterns[ph->row[row].pattern].name, row + 1, ph->nrow, run + 1, g->a->plan.repeat);
	fflush(stderr);
	g->shown = true;
}

static void on_mapped(void *ctx, uint64_t start, uint64_t end)
{
	struct watching *g = ctx;

	drive_witness_mapped(g->a->witness, start, end);
	if (g->mapped && end)
		g->mapped(g->ctx);
}

static void on_begin(void *ctx, const struct drive_phase *ph, size_t row, unsigned int run)
{
	struct watching *g = ctx;

	progress(g, ph, row, run);
	drive_witness_begin(g->a->witness, ph, row, run);
}

static void on_end(void *ctx, const struct drive_phase *ph, size_t row, unsigned int run, bool complete)
{
	drive_witness_end(((struct watching *)ctx)->a->witness, ph, row, run, complete);
}

static void on_timed(void *ctx, const struct drive_phase *ph, size_t row, const uint32_t *cycles, size_t n)
{
	drive_witness_timed(((struct watching *)ctx)->a->witness, ph, row, cycles, n);
}

/* A phase, and what went on beside it. */
static int run_phase(const struct drive_plan *plan, enum drive_side side, const struct src *src,
		     struct drive_live *live, const struct drive_watch *watch, struct drive_out *o)
{
	struct circumstances_watch *beside;
	int err = circumstances_begin(src, (unsigned int)plan->cpu, plan->dev, &beside);

	if (err)
		return err;
	err = drive_phase_run(plan, side, &drive_live_ops, live, watch, &o->phase[o->nphase]);
	circumstances_end(beside, &o->during[o->nphase]);
	return err;
}

/* The kernel first: a driver's node may keep what it has mapped until the file is closed, and longer. */
static int run_phases(const struct drive_args *a, const struct src *src, struct drive_live *live,
		      const struct drive_watch *watch, struct drive_out *o)
{
	for (int side = DRIVE_KERNEL; side <= DRIVE_USER; side++) {
		struct drive_plan plan = a->plan;
		int err;

		if (!plan.side[side])
			continue;
		if (side == DRIVE_USER && plan.file)
			plan.by = DRIVE_BY_FILE;
		err = run_phase(&plan, (enum drive_side)side, src, live, watch, o);
		if (err)
			return plan.cpu >= 0 && err == -EINVAL
				       ? cmd_fail(a->c, "--cpu", "this process may not run on that CPU", NULL)
				       : cmd_fail_errno(a->c, drive_side_name((enum drive_side)side), -err, NULL);
		o->nphase++;
	}
	return 0;
}

int drive_refuse(const struct drive_args *a)
{
	struct drive_plan user = a->plan;
	struct drive_refusal no;

	if (user.file)
		user.by = DRIVE_BY_FILE;
	return drive_refused(&user, &no) ? cmd_fail(a->c, a->dev.typed, no.why, no.remedy) : 0;
}

int drive_find_device(struct drive_args *a, const struct machine *m)
{
	bool *sel;
	int n = 0;

	if (device_select(a->c, m, &a->dev, &sel, NULL, 0))
		return EXIT_FAILED;
	for (size_t i = 0; sel && i < m->pci.n; i++)
		if (sel[i]) {
			a->plan.dev = &m->pci.dev[i];
			n++;
		}
	free(sel);
	if (n != 1)
		return cmd_fail(a->c, a->dev.typed, "several devices", "name one");
	a->plan.m = m;
	a->plan.bar = a->dev.bar;
	return 0;
}

int drive_go(struct drive_args *a, const struct src *src, void (*mapped)(void *ctx), void *ctx, struct drive_out *o)
{
	struct watching g = { .a = a, .mapped = mapped, .ctx = ctx, .on = isatty(STDERR_FILENO) };
	struct drive_watch watch = {
		.ctx = &g, .mapped = on_mapped, .begin = on_begin, .end = on_end, .timed = on_timed
	};
	const struct drive_witness *which;
	struct drive_live *live;
	int rc;

	*o = (struct drive_out){ .a = a };
	rc = drive_live_open(&live);
	if (rc)
		return cmd_fail_errno(a->c, "this machine", -rc, NULL);
	/* Both sides and all witnesses on the same. */
	if (a->plan.cpu < 0)
		a->plan.cpu = sched_getcpu();
	if (drive_witness_open(a->witness, &a->plan, src, &which)) {
		rc = cmd_fail(a->c, which->name, which->fact.why, which->fact.remedy);
	} else {
		/* Those that take turns need as many runs for all their counts. */
		if (a->plan.repeat < drive_witness_rounds(a->witness))
			a->plan.repeat = drive_witness_rounds(a->witness);
		clock_gettime(CLOCK_MONOTONIC, &g.start);
		take_signals();
		rc = run_phases(a, src, live, &watch, o);
		if (g.shown)
			fprintf(stderr, "\r\033[K");
	}
	drive_live_close(live);
	return rc;
}

void drive_out_free(struct drive_out *o)
{
	drive_witness_close(o->a->witness);
	for (size_t i = 0; i < o->nphase; i++)
		drive_phase_free(&o->phase[i]);
}
