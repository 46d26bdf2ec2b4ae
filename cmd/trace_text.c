/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_text.c - the story for people: what was traced, each pattern once, then the run, and what was not seen. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd/text.h"
#include "cmd/trace.h"

#define COL 9

static void field(const struct trace_story *s, const char *name, const char *text)
{
	printf("%s%-*s%s", color(s->a->o.color, C_BOLD), COL, name, color(s->a->o.color, C_NONE));
	wrap(text, COL, COL, text_width());
}

static void more(const char *text)
{
	printf("%*s", COL, "");
	wrap(text, COL, COL, text_width());
}

static const char *many(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void program_words(const struct trace_story *s, char *buf, size_t len)
{
	char word[200];
	struct items t;

	if (s->a->pid) {
		snprintf(buf, len, "process %d", s->a->pid);
		return;
	}
	items_begin(&t, buf, len);
	for (char **p = s->a->argv; *p; p++)
		items_add(&t, 1, " ", "%s", safe_text(*p, word, sizeof(word)));
	items_end(&t);
}

static void status_words(const struct trace_story *s, char *buf, size_t len)
{
	if (!s->ended)
		*buf = '\0';
	else if (WIFSIGNALED(s->status))
		snprintf(buf, len, "; it ended by signal %d (SIG%s)", WTERMSIG(s->status),
			 sigabbrev_np(WTERMSIG(s->status)) ? sigabbrev_np(WTERMSIG(s->status)) : "?");
	else if (WEXITSTATUS(s->status))
		snprintf(buf, len, "; its own exit status is %d", WEXITSTATUS(s->status));
	else
		*buf = '\0';
}

static void print_program(const struct trace_story *s)
{
	static const char *const how[] = {
		[TRACE_END_PROGRAM] = "to its end",	     [TRACE_END_LIMIT] = "to the limit of stores",
		[TRACE_END_DURATION] = "as long as asked",   [TRACE_END_SIGNAL] = "until it was stopped",
		[TRACE_END_FAILED] = "until tracing failed",
	};
	char words[400], status[80], line[700];

	program_words(s, words, sizeof(words));
	status_words(s, status, sizeof(status));
	snprintf(line, sizeof(line), "%s, %.3g s, %s%s%s", words, s->seconds, how[s->end], status,
		 s->ended || s->end == TRACE_END_FAILED ? "" : "; it goes on untraced");
	field(s, "Traced", line);
}

static void print_place(const struct trace_story *s, unsigned int i)
{
	const struct trace_file *f = trace_file_of(s->choose, &s->place[i]);
	uint64_t n = 0, at = 0, length = 0;
	char path[200], size[32], line[800];
	pid_t pid = 0;

	for (size_t k = 0; k < s->nmapped && k < TRACE_MAPPED_MAX; k++) {
		if (s->mapped[k].place != i)
			continue;
		if (!n++) {
			at = s->mapped[k].addr;
			length = s->mapped[k].length;
			pid = s->mapped[k].pid;
		}
	}
	safe_text(s->place[i].path, path, sizeof(path));
	if (n)
		snprintf(line, sizeof(line), "%s, %s at 0x%" PRIx64 " of process %d%s", path,
			 human_size(length, size, sizeof(size)), at, pid, n > 1 ? ", and mapped again" : "");
	else
		snprintf(line, sizeof(line), "%s", path);
	field(s, i ? "" : "Mapping", line);
	if (f)
		more(f->why);
}

static void print_model(const struct trace_story *s)
{
	const struct cpu_profile *c = s->profile->cpu;
	char line[600];

	if (s->model->buffers)
		snprintf(line, sizeof(line), "%s (%s), %u buffers as asked for", c->name, s->profile->chosen,
			 s->model->buffers);
	else if (c->buffers)
		snprintf(line, sizeof(line), "%s (%s), %u buffers", c->name, s->profile->chosen, c->buffers);
	else
		snprintf(line, sizeof(line), "%s (%s), how many buffers is not known", c->name, s->profile->chosen);
	field(s, "CPU", line);
}

static void print_run(const struct trace_story *s)
{
	const struct model_totals *t = &s->t->model;
	char line[600];
	size_t n;

	snprintf(line, sizeof(line), "%" PRIu64 " message%s, %" PRIu64 " store%s by %" PRIu64 " thread%s",
		 s->t->messages, many(s->t->messages), s->t->stores, many(s->t->stores), s->t->threads,
		 many(s->t->threads));
	field(s, "Run", line);
	if (t->lines) {
		n = (size_t)snprintf(line, sizeof(line), "%" PRIu64 " line%s, %" PRIu64 " full (%.1f %%)", t->lines,
				     many(t->lines), t->full, 100.0 * (double)t->full / (double)t->lines);
		if (s->t->full_sure < t->full)
			snprintf(line + n, sizeof(line) - n, "; of these %" PRIu64 " for sure: ways were not seen",
				 s->t->full_sure);
		more(line);
	}
	if (t->uc || t->direct) {
		snprintf(line, sizeof(line),
			 "%" PRIu64 " uncached and %" PRIu64 " direct stores, which combine with nothing", t->uc,
			 t->direct);
		more(line);
	}
	n = (size_t)snprintf(line, sizeof(line), "%" PRIu64 " TLP%s predicted, %.1f bytes each", t->tlps, many(t->tlps),
			     t->tlps ? (double)t->bytes / (double)t->tlps : 0.0);
	if (t->best != s->t->worst)
		snprintf(line + n, sizeof(line) - n, "; as far as is known %" PRIu64 " to %" PRIu64, t->best,
			 s->t->worst);
	more(line);
}

/* Of ways that were not seen a flush is the worst: does one change the answer? */
static bool unseen_matters(const struct trace_story *s)
{
	return s->t->full_sure != s->t->model.full || s->t->worst != s->t->model.worst;
}

struct unseen {
	uint64_t n;
	const char *one, *many, *why;
};

static void print_unseen(const struct trace_story *s)
{
	const struct messages_totals *t = s->t;
	const struct unseen rows[] = {
		{ t->lost, "time stores may be missing", "times stores may be missing", s->lost_why },
		{ t->unsaid, "instruction whose stores could not be told",
		  "instructions whose stores could not be told", "" },
		{ t->refused, "store that the model does not take", "stores that the model does not take", "" },
		{ unseen_matters(s) ? t->unseen : 0, "way between two stores, taken for the first time and not stepped",
		  "ways between two stores, taken for the first time and not stepped", "" },
		{ unseen_matters(s) ? t->gaps : 0, "long way without a store, not stepped to its end",
		  "long ways without a store, not stepped to their end", "" },
		/* Of ways that were all stepped nothing was taken for granted. */
		{ s->cost.known_stores ? t->paths : 0,
		  "time a known way held something else than before: what was assumed on it until then may be wrong",
		  "times a known way held something else than before: what was assumed on it until then may be wrong",
		  "" },
		{ t->syswrites, "system call that wrote into the mapping: what it stored is not in this",
		  "system calls that wrote into the mapping: what they stored is not in this", "" },
		{ t->storyless, "thread whose lines were counted only: too many at once",
		  "threads whose lines were counted only: too many at once", "" },
		{ s->refused, "mapping that could not be protected, its stores are not in this",
		  "mappings that could not be protected, their stores are not in this", s->refused_why },
		{ s->choose->more, "mapping of a further file, not remembered",
		  "mappings of further files, not remembered", "" },
	};
	uint64_t ways = t->unseen + t->gaps;
	char line[400];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].n)
			continue;
		snprintf(line, sizeof(line), "%" PRIu64 " %s%s%s", rows[i].n,
			 rows[i].n == 1 ? rows[i].one : rows[i].many, *rows[i].why ? ": " : "", rows[i].why);
		if (!n++)
			field(s, "Not seen", line);
		else
			more(line);
	}
	if (ways && !unseen_matters(s) && t->stores) {
		snprintf(line, sizeof(line),
			 "%" PRIu64 " way%s from a store not stepped to %s end: whatever lies there, the numbers "
			 "above are the same",
			 ways, many(ways), ways == 1 ? "its" : "their");
		if (!n++)
			field(s, "Not seen", line);
		else
			more(line);
	}
	if (s->cost.assumed) {
		snprintf(line, sizeof(line), "%" PRIu64 " of %" PRIu64 " events, on ways stepped before: see --learn",
			 s->cost.assumed, s->cost.events);
		field(s, "Assumed", line);
	}
}

static void print_cost(const struct trace_story *s)
{
	const struct trace_totals *c = &s->cost;
	char line[400];
	size_t n = (size_t)snprintf(line, sizeof(line), "%" PRIu64 " stop%s, %" PRIu64 " step%s", c->stops,
				    many(c->stops), c->steps, many(c->steps));

	if (c->known_stores && n < sizeof(line))
		n += (size_t)snprintf(line + n, sizeof(line) - n, "; %.1f us a store on known ways",
				      (double)c->store_ns / 1e3 / (double)c->known_stores);
	if (c->syscalls && n < sizeof(line))
		snprintf(line + n, sizeof(line) - n, "; %.1f us a system call (%" PRIu64 "; --no-syscalls)",
			 (double)c->syscall_ns / 1e3 / (double)c->syscalls, c->syscalls);
	field(s, "Cost", line);
}

static void print_files(const struct trace_story *s)
{
	char line[400];

	if (trace_writer_failed(s->writer))
		snprintf(line, sizeof(line), "%s: not complete, it could not be written to the end", s->a->events);
	else if (!trace_writer_files(s->writer))
		snprintf(line, sizeof(line), "%s: empty, nothing was stored", s->a->events);
	else if (trace_writer_files(s->writer) == 1)
		snprintf(line, sizeof(line), "%s: for wcdiag model, compare, and check --events", s->a->events);
	else
		snprintf(line, sizeof(line), "%s: of the thread that stored first; of %zu more: %s.TID", s->a->events,
			 trace_writer_files(s->writer) - 1, s->a->events);
	field(s, "Events", line);
	if (trace_writer_left(s->writer)) {
		snprintf(line, sizeof(line), "%zu events of further threads are not written: too many files",
			 trace_writer_left(s->writer));
		more(line);
	}
}

/* Nothing was stored: why, and what to do. */
static void print_nothing(const struct trace_story *s)
{
	const struct trace_choose *k = s->choose;
	char line[500];
	size_t n = 0;

	printf("\n");
	if (s->nplace) {
		field(s, "Nothing", "was stored to that mapping while it was traced.");
		more("If the program does store: does it map the file a second time from another node (name that one), "
		     "does "
		     "another process store (trace that one: -p), or does it begin later (no --duration)?");
		return;
	}
	if (s->a->map)
		snprintf(line, sizeof(line), "no shared mapping of %s that can be written was seen.", s->a->map);
	else if (k->dev >= 0)
		snprintf(line, sizeof(line), "no mapping of that BAR was seen.");
	else
		snprintf(line, sizeof(line), "no mapping of device memory was seen.");
	field(s, "Nothing", line);
	for (size_t i = 0; i < k->nfile; i++) {
		if (!n++)
			more(k->dev >= 0
				     ? "The program has these shared mappings; whether one is of that BAR can be told "
				       "by its page table entries only (as root); name it: --map FILE"
				     : "The program has these shared mappings; name the one that is meant: --map FILE");
		printf("%*s  %s%s%s\n", COL, "", k->file[i].path, k->file[i].device ? " (device memory)" : "",
		       k->file[i].unsure ? ": may be of that BAR" : "");
	}
	if (!n)
		more("The program made no shared mapping that it may write to. Does another process do it, does it map "
		     "it "
		     "MAP_PRIVATE, or read-only? wcdiag check judges mappings while the program runs.");
}

void trace_text(const struct trace_story *s)
{
	const char *why = trace_ips_why(s->ips);

	print_program(s);
	for (unsigned int i = 0; i < s->nplace; i++)
		print_place(s, i);
	if (!s->t->stores) {
		print_nothing(s);
	} else {
		print_model(s);
		trace_patterns(s);
		printf("\n");
		print_run(s);
	}
	print_unseen(s);
	print_cost(s);
	if (s->writer)
		print_files(s);
	if (why && s->t->stores)
		field(s, "Symbols", why);
}
