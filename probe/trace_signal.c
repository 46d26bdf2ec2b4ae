/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_signal.c - signals: the tracer's own faults are taken away, the program's reach it as if nobody looked.
 *
 * The kernel forces a fault's signal on a thread: were SIGSEGV blocked or ignored there, it resets the action to the
 * default and unblocks it (kernel/signal.c, force_sig_info_to_task). After a fault of our making both are put back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "trace_store.h"

#define SIGIGN ((uint64_t)(uintptr_t)SIG_IGN)

/* A line of /proc/TID/status that holds a mask. */
static bool status_mask(pid_t tid, const char *name, uint64_t *mask)
{
	char path[40], line[200];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name))) {
			*mask = strtoull(line + strlen(name), NULL, 16);
			found = true;
		}
	if (f)
		fclose(f);
	return found;
}

bool tr_pending(pid_t tid, uint64_t *pending)
{
	uint64_t own, all;

	if (!status_mask(tid, "SigPnd:", &own) || !status_mask(tid, "ShdPnd:", &all))
		return false;
	*pending = own | all;
	return true;
}

/* rt_sigaction() in the program, through its stack below the red zone; what stood there is put back. */
static int action(struct trace *t, struct thread *th, int sig, const struct kaction *set, struct kaction *get)
{
	struct kaction was;
	int64_t ret = 0;
	int err = tr_regs(th);
	uint64_t at;

	if (err)
		return err;
	at = (th->regs.rsp - 128 - sizeof(was)) & ~(uint64_t)15;
	if (tr_read(th, at, &was, sizeof(was)) != sizeof(was) || (set && tr_write(th, at, set, sizeof(*set))))
		return -EFAULT;
	{
		const uint64_t arg[6] = { (uint64_t)sig, set ? at : 0, set ? 0 : at, 8 };

		err = tr_syscall(t, th, SYS_rt_sigaction, arg, &ret);
	}
	if (!err && ret < 0)
		err = (int)ret;
	if (!err && get && tr_read(th, at, get, sizeof(*get)) != sizeof(*get))
		err = -EFAULT;
	if (err != -ESRCH)
		tr_write(th, at, &was, sizeof(was));
	return err;
}

/*
 * Before anything was stepped. Of an ignored signal all is known without asking, and asking by a step would reset it; a
 * handler's address, flags and mask have to be asked for.
 */
void tr_actions_learn(struct trace *t, struct thread *th)
{
	static const int sigs[TR_ACTIONS] = { [TR_SEGV] = SIGSEGV, [TR_TRAP] = SIGTRAP };
	uint64_t caught = 0, ignored = 0;
	struct proc *p = th->p;

	if (!status_mask(th->tid, "SigCgt:", &caught) || !status_mask(th->tid, "SigIgn:", &ignored))
		return;
	for (int i = 0; i < TR_ACTIONS; i++) {
		p->act_known[i] = true;
		p->act[i] = (struct kaction){ .handler = ignored & TR_BIT(sigs[i]) ? SIGIGN : 0 };
	}
	for (int i = 0; i < TR_ACTIONS; i++)
		if (caught & TR_BIT(sigs[i]))
			p->act_known[i] = !action(t, th, sigs[i], NULL, &p->act[i]);
}

void tr_segv_repair(struct trace *t, struct thread *th)
{
	const bool blocked = th->mask_have && !th->lent && th->mask & TR_BIT(SIGSEGV);
	const struct proc *p = th->p;

	if (!blocked && !TR_IGNORED(p, TR_SEGV))
		return;
	if (p->act_known[TR_SEGV] && p->act[TR_SEGV].handler)
		action(t, th, SIGSEGV, &p->act[TR_SEGV], NULL);
	if (blocked)
		tr_mask_set(th, th->mask);
}

void tr_trap_repair(struct trace *t, struct thread *th)
{
	if (!th->p->trap_lost || !tr_stopped(th) || th->sig)
		return;
	th->p->trap_lost = false;
	action(t, th, SIGTRAP, &th->p->act[TR_TRAP], NULL);
}

/* The tracer made this mapping read-only, and the program is about to be told. */
static bool of_our_making(struct thread *th)
{
	struct range *r;

	if (th->sig != SIGSEGV || th->si.si_code != SEGV_ACCERR)
		return false;
	r = tr_range_at(th->p->space, (uint64_t)(uintptr_t)th->si.si_addr);
	return r && !r->idle && (r->guarded || th->p->space->open) && !tr_regs(th) &&
	       th->regs.rip != (uint64_t)(uintptr_t)th->si.si_addr;
}

/* Does the kernel write the handler's frame to a traced mapping? */
static bool stack_there(struct thread *th)
{
	const struct space *s = th->p->space;

	if (!s->n || tr_regs(th))
		return false;
	return tr_range_overlap(s, th->regs.rsp - 8192, 8192) ||
	       (th->alt.size && tr_range_overlap(s, th->alt.sp, th->alt.size));
}

/* To the first instruction of its handler. */
static void deliver(struct trace *t, struct thread *th)
{
	struct space *s = th->p->space;

	if (!stack_there(th)) {
		tr_resume(t, th, true);
		return;
	}
	tr_hold(t, s, th);
	if (tr_guard(t, th, NULL, false) == -ESRCH || tr_resume(t, th, true) || !tr_wait(t, th))
		return;
	if (!s->open)
		tr_guard(t, th, NULL, true);
	tr_unsaid(t, th, 0, INSN_NOT_TOLD);
	/* This stop is looked at as any other. */
	th->have_status = true;
	th->again = true;
	t->nstatus++;
}

void tr_signal(struct trace *t, struct thread *th)
{
	uint64_t caught = 0;
	int sig = th->sig;
	const struct model_event e = { .kind = ME_INTERRUPT };

	if (of_our_making(th)) {
		tr_store(t, th);
		return;
	}
	if (!sig) {
		tr_resume(t, th, th->stepping);
		return;
	}
	/* Sent by somebody while it is ignored, and a step has made the kernel forget that. */
	if (sig == SIGTRAP && th->si.si_code <= 0 && TR_IGNORED(th->p, TR_TRAP)) {
		th->sig = 0;
		tr_resume(t, th, th->stepping && !th->in_call);
		return;
	}
	/* Sent by somebody to a thread that has it blocked: back to where it waits. */
	if (TR_BIT(sig) & TR_LENT && th->si.si_code <= 0 && th->mask_have && th->mask & TR_BIT(sig)) {
		th->kept |= TR_BIT(sig);
		tr_resume(t, th, false);
		return;
	}
	/* A fault that the program has blocked ends it, whatever its handler. */
	if (sig == SIGSEGV && th->si.si_code > 0 && th->lent && th->mask & TR_BIT(SIGSEGV)) {
		static const struct kaction none;

		action(t, th, SIGSEGV, &none, NULL);
		th->mask &= ~TR_BIT(SIGSEGV);
	}
	/* What was about to be executed was not. */
	th->executed = false;
	status_mask(th->tid, "SigCgt:", &caught);
	if (caught & TR_BIT(sig)) {
		if (th->burst && !th->stepping) {
			t->totals.unseen++;
			trace_tell(t, th, TRACE_UNSEEN, PATH_IP(th->node), 0, 0, 0, "a signal came between");
		}
		trace_tell(t, th, TRACE_SIGNAL, 0, 0, 0, sig, NULL);
		if (t->totals.stores)
			trace_emit(t, th, &e, 0, 0, 0, sig);
		/* What came before in this way, and the signal, is no way that a program goes twice. */
		th->node = PATH_END(th->p->code, (uint64_t)sig, 0); /* no program has code there */
		th->way.n = 0;
		th->steps = 0;
		th->others = 0;
		th->stepping = th->burst && paths_step(t->paths, th->node);
		th->landing = true;
		deliver(t, th);
		return;
	}
	tr_resume(t, th, th->stepping);
}
