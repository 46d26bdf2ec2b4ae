// SPDX-License-Identifier: GPL-2.0-only
/* node.c - /dev/wcfault0, and the uio device of the cases that have one instead. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "wcfault.h"

static int node_open(struct inode *inode, struct file *file)
{
	struct wcfault *w = &wcfault;
	int err = -ENODEV;

	mutex_lock(&wcfault_lock);
	if (w->pdev) {
		/* All that is open is one inode: the node in devtmpfs. */
		err = w->users && w->mapping != file->f_mapping ? -EBUSY : 0;
		if (!err) {
			w->mapping = file->f_mapping;
			w->users++;
		}
	}
	mutex_unlock(&wcfault_lock);
	return err;
}

/* Comes after the last mapping is gone as well: a VMA holds its file. */
static int node_release(struct inode *inode, struct file *file)
{
	mutex_lock(&wcfault_lock);
	if (!--wcfault.users)
		wcfault.mapping = NULL;
	mutex_unlock(&wcfault_lock);
	return 0;
}

static int checked_mmap(struct wcfault *w, struct vm_area_struct *vma)
{
	unsigned long len = vma->vm_end - vma->vm_start, pages = w->size >> PAGE_SHIFT;

	if (vma->vm_pgoff >= pages || len >> PAGE_SHIFT > pages - vma->vm_pgoff)
		return -EINVAL;
	return insert_mmap(w, vma);
}

static int node_mmap(struct file *file, struct vm_area_struct *vma)
{
	int err = -ENODEV;

	mutex_lock(&wcfault_lock);
	if (wcfault.pdev)
		err = checked_mmap(&wcfault, vma);
	mutex_unlock(&wcfault_lock);
	return err;
}

static const struct file_operations node_fops = {
	.owner = THIS_MODULE,
	.open = node_open,
	.release = node_release,
	.mmap = node_mmap,
	/* An address that a large page can have. */
	.get_unmapped_area = thp_get_unmapped_area,
};

static struct miscdevice node = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = NODE,
	.fops = &node_fops,
	.mode = 0600,
};

int node_make(struct wcfault *w)
{
	int err;

	node.minor = MISC_DYNAMIC_MINOR;
	/* With a parent sysfs tells whose node it is, as of every well-made driver. */
	node.parent = w->c->orphan ? NULL : &w->pdev->dev;
	err = misc_register(&node);
	w->node = !err;
	return err;
}

void node_drop(struct wcfault *w)
{
	if (w->node)
		misc_deregister(&node);
	w->node = false;
}

void node_zap(struct wcfault *w)
{
	/* Who still has it mapped keeps the VMA, but no entry: the next access is SIGBUS. */
	if (w->mapping)
		unmap_mapping_range(w->mapping, 0, 0, 1);
}

static int uio_mmap_own(struct uio_info *info, struct vm_area_struct *vma)
{
	/* vm_pgoff is the number of the region: there is only region 0. */
	if (vma->vm_end - vma->vm_start > wcfault.size)
		return -EINVAL;
	vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);
	return remap_pfn_range(vma, vma->vm_start, wcfault.start >> PAGE_SHIFT, vma->vm_end - vma->vm_start,
			       vma->vm_page_prot);
}

int uio_make(struct wcfault *w)
{
	struct uio_info *u = kzalloc(sizeof(*u), GFP_KERNEL);
	int err;

	if (!u)
		return -ENOMEM;
	u->name = "wcfault";
	u->version = "1";
	u->irq = UIO_IRQ_NONE;
	u->mem[0].name = "bar";
	u->mem[0].addr = w->start;
	u->mem[0].size = w->size;
	u->mem[0].memtype = UIO_MEM_PHYS;
	if (w->c->how == UIO_OWN)
		u->mmap = uio_mmap_own;
	err = uio_register_device(&w->pdev->dev, u);
	if (err)
		kfree(u);
	else
		w->uio = u;
	return err;
}

/* uio keeps no entry from a process; it refuses new mappings once it is unregistered. */
void uio_drop(struct wcfault *w)
{
	if (!w->uio)
		return;
	uio_unregister_device(w->uio);
	kfree(w->uio);
	w->uio = NULL;
}
