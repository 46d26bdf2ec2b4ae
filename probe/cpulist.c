/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpulist.c - the kernel's list of CPUs: "0-3,7". Pure.
 */
#include <errno.h>
#include <stdlib.h>

#include "msr.h"
#include "scan.h"

#define CPU_MAX 65535

static int parse(struct scan *s, unsigned int *cpu, size_t *n)
{
	uint64_t least = 0;	/* the kernel writes them ascending: anything else is not its list */

	do {
		uint64_t from, to;

		if (!scan_dec(s, CPU_MAX, &from) || from < least)
			return -EBADMSG;
		to = from;
		if (scan_char(s, '-') && (!scan_dec(s, CPU_MAX, &to) || to < from))
			return -EBADMSG;
		for (uint64_t c = from; c <= to; c++)
			cpu[(*n)++] = (unsigned int)c;
		least = to + 1;
	} while (scan_char(s, ','));
	return 0;
}

int cpulist_parse(const char *text, size_t len, unsigned int **cpu, size_t *n)
{
	struct scan s = scan_of(text, len);
	unsigned int *list, *fit;
	int err = 0;

	*cpu = NULL;
	*n = 0;
	/* Ascending numbers up to CPU_MAX: there cannot be more of them. */
	list = malloc((CPU_MAX + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	if (!scan_done(&s) && *s.p != '\n')
		err = parse(&s, list, n);
	scan_char(&s, '\n');
	if (!err && !scan_done(&s))
		err = -EBADMSG;
	if (err || !*n) {
		free(list);
		*n = 0;
		return err;
	}
	fit = realloc(list, *n * sizeof(*list));
	*cpu = fit ? fit : list;
	return 0;
}
