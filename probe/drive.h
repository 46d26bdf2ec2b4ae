/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drive.h - drive a device: store known patterns into a part of a BAR that the user has named, from the kernel and from
 * user space, one mapping at a time.
 *
 * The first reservation decides the type of everybody's that comes later (Linux arch/x86/mm/pat/memtype.c): so a phase
 * has one side and one way to map, notes who else holds the range before it maps, reads which entries it really got,
 * and has nothing of ours left when it ends. It stores to the pages of the scratch range and to no other: when the
 * entries do not say so, it stores nothing. What was there is lost.
 */
#ifndef WCDIAG_DRIVE_H
#define WCDIAG_DRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memtype.h"
#include "model.h"
#include "mtype.h"
#include "stores.h"

struct machine;
struct pci_device;

enum drive_side { DRIVE_KERNEL, DRIVE_USER };

/* How the BAR is mapped. The kernel's side is ioremap() by *_UC, else ioremap_wc(). */
enum drive_by {
	DRIVE_BY_WC,	    /* user: resourceN_wc */
	DRIVE_BY_UC,	    /* user: resourceN */
	DRIVE_BY_MODULE,    /* user: the helper module's own mapping, WC asked for */
	DRIVE_BY_MODULE_UC, /* the same, UC- asked for */
	DRIVE_BY_FILE,	    /* user: another file, as a driver's node */
};

/* A part of the BAR that has to be left alone, exclusive: a witness's counter. */
struct drive_keep {
	uint64_t start, end;
	const char *what;
};

struct drive_plan {
	const struct machine *m;
	const struct pci_device *dev; /* one of m's */
	int bar;
	bool have_scratch;
	uint64_t offset, length; /* the scratch range, in the BAR */
	bool side[2];		 /* enum drive_side: which are asked for */
	enum drive_by by;
	const char *file;     /* DRIVE_BY_FILE */
	uint64_t file_offset; /* in it: where the scratch range's first page is; a multiple of 4096 */
	bool force, irqs_off;
	int cpu; /* which runs everything; -1: the one at hand */
	const unsigned int *pattern;
	size_t npattern;
	unsigned int lines, gap; /* as in struct stores_run; only for patterns that take them */
	uint64_t messages;	 /* of one run */
	unsigned int repeat;	 /* runs of each pattern and side */
	uint64_t warm_up;	 /* messages before the first run, stored and not measured */
	uint8_t data[WCDIAG_STORE_LINE];
	const struct cpu_profile *profile; /* of whom the TLPs are predicted; NULL: m's CPU */
	const struct drive_keep *keep;
	size_t nkeep;
};

struct drive_refusal {
	char what[120], why[240];
	const char *remedy; /* static; NULL when nothing helps */
};

/* Pure: may this be done at all? true with the reason when not. Of everything that it can know from m alone. */
bool drive_refused(const struct drive_plan *p, struct drive_refusal *out);
/* Pure: the run of a pattern of this plan. */
void drive_run_of(const struct drive_plan *p, unsigned int pattern, struct stores_run *out);
/* Pure: does this pattern exist on that side, whatever the CPU has? */
bool drive_on_side(unsigned int pattern, enum drive_side side);
/* Pure: the CPU is emulated: nothing combines, the clock proves nothing. */
bool drive_emulated(const struct machine *m);

/* What one run leaves the CPU as, by the model (model.h). */
struct drive_prediction {
	bool known;
	char why[120];		    /* not known: one phrase */
	uint64_t tlps, best, worst; /* the default list; the range */
	uint64_t lines, full;	    /* lines that leave the buffers; ... full. 0 for uncached stores */
	uint64_t stores, bytes;
	unsigned int unknowns; /* MU_* */
};

/*
 * Pure. phys: of the scratch range's first byte. type: the effective type of its pages. cb may be NULL. shape: of a
 * pattern that needs one (stores.h), else NULL. 0 also when nothing can be said; -ENOMEM.
 */
int drive_predict(const struct drive_plan *p, const struct stores_run *run, uint64_t phys, enum mtype type,
		  const struct stores_shape *shape, model_tlp_fn cb, void *ctx, struct drive_prediction *out);

enum drive_state {
	DRIVE_DONE,
	DRIVE_SKIPPED, /* nothing was stored: why says it */
	DRIVE_STOPPED, /* asked to stop: what was done until then counts */
	DRIVE_LOST,    /* the mapping was taken away meanwhile */
};

struct drive_row {
	unsigned int pattern;
	enum drive_state state;
	char why[200];
	uint64_t warmed;	      /* messages of the warm-up */
	unsigned int runs;	      /* complete */
	uint64_t part;		      /* messages of a last one that is not */
	struct drive_prediction each; /* of one complete run */
	bool timed;
	struct stores_stats time; /* cycles a line */
};

struct drive_hold {
	struct memtype t;
	char who[160];
};

struct drive_phase {
	enum drive_side side;
	enum drive_by by;
	enum drive_state state;
	char why[240];
	const char *remedy;
	/* Reservations over the pages before anything was mapped. */
	bool list_known;
	struct drive_hold hold[4];
	size_t nhold;	     /* all of them, also those that hold[] has no room for */
	bool list_same;	     /* afterwards as before */
	enum mtype reserved; /* user: what the list has for the pages while they are mapped, or MT_UNKNOWN */
	/* What the entries say. */
	bool entry_known, mixed; /* mixed: not the same slot everywhere; then the rest is the first page's */
	char entry_why[160];	 /* not known: why */
	uint64_t entry;
	unsigned int level, slot;
	enum mtype type, effective; /* by PAT; with the MTRRs of the CPU that stores. Not known: MT_UNKNOWN */
	unsigned int cpu;
	struct stores_shape shape; /* how the C library copies, where that was asked for and could be recorded */
	struct drive_row *row;
	size_t nrow;
};

/* The calls that touch the machine, so that a test can stand in for it. 0 or a negative errno where not said. */
struct wcdiag_km_store;
struct runs;
struct drive_ops {
	/* Why this side cannot run, or NULL. */
	const char *(*cannot)(void *ctx, const struct drive_plan *p, enum drive_side side, const char **remedy);
	/* Whole pages: size bytes from the scratch range's first page on. */
	int (*map)(void *ctx, const struct drive_plan *p, uint64_t size, void **at);
	void (*unmap)(void *ctx, void *at, uint64_t size);
	/* Our own entries; -ENODEV: there is no reader. */
	int (*walk)(void *ctx, uint64_t start, uint64_t end, struct runs *out);
	int (*store)(void *ctx, struct wcdiag_km_store *request);
	int (*list)(void *ctx, struct memtype_list *out);
};

/* Who wants to know of each run. Each may be NULL. */
struct drive_watch {
	void *ctx;
	/* A mapping of these bytes of the BAR begins or, both 0, ends to live. */
	void (*mapped)(void *ctx, uint64_t start, uint64_t end);
	void (*begin)(void *ctx, const struct drive_phase *ph, size_t row, unsigned int run);
	/* complete: it was not stopped; only then it is counted in row's runs. */
	void (*end)(void *ctx, const struct drive_phase *ph, size_t row, unsigned int run, bool complete);
	/* All runs of a row are over: cycles of n single batches, whole ones only. */
	void (*timed)(void *ctx, const struct drive_phase *ph, size_t row, const uint32_t *cycles, size_t n);
};

/*
 * One phase. The plan was not refused. 0 and *out filled (state says what became of it); -ENOMEM, -EINVAL. The calling
 * thread is pinned meanwhile. Handles SIGBUS for the mapping's addresses meanwhile.
 */
int drive_phase_run(const struct drive_plan *p, enum drive_side side, const struct drive_ops *ops, void *ctx,
		    const struct drive_watch *watch, struct drive_phase *out);
void drive_phase_free(struct drive_phase *ph);

/* End the phase that runs, and all that come, after their batch. For signal handlers; there is no way back. */
void drive_stop(void);
bool drive_stopped(void);

/* The TLPs of everything that a phase's row stored, warm-up included, one after the other. 0 or -ENOMEM, -ENODATA. */
int drive_row_tlps(const struct drive_plan *p, const struct drive_phase *ph, const struct drive_row *row,
		   model_tlp_fn cb, void *ctx);

/* This machine: for ops and their ctx. The module is asked where there is one; nothing is loaded. */
struct drive_live;
int drive_live_open(struct drive_live **out);
void drive_live_close(struct drive_live *l); /* NULL is allowed */
extern const struct drive_ops drive_live_ops;

/*
 * Maps size bytes of a file as a program does, shared, for reading and writing, and stores nothing; children do not inherit
 * it. munmap() ends it, all of it at once. 0 or -errno.
 */
int drive_map_file(const char *path, uint64_t offset, uint64_t size, void **at);

const char *drive_side_name(enum drive_side side);    /* "kernel" */
const char *drive_state_name(enum drive_state state); /* "done" */

#endif
