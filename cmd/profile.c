/* SPDX-License-Identifier: GPL-2.0-or-later */
/* profile.c - a profile by its name, by the CPU, or by measuring. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/profile.h"
#include "probe/cpu.h"
#include "probe/src.h"

static const char asked[] = "--profile measured", instead[] = "name a profile: wcdiag model --profiles";

bool profile_known(const char *name)
{
	return !strcmp(name, "auto") || !strcmp(name, "measured") || cpu_profile_find(name);
}

static int no_answer(const struct cmd *c, const struct buffers_answer *a)
{
	char why[200];

	snprintf(why, sizeof(why), "the number of buffers is not stable: %s", a->why ? a->why : "no answer");
	return cmd_fail(c, asked, why, instead);
}

static int finish(const struct cmd *c, const struct cpu *cpu, const struct buffers_record *r,
		  const struct buffers_answer *a, const char *when, struct profile_choice *out)
{
	if (buffers_profile(cpu_profile_for(cpu), a, &out->measured))
		return no_answer(c, a);
	out->cpu = &out->measured.cpu;
	snprintf(out->chosen, sizeof(out->chosen), "measured %s on CPU %u%s%s", when, r->cpu,
		 r->kind == BUFFERS_UNIFORM ? "" : ", ", r->kind == BUFFERS_UNIFORM ? "" : buffers_kind_name(r->kind));
	return 0;
}

static int measure(const struct cmd *c, const struct src *s, const struct cpu *cpu, const struct hyper *hyper,
		   struct profile_choice *out)
{
	struct buffers_taken *t = malloc(sizeof(*t));
	struct buffers_place *p, here = { .sibling = BUFFERS_HIDDEN, .beside = -1 };
	int on = sched_getcpu(), err = t ? 0 : -ENOMEM, rc;
	size_t n;

	here.cpu = on < 0 ? 0 : (unsigned int)on;
	/* Without the list nobody knows who shares the core, which is what here says already. */
	if (!err && !buffers_places(s, hyper->guest || cpu->hypervisor_bit, &p, &n)) {
		for (size_t i = 0; i < n; i++)
			if (p[i].cpu == here.cpu)
				here = p[i];
		free(p);
	}
	if (!err)
		err = buffers_take(s, cpu, hyper, &here, 0, t);
	rc = err ? cmd_fail_errno(c, asked, -err, instead) : finish(c, cpu, &t->rec, &t->a, "now", out);
	free(t);
	return rc;
}

/* Of the curves that are there the surest; of equals the first. */
static int replay(const struct cmd *c, const struct src *s, const struct cpu *cpu, const struct hyper *hyper,
		  struct profile_choice *out)
{
	struct buffers_answer a, best = { 0 };
	struct buffers_context x;
	struct buffers_record *r;
	unsigned int line;
	const char *what;
	char why[200];
	size_t n, at = 0;
	int rc, err = buffers_recorded(s, &r, &n, &line, &what);

	if (err) {
		if (err == -EBADMSG)
			snprintf(why, sizeof(why), "%s, line %u: %s", BUFFERS_PATH, line, what);
		else
			snprintf(why, sizeof(why), "the buffers were not measured when the snapshot was taken (%s: %s)",
				 BUFFERS_PATH, err == -ENODATA || err == -ENOENT ? "not there" : strerror(-err));
		return cmd_fail(c, asked, why, "on that machine: wcdiag capture --buffers; or name a profile");
	}
	for (size_t i = 0; i < n; i++) {
		buffers_context_of(cpu, hyper, &r[i], &x);
		if (!buffers_decide(&r[i].curve, &x, &a) && (!i || (a.stable && a.confidence > best.confidence))) {
			best = a;
			at = i;
		}
	}
	rc = finish(c, cpu, &r[at], &best, "when the snapshot was taken", out);
	free(r);
	return rc;
}

int profile_choose(const struct cmd *c, const struct src *s, const struct cpu *cpu, const struct hyper *hyper,
		   const char *name, struct profile_choice *out)
{
	if (!strcmp(name, "measured"))
		return src_is_live(s) ? measure(c, s, cpu, hyper, out) : replay(c, s, cpu, hyper, out);
	if (!strcmp(name, "auto")) {
		out->cpu = cpu_profile_for(cpu);
		snprintf(out->chosen, sizeof(out->chosen), "chosen by %s, family %u model %u",
			 *cpu->name ? cpu->name : cpu->vendor_str, cpu->family, cpu->model);
		return 0;
	}
	out->cpu = cpu_profile_find(name);
	if (!out->cpu)
		return cmd_fail(c, name, "no such profile", "wcdiag model --profiles lists them");
	snprintf(out->chosen, sizeof(out->chosen), "asked for");
	return 0;
}
