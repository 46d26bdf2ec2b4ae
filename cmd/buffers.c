/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buffers.c - "wcdiag buffers": measures this CPU's write-combining buffers, or shows what a snapshot recorded. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/buffers.h"
#include "cmd/cmd.h"
#include "probe/src.h"

enum { VAL_CPU = 2200, VAL_ALL, VAL_SIBLING, VAL_SVG };

static const struct opt opts[] = {
	{ VAL_CPU, "cpu", "N", "measure on CPU N (default: where it runs; one of each kind where there are several)" },
	{ VAL_ALL, "all-cpus", NULL, "measure on each CPU that it may run on" },
	{ VAL_SIBLING, "sibling", NULL, "again while another thread of the core stores, where there is one" },
	{ VAL_SVG, "svg", "FILE", "draw the curves into FILE" },
	{ 0, NULL, NULL, NULL },
};

struct asked {
	const struct cmd *c;
	int cpu; /* -1: not said */
	bool all, sibling;
	const char *svg;
};

static int own(int val, const char *arg, void *ctx)
{
	struct asked *a = ctx;
	char *end;
	long n;

	switch (val) {
	case VAL_CPU:
		errno = 0;
		n = strtol(arg, &end, 10);
		if (*arg < '0' || *arg > '9' || *end || errno || n > 65535)
			return cmd_fail(a->c, arg, "--cpu takes the number of a CPU", "see: lscpu -e");
		a->cpu = (int)n;
		break;
	case VAL_ALL:
		a->all = true;
		break;
	case VAL_SIBLING:
		a->sibling = true;
		break;
	case VAL_SVG:
		a->svg = arg;
		break;
	}
	return 0;
}

/* Leave what the user asked for: one CPU, one of each kind, or all that this process may use. */
static size_t choose(const struct asked *a, struct buffers_place *p, size_t n)
{
	cpu_set_t may;
	bool known = !sched_getaffinity(0, sizeof(may), &may);
	size_t kept = 0;
	int here = sched_getcpu();

	for (size_t i = 0; i < n; i++) {
		if (a->cpu >= 0 ? p[i].cpu != (unsigned int)a->cpu : known && !CPU_ISSET(p[i].cpu, &may))
			continue;
		p[kept++] = p[i];
	}
	if (a->all || a->cpu >= 0)
		return kept;
	return buffers_places_one_each(p, kept, here < 0 ? 0 : (unsigned int)here);
}

static int measure(const struct asked *a, const struct src *s, struct buffers_view *v, struct buffers_taken **out)
{
	bool guest = v->hyper->guest || v->cpu->hypervisor_bit;
	struct buffers_place *p;
	char what[32];
	size_t n;
	int err = buffers_places(s, guest, &p, &n);

	if (err)
		return cmd_fail_errno(a->c, "/sys/devices/system/cpu/online", -err, "mount sysfs");
	n = choose(a, p, n);
	*out = calloc(n ? n : 1, sizeof(**out));
	if (!n) {
		free(p);
		snprintf(what, sizeof(what), "%d", a->cpu);
		return cmd_fail(a->c, a->cpu < 0 ? "the CPUs" : what, "none that is online", "see: lscpu -e");
	}
	for (size_t i = 0; *out && i < n && !err; i++) {
		err = buffers_take(s, v->cpu, v->hyper, &p[i],
				   BUFFERS_WITH_COSTS | (a->sibling ? BUFFERS_WITH_SIBLING : 0), &(*out)[i]);
		snprintf(what, sizeof(what), "CPU %u", p[i].cpu);
	}
	free(p);
	if (!*out)
		return cmd_fail_errno(a->c, "the curves", ENOMEM, NULL);
	v->at = *out;
	v->n = n;
	if (err)
		return cmd_fail_errno(a->c, what, -err,
				      err == -EINVAL ? "this process may not run there; see: taskset -p $$" : NULL);
	return 0;
}

static int replay(const struct asked *a, const struct src *s, struct buffers_view *v, struct buffers_taken **out)
{
	struct buffers_record *r;
	unsigned int line;
	const char *what;
	char where[64], why[160];
	size_t n, kept = 0;
	int err = buffers_recorded(s, &r, &n, &line, &what);

	if (err == -EBADMSG) {
		snprintf(where, sizeof(where), "%s, line %u", BUFFERS_PATH, line);
		return cmd_fail(a->c, where, what, "see wcdiag-snapshot(5)");
	}
	if (err) {
		src_why(s, BUFFERS_PATH, -err, why, sizeof(why));
		return cmd_fail(a->c, BUFFERS_PATH, why, "record it on that machine: wcdiag capture --buffers");
	}
	*out = calloc(n, sizeof(**out));
	for (size_t i = 0; *out && i < n && !err; i++) {
		struct buffers_taken *t = &(*out)[kept];

		if (a->cpu >= 0 && r[i].cpu != (unsigned int)a->cpu)
			continue;
		t->rec = r[i];
		buffers_context_of(v->cpu, v->hyper, &r[i], &t->x);
		err = buffers_decide(&r[i].curve, &t->x, &t->a);
		kept++;
	}
	free(r);
	if (!*out || err)
		return cmd_fail_errno(a->c, "the curves", err ? -err : ENOMEM, NULL);
	if (!kept)
		return cmd_fail(a->c, BUFFERS_PATH, "that CPU was not measured", "leave --cpu");
	v->at = *out;
	v->n = kept;
	return 0;
}

/* A number that can be used for each: 0, else 2. */
static int verdict(const struct buffers_view *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (!v->at[i].a.stable || v->at[i].a.confidence < 0.5)
			return EXIT_UNKNOWN;
	return EXIT_INTACT;
}

static int show(const struct asked *a, const struct common *o, struct src *s)
{
	struct buffers_taken *t = NULL;
	struct cpu cpu;
	struct hyper hyper;
	struct buffers_view v = { .cpu = &cpu, .hyper = &hyper, .live = src_is_live(s), .color = o->color };
	int rc = cpu_read(s, &cpu);

	if (rc)
		return cmd_fail_errno(a->c, "the CPU", -rc, cpu.fact.remedy);
	hyper_read(s, &cpu, &hyper);
	rc = v.live ? measure(a, s, &v, &t) : replay(a, s, &v, &t);
	if (!rc && a->svg)
		rc = buffers_svg(a->c, &v, a->svg);
	if (!rc) {
		(strcmp(o->format, "json") ? buffers_text : buffers_json)(&v);
		rc = verdict(&v);
	}
	free(t);
	return rc;
}

static int run(const struct cmd *c, int argc, char **argv)
{
	struct asked a = { .c = c, .cpu = -1 };
	struct common o;
	struct src *s;
	int at, rc = common_parse(c, argc, argv, &o, own, &a, &at);

	if (rc >= 0)
		return rc;
	if (at < argc)
		rc = cmd_fail(c, argv[at], "an argument too many", "it takes options only");
	else if (a.all && a.cpu >= 0)
		rc = cmd_fail(c, "--all-cpus", "and one CPU?", "leave --cpu or --all-cpus");
	else if (o.nroot && (a.all || a.sibling))
		rc = cmd_fail(c, "--root", "a snapshot is not measured, it shows what was recorded",
			      "leave --all-cpus and --sibling");
	else
		rc = common_open(&o, &s);
	if (!rc) {
		rc = show(&a, &o, s);
		src_close(s);
	}
	common_free(&o);
	return rc;
}

const struct cmd cmd_buffers = {
	.name = "buffers",
	.args = "",
	.help = "measure this CPU's write-combining buffers",
	.more = "Stores to memory of its own: no device, no root. Takes 50 ms a CPU, up to half a second while others "
		"use\n"
		"the core. Exit status: 0 the number can be used, 2 it cannot be told (not stable, emulated, not sure\n"
		"enough), 3 usage or failure.",
	.opts = opts,
	.common = OPT_ROOT | OPT_JSON,
	.run = run,
};
