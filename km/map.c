// SPDX-License-Identifier: GPL-2.0-only
/*
 * map.c - map a part of a device's BAR with a chosen memory type.
 *
 * It never requests a region (that takes the mappings of others away where IO_STRICT_DEVMEM is configured), never
 * ioremaps, never enables the device and never reads its configuration space: whether it decodes its memory is the
 * caller's business.
 */
#include <linux/ioport.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <asm/pgtable_types.h>

#include "conftest.h"
#include "internal.h"

/* The names of the uapi header and the kernel's own. */
static const struct {
	enum page_cache_mode mode;
	bool known, forced;	/* forced: only with FORCE_TYPE */
} types[] = {
	[WCDIAG_KM_UC]		= { .known = true, .mode = _PAGE_CACHE_MODE_UC },
	[WCDIAG_KM_WC]		= { .known = true, .mode = _PAGE_CACHE_MODE_WC },
	[WCDIAG_KM_WT]		= { .known = true, .mode = _PAGE_CACHE_MODE_WT, .forced = true },
	[WCDIAG_KM_WP]		= { .known = true, .mode = _PAGE_CACHE_MODE_WP, .forced = true },
	[WCDIAG_KM_WB]		= { .known = true, .mode = _PAGE_CACHE_MODE_WB, .forced = true },
	[WCDIAG_KM_UCMINUS]	= { .known = true, .mode = _PAGE_CACHE_MODE_UC_MINUS },
};

/* What can be said without looking at the machine. */
static int check(const struct wcdiag_km_map *m)
{
	if (m->zero || m->flags & ~(WCDIAG_KM_FORCE_TYPE | WCDIAG_KM_FORCE_BUSY))
		return -EINVAL;
	if (m->bar >= PCI_STD_NUM_BARS || m->type >= ARRAY_SIZE(types) || !types[m->type].known)
		return -EINVAL;
	if (!m->length || m->length & ~PAGE_MASK || m->offset & ~PAGE_MASK)
		return -EINVAL;
	if (types[m->type].forced && !(m->flags & WCDIAG_KM_FORCE_TYPE))
		return -EACCES;
	return m->domain <= INT_MAX ? 0 : -ENODEV;
}

/*
 * Second and third opinion, should the BAR's own resource be wrong (a firmware that places a BAR over memory): no
 * part of the range may be RAM. The tree of resources knows ranges; page_is_ram() looks at it in another way.
 */
static bool is_ram(u64 phys, u64 length)
{
	return region_intersects(phys, length, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE) != REGION_DISJOINT ||
	       page_is_ram(phys >> PAGE_SHIFT) || page_is_ram((phys + length - 1) >> PAGE_SHIFT);
}

/*
 * The physical address of what m names. A driver that comes later takes the mapping away (unplug.c). A region that
 * something else requests later does not, nor does a BAR that is given another address: nothing tells of them.
 */
int wcdiag_place(const struct pci_dev *pdev, const struct wcdiag_km_map *m, u64 *phys)
{
	const struct resource *res = &pdev->resource[m->bar];

	/* A region inside the BAR's own is one that somebody requested: a driver, or a framebuffer that has none. */
	if ((READ_ONCE(pdev->dev.driver) || READ_ONCE(res->child)) && !(m->flags & WCDIAG_KM_FORCE_BUSY))
		return -EBUSY;
	/* Without a parent it was never given a place in the address space. */
	if (!(res->flags & IORESOURCE_MEM) || res->flags & (IORESOURCE_UNSET | IORESOURCE_DISABLED) || !res->parent ||
	    !res->start || res->end < res->start)
		return -ENXIO;
	if (res->start & ~PAGE_MASK || m->offset > resource_size(res) || m->length > resource_size(res) - m->offset)
		return -EINVAL;
	*phys = res->start + m->offset;
	return is_ram(*phys, m->length) ? -EINVAL : 0;
}

static struct pci_dev *find(const struct wcdiag_km_map *m)
{
	return pci_get_domain_bus_and_slot(m->domain, m->bus, m->devfn);
}

/*
 * Everything is checked here, so that the caller learns the reason, and again when it maps: lockdown and devices
 * change.
 */
int wcdiag_map(struct wcdiag_file *wf, void __user *arg)
{
	struct wcdiag_km_map m;
	struct pci_dev *pdev;
	u64 phys;
	int err;

	if (copy_from_user(&m, arg, sizeof(m)))
		return -EFAULT;
	err = check(&m);
	if (!err)
		err = wcdiag_map_unlocked();
	if (err)
		return err;
	pdev = find(&m);
	if (!pdev)
		return -ENODEV;
	err = wcdiag_place(pdev, &m, &phys);
	pci_dev_put(pdev);
	if (err)
		return err;
	mutex_lock(&wf->map_lock);
	wf->map = m;
	wf->bound = true;
	mutex_unlock(&wf->map_lock);
	return 0;
}

static void vma_open(struct vm_area_struct *vma)
{
	wcdiag_mapping_get(vma->vm_private_data);
}

static void vma_close(struct vm_area_struct *vma)
{
	wcdiag_mapping_put(vma->vm_private_data);
}

/* Kernels up to 6.12 free the reservation of a split mapping wrongly: it stays until the next boot. */
static int vma_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	return -EINVAL;
}

/*
 * No fault handler: where the entries were taken away an access is SIGBUS. No access either: a debugger reads no
 * device.
 */
static const struct vm_operations_struct vm_ops = {
	.open = vma_open,
	.close = vma_close,
	.may_split = vma_may_split,
};

static void set_flags(struct vm_area_struct *vma)
{
	/* A copy made by fork() would reserve the range again. */
	const unsigned long flags = VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP | VM_DONTCOPY;

#ifdef HAVE_VM_FLAGS_SET
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

/*
 * The bits of the type replace what stands there: the kernel's own helpers only add up to Linux 6.12. The whole VMA
 * at once, for only then is the type reserved; it may become another than asked for, by an older reservation.
 */
static int remap(struct vm_area_struct *vma, const struct wcdiag_km_map *m, u64 phys)
{
	pgprot_t prot = __pgprot((pgprot_val(vma->vm_page_prot) & ~_PAGE_CACHE_MASK) |
				 cachemode2protval(types[m->type].mode));

	set_flags(vma);
	/* /proc/PID/maps shows it, and unplug.c finds the mapping by it. */
	vma->vm_pgoff = phys >> PAGE_SHIFT;
	vma->vm_page_prot = prot;
	return io_remap_pfn_range(vma, vma->vm_start, phys >> PAGE_SHIFT, m->length, prot);
}

static int map_device(struct vm_area_struct *vma, const struct pci_dev *pdev, const struct wcdiag_km_map *m)
{
	struct wcdiag_mapping *mapping;
	u64 phys;
	int err = wcdiag_place(pdev, m, &phys);

	if (err)
		return err;
	mapping = wcdiag_mapping_new(vma, pdev, phys, m);
	if (!mapping)
		return -ENOMEM;
	err = remap(vma, m, phys);
	if (err) {
		kfree(mapping);
		return err;
	}
	wcdiag_mapping_add(mapping);
	vma->vm_private_data = mapping;
	vma->vm_ops = &vm_ops;
	return 0;
}

static int map_bound(struct vm_area_struct *vma, const struct wcdiag_km_map *m)
{
	struct pci_dev *pdev;
	int err;

	if (!(vma->vm_flags & VM_SHARED) || vma->vm_pgoff || vma->vm_end - vma->vm_start != m->length)
		return -EINVAL;
	/* From the look for the device to its place in the list: an unplug comes before or after, never in between. */
	wcdiag_mappings_lock();
	pdev = find(m);
	err = pdev ? map_device(vma, pdev, m) : -ENODEV;
	pci_dev_put(pdev);
	wcdiag_mappings_unlock();
	return err;
}

int wcdiag_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct wcdiag_file *wf = file->private_data;
	int err = wcdiag_may_use();

	if (!err)
		err = wcdiag_map_unlocked();
	if (err)
		return err;
	mutex_lock(&wf->map_lock);
	err = wf->bound ? map_bound(vma, &wf->map) : -EINVAL;
	if (!err)
		wf->bound = false;
	mutex_unlock(&wf->map_lock);
	return err;
}
