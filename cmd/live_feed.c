/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_feed.c - cheap things at every refresh, the rest when they say so. */
#include "cmd/live_feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/device.h"
#include "probe/judge.h"
#include "probe/machine.h"
#include "probe/reader.h"
#include "probe/src.h"

struct facts {
	struct machine *m;
	struct judgement *j;
	bool *sel;
};

static void drop(struct facts *x)
{
	judgement_free(x->j);
	machine_free(x->m);
	free(x->sel);
}

/* What is read of a machine. */
static unsigned int everything(const struct live_feed *f)
{
	return READ_ALL | (device_arg_given(f->dev) ? 0 : READ_SPARE);
}

static int judge_it(struct live_feed *f, struct facts *x)
{
	struct judge_target t = { .bar = f->dev->bar, .explicit_device = device_arg_given(f->dev), .selected = x->sel };
	int rc = judge(x->m, &t, LAYER_PTE, &x->j);

	if (rc)
		snprintf(f->trouble, sizeof(f->trouble), "it could not be judged: %s", strerror(-rc));
	return rc;
}

static int judge_all(struct live_feed *f, struct facts *x)
{
	int rc = machine_read(f->s, everything(f), NULL, &x->m);

	if (rc) {
		snprintf(f->trouble, sizeof(f->trouble), "the machine could not be read: %s", strerror(-rc));
		return rc;
	}
	if (device_select(f->c, x->m, f->dev, &x->sel, f->trouble, sizeof(f->trouble)))
		return -ENODEV;
	return judge_it(f, x);
}

/* A large machine is read whole more seldom: who watches is not to be what is seen. */
static void pause_after(struct live_feed *f, double cost)
{
	double every = cost * FEED_ALL_SHARE;

	f->soon = every < FEED_ALL_SOON ? FEED_ALL_SOON : every > FEED_ALL_SELDOM ? FEED_ALL_SELDOM : every;
	f->every = f->soon < FEED_ALL_EVERY ? FEED_ALL_EVERY : f->soon;
}

static int read_all(struct live_feed *f, double now, int (*use)(struct live_feed *f, void *ctx), void *ctx)
{
	struct facts old = { f->m, f->j, f->sel }, x = { NULL, NULL, NULL };
	double began = live_cpu_time();
	int rc;

	if (f->m)
		live_look_before(&f->look, f->m);
	reader_keep(false); /* once more from the beginning: the module may have been loaded meanwhile */
	reader_keep(true);
	rc = judge_all(f, &x);
	pause_after(f, live_cpu_time() - began);
	if (rc) {
		drop(&x);
		f->all_at = now; /* tried; not again at every refresh */
		return rc;
	}
	f->m = x.m;
	f->j = x.j;
	f->sel = x.sel;
	*f->trouble = '\0';
	rc = use(f, ctx);
	if (rc) {
		f->m = old.m;
		f->j = old.j;
		f->sel = old.sel;
		drop(&x);
		return rc;
	}
	drop(&old);
	f->all_at = f->mappings_at = now;
	f->stale = false;
	live_look_note(&f->look, f->m, now);
	return 1;
}

/* Only what changed, and the judgement over it and what stands. */
static int read_moving(struct live_feed *f, double now, int (*use)(struct live_feed *f, void *ctx), void *ctx)
{
	struct facts x = { f->m, NULL, f->sel };
	struct judgement *old = f->j;
	struct machine_moving was;
	double began = live_cpu_time();
	int rc = machine_reread(f->m, everything(f), &was);

	f->moved_at = now;
	f->restless++;
	if (rc) {
		snprintf(f->trouble, sizeof(f->trouble), "the mappings could not be read: %s", strerror(-rc));
		return rc;
	}
	rc = judge_it(f, &x);
	if (!rc) {
		f->j = x.j;
		rc = use(f, ctx);
	}
	if (rc) { /* what stood stands again */
		machine_moving_swap(f->m, &was);
		machine_moving_free(&was);
		judgement_free(x.j);
		f->j = old;
		return rc;
	}
	machine_moving_free(&was);
	judgement_free(old);
	*f->trouble = '\0';
	f->mappings_at = now;
	f->stale = true;
	live_look_note(&f->look, f->m, now);
	f->rest = f->restless > FEED_RESTLESS ? (live_cpu_time() - began) * FEED_MOVING_SHARE * f->interval : 0;
	return 1;
}

int live_feed_read(struct live_feed *f, double now, bool all, int (*use)(struct live_feed *f, void *ctx), void *ctx)
{
	if (all || !f->m || now - f->all_at >= (f->stale ? f->soon : f->every))
		return read_all(f, now, use, ctx);
	if (f->rest > 0 && now - f->moved_at < f->rest)
		return 0;
	if (live_look_changed(&f->look, f->m, now))
		return read_moving(f, now, use, ctx);
	f->restless = 0;
	f->rest = 0;
	f->mappings_at = now;
	return 0;
}

void live_feed_free(struct live_feed *f)
{
	struct facts x = { f->m, f->j, f->sel };

	reader_keep(false);
	drop(&x);
	f->m = NULL;
	f->j = NULL;
	f->sel = NULL;
}
