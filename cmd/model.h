/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model.h - wcdiag model: what was asked, what came of it, and the ways to show that. */
#ifndef WCDIAG_CMD_MODEL_H
#define WCDIAG_CMD_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/model.h"
#include "probe/model_ips.h"

struct model_view {
	const char *file;
	const struct cpu_profile *cpu;
	const char *chosen;		/* "asked for", or the CPU that it was chosen by */
	struct model_params par;
	unsigned int buffers;		/* of the default list */
	const struct model_totals *t;
	const struct model_ips *ips;	/* sorted */
	bool list;
	const struct model_tlp *tlp;	/* the first ntlp of them */
	size_t ntlp;
	bool json;
};

/* Prints; 0, or EXIT_FAILED when memory ran out. */
int model_show(const struct model_view *v);
/* The table of profiles. */
int model_show_profiles(bool json);

#endif
