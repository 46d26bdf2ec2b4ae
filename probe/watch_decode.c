/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch_decode.c - a raw record of the kernel's into an event: names for addresses, types for bits. Pure. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kallsyms.h"
#include "pat.h"
#include "scan.h"
#include "watch.h"
#include "watch_record.h"

/* Bits of a 4 KiB entry's protection (arch/x86/include/asm/pgtable_types.h). */
#define PROT_PWT (1U << 3)
#define PROT_PCD (1U << 4)
#define PROT_PAT (1U << 7)

static const char *const kinds[WATCH_KINDS] = {
	[WATCH_RESERVE] = "reserve",
	[WATCH_FREE] = "free",
	[WATCH_INSERT] = "insert",
	[WATCH_REMAP] = "remap",
};

static const char *const callers[CALLERS] = {
	[CALLER_UNKNOWN] = "unknown",	    [CALLER_IOREMAP] = "ioremap", [CALLER_MMAP] = "mmap",
	[CALLER_FAULT] = "fault",	    [CALLER_FORK] = "fork",	  [CALLER_RESERVE] = "reservation",
	[CALLER_SET_MEMORY] = "set_memory", [CALLER_UNMAP] = "munmap",	  [CALLER_IOUNMAP] = "iounmap",
	[CALLER_RELEASE] = "release",
};

static int find(const char *const *names, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], s))
			return (int)i;
	return -1;
}

const char *watch_kind_name(enum watch_kind k)
{
	return kinds[k];
}

const char *watch_caller_name(enum watch_caller c)
{
	return callers[c];
}

int watch_kind_from_name(const char *s)
{
	return find(kinds, WATCH_KINDS, s);
}

int watch_caller_from_name(const char *s)
{
	return find(callers, CALLERS, s);
}

void watch_event_drop(struct watch_event *e)
{
	for (size_t i = 0; i < e->nstack; i++)
		free(e->stack[i]);
	e->nstack = 0;
}

int watch_event_copy(const struct watch_event *from, struct watch_event *to)
{
	*to = *from;
	to->nstack = 0;
	for (size_t i = 0; i < from->nstack; i++) {
		to->stack[i] = strdup(from->stack[i]);
		if (!to->stack[i]) {
			watch_event_drop(to);
			return -ENOMEM;
		}
		to->nstack++;
	}
	return 0;
}

/* Where is it? In what is loaded now, else in what was a moment ago. */
static const struct kallsyms *table_of(const struct watch_names *n, uint64_t addr, struct kallsym *y)
{
	if (n->now && kallsyms_by_addr(n->now, addr, true, y))
		return n->now;
	if (n->before && kallsyms_by_addr(n->before, addr, true, y))
		return n->before;
	return NULL;
}

/* The function at which this kind of record is taken. */
static bool hooked(const char *name)
{
	for (const struct watch_function *f = watch_functions; f->name; f++)
		if (!strcmp(f->name, name))
			return true;
	return false;
}

/*
 * The first frames are the tracing's own: the BPF program and its trampoline, of which the kernel may or may not tell
 * names. The function that decided follows within a few; where it is not there (perf is in its very first instruction,
 * and begins with it) what has no name of the kernel's is left out.
 */
static size_t own_frames(const struct watch_record *r, const struct watch_names *n)
{
	struct kallsym y;
	size_t i;

	for (i = 0; i < r->frames && i < 6; i++)
		if (table_of(n, r->stack[i], &y) && hooked(y.name))
			return i;
	for (i = 0; i < r->frames && i < 6; i++)
		if (table_of(n, r->stack[i], &y) && strcmp(y.module, "bpf") != 0 && strncmp(y.name, "bpf_", 4) != 0)
			return i;
	return 0;
}

static int tell_stack(const struct watch_record *r, const struct watch_names *n, struct watch_event *e)
{
	static const struct kallsyms none = { .hidden = true };
	bool doubled = false;

	for (size_t i = own_frames(r, n); i < r->frames && i < WATCH_FRAMES && e->nstack < WATCH_STACK; i++) {
		const struct kallsyms *k;
		struct kallsym y;
		char words[200];

		k = table_of(n, r->stack[i], &y);
		/*
		 * A function further out that is looked at, too, is entered twice: by its caller, and by what BPF has
		 * put before it.
		 */
		if (k && !strcmp(y.module, "bpf")) {
			doubled = true;
			continue;
		}
		if (k && doubled && hooked(y.name)) {
			doubled = false;
			continue;
		}
		e->stack[e->nstack] = strdup(kallsyms_words(k ? k : &none, r->stack[i], words, sizeof(words)));
		if (!e->stack[e->nstack])
			return -ENOMEM;
		e->nstack++;
	}
	return 0;
}

static enum mtype of_prot(uint64_t prot, const enum mtype slot[8])
{
	return slot[pat_index(prot & PROT_PAT, prot & PROT_PCD, prot & PROT_PWT)];
}

int watch_event_of(const struct watch_record *r, const struct watch_names *n, const enum mtype slot[8],
		   struct watch_event *out)
{
	static const enum watch_kind kind_of[] = {
		[WATCH_RAW_RESERVE] = WATCH_RESERVE, [WATCH_RAW_FREE] = WATCH_FREE,
		[WATCH_RAW_INSERT] = WATCH_INSERT,   [WATCH_RAW_REMAP] = WATCH_REMAP,
		[WATCH_RAW_SETUP] = WATCH_INSERT,
	};
	int rc;

	*out = (struct watch_event){ .asked = MT_UNKNOWN, .got = MT_UNKNOWN };
	if (r->kind < WATCH_RAW_RESERVE || r->kind > WATCH_RAW_SETUP || r->frames > WATCH_FRAMES || r->end <= r->start)
		return -EINVAL;
	out->kind = kind_of[r->kind];
	out->when = r->when;
	out->start = r->start;
	out->end = r->end;
	out->result = r->result;
	out->result_known = r->flags & WATCH_RAW_RESULT;
	out->pid = (int)r->pid;
	out->tid = (int)r->tid;
	out->vma_start = r->vma_start;
	out->vma_end = r->vma_end;
	scan_copy(out->comm, sizeof(out->comm), r->comm, strnlen(r->comm, sizeof(r->comm)));
	if (r->flags & WATCH_RAW_ASKED)
		out->asked = out->kind == WATCH_RESERVE ? mtype_from_pcm(r->asked) : of_prot(r->asked, slot);
	if (r->flags & WATCH_RAW_GOT)
		out->got = out->kind == WATCH_RESERVE ? mtype_from_pcm(r->got) : of_prot(r->got, slot);
	rc = tell_stack(r, n, out);
	if (rc) {
		watch_event_drop(out);
		return rc;
	}
	watch_callers_tell(out);
	/* A larger piece through the newer function is a remap; a page at a time is what a fault does. */
	if (r->kind == WATCH_RAW_SETUP && out->caller == CALLER_MMAP)
		out->kind = WATCH_REMAP;
	return 0;
}
