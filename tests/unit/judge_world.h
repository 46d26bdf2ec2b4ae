/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge_world.h - a machine made up in memory, fact by fact, and what the judge says of it. Include after cmocka.h. */
#ifndef WCDIAG_JUDGE_WORLD_H
#define WCDIAG_JUDGE_WORLD_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/machine.h"
#include "probe/rule.h"

#define BAR_ADDR 0xfe000000ULL
#define BAR_SIZE 0x100000ULL

/* One machine on which everything is known and well: two CPUs, one device with a prefetchable BAR 2, nothing mapped. */
struct world {
	struct machine m;
	unsigned int cpu[2];
	struct msr_row row;
	struct pat pat[2];
	struct mtrr mtrr[2];
	size_t distinct[2];
	struct pci_device dev;
	struct memtype mt[8];
	uint64_t maxend[8];
	struct map map[256];
	struct pte_run run[256];
	struct klog_event ev[8];
	struct ioremap io[2];
	const struct experiment *exp; /* what the layers stores and fabric are judged by */
	struct judgement *j;
};

static inline void known(struct fact *f)
{
	fact_known(f, "test");
}

static inline void world_init(struct world *w)
{
	struct machine *m = &w->m;

	memset(w, 0, sizeof(*w));
	known(&m->host.kernel);
	known(&m->host.cmdline);
	fact_absent(&m->host.lock, "test");
	m->host.kver = KVER(6, 1);
	strcpy(m->host.release, "6.1.0");
	known(&m->cpu.fact);
	m->cpu.vendor = VENDOR_INTEL;
	m->cpu.pat = m->cpu.mtrr = true;
	m->cpu.phys_bits = 46;
	fact_absent(&m->hyper.fact, "test");
	known(&m->klog.fact);
	known(&m->msrs.fact);
	w->cpu[1] = 1;
	m->msrs.cpu = w->cpu;
	m->msrs.ncpu = 2;
	m->pat = w->pat;
	m->mtrr = w->mtrr;
	for (int i = 0; i < 2; i++) {
		pat_decode(PAT_LINUX, &w->pat[i]);
		w->mtrr[i] = (struct mtrr){
			.present = true, .enabled = true, .wc_supported = true, .vcnt = 8, .def = MT_UC, .phys_bits = 46
		};
	}
	m->distinct = w->distinct;
	w->distinct[1] = 1;
	m->ndistinct = 1;
	known(&m->mtrr_fact);
	pat_decode(PAT_LINUX, &m->belief);
	known(&m->belief_fact);
	m->pat_state = PAT_STATE_ON;
	m->pat_why = "test";
	known(&m->pci.fact);
	m->pci.dev = &w->dev;
	m->pci.n = 1;
	strcpy(w->dev.slot, "0000:00:02.0");
	w->dev.parent = -1;
	w->dev.power = PCI_POWER_D0;
	w->dev.command = 2;
	known(&w->dev.config);
	w->dev.bar[2] = (struct pci_bar){ .addr = BAR_ADDR,
					  .size = BAR_SIZE,
					  .flags = RES_MEM | RES_PREFETCH | RES_MEM_64,
					  .has_resource = true,
					  .has_wc = true };
	known(&m->iomem.fact);
	known(&m->ioremaps.fact);
	m->ioremaps.r = w->io;
	known(&m->memtype.fact);
	m->memtype.m = w->mt;
	m->memtype.maxend = w->maxend;
	known(&m->maps.fact);
	m->maps.m = w->map;
	m->klog.ev = w->ev;
	fact_missing(&m->entries.fact, NULL, "/dev/wcdiag", ENOENT, "load wcdiag_km");
	m->entries.list.r = w->run;
}

/* The list comes from the real parser, so that the index is the real one. */
static inline void reserve(struct world *w, const char *text)
{
	struct memtype_list l;
	const char *what;
	unsigned int line;

	assert_int_equal(memtype_parse(text, strlen(text), &l, &line, &what), 0);
	if (w->m.memtype.m != w->mt)
		memtype_free(&w->m.memtype);
	known(&w->m.memtype.fact);
	w->m.memtype.m = l.m;
	w->m.memtype.maxend = l.maxend;
	w->m.memtype.n = l.n;
}

static inline struct map *add_map(struct world *w, enum map_kind kind, uint64_t phys, uint64_t len)
{
	struct map *p = &w->map[w->m.maps.n++];

	*p = (struct map){ .pid = 400 + (int)w->m.maps.n,
			   .vstart = 0x7f0000000000,
			   .vend = 0x7f0000000000 + len,
			   .read = true,
			   .write = true,
			   .shared = true,
			   .kind = kind,
			   .phys_known = true,
			   .phys = phys,
			   .dev = 0,
			   .bar = 2 };
	strcpy(p->comm, "app");
	strcpy(p->path, "/sys/devices/pci0000:00/0000:00:02.0/resource2_wc");
	return p;
}

static inline struct bar_judgement *judge_world(struct world *w, enum layer until)
{
	struct judge_target t = { .bar = -1, .exp = w->exp };

	judgement_free(w->j);
	w->j = NULL;
	assert_int_equal(judge(&w->m, &t, until, &w->j), 0);
	return w->j->nbar ? &w->j->bar[0] : &w->j->machine;
}

static inline const struct finding *found(const struct bar_judgement *b, const char *id)
{
	for (size_t i = 0; i < b->findings.n; i++)
		if (!strcmp(b->findings.f[i].rule->id, id))
			return &b->findings.f[i];
	return NULL;
}

static inline int sev(const struct bar_judgement *b, const char *id)
{
	const struct finding *f = found(b, id);

	return f ? (int)f->sev : -1;
}

static inline int setup(void **state)
{
	*state = malloc(sizeof(struct world));
	world_init(*state);
	return 0;
}

static inline int teardown(void **state)
{
	struct world *w = *state;

	judgement_free(w->j);
	if (w->m.memtype.m != w->mt)
		memtype_free(&w->m.memtype);
	memtype_free(&w->m.by_phys);
	free(w);
	return 0;
}

#endif
