/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * complete_words.c - what the value of an option, or an argument, may be: a row for each placeholder that --help shows
 * ("FILE", "LAYER"). tests/completion.sh demands a row for every one, and that what is offered is accepted.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/cmd.h"
#include "cmd/complete.h"
#include "cmd/table.h"
#include "km/wcdiag_stores.h"
#include "probe/cpu_profile.h"
#include "probe/judge.h"
#include "probe/pci.h"
#include "probe/rule.h"
#include "probe/src.h"

static void files(struct completing *c)
{
	(void)c;
	puts(":files");
}

/* Numbers, addresses, ranges: nobody but the user knows. */
static void nothing(struct completing *c)
{
	(void)c;
}

static void layers(struct completing *c)
{
	for (int i = 0; i < LAYER_COUNT; i++)
		complete_offer(c, layer_name((enum layer)i), layer_question((enum layer)i));
}

static void formats(struct completing *c)
{
	const char *f;

	for (size_t i = 0; (f = common_format(c->cmd, i)); i++)
		complete_offer(c, f, NULL);
}

static void rules(struct completing *c)
{
	const struct rule *r;

	for (size_t i = 0; (r = rule_at(i)); i++)
		complete_offer(c, r->id, r->when);
	complete_offer(c, "sources", "which facts can be read without root, by root, and under lockdown");
}

static void profiles(struct completing *c)
{
	const struct cpu_profile *p;

	complete_offer(c, "auto", "this machine's CPU, or --root's");
	complete_offer(c, "measured", "the same, with the buffers as wcdiag buffers measures them");
	for (size_t i = 0; (p = cpu_profile_at(i)); i++)
		complete_offer(c, p->name, p->title);
}

/* A list with commas: the part behind the last one is completed. */
static bool last_of_list(struct completing *c)
{
	const char *comma = strrchr(c->cur, ',');
	size_t have = strlen(c->before);
	int n;

	if (!comma)
		return true;
	n = snprintf(c->before + have, sizeof(c->before) - have, "%.*s", (int)(comma + 1 - c->cur), c->cur);
	c->cur = comma + 1;
	return n >= 0 && (size_t)n < sizeof(c->before) - have;
}

static void patterns(struct completing *c)
{
	if (!last_of_list(c))
		return;
	for (unsigned int i = 0; i < WCDIAG_STORE_COUNT; i++)
		complete_offer(c, wcdiag_store_patterns[i].name, wcdiag_store_patterns[i].words);
	complete_offer(c, "reference", "the patterns that fill whole lines, and the control");
	complete_offer(c, "spoilers", "those that split lines, or may");
	complete_offer(c, "all", NULL);
}

static void columns(struct completing *c)
{
	if (!last_of_list(c))
		return;
	if (*c->cur == '+' && strlen(c->before) + 1 < sizeof(c->before)) {
		strcat(c->before, "+");
		c->cur++;
	}
	for (const struct col *k = c->cmd->cols; k && k->name; k++)
		complete_offer(c, k->name, k->help);
}

static void processes(struct completing *c)
{
	struct src *s;
	char **names = NULL, path[64];
	size_t n = 0;

	if (c->root || src_open_live(&s))
		return;
	if (!src_list(s, "/proc", &names, &n)) {
		for (size_t i = 0; i < n; i++) {
			struct blob comm = { 0 };

			if (!isdigit((unsigned char)*names[i]))
				continue;
			snprintf(path, sizeof(path), "/proc/%.20s/comm", names[i]);
			if (!src_read(s, path, &comm)) {
				comm.data[strcspn(comm.data, "\n")] = '\0';
				complete_offer(c, names[i], comm.data);
			}
			blob_free(&comm);
		}
		src_list_free(names, n);
	}
	src_close(s);
}

/* The devices of this machine, or of the snapshot; an archive is not unpacked for a key that was pressed. */
static bool devices(const struct completing *c, struct pci *p)
{
	struct stat st;
	struct src *s;
	int rc;

	if (c->root && (stat(c->root, &st) || !S_ISDIR(st.st_mode)))
		return false;
	if (c->root ? src_open_root(&s, c->root, NULL, 0) : src_open_live(&s))
		return false;
	rc = pci_read(s, p);
	src_close(s);
	return !rc;
}

static bool has_memory(const struct pci_device *d)
{
	for (int i = 0; i < 6; i++)
		if (d->bar[i].size && (d->bar[i].flags & RES_MEM))
			return true;
	return false;
}

/* As people type it: without the domain where that is 0, unless they began with it. */
static const char *slot_of(const struct completing *c, const struct pci_device *d)
{
	bool with_domain = !strncmp(c->cur, "0000", 4);

	return !strncmp(d->slot, "0000:", 5) && !with_domain ? d->slot + 5 : d->slot;
}

static void offer_bars(const struct completing *c, const struct pci_device *d)
{
	char word[40], what[120];

	for (int i = 0; i < 6; i++) {
		const struct pci_bar *b = &d->bar[i];
		bool mega = b->size >= 1 << 20;

		if (!b->size || !(b->flags & RES_MEM))
			continue;
		snprintf(word, sizeof(word), "%s:%d", slot_of(c, d), i);
		snprintf(what, sizeof(what), "%llu %s%s%s%s", (unsigned long long)(b->size >> (mega ? 20 : 10)),
			 mega ? "MiB" : "KiB", b->flags & RES_PREFETCH ? ", prefetchable" : "",
			 *d->driver ? ", driver " : "", d->driver);
		complete_offer(c, word, what);
	}
}

static void bars(struct completing *c)
{
	struct pci p = { 0 };

	if (!devices(c, &p))
		return;
	for (size_t i = 0; i < p.n; i++)
		offer_bars(c, &p.dev[i]);
	pci_free(&p);
}

/* Devices with a memory BAR; a BAR of one only once its slot stands there. */
static void devices_and_bars(struct completing *c)
{
	struct pci p = { 0 };

	if (!devices(c, &p))
		return;
	for (size_t i = 0; i < p.n; i++) {
		const struct pci_device *d = &p.dev[i];
		const char *slot = slot_of(c, d);

		if (!has_memory(d))
			continue;
		complete_offer(c, slot, *d->driver ? d->driver : "no driver");
		if (!strncmp(c->cur, slot, strlen(slot)))
			offer_bars(c, d);
	}
	pci_free(&p);
}

static void slots(struct completing *c)
{
	struct pci p = { 0 };

	if (!devices(c, &p))
		return;
	for (size_t i = 0; i < p.n; i++)
		complete_offer(c, slot_of(c, &p.dev[i]), *p.dev[i].driver ? p.dev[i].driver : "no driver");
	pci_free(&p);
}

static void ids(struct completing *c)
{
	struct pci p = { 0 };
	char word[16];

	if (!devices(c, &p))
		return;
	for (size_t i = 0; i < p.n; i++) {
		snprintf(word, sizeof(word), "%04x:%04x", p.dev[i].vendor, p.dev[i].device);
		complete_offer(c, word, p.dev[i].slot);
	}
	pci_free(&p);
}

static void device_or_snapshot(struct completing *c)
{
	devices_and_bars(c);
	if (c->root && (c->cmd->common & OPT_ROOTS)) /* --root A B C */
		puts(":files");
}

/* The first row that fits decides. cmd and opt NULL: of every command, every option. */
static const struct {
	const char *cmd, *opt, *arg;
	void (*offer)(struct completing *c);
	const char *words; /* instead: separated by blanks */
} values[] = {
	{ "diff", "until", "LAYER", NULL, "host pat mtrr pci memtype pte" },
	{ "report", "until", "LAYER", NULL, "host pat mtrr pci memtype pte stores" },
	{ NULL, NULL, "LAYER", layers, NULL },
	{ NULL, "pattern", "LIST", patterns, NULL },
	{ "compare", "columns", "LIST", nothing, NULL },
	{ NULL, "output", "LIST", columns, NULL },
	{ NULL, NULL, "FORMAT", formats, NULL },
	{ NULL, "profile", "NAME", profiles, NULL },
	{ NULL, "reader", "NAME", NULL, "km kcore any" },
	{ "compare", "words", "SIDE", NULL, "left right" },
	{ NULL, "side", "SIDE", NULL, "user kernel both" },
	{ "watch", "by", "WAY", NULL, "bpf perf" },
	{ NULL, "by", "WAY", NULL, "wc uc module module-uc" },
	{ NULL, NULL, "PANE", NULL, "chain map findings registers witness" },
	{ NULL, NULL, "FORM", NULL, "text csv pcap" },
	{ NULL, NULL, "RADIX", NULL, "dec hex" },
	{ "drive", NULL, "SPEC", NULL, "reg: cmd: pmu timing" },
	{ NULL, NULL, "SPEC", NULL, "reg: cmd: pmu" },
	{ "trace", "type", "TYPE", NULL, "wc uc" },
	{ NULL, "type", "TYPE", NULL, "wc uc uc- wb" },
	{ NULL, "header", "DW", NULL, "auto 3 4" },
	{ NULL, "mps", "BYTES", NULL, "128 256 512 1024 2048 4096" },
	{ NULL, NULL, "PID", processes, NULL },
	{ NULL, NULL, "SLOT:N", bars, NULL },
	{ NULL, NULL, "SLOT", slots, NULL },
	{ NULL, NULL, "ID", ids, NULL },
	{ NULL, NULL, "FILE", files, NULL },
	{ NULL, NULL, "FILE|DIR", files, NULL },
	{ NULL, NULL, "FILE[@OFFSET]", files, NULL },
	{ NULL, NULL, "DIR|ARCHIVE", files, NULL },
	{ NULL, NULL, "N", nothing, NULL },
	{ NULL, NULL, "SECONDS", nothing, NULL },
	{ NULL, NULL, "HEX", nothing, NULL },
	{ NULL, NULL, "OFFSET+LEN", nothing, NULL },
	{ NULL, NULL, "ADDR+LEN", nothing, NULL },
	{ NULL, NULL, "ADDR[+LEN]", nothing, NULL },
	{ NULL, NULL, "A=B", nothing, NULL },
	{ NULL, NULL, "A-B", nothing, NULL },
};

/* What stands behind the options: the first row whose text is in the command's synopsis. */
static const struct {
	const char *text;
	void (*offer)(struct completing *c);
} arguments[] = {
	{ "DEVICE[:BAR]", device_or_snapshot },
	{ "DEVICE:BAR", bars },
	{ "RULE", rules },
	{ "BEFORE", files },
	{ "EVENTS", files },
	{ "FILE", files },
	{ "ADDR", nothing },
	{ "-- COMMAND", nothing },
};

static void offer_words(const struct completing *c, const char *words)
{
	char copy[80], *rest = copy, *w;

	snprintf(copy, sizeof(copy), "%s", words);
	while ((w = strsep(&rest, " ")))
		complete_offer(c, w, NULL);
}

/* Said instead of nothing where no row tells; the shells pass over it, tests/completion.sh does not. */
static void no_row(const char *of)
{
	printf(":no-row %s\n", of);
}

void complete_value(struct completing *c)
{
	const struct opt *o = c->value_of;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if ((values[i].cmd && strcmp(values[i].cmd, c->cmd->name)) ||
		    (values[i].opt && strcmp(values[i].opt, o->name)) || strcmp(values[i].arg, o->arg))
			continue;
		if (values[i].words)
			offer_words(c, values[i].words);
		else
			values[i].offer(c);
		return;
	}
	no_row(o->arg);
}

void complete_argument(struct completing *c)
{
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
		if (strstr(c->cmd->args, arguments[i].text)) {
			arguments[i].offer(c);
			return;
		}
	if (*c->cmd->args)
		no_row(c->cmd->args);
}
