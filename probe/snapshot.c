/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot.c - the table of what is recorded and why, and what all recorders use. */
#include "snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "snapshot_int.h"

static recorder take_marker, with_maps;

static const char as_root[] = "run as root";
static const char mount_debugfs[] = "mount debugfs: mount -t debugfs none /sys/kernel/debug (as root)";
static const char mount_securityfs[] = "mount securityfs: mount -t securityfs none /sys/kernel/security (as root)";

/*
 * A row has a recorder of its own, or its file is copied whole. in: the directory of a file system that may not be
 * mounted; empty means that nobody knows what the file would say (ENODEV), not that the machine has none.
 */
static const struct row {
	struct snapshot_what what;
	recorder *take;
	const char *remedy, *in, *mount;
} rows[] = {
	{ .what = { SNAPSHOT_MARKER, "made", NULL, "says that this is a snapshot, of which form, from when, by what" },
	  .take = take_marker },
	{ .what = { "proc/sys/kernel/osrelease", "whole", NULL, "kernels differ in how they decide on types" },
	  .remedy = NULL },
	{ .what = { "proc/cmdline", "the options that touch memory types, PCI or lockdown", "whole",
		    "nopat, debugpat and iomem=relaxed decide; other options may hold names, keys and passwords" },
	  .take = take_cmdline },
	{ .what = { "proc/mtrr", "whole", NULL, "the variable MTRRs, where the registers themselves cannot be read" },
	  .remedy = as_root },
	{ .what = { "proc/iomem", "all but the lines of the kernel's own image", "whole",
		    "who claims a BAR; where the kernel's image lies is nobody's business" },
	  .take = take_iomem },
	{ .what = { "proc/vmallocinfo", "the lines with phys=", NULL, "the kernel's own mappings of a BAR, and whose" },
	  .take = take_vmalloc },
	{ .what = { "proc/PID/maps", "the lines that map device memory, of processes that have any", NULL,
		    "who has a BAR mapped, and through which file" },
	  .take = take_maps },
	{ .what = { "proc/PID/comm", "whole, of the same processes", NULL, "what to call the process" },
	  .take = with_maps },
	{ .what = { "dev/kmsg", "the lines about memory types, and the number of the first record", "whole",
		    "what the kernel answered to requests; everything else in it is nobody's business" },
	  .take = take_klog },
	{ .what = { "sys/devices/system/cpu/online", "whole", NULL, "every online CPU must have been read" },
	  .remedy = NULL },
	{ .what = { "sys/kernel/security/lockdown", "whole", NULL, "tells why facts are missing" },
	  .in = "/sys/kernel/security", .mount = mount_securityfs },
	{ .what = { "sys/kernel/debug/x86/pat_memtype_list", "whole", NULL, "what is reserved, and as which type" },
	  .remedy = as_root, .in = "/sys/kernel/debug", .mount = mount_debugfs },
	{ .what = { "sys/bus/pci/devices/SLOT", "the link into sys/devices", NULL,
		    "libpci finds devices by it, and the bridges above them" },
	  .take = take_devices },
	{ .what = { "sys/class/uio/uioN", "name, maps/mapM/{addr,size,offset} and device", NULL,
		    "to which BAR a mapping of /dev/uioN belongs" },
	  .take = take_uio },
	{ .what = { "wcdiag/msr.txt", "the PAT and MTRR registers of every CPU", NULL, "the types themselves" },
	  .take = take_msr },
	{ .what = { "wcdiag/cpuid.txt", "CPUID in libcpuid's raw form, the serial number's leaf zeroed", NULL,
		    "vendor, model, PAT, MTRR, MOVDIR64B" },
	  .take = take_cpuid },
	{ .what = { "wcdiag/microcode.txt", "the revision of each CPU's microcode", NULL,
		    "errata come and go with it; wcdiag diff compares it" },
	  .take = take_microcode },
	{ .what = { "wcdiag/hypervisor.txt", "CPUID leaves 0x40000000 and up", NULL,
		    "a hypervisor may override the types that its guest asks for" },
	  .take = take_hyper },
	{ .what = { "wcdiag/nodes.txt", "device nodes that are mapped, and their devices", NULL,
		    "a line of maps does not tell the device" },
	  .take = with_maps },
	{ .what = { "wcdiag/vfio.txt", "processes that have a vfio device open, and which", NULL,
		    "a line of maps does not tell the device" },
	  .take = with_maps },
	{ .what = { "wcdiag/entries.txt", "the page table entries that map device memory, of processes and the kernel", NULL,
		    "which type a mapping really has; the helper module or /proc/kcore shows them" },
	  .take = take_entries },
	{ .what = { "wcdiag/buffers.txt", "with --buffers: the measured curves, of one CPU of each kind", NULL,
		    "how many write-combining buffers there are; few manuals tell" },
	  .take = take_buffers },
	{ .what = { SNAPSHOT_ERRORS, "made", NULL, "what could not be read, and why: a replay gives the same reasons" },
	  .take = take_errors },
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

const struct snapshot_what *snapshot_table(void)
{
	static struct snapshot_what table[NROWS + SNAPSHOT_DEVICE_ROWS + 1];
	size_t n = 0;

	for (size_t i = 0; i < NROWS; i++)
		table[n++] = rows[i].what;
	for (size_t i = 0; i < SNAPSHOT_DEVICE_ROWS; i++)
		table[n++] = snapshot_device_rows[i].what;
	return table;
}

void put(struct taker *t, const char *path, const void *data, size_t len)
{
	sink_file(t->k, path + 1, data, len);
}

void take_whole(struct taker *t, const char *path, const char *remedy)
{
	struct blob b;
	int rc = src_read(t->s, path, &b);

	if (rc == -ENOENT) {
		note_absent(t, path);
		return;
	}
	if (rc) {
		miss(t, path, -rc, remedy);
		return;
	}
	put(t, path, b.data, b.len);
	blob_free(&b);
}

void take_optional(struct taker *t, const char *path)
{
	struct blob b;

	if (src_read(t->s, path, &b))
		return;
	put(t, path, b.data, b.len);
	blob_free(&b);
}

size_t keep_lines(struct blob *b, bool (*fn)(const char *line, size_t len, void *arg), void *arg)
{
	char *from = b->data, *to = b->data, *end = b->data + b->len;
	size_t dropped = 0;

	while (from < end) {
		char *nl = memchr(from, '\n', (size_t)(end - from)), *next = nl ? nl + 1 : end;

		if (fn(from, (size_t)((nl ? nl : end) - from), arg)) {
			memmove(to, from, (size_t)(next - from));
			to += next - from;
		} else {
			dropped++;
		}
		from = next;
	}
	b->len = (size_t)(to - b->data);
	b->data[b->len] = '\0';
	return dropped;
}

/* take_maps() writes these along with the lines that they belong to. */
static void with_maps(struct taker *t)
{
	(void)t;
}

static void take_marker(struct taker *t)
{
	char text[256], taken[64] = "";
	struct blob b;
	const char *p;
	int n;

	if (t->o->taken)
		snprintf(taken, sizeof(taken), "%s", t->o->taken);
	if (!src_is_live(t->s) && !src_read(t->s, "/" SNAPSHOT_MARKER, &b)) {
		p = strstr(b.data, "\ntaken: ");
		if (p)
			snprintf(taken, sizeof(taken), "%.*s", (int)strcspn(p + 8, "\r\n"), p + 8);
		blob_free(&b);
	}
	n = snprintf(text, sizeof(text), "%s %d\ntaken: %s\nby: %s\n%s", SNAPSHOT_MARKER, SNAPSHOT_FORMAT, taken,
		     t->o->by ? t->o->by : "wcdiag", t->o->all ? "all: yes\n" : "");
	sink_file(t->k, SNAPSHOT_MARKER, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* The file system that has the file is not mounted: its directory is there and empty. */
static bool not_mounted(const struct src *s, const char *dir)
{
	char **names;
	size_t n;
	int rc;

	if (!dir || !src_is_live(s))
		return false;
	rc = src_list(s, dir, &names, &n);
	src_list_free(names, n);
	return !rc && !n;
}

static void take_row(struct taker *t, const struct row *row)
{
	char path[128];

	if (row->take) {
		row->take(t);
		return;
	}
	snprintf(path, sizeof(path), "/%s", row->what.path);
	if (src_exists(t->s, path) == -ENOENT && not_mounted(t->s, row->in))
		miss(t, path, ENODEV, row->mount);
	else
		take_whole(t, path, row->remedy);
}

int snapshot_take(const struct src *s, const struct snapshot_opts *o, struct sink *k, struct snapshot_report *r)
{
	struct taker t = { .s = s, .o = o, .k = k, .r = r };
	int rc;

	*r = (struct snapshot_report){ 0 };
	host_read(s, &t.host);
	cpu_read(s, &t.cpu);
	pci_read(s, &t.pci);
	entries_read(s, &t.entries);
	for (size_t i = 0; i < NROWS; i++)
		take_row(&t, &rows[i]);
	pci_free(&t.pci);
	entries_free(&t.entries);
	rc = sink_failed(k);
	return rc ? rc : t.nomem ? -ENOMEM : 0;
}
