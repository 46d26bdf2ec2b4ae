// SPDX-License-Identifier: GPL-2.0-or-later
/* report.c - wcdiag report: what check says, as one page of HTML that needs nothing else. */
#include "cmd/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/check_drive.h"
#include "cmd/device.h"
#include "cmd/json.h"
#include "cmd/report_file.h"
#include "cmd/stored.h"
#include "probe/machine.h"
#include "probe/src.h"

enum { VAL_UNTIL = 2600, VAL_KLOG, VAL_NO_DATE, VAL_DRIVE };

struct reporting {
	const struct cmd *c;
	struct device_arg dev;
	const char *file, *klog, *driven;
	struct stored stored;
	int until; /* enum layer; -1: not said */
	bool no_date;
	struct check_drive *drive;
	struct messages *messages;
};

static const struct opt opts[] = {
	{ 'o', "output", "FILE", "the page is written to FILE; - is standard output" },
	DEVICE_OPTS,
	{ VAL_UNTIL, "until", "LAYER", "judge only up to this layer: host pat mtrr pci memtype pte stores" },
	{ VAL_KLOG, "klog", "FILE", "read the kernel log from FILE (dmesg or journalctl -k) instead of /dev/kmsg" },
	{ VAL_EVENTS, "events", "FILE",
	  "your program's stores, judged and drawn: wcdiag-events(5), as wcdiag trace writes" },
	{ VAL_CHECK_PROFILE, "profile", "NAME",
	  "whose buffers: auto (default), measured, or a profile of wcdiag model" },
	{ VAL_DRIVE, "drive", "FILE", "what wcdiag drive --json printed: its stores and what was counted, as a table" },
	{ VAL_NO_DATE, "no-date", NULL, "leave out the line with date and version, so that two pages can be compared" },
	{ 0, NULL, NULL, NULL },
};

static int own(int val, const char *arg, void *ctx)
{
	struct reporting *k = ctx;

	switch (val) {
	case 'o':
		if (k->file)
			return cmd_fail(k->c, "-o", "given twice", "one page at a time");
		k->file = arg;
		return 0;
	case VAL_UNTIL:
		k->until = layer_from_name(arg);
		return k->until >= 0 && k->until != LAYER_FABRIC
			       ? 0
			       : cmd_fail(k->c, arg,
					  k->until < 0 ? "no such layer" : "a report takes no stores to a device",
					  k->until < 0 ? "host pat mtrr pci memtype pte stores"
						       : "wcdiag check --scratch does");
	case VAL_KLOG:
		k->klog = arg;
		return 0;
	case VAL_DRIVE:
		if (k->driven)
			return cmd_fail(k->c, "--drive", "given twice", "one file");
		k->driven = arg;
		return 0;
	case VAL_NO_DATE:
		k->no_date = true;
		return 0;
	case 's':
	case 'd':
		return device_arg_opt(k->c, val, arg, &k->dev);
	default:
		return check_drive_option(k->drive, val, arg);
	}
}

/* As wcdiag trace would have heard of it: one thread. */
static int listen(const struct model_event *e, const struct model_params *params, void *ctx)
{
	struct reporting *k = ctx;
	const struct trace_event te = { .e = *e, .pid = 1, .tid = 1, .addr = e->addr, .number = -1 };
	/* A store that is missing may belong to the message before it or behind it; a way lies inside of one. */
	const struct trace_note unseen = {
		.kind = e->flags & ME_WAY ? TRACE_UNSEEN : TRACE_LOST, .pid = 1, .tid = 1, .ip = e->ip
	};
	const struct messages_params mp = { .model = *params };
	int rc = k->messages ? 0 : messages_new(&mp, &k->messages);

	if (rc)
		return rc;
	return e->kind == ME_UNSEEN ? messages_note(k->messages, &unseen) : messages_event(k->messages, &te);
}

static int check_until(struct reporting *k)
{
	enum layer most = check_drive_until(k->drive);

	if (k->until < 0)
		k->until = (int)most;
	if (k->until == LAYER_STORES && most != LAYER_STORES)
		return cmd_fail(k->c, "stores", "that layer is judged by what is stored", "--events FILE");
	if (most == LAYER_STORES && k->until < LAYER_STORES)
		return cmd_fail(k->c, layer_name((enum layer)k->until),
				"the stores that were given would not be looked at", "leave --until out");
	return 0;
}

static int read_driven(struct reporting *k)
{
	int rc = report_drive_read(k->driven, &k->stored);

	if (rc == -EBADMSG)
		return cmd_fail(k->c, k->driven, "not what wcdiag drive --json prints",
				"wcdiag drive DEVICE:BAR --scratch ... --json >FILE");
	return rc ? cmd_fail_errno(k->c, k->driven, -rc, NULL) : 0;
}

static int told(const struct reporting *k, const struct common *o, const struct judgement *j)
{
	struct json_object *top;

	if (!strcmp(k->file, "-"))
		return out_exit(j);
	if (strcmp(o->format, "json")) {
		char name[400];

		printf("%s: %s\n", safe_text(k->file, name, sizeof(name)), verdict_name(j->verdict));
		return out_exit(j);
	}
	top = js_head(NULL);
	js_str(top, "file", k->file);
	js_str(top, "verdict", verdict_name(j->verdict));
	js_num(top, "bars", j->nbar);
	js_print(top);
	return out_exit(j);
}

static int write_page(const struct reporting *k, const struct common *o, const char *name, const struct machine *m,
		      const struct judgement *j)
{
	static struct page p;
	int rc;

	p = (struct page){ .r = { .o = o, .name = name, .m = m, .j = j, .drive = k->drive },
			   .messages = k->messages,
			   .stored = k->driven ? &k->stored : NULL,
			   .date = !k->no_date };
	rc = k->messages ? messages_end(k->messages) : 0;
	if (!rc)
		rc = report_file(k->file, &p);
	if (rc)
		return cmd_fail_errno(k->c, k->file, -rc, "no page is written, and one that was there is as it was");
	return told(k, o, j);
}

static int judged(struct reporting *k, const struct common *o, const struct src *s, const char *name,
		  struct machine **m)
{
	struct judge_target t = { .bar = k->dev.bar, .explicit_device = device_arg_given(&k->dev) };
	struct judgement *j = NULL;
	bool *sel = NULL;
	int rc;

	if (k->klog && (*m)->klog.fact.state != FACT_KNOWN)
		return cmd_fail(k->c, k->klog, (*m)->klog.fact.why,
				"name a file with dmesg's or journalctl -k's output");
	rc = device_select(k->c, *m, &k->dev, &sel, NULL, 0);
	if (!rc && check_drive_asked(k->drive))
		rc = check_drive_run(k->drive, s, k->klog, m);
	if (rc) {
		free(sel);
		return rc;
	}
	t.selected = sel;
	t.exp = check_drive_asked(k->drive) ? &k->drive->exp : NULL;
	rc = judge(*m, &t, (enum layer)k->until, &j);
	if (rc)
		rc = cmd_fail_errno(k->c, name, -rc, NULL);
	else if (t.exp && !j->nbar)
		rc = cmd_fail(k->c, name, "no BAR to judge, so the stores that were given would not be looked at",
			      "name a device; wcdiag model FILE needs none");
	else
		rc = write_page(k, o, name, *m, j);
	judgement_free(j);
	free(sel);
	return rc;
}

static int one_machine(struct reporting *k, const struct common *o, const struct src *s)
{
	const char *name = o->nroot ? o->root[0] : "live";
	struct machine *m = NULL;
	int rc = machine_read(s, READ_ALL | (device_arg_given(&k->dev) ? 0 : READ_SPARE), k->klog, &m);

	if (rc)
		return cmd_fail_errno(k->c, name, -rc, NULL);
	rc = judged(k, o, s, name, &m);
	check_drive_free(k->drive);
	messages_free(k->messages);
	machine_free(m);
	return rc;
}

static int run(const struct cmd *c, int argc, char **argv)
{
	static struct check_drive drive;
	struct reporting k = { .c = c, .dev = { .bar = -1 }, .until = -1, .drive = &drive };
	struct common o;
	struct src *s;
	int rc;

	check_drive_init(&drive, c);
	rc = device_parse(c, argc, argv, &o, own, &k, &k.dev);
	if (rc >= 0)
		return rc;
	rc = 0;
	if (!k.file)
		rc = cmd_fail(c, "-o", "where is the page to be written?", "wcdiag report -o FILE.html");
	if (!rc)
		rc = check_drive_args(&drive, &k.dev, !o.nroot);
	drive.listen = listen;
	drive.listener = &k;
	if (!rc)
		rc = check_until(&k);
	if (!rc && k.driven)
		rc = read_driven(&k);
	if (!rc)
		rc = common_open(&o, &s);
	if (!rc) {
		rc = one_machine(&k, &o, s);
		src_close(s);
	}
	stored_free(&k.stored);
	common_free(&o);
	return rc;
}

const struct cmd cmd_report = {
	.name = "report",
	.args = "-o FILE [DEVICE[:BAR]]",
	.help = "the diagnosis as one page of HTML, to look at, print, and show to others",
	.more = "The page holds the verdicts, what to do next, for each BAR the chain with evidence, fixes and an "
		"address "
		"map,\n"
		"with --events the lines and TLPs of your program's stores as pictures, with --drive what was stored and\n"
		"counted, and the raw facts, folded. It "
		"needs\n"
		"no network and no script. Nothing is written to any device, and no device is woken.\n"
		"Exit status: as check's: 0 intact as far as asked, 1 a broken link was found, 2 could not tell, 3 "
		"usage "
		"or\n"
		"failure; then no page is written, and an older one stays as it was.",
	.opts = opts,
	.common = OPT_ROOT | OPT_JSON | OPT_READER,
	.run = run,
};
