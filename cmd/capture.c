/* SPDX-License-Identifier: GPL-2.0-or-later */
/* capture.c - records the machine into a snapshot, and says what it wrote, could not read, and left out. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/table.h"
#include "cmd/text.h"
#include "probe/entries.h"
#include "probe/km.h"
#include "probe/snapshot.h"
#include "probe/src.h"

struct request {
	const char *output;
	struct snapshot_opts opts;
	bool force, list;
};

enum { VAL_ALL = 256, VAL_KLOG, VAL_LIST, VAL_BUFFERS };

static const struct opt opts[] = {
	{ 'o', "output", "FILE|DIR", "write FILE.tar.gz, or a directory (default: wcdiag-DATE-TIME.tar.gz)" },
	{ 'f', "force", NULL, "replace an existing file, or an existing snapshot's directory" },
	{ VAL_ALL, "all", NULL, "also the whole command line, kernel log, /proc/iomem and config spaces" },
	{ VAL_BUFFERS, "buffers", NULL, "also measure the write-combining buffers: half a second at most" },
	{ VAL_KLOG, "klog", "FILE", "take the kernel log from FILE" },
	{ VAL_LIST, "list", NULL, "write nothing: show what would be recorded, and why" },
	{ 0, NULL, NULL, NULL },
};

static int own(int val, const char *arg, void *ctx)
{
	struct request *r = ctx;

	switch (val) {
	case 'o':
		r->output = arg;
		break;
	case 'f':
		r->force = true;
		break;
	case VAL_ALL:
		r->opts.all = true;
		break;
	case VAL_BUFFERS:
		r->opts.buffers = true;
		break;
	case VAL_KLOG:
		r->opts.klog_file = arg;
		break;
	case VAL_LIST:
		r->list = true;
		break;
	}
	return 0;
}

/* "/proc/123/maps": there may be hundreds, with one reason. */
static bool is_process(const char *path)
{
	return !strncmp(path, "/proc/", 6) && isdigit((unsigned char)path[6]);
}

/* How many rows from i on tell the same of different processes. */
static size_t run_of(const struct snapshot_report *r, size_t i)
{
	size_t n = 1;

	while (is_process(r->miss[i].path) && i + n < r->nmiss && is_process(r->miss[i + n].path) &&
	       r->miss[i + n].err == r->miss[i].err)
		n++;
	return n;
}

static const char *reason(const struct src *s, const struct snapshot_miss *m, char *buf, size_t len)
{
	src_why(s, m->path, m->err, buf, len);
	return buf;
}

static void show_missing(const struct src *s, const struct snapshot_report *r)
{
	char path[160], why[160];

	if (r->nmiss)
		printf("not read, and recorded as such:\n");
	for (size_t i = 0, n; i < r->nmiss; i += n) {
		const struct snapshot_miss *m = &r->miss[i];

		n = run_of(r, i);
		if (m->echo)
			continue;
		printf("  %s", n > 1 ? "/proc/PID/maps" : safe_text(m->path, path, sizeof(path)));
		if (n > 1)
			printf(" of %zu processes", n);
		printf(": %s", reason(s, m, why, sizeof(why)));
		if (m->remedy)
			printf(" (%s)", m->remedy);
		putchar('\n');
	}
}

static void show_list(const char *title, char *const *line, size_t n)
{
	char text[256];

	if (n)
		printf("%s:\n", title);
	for (size_t i = 0; i < n; i++)
		printf("  %s\n", safe_text(line[i], text, sizeof(text)));
}

static void show(const struct src *s, const struct request *q, const struct snapshot_report *r, size_t files,
		 uint64_t bytes)
{
	char size[32], path[512];

	safe_text(q->output, path, sizeof(path));
	printf("wrote %s: %zu files and links, %s; only its owner may read it\n", path, files,
	       human_size(bytes, size, sizeof(size)));
	show_list("this machine has no", r->absent, r->nabsent);
	show_missing(s, r);
	show_list("left out on purpose", r->left_out, r->nleft_out);
	if (q->opts.all)
		printf("recorded with --all: look through it before you give it away (kernel log, command line)\n");
	printf("replay it with: wcdiag check --root %s\n", path);
}

static struct json_object *js_list(char *const *line, size_t n)
{
	struct json_object *a = json_object_new_array();
	char text[256];

	for (size_t i = 0; i < n; i++)
		json_object_array_add(a, json_object_new_string(safe_text(line[i], text, sizeof(text))));
	return a;
}

static struct json_object *js_missing(const struct src *s, const struct snapshot_report *r)
{
	struct json_object *a = json_object_new_array();
	char why[160];

	for (size_t i = 0; i < r->nmiss; i++) {
		const struct snapshot_miss *m = &r->miss[i];
		struct json_object *o;

		if (m->echo)
			continue;
		o = json_object_new_object();
		js_str(o, "where", m->path);
		js_str(o, "errno", strerrorname_np(m->err));
		js_str(o, "why", reason(s, m, why, sizeof(why)));
		js_str(o, "remedy", m->remedy);
		json_object_array_add(a, o);
	}
	return a;
}

static void show_json(const struct src *s, const struct request *q, const struct snapshot_report *r, size_t files,
		      uint64_t bytes)
{
	struct json_object *o = js_head(NULL);

	js_str(o, "output", q->output);
	js_bool(o, "all", q->opts.all);
	js_num(o, "files", files);
	js_num(o, "bytes", bytes);
	json_object_object_add(o, "absent", js_list(r->absent, r->nabsent));
	json_object_object_add(o, "missing", js_missing(s, r));
	json_object_object_add(o, "left_out", js_list(r->left_out, r->nleft_out));
	js_print(o);
}

static int list(const struct cmd *c, bool json)
{
	static const struct col cols[] = {
		{ "FILE", COL_TEXT, "below the snapshot's root; SLOT is the device's directory" },
		{ "KEEPS", COL_TEXT, "how much of it" },
		{ "WITH_ALL", COL_TEXT, "how much with --all" },
		{ "WHY", COL_TEXT, "what it is needed for" },
		{ NULL, 0, NULL },
	};
	struct table *t = table_new(cols);

	if (!t)
		return cmd_fail_errno(c, "--list", ENOMEM, NULL);
	for (const struct snapshot_what *w = snapshot_table(); w->path; w++) {
		table_row(t);
		table_text(t, "%s", w->path);
		table_text(t, "%s", w->keeps);
		table_text(t, "%s", w->all ? w->all : "");
		table_text(t, "%s", w->reason);
	}
	if (json) {
		struct json_object *files = table_json(t), *o;

		if (!files)
			return cmd_fail_errno(c, "--list", ENOMEM, NULL);
		o = js_head(NULL);
		json_object_object_add(o, "files", files);
		js_print(o);
		return EXIT_INTACT;
	}
	return table_print(t) ? cmd_fail_errno(c, "--list", ENOMEM, NULL) : EXIT_INTACT;
}

/*
 * The helper module is an instrument that a machine need not have: that it is not loaded is said, and yet the snapshot is
 * all that there was to record. That it refused is another matter.
 */
static bool complete(const struct snapshot_report *r)
{
	for (size_t i = 0; i < r->nmiss; i++) {
		const struct snapshot_miss *m = &r->miss[i];
		bool entries = !strcmp(m->path, KM_PATH) || !strcmp(m->path, ENTRIES_PATH);

		if (!entries || (m->err != ENOENT && m->err != ENODEV && m->err != ENXIO))
			return false;
	}
	return true;
}

static int record(const struct cmd *c, const struct src *s, const struct request *q, bool json)
{
	struct snapshot_report r = { 0 };
	struct sink *k;
	char why[256] = "";
	size_t files;
	uint64_t bytes;
	int rc;

	rc = sink_open(&k, q->output, q->force, why, sizeof(why));
	if (rc)
		return cmd_fail(c, q->output, why,
				rc == -EEXIST ? "-f replaces a file or a snapshot, -o names another" : NULL);
	rc = snapshot_take(s, &q->opts, k, &r);
	files = sink_count(k);
	bytes = sink_bytes(k);
	if (rc == -ENOMEM)
		sink_abort(k);
	else
		rc = sink_commit(k, why, sizeof(why));
	if (rc)
		rc = cmd_fail(c, q->output, *why ? why : strerror(-rc), "nothing was written");
	else {
		rc = complete(&r) ? EXIT_INTACT : EXIT_UNKNOWN;
		(json ? show_json : show)(s, q, &r, files, bytes);
	}
	snapshot_report_free(&r);
	return rc;
}

static int run(const struct cmd *c, int argc, char **argv)
{
	struct request q = { .opts.by = "wcdiag " WCDIAG_FULL_VERSION };
	char taken[32], name[64];
	time_t now = time(NULL);
	struct common o;
	struct tm tm;
	struct src *s;
	bool json;
	int first, rc = common_parse(c, argc, argv, &o, own, &q, &first);

	if (rc >= 0)
		return rc;
	json = !strcmp(o.format, "json");
	if (first < argc && !q.output)	/* what everybody types first: wcdiag capture FILE */
		q.output = argv[first++];
	if (first < argc)
		rc = cmd_fail(c, argv[first], "an argument too many", "one output is enough");
	else if (q.opts.klog_file && access(q.opts.klog_file, R_OK) < 0)
		rc = cmd_fail_errno(c, q.opts.klog_file, errno, "--klog names a kernel log on this machine");
	else if (q.list)
		rc = list(c, json);
	if (rc >= 0) {
		common_free(&o);
		return rc;
	}
	gmtime_r(&now, &tm);
	strftime(taken, sizeof(taken), "%Y-%m-%dT%H:%M:%SZ", &tm);
	strftime(name, sizeof(name), "wcdiag-%Y%m%d-%H%M%S.tar.gz", &tm);
	q.opts.taken = taken;
	if (!q.output)
		q.output = name;
	rc = common_open(&o, &s);
	if (!rc) {
		rc = record(c, s, &q, json);
		src_close(s);
	}
	common_free(&o);
	return rc;
}

const struct cmd cmd_capture = {
	.name = "capture", .args = "[FILE.tar.gz|DIR]", .help = "record this machine into a snapshot that --root replays elsewhere",
	.more = "Records what wcdiag reads and nothing else: no serial numbers, no MAC addresses, no environments, no\n"
		"command lines of other programs, no other lines of the kernel log. Changes nothing.\n\n"
		"Exit status: 0 complete (also without the helper module, which is said), 2 something could not be\n"
		"read (the snapshot says what, and is useful all the same), 3 usage, or nothing was written.",
	.opts = opts, .common = OPT_ROOT | OPT_JSON | OPT_READER, .run = run,
};
