/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps_int.h - what the parts of maps share: maps.c (text), maps_read.c (the processes), maps_resolve.c (which BAR),
 * maps_node.c (which device is behind a node), maps_tie.c (the live machine), maps_side.c (the snapshot's files),
 * maps_thread.c (processes without a main thread), maps_adopt.c (what only the entries tell).
 */
#ifndef WCDIAG_MAPS_INT_H
#define WCDIAG_MAPS_INT_H

#include "maps.h"
#include "memtype.h"

#define NODES_PATH "/wcdiag/nodes.txt"
#define VFIO_PATH "/wcdiag/vfio.txt"

struct blob;
struct scan;

/* "0000:01:00.0" with a domain of up to eight digits; all of the text or nothing. */
bool slot_parse(const char *text, size_t len, char slot[20]);
/* The last component of a sysfs path that is a slot: the nearest PCI device above. */
bool slot_in_path(const char *path, size_t len, char slot[20]);

/* Rows "KEY SLOT" of a side file; a key with several slots is kept with slot "". */
struct tie {
	const char *key;	/* into text */
	size_t keylen;
	char slot[20];
};
struct ties {
	struct blob *text;
	struct tie *t;		/* sorted by key, each once */
	size_t n;
	bool found;		/* the file is there */
};
int ties_load(const struct src *s, const char *path, struct ties *out);
void ties_free(struct ties *t);
/* NULL when the key has no row. */
const struct tie *ties_find(const struct ties *t, const char *key, size_t len);

/* Live. True when the node that this mapping is of is a character device of a PCI device. Never opens it. */
bool node_slot(const struct src *s, const struct map *m, char slot[20]);
/* Live. True when the process has exactly one PCI device open through vfio, and that is certain. */
bool vfio_slot(const struct src *s, int pid, char slot[20]);

/*
 * A process whose main thread has ended lives on in its other threads, but its own maps (and fd, root, map_files) are
 * empty then. Opens /proc/PID/task/TID/maps of the first other thread that has mappings: a descriptor, and the thread.
 * -ESRCH: there is none (a kernel thread, one that has ended); other errors: it may not be read.
 */
int maps_open_thread(const struct src *s, int pid, int *tid);

struct maps_ctx {
	const struct src *s;
	const struct pci *pci;
	unsigned int kernel;
	struct maps *out;
	size_t cap;

	struct memtype_list bars;	/* every BAR as a range, line = device * 6 + BAR: one index for both */
	struct ties nodes, vfio;	/* snapshot only */
	void *node_cache;		/* live only: tsearch() tree of struct node */

	/* of the process at hand */
	int pid;
	char comm[32];
	int vfio_state;			/* -1 not asked yet, 0 unknown, 1 vfio_slot is valid */
	char vfio_slot[20];
	struct map_line uio;		/* the uio mapping before this one */
	unsigned int uio_minor;
	bool uio_valid;
};

/* The processes that /proc shows, ascending; free *pid. 0 or negative errno. */
int maps_list_pids(const struct src *s, int **pid, size_t *n);
/*
 * Live: does /proc show all processes? Not from within a container (the first PID namespace has a fixed inode number,
 * include/linux/proc_ns.h PROC_PID_INIT_INO), and not with the mount option hidepid: then process 1 is not there.
 * NULL, or the phrase that says why not. first_pid: the smallest one shown.
 */
const char *maps_hidden(const struct src *s, int first_pid);
/* Fills m->path from the line. */
void maps_copy_path(struct map *m, const struct map_line *l);
/* Fills comm unless it is filled already; "" when it cannot be read. */
void maps_read_comm(const struct src *s, int pid, char comm[32]);

int resolve_init(struct maps_ctx *c);
void resolve_free(struct maps_ctx *c);
void node_cache_free(struct maps_ctx *c);
/* Fills dev, bar, phys_known and phys of a mapping; the rest of *m is filled already. */
void resolve_map(struct maps_ctx *c, const struct map_line *l, const struct map_path *p, struct map *m);
/* The one BAR that holds all of the physical range; false when none does, or two do. */
bool resolve_bar(const struct maps_ctx *c, uint64_t phys, uint64_t len, int *dev, int *bar);
/* Does some BAR have a page in the range? */
bool resolve_touches(const struct maps_ctx *c, uint64_t phys, uint64_t len);
/* MAP_NODE: is it tied to a PCI device at all? key: device, inode and path of the line, which name the node. */
int resolve_node(struct maps_ctx *c, const struct scan *key, struct map *m, bool *tied);

#endif
