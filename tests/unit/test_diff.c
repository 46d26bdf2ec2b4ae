/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_diff.c - differences of machines made up in memory, one kind at a time, and of the recorded ones, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <dirent.h>

#include "judge_world.h"
#include "probe/diff.h"
#include "probe/src.h"

struct two {
	struct world a, b;
	struct diff *d;
};

static int two_setup(void **state)
{
	struct two *t = calloc(1, sizeof(*t));

	world_init(&t->a);
	world_init(&t->b);
	t->a.dev.vendor = t->b.dev.vendor = 0x10ee;
	t->a.dev.device = t->b.dev.device = 0x9038;
	reserve(&t->a, "PAT memtype list:\nPAT: [mem 0x00000000fe000000-0x00000000fe100000] write-combining\n");
	reserve(&t->b, "PAT memtype list:\nPAT: [mem 0x00000000fe000000-0x00000000fe100000] write-combining\n");
	*state = t;
	return 0;
}

static void world_end(struct world *w)
{
	judgement_free(w->j);
	if (w->m.memtype.m != w->mt)
		memtype_free(&w->m.memtype);
	memtype_free(&w->m.by_phys);
}

static int two_teardown(void **state)
{
	struct two *t = *state;

	diff_free(t->d);
	world_end(&t->a);
	world_end(&t->b);
	free(t);
	return 0;
}

static struct diff *make(const struct machine *a, const struct machine *b, enum layer until, struct judgement **ja,
			 struct judgement **jb)
{
	struct judge_target ta = { .bar = -1 }, tb = { .bar = -1 };
	struct judge_bound *ba, *bb;
	struct diff *d;

	assert_int_equal(diff_bounds(a, b, &ba, &ta.nbound, &bb, &tb.nbound), 0);
	ta.bound = ba;
	tb.bound = bb;
	assert_int_equal(judge(a, &ta, until, ja), 0);
	assert_int_equal(judge(b, &tb, until, jb), 0);
	assert_int_equal(
		diff_make(&(struct diff_side){ .m = a, .j = *ja }, &(struct diff_side){ .m = b, .j = *jb }, &d), 0);
	free(ba);
	free(bb);
	return d;
}

static struct diff *compare(struct two *t, enum layer until)
{
	diff_free(t->d);
	judgement_free(t->a.j);
	judgement_free(t->b.j);
	t->d = make(&t->a.m, &t->b.m, until, &t->a.j, &t->b.j);
	return t->d;
}

static const struct diff_item *of(const struct diff *d, const char *id)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->item[i].row->id, id))
			return &d->item[i];
	return NULL;
}

#define IS(item, was, is)                                                                                              \
	do {                                                                                                           \
		const struct diff_item *i_ = (item);                                                                   \
		assert_non_null(i_);                                                                                   \
		assert_true(i_->a.known && i_->b.known);                                                               \
		assert_string_equal(i_->a.text, was);                                                                  \
		assert_string_equal(i_->b.text, is);                                                                   \
	} while (0)

static void same(void **state)
{
	struct two *t = *state;
	struct diff *d = compare(t, LAYER_MEMTYPE);

	assert_int_equal(d->n, 0);
	assert_int_equal(d->nbar, 1);
	assert_int_equal(d->bar[0].turn, DIFF_SAME);
	assert_int_equal(d->answer, DIFF_NOTHING_WORSE);
	/* Nobody maps it, so pte is unknown: on both sides, and that is no "fine". */
	assert_int_equal(compare(t, LAYER_PTE)->answer, DIFF_CANNOT_TELL);
	assert_int_equal(t->d->n, 0);
}

static void host(void **state)
{
	struct two *t = *state;
	struct diff *d;

	strcpy(t->b.m.host.release, "6.12.0");
	strcpy(t->a.m.host.options, "debugpat");
	t->b.m.cpu.stepping = 3;
	t->a.m.ncpu = 2;
	t->b.m.ncpu = 4;
	t->b.m.hyper.guest = true;
	strcpy(t->b.m.hyper.signature, "Whatever");
	t->b.m.host.lock.state = FACT_KNOWN;
	t->b.m.host.lockdown = LOCKDOWN_INTEGRITY;
	t->b.m.coco = "SEV";
	d = compare(t, LAYER_MEMTYPE);
	IS(of(d, "kernel"), "6.1.0", "6.12.0");
	assert_int_equal(of(d, "kernel")->weight, DIFF_MAY);
	IS(of(d, "options"), "debugpat", "");
	IS(of(d, "cpus"), "2", "4");
	assert_int_equal(of(d, "cpus")->weight, DIFF_NOT);
	IS(of(d, "hypervisor"), "bare metal", "Whatever");
	IS(of(d, "lockdown"), "none", "integrity");
	IS(of(d, "confidential"), "no", "SEV");
	assert_non_null(of(d, "cpu"));
	/* A hypervisor of which nothing is known: the verdict became unknown, and the rule is named. */
	assert_int_equal(of(d, "hypervisor")->weight, DIFF_MATTERS);
	assert_int_equal(of(d, "hypervisor")->turn, DIFF_WORSE);
	assert_string_equal(of(d, "hypervisor")->rule->id, "host-guest-unknown");
	assert_int_equal(d->answer, DIFF_CANNOT_TELL);
}

static void pat(void **state)
{
	struct two *t = *state;
	struct diff *d;

	for (int i = 0; i < 2; i++) {
		pat_decode(PAT_RESET, &t->b.pat[i]);
	}
	pat_decode(PAT_RESET, &t->b.m.belief);
	t->b.m.pat_state = PAT_STATE_OFF;
	d = compare(t, LAYER_MEMTYPE);
	IS(of(d, "pat-on"), "on", "off");
	IS(of(d, "pat-slot"), "WC", "WT");
	assert_string_equal(of(d, "pat-slot")->what, "slot 1");
	assert_int_equal(of(d, "pat-slot")->weight, DIFF_MATTERS);
	assert_int_equal(of(d, "pat-on")->turn, DIFF_WORSE);
	assert_int_equal(d->bar[0].turn, DIFF_WORSE);
	assert_int_equal(d->answer, DIFF_GOT_WORSE);
}

static void pat_of_one_cpu(void **state)
{
	struct two *t = *state;

	pat_decode(PAT_RESET, &t->b.pat[1]);
	t->b.m.ndistinct = 2;
	compare(t, LAYER_MEMTYPE);
	IS(of(t->d, "pat-slot"), "WC", "WC on CPU 0, WT on CPU 1");
	assert_int_equal(t->d->answer, DIFF_GOT_WORSE);
}

/* Other registers with the same effect are no difference; another effect over the BAR is one. */
static void mtrrs(void **state)
{
	struct two *t = *state;
	struct mtrr_var v = { .valid = true, .type = MT_UC, .start = 0xf0000000, .end = 0x100000000 };

	for (int i = 0; i < 2; i++) {
		t->a.mtrr[i].var[0] = v;
		t->b.mtrr[i].var[5] = v;
	}
	assert_int_equal(compare(t, LAYER_MEMTYPE)->n, 0);
	for (int i = 0; i < 2; i++) {
		t->b.mtrr[i].var[5].type = MT_WC;
		t->b.mtrr[i].var[5].end = BAR_ADDR + BAR_SIZE / 2;
	}
	compare(t, LAYER_MEMTYPE);
	IS(of(t->d, "mtrr"), "UC", "WC at +0x0-0x80000, UC at +0x80000-0x100000");
	for (int i = 0; i < 2; i++)
		t->b.mtrr[i].def = MT_WB;
	compare(t, LAYER_MEMTYPE);
	IS(of(t->d, "mtrr-on"), "enabled, default UC", "enabled, default WB");
}

static void device(void **state)
{
	struct two *t = *state;
	struct diff *d;

	strcpy(t->a.dev.driver, "old");
	strcpy(t->b.dev.driver, "new");
	t->a.dev.mps = 128;
	t->b.dev.mps = 256;
	t->b.dev.command = 0;
	d = compare(t, LAYER_MEMTYPE);
	IS(of(d, "driver"), "old", "new");
	IS(of(d, "payload"), "128 bytes", "256 bytes");
	IS(of(d, "decode"), "on", "off");
	assert_string_equal(of(d, "decode")->rule->id, "bar-decode-off");
	assert_int_equal(d->answer, DIFF_GOT_WORSE);
	t->b.dev.command = -1;
	fact_missing(&t->b.dev.config, NULL, "config", EACCES, NULL);
	d = compare(t, LAYER_MEMTYPE);
	assert_false(of(d, "decode")->b.known);
	assert_string_equal(diff_sign(of(d, "decode")), "not known now");
	assert_int_equal(d->answer, DIFF_CANNOT_TELL);
	t->b.dev.asleep = t->b.dev.suspended = true;
	t->b.dev.power = PCI_POWER_D3HOT;
	d = compare(t, LAYER_MEMTYPE);
	assert_false(of(d, "power")->a.known);
	t->a.dev.power_said = true;
	d = compare(t, LAYER_MEMTYPE);
	IS(of(d, "power"), "not asleep", "asleep (D3hot)");
	assert_int_equal(of(d, "power")->weight, DIFF_MATTERS);
}

static void bars(void **state)
{
	struct two *t = *state;
	struct pci_bar *b = &t->b.dev.bar[2];
	struct diff *d;

	b->flags &= ~(uint64_t)(RES_PREFETCH | RES_MEM_64);
	b->has_wc = false;
	b->size = BAR_SIZE * 2;
	d = compare(t, LAYER_MEMTYPE);
	IS(of(d, "prefetchable"), "yes", "no");
	IS(of(d, "width"), "64 bits", "32 bits");
	IS(of(d, "wc-file"), "there", "not there");
	IS(of(d, "size"), "1 MiB", "2 MiB");
	/* Judged on both sides, though it is plausible on one only. */
	assert_int_equal(d->nbar, 1);
	assert_true(d->bar[0].a && d->bar[0].b);
	t->b.dev.bar[0] = *b;
	t->b.dev.bar[0].addr = BAR_ADDR + 0x1000000;
	d = compare(t, LAYER_MEMTYPE);
	IS(of(d, "bar"), "", "2 MiB");
	b->size = 0;
	b->flags = 0;
	d = compare(t, LAYER_MEMTYPE);
	assert_int_equal(d->bar[0].newly_broken, true);
	assert_int_equal(d->answer, DIFF_GOT_WORSE);
}

/* A bus with another number: the device moved, and its BAR with it. */
static void moved(void **state)
{
	struct two *t = *state;
	struct diff *d;

	strcpy(t->b.dev.slot, "0000:05:02.0");
	t->b.dev.bus = 5;
	t->b.dev.bar[2].addr += 0x1000000;
	reserve(&t->b, "PAT memtype list:\nPAT: [mem 0x00000000ff000000-0x00000000ff100000] write-combining\n");
	d = compare(t, LAYER_MEMTYPE);
	assert_int_equal(d->npair, 1);
	assert_int_equal(d->n, 2);
	IS(of(d, "slot"), "0000:00:02.0", "0000:05:02.0");
	IS(of(d, "address"), "0xfe000000", "0xff000000");
	assert_int_equal(of(d, "address")->weight, DIFF_NOT);
	assert_int_equal(d->answer, DIFF_NOTHING_WORSE);
	t->b.dev.device++;
	d = compare(t, LAYER_MEMTYPE);
	assert_int_equal(d->npair, 2);
	assert_int_equal(of(d, "device")->weight, DIFF_MATTERS);
	assert_int_equal(d->answer, DIFF_GOT_WORSE); /* an intact BAR is no longer there */
}

/* Three equal cards, one gone, the others on other buses: who is in its old slot stays, the rest goes by function. */
static void matching(void **state)
{
	struct pci_device x[3] = { 0 }, y[2] = { 0 };
	struct pci a = { .dev = x, .n = 3 }, b = { .dev = y, .n = 2 };
	struct diff_pair *p;
	size_t n;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		x[i].bus = 1 + i;
		x[i].func = i;
	}
	y[0] = x[2];
	y[0].bus = 1;
	y[1] = x[1];
	assert_int_equal(diff_match(&a, &b, &p, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(p[0].a, 2);
	assert_int_equal(p[1].a, 1);
	assert_int_equal(p[2].a, 0);
	assert_int_equal(p[2].b, -1);
	free(p);
	/* Neither slot nor function is the same: in the order of the slots. */
	y[0].bus = 8;
	y[0].dev = 3;
	y[1].bus = 9;
	y[1].dev = 3;
	assert_int_equal(diff_match(&a, &b, &p, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(p[0].a, 0);
	assert_int_equal(p[1].a, 1);
	assert_int_equal(p[2].a, 2);
	free(p);
}

static void reservations(void **state)
{
	struct two *t = *state;
	struct diff *d;

	/* The same in two pieces is the same. */
	reserve(&t->b, "PAT memtype list:\nPAT: [mem 0x00000000fe000000-0x00000000fe080000] write-combining\n"
		       "PAT: [mem 0x00000000fe080000-0x00000000fe100000] write-combining\n");
	assert_int_equal(compare(t, LAYER_MEMTYPE)->n, 0);
	reserve(&t->b, "PAT memtype list:\nPAT: [mem 0x00000000fe000000-0x00000000fe100000] uncached-minus\n");
	t->b.io[0] = (struct ioremap){
		.start = BAR_ADDR, .end = BAR_ADDR + BAR_SIZE, .caller = "foo_probe+0x1/0x2", .module = "foo"
	};
	t->b.m.ioremaps.n = 1;
	add_map(&t->a, MAP_SYSFS_WC, BAR_ADDR, BAR_SIZE);
	add_map(&t->b, MAP_SYSFS_WC, BAR_ADDR, BAR_SIZE);
	d = compare(t, LAYER_MEMTYPE);
	IS(of(d, "reserved"), "write-combining", "uncached-minus");
	assert_string_equal(of(d, "reserved")->rule->id, "memtype-alias-wins");
	assert_int_equal(of(d, "reserved")->turn, DIFF_WORSE);
	IS(of(d, "ioremap"), "", "foo_probe [foo]");
	assert_int_equal(of(d, "ioremap")->weight, DIFF_MATTERS);
	assert_int_equal(d->answer, DIFF_GOT_WORSE);
	fact_missing(&t->b.m.memtype.fact, NULL, MEMTYPE_PATH, EACCES, NULL);
	d = compare(t, LAYER_MEMTYPE);
	assert_null(of(d, "reserved"));
	assert_false(of(d, "fact")->b.known);
	assert_int_equal(of(d, "fact")->weight, DIFF_MATTERS);
	assert_int_equal(d->answer, DIFF_CANNOT_TELL);
	/* Known on neither side: not compared, and named. */
	t->a.m.memtype.fact = t->b.m.memtype.fact;
	d = compare(t, LAYER_MEMTYPE);
	assert_null(of(d, "fact"));
	assert_true(d->neither & F(LIST));
}

/* Other pids, another order, one worker more: nothing. Another way to map: a difference. */
static void mappings(void **state)
{
	struct two *t = *state;
	struct diff *d;

	strcpy(add_map(&t->a, MAP_SYSFS_WC, BAR_ADDR, BAR_SIZE)->comm, "one");
	strcpy(add_map(&t->a, MAP_SYSFS_WC, BAR_ADDR, BAR_SIZE)->comm, "two");
	strcpy(add_map(&t->b, MAP_SYSFS_WC, BAR_ADDR, BAR_SIZE)->comm, "two");
	strcpy(add_map(&t->b, MAP_SYSFS_WC, BAR_ADDR, BAR_SIZE)->comm, "one");
	strcpy(add_map(&t->b, MAP_SYSFS_WC, BAR_ADDR, BAR_SIZE)->comm, "one");
	for (int i = 0; i < 3; i++)
		t->b.map[i].pid += 5000;
	assert_int_equal(compare(t, LAYER_MEMTYPE)->n, 0);
	t->b.map[0].kind = MAP_SYSFS;
	reserve(&t->b, "PAT memtype list:\nPAT: [mem 0x00000000fe000000-0x00000000fe100000] uncached-minus\n");
	d = compare(t, LAYER_PTE);
	IS(of(d, "mapping"), "sysfs-wc, read-write, shared", "sysfs, read-write, shared");
	assert_string_equal(of(d, "mapping")->what, "two");
	assert_string_equal(of(d, "mapping")->rule->id, "map-resource-not-wc");
	assert_int_equal(d->answer, DIFF_GOT_WORSE);
	/* Gone, and not every process could be looked at: not known. */
	t->b.m.maps.n = 0;
	fact_missing(&t->b.m.maps.fact, NULL, "/proc", EACCES, NULL);
	d = compare(t, LAYER_PTE);
	assert_false(of(d, "mapping")->b.known);
}

/* --- recorded machines --- */

#define MACHINES "tests/machines"

struct loaded {
	char name[300];
	struct src *s;
	struct machine *m;
};

static bool mirrored_turn(enum diff_turn a, enum diff_turn b)
{
	return a == DIFF_WORSE ? b == DIFF_BETTER : a == DIFF_BETTER ? b == DIFF_WORSE : a == b;
}

static bool same_word(const struct diff_word *a, const struct diff_word *b)
{
	return a->known == b->known && a->hash == b->hash && !strcmp(a->text, b->text);
}

static bool mirrored(const struct diff *x, const struct diff_item *i, const struct diff *y, const struct diff_item *k)
{
	return i->row == k->row && i->bar == k->bar && !strcmp(i->what, k->what) && (i->pair < 0) == (k->pair < 0) &&
	       (i->pair < 0 ||
		(x->pair[i->pair].a == y->pair[k->pair].b && x->pair[i->pair].b == y->pair[k->pair].a)) &&
	       i->weight == k->weight && mirrored_turn(i->turn, k->turn) && i->rule == k->rule && i->fa == k->fb &&
	       i->fb == k->fa && same_word(&i->a, &k->b) && same_word(&i->b, &k->a);
}

static void both_ways(const struct loaded *a, const struct loaded *b)
{
	struct judgement *ja, *jb;
	struct diff *x = make(a->m, b->m, LAYER_PTE, &ja, &jb), *y;

	assert_int_equal(diff_make(&x->b, &x->a, &y), 0);
	assert_int_equal(x->n, y->n);
	assert_int_equal(x->nbar, y->nbar);
	for (size_t i = 0; i < x->n; i++) {
		size_t k = 0;

		while (k < y->n && !mirrored(x, &x->item[i], y, &y->item[k]))
			k++;
		if (k == y->n)
			fail_msg("%s and %s: %s %s has no mirror", a->name, b->name, x->item[i].row->id,
				 x->item[i].what);
	}
	for (size_t i = 0; i < x->nbar; i++) {
		size_t k = 0;

		while (k < y->nbar && (y->bar[k].a != x->bar[i].b || y->bar[k].b != x->bar[i].a ||
				       !mirrored_turn(x->bar[i].turn, y->bar[k].turn)))
			k++;
		assert_true(k < y->nbar);
	}
	diff_free(x);
	diff_free(y);
	judgement_free(ja);
	judgement_free(jb);
}

/* Each with itself, where nothing may differ, and with each other, both ways. */
static void recorded(void **state)
{
	static struct loaded l[200];
	static const char *const slow[] = { "epyc-256cpu-4000res", "entries-64g", "entries-200-processes" };
	struct dirent **names;
	int found = scandir(MACHINES, &names, NULL, alphasort), n = 0;

	(void)state;
	assert_true(found > 2);
	for (int i = 0; i < found; i++) {
		bool skip = *names[i]->d_name == '.' || n == 200;

		for (size_t k = 0; k < sizeof(slow) / sizeof(slow[0]); k++)
			skip = skip || !strcmp(names[i]->d_name, slow[k]);
		if (!skip) {
			snprintf(l[n].name, sizeof(l[n].name), MACHINES "/%s/root", names[i]->d_name);
			assert_int_equal(src_open_root(&l[n].s, l[n].name, NULL, 0), 0);
			assert_int_equal(machine_read(l[n].s, READ_ALL, NULL, &l[n].m), 0);
			n++;
		}
		free(names[i]);
	}
	free(names);
	assert_true(n > 50);
	for (int i = 0; i < n; i++) {
		struct judgement *ja, *jb;
		struct diff *d = make(l[i].m, l[i].m, LAYER_PTE, &ja, &jb);

		if (d->n || d->answer == DIFF_GOT_WORSE)
			fail_msg("%s differs from itself: %s", l[i].name, d->n ? d->item[0].row->id : "worse");
		diff_free(d);
		judgement_free(ja);
		judgement_free(jb);
		for (int k = i + 1; k < n; k++)
			both_ways(&l[i], &l[k]);
	}
	for (int i = 0; i < n; i++) {
		machine_free(l[i].m);
		src_close(l[i].s);
	}
}

/* The table names rules that exist, and says everything of each row. */
static void table(void **state)
{
	char copy[1000], *save, *id;
	const struct diff_row *r;

	(void)state;
	for (size_t i = 0; (r = diff_row_at(i)); i++) {
		assert_true(r->id && *r->id && r->what && *r->what && r->why && *r->why && r->source && *r->source);
		assert_true(strlen(r->rules) < sizeof(copy));
		strcpy(copy, r->rules);
		for (id = strtok_r(copy, " ", &save); id; id = strtok_r(NULL, " ", &save))
			if (!strchr(id, '*') && !rule_find(id))
				fail_msg("%s: no rule %s", r->id, id);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, two_setup, two_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(same),
		TEST(host),
		TEST(pat),
		TEST(pat_of_one_cpu),
		TEST(mtrrs),
		TEST(device),
		TEST(bars),
		TEST(moved),
		TEST(reservations),
		TEST(mappings),
		cmocka_unit_test(matching),
		cmocka_unit_test(recorded),
		cmocka_unit_test(table),
	};

	return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
