// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drive_refuse.c - when nothing may be stored. Pure: from the facts that were read.
 *
 * What is not known is refused as well: a store cannot be taken back.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "drive_int.h"
#include "machine.h"

static bool no(struct drive_refusal *r, const char *remedy, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static bool no(struct drive_refusal *r, const char *remedy, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, ap);
	va_end(ap);
	r->remedy = remedy;
	return true;
}

static bool bar_wrong(const struct drive_plan *p, const struct pci_bar *b, struct drive_refusal *r)
{
	if (p->dev->nwindow || (p->dev->class >> 16) == 0x06)
		return no(r, "name the device behind it", "a bridge: what is stored through it is not its own");
	if (b->flags & RES_UNSET || (b->size && !b->addr))
		return no(r, "see: wcdiag check", "the BAR has no address");
	if (!b->size || b->flags & RES_DISABLED)
		return no(r, "see which it has: wcdiag bars", "the device has no such BAR");
	if (!(b->flags & RES_MEM))
		return no(r, "see: wcdiag bars", "the BAR is I/O, not memory: nothing to combine");
	if (b->size % DRIVE_PAGE || b->addr % DRIVE_PAGE || b->addr > UINT64_MAX - b->size)
		return no(r, NULL, "the BAR is no whole pages: what else lies in its page could not be kept apart");
	return false;
}

static bool scratch_wrong(const struct drive_plan *p, const struct pci_bar *b, struct drive_refusal *r)
{
	static const char align[] = "lines are 64 bytes: begin at a multiple of 64, and end at one";

	if (!p->have_scratch)
		return no(r, "--scratch OFFSET+LENGTH names the bytes of the BAR that may be overwritten",
			  "nothing may be written without a scratch range");
	if (!p->length || p->offset % WCDIAG_STORE_LINE || p->length % WCDIAG_STORE_LINE)
		return no(r, align, "the scratch range 0x%" PRIx64 "+0x%" PRIx64 " is not made of whole lines",
			  p->offset, p->length);
	if (p->offset > b->size || p->length > b->size - p->offset)
		return no(r, "name a part of it that may be overwritten",
			  "the scratch range 0x%" PRIx64 "+0x%" PRIx64 " is not inside of the BAR, which has 0x%" PRIx64
			  " bytes",
			  p->offset, p->length, b->size);
	for (size_t i = 0; i < p->nkeep; i++)
		if (p->keep[i].start < drive_first_page(p) + drive_pages_size(p) &&
		    drive_first_page(p) < p->keep[i].end)
			return no(r, "a scratch range in other pages: both could not have their own type",
				  "%s lies in a page of the scratch range", p->keep[i].what);
	return false;
}

static bool patterns_wrong(const struct drive_plan *p, struct drive_refusal *r)
{
	for (size_t i = 0; i < p->npattern; i++) {
		struct wcdiag_store_walk walk;
		struct stores_run run;

		drive_run_of(p, p->pattern[i], &run);
		if (wcdiag_store_begin(&walk, run.pattern, &run.lines, &run.gap, run.batch, run.messages, p->length))
			return no(r, "a longer range, or fewer --lines",
				  "a message of the pattern %s does not fit into 0x%" PRIx64 " bytes",
				  wcdiag_store_patterns[p->pattern[i]].name, p->length);
	}
	return false;
}

static bool not_answering(const struct drive_plan *p, struct drive_refusal *r)
{
	const struct pci_device *d = p->dev;

	if (d->asleep)
		return no(r, "wake it: echo on > /sys/bus/pci/devices/SLOT/power/control",
			  "the device is asleep (%s): stores would be lost, and this does not wake it",
			  d->suspended ? "runtime suspended" : pci_power_name(d->power));
	if (d->virtual_function)
		return false; /* its command register says nothing: the PF decodes for it */
	if (d->command < 0)
		return no(r, d->config.remedy ? d->config.remedy : "run as root",
			  "not known whether the device decodes its memory: %s", d->config.why);
	if (!(d->command & 2))
		return no(r, "a driver enables it, or: echo 1 > /sys/bus/pci/devices/SLOT/enable",
			  "memory decoding is off: no store would reach it");
	return false;
}

static bool in_use(const struct drive_plan *p, const struct pci_bar *b, struct drive_refusal *r)
{
	static const char force[] = "unbind it, or --force if its driver can bear foreign stores there";
	const struct iomem_res *claim[1];
	int n;

	if (p->force)
		return false;
	if (*p->dev->driver)
		return no(r, force, "the driver %s has the device", p->dev->driver);
	if (p->m->iomem.fact.state != FACT_KNOWN)
		return no(r, p->m->iomem.fact.remedy ? p->m->iomem.fact.remedy : force,
			  "not known whether the BAR is claimed: /proc/iomem: %s", p->m->iomem.fact.why);
	n = iomem_claims(&p->m->iomem, p->dev->slot, b->addr, b->addr + b->size, claim, 1);
	if (n > 0)
		return no(r, force, "the BAR is claimed by \"%s\" (/proc/iomem)", claim[0]->name);
	return false;
}

static bool no_way(const struct drive_plan *p, const struct pci_bar *b, struct drive_refusal *r)
{
	if (p->by == DRIVE_BY_FILE && p->file_offset % DRIVE_PAGE)
		return no(r, "OFFSET is where the scratch range's first page is in the file",
			  "the offset in the file is no multiple of 4096");
	if (!p->side[DRIVE_USER])
		return false;
	if (p->by == DRIVE_BY_WC && !b->has_wc)
		return no(r, "--by module, which does not need it; or --by uc; or --side kernel",
			  b->flags & RES_PREFETCH ? "there is no resource%d_wc: the kernel gives none while PAT is off"
						  : "the BAR is not prefetchable: there is no resource%d_wc to map",
			  p->bar);
	if (p->by == DRIVE_BY_UC && !b->has_resource)
		return no(r, "--by module-uc; or --side kernel", "there is no resource%d to map", p->bar);
	return false;
}

bool drive_refused(const struct drive_plan *p, struct drive_refusal *out)
{
	const struct pci_bar *b = &p->dev->bar[p->bar];

	*out = (struct drive_refusal){ 0 };
	snprintf(out->what, sizeof(out->what), "%s:%d", p->dev->slot, p->bar);
	return bar_wrong(p, b, out) || scratch_wrong(p, b, out) || patterns_wrong(p, out) || not_answering(p, out) ||
	       in_use(p, b, out) || no_way(p, b, out);
}
