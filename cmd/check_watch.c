/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_watch.c - wcdiag check --watch: the decisions behind the entries that check judges. */
#include "cmd/check_watch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/text.h"
#include "cmd/watch.h"
#include "probe/machine.h"
#include "probe/rule.h"

/* Decisions with something to say are few; a program that makes more says the same. */
#define KEPT_MAX 256
#define INDENT	 10

struct kept {
	struct watch_event e; /* without its stack */
	struct watch_finding f;
};

struct check_watch {
	struct watch_asked a;
	struct watch *w;
	struct watch_show show;
	enum mtype slot[8];
	struct kept kept[KEPT_MAX];
	size_t n, more;
};

static struct check_watch *of(const struct watch_asked *a)
{
	return (struct check_watch *)((char *)(uintptr_t)a - offsetof(struct check_watch, a));
}

static int begin(const struct watch_asked *a, const struct watch_scene *s)
{
	(void)a, (void)s;
	return 0;
}

static void row(const struct watch_asked *a, const struct watch_scene *s, const struct watch_row *r)
{
	struct check_watch *w = of(a);

	(void)s;
	if (!r->f || r->f->again)
		return;
	if (w->n == KEPT_MAX) {
		w->more++;
		return;
	}
	w->kept[w->n] = (struct kept){ .e = *r->e, .f = *r->f };
	w->kept[w->n++].e.nstack = 0;
}

static void lost(const struct watch_asked *a, uint64_t n)
{
	(void)a, (void)n;
}

static void end(const struct watch_asked *a, const struct watch_scene *s, const struct watch_sums *n)
{
	(void)a, (void)s, (void)n;
}

static const struct watch_out keep = { .begin = begin, .row = row, .lost = lost, .end = end };

int check_watch_begin(const struct cmd *c, const struct src *s, const struct machine *m, struct check_watch **out)
{
	static const struct watch_state none;
	struct check_watch *w = calloc(1, sizeof(*w));
	const struct watch_params p = { .way = WATCH_ANY, .s = s, .slot = w ? w->slot : NULL };
	int rc;

	*out = w;
	if (!w)
		return cmd_fail_errno(c, "--watch", ENOMEM, NULL);
	w->a.c = c;
	w->a.bar.bar = -1;
	w->show = (struct watch_show){ .a = &w->a, .out = &keep };
	rc = watch_open(&p, &w->w);
	if (rc)
		return watch_refused(c, WATCH_ANY, w->w ? watch_state(w->w) : &none, -rc);
	watch_slots(m, w->slot);
	rc = watch_scene_begin(c, w->w, m, &w->show.scene);
	return rc ? rc : watch_show_begin(&w->show);
}

static int event(const struct watch_event *e, void *ctx)
{
	return watch_show_event(ctx, e);
}

int check_watch_end(struct check_watch *w)
{
	int rc;

	/* Before them: then it is said of each holder that it may be another. */
	watch_show_lost(&w->show, watch_state(w->w)->lost);
	rc = watch_finish(w->w, event, &w->show);
	if (rc < 0)
		return cmd_fail_errno(w->a.c, "the kernel's decisions", -rc, NULL);
	watch_show_lost(&w->show, watch_state(w->w)->lost);
	watch_show_unjudged(&w->show, watch_state(w->w)->unpaired);
	w->show.n.seen += w->show.n.lost;
	watch_close(w->w);
	w->w = NULL;
	return 0;
}

void check_watch_free(struct check_watch *w)
{
	if (!w)
		return;
	watch_close(w->w);
	watch_show_free(&w->show);
	free(w);
}

/* The rules that a decision explains. */
static bool explained(const char *rule)
{
	static const char *const rules[] = { "memtype-alias-wins",  "memtype-none",
					     "memtype-partial",	    "memtype-mixed",
					     "memtype-refused-log", "memtype-downgraded-log",
					     "pte-not-wc",	    "pte-mixed" };

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (!strcmp(rule, rules[i]))
			return true;
	return false;
}

static bool in_bar(const struct kept *k, const struct pci_device *dev, int bar)
{
	const struct pci_bar *b = dev ? &dev->bar[bar] : NULL;

	return b && k->e.start < b->addr + b->size && b->addr < k->e.end;
}

/* The last decision that went wrong over what this finding is about. */
static const struct kept *decision(const struct check_watch *w, const struct bar_judgement *b, const struct finding *f)
{
	for (size_t i = w->n; i-- > 0;) {
		const struct kept *k = &w->kept[i];

		if (k->f.rule && k->f.sev == SEV_BROKEN && in_bar(k, b->dev, b->bar) && watch_behind(&k->e, f, &b->maps))
			return k;
	}
	return NULL;
}

static void put(struct finding *f, const char *key, const char *text)
{
	struct evidence *e = NULL;

	for (size_t i = 0; i < f->nev; i++)
		if (!strcmp(f->ev[i].key, key))
			e = &f->ev[i];
	if (!e && f->nev == FINDING_EVIDENCE)
		return;
	if (!e)
		e = &f->ev[f->nev++];
	*e = (struct evidence){ .key = key, .type = EV_TEXT };
	safe_text(text, e->text, sizeof(e->text));
}

/* "process 207 (app), mmap through node_mmap [drv], asked for WC and got UC-, 165 ms after the holder" */
static void words(const struct kept *k, bool holder, char *buf, size_t len)
{
	char who[240], got[60] = "was refused";

	/* Refused it may also be for what it got, or by what is foretold. */
	if (!k->e.result && strcmp(k->f.rule, "memtype-refused-log") != 0)
		snprintf(got, sizeof(got), "got %s",
			 k->e.got == MT_UNKNOWN ? "another type, by the kernel's rule" : mtype_name(k->e.got));
	snprintf(buf, len, "%s, asked for %s and %s", watch_who(&k->e, who, sizeof(who)),
		 k->e.asked == MT_UNKNOWN ? "an unseen type" : mtype_name(k->e.asked), got);
	if (holder && k->f.before_ns && strlen(buf) + 40 < len)
		snprintf(buf + strlen(buf), len - strlen(buf), ", %.3f s after the holder",
			 (double)k->f.before_ns / 1e9);
}

void check_watch_tell(const struct check_watch *w, struct judgement *j)
{
	/* With one missing, who came first may be another. */
	const bool all = !w->show.n.lost && !w->more;
	char text[400];

	for (size_t i = 0; i < j->nbar; i++) {
		struct bar_judgement *b = &j->bar[i];

		for (size_t n = 0; n < b->findings.n; n++) {
			struct finding *f = &b->findings.f[n];
			const struct evidence *holder = finding_evidence(f, "holder");
			const struct kept *k;

			if (f->sev < SEV_SUSPECT || !explained(f->rule->id))
				continue;
			k = decision(w, b, f);
			if (!k)
				continue;
			words(k, all, text, sizeof(text));
			put(f, "decision", text);
			if (all && *k->f.holder && (!holder || !strncmp(holder->text, "nobody", 6)))
				put(f, "holder", k->f.holder);
		}
	}
}

void check_watch_text(const struct check_watch *w, const struct pci_device *dev, int bar)
{
	char line[900], clean[900], who[240];

	for (size_t i = 0; i < w->n; i++) {
		const struct kept *k = &w->kept[i];

		if (!in_bar(k, dev, bar))
			continue;
		snprintf(line, sizeof(line), "decided while it ran: %s %s", watch_who(&k->e, who, sizeof(who)),
			 k->f.says);
		printf("\n  ");
		wrap(safe_text(line, clean, sizeof(clean)), 2, INDENT, text_width());
	}
	if (w->more)
		printf("  and %zu more decisions with something to say: wcdiag watch shows them\n", w->more);
	if (w->show.n.lost)
		printf("  %" PRIu64 " decisions were lost: they came faster than they could be kept\n", w->show.n.lost);
	if (w->show.n.unjudged)
		printf("  of %" PRIu64 " decisions it was not seen what was asked for or what was given\n",
		       w->show.n.unjudged);
}

struct json_object *check_watch_json(const struct check_watch *w, const struct pci_device *dev, int bar)
{
	struct json_object *o = json_object_new_object(), *a = json_object_new_array();

	js_str(o, "by", w->show.scene.way);
	js_num(o, "seen", w->show.n.seen);
	js_num(o, "lost", w->show.n.lost);
	js_num(o, "unjudged", w->show.n.unjudged);
	for (size_t i = 0; i < w->n; i++)
		if (in_bar(&w->kept[i], dev, bar)) {
			struct json_object *e = watch_line_of_event(&w->kept[i].e);

			json_object_object_del(e, "stack");
			json_object_object_add(e, "finding", watch_json_finding(&w->kept[i].f));
			json_object_array_add(a, e);
		}
	json_object_object_add(o, "decisions", a);
	return o;
}
