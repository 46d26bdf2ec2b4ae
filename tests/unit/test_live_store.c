/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_live_store.c - the store experiments of wcdiag live: what drive says of its phases, over drive's own fakes, as
 * rows; the keys and the question; the program beside the screen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "cmd/json.h"
#include "cmd/live_draw.h"
#include "cmd/live_store.h"
#include "drive_world.h"
#include "probe/src.h"
#include "probe/witness_int.h"

static const struct cmd self = { .name = "live", .args = "" };
static struct drive_witnesses witnesses;
static struct witness opened = { .trust = TRUST_DEVICE };

/* Both sides of this plan, as wcdiag drive prints them; counted[side]: TLPs that its witness saw of each pattern, 0:
 * none asked. */
static char *printed(struct drive_plan *p, uint64_t kernel, uint64_t user)
{
	struct drive_args a = { .c = &self, .plan = *p, .witness = &witnesses };
	struct drive_out o = { .a = &a, .nphase = 2 };
	struct json_object *json = json_object_new_object();
	const char *what;
	char *text;

	memset(&witnesses, 0, sizeof(witnesses));
	if (kernel || user)
		assert_int_equal(drive_witness_add(&witnesses, "reg:2+0xff000:8", &what), 0);
	witnesses.w[0].w = &opened;
	for (int side = 0; side < 2; side++) {
		uint64_t n = side == DRIVE_USER ? user : kernel;

		fake.lists = 0;
		o.phase[side] = go(p, (enum drive_side)side);
		for (size_t i = 0; n && i < p->npattern; i++) {
			struct witness_counts *c = &witnesses.w[0].seen[side][p->pattern[i]].sum;

			c->runs[WITNESS_TLPS] = 3;
			c->count[WITNESS_TLPS] = n;
		}
	}
	drive_json(json, &o);
	text = strdup(json_object_to_json_string_ext(json, JS_FORM));
	json_object_put(json);
	for (int side = 0; side < 2; side++)
		drive_phase_free(&o.phase[side]);
	unlink(fake.path);
	return text;
}

static void take(char *text, int code, struct stored *s)
{
	assert_int_equal(stored_read(text, "", code << 8, s), 0);
	free(text);
}

static const struct stored_row *row_of(const struct stored *s, const char *side, const char *pattern)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->row[i].side, side) && !strcmp(s->row[i].pattern, pattern))
			return &s->row[i];
	fail_msg("no row for %s %s", side, pattern);
	return NULL;
}

static void whole_lines_are_good(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	const struct stored_row *r;
	struct stored s;

	(void)state;
	reset();
	take(printed(&p, 300, 300), 0, &s);
	assert_int_equal(s.n, 2);
	r = row_of(&s, "user", "mov8");
	assert_string_equal(r->type, "WC");
	assert_string_equal(r->predicted, "300");
	assert_string_equal(r->counted, "300");
	assert_string_equal(r->says, "100.0% whole");
	assert_int_equal(r->mood, MOOD_GOOD);
	assert_string_equal(r->witness, "reg:2+0xff000:8");
	assert_string_equal(s.says, "no split lines were counted");
	assert_int_equal(s.mood, MOOD_GOOD);
	stored_free(&s);
}

static void split_lines_are_bad_and_whose_is_said(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct stored s;

	(void)state;
	reset();
	take(printed(&p, 300, 2400), 1, &s);
	assert_string_equal(row_of(&s, "user", "mov8")->counted, "2400");
	assert_string_equal(row_of(&s, "user", "mov8")->says, "split: 0.0% whole");
	assert_int_equal(row_of(&s, "user", "mov8")->mood, MOOD_BAD);
	assert_int_equal(row_of(&s, "kernel", "mov8")->mood, MOOD_GOOD);
	assert_string_equal(s.says, "split lines were counted: user mov8");
	assert_int_equal(s.mood, MOOD_BAD);
	stored_free(&s);
}

/* drive ends with 0 between the two limits; that is not called fine. */
static void neither_whole_nor_split_is_not_fine(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct stored s;

	(void)state;
	reset();
	take(printed(&p, 300, 380), 0, &s);
	assert_string_equal(row_of(&s, "user", "mov8")->says, "73.3%-96.2% whole");
	assert_int_equal(row_of(&s, "user", "mov8")->mood, MOOD_DUNNO);
	assert_int_equal(s.mood, MOOD_DUNNO);
	stored_free(&s);
	/* Few were whole, and the witness proves nothing: neither. */
	reset();
	opened.trust = TRUST_NOTHING;
	take(printed(&p, 300, 2400), 0, &s);
	opened.trust = TRUST_DEVICE;
	assert_int_not_equal(s.mood, MOOD_GOOD);
	stored_free(&s);
}

/* Nobody counted; a side that cannot; a type that is not known: none of it reads as fine. */
static void what_nobody_saw_is_not_fine(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct stored s;

	(void)state;
	reset();
	take(printed(&p, 0, 0), 0, &s);
	assert_string_equal(row_of(&s, "user", "mov8")->counted, "-");
	assert_string_equal(row_of(&s, "user", "mov8")->says, "not counted");
	assert_int_equal(row_of(&s, "user", "mov8")->mood, MOOD_PLAIN);
	assert_string_equal(s.says, "stored, and nobody counted what arrived (--witness)");
	assert_int_equal(s.mood, MOOD_PLAIN);
	stored_free(&s);
	reset();
	fake.walk_err = -ENODEV;
	take(printed(&p, 300, 300), 2, &s);
	assert_string_equal(row_of(&s, "user", "mov8")->type, "WC?");
	assert_string_equal(row_of(&s, "user", "mov8")->predicted, "-");
	assert_string_equal(row_of(&s, "user", "mov8")->says, "not predicted");
	assert_non_null(strstr(s.says, "not all is known: user: the type, for the entries were not read"));
	assert_int_equal(s.mood, MOOD_DUNNO);
	stored_free(&s);
	reset();
	fake.cannot = "no module here";
	take(printed(&p, 0, 0), 2, &s);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.row[0].pattern, "");
	assert_string_equal(s.row[0].says, "nothing stored: no module here (do something)");
	assert_string_equal(s.says, "not all is known: kernel: no module here; user: no module here");
	stored_free(&s);
	reset();
	fake.stop_after = 7;
	take(printed(&p, 300, 300), 2, &s);
	assert_non_null(strstr(row_of(&s, "kernel", "mov8")->says, "ended early: "));
	assert_int_equal(row_of(&s, "kernel", "mov8")->mood, MOOD_DUNNO);
	stored_free(&s);
}

static void uncached_stores_are_as_predicted_and_not_praised(void **state)
{
	struct drive_plan p = plan(WCDIAG_STORE_MOV8);
	struct stored s;

	(void)state;
	reset();
	fake.slot = 3;
	p.by = DRIVE_BY_UC;
	take(printed(&p, 2400, 2401), 0, &s);
	assert_string_equal(row_of(&s, "kernel", "mov8")->type, "UC");
	assert_string_equal(row_of(&s, "kernel", "mov8")->says, "as predicted: not through WC");
	assert_int_equal(row_of(&s, "kernel", "mov8")->mood, MOOD_PLAIN);
	assert_string_equal(row_of(&s, "user", "mov8")->says, "more than predicted: not through WC");
	assert_int_equal(row_of(&s, "user", "mov8")->mood, MOOD_DUNNO);
	assert_string_equal(s.says, "not through write-combining: kernel UC, user UC: nothing combines there");
	assert_int_equal(s.mood, MOOD_BAD);
	stored_free(&s);
}

static void patterns_that_did_not_run_are_named_with_the_reason(void **state)
{
	static const char text[] =
		"{\"phases\":[{\"side\":\"user\",\"state\":\"done\",\"effective\":\"WC\",\"rows\":["
		"{\"pattern\":\"a\",\"state\":\"skipped\",\"why\":\"this CPU does not have it\"},"
		"{\"pattern\":\"b\",\"state\":\"skipped\",\"why\":\"only the kernel has it\"},"
		"{\"pattern\":\"c\",\"state\":\"skipped\",\"why\":\"this CPU does not have it\"}]}]}";
	struct stored s;

	(void)state;
	assert_int_equal(stored_read(text, "", 0, &s), 0);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.row[0].says, "not run: a, c: this CPU does not have it");
	assert_string_equal(s.row[1].says, "not run: b: only the kernel has it");
	stored_free(&s);
}

static void what_is_no_answer_is_said_to_be_none(void **state)
{
	static const char *const odd[] = { NULL, "", "[", "[]", "7", "{}", "{\"phases\":7}", "{\"phases\":[]}" };
	static const char *const strange[] = {
		"{\"phases\":[7,null,[],{\"rows\":{}}]}",
		"{\"phases\":[{\"side\":7,\"state\":\"done\",\"rows\":[7,null,{\"witnesses\":[7,{\"tlps\":\"x\"}]}]}]}",
	};
	struct stored s;

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_int_equal(stored_read(odd[i], "", 0, &s), 0);
		assert_string_equal(s.says, "what wcdiag drive said was not understood");
		assert_int_equal(s.mood, MOOD_DUNNO);
		stored_free(&s);
	}
	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		assert_int_equal(stored_read(strange[i], "", 0, &s), 0);
		assert_int_not_equal(s.mood, MOOD_GOOD);
		stored_free(&s);
	}
	stored_read(NULL, "wcdiag drive: 02:00.0:2: it sleeps (wake it)\nmore\n", EXIT_FAILED << 8, &s);
	assert_string_equal(s.says, "not done: 02:00.0:2: it sleeps (wake it)");
	assert_int_equal(s.mood, MOOD_DUNNO);
	stored_read("{}", "", 127 << 8, &s);
	assert_string_equal(s.says, "not done, and wcdiag drive did not say why");
	stored_read("{}", "", SIGKILL, &s);
	assert_string_equal(s.says, "wcdiag drive was ended by signal 9");
	assert_int_equal(s.mood, MOOD_DUNNO);
}

/* --- the keys --- */

static void nothing_is_stored_before_a_y(void **state)
{
	struct live_state s = { .pane = LP_CHAIN };
	struct live_layout l = live_layout(&s, 80, 24), small = live_layout(&s, 79, 24);
	struct live_model v = { .row = NULL };

	(void)state;
	live_key(&s, &v, &l, 'x'); /* no --scratch: the pane says what is missing */
	live_key(&s, &v, &l, 'y');
	assert_true(s.pane == LP_STORES && !s.asking && !s.store);
	s.can_store = true;
	live_key(&s, &v, &small, 'x'); /* the question would not be seen */
	assert_false(s.asking);
	live_key(&s, &v, &l, 'x');
	assert_true(s.asking && !s.store);
	live_key(&s, &v, &l, 'n');
	assert_true(!s.asking && !s.store && !s.agreed);
	live_key(&s, &v, &l, 'x');
	live_key(&s, &v, &l, 'x'); /* twice is no yes */
	assert_true(!s.asking && !s.store);
	live_key(&s, &v, &l, 'x');
	live_mouse(&s, &v, &l, 1, 10, 0);
	assert_false(s.asking);
	live_key(&s, &v, &l, 'x');
	live_key(&s, &v, &small, 'y'); /* the terminal shrank: the question is not seen any more */
	assert_true(!s.asking && !s.store && !s.agreed);
	live_key(&s, &v, &l, 'x');
	live_key(&s, &v, &l, 'y');
	assert_true(s.store && s.agreed);
	s.store = false;
	s.storing = true;
	live_key(&s, &v, &l, 'x');
	assert_true(s.unstore && !s.store);
	s.storing = s.unstore = false;
	live_key(&s, &v, &l, 'x'); /* once agreed it is not asked again */
	assert_true(s.store && !s.asking);
	s.store = false;
	live_key(&s, &v, &l, '/');
	live_key(&s, &v, &l, 'x');
	assert_true(!s.store && !strcmp(s.filter, "x"));
}

/* --- what would be done, and the pane --- */

struct screen {
	struct live_model v;
	struct live_state s;
	struct live_store store;
	struct live_store_args args;
	struct live_canvas c;
};

static void screen_init(struct screen *x)
{
	static struct src *src;

	if (!src)
		assert_int_equal(src_open_root(&src, "tests/machines/founding/root", NULL, 0), 0);
	world_init(&w);
	w.m.src = src;
	memset(x, 0, sizeof(*x));
	x->s.pane = LP_STORES;
	x->s.all = true;
	live_store_args_init(&x->args, &self);
}

static void screen_draw(struct screen *x)
{
	struct live_scene sc = { &x->v, NULL, &x->s, &x->store };

	judge_world(&w, LAYER_PTE);
	assert_int_equal(live_model_update(&x->v, &w.m, w.j, NULL, 2), 0);
	live_store_facts(&x->store, &x->v);
	assert_int_equal(live_view(&x->s, &x->v), 0);
	assert_int_equal(canvas_resize(&x->c, 80, 24), 0);
	live_draw(&x->c, &sc);
}

static void assert_shown(struct screen *x, const char *what)
{
	char *text = NULL;
	size_t len;
	FILE *f;

	screen_draw(x);
	f = open_memstream(&text, &len);
	canvas_print(&x->c, f);
	fclose(f);
	if (!strstr(text, what))
		fail_msg("no \"%s\" in:\n%s", what, text);
	free(text);
}

static void screen_end(struct screen *x)
{
	live_store_free(&x->store);
	live_model_free(&x->v);
	live_state_free(&x->s);
	canvas_free(&x->c);
	judgement_free(w.j);
	w.j = NULL;
}

static int option(struct screen *x, const char *name, const char *arg)
{
	for (const struct opt *o = drive_opts; o->name; o++)
		if (!strcmp(o->name, name))
			return live_store_option(&x->args, o->val, arg);
	return -1;
}

static void the_pane_says_what_would_be_done_or_why_not(void **state)
{
	struct device_arg dev = { .bar = 2, .typed = "00:02.0:2", .slot = "00:02.0" };
	struct screen x;

	(void)state;
	screen_init(&x);
	assert_int_equal(live_store_check(&x.args, &dev, true, false), 0);
	live_store_init(&x.store, &x.args);
	assert_shown(&x, "Nothing is stored: no --scratch was given.");
	assert_int_equal(option(&x, "scratch", "0x2000+4K"), 0);
	assert_int_equal(option(&x, "witness", "cmd:/opt/a counter"), 0);
	assert_int_equal(option(&x, "interrupts-off", NULL), 0);
	assert_int_equal(live_store_check(&x.args, &dev, true, false), 0);
	live_store_init(&x.store, &x.args);
	x.s.can_store = true;
	assert_shown(&x, "x stores to 4 KiB at 0x2000 of 0000:00:02.0:2, and asks before");
	assert_string_equal(x.store.command, "wcdiag drive 0000:00:02.0:2 --scratch 0x2000+4K --witness "
					     "'cmd:/opt/a counter' --interrupts-off");
	x.s.asking = true;
	assert_shown(&x, "Store to 4 KiB at 0x2000 of 0000:00:02.0:2?");
	assert_shown(&x, " y stores, any other key does not");
	x.s.asking = false;
	/* What drive refuses is said before the key is pressed. */
	strcpy(w.dev.driver, "bardrv");
	assert_shown(&x, "nothing can be stored now: the driver bardrv has the device (unbind it");
	*w.dev.driver = '\0';
	w.dev.asleep = w.dev.suspended = true;
	assert_shown(&x, "nothing can be stored now: the device is asleep");
	w.dev.asleep = w.dev.suspended = false;
	w.m.pci.n = 0;
	assert_shown(&x, "nothing can be stored now: the BAR is not there any more");
	w.m.pci.n = 1;
	/* The same card again is the same; another one in its slot, or the BAR elsewhere, is to be asked for. */
	screen_draw(&x);
	assert_false(x.store.other);
	w.dev.device ^= 1;
	screen_draw(&x);
	assert_true(x.store.other);
	x.store.other = false;
	w.dev.bar[2].addr += BAR_SIZE;
	screen_draw(&x);
	assert_true(x.store.other);
	x.store.other = false;
	w.dev.bar[2].addr -= BAR_SIZE;
	stored_read(NULL, "wcdiag drive: it sleeps\033[2J (wake it)\n", EXIT_FAILED << 8, &x.store.last);
	strcpy(x.store.last.at, "12:03:04");
	x.store.last.took = 0.25;
	assert_shown(&x, "12:03:04, 0.25 s: not done: it sleeps?[2J (wake it)");
	x.store.on = true;
	x.store.now = 3.1;
	assert_shown(&x, "storing... 3 s (x ends it)");
	x.store.on = false;
	screen_end(&x);
}

static void a_run_is_a_table(void **state)
{
	struct drive_plan p;
	struct screen x;

	(void)state;
	screen_init(&x);
	reset();
	p = plan(WCDIAG_STORE_MOV8);
	assert_int_equal(option(&x, "scratch", "0x2000+4K"), 0);
	live_store_init(&x.store, &x.args);
	take(printed(&p, 300, 2400), 1, &x.store.last);
	strcpy(x.store.last.at, "12:03:04");
	screen_init(&(struct screen){ 0 }); /* the same machine again */
	assert_shown(&x, "SIDE   PATTERN       TYPE    PREDICTED   COUNTED      VERDICT");
	assert_shown(&x, "kernel mov8          WC      300         300          100.0% whole");
	assert_shown(&x, "user   mov8          WC      300         2400         split: 0.0% whole");
	assert_shown(&x, "write TLPs, counted by reg:2+0xff000:8; whole");
	screen_end(&x);
}

static void wrong_words_are_refused_at_once(void **state)
{
	static const struct {
		const char *name, *arg;
		int bar;
		bool live, once;
	} rows[] = {
		{ "witness", "reg:2+0:8", 2, true, false }, { "scratch", "0+4K", -1, true, false },
		{ "scratch", "0+4K", 2, false, false },	    { "scratch", "0+4K", 2, true, true },
		{ "pattern", "mov8", 2, true, false },
	};
	struct screen x;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct device_arg dev = { .bar = rows[i].bar, .typed = "00:02.0", .slot = "00:02.0" };

		screen_init(&x);
		assert_int_equal(option(&x, rows[i].name, rows[i].arg), 0);
		assert_int_equal(live_store_check(&x.args, &dev, rows[i].live, rows[i].once), EXIT_FAILED);
	}
	screen_init(&x);
	assert_int_equal(option(&x, "scratch", "4K"), EXIT_FAILED);
	assert_int_equal(option(&x, "witness", "timing"), 0);
	assert_int_equal(live_store_check(&x.args, &(struct device_arg){ .bar = 2, .slot = "x" }, true, false),
			 EXIT_FAILED);
}

/* --- the program beside the screen --- */

static int run(struct live_child *c, const char *script)
{
	const struct timespec nap = { .tv_nsec = 5000000 };
	const char *argv[] = { "sh", "-c", script, NULL };
	int status = -1;

	assert_int_equal(live_child_start(c, "/bin/sh", argv), 0);
	for (int i = 0; i < 2000 && !live_child_ended(c, &status); i++)
		nanosleep(&nap, NULL);
	assert_int_equal(c->pid, 0);
	return status;
}

static void a_program_runs_beside(void **state)
{
	struct live_child c = { .pid = 0 };
	int status, fds = 0;

	(void)state;
	assert_false(live_child_ended(&c, &status));
	status = run(&c, "echo out; echo err >&2; read x || echo nothing; exit 2");
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	assert_string_equal(c.text, "out\nnothing\n");
	assert_string_equal(c.said, "err\n");
	/* What holds back signals here does not there. */
	sigset_t set, old;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &old);
	status = run(&c, "kill -TERM $$; sleep 20");
	sigprocmask(SIG_SETMASK, &old, NULL);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	/* More than any answer: asked to end. */
	status = run(&c, "exec yes");
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM && c.too_much);
	status = run(&c, "exec yes >&2 & sleep 0.1; kill $!");
	assert_int_equal(c.nsaid, sizeof(c.said) - 1);
	assert_int_equal(live_child_start(&c, "/nobody/is/here", (const char *[]){ "x", NULL }), 0);
	live_child_close(&c);
	assert_int_equal(c.pid, 0);
	assert_int_equal(live_child_start(&c, "/bin/sleep", (const char *[]){ "sleep", "60", NULL }), 0);
	live_child_close(&c);
	assert_int_equal(waitpid(-1, &status, WNOHANG), -1); /* nobody is left */
	for (int i = 3; i < 100; i++)
		fds += fcntl(i, F_GETFD) >= 0;
	run(&c, "true");
	live_child_close(&c);
	for (int i = 3; i < 100; i++)
		fds -= fcntl(i, F_GETFD) >= 0;
	assert_int_equal(fds, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_lines_are_good),
		cmocka_unit_test(split_lines_are_bad_and_whose_is_said),
		cmocka_unit_test(neither_whole_nor_split_is_not_fine),
		cmocka_unit_test(what_nobody_saw_is_not_fine),
		cmocka_unit_test(uncached_stores_are_as_predicted_and_not_praised),
		cmocka_unit_test(patterns_that_did_not_run_are_named_with_the_reason),
		cmocka_unit_test(what_is_no_answer_is_said_to_be_none),
		cmocka_unit_test(nothing_is_stored_before_a_y),
		cmocka_unit_test(the_pane_says_what_would_be_done_or_why_not),
		cmocka_unit_test(a_run_is_a_table),
		cmocka_unit_test(wrong_words_are_refused_at_once),
		cmocka_unit_test(a_program_runs_beside),
	};

	return cmocka_run_group_tests_name("live_store", tests, NULL, NULL);
}
