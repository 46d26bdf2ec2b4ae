// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kcore_task.c - from a process's number to its root table: PID namespace, its tree of numbers, struct pid, task, mm.
 *
 * The tree is an xarray (Linux include/linux/xarray.h): an entry whose lowest two bits are 10 is a node, and such a
 * node's slots are chosen by "shift". Nothing here is locked: all may go while it is looked at. So what was found must
 * say of itself what it is (the number, the namespace, the way back from the task), and the caller finds it again
 * when it is done, to see that it is still the same.
 */
#include <errno.h>
#include <string.h>

#include "kcore_int.h"

#define MAX_NS	  32 /* PID namespaces nest 32 deep (Linux MAX_PID_NS_LEVEL) */
#define MAX_DEPTH 12 /* of a tree: 64 slots a node, 6 bits of the number each, need 6 */

static int word(const struct kcore_mem *m, uint64_t addr, uint64_t *v)
{
	return addr % 8 ? -EPROTO : kcore_virt(m, addr, v, sizeof(*v));
}

static int half(const struct kcore_mem *m, uint64_t addr, uint32_t *v)
{
	return addr % 4 ? -EPROTO : kcore_virt(m, addr, v, sizeof(*v));
}

/* numbers[at] of a struct pid */
static int number_at(const struct kcore_mem *m, const struct kcore_layout *l, uint64_t pid, uint32_t at, uint32_t *nr,
		     uint64_t *ns)
{
	uint64_t upid = pid + l->pid_numbers + (uint64_t)at * l->upid_size;
	int err = half(m, upid + l->upid_nr, nr);

	return err ? err : word(m, upid + l->upid_ns, ns);
}

uint64_t kcore_own_ns(const struct kcore_mem *m, const struct kcore_layout *l, int nr)
{
	const struct kcore_image *i = m->image;
	uint64_t pid, ns, found = 0;
	uint32_t level, n, hits = 0;

	if ((uint64_t)l->task_thread_pid + 8 > i->task_len)
		return 0;
	memcpy(&pid, i->task + l->task_thread_pid, sizeof(pid));
	if (half(m, pid + l->pid_level, &level) || level > MAX_NS)
		return 0;
	for (uint32_t at = 0; at <= level; at++) {
		if (number_at(m, l, pid, at, &n, &ns))
			return 0;
		if (n == (uint32_t)nr) {
			found = ns;
			hits++;
		}
	}
	return hits == 1 ? found : 0;
}

/* The struct pid that has this number in the namespace. */
static int lookup(const struct kcore_mem *m, const struct kcore_layout *l, uint64_t ns, uint32_t nr, uint64_t *pid)
{
	uint32_t base, slots = l->node_slots_size / 8;
	uint64_t entry, index;
	int err = half(m, ns + l->ns_base, &base);

	if (!err)
		err = word(m, ns + l->ns_root, &entry);
	if (err)
		return err;
	if (nr < base)
		return -ESRCH;
	index = nr - base;
	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		uint64_t node = entry - 2, at;
		uint8_t shift;

		if ((entry & 3) != 2 || entry <= KCORE_PAGE) {
			/* A pointer; with a tree of no node it is number 0's. */
			if (!entry || (entry & 3) || (!depth && index))
				return -ESRCH;
			*pid = entry;
			return 0;
		}
		err = kcore_virt(m, node + l->node_shift, &shift, 1);
		if (err)
			return err;
		if (shift > 58)
			return -EPROTO;
		at = index >> shift;
		/* Above the root's slots is nothing; below a node only its own part of the index counts. */
		if (!depth && at >= slots)
			return -ESRCH;
		err = word(m, node + l->node_slots + at % slots * 8, &entry);
		if (err)
			return err;
	}
	return -EPROTO;
}

/* Is it the namespace's number, as struct pid itself says? */
static int named(const struct kcore_mem *m, const struct kcore_layout *l, uint64_t pid, uint64_t ns, uint32_t nr)
{
	uint32_t level, n;
	uint64_t of;
	int err = half(m, pid + l->pid_level, &level);

	if (!err && level > MAX_NS)
		return -EAGAIN;
	for (uint32_t at = 0; !err && at <= level; at++) {
		err = number_at(m, l, pid, at, &n, &of);
		if (!err && n == nr && of == ns)
			return 0;
	}
	return err ? err : -EAGAIN;
}

static int task_of(const struct kcore_mem *m, const struct kcore_layout *l, uint64_t pid, uint64_t *task)
{
	uint64_t link, back;
	int err = word(m, pid + l->pid_tasks, &link); /* PIDTYPE_PID is the first of the lists */

	if (err)
		return err;
	if (!link)
		return -ESRCH;
	*task = link - l->task_pid_links;
	err = word(m, *task + l->task_thread_pid, &back);
	return err ? err : back == pid ? 0 : -EAGAIN;
}

int kcore_find(const struct kcore_mem *m, const struct kcore_layout *l, uint64_t ns, int pid, struct kcore_who *out)
{
	struct kcore_who w = { 0 };
	uint32_t users = 0;
	int err = lookup(m, l, ns, (uint32_t)pid, &w.pid);

	if (!err)
		err = named(m, l, w.pid, ns, (uint32_t)pid);
	if (!err)
		err = task_of(m, l, w.pid, &w.task);
	if (!err)
		err = word(m, w.task + l->task_mm, &w.mm);
	if (!err && !w.mm)
		err = -ESRCH; /* the kernel's own, or its memory is gone */
	if (!err)
		err = half(m, w.mm + l->mm_users, &users);
	if (!err && (!users || users >> 31))
		err = -ESRCH;
	if (!err)
		err = word(m, w.mm + l->mm_pgd, &w.pgd);
	if (!err)
		err = word(m, w.task + l->task_exec_id, &w.exec_id);
	if (!err)
		err = word(m, w.task + l->task_start, &w.start);
	if (!err && (w.pgd % KCORE_PAGE || !w.pgd))
		err = -EAGAIN;
	if (!err)
		*out = w;
	return err;
}
