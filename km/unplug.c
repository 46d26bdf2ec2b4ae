// SPDX-License-Identifier: GPL-2.0-only
/*
 * unplug.c - take the mappings of a device away when it goes, and when a driver takes it.
 *
 * A mapping keeps no reference of its device, so that it can go at any time. The list holds which device's memory is
 * mapped through which file: that suffices, for the VMAs hang on the file's address space under their physical
 * address (vm_pgoff).
 */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/file.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mmap_lock.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "internal.h"

struct wcdiag_mapping {
	struct list_head node;
	u32 vmas;			/* two while mremap() moves one */
	const struct pci_dev *pdev;	/* only compared; NULL from when it is gone */
	struct file *file;		/* the VMA's own reference: it closes before it lets the file go */
	struct mm_struct *mm;		/* lives as long as its VMA */
	u64 phys, length;
	bool beside_driver;		/* FORCE_BUSY: stays when a driver comes */
};

static LIST_HEAD(mappings);
/* Taken under mmap_lock (mmap, munmap), so mmap_lock is never taken under it. */
static DEFINE_MUTEX(mappings_mutex);

void wcdiag_mappings_lock(void)
{
	mutex_lock(&mappings_mutex);
}

void wcdiag_mappings_unlock(void)
{
	mutex_unlock(&mappings_mutex);
}

/* Not in the list yet: kfree() is its end until then. */
struct wcdiag_mapping *wcdiag_mapping_new(const struct vm_area_struct *vma, const struct pci_dev *pdev, u64 phys,
					  const struct wcdiag_km_map *asked)
{
	struct wcdiag_mapping *m = kmalloc(sizeof(*m), GFP_KERNEL);

	if (m)
		*m = (struct wcdiag_mapping) {
			.vmas = 1,
			.pdev = pdev,
			.file = vma->vm_file,
			.mm = vma->vm_mm,
			.phys = phys,
			.length = asked->length,
			.beside_driver = asked->flags & WCDIAG_KM_FORCE_BUSY,
		};
	return m;
}

void wcdiag_mapping_add(struct wcdiag_mapping *m)
{
	lockdep_assert_held(&mappings_mutex);
	list_add(&m->node, &mappings);
}

void wcdiag_mapping_get(struct wcdiag_mapping *m)
{
	mutex_lock(&mappings_mutex);
	m->vmas++;
	mutex_unlock(&mappings_mutex);
}

void wcdiag_mapping_put(struct wcdiag_mapping *m)
{
	bool last;

	mutex_lock(&mappings_mutex);
	last = !--m->vmas;
	if (last)
		list_del(&m->node);
	mutex_unlock(&mappings_mutex);
	if (last)
		kfree(m);
}

/* As long as one event may wait for all of its mappings together. */
#define PATIENCE	HZ

/*
 * mmap() links its VMA to the file only after the module's handler has returned, and holds mmap_lock until then: who
 * gets the lock afterwards finds it linked. With an end, because a task may sit on its lock for ever (a page of a
 * dead file server) and an unplug must not wait for that; what could be missed then is a mapping made in this very
 * moment.
 */
static void wait_for_mmap(struct mm_struct *mm, unsigned long until)
{
	while (!mmap_read_trylock(mm)) {
		if (time_after(jiffies, until))
			return;
		msleep(1);
	}
	mmap_read_unlock(mm);
}

static struct wcdiag_mapping *first_of(const struct pci_dev *pdev, bool all)
{
	struct wcdiag_mapping *m;

	list_for_each_entry(m, &mappings, node)
		if (m->pdev == pdev && (all || !m->beside_driver))
			return m;
	return NULL;
}

/*
 * Take the entries of one mapping of this device away; false when there is none left. They go in every VMA that has
 * these pages: a forced mapping of the same ones does not outlive an unforced one.
 */
static bool take_one(const struct pci_dev *pdev, bool all, unsigned long until)
{
	struct wcdiag_mapping *m;
	struct mm_struct *mm;
	struct file *file;
	u64 phys, length;

	mutex_lock(&mappings_mutex);
	m = first_of(pdev, all);
	if (!m) {
		mutex_unlock(&mappings_mutex);
		return false;
	}
	/* From here on m may go with its process; what is needed of it is held. */
	m->pdev = NULL;
	phys = m->phys;
	length = m->length;
	file = get_file(m->file);
	/* Only the lock: to hold its memory too could mean to be the one who frees all of it, here. */
	mm = m->mm;
	mmgrab(mm);
	mutex_unlock(&mappings_mutex);

	wait_for_mmap(mm, until);
	mmdrop(mm);
	unmap_mapping_range(file->f_mapping, phys, length, 1);
	fput(file);
	return true;
}

static void take(const struct pci_dev *pdev, bool all)
{
	const unsigned long until = jiffies + PATIENCE;

	wcdiag_store_stop(pdev, all);
	while (take_one(pdev, all, until))
		;
}

/*
 * Before the device leaves its bus, while its addresses are still its own; and after, for what was mapped in between:
 * from then on nobody finds the device any more. When a driver comes the device has it already (dev->driver), so that
 * no mapping without FORCE_BUSY can be made any more, and the driver's probe is still to come.
 */
static int on_bus_event(struct notifier_block *nb, unsigned long event, void *dev)
{
	switch (event) {
	case BUS_NOTIFY_BIND_DRIVER:
		take(to_pci_dev(dev), false);
		break;
	case BUS_NOTIFY_DEL_DEVICE:
	case BUS_NOTIFY_REMOVED_DEVICE:
		take(to_pci_dev(dev), true);
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block bus_notifier = { .notifier_call = on_bus_event };

int wcdiag_unplug_init(void)
{
	return bus_register_notifier(&pci_bus_type, &bus_notifier);
}

void wcdiag_unplug_exit(void)
{
	bus_unregister_notifier(&pci_bus_type, &bus_notifier);
}
