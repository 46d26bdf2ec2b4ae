/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_watch.h - "wcdiag check --watch -- COMMAND": the kernel's memory-type decisions while the program runs, and
 * which of them made an entry what it is.
 */
#ifndef WCDIAG_CMD_CHECK_WATCH_H
#define WCDIAG_CMD_CHECK_WATCH_H

#include "cmd/cmd.h"
#include "probe/judge.h"

struct check_watch;
struct json_object;
struct machine;
struct src;

/* Before the program starts; m: the facts from before. *out is to be freed in any case. 0, or EXIT_FAILED after saying
 * why. */
int check_watch_begin(const struct cmd *c, const struct src *s, const struct machine *m, struct check_watch **out);
/* Once it has ended: what was decided meanwhile. The same. */
int check_watch_end(struct check_watch *w);
void check_watch_free(struct check_watch *w); /* NULL is allowed */

/*
 * Adds to the findings that a decision explains: evidence "decision", and "holder" where nobody was visible and no
 * decision was lost. Changes no verdict.
 */
void check_watch_tell(const struct check_watch *w, struct judgement *j);

/* Of one BAR: a line or two for people; an object. */
void check_watch_text(const struct check_watch *w, const struct pci_device *dev, int bar);
struct json_object *check_watch_json(const struct check_watch *w, const struct pci_device *dev, int bar);

#endif
