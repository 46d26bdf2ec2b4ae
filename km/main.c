// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - /dev/wcdiag: open, dispatch, load and unload.
 */
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

#define WCDIAG_KM_VERSION "0.2.0"

static int info(void __user *arg)
{
	struct wcdiag_km_info i = {
		.abi = WCDIAG_KM_ABI,
		.caps = WCDIAG_KM_CAP_WALK | WCDIAG_KM_CAP_MSR | WCDIAG_KM_CAP_MAP,
		.levels = wcdiag_levels(),
		.user_end = wcdiag_user_end(),
		.kernel_start = wcdiag_kernel_start(),
		.vmalloc_start = VMALLOC_START,
		.vmalloc_end = VMALLOC_END + 1,		/* the kernel's is the last byte */
		.max_runs = WCDIAG_MAX_RUNS,
		.version = WCDIAG_KM_VERSION,
	};

	if (wcdiag_stores_allowed())
		i.caps |= WCDIAG_KM_CAP_STORE;
	if (wcdiag_walk_unlocked())
		i.locked |= WCDIAG_KM_LOCKED_WALK;
	if (wcdiag_map_unlocked())
		i.locked |= WCDIAG_KM_LOCKED_MAP;
	return copy_to_user(arg, &i, sizeof(i)) ? -EFAULT : 0;
}

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *p = (void __user *)arg;
	int err = wcdiag_may_use();

	if (err)
		return err;
	switch (cmd) {
	case WCDIAG_KM_INFO:
		return info(p);
	case WCDIAG_KM_WALK:
		return wcdiag_walk(file->private_data, p);
	case WCDIAG_KM_MSR:
		return wcdiag_msr(p);
	case WCDIAG_KM_MAP:
		return wcdiag_map(file->private_data, p);
	case WCDIAG_KM_STORE:
		return wcdiag_store(p);
	}
	return -ENOTTY;
}

/* Also here: whoever could hold the file open could keep the module from being unloaded. */
static int dev_open(struct inode *inode, struct file *file)
{
	struct wcdiag_file *wf;
	int err = wcdiag_may_use();

	if (err)
		return err;
	wf = kzalloc(sizeof(*wf), GFP_KERNEL);
	if (!wf)
		return -ENOMEM;
	mutex_init(&wf->walk_lock);
	mutex_init(&wf->map_lock);
	file->private_data = wf;
	return 0;
}

static int dev_release(struct inode *inode, struct file *file)
{
	struct wcdiag_file *wf = file->private_data;

	kvfree(wf->walker);
	kfree(wf);
	return 0;
}

/* The owner keeps the module loaded while the file is open; a mapping holds its file. */
static const struct file_operations wcdiag_fops = {
	.owner = THIS_MODULE,
	.open = dev_open,
	.release = dev_release,
	.unlocked_ioctl = dev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = wcdiag_mmap,
};

static struct miscdevice wcdiag_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = WCDIAG_KM_NODE,
	.mode = 0600,
	.fops = &wcdiag_fops,
};

static int __init wcdiag_init(void)
{
	int err = wcdiag_unplug_init();

	if (err)
		return err;
	err = misc_register(&wcdiag_dev);
	if (err)
		wcdiag_unplug_exit();
	return err;
}

static void __exit wcdiag_exit(void)
{
	misc_deregister(&wcdiag_dev);
	wcdiag_unplug_exit();
}

module_init(wcdiag_init);
module_exit(wcdiag_exit);

MODULE_DESCRIPTION("Page table entries, PAT and MTRR registers and BAR mappings of a chosen memory type, for wcdiag");
MODULE_AUTHOR("The wcdiag authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(WCDIAG_KM_VERSION);
