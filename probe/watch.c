/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch.c - open a watch by the best way there is, and hand over what it sees. READ; the ways: watch_bpf.c,
 * watch_perf.c. */
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src.h"

#include "watch_int.h"

const char *watch_way_name(enum watch_way w)
{
	return w == WATCH_BPF ? "bpf" : w == WATCH_PERF ? "perf" : "any";
}

void watch_lacks(struct watch *w, const char *what)
{
	if (w->state.nlacks < sizeof(w->state.lacks) / sizeof(w->state.lacks[0]))
		w->state.lacks[w->state.nlacks++] = what;
}

int watch_refusal(const struct watch *w, struct fact *f, const char *where, int err, const char *remedy)
{
	struct blob level;
	bool locked = false;

	if (!src_read(w->p.s, "/sys/kernel/security/lockdown", &level)) {
		locked = strstr(level.data, "[confidentiality]") != NULL;
		blob_free(&level);
	}
	if (err == EPERM || err == EACCES)
		remedy = geteuid() ? "run as root"
				   : "root is not enough here: a container, or a kernel that lets nobody";
	if (locked && !geteuid())
		remedy = "boot without lockdown=confidentiality: under it no program may look into the kernel";
	fact_missing(f, NULL, where, err, remedy);
	if (locked && !geteuid())
		snprintf(f->why, sizeof(f->why), "the kernel is locked down (confidentiality)");
	return -err;
}

static int open_by(struct watch *w, const struct watch_ops *ops, struct fact *f)
{
	int rc;

	w->state.nlacks = 0;
	rc = ops->open(w, f);
	if (rc) {
		ops->close(w);
		w->way = NULL;
		return rc;
	}
	w->ops = ops;
	w->state.way = ops->way;
	return 0;
}

int watch_open(const struct watch_params *p, struct watch **out)
{
	struct watch *w = calloc(1, sizeof(*w));
	int rc = -ENOENT;

	*out = w;
	if (!w)
		return -ENOMEM;
	w->p = *p;
	if (p->way != WATCH_PERF)
		rc = open_by(w, &watch_by_bpf, &w->state.bpf);
	if (rc && p->way != WATCH_BPF)
		rc = open_by(w, &watch_by_perf, &w->state.perf);
	if (rc)
		return rc;
	/*
	 * What BPF puts before the functions has names then, too. Without any it is still seen who and what; the caller
	 * is told that the functions have none.
	 */
	rc = watch_symbols_open(&w->symbols, p->s);
	w->state.names_hidden = rc || w->symbols.table[0].hidden;
	return rc == -ENOMEM ? rc : 0;
}

static void forget(struct watch *w)
{
	for (size_t i = 0; i < sizeof(w->memo) / sizeof(w->memo[0]); i++) {
		watch_event_drop(&w->memo[i].event);
		w->memo[i].valid = false;
	}
}

void watch_close(struct watch *w)
{
	if (!w)
		return;
	if (w->ops)
		w->ops->close(w);
	forget(w);
	watch_symbols_close(&w->symbols);
	free(w);
}

int watch_fd(const struct watch *w)
{
	return w->ops->fd(w);
}

/* The same stack as the last of this kind, as in a burst: its names are still there. */
static bool same_stack(const struct watch_memo *m, const struct watch_record *r)
{
	return m->valid && m->frames == r->frames && !memcmp(m->stack, r->stack, r->frames * sizeof(r->stack[0]));
}

static void remember(struct watch_memo *m, const struct watch_record *r, const struct watch_event *e)
{
	watch_event_drop(&m->event);
	m->event = *e;
	m->frames = r->frames;
	memcpy(m->stack, r->stack, sizeof(m->stack));
	m->valid = true;
}

int watch_hand_over(struct watch *w, const struct watch_record *r)
{
	struct watch_memo *m = &w->memo[r->kind % (sizeof(w->memo) / sizeof(w->memo[0]))];
	struct watch_record plain = *r;
	struct watch_names n;
	struct watch_event e;
	int rc;

	if (watch_symbols_refresh(&w->symbols, r))
		forget(w);
	n = (struct watch_names){ .now = &w->symbols.table[w->symbols.now],
				  .before = w->symbols.have_before ? &w->symbols.table[!w->symbols.now] : NULL };
	if (same_stack(m, r))
		plain.frames = 0;
	rc = watch_event_of(&plain, &n, w->p.slot, &e);
	/* No record of ours: counted as lost, for something was there. */
	if (rc == -EINVAL) {
		w->garbled++;
		return 0;
	}
	if (rc)
		return rc;
	if (plain.frames == r->frames && r->frames) {
		remember(m, r, &e);
	} else if (r->frames) {
		memcpy(e.stack, m->event.stack, sizeof(e.stack));
		e.nstack = m->event.nstack;
		e.kind = m->event.kind;
		e.caller = m->event.caller;
		memcpy(e.function, m->event.function, sizeof(e.function));
		memcpy(e.module, m->event.module, sizeof(e.module));
	}
	w->taken++;
	/* The stack's words belong to the memo. */
	return w->fn(&e, w->ctx);
}

int watch_take(struct watch *w, int (*fn)(const struct watch_event *e, void *ctx), void *ctx)
{
	int rc;

	w->fn = fn;
	w->ctx = ctx;
	w->taken = 0;
	rc = w->ops->take(w);
	return rc ? rc : w->taken;
}

int watch_finish(struct watch *w, int (*fn)(const struct watch_event *e, void *ctx), void *ctx)
{
	w->last = true;
	return watch_take(w, fn, ctx);
}

const struct watch_state *watch_state(struct watch *w)
{
	if (w->ops)
		w->ops->counts(w);
	return &w->state;
}
