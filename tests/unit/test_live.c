/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_live.c - wcdiag live without a terminal: canvas, rows, marks, keys, and every pane on recorded and hostile
 * machines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/device.h"
#include "cmd/live_draw.h"
#include "cmd/live_feed.h"
#include "cmd/live_rates.h"
#include "judge_world.h"
#include "probe/src.h"
#include "tmptree.h"

static const struct cmd self = { .name = "live", .args = "" };

static char *text_of(const struct live_canvas *c)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	canvas_print(c, f);
	fclose(f);
	return text;
}

static void assert_has(const struct live_canvas *c, const char *what)
{
	char *text = text_of(c);

	if (!strstr(text, what))
		fail_msg("no \"%s\" in:\n%s", what, text);
	free(text);
}

static void assert_lacks(const struct live_canvas *c, const char *what)
{
	char *text = text_of(c);

	if (strstr(text, what))
		fail_msg("\"%s\" in:\n%s", what, text);
	free(text);
}

static void canvas_takes_hostile_text_and_any_place(void **state)
{
	struct live_canvas c = { .cell = NULL };
	char *text;

	(void)state;
	assert_int_equal(canvas_resize(&c, 10, 3), 0);
	canvas_text(&c, 0, 0, 10, 0, "a\033[2Jb\xc3\xa4");
	canvas_text(&c, 0, 1, 6, 0, "abcdefgh");
	canvas_text(&c, 8, 2, 50, 0, "xyz");
	canvas_text(&c, -3, 2, 50, 0, "1234");
	canvas_text(&c, 0, 3, 10, 0, "out");
	canvas_text(&c, 0, -1, 10, 0, "out");
	canvas_style(&c, -5, 1, 100, LS_BAD);
	canvas_flag(&c, 5, 9, 100, LF_CHANGED);
	text = text_of(&c);
	assert_string_equal(text, "a?[2Jb??\nabcde~\n4       x~\n");
	free(text);
	canvas_clear(&c);
	canvas_glyph(&c, 1, 0, 0, 0x2500, '-');
	text = text_of(&c);
	assert_string_equal(text, " \xe2\x94\x80\n");
	free(text);
	c.ascii = true;
	canvas_glyph(&c, 1, 0, 0, 0x2500, '-');
	text = text_of(&c);
	assert_string_equal(text, " -\n");
	free(text);
	canvas_free(&c);
}

static void text_flows_and_is_looked_at_through_a_window(void **state)
{
	struct live_canvas c = { .cell = NULL };
	struct canvas_pen p;
	char *text;

	(void)state;
	canvas_resize(&c, 12, 3);
	p = (struct canvas_pen){ .c = &c, .w = 12, .h = 3, .skip = 1 };
	pen_line(&p, 0, "not seen");
	pen_wrap(&p, 4, 2, 0, "one two three");
	pen_wrap(&p, 0, 2, 0, "/a/path/that/is/longer");
	assert_int_equal(p.line, 5);
	text = text_of(&c);
	assert_string_equal(text, "    one two\n  three\n/a/path/that\n");
	free(text);
	p = (struct canvas_pen){ .c = &c, .w = 12, .h = 3 };
	pen_wrap(&p, 0, 20, 0, "no room at all"); /* ends */
	assert_in_range(p.line, 1, 20);
	canvas_free(&c);
}

/* The machine of judge_world.h has no source; the title wants to know whether it is live. */
static void with_src(struct world *w)
{
	static struct src *s;

	if (!s)
		assert_int_equal(src_open_root(&s, "tests/machines/founding/root", NULL, 0), 0);
	w->m.src = s;
}

/* One screen of this world. */
struct screen {
	struct live_model v;
	struct live_state s;
	struct live_rates rates;
	struct live_canvas c;
};

static void update(struct screen *x, struct world *w)
{
	struct judgement *was = w->j;

	w->j = NULL;
	judge_world(w, LAYER_PTE);
	assert_int_equal(live_model_update(&x->v, &w->m, w->j, NULL, -1), 0);
	judgement_free(was);
}

static void draw(struct screen *x, int w, int h)
{
	struct live_scene sc = { &x->v, &x->rates, &x->s, NULL };

	assert_int_equal(live_view(&x->s, &x->v), 0);
	assert_int_equal(canvas_resize(&x->c, w, h), 0);
	live_draw(&x->c, &sc);
}

static void key(struct screen *x, int k)
{
	struct live_layout l = live_layout(&x->s, x->c.w, x->c.h);

	live_key(&x->s, &x->v, &l, k);
	assert_int_equal(live_view(&x->s, &x->v), 0);
	draw(x, x->c.w, x->c.h);
}

static void type(struct screen *x, const char *text)
{
	for (; *text; text++)
		key(x, *text);
}

static void end(struct screen *x)
{
	live_model_free(&x->v);
	live_state_free(&x->s);
	canvas_free(&x->c);
}

#define WC_LIST	  "PAT memtype list:\nPAT: [mem 0xfe000000-0xfe100000] write-combining\n"
#define UC_LIST	  "PAT memtype list:\nPAT: [mem 0xfe000000-0xfe100000] uncached-minus\n"
#define PART_LIST "PAT memtype list:\nPAT: [mem 0xfe000000-0xfe001000] write-combining\n"

static void a_row_says_what_is_known_and_no_more(void **state)
{
	struct world *w = *state;
	struct screen x = { .s.all = true };

	with_src(w);
	update(&x, w);
	assert_int_equal(x.v.n, 1);
	assert_string_equal(x.v.row[0].text[LC_BAR], "0000:00:02.0:2");
	assert_string_equal(x.v.row[0].text[LC_RESERVED], "none");
	assert_string_equal(x.v.row[0].text[LC_ENTRIES], "not read");
	assert_string_equal(x.v.row[0].text[LC_MAPPED], "nobody");
	reserve(w, PART_LIST);
	add_map(w, MAP_SYSFS_WC, BAR_ADDR, 0x1000);
	update(&x, w);
	assert_string_equal(x.v.row[0].text[LC_RESERVED], "WC in part");
	assert_string_equal(x.v.row[0].text[LC_MAPPED], "401 app");
	fact_missing(&w->m.memtype.fact, NULL, "x", EACCES, NULL);
	fact_missing(&w->m.maps.fact, NULL, "x", EACCES, NULL);
	w->m.maps.n = 0;
	update(&x, w);
	assert_string_equal(x.v.row[0].text[LC_RESERVED], "not read");
	assert_string_equal(x.v.row[0].text[LC_MAPPED], "not all read");
	draw(&x, 80, 24);
	assert_has(&x.c, "reservations not read");
	end(&x);
}

static void a_change_is_marked_and_the_mark_fades(void **state)
{
	struct world *w = *state;
	struct screen x = { .s.all = true };

	with_src(w);
	x.c.ascii = true;
	reserve(w, WC_LIST);
	update(&x, w);
	for (int c = 0; c < LC_COLS; c++)
		assert_false(live_changed(&x.v, &x.v.row[0], (enum live_col)c));
	draw(&x, 80, 24);
	assert_lacks(&x.c, "\n*0000:00:02.0:2");
	add_map(w, MAP_SYSFS_WC, BAR_ADDR, 0x1000);
	update(&x, w);
	assert_true(live_changed(&x.v, &x.v.row[0], LC_MAPPED));
	assert_false(live_changed(&x.v, &x.v.row[0], LC_RESERVED));
	assert_false(live_changed(&x.v, &x.v.row[0], LC_BAR));
	draw(&x, 80, 24);
	assert_has(&x.c, "\n*0000:00:02.0:2");
	live_model_tick(&x.v);
	live_model_tick(&x.v);
	assert_true(live_changed(&x.v, &x.v.row[0], LC_MAPPED));
	live_model_tick(&x.v);
	assert_false(live_changed(&x.v, &x.v.row[0], LC_MAPPED));
	w->m.maps.n = 0;
	update(&x, w);
	assert_true(live_changed(&x.v, &x.v.row[0], LC_MAPPED));
	assert_string_equal(x.v.row[0].text[LC_MAPPED], "nobody");
	w->dev.bar[2].size = 0; /* unplugged, and plugged in again */
	update(&x, w);
	assert_int_equal(x.v.n, 0);
	w->dev.bar[2].size = BAR_SIZE;
	update(&x, w);
	assert_true(live_changed(&x.v, &x.v.row[0], LC_BAR));
	end(&x);
}

/* Three devices: WC reserved, UC-, and one that is not judged. */
static struct pci_device three[3];

static void three_devices(struct world *w)
{
	for (int i = 0; i < 3; i++) {
		three[i] = w->dev;
		three[i].dev = (unsigned int)i + 2;
		snprintf(three[i].slot, sizeof(three[i].slot), "0000:00:%02x.0", i + 2);
		three[i].bar[2].addr = BAR_ADDR + (uint64_t)i * BAR_SIZE;
	}
	three[0].bar[2].flags = RES_MEM;
	three[2].bar[2].size = BAR_SIZE / 2;
	w->m.pci.dev = three;
	w->m.pci.n = 3;
}

static void keys_choose_filter_sort_and_quit(void **state)
{
	struct world *w = *state;
	struct screen x = { .s.all = false };
	uint64_t chosen;

	with_src(w);
	three_devices(w);
	update(&x, w);
	draw(&x, 80, 24);
	assert_int_equal(x.s.n, 2); /* the first is not judged */
	assert_int_equal(x.v.unjudged, 1);
	key(&x, 'a');
	assert_int_equal(x.s.n, 3);
	key(&x, LK_HOME);
	assert_string_equal(live_chosen(&x.s, &x.v)->text[LC_VERDICT], "not judged");
	assert_has(&x.c, "not judged: nothing makes write-combining plausible");
	key(&x, LK_DOWN);
	key(&x, 'j');
	key(&x, LK_DOWN); /* stays at the last */
	assert_string_equal(live_chosen(&x.s, &x.v)->text[LC_BAR], "0000:00:04.0:2");
	chosen = x.s.key;
	for (int i = 0; i < SORTS; i++) { /* the row chosen stays chosen, wherever it goes */
		key(&x, 's');
		assert_true(x.s.key == chosen);
		if (x.s.sort == SORT_VERDICT)
			assert_null(x.v.row[x.s.view[2]].j);
		if (x.s.sort == SORT_SIZE)
			assert_true(x.v.row[x.s.view[2]].key == chosen);
	}
	assert_int_equal(x.s.sort, SORT_BAR);
	key(&x, '/');
	type(&x, "03.q");
	assert_int_equal(x.s.n, 0);
	assert_has(&x.c, "no BAR has \"03.q\"");
	assert_false(x.s.quit);
	key(&x, LK_BACKSPACE);
	assert_int_equal(x.s.n, 1);
	assert_string_equal(live_chosen(&x.s, &x.v)->text[LC_BAR], "0000:00:03.0:2");
	key(&x, LK_ENTER);
	assert_has(&x.c, "filter: 03.");
	assert_false(x.s.zoom);
	key(&x, LK_ESC);
	assert_int_equal(x.s.n, 3);
	for (int i = 0; i < LP_PANES; i++)
		key(&x, LK_TAB);
	assert_int_equal(x.s.pane, LP_CHAIN);
	key(&x, LK_BACKTAB);
	assert_int_equal(x.s.pane, LP_STORES);
	assert_has(&x.c, "[stores]");
	key(&x, '3');
	assert_int_equal(x.s.pane, LP_FINDINGS);
	key(&x, LK_ENTER);
	assert_true(x.s.zoom);
	key(&x, LK_PGDN);
	assert_int_equal(x.s.scroll, x.s.lines > 18 ? x.s.lines - 18 : 0);
	key(&x, LK_ESC);
	assert_false(x.s.zoom);
	key(&x, ' ');
	assert_has(&x.c, "FROZEN");
	key(&x, ' ');
	assert_lacks(&x.c, "FROZEN");
	key(&x, '?');
	assert_has(&x.c, "freeze: nothing is read");
	key(&x, 'x');
	assert_false(x.s.help);
	key(&x, 'r');
	assert_true(x.s.reread);
	key(&x, 'q');
	assert_true(x.s.quit);
	end(&x);
}

static void the_mouse_chooses_rows_and_tabs(void **state)
{
	struct world *w = *state;
	struct screen x = { .s.all = true };
	struct live_layout l;
	int from, to;

	with_src(w);
	three_devices(w);
	update(&x, w);
	draw(&x, 80, 24);
	l = live_layout(&x.s, 80, 24);
	live_mouse(&x.s, &x.v, &l, 5, l.list_y + 2, 0);
	assert_int_equal(x.s.at, 2);
	live_mouse(&x.s, &x.v, &l, 5, l.list_y, -1);
	assert_int_equal(x.s.at, 1);
	live_tab(LP_REGISTERS, &from, &to);
	live_mouse(&x.s, &x.v, &l, from, l.tabs_y, 0);
	assert_int_equal(x.s.pane, LP_REGISTERS);
	live_mouse(&x.s, &x.v, &l, 79, 23, 0);
	live_mouse(&x.s, &x.v, &l, 5, l.pane_y, 1);
	assert_int_equal(x.s.pane, LP_REGISTERS);
	assert_int_equal(x.s.at, 1);
	end(&x);
}

static void too_small_is_said_at_any_size(void **state)
{
	struct world *w = *state;
	struct screen x = { .s.all = true };

	with_src(w);
	update(&x, w);
	for (int i = 1; i <= 79; i++)
		draw(&x, i, 1 + i % 30);
	draw(&x, 79, 24);
	assert_has(&x.c, "needs 80x24, this is 79x24");
	draw(&x, 80, 23);
	assert_has(&x.c, "needs 80x24, this is 80x23");
	draw(&x, 80, 24);
	assert_has(&x.c, "0000:00:02.0:2");
	end(&x);
}

static void hostile_names_stay_text(void **state)
{
	struct world *w = *state;
	struct screen x = { .s.all = true };

	with_src(w);
	strcpy(w->m.cpu.name, "CPU\033]0;x\007");
	strcpy(w->dev.slot, "0000:00:\033[2J.0");
	add_map(w, MAP_NODE, 0, 0x1000);
	w->map[0].phys_known = false;
	w->map[0].bar = -1;
	memset(w->map[0].comm, 0x9b, sizeof(w->map[0].comm) - 1);
	strcpy(w->map[0].path, "/dev/\xff\033[31m");
	update(&x, w);
	x.c.ascii = true;
	for (int p = 0; p < LP_PANES; p++) {
		x.s.pane = (enum live_pane)p;
		draw(&x, 200, 50);
		for (int i = 0; i < 200 * 50; i++)
			assert_in_range(x.c.cell[i].ch, 0x20, 0x7e);
		assert_has(&x.c, "0000:00:?[2J.0:2");
	}
	end(&x);
}

static void rates_are_drawn_or_their_lack_is_explained(void **state)
{
	struct world *w = *state;
	struct screen x = { .s = { .all = true, .pane = LP_WITNESS } };

	with_src(w);
	live_rates_open(&x.rates, &w->m);
	update(&x, w);
	draw(&x, 80, 24);
	assert_has(&x.c, "no counter here: a snapshot holds no counts; run wcdiag live on that machine");
	x.c.ascii = true;
	x.rates.n = 2;
	x.rates.rate[0].name = "full lines";
	x.rates.rate[1].name = "bytes";
	x.rates.rate[1].bytes = true;
	draw(&x, 80, 24);
	assert_has(&x.c, "full lines     not yet");
	for (int i = 0; i < 3 * RATES_KEPT; i++)
		live_rate_add(&x.rates.rate[0], i % 2 ? 1500000 : 0);
	live_rate_add(&x.rates.rate[1], 64);
	assert_true(live_rate_past(&x.rates.rate[0], 0) == 1500000 && live_rate_past(&x.rates.rate[0], 1) == 0);
	assert_int_equal(x.rates.rate[0].n, RATES_KEPT);
	draw(&x, 80, 24);
	assert_has(&x.c, "full lines     1.5 M/s");
	assert_has(&x.c, "bytes          64 B/s");
	assert_has(&x.c, "# # # #");
	end(&x);
}

static int use(struct live_feed *f, void *ctx)
{
	struct screen *x = ctx;

	return live_model_update(&x->v, f->m, f->j, NULL, -1);
}

/* Every recorded machine, every pane, every row, small and large: drawn whole, and never outside of ASCII. */
static void recorded_machines_are_drawn(void **state)
{
	static const int size[][2] = { { 80, 24 }, { 200, 50 }, { 1000, 25 } };
	struct device_arg dev = { .bar = -1 };
	struct dirent **name;
	int n = scandir("tests/machines", &name, NULL, alphasort), seen = 0;

	(void)state;
	for (int i = 0; i < n; i++) {
		struct live_feed f = { .c = &self, .dev = &dev };
		struct screen x = { .s.all = true, .c.ascii = true };
		struct src *s;
		char path[400];

		snprintf(path, sizeof(path), "tests/machines/%s/root", name[i]->d_name);
		free(name[i]);
		if (path[15] == '.' || src_open_root(&s, path, NULL, 0))
			continue;
		f.s = s;
		assert_int_equal(live_feed_read(&f, 0, false, use, &x), 1);
		assert_int_equal(live_feed_read(&f, 1, false, use, &x), 0); /* nothing changed */
		x.c.ascii = true;
		draw(&x, 80, 24);
		for (size_t row = 0; row < (x.s.n ? x.s.n : 1); row++, key(&x, LK_DOWN))
			for (int p = 0; p < LP_PANES * 3; p++) {
				x.s.pane = (enum live_pane)(p % LP_PANES);
				draw(&x, size[p / LP_PANES][0], size[p / LP_PANES][1]);
				for (int c = 0; c < x.c.w * x.c.h; c++)
					assert_in_range(x.c.cell[c].ch, 0x20, 0x7e);
				assert_true(x.s.lines > 0);
			}
		end(&x);
		live_feed_free(&f);
		src_close(s);
		seen++;
	}
	if (n >= 0)
		free(name);
	assert_true(seen > 40);
}

/* Kept memory that a sanitizer holds back is no growth; there the leaks are told at the end. */
static long rss(void)
{
	long kb = 1;
#ifndef __SANITIZE_ADDRESS__
	char line[200];
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmRSS: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
#endif
	return kb;
}

/* A mapping comes and goes, judged anew each tenth time; each refresh is drawn. */
static void memory_does_not_grow_over_100000_refreshes(void **state)
{
	struct world *w = *state;
	struct screen x = { .s.all = true };
	long before = 0;

	with_src(w);
	reserve(w, WC_LIST);
	add_map(w, MAP_SYSFS_WC, BAR_ADDR, 0x1000);
	for (int i = 0; i < 100000; i++) {
		if (i % 10 == 0) {
			w->m.maps.n = (size_t)(i / 10 % 2);
			update(&x, w);
		} else {
			live_model_tick(&x.v);
		}
		x.s.pane = (enum live_pane)(i % LP_PANES);
		draw(&x, 80, 24);
		if (i == 5000)
			before = rss();
	}
	assert_true(before > 0);
	if (rss() > before + 1024)
		fail_msg("%ld KiB after 5000 refreshes, %ld KiB after 100000", before, rss());
	end(&x);
}

static void put_list(struct tree *t, const char *type)
{
	char text[200];

	snprintf(text, sizeof(text), "PAT memtype list:\n%s @ 0xd4000000-0xd8000000\n", type);
	put_text(t, "root/sys/kernel/debug/x86/pat_memtype_list", text);
}

static const struct live_row *row_of(const struct screen *x, const char *bar)
{
	for (size_t i = 0; i < x->v.n; i++)
		if (!strcmp(x->v.row[i].text[LC_BAR], bar))
			return &x->v.row[i];
	fail_msg("no row %s", bar);
	return NULL;
}

/* The new list with the devices and registers as they were; these follow soon, and not at each change. */
static void a_change_is_taken_over_at_once_and_the_rest_follows(void **state)
{
	static const char *const type[] = { "write-combining", "uncached-minus" };
	struct device_arg dev = { .bar = -1 };
	struct live_feed f = { .c = &self, .dev = &dev };
	struct screen x = { .s.all = true };
	char copy[600], path[400];
	struct tree t;
	struct src *s;
	long before = 0;

	(void)state;
	tree_make(&t);
	snprintf(copy, sizeof(copy), "cp -r tests/machines/founding-entries/root %s/", t.dir);
	assert_int_equal(system(copy), 0);
	snprintf(path, sizeof(path), "%s/root", t.dir);
	assert_int_equal(src_open_root(&s, path, NULL, 0), 0);
	f.s = s;
	put_list(&t, type[0]);
	assert_int_equal(live_feed_read(&f, 100, false, use, &x), 1);
	assert_string_equal(row_of(&x, "0000:02:00.0:2")->text[LC_RESERVED], "WC");
	assert_string_equal(row_of(&x, "0000:02:00.0:0")->text[LC_RESERVED], "none");
	assert_int_equal(live_feed_read(&f, 101, false, use, &x), 0);
	/* A change: at once, with the device as it was read. */
	put_list(&t, type[1]);
	put_text(&t, "root/sys/bus/pci/devices/0000:02:00.0/resource", "0x0 0x0 0x0\n");
	assert_int_equal(live_feed_read(&f, 102, false, use, &x), 1);
	assert_string_equal(row_of(&x, "0000:02:00.0:2")->text[LC_RESERVED], "UC-");
	assert_true(f.all_at == 100 && f.mappings_at == 102);
	assert_true(row_of(&x, "0000:02:00.0:2")->since[LC_RESERVED] == x.v.refresh);
	/* Without a further change the rest is read soon, not in ten seconds. */
	assert_int_equal(live_feed_read(&f, 100 + f.soon - 0.1, false, use, &x), 0);
	assert_true(f.soon < FEED_ALL_EVERY);
	assert_int_equal(live_feed_read(&f, 100 + f.soon, false, use, &x), 1);
	assert_true(f.all_at == 100 + f.soon);
	assert_true(x.v.n < 2); /* the device as it is now */
	/* What maps a device that is another one now is looked at once more; then it is quiet. */
	live_feed_read(&f, f.all_at + 1, false, use, &x);
	assert_int_equal(live_feed_read(&f, f.all_at + 2, false, use, &x), 0);
	/* What never holds still is read more seldom where that takes too long; what is quiet for once, at once again. */
	f.interval = 1e6;
	for (int i = 0; i <= FEED_RESTLESS; i++) {
		put_list(&t, type[i % 2]);
		assert_int_equal(live_feed_read(&f, f.all_at + 1.5, false, use, &x), 1);
	}
	assert_true(f.rest > 1);
	put_list(&t, type[1]);
	assert_int_equal(live_feed_read(&f, f.all_at + 2, false, use, &x), 0);
	assert_true(f.mappings_at < f.all_at + 2);
	f.rest = 0.1;
	assert_int_equal(live_feed_read(&f, f.all_at + 2, false, use, &x), 1);
	f.rest = 0.1;
	assert_int_equal(live_feed_read(&f, f.all_at + 2.2, false, use, &x), 0);
	assert_true(f.rest == 0 && f.restless == 0 && f.mappings_at == f.all_at + 2.2);
	f.interval = 0;
	for (int i = 0; i < 600; i++) {
		put_list(&t, type[i % 2]);
		assert_int_equal(live_feed_read(&f, f.all_at + 1, false, use, &x), 1);
		if (i == 200)
			before = rss();
	}
	if (rss() > before + 1024)
		fail_msg("%ld KiB after 200 changes, %ld KiB after 600", before, rss());
	end(&x);
	live_feed_free(&f);
	src_close(s);
	tree_remove(&t);
}

/* The reading side: compared, and read and judged anew. */
static void memory_does_not_grow_with_reading(void **state)
{
	struct device_arg dev = { .bar = -1 };
	struct live_feed f = { .c = &self, .dev = &dev };
	struct screen x = { .s.all = true };
	struct src *s;
	long before = 0;

	(void)state;
	assert_int_equal(src_open_root(&s, "tests/machines/founding-entries/root", NULL, 0), 0);
	f.s = s;
	for (int i = 0; i < 1200; i++) {
		assert_in_range(live_feed_read(&f, i * 0.01, i % 4 == 0, use, &x), 0, 1);
		if (i == 200)
			before = rss();
	}
	if (rss() > before + 1024)
		fail_msg("%ld KiB after 200 readings, %ld KiB after 1200", before, rss());
	end(&x);
	live_feed_free(&f);
	src_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canvas_takes_hostile_text_and_any_place),
		cmocka_unit_test(text_flows_and_is_looked_at_through_a_window),
		cmocka_unit_test_setup_teardown(a_row_says_what_is_known_and_no_more, setup, teardown),
		cmocka_unit_test_setup_teardown(a_change_is_marked_and_the_mark_fades, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_choose_filter_sort_and_quit, setup, teardown),
		cmocka_unit_test_setup_teardown(the_mouse_chooses_rows_and_tabs, setup, teardown),
		cmocka_unit_test_setup_teardown(too_small_is_said_at_any_size, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_names_stay_text, setup, teardown),
		cmocka_unit_test_setup_teardown(rates_are_drawn_or_their_lack_is_explained, setup, teardown),
		cmocka_unit_test(recorded_machines_are_drawn),
		cmocka_unit_test(a_change_is_taken_over_at_once_and_the_rest_follows),
		cmocka_unit_test(memory_does_not_grow_with_reading),
		cmocka_unit_test_setup_teardown(memory_does_not_grow_over_100000_refreshes, setup, teardown),
	};
	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
