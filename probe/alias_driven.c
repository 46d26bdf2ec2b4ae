// SPDX-License-Identifier: GPL-2.0-or-later
/* alias_driven.c - the one request for WC of which nobody has to guess: our own. */
#include "alias_driven.h"

#include "drive_int.h"
#include "experiment.h"
#include "machine.h"

bool alias_driven(const struct judge_ctx *c, struct alias_driven *out)
{
	const struct experiment *x = c->exp;
	const struct drive_phase *ph = x && x->plan ? x->phase[DRIVE_KERNEL] : NULL;

	if (!ph || ph->by == DRIVE_BY_UC || ph->by == DRIVE_BY_MODULE_UC || !ph->entry_known ||
	    ph->effective == MT_WC || ph->effective == MT_UNKNOWN)
		return false;
	/* It has gone meanwhile, for the user's side got what it asked for. */
	if (x->phase[DRIVE_USER] && x->phase[DRIVE_USER]->effective == MT_WC)
		return false;
	for (size_t i = 0; i < ph->nhold && i < sizeof(ph->hold) / sizeof(ph->hold[0]); i++)
		if (ph->hold[i].t.type != MT_WC) {
			out->older = &ph->hold[i].t;
			out->start = drive_phys(x->plan);
			out->end = out->start + drive_pages_size(x->plan);
			return true;
		}
	return false;
}
