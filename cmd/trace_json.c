/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_json.c - the story for programs. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd/json.h"
#include "cmd/trace.h"
#include "probe/model_int.h"

static struct json_object *program(const struct trace_story *s)
{
	struct json_object *o = json_object_new_object(), *a = NULL;
	char word[1024];

	js_num(o, "pid", (uint64_t)s->pid);
	if (s->a->argv) {
		a = json_object_new_array();
		for (char **p = s->a->argv; *p; p++)
			json_object_array_add(a, json_object_new_string(safe_text(*p, word, sizeof(word))));
	}
	json_object_object_add(o, "command", a);
	js_bool(o, "ended", s->ended);
	if (s->ended && WIFSIGNALED(s->status))
		js_num(o, "signal", (uint64_t)WTERMSIG(s->status));
	else if (s->ended)
		js_num(o, "exit", (uint64_t)WEXITSTATUS(s->status));
	return o;
}

static struct json_object *profile(const struct trace_story *s)
{
	const struct cpu_profile *c = s->profile->cpu;
	struct json_object *o = json_object_new_object();
	unsigned int n = s->model->buffers ? s->model->buffers : c->buffers;

	js_str(o, "name", c->name);
	js_str(o, "chosen", s->profile->chosen);
	if (n)
		js_num(o, "buffers", n);
	else
		js_str(o, "buffers", NULL);
	return o;
}

static struct json_object *mappings(const struct trace_story *s)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < s->nplace; i++) {
		const struct trace_file *f = trace_file_of(s->choose, &s->place[i]);
		struct json_object *o = json_object_new_object(), *at = json_object_new_array();

		js_str(o, "path", s->place[i].path);
		js_bool(o, "device", s->place[i].device);
		js_hex(o, "base", s->place[i].base);
		js_str(o, "type", mtype_name(s->place[i].type));
		js_bool(o, "type_assumed", f && f->assumed);
		js_str(o, "type_why", f ? f->why : NULL);
		for (size_t k = 0; k < s->nmapped && k < TRACE_MAPPED_MAX; k++) {
			struct json_object *m;

			if (s->mapped[k].place != i)
				continue;
			m = json_object_new_object();
			js_num(m, "pid", (uint64_t)s->mapped[k].pid);
			js_hex(m, "address", s->mapped[k].addr);
			js_num(m, "size", s->mapped[k].length);
			json_object_array_add(at, m);
		}
		json_object_object_add(o, "mapped", at);
		json_object_array_add(a, o);
	}
	return a;
}

static struct json_object *not_traced(const struct trace_story *s)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < s->choose->nfile; i++) {
		const struct trace_file *f = &s->choose->file[i];
		struct json_object *o;

		if (f->traced)
			continue;
		o = json_object_new_object();
		js_str(o, "path", f->path);
		js_bool(o, "device", f->device);
		js_bool(o, "may_be_that_bar", f->unsure);
		json_object_array_add(a, o);
	}
	return a;
}

/* The program's own line, where the instruction's is in a header of the compiler's. */
static void js_symbol(struct json_object *o, const struct symbol *y)
{
	bool own = y->own_file;
	const char *path = own ? y->own_path : y->path, *inlined = own ? y->own_inlined : y->inlined;

	js_str(o, "module", y->module);
	if (y->module)
		js_hex(o, "offset", y->offset);
	else
		js_str(o, "offset", NULL);
	js_str(o, "function", y->function);
	js_str(o, "inlined", inlined);
	js_str(o, "file", path ? path : own ? y->own_file : y->file);
	if (own || y->file)
		js_num(o, "line", own ? y->own_line : y->line);
	else
		js_str(o, "line", NULL);
}

static struct json_object *event(const struct trace_pattern *v, size_t i)
{
	const struct trace_event *e = &v->p->e[i];
	struct json_object *o = json_object_new_object();

	js_str(o, "kind", model_kind_name(e->e.kind));
	if (e->e.kind == ME_STORE || e->e.kind == ME_READ) {
		js_hex(o, "address", e->addr);
		js_hex(o, "at", e->e.addr);
		js_num(o, "size", e->e.size);
		js_str(o, "type", mtype_name(e->e.type));
	}
	if (e->e.flags & ME_MASKED)
		js_hex(o, "mask", e->e.mask);
	if (e->e.kind == ME_STORE) {
		js_bool(o, "direct", e->e.flags & ME_DIRECT);
		js_bool(o, "rep", e->e.flags & ME_REP);
	}
	if (e->e.kind == ME_GAP)
		js_num(o, "instructions", e->e.addr);
	if (e->number >= 0)
		js_num(o, e->e.kind == ME_INTERRUPT ? "signal" : "number", (uint64_t)e->number);
	js_bool(o, "assumed", e->flags & TRACE_ASSUMED);
	js_hex(o, "ip", e->e.ip);
	js_symbol(o, &v->at[i].y);
	if (v->at[i].call) {
		struct json_object *c = json_object_new_object();

		js_hex(c, "ip", v->at[i].call);
		js_symbol(c, &v->at[i].caller);
		json_object_object_add(o, "called_from", c);
	}
	return o;
}

static struct json_object *tlp(const struct model_tlp *t)
{
	struct json_object *o = json_object_new_object();

	js_hex(o, "address", t->addr);
	js_num(o, "dws", t->ndw);
	js_num(o, "fbe", t->fbe);
	js_num(o, "lbe", t->lbe);
	js_num(o, "bytes", t->bytes);
	js_str(o, "why", model_reason_id(t->reason));
	js_num(o, "by", t->by);
	return o;
}

static struct json_object *pattern(const struct trace_pattern *v)
{
	const struct message_pattern *p = v->p;
	struct json_object *o = json_object_new_object(), *events = json_object_new_array(),
			   *tlps = json_object_new_array();

	js_num(o, "id", (uint64_t)p->id);
	js_str(o, "severity", severity_name(v->worst));
	js_num(o, "count", p->count);
	js_num(o, "assumed", p->assumed);
	js_num(o, "first", p->first);
	js_num(o, "pid", (uint64_t)p->pid);
	js_num(o, "tid", (uint64_t)p->tid);
	js_hex(o, "line", p->line);
	js_num(o, "lines", p->lines);
	js_num(o, "bytes", p->bytes);
	js_bool(o, "unsaid", p->unsaid);
	if (p->unsaid)
		js_num(o, "unsaid_before", p->unsaid_at);
	if (p->same_stores >= 0)
		js_num(o, "same_stores_as", (uint64_t)p->same_stores);
	if (p->same_body >= 0)
		js_num(o, "same_but_for_end_as", (uint64_t)p->same_body);
	js_bool(o, "end_unseen", p->end_unseen);
	js_bool(o, "cut", p->cut);
	js_bool(o, "doubtful", p->doubtful);
	js_num(o, "full", p->story->totals.full);
	js_num(o, "tlps_predicted", v->tlps);
	js_num(o, "tlps_needed", v->need);
	js_num(o, "best", p->story->totals.best);
	js_num(o, "worst", p->story->totals.worst);
	for (size_t i = 0; i < p->n; i++)
		json_object_array_add(events, event(v, i));
	json_object_object_add(o, "events", events);
	for (size_t i = 0; i < p->ntlps; i++)
		json_object_array_add(tlps, tlp(&p->tlps[i]));
	json_object_object_add(o, "tlps", tlps);
	json_object_object_add(o, "findings", js_findings(&v->findings));
	return o;
}

static struct json_object *thread(const struct message_thread *t)
{
	struct json_object *o = json_object_new_object();

	js_num(o, "pid", (uint64_t)t->pid);
	js_num(o, "tid", (uint64_t)t->tid);
	js_num(o, "messages", t->messages);
	js_num(o, "stores", t->stores);
	js_num(o, "lines", t->totals.lines);
	js_num(o, "full", t->totals.full);
	js_num(o, "tlps", t->totals.tlps);
	js_num(o, "best", t->totals.best);
	js_num(o, "worst", t->totals.worst);
	return o;
}

static struct json_object *totals(const struct trace_story *s)
{
	const struct model_totals *t = &s->t->model;
	struct json_object *o = json_object_new_object();

	js_num(o, "messages", s->t->messages);
	js_num(o, "patterns", s->t->patterns);
	js_num(o, "messages_not_kept", s->t->other);
	js_num(o, "threads", s->t->threads);
	js_num(o, "stores", s->t->stores);
	js_num(o, "stores_wc", t->wc);
	js_num(o, "stores_uncached", t->uc);
	js_num(o, "stores_direct", t->direct);
	js_num(o, "bytes", t->bytes);
	js_num(o, "repeated_bytes", t->repeat_bytes);
	js_num(o, "lines", t->lines);
	js_num(o, "full", t->full);
	js_num(o, "full_sure", s->t->full_sure);
	json_object_object_add(o, "full_rate",
			       t->lines ? json_object_new_double((double)t->full / (double)t->lines) : NULL);
	js_num(o, "tlps", t->tlps);
	js_num(o, "best", t->best);
	js_num(o, "worst", s->t->worst);
	return o;
}

static struct json_object *not_seen(const struct trace_story *s)
{
	const struct messages_totals *t = s->t;
	struct json_object *o = json_object_new_object();

	js_num(o, "lost", t->lost);
	js_str(o, "lost_why", *s->lost_why ? s->lost_why : NULL);
	js_num(o, "unsaid", t->unsaid);
	js_num(o, "refused_by_model", t->refused);
	js_num(o, "ways_unseen", t->unseen);
	js_num(o, "gaps", t->gaps);
	js_num(o, "ways_changed", t->paths);
	js_num(o, "kernel_writes", t->syswrites);
	js_num(o, "mappings_not_protected", s->refused);
	js_num(o, "threads_counted_only", t->storyless);
	js_num(o, "events_assumed", s->cost.assumed);
	return o;
}

static struct json_object *cost(const struct trace_story *s)
{
	const struct trace_totals *c = &s->cost;
	struct json_object *o = json_object_new_object();

	js_num(o, "events", c->events);
	js_num(o, "stops", c->stops);
	js_num(o, "steps", c->steps);
	js_num(o, "ways", c->paths);
	js_num(o, "ways_stepped_again", c->again);
	js_num(o, "stores_through", c->through);
	js_num(o, "stores_on_known_ways", c->known_stores);
	js_num(o, "ns_of_those", c->store_ns);
	js_num(o, "system_calls", c->syscalls);
	js_num(o, "ns_of_system_calls", c->syscall_ns);
	return o;
}

static struct json_object *order(const struct trace_story *s)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < s->norder; i++) {
		struct json_object *o = json_object_new_object();

		js_num(o, "from", s->order[i].from);
		js_num(o, "count", s->order[i].count);
		js_num(o, "tid", (uint64_t)s->order[i].tid);
		if (s->order[i].pattern >= 0)
			js_num(o, "pattern", (uint64_t)s->order[i].pattern);
		else
			js_str(o, "pattern", NULL);
		json_object_array_add(a, o);
	}
	return a;
}

void trace_json(const struct trace_story *s)
{
	static const char *const how[] = {
		[TRACE_END_PROGRAM] = "program", [TRACE_END_LIMIT] = "limit",	[TRACE_END_DURATION] = "duration",
		[TRACE_END_SIGNAL] = "signal",	 [TRACE_END_FAILED] = "failed",
	};
	struct json_object *o = js_head(NULL), *a = json_object_new_array();

	json_object_object_add(o, "program", program(s));
	js_str(o, "ended_by", how[s->end]);
	json_object_object_add(o, "seconds", json_object_new_double(s->seconds));
	json_object_object_add(o, "profile", profile(s));
	json_object_object_add(o, "mappings", mappings(s));
	json_object_object_add(o, "not_traced", not_traced(s));
	for (size_t i = 0; i < s->npattern; i++)
		json_object_array_add(a, pattern(&s->pattern[i]));
	json_object_object_add(o, "patterns", a);
	json_object_object_add(o, "findings", js_findings(&s->run));
	a = json_object_new_array();
	for (size_t i = 0; i < s->nthread; i++)
		json_object_array_add(a, thread(&s->thread[i]));
	json_object_object_add(o, "threads", a);
	if (s->a->o.verbose)
		json_object_object_add(o, "order", order(s));
	json_object_object_add(o, "totals", totals(s));
	json_object_object_add(o, "not_seen", not_seen(s));
	json_object_object_add(o, "cost", cost(s));
	js_str(o, "symbols", trace_ips_why(s->ips));
	js_print(o);
}
