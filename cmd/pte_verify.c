/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte_verify.c - "wcdiag pte --verify": the same entries by the helper module and by kcore, and where they differ. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/pte.h"
#include "probe/machine.h"
#include "probe/maps.h"
#include "probe/verify.h"

static void one_reader(struct view *v, const char *key, const struct reader *r, const struct fact *f)
{
	if (v->json)
		js_fact(v->json, key, f);
	if (f->state != FACT_MISSING)
		return;
	v->rc = EXIT_UNKNOWN;
	view_line(v, "cannot read: %s: %s%s%s%s", f->where, f->why, f->remedy ? " (" : "", f->remedy ? f->remedy : "",
		  f->remedy ? ")" : "");
	(void)r;
}

static void walk_failed(struct view *v, int pid, const struct reader *r, int err)
{
	const char *remedy, *why = reader_why(r, err, &remedy);

	v->rc = EXIT_UNKNOWN;
	if (pid)
		view_line(v, "process %d: %s: %s%s%s%s", pid, r->name, why, remedy ? " (" : "", remedy ? remedy : "",
			  remedy ? ")" : "");
	else
		view_line(v, "the kernel: %s: %s%s%s%s", r->name, why, remedy ? " (" : "", remedy ? remedy : "",
			  remedy ? ")" : "");
	if (v->json)
		js_str(v->json, "failed", why);
}

/* What one of them has there. */
static void has(char *buf, size_t len, bool any, const struct pte_run *r)
{
	struct pte p;
	char flags[64] = "";

	if (!any) {
		snprintf(buf, len, "nothing");
		return;
	}
	if (!pte_decode(r->raw, r->level, &p))
		pte_flags(&p, flags, sizeof(flags));
	snprintf(buf, len, "0x%016" PRIx64 " (level %u, %s%s%s)", r->raw, r->level, pte_kind_name(r->kind),
		 *flags ? ": " : "", flags);
}

static void say_different(struct view *v, const struct verify *y)
{
	char km[128], kcore[128], whose[40] = "the kernel";

	has(km, sizeof(km), y->by_km, &y->first_km);
	has(kcore, sizeof(kcore), y->by_kcore, &y->first_kcore);
	if (y->pid)
		snprintf(whose, sizeof(whose), "process %d", y->pid);
	view_line(v, "DIFFERENT: %" PRIu64 " piece%s, the first of %s at 0x%" PRIx64 "-0x%" PRIx64, y->differ,
		  y->differ == 1 ? "" : "s", whose, y->start, y->end);
	view_line(v, "  %s: %s", y->km.name, km);
	view_line(v, "  %s: %s", y->kcore.name, kcore);
	view_line(v, "one of the two is wrong: believe neither, and report it as a fault of wcdiag");
	v->rc = EXIT_BROKEN;
}

static void say(struct view *v, const struct verify *y)
{
	if (y->differ)
		say_different(v, y);
	else if (v->rc == EXIT_INTACT)
		view_line(v, "%" PRIu64 " entr%s read by %s and by %s: all the same", y->entries,
			  y->entries == 1 ? "y" : "ies", y->km.name, y->kcore.name);
	if (y->moved)
		view_line(v, "%" PRIu64 " piece%s changed while they were compared", y->moved,
			  y->moved == 1 ? "" : "s");
	if (!v->json)
		return;
	js_num(v->json, "entries", y->entries);
	js_num(v->json, "differ", y->differ);
	js_num(v->json, "moved", y->moved);
	if (!y->differ)
		return;
	js_num(v->json, "pid", (uint64_t)y->pid);
	js_hex(v->json, "start", y->start);
	js_hex(v->json, "end", y->end);
	js_hex(v->json, "by_km", y->by_km ? y->first_km.raw : 0);
	js_hex(v->json, "by_kcore", y->by_kcore ? y->first_kcore.raw : 0);
}

/* The pages of a BAR: every run that maps some of it, found before, is read by both. */
static int verify_found(struct view *v, const struct pte_target *t, struct verify *y)
{
	struct pte_found f;
	int rc = pte_find(v, t, &f);

	for (size_t i = 0; !rc && i < f.list.n; i++) {
		const struct pte_run *r = &f.list.r[i];
		const struct reader *who;
		int err = verify_range(y, r->pid, r->start, r->end, 0, &who);

		if (err)
			walk_failed(v, r->pid, who, -err);
	}
	if (!rc && !f.list.n) {
		view_line(v, "nobody maps %s", t->bar.typed);
		v->rc = EXIT_UNKNOWN;
	}
	if (rc)
		v->rc = EXIT_FAILED;
	pte_found_free(&f);
	return rc;
}

static void verify_one(struct view *v, const struct pte_target *t, struct verify *y)
{
	int pid = t->kernel ? 0 : t->pid, living = pid ? maps_living_thread(v->m->src, pid) : 0, err;
	uint64_t start = t->range ? t->start : 0, end = t->range ? t->end : y->km.user_end;
	const struct reader *who;

	err = verify_range(y, living ? living : pid, start, end, 0, &who);
	if (err)
		walk_failed(v, pid, who, -err);
}

void pte_verify(struct view *v, void *ctx)
{
	const struct pte_target *t = ctx;
	struct verify y;
	int err = verify_open(&y);

	if (v->json) {
		js_str(v->json, "km", *y.km.name ? y.km.name : NULL);
		js_str(v->json, "kcore", *y.kcore.name ? y.kcore.name : NULL);
	}
	one_reader(v, "km_fact", &y.km, &y.km_fact);
	one_reader(v, "kcore_fact", &y.kcore, &y.kcore_fact);
	if (err) {
		view_line(v, "nothing was compared: --verify takes both readers");
	} else {
		if (!device_arg_given(&t->bar))
			verify_one(v, t, &y);
		else
			verify_found(v, t, &y);
		say(v, &y);
	}
	verify_close(&y);
}
