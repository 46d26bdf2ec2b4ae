/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_line_put.c - a decision or a scene as one JSON object; watch_line.c reads it back. Pure. */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>

#include "watch_line.h"

static void add_text(struct json_object *o, const char *key, const char *s)
{
	json_object_object_add(o, key, s && *s ? json_object_new_string(s) : NULL);
}

static void add_hex(struct json_object *o, const char *key, uint64_t v)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "0x%" PRIx64, v);
	json_object_object_add(o, key, json_object_new_string(buf));
}

static void add_type(struct json_object *o, const char *key, enum mtype t)
{
	add_text(o, key, t == MT_UNKNOWN ? NULL : mtype_name(t));
}

struct json_object *watch_line_of_event(const struct watch_event *e)
{
	struct json_object *o = json_object_new_object(), *a;

	if (!o)
		return NULL;
	add_text(o, "event", watch_kind_name(e->kind));
	json_object_object_add(o, "monotonic_ns", json_object_new_uint64(e->when));
	json_object_object_add(o, "pid", json_object_new_int(e->pid));
	json_object_object_add(o, "tid", json_object_new_int(e->tid));
	add_text(o, "process", e->comm);
	add_hex(o, "start", e->start);
	add_hex(o, "end", e->end);
	if (e->kind != WATCH_FREE) {
		add_type(o, "asked", e->asked);
		add_type(o, "got", e->got);
	}
	json_object_object_add(o, "result", e->result_known ? json_object_new_int(e->result) : NULL);
	add_text(o, "caller", watch_caller_name(e->caller));
	add_text(o, "function", e->function);
	add_text(o, "module", e->module);
	if (e->vma_end) {
		add_hex(o, "mapping_start", e->vma_start);
		add_hex(o, "mapping_end", e->vma_end);
	}
	a = json_object_new_array();
	for (size_t i = 0; i < e->nstack; i++)
		json_object_array_add(a, json_object_new_string(e->stack[i]));
	json_object_object_add(o, "stack", a);
	return o;
}

static void add_ranges(struct json_object *o, const char *key, const struct watch_ranges *l)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < l->n; i++) {
		struct json_object *r = json_object_new_object();

		add_hex(r, "start", l->r[i].start);
		add_hex(r, "end", l->r[i].end);
		if (l->r[i].type != MT_UNKNOWN)
			add_type(r, "type", l->r[i].type);
		if (*l->r[i].name)
			add_text(r, "name", l->r[i].name);
		json_object_array_add(a, r);
	}
	json_object_object_add(o, key, a);
}

struct json_object *watch_line_of_scene(const struct watch_scene *s)
{
	struct json_object *o = json_object_new_object(), *a;

	if (!o)
		return NULL;
	add_text(o, "event", "begin");
	add_text(o, "wcdiag", s->wcdiag);
	json_object_object_add(o, "schema", json_object_new_int(1));
	add_text(o, "by", s->way);
	add_text(o, "kernel", s->kernel);
	add_text(o, "pat", s->pat == PAT_STATE_ON ? "on" : s->pat == PAT_STATE_OFF ? "off" : NULL);
	json_object_object_add(o, "wall_ns", json_object_new_int64(s->wall));
	a = json_object_new_array();
	for (size_t i = 0; i < s->nlacks; i++)
		json_object_array_add(a, json_object_new_string(s->lacks[i]));
	json_object_object_add(o, "lacks", a);
	add_ranges(o, "bars", &s->bars);
	add_ranges(o, "ram", &s->ram);
	if (s->before_known) {
		add_ranges(o, "reservations", &s->before);
		json_object_object_add(o, "reservations_ns", json_object_new_uint64(s->before_when));
	} else {
		json_object_object_add(o, "reservations", NULL);
		add_text(o, "reservations_why", s->before_why);
	}
	return o;
}
