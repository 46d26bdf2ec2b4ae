/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms.h - /proc/kallsyms: the kernel's symbols, by name and by address.
 *     ffffffff8106a3c0 T memtype_reserve
 *     ffffffffc03f1010 t mydrv_probe	[mydrv]
 *
 * Who may not see addresses gets the same text with every address 0 (Linux kernel/kallsyms.c kallsyms_show_value: by
 * default CAP_SYSLOG is needed, with kernel.kptr_restrict=2 nobody gets them). That is not "at address 0", and no
 * address can be looked up then: hidden says so, and by-address searches find nothing. Names are told all the same:
 * a name that is there is a function or variable of this kernel. A few symbols are truly small numbers (per-CPU
 * offsets, type A or below the kernel's half): they are kept and found by name, and never found by address.
 *
 * A module's symbols are there while it is loaded: text read before a driver was loaded does not name its functions.
 */
#ifndef WCDIAG_KALLSYMS_H
#define WCDIAG_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"

struct src;

#define KALLSYMS_PATH "/proc/kallsyms"

struct kallsym {
	uint64_t addr;	    /* 0 when hidden */
	const char *name;   /* lives as long as the table; as in the text, which may be anything */
	const char *module; /* "" for the kernel itself; "bpf" and others that are no module's name as the kernel prints
			       them */
	char type;	    /* as nm prints it: t, T text; d, D data; ... */
	uint64_t end;	    /* the next symbol's address; 0: not known. Of the last of a module it is not known */
};

struct kallsyms_row;

struct kallsyms {
	struct kallsyms_row *row; /* in the order of address; equal ones in the order of the text */
	size_t n;
	char *names;	   /* all names, each terminated */
	uint32_t *by_name; /* hash of row numbers, nhash (a power of two) places */
	size_t nhash;
	char **modules; /* [0] is "" */
	size_t nmodules;
	bool hidden; /* every address is 0 */
	struct fact fact;
};

/*
 * Pure. 0, -ENOMEM, or -EBADMSG with *line (1-based) and *what. A last line without newline is an error (it may be
 * cut), and so is a text without any symbol.
 */
int kallsyms_parse(const char *text, size_t len, struct kallsyms *out, unsigned int *line, const char **what);
/* 0 when the fact is KNOWN (also when hidden), else negative errno; the fact says more. */
int kallsyms_read(const struct src *s, struct kallsyms *out);
void kallsyms_free(struct kallsyms *k);

/*
 * The i-th (from 0) symbol of that name, in the order of the address: static functions may share one. module NULL: any;
 * "" only the kernel's own. False: there are no more.
 */
bool kallsyms_by_name(const struct kallsyms *k, const char *name, const char *module, size_t i, struct kallsym *out);

/*
 * The symbol that addr lies in or behind: the last one at or below it; of several at the same address the global one
 * (T, D, ...) that the text has first, else the first one; but what BPF has put there before what a module had. Only
 * text symbols when text is true: variables that lie within are then passed over. False when hidden, below the first, or
 * so far behind the last one (16 MiB) that it is none of the kernel's or its modules'.
 */
bool kallsyms_by_addr(const struct kallsyms *k, uint64_t addr, bool text, struct kallsym *out);

/* "memtype_reserve+0x1c/0x200", "mydrv_probe+0x63 [mydrv]", or "0xffffffff81234567" when not known; always printable.
 */
const char *kallsyms_words(const struct kallsyms *k, uint64_t addr, char *buf, size_t len);

#endif
