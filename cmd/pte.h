/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pte.h - what the parts of "wcdiag pte" share: pte.c (frame), pte_target.c, pte_find.c, pte_find_bar.c,
 * pte_names.c, pte_index.c, pte_rows.c, pte_words.c, pte_json.c, pte_verify.c.
 */
#ifndef WCDIAG_CMD_PTE_H
#define WCDIAG_CMD_PTE_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/device.h"
#include "cmd/table.h"
#include "cmd/view.h"
#include "probe/entries.h"
#include "probe/memtype.h"
#include "probe/pagemap.h"

/* --- pte_target.c: what to read --- */

struct pte_target {
	const struct cmd *c;
	int pid;		/* 0: none was named */
	bool self, kernel;
	struct device_arg bar;	/* --bar */
	const char *range;	/* as typed; NULL: all of it */
	uint64_t start, end;	/* of range: whole pages, end exclusive */
	bool every;		/* do not fold over A, D and software bits */
	bool all;		/* entries that are zero, too */
	bool verify;		/* by both readers */
	struct table_args table;
};

extern const struct opt pte_opts[];
int pte_option(int val, const char *arg, void *ctx);	/* ctx: struct pte_target */
int pte_positional(struct pte_target *t, const char *arg);
/* Do the options make sense together? live: no --root. 0, or EXIT_FAILED after saying why. */
int pte_target_check(struct pte_target *t, bool live);
/* "0x7f00+64K" to whole pages. NULL, or why it is no range. */
const char *pte_range(const char *arg, uint64_t *start, uint64_t *end);

/* --- pte_names.c: what a process and its mappings are called --- */

struct pte_names {
	int pid;
	char comm[32];
	struct pte_name {
		uint64_t start, end;
		char path[160];		/* "" : anonymous */
	} *n;
	size_t count;
};
int pte_names_load(const struct src *s, int pid, struct pte_names *out);	/* 0 or -ENOMEM; nothing known: empty */
const struct pte_name *pte_names_at(const struct pte_names *n, uint64_t addr);
void pte_names_free(struct pte_names *n);

/* --- pte_find.c: the entries; pte_index.c: whose pages they map --- */

/* One process (or the kernel) whose entries were asked for. */
struct pte_who {
	int pid;
	size_t from, to;	/* its runs in found.list */
	struct pte_names names;
	bool checked;
	struct pagemap_check pagemap;
};

struct ioremap;
struct machine;

/* Found by address, so that a million runs and a million ioremaps are no million millions. */
struct pte_index {
	const struct ioremap **io;	/* with a virtual address, by that */
	size_t nio;
	struct memtype_list bars;	/* line: device * 6 + BAR */
};

struct pte_found {
	struct pte_index index;
	struct runs list;
	struct pte_who *who;
	size_t nwho;
	int gone;		/* a process that is not there (any more), 0 when all are */
	bool upper;		/* upper[] was read */
	bool holes;		/* NONE runs of ordinary memory were left out */
	struct fact fact;	/* of the reading */
	char reader[64];
	unsigned int levels;
};

/* Fills out; what cannot be read is in its facts. 0, or EXIT_FAILED after saying why. */
int pte_find(struct view *v, const struct pte_target *t, struct pte_found *out);
void pte_found_free(struct pte_found *f);

int pte_index_make(const struct machine *m, struct pte_index *x);	/* 0 or -ENOMEM */
void pte_index_free(struct pte_index *x);
/* The file mapped, or who made the ioremap; "" when nobody knows. */
void pte_word_file(const struct machine *m, const struct pte_index *x, const struct pte_who *w, const struct pte_run *r,
		   char *buf, size_t len);
/* "0000:01:00.0:2", "" when its physical address lies in no BAR. */
void pte_word_bar(const struct machine *m, const struct pte_index *x, const struct pte_run *r, char *buf, size_t len);

/* --- pte_words.c: a run in words; pte_rows.c: the table --- */

#define PTE_WORDS 160

extern const struct col pte_cols[];
extern const char pte_usual[], pte_usual_kinds[], pte_usual_levels[];

/* One word a kind of CPU, "WC" or "WC/UC-"; "-" when the entry selects nothing. */
void pte_word_pat(const struct machine *m, const struct pte *p, char *buf, size_t len);
void pte_word_mtrr(const struct machine *m, const struct pte_run *r, char *buf, size_t len);
void pte_word_effective(const struct machine *m, const struct pte_run *r, const struct pte *p, char *buf, size_t len);
/* The types of the reservations that it lies in: "WC", "WC,UC-", "none", "unknown". */
void pte_word_reserved(const struct machine *m, const struct pte_run *r, char *buf, size_t len);
const char *pte_word_kind(const struct pte_run *r);
const char *pte_word_page(const struct pte_run *r);
/* Of all levels together: "RW US NX". */
void pte_word_rights(const struct pte_run *r, char *buf, size_t len);
void pte_word_vma(const struct pte_run *r, char *buf, size_t len);
static inline bool pte_leaf(const struct pte_run *r)
{
	return r->kind == PTE_PRESENT || r->kind == PTE_PROTNONE;
}

void pte_rows(struct view *v, const struct pte_target *t, const struct pte_found *f);

/* --- pte_verify.c: by both readers; ctx: struct pte_target --- */
void pte_verify(struct view *v, void *ctx);

/* --- pte_json.c --- */
void pte_json(struct view *v, const struct pte_found *f);

#endif
