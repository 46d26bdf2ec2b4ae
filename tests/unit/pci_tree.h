/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci_tree.h - PCI devices in a snapshot made for a test. */
#ifndef WCDIAG_PCI_TREE_H
#define WCDIAG_PCI_TREE_H

#include "probe/pci.h"
#include "probe/src.h"
#include "tmptree.h"

static struct tree t;
static struct src *s;
static struct pci p;

#define ROOT0 "sys/devices/pci0000:00/"

static inline int setup(void **state)
{
	(void)state;
	tree_make(&t);
	put_marker(&t);
	s = NULL;
	p = (struct pci){ 0 };
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	pci_free(&p);
	src_close(s);
	tree_remove(&t);
	return 0;
}

static inline void put_in(const char *dir, const char *name, const char *text)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	put_text(&t, path, text);
}

static const char no_bars[] = "0x0000000000000000 0x0000000000000000 0x0000000000000000\n";

/* dir: below sys/devices, ends in the slot. bars: lines that the file begins with; total: lines in all. */
static inline void put_device(const char *dir, const char *class, const char *bars, int total)
{
	const char *slot = strrchr(dir, '/') + 1;
	char link[100], target[600], text[2048];
	int lines = 0;

	put_in(dir, "vendor", "0x1af4\n");
	put_in(dir, "device", "0x1110\n");
	put_in(dir, "class", class);
	put_in(dir, "revision", "0x01\n");
	put_in(dir, "subsystem_vendor", "0x1af5\n");
	put_in(dir, "subsystem_device", "0x1100\n");
	snprintf(text, sizeof(text), "%s", bars);
	for (const char *c = bars; *c; c++)
		lines += *c == '\n';
	for (; lines < total; lines++)
		strcat(text, no_bars);
	put_in(dir, "resource", text);
	snprintf(link, sizeof(link), "sys/bus/pci/devices/%s", slot);
	snprintf(target, sizeof(target), "../../../%s", dir + strlen("sys/"));
	put_link(&t, link, target);
}

/* A config header with memory decoding on. */
static inline void put_config(const char *dir, size_t len)
{
	uint8_t cfg[256] = { 0xf4, 0x1a, 0x10, 0x11, 0x06, 0x04, 0, 0 };
	char path[600];

	snprintf(path, sizeof(path), "%s/config", dir);
	put_bytes(&t, path, cfg, len);
}

static inline void put_power(const char *dir, const char *state, const char *runtime)
{
	if (state)
		put_in(dir, "power_state", state);
	if (runtime)
		put_in(dir, "power/runtime_status", runtime);
}

static inline int read_all(void)
{
	char why[200];

	if (src_open_root(&s, t.dir, why, sizeof(why)))
		fail_msg("%s", why);
	return pci_read(s, &p);
}

#define IVSHMEM "0x00000000feb11000 0x00000000feb110ff 0x0000000000040200\n" \
		"0x0000000000000000 0x0000000000000000 0x0000000000000000\n" \
		"0x00000000fe000000 0x00000000fe0fffff 0x000000000014220c\n"

#endif
