/* SPDX-License-Identifier: GPL-2.0-or-later */
/* common.c - options that commands share, their help, and the one form of an error message. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/table.h"
#include "probe/reader.h"
#include "probe/src.h"

enum { VAL_ROOT = 1000, VAL_JSON, VAL_FORMAT, VAL_NO_COLOR, VAL_READER };

/* need: the OPT_* bits of which the command must have one; 0: every command takes it. */
static const struct {
	struct opt opt;
	unsigned int need;
} shared[] = {
	{ { VAL_ROOT, "root", "DIR|ARCHIVE", "read this snapshot instead of the live machine" }, OPT_ROOT | OPT_ROOTS },
	{ { VAL_JSON, "json", NULL, "same as --format json" }, OPT_JSON },
	{ { VAL_FORMAT, "format", "FORMAT", "text (default), json; check: table, nagios, openmetrics too" }, OPT_JSON },
	{ { VAL_READER, "reader", "NAME", "who reads page table entries: km (the helper module), kcore, or any of them" },
	  OPT_READER },
	{ { VAL_NO_COLOR, "no-color", NULL, "no colours (the variable NO_COLOR does the same)" }, 0 },
	{ { 'v', "verbose", NULL, "say more" }, 0 },
	{ { 'h', "help", NULL, "this text" }, 0 },
};
#define NSHARED	 (sizeof(shared) / sizeof(shared[0]))
#define MAX_OPTS 48

static const struct {
	const char *name;
	unsigned int need;
} format_names[] = {
	{ "text", OPT_JSON },
	{ "json", OPT_JSON },
	{ "table", OPT_MONITOR },
	{ "nagios", OPT_MONITOR },
	{ "openmetrics", OPT_MONITOR },
};

const struct opt *common_opt(const struct cmd *c, size_t i)
{
	for (const struct opt *o = c->opts; o && o->name; o++)
		if (!i--)
			return o;
	for (size_t k = 0; k < NSHARED; k++)
		if ((!shared[k].need || (shared[k].need & c->common)) && !i--)
			return &shared[k].opt;
	return NULL;
}

const char *common_format(const struct cmd *c, size_t i)
{
	for (size_t k = 0; k < sizeof(format_names) / sizeof(format_names[0]); k++)
		if ((format_names[k].need & c->common) && !i--)
			return format_names[k].name;
	return NULL;
}

const char *safe_text(const char *s, char *buf, size_t len)
{
	size_t n = 0;

	for (; s && *s && n + 1 < len; s++)
		buf[n++] = *s >= 0x20 && *s < 0x7f ? *s : '?';
	if (len)
		buf[n] = '\0';
	return buf;
}

int cmd_fail(const struct cmd *c, const char *what, const char *why, const char *todo)
{
	char a[512], b[512];

	/* What the user typed and what a file held may carry escape sequences: never raw onto a terminal. */
	fprintf(stderr, "wcdiag%s%s: %s: %s", *c->name ? " " : "", c->name, safe_text(what, a, sizeof(a)),
		safe_text(why, b, sizeof(b)));
	if (todo)
		fprintf(stderr, " (%s)", todo);
	fputc('\n', stderr);
	return EXIT_FAILED;
}

int cmd_fail_errno(const struct cmd *c, const char *what, int err, const char *todo)
{
	return cmd_fail(c, what, strerror(err), todo);
}

static void help_row(const struct opt *o)
{
	char left[64];

	snprintf(left, sizeof(left), "%s%c%s--%s%s%s", o->val < 256 ? "-" : "  ", o->val < 256 ? o->val : ' ',
		 o->val < 256 ? ", " : " ", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
	printf("  %-28s %s\n", left, o->help);
}

static void help(const struct cmd *c)
{
	const struct opt *o;

	printf("usage: wcdiag %s [OPTIONS]%s%s\n\n%s\n", c->name, *c->args ? " " : "", c->args, c->help);
	if (c->more)
		printf("\n%s\n", c->more);
	printf("\n");
	for (size_t i = 0; (o = common_opt(c, i)); i++)
		help_row(o);
	if (c->cols)
		printf("\nColumns:\n");
	for (const struct col *k = c->cols; k && k->name; k++)
		printf("  %-10s %s\n", k->name, k->help);
}

/* getopt's tables, made from ours. */
static void opt_table(const struct cmd *c, struct option *lo, char *so)
{
	size_t n = 0, s = 0;
	const struct opt *o;

	so[s++] = ':';
	for (size_t i = 0; (o = common_opt(c, i)) && n < MAX_OPTS - 1; i++) {
		lo[n++] = (struct option){ o->name, o->arg ? required_argument : no_argument, NULL, o->val };
		if (o->val < 256) {
			so[s++] = (char)o->val;
			if (o->arg)
				so[s++] = ':';
		}
	}
	lo[n] = (struct option){ NULL, 0, NULL, 0 };
	so[s] = '\0';
}

static bool json_asked;

void (*common_sigpipe)(int sig);

bool common_json_asked(void)
{
	return json_asked;
}

static int set_format(struct common *o, const char *f)
{
	const char *known;
	size_t i = 0;

	while ((known = common_format(o->cmd, i)) && strcmp(f, known))
		i++;
	if (!known)
		return cmd_fail(o->cmd, f, "no such format",
				o->cmd->common & OPT_MONITOR ? "use text, json, table, nagios or openmetrics" : "use text or json");
	o->format = f;
	json_asked = !strcmp(f, "json");
	return 0;
}

/* For the whole program: what reads entries is deep below, and asks for any. */
static int set_reader(struct common *o, const char *name)
{
	enum reader_kind kind;

	if (!reader_kind_parse(name, &kind))
		return cmd_fail(o->cmd, name, "no such reader of page table entries", "use km, kcore or any");
	reader_prefer(kind);
	return 0;
}

static int add_root(struct common *o, const char *path)
{
	const char **p;

	if (o->nroot && !(o->cmd->common & OPT_ROOTS))
		return cmd_fail(o->cmd, "--root", "given twice", "this command reads one machine at a time");
	if (!(o->nroot & (o->nroot - 1))) { /* a power of two is full; check_roots.c goes on with the list */
		p = realloc(o->root, (o->nroot ? o->nroot * 2 : 1) * sizeof(*p));
		if (!p)
			return cmd_fail_errno(o->cmd, "--root", ENOMEM, NULL);
		o->root = p;
	}
	/* A list of 0 is a full one. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	o->root[o->nroot++] = path;
	return 0;
}

int common_parse(const struct cmd *c, int argc, char **argv, struct common *out,
		 int (*own)(int val, const char *arg, void *ctx), void *ctx, int *first)
{
	struct option lo[MAX_OPTS];
	char so[2 * MAX_OPTS + 4];
	int val, rc = 0;

	*out = (struct common){ .cmd = c, .format = "text" };
	out->color = isatty(STDOUT_FILENO) && !(getenv("NO_COLOR") && *getenv("NO_COLOR"));
	opt_table(c, lo, so);
	optind = 1;
	opterr = 0;
	/* GNU order: positional arguments may stand between options, as users type them. */
	while (!rc && (val = getopt_long(argc, argv, so, lo, NULL)) != -1) {
		switch (val) {
		case VAL_ROOT:
			rc = add_root(out, optarg);
			break;
		case VAL_JSON:
			rc = set_format(out, "json");
			break;
		case VAL_FORMAT:
			rc = set_format(out, optarg);
			break;
		case VAL_READER:
			rc = set_reader(out, optarg);
			break;
		case VAL_NO_COLOR:
			out->color = false;
			break;
		case 'v':
			out->verbose++;
			break;
		case 'h':
			help(c);
			common_free(out);
			return EXIT_INTACT;
		case '?':
			rc = cmd_fail(c, argv[optind - 1 > 0 ? optind - 1 : 1], "no such option", "see --help");
			break;
		case ':':
			rc = cmd_fail(c, argv[optind - 1], "needs a value", "see --help");
			break;
		default:
			rc = own ? own(val, optarg, ctx) : EXIT_FAILED;
		}
	}
	*first = optind;
	if (rc) {
		common_free(out);
		return rc;
	}
	return -1;
}

void common_free(struct common *o)
{
	free(o->root);
	o->root = NULL;
	o->nroot = 0;
}

const char *snapshot_hint(int err)
{
	switch (err) {
	case ENOENT:
		return "check the name; if it says TMPDIR, set that to a directory that can be written";
	case EACCES:
		return "check the permissions";
	case EINVAL:
	case ENOTDIR:
	case EBADMSG:
		return "a snapshot is made with: wcdiag capture";
	default:
		return "see wcdiag-snapshot(5)";
	}
}

int common_open(const struct common *o, struct src **out)
{
	char why[256] = "";
	int rc;

	if (!o->nroot) {
		rc = src_open_live(out);
		return rc ? cmd_fail_errno(o->cmd, "this machine", -rc, NULL) : 0;
	}
	rc = src_open_root(out, o->root[0], why, sizeof(why));
	if (rc)
		return cmd_fail(o->cmd, o->root[0], *why ? why : strerror(-rc), snapshot_hint(-rc));
	return 0;
}
