/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bus.c - a measurement, from its start to its end.
 */
#include <inttypes.h>
#include <string.h>

#include "bus.h"
#include "busmem.h"
#include "handlers.h"
#include "list.h"
#include "page.h"
#include "thread.h"
#include "wc.h"

#define RAW_MAX	  1000000 /* lines of the raw log */
#define STORE_MAX 64	  /* bytes that one instruction stores at once */

enum type { TYPE_UC, TYPE_WC, TYPE_RESERVED2, TYPE_RESERVED3, TYPE_WT, TYPE_WP, TYPE_WB, TYPE_UCMINUS };
static const char *const type_name[8] = { "uc", "wc", "2", "3", "wt", "wp", "wb", "uc-" };

struct store {
	uint64_t cr3, ip, virtual, phys;
	unsigned int size;
	enum type type;
	struct thread *thread;	/* whose store it is; NULL: a read's */
};

/* The stores of one instruction come one after the other: the last ones are kept until no more follow. */
struct cpu {
	struct wc_model model;
	struct list_from from;
	struct store joined;	/* size 0: none */
	bool touched;		/* the range was, since the last event that was told */
	bool returns;		/* by an IRET, which has not yet read where to */
};

bool bus_running;
static struct bus_start bus;
static struct cpu cpus[PAGE_CPUS];
static struct list list, list_cpu;
static FILE *raw;
static uint64_t order, stores, reads, events, leftout, wrong;
static uint64_t distance;
static bool distance_known;

static bool raw_line(void)
{
	order++;
	if (order > RAW_MAX)
		leftout++;
	return order <= RAW_MAX;
}

static void raw_access(unsigned int cpu, char what, const struct store *s)
{
	if (raw_line())
		fprintf(raw, "%c %" PRIu64 " %u %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %u %s\n", what, order, cpu,
			s->cr3, s->ip, s->virtual, s->phys, s->size, type_name[s->type]);
}

/* Of a whole store. */
static void model_store(struct wc_model *m, const struct store *s)
{
	if (s->type == TYPE_WC)
		wc_stored(m, s->phys, s->size);
	else
		wc_store_uc(m, s->phys, s->size, WC_ALL, s->ip);
}

/* The store that is kept is whole now. What combines has gone into the models before, piece by piece. */
static void commit(unsigned int cpu)
{
	struct cpu *c = &cpus[cpu];
	struct store s = c->joined;

	if (!s.size)
		return;
	c->joined.size = 0;
	stores++;
	raw_access(cpu, 's', &s);
	if (s.type == TYPE_WB)
		return;
	model_store(&c->model, &s);
	if (s.thread)
		model_store(&s.thread->model, &s);
}

static void add_pending(struct list_counts *sum, const struct wc_model *m)
{
	struct wc_pending p = wc_pending(m);

	sum->tlps += p.tlps;
	sum->full += p.full;
	sum->dws += p.dws;
	sum->bytes += p.bytes;
}

static void add_uc(const struct wc_tlp *t, void *data)
{
	struct list_counts *sum = data;

	sum->tlps++;
	sum->uc++;
	sum->bytes += wc_bytes(t);
	sum->dws += t->dws;
}

/* A store that is kept counts as if it were whole. */
static void add_joined(struct list_counts *sum, const struct store *s)
{
	struct wc_model m = { .emit = add_uc, .data = sum };

	if (!s->size)
		return;
	sum->stores++;
	if (s->type != TYPE_WC && s->type != TYPE_WB)
		wc_store_uc(&m, s->phys, s->size, WC_ALL, s->ip);
}

static void publish(void)
{
	struct list_counts all = list.sum, all_cpu = list_cpu.sum;

	for (unsigned int i = 0; i < nthreads; i++)
		add_pending(&all, &threads[i].model);
	all.stores = all_cpu.stores = stores;
	for (unsigned int i = 0; i < PAGE_CPUS; i++) {
		add_pending(&all_cpu, &cpus[i].model);
		add_joined(&all, &cpus[i].joined);
		add_joined(&all_cpu, &cpus[i].joined);
	}
	busmem_counters(BUS_TLPS, &all);
	busmem_counters(BUS_CPU_OFFSET, &all_cpu);
}

/* Something empties this CPU's buffers. The thread's own one has done it, when there is one. */
static void flush(unsigned int cpu, enum wc_reason why, struct thread *own)
{
	wc_flush(&cpus[cpu].model, why);
	if (own)
		wc_flush(&own->model, why);
}

static void event(unsigned int cpu, const char *what, uint64_t ip)
{
	if (!cpus[cpu].touched)
		return;
	cpus[cpu].touched = false;
	events++;
	if (raw_line())
		fprintf(raw, "e %" PRIu64 " %u %" PRIx64 " %" PRIx64 " %s\n", order, cpu, page_cr3(cpu), ip, what);
}

static const struct {
	bool flushes;
	enum wc_reason why;
} meaning[INSN_KINDS] = {
	[INSN_SFENCE] = { true, WC_SFENCE },
	[INSN_MFENCE] = { true, WC_MFENCE },
	[INSN_LOCK] = { true, WC_LOCK },
	[INSN_SERIAL] = { true, WC_SERIAL },
	[INSN_TLB] = { true, WC_SERIAL },
	[INSN_IRET] = { true, WC_SERIAL },
	[INSN_IO] = { true, WC_IO },
	[INSN_SYSCALL] = { true, WC_SYSCALL },
	[INSN_INTERRUPT] = { true, WC_INTERRUPT },
};

void bus_insn(unsigned int cpu, enum insn_kind kind, uint64_t ip)
{
	struct thread *own;

	if (cpu >= PAGE_CPUS)
		return;
	commit(cpu);
	cpus[cpu].returns = kind == INSN_IRET;
	own = kind == INSN_INTERRUPT ? NULL : thread_own(cpu, ip);
	if (meaning[kind].flushes) {
		event(cpu, insn_name[kind], ip);
		flush(cpu, meaning[kind].why, own);
	}
	if (kind == INSN_INTERRUPT)
		thread_handler(cpu);
	else if (kind == INSN_SYSCALL && own)
		thread_calls(own);
	if (kind == INSN_TLB)
		page_forget(cpu);
}

void bus_next(unsigned int cpu)
{
	if (cpu < PAGE_CPUS)
		commit(cpu);
}

static bool joins_to(const struct store *a, const struct store *b)
{
	return a->size && a->ip == b->ip && a->cr3 == b->cr3 && a->type == b->type && a->size + b->size <= STORE_MAX &&
	       a->virtual + a->size == b->virtual && a->phys + a->size == b->phys;
}

static void bar_store(unsigned int cpu, struct store *s, bool joins)
{
	struct cpu *c = &cpus[cpu];
	bool own;

	s->thread = thread_stores(cpu, s->ip, &own);
	wrong += !s->thread || !own;
	c->touched = true;
	if (joins && joins_to(&c->joined, s)) {
		c->joined.size += s->size;
	} else {
		commit(cpu);
		c->joined = *s;
	}
	if (s->type == TYPE_WC) {
		wc_piece(&c->model, s->phys, s->size, WC_ALL, s->ip);
		if (s->thread)
			wc_piece(&s->thread->model, s->phys, s->size, WC_ALL, s->ip);
	}
	publish();
}

static void bar_read(unsigned int cpu, const struct store *s)
{
	struct thread *own = thread_own(cpu, s->ip);
	struct cpu *c = &cpus[cpu];

	commit(cpu);
	reads++;
	raw_access(cpu, 'r', s);
	c->touched = true;
	if (s->type != TYPE_WC) {
		flush(cpu, WC_UC, own);
		return;
	}
	wc_read(&c->model, s->phys, s->size);
	if (own)
		wc_read(&own->model, s->phys, s->size);
}

static bool in_range(uint64_t phys)
{
	return phys - bus.start < bus.length;
}

/* The part of an access that lies on one page. */
static void access_page(unsigned int cpu, const struct page *p, struct store *s, bool store, bool joins)
{
	s->phys = p->phys + s->virtual % 4096;
	s->type = bus.pat >> (p->slot * 8) & 7;
	if (in_range(s->phys)) {
		s->cr3 = page_cr3(cpu);
		if (store)
			bar_store(cpu, s, joins);
		else
			bar_read(cpu, s);
	} else if (s->type == TYPE_UC || s->type == TYPE_UCMINUS) {
		commit(cpu);
		event(cpu, "uc", s->ip);
		flush(cpu, WC_UC, thread_own(cpu, s->ip));
	}
}

uint64_t bus_access(unsigned int cpu, uint64_t virtual, unsigned int size, bool store, uint64_t ip, bool joins)
{
	uint64_t start = virtual, ours = 0;

	if (cpu >= PAGE_CPUS)
		return 0;
	if (cpus[cpu].returns)
		thread_iret(cpu, virtual);
	cpus[cpu].returns = false;
	while (size) {
		unsigned int n = 4096 - virtual % 4096 < size ? 4096 - (unsigned int)(virtual % 4096) : size;
		const struct page *p = page_of(cpu, virtual);
		struct store s = { .virtual = virtual, .size = n, .ip = ip };

		if (!p) {
			wrong++;
		} else if (!p->ram) {
			access_page(cpu, p, &s, store, joins || virtual != start);
			if (virtual == start && in_range(s.phys))
				ours = s.phys;
		}
		virtual += n;
		size -= n;
	}
	return ours;
}

void bus_qemu_says(uint64_t ours, uint64_t theirs)
{
	/* Theirs counts from the beginning of all memory that QEMU has, so that the distance is the same for all. */
	if (!distance_known)
		distance = theirs - ours;
	distance_known = true;
	wrong += theirs - ours != distance;
}

void bus_start(unsigned int cpu, const char *folder, const struct bus_start *how)
{
	struct wc_model like = { .buffers = how->buffers, .evict = how->evict, .evict_after = how->evict_after };

	if (bus_running || cpu >= PAGE_CPUS || !how->buffers || how->buffers > WC_BUFFERS_MAX ||
	    (how->evict && !how->evict_after)) {
		fprintf(stderr, "analyser: a measurement cannot be started\n");
		return;
	}
	bus = *how;
	memset(cpus, 0, sizeof(cpus));
	thread_start(&list, &like);
	distance_known = false;
	order = stores = reads = events = leftout = wrong = 0;
	for (unsigned int i = 0; i < PAGE_CPUS; i++) {
		page_forget(i);
		cpus[i].from = (struct list_from){ &list_cpu, &cpus[i].model };
		cpus[i].model = like;
		cpus[i].model.emit = list_emit;
		cpus[i].model.data = &cpus[i].from;
	}
	raw = list_file(folder, "bus", bus.number, "");
	if (!raw || !list_open(&list, folder, "tlp", bus.number, true) ||
	    !list_open(&list_cpu, folder, "tlp-cpu", bus.number, false))
		return;
	fprintf(raw, "bus %" PRIu64 " start %" PRIx64 " length %" PRIx64 " pat %" PRIx64 " buffers %u evict %u after %u\n",
		bus.number, bus.start, bus.length, bus.pat, bus.buffers, bus.evict, bus.evict_after);
	wrong += !handlers_find(cpu);
	busmem_start(folder, &bus);
	bus_running = true;
	publish();
}

void bus_stop(void)
{
	if (!bus_running)
		return;
	for (unsigned int i = 0; i < PAGE_CPUS; i++) {
		commit(i);
		wc_flush(&cpus[i].model, WC_END);
	}
	for (unsigned int i = 0; i < nthreads; i++)
		wc_flush(&threads[i].model, WC_END);
	publish();
	bus_running = false;
	busmem_stop();
	fprintf(raw, "end %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", stores, reads, events, leftout,
		wrong);
	if (ferror(raw) | fclose(raw) | !list_close(&list) | !list_close(&list_cpu))
		perror("analyser");
	raw = NULL;
}
