/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare.c - TLPs that an analyser or a device saw, against those that a stream of stores should have left as. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/compare.h"
#include "cmd/events.h"
#include "cmd/profile.h"
#include "probe/cpu.h"
#include "probe/src.h"

#define DEFAULT_LIMIT 10
#define MAX_LIMIT     1000000

enum {
	VAL_SHOW = 2300,
	VAL_PROFILE,
	VAL_BUFFERS,
	VAL_TYPE,
	VAL_FORM,
	VAL_COLUMNS,
	VAL_RADIX,
	VAL_WORDS,
	VAL_RANGE,
	VAL_AT,
	VAL_LIMIT,
	VAL_MPS
};

static const struct opt opts[] = {
	{ VAL_SHOW, "show", NULL, "only say what OBSERVED holds: writes by size, address, byte enables" },
	{ VAL_PROFILE, "profile", "NAME", "the CPU, as wcdiag model --profile takes it" },
	{ VAL_BUFFERS, "buffers", "N", "so many buffers, 1 to 32, instead of the profile's" },
	{ VAL_TYPE, "type", "TYPE", "of stores and reads that name none: wc (default), uc, uc-, wb" },
	{ VAL_AT, "at", "A=B", "address A in EVENTS is address B in OBSERVED; for all others likewise" },
	{ VAL_RANGE, "range", "ADDR+LEN",
	  "compare, or show, the writes there; otherwise the pages that are predicted" },
	{ VAL_FORM, "form", "FORM", "of OBSERVED: text, csv or pcap (NetTLP); otherwise told by its first bytes" },
	{ VAL_COLUMNS, "columns", "LIST",
	  "csv: what=HEADING,...: address, dws, bytes, first_be, last_be, be, header, "
	  "dw0 to dw3, type, valid" },
	{ VAL_RADIX, "radix", "RADIX", "csv: numbers without 0x are hex, or dec (default)" },
	{ VAL_WORDS, "words", "SIDE", "csv: a raw header's first word is on the left (default) or right" },
	{ VAL_MPS, "mps", "BYTES", "--show: Max_Payload_Size, 128 to 4096 (default)" },
	{ VAL_LIMIT, "limit", "N", "show so many differences at most (10)" },
	{ 0, NULL, NULL, NULL },
};

struct asked {
	const struct cmd *c;
	const char *profile;
	struct model_params par;
	enum mtype type;
	struct observed_opts o;
	bool show, ranged;
	uint64_t start, end, move;
	unsigned int mps;
	size_t limit;
};

static bool number(const char **s, uint64_t *out)
{
	char *end;

	errno = 0;
	if (**s < '0' || **s > '9')
		return false;
	*out = strtoull(*s, &end, 0);
	*s = end;
	return !errno;
}

static int small(const struct asked *a, const char *opt, const char *arg, uint64_t min, uint64_t max, uint64_t *out)
{
	const char *s = arg;
	char what[80];

	if (number(&s, out) && !*s && *out >= min && *out <= max)
		return 0;
	snprintf(what, sizeof(what), "%s takes a number from %" PRIu64 " to %" PRIu64, opt, min, max);
	return cmd_fail(a->c, arg, what, "see --help");
}

/* "address=Addr,dws=Length" */
static int columns(struct asked *a, const char *arg)
{
	while (*arg) {
		size_t n = strcspn(arg, "="), len = strcspn(arg, ",");
		unsigned int c = 0;

		while (observed_column_name(c) &&
		       (strlen(observed_column_name(c)) != n || memcmp(arg, observed_column_name(c), n) != 0))
			c++;
		if (!observed_column_name(c) || n >= len || len - n - 1 >= OBSERVED_NAME || len - n < 2)
			return cmd_fail(a->c, arg, "no such column, or no heading for it",
					"what=HEADING,...; see --help");
		memcpy(a->o.column[c], arg + n + 1, len - n - 1);
		a->o.column[c][len - n - 1] = '\0';
		arg += len + (arg[len] == ',');
	}
	return 0;
}

/* Which of the words; -1: none. */
static int word(const char *arg, const char *const words[])
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(arg, words[i]))
			return i;
	return -1;
}

static int own(int val, const char *arg, void *ctx)
{
	static const char *const types[] = { "wc", "uc", "uc-", "wb", NULL }, *const radix[] = { "any", "hex", "dec",
												 NULL };
	static const enum mtype type[] = { MT_WC, MT_UC, MT_UCMINUS, MT_WB };
	static const char *const forms[] = { "any", "text", "csv", "pcap", NULL }, *const side[] = { "left", "right",
												     NULL };
	struct asked *a = ctx;
	const char *s = arg;
	uint64_t n = 0, to = 0;
	int rc = 0, w = 0;

	switch (val) {
	case VAL_SHOW:
		a->show = true;
		break;
	case VAL_PROFILE:
		a->profile = arg;
		if (!profile_known(arg))
			return cmd_fail(a->c, arg, "no such profile", "wcdiag model --profiles lists them");
		break;
	case VAL_BUFFERS:
		rc = small(a, "--buffers", arg, 1, MODEL_MAX_BUFFERS, &n);
		a->par.buffers = (unsigned int)n;
		break;
	case VAL_MPS:
		rc = small(a, "--mps", arg, 128, 4096, &n);
		a->mps = (unsigned int)n;
		break;
	case VAL_LIMIT:
		rc = small(a, "--limit", arg, 0, MAX_LIMIT, &n);
		a->limit = n;
		break;
	case VAL_TYPE:
		w = word(arg, types);
		a->type = w < 0 ? MT_WC : type[w];
		break;
	case VAL_FORM:
		w = word(arg, forms);
		a->o.form = w < 0 ? OF_ANY : (enum observed_form)w;
		break;
	case VAL_RADIX:
		w = word(arg, radix);
		a->o.radix = w < 0 ? OR_ANY : (enum observed_radix)w;
		break;
	case VAL_WORDS:
		w = word(arg, side);
		a->o.right_first = w == 1;
		break;
	case VAL_COLUMNS:
		return columns(a, arg);
	case VAL_AT:
		if (!number(&s, &n) || *s++ != '=' || !number(&s, &to) || *s || ((to - n) & 63))
			return cmd_fail(a->c, arg, "not two addresses as far from a 64-byte line",
					"--at 0x7f0000001000=0xd4001000");
		a->move = to - n;
		break;
	case VAL_RANGE:
		if (!number(&s, &n) || *s++ != '+' || !number(&s, &to) || *s || !to || n + (to - 1) < n)
			return cmd_fail(a->c, arg, "not an address and a length", "--range 0xd4000000+0x100000");
		a->ranged = true;
		a->start = n;
		a->end = n + to;
		break;
	default:
		return EXIT_FAILED;
	}
	return w < 0 ? cmd_fail(a->c, arg, "no such word for this option", "see --help") : rc;
}

int compare_read(const struct cmd *c, const char *name, FILE *f, const struct observed_opts *o, observed_fn fn,
		 void *ctx, struct observed *out)
{
	char where[512];
	int rc = observed_read(f, o, fn, ctx, out);

	switch (rc) {
	case 0:
		return 0;
	case -EBADMSG:
		snprintf(where, sizeof(where), "%s: %s %" PRIu64, name, out->form == OF_PCAP ? "packet" : "line",
			 out->at);
		return cmd_fail(c, where, out->what, "see wcdiag-compare(1)");
	case -ENOTSUP:
		return cmd_fail(c, name, out->what, "see wcdiag-compare(1)");
	case -ESPIPE:
		return cmd_fail(c, name, "a pipe cannot be looked at twice",
				"say what is in it: --form text, csv or pcap");
	default:
		return cmd_fail_errno(c, name, -rc, NULL);
	}
}

/* Everything that happens while the lists are read and compared. */
struct job {
	const struct asked *a;
	struct align *al;
	struct model *m;
	struct align_case *cases;
	size_t n, room;
	int rc;
};

static void predicted(const struct model_tlp *t, void *ctx)
{
	struct job *j = ctx;

	if (!j->rc)
		j->rc = align_predicted(j->al, t, j->a->move);
}

static int event(const struct model_event *e, void *ctx)
{
	return model_feed(((struct job *)ctx)->m, e);
}

static int observed(const struct tlp *t, uint64_t at, void *ctx)
{
	return t->kind == TLP_MWR ? align_observed(((struct job *)ctx)->al, t, at) : 0;
}

static int differs(const struct align_case *c, void *ctx)
{
	struct job *j = ctx;

	if (j->n == j->a->limit)
		return 0;
	if (j->n == j->room) {
		size_t room = j->room ? 2 * j->room : 64;
		struct align_case *p = realloc(j->cases, room * sizeof(*p));

		if (!p)
			return -ENOMEM;
		j->cases = p;
		j->room = room;
	}
	j->cases[j->n++] = *c;
	return 0;
}

/*
 * What the lists say. Bytes that were lost or that nobody stored are a difference whatever the CPU does; how lines are
 * cut and in which order they come may be within what is not known of the CPU.
 */
static int judge(struct compare_view *v)
{
	const struct align_totals *t = v->t;
	uint64_t cut = t->cases[AC_MORE] + t->cases[AC_FEWER] + t->cases[AC_OTHERWISE] + t->cases[AC_REORDERED];
	uint64_t missing = t->cases[AC_MISSING];
	const char *lacks = compare_lacks(v->seen);
	bool range = v->model->best != v->model->worst || v->model->unseen;
	uint64_t foreign = t->cases[AC_FOREIGN];

	/* Packets that were lost may hold anything that is missing; a list that ends early, what comes at its end. */
	if (v->seen->lost || v->seen->bad)
		missing = 0;
	else if (v->seen->cut)
		missing -= t->unseen;
	v->verdict = "differs";
	if ((foreign && !v->model->unseen) || missing || (cut && !range)) {
		v->why = NULL;
		return EXIT_BROKEN;
	}
	v->verdict = "cannot_tell";
	v->why = !t->predicted ? "nothing was predicted"
		 : t->full     ? "the lists are longer than what is compared"
		 : foreign     ? "the events say themselves that something is not seen in them"
		 : cut	       ? "how it was cut, and in which order it came, is within what is not known of this CPU"
			       : lacks;
	if (v->why)
		return EXIT_UNKNOWN;
	v->verdict = "as_predicted";
	return EXIT_INTACT;
}

static FILE *open_one(const struct asked *a, const char *name)
{
	FILE *f = !strcmp(name, "-") ? stdin : fopen(name, "re");

	if (!f)
		cmd_fail_errno(a->c, name, errno, "name a file, or - for standard input");
	return f;
}

static void close_one(FILE *f)
{
	if (f && f != stdin)
		fclose(f);
}

static int choose(const struct asked *a, const struct common *o, struct profile_choice *p)
{
	struct src *s;
	struct cpu c;
	struct hyper h = { 0 };
	int rc;

	if (cpu_profile_find(a->profile))
		return profile_choose(a->c, NULL, NULL, NULL, a->profile, p);
	rc = common_open(o, &s);
	if (rc)
		return rc;
	rc = cpu_read(s, &c);
	if (rc) {
		rc = cmd_fail_errno(a->c, "the CPU", -rc, "name it: --profile");
	} else {
		hyper_read(s, &c, &h);
		rc = profile_choose(a->c, s, &c, &h, a->profile, p);
	}
	src_close(s);
	return rc;
}

static int lists(struct job *j, const char *events, const char *name, struct observed *seen)
{
	const struct asked *a = j->a;
	FILE *e = open_one(a, events), *f = e ? open_one(a, name) : NULL;
	int rc = f ? events_read(a->c, events, e, a->type, event, j) : EXIT_FAILED;

	if (!rc)
		model_end(j->m);
	if (!rc && j->rc)
		rc = j->rc == -EINVAL ? cmd_fail(a->c, events, "addresses run past their end", "see --at")
				      : cmd_fail_errno(a->c, events, -j->rc, NULL);
	if (!rc && a->ranged)
		align_range(j->al, a->start, a->end);
	if (!rc)
		rc = compare_read(a->c, name, f, &a->o, observed, j, seen);
	if (!rc && seen->no_enables)
		rc = cmd_fail(a->c, name, "no column has byte enables, so TLPs cannot be compared",
			      "first_be and last_be, be, bytes, or header: --columns; or --show");
	close_one(e);
	close_one(f);
	return rc;
}

static int compare_run(const struct asked *a, const struct common *o, const char *events, const char *name)
{
	struct profile_choice p = { 0 };
	struct job j = { .a = a };
	struct observed seen = { 0 };
	struct align_totals t;
	struct model_params par = a->par;
	struct compare_view v = {
		.events = events, .file = name, .seen = &seen, .t = &t, .json = !strcmp(o->format, "json")
	};
	int rc = choose(a, o, &p);

	par.cpu = v.cpu = p.cpu;
	v.chosen = p.chosen;
	if (!rc && (align_new(&j.al) || model_new(&par, predicted, &j, &j.m)))
		rc = cmd_fail_errno(a->c, "the model", ENOMEM, NULL);
	if (!rc)
		rc = lists(&j, events, name, &seen);
	if (!rc && align_run(j.al, differs, &j, &t))
		rc = cmd_fail_errno(a->c, "the lists", ENOMEM, "compare less of them: --range");
	if (!rc) {
		v.model = model_totals(j.m);
		v.a = j.al;
		v.cases = j.cases;
		v.ncases = j.n;
		rc = judge(&v);
		if (compare_out(&v))
			rc = EXIT_FAILED;
	}
	model_free(j.m);
	align_free(j.al);
	free(j.cases);
	return rc;
}

static int run(const struct cmd *c, int argc, char **argv)
{
	struct asked a = { .c = c, .profile = "auto", .type = MT_WC, .limit = DEFAULT_LIMIT, .mps = 4096 };
	struct common o;
	int at, rc = common_parse(c, argc, argv, &o, own, &a, &at);
	FILE *f;

	if (rc >= 0)
		return rc;
	if (argc - at != (a.show ? 1 : 2)) {
		rc = cmd_fail(c, a.show ? "OBSERVED" : "EVENTS OBSERVED",
			      a.show ? "one file is shown" : "two files are compared", "see --help");
	} else if (!a.show && !strcmp(argv[at], "-") && !strcmp(argv[at + 1], "-")) {
		rc = cmd_fail(c, "-", "both files cannot be standard input", "name one");
	} else if (a.show) {
		f = open_one(&a, argv[at]);
		rc = f ? compare_show(c, argv[at], f, &a.o, a.start, a.end, a.mps, !strcmp(o.format, "json"))
		       : EXIT_FAILED;
		close_one(f);
	} else {
		rc = compare_run(&a, &o, argv[at], argv[at + 1]);
	}
	common_free(&o);
	return rc;
}

const struct cmd cmd_compare = {
	.name = "compare",
	.args = "EVENTS OBSERVED | --show OBSERVED",
	.help = "TLPs that an analyser or a device saw, against those that were predicted",
	.more = "EVENTS: wcdiag-events(5). OBSERVED: lines \"tlp ADDRESS DWS FBE LBE\", CSV, or a NetTLP capture. "
		"Exit\n"
		"status: 0 as predicted, 1 it differs, 2 cannot tell (which is said), 3 usage or failure.",
	.opts = opts,
	.common = OPT_ROOT | OPT_JSON,
	.run = run,
};
