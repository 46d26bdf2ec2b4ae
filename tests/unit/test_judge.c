/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_judge.c - the engine and the rules on machines made up here, fact by fact. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge_world.h"

static void all_known_and_well_is_unknown_only_at_pte(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b = judge_world(w, LAYER_PTE);

	for (int l = LAYER_HOST; l <= LAYER_MEMTYPE; l++)
		assert_int_equal(b->state[l], STATE_OK);
	assert_int_equal(b->state[LAYER_PTE], STATE_UNKNOWN);
	assert_int_equal(b->state[LAYER_STORES], STATE_SKIPPED);
	assert_int_equal(b->verdict, VERDICT_UNKNOWN);
	assert_int_equal(b->judged_to, LAYER_MEMTYPE);
	assert_int_equal(b->breaks_at, -1);
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(b->verdict, VERDICT_INTACT);
}

/* Every fact that any rule of layers host to memtype needs, taken away one by one: never "intact" without it. */
static void no_missing_fact_reads_as_intact(void **state)
{
	struct world *w = *state;
	struct fact *needed[] = {
		&w->m.cpu.fact,	   &w->m.hyper.fact,   &w->m.host.cmdline, &w->m.msrs.fact,
		&w->m.belief_fact, &w->m.mtrr_fact,    &w->m.pci.fact,	   &w->dev.config,
		&w->m.iomem.fact,  &w->m.memtype.fact, &w->m.klog.fact,	   &w->m.maps.fact,
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		struct fact keep = *needed[i];
		struct bar_judgement *b;
		bool named = false;

		fact_missing(needed[i], NULL, "/the/missing/file", EACCES, "run as root");
		b = judge_world(w, LAYER_MEMTYPE);
		assert_int_equal(b->verdict, VERDICT_UNKNOWN);
		for (size_t k = 0; k < b->findings.n; k++)
			named |= b->findings.f[k].sev == SEV_UNKNOWN &&
				 strstr(b->findings.f[k].says, "/the/missing/file") && b->findings.f[k].fix &&
				 strstr(b->findings.f[k].fix, "run as root");
		assert_true(named);
		*needed[i] = keep;
	}
}

static void a_touching_reservation_is_no_finding(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	reserve(w, "PAT memtype list:\nPAT: [mem 0x00000000fd000000-0x00000000fe000000] uncached-minus\n"
		   "PAT: [mem 0x00000000fe100000-0x00000000fe200000] uncached\n");
	b = judge_world(w, LAYER_MEMTYPE);
	for (size_t i = 0; i < b->findings.n; i++)
		assert_int_not_equal(b->findings.f[i].rule->layer, LAYER_MEMTYPE);
	assert_int_equal(b->state[LAYER_MEMTYPE], STATE_OK);
	assert_int_equal(b->verdict, VERDICT_INTACT);
}

static void an_alias_breaks_who_asked_for_wc_and_names_the_holder(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;
	const struct finding *f;

	reserve(w, "uncached-minus @ 0xfe000000-0xfe100000\nuncached-minus @ 0xfe000000-0xfe010000\n");
	add_map(w, MAP_SYSFS_WC, BAR_ADDR, 0x10000);
	w->io[0] = (struct ioremap){
		.start = BAR_ADDR, .end = BAR_ADDR + BAR_SIZE, .caller = "drv_probe+0x1/0x2", .module = "drv"
	};
	w->m.ioremaps.n = 1;
	b = judge_world(w, LAYER_PTE);
	f = found(b, "memtype-alias-wins");
	assert_non_null(f);
	assert_int_equal(f->sev, SEV_BROKEN);
	assert_int_equal(b->breaks_at, LAYER_MEMTYPE);
	assert_non_null(strstr(finding_evidence(f, "holder")->text, "drv_probe"));
	assert_int_equal(finding_evidence(f, "pid")->num, 401);
	assert_null(strchr(f->says, '{'));
}

static void an_alias_without_a_request_is_advice(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	reserve(w, "uncached-minus @ 0xfe000000-0xfe100000\n");
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "memtype-alias-wins"), SEV_SUSPECT);
	assert_int_equal(b->verdict, VERDICT_INTACT);
}

static void a_register_page_beside_a_wc_window_is_information(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	reserve(w, "uncached-minus @ 0xfe000000-0xfe001000\nwrite-combining @ 0xfe001000-0xfe100000\n");
	add_map(w, MAP_SYSFS_WC, BAR_ADDR + 0x1000, 0xff000);
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "memtype-two-types"), SEV_INFO);
	assert_int_equal(sev(b, "memtype-mixed"), -1);
	assert_int_equal(sev(b, "memtype-alias-wins"), -1);
	assert_int_equal(b->verdict, VERDICT_INTACT);
}

static void a_wc_mtrr_saves_a_ucminus_alias(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	reserve(w, "uncached-minus @ 0xfe000000-0xfe100000\n");
	add_map(w, MAP_SYSFS_WC, BAR_ADDR, BAR_SIZE);
	for (int i = 0; i < 2; i++)
		w->mtrr[i].var[0] = (struct mtrr_var){ .valid = true,
						       .type = MT_WC,
						       .start = BAR_ADDR,
						       .end = BAR_ADDR + BAR_SIZE,
						       .base_raw = BAR_ADDR | 1,
						       .mask_raw = (((1ULL << 46) - BAR_SIZE)) | 0x800 };
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "memtype-alias-wins"), -1);
	assert_int_equal(sev(b, "mtrr-wc-makes-ucminus-wc"), SEV_INFO);
	assert_int_equal(b->verdict, VERDICT_INTACT);
	/* The other CPU without that MTRR: the type now depends on the CPU. */
	w->mtrr[1].var[0].valid = false;
	w->mtrr[1].var[0].mask_raw = 0;
	w->m.ndistinct = 2;
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "mtrr-cpu-mismatch"), SEV_BROKEN);
	assert_int_equal(sev(b, "memtype-alias-wins"), SEV_BROKEN);
	assert_int_equal(b->breaks_at, LAYER_MTRR);
}

static void a_mtrr_mismatch_that_changes_nothing_is_suspect(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	reserve(w, "write-combining @ 0xfe000000-0xfe100000\n");
	w->mtrr[1].def = MT_WB;
	w->m.ndistinct = 2;
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "mtrr-cpu-mismatch"), SEV_SUSPECT);
	assert_int_equal(b->verdict, VERDICT_INTACT);
}

static void a_uc_mtrr_is_information_only(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b = judge_world(w, LAYER_MEMTYPE);

	assert_int_equal(sev(b, "mtrr-uc-covers"), SEV_INFO);
	for (size_t i = 0; i < b->findings.n; i++)
		assert_int_equal(b->findings.f[i].sev, SEV_INFO);
}

static void pat_off_breaks_unless_a_wc_mtrr_covers_all(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	for (int i = 0; i < 2; i++)
		pat_decode(PAT_RESET, &w->pat[i]);
	pat_decode(PAT_RESET, &w->m.belief);
	w->m.pat_state = PAT_STATE_OFF;
	w->m.host.nopat = true;
	fact_absent(&w->m.memtype.fact, "test");
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "pat-disabled"), SEV_BROKEN);
	assert_int_equal(sev(b, "mtrr-no-pat-needs-wc"), SEV_BROKEN);
	assert_int_equal(b->breaks_at, LAYER_PAT);
	for (int i = 0; i < 2; i++)
		w->mtrr[i].def = MT_WC;
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "pat-disabled"), SEV_SUSPECT);
	assert_int_equal(sev(b, "mtrr-no-pat-needs-wc"), -1);
	assert_int_equal(b->verdict, VERDICT_INTACT);
}

static void a_pat_that_differs_between_cpus_breaks(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	pat_decode(PAT_RESET, &w->pat[1]);
	w->m.ndistinct = 2;
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "pat-cpu-mismatch"), SEV_BROKEN);
	assert_int_equal(sev(b, "pat-kernel-disagrees"), SEV_BROKEN);
}

static void a_sleeping_device_is_broken_and_its_config_not_missed(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	w->dev.asleep = w->dev.suspended = true;
	w->dev.power = PCI_POWER_D3HOT;
	w->dev.command = -1;
	fact_missing(&w->dev.config, NULL, "config", EHOSTDOWN, NULL);
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "bar-asleep"), SEV_BROKEN);
	assert_int_equal(sev(b, "bar-decode-off"), -1);
	assert_int_equal(sev(b, "pci-unknown"), -1);
	assert_int_equal(b->breaks_at, LAYER_PCI);
}

static void a_plain_resource_mapping_is_judged_by_its_reservation(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	add_map(w, MAP_SYSFS, BAR_ADDR, 0x10000);
	reserve(w, "uncached-minus @ 0xfe000000-0xfe010000\n");
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(sev(b, "map-resource-not-wc"), SEV_BROKEN);
	assert_int_equal(b->breaks_at, LAYER_PTE);
	memtype_free(&w->m.memtype);
	known(&w->m.memtype.fact);
	reserve(w, "write-combining @ 0xfe000000-0xfe100000\n");
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(sev(b, "map-resource-not-wc"), SEV_INFO);
	assert_int_equal(b->breaks_at, -1);
	fact_missing(&w->m.memtype.fact, NULL, "list", EACCES, NULL);
	w->m.memtype.n = 0;
	b = judge_world(w, LAYER_PTE);
	assert_int_equal(sev(b, "map-resource-not-wc"), SEV_UNKNOWN);
}

static void a_reservation_that_ends_inside_a_mapping_breaks_but_a_short_mapping_does_not(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;
	struct map *p = add_map(w, MAP_SYSFS_WC, BAR_ADDR, 0x10000);

	reserve(w, "write-combining @ 0xfe000000-0xfe010000\n");
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(b->verdict, VERDICT_INTACT);
	assert_int_equal(sev(b, "memtype-partial"), -1);
	p->vend += 0x1000;
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "memtype-partial"), SEV_BROKEN);
}

static void a_mapping_without_reservation_is_suspect(void **state)
{
	struct world *w = *state;

	add_map(w, MAP_SYSFS_WC, BAR_ADDR, 0x10000);
	assert_int_equal(sev(judge_world(w, LAYER_MEMTYPE), "memtype-none"), SEV_SUSPECT);
}

static void log_event(struct world *w, enum klog_kind k, uint64_t start, uint64_t end, enum mtype req, enum mtype ret)
{
	struct klog_event *e = &w->ev[w->m.klog.n++];

	*e = (struct klog_event){ .kind = k,
				  .start = start,
				  .end = end,
				  .track = ret,
				  .req = req,
				  .ret = ret,
				  .text = "line",
				  .textlen = 4 };
}

static void a_downgrade_stands_until_it_is_freed(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	reserve(w, "uncached-minus @ 0xfe000000-0xfe100000\nuncached-minus @ 0xfe000000-0xfe010000\n");
	log_event(w, KLOG_RESERVED, BAR_ADDR, BAR_ADDR + BAR_SIZE, MT_UCMINUS, MT_UCMINUS);
	log_event(w, KLOG_RESERVED, BAR_ADDR, BAR_ADDR + 0x10000, MT_WC, MT_UCMINUS);
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "memtype-downgraded-log"), SEV_BROKEN);
	assert_int_equal(sev(b, "memtype-alias-wins"), SEV_BROKEN);
	memtype_free(&w->m.memtype);
	known(&w->m.memtype.fact);
	reserve(w, "uncached-minus @ 0xfe000000-0xfe100000\n");
	log_event(w, KLOG_FREED, BAR_ADDR, BAR_ADDR + 0x10000, MT_UNKNOWN, MT_UNKNOWN);
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "memtype-downgraded-log"), SEV_INFO);
	assert_int_equal(sev(b, "memtype-alias-wins"), SEV_SUSPECT);
}

static void a_freed_twin_of_the_same_range_leaves_it_unsure_or_told_by_its_holder(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	/* Two equal reservations, one released: which one stands? Nobody visible holds it: nobody can tell. */
	reserve(w, "uncached-minus @ 0xfe000000-0xfe010000\n");
	log_event(w, KLOG_RESERVED, BAR_ADDR, BAR_ADDR + 0x10000, MT_UCMINUS, MT_UCMINUS);
	log_event(w, KLOG_RESERVED, BAR_ADDR, BAR_ADDR + 0x10000, MT_WC, MT_UCMINUS);
	log_event(w, KLOG_FREED, BAR_ADDR, BAR_ADDR + 0x10000, MT_UNKNOWN, MT_UNKNOWN);
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "memtype-downgraded-log"), SEV_UNKNOWN);
	/* A process holds it through resource2: the request for WC is the one that went. */
	add_map(w, MAP_SYSFS, BAR_ADDR, 0x10000);
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "memtype-downgraded-log"), SEV_INFO);
	/* A process holds it through resource2_wc: it stands. */
	w->map[0].kind = MAP_SYSFS_WC;
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "memtype-downgraded-log"), SEV_BROKEN);
}

static void a_refused_mapping_counts_while_its_obstacle_stands(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	reserve(w, "write-combining @ 0xfe000000-0xfe001000\nuncached-minus @ 0xfe001000-0xfe002000\n");
	log_event(w, KLOG_CONFLICT, BAR_ADDR, BAR_ADDR + 0x10000, MT_UNKNOWN, MT_UCMINUS);
	log_event(w, KLOG_RESERVE_FAILED, BAR_ADDR, BAR_ADDR + 0x10000, MT_WC, MT_UNKNOWN);
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "memtype-mixed"), SEV_BROKEN);
	assert_int_equal(sev(b, "memtype-refused-log"), SEV_BROKEN);
	memtype_free(&w->m.memtype);
	known(&w->m.memtype.fact);
	reserve(w, "write-combining @ 0xfe000000-0xfe001000\n");
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "memtype-mixed"), -1);
	assert_int_equal(sev(b, "memtype-refused-log"), SEV_INFO);
	assert_int_equal(b->verdict, VERDICT_INTACT);
}

static void a_leaked_reservation_is_told_from_what_is_held(void **state)
{
	struct world *w = *state;
	struct map *p = add_map(w, MAP_SYSFS, BAR_ADDR, 0x1000);

	/* Held by a piece of a split mapping: not stale. */
	reserve(w, "uncached-minus @ 0xfe000000-0xfe003000\n");
	assert_int_equal(sev(judge_world(w, LAYER_MEMTYPE), "memtype-stale"), -1);
	/* A mapping that reaches beyond it has a reservation of its own. */
	p->vend += 0xf000;
	assert_int_equal(sev(judge_world(w, LAYER_MEMTYPE), "memtype-stale"), SEV_SUSPECT);
	/* With a driver bound it may be the driver's own, unless the kernel itself logged the leak. */
	strcpy(w->dev.driver, "drv");
	assert_int_equal(sev(judge_world(w, LAYER_MEMTYPE), "memtype-stale"), -1);
	log_event(w, KLOG_FREE_INVALID, BAR_ADDR, BAR_ADDR + 0x2000, MT_UNKNOWN, MT_UNKNOWN);
	assert_int_equal(sev(judge_world(w, LAYER_MEMTYPE), "memtype-stale"), SEV_SUSPECT);
	/* A driver's node of the same device maps something that cannot be seen: it may hold it. */
	p = add_map(w, MAP_NODE, 0, 0x1000);
	p->phys_known = false;
	assert_int_equal(sev(judge_world(w, LAYER_MEMTYPE), "memtype-stale"), -1);
}

/* A fact that two layers only use is named once, and not at all when another layer needs it. */
static void a_useful_fact_that_is_missing_is_named_once(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;
	size_t n = 0;

	fact_missing(&w->m.ioremaps.fact, NULL, "/proc/vmallocinfo", EACCES, "run as root");
	b = judge_world(w, LAYER_MEMTYPE);
	for (size_t i = 0; i < b->findings.n; i++)
		n += !!strstr(b->findings.f[i].says, "/proc/vmallocinfo");
	assert_int_equal(n, 1);
	assert_int_equal(b->verdict, VERDICT_INTACT);
}

static void a_private_mapping_never_reaches_the_device(void **state)
{
	struct world *w = *state;

	add_map(w, MAP_SYSFS_WC, BAR_ADDR, 0x1000)->shared = false;
	reserve(w, "write-combining @ 0xfe000000-0xfe001000\n");
	assert_int_equal(sev(judge_world(w, LAYER_PTE), "pte-private"), SEV_BROKEN);
}

static void a_readonly_mapping_breaks_only_when_nobody_can_write(void **state)
{
	struct world *w = *state;

	add_map(w, MAP_SYSFS_WC, BAR_ADDR, 0x1000)->write = false;
	reserve(w, "write-combining @ 0xfe000000-0xfe001000\n");
	assert_int_equal(sev(judge_world(w, LAYER_PTE), "pte-readonly"), SEV_BROKEN);
	add_map(w, MAP_SYSFS_WC, BAR_ADDR, 0x1000);
	assert_int_equal(sev(judge_world(w, LAYER_PTE), "pte-readonly"), SEV_INFO);
}

static void a_register_page_of_a_process_with_a_wc_window_is_suspect(void **state)
{
	struct world *w = *state;

	add_map(w, MAP_SYSFS, BAR_ADDR, 0x1000);
	reserve(w, "uncached-minus @ 0xfe000000-0xfe001000\nwrite-combining @ 0xfe001000-0xfe010000\n");
	assert_int_equal(sev(judge_world(w, LAYER_PTE), "map-resource-not-wc"), SEV_BROKEN);
	add_map(w, MAP_SYSFS_WC, BAR_ADDR + 0x1000, 0xf000)->pid = w->map[0].pid;
	assert_int_equal(sev(judge_world(w, LAYER_PTE), "map-resource-not-wc"), SEV_SUSPECT);
}

static void a_bridge_that_forwards_nothing_breaks_and_one_that_was_not_read_is_unknown(void **state)
{
	struct world *w = *state;
	struct pci_device dev[2] = { w->dev, w->dev };

	dev[0].bar[2] = (struct pci_bar){ 0 };
	strcpy(dev[0].slot, "0000:00:01.0");
	dev[1].parent = 0;
	w->m.pci.dev = dev;
	w->m.pci.n = 2;
	assert_int_equal(sev(judge_world(w, LAYER_MEMTYPE), "bar-decode-off"), -1);
	dev[0].command = 0;
	assert_int_equal(sev(judge_world(w, LAYER_MEMTYPE), "bar-decode-off"), SEV_BROKEN);
	dev[0].command = -1;
	assert_int_equal(sev(judge_world(w, LAYER_MEMTYPE), "bar-decode-off"), SEV_UNKNOWN);
}

static void a_suspended_device_that_may_be_in_d0_is_unknown(void **state)
{
	struct world *w = *state;

	w->dev.asleep = w->dev.suspended = true;
	w->dev.command = -1;
	assert_int_equal(sev(judge_world(w, LAYER_MEMTYPE), "bar-asleep"), SEV_UNKNOWN);
}

static void a_refusal_over_a_neighbour_is_not_this_bars(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	reserve(w, "write-combining @ 0xfe000000-0xfe100000\nuncached-minus @ 0xfe100000-0xfe200000\n");
	log_event(w, KLOG_CONFLICT, BAR_ADDR, BAR_ADDR + 2 * BAR_SIZE, MT_UNKNOWN, MT_UCMINUS);
	log_event(w, KLOG_RESERVE_FAILED, BAR_ADDR, BAR_ADDR + 2 * BAR_SIZE, MT_UCMINUS, MT_UNKNOWN);
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "memtype-mixed"), -1);
	assert_int_equal(sev(b, "memtype-refused-log"), SEV_INFO);
}

static void kvm_on_intel_ignores_the_pat_for_ram(void **state)
{
	struct world *w = *state;
	struct bar_judgement *b;

	w->m.hyper.guest = true;
	known(&w->m.hyper.fact);
	for (w->m.hyper.kind = hyper_kinds; strcmp(w->m.hyper.kind->name, "KVM"); w->m.hyper.kind++)
		assert_non_null(w->m.hyper.kind->signature);
	w->dev.vendor = 0x1af4;
	w->dev.device = 0x1110;
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "host-guest-pat-ignored"), SEV_BROKEN);
	w->m.cpu.vendor = VENDOR_AMD;
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "host-guest-pat-ignored"), -1);
	w->m.hyper.kind = NULL;
	strcpy(w->m.hyper.signature, "WhoIsThis?");
	b = judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(sev(b, "host-guest-unknown"), SEV_UNKNOWN);
	assert_int_equal(b->verdict, VERDICT_UNKNOWN);
}

static void lockdown_is_named_only_when_it_hides_something(void **state)
{
	struct world *w = *state;

	w->m.host.lockdown = LOCKDOWN_INTEGRITY;
	known(&w->m.host.lock);
	assert_int_equal(sev(judge_world(w, LAYER_MEMTYPE), "host-lockdown"), -1);
	fact_missing(&w->m.memtype.fact, NULL, "list", EPERM, NULL);
	assert_int_equal(sev(judge_world(w, LAYER_MEMTYPE), "host-lockdown"), SEV_UNKNOWN);
}

/* The table itself. */
static void every_rule_is_complete_and_its_id_unique(void **state)
{
	const struct rule *r, *s;

	(void)state;
	for (size_t i = 0; (r = rule_at(i)); i++) {
		assert_non_null(r->id);
		assert_non_null(r->when);
		assert_non_null(r->says);
		assert_non_null(r->source);
		assert_true(r->test || strstr(r->id, "-unknown"));
		assert_true(r->fix || r->sev == SEV_INFO);
		for (size_t k = 0; (s = rule_at(k)); k++)
			assert_true(k == i || strcmp(r->id, s->id));
	}
	for (int l = LAYER_HOST; l <= LAYER_PTE; l++) {
		char id[32];

		snprintf(id, sizeof(id), "%s-unknown", layer_name((enum layer)l));
		assert_non_null(rule_find(id));
	}
}

static void only_plausible_bars_are_judged_by_default(void **state)
{
	struct world *w = *state;

	w->dev.bar[2].flags &= ~(uint64_t)RES_PREFETCH;
	judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(w->j->nbar, 0);
	reserve(w, "write-combining @ 0xfe000000-0xfe001000\n");
	judge_world(w, LAYER_MEMTYPE);
	assert_int_equal(w->j->nbar, 1);
	assert_int_equal(sev(&w->j->bar[0], "bar-not-prefetchable"), SEV_SUSPECT);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(all_known_and_well_is_unknown_only_at_pte),
		T(no_missing_fact_reads_as_intact),
		T(a_touching_reservation_is_no_finding),
		T(an_alias_breaks_who_asked_for_wc_and_names_the_holder),
		T(an_alias_without_a_request_is_advice),
		T(a_register_page_beside_a_wc_window_is_information),
		T(a_wc_mtrr_saves_a_ucminus_alias),
		T(a_mtrr_mismatch_that_changes_nothing_is_suspect),
		T(a_uc_mtrr_is_information_only),
		T(pat_off_breaks_unless_a_wc_mtrr_covers_all),
		T(a_pat_that_differs_between_cpus_breaks),
		T(a_sleeping_device_is_broken_and_its_config_not_missed),
		T(a_plain_resource_mapping_is_judged_by_its_reservation),
		T(a_reservation_that_ends_inside_a_mapping_breaks_but_a_short_mapping_does_not),
		T(a_mapping_without_reservation_is_suspect),
		T(a_downgrade_stands_until_it_is_freed),
		T(a_freed_twin_of_the_same_range_leaves_it_unsure_or_told_by_its_holder),
		T(a_refused_mapping_counts_while_its_obstacle_stands),
		T(a_leaked_reservation_is_told_from_what_is_held),
		T(a_useful_fact_that_is_missing_is_named_once),
		T(a_private_mapping_never_reaches_the_device),
		T(a_readonly_mapping_breaks_only_when_nobody_can_write),
		T(a_register_page_of_a_process_with_a_wc_window_is_suspect),
		T(a_bridge_that_forwards_nothing_breaks_and_one_that_was_not_read_is_unknown),
		T(a_suspended_device_that_may_be_in_d0_is_unknown),
		T(a_refusal_over_a_neighbour_is_not_this_bars),
		T(kvm_on_intel_ignores_the_pat_for_ram),
		T(lockdown_is_named_only_when_it_hides_something),
		T(every_rule_is_complete_and_its_id_unique),
		T(only_plausible_bars_are_judged_by_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
