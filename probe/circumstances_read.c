// SPDX-License-Identifier: GPL-2.0-or-later
/* circumstances_read.c - reads /proc/interrupts and /proc/stat before and after, and where the CPU sits. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "circumstances.h"
#include "circumstances_int.h"
#include "msr.h"
#include "pci.h"
#include "scan.h"
#include "src.h"

#define INTERRUPTS "/proc/interrupts"
#define STAT	   "/proc/stat"
#define CPU	   "/sys/devices/system/cpu/cpu%u"

/* More threads than a core of x86 has. */
enum { SIBLINGS = 8 };

struct circumstances_watch {
	const struct src *src;
	struct circumstances c;
	struct timespec start;
	struct irq_row *row;
	size_t nrow;
	unsigned int sibling[SIBLINGS];
	size_t nsibling;
	uint64_t ticks[SIBLINGS][2];
};

static void read_irqs(const struct src *s, unsigned int cpu, struct irq_row **row, size_t *n, struct fact *f)
{
	unsigned int line;
	const char *what;
	struct blob text;
	int err = src_read(s, INTERRUPTS, &text);

	if (err) {
		fact_missing(f, s, INTERRUPTS, -err, NULL);
		return;
	}
	err = irq_parse(text.data, text.len, cpu, row, n, &line, &what);
	blob_free(&text);
	if (!err)
		fact_known(f, INTERRUPTS);
	else if (err == -ENODEV)
		fact_garbled(f, INTERRUPTS, "no column for CPU %u", cpu);
	else if (err == -EBADMSG)
		fact_garbled(f, INTERRUPTS, "line %u: %s", line, what);
	else
		fact_missing(f, s, INTERRUPTS, -err, NULL);
}

/* Of those that share the core, all but the CPU itself. */
static void read_siblings(struct circumstances_watch *w)
{
	struct fact *f = &w->c.sibling_fact;
	unsigned int *cpu;
	struct blob text;
	char path[96];
	size_t n;
	int err;

	snprintf(path, sizeof(path), CPU "/topology/thread_siblings_list", w->c.cpu);
	err = src_read(w->src, path, &text);
	if (!err) {
		err = cpulist_parse(text.data, text.len, &cpu, &n);
		blob_free(&text);
	}
	if (err == -EBADMSG)
		fact_garbled(f, path, "not a list of CPUs");
	else if (err)
		fact_missing(f, w->src, path, -err, NULL);
	if (err)
		return;
	for (size_t i = 0; i < n && w->nsibling < SIBLINGS; i++)
		if (cpu[i] != w->c.cpu)
			w->sibling[w->nsibling++] = cpu[i];
	free(cpu);
	if (w->nsibling)
		fact_known(f, path);
	else
		fact_absent(f, path);
}

static void read_ticks(const struct circumstances_watch *w, uint64_t ticks[SIBLINGS][2], struct fact *f)
{
	struct blob text;
	int err;

	if (f->state != FACT_KNOWN)
		return;
	err = src_read(w->src, STAT, &text);
	if (err) {
		fact_missing(f, w->src, STAT, -err, NULL);
		return;
	}
	for (size_t i = 0; i < w->nsibling && !err; i++) {
		err = cpu_ticks_parse(text.data, text.len, w->sibling[i], &ticks[i][0], &ticks[i][1]);
		if (err)
			fact_garbled(f, STAT, "no line for CPU %u that can be read", w->sibling[i]);
	}
	blob_free(&text);
}

/* The CPU's folder has a link "nodeN"; without NUMA support in the kernel it has none. */
static int read_node(const struct src *s, unsigned int cpu)
{
	char path[64], **names;
	int node = -1;
	size_t n;

	snprintf(path, sizeof(path), CPU, cpu);
	if (src_list(s, path, &names, &n))
		return -1;
	for (size_t i = 0; i < n && node < 0; i++) {
		struct scan t = scan_of(names[i], strlen(names[i]));
		uint64_t v;

		if (scan_lit(&t, "node") && scan_dec(&t, INT32_MAX, &v) && scan_done(&t))
			node = (int)v;
	}
	src_list_free(names, n);
	return node;
}

int circumstances_begin(const struct src *s, unsigned int cpu, const struct pci_device *dev,
			struct circumstances_watch **out)
{
	struct circumstances_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->src = s;
	w->c.cpu = cpu;
	w->c.cpu_node = read_node(s, cpu);
	w->c.device_node = dev ? dev->numa_node : -1;
	w->c.sibling_busy = -1;
	read_siblings(w);
	read_ticks(w, w->ticks, &w->c.sibling_fact);
	read_irqs(s, cpu, &w->row, &w->nrow, &w->c.irq_fact);
	clock_gettime(CLOCK_MONOTONIC, &w->start);
	*out = w;
	return 0;
}

static void end_irqs(struct circumstances_watch *w)
{
	struct circumstances *c = &w->c;
	struct irq_row *row = NULL;
	size_t n = 0;

	if (c->irq_fact.state != FACT_KNOWN)
		return;
	read_irqs(w->src, c->cpu, &row, &n, &c->irq_fact);
	if (c->irq_fact.state == FACT_KNOWN)
		c->irqs = irq_between(w->row, w->nrow, row, n, c->busiest, sizeof(c->busiest), &c->busiest_irqs);
	free(row);
}

static void end_siblings(struct circumstances_watch *w)
{
	uint64_t now[SIBLINGS][2] = { 0 };
	struct circumstances *c = &w->c;

	read_ticks(w, now, &c->sibling_fact);
	if (c->sibling_fact.state != FACT_KNOWN)
		return;
	c->sibling = w->sibling[0];
	for (size_t i = 0; i < w->nsibling; i++) {
		double busy = cpu_ticks_busy(w->ticks[i], now[i]);

		if (busy > c->sibling_busy) {
			c->sibling_busy = busy;
			c->sibling = w->sibling[i];
		}
	}
}

void circumstances_end(struct circumstances_watch *w, struct circumstances *out)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	w->c.seconds = (double)(now.tv_sec - w->start.tv_sec) + (double)(now.tv_nsec - w->start.tv_nsec) / 1e9;
	end_irqs(w);
	end_siblings(w);
	*out = w->c;
	circumstances_drop(w);
}

void circumstances_drop(struct circumstances_watch *w)
{
	if (!w)
		return;
	free(w->row);
	free(w);
}
