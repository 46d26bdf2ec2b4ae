/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules_fabric.h - what the files of the fabric's rules share. */
#ifndef WCDIAG_RULES_FABRIC_H
#define WCDIAG_RULES_FABRIC_H

#include "experiment.h"
#include "fabric_seen.h"
#include "rule.h"

static inline const char *fabric_pattern(const struct drive_row *row)
{
	return wcdiag_store_patterns[row->pattern].name;
}

static inline bool fabric_control(const struct drive_row *row)
{
	return wcdiag_store_patterns[row->pattern].role == WCDIAG_STORE_CONTROL;
}

/* The tests of fabric-no-witness and fabric-unknown. */
void fabric_no_witness(struct judge_ctx *c);
void fabric_unknown(struct judge_ctx *c);

#endif
