/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot_maps.c - who has device memory mapped: those lines of /proc/PID/maps, and what ties them to devices. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "maps.h"
#include "snapshot_int.h"

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

static bool nodes_has(const struct nodes *nd, const char *path, size_t len)
{
	char name[4096], *key = name;

	if (len >= sizeof(name))
		return false;
	memcpy(name, path, len);
	name[len] = '\0';
	return bsearch(&key, nd->path, nd->n, sizeof(*nd->path), by_name) != NULL;
}

static bool device_line(const char *line, size_t len, void *arg)
{
	struct map_line l;
	struct map_path p;

	if (map_line_parse(line, len, &l))
		return false;
	return map_path_parse(l.path, l.pathlen, &p) || nodes_has(arg, l.path, l.pathlen);
}

static void take_process(struct taker *t, const char *pid, struct nodes *nd)
{
	char path[64];
	struct blob b;
	int rc;

	snprintf(path, sizeof(path), "/proc/%.16s/maps", pid);
	rc = src_read(t->s, path, &b);
	if (rc == -ENOENT || rc == -ESRCH || rc == -ENODATA)
		return;		/* it has ended meanwhile */
	if (rc) {
		/* An empty folder and a row of errors.txt: whoever replays this counts a process that nobody could look at. */
		snprintf(path, sizeof(path), "proc/%.16s", pid);
		sink_dir(t->k, path);
		snprintf(path, sizeof(path), "/proc/%.16s/maps", pid);
		miss(t, path, -rc, "run as root (CAP_SYS_PTRACE)");
		return;
	}
	keep_lines(&b, device_line, nd);
	if (b.len) {
		put(t, path, b.data, b.len);
		snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
		take_optional(t, path);
	}
	blob_free(&b);
}

static void take_processes(struct taker *t, struct nodes *nd)
{
	char **name;
	size_t n;
	int rc = src_list(t->s, "/proc", &name, &n);

	if (rc) {
		miss(t, "/proc", -rc, "mount procfs on /proc");
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (isdigit((unsigned char)name[i][0]) && strspn(name[i], "0123456789") == strlen(name[i]))
			take_process(t, name[i], nd);
	src_list_free(name, n);
}

void take_maps(struct taker *t)
{
	char *nodes = NULL, *vfio = NULL;
	struct nodes nd = { 0 };
	struct maps m;
	int rc;

	maps_read(t->s, &t->pci, t->host.kver, &m);
	rc = maps_side_files(t->s, &m, &nodes, &vfio);
	if (!rc)
		rc = nodes_make(&nd, nodes);
	if (rc == -ENOMEM) {
		t->nomem = true;
	} else if (rc) {
		miss(t, "/wcdiag/nodes.txt", -rc, NULL);
	} else {
		take_processes(t, &nd);
		if (*nodes)
			put(t, "/wcdiag/nodes.txt", nodes, strlen(nodes));
		if (*vfio)
			put(t, "/wcdiag/vfio.txt", vfio, strlen(vfio));
	}
	maps_free(&m);
	free(nd.text);
	free(nd.path);
	free(nodes);
	free(vfio);
}
