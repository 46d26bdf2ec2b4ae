/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect_pte.c - "wcdiag pte --json" against the analyser's walk, entry by entry, both ways.
 *
 * compare TAG WALK MINIMUM process
 * compare TAG WALK MINIMUM kernel START END           virtual
 * compare TAG WALK MINIMUM bar-user|bar-kernel START END      physical
 *
 * wcdiag's runs are taken apart into single entries again (expect_runs.c). Of RAM the accessed and dirty bits may
 * differ, for the processor sets them between the two readings; nothing else may, and of a device nothing at all.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "expect.h"
#include "expect_runs.h"
#include "walkfile.h"

#define SHOWN 6

struct compared {
	const struct walkfile *w;
	size_t same, only_wcdiag, only_analyser, differ;
	char *mode;
	uint64_t start, end;
	bool loud; /* the second time: say which */
};

static void difference(struct compared *c, size_t *counter, const char *what, uint64_t at, uint64_t analyser,
		       uint64_t wcdiag)
{
	++*counter;
	if (c->loud && c->only_wcdiag + c->only_analyser + c->differ <= SHOWN)
		say("%016" PRIx64 ": %s; analyser %016" PRIx64 ", wcdiag %016" PRIx64, at, what, analyser, wcdiag);
}

static bool of_kernel(const char *mode)
{
	return !strcmp(mode, "kernel") || !strcmp(mode, "bar-kernel");
}

/* Is this one of the entries that wcdiag was asked for? */
static bool asked(const struct compared *c, const struct wentry *e)
{
	bool bar = !strncmp(c->mode, "bar-", 4);
	uint64_t at = bar ? wentry_phys(e) : e->address;

	if (!strcmp(c->mode, "process"))
		return !e->kernel;
	return e->kernel == of_kernel(c->mode) && (!bar || wentry_maps(e)) && at < c->end &&
	       at + (wentry_size(e->level) - 1) >= c->start;
}

/* The flags that the entry has, in the words of pte --json; A and D only when they must agree. */
static void flags_of(const struct wentry *e, bool ram, char *buf, size_t len)
{
	const struct {
		const char *name;
		uint64_t bit;
	} flag[] = {
		{ "P", W_P },
		{ "RW", W_RW },
		{ "US", W_US },
		{ "PWT", 1 << 3 },
		{ "PCD", 1 << 4 },
		{ "A", ram ? 0 : W_A },
		{ "D", ram ? 0 : W_D },
		{ "PAT", e->level == 1 ? 1 << 7 : 1 << 12 },
		{ "PS", e->level == 1 ? 0 : W_PS },
		{ "G", e->raw & W_P ? W_G : 0 },
		{ "NX", W_NX },
	};
	size_t at = 0;

	*buf = '\0';
	for (size_t i = 0; i < sizeof(flag) / sizeof(flag[0]); i++)
		if (e->raw & flag[i].bit)
			at += (size_t)snprintf(buf + at, len - at, "%s ", flag[i].name);
}

static void rights_of(const struct wentry *e, char *buf, size_t len)
{
	snprintf(buf, len, "%s%s%s", wentry_writes(e) ? "write " : "", wentry_user(e) ? "user " : "",
		 wentry_nx(e) ? "nx " : "");
}

/* Are these words, an array or one text, the same as ours? */
static bool words_are(const struct compared *c, struct json_object *words, const char *text, bool ram)
{
	bool array = json_object_is_type(words, json_type_array);
	char buf[128] = "", one[128], *save = NULL;
	size_t at = 0;

	for (size_t i = 0; words && i < (array ? count(words) : 1); i++) {
		struct json_object *w = array ? json_object_array_get_idx(words, i) : words;

		snprintf(one, sizeof(one), "%s", json_object_get_string(w));
		for (char *t = strtok_r(one, " ", &save); t && at < sizeof(buf); t = strtok_r(NULL, " ", &save))
			if (!ram || (strcmp(t, "A") && strcmp(t, "D")))
				at += (size_t)snprintf(buf + at, sizeof(buf) - at, "%s ", t);
	}
	if (words && !strcmp(buf, text))
		return true;
	if (c->loud && c->differ < SHOWN)
		say("analyser '%s', wcdiag '%s'", text, buf);
	return false;
}

static const char *kind_of(const struct wentry *e)
{
	return e->raw & W_P ? "present" : e->raw & W_G ? "prot-none" : "other";
}

/* What is said of a whole run, held against its first entry as the analyser read it. */
static void compare_run(struct compared *c, struct json_object *run, const struct wentry *e)
{
	bool maps = wentry_maps(e), ram = wentry_ram(c->w, e);
	struct json_object *upper = get(run, "upper");
	uint64_t value = 0;
	char text[128];

	if (!one_of(str(run, "kind"), kind_of(e)))
		difference(c, &c->differ, "another kind", e->address, e->raw, 0);
	if (maps) {
		if (!run_hex(run, "phys", &value) || value != wentry_phys(e))
			difference(c, &c->differ, "another page", e->address, wentry_phys(e), value);
		if (!str(run, "slot") || (unsigned int)atoi(str(run, "slot")) != wentry_slot(e))
			difference(c, &c->differ, "another PAT slot", e->address, e->raw, 0);
		if (!str(run, "pat") || strcasecmp(str(run, "pat"), wentry_type(c->w, e)))
			difference(c, &c->differ, "another PAT type", e->address, e->raw, 0);
		flags_of(e, ram, text, sizeof(text));
		if (!words_are(c, get(run, "flags"), text, ram))
			difference(c, &c->differ, "other flags", e->address, e->raw, 0);
		rights_of(e, text, sizeof(text));
		if (!words_are(c, get(run, "rights"), text, false))
			difference(c, &c->differ, "other rights", e->address, e->raw, 0);
	}
	for (size_t i = 0; i < 4; i++) {
		const char *s = i < count(upper) ? json_object_get_string(json_object_array_get_idx(upper, i)) : NULL;

		/* The upper entries' accessed bit is the processor's too. */
		value = s ? strtoull(s, NULL, 0) : 1;
		if ((value & ~W_A) != (e->above[i + 2] & ~W_A))
			difference(c, &c->differ, "another upper entry", e->address, e->above[i + 2], value);
	}
}

static void compare_entry(struct compared *c, const struct wentry *e, const struct claimed *k)
{
	uint64_t may = wentry_ram(c->w, e) ? W_A | W_D : 0;
	/* Of the pages after a run's first wcdiag says only that these bits are not all the same. */
	uint64_t open = k->first ? 0 : k->differ;

	if (e->level != k->e.level)
		difference(c, &c->differ, "another level", e->address, e->level, k->e.level);
	else if (open & ~may)
		difference(c, &c->differ, "bits that wcdiag leaves open", e->address, e->raw, open);
	else if ((e->raw ^ k->e.raw) & ~may)
		difference(c, &c->differ, "another entry", e->address, e->raw, k->e.raw);
	else
		c->same++;
	if (k->first)
		compare_run(c, k->first, e);
}

static void compare_all(struct compared *c, const struct claims *l)
{
	size_t i = 0, k = 0;

	c->same = c->only_wcdiag = c->only_analyser = c->differ = 0;
	for (;;) {
		while (i < c->w->n && !asked(c, &c->w->e[i]))
			i++;
		if (i < c->w->n && (k == l->n || c->w->e[i].address < l->c[k].e.address)) {
			difference(c, &c->only_analyser, "only the analyser has it", c->w->e[i].address, c->w->e[i].raw,
				   0);
			i++;
		} else if (k < l->n && (i == c->w->n || l->c[k].e.address < c->w->e[i].address)) {
			difference(c, &c->only_wcdiag, "only wcdiag has it", l->c[k].e.address, 0, l->c[k].e.raw);
			k++;
		} else if (k < l->n) {
			compare_entry(c, &c->w->e[i++], &l->c[k++]);
		} else {
			return;
		}
	}
}

static uint64_t number(struct json_object *o, const char *key)
{
	return str(o, key) ? strtoull(str(o, key), NULL, 0) : UINT64_MAX;
}

/*
 * What pte found in /proc/PID/pagemap, against the analyser: the frame of every page of RAM, and nothing where a device
 * is mapped, which hides RAM as well when it is a private mapping's copy. The few pages of the vDSO's data may be in
 * neither.
 */
static void pagemap_agrees(const struct walkfile *w, struct json_object *root, const char *tag)
{
	struct json_object *p = json_object_array_get_idx(get(root, "pagemap"), 0);
	uint64_t ram = 0, device = 0, pages = number(p, "pages"), hidden = number(p, "hidden");
	char what[200];
	bool ok;

	for (size_t i = 0; i < w->n; i++)
		if (!w->e[i].kernel && wentry_maps(&w->e[i]))
			*(wentry_ram(w, &w->e[i]) ? &ram : &device) += wentry_size(w->e[i].level) / 4096;
	snprintf(what, sizeof(what),
		 "%s: pagemap has the same frames for its pages of RAM (%" PRIu64
		 "), and hides those of devices (%" PRIu64 ")",
		 tag, ram, device);
	ok = p && number(p, "same") == pages && number(p, "differ") == 0 && pages <= ram && hidden >= device &&
	     pages + hidden <= ram + device && pages + hidden + 16 >= ram + device;
	report(ok, what, NULL);
	if (!ok)
		say("%s", p ? json_object_to_json_string_ext(p, JSON_C_TO_STRING_NOSLASHESCAPE) : "no pagemap");
}

void do_compare(const char *folder, char **word, int n)
{
	struct compared c = { 0 };
	struct claims l = { 0 };
	struct json_object *root;
	struct walkfile w;
	char path[512], what[300];
	size_t bad;

	if (n < 5 || (strcmp(word[4], "process") && n != 7)) {
		report(false, "a comparison's line is cut", NULL);
		return;
	}
	c.w = &w;
	c.mode = word[4];
	c.start = n == 7 ? strtoull(word[5], NULL, 0) : 0;
	c.end = n == 7 ? strtoull(word[6], NULL, 0) : 0;
	snprintf(path, sizeof(path), "%s/%s.out", folder, word[1]);
	root = json_object_from_file(path);
	if (!root || !walkfile_load(&w, folder, word[2]) || !claims_of(&l, root, of_kernel(c.mode) ? 0 : w.pid)) {
		snprintf(what, sizeof(what), "%s agrees with the analyser's walk %s", word[1], word[2]);
		report(false, what, NULL);
		say("%s", root ? "its runs or the walk cannot be read" : "it is no JSON");
		show_file(folder, word[1], "err");
		goto out;
	}
	compare_all(&c, &l);
	bad = c.differ + c.only_analyser + c.only_wcdiag;
	snprintf(what, sizeof(what),
		 "%s: %zu entries compared with the analyser's walk %s, %zu differences (%u-level tables)", word[1],
		 c.same + bad, word[2], bad, w.levels);
	report(!bad && c.same >= strtoull(word[3], NULL, 0), what, NULL);
	if (bad) {
		say("%zu differ, %zu only wcdiag has, %zu only the analyser", c.differ, c.only_wcdiag, c.only_analyser);
		c.loud = true;
		compare_all(&c, &l);
	} else if (c.same < strtoull(word[3], NULL, 0)) {
		say("fewer than the %s that the scenario wants", word[3]);
	}
	if (!strcmp(c.mode, "process"))
		pagemap_agrees(&w, root, word[1]);
	walkfile_free(&w);
out:
	claims_free(&l);
	json_object_put(root);
}
