/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * late_lib.h - a library taken in only where it is needed: what it costs to load (with all that it needs in turn) is
 * not paid by a diagnosis that does without.
 *
 * A user lists the functions as X(name) and makes of them a struct of pointers, by LATE_MEMBER, and in the same order
 * the names, by LATE_NAME; see pcap_lib.c.
 */
#ifndef WCDIAG_LATE_LIB_H
#define WCDIAG_LATE_LIB_H

#include <stdbool.h>
#include <stddef.h>

#define LATE_MEMBER(name) __typeof__(&name) name;
#define LATE_NAME(name)	  #name,

struct late_lib {
	const char *sonames[3];	  /* tried in turn; NULL ends them */
	const char *const *names; /* n functions, of it or of what it needs */
	size_t n;
	void **each;	    /* n pointers, filled when all were found */
	const char *absent; /* sentences: it is not there, ... */
	const char *old;    /* ... one of the functions is not in it */
	void *handle;	    /* of dlopen(); NULL before */
};

/* True: each[] is filled, and stays so. False: it cannot be had, and why. Not for several threads at once. */
bool late_lib_load(struct late_lib *l, const char **why);

#endif
