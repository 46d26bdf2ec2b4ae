/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule.h - a rule is a row. Internal to probe/; commands see rules only through rule_at() and rule_find(), for explain.
 *
 * Sentences may hold {key}: the evidence of that name, put in by the engine.
 */
#ifndef WCDIAG_RULE_H
#define WCDIAG_RULE_H

#include "barmap.h"
#include "judge.h"
#include "mtype.h"

/* Facts a rule may need. The table in facts.c ties each to its struct fact and to the words for it. */
enum fact_id {
	F_CPUID,
	F_HYPER,
	F_KERNEL,
	F_CMDLINE,
	F_LOCKDOWN,
	F_MSR,
	F_BELIEF,
	F_MTRR,
	F_PCI,
	F_CONFIG,
	F_IOMEM,
	F_LIST,
	F_KLOG,
	F_VMALLOC,
	F_MAPS,
	F_ENTRIES,
	F_COUNT
};
#define F(x) (1u << F_##x)

struct experiment;
struct judge_ctx;
struct map;

struct rule {
	const char *id;
	enum layer layer;
	enum severity sev;		   /* the gravest it can have */
	const char *other;		   /* in words: when it is less grave, and what then; NULL: never */
	unsigned int needs;		   /* F() bits; missing ones make the layer unknown */
	unsigned int uses;		   /* F() bits that only improve the answer */
	bool per_bar;			   /* makes no sense for the machine without a BAR */
	void (*test)(struct judge_ctx *c); /* NULL: only the engine emits it */
	const char *when;		   /* for explain and the manual */
	const char *says;		   /* the sentence, with {evidence} */
	const char *fix;		   /* what to change, ready to paste where it is code; NULL: nothing to fix */
	const char *source;
};

struct judge_ctx {
	const struct machine *m;
	const struct pci_device *dev; /* NULL: the machine itself */
	int bar;
	uint64_t start, end; /* the BAR, end exclusive; 0, 0 for the machine or without an address */
	enum layer until;
	const struct experiment *exp; /* experiment.h; NULL: nothing was driven, and no stream given */
	const struct rule *rule; /* the one being tried */
	struct findings *out;
	struct bar_maps maps; /* who maps this BAR, and what the entries say */
	struct request *req; /* who asked for WC over this BAR, see request.h */
	size_t nreq;
	bool more_requests;		/* the log holds more than were looked at */
	unsigned int lacks;		/* F() bits of the facts that are missing */
	unsigned int needed_anywhere; /* F() bits missing that some layer asked for needs: that layer names them */
	unsigned int named;	      /* F() bits already named for information: once is enough */
};

/* A new finding of the current rule. NULL when memory ran out (out->err says so): the ev_* calls take NULL. */
struct finding *hit(struct judge_ctx *c, enum severity sev);
/* The same with another sentence or fix than the row's. */
struct finding *hit_says(struct judge_ctx *c, enum severity sev, const char *says, const char *fix);
void ev_text(struct finding *f, const char *key, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void ev_num(struct finding *f, const char *key, uint64_t v);
void ev_hex(struct finding *f, const char *key, uint64_t v);
/* start and end (exclusive) as "range": "0xd4000000-0xd8000000". */
void ev_range(struct finding *f, const char *key, uint64_t start, uint64_t end);
/* Who maps it, and what: pid, process, path, and mapping where its place is known. */
void ev_map(struct finding *f, const struct map *p);

/* Broken, or suspect for a BAR that a WC MTRR covers whole: that one is WC without PAT. */
enum severity unless_mtrr_wc(const struct judge_ctx *c);

const struct rule *rule_find(const char *id);
const struct rule *rule_at(size_t i); /* NULL past the end; in the order of the layers */

const char *fact_name(enum fact_id id);
/* The fact's state for this context; never NULL. */
const struct fact *fact_of(const struct judge_ctx *c, enum fact_id id);
bool fact_lacks(const struct fact *f); /* neither known nor absent */

extern const struct rule rules_host[], rules_pat[], rules_mtrr[], rules_pci[], rules_memtype[], rules_memlog[], rules_pte[],
	rules_map[], rules_stores[], rules_fabric[];

#endif
