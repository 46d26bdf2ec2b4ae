/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_line.c - one line of a recorded watch into a decision or a scene. Writing: watch_line_put.c. Pure. */
#include "watch_line.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scan.h"

/* No line of ours is longer, and none is nested deeper. */
#define LINE_MAX_BYTES (16U << 20)
#define DEPTH	       8
#define RANGES_MAX     1000000

int watch_ranges_add(struct watch_ranges *l, uint64_t start, uint64_t end, enum mtype type, const char *name)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 16;
		struct watch_range *more = realloc(l->r, cap * sizeof(*more));

		if (!more)
			return -ENOMEM;
		l->r = more;
		l->cap = cap;
	}
	l->r[l->n] = (struct watch_range){ .start = start, .end = end, .type = type };
	scan_copy(l->r[l->n].name, sizeof(l->r[l->n].name), name, strlen(name));
	l->n++;
	return 0;
}

void watch_scene_free(struct watch_scene *s)
{
	free(s->bars.r);
	free(s->ram.r);
	free(s->before.r);
	*s = (struct watch_scene){ 0 };
}

void watch_line_drop(struct watch_line *l)
{
	watch_scene_free(&l->scene);
	watch_event_drop(&l->event);
}

static const char *text_of(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_string)
		       ? json_object_get_string(v)
		       : NULL;
}

static void copy(struct json_object *o, const char *key, char *to, size_t len)
{
	const char *s = text_of(o, key);

	scan_copy(to, len, s ? s : "", s ? strlen(s) : 0);
}

static bool hex(struct json_object *o, const char *key, uint64_t *v)
{
	const char *s = text_of(o, key);
	struct scan t = scan_of(s ? s : "", s ? strlen(s) : 0);

	return scan_0x(&t, v) && scan_done(&t);
}

static bool number(struct json_object *o, const char *key, int64_t least, int64_t most, int64_t *v)
{
	struct json_object *x;

	if (!json_object_object_get_ex(o, key, &x) || !json_object_is_type(x, json_type_int))
		return false;
	*v = json_object_get_int64(x);
	return *v >= least && *v <= most;
}

/* The names that mtype_name() gives. */
static enum mtype type_of(struct json_object *o, const char *key)
{
	const char *s = text_of(o, key);

	for (int t = 0; s && t < MT_UNKNOWN; t++)
		if (!strcmp(s, mtype_name((enum mtype)t)))
			return (enum mtype)t;
	return MT_UNKNOWN;
}

static int ranges(struct json_object *o, const char *key, struct watch_ranges *out, const char **what)
{
	struct json_object *a, *r;
	uint64_t start, end;
	int rc = 0;

	if (!json_object_object_get_ex(o, key, &a) || !json_object_is_type(a, json_type_array))
		return 0;
	for (size_t i = 0; i < json_object_array_length(a) && !rc; i++) {
		r = json_object_array_get_idx(a, i);
		if (i >= RANGES_MAX || !json_object_is_type(r, json_type_object) || !hex(r, "start", &start) ||
		    !hex(r, "end", &end) || end <= start) {
			*what = "a range of the scene that is none";
			return -EBADMSG;
		}
		rc = watch_ranges_add(out, start, end, type_of(r, "type"),
				      text_of(r, "name") ? text_of(r, "name") : "");
	}
	return rc;
}

static int scene(struct json_object *o, struct watch_scene *s, const char **what)
{
	const char *pat = text_of(o, "pat");
	struct json_object *v;
	int64_t n;
	int rc;

	copy(o, "kernel", s->kernel, sizeof(s->kernel));
	copy(o, "by", s->way, sizeof(s->way));
	copy(o, "wcdiag", s->wcdiag, sizeof(s->wcdiag));
	/* Who does not say what could not be seen may not have seen anything. */
	if (!json_object_object_get_ex(o, "lacks", &v) || !json_object_is_type(v, json_type_array))
		snprintf(s->lacks[s->nlacks++], sizeof(s->lacks[0]), "what that watch could not see (it does not say)");
	if (number(o, "wall_ns", INT64_MIN / 2, INT64_MAX / 2, &n))
		s->wall = n;
	s->pat = pat && !strcmp(pat, "on")    ? PAT_STATE_ON
		 : pat && !strcmp(pat, "off") ? PAT_STATE_OFF
					      : PAT_STATE_UNKNOWN;
	if (json_object_object_get_ex(o, "lacks", &v) && json_object_is_type(v, json_type_array))
		for (size_t i = 0; i < json_object_array_length(v) && i < sizeof(s->lacks) / sizeof(s->lacks[0]); i++) {
			const char *t = json_object_get_string(json_object_array_get_idx(v, i));

			scan_copy(s->lacks[s->nlacks++], sizeof(s->lacks[0]), t ? t : "", t ? strlen(t) : 0);
		}
	s->before_known = json_object_object_get_ex(o, "reservations", &v) && json_object_is_type(v, json_type_array);
	if (number(o, "reservations_ns", 0, INT64_MAX, &n))
		s->before_when = (uint64_t)n;
	copy(o, "reservations_why", s->before_why, sizeof(s->before_why));
	rc = ranges(o, "bars", &s->bars, what);
	if (!rc)
		rc = ranges(o, "ram", &s->ram, what);
	return rc ? rc : ranges(o, "reservations", &s->before, what);
}

static int stack(struct json_object *o, struct watch_event *e)
{
	struct json_object *a;

	if (!json_object_object_get_ex(o, "stack", &a) || !json_object_is_type(a, json_type_array))
		return 0;
	for (size_t i = 0; i < json_object_array_length(a) && i < WATCH_STACK; i++) {
		const char *t = json_object_get_string(json_object_array_get_idx(a, i));
		char clean[200];

		scan_copy(clean, sizeof(clean), t ? t : "", t ? strlen(t) : 0);
		e->stack[e->nstack] = strdup(clean);
		if (!e->stack[e->nstack])
			return -ENOMEM;
		e->nstack++;
	}
	return 0;
}

static int event(struct json_object *o, int kind, struct watch_event *e, const char **what)
{
	const char *caller = text_of(o, "caller");
	int c = caller ? watch_caller_from_name(caller) : -1;
	struct json_object *v;
	int64_t n;

	*e = (struct watch_event){ .kind = (enum watch_kind)kind,
				   .asked = type_of(o, "asked"),
				   .got = type_of(o, "got"),
				   .caller = c < 0 ? CALLER_UNKNOWN : (enum watch_caller)c };
	if (!hex(o, "start", &e->start) || !hex(o, "end", &e->end) || e->end <= e->start) {
		*what = "a decision without a range";
		return -EBADMSG;
	}
	if (!number(o, "monotonic_ns", 0, INT64_MAX, &n)) {
		*what = "a decision without a time";
		return -EBADMSG;
	}
	e->when = (uint64_t)n;
	e->pid = number(o, "pid", 0, INT32_MAX, &n) ? (int)n : 0;
	e->tid = number(o, "tid", 0, INT32_MAX, &n) ? (int)n : 0;
	e->result_known = number(o, "result", -4095, 0, &n);
	e->result = e->result_known ? (int)n : 0;
	/* null: not seen. What is no errno might have been a refusal. */
	if (!e->result_known && json_object_object_get_ex(o, "result", &v) && v) {
		*what = "a result that is neither 0 nor a negative errno";
		return -EBADMSG;
	}
	copy(o, "process", e->comm, sizeof(e->comm));
	copy(o, "function", e->function, sizeof(e->function));
	copy(o, "module", e->module, sizeof(e->module));
	if (!hex(o, "mapping_start", &e->vma_start) || !hex(o, "mapping_end", &e->vma_end))
		e->vma_start = e->vma_end = 0;
	return stack(o, e);
}

static int sums(struct json_object *o, struct watch_line *out, const char **what)
{
	int64_t n;

	*what = "a count that is none";
	if (!number(o, "lost", 0, INT64_MAX, &n))
		return -EBADMSG;
	out->lost = (uint64_t)n;
	if (out->kind == WATCH_LINE_LOST)
		return 0;
	if (!number(o, "seen", 0, INT64_MAX, &n))
		return -EBADMSG;
	out->seen = (uint64_t)n;
	out->left_out = number(o, "of_ram", 0, INT64_MAX, &n) ? (uint64_t)n : 0;
	out->left_out += number(o, "elsewhere", 0, INT64_MAX, &n) ? (uint64_t)n : 0;
	out->unjudged = number(o, "unjudged", 0, INT64_MAX, &n) ? (uint64_t)n : 0;
	copy(o, "verdict", out->verdict, sizeof(out->verdict));
	return 0;
}

static int line(struct json_object *o, struct watch_line *out, const char **what)
{
	const char *k = text_of(o, "event");
	int kind = k ? watch_kind_from_name(k) : -1;

	if (!k) {
		*what = "no line of wcdiag watch --json";
		return -EBADMSG;
	}
	if (kind >= 0) {
		out->kind = WATCH_LINE_EVENT;
		return event(o, kind, &out->event, what);
	}
	if (!strcmp(k, "begin")) {
		out->kind = WATCH_LINE_BEGIN;
		return scene(o, &out->scene, what);
	}
	if (strcmp(k, "lost") != 0 && strcmp(k, "end") != 0)
		return 0;
	out->kind = *k == 'l' ? WATCH_LINE_LOST : WATCH_LINE_END;
	return sums(o, out, what);
}

int watch_line_parse(const char *text, size_t len, struct watch_line *out, const char **what)
{
	struct json_tokener *t;
	struct json_object *o;
	int rc;

	*out = (struct watch_line){ 0 };
	*what = "not JSON";
	if (len > LINE_MAX_BYTES)
		return -EBADMSG;
	t = json_tokener_new_ex(DEPTH);
	if (!t)
		return -ENOMEM;
	o = json_tokener_parse_ex(t, text, (int)len);
	if (!o || !json_object_is_type(o, json_type_object)) {
		rc = -EBADMSG;
	} else {
		*what = NULL;
		rc = line(o, out, what);
	}
	json_object_put(o);
	json_tokener_free(t);
	if (rc)
		watch_line_drop(out);
	return rc;
}
