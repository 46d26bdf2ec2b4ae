/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * symbols.h - where an instruction of a program is: module, function, source line. READ. Through elfutils' libdw,
 * loaded when it is needed; without it, or without symbols, module and offset remain.
 *
 * Nothing is fetched from a network (libdw would ask a debuginfod server when one is configured), and nothing that the
 * program maps is read but the files of its modules, and the vdso: never a BAR. A file that has replaced the one that
 * is mapped is not taken for it. Where a function's end is known, what lies behind it is not called by its name.
 */
#ifndef WCDIAG_SYMBOLS_H
#define WCDIAG_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct symbols;

struct symbol {
	const char *module;   /* "libc.so.6", "[vdso]", the program's name; NULL: lies in none that is known */
	uint64_t offset;      /* in the module's own addresses, those of objdump; in the file when it is no ELF file */
	const char *function; /* demangled not; NULL: none known */
	uint64_t in;	      /* bytes behind the function's begin */
	const char *file;     /* as in the debug information, without its directories; NULL: none */
	const char *path;     /* the same, whole */
	unsigned int line;
	const char *inlined; /* function that was inlined here: then the line is of this one, else NULL */
	/*
	 * When that line is in a header of the compiler's or the system's (an intrinsic, memcpy of the C library's):
	 * the innermost one of those that led there which is not, and the function it is in when that was inlined, too.
	 * NULL and 0: the line is the program's own already, or none of them is.
	 */
	const char *own_file, *own_path, *own_inlined;
	unsigned int own_line;
};

/* Never fails but for -ENOMEM. symbols_why() says what is missing, in a sentence; NULL: all is there. */
int symbols_new(struct symbols **out);
const char *symbols_why(const struct symbols *s);
void symbols_free(struct symbols *s); /* NULL is allowed */

/*
 * Look at what a process has mapped now, while it is there: the modules are remembered, those that it unmaps later too
 * as long as nothing executable is mapped over them. 0 or negative errno.
 */
int symbols_of_process(struct symbols *s, pid_t pid);
/* The process has executed another program: what was known of it holds no more. Strings handed out stay. */
void symbols_forget(struct symbols *s, pid_t pid);

/*
 * Where ip of pid is. The first time for each ip the process's mappings are read again when it is still there, so that
 * it is right for an instruction that is being executed, whatever was loaded or unloaded since: ask then. Works after
 * the process has ended for modules that were seen. The strings live as long as s; they are as the files have them,
 * which may be anything. Cheap the second time. Always fills *out.
 */
void symbols_at(struct symbols *s, pid_t pid, uint64_t ip, struct symbol *out);

/*
 * The same from what the mapped file holds itself: no separate file of debug information is opened, which for a C
 * library is large. For instructions whose source line nobody asks for, as that of a system call's wrapper.
 */
void symbols_near(struct symbols *s, pid_t pid, uint64_t ip, struct symbol *out);

/*
 * "memcpy+0x2f (libc.so.6)", "send (msg.c:42)", "send (copy.h:7, copy64 inlined)", "0x55e0d1a2b136 (prog+0x1136)";
 * always terminated, without control characters.
 */
void symbol_format(const struct symbol *y, uint64_t ip, char *buf, size_t len);

#endif
