// SPDX-License-Identifier: GPL-2.0-only
/* insert.c - how page table entries of a process come into being. */
#include <linux/mm.h>
#include <linux/pfn_t.h>
#include <linux/version.h>

#include "wcfault.h"

static pgprot_t asked(enum ask ask, pgprot_t prot)
{
	switch (ask) {
	case ASK_WC:
		return pgprot_writecombine(prot);
	case ASK_NC:
		return pgprot_noncached(prot);
	case ASK_BOTH:
		return pgprot_writecombine(pgprot_noncached(prot));
	case ASK_PWT:
		return __pgprot(pgprot_val(prot) | _PAGE_PWT);
	case ASK_PCD:
		return __pgprot(pgprot_val(prot) | _PAGE_PCD);
	default:
		return prot;
	}
}

/* Linux before 6.3 has no accessor. */
static void flags_set(struct vm_area_struct *vma, unsigned long flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

static unsigned long pfn_at(const struct wcfault *w, const struct vm_area_struct *vma, unsigned long address)
{
	unsigned long page = (address - vma->vm_start) >> PAGE_SHIFT;

	if (w->c->backwards)
		page = ((vma->vm_end - vma->vm_start) >> PAGE_SHIFT) - 1 - page;
	return (w->start >> PAGE_SHIFT) + vma->vm_pgoff + page;
}

static unsigned long middle(const struct vm_area_struct *vma)
{
	return vma->vm_start + ((vma->vm_end - vma->vm_start) / 2 & PAGE_MASK);
}

static vm_fault_t fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	vm_fault_t ret = VM_FAULT_SIGBUS;

	mutex_lock(&wcfault_lock);
	if (wcfault.pdev && (wcfault.c->how != REMAP_HALF || vmf->address < middle(vma)))
		ret = vmf_insert_pfn(vma, vmf->address, pfn_at(&wcfault, vma, vmf->address));
	mutex_unlock(&wcfault_lock);
	return ret;
}

static const struct vm_operations_struct by_page = { .fault = fault };

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
static vm_fault_t insert_2m(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long address = vmf->address & PMD_MASK, pfn = pfn_at(&wcfault, vma, address);

	if (address < vma->vm_start || address + PMD_SIZE > vma->vm_end || pfn & (PMD_SIZE / PAGE_SIZE - 1))
		return VM_FAULT_FALLBACK;
	return vmf_insert_pfn_pmd(vmf, pfn_to_pfn_t(pfn), vmf->flags & FAULT_FLAG_WRITE);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
static vm_fault_t huge_fault(struct vm_fault *vmf, unsigned int order)
{
	vm_fault_t ret = VM_FAULT_SIGBUS;

	if (order != PMD_ORDER)
		return VM_FAULT_FALLBACK;
	mutex_lock(&wcfault_lock);
	if (wcfault.pdev)
		ret = insert_2m(vmf);
	mutex_unlock(&wcfault_lock);
	return ret;
}

static const struct vm_operations_struct by_2m = { .fault = fault, .huge_fault = huge_fault };
#else
/*
 * Before 6.12 the kernel asks no driver for a large page in a VM_PFNMAP mapping. The function that inserts one is there
 * all the same, and the page middle directory is still empty when the first fault in it comes.
 */
static vm_fault_t fault_2m(struct vm_fault *vmf)
{
	vm_fault_t ret = VM_FAULT_SIGBUS;

	mutex_lock(&wcfault_lock);
	if (wcfault.pdev)
		ret = vmf->pmd && pmd_none(*vmf->pmd) ? insert_2m(vmf) : VM_FAULT_FALLBACK;
	mutex_unlock(&wcfault_lock);
	return ret & VM_FAULT_FALLBACK ? fault(vmf) : ret;
}

static const struct vm_operations_struct by_2m = { .fault = fault_2m };
#endif
#else
static const struct vm_operations_struct by_2m = { .fault = fault };
#endif

struct hand {
	struct wcfault *w;
	struct vm_area_struct *vma;
	unsigned long middle;
	pgprot_t prot, prot1;
};

/* As i915 does it: nobody is asked for a type. */
static int set_one(pte_t *pte, unsigned long address, void *arg)
{
	struct hand *h = arg;
	pgprot_t prot = address < h->middle ? h->prot : h->prot1;

	set_pte_at(h->vma->vm_mm, address, pte, pte_mkspecial(pfn_pte(pfn_at(h->w, h->vma, address), prot)));
	return 0;
}

static int by_hand(struct wcfault *w, struct vm_area_struct *vma, pgprot_t prot1)
{
	struct hand h = { .w = w, .vma = vma, .middle = middle(vma), .prot = vma->vm_page_prot, .prot1 = prot1 };

	flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	return apply_to_page_range(vma->vm_mm, vma->vm_start, vma->vm_end - vma->vm_start, set_one, &h);
}

static int remap(struct wcfault *w, struct vm_area_struct *vma, unsigned long from, unsigned long to, pgprot_t prot)
{
	/* Half of a single page. */
	if (from == to)
		return 0;
	return remap_pfn_range(vma, from, pfn_at(w, vma, from), to - from, prot);
}

/* One VMA for a device's registers and its window, which lie in two BARs. */
static int remap_bar0(struct wcfault *w, struct vm_area_struct *vma, pgprot_t prot)
{
	resource_size_t registers = pci_resource_start(w->pdev, 0);
	int err;

	if (!(pci_resource_flags(w->pdev, 0) & IORESOURCE_MEM) || registers & ~PAGE_MASK || vma->vm_pgoff)
		return -ENXIO;
	err = remap_pfn_range(vma, vma->vm_start, registers >> PAGE_SHIFT, PAGE_SIZE, prot);
	return err ? err : remap(w, vma, vma->vm_start + PAGE_SIZE, vma->vm_end, prot);
}

int insert_mmap(struct wcfault *w, struct vm_area_struct *vma)
{
	const struct wcfault_case *c = w->c;
	bool last = c->last != ASK_NONE && vma->vm_pgoff == (w->size >> PAGE_SHIFT) - 1;
	pgprot_t base = c->read_only ? vm_get_page_prot(vma->vm_flags & ~(VM_WRITE | VM_SHARED)) : vma->vm_page_prot;
	pgprot_t prot = asked(last ? c->last : c->ask, base);
	pgprot_t prot1 = c->ask1 == ASK_NONE ? prot : asked(c->ask1, base);
	int err = 0;

	/* A copy on write would need the rules of remap_pfn_range for it. */
	if (c->how != REMAP && (vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE)
		return -EINVAL;
	if (!c->read_only)
		vma->vm_page_prot = prot;
	switch (c->how) {
	case REMAP:
		return remap(w, vma, vma->vm_start, vma->vm_end, prot);
	case REMAP_TWICE:
		err = remap(w, vma, vma->vm_start, middle(vma), prot);
		return err ? err : remap(w, vma, middle(vma), vma->vm_end, prot1);
	case REMAP_BAR0:
		return remap_bar0(w, vma, prot);
	case REMAP_HALF:
	case REMAP_FILL:
		vma->vm_ops = &by_page;
		return remap(w, vma, vma->vm_start, middle(vma), prot);
	case INSERT:
	case INSERT_2M:
		flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
		vma->vm_ops = c->how == INSERT ? &by_page : &by_2m;
		return 0;
	case BY_HAND:
		return by_hand(w, vma, prot1);
	default:
		return -ENODEV;
	}
}
