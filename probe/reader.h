/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reader.h - whoever reads page table entries on this machine: the helper module (km.h), or /proc/kcore (kcore.h).
 *
 * The module is preferred: it holds a process still while it looks. kcore needs nothing to be loaded, so it serves
 * where no module may be. Which one read is always told (name), for it is evidence. Registers are no matter of this.
 */
#ifndef WCDIAG_READER_H
#define WCDIAG_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "entries.h"
#include "fact.h"
#include "km.h"

enum reader_kind {
	READER_ANY, /* the module when it is there, else kcore */
	READER_KM,
	READER_KCORE,
};

struct reader {
	char name[64];	     /* "wcdiag_km 0.1.0", "kcore of 6.1.0-56-amd64"; "" : none */
	const char *where;   /* KM_PATH or KCORE_PATH */
	unsigned int levels; /* of page tables: 4 or 5 */
	uint64_t user_end, kernel_start, vmalloc_start, vmalloc_end; /* as in struct km */
	struct km km;						     /* fd -1: not this one */
	struct kcore *kcore;					     /* NULL: not this one */
};
#define READER_NONE                                                                                                    \
	{                                                                                                              \
		.where = KM_PATH, .km = {.fd = -1 }                                                                    \
	}

/* What READER_ANY means from now on, for the whole program: the user's choice (--reader). */
void reader_prefer(enum reader_kind kind);
/* "km", "kcore", "any". False: no such word. */
bool reader_kind_parse(const char *word, enum reader_kind *kind);

/*
 * 0, and the fact is KNOWN; else negative errno, and it is MISSING: it says of each that was tried why not, and the
 * nearest thing to do.
 */
int reader_open(struct reader *r, enum reader_kind kind, struct fact *f);
void reader_close(struct reader *r);
/*
 * For who reads again and again: to open kcore takes long (the kernel's type information is parsed). While it is kept,
 * reader_close() leaves one open for the next reader_open(), which still prefers the module. false: closes it.
 */
void reader_keep(bool keep);
static inline bool reader_is_open(const struct reader *r)
{
	return r->km.fd >= 0 || r->kcore;
}

/* km_walk() or kcore_walk(): the same flags, the same errors. -ENODEV: none is open. */
int reader_walk(const struct reader *r, int pid, uint64_t start, uint64_t end, unsigned int flags, struct runs *out);
/* The sentence for a walk that failed with err (positive), and what to do; static strings. */
const char *reader_why(const struct reader *r, int err, const char **remedy);

#endif
