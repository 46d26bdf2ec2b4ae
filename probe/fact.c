/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fact.c - filling in what became of a fact.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fact.h"
#include "src.h"

/* where may be (part of) f->where: callers hand on what they have. */
static void start(struct fact *f, enum fact_state state, const char *where)
{
	char copy[sizeof(f->where)];

	snprintf(copy, sizeof(copy), "%s", where ? where : "");
	memset(f, 0, sizeof(*f));
	f->state = state;
	memcpy(f->where, copy, sizeof(copy));
}

void fact_known(struct fact *f, const char *where)
{
	start(f, FACT_KNOWN, where);
}

void fact_absent(struct fact *f, const char *where)
{
	start(f, FACT_ABSENT, where);
}

void fact_missing(struct fact *f, const struct src *s, const char *where, int err, const char *remedy)
{
	start(f, FACT_MISSING, where);
	/* A caller that hands on a negative errno must not turn the sentence into "Unknown error -1". */
	f->err = err < 0 ? -err : err;
	if (s)
		src_why(s, f->where, f->err, f->why, sizeof(f->why));
	else
		snprintf(f->why, sizeof(f->why), "%s", strerror(f->err));
	/* On the reader's own machine nothing can be done about somebody else's machine. */
	f->remedy = s && !src_is_live(s) ? "record it: wcdiag capture, as root, on that machine" : remedy;
}

void fact_garbled(struct fact *f, const char *where, const char *why, ...)
{
	char copy[sizeof(f->why)];
	va_list ap;

	va_start(ap, why);
	vsnprintf(copy, sizeof(copy), why, ap);
	va_end(ap);
	start(f, FACT_MISSING, where);
	f->err = EBADMSG;
	memcpy(f->why, copy, sizeof(copy));
	f->remedy = "if the file is as the kernel wrote it, report it as a fault of wcdiag; in a snapshot, record it again";
}
