// SPDX-License-Identifier: GPL-2.0-or-later
/* drive_json.c - the same as drive_out.c for programs. */
#include <string.h>

#include "cmd/drive.h"
#include "cmd/json.h"
#include "probe/machine.h"

static void js_type(struct json_object *o, const char *key, enum mtype t)
{
	js_str(o, key, t == MT_UNKNOWN ? NULL : mtype_name(t));
}

static void js_double(struct json_object *o, const char *key, double v)
{
	json_object_object_add(o, key, json_object_new_double(v));
}

static struct json_object *prediction(const struct drive_prediction *e, unsigned int runs)
{
	struct json_object *o = json_object_new_object();

	js_num(o, "tlps", e->tlps * runs);
	js_num(o, "best", e->best * runs);
	js_num(o, "worst", e->worst * runs);
	js_num(o, "lines", e->lines * runs);
	js_num(o, "full_lines", e->full * runs);
	js_num(o, "stores", e->stores * runs);
	js_num(o, "bytes", e->bytes * runs);
	return o;
}

static struct json_object *cycles(const struct stores_stats *s)
{
	struct json_object *o = json_object_new_object();

	js_num(o, "samples", s->n);
	js_double(o, "min", s->min);
	js_double(o, "p25", s->p25);
	js_double(o, "median", s->median);
	js_double(o, "p75", s->p75);
	js_double(o, "p99", s->p99);
	js_double(o, "max", s->max);
	return o;
}

static struct json_object *one_row(const struct drive_out *out, const struct drive_phase *ph, const struct drive_row *r)
{
	const struct drive_args *a = out->a;
	struct json_object *o = json_object_new_object();

	js_str(o, "pattern", wcdiag_store_patterns[r->pattern].name);
	js_str(o, "state", drive_state_name(r->state));
	js_str(o, "why", *r->why ? r->why : NULL);
	js_num(o, "runs", r->runs);
	js_num(o, "messages", r->runs * a->plan.messages);
	js_num(o, "lines", drive_row_lines(a, r));
	js_num(o, "warm_up", r->warmed);
	js_num(o, "part", r->part);
	json_object_object_add(o, "predicted", r->each.known ? prediction(&r->each, r->runs) : NULL);
	js_str(o, "not_predicted", r->each.known || !*r->each.why ? NULL : r->each.why);
	json_object_object_add(o, "cycles_a_line", r->timed ? cycles(&r->time) : NULL);
	json_object_object_add(o, "witnesses", drive_witness_json(out, ph, r));
	return o;
}

static struct json_object *holds(const struct drive_phase *ph)
{
	struct json_object *l = json_object_new_array();

	for (size_t i = 0; i < ph->nhold && i < sizeof(ph->hold) / sizeof(ph->hold[0]); i++) {
		struct json_object *o = json_object_new_object();

		js_hex(o, "start", ph->hold[i].t.start);
		js_hex(o, "end", ph->hold[i].t.end);
		js_str(o, "type", mtype_kernel_name(ph->hold[i].t.type));
		js_str(o, "holder", ph->hold[i].who);
		json_object_array_add(l, o);
	}
	return l;
}

static void js_node(struct json_object *o, const char *key, int node)
{
	json_object_object_add(o, key, node < 0 ? NULL : json_object_new_int(node));
}

/* Not known: null, and why. */
static struct json_object *during(const struct circumstances *c)
{
	struct json_object *o = json_object_new_object();
	bool irqs = c->irq_fact.state == FACT_KNOWN, sibling = c->sibling_fact.state == FACT_KNOWN;

	js_double(o, "seconds", c->seconds);
	json_object_object_add(o, "interrupts", irqs ? json_object_new_uint64(c->irqs) : NULL);
	js_str(o, "busiest", irqs && *c->busiest ? c->busiest : NULL);
	json_object_object_add(o, "busiest_interrupts", irqs ? json_object_new_uint64(c->busiest_irqs) : NULL);
	js_str(o, "interrupts_why", irqs ? NULL : c->irq_fact.why);
	json_object_object_add(o, "sibling", sibling ? json_object_new_uint64(c->sibling) : NULL);
	json_object_object_add(o, "sibling_busy",
			       sibling && c->sibling_busy >= 0 ? json_object_new_double(c->sibling_busy) : NULL);
	js_bool(o, "sibling_absent", c->sibling_fact.state == FACT_ABSENT);
	js_str(o, "sibling_why", c->sibling_fact.state == FACT_MISSING ? c->sibling_fact.why : NULL);
	js_node(o, "cpu_node", c->cpu_node);
	js_node(o, "device_node", c->device_node);
	return o;
}

static struct json_object *one_phase(const struct drive_out *out, size_t at)
{
	const struct drive_phase *ph = &out->phase[at];
	const struct drive_args *a = out->a;
	struct json_object *o = json_object_new_object(), *rows = json_object_new_array();
	char buf[600];

	js_str(o, "side", drive_side_name(ph->side));
	js_str(o, "by", drive_by_words(a, ph, buf, sizeof(buf)));
	js_str(o, "state", drive_state_name(ph->state));
	js_str(o, "why", *ph->why ? ph->why : NULL);
	js_str(o, "remedy", ph->remedy);
	json_object_object_add(o, "held_before", ph->list_known ? holds(ph) : NULL);
	js_bool(o, "list_as_before", ph->list_known && ph->list_same);
	js_type(o, "reserved", ph->reserved);
	if (ph->entry_known)
		js_hex(o, "entry", ph->entry);
	else
		js_str(o, "entry", NULL);
	js_bool(o, "mixed", ph->mixed);
	js_type(o, "type", ph->type);
	js_type(o, "effective", ph->effective);
	js_num(o, "cpu", ph->cpu);
	json_object_object_add(o, "during", ph->state == DRIVE_SKIPPED ? NULL : during(&out->during[at]));
	json_object_object_add(o, "timing", drive_timing_json(out, ph));
	for (size_t i = 0; i < ph->nrow; i++)
		json_object_array_add(rows, one_row(out, ph, &ph->row[i]));
	json_object_object_add(o, "rows", rows);
	return o;
}

void drive_json(struct json_object *to, const struct drive_out *o)
{
	const struct drive_plan *p = &o->a->plan;
	struct json_object *phases = json_object_new_array();

	js_str(to, "slot", p->dev->slot);
	js_num(to, "bar", (uint64_t)p->bar);
	js_hex(to, "address", p->dev->bar[p->bar].addr);
	js_hex(to, "scratch", p->offset);
	js_num(to, "length", p->length);
	js_bool(to, "emulated", drive_emulated(p->m));
	for (size_t i = 0; i < o->nphase; i++)
		json_object_array_add(phases, one_phase(o, i));
	json_object_object_add(to, "phases", phases);
}
