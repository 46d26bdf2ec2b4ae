/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot_regs.c - what is no file on the machine: registers, CPUID and page table entries, as text beside the files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "entries.h"
#include "microcode.h"
#include "msr.h"
#include "snapshot_int.h"

/* A source that is itself a snapshot has the text already. */
static bool copied(struct taker *t, const char *record)
{
	struct blob b;
	int rc;

	if (src_is_live(t->s))
		return false;
	rc = src_read(t->s, record, &b);
	if (rc) {
		miss(t, record, -rc, NULL);
	} else {
		put(t, record, b.data, b.len);
		blob_free(&b);
	}
	return true;
}

void take_msr(struct taker *t)
{
	static const char record[] = "/wcdiag/msr.txt";
	struct msrs m;
	char *text;
	size_t len;

	if (copied(t, record))
		return;
	if (msrs_read(t->s, t->cpu.vendor == VENDOR_AMD, &m)) {
		miss(t, m.fact.where, m.fact.err, m.fact.remedy);
		/* The reader of the snapshot asks for this file: it shall have the same reason. */
		if (!m.n)
			miss_echo(t, record);
	}
	if (m.n && msrs_format(&m, &text, &len)) {
		t->nomem = true;
	} else if (m.n) {
		put(t, record, text, len);
		free(text);
	}
	msrs_free(&m);
}

static void take_made(struct taker *t, const char *record, int (*make)(char **text, size_t *len))
{
	char *text = NULL;
	size_t len = 0;
	int rc;

	if (copied(t, record))
		return;
	rc = make(&text, &len);
	if (rc)
		miss(t, record, -rc, NULL);
	else if (len)
		put(t, record, text, len);
	free(text);
}

void take_cpuid(struct taker *t)
{
	take_made(t, "/wcdiag/cpuid.txt", cpu_record);
}

void take_hyper(struct taker *t)
{
	take_made(t, "/wcdiag/hypervisor.txt", hyper_record);
}

void take_microcode(struct taker *t)
{
	struct microcode m;
	char *text;
	size_t len;

	if (!src_is_live(t->s)) { /* older snapshots have none */
		take_optional(t, MICROCODE_RECORD);
		return;
	}
	if (microcode_read(t->s, &m)) {
		miss(t, m.fact.where, m.fact.err, m.fact.remedy);
		miss_echo(t, MICROCODE_RECORD);
	} else if (!m.n) {
		note_absent(t, MICROCODE_RECORD);
	} else if (microcode_format(&m, &text, &len)) {
		t->nomem = true;
	} else {
		put(t, MICROCODE_RECORD, text, len);
		free(text);
	}
	microcode_free(&m);
}

/* They were read before anything else: the mappings that are recorded depend on them. */
void take_entries(struct taker *t)
{
	const struct entries *e = &t->entries;
	char *text;
	size_t len;

	if (copied(t, ENTRIES_PATH))
		return;
	if (e->fact.state != FACT_KNOWN) {
		miss(t, e->fact.where, e->fact.err, e->fact.remedy);
		/* The reader of the snapshot asks for this file: it shall have the same reason, also beside what there is. */
		miss_echo(t, ENTRIES_PATH);
	}
	if (!*e->reader)
		return;
	if (entries_format(e, &text, &len)) {
		t->nomem = true;
		return;
	}
	put(t, ENTRIES_PATH, text, len);
	free(text);
}
