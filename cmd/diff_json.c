/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff_json.c - wcdiag diff for programs: the same differences, all of them. */
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/diff.h"
#include "cmd/json.h"
#include "probe/machine.h"
#include "probe/rule.h"

static struct json_object *side(const char *name, const struct machine *m)
{
	struct json_object *o = json_object_new_object();

	js_str(o, "name", name);
	json_object_object_add(o, "host", js_host(m));
	return o;
}

static void slots(struct json_object *o, const struct diff *d, int pair)
{
	const struct diff_pair *p = pair < 0 ? NULL : &d->pair[pair];

	js_str(o, "slot_before", p && p->a >= 0 ? d->a.m->pci.dev[p->a].slot : NULL);
	js_str(o, "slot", p && p->b >= 0 ? d->b.m->pci.dev[p->b].slot : NULL);
}

static void number_or_null(struct json_object *o, const char *key, int n)
{
	if (n >= 0)
		js_num(o, key, (uint64_t)n);
	else
		js_str(o, key, NULL);
}

static struct json_object *state(const struct bar_judgement *b)
{
	struct json_object *o, *l;

	if (!b)
		return NULL;
	o = json_object_new_object();
	l = json_object_new_object();
	js_str(o, "verdict", verdict_name(b->verdict));
	js_str(o, "breaks_at", b->breaks_at < 0 ? NULL : layer_name((enum layer)b->breaks_at));
	js_str(o, "judged_to", b->judged_to < 0 ? NULL : layer_name((enum layer)b->judged_to));
	for (int i = 0; i < LAYER_COUNT; i++)
		js_str(l, layer_name((enum layer)i), state_name(b->state[i]));
	json_object_object_add(o, "layers", l);
	return o;
}

static struct json_object *bar(const struct diff *d, const struct diff_bar *t)
{
	struct json_object *o = json_object_new_object();

	slots(o, d, t->pair);
	number_or_null(o, "bar", t->bar);
	js_str(o, "turn", diff_turn_name(t->turn));
	js_bool(o, "newly_broken", t->newly_broken);
	/* false: there is no judgement, and that does not tell that there is no BAR */
	js_bool(o, "known_before", !t->unseen_a);
	js_bool(o, "known_after", !t->unseen_b);
	json_object_object_add(o, "before", state(t->a));
	json_object_object_add(o, "after", state(t->b));
	return o;
}

static struct json_object *word(const struct diff_word *w)
{
	struct json_object *o = json_object_new_object();

	js_bool(o, "known", w->known);
	js_str(o, "is", w->known && *w->text ? w->text : NULL);
	if (!w->known)
		js_str(o, "why", *w->text ? w->text : NULL);
	return o;
}

static struct json_object *item(const struct diff *d, const struct diff_item *i)
{
	const struct finding *f = i->fb ? i->fb : i->fa;
	struct json_object *o = json_object_new_object();

	js_str(o, "what", i->row->id);
	js_str(o, "of", *i->what ? i->what : NULL);
	slots(o, d, i->pair);
	number_or_null(o, "bar", i->bar);
	js_str(o, "layer", layer_name(f ? f->rule->layer : i->row->layer));
	js_str(o, "sign", diff_sign(i));
	json_object_object_add(o, "before", word(&i->a));
	json_object_object_add(o, "after", word(&i->b));
	js_str(o, "weight", diff_weight_name(i->weight));
	js_str(o, "turn", diff_turn_name(i->turn));
	js_str(o, "rule", f ? f->rule->id : i->rule ? i->rule->id : NULL);
	js_str(o, "says", f ? f->says : NULL);
	js_str(o, "fix", i->fb ? i->fb->fix : NULL);
	js_str(o, "why", f ? NULL : i->row->why);
	js_str(o, "source", f ? f->rule->source : i->row->source);
	return o;
}

void diff_json(const struct diff_view *v)
{
	static const char *const answers[] = { [DIFF_NOTHING_WORSE] = "nothing-worse",
					       [DIFF_GOT_WORSE] = "got-worse",
					       [DIFF_CANNOT_TELL] = "cannot-tell" };
	struct json_object *o = js_head(NULL), *a = json_object_new_array();
	const struct diff *d = v->d;
	char *says = diff_says(v);

	json_object_object_add(o, "before", side(v->name_a, d->a.m));
	json_object_object_add(o, "after", side(v->name_b, d->b.m));
	js_str(o, "answer", answers[d->answer]);
	js_str(o, "says", says);
	js_str(o, "doubt", v->doubt);
	free(says);
	for (size_t i = 0; i < d->nbar; i++)
		json_object_array_add(a, bar(d, &d->bar[i]));
	json_object_object_add(o, "bars", a);
	a = json_object_new_array();
	for (size_t i = 0; i < d->n; i++)
		json_object_array_add(a, item(d, &d->item[i]));
	json_object_object_add(o, "differences", a);
	js_num(o, "more", d->more);
	a = json_object_new_array();
	for (unsigned int i = 0; i < F_COUNT; i++)
		if (d->neither & (1u << i))
			json_object_array_add(a, json_object_new_string(fact_name(i)));
	json_object_object_add(o, "known_on_neither_side", a);
	js_print(o);
}
