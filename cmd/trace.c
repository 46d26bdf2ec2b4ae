/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace.c - which stores a running program makes to its mappings, and where it breaks its lines: the command line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/trace.h"

enum {
	VAL_BAR = 2200,
	VAL_MAP,
	VAL_EVENTS,
	VAL_LIMIT,
	VAL_DURATION,
	VAL_NO_SYSCALLS,
	VAL_NO_CHILDREN,
	VAL_LEARN,
	VAL_TYPE,
	VAL_PROFILE,
	VAL_BUFFERS
};

static const struct opt opts[] = {
	{ VAL_BAR, "bar", "SLOT:N", "trace what is mapped of this BAR, as 01:00.0:2" },
	{ VAL_MAP, "map", "FILE", "trace what is mapped of this file: a driver's node, resourceN_wc, or any file" },
	{ 'p', "pid", "PID", "attach to a program that runs" },
	{ 'o', "output", "FILE", "write the story there, not to standard output" },
	{ VAL_EVENTS, "events", "FILE", "write what was seen, as wcdiag-events(5); of further threads to FILE.TID" },
	{ VAL_LIMIT, "limit", "N", "end after so many stores" },
	{ VAL_DURATION, "duration", "SECONDS", "end after so long" },
	{ VAL_NO_SYSCALLS, "no-syscalls", NULL, "do not stop at system calls: later mappings are not seen" },
	{ VAL_NO_CHILDREN, "no-children", NULL, "do not trace what the program starts" },
	{ VAL_LEARN, "learn", "N", "step each way between stores N times, 3 to 1000, before it is taken as known" },
	{ VAL_TYPE, "type", "TYPE", "what an ordinary file stands for: wc (default) or uc" },
	{ VAL_PROFILE, "profile", "NAME", "whose buffers: auto (default), measured, or a profile of wcdiag model" },
	{ VAL_BUFFERS, "buffers", "N", "so many buffers, 1 to 32, instead of the profile's" },
	{ 0, NULL, NULL, NULL },
};

static int number(const struct trace_asked *a, const char *opt, const char *arg, unsigned long max, unsigned long *out)
{
	char *end, what[64];

	errno = 0;
	*out = strtoul(arg, &end, 10);
	if (*arg >= '0' && *arg <= '9' && !*end && !errno && *out >= 1 && *out <= max)
		return 0;
	snprintf(what, sizeof(what), "%s takes a number from 1 to %lu", opt, max);
	return cmd_fail(a->c, arg, what, "see --help");
}

/* "2", "0.5" */
static int seconds(const struct trace_asked *a, const char *arg, uint64_t *ms)
{
	char *end;
	double s;

	errno = 0;
	s = strtod(arg, &end);
	if (*arg < '0' || *arg > '9' || *end || errno || !(s >= 0.001) || s > 1e6)
		return cmd_fail(a->c, arg, "--duration takes seconds, 0.001 to 1000000", "see --help");
	*ms = (uint64_t)(s * 1000 + 0.5);
	return 0;
}

static int type(struct trace_asked *a, const char *arg)
{
	if (strcmp(arg, "wc") && strcmp(arg, "uc"))
		return cmd_fail(a->c, arg, "no such memory type", "use wc or uc");
	a->type = *arg == 'w' ? MT_WC : MT_UC;
	return 0;
}

static int own(int val, const char *arg, void *ctx)
{
	struct trace_asked *a = ctx;
	unsigned long n = 0;
	int rc = 0;

	switch (val) {
	case VAL_BAR:
		rc = device_arg_parse(a->c, arg, &a->bar);
		return rc || a->bar.bar >= 0
			       ? rc
			       : cmd_fail(a->c, arg, "which BAR of it?", "as 01:00.0:2; see: wcdiag bars");
	case VAL_MAP:
		a->map = arg;
		break;
	case 'p':
		rc = number(a, "-p", arg, INT32_MAX, &n);
		a->pid = (pid_t)n;
		break;
	case 'o':
		a->output = arg;
		break;
	case VAL_EVENTS:
		a->events = arg;
		break;
	case VAL_LIMIT:
		rc = number(a, "--limit", arg, INT64_MAX, &n);
		a->par.limit = n;
		break;
	case VAL_DURATION:
		return seconds(a, arg, &a->par.duration_ms);
	case VAL_NO_SYSCALLS:
		a->par.no_syscalls = true;
		break;
	case VAL_NO_CHILDREN:
		a->par.no_children = true;
		break;
	case VAL_LEARN:
		rc = number(a, "--learn", arg, 1000, &n);
		if (!rc && n < 3)
			rc = cmd_fail(a->c, arg, "too few to know a way by", "--learn 3 to 1000");
		a->par.learn = (unsigned int)n;
		break;
	case VAL_TYPE:
		return type(a, arg);
	case VAL_PROFILE:
		a->profile = arg;
		if (!profile_known(arg))
			return cmd_fail(a->c, arg, "no such profile", "wcdiag model --profiles lists them");
		break;
	case VAL_BUFFERS:
		rc = number(a, "--buffers", arg, MODEL_MAX_BUFFERS, &n);
		a->buffers = (unsigned int)n;
		break;
	default:
		return EXIT_FAILED;
	}
	return rc;
}

/* The command stands behind --, so that its options are not taken for ours. */
static int whom(struct trace_asked *a, int argc, char **argv, int at)
{
	bool command = at < argc && !strcmp(argv[at - 1], "--");

	if (at < argc && !command)
		return cmd_fail(a->c, argv[at], "a command stands behind --",
				"wcdiag trace [OPTIONS] -- COMMAND ARGS...");
	if (command && a->pid)
		return cmd_fail(a->c, argv[at], "goes not with -p", "start a program, or attach to one");
	if (!command && !a->pid)
		return cmd_fail(a->c, "whom?", "neither a command nor -p PID was given",
				"wcdiag trace [OPTIONS] -- COMMAND ARGS...");
	if (a->map && device_arg_given(&a->bar))
		return cmd_fail(a->c, "--map", "goes not with --bar", "name the BAR, or the file that is mapped");
	a->argv = command ? argv + at : NULL;
	return 0;
}

static int run(const struct cmd *c, int argc, char **argv)
{
	struct trace_asked a = { .c = c, .bar = { .bar = -1 }, .type = MT_WC, .profile = "auto" };
	int at, rc = common_parse(c, argc, argv, &a.o, own, &a, &at);

	if (rc >= 0)
		return rc;
	rc = whom(&a, argc, argv, at);
	if (!rc)
		rc = trace_do(&a);
	common_free(&a.o);
	return rc;
}

const struct cmd cmd_trace = {
	.name = "trace",
	.args = "-- COMMAND ARGS... | -p PID",
	.help = "record which stores a program makes to its mapping, and tell where it breaks the line",
	.more = "Without --bar and --map every mapping of device memory is traced; with --map FILE any shared mapping "
		"of any\n"
		"file, so that it can be tried without a device and without root. The program stores what it stores "
		"anyway,\n"
		"slower; wcdiag stores nothing. Exit status: 0 it was traced (whatever the story is, and whatever the\n"
		"program's own status), 3 usage or failure.",
	.opts = opts,
	.common = OPT_JSON | OPT_READER,
	.run = run,
};
