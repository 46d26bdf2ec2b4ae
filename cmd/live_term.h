/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_term.h - the terminal: the canvas goes out, keys come in. The only part of wcdiag live that knows ncurses;
 * without it (NCURSES=no) live_term_open() refuses.
 *
 * Signals: while it is open SIGINT, SIGTERM and SIGHUP end live_term_wait(), at no other moment; SIGTSTP gives the
 * terminal back until the program goes on.
 */
#ifndef WCDIAG_LIVE_TERM_H
#define WCDIAG_LIVE_TERM_H

#include <stdbool.h>

struct live_canvas;

/* NULL, or why there is no screen: a sentence, and what to do in *todo. */
const char *live_term_open(bool color, bool ascii, const char **todo);
/* The terminal as it was found. May be called again. */
void live_term_close(void);
void live_term_size(int *w, int *h);
/* What differs from the last time; all: everything. */
void live_term_draw(const struct live_canvas *c, bool all);

enum live_wake { WAKE_TIME, WAKE_KEY, WAKE_SIGNAL, WAKE_GONE /* the terminal is no more */ };
/* Until a key, a signal, or that many milliseconds later. */
enum live_wake live_term_wait(int ms);
/* The next key as live_state.h has them; LK_NONE: no more. For LK_MOUSE where, and what the wheel did. */
int live_term_key(int *x, int *y, int *wheel);
/* The signal of WAKE_SIGNAL. */
int live_term_signal(void);

#endif
