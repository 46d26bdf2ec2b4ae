// SPDX-License-Identifier: GPL-2.0-only
/*
 * walk.c - the WALK call: whose tables, which range, and for how long.
 *
 * Runs are gathered in memory of our own and copied out when mmap_lock is gone: a page fault of the caller's buffer
 * could want the very lock. A call is bounded by its runs and by its work; the caller goes on at "next".
 */
#include <linux/err.h>
#include <linux/pgtable.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

/*
 * Work for one call, in entries looked at: a millisecond or two, so that whoever wants mmap_lock for writing may have
 * it.
 */
#define BUDGET	(1 << 17)
/* A walk down, or a VMA, costs as much as so many entries of a table. */
#define STEP	16

/*
 * Kept with the open file: to allocate it anew for every call would cost more than the walk, for fresh memory is
 * cleared. One call at a time has it.
 */
struct wcdiag_walker {
	struct wcdiag_km_walk req;
	struct wcdiag_fold fold;
	int budget;
	struct wcdiag_place place;
	struct wcdiag_km_run runs[WCDIAG_MAX_RUNS];
	struct wcdiag_km_upper upper[WCDIAG_MAX_RUNS];
};

u64 wcdiag_user_end(void)
{
	return TASK_SIZE_MAX;
}

/* The upper half: bit 47, or 56, and all above it set. */
u64 wcdiag_kernel_start(void)
{
	return -1ULL << __VIRTUAL_MASK_SHIFT;
}

/* Returns where it stopped: end, or earlier when a break is due, or a negative errno in *err. */
static u64 walk_range(struct wcdiag_walker *w, const void *root, u64 addr, u64 end, int *err)
{
	while (addr < end && w->budget > 0) {
		u64 stop;

		if (fatal_signal_pending(current)) {
			*err = -EINTR;
			break;
		}
		cond_resched();
		/* A table that never holds still: take a break, the caller decides whether to try again. */
		if (wcdiag_step(&w->fold, &w->place, root, addr, end, &stop)) {
			w->budget = 0;
			break;
		}
		w->budget -= STEP + (int)w->place.count;
		addr = stop;
		if (w->fold.full)
			break;
	}
	return addr;
}

static u8 vma_bits(const struct vm_area_struct *vma)
{
	static const struct {
		unsigned long flag;
		u8 bit;
	} bits[] = {
		{ VM_PFNMAP, WCDIAG_KM_VMA_PFNMAP },
		{ VM_MIXEDMAP, WCDIAG_KM_VMA_MIXEDMAP },
		{ VM_IO, WCDIAG_KM_VMA_IO },
		{ VM_SHARED, WCDIAG_KM_VMA_SHARED },
		{ VM_WRITE, WCDIAG_KM_VMA_WRITE },
		{ VM_HUGETLB, WCDIAG_KM_VMA_HUGETLB },
	};
	u8 got = WCDIAG_KM_VMA;
	int i;

	for (i = 0; i < ARRAY_SIZE(bits); i++)
		if (vma->vm_flags & bits[i].flag)
			got |= bits[i].bit;
	return got;
}

/*
 * Only tables of VMAs that were found under the lock are looked at: munmap() frees those of a VMA that it has already
 * taken out while others hold the lock for reading too.
 */
static int walk_vmas(struct wcdiag_walker *w, struct mm_struct *mm)
{
	const u8 device = WCDIAG_KM_VMA_PFNMAP | WCDIAG_KM_VMA_MIXEDMAP | WCDIAG_KM_VMA_IO;
	u64 addr = w->req.start, end = w->req.end;
	int err = 0;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	while (addr < end && w->budget > 0 && !w->fold.full && !err) {
		struct vm_area_struct *vma = find_vma(mm, addr);
		u64 stop;

		if (!vma || vma->vm_start >= end) {
			addr = end;
			break;
		}
		w->budget -= STEP;
		addr = max_t(u64, addr, vma->vm_start);
		stop = min_t(u64, end, vma->vm_end);
		w->fold.vma = vma_bits(vma);
		w->fold.fresh = true;
		if ((w->req.flags & WCDIAG_KM_DEVICE) && !(w->fold.vma & device))
			addr = stop;
		else
			addr = walk_range(w, mm->pgd, addr, stop, &err);
	}
	mmap_read_unlock(mm);
	w->req.next = addr;
	return err;
}

static int walk_process(struct wcdiag_walker *w)
{
	struct pid *pid = find_get_pid(w->req.pid);
	struct task_struct *task = pid ? get_pid_task(pid, PIDTYPE_PID) : NULL;
	struct mm_struct *mm = task ? get_task_mm(task) : NULL;
	int err = -ESRCH;

	if (mm) {
		err = wcdiag_may_walk(mm);
		if (!err)
			err = walk_vmas(w, mm);
		mmput(mm);
	}
	if (task)
		put_task_struct(task);
	put_pid(pid);
	return err;
}

/*
 * The kernel's half of the root is the same in every process (its entries are made at boot or copied to all of them),
 * so the caller's own serves, and cannot go away. It is also the one that this CPU uses now.
 */
static int walk_kernel(struct wcdiag_walker *w)
{
	int err = 0;

	if (!current->mm)
		return -ESRCH;
	w->req.next = walk_range(w, current->mm->pgd, w->req.start, w->req.end, &err);
	return err;
}

static int check(const struct wcdiag_km_walk *r)
{
	if (r->zero || r->flags & ~(WCDIAG_KM_DEVICE | WCDIAG_KM_SKIP_NONE) || r->ignore & ~WCDIAG_KM_MAY_IGNORE)
		return -EINVAL;
	if (!r->max_runs || r->max_runs > WCDIAG_MAX_RUNS)
		return -EINVAL;
	if (r->start & ~PAGE_MASK || r->end & ~PAGE_MASK || r->start > r->end)
		return -EINVAL;
	switch (r->target) {
	case WCDIAG_KM_PROCESS:
		return r->pid > 0 && r->end <= wcdiag_user_end() ? 0 : -EINVAL;
	case WCDIAG_KM_KERNEL:
		return r->pid == 0 && r->start >= wcdiag_kernel_start() ? 0 : -EINVAL;
	}
	return -EINVAL;
}

/*
 * As copy_to_user(), by words. Where the CPU is emulated that is four times as fast: there a "rep movsb", the choice of
 * copy_to_user(), goes byte by byte.
 */
static int put_words(u64 address, const void *from, size_t bytes)
{
	u64 __user *to = u64_to_user_ptr(address);
	const u64 *word = from, *end = from + bytes;

	BUILD_BUG_ON(sizeof(struct wcdiag_km_run) % 16 || sizeof(struct wcdiag_km_upper) % 16);
	if (!user_access_begin(to, bytes))
		return -EFAULT;
	for (; word < end; word += 2, to += 2) {
		unsafe_put_user(word[0], to, fault);
		unsafe_put_user(word[1], to + 1, fault);
	}
	user_access_end();
	return 0;
fault:
	user_access_end();
	return -EFAULT;
}

static int walk(struct wcdiag_walker *w)
{
	struct wcdiag_fold *f = &w->fold;
	bool kernel = w->req.target == WCDIAG_KM_KERNEL;
	int err;

	*f = (struct wcdiag_fold) {
		.runs = w->runs,
		.upper = w->req.upper ? w->upper : NULL,
		.max = w->req.max_runs,
		.ignore = w->req.ignore,
		.skip_none = w->req.flags & WCDIAG_KM_SKIP_NONE,
		.only_device = kernel && w->req.flags & WCDIAG_KM_DEVICE,
		.user = !kernel,
	};
	w->budget = BUDGET;
	err = kernel ? walk_kernel(w) : walk_process(w);
	if (err)
		return err;
	w->req.nruns = f->n;
	err = put_words(w->req.runs, f->runs, f->n * sizeof(*f->runs));
	if (!err && f->upper)
		err = put_words(w->req.upper, f->upper, f->n * sizeof(*f->upper));
	return err;
}

static int walk_with(struct wcdiag_walker *w, void __user *arg)
{
	int err;

	if (copy_from_user(&w->req, arg, sizeof(w->req)))
		return -EFAULT;
	err = check(&w->req);
	if (!err)
		err = wcdiag_walk_unlocked();
	if (!err)
		err = walk(w);
	if (!err && copy_to_user(arg, &w->req, sizeof(w->req)))
		err = -EFAULT;
	return err;
}

int wcdiag_walk(struct wcdiag_file *wf, void __user *arg)
{
	int err;

	if (mutex_lock_killable(&wf->walk_lock))
		return -EINTR;
	if (!wf->walker)
		wf->walker = kvmalloc(sizeof(*wf->walker), GFP_KERNEL);
	err = wf->walker ? walk_with(wf->walker, arg) : -ENOMEM;
	mutex_unlock(&wf->walk_lock);
	return err;
}
