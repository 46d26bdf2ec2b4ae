/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace.h - which stores a running program makes to mappings of its own: every one, in the order it makes them, and
 * what lies between them. READ: this traces processes. What an instruction means is insn.h's; what a stream means,
 * stream.h's.
 *
 * How. Each chosen mapping is made read-only in the program, whole (a part of it never: kernels up to 6.12 lose the
 * reservation of the memory type then), so that each store stops it. The instruction there is decoded and its stores
 * are told. A path from one store to the next that is new is stepped, so that loads, fences and locked operations on it
 * are seen; one that is known costs one stop a store, and what lies on it is taken to be what was seen when it was
 * stepped: such events carry TRACE_ASSUMED. Known paths are stepped again now and then; one that was found otherwise is
 * told (TRACE_PATH) and stepped for a long while (trace_paths.h). Between two stores an event ME_GAP tells how many
 * instructions there were that told nothing.
 *
 * System calls are stopped at by PTRACE_SYSCALL, in a program that was started as well. A seccomp filter would cost one
 * stop a call instead of two; but it can never be taken away, and once its tracer is gone each call that it names fails
 * with ENOSYS: a program could not be left running.
 *
 * Promises.
 *  - Every store of a traced thread to a chosen mapping is told once, or a note TRACE_LOST says that some may be
 *    missing, and why. An event is never invented: what insn_events() leaves unsaid comes as TRACE_UNSAID at its place.
 *  - The program stores what it would have stored, same width, same order in each thread, each once: it executes the
 *    store itself, unprotected for one step while its other threads are held; or the tracer does, through a mapping of
 *    its own (TRACE_THROUGH), where struct trace_choice allows it.
 *  - A system call that writes into a chosen mapping does not fail because of it (unless no_syscalls is set).
 *  - Detaching, for whatever reason but SIGKILL, leaves protection, signals, signal masks and the single-step flag as
 *    they were. No signal of the program's is lost, doubled or reordered; one that it handles itself, SIGSEGV too,
 *    reaches it as without a tracer. After SIGKILL of the tracer the program may die of SIGSEGV at its next store, or
 *    of SIGTRAP when a step was under way.
 *  - Nothing is stored that the program does not store, and nothing is read from a device.
 *
 * One tracer at a time in a process, and all calls from one thread: ptrace belongs to the thread that attached. While
 * it traces, this thread moves to the CPU that the program's thread runs on (a stop costs a quarter then), and holds
 * that thread there while its stops come close: sched_getaffinity() and children do not see it, /proc/PID/status does.
 * With no_syscalls it is not held.
 */
#ifndef WCDIAG_TRACE_H
#define WCDIAG_TRACE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "model.h"

/* A shared mapping of a file that the program may write to. */
struct trace_mapping {
	pid_t pid; /* the process; stopped while it is looked at */
	uint64_t start, end, offset;
	dev_t dev;
	ino_t ino;
	bool device;	  /* VM_IO or VM_PFNMAP: no memory of the kernel's */
	bool read, exec;  /* besides PROT_WRITE */
	const char *path; /* as in maps, unescaped */
};

struct trace_choice {
	bool trace;
	enum mtype type; /* what its entry selects; of a file that stands for a BAR: what it stands for */
	/*
	 * Stores on known paths may be executed through a mapping of the tracer's own. Done for regular files, and for
	 * devices only when their descriptor could be had from the program and same_entry() says so.
	 */
	bool through;
};

/*
 * A file that is traced. Events have addresses base + offset in the file; the first place has base 0, so that the
 * lines of different files are never mistaken for each other.
 */
struct trace_place {
	dev_t dev;
	ino_t ino;
	uint64_t base;
	bool device;
	enum mtype type;
	char path[160];
};

#define TRACE_PLACE_SHIFT 48
#define TRACE_PLACES	  16

struct trace_params {
	bool no_syscalls; /* forgo stopping at them once a mapping is traced: later ones are not seen, calls may fail */
	bool no_children; /* what the program forks is let go, not traced */
	unsigned int learn;   /* step a path so many times; 0: 3 */
	unsigned int quiet;   /* stepping ends after so many instructions without a store; 0: 1000 */
	uint64_t limit;	      /* store events; 0: none. Then it detaches by itself */
	uint64_t duration_ms; /* 0: none */
};

/* trace_event.flags */
enum {
	TRACE_ASSUMED = 1, /* not seen this time: on this path it was, each time that it was stepped */
	TRACE_THROUGH = 2, /* executed through the tracer's mapping */
};

struct trace_event {
	struct model_event e; /* addr: see struct trace_place; ip in the program */
	pid_t pid, tid;
	uint64_t addr; /* of a STORE or READ: in the program */
	uint8_t place; /* the same: index of trace_places() */
	uint8_t flags;
	uint64_t call;	/* the call that led to the instruction: 0 from the tracer; a listener may find it (caller.h) */
	int32_t number; /* ME_SYSCALL: of the call; ME_INTERRUPT that is a signal: its number; else -1 */
};

/* What is no event of the model, at its place in the stream. */
enum trace_note_kind {
	TRACE_MAPPED, /* addr, length in the program; value: the place */
	TRACE_UNMAPPED,
	TRACE_THREAD, /* a thread began; with why: it was found at attaching */
	TRACE_THREAD_END,
	TRACE_FORK, /* value: the child */
	TRACE_EXEC,
	TRACE_EXIT,	/* of a process; value: its wait status */
	TRACE_SIGNAL,	/* delivered to the program; value: its number */
	TRACE_GAP,	/* value instructions were stepped without a store: what follows was not seen up to the next */
	TRACE_UNSEEN,	/* the way from the last store to the next was taken for the first time, and not stepped */
	TRACE_PATH,	/* a known path (from ip to addr) was found to hold something else than before */
	TRACE_UNSAID,	/* value: bits of struct insn_effect.unknown, or 0: bytes that are no known instruction */
	TRACE_LOST,	/* stores may be missing; why says it */
	TRACE_SYSWRITE, /* a system call (value: its number) was let through to write into a chosen mapping */
	TRACE_REFUSED,	/* a mapping that could not be protected; value: errno */
	TRACE_DETACHED,
	TRACE_NOTES
};

struct trace_note {
	enum trace_note_kind kind;
	pid_t pid, tid;
	uint64_t ip, addr, length;
	int64_t value;
	const char *why; /* a sentence; NULL: nothing to say */
};

/* Non-zero from event or note: detach and return it from trace_run(). Called while the thread is stopped. */
struct trace_calls {
	/* Which mappings to trace, asked when it is made or found; NULL: none. */
	void (*choose)(const struct trace_mapping *m, struct trace_choice *c, void *ctx);
	int (*event)(const struct trace_event *e, void *ctx);
	int (*note)(const struct trace_note *n, void *ctx);
	/* Does the tracer's own page select the same type as the program's? NULL: never for devices. */
	bool (*same_entry)(pid_t pid, uint64_t theirs, const void *ours, void *ctx);
};

/* What it cost; for the whole run. */
struct trace_totals {
	uint64_t events, stores, assumed, through;
	uint64_t stops, steps;
	uint64_t paths;		       /* distinct ones, from store to store */
	uint64_t unseen;	       /* paths taken unstepped while nothing was known of them */
	uint64_t again;		       /* known ones stepped again */
	uint64_t other;		       /* known ones found otherwise */
	uint64_t syscalls, syscall_ns; /* both stops of a call together: the time the tracer took */
	uint64_t store_ns;	       /* the time the tracer took for known stores, known_stores of them */
	uint64_t known_stores;
	uint64_t unsaid, lost; /* notes of these kinds */
};

struct trace;

/* calls and ctx live as long as the trace. -EINVAL: a parameter; -ENOMEM. Touches no process. */
int trace_new(const struct trace_params *p, const struct trace_calls *calls, void *ctx, struct trace **out);

/*
 * Start a program, stopped before its first instruction. envp NULL: this process's. As execvpe(): -ENOENT, -EACCES,
 * ...; -EPERM: tracing is not allowed here; -EOPNOTSUPP: it is a 32-bit program.
 */
int trace_start(struct trace *t, const char *file, char *const argv[], char *const envp[]);

/*
 * Attach to all threads of a process and protect what is chosen. -ESRCH; -EPERM (Yama, another user, has a tracer);
 * -EOPNOTSUPP: 32-bit. On error it is as it was.
 */
int trace_attach(struct trace *t, pid_t pid);

/*
 * Serve the program until all that is traced has ended, a limit is reached, *stop is non-zero (may be NULL; a signal
 * handler's, installed without SA_RESTART) or a call says so. 0: ended or limit; -EINTR: *stop; else what the call
 * returned, or a negative errno of the tracing itself. Detached then.
 */
int trace_run(struct trace *t, const volatile sig_atomic_t *stop);

/* The process that was started or attached to, and its wait status when it has ended (false: not, or not a child). */
pid_t trace_pid(const struct trace *t);
bool trace_ended(const struct trace *t, int *status);

/* Detach now, all restored as promised. 0, or the first error; all is tried. Nothing when nothing is traced. */
int trace_stop(struct trace *t);
const struct trace_totals *trace_totals(const struct trace *t);
const struct trace_place *trace_places(const struct trace *t, size_t *n);
/* Stops first. A program that was started and never run is killed. NULL is allowed. */
void trace_free(struct trace *t);

const char *trace_note_name(enum trace_note_kind k); /* "mapped", "thread-end", ... */

#endif
