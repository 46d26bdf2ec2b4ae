/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * over.h - the reservations over a range, sorted out, and how a finding names one and its holder. For rules only.
 */
#ifndef WCDIAG_OVER_H
#define WCDIAG_OVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine.h"
#include "rule.h"

/* Reservations over a range, sorted out. */
struct over {
	const struct judge_ctx *c;
	size_t n, wc, other;					/* other: anything but WC */
	unsigned int types;					/* bit t */
	const struct memtype *first_wc, *first_other, *strange; /* strange: of a type that is not known */
	enum tri combines;					/* of the others: NO as soon as one surely does not */
	const struct memtype *bad;				/* the first that does not, or may not, combine */
};

struct over over_look(const struct judge_ctx *c, uint64_t start, uint64_t end);
/* How many different types lie over the range. */
unsigned int over_types(const struct over *o);

/* Does the range touch a byte of the judged BAR? */
bool over_bar(const struct judge_ctx *c, uint64_t start, uint64_t end);

/* "reserved" and "type". */
void ev_reservation(struct finding *f, const struct memtype *t);

enum holder { HELD_BY_NOBODY, HELD_BY_KERNEL, HELD_BY_PROCESS };

/* "holder", and holder_pid and holder_process when it is one. skip: as in holder_of(). */
enum holder ev_holder(const struct judge_ctx *c, struct finding *f, const struct memtype *t, const struct map *skip);

#endif
