/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_term.c - ncurses puts the canvas on the screen. */
#include "cmd/live_term.h"

#include <stddef.h>

#ifndef WCDIAG_NCURSES

const char *live_term_open(bool color, bool ascii, const char **todo)
{
	(void)color;
	(void)ascii;
	*todo = "make it with ncursesw (Debian: libncurses-dev), or use --once";
	return "this wcdiag was built without ncurses";
}

void live_term_close(void)
{
}

void live_term_size(int *w, int *h)
{
	*w = *h = 0;
}

void live_term_draw(const struct live_canvas *c, bool all)
{
	(void)c;
	(void)all;
}

enum live_wake live_term_wait(int ms)
{
	(void)ms;
	return WAKE_GONE;
}

int live_term_key(int *x, int *y, int *wheel)
{
	*x = *y = *wheel = 0;
	return 0;
}

int live_term_signal(void)
{
	return 0;
}

#else

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define NCURSES_WIDECHAR 1
#include <curses.h>

#include "cmd/live_canvas.h"
#include "cmd/live_state.h"

static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
#define NENDING (sizeof(ending) / sizeof(ending[0]))

static SCREEN *screen;
static volatile sig_atomic_t caught;
static sigset_t waiting; /* the mask of live_term_wait() */
static sigset_t before;
static struct sigaction old[NENDING];
static struct live_cell *shown; /* what is on the screen */
static int shown_w, shown_h;
static bool colored;

static void on_signal(int sig)
{
	caught = sig;
}

/* 256 colours give calmer tones than 8; without colours the attributes alone tell. */
static void init_colors(void)
{
	static const struct {
		short pair, eight, many;
	} fg[] = {
		{ LS_DIM, COLOR_WHITE, 245 },	{ LS_GOOD, COLOR_GREEN, 34 },	  { LS_BAD, COLOR_RED, 196 },
		{ LS_WARN, COLOR_YELLOW, 178 }, { LS_DUNNO, COLOR_MAGENTA, 170 }, { LS_TYPE, COLOR_GREEN, 34 },
	};

	start_color();
	use_default_colors();
	for (size_t i = 0; i < sizeof(fg) / sizeof(fg[0]); i++)
		init_pair(fg[i].pair, COLORS >= 256 ? fg[i].many : fg[i].eight, -1);
	init_pair(LS_BOLD, -1, -1);
	init_pair(LS_BAR, COLORS >= 256 ? 231 : COLOR_WHITE, COLORS >= 256 ? 24 : COLOR_BLUE);
}

static attr_t attributes(int style)
{
	static const attr_t plain[LS_STYLES] = {
		[LS_BOLD] = A_BOLD, [LS_BAD] = A_BOLD, [LS_BAR] = A_REVERSE, [LS_TYPE] = A_BOLD, [LS_DIM] = A_DIM,
	};
	static const attr_t color[LS_STYLES] = { [LS_BOLD] = A_BOLD, [LS_BAD] = A_BOLD, [LS_TYPE] = A_BOLD };
	int base = style & 0x3f;
	attr_t a = colored ? color[base] : plain[base];

	if (style & LF_SELECTED)
		a |= A_REVERSE;
	if (style & LF_CHANGED)
		a |= A_BOLD | A_UNDERLINE;
	return a;
}

const char *live_term_open(bool color, bool ascii, const char **todo)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t block;

	(void)ascii;
	if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO)) {
		*todo = "wcdiag live --once prints one frame; wcdiag check is for scripts";
		return isatty(STDOUT_FILENO) ? "standard input is no terminal" : "standard output is no terminal";
	}
	/* newterm() tells of a terminal that it does not know; initscr() would end the program. */
	screen = newterm(NULL, stdout, stdin);
	if (!screen) {
		*todo = "set TERM to what this terminal is, or use --once";
		return "the terminal is not known to ncurses (see $TERM)";
	}
	set_term(screen);
	sigemptyset(&block);
	for (size_t i = 0; i < NENDING; i++) {
		sigaddset(&block, ending[i]);
		sigaction(ending[i], &sa, &old[i]);
	}
	sigprocmask(SIG_BLOCK, &block, &before);
	waiting = before;
	for (size_t i = 0; i < NENDING; i++) /* a snapshot that was unpacked holds them back as well */
		sigdelset(&waiting, ending[i]);
	colored = color && has_colors();
	if (colored)
		init_colors();
	set_escdelay(25);
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	mouseinterval(0);
	return NULL;
}

void live_term_close(void)
{
	if (!screen)
		return;
	endwin();
	delscreen(screen);
	screen = NULL;
	free(shown);
	shown = NULL;
	for (size_t i = 0; i < NENDING; i++)
		sigaction(ending[i], &old[i], NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

void live_term_size(int *w, int *h)
{
	getmaxyx(stdscr, *h, *w);
}

static void put(int x, int y, const struct live_cell *p)
{
	wchar_t text[2] = { (wchar_t)p->ch, 0 };
	cchar_t c;

	setcchar(&c, text, attributes(p->style), colored ? (short)(p->style & 0x3f) : 0, NULL);
	/* The last cell: the cursor cannot go behind it, which is reported, and drawn all the same. */
	mvadd_wch(y, x, &c);
}

void live_term_draw(const struct live_canvas *c, bool all)
{
	size_t n = (size_t)c->w * (size_t)c->h;

	if (!shown || shown_w != c->w || shown_h != c->h) {
		free(shown);
		shown = calloc(n, sizeof(*shown));
		shown_w = c->w;
		shown_h = c->h;
		erase();
	}
	if (all)
		clearok(curscr, TRUE);
	for (size_t i = 0; i < n; i++) {
		if (shown && !memcmp(&shown[i], &c->cell[i], sizeof(shown[i])))
			continue;
		put((int)(i % (size_t)c->w), (int)(i / (size_t)c->w), &c->cell[i]);
		if (shown)
			shown[i] = c->cell[i];
	}
	refresh();
}

enum live_wake live_term_wait(int ms)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
	int n;

	n = ppoll(&fd, 1, &t, &waiting);
	if (caught)
		return WAKE_SIGNAL;
	if (n > 0 && (fd.revents & (POLLHUP | POLLERR | POLLNVAL)))
		return WAKE_GONE;
	/* Another signal: the window's size, which ncurses tells as a key. */
	return n ? WAKE_KEY : WAKE_TIME;
}

static const struct {
	int theirs, ours;
} keys[] = {
	{ KEY_UP, LK_UP },	   { KEY_DOWN, LK_DOWN },   { KEY_LEFT, LK_LEFT },
	{ KEY_RIGHT, LK_RIGHT },   { KEY_PPAGE, LK_PGUP },  { KEY_NPAGE, LK_PGDN },
	{ KEY_HOME, LK_HOME },	   { KEY_END, LK_END },	    { KEY_BTAB, LK_BACKTAB },
	{ KEY_F(1), LK_F1 },	   { KEY_F(4), LK_F4 },	    { KEY_F(5), LK_F5 },
	{ KEY_F(6), LK_F6 },	   { KEY_F(10), LK_F10 },   { KEY_BACKSPACE, LK_BACKSPACE },
	{ KEY_RESIZE, LK_RESIZE }, { KEY_ENTER, LK_ENTER }, { '\r', LK_ENTER },
	{ '\n', LK_ENTER },
};

int live_term_key(int *x, int *y, int *wheel)
{
	MEVENT e;
	int k = getch();

	if (k == ERR)
		return LK_NONE;
	if (k == KEY_MOUSE) {
		if (getmouse(&e) != OK)
			return LK_RESIZE; /* nothing, but not the last key */
		*x = e.x;
		*y = e.y;
		*wheel = e.bstate & BUTTON4_PRESSED ? -1 : e.bstate & BUTTON5_PRESSED ? 1 : 0;
		return LK_MOUSE;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].theirs == k)
			return keys[i].ours;
	return k < 256 ? k : LK_RESIZE;
}

int live_term_signal(void)
{
	return caught;
}

#endif
