// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rules_fabric.c - did whole lines arrive?
 *
 * Only a count answers that, by a witness that stands where lines leave the CPU or farther. A rate, never a yes or no:
 * an interrupt splits a line now and then, and the manuals let the CPU give up any line at any time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "machine.h"
#include "rules_fabric.h"

/* What the control says about the side, to tell the CPU from what lies behind it. */
static const char *control_words(const struct experiment *x, const struct drive_phase *ph)
{
	for (size_t i = 0; i < ph->nrow; i++) {
		struct fabric_seen s;

		if (!fabric_control(&ph->row[i]))
			continue;
		fabric_seen(x, ph, &ph->row[i], &s);
		if (s.state == FABRIC_COUNTED)
			return s.high < DRIVE_FULL_ENOUGH
				       ? "the control, movdir64b, did not arrive whole either: what is behind the CPU "
					 "splits"
				       : "the control, movdir64b, arrived whole: the CPU gives lines up early";
	}
	return "no control on this CPU: whether it gives lines up early or what is behind it splits them is not known";
}

static void ev_seen(struct finding *f, const struct drive_phase *ph, const struct drive_row *row,
		    const struct fabric_seen *s)
{
	char rate[40];

	fabric_rate_words(s->low, s->high, rate, sizeof(rate));
	ev_text(f, "side", "%s", drive_side_name(ph->side));
	ev_text(f, "pattern", "%s", fabric_pattern(row));
	ev_text(f, "rate", "%s", rate);
	ev_num(f, "lines", s->lines);
	ev_num(f, "runs", s->runs);
	if (s->failed)
		ev_num(f, "runs_not_counted", s->failed);
	ev_text(f, "witness", "%s", s->w->name);
	ev_text(f, "threshold", "%.0f%%", 100 * DRIVE_FULL_ENOUGH);
}

/* On which side of the threshold the rate lies. */
enum whole { WHOLE, NEARLY, CANNOT_TELL, FEW_RUNS, SPLIT };

static enum whole how_whole(const struct fabric_seen *s)
{
	if (s->high < DRIVE_FULL_ENOUGH)
		return s->runs >= EXPERIMENT_RUNS ? SPLIT : FEW_RUNS;
	if (s->low < DRIVE_FULL_ENOUGH)
		return CANNOT_TELL;
	return s->high < EXPERIMENT_NEARLY_ALL ? NEARLY : WHOLE;
}

static struct finding *not_whole(struct judge_ctx *c, enum whole w)
{
	switch (w) {
	case SPLIT:
		return hit(c, SEV_BROKEN);
	case CANNOT_TELL:
		return hit_says(
			c, SEV_UNKNOWN,
			"{side}, {pattern}: {rate} of {lines} lines arrived whole ({witness} counts TLPs, and a "
			"line that is split is 2 to 8 of them): whether that is under {threshold} cannot be told",
			"a witness that counts whole lines: --witness pmu, or a counter of 64-byte TLPs in the "
			"device");
	case FEW_RUNS:
		return hit_says(c, SEV_SUSPECT,
				"{side}, {pattern}: only {rate} of {lines} lines arrived whole ({witness}), but only "
				"{runs} runs were counted, which proves no rule. {around}",
				"run it longer: --repeat 10");
	default:
		return hit_says(
			c, SEV_SUSPECT,
			"{side}, {pattern}: {rate} of {lines} lines arrived whole ({witness}): some are split, as "
			"interrupts do; broken is under {threshold} in 3 runs or more. {around}",
			NULL);
	}
}

static void look(struct judge_ctx *c, bool control)
{
	for (int side = DRIVE_USER; c->exp && side >= DRIVE_KERNEL; side--) {
		const struct drive_phase *ph = c->exp->phase[side];

		for (size_t i = 0; ph && i < ph->nrow; i++) {
			const struct drive_row *row = &ph->row[i];
			char around[200] = "what else went on is not known";
			struct fabric_seen s;
			struct finding *f;

			if (fabric_control(row) != control)
				continue;
			fabric_seen(c->exp, ph, row, &s);
			if (s.state != FABRIC_COUNTED || how_whole(&s) == WHOLE)
				continue;
			f = not_whole(c, how_whole(&s));
			ev_seen(f, ph, row, &s);
			if (!control)
				ev_text(f, "control", "%s", control_words(c->exp, ph));
			if (c->exp->during[side])
				circumstances_words(c->exp->during[side], around, sizeof(around));
			ev_text(f, "around", "%s", around);
		}
	}
}

/* A pattern that does not fill its lines has more TLPs than one a line by itself; what goes beyond is the hardware's. */
static void beyond_prediction(struct judge_ctx *c)
{
	for (int side = DRIVE_USER; c->exp && side >= DRIVE_KERNEL; side--) {
		const struct drive_phase *ph = c->exp->phase[side];

		for (size_t i = 0; ph && i < ph->nrow; i++) {
			const struct drive_row *row = &ph->row[i];
			struct fabric_seen s;
			struct finding *f;
			double each;

			fabric_seen(c->exp, ph, row, &s);
			if (s.state != FABRIC_NO_LINES || !fabric_tlps(c->exp, ph, row, &s.w, &each) ||
			    each <= 1.1 * (double)row->each.worst)
				continue;
			f = hit_says(c, SEV_SUSPECT,
				     "{side}, {pattern}: {witness} counted {counted} TLPs a run, and its stores make "
				     "at most {predicted}: the hardware splits more than the stores do",
				     NULL);
			ev_text(f, "side", "%s", drive_side_name(ph->side));
			ev_text(f, "pattern", "%s", fabric_pattern(row));
			ev_text(f, "witness", "%s", s.w->name);
			ev_num(f, "counted", (uint64_t)each);
			ev_num(f, "predicted", row->each.worst);
		}
	}
}

static void split(struct judge_ctx *c)
{
	look(c, false);
	beyond_prediction(c);
}

static void control_failed(struct judge_ctx *c)
{
	look(c, true);
}

static void rate(struct judge_ctx *c)
{
	char words[200];
	struct finding *f;

	if (!c->exp || !c->exp->plan)
		return;
	fabric_words(c->exp, words, sizeof(words));
	if (!*words)
		return;
	f = hit(c, SEV_INFO);
	ev_text(f, "rates", "%s", words);
}

/* The top of the tree above the device: its root port, where the bus is PCI Express. */
static const struct pci_device *root_port(const struct judge_ctx *c)
{
	const struct pci_device *d = c->dev;

	for (size_t i = 0; i < c->m->pci.n && d->parent >= 0; i++)
		d = &c->m->pci.dev[d->parent];
	return d == c->dev ? NULL : d;
}

static void mps(struct judge_ctx *c)
{
	const struct pci_device *port = root_port(c);
	struct finding *f;

	if (!c->exp || !c->exp->plan || !c->dev->mps)
		return;
	f = port && port->mps ? hit(c, SEV_INFO)
			      : hit_says(c, SEV_INFO,
					 "Max_Payload_Size is {mps} bytes at the device (it supports "
					 "{mps_supported}): a line of 64 bytes always fits into one TLP",
					 NULL);
	ev_num(f, "mps", (uint64_t)c->dev->mps);
	ev_num(f, "mps_supported", (uint64_t)c->dev->mps_supported);
	if (port && port->mps) {
		ev_text(f, "port", "%s", port->slot);
		ev_num(f, "port_mps", (uint64_t)port->mps);
	}
}

/* Reservations that came or went under our hands: what was measured may be of two states. */
static void list_changed(struct judge_ctx *c)
{
	for (int side = DRIVE_USER; c->exp && side >= DRIVE_KERNEL; side--) {
		const struct drive_phase *ph = c->exp->phase[side];

		if (ph && ph->list_known && !ph->list_same)
			ev_text(hit(c, SEV_UNKNOWN), "side", "%s", drive_side_name(ph->side));
	}
}

const struct rule rules_fabric[] = {
	{ .id = "fabric-control-failed",
	  .layer = LAYER_FABRIC,
	  .sev = SEV_BROKEN,
	  .per_bar = true,
	  .other = "as fabric-split",
	  .test = control_failed,
	  .when = "even MOVDIR64B, one 64-byte store that no buffer can split, did not arrive whole",
	  .says = "{side}: of {lines} lines stored by movdir64b, which leave the CPU in one piece whatever the memory "
		  "type is, {rate} arrived whole ({witness})",
	  .fix = "the split is behind the CPU: look at the bridges on the way (lspci -tv), the root port's errata, and "
		 "at how the device counts",
	  .source = "Intel SDM vol 2, MOVDIR64B (64-byte write atomicity)" },
	{ .id = "fabric-split",
	  .layer = LAYER_FABRIC,
	  .sev = SEV_BROKEN,
	  .per_bar = true,
	  .other =
		  "suspect from 90% of whole lines up, or in fewer than 3 runs, or when a pattern that does not fill its "
		  "lines becomes more TLPs than its stores make; unknown when the counts do not tell on which side of "
		  "90% they lie",
	  .test = split,
	  .when = "the entry is write-combining and the stores fill their lines, and yet fewer lines than a threshold "
		  "arrived whole (90% in 3 runs or more)",
	  .says = "{side}: {pattern} fills whole lines through a write-combining entry, but only {rate} of {lines} "
		  "lines arrived whole ({witness}; broken is under {threshold}, in {runs} runs). {control}. {around}",
	  .fix = "the CPU may give up a line at any time: keep interrupts and the sibling thread away from this CPU "
		 "(isolcpus=, irqaffinity=, nosmt), store a line back to back, finish one before the next (wcdiag "
		 "drive -p interleaved --lines N); where there is one, MOVDIR64B cannot be split",
	  .source = "Intel SDM vol 3, 11.3.1 (eviction of a write-combining buffer)" },
	{ .id = "fabric-no-witness",
	  .layer = LAYER_FABRIC,
	  .sev = SEV_UNKNOWN,
	  .per_bar = true,
	  .test = fabric_no_witness,
	  .when = "nobody counted what arrived",
	  .says = "{side}, {pattern}: the stores fill whole lines through a write-combining entry, but no witness "
		  "counted what arrived: {why} ({here})",
	  .fix = "--witness reg:BAR+OFFSET:WIDTH for a counter of write TLPs in the device; --witness pmu on bare "
		 "metal; --witness cmd:PROGRAM that prints a count",
	  .source = "wcdiag-witness(7)" },
	{ .id = "fabric-unknown",
	  .layer = LAYER_FABRIC,
	  .sev = SEV_UNKNOWN,
	  .per_bar = true,
	  .other =
		  "info when the other side was counted and this one's entry is known not to combine, or when only the "
		  "kernel's side did not run",
	  .test = fabric_unknown,
	  .when = "a side did not run, or not to its end, or no store went through a write-combining entry, or the "
		  "witness counts something else",
	  .says = "{side}: the stores went through {entry}: nothing combines, so nothing shows whether whole lines "
		  "arrive",
	  .fix = "mend what keeps the entry from being write-combining (see layer pte), then run it again",
	  .source = "wcdiag-drive(1)" },
	{ .id = "fabric-changed",
	  .layer = LAYER_FABRIC,
	  .sev = SEV_UNKNOWN,
	  .per_bar = true,
	  .test = list_changed,
	  .when = "the kernel's reservations over the driven pages were not the same before and after a side's run",
	  .says = "while the {side}'s side ran, reservations over its pages came or went: what was counted may be of "
		  "two states",
	  .fix = "end what maps and unmaps the BAR meanwhile (wcdiag memtype shows it), and run it again",
	  .source = "Linux arch/x86/mm/pat/memtype.c (the first reservation decides)" },
	{ .id = "fabric-mps",
	  .layer = LAYER_FABRIC,
	  .sev = SEV_INFO,
	  .per_bar = true,
	  .test = mps,
	  .when = "the payload size that the device and its root port have agreed on is known",
	  .says = "Max_Payload_Size is {mps} bytes at the device (it supports {mps_supported}) and {port_mps} at its "
		  "root port {port}: a line of 64 bytes always fits into one TLP",
	  .fix = NULL,
	  .source = "PCI Express Base Specification 7.5.3.4 (Device Control)" },
	{ .id = "fabric-rate",
	  .layer = LAYER_FABRIC,
	  .sev = SEV_INFO,
	  .per_bar = true,
	  .test = rate,
	  .when = "whole lines were counted: how many",
	  .says = "{rates}",
	  .fix = NULL,
	  .source = "wcdiag-witness(7)" },
	{ .id = NULL },
};
