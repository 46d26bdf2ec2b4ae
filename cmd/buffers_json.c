/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buffers_json.c - the buffers for programs. What is not known is null. */
#include <stdio.h>

#include "cmd/buffers.h"
#include "cmd/json.h"

static void js_double(struct json_object *o, const char *key, double v, int digits)
{
	char buf[40];

	snprintf(buf, sizeof(buf), "%.*f", digits, v);
	json_object_object_add(o, key, json_object_new_double_s(v, buf));
}

/* capacity, available, confidence, contended; NULL: nobody can say. */
static void js_answer(struct json_object *o, const struct buffers_answer *a)
{
	bool stable = a && a->stable;

	json_object_object_add(o, "capacity", stable ? json_object_new_uint64(a->capacity) : NULL);
	json_object_object_add(o, "available", stable ? json_object_new_uint64(a->available) : NULL);
	js_double(o, "confidence", stable ? a->confidence : 0, 2);
	json_object_object_add(o, "contended", stable ? json_object_new_boolean(a->contended) : NULL);
}

static struct json_object *js_curve(const struct buffers_curve *c)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int n = 1; c->rounds && n <= c->lines; n++) {
		struct json_object *o = json_object_new_object();
		double min, median;

		buffers_shape(c, n, &min, &median);
		js_num(o, "lines", n);
		js_double(o, "min", min, 1);
		js_double(o, "median", median, 1);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *js_costs(const struct buffers_taken *t)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < t->ncost; i++) {
		const struct buffers_cost *c = &t->cost[i];
		struct json_object *o = json_object_new_object();

		js_str(o, "id", c->id);
		js_str(o, "says", c->says);
		js_bool(o, "extra", c->extra);
		if (c->measured) {
			js_double(o, "min", c->min, 1);
			js_double(o, "median", c->median, 1);
		} else {
			js_str(o, "min", NULL);
			js_str(o, "median", NULL);
		}
		js_str(o, "skipped", c->skipped);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *js_hold(const struct buffers_taken *t)
{
	struct json_object *o;

	if (!t->ncost)
		return NULL;
	o = json_object_new_object();
	js_bool(o, "seen", t->hold.seen);
	json_object_object_add(o, "ticks", t->hold.seen ? json_object_new_uint64(t->hold.most) : NULL);
	if (t->hold.seen && t->ticks_ns > 0)
		js_double(o, "ns", t->hold.most / t->ticks_ns, 0);
	else
		js_str(o, "ns", NULL);
	js_num(o, "tried_ticks", t->hold.tried);
	return o;
}

static struct json_object *js_beside(const struct buffers_taken *t)
{
	struct json_object *o;

	if (!t->beside && !t->beside_skipped)
		return NULL;
	o = json_object_new_object();
	js_answer(o, t->beside ? &t->beside_a : NULL);
	js_str(o, "skipped", t->beside_skipped);
	return o;
}

static struct json_object *js_one(const struct buffers_taken *t)
{
	struct json_object *o = json_object_new_object();

	js_num(o, "cpu", t->rec.cpu);
	js_str(o, "kind", buffers_kind_name(t->rec.kind));
	js_bool(o, "stable", t->a.stable);
	js_answer(o, &t->a);
	js_str(o, "why", t->a.why);
	json_object_object_add(o, "second_step", t->a.step ? json_object_new_uint64(t->a.step) : NULL);
	js_double(o, "free_ticks", t->a.free, 1);
	js_double(o, "beyond_ticks", t->a.beyond, 1);
	js_num(o, "rounds", t->rec.curve.rounds);
	js_num(o, "rounds_agree", t->a.agree);
	js_num(o, "rounds_unshared", t->a.steady);
	js_str(o, "sibling", buffers_sibling_name(t->rec.sibling));
	if (t->rec.sibling_busy < 0)
		js_str(o, "sibling_busy", NULL);
	else
		js_double(o, "sibling_busy", t->rec.sibling_busy, 2);
	js_double(o, "curve_ms", t->ms, 1);
	js_double(o, "ms", t->ms_all, 1);
	js_double(o, "ticks_per_ns", t->ticks_ns, 3);
	json_object_object_add(o, "curve", js_curve(&t->rec.curve));
	json_object_object_add(o, "costs", js_costs(t));
	json_object_object_add(o, "hold", js_hold(t));
	json_object_object_add(o, "beside", js_beside(t));
	return o;
}

void buffers_json(const struct buffers_view *v)
{
	const struct buffers_taken *best = buffers_best(v);
	struct json_object *o = js_head(NULL), *list = json_object_new_array();
	unsigned int known = cpu_profile_for(v->cpu)->buffers;

	js_str(o, "cpu", *v->cpu->name ? v->cpu->name : v->cpu->vendor_str);
	js_str(o, "hypervisor", v->hyper->guest ? (v->hyper->kind ? v->hyper->kind->name : v->hyper->signature) : NULL);
	js_str(o, "source", v->live ? "live" : "snapshot");
	js_bool(o, "emulated", v->n && v->at[0].x.emulated);
	json_object_object_add(o, "known", known ? json_object_new_uint64(known) : NULL);
	js_answer(o, best ? &best->a : NULL);
	for (size_t i = 0; i < v->n; i++)
		json_object_array_add(list, js_one(&v->at[i]));
	json_object_object_add(o, "cpus", list);
	js_print(o);
}
