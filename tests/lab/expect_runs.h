/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect_runs.h - the runs of "wcdiag pte --json", taken apart into single entries again.
 */
#ifndef LAB_EXPECT_RUNS_H
#define LAB_EXPECT_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expect.h"
#include "walkfile.h"

/* One entry of a run, as wcdiag would have it. */
struct claimed {
	struct wentry e;
	uint64_t differ;
	struct json_object *first;	/* the run, for its first entry */
};

struct claims {
	struct claimed *c;
	size_t n, max;
};

/* The entries of this process (0: the kernel), ascending. False when a run cannot be read, or there is none. */
bool claims_of(struct claims *l, struct json_object *root, int pid);
void claims_free(struct claims *l);

bool run_hex(struct json_object *run, const char *key, uint64_t *out);

#endif
