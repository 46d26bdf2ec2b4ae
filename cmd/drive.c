// SPDX-License-Identifier: GPL-2.0-or-later
/* drive.c - "wcdiag drive": stores into a part of a BAR that the user has named, from the kernel and from user space.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/drive.h"
#include "cmd/json.h"
#include "cmd/view.h"
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
	drive_witness_mapped(((struct watching *)ctx)->a->witness, start, end);
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

static int find_device(struct drive_args *a, const struct machine *m)
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

/* The kernel first: a driver's node may keep what it has mapped until the file is closed, and longer. */
static int run_phases(const struct drive_args *a, struct drive_live *live, const struct drive_watch *watch,
		      struct drive_out *o, struct drive_phase phase[2])
{
	for (int side = DRIVE_KERNEL; side <= DRIVE_USER; side++) {
		struct drive_plan plan = a->plan;
		int err;

		if (!plan.side[side])
			continue;
		if (side == DRIVE_USER && plan.file)
			plan.by = DRIVE_BY_FILE;
		err = drive_phase_run(&plan, (enum drive_side)side, &drive_live_ops, live, watch, &phase[o->nphase]);
		if (err)
			return plan.cpu >= 0 && err == -EINVAL
				       ? cmd_fail(a->c, "--cpu", "this process may not run on that CPU", NULL)
				       : cmd_fail_errno(a->c, drive_side_name((enum drive_side)side), -err, NULL);
		o->nphase++;
	}
	return 0;
}

static int verdict(const struct drive_out *o)
{
	int counted = drive_witness_verdict(o);

	if (counted == EXIT_BROKEN)
		return counted;
	for (size_t i = 0; i < o->nphase; i++)
		if (o->phase[i].state != DRIVE_DONE || !o->phase[i].list_known || !o->phase[i].list_same ||
		    o->phase[i].effective == MT_UNKNOWN)
			return EXIT_UNKNOWN;
	for (size_t i = 0; i < o->nphase; i++)
		for (size_t k = 0; k < o->phase[i].nrow; k++)
			if (o->phase[i].row[k].state == DRIVE_STOPPED)
				return EXIT_UNKNOWN;
	return counted;
}

static int drive(struct view *v, struct drive_args *a, struct drive_live *live)
{
	struct drive_phase phase[2] = { 0 };
	struct drive_out o = { .a = a, .phase = phase };
	struct watching g = { .a = a, .on = isatty(STDERR_FILENO) };
	struct drive_watch watch = { .ctx = &g, .mapped = on_mapped, .begin = on_begin, .end = on_end };
	FILE *f = NULL;
	int rc;

	/* Before anything is stored: afterwards it would be too late to say that it cannot be written. */
	if (a->predicted && !(f = fopen(a->predicted, "we")))
		return cmd_fail_errno(a->c, a->predicted, errno, NULL);
	/* Those that take turns need as many runs for all their counts. */
	if (a->plan.repeat < drive_witness_rounds(a->witness))
		a->plan.repeat = drive_witness_rounds(a->witness);
	clock_gettime(CLOCK_MONOTONIC, &g.start);
	take_signals();
	rc = run_phases(a, live, &watch, &o, phase);
	if (g.shown)
		fprintf(stderr, "\r\033[K");
	if (!rc) {
		v->rc = verdict(&o);
		if (v->json)
			drive_json(v->json, &o);
		else
			drive_show(v, &o);
		if (f && drive_predicted_write(f, &o))
			v->rc = EXIT_FAILED;
		f = NULL;
		rc = v->rc;
	}
	if (f)
		fclose(f);
	for (size_t i = 0; i < o.nphase; i++)
		drive_phase_free(&phase[i]);
	return rc;
}

static void show(struct view *v, void *ctx)
{
	struct drive_args *a = ctx;
	struct drive_plan user;
	const struct drive_witness *which;
	struct drive_refusal no;
	struct drive_live *live;
	int err;

	if (a->list_witnesses && !device_arg_given(&a->dev)) {
		drive_witness_list(v, a);
		return;
	}
	v->rc = find_device(a, v->m);
	if (v->rc)
		return;
	if (a->list_witnesses) {
		drive_witness_list(v, a);
		return;
	}
	user = a->plan;
	if (user.file)
		user.by = DRIVE_BY_FILE;
	if (drive_refused(&user, &no)) {
		v->rc = cmd_fail(a->c, a->dev.typed, no.why, no.remedy);
		return;
	}
	err = drive_live_open(&live);
	if (err) {
		v->rc = cmd_fail_errno(a->c, "this machine", -err, NULL);
		return;
	}
	/* Both sides and all witnesses on the same. */
	if (a->plan.cpu < 0)
		a->plan.cpu = sched_getcpu();
	v->rc = drive_witness_open(a->witness, &a->plan, v->m->src, &which)
			? cmd_fail(a->c, which->name, which->fact.why, which->fact.remedy)
			: drive(v, a, live);
	drive_witness_close(a->witness);
	drive_live_close(live);
}

static int run(const struct cmd *c, int argc, char **argv)
{
	static struct drive_witnesses witnesses;
	struct drive_args a = {
		.c = c,
		.witness = &witnesses,
		.dev = { .bar = -1 },
		.plan = { .cpu = -1, .side = { true, true }, .messages = 10000, .repeat = 10, .warm_up = 1000 },
	};
	struct view v = { .c = c };
	struct src *s = NULL;
	int at, rc;

	for (unsigned int i = 0; i < sizeof(a.plan.data); i++)
		a.plan.data[i] = (uint8_t)i;
	rc = common_parse(c, argc, argv, &v.o, drive_option, &a, &at);
	if (rc >= 0)
		return rc;
	for (rc = 0; at < argc && !rc; at++)
		rc = drive_positional(&a, argv[at]);
	if (!rc)
		rc = drive_args_check(&a);
	if (!rc && a.list_patterns)
		rc = drive_list_patterns(&v.o);
	else if (!rc) {
		rc = common_open(&v.o, &s);
		if (!rc)
			rc = view_show(&v, s,
				       READ_MSR | READ_PROC_MTRR | READ_PCI | READ_IOMEM | READ_VMALLOC | READ_LIST |
					       READ_KLOG | READ_MAPS,
				       show, &a);
	}
	src_close(s);
	common_free(&v.o);
	return rc;
}

const struct cmd cmd_drive = {
	.name = "drive",
	.args = "DEVICE:BAR --scratch OFFSET+LENGTH",
	.help = "stores into a part of a BAR that you name, from kernel and user space: what each pattern becomes",
	.more = "This writes to the device: to the bytes that --scratch names, and to no others. What was there is "
		"lost,\n"
		"nothing is restored. One side, one mapping after the other; each says which entries it really had "
		"and\n"
		"who else held the range. Only this machine, no snapshot. The kernel's side takes the helper module,\n"
		"loaded with stores=1.\n\n"
		"Exit status: 0 done; 1 a witness counted split lines, for a pattern that fills them, through a WC "
		"entry;\n"
		"2 a side did not run, was ended early, or its type is not known; 3 usage error, refused, or failure.",
	.opts = drive_opts,
	.common = OPT_JSON,
	.run = run,
};
