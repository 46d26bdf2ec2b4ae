/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report_file.h - the page is there whole, or what was there before is. */
#ifndef WCDIAG_CMD_REPORT_FILE_H
#define WCDIAG_CMD_REPORT_FILE_H

struct page;

/* "-": standard output. 0 or negative errno: then a file of that name is as it was. */
int report_file(const char *name, struct page *p);

#endif
