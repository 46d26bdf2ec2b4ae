/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prog.h - the traced programs: one executable, a program each file of this folder, chosen by name.
 *
 *   progs --list             name, marks, what it is about
 *   progs --expect NAME      the stream that it makes, as far as it knows by itself (wcdiag-events(5))
 *   progs NAME FILE [ARG]    do it: FILE, 32 KiB, is mapped whole; its first line of output is its own
 *
 * A program that knows its stream says each event where it makes it: TELL() prints instead of doing when the stream is
 * asked for. The events are as insn.h has them: a read-modify-write is a read and a store, a locked one has `l` before its
 * store and behind it.
 */
#ifndef TRACE_PROG_H
#define TRACE_PROG_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE 0x8000
#define SKIP 77

/* Of a program; printed as letters. */
enum {
	P_TOLD = 1,   /* t: it tells its whole stream */
	P_TRUTH = 2,  /* T: truth.c can follow it, the same each time */
	P_LATER = 4,  /* l: truth must not fill the file: it goes by what is stored there */
	P_UNSAID = 8, /* u: some of it cannot be told, and that is said */
	P_BLIND = 16, /* b: long ways between stores, of which not all is seen */
	P_DIES = 32,  /* d: its end is a signal or a status of its own */
	P_LONG = 64,  /* n: many stores */
	P_STORES = 128, /* s: the ways between its stores are not what they are taken for: only stores are held against it */
	P_CHOICE = 256, /* c: another compiler or library makes other stores */
};

struct prog {
	const char *name, *what;
	unsigned int marks;
	int (*run)(unsigned char *p);
	struct prog *next;
};
void prog_add(struct prog *p);

#define PROGRAM(id, marks_, what_)                                                                                     \
	static int run_##id(unsigned char *p);                                                                         \
	__attribute__((constructor)) static void add_##id(void)                                                        \
	{                                                                                                              \
		static struct prog me = { .name = #id, .what = what_, .marks = marks_, .run = run_##id };              \
		prog_add(&me);                                                                                         \
	}                                                                                                              \
	static int run_##id(unsigned char *p)

extern bool telling;
extern int prog_argc;
extern char **prog_argv; /* from FILE on */
extern int prog_fd;

/* The stream: one event. t: the number of the thread, in order of creation. */
__attribute__((format(printf, 2, 3))) void tell_of(int t, const char *fmt, ...);
#define TELL(...) (telling ? (tell_of(0, __VA_ARGS__), 1) : 0)

/* One instruction: rdi, rsi, rdx, rcx, rax are what the text may use; r8 to r11 and all vectors may be spoilt. */
#define INSN(text, di, si, d, c, a)                                                                                    \
	do {                                                                                                           \
		unsigned long di_ = (unsigned long)(di), si_ = (unsigned long)(si), d_ = (unsigned long)(d);           \
		unsigned long c_ = (unsigned long)(c), a_ = (unsigned long)(a);                                        \
		__asm__ volatile(text                                                                                  \
				 : "+D"(di_), "+S"(si_), "+d"(d_), "+c"(c_), "+a"(a_)                                  \
				 :                                                                                     \
				 : "memory", "cc", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3");          \
	} while (0)

/* tells: TELL()s, done in its place when the stream is asked for. */
#define DO(tells, ...)                                                                                                 \
	do {                                                                                                           \
		if (telling) {                                                                                         \
			(void)(tells);                                                                                 \
		} else {                                                                                               \
			INSN(__VA_ARGS__);                                                                             \
		}                                                                                                      \
	} while (0)

/* A value that is not the last one. */
uint64_t value(void);

/* From here to there truth.c steps: getppid, which takes no argument, with one. */
#define MARK_CALL  110
#define MARK_BEGIN 0x57434201
#define MARK_END   0x57434202
static inline void mark(long which)
{
	long rc;

	__asm__ volatile("syscall" : "=a"(rc) : "0"(MARK_CALL), "D"(which), "S"(0), "d"(0) : "rcx", "r11", "memory");
}
static inline void begin(void)
{
	if (!telling)
		mark(MARK_BEGIN);
}
static inline void end(void)
{
	if (telling)
		puts("# cut t=0"); /* what lies behind is not in the list, up to the next store */
	else
		mark(MARK_END);
}

/* Says why and ends. */
_Noreturn void skip(const char *why);
_Noreturn void fail(const char *what);
#define MUST(x)                                                                                                        \
	do {                                                                                                           \
		if (!(x))                                                                                              \
			fail(#x);                                                                                      \
	} while (0)

#endif
