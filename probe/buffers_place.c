// SPDX-License-Identifier: GPL-2.0-or-later
/* buffers_place.c - reads the kernel's lists of CPUs: online ones, those of each kind, those of a core. */
#include "buffers_place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "msr.h"
#include "src.h"

#define ONLINE "/sys/devices/system/cpu/online"
/* The PMUs of hybrid CPUs, Linux Documentation/admin-guide/perf: absent on all others. */
static const struct {
	const char *path;
	enum buffers_kind kind;
} lists[] = {
	{ "/sys/devices/cpu_core/cpus", BUFFERS_CORE },
	{ "/sys/devices/cpu_atom/cpus", BUFFERS_ATOM },
};

static int list_of(const struct src *s, const char *path, unsigned int **cpu, size_t *n)
{
	struct blob text;
	int err = src_read(s, path, &text);

	if (err)
		return err;
	err = cpulist_parse(text.data, text.len, cpu, n);
	blob_free(&text);
	return err;
}

static struct buffers_place *find(struct buffers_place *p, size_t n, unsigned int cpu)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p[mid].cpu < cpu)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && p[lo].cpu == cpu ? &p[lo] : NULL;
}

static void find_kinds(const struct src *s, struct buffers_place *p, size_t n)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		unsigned int *cpu;
		size_t k;

		if (list_of(s, lists[i].path, &cpu, &k))
			continue;
		while (k--) {
			struct buffers_place *of = find(p, n, cpu[k]);

			if (of)
				of->kind = lists[i].kind;
		}
		free(cpu);
	}
}

static void find_sibling(const struct src *s, bool guest, struct buffers_place *p)
{
	unsigned int *cpu;
	char path[96];
	size_t n;

	p->beside = -1;
	p->sibling = BUFFERS_HIDDEN;
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list", p->cpu);
	if (list_of(s, path, &cpu, &n))
		return;
	for (size_t i = 0; i < n && p->beside < 0; i++)
		if (cpu[i] != p->cpu)
			p->beside = (int)cpu[i];
	free(cpu);
	if (!guest)
		p->sibling = p->beside < 0 ? BUFFERS_ALONE : BUFFERS_SIBLING;
}

int buffers_places(const struct src *s, bool guest, struct buffers_place **out, size_t *n)
{
	unsigned int *cpu;
	int err = list_of(s, ONLINE, &cpu, n);

	*out = NULL;
	if (err)
		return err;
	if (!*n)
		return -ENODATA;
	*out = calloc(*n, sizeof(**out));
	for (size_t i = 0; *out && i < *n; i++) {
		(*out)[i].cpu = cpu[i];
		find_sibling(s, guest, &(*out)[i]);
	}
	free(cpu);
	if (!*out)
		return -ENOMEM;
	find_kinds(s, *out, *n);
	return 0;
}

size_t buffers_places_one_each(struct buffers_place *p, size_t n, unsigned int cpu)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < kept && p[k].kind != p[i].kind)
			k++;
		if (k == kept)
			p[kept++] = p[i];
		else if (p[i].cpu == cpu)
			p[k] = p[i];
	}
	return kept;
}
