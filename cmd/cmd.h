/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd.h - what every command shares: its descriptor, exit codes, options, and the one form of an error.
 *
 * A command is one file that ends in one const descriptor; cmd/wcdiag.c holds the array and prints help from it.
 * Only files in cmd/ print. An option is one row: parsing, --help and (by a test) the manual page agree on it.
 */
#ifndef WCDIAG_CMD_H
#define WCDIAG_CMD_H

#include <stdbool.h>
#include <stddef.h>

struct col;
struct src;

/* Contract (design): the worst BAR decides. */
enum { EXIT_INTACT = 0, EXIT_BROKEN = 1, EXIT_UNKNOWN = 2, EXIT_FAILED = 3 };

struct opt {
	int val;		/* the short letter, or a number above 255 */
	const char *name;	/* long name */
	const char *arg;	/* NULL: takes none; else its name in the help, "FILE" */
	const char *help;
};

struct cmd {
	const char *name;
	const char *args;	/* after the options in the synopsis: "[DEVICE[:BAR]]" */
	const char *help;	/* one line, lower case, no full stop */
	const char *more;	/* a paragraph for "wcdiag CMD --help"; may be NULL */
	const struct opt *opts;	/* the command's own, ended by name NULL; may be NULL */
	unsigned int common;	/* OPT_*: which shared options it takes */
	const struct col *cols;	/* columns that -o chooses from, shown by --help; NULL when it has no -o */
	int (*run)(const struct cmd *c, int argc, char **argv);
};

enum {
	OPT_ROOT = 1,		/* --root, once */
	OPT_ROOTS = 2,		/* --root, any number of times */
	OPT_JSON = 4,		/* --json, --format text|json */
	OPT_MONITOR = 8,	/* --format table, nagios and openmetrics as well */
	OPT_READER = 16,	/* --reader */
};

struct common {
	const struct cmd *cmd;
	const char **root;	/* what --root named, nroot of them */
	size_t nroot;
	const char *format;	/* "text", "json", "nagios", "openmetrics" */
	int verbose;
	bool color;		/* stdout is a terminal and nobody asked otherwise */
};

/*
 * Parse argv with the shared and the command's own options. Own options are handed to own(val, arg, ctx), which returns
 * 0, or EXIT_FAILED after it has printed why. Returns -1 to go on (positional arguments from *first), else the exit
 * code to end with (--help is EXIT_INTACT).
 */
int common_parse(const struct cmd *c, int argc, char **argv, struct common *out,
		 int (*own)(int val, const char *arg, void *ctx), void *ctx, int *first);
void common_free(struct common *o);
/* The i-th option that a command takes, its own first; the i-th format of --format. NULL: there are no more. */
const struct opt *common_opt(const struct cmd *c, size_t i);
const char *common_format(const struct cmd *c, size_t i);
/* How SIGPIPE was handled when this program began; it is ignored since. A program that is started gets it back. */
extern void (*common_sigpipe)(int sig);
/* Was JSON asked for? Then a reader that goes away is told of; a person who quits the pager knows. */
bool common_json_asked(void);

/* What to do about a snapshot that could not be opened; err positive. */
const char *snapshot_hint(int err);

/* Open --root's only snapshot, or the live machine. Prints why and returns EXIT_FAILED, or 0. */
int common_open(const struct common *o, struct src **out);

/* "wcdiag check: WHAT: WHY (WHAT TO DO)" on stderr; todo may be NULL. Always returns EXIT_FAILED. */
int cmd_fail(const struct cmd *c, const char *what, const char *why, const char *todo);
/* The same with why = strerror(err), err positive. */
int cmd_fail_errno(const struct cmd *c, const char *what, int err, const char *todo);

/* Terminal-safe copy: bytes that are not printable ASCII become '?'. buf is always terminated. */
const char *safe_text(const char *s, char *buf, size_t len);

extern const struct cmd cmd_bars, cmd_buffers, cmd_capture, cmd_check, cmd_compare, cmd_drive, cmd_explain, cmd_memtype, cmd_model;
extern const struct cmd cmd_diff;
extern const struct cmd cmd_live;
extern const struct cmd cmd_mtrr, cmd_pat, cmd_pte, cmd_trace;
extern const struct cmd cmd_report;
extern const struct cmd cmd_watch;

#endif
