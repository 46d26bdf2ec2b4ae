/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walkfile.c - a walk of the analyser, read back on the host.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "walkfile.h"

#define FRAME 0x000ffffffffff000ULL

uint64_t wentry_size(unsigned int level)
{
	return 4096ULL << 9 * (level - 1);
}

bool wentry_maps(const struct wentry *e)
{
	return e->level <= 3 && (e->raw & (W_P | W_G));
}

uint64_t wentry_phys(const struct wentry *e)
{
	/* Entries that are not present hold their frame inverted, against L1TF. */
	uint64_t raw = e->raw & W_P ? e->raw : ~e->raw;

	return raw & FRAME & ~(wentry_size(e->level) - 1);
}

unsigned int wentry_slot(const struct wentry *e)
{
	unsigned int pat_bit = e->level == 1 ? 7 : 12;

	return (unsigned int)((e->raw >> pat_bit & 1) << 2 | (e->raw >> 4 & 1) << 1 | (e->raw >> 3 & 1));
}

const char *wentry_type(const struct walkfile *w, const struct wentry *e)
{
	static const char *const name[8] = {
		[0] = "uc", [1] = "wc", [2] = "reserved2", [3] = "reserved3",
		[4] = "wt", [5] = "wp", [6] = "wb",	   [7] = "uc-",
	};

	return name[w->pat >> 8 * wentry_slot(e) & 7];
}

bool wentry_ram(const struct walkfile *w, const struct wentry *e)
{
	uint64_t phys = wentry_phys(e);

	return wentry_maps(e) && phys < w->ram && !(phys >= 0xa0000 && phys < 0x100000);
}

static bool everywhere(const struct wentry *e, uint64_t bit)
{
	for (int l = 2; l <= 5; l++)
		if (e->above[l] && !(e->above[l] & bit))
			return false;
	return e->raw & bit;
}

bool wentry_writes(const struct wentry *e)
{
	return everywhere(e, W_RW);
}

bool wentry_user(const struct wentry *e)
{
	return everywhere(e, W_US);
}

bool wentry_nx(const struct wentry *e)
{
	return (e->raw | e->above[2] | e->above[3] | e->above[4] | e->above[5]) & W_NX;
}

/* "walks" of the scenario: TAG NUMBER PID PAT. The last one of that name counts. */
static bool find(struct walkfile *w, const char *folder, const char *tag, unsigned int *number)
{
	char path[512], line[256], name[128];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/walks", folder);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		unsigned int n;
		uint64_t pat;
		int pid;

		if (sscanf(line, "%127s %u %d %" SCNx64, name, &n, &pid, &pat) != 4 || strcmp(name, tag))
			continue;
		found = true;
		*number = n;
		w->pid = pid;
		w->pat = pat;
	}
	if (f)
		fclose(f);
	return found;
}

static bool entry_add(struct walkfile *w, const struct wentry *e, size_t *max)
{
	if (w->n == *max) {
		size_t more = *max ? *max * 2 : 4096;
		struct wentry *grown = realloc(w->e, more * sizeof(*grown));

		if (!grown)
			return false;
		w->e = grown;
		*max = more;
	}
	w->e[w->n++] = *e;
	return true;
}

static bool read_lines(struct walkfile *w, FILE *f)
{
	size_t max = 0, claimed = SIZE_MAX;
	char line[256], half;

	if (!fgets(line, sizeof(line), f) ||
	    sscanf(line, "walk %*u cpu %*u cr3 %*x cr4 %*x efer %*x levels %u ram %" SCNu64, &w->levels, &w->ram) != 2)
		return false;
	while (fgets(line, sizeof(line), f)) {
		struct wentry e = { 0 };

		if (sscanf(line, "end %zu", &claimed) == 1)
			continue;
		/* "cut" and "bad N" are no entries either: the walk is worth nothing then. */
		if (sscanf(line, "%c %" SCNx64 " %u %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64, &half,
			   &e.address, &e.level, &e.raw, &e.above[2], &e.above[3], &e.above[4], &e.above[5]) != 8 ||
		    e.level < 1 || e.level > 5)
			return false;
		e.kernel = half == 'k';
		if (!entry_add(w, &e, &max))
			return false;
	}
	return claimed == w->n;
}

bool walkfile_load(struct walkfile *w, const char *folder, const char *tag)
{
	unsigned int number = 0;
	char path[512];
	bool ok;
	FILE *f;

	*w = (struct walkfile){ 0 };
	if (!find(w, folder, tag, &number)) {
		say("no walk is called '%s'", tag);
		return false;
	}
	snprintf(path, sizeof(path), "%s/../../walk.%u", folder, number);
	f = fopen(path, "r");
	ok = f && read_lines(w, f);
	if (f)
		fclose(f);
	if (!ok) {
		say("walk %s (walk.%u) is not whole", tag, number);
		walkfile_free(w);
	}
	return ok;
}

void walkfile_free(struct walkfile *w)
{
	free(w->e);
	*w = (struct walkfile){ 0 };
}
