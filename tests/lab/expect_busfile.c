/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect_busfile.c - a measurement of the bus analyser, read back on the host.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"
#include "expect_bus.h"

/* "buses" of the scenario: TAG NUMBER START LENGTH. The last one of that name counts. */
static bool find(struct bus *b, const char *folder, const char *tag)
{
	char path[512], line[256], name[128];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/buses", folder);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		unsigned int number;
		uint64_t start, length;

		if (sscanf(line, "%127s %u %" SCNu64 " %" SCNu64, name, &number, &start, &length) != 4 || strcmp(name, tag))
			continue;
		found = true;
		b->number = number;
		b->start = start;
		b->length = length;
	}
	if (f)
		fclose(f);
	return found;
}

static bool add(struct btlp **list, size_t *n, const struct btlp *t)
{
	/* Powers of two. */
	if (!(*n & (*n - 1))) {
		struct btlp *grown = realloc(*list, (*n ? *n * 2 : 1) * sizeof(**list));

		if (!grown)
			return false;
		*list = grown;
	}
	(*list)[(*n)++] = *t;
	return true;
}

static bool read_csv(struct bus *b, FILE *f)
{
	size_t claimed = SIZE_MAX;
	char line[256];

	if (!fgets(line, sizeof(line), f) || strcmp(line, "address,dws,first_be,last_be,reason,ip,flush\n"))
		return false;
	while (fgets(line, sizeof(line), f)) {
		struct btlp t = { 0 };

		if (sscanf(line, "end %zu", &claimed) == 1)
			break;
		if (sscanf(line, "%" SCNx64 ",%u,%x,%x,%15[a-z-],%*x,%" SCNu64, &t.address, &t.dws, &t.first, &t.last,
			   t.reason, &t.flush) != 6 || !add(&b->tlp, &b->n, &t))
			return false;
	}
	return claimed == b->n && !fgets(line, sizeof(line), f);
}

/* The plain list says how many there are; it must hold the same ones. */
static bool same_as_text(const struct bus *b)
{
	struct btlp *list = NULL;
	char path[512];
	size_t n = 0;
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "%s/../../tlp.%u", b->folder, b->number);
	f = fopen(path, "r");
	ok = f && bus_list(b, f, false, &list, &n) && n == b->n;
	for (size_t i = 0; ok && i < n; i++)
		ok = list[i].address == b->tlp[i].address && list[i].dws == b->tlp[i].dws &&
		     list[i].first == b->tlp[i].first && list[i].last == b->tlp[i].last;
	if (f)
		fclose(f);
	free(list);
	return ok;
}

bool bus_find(struct bus *b, const char *folder, const char *tag)
{
	*b = (struct bus){ 0 };
	snprintf(b->folder, sizeof(b->folder), "%s", folder);
	return find(b, folder, tag);
}

bool bus_load(struct bus *b, const char *folder, const char *tag)
{
	char path[512], kept[512];
	bool ok;
	FILE *f;

	if (!bus_find(b, folder, tag)) {
		say("no measurement is called '%s'", tag);
		return false;
	}
	snprintf(path, sizeof(path), "%s/../../tlp.%u.csv", folder, b->number);
	f = fopen(path, "r");
	ok = f && read_csv(b, f) && same_as_text(b) && bus_each(b, NULL, NULL);
	if (f)
		fclose(f);
	/* For who looks at the results: under its name. */
	snprintf(kept, sizeof(kept), "%s/tlp.%s.csv", folder, tag);
	if (f && access(kept, F_OK) && link(path, kept))
		say("%s cannot be kept", kept);
	if (!ok) {
		say("measurement %s (bus.%u) is not whole", tag, b->number);
		bus_free(b);
	}
	return ok;
}

void bus_free(struct bus *b)
{
	free(b->tlp);
	*b = (struct bus){ 0 };
}

/* "end STORES READS EVENTS LEFTOUT WRONG": all that was counted is there, and QEMU agreed with every address. */
static bool is_end(const char *line, const uint64_t seen[3])
{
	uint64_t n[5];

	return sscanf(line, "end %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, &n[0], &n[1], &n[2], &n[3],
		      &n[4]) == 5 &&
	       n[0] == seen[0] && n[1] == seen[1] && n[2] == seen[2] && !n[3] && !n[4];
}

bool bus_each(const struct bus *b, void (*each)(const struct baccess *a, void *data), void *data)
{
	char path[512], line[256] = "";
	uint64_t seen[3] = { 0 };
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "%s/../../bus.%u", b->folder, b->number);
	f = fopen(path, "r");
	ok = f && fgets(line, sizeof(line), f) && !strncmp(line, "bus ", 4);
	while (ok && fgets(line, sizeof(line), f) && strncmp(line, "end ", 4)) {
		struct baccess a = { .what = line[0] };

		if (line[0] == 'e') {
			seen[2]++;
			continue;
		}
		ok = sscanf(line, "%*c %*u %u %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %u %7s", &a.cpu, &a.cr3, &a.ip,
			    &a.virtual, &a.phys, &a.size, a.type) == 7;
		seen[line[0] == 'r']++;
		if (ok && each)
			each(&a, data);
	}
	if (ok && !is_end(line, seen)) {
		say("bus.%u: its last line is '%.*s' after %" PRIu64 " stores, %" PRIu64 " reads, %" PRIu64 " events", b->number,
		    (int)strcspn(line, "\n"), line, seen[0], seen[1], seen[2]);
		ok = false;
	}
	if (f)
		fclose(f);
	return ok;
}

bool bus_list(const struct bus *b, FILE *f, bool loose, struct btlp **list, size_t *n)
{
	size_t claimed = SIZE_MAX;
	char line[256], at[40], *end;

	while (fgets(line, sizeof(line), f)) {
		struct btlp t = { 0 };

		if (sscanf(line, "tlp %39s %u %x %x", at, &t.dws, &t.first, &t.last) != 4) {
			if (!loose && sscanf(line, "end %zu", &claimed) != 1)
				return false;
			continue;
		}
		t.address = strtoull(at + (at[0] == '+'), &end, 0) + (at[0] == '+' ? b->start : 0);
		if (*end || !add(list, n, &t))
			return false;
	}
	return loose || claimed == *n;
}
