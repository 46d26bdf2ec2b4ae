/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps.c - the text of /proc/PID/maps: a line, and what its path says. Pure.
 *
 * Source: Linux fs/proc/task_mmu.c show_map_vma(): "START-END rwxp OFFSET MAJ:MIN INODE", blanks up to column 73, PATH;
 * a newline in the path stands as \012, a removed file ends in " (deleted)".
 */
#include <errno.h>
#include <limits.h>

#include "maps_int.h"
#include "scan.h"

static bool flag(struct scan *s, char on, char off, bool *set)
{
	*set = scan_char(s, on);
	return *set || scan_char(s, off);
}

int map_line_parse(const char *line, size_t len, struct map_line *out)
{
	struct scan s = scan_of(line, len);
	uint64_t n;

	if (!scan_hex(&s, &out->vstart) || !scan_char(&s, '-') || !scan_hex(&s, &out->vend) || !scan_char(&s, ' ') ||
	    out->vend <= out->vstart)
		return -EBADMSG;
	if (!flag(&s, 'r', '-', &out->read) || !flag(&s, 'w', '-', &out->write) || !flag(&s, 'x', '-', &out->exec) ||
	    !flag(&s, 's', 'p', &out->shared) || !scan_char(&s, ' '))
		return -EBADMSG;
	if (!scan_hex(&s, &out->offset) || !scan_char(&s, ' ') || !scan_hex(&s, &n) || !scan_char(&s, ':') ||
	    !scan_hex(&s, &n) || !scan_char(&s, ' ') || !scan_dec(&s, UINT64_MAX, &n))
		return -EBADMSG;
	if (!scan_done(&s) && !scan_blanks(&s))
		return -EBADMSG;
	out->path = s.p;
	out->pathlen = scan_left(&s);
	return 0;
}

static bool hex_digits(struct scan *s, size_t min, size_t max)
{
	size_t n = 0;

	while (n < scan_left(s) && scan_xdigit(s->p[n]) < 16)
		n++;
	if (n < min || n > max)
		return false;
	s->p += n;
	return true;
}

bool slot_parse(const char *text, size_t len, char slot[20])
{
	struct scan s = scan_of(text, len);

	if (!hex_digits(&s, 4, 8) || !scan_char(&s, ':') || !hex_digits(&s, 2, 2) || !scan_char(&s, ':') ||
	    !hex_digits(&s, 2, 2) || !scan_char(&s, '.') || scan_left(&s) != 1 || *s.p < '0' || *s.p > '7')
		return false;
	scan_copy(slot, 20, text, len);
	return true;
}

bool slot_in_path(const char *path, size_t len, char slot[20])
{
	const char *end = path + len, *p;

	for (p = end;; p--) {
		if (p == path || p[-1] == '/') {
			if (slot_parse(p, (size_t)(end - p), slot))
				return true;
			if (p == path)
				return false;
			end = p - 1;
		}
	}
}

/* ".../0000:01:00.0/resource2_wc" below sysfs, which a container may have mounted elsewhere. */
static bool sysfs_path(struct scan s, struct map_path *out)
{
	const char *slash = memrchr(s.p, '/', scan_left(&s)), *dir;
	struct scan name;

	scan_lit(&s, "/sys");
	if (!scan_lit(&s, "/devices/") || slash <= s.p)
		return false;
	name = scan_of(slash + 1, (size_t)(s.end - slash - 1));
	dir = memrchr(s.p, '/', (size_t)(slash - s.p));
	if (!dir || !slot_parse(dir + 1, (size_t)(slash - dir - 1), out->slot))
		return false;
	if (!scan_lit(&name, "resource") || scan_done(&name) || *name.p < '0' || *name.p > '5')
		return false;
	out->bar = *name.p++ - '0';
	out->kind = scan_lit(&name, "_wc") ? MAP_SYSFS_WC : MAP_SYSFS;
	return scan_done(&name);
}

/* "/proc/bus/pci/01/00.0", and with a domain other than 0 "/proc/bus/pci/0001:01/00.0" */
static bool proc_path(struct scan s, struct map_path *out)
{
	const char *slash = memrchr(s.p, '/', scan_left(&s));
	char text[32] = "";
	size_t dir, file;

	if (!scan_lit(&s, "/proc/bus/pci/") || slash <= s.p)
		return false;
	dir = (size_t)(slash - s.p);
	file = (size_t)(s.end - slash - 1);
	if (dir > 11 || file != 4)
		return false;
	if (dir == 2)
		memcpy(text, "0000:", 5);
	memcpy(text + strlen(text), s.p, dir);
	strcat(text, ":");
	memcpy(text + strlen(text), slash + 1, file);
	out->kind = MAP_PROC_PCI;
	return slot_parse(text, strlen(text), out->slot);
}

/* Memory that happens to be reached through /dev; a name that ends in '*' is the beginning of several. */
static bool no_device(const struct scan *s)
{
	static const char *const memory[] = { "zero", "null", "full", "shm/*", "mqueue/*", "hugepages*", "ashmem*" };
	size_t i;

	for (i = 0; i < sizeof(memory) / sizeof(memory[0]); i++) {
		size_t len = strcspn(memory[i], "*");

		if (scan_left(s) >= len && !memcmp(s->p, memory[i], len) && (memory[i][len] || scan_left(s) == len))
			return true;
	}
	return false;
}

static bool dev_path(struct scan s, struct map_path *out)
{
	uint64_t n;

	if (!scan_lit(&s, "/dev/") || scan_done(&s) || no_device(&s))
		return false;
	out->kind = MAP_NODE;
	if (scan_left(&s) == 3 && !memcmp(s.p, "mem", 3)) {
		out->kind = MAP_DEVMEM;
	} else if (scan_lit(&s, "vfio/devices/vfio")) {
		out->kind = MAP_VFIO;
	} else if (scan_lit(&s, "uio") && scan_dec(&s, UINT_MAX, &n) && scan_done(&s)) {
		out->kind = MAP_UIO;
		out->minor = (unsigned int)n;
	}
	return true;
}

bool map_path_parse(const char *path, size_t len, struct map_path *out)
{
	static const char deleted[] = " (deleted)";
	const size_t tail = sizeof(deleted) - 1;
	struct scan s = scan_of(path, len), v = s;

	*out = (struct map_path){ .bar = -1 };
	if (len > tail && !memcmp(path + len - tail, deleted, tail))
		s.end -= tail;
	/* the device's own file before the cdev of 6.6, and still when it was opened through its group */
	scan_char(&v, '/');
	if (scan_lit(&v, "anon_inode:[vfio-device")) {
		out->kind = MAP_VFIO;
		return true;
	}
	return sysfs_path(s, out) || proc_path(s, out) || dev_path(s, out);
}

static const char *const kind_names[MAP_KINDS] = {
	[MAP_SYSFS] = "sysfs",
	[MAP_SYSFS_WC] = "sysfs-wc",
	[MAP_PROC_PCI] = "proc-bus-pci",
	[MAP_DEVMEM] = "dev-mem",
	[MAP_UIO] = "uio",
	[MAP_VFIO] = "vfio",
	[MAP_NODE] = "driver-node",
};

const char *map_kind_name(enum map_kind k)
{
	return (unsigned int)k < MAP_KINDS ? kind_names[k] : "unknown";
}
