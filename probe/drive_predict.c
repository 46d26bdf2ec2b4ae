// SPDX-License-Identifier: GPL-2.0-or-later
/* drive_predict.c - what the model makes of a run, from the entry's effective type and what is known of the CPU. Pure.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drive_int.h"
#include "machine.h"

bool drive_emulated(const struct machine *m)
{
	return m->hyper.kind && m->hyper.kind->pat == HYPER_PAT_EMULATED;
}

bool drive_on_side(unsigned int pattern, enum drive_side side)
{
	unsigned int flags = wcdiag_store_patterns[pattern].flags;

	return !(flags & (side == DRIVE_USER ? WCDIAG_STORE_KERNEL_ONLY : WCDIAG_STORE_USER_ONLY));
}

void drive_run_of(const struct drive_plan *p, unsigned int pattern, struct stores_run *out)
{
	const struct wcdiag_store_pattern *w = &wcdiag_store_patterns[pattern];

	*out = (struct stores_run){
		.pattern = pattern,
		.lines = w->lines ? p->lines : 0,
		.gap = w->gap ? p->gap : 0,
		.messages = p->messages,
	};
	memcpy(out->data, p->data, sizeof(out->data));
}

struct feeding {
	struct model *model;
	uint64_t phys;
	uint8_t type, flags;
};

static int feed(void *ctx, const struct stores_event *e)
{
	const struct feeding *f = ctx;
	struct model_event m = { 0 };

	switch (e->kind) {
	case STORES_STORE:
		m.kind = ME_STORE;
		m.addr = f->phys + e->offset;
		m.size = (uint8_t)e->size;
		m.type = f->type;
		m.flags = f->flags;
		break;
	case STORES_FENCE:
		m.kind = ME_SFENCE;
		break;
	default:
		return 0;
	}
	return model_feed(f->model, &m);
}

static int cannot_say(struct drive_prediction *out, const char *why, const char *more)
{
	snprintf(out->why, sizeof(out->why), "%s%s", why, more);
	return 0;
}

int drive_predict(const struct drive_plan *p, const struct stores_run *run, uint64_t phys, enum mtype type,
		  const struct stores_shape *shape, model_tlp_fn cb, void *ctx, struct drive_prediction *out)
{
	const struct wcdiag_store_pattern *w = &wcdiag_store_patterns[run->pattern];
	bool direct = w->flags & WCDIAG_STORE_DIRECT;
	/* Nothing combines in an emulated CPU: what can be predicted is what a real one would do. */
	struct model_params params = { .cpu = p->profile	     ? p->profile
					      : drive_emulated(p->m) ? cpu_profile_reference()
								     : cpu_profile_for(&p->m->cpu) };
	struct feeding f = { .phys = phys, .flags = direct ? ME_DIRECT : 0 };
	const struct model_totals *t;
	int err;

	*out = (struct drive_prediction){ 0 };
	/* A direct store is what it is whatever the type. */
	if (direct && type != MT_WC)
		type = MT_UC;
	if (type == MT_UNKNOWN || type == MT_UNDEFINED)
		return cannot_say(out, "the effective type is not known", "");
	if (type != MT_WC && type != MT_UC && type != MT_UCMINUS)
		return cannot_say(out, "stores through a cache leave it when the cache likes: type ", mtype_name(type));
	if ((w->flags & WCDIAG_STORE_KERNELS) && (w->flags & WCDIAG_STORE_REP) && p->m->coco)
		return cannot_say(out, "in a confidential guest the kernel may copy byte by byte", "");
	f.type = (uint8_t)type;
	err = model_new(&params, cb, ctx, &f.model);
	if (err)
		return err;
	err = stores_expand(run, p->length, shape, feed, &f);
	if (err) {
		model_free(f.model);
		return err == -ENODATA ? cannot_say(out, "how the C library copies could not be recorded", "") : err;
	}
	model_end(f.model);
	t = model_totals(f.model);
	out->known = true;
	out->tlps = t->tlps;
	out->best = t->best;
	out->worst = t->worst;
	out->lines = t->lines;
	out->full = t->full;
	out->stores = t->stores;
	out->bytes = t->bytes;
	out->unknowns = t->unknowns;
	model_free(f.model);
	return 0;
}

const struct stores_shape *drive_shape(const struct drive_phase *ph, unsigned int pattern)
{
	return wcdiag_store_patterns[pattern].flags & WCDIAG_STORE_LIBRARY && ph->shape.events ? &ph->shape : NULL;
}

static int some_tlps(const struct drive_plan *p, const struct drive_phase *ph, const struct drive_row *row,
		     uint64_t messages, model_tlp_fn cb, void *ctx)
{
	uint64_t at = p->dev->bar[p->bar].addr + p->offset;
	struct drive_prediction said;
	struct stores_run run;
	int err;

	if (!messages)
		return 0;
	drive_run_of(p, row->pattern, &run);
	run.messages = messages;
	err = drive_predict(p, &run, at, ph->effective, drive_shape(ph, row->pattern), cb, ctx, &said);
	return !err && !said.known ? -ENODATA : err;
}

int drive_row_tlps(const struct drive_plan *p, const struct drive_phase *ph, const struct drive_row *row,
		   model_tlp_fn cb, void *ctx)
{
	int err = some_tlps(p, ph, row, row->warmed, cb, ctx);

	for (unsigned int i = 0; i < row->runs && !err; i++)
		err = some_tlps(p, ph, row, p->messages, cb, ctx);
	return err ? err : some_tlps(p, ph, row, row->part, cb, ctx);
}
