/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot_maps.c - who has device memory mapped: those lines of /proc/PID/maps, and what ties them to devices. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "maps_int.h"
#include "snapshot_int.h"
#include "src_int.h"

/* Device nodes that maps_read() has tied to a PCI device, from the text "PATH SLOT" a line: sorted paths. */
struct nodes {
	char *text;
	char **path;
	size_t n;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int nodes_make(struct nodes *out, const char *text)
{
	size_t lines = 1;

	*out = (struct nodes){ .text = strdup(text) };
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	out->path = calloc(lines, sizeof(*out->path));
	if (!out->text || !out->path)
		return -ENOMEM;
	for (char *p = out->text, *next; *p; p = next) {
		char *blank;

		next = p + strcspn(p, "\n");
		if (*next)
			*next++ = '\0';
		blank = strrchr(p, ' ');	/* the slot has none */
		if (*p == '#' || !blank)
			continue;
		*blank = '\0';
		out->path[out->n++] = p;
	}
	qsort(out->path, out->n, sizeof(*out->path), by_name);
	return 0;
}

/* Compared as struct map shows paths: cut to fit, a line end unescaped, odd bytes as '?'. */
static bool nodes_has(const struct nodes *nd, const char *path, size_t len)
{
	char name[sizeof(((struct map *)0)->path)], *key = name;
	size_t n = 0;

	for (size_t i = 0; i < len && n < sizeof(name) - 1; i++) {
		bool newline = len - i >= 4 && !memcmp(path + i, "\\012", 4);

		name[n++] = newline || path[i] < 0x20 || path[i] > 0x7e ? '?' : path[i];
		i += newline ? 3 : 0;
	}
	name[n] = '\0';
	return bsearch(&key, nd->path, nd->n, sizeof(*nd->path), by_name) != NULL;
}

/* Which lines of one process are kept. */
struct keep {
	struct nodes nodes;
	const struct maps *maps;
	int pid;
};

static int by_place(const void *a, const void *b)
{
	const struct map *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->vstart > y->vstart) - (x->vstart < y->vstart);
}

/* Any node may be a device's: only those that were tied to a PCI device, or whose entries map one, are worth recording. */
static bool device_line(const char *line, size_t len, void *arg)
{
	const struct keep *k = arg;
	struct map_line l;
	struct map_path p;
	struct map key = { .pid = k->pid };

	if (map_line_parse(line, len, &l))
		return false;
	key.vstart = l.vstart;
	if (k->maps->n && bsearch(&key, k->maps->m, k->maps->n, sizeof(key), by_place))
		return true;
	return map_path_parse(l.path, l.pathlen, &p) && (p.kind != MAP_NODE || nodes_has(&k->nodes, l.path, l.pathlen));
}

/* As maps_read() does: a process whose main thread has ended is seen through another thread. */
static int read_maps(const struct src *s, const char *pid, const char *path, struct blob *b)
{
	int rc = src_read(s, path, b), fd, tid;

	if (rc ? rc != -ESRCH : b->len != 0)
		return rc;
	fd = maps_open_thread(s, atoi(pid), &tid);
	if (fd == -ESRCH)
		return rc;
	blob_free(b);
	if (fd < 0)
		return fd;
	rc = src_read_fd(fd, b);
	close(fd);
	return rc;
}

static void take_process(struct taker *t, const char *pid, struct keep *kp)
{
	char path[64];
	struct blob b;
	int rc;

	snprintf(path, sizeof(path), "/proc/%.16s/maps", pid);
	rc = read_maps(t->s, pid, path, &b);
	if (rc == -ENOENT || rc == -ESRCH || rc == -ENODATA)
		return;		/* it has ended meanwhile */
	if (rc) {
		/* Whoever replays this counts the row as a process that nobody could look into. */
		miss(t, path, -rc, "run as root (CAP_SYS_PTRACE)");
		return;
	}
	kp->pid = atoi(pid);
	keep_lines(&b, device_line, kp);
	if (b.len) {
		put(t, path, b.data, b.len);
		snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
		take_optional(t, path);
	}
	blob_free(&b);
}

static bool take_processes(struct taker *t, struct keep *kp)
{
	char **name;
	size_t n;
	int rc = src_list(t->s, "/proc", &name, &n);

	if (rc) {
		miss(t, "/proc", -rc, "mount procfs on /proc");
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (isdigit((unsigned char)name[i][0]) && strspn(name[i], "0123456789") == strlen(name[i]))
			take_process(t, name[i], kp);
	src_list_free(name, n);
	return true;
}

void take_maps(struct taker *t)
{
	char *nodes = NULL, *vfio = NULL;
	struct maps m;
	struct keep kp = { .maps = &m };
	int rc;

	rc = maps_read(t->s, &t->pci, t->host.kver, &m);
	/*
	 * Processes that could not be seen at all (a container, hidepid) have no row of their own; neither have those that were
	 * not seen when the source was recorded. One row stands for them, or the replay would take the rest for all there is.
	 */
	if (rc && rc != -ENOMEM && (!m.denied || !src_is_live(t->s)))
		miss(t, m.fact.where, m.fact.err, m.fact.remedy);
	rc = maps_adopt(t->s, &t->pci, &t->entries, &m);
	if (!rc)
		rc = maps_side_files(t->s, &m, &nodes, &vfio);
	if (!rc)
		rc = nodes_make(&kp.nodes, nodes);
	if (rc == -ENOMEM) {
		t->nomem = true;
	} else if (rc) {
		miss(t, "/wcdiag/nodes.txt", -rc, NULL);
	} else if (take_processes(t, &kp)) {
		/* Also when they hold nothing: that nodes.txt is there says that every process was looked at. */
		sink_dir(t->k, "proc");
		put(t, "/wcdiag/nodes.txt", nodes, strlen(nodes));
		put(t, "/wcdiag/vfio.txt", vfio, strlen(vfio));
	}
	maps_free(&m);
	free(kp.nodes.text);
	free(kp.nodes.path);
	free(nodes);
	free(vfio);
}
