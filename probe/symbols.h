/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * symbols.h - where an instruction of a program is: module, function, source line. READ. Through elfutils' libdw, loaded
 * when it is needed; without it, or without symbols, module and offset remain.
 *
 * Nothing is fetched from a network (libdw would ask a debuginfod server when one is configured), and nothing that the
 * program maps is read but the files of its modules: never a BAR.
 */
#ifndef WCDIAG_SYMBOLS_H
#define WCDIAG_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct symbols;

struct symbol {
	const char *module;   /* "libc.so.6", "[vdso]", the program's name; NULL: lies in none that is known */
	uint64_t offset;      /* in the module's own addresses, those of objdump */
	const char *function; /* demangled not; NULL: none known */
	uint64_t in;	      /* bytes behind the function's begin */
	const char *file;     /* as in the debug information, without its directories; NULL: none */
	const char *path;     /* the same, whole */
	unsigned int line;
	const char *inlined;  /* function that was inlined here: then the line is of this one, else NULL */
};

/* Never fails but for -ENOMEM. symbols_why() says what is missing, in a sentence; NULL: all is there. */
int symbols_new(struct symbols **out);
const char *symbols_why(const struct symbols *s);
void symbols_free(struct symbols *s); /* NULL is allowed */

/*
 * Look at what a process has mapped now, while it is there: the modules are remembered. Call again for an ip that is in
 * none of those known: dlopen. 0 or negative errno.
 */
int symbols_of_process(struct symbols *s, pid_t pid);
/* The process has executed another program: what was known of it holds no more. Strings handed out stay. */
void symbols_forget(struct symbols *s, pid_t pid);

/*
 * Where ip of pid is. When it lies in no known module, the process's mappings are read again, once for each ip. The
 * strings live as long as s. Kept for each ip: cheap the second time. Works after the process has ended for modules
 * that were seen. Always fills *out.
 */
void symbols_at(struct symbols *s, pid_t pid, uint64_t ip, struct symbol *out);

/* "memcpy+0x2f (libc.so.6)", "send (msg.c:42)", "0x401136 (prog+0x1136)"; always terminated. */
void symbol_format(const struct symbol *y, uint64_t ip, char *buf, size_t len);

#endif
