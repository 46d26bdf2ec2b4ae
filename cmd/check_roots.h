/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_roots.h - which snapshots: behind --root, and the names in a file. */
#ifndef WCDIAG_CHECK_ROOTS_H
#define WCDIAG_CHECK_ROOTS_H

struct cmd;
struct common;
struct device_arg;

/* Adds the snapshots whose names stand in file ("-": standard input), one a line. 0, or EXIT_FAILED after saying why.
 */
int check_roots_from(const struct cmd *c, struct common *o, const char *file);
/* What stands beside the options: a DEVICE, and snapshots once there is one. 0, or EXIT_FAILED after saying why. */
int check_positional(const struct cmd *c, struct common *o, struct device_arg *dev, int argc, char **argv, int at);

#endif
