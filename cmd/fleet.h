/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fleet.h - many snapshots at once, by worker processes, with what they print in the order of the input.
 *
 * Processes, not threads: a snapshot is what a stranger sent, and one that finds a fault in a parser must cost its own
 * line, not the other thousands. Besides, the libraries keep state of their own (libcpuid's warnings, the C library's
 * stdout), and the formats print.
 */
#ifndef WCDIAG_FLEET_H
#define WCDIAG_FLEET_H

#include <stdbool.h>
#include <stddef.h>

struct fleet_result {
	int rc;		       /* what one() returned */
	const char *out, *err; /* what it printed on stdout and stderr; not terminated */
	size_t outlen, errlen;
};

struct fleet {
	size_t n;	   /* how many */
	unsigned int jobs; /* workers, at most as many as there is to do */
	/*
	 * In a worker: does the i'th. died: NULL, or how the worker ended that had it before: then it only says so.
	 */
	int (*one)(void *ctx, size_t i, const char *died);
	/* Here, each once, in their order, as soon as it and all before it are there. false: no more of them. */
	bool (*take)(void *ctx, size_t i, const struct fleet_result *r);
	void *ctx;
};

/*
 * Runs until the last is taken. 0; or negative errno when no worker can be started, or one ends even while it only says
 * that another did. Holds a few results for each worker, however many there are. What is in stdout's buffer is flushed.
 */
int fleet_run(const struct fleet *f);
/* How many CPUs this process may use. */
unsigned int fleet_cpus(void);

#endif
