/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.c - the one-shot diagnosis: every layer, one verdict per BAR, of the live machine or of snapshots. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cmd/check_drive.h"
#include "cmd/check_roots.h"
#include "cmd/check_trace.h"
#include "cmd/check_watch.h"
#include "cmd/cmd.h"
#include "cmd/device.h"
#include "cmd/fleet.h"
#include "cmd/out.h"
#include "cmd/out_table.h"
#include "probe/judge.h"
#include "probe/machine.h"
#include "probe/src.h"

enum { VAL_UNTIL = 2000, VAL_KLOG, VAL_ROOTS_FROM, VAL_WATCH };

struct check {
	const struct cmd *c;
	struct device_arg dev;
	int until; /* enum layer; -1: not said */
	const char *klog, *roots_from;
	unsigned int jobs; /* 0: as many as there are CPUs */
	struct check_drive *drive;
	struct table_args table;
	bool watch;
};

static const struct opt opts[] = {
	DEVICE_OPTS,
	{ VAL_UNTIL, "until", "LAYER", "judge only up to this layer: host pat mtrr pci memtype pte stores fabric" },
	{ VAL_KLOG, "klog", "FILE", "read the kernel log from FILE (dmesg or journalctl -k) instead of /dev/kmsg" },
	{ VAL_WATCH, "watch", NULL, "with -- COMMAND: also which decision of the kernel made its entries what they are" },
	{ VAL_ROOTS_FROM, "roots-from", "FILE", "judge the snapshots named in FILE, one a line; - is standard input" },
	{ 'j', "jobs", "N", "of several snapshots, so many at a time (default: the CPUs there are)" },
	CHECK_DRIVE_OPTS,
	TABLE_OPTS,
	{ 0, NULL, NULL, NULL },
};

static int jobs(struct check *k, const char *arg)
{
	char *end;
	long n = strtol(arg, &end, 10);

	if (*end || end == arg || n < 1 || n > 256)
		return cmd_fail(k->c, arg, "not a number of processes", "1 to 256");
	k->jobs = (unsigned int)n;
	return 0;
}

static int own(int val, const char *arg, void *ctx)
{
	struct check *k = ctx;
	int l;

	switch (val) {
	case VAL_UNTIL:
		l = layer_from_name(arg);
		if (l < 0)
			return cmd_fail(k->c, arg, "no such layer", "host pat mtrr pci memtype pte stores fabric");
		k->until = l;
		return 0;
	case VAL_KLOG:
		k->klog = arg;
		return 0;
	case VAL_WATCH:
		k->watch = true;
		return 0;
	case VAL_ROOTS_FROM:
		if (k->roots_from)
			return cmd_fail(k->c, arg, "a second --roots-from", "write all names into one file");
		k->roots_from = arg;
		return 0;
	case 'j':
		return jobs(k, arg);
	case 's':
	case 'd':
		return device_arg_opt(k->c, val, arg, &k->dev);
	default:
		return table_opt(&k->table, val, arg) ? 0 : check_drive_option(k->drive, val, arg);
	}
}

/* Layers behind pte are judged by what is stored: they have to be asked for with what they need. */
static int check_until(struct check *k)
{
	enum layer most = check_drive_until(k->drive);

	if (k->until < 0) {
		k->until = (int)most;
		return 0;
	}
	if (k->until > (int)most && k->until > LAYER_PTE)
		return cmd_fail(k->c, layer_name((enum layer)k->until), "that layer is judged by what is stored",
				k->until == LAYER_FABRIC ? "--scratch OFFSET+LENGTH names the bytes that may be "
							   "overwritten"
							 : "--pattern, --events or --scratch");
	if (most > LAYER_PTE && k->until < LAYER_STORES)
		return cmd_fail(k->c, layer_name((enum layer)k->until),
				k->drive->a.plan.have_scratch ? "with --scratch it would be stored for nothing"
							      : "the stores that were given would not be looked at",
				"leave --until out");
	return 0;
}

/* The log is the user's word: one that cannot be read is a mistake to report, not a missing fact. */
static int klog_named_badly(const struct check *k, const struct klog *l)
{
	if (!k->klog || l->fact.state == FACT_KNOWN)
		return 0;
	return cmd_fail(k->c, k->klog, l->fact.why, "name a file with dmesg's or journalctl -k's output");
}

/* The same log for several machines: looked at before the first, to say once what is wrong with it. */
static int klog_for_many(const struct check *k)
{
	struct klog l;
	struct stat st;
	int rc;

	if (!k->klog)
		return 0;
	if (!stat(k->klog, &st) && S_ISFIFO(st.st_mode))
		return cmd_fail(k->c, k->klog, "a pipe, which cannot be read again for each snapshot",
				"write the log to a file first");
	klog_read(NULL, k->klog, &l);
	rc = klog_named_badly(k, &l);
	klog_free(&l);
	return rc;
}

/* A machine that could not be judged has its place in the output of several, and in a monitor's line. */
static void failed(const struct common *o, const char *name, size_t index, const char *why, const struct out_ops *ops,
		   size_t machines)
{
	struct report r = { .o = o, .name = name, .index = index, .error = why };

	if (machines > 1 || ops->says_failure)
		ops->machine(&r, machines);
}

/* Nothing is known of its BARs then, and that is no verdict on the machine's others. */
static int mapped_nothing(const struct check *k, char *why, size_t len)
{
	check_trace_nothing(k->drive->traced, why, len);
	cmd_fail(k->c, "nothing to judge", why,
		 "is it the program that maps the BAR (a launcher's children are followed, a daemon that runs already is "
		 "not: wcdiag trace -p PID)? wcdiag bars lists what there is");
	return EXIT_UNKNOWN;
}

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int check_one(const struct check *k, const struct common *o, const struct src *s, const char *name, size_t index,
		     const struct out_ops *ops, size_t machines)
{
	double began = seconds_now();
	struct judge_target t = { .bar = k->dev.bar, .explicit_device = device_arg_given(&k->dev) };
	bool placed = machines > 1 || ops->says_failure, *sel = NULL;
	struct report r = { .o = o, .name = name, .index = index };
	struct check_watch *watch = NULL;
	struct judgement *j = NULL;
	struct machine *m = NULL;
	char why[256] = "";
	int rc;

	rc = machine_read(s, READ_ALL | (device_arg_given(&k->dev) ? 0 : READ_SPARE), k->klog, &m);
	if (rc) {
		failed(o, name, index, strerror(-rc), ops, machines);
		return cmd_fail_errno(k->c, name, -rc, NULL);
	}
	rc = klog_named_badly(k, &m->klog);
	if (rc) {
		snprintf(why, sizeof(why), "%s: %s", k->klog, m->klog.fact.why);
	} else {
		rc = device_select(k->c, m, &k->dev, &sel, placed ? why : NULL, sizeof(why));
		if (rc && placed)
			cmd_fail(k->c, name, why,
				 m->pci.fact.state == FACT_KNOWN ? "see: wcdiag bars" : m->pci.fact.remedy);
	}
	if (!rc && check_drive_asked(k->drive)) {
		free(sel);
		sel = NULL;
		if (k->watch)
			rc = check_watch_begin(k->c, s, m, &watch);
		if (!rc)
			rc = check_drive_run(k->drive, s, k->klog, &m);
		if (!rc && watch)
			rc = check_watch_end(watch);
		snprintf(why, sizeof(why), "what was asked for could not be done");
		if (!rc) /* the facts are others now, and so may the devices be */
			rc = device_select(k->c, m, &k->dev, &sel, placed ? why : NULL, sizeof(why));
	}
	if (!rc) {
		t.selected = sel;
		t.exp = check_drive_asked(k->drive) ? &k->drive->exp : NULL;
		if (k->drive->traced) {
			t.exp = check_trace_none(k->drive->traced);
			t.bound = check_trace_bound(k->drive->traced, &t.nbound);
		}
		if (t.exp == &k->drive->exp || t.nbound || t.explicit_device || !t.exp)
			rc = judge(m, &t, (enum layer)k->until, &j);
		else
			rc = mapped_nothing(k, why, sizeof(why));
		if (rc < 0) {
			snprintf(why, sizeof(why), "%s", strerror(-rc));
			rc = cmd_fail_errno(k->c, name, -rc, NULL);
		}
	}
	/* Stores are judged where they go to; without a BAR the answer would be of the machine alone. */
	if (j && !j->nbar && t.exp) {
		judgement_free(j);
		j = NULL;
		snprintf(why, sizeof(why), "no BAR to judge, so the stores that were given would not be looked at");
		rc = cmd_fail(k->c, name, why, "name a device; wcdiag model FILE needs none");
	}
	if (j && watch)
		check_watch_tell(watch, j);
	r.m = m;
	r.j = j;
	r.watch = watch;
	r.drive = check_drive_asked(k->drive) ? k->drive : NULL;
	if (j) {
		r.seconds = seconds_now() - began;
		ops->machine(&r, machines);
		rc = out_exit(j);
	} else {
		failed(o, name, index, why, ops, machines);
	}
	judgement_free(j);
	free(sel);
	check_watch_free(watch);
	check_drive_free(k->drive);
	machine_free(m);
	return rc;
}

static int check_root(const struct check *k, const struct common *o, size_t index, const struct out_ops *ops, size_t machines)
{
	const char *path = o->root[index];
	char why[256] = "";
	struct src *s;
	int rc = src_open_root(&s, path, why, sizeof(why));

	if (!rc) {
		rc = check_one(k, o, s, path, index, ops, machines);
		src_close(s);
		return rc;
	}
	/* One bad snapshot does not stop the rest. */
	failed(o, path, index, *why ? why : strerror(-rc), ops, machines);
	return cmd_fail(k->c, path, *why ? why : strerror(-rc), snapshot_hint(-rc));
}

/* Several machines: what a worker does for one, and what is done with it here. */
struct many {
	const struct check *k;
	const struct common *o;
	const struct out_ops *ops;
	int rc;
};

static int one_of_many(void *ctx, size_t i, const char *died)
{
	const struct many *y = ctx;

	if (!died)
		return check_root(y->k, y->o, i, y->ops, y->o->nroot);
	failed(y->o, y->o->root[i], i, died, y->ops, y->o->nroot);
	return cmd_fail(y->k->c, y->o->root[i], died, "a fault of wcdiag, or no memory left: report it, with the snapshot");
}

static bool take_one(void *ctx, size_t i, const struct fleet_result *r)
{
	struct many *y = ctx;

	(void)i;
	if (y->ops->take)
		y->ops->take(r->out, r->outlen);
	else
		fwrite(r->out, r->outlen, 1, stdout);
	fwrite(r->err, r->errlen, 1, stderr);
	y->rc = out_worse(y->rc, r->rc);
	/* When nobody reads any more the rest need not be judged; finish() in wcdiag.c says so. */
	return !fflush(stdout);
}

static int check_many(const struct check *k, const struct common *o, const struct out_ops *ops)
{
	struct many y = { .k = k, .o = o, .ops = ops };
	const struct fleet f = { .n = o->nroot, .jobs = k->jobs ? k->jobs : fleet_cpus(), .one = one_of_many,
				 .take = take_one, .ctx = &y };
	int rc;

	ops->begin(o, o->nroot);
	rc = fleet_run(&f);
	if (rc) /* the output ends here, and is not closed as if it were whole */
		return cmd_fail_errno(k->c, "the processes that judge", -rc, "fewer at a time: -j 1");
	ops->end(o, o->nroot, y.rc);
	return y.rc;
}

static const struct out_ops *find_ops(const char *name)
{
	static const struct out_ops *const all[] = { &out_text, &out_json, &out_table, &out_nagios,
							&out_openmetrics };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return &out_text;
}

static int run(const struct cmd *c, int argc, char **argv)
{
	static struct check_drive drive;
	struct check k = { .c = c, .dev = { .bar = -1 }, .until = -1, .drive = &drive };
	const struct out_ops *ops;
	struct common o;
	struct src *s;
	int at, rc;

	check_drive_init(&drive, c);
	/* Behind the first "--" all is the program's. */
	for (at = 1; at < argc && strcmp(argv[at], "--") != 0;)
		at++;
	if (at < argc) {
		argc = at;
		drive.argv = argv + at + 1;
	}
	rc = common_parse(c, argc, argv, &o, own, &k, &at);
	if (rc >= 0)
		return rc;
	if (drive.argv && !drive.argv[0]) {
		common_free(&o);
		return cmd_fail(c, "--", "no program behind it", "wcdiag check [DEVICE[:BAR]] -- COMMAND ARGS");
	}
	if (k.watch && !drive.argv) {
		common_free(&o);
		return cmd_fail(c, "--watch", "goes with a program that is started", "wcdiag check --watch -- COMMAND ARGS; "
				"what others do: wcdiag watch");
	}
	rc = k.roots_from ? check_roots_from(c, &o, k.roots_from) : 0;
	if (!rc)
		rc = check_positional(c, &o, &k.dev, argc, argv, at);
	ops = find_ops(o.format);
	if (!rc)
		rc = out_table_choose(c, &o, &k.table);
	if (!rc)
		rc = check_drive_args(&drive, &k.dev, !o.nroot);
	if (!rc)
		rc = check_until(&k);
	if (!rc && !o.nroot) {
		rc = common_open(&o, &s);
		if (!rc) {
			ops->begin(&o, 1);
			rc = check_one(&k, &o, s, "live", 0, ops, 1);
			ops->end(&o, 1, rc);
			src_close(s);
		} else {
			ops->begin(&o, 1);
			failed(&o, "live", 0, "this machine could not be opened", ops, 1);
			ops->end(&o, 1, rc);
		}
	} else if (!rc && o.nroot == 1) {
		ops->begin(&o, 1);
		rc = check_root(&k, &o, 0, ops, 1);
		ops->end(&o, 1, rc);
	} else if (!rc && !(rc = klog_for_many(&k))) {
		rc = check_many(&k, &o, ops);
	}
	if (ops == &out_nagios)
		rc = out_nagios_exit(rc);
	common_free(&o);
	return rc;
}

const struct cmd cmd_check = {
	.name = "check",
	.args = "[DEVICE[:BAR]] [-- COMMAND ARGS...]",
	.help = "one-shot diagnosis: which link of the chain breaks write-combining, and what to change",
	.more = "DEVICE is a slot as lspci prints it (01:00.0). Without one, every memory BAR for which "
		"write-combining is\n"
		"plausible (prefetchable, 4 KiB or more) is judged, and the machine itself. Nothing is written to any "
		"device\n"
		"but the bytes that --scratch names; no BAR is read but the counter that --witness names; no device "
		"is\n"
		"woken, no module is loaded.\n"
		"Exit status: 0 intact as far as asked, 1 a broken link was found, 2 could not tell, 3 usage or "
		"failure.",
	.opts = opts,
	.cols = out_table_cols,
	.common = OPT_ROOT | OPT_ROOTS | OPT_JSON | OPT_MONITOR | OPT_READER,
	.run = run,
};
