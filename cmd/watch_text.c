/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_text.c - a watch for people: a line a decision, and below it what is wrong with it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd/text.h"
#include "cmd/watch.h"

/* Pages that follow each other, of one mapping, by one handler: told once, then counted. */
static struct {
	int pid;
	enum mtype asked, got;
	uint64_t start, end, pages;
	char function[96];
} run;

static void end_run(const struct watch_asked *a)
{
	if (run.pages > 1)
		printf("%s%*s... and %" PRIu64 " more alike, to 0x%" PRIx64 "%s\n", color(a->o.color, C_DIM), 17, "",
		       run.pages - 1, run.end, color(a->o.color, C_NONE));
	run.pages = 0;
}

static bool goes_on(const struct watch_event *e)
{
	return run.pages && e->kind == WATCH_INSERT && !e->result && run.pid == e->pid && run.asked == e->asked &&
	       run.got == e->got && run.end == e->start && !strcmp(run.function, e->function);
}

static void start_run(const struct watch_event *e)
{
	run.pid = e->pid;
	run.asked = e->asked;
	run.got = e->got;
	run.start = e->start;
	run.end = e->end;
	run.pages = 1;
	snprintf(run.function, sizeof(run.function), "%s", e->function);
}

static int begin(const struct watch_asked *a, const struct watch_scene *s)
{
	const bool bpf = !strcmp(s->way, "bpf");

	printf("%sWatching the memory-type decisions of Linux %s by %s%s", color(a->o.color, C_DIM), s->kernel,
	       bpf ? "BPF" : s->way, a->from ? ", as recorded" : "");
	if (a->nrange)
		printf(", of 0x%" PRIx64 "-0x%" PRIx64 "%s", a->range[0].start, a->range[0].end,
		       a->nrange > 1 ? " and others" : "");
	if (s->before_known)
		printf("; %zu reservations were there before\n", s->before.n);
	else
		printf("; what was reserved before is not known (%s)\n", s->before_why);
	for (size_t i = 0; i < s->nlacks; i++)
		printf("  not seen: %s\n", s->lacks[i]);
	if (s->pat == PAT_STATE_OFF)
		printf("  PAT is off: the kernel reserves nothing, and what is asked for here is not what entries "
		       "get\n");
	printf("%-15s %6s %-12s %-11s %-10s %-23s %s%s\n", "TIME", "PID", "PROCESS", "REQUEST", "TYPE", "RANGE",
	       "DEVICE, FUNCTION", color(a->o.color, C_NONE));
	run.pages = 0;
	return 0;
}

/* "WC", "WC -> UC-", "refused", "freed", "WC -> ?" */
static void types(const struct watch_event *e, char *buf, size_t len)
{
	const char *asked = e->asked == MT_UNKNOWN ? "?" : mtype_name(e->asked);
	const char *got = e->got == MT_UNKNOWN ? "?" : mtype_name(e->got);

	if (e->kind == WATCH_FREE)
		snprintf(buf, len, "%s", !e->result_known ? "free" : e->result ? "not found" : "freed");
	else if (e->result)
		snprintf(buf, len, "%s %s", asked, e->result == -EBUSY ? "refused" : strerror(-e->result));
	else if (e->asked == e->got && e->asked != MT_UNKNOWN)
		snprintf(buf, len, "%s", asked);
	else
		snprintf(buf, len, "%s -> %s", asked, got);
}

static void when(const struct watch_scene *s, const struct watch_event *e, char *buf, size_t len)
{
	char clock[24];
	struct tm tm;
	int us;
	const time_t t = watch_clock(s, e, &us);

	if (!localtime_r(&t, &tm) || !strftime(clock, sizeof(clock), "%H:%M:%S", &tm))
		snprintf(clock, sizeof(clock), "%lld", (long long)t);
	snprintf(buf, len, "%s.%06d", clock, us);
}

static enum color tint(const struct watch_row *r)
{
	if (!r->f)
		return r->e->kind == WATCH_FREE ? C_DIM : C_NONE;
	return r->f->sev == SEV_BROKEN ? C_BAD : r->f->sev == SEV_SUSPECT ? C_WARN : C_NONE;
}

static void says(const struct watch_asked *a, const struct watch_finding *f)
{
	char head[80];
	int n = snprintf(head, sizeof(head), "    %s%s%s: ", f->sev == SEV_INFO ? "note" : severity_name(f->sev),
			 f->rule ? " " : "", f->rule ? f->rule : "");

	printf("%s%s%s", color(a->o.color, f->sev == SEV_BROKEN ? C_BAD : C_WARN), head, color(a->o.color, C_NONE));
	wrap(f->says, n, 4, text_width());
}

static void row(const struct watch_asked *a, const struct watch_scene *s, const struct watch_row *r)
{
	const struct watch_event *e = r->e;
	const enum color c = tint(r);
	char clock[40], type[40], range[48];

	if (goes_on(e)) {
		run.end = e->end;
		run.pages++;
		return;
	}
	end_run(a);
	if (e->kind == WATCH_INSERT && !e->result)
		start_run(e);
	when(s, e, clock, sizeof(clock));
	types(e, type, sizeof(type));
	snprintf(range, sizeof(range), "0x%" PRIx64 "-0x%" PRIx64, e->start, e->end);
	printf("%s%-15s %6d %-12s %-11s %-10s %-23s %s%s%s%.*s%s%s%s%s\n", color(a->o.color && c != C_NONE, c), clock,
	       e->pid, *e->comm ? e->comm : "?", watch_caller_name(e->caller), type, range, r->where,
	       *r->where ? " " : "", r->ram ? "RAM " : "", (int)strcspn(e->function, "+"), e->function,
	       *e->module ? " [" : "", e->module, *e->module ? "]" : "", color(a->o.color && c != C_NONE, C_NONE));
	if (a->o.verbose)
		for (size_t i = 0; i < e->nstack; i++)
			printf("        %s\n", e->stack[i]);
	if (r->f && !r->f->again)
		says(a, r->f);
}

static void lost(const struct watch_asked *a, uint64_t n)
{
	end_run(a);
	printf("%s    %" PRIu64 " decisions were lost so far: they came faster than they could be kept%s\n",
	       color(a->o.color, C_DUNNO), n, color(a->o.color, C_NONE));
}

static void end(const struct watch_asked *a, const struct watch_scene *s, const struct watch_sums *n)
{
	(void)s;
	end_run(a);
	printf("%s: %" PRIu64 " decisions in %.1f s, %" PRIu64 " shown", n->ended_by, n->seen, n->seconds, n->shown);
	if (n->ram)
		printf(", %" PRIu64 " of RAM left out", n->ram);
	if (n->elsewhere)
		printf(", %" PRIu64 " elsewhere", n->elsewhere);
	if (n->lost)
		printf(", %s%" PRIu64 " lost%s", color(a->o.color, C_DUNNO), n->lost, color(a->o.color, C_NONE));
	else
		printf(", none lost");
	printf("; %" PRIu64 " did not get the write-combining that they asked for\n", n->downgraded);
	if (n->verdict == VERDICT_UNKNOWN) {
		const char head[] = "It cannot be told whether there were others: ";

		printf("%s%s%s", color(a->o.color, C_DUNNO), head, color(a->o.color, C_NONE));
		wrap(n->why, (int)sizeof(head) - 1, 4, text_width());
	}
}

const struct watch_out watch_text = { .begin = begin, .row = row, .lost = lost, .end = end };
