/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events.h - a stream of store events from a file or a pipe, for the commands that take one. */
#ifndef WCDIAG_CMD_EVENTS_H
#define WCDIAG_CMD_EVENTS_H

#include <stdio.h>

#include "cmd/cmd.h"
#include "probe/model_text.h"

/* All of f, which is called name. fn as in model_text.h. 0, or EXIT_FAILED after saying where and why. */
int events_read(const struct cmd *c, const char *name, FILE *f, enum mtype type, model_event_fn fn, void *ctx);

#endif
