/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device.h - DEVICE[:BAR], -s and -d: which devices and which BAR the user named. */
#ifndef WCDIAG_DEVICE_H
#define WCDIAG_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/cmd.h"

struct common;
struct machine;

struct device_arg {
	char slot[48];		/* libpci's slot filter, "" when none */
	const char *id;		/* libpci's -d filter, NULL when none */
	int bar;		/* -1: not named */
	const char *typed;	/* as the user typed it, for messages */
};

/* Rows for a command's option table. */
#define DEVICE_OPTS \
	{ 's', "slot", "SLOT", "only these devices: [[domain:]bus:]device[.function], as lspci -s" }, \
	{ 'd', "id", "ID", "only these devices: vendor:device[:class], as lspci -d" }

/* Take one positional argument apart: "01:00.0", "0000:01:00.0:2", "01:00.0:2". EXIT_FAILED after saying why, or 0. */
int device_arg_parse(const struct cmd *c, const char *arg, struct device_arg *out);
/*
 * What common_parse() takes, for a command whose arguments are a device: the options, then [DEVICE[:BAR]] into dev. -1 to
 * go on, else the exit code to end with, and nothing is left to free.
 */
int device_parse(const struct cmd *c, int argc, char **argv, struct common *o,
		 int (*own)(int val, const char *arg, void *ctx), void *ctx, struct device_arg *dev);
/* -s or -d. */
int device_arg_opt(const struct cmd *c, int val, const char *arg, struct device_arg *out);
bool device_arg_given(const struct device_arg *d);

/*
 * selected[i] for each device of m; checks that the device exists, and that the BAR does and is memory.
 * EXIT_FAILED after saying why, or 0. Free *selected. quiet: say nothing (one of many snapshots), the sentence goes to why.
 */
int device_select(const struct cmd *c, const struct machine *m, const struct device_arg *d, bool **selected,
		  char *why, size_t whylen);

#endif
