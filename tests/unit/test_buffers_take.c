/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_buffers_take.c - which CPUs there are, what is known beside a curve, the measured profile; and one real round.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <sched.h>

#include <cmocka.h>

#include "probe/buffers_take.h"
#include "probe/cpu.h"
#include "temproot.h"

static struct temproot r;
static struct buffers_place *p;
static size_t n;

static int setup(void **state)
{
	(void)state;
	temproot_make(&r);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(p);
	p = NULL;
	temproot_drop(&r);
	return 0;
}

#define TOPOLOGY(cpu) "sys/devices/system/cpu/cpu" #cpu "/topology/thread_siblings_list"

/* Two cores of two threads and two of one, as a hybrid CPU has them; CPU 3 is offline. */
static void hybrid(void)
{
	temproot_add(&r, "sys/devices/system/cpu/online", "0-2,4-5\n");
	temproot_add(&r, TOPOLOGY(0), "0-1\n");
	temproot_add(&r, TOPOLOGY(1), "0-1\n");
	temproot_add(&r, TOPOLOGY(2), "2\n");
	temproot_add(&r, TOPOLOGY(4), "4\n");
	temproot_add(&r, "sys/devices/cpu_core/cpus", "0-3\n");
	temproot_add(&r, "sys/devices/cpu_atom/cpus", "4-5\n");
	temproot_open(&r);
}

static void places_have_kinds_and_siblings(void **state)
{
	static const struct buffers_place want[] = {
		{ 0, BUFFERS_CORE, BUFFERS_SIBLING, 1 }, { 1, BUFFERS_CORE, BUFFERS_SIBLING, 0 },
		{ 2, BUFFERS_CORE, BUFFERS_ALONE, -1 },	 { 4, BUFFERS_ATOM, BUFFERS_ALONE, -1 },
		{ 5, BUFFERS_ATOM, BUFFERS_HIDDEN, -1 }, /* of which nothing is said */
	};

	(void)state;
	hybrid();
	assert_int_equal(buffers_places(r.src, false, &p, &n), 0);
	assert_int_equal(n, 5);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(p[i].cpu, want[i].cpu);
		assert_int_equal(p[i].kind, want[i].kind);
		assert_int_equal(p[i].sibling, want[i].sibling);
		assert_int_equal(p[i].beside, want[i].beside);
	}
	free(p);
	/* What a guest sees of its siblings is not all. */
	assert_int_equal(buffers_places(r.src, true, &p, &n), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(p[i].sibling, BUFFERS_HIDDEN);
	assert_int_equal(p[0].beside, 1);
}

static void one_of_each_kind(void **state)
{
	(void)state;
	hybrid();
	assert_int_equal(buffers_places(r.src, false, &p, &n), 0);
	n = buffers_places_one_each(p, n, 5);
	assert_int_equal(n, 2);
	assert_int_equal(p[0].cpu, 0);
	assert_int_equal(p[1].cpu, 5);
}

static void other_machines_have_one_kind(void **state)
{
	(void)state;
	temproot_add(&r, "sys/devices/system/cpu/online", "0-3\n");
	temproot_open(&r);
	assert_int_equal(buffers_places(r.src, false, &p, &n), 0);
	assert_int_equal(n, 4);
	n = buffers_places_one_each(p, n, 2);
	assert_int_equal(n, 1);
	assert_int_equal(p[0].cpu, 2);
	assert_int_equal(p[0].kind, BUFFERS_UNIFORM);
}

static void no_list_is_an_error(void **state)
{
	(void)state;
	temproot_open(&r);
	assert_int_equal(buffers_places(r.src, false, &p, &n), -ENODATA);
	assert_null(p);
}

static void what_is_recorded_is_found(void **state)
{
	struct buffers_record *rec;
	unsigned int line;
	const char *what;

	(void)state;
	temproot_open(&r);
	assert_int_equal(buffers_recorded(r.src, &rec, &n, &line, &what), -ENODATA);
	assert_null(rec);
	temproot_add(&r, "wcdiag/buffers.txt", "cpu 1 uniform hidden -\nlines 4\nround 1 2\n");
	assert_int_equal(buffers_recorded(r.src, &rec, &n, &line, &what), -EBADMSG);
	assert_int_equal(line, 3);
	temproot_add(&r, "wcdiag/buffers.txt",
		     "cpu 7 uniform hidden -\nlines 4\nround 1 2 3\nleast 1 2 3 4\nsecond 1 2 3 4\nmiddle 1 2 3 4\n");
	assert_int_equal(buffers_recorded(r.src, &rec, &n, &line, &what), 0);
	assert_int_equal(n, 1);
	assert_int_equal(rec[0].cpu, 7);
	free(rec);
}

static void what_is_known_beside_a_curve(void **state)
{
	static const struct hyper_kind tcg = { .signature = "T", .name = "T", .pat = HYPER_PAT_EMULATED };
	struct cpu zen4 = { .vendor = VENDOR_AMD, .family = 25, .model = 0x11 };
	struct hyper metal = { 0 }, guest = { .guest = true }, emulated = { .guest = true, .kind = &tcg };
	struct buffers_record rec = { .sibling = BUFFERS_SIBLING, .sibling_busy = 0.25 };
	struct buffers_context x;

	(void)state;
	buffers_context_of(&zen4, &metal, &rec, &x);
	assert_true(!x.emulated && x.known == 8 && x.sibling == BUFFERS_SIBLING && x.sibling_busy == 0.25);
	buffers_context_of(&zen4, &guest, &rec, &x);
	assert_true(!x.emulated && x.sibling == BUFFERS_HIDDEN);
	buffers_context_of(&zen4, &emulated, &rec, &x);
	assert_true(x.emulated);
	zen4.hypervisor_bit = true;
	zen4.model = 0xff;
	buffers_context_of(&zen4, &metal, &rec, &x);
	assert_true(x.known == 0 && x.sibling == BUFFERS_HIDDEN);
}

static void a_measured_profile(void **state)
{
	const struct cpu_profile *row = cpu_profile_find("zen4");
	struct buffers_answer a = { .stable = true, .capacity = 12, .available = 12, .confidence = 0.95 };
	struct buffers_profile m;

	(void)state;
	assert_int_equal(buffers_profile(row, &a, &m), 0);
	assert_string_equal(m.cpu.name, "measured");
	assert_true(m.cpu.buffers == 12 && m.cpu.assumed == 0 && m.cpu.buffers_conf == CONF_HIGH);
	assert_string_equal(m.cpu.buffers_source, "measured: 12");
	assert_true(m.cpu.partial == row->partial && m.cpu.events == row->events);
	a.contended = true;
	a.confidence = 0.7;
	assert_int_equal(buffers_profile(row, &a, &m), 0);
	assert_true(m.cpu.buffers == 12 && m.cpu.buffers_conf == CONF_MEDIUM);
	assert_non_null(strstr(m.cpu.buffers_source, "shared"));
	/* What is not to be trusted is no number: the model gives a range then. */
	a.confidence = 0.5;
	a.why = "for a reason";
	assert_int_equal(buffers_profile(row, &a, &m), 0);
	assert_true(m.cpu.buffers == 0 && m.cpu.assumed == 12);
	assert_non_null(strstr(m.cpu.buffers_source, "for a reason"));
	a.stable = false;
	assert_int_equal(buffers_profile(row, &a, &m), -ENODATA);
}

/* On whatever machine this is: the shape of what comes, and that an emulated CPU is left alone. Nothing about time. */
static void measuring_fills_what_it_says(void **state)
{
	struct buffers_context x = { .sibling = BUFFERS_HIDDEN, .sibling_busy = -1 };
	struct buffers_curve *c = calloc(1, sizeof(*c));
	struct buffers_cost cost[BUFFERS_COSTS];
	struct buffers_hold_curve h;
	struct buffers_answer a;
	struct buffers_bench *b;
	double ms;

	(void)state;
	assert_non_null(c);
	assert_int_equal(buffers_open(&b), 0);
	assert_int_equal(buffers_measure(b, &x, 60000, c, &a, &ms), 0);
	assert_true(c->rounds >= BUFFERS_ENOUGH && c->rounds <= BUFFERS_ROUNDS && c->lines == BUFFERS_LINES);
	for (unsigned int i = 0; i < c->rounds; i++) {
		assert_true(c->round[i].pace_min && c->round[i].pace_min <= c->round[i].pace_median);
		for (unsigned int k = 0; k < BUFFERS_LINES; k++) {
			const struct buffers_point *o = &c->round[i].at[k];

			assert_true(o->min && o->min <= o->second && o->second <= o->median);
		}
	}
	assert_int_equal(buffers_measure(b, &x, 0, c, &a, &ms), -ENODATA); /* no time, no round */
	/* Beside a sibling it takes as long as the kernel needs to tell what that did. */
	x.sibling = BUFFERS_SIBLING;
	assert_int_equal(buffers_measure(b, &x, 60000, c, &a, &ms), 0);
	assert_true(ms > 100);
	n = buffers_measure_costs(b, 60000, cost);
	assert_true(n > 12 && n <= BUFFERS_COSTS);
	for (size_t i = 0; i < n; i++)
		assert_true(cost[i].measured == !cost[i].skipped && cost[i].id && cost[i].says);
	n = buffers_measure_costs(b, 0, cost);
	for (size_t i = 0; i < n; i++)
		assert_true(!cost[i].measured && cost[i].skipped);
	buffers_measure_hold(b, 60000, &h);
	assert_int_equal(h.n, BUFFERS_PAUSES);
	buffers_measure_hold(b, 0, &h);
	assert_int_equal(h.n, 0);
	buffers_close(b);
	buffers_close(NULL);
	free(c);
}

/* The whole of it, with a neighbour that is no sibling, as there need not be one: the thread goes back where it was. */
static void taking_puts_the_thread_back(void **state)
{
	struct buffers_place here = { .sibling = BUFFERS_HIDDEN, .beside = -1 };
	struct cpu cpu = { .vendor = VENDOR_AMD, .family = 25, .model = 0x11 };
	struct hyper_kind kind = { .pat = HYPER_PAT_EMULATED };
	struct hyper hyper = { .guest = true };
	struct buffers_taken *t = malloc(sizeof(*t));
	cpu_set_t before, after;
	struct src *s;
	int on = sched_getcpu();

	(void)state;
	assert_non_null(t);
	assert_int_equal(src_open_live(&s), 0);
	here.cpu = on < 0 ? 0 : (unsigned int)on;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	assert_int_equal(buffers_take(s, &cpu, &hyper, &here, BUFFERS_WITH_COSTS | BUFFERS_WITH_SIBLING, t), 0);
	assert_true(t->rec.cpu == here.cpu && t->ms_all >= t->ms);
	/* A machine may be too busy for a single round. */
	if (t->rec.curve.rounds)
		assert_true(t->ncost > 0 && !t->beside && t->beside_skipped);
	else
		assert_true(!t->a.stable && strstr(t->a.why, "too busy"));
	here.beside = on;
	assert_int_equal(buffers_take(s, &cpu, &hyper, &here, BUFFERS_WITH_SIBLING, t), 0);
	assert_true(!t->rec.curve.rounds || t->beside || t->beside_skipped);
	assert_int_equal(t->ncost, 0);
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
	here.cpu = 65535;
	assert_int_equal(buffers_take(s, &cpu, &hyper, &here, 0, t), -EINVAL);
	/* Of an emulated CPU nothing is even tried. */
	hyper.kind = &kind;
	assert_int_equal(buffers_take(s, &cpu, &hyper, &here, BUFFERS_WITH_COSTS, t), 0);
	assert_true(!t->a.stable && !t->rec.curve.rounds && !t->ncost && strstr(t->a.why, "emulated"));
	src_close(s);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(places_have_kinds_and_siblings, setup, teardown),
		cmocka_unit_test_setup_teardown(one_of_each_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(other_machines_have_one_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(no_list_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_recorded_is_found, setup, teardown),
		cmocka_unit_test(what_is_known_beside_a_curve),
		cmocka_unit_test(a_measured_profile),
		cmocka_unit_test(measuring_fills_what_it_says),
		cmocka_unit_test(taking_puts_the_thread_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
