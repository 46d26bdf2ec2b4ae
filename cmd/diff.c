/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff.c - what changed between two snapshots of a host, or one and this machine, and whether it matters. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/diff.h"
#include "probe/machine.h"
#include "probe/src.h"

#define CMDLINE_PATH "/proc/cmdline"

enum { VAL_UNTIL = 2600 };

static const struct opt opts[] = {
	{ VAL_UNTIL, "until", "LAYER", "judge both only up to this layer: host pat mtrr pci memtype pte" },
	{ 0, NULL, NULL, NULL },
};

struct asked {
	const struct cmd *c;
	enum layer until;
};

static int own(int val, const char *arg, void *ctx)
{
	struct asked *a = ctx;
	int l = layer_from_name(arg);

	(void)val;
	if (l < 0 || l > LAYER_PTE)
		return cmd_fail(a->c, arg, l < 0 ? "no such layer" : "no snapshot holds what is stored",
				"host pat mtrr pci memtype pte");
	a->until = (enum layer)l;
	return 0;
}

/* One side, from opening to judgement. */
struct side {
	const char *name;
	struct src *s;
	struct machine *m;
	struct judgement *j;
	struct judge_bound *bound;
	size_t nbound;
	char options[1024];
};

static int open_side(const struct cmd *c, const char *name, struct side *s)
{
	struct blob b = { 0 };
	char why[256] = "";
	int rc;

	s->name = name ? name : "live";
	rc = name ? src_open_root(&s->s, name, why, sizeof(why)) : src_open_live(&s->s);
	if (rc)
		return cmd_fail(c, s->name, *why ? why : strerror(-rc),
				name ? snapshot_hint(-rc) : "see: wcdiag diff --help");
	rc = machine_read(s->s, READ_ALL | READ_MICROCODE, NULL, &s->m);
	if (rc)
		return cmd_fail_errno(c, s->name, -rc, NULL);
	/* The machine knows those that touch memory types; those of PCI and lockdown are compared too. */
	if (!src_read(s->s, CMDLINE_PATH, &b)) {
		host_filter_cmdline(b.data, b.len, s->options, sizeof(s->options));
		blob_free(&b);
	} else {
		snprintf(s->options, sizeof(s->options), "%s", s->m->host.options);
	}
	return 0;
}

static int judge_side(const struct cmd *c, const struct asked *a, struct side *s)
{
	struct judge_target t = { .bar = -1, .bound = s->bound, .nbound = s->nbound };
	int rc = judge(s->m, &t, a->until, &s->j);

	return rc ? cmd_fail_errno(c, s->name, -rc, NULL) : 0;
}

/* Nothing in a snapshot names its host. */
static const char *two_hosts(const struct diff *d)
{
	const struct machine *a = d->a.m, *b = d->b.m;
	size_t most = a->pci.n > b->pci.n ? a->pci.n : b->pci.n;

	if (a->pci.n && b->pci.n && d->nboth * 2 < most)
		return "Less than half of the devices are on both sides: are these two states of one host?";
	if (*a->cpu.name && *b->cpu.name && strcmp(a->cpu.name, b->cpu.name) != 0)
		return "The CPUs are not of the same model: are these two states of one host?";
	return NULL;
}

static int compare(const struct cmd *c, const struct common *o, const struct asked *a, struct side *x, struct side *y)
{
	static const int code[] = {
		[DIFF_NOTHING_WORSE] = EXIT_INTACT, [DIFF_GOT_WORSE] = EXIT_BROKEN, [DIFF_CANNOT_TELL] = EXIT_UNKNOWN
	};
	struct diff_view v = { .o = o, .name_a = x->name, .name_b = y->name };
	struct diff *d = NULL;
	int rc = diff_bounds(x->m, y->m, &x->bound, &x->nbound, &y->bound, &y->nbound);

	if (rc)
		return cmd_fail_errno(c, "comparing", -rc, NULL);
	rc = judge_side(c, a, x);
	rc = rc ? rc : judge_side(c, a, y);
	if (rc)
		return rc;
	rc = diff_make(&(struct diff_side){ x->m, x->j, x->options }, &(struct diff_side){ y->m, y->j, y->options },
		       &d);
	if (rc)
		return cmd_fail_errno(c, "comparing", -rc, NULL);
	v.d = d;
	v.doubt = two_hosts(d);
	if (!strcmp(o->format, "json"))
		diff_json(&v);
	else
		diff_text(&v);
	rc = code[d->answer];
	diff_free(d);
	return rc;
}

static void close_side(struct side *s)
{
	judgement_free(s->j);
	machine_free(s->m);
	src_close(s->s);
	free(s->bound);
}

static int run(const struct cmd *c, int argc, char **argv)
{
	struct asked a = { .c = c, .until = LAYER_PTE };
	struct side x = { 0 }, y = { 0 };
	struct common o;
	int at, rc = common_parse(c, argc, argv, &o, own, &a, &at);

	if (rc >= 0)
		return rc;
	if (argc - at < 1 || argc - at > 2) {
		common_free(&o);
		return cmd_fail(c, argc == at ? "nothing to compare" : argv[at + 2],
				argc == at ? "no snapshot is named" : "a third snapshot",
				"wcdiag diff BEFORE [AFTER]; without AFTER it is this machine");
	}
	rc = open_side(c, argv[at], &x);
	rc = rc ? rc : open_side(c, at + 1 < argc ? argv[at + 1] : NULL, &y);
	rc = rc ? rc : compare(c, &o, &a, &x, &y);
	close_side(&x);
	close_side(&y);
	common_free(&o);
	return rc;
}

const struct cmd cmd_diff = {
	.name = "diff",
	.args = "BEFORE [AFTER]",
	.help = "what changed between two snapshots of a host, and whether it matters to write-combining",
	.more = "BEFORE and AFTER are directories or archives made by wcdiag capture; without AFTER it is this "
		"machine.\n"
		"Exit status: 0 nothing got worse, 1 something got worse, 2 could not tell, 3 usage or failure.",
	.opts = opts,
	.common = OPT_JSON,
	.run = run,
};
