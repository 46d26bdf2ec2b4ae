/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kallsyms_find.c - the kernel's symbols by name and by address. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kallsyms_int.h"
#include "scan.h"

/* With less than this it is no address of the kernel: per-CPU offsets, absolute numbers. */
#define KERNEL_HALF 0xff00000000000000ULL
/* No function is that large: behind the last symbol an address soon is nobody's. */
#define FAR (16ULL << 20)

/* FNV-1a: names are short. */
static uint32_t hash(const char *s)
{
	uint32_t h = 2166136261U;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619U;
	return h;
}

/*
 * Open places, at most half of them taken: a search ends at the first empty one. The rows of one name come in the order
 * of their addresses because they are put in so. What finds no place within so many steps is left out and is found by
 * its address only: a name that a hostile text repeats a hundred thousand times, or as many names of one hash. (A
 * kernel's most frequent, "__func__.0" and the like, stand there some hundred times.)
 */
#define STEPS_MAX 4096

int kallsyms_index(struct kallsyms *k)
{
	size_t n = 64;

	while (n < k->n * 2)
		n *= 2;
	k->by_name = malloc(n * sizeof(*k->by_name));
	if (!k->by_name)
		return -ENOMEM;
	k->nhash = n;
	memset(k->by_name, 0xff, n * sizeof(*k->by_name));
	for (size_t i = 0; i < k->n; i++) {
		size_t at = hash(k->names + k->row[i].name) & (n - 1), steps = 0;

		while (k->by_name[at] != UINT32_MAX && steps++ < STEPS_MAX)
			at = (at + 1) & (n - 1);
		if (k->by_name[at] == UINT32_MAX)
			k->by_name[at] = (uint32_t)i;
	}
	return 0;
}

static uint64_t end_of(const struct kallsyms *k, size_t i)
{
	size_t j = i + 1;

	while (j < k->n && k->row[j].addr == k->row[i].addr)
		j++;
	return j < k->n && k->row[j].module == k->row[i].module ? k->row[j].addr : 0;
}

static void fill(const struct kallsyms *k, size_t i, struct kallsym *out)
{
	const struct kallsyms_row *r = &k->row[i];

	*out = (struct kallsym){ .addr = r->addr,
				 .name = k->names + r->name,
				 .module = k->modules[r->module],
				 .type = r->type,
				 .end = k->hidden ? 0 : end_of(k, i) };
}

bool kallsyms_by_name(const struct kallsyms *k, const char *name, const char *module, size_t i, struct kallsym *out)
{
	if (!k->nhash)
		return false;
	for (size_t at = hash(name) & (k->nhash - 1); k->by_name[at] != UINT32_MAX; at = (at + 1) & (k->nhash - 1)) {
		const struct kallsyms_row *r = &k->row[k->by_name[at]];

		if (strcmp(name, k->names + r->name) || (module && strcmp(module, k->modules[r->module])))
			continue;
		if (i--)
			continue;
		fill(k, k->by_name[at], out);
		return true;
	}
	return false;
}

static bool is_text(char type)
{
	return type == 't' || type == 'T' || type == 'w' || type == 'W';
}

bool kallsyms_by_addr(const struct kallsyms *k, uint64_t addr, bool text, struct kallsym *out)
{
	size_t lo = 0, hi = k->n, best;

	if (k->hidden || addr < KERNEL_HALF)
		return false;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (k->row[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo && text && !is_text(k->row[lo - 1].type) && addr - k->row[lo - 1].addr < FAR)
		lo--;
	if (!lo || k->row[lo - 1].addr < KERNEL_HALF || addr - k->row[lo - 1].addr >= FAR)
		return false;
	best = lo - 1;
	/* Where a module's init function was, and its memory has been given back, another's symbol may still stand. */
	if (!strcmp(k->modules[k->row[best].module], "bpf")) {
		fill(k, best, out);
		return true;
	}
	/* Back to the first of those at the same address, and there to the first that is global. */
	for (size_t i = best; i-- > 0 && k->row[i].addr == k->row[best].addr;) {
		const char t = k->row[i].type, b = k->row[best].type;

		if (text && !is_text(t))
			continue;
		if ((t >= 'A' && t <= 'Z') || !(b >= 'A' && b <= 'Z')) {
			best = i;
			continue;
		}
	}
	fill(k, best, out);
	return true;
}

const char *kallsyms_words(const struct kallsyms *k, uint64_t addr, char *buf, size_t len)
{
	struct kallsym y;
	char name[128], module[64], size[24] = "";

	if (!kallsyms_by_addr(k, addr, true, &y)) {
		snprintf(buf, len, "0x%" PRIx64, addr);
		return buf;
	}
	scan_copy(name, sizeof(name), y.name, strlen(y.name));
	scan_copy(module, sizeof(module), y.module, strlen(y.module));
	if (y.end > y.addr)
		snprintf(size, sizeof(size), "/0x%" PRIx64, y.end - y.addr);
	snprintf(buf, len, "%s+0x%" PRIx64 "%s%s%s%s", name, addr - y.addr, size, *module ? " [" : "", module,
		 *module ? "]" : "");
	return buf;
}
