/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules_stores.c - do the stores fill whole lines before something flushes them? */
#include <stddef.h>

#include "experiment.h"
#include "rule.h"

static void unknown(struct judge_ctx *c)
{
	struct finding *f;

	if (!c->exp || c->exp->story)
		return;
	f = hit(c, SEV_UNKNOWN);
	ev_text(f, "message", "%s", c->exp->message ? c->exp->message : "the stores");
	ev_text(f, "why", "%s", c->exp->story_why ? c->exp->story_why : "they were not seen");
}

const struct rule rules_stores[] = {
	{ .id = "stores-unknown",
	  .layer = LAYER_STORES,
	  .sev = SEV_UNKNOWN,
	  .per_bar = true,
	  .test = unknown,
	  .when = "what is stored could not be found out",
	  .says = "what {message} stores is not known: {why}",
	  .fix = "give the stores as a stream: --events FILE",
	  .source = "wcdiag-events(5)" },
	{ .id = NULL },
};
