/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out_nagios.c - one line for a monitoring plug-in: intact 0, broken 2, unknown 3 (this format alone maps so). */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "probe/machine.h"
#include "probe/rule.h"

static void begin(const struct common *o, size_t machines)
{
	(void)o;
	(void)machines;
}

static const struct finding *first(const struct bar_judgement *b, enum severity s)
{
	for (size_t i = 0; i < b->findings.n; i++)
		if (b->findings.f[i].sev == s)
			return &b->findings.f[i];
	return NULL;
}

/* A bar would begin the performance data. */
static const char *plain(const char *s, char *buf, size_t len)
{
	safe_text(s, buf, len);
	for (char *p = buf; *p; p++)
		if (*p == '|')
			*p = '?';
	return buf;
}

static void machine(const struct report *r, size_t machines)
{
	static const char *const word[] = {
		[VERDICT_INTACT] = "OK", [VERDICT_UNKNOWN] = "UNKNOWN", [VERDICT_BROKEN] = "CRITICAL"
	};
	const struct bar_judgement *at = NULL;
	const struct finding *f = NULL;
	size_t n[3] = { 0, 0, 0 };
	char name[300], why[300];

	if (r->error) {
		printf("WC UNKNOWN - %s: %s\n", plain(r->name, name, sizeof(name)),
		       plain(r->error, why, sizeof(why)));
		return;
	}
	for (size_t i = 0; i < r->j->nbar; i++) {
		n[r->j->bar[i].verdict]++;
		if (!at && r->j->bar[i].verdict == r->j->verdict)
			at = &r->j->bar[i];
	}
	if (!r->j->nbar)
		at = &r->j->machine;
	if (at && r->j->verdict != VERDICT_INTACT)
		f = first(at, r->j->verdict == VERDICT_BROKEN ? SEV_BROKEN : SEV_UNKNOWN);
	printf("WC %s - ", word[r->j->verdict]);
	if (machines > 1)
		printf("%s: ", plain(r->name, name, sizeof(name)));
	if (!r->j->nbar && r->j->verdict == VERDICT_INTACT)
		printf("no BAR to judge, the machine itself is in order");
	else
		printf("%zu intact, %zu broken, %zu unknown", n[VERDICT_INTACT], n[VERDICT_BROKEN], n[VERDICT_UNKNOWN]);
	if (f) {
		char bar[40] = "this machine";

		if (at->dev)
			snprintf(bar, sizeof(bar), "%s BAR %d", at->dev->slot, at->bar);
		printf("; %s: %s (%s)", bar, f->rule->id, layer_name(f->rule->layer));
	}
	/* value;warning;critical;least;most: more than 0 broken is critical, as the status says. */
	printf(" | intact=%zu;;;0;%zu broken=%zu;;0;0;%zu unknown=%zu;;;0;%zu\n", n[VERDICT_INTACT], r->j->nbar,
	       n[VERDICT_BROKEN], r->j->nbar, n[VERDICT_UNKNOWN], r->j->nbar);
}

static void end(const struct common *o, size_t machines, int worst)
{
	(void)o;
	(void)machines;
	(void)worst;
}

const struct out_ops out_nagios = {
	.name = "nagios", .says_failure = true, .begin = begin, .machine = machine, .end = end
};
