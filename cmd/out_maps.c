/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out_maps.c - who maps a BAR and what the entries say. */
#include "cmd/out_maps.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/text.h"
#include "probe/barmap.h"
#include "probe/machine.h"
#include "probe/pte_words.h"

#define AT_MOST 12 /* rows; the rest is counted */
#define INDENT	12

static void row(const struct machine *m, const struct bar_map *b)
{
	char who[256], words[256], line[640], clean[640];

	if (b->map)
		snprintf(who, sizeof(who), "process %d (%s) through %s", b->pid, b->map->comm, b->map->path);
	else
		kernel_words(b, who, sizeof(who));
	bar_map_words(m, b, words, sizeof(words));
	/* The row begins with the word already. */
	snprintf(line, sizeof(line), "%s: %s", strncmp(who, "kernel ", 7) ? who : who + 7, words);
	printf("    %-7s ", b->map ? "user" : "kernel");
	wrap(safe_text(line, clean, sizeof(clean)), INDENT, INDENT + 2, text_width());
}

void out_maps_text(const struct machine *m, const struct bar_judgement *b, int verbose)
{
	size_t shown = 0, all = 0;

	for (size_t i = 0; i < b->maps.n; i++)
		all += b->maps.m[i].read;
	if (!all)
		return;
	printf("\n  mapped by (page table entries read by %s):\n", m->entries.reader);
	for (size_t i = 0; i < b->maps.n; i++) {
		if (!verbose && shown >= AT_MOST && b->maps.n > AT_MOST + 1) {
			printf("    and %zu more (-v shows them)\n", b->maps.n - shown);
			break;
		}
		row(m, &b->maps.m[i]);
		shown++;
	}
}

static struct json_object *numbers(unsigned int bits)
{
	struct json_object *a = json_object_new_array();

	for (int i = 0; i < 32; i++)
		if (bits & (1u << i))
			json_object_array_add(a, json_object_new_int(i));
	return a;
}

static struct json_object *mapping(const struct machine *m, const struct bar_map *b)
{
	struct json_object *o = json_object_new_object();
	char words[256], who[256];

	js_num(o, "pid", (uint64_t)b->pid);
	json_object_object_add(o, "kernel", json_object_new_boolean(!b->map));
	js_str(o, "process", b->map ? b->map->comm : NULL);
	js_str(o, "path", b->map ? b->map->path : NULL);
	if (!b->map)
		kernel_words(b, who, sizeof(who));
	js_str(o, "holder", b->map ? NULL : who);
	js_hex(o, "start", b->vstart);
	js_hex(o, "end", b->vend);
	json_object_object_add(o, "read", json_object_new_boolean(b->read));
	js_num(o, "pages_wc", b->wc / 4096);
	js_num(o, "pages_not_wc", b->other / 4096);
	js_num(o, "pages_unknown", b->unknown / 4096);
	js_num(o, "pages_none", b->none / 4096);
	js_num(o, "pages_ram", b->ram / 4096);
	json_object_object_add(o, "pat_slots", numbers(b->slots));
	json_object_object_add(o, "levels", numbers(b->levels));
	bar_map_words(m, b, words, sizeof(words));
	js_str(o, "says", words);
	return o;
}

struct json_object *out_maps_json(const struct machine *m, const struct bar_judgement *b)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < b->maps.n; i++)
		json_object_array_add(a, mapping(m, &b->maps.m[i]));
	return a;
}
