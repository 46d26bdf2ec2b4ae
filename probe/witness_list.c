/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness_list.c - what this machine offers, or why not and what would make it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host.h"
#include "pci.h"
#include "src.h"
#include "witness_int.h"

#define LOCKDOWN "/sys/kernel/security/lockdown"

static enum lockdown lockdown_of(const struct src *s)
{
	enum lockdown l = LOCKDOWN_NONE;
	struct blob text;

	if (!src_read(s, LOCKDOWN, &text)) {
		l = host_parse_lockdown(text.data, text.len);
		blob_free(&text);
	}
	return l;
}

static void list_reg(const struct witness_target *t, struct witness_offer *o)
{
	enum lockdown l = lockdown_of(t->src);
	unsigned int n = 0;

	o->trust = TRUST_DEVICE;
	snprintf(o->says, sizeof(o->says), "a register of the device that counts write TLPs (or bytes, or beats)");
	o->state = WITNESS_NAME_IT;
	if (!src_is_live(t->src)) {
		o->state = WITNESS_NOT_HERE;
		fact_missing(&o->fact, NULL, "reg", EOPNOTSUPP, "run it on that machine");
		snprintf(o->fact.why, sizeof(o->fact.why), "a snapshot has no registers");
	} else if (l == LOCKDOWN_INTEGRITY || l == LOCKDOWN_CONFIDENTIALITY) {
		o->state = WITNESS_NOT_HERE;
		fact_missing(&o->fact, NULL, LOCKDOWN, EPERM,
			     "boot without lockdown; until the next boot nothing lifts it");
		snprintf(o->fact.why, sizeof(o->fact.why), "the kernel's lockdown forbids to map BARs");
	} else if (t->dev) {
		for (unsigned int i = 0; i < 6; i++)
			n += t->dev->bar[i].size && (t->dev->bar[i].flags & RES_MEM) && t->dev->bar[i].has_resource;
		if (!n) {
			o->state = WITNESS_NOT_HERE;
			fact_missing(&o->fact, NULL, t->dev->slot, ENOENT, NULL);
			snprintf(o->fact.why, sizeof(o->fact.why), "the device has no memory BAR that sysfs lets map");
		}
	}
}

static void list_cmd(struct witness_offer *o)
{
	o->trust = TRUST_DEVICE;
	o->state = WITNESS_NAME_IT;
	snprintf(o->says, sizeof(o->says),
		 "a program of yours that prints one number, for a counter that only its driver reads");
}

static void list_pmu(const struct witness_target *t, struct witness_offer *o)
{
	const struct witness_spec spec = { .kind = WITNESS_PMU };
	struct witness_target quick = *t;
	struct witness *w;

	quick.idle_ms = 0;
	if (witness_open(&spec, &quick, &w, &o->fact)) {
		o->state = WITNESS_NOT_HERE;
		snprintf(o->says, sizeof(o->says), "full and partial lines, counted by the CPU");
		return;
	}
	o->state = WITNESS_READY;
	o->trust = w->trust;
	o->partly = w->partly;
	snprintf(o->says, sizeof(o->says), "%s", w->says);
	witness_close(w);
}

static void list_timing(const struct witness_target *t, struct witness_offer *o)
{
	o->state = t->emulated ? WITNESS_NOT_HERE : WITNESS_READY;
	o->trust = t->emulated ? TRUST_NOTHING : TRUST_HINT;
	snprintf(o->says, sizeof(o->says), "what stores of two widths cost, beside the same ones over ordinary memory");
	if (t->emulated) {
		fact_missing(&o->fact, NULL, "timing", EOPNOTSUPP,
			     "run it on real hardware, or use a counter of the device");
		snprintf(o->fact.why, sizeof(o->fact.why), "the CPU is emulated: what stores cost proves nothing");
	}
}

void witness_list(const struct witness_target *t, struct witness_offer out[WITNESS_KINDS])
{
	for (unsigned int i = 0; i < WITNESS_KINDS; i++)
		out[i] = (struct witness_offer){ .kind = (enum witness_kind)i, .trust = TRUST_NOTHING };
	list_reg(t, &out[WITNESS_REG]);
	list_cmd(&out[WITNESS_CMD]);
	list_pmu(t, &out[WITNESS_PMU]);
	list_timing(t, &out[WITNESS_TIMING]);
}
