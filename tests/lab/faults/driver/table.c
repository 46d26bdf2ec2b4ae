// SPDX-License-Identifier: GPL-2.0-only
/* table.c - what the driver can be. tests/lab/faults/README.md says which real drivers do so. */
#include "wcfault.h"

static const struct wcfault_case cases[] = {
	/* Right. */
	{ .name = "good-remap", .taken = { { IOREMAP_WC, WHOLE } }, .how = REMAP, .ask = ASK_WC, .claims = true },
	{ .name = "good-unclaimed", .taken = { { IOREMAP_WC, WHOLE } }, .how = REMAP, .ask = ASK_WC },
	{ .name = "good-fault", .taken = { { RESERVE_WC, WHOLE } }, .how = INSERT, .ask = ASK_WC, .claims = true },
	{ .name = "good-registers", .taken = { { IOREMAP, LAST }, { IOREMAP_WC, BUT_LAST } }, .how = REMAP,
	  .ask = ASK_WC, .last = ASK_NC, .claims = true },
	{ .name = "good-window", .taken = { { IOREMAP_WC, WINDOW } }, .how = REMAP, .ask = ASK_WC, .claims = true },
	{ .name = "good-2m", .taken = { { RESERVE_WC, WHOLE } }, .how = INSERT_2M, .ask = ASK_WC, .claims = true },
	{ .name = "good-uio", .how = UIO_OWN, .ask = ASK_WC },
	{ .name = "good-half", .taken = { { RESERVE_WC, WHOLE } }, .how = REMAP_FILL, .ask = ASK_WC, .claims = true },
	{ .name = "good-backwards", .taken = { { RESERVE_WC, WHOLE } }, .how = INSERT, .ask = ASK_WC, .backwards = true },
	{ .name = "good-bar0", .taken = { { RESERVE_WC, WHOLE } }, .how = REMAP_BAR0, .ask = ASK_WC },
	{ .name = "good-orphan", .how = REMAP, .ask = ASK_WC, .orphan = true },
	/* A driver without a node: it neither helps nor harms until it acts. */
	{ .name = "idle" },
	{ .name = "kernel-wc", .taken = { { IOREMAP_WC, WHOLE } } },
	/* An older alias decides. */
	{ .name = "alias", .taken = { { IOREMAP, WHOLE } }, .how = REMAP, .ask = ASK_WC },
	{ .name = "alias-page", .taken = { { IOREMAP, PAGE0 } }, .how = REMAP, .ask = ASK_WC },
	{ .name = "alias-two", .taken = { { IOREMAP_WC, BUT_LAST }, { IOREMAP, LAST } }, .how = REMAP, .ask = ASK_WC },
	/* The wrong thing asked for. */
	{ .name = "noncached", .how = REMAP, .ask = ASK_NC },
	{ .name = "both", .how = REMAP, .ask = ASK_BOTH },
	{ .name = "pwt", .how = REMAP, .ask = ASK_PWT },
	{ .name = "pcd", .how = REMAP, .ask = ASK_PCD },
	{ .name = "uio", .how = UIO },
	/* Nothing reserved. */
	{ .name = "fault", .how = INSERT, .ask = ASK_WC },
	{ .name = "fault-2m", .how = INSERT_2M, .ask = ASK_WC },
	{ .name = "partial", .how = REMAP_HALF, .ask = ASK_WC },
	{ .name = "partial-fill", .how = REMAP_FILL, .ask = ASK_WC },
	{ .name = "fault-backwards", .how = INSERT, .ask = ASK_WC, .backwards = true },
	{ .name = "orphan", .how = REMAP, .ask = ASK_NC, .orphan = true },
	/* Too little reserved. */
	{ .name = "half-reserved", .taken = { { RESERVE_WC, HALF0 } }, .how = INSERT, .ask = ASK_WC },
	{ .name = "half-2m", .taken = { { RESERVE_WC, HALF0 } }, .how = INSERT_2M, .ask = ASK_WC },
	{ .name = "halves", .taken = { { RESERVE_WC, HALF0 }, { IOREMAP, HALF1 } }, .how = REMAP_TWICE, .ask = ASK_WC },
	/* Past the tracking. */
	{ .name = "bypass-uc", .taken = { { IOREMAP_WC, WHOLE } }, .how = BY_HAND, .ask = ASK_NC },
	{ .name = "bypass-nc", .taken = { { RESERVE_WC, WHOLE } }, .how = BY_HAND, .ask = ASK_NC },
	{ .name = "bypass-wc", .taken = { { IOREMAP, WHOLE } }, .how = BY_HAND, .ask = ASK_WC },
	{ .name = "bypass-mixed", .taken = { { RESERVE_WC, WHOLE } }, .how = BY_HAND, .ask = ASK_WC, .ask1 = ASK_NC },
	{ .name = "bypass-bare", .how = BY_HAND, .ask = ASK_WC },
	{ .name = "bypass-half", .taken = { { RESERVE_WC, HALF0 } }, .how = BY_HAND, .ask = ASK_WC },
	/* No store gets through. */
	{ .name = "read-only", .how = REMAP, .ask = ASK_WC, .read_only = true },
};

const struct wcfault_case *case_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (strlen(cases[i].name) == len && !memcmp(cases[i].name, name, len))
			return &cases[i];
	return NULL;
}
