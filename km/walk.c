// SPDX-License-Identifier: GPL-2.0-only
/*
 * walk.c - the WALK call: whose tables, which range, and for how long.
 *
 * Runs are gathered in memory of our own and copied out when every lock is gone: a page fault of the caller's buffer could
 * want the very mmap_lock that is held here. A call is bounded by its runs and by its work; the caller goes on at "next".
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

/* Work for one call, in entries looked at: a millisecond or two, so that whoever wants mmap_lock for writing may have it. */
#define BUDGET	(1 << 17)
/* A walk down, or a VMA, costs as much as so many entries of a table. */
#define STEP	16

struct walk {
	struct wcdiag_km_walk req;
	struct wcdiag_fold fold;
	int budget;
	struct wcdiag_place place;	/* last: it is not cleared */
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
static u64 walk_range(struct walk *w, const void *root, u64 addr, u64 end, int *err)
{
	while (addr < end && w->budget > 0) {
		if (fatal_signal_pending(current)) {
			*err = -EINTR;
			break;
		}
		cond_resched();
		/* A table that never holds still: take a break, the caller decides whether to try again. */
		if (wcdiag_read(root, addr, end - 1, &w->place)) {
			w->budget = 0;
			break;
		}
		w->budget -= STEP + (int)w->place.count;
		addr = wcdiag_add(&w->fold, &w->place, addr, end);
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
 * Only tables of VMAs that were found under the lock are looked at: munmap() frees those of a VMA that it has already taken
 * out while others hold the lock for reading too.
 */
static int walk_vmas(struct walk *w, struct mm_struct *mm)
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

static int walk_process(struct walk *w)
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
 * The kernel's half of the root is the same in every process (its entries are made at boot or copied to all of them), so the
 * caller's own serves, and cannot go away. It is also the one that this CPU uses now.
 */
static int walk_kernel(struct walk *w)
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

/* No more runs than there are pages: a walk of one page needs no 48 KiB. */
static int make_room(struct walk *w)
{
	struct wcdiag_fold *f = &w->fold;
	u64 pages = (w->req.end - w->req.start) >> PAGE_SHIFT;

	f->max = min_t(u64, w->req.max_runs, max_t(u64, pages, 1));
	f->runs = kvmalloc_array(f->max, sizeof(*f->runs), GFP_KERNEL);
	if (f->runs && w->req.upper)
		f->upper = kvmalloc_array(f->max, sizeof(*f->upper), GFP_KERNEL);
	return f->runs && (f->upper || !w->req.upper) ? 0 : -ENOMEM;
}

static int walk(struct walk *w)
{
	struct wcdiag_fold *f = &w->fold;
	bool kernel = w->req.target == WCDIAG_KM_KERNEL;
	int err = make_room(w);

	if (err)
		return err;
	f->ignore = w->req.ignore;
	f->skip_none = w->req.flags & WCDIAG_KM_SKIP_NONE;
	f->only_device = kernel && w->req.flags & WCDIAG_KM_DEVICE;
	f->user = !kernel;
	w->budget = BUDGET;
	err = kernel ? walk_kernel(w) : walk_process(w);
	if (err)
		return err;
	w->req.nruns = f->n;
	if (copy_to_user(u64_to_user_ptr(w->req.runs), f->runs, f->n * sizeof(*f->runs)))
		return -EFAULT;
	if (f->upper && copy_to_user(u64_to_user_ptr(w->req.upper), f->upper, f->n * sizeof(*f->upper)))
		return -EFAULT;
	return 0;
}

int wcdiag_walk(void __user *arg)
{
	/* With its copy of a table it is too large for the stack. */
	struct walk *w = kmalloc(sizeof(*w), GFP_KERNEL);
	int err;

	if (!w)
		return -ENOMEM;
	memset(w, 0, offsetof(struct walk, place));
	err = -EFAULT;
	if (copy_from_user(&w->req, arg, sizeof(w->req)))
		goto out;
	err = check(&w->req);
	if (!err)
		err = wcdiag_walk_unlocked();
	if (!err)
		err = walk(w);
	if (!err && copy_to_user(arg, &w->req, sizeof(w->req)))
		err = -EFAULT;
out:
	kvfree(w->fold.upper);
	kvfree(w->fold.runs);
	kfree(w);
	return err;
}
