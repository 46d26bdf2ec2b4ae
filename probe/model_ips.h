/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_ips.h - which instructions leave lines partial: a bounded count by instruction pointer. Pure. */
#ifndef WCDIAG_MODEL_IPS_H
#define WCDIAG_MODEL_IPS_H

#include "model.h"

#define MODEL_IPS 1024	/* a program has few instructions that store to a BAR */

struct model_ip {
	uint64_t ip;		/* of the last store to the line */
	uint64_t lines, tlps;	/* partial lines, and what became of them */
	uint64_t by_ip;		/* what made the first of them leave; 0: not known */
	enum model_reason why;
};

struct model_ips {
	struct model_ip at[MODEL_IPS];
	size_t n;
	uint64_t nowhere;	/* partial lines whose instruction is not known */
	uint64_t more;		/* ... for which there was no room */
};

void model_ips_begin(struct model_ips *s);
/* A TLP of the model; only partial lines count. */
void model_ips_add(struct model_ips *s, const struct model_tlp *t);
/* The most partial lines first, then by address; nothing may be added afterwards. */
void model_ips_sort(struct model_ips *s);

#endif
