/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_drive.h - what "wcdiag check" does itself: map the BAR the way the program does (--map), store to it from both
 * sides (--scratch), and look at the program's stores (--pattern, --events).
 */
#ifndef WCDIAG_CMD_CHECK_DRIVE_H
#define WCDIAG_CMD_CHECK_DRIVE_H

#include "cmd/drive.h"
#include "cmd/drive_opts.h"
#include "cmd/profile.h"
#include "probe/experiment.h"
#include "probe/judge.h"

enum { VAL_EVENTS = 2050, VAL_CHECK_PROFILE };

#define CHECK_DRIVE_OPTS                                                                                               \
	DRIVE_OPT_SCRATCH("store to these bytes of the BAR, from both sides, and judge what arrives"),                 \
	DRIVE_OPT_BY,                                                                                                  \
	DRIVE_OPT_PATTERN("how your program stores a message: a pattern of wcdiag drive"),                             \
	{ VAL_EVENTS, "events", "FILE", "the same, as a stream: wcdiag-events(5); - is standard input" },              \
	{ VAL_CHECK_PROFILE, "profile", "NAME", "whose buffers: auto (default), measured, or a profile of wcdiag model" },       \
	DRIVE_OPT_WITNESS("who counts: reg:BAR+OFFSET:WIDTH, cmd:PROGRAM, pmu; several may be given"),                 \
	DRIVE_OPTS_SHARED

struct check_drive {
	struct drive_args a;
	struct drive_witnesses witnesses;
	const char *events, *profile;
	char **argv; /* the user's program, which is to be started; or NULL */
	struct check_trace *traced;
	/* Called for each event of --events, with what the model is told; non-zero ends the reading. NULL: nobody. */
	int (*listen)(const struct model_event *e, const struct model_params *params, void *ctx);
	void *listener;
	unsigned int own; /* the pattern that is the program's; else the reference */
	const char *of_stores, *of_drive; /* an option given that needs a pattern or --scratch, or --scratch; or NULL */
	/* What came of it. */
	struct stream *stream;
	struct stores_shape shape;
	char message[300];
	struct profile_choice choice;
	struct experiment exp;
	struct drive_out out;
	struct machine *before; /* the facts before anything was stored: the plan points into them */
	bool drove;
};

void check_drive_init(struct check_drive *d, const struct cmd *c);
/* Is anything of it asked for? */
bool check_drive_asked(const struct check_drive *d);
/* One of the options above. 0, or EXIT_FAILED after saying why. */
int check_drive_option(struct check_drive *d, int val, const char *arg);
/* What is missing or goes not together. live: no snapshot was named. 0, or EXIT_FAILED after saying why. */
int check_drive_args(struct check_drive *d, const struct device_arg *dev, bool live);
/* The last layer that is judged when the user does not say. */
enum layer check_drive_until(const struct check_drive *d);
/*
 * Does it, on the machine *m was read from. *m becomes the facts to judge by: those read while the user's mapping lived,
 * where there was one. 0, or EXIT_FAILED after saying why. check_drive_free() in any case, when *m is done with.
 */
int check_drive_run(struct check_drive *d, const struct src *s, const char *klog, struct machine **m);
void check_drive_free(struct check_drive *d);

/* Text between the mappings and the findings of the BAR; the member "experiment" of its JSON. */
void check_drive_text(const struct check_drive *d, const struct pci_device *dev, int bar);
struct json_object *check_drive_json(const struct check_drive *d, const struct pci_device *dev, int bar);

#endif
