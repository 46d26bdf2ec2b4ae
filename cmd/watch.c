/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch.c - a live log of the kernel's decisions about memory types: the command line. */
#include "cmd/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VAL_BAR = 2300, VAL_RANGE, VAL_BY, VAL_FROM, VAL_RAM, VAL_DURATION, VAL_LIMIT };

static const struct opt opts[] = {
	{ VAL_BAR, "bar", "SLOT:N", "only decisions about this BAR, as 01:00.0:2" },
	{ VAL_RANGE, "range", "A-B", "only about these physical addresses, B exclusive; may be given 16 times" },
	{ VAL_BY, "by", "WAY", "bpf, or perf, which sees less; by default bpf, and perf where that is refused" },
	{ VAL_FROM, "from", "FILE", "what wcdiag watch --json wrote, instead of this machine; - is standard input" },
	{ 'o', "output", "FILE", "write the log there, not to standard output" },
	{ VAL_RAM, "ram", NULL, "also decisions about RAM, which are left out" },
	{ VAL_DURATION, "duration", "SECONDS", "end after so long" },
	{ VAL_LIMIT, "limit", "N", "end after so many decisions were shown" },
	{ 0, NULL, NULL, NULL },
};

static int range(struct watch_asked *a, const char *arg)
{
	char *end;
	uint64_t from, to;

	errno = 0;
	from = strtoull(arg, &end, 16);
	if (end == arg || *end != '-' || strchr(arg, '-') != end)
		return cmd_fail(a->c, arg, "not a range of addresses", "as 0xd4000000-0xd8000000, the end exclusive");
	arg = end + 1;
	to = strtoull(arg, &end, 16);
	if (end == arg || *end || errno || to <= from)
		return cmd_fail(a->c, arg, "no end above the start", "as 0xd4000000-0xd8000000, the end exclusive");
	/* One place is kept for --bar. */
	if (a->nrange == WATCH_ASKED_RANGES - 1)
		return cmd_fail(a->c, arg, "more ranges than are looked for", "16 at most, --bar among them");
	a->range[a->nrange].start = from;
	a->range[a->nrange++].end = to;
	return 0;
}

static int own(int val, const char *arg, void *ctx)
{
	struct watch_asked *a = ctx;
	char *end;
	double s;
	int rc;

	switch (val) {
	case VAL_BAR:
		rc = device_arg_parse(a->c, arg, &a->bar);
		return rc || a->bar.bar >= 0
			       ? rc
			       : cmd_fail(a->c, arg, "which BAR of it?", "as 01:00.0:2; see: wcdiag bars");
	case VAL_RANGE:
		return range(a, arg);
	case VAL_BY:
		a->way = !strcmp(arg, "bpf") ? WATCH_BPF : WATCH_PERF;
		return !strcmp(arg, "bpf") || !strcmp(arg, "perf") ? 0
								   : cmd_fail(a->c, arg, "no such way", "bpf or perf");
	case VAL_FROM:
		a->from = arg;
		return 0;
	case 'o':
		a->output = arg;
		return 0;
	case VAL_RAM:
		a->ram = true;
		return 0;
	case VAL_DURATION:
		errno = 0;
		s = strtod(arg, &end);
		if (*arg < '0' || *arg > '9' || *end || errno || !(s >= 0.001) || s > 1e6)
			return cmd_fail(a->c, arg, "--duration takes seconds, 0.001 to 1000000", "see --help");
		a->duration_ms = (uint64_t)(s * 1000 + 0.5);
		return 0;
	case VAL_LIMIT:
		errno = 0;
		a->limit = strtoull(arg, &end, 10);
		if (*arg < '1' || *arg > '9' || *end || errno)
			return cmd_fail(a->c, arg, "--limit takes a number from 1", "see --help");
		return 0;
	default:
		return EXIT_FAILED;
	}
}

/* The command stands behind --, so that its options are not taken for ours. */
static int whom(struct watch_asked *a, int argc, char **argv, int at)
{
	const bool dashes = at > 0 && !strcmp(argv[at - 1], "--");

	if (at < argc && !dashes)
		return cmd_fail(a->c, argv[at], "a command stands behind --",
				"wcdiag watch [OPTIONS] -- COMMAND ARGS...");
	if (at == argc && dashes)
		return cmd_fail(a->c, "--", "no program behind it", "wcdiag watch [OPTIONS] -- COMMAND ARGS...");
	if (a->from && (at < argc || a->duration_ms || a->way != WATCH_ANY))
		return cmd_fail(a->c, "--from",
				"reads what was recorded: no command, no --by, no --duration goes with it",
				"leave them out");
	if (a->from && device_arg_given(&a->bar) && strlen(a->bar.slot) < 12)
		return cmd_fail(a->c, a->bar.typed, "a recorded watch knows devices by their whole names",
				"as 0000:01:00.0:2");
	a->argv = at < argc ? argv + at : NULL;
	return 0;
}

static int run(const struct cmd *c, int argc, char **argv)
{
	struct watch_asked a = { .c = c, .bar = { .bar = -1 } };
	int at, rc = common_parse(c, argc, argv, &a.o, own, &a, &at);

	if (rc >= 0)
		return rc;
	rc = whom(&a, argc, argv, at);
	if (!rc)
		rc = a.from ? watch_from_do(&a) : watch_live_do(&a);
	common_free(&a.o);
	return rc;
}

const struct cmd cmd_watch = {
	.name = "watch",
	.args = "[-- COMMAND ARGS...]",
	.help = "live log of the kernel's memory-type decisions: who asked for what, and got what",
	.more = "Each reservation, release and later insertion of pages of device memory, as the kernel decides it: "
		"time,\n"
		"process, kind of request, type asked for and type given, range, BAR, and the kernel function that "
		"asked. A\n"
		"request that silently got another type is told with who was there first. It ends with the command, "
		"after\n"
		"--duration or --limit, or by Ctrl-C, and leaves nothing in the kernel, even when it is killed. Needs "
		"root.\n"
		"Exit status: 0 no request for WC was downgraded or refused, 1 one was, 2 it cannot be told, for decisions "
		"were\n"
		"lost or cannot all be seen, 3 usage or failure.",
	.opts = opts,
	.common = OPT_JSON,
	.run = run,
};
