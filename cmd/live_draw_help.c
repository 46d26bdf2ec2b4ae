/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_draw_help.c - the page of help: every key, and what the columns say. Fits 80x24. */
#include "cmd/live_draw.h"

#define RIGHT 14 /* column of what a key does */

static const struct {
	const char *key, *does;
} help[] = {
	{ "Up, Down", "choose a BAR; PgUp, PgDn, Home, End, k, j, a click, the wheel" },
	{ "Tab", "next pane; Shift-Tab, Left, Right, 1 to 6, a click on its name" },
	{ "Enter", "the pane has the screen, and Up, Down move it; Enter goes back" },
	{ "/, F4", "filter: rows that hold this text; Enter keeps it, Esc shows all" },
	{ "s, F6", "sort: bar, verdict, size, reserved, mapped by, last change" },
	{ "a", "BARs that were not judged as well, or not" },
	{ "Space", "freeze: nothing is read, what is seen stays" },
	{ "r, F5", "read everything now" },
	{ "x", "with --scratch: store there, asked once; or end it" },
	{ "Ctrl-L", "draw the screen anew" },
	{ "h, ?, F1", "this page; any key goes back" },
	{ "q, F10", "quit" },
	{ "", "" },
	{ "VERDICT",
	  "intact: in order up to pte. broken: at the layer that BREAKS names. unknown: a fact is missing, the "
	  "findings say which" },
	{ "RESERVED", "types in the kernel's list of reservations: what it intended" },
	{ "ENTRIES", "types that the page table entries of all mappings select: what the CPU does" },
	{ "MAPPED BY", "processes; ? : its file tells the device, not which BAR" },
	{ "", "" },
	{ "* or a dot", "changed within the last three readings; new cells are underlined" },
};

void live_draw_help(struct canvas_pen *p, const struct live_scene *sc)
{
	(void)sc;
	for (size_t i = 0; i < sizeof(help) / sizeof(help[0]); i++) {
		if (pen_row(p) >= 0)
			canvas_text(p->c, p->x, pen_row(p), RIGHT - 1, LS_BOLD, help[i].key);
		pen_wrap(p, RIGHT, RIGHT, LS_NORMAL, help[i].does);
	}
}
