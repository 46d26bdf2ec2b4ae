// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rules_fabric_unknown.c - what keeps a drive from telling whether whole lines arrive: nobody counted, a side did not
 * run, nothing combined, a witness that cannot be right. None of it may read as "they do".
 */
#include "machine.h"
#include "rules_fabric.h"

/* The rows that have to tell: the reference patterns, and the program's own. */
static bool must_tell(const struct experiment *x, const struct drive_phase *ph, const struct drive_row *row)
{
	if (wcdiag_store_patterns[row->pattern].flags & WCDIAG_STORE_DIRECT)
		return false;
	if (wcdiag_store_patterns[row->pattern].role == WCDIAG_STORE_REFERENCE)
		return drive_on_side(row->pattern, ph->side);
	return x->given && row->each.known && row->each.full && row->each.full == row->each.lines;
}

static size_t tellers(const struct experiment *x, const struct drive_phase *ph, enum fabric_state state,
		      const struct drive_row **row, struct fabric_seen *seen)
{
	size_t n = 0;

	for (size_t i = 0; ph && i < ph->nrow; i++) {
		struct fabric_seen s;

		if (!must_tell(x, ph, &ph->row[i]))
			continue;
		fabric_seen(x, ph, &ph->row[i], &s);
		if (s.state != state)
			continue;
		if (!n++) {
			*row = &ph->row[i];
			*seen = s;
		}
	}
	return n;
}

/* Every row that has to tell was counted, and the side ran to its end. */
static bool all_counted(const struct experiment *x, const struct drive_phase *ph)
{
	bool any = false;

	for (size_t i = 0; i < ph->nrow; i++) {
		struct fabric_seen s;

		if (!must_tell(x, ph, &ph->row[i]))
			continue;
		fabric_seen(x, ph, &ph->row[i], &s);
		if (s.state != FABRIC_COUNTED)
			return false;
		any = true;
	}
	return any && ph->state == DRIVE_DONE;
}

void fabric_no_witness(struct judge_ctx *c)
{
	for (int side = DRIVE_USER; c->exp && side >= DRIVE_KERNEL; side--) {
		const struct drive_phase *ph = c->exp->phase[side];
		const struct drive_row *row;
		struct fabric_seen s, other;
		struct finding *f;
		bool both;

		if (!tellers(c->exp, ph, FABRIC_UNCOUNTED, &row, &s))
			continue;
		f = hit(c, SEV_UNKNOWN);
		ev_text(f, "pattern", "%s", fabric_pattern(row));
		/* What is missing is the same for both. */
		both = side == DRIVE_USER && c->exp->phase[DRIVE_KERNEL] &&
		       tellers(c->exp, c->exp->phase[DRIVE_KERNEL], FABRIC_UNCOUNTED, &row, &other);
		/* tellers() tells of a phase that is there. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
		ev_text(f, "side", "%s", both ? "both sides" : drive_side_name(ph->side));
		if (!c->exp->witness || !c->exp->witness->n)
			ev_text(f, "why", "none was asked for");
		else if (!s.w)
			ev_text(f, "why", "those asked for cannot tell");
		else if (s.w->fact.state == FACT_MISSING)
			ev_text(f, "why", "%s: %s", s.w->name, s.w->fact.why);
		else
			ev_text(f, "why", "%s counted nothing that tells", s.w->name);
		ev_text(f, "here", "%s",
			drive_emulated(c->m) ? "in an emulated CPU only the device itself can count"
			: c->m->hyper.guest  ? "guests often have no counters of the CPU's"
					     : "wcdiag drive --list-witnesses says what this machine offers");
		if (both)
			return;
	}
}

static bool cannot_combine(const struct drive_phase *ph)
{
	return ph->state == DRIVE_DONE && !ph->mixed && ph->effective != MT_UNKNOWN && ph->effective != MT_WC;
}

static void counted_wrongly(struct judge_ctx *c, const struct drive_phase *ph, const struct drive_row *row,
			    const struct fabric_seen *s)
{
	struct finding *f;

	if (s->state == FABRIC_DISAGREE)
		f = hit_says(c, SEV_UNKNOWN,
			     "{side}, {pattern}: {witness} says that the lines arrived whole or not, and {other} the "
			     "opposite: one of them counts something else",
			     "find out which of the two counts these stores: drive each alone");
	else
		f = hit_says(
			c, SEV_UNKNOWN,
			"{side}, {pattern}: what {witness} counted cannot be the {lines} lines that were stored: it "
			"counts something else, or not all",
			"another counter, or wait until the device has counted what it got");
	ev_text(f, "side", "%s", drive_side_name(ph->side));
	ev_text(f, "pattern", "%s", fabric_pattern(row));
	ev_text(f, "witness", "%s", s->w->name);
	if (s->other)
		ev_text(f, "other", "%s", s->other->name);
	ev_num(f, "lines", s->lines);
}

/* It did not run, or not to its end: its counts are of something else than what was asked for. */
static void not_done(struct judge_ctx *c, const struct drive_phase *ph, enum severity sev)
{
	struct finding *f =
		hit_says(c, sev, "the {side}'s side {state}: {why}", ph->remedy ? "{remedy}" : "let it run to its end");

	ev_text(f, "side", "%s", drive_side_name(ph->side));
	ev_text(f, "state", "%s", ph->state == DRIVE_SKIPPED ? "did not run" : "was ended early");
	ev_text(f, "why", "%s", ph->why);
	if (ph->remedy)
		ev_text(f, "remedy", "%s", ph->remedy);
}

static void no_lines(struct judge_ctx *c, const struct drive_phase *ph, const struct drive_row *row, enum severity sev)
{
	struct finding *f;

	if (row && row->state == DRIVE_SKIPPED) {
		f = hit_says(c, sev, "{side}: {pattern} did not run: {why}",
			     "name a pattern that this CPU and this side have");
		ev_text(f, "why", "%s", row->why);
	} else if (row && row->runs && !row->each.known && ph->effective == MT_WC) {
		f = hit_says(c, sev, "{side}, {pattern}: what it should become is not known: {why}",
			     "write its stores down as a stream: --events FILE");
		ev_text(f, "why", "%s", row->each.why);
	} else if (cannot_combine(ph)) {
		f = hit(c, sev);
		ev_text(f, "entry", "%s", mtype_name(ph->effective));
	} else {
		f = hit_says(
			c, sev,
			"{side}: the stores went through {entry}: whether whole lines arrive cannot be told from them",
			"have the entry read: run as root, or load the helper module: make install-km, then modprobe "
			"wcdiag_km stores=1");
		ev_text(f, "entry", "%s",
			ph->mixed ? "entries of different types" : "an entry whose type is not known");
	}
	ev_text(f, "side", "%s", drive_side_name(ph->side));
	if (row)
		ev_text(f, "pattern", "%s", fabric_pattern(row));
}

/* Of this side it cannot be told whether lines arrive: why not. */
static void unknown_side(struct judge_ctx *c, const struct drive_phase *ph, enum severity sev)
{
	bool said = false;

	if (ph->state != DRIVE_DONE) {
		not_done(c, ph, sev);
		return;
	}
	for (size_t i = 0; i < ph->nrow; i++) {
		struct fabric_seen s;

		fabric_seen(c->exp, ph, &ph->row[i], &s);
		if (s.state == FABRIC_FEWER || s.state == FABRIC_DISAGREE)
			counted_wrongly(c, ph, &ph->row[i], &s);
		else if (s.state == FABRIC_NO_LINES && must_tell(c->exp, ph, &ph->row[i]) && !said) {
			no_lines(c, ph, &ph->row[i], sev);
			said = true;
		}
	}
	/* The program's own stores were asked about, and this side could not make them at all. */
	for (size_t i = 0; i < ph->nrow && c->exp->given && !said; i++)
		if (!fabric_control(&ph->row[i]) && ph->row[i].state == DRIVE_SKIPPED &&
		    drive_on_side(ph->row[i].pattern, ph->side)) {
			no_lines(c, ph, &ph->row[i], sev);
			said = true;
		}
}

/*
 * The question is the user's side: without it nothing is known. The kernel's is the comparison; it decides only where
 * the user's has another type and that is found before.
 */
void fabric_unknown(struct judge_ctx *c)
{
	const struct drive_phase *user, *kernel;
	bool by_kernel, by_user;

	if (!c->exp || !c->exp->plan)
		return;
	user = c->exp->phase[DRIVE_USER];
	kernel = c->exp->phase[DRIVE_KERNEL];
	if (user && kernel && cannot_combine(user) && cannot_combine(kernel)) {
		struct finding *f = hit(c, SEV_UNKNOWN);

		ev_text(f, "side", "both sides");
		ev_text(f, "entry", "%s", mtype_name(user->effective));
		return;
	}
	by_user = user && all_counted(c->exp, user);
	/* Where the user's entry is known not to combine, the kernel's lines show what the fabric does. */
	by_kernel = kernel && user && cannot_combine(user) && all_counted(c->exp, kernel);
	if (user)
		unknown_side(c, user, by_kernel ? SEV_INFO : SEV_UNKNOWN);
	if (kernel)
		unknown_side(c, kernel, by_user ? SEV_INFO : SEV_UNKNOWN);
}
