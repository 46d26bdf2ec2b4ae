/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out_json.c - check --json: the contract of design section 3. Several machines: one object with "machines". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/check_drive.h"
#include "cmd/check_watch.h"
#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/out.h"
#include "cmd/out_maps.h"
#include "probe/machine.h"

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
	if (r->watch)
		json_object_object_add(o, "watch", check_watch_json(r->watch, b->dev, b->bar));
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

/*
 * Of several machines each is printed when it comes, as an element of the one object: nothing is kept. What is printed is to
 * the letter what json-c would print of the whole.
 */
static void begin(const struct common *o, size_t machines)
{
	(void)o;
	if (machines > 1)
		printf("{\n  \"wcdiag\": \"%s\",\n  \"schema\": 1,\n  \"machines\": [", WCDIAG_VERSION);
}

static void element(struct json_object *o, size_t index)
{
	const char *text = json_object_to_json_string_ext(o, JS_FORM), *nl;

	if (index)
		putchar(',');
	for (; text; text = nl ? nl + 1 : NULL) { /* no string holds a newline as it is */
		nl = strchr(text, '\n');
		printf("\n    %.*s", nl ? (int)(nl - text) : (int)strlen(text), text);
	}
	json_object_put(o);
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
		element(o, r->index);
	else
		js_print(o);
}

static void end(const struct common *c, size_t machines, int worst)
{
	(void)c;
	if (machines > 1)
		printf("\n  ],\n  \"exit\": %d\n}\n", worst);
}

const struct out_ops out_json = { .name = "json", .begin = begin, .machine = machine, .end = end };
