/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness.h - who counts what became of the stores: a register of the device, a program, the CPU's counters, the clock.
 *
 * A witness is opened for one experiment, begun and ended around each run, and says how far it can be trusted. What it
 * could not count is not in its counts; it is never zero instead.
 */
#ifndef WCDIAG_WITNESS_H
#define WCDIAG_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fact.h"

struct cpu;
struct pci_device;
struct src;
struct witness;

enum witness_kind { WITNESS_REG, WITNESS_CMD, WITNESS_PMU, WITNESS_TIMING, WITNESS_KINDS };

/* The argument of --witness, taken apart. */
struct witness_spec {
	enum witness_kind kind;
	unsigned int bar;   /* REG: 0 to 5 */
	uint64_t offset;    /* REG: in the BAR, a multiple of width */
	unsigned int width; /* REG: 4 or 8 bytes */
	char program[256];  /* CMD: a path, or a name to be looked up in PATH; no arguments, no shell */
};
/*
 * Pure: "reg:BAR+OFFSET:WIDTH" (OFFSET decimal or 0x hex; WIDTH 4 or 8 bytes, or 32 or 64 bits), "cmd:PROGRAM", "pmu",
 * "timing". 0, or -EINVAL with *what, a static phrase.
 */
int witness_parse(const char *text, struct witness_spec *out, const char **what);
/* The same as text again, as the user would type it. */
void witness_spec_name(const struct witness_spec *spec, char *buf, size_t len);

/* The experiment. All of it has to live as long as the witness. Ranges are of bytes in the BAR, ends exclusive. */
struct witness_target {
	const struct src *src;
	const struct cpu *cpu;
	const struct pci_device *dev;	     /* NULL: no device (listing, or a witness that needs none) */
	unsigned int bar;		     /* the BAR that is stored to, ... */
	uint64_t scratch_start, scratch_end; /* ... and where; equal: nothing is stored */
	uint64_t mapped_start, mapped_end;   /* the part of it that a mapping for stores covers now; equal: none */
	pid_t tid;			     /* the thread that stores; 0: the caller */
	int pinned;			     /* the CPU it is pinned to, -1 when not */
	bool emulated;			     /* the CPU is emulated (QEMU without KVM): the clock proves nothing */
	unsigned int idle_ms;		     /* how long the PMU's idle rate is measured when opened; 0: not */
	unsigned int cmd_ms;		     /* time limit of a program; 0: 10 seconds */
};

/* How far to believe it, worst first. */
enum witness_trust {
	TRUST_NOTHING, /* proves nothing here */
	TRUST_HINT,    /* a cause can be seen in it, other causes look the same */
	TRUST_CPU,     /* counted where the CPU gives lines up: what is behind it may still split them */
	TRUST_PORT,    /* counted at the PCIe port, of all devices behind it */
	TRUST_DEVICE,  /* counted by the device, as far as its register or the program is what the user says */
};
const char *witness_trust_says(enum witness_trust t);

enum witness_what {
	WITNESS_TLPS,	 /* write TLPs, or whatever the register or program counts */
	WITNESS_FULL,	 /* lines given up whole */
	WITNESS_PARTIAL, /* lines given up with bytes missing */
	WITNESS_LINES,	 /* both together */
	WITNESS_BYTES,
	WITNESS_WHATS
};
struct witness_counts {
	unsigned int runs[WITNESS_WHATS]; /* 0: not counted; else in how many runs */
	uint64_t count[WITNESS_WHATS];	  /* over all of those */
	bool estimate;			  /* scaled, or something idle was subtracted */
};
void witness_add(struct witness_counts *sum, const struct witness_counts *one); /* pure */
/*
 * Pure: full lines by all lines, 0 to 1, each first divided by its own runs (they may take turns). -ENODATA when full
 * and (partial or all) were not counted, or nothing was.
 */
int witness_full_rate(const struct witness_counts *c, double *rate);
/* Pure: bytes a transaction; -ENODATA. */
int witness_bytes_per_tlp(const struct witness_counts *c, double *bytes);

/*
 * 0, or negative errno and f MISSING: why, and what would make it. REG: -EINVAL outside the BAR; -EADDRINUSE: its page
 * is one of the scratch range's; -EHOSTDOWN: the device is asleep; -ENODEV: it decodes no memory. CMD: the program is
 * run once.
 */
int witness_open(const struct witness_spec *spec, const struct witness_target *t, struct witness **out, struct fact *f);
void witness_close(struct witness *w); /* NULL is allowed */

enum witness_kind witness_kind_of(const struct witness *w);
enum witness_trust witness_trust_of(const struct witness *w);
/* One sentence of what is counted, and by what. */
const char *witness_says(const struct witness *w);
/* Runs of the same work that are needed for all its counts: 2 where full and partial lines take turns, else 1. */
unsigned int witness_rounds(const struct witness *w);

/*
 * Around one run. 0, or negative errno and f MISSING. REG maps its page only within the call, and refuses (-EBUSY)
 * while the target's mapping for stores covers that page: an alias would decide the type of one of the two.
 */
int witness_begin(struct witness *w, struct fact *f);
int witness_end(struct witness *w, struct witness_counts *out, struct fact *f);

/* What --list-witnesses shows. */
enum witness_state { WITNESS_READY, WITNESS_NAME_IT /* only the user can say what */, WITNESS_NOT_HERE };
struct witness_offer {
	enum witness_kind kind;
	enum witness_state state;
	enum witness_trust trust;
	char says[320];	    /* what it counts */
	struct fact fact;   /* MISSING when not here: why, and what would make it */
	struct fact partly; /* MISSING when only a part of it is to be had */
};
/* Every kind, in the order of trust. The PMU is opened and closed again; no program is run, nothing of a device read.
 */
void witness_list(const struct witness_target *t, struct witness_offer out[WITNESS_KINDS]);

#endif
