// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check_drive.c - what "wcdiag check" does itself: one phase after the other, and the facts of the machine read while
 * the user's mapping lives, so that every rule judges that mapping as it does any program's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/check_drive.h"
#include "cmd/check_trace.h"
#include "cmd/events.h"
#include "probe/judge.h"
#include "probe/machine.h"
#include "probe/src.h"

/* So many messages tell all that a pattern does, its way round the scratch range included. */
#define STORY_MESSAGES 4096

void check_drive_init(struct check_drive *d, const struct cmd *c)
{
	*d = (struct check_drive){ .a = {
					   .c = c,
					   .dev = { .bar = -1 },
					   .plan = { .cpu = -1,
						     .side = { true, true },
						     .messages = 10000,
						     .repeat = 10,
						     .warm_up = 1000 },
				   } };
	d->a.witness = &d->witnesses;
	for (unsigned int i = 0; i < sizeof(d->a.plan.data); i++)
		d->a.plan.data[i] = (uint8_t)i;
}

/* What would be asked for in vain is said: the option that needs more than was given. */
static void remember_needs(struct check_drive *d, int val)
{
	static const struct {
		int val;
		const char *name;
		bool drive; /* only what is driven has it, not a pattern that is looked at */
	} needs[] = {
		{ VAL_LINES, "--lines", false },
		{ VAL_GAP, "--gap", false },
		{ VAL_MESSAGES, "--messages", false },
		{ VAL_BY, "--by", true },
		{ VAL_REPEAT, "--repeat", true },
		{ VAL_WARM, "--warm-up", true },
		{ VAL_CPU, "--cpu", true },
		{ VAL_FILL, "--fill", true },
		{ VAL_FORCE, "--force", true },
	};

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (needs[i].val == val)
			*(needs[i].drive ? &d->of_drive : &d->of_stores) = needs[i].name;
}

int check_drive_option(struct check_drive *d, int val, const char *arg)
{
	remember_needs(d, val);
	if (val == VAL_CHECK_PROFILE) {
		d->profile = arg;
		return profile_known(arg)
			       ? 0
			       : cmd_fail(d->a.c, arg, "no such profile", "wcdiag model --profiles lists them");
	}
	if (val != VAL_EVENTS)
		return drive_option(val, arg, &d->a);
	if (d->events)
		return cmd_fail(d->a.c, "--events", "given twice", "one stream");
	d->events = arg;
	return 0;
}

bool check_drive_asked(const struct check_drive *d)
{
	return d->argv || d->a.plan.have_scratch || d->a.plan.file || d->events || d->a.plan.npattern || d->witnesses.n;
}

enum layer check_drive_until(const struct check_drive *d)
{
	return d->a.plan.have_scratch ? LAYER_FABRIC : d->argv || d->events || d->a.plan.npattern ? LAYER_STORES : LAYER_PTE;
}

/* The reference and the control, then the program's own. */
static void choose_patterns(struct check_drive *d)
{
	struct drive_args *a = &d->a;

	a->plan.npattern = 0;
	a->pattern[a->plan.npattern++] = WCDIAG_STORE_MOV8;
	a->pattern[a->plan.npattern++] = WCDIAG_STORE_MOVDIR64B;
	if (d->own != WCDIAG_STORE_MOV8 && d->own != WCDIAG_STORE_MOVDIR64B)
		a->pattern[a->plan.npattern++] = d->own;
}

static void name_message(struct check_drive *d, bool own)
{
	d->own = own ? d->a.pattern[0] : WCDIAG_STORE_MOV8;
	if (own)
		snprintf(d->message, sizeof(d->message), "the pattern %s", wcdiag_store_patterns[d->own].name);
	else if (d->events)
		snprintf(d->message, sizeof(d->message), "the stream %s", d->events);
	else
		snprintf(d->message, sizeof(d->message), "the reference pattern mov8");
	d->exp.message = d->message;
	d->exp.given = own || d->events;
	d->exp.numbered = d->events;
}

int check_drive_args(struct check_drive *d, const struct device_arg *dev, bool live)
{
	struct drive_args *a = &d->a;
	const struct cmd *c = a->c;
	bool own = a->plan.npattern > 0;

	a->dev = *dev;
	if (d->argv && !live)
		return cmd_fail(c, d->argv[0], "a program is started on this machine, not in a snapshot",
				"leave --root out");
	if (d->argv && (a->plan.have_scratch || a->plan.file || d->events || own || a->witness->n))
		return cmd_fail(c, d->argv[0],
				"the program maps and stores by itself: --scratch, --map, --pattern, --events and "
				"--witness do not go with it",
				"one after the other");
	if (d->profile && !d->argv && !a->plan.have_scratch && !d->events && !own)
		return cmd_fail(c, "--profile", "whose buffers, for which stores?", "--pattern, --events or --scratch");
	if (d->of_drive && !a->plan.have_scratch)
		return cmd_fail(c, d->of_drive, "without --scratch nothing is stored",
				"--scratch OFFSET+LENGTH names the bytes of the BAR that may be overwritten");
	if (d->of_stores && !a->plan.have_scratch && !own)
		return cmd_fail(c, d->of_stores, "of which stores?", "--pattern or --scratch");
	if (a->plan.npattern > 1)
		return cmd_fail(c, "--pattern", "several: which one is your program's?",
				"one; wcdiag drive compares many");
	if (own && d->events)
		return cmd_fail(c, "--events", "goes not with --pattern", "one of them is your program's message");
	if (d->events && !strcmp(d->events, "-") && !live)
		return cmd_fail(c, "--events", "standard input cannot be read again for each snapshot",
				"write the stream to a file first");
	name_message(d, own);
	if (!a->plan.have_scratch && a->witness->n)
		return cmd_fail(c, "--witness", "counts stores, and without --scratch nothing is stored",
				"--scratch OFFSET+LENGTH names the bytes of the BAR that may be overwritten");
	for (size_t i = 0; i < a->witness->n; i++)
		if (a->witness->w[i].spec.kind == WITNESS_TIMING)
			return cmd_fail(c, "--witness timing", "a hint, no count: nothing is judged by it",
					"wcdiag drive --witness timing shows it");
	if (!live && (a->plan.have_scratch || a->plan.file))
		return cmd_fail(c, a->plan.have_scratch ? "--scratch" : "--map", "a snapshot cannot be driven",
				"run it on the machine itself");
	if (!a->plan.have_scratch && !a->plan.file)
		return 0;
	if (!device_arg_given(&a->dev) || a->dev.bar < 0)
		return cmd_fail(c, a->plan.have_scratch ? "--scratch" : "--map", "which BAR of which device?",
				"as 01:00.0:2; see: wcdiag bars");
	if (a->plan.have_scratch) {
		choose_patterns(d);
		return drive_args_check(a);
	}
	if (a->plan.file_offset == UINT64_MAX)
		a->plan.file_offset = 0;
	return 0;
}

/* What is known of the CPU whose stores are judged. */
static int choose_profile(struct check_drive *d, const struct machine *m, const struct cpu_profile **out)
{
	int rc = 0;

	*out = drive_emulated(m) ? cpu_profile_reference() : cpu_profile_for(&m->cpu);
	if (d->profile && strcmp(d->profile, "auto")) {
		rc = profile_choose(d->a.c, m->src, &m->cpu, &m->hyper, d->profile, &d->choice);
		*out = d->choice.cpu;
		d->a.plan.profile = d->choice.cpu;
	}
	return rc;
}

/* What the story is made of, and who listens besides. */
struct feeding {
	const struct check_drive *d;
	const struct model_params *params;
};

static int feed(const struct model_event *e, void *ctx)
{
	const struct feeding *f = ctx;
	int rc = stream_feed(f->d->stream, e);

	return rc || !f->d->listen ? rc : f->d->listen(e, f->params, f->d->listener);
}

/* The stream that the user gave, as a story. */
static int read_events(struct check_drive *d, const struct model_params *params)
{
	const struct model_totals *t;
	FILE *f = !strcmp(d->events, "-") ? stdin : fopen(d->events, "re");
	struct feeding to = { d, params };
	int rc;

	if (!f)
		return cmd_fail_errno(d->a.c, d->events, errno, NULL);
	rc = stream_new(params, NULL, NULL, &d->stream);
	rc = rc ? cmd_fail_errno(d->a.c, d->events, -rc, NULL)
		: events_read(d->a.c, d->events, f, MT_WC, feed, &to);
	if (f != stdin)
		fclose(f);
	if (rc)
		return rc;
	d->exp.story = stream_end(d->stream);
	t = &d->exp.story->totals;
	if (t->unseen || (t->unknowns & MU_UNSEEN && t->best != t->worst))
		d->exp.lacks = "it says itself that something is not seen in it (wcdiag-events(5), ?)";
	if (!d->exp.story->totals.wc && !d->exp.story->totals.direct)
		return cmd_fail(d->a.c, d->events, "no store to write-combining memory in it",
				"s ADDRESS SIZE for each; see wcdiag-events(5)");
	return 0;
}

/* How the C library copies is found out by stepping it, before anything is mapped; and only this machine's can be. */
static bool record(struct check_drive *d, const struct stores_run *run, bool live)
{
	if (live && !stores_record(run, &d->shape))
		return true;
	d->exp.story_why =
		live ? "how the C library copies could not be recorded" : "the C library of that machine is not here";
	return false;
}

static int expand_pattern(struct check_drive *d, const struct model_params *params, bool live)
{
	const struct drive_plan *p = &d->a.plan;
	struct stores_run run;
	int err;

	drive_run_of(p, d->own, &run);
	if (run.messages > STORY_MESSAGES)
		run.messages = STORY_MESSAGES;
	if (wcdiag_store_patterns[d->own].flags & WCDIAG_STORE_LIBRARY && !record(d, &run, live))
		return 0;
	err = stream_of_run(&run, p->have_scratch ? p->length : 1U << 16, d->shape.events ? &d->shape : NULL, params,
			    &d->stream, &d->exp.story);
	return err ? cmd_fail_errno(d->a.c, d->message, -err, NULL) : 0;
}

/* Every snapshot has a CPU of its own. */
static void story_drop(struct check_drive *d)
{
	stream_free(d->stream);
	free(d->shape.events);
	d->stream = NULL;
	d->shape = (struct stores_shape){ 0 };
	d->exp.story = NULL;
	d->exp.story_why = NULL;
	d->exp.lacks = NULL;
}

static int story(struct check_drive *d, const struct machine *m)
{
	struct model_params params = { 0 };
	int rc = choose_profile(d, m, &params.cpu);

	story_drop(d);
	if (rc)
		return rc;
	return d->events ? read_events(d, &params) : expand_pattern(d, &params, src_is_live(m->src));
}

struct reading {
	const struct src *s;
	const char *klog;
	struct machine *m;
	int err;
};

static void read_now(void *ctx)
{
	struct reading *r = ctx;

	r->err = machine_read(r->s, READ_ALL, r->klog, &r->m);
}

/* Mapped as the program does, nothing stored. That it cannot be mapped is a finding, as what the log says of it is. */
static void map_only(struct check_drive *d, struct reading *r)
{
	struct drive_plan *p = &d->a.plan;
	uint64_t size = p->dev->bar[p->bar].size;
	void *at;
	int err = drive_map_file(p->file, p->file_offset, size, &at);

	d->exp.file = p->file;
	d->exp.file_err = -err;
	d->exp.pid = getpid();
	if (err)
		return;
	read_now(r);
	munmap(at, size);
}

static int drive(struct check_drive *d, struct reading *r)
{
	int rc = drive_refuse(&d->a);

	if (rc)
		return rc;
	rc = drive_go(&d->a, r->s, read_now, r, &d->out);
	d->drove = true;
	d->exp.plan = &d->a.plan;
	d->exp.witness = &d->witnesses;
	for (size_t i = 0; i < d->out.nphase; i++) {
		enum drive_side side = d->out.phase[i].side;

		d->exp.phase[side] = &d->out.phase[i];
		d->exp.during[side] = &d->out.during[i];
	}
	return rc;
}

static int traced(struct check_drive *d, const struct src *s, const char *klog, struct machine **m)
{
	struct model_params params = { 0 };
	int rc = choose_profile(d, *m, &params.cpu);

	return rc ? rc : check_trace_run(d->a.c, d->argv, s, klog, &params, m, &d->traced);
}

int check_drive_run(struct check_drive *d, const struct src *s, const char *klog, struct machine **m)
{
	struct reading r = { .s = s, .klog = klog };
	int rc = 0;

	if (d->argv)
		return traced(d, s, klog, m);

	if (!d->a.plan.have_scratch && !d->a.plan.file)
		return story(d, *m);
	d->before = *m;
	rc = drive_find_device(&d->a, *m);
	if (!rc && d->a.plan.have_scratch) {
		rc = story(d, *m);
		if (!rc)
			rc = drive(d, &r);
	} else if (!rc) {
		if (d->exp.given)
			rc = story(d, *m);
		if (!rc)
			map_only(d, &r);
	}
	if (!rc && !r.m && !r.err)
		read_now(&r);
	if (!rc && r.err)
		rc = cmd_fail_errno(d->a.c, "this machine", -r.err, NULL);
	*m = r.m;
	return rc;
}

void check_drive_free(struct check_drive *d)
{
	if (d->drove)
		drive_out_free(&d->out);
	d->drove = false;
	story_drop(d);
	check_trace_free(d->traced);
	d->traced = NULL;
	machine_free(d->before);
	d->before = NULL;
}
