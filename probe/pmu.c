/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmu.c - a set of counters that is started and stopped together.
 */
#include "pmu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cpu.h"
#include "pmu_int.h"
#include "src.h"

enum { MAX_COUNTERS = 4096, EVERY_TURN = 255 };

struct counter {
	int fd;
	unsigned char role, turn; /* the turn it runs in */
	struct pmu_reading at;	  /* when it was started */
};

struct pmu {
	struct pmu_choice choice;
	struct counter *c;
	size_t n, room;
	unsigned int turns, turn;
	double idle[PMU_ROLES]; /* a count (or byte) per ns */
};

static int push(struct pmu *p, int fd, enum pmu_role role)
{
	struct counter *bigger;

	if (p->n == p->room) {
		if (p->room >= MAX_COUNTERS)
			return -EMFILE;
		bigger = realloc(p->c, (p->room ? p->room * 2 : 64) * sizeof(*p->c));
		if (!bigger)
			return -ENOMEM;
		p->c = bigger;
		p->room = p->room ? p->room * 2 : 64;
	}
	p->c[p->n++] = (struct counter){ .fd = fd, .role = (unsigned char)role };
	return 0;
}

/* Counters from n on were opened for something that then failed. */
static void drop(struct pmu *p, size_t n)
{
	while (p->n > n)
		pmu_ops->close(p->c[--p->n].fd);
}

/* Those that need the filter register for themselves one after the other, the rest in every turn. */
static void give_turns(struct pmu *p)
{
	unsigned int turn[PMU_ROLES], n = 0;

	for (unsigned int r = 0; r < PMU_ROLES; r++)
		turn[r] = pmu_shares(&p->choice, (enum pmu_role)r) ? n++ : EVERY_TURN;
	for (size_t i = 0; i < p->n; i++)
		p->c[i].turn = (unsigned char)turn[p->c[i].role];
	p->turns = n ? n : 1;
}

static int open_one(struct pmu *p, enum pmu_role role, const struct pmu_box *b, const struct pmu_config *config,
		    pid_t tid, int cpu)
{
	struct perf_event_attr attr = {
		.type = b->type,
		.size = sizeof(attr),
		.config = config->word[0],
		.config1 = config->word[1],
		.config2 = config->word[2],
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
		.disabled = 1,
	};
	int fd = pmu_ops->open(&attr, tid, cpu), err;

	if (fd < 0)
		return fd;
	err = push(p, fd, role);
	if (err)
		pmu_ops->close(fd);
	return err;
}

/* The event on one PMU: once for the thread, or once a package. */
static int open_box(struct pmu *p, const struct src *s, enum pmu_role role, const char *name, pid_t tid,
		    const struct pmu_limits *l, struct fact *f)
{
	const struct pmu_event *e = &p->choice.event[role];
	struct pmu_config config;
	const char *at = "";
	struct pmu_box b;
	int err = pmu_box_read(s, name, &b, f);

	if (err == -ENOENT || err == -ENODATA)
		pmu_absent_why(f, e, l);
	if (err)
		return err;
	err = pmu_encode(&b, e, &config, &at);
	if (err) {
		pmu_encode_why(f, e, name, -err, at);
	} else {
		if (!b.ncpus)
			err = open_one(p, role, &b, &config, tid, -1);
		for (size_t i = 0; !err && i < b.ncpus; i++)
			err = open_one(p, role, &b, &config, -1, (int)b.cpu[i]);
		if (err)
			pmu_open_why(f, e, name, -err, l);
	}
	pmu_box_free(&b);
	return err;
}

/* All boxes, or none: a sum over some of them would be no count. */
static int open_role(struct pmu *p, const struct src *s, enum pmu_role role, const char *core, pid_t tid,
		     const struct pmu_limits *l, struct fact *f)
{
	const struct pmu_event *e = &p->choice.event[role];
	bool of_core = role != PMU_R_BYTES && role != PMU_R_TXNS && p->choice.core;
	size_t before = p->n, n = 0;
	char **names = NULL;
	int err;

	if (of_core)
		return open_box(p, s, role, core, tid, l, f);
	err = pmu_box_names(s, e->pmu, &names, &n);
	if (!err && !n)
		err = -ENOENT;
	if (err)
		pmu_absent_why(f, e, l);
	for (size_t i = 0; !err && i < n; i++)
		err = open_box(p, s, role, names[i], tid, l, f);
	src_list_free(names, n);
	if (err)
		drop(p, before);
	return err;
}

static int nothing_known(const struct cpu *cpu, enum pmu_gen gen, struct fact *f)
{
	char where[sizeof(f->where)];

	snprintf(where, sizeof(where), "%.80s (family 0x%x model 0x%x)", cpu->name, cpu->family, cpu->model);
	fact_missing(f, NULL, where, ENOENT,
		     "use a counter in the device (--witness reg:BAR+OFFSET:WIDTH), or cmd: or timing");
	snprintf(f->why, sizeof(f->why), "%s%sno counter that tells full lines from partial ones is known for this CPU",
		 pmu_gen_name(gen), *pmu_gen_name(gen) ? ": " : "");
	return -ENOENT;
}

struct opening {
	const struct src *s;
	const char *kind, *core; /* NULL: no core's own counters */
	pid_t tid;
	struct pmu_limits l;
	int first; /* the first failure, and why; 0: none */
	struct fact why;
};

static void try_role(struct pmu *p, enum pmu_role role, struct opening *o)
{
	struct fact why;
	int err = open_role(p, o->s, role, o->core, o->tid, &o->l, &why);

	if (!err)
		return;
	p->choice.have[role] = false;
	if (!o->first) {
		o->first = err;
		o->why = why;
	}
}

/* 0 when at least one role is open. */
static int open_roles(struct pmu *p, struct opening *o)
{
	bool *have = p->choice.have;
	const struct pmu_event *any;

	for (unsigned int r = 0; r < PMU_ROLES; r++)
		if (have[r])
			try_role(p, (enum pmu_role)r, o);
	any = o->kind ? pmu_choose_any(p->choice.gen, o->kind) : NULL;
	if (any && !have[PMU_R_FULL] && !have[PMU_R_PARTIAL] && !have[PMU_R_ANY]) {
		p->choice.event[PMU_R_ANY] = *any;
		p->choice.core = have[PMU_R_ANY] = true;
		try_role(p, PMU_R_ANY, o);
	}
	/* Where another could not be had, there is no turn to take. */
	give_turns(p);
	return p->n ? 0 : o->first;
}

int pmu_open(const struct src *s, const struct cpu *cpu, const struct pmu_where *where, struct pmu **out,
	     struct fact *f, struct fact *partly)
{
	struct opening o = { .s = s, .tid = where->tid, .why = { .state = FACT_NOT_READ } };
	struct pmu *p;
	int err;

	if (pmu_ops->real && !src_is_live(s)) {
		fact_missing(f, NULL, "performance counters", EOPNOTSUPP, "count on that machine");
		snprintf(f->why, sizeof(f->why), "a snapshot has none that run");
		return -EOPNOTSUPP;
	}
	err = where->watch ? 0 : pmu_core_of(s, cpu, where->cpu, &o.kind, &o.core, f);
	if (err)
		return err;
	p = calloc(1, sizeof(*p));
	if (!p) {
		fact_missing(f, NULL, "performance counters", ENOMEM, NULL);
		return -ENOMEM;
	}
	err = where->watch ? pmu_choose_watch(pmu_gen_of(cpu), &p->choice)
			   : pmu_choose(pmu_gen_of(cpu), o.kind, &p->choice);
	if (err) {
		err = nothing_known(cpu, p->choice.gen, f);
	} else {
		pmu_limits_read(s, cpu, &o.l);
		err = open_roles(p, &o);
		if (err)
			*f = o.why;
	}
	if (err) {
		pmu_close(p);
		return err;
	}
	fact_known(f, "perf_event_open");
	if (partly)
		*partly = o.why;
	*out = p;
	return 0;
}

void pmu_close(struct pmu *p)
{
	if (!p)
		return;
	drop(p, 0);
	free(p->c);
	free(p);
}

const struct pmu_choice *pmu_chosen(const struct pmu *p)
{
	return &p->choice;
}

unsigned int pmu_ncounters(const struct pmu *p)
{
	return (unsigned int)p->n;
}

unsigned int pmu_turns(const struct pmu *p)
{
	return p->turns;
}

static bool runs_now(const struct pmu *p, const struct counter *c)
{
	return c->turn == EVERY_TURN || c->turn == p->turn;
}

static void stop_all(struct pmu *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (runs_now(p, &p->c[i]))
			pmu_ops->run(p->c[i].fd, false);
}

int pmu_begin(struct pmu *p)
{
	int err = 0;

	/* Read while all stand still, so that starting the first is the first thing that is counted. */
	for (size_t i = 0; !err && i < p->n; i++)
		if (runs_now(p, &p->c[i]))
			err = pmu_ops->read(p->c[i].fd, &p->c[i].at);
	for (size_t i = 0; !err && i < p->n; i++)
		if (runs_now(p, &p->c[i]))
			err = pmu_ops->run(p->c[i].fd, true);
	if (err)
		stop_all(p);
	return err;
}

struct sum {
	double count[PMU_ROLES], ns[PMU_ROLES];
	bool have[PMU_ROLES], spoilt[PMU_ROLES], scaled;
};

/* Stops the counters of this turn and adds up each role's; the next turn follows. */
static int stop(struct pmu *p, struct sum *sum)
{
	struct pmu_reading now;
	int err, bad = 0;

	stop_all(p);
	for (size_t i = 0; i < p->n; i++) {
		struct counter *c = &p->c[i];
		double count = 0;

		if (!runs_now(p, c))
			continue;
		err = pmu_ops->read(c->fd, &now);
		if (!err)
			err = pmu_delta(&c->at, &now, &count, &sum->scaled);
		if (err) {
			sum->spoilt[c->role] = true;
			bad = bad ? bad : err;
			continue;
		}
		sum->have[c->role] = true;
		sum->count[c->role] += count * (p->choice.event[c->role].unit ? p->choice.event[c->role].unit : 1);
		/* The boxes count side by side: the rate of their sum is over the time, not over the sum of times. */
		if ((double)(now.enabled - c->at.enabled) > sum->ns[c->role])
			sum->ns[c->role] = (double)(now.enabled - c->at.enabled);
	}
	p->turn = (p->turn + 1) % p->turns;
	for (unsigned int r = 0; r < PMU_ROLES; r++)
		sum->have[r] = sum->have[r] && !sum->spoilt[r];
	for (unsigned int r = 0; r < PMU_ROLES; r++)
		if (sum->have[r])
			return 0;
	return bad ? bad : -ENODATA;
}

int pmu_end(struct pmu *p, struct pmu_counts *out)
{
	struct sum sum = { .scaled = false };
	int err = stop(p, &sum);

	*out = (struct pmu_counts){ .scaled = sum.scaled };
	if (err)
		return err;
	for (unsigned int r = 0; r < PMU_ROLES; r++) {
		out->have[r] = sum.have[r];
		if (!sum.have[r])
			continue;
		out->runs[r] = 1;
		out->count[r] = pmu_less_idle(sum.count[r], p->idle[r], sum.ns[r], &out->idle[r]);
	}
	return 0;
}

int pmu_idle(struct pmu *p, unsigned int ms)
{
	double count[PMU_ROLES] = { 0 }, ns[PMU_ROLES] = { 0 };
	int err = 0;

	for (unsigned int t = 0; !err && t < p->turns; t++) {
		struct sum sum = { .scaled = false };

		err = pmu_begin(p);
		if (err)
			return err;
		pmu_ops->wait(ms);
		err = stop(p, &sum);
		for (unsigned int r = 0; !err && r < PMU_ROLES; r++) {
			if (!sum.have[r])
				continue;
			count[r] += sum.count[r];
			ns[r] += sum.ns[r];
		}
	}
	for (unsigned int r = 0; !err && r < PMU_ROLES; r++)
		p->idle[r] = ns[r] > 0 ? count[r] / ns[r] : 0;
	/* A thread that sleeps is not on a CPU, so its own counters do not run: that is an idle rate of nothing. */
	return err == -ENODATA && p->choice.core ? 0 : err;
}
