/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace.h - which stores a running program makes to a mapping of its own: every one, in the order it makes them, and
 * what lies between them. READ: this traces processes. What an instruction means is insn.h's; the story is stream.h's.
 *
 * How. The whole mapping is made read-only in the program (a part of it never: kernels up to 6.12 lose the
 * reservation of the memory type then), so that each store stops it. The instruction there is decoded and its stores
 * are told before it is executed. A code path that is new is stepped for a while, so that loads, fences and locked
 * operations between its stores are seen; one that is known costs one stop a store, and what lies between its stores is
 * taken to be what was seen when it was stepped: such events carry TRACE_ASSUMED.
 *
 * Promises.
 *  - Every store of a traced thread to a target is told exactly once, or a TRACE_LOST note says that some were not, and
 *    why. An event is never invented: what insn_events() leaves unsaid comes as a TRACE_UNSAID note at its place.
 *  - The program stores what it would have stored, same width, same order per thread, each once. A store is executed by
 *    the program itself, unprotected for one step, but where trace_params.through holds: a regular file, or a BAR whose
 *    very descriptor was obtained from the program and whose entry has the same type as the program's own: then
 *    through the tracer's mapping of it, by one instruction of the same kind and width.
 *  - While a mapping is writable for a step no other thread of the program runs; threads that share the memory and can
 *    not be held (another process, not traced) make the trace say TRACE_LOST.
 *  - System calls that write into a target do not fail because of it: they are stopped at and let through.
 *  - Detaching, for whatever reason but SIGKILL, leaves protection, signals, breakpoints and the single-step flag as
 *    they were: trace_stop() does it, and so does trace_free(). No signal of the program's is lost, doubled or
 *    reordered; one that the program handles itself, SIGSEGV too, reaches it as without a tracer.
 *  - Nothing is stored that the program does not store; nothing is read from a BAR.
 */
#ifndef WCDIAG_TRACE_H
#define WCDIAG_TRACE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "model.h"

/* What is watched: each mapping of it, whenever it is made, wherever it moves. Told apart by device and inode. */
struct trace_target {
	dev_t dev;
	ino_t ino;
	uint64_t offset, length; /* in the file; length 0: all. Nodes of which many BARs are parts: vfio, uio, DRM */
	enum mtype type;	 /* what the entry selects, as read (pte.h); MT_WB for an ordinary file */
};

#define TRACE_TARGETS 16

struct trace_params {
	struct trace_target targets[TRACE_TARGETS];
	unsigned int n;
	/* Stores on known paths are executed through the tracer's own mapping, where the promise above allows it. */
	bool through;
	bool no_syscalls;     /* forgo stopping at system calls: one that writes into a target may then fail */
	bool no_children;     /* what the program forks is let go, not traced */
	unsigned int learn;   /* step a path so many times; 0: 3 */
	unsigned int quiet;   /* stepping ends after so many instructions without a store; 0: 1000 */
	uint64_t limit;	      /* events; 0: none. Then it detaches by itself */
	uint64_t duration_ms; /* 0: none */
};

/* trace_event.flags */
enum {
	TRACE_ASSUMED = 1, /* not seen this time: on this path it was, each time that it was stepped */
	TRACE_THROUGH = 2, /* executed through the tracer's mapping */
};

struct trace_event {
	struct model_event e; /* addr: as model and rules see it, the target's file offset; ip in the program */
	pid_t pid, tid;
	uint64_t addr;	 /* in the program */
	uint16_t target; /* index into params.targets: STORE, READ */
	uint8_t flags;
	uint8_t insn_len; /* 0: no instruction */
	uint64_t time_ns; /* CLOCK_MONOTONIC; tracing takes its own time: for the order of threads only */
	int32_t number;	  /* of a system call or a signal; else -1 */
};

/* What is no event of the model, at its place in the stream. */
enum trace_note_kind {
	TRACE_MAPPED, /* a target was mapped, or was found mapped */
	TRACE_UNMAPPED,
	TRACE_MOVED,  /* mremap */
	TRACE_THREAD, /* a thread began */
	TRACE_THREAD_END,
	TRACE_FORK,
	TRACE_EXEC,
	TRACE_EXIT,    /* value: wait status */
	TRACE_SIGNAL,  /* delivered to the program; value: its number */
	TRACE_GAP,     /* stepping ended here: what follows up to the next event was not seen */
	TRACE_UNSAID,  /* value: bits of struct insn_effect.unknown */
	TRACE_LOST,    /* stores may be missing; why says it */
	TRACE_REFUSED, /* a mapping that could not be protected; why says it, value: errno */
	TRACE_DETACHED
};

struct trace_note {
	enum trace_note_kind kind;
	pid_t pid, tid;
	uint64_t ip, addr, length;
	int64_t value;
	const char *why; /* a sentence; NULL: nothing to say */
};

/* Non-zero from either: detach and return it from trace_run(). */
struct trace_calls {
	int (*event)(const struct trace_event *e, void *ctx);
	int (*note)(const struct trace_note *n, void *ctx);
};

/* What it cost; for the whole run. */
struct trace_totals {
	uint64_t events, stores, assumed, through;
	uint64_t stops, steps, syscalls;
	uint64_t paths;	       /* distinct */
	uint64_t syscall_ns;   /* of the tracer's, all system call stops together */
	uint64_t unsaid, lost; /* notes of these kinds */
};

struct trace;

/* -EINVAL: a parameter; -ENOMEM. Touches no process. */
int trace_new(const struct trace_params *p, const struct trace_calls *calls, void *ctx, struct trace **out);

/*
 * Start a program, stopped before its first instruction. envp NULL: this process's. -ENOENT, -EACCES, ... as execve();
 * -EPERM: tracing is not allowed here; -EOPNOTSUPP: it is a 32-bit program.
 */
int trace_start(struct trace *t, const char *file, char *const argv[], char *const envp[]);

/*
 * Attach to all threads of a process and protect what it has mapped. -ESRCH; -EPERM (Yama, another user); -EBUSY: has a
 * tracer; -EOPNOTSUPP: 32-bit; -ENOENT: maps no target and none may come (no_syscalls). On error it is as it was.
 */
int trace_attach(struct trace *t, pid_t pid);

/*
 * Serve the program until it ends, a limit is reached, *stop becomes non-zero (may be NULL; a signal handler's) or a
 * call says so. 0: it ended or a limit was reached; -EINTR: *stop; else what the call returned or a negative errno of
 * the tracing itself. The program is detached then, running, or gone.
 */
int trace_run(struct trace *t, const volatile sig_atomic_t *stop);

/* Detach now: restored as promised. Nothing when nothing is traced. 0, or the first error; all is tried. */
int trace_stop(struct trace *t);
const struct trace_totals *trace_totals(const struct trace *t);
/* Stops first. A program that was started and never run is killed. NULL is allowed. */
void trace_free(struct trace *t);

#endif
