/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff_pci.c - one device on both sides: slot, driver, power, decoding, windows, and each of its BARs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "diff_int.h"

static void driver(struct diff_word *w, const struct pci_device *d)
{
	word_set(w, "%s", *d->driver ? d->driver : "none");
}

static void slot(struct diff_word *w, const struct pci_device *d)
{
	word_set(w, "%s", d->slot);
}

/* The kernel said nothing before power_state was there (5.8): that is no news of the device. */
static void power(struct diff_word *w, const struct pci_device *d)
{
	if (d->asleep)
		word_set(w, "asleep (%s)", d->power == PCI_POWER_UNKNOWN ? "suspended" : pci_power_name(d->power));
	else if (d->power_said)
		word_set(w, "not asleep");
	else
		word_unknown(w, NULL);
}

static bool has_memory(const struct pci_device *d)
{
	for (int i = 0; i < 6; i++)
		if (d->bar[i].size && (d->bar[i].flags & RES_MEM))
			return true;
	return false;
}

/* A virtual function's command register says nothing, and one without memory has nothing to decode. */
static void decode(struct diff_word *w, const struct pci_device *d)
{
	if (d->virtual_function || !has_memory(d))
		word_set(w, "does not apply");
	else if (d->command < 0)
		word_unknown(w, d->asleep ? "asleep" : d->config.why);
	else
		word_set(w, "%s", d->command & 2 ? "on" : "off");
}

static void payload(struct diff_word *w, const struct pci_device *d)
{
	if (d->mps)
		word_set(w, "%d bytes", d->mps);
	else
		word_unknown(w, NULL);
}

static void size_text(uint64_t v, char *buf, size_t len)
{
	static const char *const unit[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB" };
	size_t u = 0;

	while (v >= 1024 && !(v & 1023) && u < 5) {
		v >>= 10;
		u++;
	}
	snprintf(buf, len, "%" PRIu64 " %s", v, unit[u]);
}

/* By size: where they lie changes with every renumbering. */
static void window(struct diff_word *w, const struct pci_device *d)
{
	char size[32];

	word_begin(w);
	for (unsigned int i = 0; i < d->nwindow && i < 3; i++) {
		const struct pci_window *x = &d->window[i];

		if (x->io || x->end <= x->start)
			continue;
		size_text(x->end - x->start, size, sizeof(size));
		word_add(w, "%s%s", x->prefetch ? "prefetchable " : "", size);
	}
	if (!*w->text)
		word_add(w, "none");
	word_end(w);
}

static bool bar_there(const struct pci_bar *b)
{
	return (b->size || pci_bar_unplaced(b)) && (b->flags & RES_MEM);
}

static bool bar_lost(const struct pci_bar *b)
{
	return pci_bar_unplaced(b) || !b->addr || (b->flags & RES_UNSET);
}

static void bar_there_word(struct diff_word *w, const struct pci_bar *b)
{
	char size[32];

	word_begin(w);
	if (bar_there(b)) {
		size_text(b->size, size, sizeof(size));
		word_add(w, "%s%s%s", b->size ? size : "of unknown size",
			 b->flags & RES_PREFETCH ? " prefetchable" : "", bar_lost(b) ? " without an address" : "");
	}
	word_end(w);
}

static void bar_size(struct diff_word *w, const struct pci_bar *b)
{
	char size[32];

	size_text(b->size, size, sizeof(size));
	if (b->size)
		word_set(w, "%s", size);
	else
		word_unknown(w, "the kernel found no room for it");
}

static void bar_address(struct diff_word *w, const struct pci_bar *b)
{
	if (bar_lost(b))
		word_set(w, "no address");
	else
		word_set(w, "0x%" PRIx64, b->addr);
}

static void bar_prefetch(struct diff_word *w, const struct pci_bar *b)
{
	word_set(w, "%s", b->flags & RES_PREFETCH ? "yes" : "no");
}

static void bar_width(struct diff_word *w, const struct pci_bar *b)
{
	word_set(w, "%s bits", b->flags & RES_MEM_64 ? "64" : "32");
}

static void bar_file(struct diff_word *w, const struct pci_bar *b)
{
	word_set(w, "%s", b->has_wc ? "there" : "not there");
}

static void one_bar(struct diff_work *w, const struct pci_bar *x, const struct pci_bar *y)
{
	static const struct {
		enum diff_id id;
		void (*say)(struct diff_word *w, const struct pci_bar *b);
	} table[] = {
		{ DIFF_SIZE, bar_size },   { DIFF_ADDRESS, bar_address }, { DIFF_PREFETCH, bar_prefetch },
		{ DIFF_WIDTH, bar_width }, { DIFF_WC_FILE, bar_file },
	};
	struct diff_word a, b;

	bar_there_word(&a, x);
	bar_there_word(&b, y);
	if (!bar_there(x) || !bar_there(y)) {
		diff_note(w, DIFF_BAR, NULL, &a, &b);
		return;
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct diff_item *it;

		table[i].say(&a, x);
		table[i].say(&b, y);
		it = diff_note(w, table[i].id, NULL, &a, &b);
		if (it && table[i].id == DIFF_ADDRESS && bar_lost(x) != bar_lost(y))
			it->weight = DIFF_MAY;
	}
}

/* Came or went: what it is, and what drives it. */
static void whole(struct diff_work *w, const struct pci_device *a, const struct pci_device *b)
{
	const struct pci_device *d = a ? a : b;
	struct diff_word there, none;
	struct diff_item *it;
	bool plausible = false;

	for (int i = 0; i < 6; i++)
		plausible = plausible ||
			    (d->bar[i].size >= 4096 && (d->bar[i].flags & RES_MEM) && (d->bar[i].flags & RES_PREFETCH));
	word_begin(&none);
	word_set(&there, "%04x:%04x%s%s", d->vendor, d->device, *d->driver ? ", driver " : "", d->driver);
	it = diff_note(w, DIFF_DEVICE, NULL, a ? &there : &none, a ? &none : &there);
	if (it && !plausible)
		it->weight = DIFF_NOT;
}

void diff_pci(struct diff_work *w, const struct pci_device *a, const struct pci_device *b)
{
	static const struct {
		enum diff_id id;
		void (*say)(struct diff_word *w, const struct pci_device *d);
	} table[] = {
		{ DIFF_MOVED, slot },	 { DIFF_DRIVER, driver },   { DIFF_POWER, power },
		{ DIFF_DECODE, decode }, { DIFF_PAYLOAD, payload }, { DIFF_WINDOW, window },
	};
	struct diff_word x, y;

	w->bar = -1;
	if (!a || !b) {
		whole(w, a, b);
		return;
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].id == DIFF_WINDOW && !a->nwindow && !b->nwindow)
			continue;
		table[i].say(&x, a);
		table[i].say(&y, b);
		diff_note(w, table[i].id, NULL, &x, &y);
	}
	for (w->bar = 0; w->bar < 6; w->bar++)
		one_bar(w, &a->bar[w->bar], &b->bar[w->bar]);
}
