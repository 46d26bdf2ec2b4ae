/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_store_args.c - the options of wcdiag drive, as wcdiag live takes them: checked now, handed on later. */
#include <string.h>

#include "cmd/drive_opts.h"
#include "cmd/live_store.h"

void live_store_args_init(struct live_store_args *s, const struct cmd *c)
{
	*s = (struct live_store_args){ .a = {
					       .c = c,
					       .dev = { .bar = -1 },
					       .plan = { .cpu = -1,
							 .side = { true, true },
							 .messages = 10000,
							 .repeat = 10,
							 .warm_up = 1000 },
				       } };
	s->a.witness = &s->witnesses;
}

int live_store_option(struct live_store_args *s, int val, const char *arg)
{
	const struct opt *o = drive_opts;

	while (o->name && o->val != val)
		o++;
	if (!o->name)
		return EXIT_FAILED;
	if (s->n == LIVE_STORE_OPTS)
		return cmd_fail(s->a.c, o->name, "too many options of wcdiag drive", "fewer");
	s->opt[s->n].name = o->name;
	s->opt[s->n++].arg = o->arg ? arg : NULL;
	return drive_option(val, arg, &s->a);
}

int live_store_check(struct live_store_args *s, const struct device_arg *dev, bool live, bool once)
{
	const struct cmd *c = s->a.c;

	if (!s->n)
		return 0;
	s->a.dev = *dev;
	if (!live)
		return cmd_fail(c, "--scratch", "a snapshot cannot be driven", "run it on the machine itself");
	if (once)
		return cmd_fail(c, "--once", "nothing is stored without a key press",
				"wcdiag drive stores without asking");
	for (size_t i = 0; i < s->witnesses.n; i++)
		if (s->witnesses.w[i].spec.kind == WITNESS_TIMING)
			return cmd_fail(c, "--witness timing", "a hint, no count",
					"wcdiag drive --witness timing shows it");
	return drive_args_check(&s->a);
}
