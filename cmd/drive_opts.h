/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drive_opts.h - the options that "wcdiag drive" and "wcdiag check --scratch" share: drive_option() takes them all. */
#ifndef WCDIAG_CMD_DRIVE_OPTS_H
#define WCDIAG_CMD_DRIVE_OPTS_H

enum {
	VAL_SCRATCH = 1700,
	VAL_SIDE,
	VAL_BY,
	VAL_MAP,
	VAL_LIST,
	VAL_LINES,
	VAL_GAP,
	VAL_MESSAGES,
	VAL_REPEAT,
	VAL_WARM,
	VAL_CPU,
	VAL_IRQS,
	VAL_FILL,
	VAL_FORCE,
	VAL_PREDICTED,
	VAL_WITNESS,
	VAL_WITNESSES,
	DRIVE_VALS_END,
};

/* Rows for a command's option table. */
#define DRIVE_OPT_SCRATCH(help) { VAL_SCRATCH, "scratch", "OFFSET+LEN", help }
#define DRIVE_OPT_BY \
	{ VAL_BY, "by", "WAY", "wc (resourceN_wc, default), uc (resourceN), module, module-uc" }
#define DRIVE_OPT_PATTERN(help) { 'p', "pattern", "LIST", help }
#define DRIVE_OPT_WITNESS(help) { VAL_WITNESS, "witness", "SPEC", help }
#define DRIVE_OPTS_SHARED                                                                                            \
	{ VAL_MAP, "map", "FILE[@OFFSET]",                                                                           \
	  "user: map this file, as a driver's node; OFFSET: of the scratch's first page" },                          \
	{ VAL_LINES, "lines", "N", "lines of a message, for patterns that take it (1 to 64)" },                      \
	{ VAL_GAP, "gap", "N", "no-ops between stores, for patterns that take it (1 to 1000)" },                     \
	{ VAL_MESSAGES, "messages", "N", "messages of one run (default 10000)" },                                    \
	{ VAL_REPEAT, "repeat", "N", "runs of each pattern and side (default 10)" },                                 \
	{ VAL_WARM, "warm-up", "N", "messages before that, stored and not measured (default 1000)" },                \
	{ VAL_CPU, "cpu", "N", "on this CPU (default: the one at hand); the thread is pinned to it" },               \
	{ VAL_FILL, "fill", "HEX", "what is written: up to 64 bytes, repeated (default 00 01 .. 3f)" },              \
	{ VAL_FORCE, "force", NULL, "also where a driver has the device" }

#endif
