/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out_json.c - check --json: the contract of design section 3. Several machines: one object with "machines". */
#include <stdlib.h>

#include "cmd/check_drive.h"
#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/out.h"
#include "cmd/out_maps.h"
#include "probe/machine.h"

static struct json_object *many; /* the array, while several machines are reported */

static struct json_object *states(const enum layer_state *s)
{
	struct json_object *o = json_object_new_object();

	for (int l = 0; l < LAYER_COUNT; l++)
		js_str(o, layer_name((enum layer)l), state_name(s[l]));
	return o;
}

static struct json_object *notes(const struct bar_judgement *b)
{
	struct json_object *o = json_object_new_object();

	for (int l = 0; l < LAYER_COUNT; l++)
		js_str(o, layer_name((enum layer)l), b->note[l]);
	return o;
}

static struct json_object *bar(const struct report *r, const struct bar_judgement *b)
{
	struct json_object *o = json_object_new_object();
	const struct pci_bar *p = &b->dev->bar[b->bar];

	js_str(o, "slot", b->dev->slot);
	js_num(o, "bar", (uint64_t)b->bar);
	js_hex(o, "address", p->addr);
	js_num(o, "size", p->size);
	js_str(o, "driver", *b->dev->driver ? b->dev->driver : NULL);
	js_str(o, "verdict", verdict_name(b->verdict));
	js_str(o, "breaks_at", b->breaks_at < 0 ? NULL : layer_name((enum layer)b->breaks_at));
	js_str(o, "judged_to", b->judged_to < 0 ? NULL : layer_name((enum layer)b->judged_to));
	json_object_object_add(o, "layers", states(b->state));
	json_object_object_add(o, "notes", notes(b));
	json_object_object_add(o, "mappings", out_maps_json(r->m, b));
	json_object_object_add(o, "experiment", r->drive ? check_drive_json(r->drive, b->dev, b->bar) : NULL);
	json_object_object_add(o, "findings", js_findings(&b->findings));
	return o;
}

static struct json_object *next_steps(const struct report *r)
{
	struct json_object *a = json_object_new_array();
	char *step[12];
	int n = judge_next(r->m, r->j, step, 12);

	for (int i = 0; i < n; i++) {
		char buf[4096];

		json_object_array_add(a, json_object_new_string(safe_text(step[i], buf, sizeof(buf))));
		free(step[i]);
	}
	return a;
}

static struct json_object *passed_over(const struct report *r)
{
	struct json_object *a = json_object_new_array();
	size_t n = judge_passed_over(r->m, r->j, NULL, 0);
	struct judge_bar *bar = calloc(n ? n : 1, sizeof(*bar));

	if (bar)
		judge_passed_over(r->m, r->j, bar, n);
	for (size_t i = 0; bar && i < n; i++) {
		struct json_object *o = json_object_new_object();

		js_str(o, "slot", bar[i].dev->slot);
		js_num(o, "bar", (uint64_t)bar[i].bar);
		js_str(o, "why", "not prefetchable");
		json_object_array_add(a, o);
	}
	free(bar);
	return a;
}

static void begin(const struct common *o, size_t machines)
{
	(void)o;
	if (machines > 1)
		many = json_object_new_array();
}

static void machine(const struct report *r, size_t machines)
{
	struct json_object *o = machines > 1 ? json_object_new_object() : js_head(NULL), *bars;

	if (machines > 1)
		js_str(o, "root", r->name);
	if (r->error) {
		js_str(o, "error", r->error);
	} else {
		json_object_object_add(o, "host", js_host(r->m));
		js_str(o, "verdict", verdict_name(r->j->verdict));
		js_str(o, "until", layer_name(r->j->until));
		json_object_object_add(o, "layers", states(r->j->layers));
		bars = json_object_new_array();
		for (size_t i = 0; i < r->j->nbar; i++)
			json_object_array_add(bars, bar(r, &r->j->bar[i]));
		json_object_object_add(o, "bars", bars);
		json_object_object_add(o, "not_judged", passed_over(r));
		json_object_object_add(o, "findings", js_findings(&r->j->machine.findings));
		json_object_object_add(o, "next", next_steps(r));
	}
	if (machines > 1)
		json_object_array_add(many, o);
	else
		js_print(o);
}

static void end(const struct common *c, size_t machines, int worst)
{
	struct json_object *o;

	(void)c;
	if (machines < 2)
		return;
	o = js_head(NULL);
	json_object_object_add(o, "machines", many);
	js_num(o, "exit", (uint64_t)worst);
	js_print(o);
	many = NULL;
}

const struct out_ops out_json = { .name = "json", .begin = begin, .machine = machine, .end = end };
