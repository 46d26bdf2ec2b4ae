/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_trace.h - "wcdiag check -- COMMAND": starts the user's program, reads the machine's facts while the mappings
 * that it makes itself are there, and traces its stores to them.
 */
#ifndef WCDIAG_CMD_CHECK_TRACE_H
#define WCDIAG_CMD_CHECK_TRACE_H

#include <stddef.h>

#include "cmd/cmd.h"
#include "cmd/device.h"
#include "probe/judge.h"
#include "probe/model.h"

struct check_trace;
struct json_object;
struct machine;

/*
 * Runs argv to its end. *m (the facts from before) becomes those read while the program had its BARs mapped; where it
 * had none, they stay. 0, or EXIT_FAILED after saying why. *out is to be freed in any case.
 */
int check_trace_run(const struct cmd *c, char **argv, const struct src *s, const char *klog,
		    const struct model_params *par, struct machine **m, struct check_trace **out);
void check_trace_free(struct check_trace *k); /* NULL is allowed */

/* The BARs that it mapped, each with what its stores are judged by. They point into k. */
const struct judge_bound *check_trace_bound(const struct check_trace *k, size_t *n);
/* For a BAR that it did not map: why its stores are not judged. */
const struct experiment *check_trace_none(const struct check_trace *k);
/* The facts hold no mapping of it: what it mapped instead, in a sentence. */
const char *check_trace_nothing(struct check_trace *k, char *buf, size_t len);

/* dev, bar: only of this BAR; text beside its findings. */
void check_trace_text(const struct check_trace *k, const struct pci_device *dev, int bar);
struct json_object *check_trace_json(const struct check_trace *k, const struct pci_device *dev, int bar);

#endif
