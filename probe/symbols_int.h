/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * symbols_int.h - what the parts of symbols share: symbols.c (processes), symbols_seen.c (what was asked before),
 * symbols_maps.c (what a process maps), symbols_open.c (the very file that is mapped), symbols_elf.c (from mapped bytes
 * to the module's own addresses), symbols_debug.c (where the debug information is), symbols_table.c (functions),
 * symbols_scope.c (what was inlined where), symbols_line.c (lines).
 *
 * Files are read, never mapped: one that is cut short meanwhile gives an error, not a signal. All files are hostile.
 */
#ifndef WCDIAG_SYMBOLS_INT_H
#define WCDIAG_SYMBOLS_INT_H

#include <stdbool.h>
#include <stdio.h>

#include "dw_lib.h"
#include "symbols.h"

#define SYMBOLS_MODULES 512
#define SYMBOLS_ROOTS	64
#define SYMBOLS_RANGES	8192	     /* of a process */
#define SYMBOLS_ENTRIES (1u << 22)   /* of a module's tables of symbols together */
#define SYMBOLS_DEBUG	(1ull << 30) /* bytes of debug information, decompressed */
#define SYMBOLS_PROGRAM (8u << 20)   /* bytes of one unit's line number program: a row each at most */
#define SYMBOLS_FILE	(8ull << 30) /* a larger file is not looked into */

struct symbols_segment {
	uint64_t offset, filesz, vaddr;
	bool exec;
};

/* A function, or a label: from addr, size bytes. */
struct symbols_entry {
	uint64_t addr, size;
	uint64_t reach; /* the farthest end of this one and those before it */
	const char *name;
	unsigned int rank; /* of several at one address the lowest */
};

/* A mapped file, or the vdso: then dev and ino are 0, and image holds it. */
struct symbols_module {
	dev_t dev;
	ino_t ino;
	char *path;
	const char *name; /* its last component */
	int fd;		  /* -1: could not be had */
	int root;	  /* of the process, in symbols.root[] */
	char *image;
	size_t imagelen;
	struct symbols_segment *segment;
	size_t segments; /* 0: no ELF file for this machine */
	bool looked;	 /* in the file itself for what follows */
	bool searched;	 /* and in a separate one */
	Elf *elf, *debug, *alternate;
	int debugfd, alternatefd;
	Dwarf *dwarf, *alternate_dwarf;
	struct symbols_entry *entry;
	size_t entries;
};

struct symbols_root {
	dev_t dev;
	ino_t ino, ns;
	int fd;
};

/* An executable mapping; module -1: no file. */
struct symbols_range {
	uint64_t start, end, offset;
	int module;
};

struct symbols_process {
	pid_t pid;
	unsigned int serial; /* another one after each exec */
	unsigned int reads;  /* of its mappings that nobody asked for */
	int dir; /* its folder in /proc, so that no later process of that number is taken for it; -1: none yet */
	struct symbols_range *range;
	size_t n;
};

/*
 * What was asked: of a module (1 and up) an address in it, which has its answer; or of a process (SYMBOLS_PROCESS and
 * its serial) an ip for which the mappings were read again.
 */
#define SYMBOLS_PROCESS (1ull << 32)
#define SYMBOLS_NEAR	(1ull << 33) /* + a module: the answer of symbols_near() */

struct symbols_seen {
	uint64_t whose; /* 0: free */
	uint64_t addr;
	struct symbol y;
};

struct symbols {
	const struct dw_lib *dw; /* NULL: why */
	const char *why;
	struct symbols_module *module[SYMBOLS_MODULES];
	size_t modules;
	struct symbols_root root[SYMBOLS_ROOTS]; /* [0]: this process's own */
	size_t roots;
	struct symbols_process *process;
	size_t processes;
	unsigned int serials;
	struct symbols_seen *seen; /* a hash of what was asked */
	size_t seens, room;
};

/* symbols_seen.c: the place of this question, true: it is new. NULL: no more are kept. */
bool symbols_remember(struct symbols *s, uint64_t whose, uint64_t addr, struct symbols_seen **out);

/* symbols_maps.c: what the process executes from, sorted; malloc'ed. dir: struct symbols_process. New modules come to
 * s. */
int symbols_ranges(struct symbols *s, int dir, struct symbols_range **out, size_t *n);

/*
 * symbols_open.c. A regular file whose bytes may be read for the asking (no sysfs, no proc), O_CLOEXEC; else a negative
 * errno. Of a path below a root; of anything that an O_PATH descriptor stands for, which is closed.
 */
int symbols_open_below(int rootfd, const char *path);
int symbols_open_path(int pathfd);
/* The file that a thread (its folder in /proc) has mapped, and no other one of that name, which is tried below roots.
 */
int symbols_open_mapped(int dir, const struct symbols_range *r, dev_t dev, ino_t ino, const int roots[2],
			const char *path);

/* symbols_elf.c: segments of fd or image. symbols_address: false: offset lies in none. */
void symbols_segments(struct symbols_module *m);
bool symbols_address(const struct symbols_module *m, uint64_t offset, uint64_t *addr);

/*
 * symbols_debug.c: what libdw gives of a module; what cannot be had stays NULL. all: a separate file with its debug
 * information as well. symbols_unlook gives it back.
 */
void symbols_look(struct symbols *s, struct symbols_module *m, bool all);
void symbols_unlook(const struct dw_lib *dw, struct symbols_module *m);
bool symbols_section(const struct dw_lib *dw, Elf *elf, const char *name, Elf_Data **out);

/* symbols_table.c */
void symbols_table(const struct dw_lib *dw, struct symbols_module *m);
const struct symbols_entry *symbols_entry_at(const struct symbols_module *m, uint64_t addr);

/* symbols_scope.c: unit is given; the rest is filled. */
#define SYMBOLS_DEEPEST 64
struct symbols_place {
	Dwarf_Die unit, function, inlined[SYMBOLS_DEEPEST]; /* the innermost last */
	bool found;					    /* function is one */
	int n;
};
void symbols_place(const struct dw_lib *dw, struct symbols_place *p, uint64_t addr);

/* symbols_line.c: file, path, line, inlined, own_*; function and in when they are NULL yet. */
void symbols_line(const struct dw_lib *dw, struct symbols_module *m, uint64_t addr, struct symbol *out);

#endif
