/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_json.c - a watch for programs: an object a line, as watch_line.h has them, with what they mean added. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd/json.h"
#include "cmd/watch.h"

static int line(struct json_object *o)
{
	if (!o)
		return EXIT_FAILED;
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	return 0;
}

static int begin(const struct watch_asked *a, const struct watch_scene *s)
{
	(void)a;
	return line(watch_line_of_scene(s));
}

/* "2026-11-23T06:50:01.123456Z" */
static void add_time(struct json_object *o, const struct watch_scene *s, const struct watch_event *e)
{
	char day[32], buf[48];
	struct tm tm;
	int us;
	const time_t t = watch_clock(s, e, &us);

	if (!s->wall || !gmtime_r(&t, &tm))
		return;
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf, sizeof(buf), "%s.%06dZ", day, us);
	js_str(o, "time", buf);
}

struct json_object *watch_json_finding(const struct watch_finding *x)
{
	struct json_object *f = json_object_new_object();

	js_str(f, "rule", x->rule);
	js_str(f, "severity", severity_name(x->sev));
	js_str(f, "says", x->says);
	js_str(f, "holder", *x->holder ? x->holder : NULL);
	if (x->held_end) {
		js_hex(f, "held_start", x->held_start);
		js_hex(f, "held_end", x->held_end);
		js_str(f, "held_as", mtype_name(x->held_as));
	}
	if (x->before_ns)
		js_num(f, "before_ns", x->before_ns);
	if (x->again)
		js_bool(f, "again", true);
	return f;
}

static void row(const struct watch_asked *a, const struct watch_scene *s, const struct watch_row *r)
{
	struct json_object *o = watch_line_of_event(r->e);

	(void)a;
	if (!o)
		return;
	add_time(o, s, r->e);
	js_str(o, "device", *r->where ? r->where : NULL);
	if (r->ram)
		js_bool(o, "ram", true);
	if (r->f)
		json_object_object_add(o, "finding", watch_json_finding(r->f));
	line(o);
}

static void lost(const struct watch_asked *a, uint64_t n)
{
	struct json_object *o = json_object_new_object();

	(void)a;
	js_str(o, "event", "lost");
	js_num(o, "lost", n);
	line(o);
}

static void end(const struct watch_asked *a, const struct watch_scene *s, const struct watch_sums *n)
{
	struct json_object *o = json_object_new_object();

	(void)a;
	(void)s;
	js_str(o, "event", "end");
	js_str(o, "ended_by", n->ended_by);
	js_num(o, "seen", n->seen);
	js_num(o, "shown", n->shown);
	js_num(o, "lost", n->lost);
	js_num(o, "of_ram", n->ram);
	js_num(o, "elsewhere", n->elsewhere);
	js_num(o, "downgraded", n->downgraded);
	js_num(o, "unjudged", n->unjudged);
	js_str(o, "verdict", verdict_name(n->verdict));
	js_str(o, "why", n->verdict == VERDICT_UNKNOWN ? n->why : NULL);
	line(o);
}

const struct watch_out watch_json = { .begin = begin, .row = row, .lost = lost, .end = end };
