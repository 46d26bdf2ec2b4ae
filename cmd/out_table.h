/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out_table.h - the columns of check --format table. */
#ifndef WCDIAG_OUT_TABLE_H
#define WCDIAG_OUT_TABLE_H

#include "cmd/table.h"

struct cmd;
struct common;

extern const struct col out_table_cols[];

/* Looks the columns up; a is kept. 0, or EXIT_FAILED after saying why, also of columns for what is no table. */
int out_table_choose(const struct cmd *c, const struct common *o, struct table_args *a);

#endif
