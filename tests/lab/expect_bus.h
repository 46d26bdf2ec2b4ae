/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect_bus.h - a measurement of the bus analyser, read back on the host (tests/lab/analyser/bus.h has the form).
 */
#ifndef LAB_EXPECT_BUS_H
#define LAB_EXPECT_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct btlp {
	uint64_t address, flush;
	unsigned int dws, first, last;
	char reason[16];
};

/* A line of the raw log that is a store or a read. */
struct baccess {
	char what;	/* 's' or 'r' */
	unsigned int cpu, size;
	uint64_t cr3, ip, virtual, phys;
	char type[8];
};

struct bus {
	char folder[400];
	unsigned int number;
	uint64_t start, length;
	struct btlp *tlp;
	size_t n;
};

/* The measurement TAG of the results, with its TLPs. False, and said why, when it is not there, or not whole. */
bool bus_load(struct bus *b, const char *folder, const char *tag);
bool bus_find(struct bus *b, const char *folder, const char *tag); /* where it is, and no more */
void bus_free(struct bus *b);

/* Calls each() for every store and read, in order. False when the log is not whole. */
bool bus_each(const struct bus *b, void (*each)(const struct baccess *a, void *data), void *data);

/* Lines "tlp ADDRESS DWS FIRST LAST"; "+OFFSET" is from the start of the range. Loose: other lines are passed over. */
bool bus_list(const struct bus *b, FILE *f, bool loose, struct btlp **list, size_t *n);

/* expect_traced.c: word[0] and on are those behind the measurement's name; silent: no comments. */
bool stored_as(const struct bus *b, char **word, int n, bool silent);
bool memory_as(const struct bus *b, char **word, int n, bool silent);

#endif
