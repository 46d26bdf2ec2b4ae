/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stay.h - what a helper does once it has its mappings: it says so, keeps still, and lets the analyser look on demand.
 *
 * Commands on its input, a line each, answered on its output:
 *     walk N [START END]    -> walked N    its page tables are in the host's walk.N (analyser/magic.h)
 */
#ifndef LAB_STAY_H
#define LAB_STAY_H

#include <stdio.h>

#include "analyser/magic.h"

/* Until the end of the input, or a signal. */
static inline void stay(void)
{
	unsigned long long number, start, end;
	char line[128];

	printf("ready\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		start = end = 0;
		if (sscanf(line, "walk %llu %llx %llx", &number, &start, &end) < 1) {
			printf("not understood: %s", line);
		} else {
			magic_walk(number, start, end);
			printf("walked %llu\n", number);
		}
		fflush(stdout);
	}
}

#endif
