// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check_trace.c - the program's own mappings and stores, for check.
 *
 * The facts are read when a mapping was made (the program is stopped, the mapping as it left it) and again when it was
 * first stored to, for some drivers make entries only then. Stores are executed by the program itself, so that at this
 * moment the mapping is open, not read-only as the tracer keeps it.
 *
 * Each BAR has a story of its own, in which its lines are write-combining whatever they are now (that is for the layers
 * before to judge), and all other memory of devices is what it is: a store to a register closes the buffers.
 */
#include "cmd/check_trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd/json.h"
#include "cmd/text.h"
#include "cmd/trace.h"
#include "probe/experiment.h"
#include "probe/machine.h"
#include "probe/src.h"

#define INDENT 4
/* A verdict hangs on it: nothing is taken as known before it was stepped so often. */
#define LEARN 1000

/* A file that it mapped, and the BAR behind it. */
struct checked {
	const struct check_trace *k;
	pid_t pid; /* whose story it is */
	bool mapped, known, stored;
	char slot[20]; /* of the device: the facts are read anew, and with them the devices */
	int bar;
	struct messages *m; /* NULL: nothing was stored */
	struct experiment exp;
	const struct message_thread *thread; /* whose story it is */
	uint64_t stores, messages;
	char message[200], lacks[200], why[200];
};

struct check_trace {
	struct trace_asked a;
	const struct src *s;
	const char *klog;
	struct model_params par;
	struct machine *facts; /* NULL: no mapping of a device was made */
	struct trace *t;
	struct trace_choose choose;
	struct trace_ips *ips;
	struct checked at[TRACE_PLACES];
	struct judge_bound bound[TRACE_PLACES];
	size_t nbound;
	struct experiment none;
	char lost[200], refused[200], name[100];
	int status, err;
	bool ended;
	struct trace_totals cost;
};

static void read_facts(struct check_trace *k)
{
	struct machine *m = NULL;
	int err = machine_read(k->s, READ_ALL, k->klog, &m);

	if (err) {
		k->err = k->err ? k->err : err;
		return;
	}
	/* trace_choose looks at the machine as it was at the beginning: its CPUs and devices do not change. */
	machine_free(k->facts);
	k->facts = m;
}

/* Which BAR is it? Told by the facts that were read while it is there. */
static void find_bar(struct check_trace *k, struct checked *at, pid_t pid, uint64_t addr)
{
	const struct maps *maps = k->facts ? &k->facts->maps : NULL;

	for (size_t i = 0; maps && i < maps->n && !at->known; i++) {
		const struct map *p = &maps->m[i];

		if (p->pid != pid || addr < p->vstart || addr >= p->vend || p->dev < 0 || p->bar < 0)
			continue;
		at->known = true;
		snprintf(at->slot, sizeof(at->slot), "%s", k->facts->pci.dev[p->dev].slot);
		at->bar = p->bar;
	}
}

static void choose(const struct trace_mapping *m, struct trace_choice *c, void *ctx)
{
	struct check_trace *k = ctx;

	trace_choose_mapping(&k->choose, m, c);
	c->through = false;
	if (c->trace)
		read_facts(k);
}

static uint64_t place(pid_t pid, uint64_t ip, void *ctx)
{
	return trace_ips_place(((struct check_trace *)ctx)->ips, pid, ip);
}

/* To each story: its own BAR's lines are write-combining there. */
static int event(const struct trace_event *e, void *ctx)
{
	struct check_trace *k = ctx;
	const bool access = e->e.kind == ME_STORE || e->e.kind == ME_READ;
	int rc = 0;

	k->at[e->place].stores += e->e.kind == ME_STORE;
	trace_ips_see(k->ips, e);
	if (e->e.kind == ME_STORE && !k->at[e->place].stored) {
		const struct messages_params mp = { .model = k->par, .place = place, .ctx = k };

		k->at[e->place].stored = true;
		read_facts(k);
		find_bar(k, &k->at[e->place], e->pid, e->addr);
		rc = messages_new(&mp, &k->at[e->place].m);
	}
	for (size_t i = 0; i < TRACE_PLACES && !rc; i++) {
		struct trace_event one = *e;

		if (!k->at[i].m)
			continue;
		if (access && e->place == i)
			one.e.type = MT_WC;
		rc = messages_event(k->at[i].m, &one);
	}
	return rc;
}

static void remember(char *to, size_t len, const char *why)
{
	if (!*to && why)
		safe_text(why, to, len);
}

static int note(const struct trace_note *n, void *ctx)
{
	struct check_trace *k = ctx;
	int rc = 0;

	for (size_t i = 0; i < TRACE_PLACES && !rc; i++)
		if (k->at[i].m)
			rc = messages_note(k->at[i].m, n);
	switch (n->kind) {
	case TRACE_MAPPED:
		if (n->value >= 0 && n->value < TRACE_PLACES) {
			k->at[n->value].mapped = true;
			find_bar(k, &k->at[n->value], n->pid, n->addr);
		}
		break;
	case TRACE_REFUSED:
		remember(k->refused, sizeof(k->refused), n->why ? n->why : "a mapping could not be traced");
		break;
	case TRACE_LOST:
		remember(k->lost, sizeof(k->lost), n->why);
		break;
	case TRACE_EXEC:
		trace_ips_forget(k->ips, n->pid);
		break;
	default:
		break;
	}
	return rc;
}

static int serve(struct check_trace *k)
{
	static const struct trace_calls calls = { .choose = choose, .event = event, .note = note };
	int rc = trace_new(&k->a.par, &calls, k, &k->t);

	if (rc)
		return trace_failed(&k->a, "the tracer", -rc);
	trace_catch_signals(true);
	rc = trace_begin(k->t, &k->a);
	if (!rc) {
		rc = trace_run(k->t, &trace_stopped);
		k->cost = *trace_totals(k->t);
		k->ended = trace_ended(k->t, &k->status);
		rc = rc && rc != -EINTR ? trace_failed(&k->a, "tracing", -rc) : 0;
	}
	trace_catch_signals(false);
	return rc;
}

static const char *where(uint64_t ip, void *ctx, char *buf, size_t len)
{
	const struct checked *at = ctx;
	const struct symbol *y = trace_ips_at(at->k->ips, at->pid, ip);

	return y && y->module ? trace_where(y, ip, buf, len) : NULL;
}

static enum severity worst_of(const struct experiment *x)
{
	enum severity worst = SEV_INFO;
	struct findings f;

	if (judge_stores(x, &f))
		worst = SEV_UNKNOWN;
	for (size_t i = 0; i < f.n; i++)
		if (f.f[i].sev > worst)
			worst = f.f[i].sev;
	findings_free(&f);
	return worst;
}

/* What of its stores was not seen, so that they are never called fine. */
static void find_lacks(const struct check_trace *k, struct checked *at)
{
	const struct messages_totals *t = messages_totals(at->m);
	const struct message_pattern *p;
	size_t n, in_doubt = 0;

	p = messages_patterns(at->m, &n);
	for (size_t i = 0; i < n; i++)
		in_doubt += !p[i].cut && p[i].same_stores < 0 && p[i].same_body < 0 && (p[i].unsaid || p[i].doubtful);
	if (t->syswrites)
		snprintf(at->lacks, sizeof(at->lacks),
			 "a system call may have written to the mapping: what the kernel stores by itself is not seen");
	else if (*k->refused || *k->lost)
		snprintf(at->lacks, sizeof(at->lacks), "%s", *k->refused ? k->refused : k->lost);
	else if (t->storyless)
		snprintf(at->lacks, sizeof(at->lacks), "more threads stored than are followed at once");
	else if (t->other || in_doubt)
		snprintf(at->lacks, sizeof(at->lacks), "%s; wcdiag trace shows them one by one",
			 t->other ? "it has more kinds of messages than are kept"
				  : "not all that lies between its stores was seen");
	at->exp.lacks = *at->lacks ? at->lacks : NULL;
}

/* Of many threads the one whose stores fare worst. */
static int judge_place(struct check_trace *k, struct checked *at)
{
	enum severity worst = SEV_INFO;
	const struct message_thread *th;
	size_t n;
	int rc;

	at->exp = (struct experiment){ .message = at->message, .given = true, .where = where, .ctx = at };
	at->k = k;
	at->pid = trace_pid(k->t);
	snprintf(at->message, sizeof(at->message), "%s", k->name);
	if (!at->m) {
		snprintf(at->why, sizeof(at->why), "%s mapped it and stored nothing to it", k->name);
		at->exp.story_why = at->why;
		return 0;
	}
	rc = messages_end(at->m);
	if (rc)
		return rc;
	find_lacks(k, at);
	at->messages = messages_totals(at->m)->messages;
	th = messages_threads(at->m, &n);
	for (size_t i = 0; i < n; i++) {
		const pid_t pid = at->pid;
		struct experiment one = at->exp;
		enum severity sev;

		one.story = th[i].story;
		/* A thread that stored only to other memory of the device is none of this BAR's. */
		if (!one.story || !(one.story->totals.wc + one.story->totals.direct))
			continue;
		at->pid = th[i].pid;
		sev = worst_of(&one);
		if (at->thread && sev <= worst) {
			at->pid = pid;
			continue;
		}
		worst = sev;
		at->thread = &th[i];
		at->exp.story = one.story;
	}
	if (n > 1 && at->thread)
		snprintf(at->message, sizeof(at->message), "%s (thread %d of %zu that stored)", k->name,
			 at->thread->tid, n);
	if (!at->exp.story) {
		snprintf(at->why, sizeof(at->why), "its stores to it were too many threads' to be followed");
		at->exp.story_why = at->why;
	}
	return 0;
}

/* A BAR may have been mapped through several files: the one that was stored to most speaks, and the others are told. */
static void bind(struct check_trace *k, struct checked *at, const struct machine *m)
{
	int dev = pci_find(&m->pci, at->slot);

	if (dev < 0)
		return;
	for (size_t i = 0; i < k->nbound; i++) {
		struct judge_bound *b = &k->bound[i];
		const struct checked *other =
			(const struct checked *)((const char *)b->exp - offsetof(struct checked, exp));

		if (b->dev != (size_t)dev || b->bar != at->bar)
			continue;
		if (at->stores > other->stores)
			b->exp = &at->exp;
		if (at->stores && other->stores) {
			struct checked *kept = at->stores > other->stores ? at : (struct checked *)(uintptr_t)other;

			snprintf(kept->lacks, sizeof(kept->lacks),
				 "it is stored to through two files, and only one is looked at here");
			kept->exp.lacks = kept->lacks;
		}
		return;
	}
	k->bound[k->nbound++] = (struct judge_bound){ .dev = (size_t)dev, .bar = at->bar, .exp = &at->exp };
}

int check_trace_run(const struct cmd *c, char **argv, const struct src *s, const char *klog,
		    const struct model_params *par, struct machine **m, struct check_trace **out)
{
	struct check_trace *k = calloc(1, sizeof(*k));
	int rc;

	*out = k;
	if (!k)
		return cmd_fail_errno(c, "the program", ENOMEM, NULL);
	k->a = (struct trace_asked){
		.c = c, .argv = argv, .bar = { .bar = -1 }, .type = MT_WC, .par = { .learn = LEARN }
	};
	k->s = s;
	k->klog = klog;
	k->par = *par;
	snprintf(k->name, sizeof(k->name), "the program ");
	safe_text(strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0], k->name + strlen(k->name),
		  sizeof(k->name) - strlen(k->name));
	rc = trace_choose_init(&k->choose, &k->a, *m);
	if (!rc && (rc = trace_ips_new(&k->ips)))
		rc = cmd_fail_errno(c, k->name, -rc, NULL);
	if (!rc)
		rc = serve(k);
	if (!rc && k->err)
		rc = cmd_fail_errno(c, "this machine", -k->err, NULL);
	trace_choose_end(&k->choose);
	k->choose.m = NULL;
	for (size_t i = 0; i < TRACE_PLACES && !rc; i++)
		if (k->at[i].mapped || k->at[i].stored) {
			int e = judge_place(k, &k->at[i]);

			rc = e ? cmd_fail_errno(c, k->name, -e, NULL) : 0;
		}
	if (rc)
		return rc;
	if (k->facts) {
		machine_free(*m);
		*m = k->facts;
		k->facts = NULL;
	}
	for (size_t i = 0; i < TRACE_PLACES; i++)
		if (k->at[i].known)
			bind(k, &k->at[i], *m);
	k->none = (struct experiment){ .message = k->name, .given = true, .story_why = "it did not map this BAR" };
	return 0;
}

void check_trace_free(struct check_trace *k)
{
	if (!k)
		return;
	trace_free(k->t);
	for (size_t i = 0; i < TRACE_PLACES; i++)
		messages_free(k->at[i].m);
	trace_ips_free(k->ips);
	machine_free(k->facts);
	free(k);
}

const struct judge_bound *check_trace_bound(const struct check_trace *k, size_t *n)
{
	*n = k->nbound;
	return k->bound;
}

const struct experiment *check_trace_none(const struct check_trace *k)
{
	return &k->none;
}

static void how_it_ended(const struct check_trace *k, char *buf, size_t len)
{
	if (!k->ended)
		snprintf(buf, len, "it runs on");
	else if (WIFSIGNALED(k->status))
		snprintf(buf, len, "killed by signal %d", WTERMSIG(k->status));
	else
		snprintf(buf, len, "exit status %d", WEXITSTATUS(k->status));
}

const char *check_trace_nothing(struct check_trace *k, char *buf, size_t len)
{
	size_t n = 0;
	char end[60];

	for (size_t i = 0; i < TRACE_PLACES; i++)
		n += k->at[i].mapped;
	how_it_ended(k, end, sizeof(end));
	if (n)
		snprintf(buf, len, "%s mapped memory of a device (%s), but of which BAR could not be told (%s)",
			 k->name, k->choose.nfile ? k->choose.file[0].path : "?", end);
	else
		snprintf(buf, len, "%s mapped no BAR for writing (%s)", k->name, end);
	return buf;
}

static const struct checked *of_bar(const struct check_trace *k, const struct pci_device *dev, int bar)
{
	for (size_t i = 0; i < TRACE_PLACES; i++) {
		const struct checked *at = &k->at[i];

		if (at->known && at->bar == bar && !strcmp(at->slot, dev->slot) && (at->stores || !at->m))
			return at;
	}
	return NULL;
}

void check_trace_text(const struct check_trace *k, const struct pci_device *dev, int bar)
{
	const struct checked *at = of_bar(k, dev, bar);
	char line[600], end[60], clean[600];

	if (!at)
		return;
	how_it_ended(k, end, sizeof(end));
	if (!at->m) {
		snprintf(line, sizeof(line), "%s (%s): mapped it, stored nothing to it", k->name, end);
	} else {
		const struct model_totals *t = &messages_totals(at->m)->model;

		snprintf(line, sizeof(line),
			 "%s (%s): %" PRIu64 " stores to it in %" PRIu64 " messages; were it write-combining, %" PRIu64
			 " of %" PRIu64 " lines would leave full (%.1f%%)",
			 k->name, end, at->stores, at->messages, t->full, t->lines,
			 t->lines ? 100.0 * (double)t->full / (double)t->lines : 0.0);
	}
	printf("\n  ");
	wrap(safe_text(line, clean, sizeof(clean)), 2, INDENT, text_width());
	if (at->thread && k->cost.syscalls) {
		snprintf(line, sizeof(line), "it was traced: %.0f us a system call; wcdiag trace shows each message",
			 (double)k->cost.syscall_ns / 1000.0 / (double)k->cost.syscalls);
		printf("    ");
		wrap(line, INDENT, INDENT, text_width());
	}
}

struct json_object *check_trace_json(const struct check_trace *k, const struct pci_device *dev, int bar)
{
	const struct checked *at = of_bar(k, dev, bar);
	struct json_object *o;
	char end[60];

	if (!at)
		return NULL;
	o = json_object_new_object();
	how_it_ended(k, end, sizeof(end));
	js_str(o, "message", at->message);
	js_bool(o, "given", true);
	js_str(o, "program", k->a.argv[0]);
	js_str(o, "ended", end);
	js_num(o, "stores", at->stores);
	js_num(o, "messages", at->messages);
	if (at->m) {
		const struct model_totals *t = &messages_totals(at->m)->model;

		js_num(o, "lines", t->lines);
		js_num(o, "full_lines", t->full);
		js_num(o, "tlps", t->tlps);
		js_num(o, "best", t->best);
		js_num(o, "worst", t->worst);
	}
	return o;
}
