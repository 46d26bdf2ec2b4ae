/* SPDX-License-Identifier: GPL-2.0-or-later */
/* symbols_prog.h - small programs that are built here, tell where some of their instructions are, and wait. */
#ifndef WCDIAG_SYMBOLS_PROG_H
#define WCDIAG_SYMBOLS_PROG_H

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/symbols.h"
#include "tmptree.h"

/* An address inside of an instruction on this line. */
#define HERE                                                                                                           \
	({                                                                                                             \
		char *at_;                                                                                             \
		__asm__ volatile("lea 0(%%rip), %0" : "=r"(at_));                                                      \
		(uint64_t)at_ - 1;                                                                                     \
	})

/*
 * Lines are counted on: hidden's instruction is on line 5, that of what is inlined into last on line 6. In a file without
 * local symbols hidden lies between two that have names.
 */
static const char prog_source[] =
	"#include <stdio.h>\n"
	"#define HERE ({ char *p_; __asm__ volatile(\"lea 0(%%rip), %0\" : \"=r\"(p_)); (unsigned long)p_ - 1; })\n"
	"extern char __ehdr_start[];\n"
	"__attribute__((noinline)) unsigned long first(void) { return HERE; }\n"
	"__attribute__((noinline)) static unsigned long hidden(void) { return HERE; }\n"
	"static inline __attribute__((always_inline)) unsigned long inner(void) { return HERE; }\n"
	"__attribute__((noinline)) unsigned long last(void) { return inner(); }\n"
	"int main(void) { printf(\"%lu %lu %lu %lu\\n\", first(), hidden(), last(), (unsigned long)__ehdr_start);\n"
	" fflush(stdout); return getchar() != EOF; }\n";

enum { FIRST, HIDDEN, LAST, EHDR, PLACES };

/* A shell command in the tree's folder, printf-like. */
__attribute__((format(printf, 2, 3))) static inline void shell(struct tree *t, const char *fmt, ...)
{
	char what[2048], all[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(all, sizeof(all), "cd '%s' && { %s; }", t->dir, what);
	if (system(all)) {
		fprintf(stderr, "failed: %s\n", all);
		abort();
	}
}

/* -fno-toplevel-reorder keeps hidden between the two others; clang keeps the order by itself. */
static inline void prog_build(struct tree *t, const char *name, const char *cc, const char *flags)
{
	put_text(t, "prog.c", prog_source);
	shell(t, "%s %s -o '%s' prog.c", *cc ? cc : "${CC:-cc} -fno-toplevel-reorder", flags, name);
}

struct prog {
	pid_t pid;
	int in, out;
	uint64_t at[PLACES];
};

/* Starts it; root: chroot there before, else NULL. */
static inline void prog_start(struct prog *p, const char *path, const char *root)
{
	int in[2], out[2];
	char line[256];
	ssize_t n;

	if (pipe(in) || pipe(out))
		abort();
	p->pid = fork();
	if (!p->pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]);
		if (root && (chroot(root) || chdir("/")))
			_exit(126);
		execl(path, path, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	p->in = in[1];
	p->out = out[0];
	n = p->pid > 0 ? read(p->out, line, sizeof(line) - 1) : -1;
	if (n <= 0)
		abort();
	line[n] = '\0';
	if (sscanf(line, "%lu %lu %lu %lu", &p->at[0], &p->at[1], &p->at[2], &p->at[3]) != PLACES)
		abort();
}

static inline void prog_end(struct prog *p)
{
	int status;

	close(p->in);
	close(p->out);
	waitpid(p->pid, &status, 0);
}

#endif
