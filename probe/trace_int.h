/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_int.h - shared by the files of trace.h. Everything here belongs to the thread that traces. */
#ifndef WCDIAG_TRACE_INT_H
#define WCDIAG_TRACE_INT_H

#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#include "insn.h"
#include "trace.h"
#include "trace_paths.h"

/* A mapping that is traced: one line of maps. Writable by right; read-only while guarded. */
struct range {
	uint64_t start, end, offset;
	uint8_t place;
	bool exec; /* PROT_EXEC */
	bool guarded;
	bool idle; /* the program made it read-only itself, or it could not be guarded */
	bool device;
	bool through; /* allowed; ours is made when first needed */
	bool ours_tried;
	uint8_t *ours;
	size_t ours_len;
	int fd;
};

/* An address space; processes may share it (vfork). */
struct space {
	unsigned int refs; /* processes */
	struct range *r;
	size_t n;
	uint64_t syscall_at;   /* a SYSCALL instruction, 0: not looked for */
	unsigned int open;     /* system calls that were let through to write */
	struct thread *frozen; /* only this one goes on */
	bool reguard;	       /* who had it open has ended */
	int mem;	       /* /proc/PID/mem, to read code by: -1 not opened, -2 cannot be */
};

/* A signal's action as the kernel keeps it. */
struct kaction {
	uint64_t handler, flags, restorer, mask;
};

enum { TR_SEGV, TR_TRAP, TR_ACTIONS };

struct proc {
	struct proc *next;
	pid_t pid;
	unsigned int threads;
	struct space *space;
	bool child; /* of a traced one */
	/* Of SIGSEGV and SIGTRAP: what the tracer's stops may make the kernel reset. */
	struct kaction act[TR_ACTIONS];
	bool act_known[TR_ACTIONS];
	bool trap_lost; /* SIGTRAP was ignored, and a step has reset that */
	bool later_told;
	unsigned int code; /* PATH_END: its program and executable mappings */
};

enum stop_kind {
	STOP_NONE,  /* it runs */
	STOP_PLAIN, /* interrupted, or stopped in an event: nothing to deliver */
	STOP_EVENT, /* inside of clone, fork, execve: no system call can be made here */
	STOP_TRAP,  /* after a step */
	STOP_SIGNAL,
	STOP_ENTRY, /* of a system call */
	STOP_EXIT,
	STOP_GROUP /* by SIGSTOP and its like */
};

struct thread {
	struct thread *next;
	pid_t tid;
	struct proc *p;
	enum stop_kind stop;
	bool fresh;	  /* its first stop has not come yet */
	bool have_status; /* a stop that was collected and is still to be looked at */
	int status;
	bool interrupted; /* PTRACE_INTERRUPT was asked for */
	bool listening;
	bool in_vfork;

	bool regs_have, regs_dirty;
	bool ip_dirty; /* and nothing else is */
	struct user_regs_struct regs;

	/* The signal that this stop is about to deliver, and its siginfo; kept while other things are done. */
	int sig;
	siginfo_t si;
	bool si_set; /* the kernel holds another siginfo now */

	bool filtered; /* by a seccomp filter of its own */
	uint64_t mask; /* blocked signals as the program has them */
	bool mask_have;
	uint64_t lent; /* of these, what is not blocked now: trace_tracee.c */
	uint64_t kept; /* not to be lent: such a signal was sent to it, and waits */

	bool in_call; /* between entry and exit of a system call */
	bool call_open, call_maps, call_told;
	uint64_t call_ip;
	uint64_t nr, arg[6];
	/* Its signal stack, as far as it was seen to be set: sigaltstack(2). */
	struct {
		uint64_t sp, flags, size;
	} alt, new_alt;
	bool sets_alt;
	uint64_t clears; /* the kernel clears a word there when it ends: set_tid_address(2); 0: none */
	struct kaction new_act;
	int sets_act; /* TR_*, or -1 */
	uint64_t call_ns;

	/* Where it is on its way. */
	bool stepping, burst;
	bool executed; /* told[] is to be told at the next trap */
	uint64_t node;
	uint32_t steps, quiet, others;
	struct path_events way; /* seen since node */
	struct path_events told;
	unsigned int unsaid;
	bool flags_out, flags_in, loads_tf, landing, restop;
	bool again;	    /* its stop was classified already */
	bool by_step;	    /* it was resumed by a step */
	unsigned int tries; /* trace_end.c: into a fault that is to come */
	uint64_t told_ip;

	/* trace_cpu.c */
	uint64_t stopped_ns;
	unsigned int close; /* stops that followed each other closely */
	bool held;	    /* on one CPU; its own set is cpus */
	cpu_set_t cpus, held_to;
};

struct decoded {
	uint64_t ip;
	uint8_t n, bytes[INSN_BYTES];
	int err;
	struct insn in;
};

#define EFLAGS_TF 0x100u
#define DECODED	  4096u
#define THREADS	  512u

struct trace {
	struct trace_params p;
	const struct trace_calls *calls;
	void *ctx;
	struct trace_totals totals;
	struct trace_place places[TRACE_PLACES];
	size_t nplaces;
	struct thread *threads[THREADS];
	size_t nthreads, nstatus;
	struct proc *procs;
	struct paths *paths;
	bool asked_learn;   /* how often to step was asked for: nothing is shortened */
	unsigned int codes; /* given out */
	struct decoded *decoded;
	struct insn_cpu cpu;
	struct insn_xlayout layout;
	struct insn_regs regs;
	pid_t pid;
	bool started, ended, ready;
	int status;
	int ret;	/* what a call returned, or what failed for good: ends the run */
	bool full;	/* limit reached */
	bool calls_off; /* no_syscalls, and a mapping was found */
	int on_cpu;	/* that this thread moved to, -1: none */
	size_t nheld;	/* threads held there */
	bool mask_saved, cpus_saved;
	sigset_t old_mask;
	struct sigaction old_chld;
	bool chld_taken;
	cpu_set_t old_cpus;
	/* Processes that stopped before their parent told of them. */
	struct {
		pid_t tid;
		int status;
	} strangers[64];
	size_t nstrangers;
	uint64_t until_ns;
	uint64_t told_ns; /* spent by those who are told */
	uint8_t *xstate;
	size_t xstate_len;
};

/* trace.c */
void trace_emit(struct trace *t, struct thread *th, const struct model_event *e, uint64_t addr, uint8_t place,
		unsigned int flags, int32_t number);
void trace_tell(struct trace *t, const struct thread *th, enum trace_note_kind kind, uint64_t ip, uint64_t addr,
		uint64_t length, int64_t value, const char *why);
void trace_lost(struct trace *t, const struct thread *th, const char *why);
uint64_t trace_now(void);

/* trace_table.c */
struct thread *trace_find(struct trace *t, pid_t tid);
struct proc *trace_proc(struct trace *t, pid_t pid);
struct proc *trace_add_proc(struct trace *t, pid_t pid, struct space *share);
struct thread *trace_add_thread(struct trace *t, struct proc *p, pid_t tid);
void trace_del_thread(struct trace *t, struct thread *th);
void trace_space_put(struct trace *t, struct space *s);
struct space *trace_space_new(void);
/* The next thread after th (NULL: the first). th may be removed by then only if it was asked for before. */
struct thread *trace_next(struct trace *t, const struct thread *th);
void trace_clear(struct trace *t);

/* trace_tracee.c: registers, memory, and system calls made in the program */
int tr_regs(struct thread *th);
void tr_regs_changed(struct thread *th);
void tr_ip_changed(struct thread *th); /* rip alone */
int tr_regs_flush(struct thread *th);
/* Bytes read, or negative errno. Never from a range of device memory: the caller sees to that. */
ssize_t tr_read(const struct thread *th, uint64_t addr, void *buf, size_t len);
/* The same of code, quicker. */
ssize_t tr_code(struct thread *th, uint64_t addr, void *buf, size_t len);
int tr_write(const struct thread *th, uint64_t addr, const void *buf, size_t len);
bool tr_stopped(const struct thread *th); /* and a system call can be made there */
/* th is stopped. *ret: the call's result. 0, -ESRCH: it has died, or negative errno. */
int tr_syscall(struct trace *t, struct thread *th, uint64_t nr, const uint64_t arg[6], int64_t *ret);
/* Let it go on: PTRACE_SYSCALL, CONT or SINGLESTEP, with the signal it is to get. */
int tr_resume(struct trace *t, struct thread *th, bool step);
/* Has the program set itself a filter of system calls? Read from its status. */
bool tr_filtered(const struct thread *th);
#define TR_OPTIONS                                                                                                     \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC)
/* Its system calls are not stopped at. Those of a thread whose mask was changed (lend) always are: to put it back. */
bool tr_calls_off(const struct trace *t, const struct thread *th);
int tr_mask_get(struct thread *th, uint64_t *mask);
int tr_mask_set(struct thread *th, uint64_t mask);
#define TR_BIT(sig) ((uint64_t)1 << ((sig)-1))
#define TR_LENT	    (TR_BIT(SIGSEGV) | TR_BIT(SIGTRAP))

/* trace_hold.c */
/* Nobody else in s runs user code when this returns. Who was held has a status now: the run loop lets it go on. */
void tr_hold(struct trace *t, struct space *s, const struct thread *except);
/* Wait for this thread's next stop, and set its state. false: it is gone (the status is kept for later). */
bool tr_wait(struct trace *t, struct thread *th);
void tr_classify(struct thread *th, int status);
/*
 * Waiting for a thread to stop, one round: false when it is no use any more, as it sleeps where nothing wakes it.
 * Rounds are counted, not time: a machine that stood still, or has much else to do, gives the thread no turn either.
 * Nor when it has ended and cannot tell.
 */
#define TR_ROUNDS      4000u   /* about 2 seconds; then one in uninterruptible sleep is given up */
#define TR_ROUNDS_MOST 200000u /* no thread needs them */
struct tr_patience {
	unsigned int rounds;
};
bool tr_still(struct tr_patience *p, pid_t tid);

/* trace_ranges.c */
struct range *tr_range_at(struct space *s, uint64_t addr);
bool tr_range_overlap(const struct space *s, uint64_t addr, uint64_t len);
/* Look at the maps again and protect what is new. th: a thread of the space in which a system call can be made. */
int tr_rescan(struct trace *t, struct thread *th, bool found);
/* Guard, or open, one range, or all (NULL); whole, always. th as above. */
int tr_guard(struct trace *t, struct thread *th, struct range *only, bool guard);
uint64_t tr_place_addr(const struct trace *t, const struct range *r, uint64_t addr);

/* trace_through.c */
/* The tracer's own view of len bytes at addr of the program, or NULL. */
void *tr_ours(struct trace *t, struct thread *th, struct range *r, uint64_t addr, uint64_t len);
void tr_ours_drop(struct range *r);

/* trace_step.c */
/* th faulted on a store of its own at a guarded range. */
void tr_store(struct trace *t, struct thread *th);
/* th is stopped between two instructions and is being stepped: what comes next is looked at; resumes it. */
void tr_step(struct trace *t, struct thread *th);
/* It came by a step to where it is now: what that did is told. */
void tr_stepped(struct trace *t, struct thread *th);
/* th arrived at a stop of another kind (ip: its key): the way there is told; it goes on from there. */
void tr_arrive(struct trace *t, struct thread *th, uint64_t end, bool store);
/* Run on from a place: stepped or free. */
void tr_go(struct trace *t, struct thread *th);

/* trace_sys.c */
void tr_sys_entry(struct trace *t, struct thread *th);
void tr_sys_exit(struct trace *t, struct thread *th);

/* trace_signal.c */
void tr_signal(struct trace *t, struct thread *th);
/* A store of ours made the kernel reset the action, or the mask, of SIGSEGV: as it was. */
void tr_segv_repair(struct trace *t, struct thread *th);
void tr_actions_learn(struct trace *t, struct thread *th);
/* The ignored SIGTRAP that steps have reset. */
void tr_trap_repair(struct trace *t, struct thread *th);
#define TR_IGNORED(p, which) ((p)->act_known[which] && (p)->act[which].handler == (uint64_t)(uintptr_t)SIG_IGN)
/* Signals that wait for this thread, its process's too. false: cannot be told. */
bool tr_pending(pid_t tid, uint64_t *pending);

/* trace_run.c */
/* Everybody is stopped when this returns, but who does not stop within a while; who ended is gone. */
void tr_collect(struct trace *t);
void tr_new_code(struct trace *t, struct proc *p);
void tr_forked(struct trace *t, struct thread *th, int event);
/* th is in the event of a child: it is known from now on. */
void tr_newborn(struct trace *t, struct thread *th);

/* trace_cpu.c */
void tr_cpu_stop(struct trace *t, struct thread *th); /* at each stop */
void tr_cpu_tick(struct trace *t);
void tr_cpu_give_back(struct trace *t, struct thread *th);
void tr_cpu_give_back_all(struct trace *t, uint64_t cold_since); /* of those that did not stop since */
void tr_cpu_child(const struct thread *th, pid_t child);	 /* th is in the event of a child */

#endif
