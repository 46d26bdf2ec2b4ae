/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live.c - the BARs on the screen while the system runs: read, update, draw, wait, and again. */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/cmd.h"
#include "cmd/device.h"
#include "cmd/live_draw.h"
#include "cmd/live_feed.h"
#include "cmd/drive_opts.h"
#include "cmd/live_rates.h"
#include "cmd/live_store.h"
#include "cmd/live_term.h"
#include "probe/src.h"

#define STORING_LOOK 0.1 /* seconds between two looks at an experiment that runs */

enum { VAL_INTERVAL = 2000, VAL_ONCE, VAL_PANE };

struct live {
	const struct cmd *c;
	struct device_arg dev;
	double interval;
	bool once;
	int pane;
	struct live_feed feed;
	struct live_model model;
	struct live_state state;
	struct live_rates rates;
	struct live_canvas canvas;
	struct live_store_args store_args;
	struct live_store store;
};

static const struct opt opts[] = {
	DEVICE_OPTS,
	{ VAL_INTERVAL, "interval", "SECONDS", "read anew that often: 0.1 to 3600 (1)" },
	{ VAL_ONCE, "once", NULL, "print one frame and end; needs no terminal" },
	{ VAL_PANE, "pane", "PANE", "begin with: chain (default), map, findings, registers, witness, stores" },
	DRIVE_OPT_SCRATCH("the key x stores to these bytes of the BAR; without it nothing is stored"),
	{ VAL_SIDE, "side", "SIDE", "stores: user, kernel, or both (default)" },
	DRIVE_OPT_BY,
	DRIVE_OPT_PATTERN("stores: these patterns of wcdiag drive; reference (default), spoilers, all"),
	DRIVE_OPTS_SHARED,
	DRIVE_OPT_WITNESS("who counts them: reg:BAR+OFFSET:WIDTH, cmd:PROGRAM, pmu; several may be given"),
	{ VAL_IRQS, "interrupts-off", NULL, "kernel: interrupts off during each batch" },
	{ 0, NULL, NULL, NULL },
};

static int own(int val, const char *arg, void *ctx)
{
	struct live *k = ctx;
	char *end;

	switch (val) {
	case VAL_INTERVAL:
		errno = 0;
		k->interval = strtod(arg, &end);
		if (!*arg || *end || errno || !(k->interval >= 0.1 && k->interval <= 3600))
			return cmd_fail(k->c, arg, "no such interval", "seconds, 0.1 to 3600");
		return 0;
	case VAL_ONCE:
		k->once = true;
		return 0;
	case VAL_PANE:
		for (int i = 0; i < LP_PANES; i++)
			if (!strcmp(arg, live_pane_name[i])) {
				k->state.pane = (enum live_pane)i;
				return 0;
			}
		return cmd_fail(k->c, arg, "no such pane", "chain, map, findings, registers, witness or stores");
	case 's':
	case 'd':
		return device_arg_opt(k->c, val, arg, &k->dev);
	default:
		return live_store_option(&k->store_args, val, arg);
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int use(struct live_feed *f, void *ctx)
{
	struct live *k = ctx;

	int rc = live_model_update(&k->model, f->m, f->j, f->sel, k->dev.bar);

	if (!rc)
		live_store_facts(&k->store, &k->model);
	/* Then it is asked once more. */
	if (!rc && k->store.other)
		k->state.agreed = k->state.asking = k->store.other = false;
	return rc;
}

/* What could not be read is said on the screen; only when nothing was ever read there is nothing to show. */
static void update(struct live *k, bool all)
{
	int rc = live_feed_read(&k->feed, now(), all, use, k);

	if (rc <= 0 && k->feed.m)
		live_model_tick(&k->model);
	k->model.trouble = *k->feed.trouble ? k->feed.trouble : NULL;
	if (!k->store.on)
		live_rates_tick(&k->rates, now());
}

static int draw(struct live *k, int w, int h)
{
	struct live_scene sc = { &k->model, &k->rates, &k->state, &k->store };
	int rc = live_view(&k->state, &k->model);

	if (!rc)
		rc = canvas_resize(&k->canvas, w, h);
	if (!rc)
		live_draw(&k->canvas, &sc);
	return rc;
}

/* A size from the environment, in the bounds of what can be drawn; otherwise when it is not set. */
static int number(const char *name, int least, int otherwise)
{
	const char *env = getenv(name);
	int n = env ? atoi(env) : 0;

	return n <= 0 ? otherwise : n < least ? least : n > CANVAS_MAX ? CANVAS_MAX : n;
}

/* For a pipe: as wide as $COLUMNS, as high as $LINES or so that every BAR and all of the pane have room. */
static int once(struct live *k)
{
	int w = number("COLUMNS", LIVE_MIN_W, 100), h = number("LINES", LIVE_MIN_H, 0), rc;

	k->model.all_age = k->model.mappings_age = -1;
	k->state.roomy = !h;
	rc = draw(k, w, h ? h : CANVAS_MAX);
	if (!rc && !h) {
		h = k->state.lines + 5 + (k->state.n > 3 ? (int)k->state.n : 3);
		h = h < LIVE_MIN_H ? LIVE_MIN_H : h;
		/* The list has two fifths at most, and all rows are wanted. */
		h = h < (int)k->state.n * 5 / 2 + 6 ? (int)k->state.n * 5 / 2 + 6 : h;
		rc = draw(k, w, h);
	}
	if (rc)
		return cmd_fail_errno(k->c, "the screen", -rc, NULL);
	canvas_print(&k->canvas, stdout);
	return 0;
}

/* How many there were. */
static unsigned int keys(struct live *k)
{
	int x = 0, y = 0, wheel = 0, key;
	bool asking = k->state.asking;
	unsigned int n = 0;

	while (!k->state.quit && (key = live_term_key(&x, &y, &wheel)) != LK_NONE) {
		struct live_layout l = live_layout(&k->state, k->canvas.w, k->canvas.h);

		if (key == LK_MOUSE)
			live_mouse(&k->state, &k->model, &l, x, y, wheel);
		else if (key != LK_RESIZE)
			live_key(&k->state, &k->model, &l, key);
		else
			k->state.repaint = true;
		if (live_view(&k->state, &k->model))
			k->state.quit = true;
		n++;
		/* What was typed, or pasted, before the question was seen is no answer to it. */
		while (k->state.asking && !asking && live_term_key(&x, &y, &wheel) != LK_NONE)
			n++;
		asking = k->state.asking;
	}
	return n;
}

/* What the keys asked of the experiments, and what became of the one that runs. */
static void experiment(struct live *k)
{
	if (k->state.store && !k->store.on) {
		live_rates_rest(&k->rates); /* its witness may need the same counters */
		live_store_begin(&k->store, now());
	}
	if (k->state.unstore)
		live_store_stop(&k->store);
	k->state.store = k->state.unstore = false;
	live_store_tick(&k->store, now());
	k->state.storing = k->store.on;
}

/* 0, or the signal that ends it; -EIO: the terminal went away. */
static int loop(struct live *k)
{
	double next = now() + k->interval;
	enum live_wake wake = WAKE_TIME;
	unsigned int empty = 0;
	int w, h, rc;

	while (!k->state.quit) {
		double at = now(), left;

		k->model.mappings_age = (long)(at - k->feed.mappings_at);
		k->model.all_age = (long)(at - k->feed.all_at);
		live_term_size(&w, &h);
		rc = draw(k, w, h);
		if (rc)
			return rc;
		live_term_draw(&k->canvas, k->state.repaint);
		k->state.repaint = false;
		left = next - now();
		if (k->store.on && left > STORING_LOOK)
			left = STORING_LOOK;
		wake = live_term_wait(left > 0 ? (int)(left * 1000) + 1 : 0);
		if (wake == WAKE_SIGNAL)
			return live_term_signal();
		if (wake == WAKE_GONE)
			return -EIO;
		/* Something to read, again and again, and no key in it: the end of a file. */
		empty = wake == WAKE_KEY && !keys(k) ? empty + 1 : 0;
		if (empty > 1000)
			return -EIO;
		experiment(k);
		if (k->state.reread || now() >= next) {
			if (!k->state.frozen || k->state.reread)
				update(k, k->state.reread);
			k->state.reread = false;
			/* A reading that took longer than the interval is not made up for. */
			next = now() + k->interval;
		}
	}
	return 0;
}

static int on_terminal(struct live *k, const struct common *o, bool utf8)
{
	const char *why, *todo = NULL;
	int rc;

	why = live_term_open(o->color, !utf8, &todo);
	if (why)
		return cmd_fail(k->c, "the terminal", why, todo);
	rc = loop(k);
	live_term_close();
	if (rc < 0)
		return cmd_fail_errno(k->c, "the terminal", -rc, NULL);
	return rc;
}

static int go(struct live *k, const struct common *o, const struct src *s, int *sig)
{
	bool utf8 = setlocale(LC_CTYPE, "") && !strcmp(nl_langinfo(CODESET), "UTF-8");
	int rc;

	live_store_init(&k->store, &k->store_args);
	k->state.can_store = k->store.given;
	k->feed = (struct live_feed){ .c = k->c, .s = s, .dev = &k->dev, .interval = k->interval };
	rc = live_feed_read(&k->feed, now(), true, use, k);
	if (rc < 0)
		return cmd_fail(k->c, o->nroot ? o->root[0] : "this machine",
				*k->feed.trouble ? k->feed.trouble : strerror(-rc),
				rc == -ENODEV ? "see: wcdiag bars" : NULL);
	live_rates_open(&k->rates, k->feed.m);
	live_rates_tick(&k->rates, now());
	/* With nothing judged, or devices named, everything is shown. */
	k->state.all = !k->feed.j->nbar || device_arg_given(&k->dev);
	k->canvas.ascii = !utf8;
	if (k->once)
		return once(k);
	rc = on_terminal(k, o, utf8);
	if (rc > 0 && rc != EXIT_FAILED) {
		*sig = rc;
		rc = 0;
	}
	return rc;
}

static int run(const struct cmd *c, int argc, char **argv)
{
	static struct live k;
	struct common o;
	struct src *s;
	int rc, sig = 0;

	k = (struct live){ .c = c, .dev = { .bar = -1 }, .interval = 1 };
	live_store_args_init(&k.store_args, c);
	rc = device_parse(c, argc, argv, &o, own, &k, &k.dev);
	if (rc >= 0)
		return rc;
	rc = live_store_check(&k.store_args, &k.dev, !o.nroot, k.once);
	if (!rc)
		rc = common_open(&o, &s);
	if (rc) {
		common_free(&o);
		return rc;
	}
	rc = go(&k, &o, s, &sig);
	live_store_free(&k.store);
	live_rates_close(&k.rates);
	live_model_free(&k.model);
	live_state_free(&k.state);
	live_feed_free(&k.feed);
	canvas_free(&k.canvas);
	src_close(s);
	common_free(&o);
	if (sig) { /* the terminal is as it was, what was unpacked is removed: now end as asked */
		signal(sig, SIG_DFL);
		raise(sig);
	}
	return rc;
}

const struct cmd cmd_live = {
	.name = "live",
	.args = "[DEVICE[:BAR]]",
	.help = "the BARs on the screen while the system runs: verdict, reservations, entries, who maps them",
	.more = "Nothing is written, no BAR is read, no device is woken. h shows the keys, q quits.\n"
		"With --scratch, and only then, the key x writes to the device, as wcdiag drive does: to these bytes, and\n"
		"not before y has answered the question that comes first.\n"
		"Exit status: 0 after q or --once, 3 usage or failure. It is no verdict: wcdiag check gives one.",
	.opts = opts,
	.common = OPT_ROOT | OPT_READER,
	.run = run,
};
