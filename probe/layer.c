/* SPDX-License-Identifier: GPL-2.0-or-later */
/* layer.c - the names of layers, states, severities and verdicts (contract of the design). */
#include <string.h>

#include "judge.h"

static const struct {
	const char *name, *question;
} layers[LAYER_COUNT] = {
	[LAYER_HOST] = { "host", "can this CPU, kernel and hypervisor combine at all?" },
	[LAYER_PAT] = { "pat", "is there a WC slot, the same on every CPU?" },
	[LAYER_MTRR] = { "mtrr", "what do the MTRRs say about this BAR, the same on every CPU?" },
	[LAYER_PCI] = { "pci", "is the BAR there, decoded, prefetchable, awake?" },
	[LAYER_MEMTYPE] = { "memtype", "which type did the kernel reserve for the range, and who else holds it?" },
	[LAYER_PTE] = { "pte", "which type does the page table entry really select, for user and for kernel?" },
	[LAYER_STORES] = { "stores", "do the stores fill whole 64-byte lines before something flushes them?" },
	[LAYER_FABRIC] = { "fabric", "did whole lines arrive?" },
};

const char *layer_name(enum layer l)
{
	return layers[l].name;
}

const char *layer_question(enum layer l)
{
	return layers[l].question;
}

int layer_from_name(const char *name)
{
	for (int i = 0; i < LAYER_COUNT; i++)
		if (!strcmp(name, layers[i].name))
			return i;
	return -1;
}

const char *state_name(enum layer_state s)
{
	static const char *const n[] = { [STATE_OK] = "ok",
					 [STATE_SUSPECT] = "suspect",
					 [STATE_UNKNOWN] = "unknown",
					 [STATE_BROKEN] = "broken",
					 [STATE_SKIPPED] = "skipped" };
	return n[s];
}

const char *severity_name(enum severity s)
{
	static const char *const n[] = {
		[SEV_INFO] = "info", [SEV_SUSPECT] = "suspect", [SEV_UNKNOWN] = "unknown", [SEV_BROKEN] = "broken"
	};
	return n[s];
}

const char *verdict_name(enum verdict v)
{
	static const char *const n[] = {
		[VERDICT_INTACT] = "intact", [VERDICT_UNKNOWN] = "unknown", [VERDICT_BROKEN] = "broken"
	};
	return n[v];
}
