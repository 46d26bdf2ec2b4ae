/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare_out.c - what became of the predicted TLPs, for people and for programs. */
#include <inttypes.h>
#include <stdio.h>

#include "cmd/compare.h"
#include "cmd/json.h"
#include "cmd/table.h"

#define AROUND 2 /* TLPs before and behind the first difference */

static const struct col class_cols[] = {
	{ "WHAT", COL_TEXT, "what became of them" },
	{ "CASES", COL_NUMBER, "sets, or differences" },
	{ "PREDICTED", COL_NUMBER, "predicted TLPs" },
	{ "OBSERVED", COL_NUMBER, "observed TLPs" },
	{ "MEANS", COL_TEXT, "in words" },
	{ NULL, 0, NULL },
};

static const struct col case_cols[] = {
	{ "WHAT", COL_TEXT, "the class" },
	{ "ADDRESS", COL_HEX, "the lowest concerned" },
	{ "PREDICTED", COL_NUMBER, "index of the first predicted TLP concerned, or before which it came" },
	{ "TLPS", COL_NUMBER, "how many were predicted" },
	{ "SEEN", COL_NUMBER, "how many were observed instead" },
	{ "WHERE", COL_NUMBER, "line or packet of the first of these" },
	{ "MISSING", COL_NUMBER, "bytes" },
	{ "EXTRA", COL_NUMBER, "bytes" },
	{ "EVENT", COL_NUMBER, "the event that made the predicted one leave" },
	{ "WHY", COL_TEXT, "and why it left" },
	{ "IP", COL_HEX, "instruction of its last store" },
	{ NULL, 0, NULL },
};

const char *compare_lacks(const struct observed *o)
{
	if (o->lost)
		return "packets were captured too short to tell what they were";
	if (o->bad)
		return "packets hold no TLP where one should be";
	return o->cut ? "the observed list was cut" : NULL;
}

void compare_capture_text(const char *name, const struct observed *o)
{
	char buf[256];

	printf("Observed   %s (%s): %" PRIu64 " TLPs, of them memory writes %" PRIu64 "\n",
	       safe_text(name, buf, sizeof(buf)), observed_form_name(o->form), o->tlps, o->kinds[TLP_MWR]);
	if (o->foreign || o->shortened || o->lost || o->bad)
		printf("           packets: %" PRIu64 ", no NetTLP %" PRIu64 ", captured in part %" PRIu64
		       ", too short to tell %" PRIu64 ", wrong %" PRIu64 "\n",
		       o->records, o->foreign, o->shortened, o->lost, o->bad);
	if (compare_lacks(o))
		printf("           %s\n", compare_lacks(o));
}

struct json_object *compare_capture_json(const char *name, const struct observed *o)
{
	struct json_object *j = json_object_new_object(), *k = json_object_new_object();

	js_str(j, "file", name);
	js_str(j, "form", observed_form_name(o->form));
	js_num(j, "records", o->records);
	js_num(j, "tlps", o->tlps);
	for (unsigned int i = 0; i < TLP_KINDS; i++)
		if (o->kinds[i])
			js_num(k, tlp_kind_name(i), o->kinds[i]);
	json_object_object_add(j, "kinds", k);
	js_num(j, "idle", o->idle);
	js_num(j, "foreign_packets", o->foreign);
	js_num(j, "shortened_packets", o->shortened);
	js_num(j, "lost_packets", o->lost);
	js_num(j, "bad_packets", o->bad);
	js_bool(j, "cut", o->cut);
	js_str(j, "lacks", compare_lacks(o));
	return j;
}

static struct table *classes(const struct compare_view *v)
{
	struct table *t = table_new(class_cols);

	for (unsigned int c = 0; t && c < AC_CLASSES; c++) {
		if (!v->t->cases[c] && !v->t->predicted_tlps[c] && !v->json)
			continue;
		table_row(t);
		table_text(t, "%s", align_class_id(c));
		table_num(t, v->t->cases[c]);
		table_num(t, v->t->predicted_tlps[c]);
		table_num(t, v->t->observed_tlps[c]);
		table_text(t, "%s", align_class_says(c));
	}
	return t;
}

static struct table *cases(const struct compare_view *v)
{
	struct table *t = table_new(case_cols);

	for (size_t i = 0; t && i < v->ncases; i++) {
		const struct align_case *c = &v->cases[i];
		const struct align_tlp *p = align_tlp_at(v->a, c->at_predicted);
		const struct align_seen *o = align_seen_at(v->a, c->at_observed);

		table_row(t);
		table_text(t, "%s", align_class_id(c->class));
		table_num(t, c->addr);
		table_num(t, c->at_predicted);
		table_num(t, c->predicted);
		table_num(t, c->observed);
		if (o)
			table_num(t, o->at);
		else
			table_none(t);
		table_num(t, c->missing);
		table_num(t, c->extra);
		if (p) {
			table_num(t, p->by);
			table_text(t, "%s", v->json ? model_reason_id(p->reason) : model_reason_name(p->reason));
		} else {
			table_none(t);
			table_none(t);
		}
		if (p && p->ip)
			table_num(t, p->ip);
		else
			table_none(t);
	}
	return t;
}

static void first(const struct compare_view *v)
{
	const struct align_case *c = v->cases;
	uint64_t p = c->at_predicted < AROUND ? 0 : c->at_predicted - AROUND;
	uint64_t o = c->at_observed < AROUND ? 0 : c->at_observed - AROUND;
	const struct align_tlp *x;
	const struct align_seen *y;

	printf("\nThe first difference: %s\n", align_class_says(c->class));
	for (; p < c->at_predicted + AROUND + 1 && (x = align_tlp_at(v->a, p)); p++)
		printf("  %c predicted %-8" PRIu64 " tlp 0x%" PRIx64 " %u %x %x (%s, event %" PRIu64 ")\n",
		       p >= c->at_predicted && p < c->at_predicted + c->predicted ? '>' : ' ', p, x->addr, x->ndw,
		       x->fbe, x->lbe, model_reason_name(x->reason), x->by);
	for (; o < c->at_observed + AROUND + 1 && (y = align_seen_at(v->a, o)); o++)
		printf("  %c observed  %-8" PRIu64 " tlp 0x%" PRIx64 " %u %x %x (%s %" PRIu64 ")\n",
		       o >= c->at_observed && o < c->at_observed + c->observed ? '>' : ' ', o, y->addr, y->ndw, y->fbe,
		       y->lbe, v->seen->form == OF_PCAP ? "packet" : "line", y->at);
}

static uint64_t differences(const struct compare_view *v)
{
	uint64_t n = 0;

	for (unsigned int c = AC_AS + 1; c < AC_CLASSES; c++)
		n += v->t->cases[c];
	return n;
}

static int text(const struct compare_view *v)
{
	uint64_t start, end;
	struct table *t;
	char buf[256];

	align_get_range(v->a, &start, &end);
	printf("CPU        %s (%s): %s\n", v->cpu->name, v->chosen, v->cpu->title);
	printf("Predicted  %s: %" PRIu64 " TLPs", safe_text(v->events, buf, sizeof(buf)), v->model->tlps);
	if (v->model->best != v->model->worst)
		printf(", as far as is known %" PRIu64 " to %" PRIu64, v->model->best, v->model->worst);
	printf("\n");
	compare_capture_text(v->file, v->seen);
	printf("Compared   writes to 0x%" PRIx64 "-0x%" PRIx64 ": %" PRIu64 "; elsewhere, not compared: %" PRIu64 "\n",
	       start, end - 1, v->t->observed, v->t->elsewhere);
	if (v->t->tired)
		printf("           so different that long gaps were not all looked for: missing and foreign may be "
		       "one\n");
	printf("\n");
	t = classes(v);
	if (!t || table_print(t))
		return -1;
	if (v->ncases) {
		first(v);
		printf("\nDifferences, by place; PREDICTED counts from 0, WHERE is %s of %s\n",
		       v->seen->form == OF_PCAP ? "the packet" : "the line", safe_text(v->file, buf, sizeof(buf)));
		t = cases(v);
		if (!t || table_print(t))
			return -1;
	}
	if (differences(v) > v->ncases)
		printf("... and %" PRIu64 " more\n", differences(v) - v->ncases);
	printf("\n%s%s%s\n",
	       *v->verdict == 'a'   ? "As predicted: what splits, the code splits."
	       : *v->verdict == 'd' ? "It differs from what was predicted."
				    : "Cannot tell",
	       v->why ? ": " : "", v->why ? v->why : "");
	return 0;
}

static void js_table(struct json_object *o, const char *key, struct table *t)
{
	json_object_object_add(o, key, t ? table_json(t) : NULL);
}

static int json(const struct compare_view *v)
{
	struct json_object *o = js_head(NULL), *p = json_object_new_object();
	uint64_t start, end;

	align_get_range(v->a, &start, &end);
	js_str(o, "verdict", v->verdict);
	js_str(o, "why", v->why);
	js_str(p, "file", v->events);
	js_str(p, "profile", v->cpu->name);
	js_str(p, "chosen", v->chosen);
	js_num(p, "tlps", v->model->tlps);
	js_num(p, "best", v->model->best);
	js_num(p, "worst", v->model->worst);
	json_object_object_add(o, "predicted", p);
	json_object_object_add(o, "observed", compare_capture_json(v->file, v->seen));
	js_hex(o, "start", start);
	js_hex(o, "end", end);
	js_num(o, "compared", v->t->observed);
	js_num(o, "elsewhere", v->t->elsewhere);
	js_num(o, "missing_bytes", v->t->missing_bytes);
	js_num(o, "extra_bytes", v->t->extra_bytes);
	js_num(o, "unseen_at_the_end", v->t->unseen);
	js_bool(o, "searched_all", !v->t->tired);
	js_bool(o, "compared_all", !v->t->full);
	js_table(o, "classes", classes(v));
	js_table(o, "differences", cases(v));
	js_num(o, "differences_left_out", differences(v) - v->ncases);
	js_print(o);
	return 0;
}

int compare_out(const struct compare_view *v)
{
	return (v->json ? json(v) : text(v)) ? EXIT_FAILED : 0;
}
