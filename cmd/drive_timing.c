// SPDX-License-Identifier: GPL-2.0-or-later
/* drive_timing.c - what the clock says of each side, where it was asked for: never more than a hint. */
#include <errno.h>

#include "cmd/drive.h"
#include "cmd/json.h"
#include "cmd/view.h"

static const struct drive_timing *asked(const struct drive_out *o)
{
	for (size_t i = 0; i < o->a->witness->n; i++)
		if (o->a->witness->w[i].timing)
			return o->a->witness->w[i].timing;
	return NULL;
}

static void show_side(struct view *v, const char *side, const struct timing_result *r)
{
	view_line(v, "timing: %s: %s%s%s", side, timing_says_name(r->says), r->why ? ": " : "", r->why ? r->why : "");
	if (r->narrow && r->ratio.mid > 0)
		view_line(v,
			  "timing: %s: a line costs %.1f cycles by stores of %u bytes, %.1f by %u: %.2f times as much "
			  "(95%%: %.2f to %.2f; by the line 1, by the store %u)",
			  side, r->line[0].mid, r->narrow, r->line[1].mid, r->wide, r->ratio.mid, r->ratio.lo,
			  r->ratio.hi, r->wide / r->narrow);
	if (r->core_bound)
		view_line(v, "timing: %s: a store costs no more than the core needs to issue it", side);
}

void drive_timing_show(struct view *v, const struct drive_out *o)
{
	const struct drive_timing *t = asked(o);
	struct timing_result r;
	bool referred = false;

	for (size_t i = 0; t && i < o->nphase; i++) {
		if (o->phase[i].state == DRIVE_SKIPPED)
			continue;
		if (drive_timing_judge(t, o->phase[i].side, &r)) {
			v->rc = cmd_fail_errno(v->c, "timing", ENOMEM, NULL);
			return;
		}
		show_side(v, drive_side_name(o->phase[i].side), &r);
		referred = referred || r.referred;
	}
	if (referred)
		view_line(v, "timing: what the core needs to issue a store was measured over ordinary memory, by this "
			     "process, for both sides");
}

static struct json_object *mid(const struct timing_mid *m)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "low", json_object_new_double(m->lo));
	json_object_object_add(o, "mid", json_object_new_double(m->mid));
	json_object_object_add(o, "high", json_object_new_double(m->hi));
	return o;
}

struct json_object *drive_timing_json(const struct drive_out *o, const struct drive_phase *ph)
{
	const struct drive_timing *t = asked(o);
	struct json_object *j;
	struct timing_result r;

	if (!t || ph->state == DRIVE_SKIPPED || drive_timing_judge(t, ph->side, &r))
		return NULL;
	j = json_object_new_object();
	js_str(j, "says", timing_says_name(r.says));
	js_str(j, "why", r.why);
	js_num(j, "narrow", r.narrow);
	js_num(j, "wide", r.wide);
	json_object_object_add(j, "ratio", r.narrow && r.ratio.mid > 0 ? mid(&r.ratio) : NULL);
	json_object_object_add(j, "narrow_cycles_a_line", r.narrow ? mid(&r.line[0]) : NULL);
	json_object_object_add(j, "wide_cycles_a_line", r.narrow ? mid(&r.line[1]) : NULL);
	json_object_object_add(j, "cycles_a_store", r.narrow ? mid(&r.store) : NULL);
	json_object_object_add(j, "cycles_to_issue", r.referred ? mid(&r.issue) : NULL);
	js_bool(j, "core_bound", r.core_bound);
	return j;
}
