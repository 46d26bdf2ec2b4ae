/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - wcdiag report: the judgement of check as one page of HTML. A file a subject; each writes its part.
 *
 * The page says what check says and nothing else: findings, states and words come from the judgement.
 */
#ifndef WCDIAG_CMD_REPORT_H
#define WCDIAG_CMD_REPORT_H

#include "cmd/html.h"
#include "cmd/out.h"
#include "probe/judge.h"
#include "probe/messages.h"

/* Rows of one table, shapes of one picture: a page that no browser opens helps nobody. What is left out is counted. */
#define PAGE_ROWS 256

struct page {
	struct html h;
	struct report r;
	struct messages *messages; /* of --events; NULL: none was given */
	const struct stored *stored; /* of --drive; NULL: none was given */
	bool date;
};

/* report_page.c: all of it. What went wrong is in p->h.err. */
void page_write(struct page *p, FILE *f);

/* report_chain.c: the layers of a BAR, or of the machine, and its findings: their number. */
size_t page_chain(struct page *p, const struct bar_judgement *b);
/* The gravest finding that is told; NULL: none. */
const struct finding *page_gravest(const struct page *p, const struct bar_judgement *b);

/* report_map.c: what lies where in a BAR. at: its number, for the names of things in the page. */
void page_map(struct page *p, const struct bar_judgement *b, size_t at);

/* report_lines.c: what the stores do. report_timeline.c: of one message, in time. */
void page_lines(struct page *p);
void page_timeline(struct page *p, const struct message_pattern *m, size_t at);

/* report_drive.c: what wcdiag drive --json printed into that file: 0, -EBADMSG: it is none, or what reading it gave. */
struct stored;
int report_drive_read(const char *file, struct stored *out);
void page_drive(struct page *p);

/* report_raw.c: what was read, folded away. */
void page_raw(struct page *p);

/* report_parts.c: what several have in common. */
/* "broken" as a word with its colour; cls: "broken", "ok", ... */
void page_word(struct page *p, const char *cls, const char *word);
/* A table that may be wider than the page, its caption and its columns, ended by NULL; then rows, then
 * page_table_end(). */
void page_table(struct page *p, const char *caption, const char *const *column);
void page_table_end(struct page *p);
/* One that fits by its words being wrapped. */
void page_table_plain(struct page *p, const char *cls, const char *caption, const char *const *column);
void page_table_plain_end(struct page *p);
/* A cell of text. */
void page_cell(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The first of a row, which names it. */
void page_row(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void page_row_end(struct page *p);
void page_fold(struct page *p, const char *summary);
void page_fold_end(struct page *p);
/* Beginning and end of a picture of that size; name: "map-1". The description comes between _begin and _drawn. */
void page_svg(struct page *p, const char *name, unsigned int height, const char *title);
void page_svg_described(struct page *p);
void page_svg_end(struct page *p);
#define SVG_WIDTH 800
#define SVG_LEFT  176 /* where the drawing begins, behind the labels */
/* Filled with the colour of a class; what it holds when there is room for it. */
void page_box(struct page *p, const char *cls, double x, double y, double width, double height, const char *word);
void page_svg_text(struct page *p, const char *anchor, double x, double y, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void page_svg_line(struct page *p, const char *cls, double x1, double y1, double x2, double y2);
/* Colour of a memory type. */
const char *page_type_class(enum mtype t);

#endif
