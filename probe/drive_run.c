// SPDX-License-Identifier: GPL-2.0-or-later
/* drive_run.c - one run of a pattern: by this process through its mapping, or by the kernel through its own. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drive_int.h"
#include "km/wcdiag_km.h"
#include "pci.h"

/* As many samples as are left; every run brings its share. */
static size_t room(const struct drive_now *n)
{
	size_t share = DRIVE_SAMPLES / n->p->repeat, left = DRIVE_SAMPLES - n->nsamples;

	share = share ? share : 1;
	return share < left ? share : left;
}

int drive_user_run(struct drive_now *n, const struct stores_run *run, uint64_t *done)
{
	const struct drive_plan *p = n->p;
	struct stores_result r;
	int err = stores_run(run, (char *)n->at + (p->offset - drive_first_page(p)), p->length,
			     n->samples + n->nsamples, room(n), drive_halt(), &r);

	*done = err ? 0 : r.done;
	if (!err && !*drive_halt())
		n->nsamples += r.nsamples;
	return err;
}

static void request(const struct drive_now *n, const struct stores_run *run, struct wcdiag_km_store *s)
{
	const struct drive_plan *p = n->p;

	*s = (struct wcdiag_km_store){
		.domain = p->dev->domain,
		.bus = (uint8_t)p->dev->bus,
		.devfn = (uint8_t)(p->dev->dev << 3 | p->dev->func),
		.bar = (uint8_t)p->bar,
		.type = p->by == DRIVE_BY_UC || p->by == DRIVE_BY_MODULE_UC ? WCDIAG_KM_UCMINUS : WCDIAG_KM_WC,
		.offset = p->offset,
		.length = p->length,
		.messages = run->messages,
		.pattern = run->pattern,
		.flags = (p->force ? WCDIAG_KM_FORCE_BUSY : 0U) | (p->irqs_off ? WCDIAG_KM_IRQS_OFF : 0U),
		.lines = run->lines,
		.gap = run->gap,
		.batch = run->batch,
	};
	s->max_samples = (uint32_t)room(n);
	s->samples = s->max_samples ? (uintptr_t)(n->samples + n->nsamples) : 0;
	memcpy(s->data, run->data, sizeof(s->data));
}

/* Each call makes its own mapping, so each is looked at; the kernel's other runs decide nothing about this one. */
static int take_entry(struct drive_now *n, const struct wcdiag_km_store *s)
{
	struct drive_phase *ph = n->ph;

	if (s->phys != drive_phys(n->p) || s->level < 1 || s->level > 3 || s->slot > 7)
		return -EPROTO;
	if (ph->entry_known && (ph->slot != s->slot))
		ph->mixed = true;
	if (!ph->entry_known) {
		ph->entry = s->entry;
		ph->level = s->level;
		ph->slot = s->slot;
	}
	ph->entry_known = true;
	ph->mixed = ph->mixed || s->other;
	drive_types(n->p, ph);
	return 0;
}

int drive_kernel_run(struct drive_now *n, const struct stores_run *run, uint64_t *done)
{
	struct wcdiag_km_store s;
	int err;

	*done = 0;
	if (drive_stopped())
		return 0;
	request(n, run, &s);
	err = n->ops->store(n->ctx, &s);
	if (err)
		return err;
	if (s.done > run->messages || s.nsamples > s.max_samples)
		return -EPROTO;
	err = take_entry(n, &s);
	*done = s.done;
	if (!err && s.done == run->messages)
		n->nsamples += s.nsamples;
	return err;
}
