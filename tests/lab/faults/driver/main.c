// SPDX-License-Identifier: GPL-2.0-only
/* main.c - the PCI driver: bound by driver_override alone, so that it never takes a device by itself. */
#include <linux/module.h>
#include <linux/sysfs.h>

#include "wcfault.h"

struct wcfault wcfault;
DEFINE_MUTEX(wcfault_lock);

/* What the next probe is to be. */
static const struct wcfault_case *next_case;
static int next_bar;
/* The PCI core calls a device's power state unknown from the moment its driver has let it go. */
static struct pci_dev *last;

static void as_before(void)
{
	if (last) {
		pci_set_power_state(last, PCI_D0);
		pci_dev_put(last);
	}
	last = NULL;
}

static void take_back(struct wcfault *w)
{
	node_zap(w);
	kernel_give_back(w);
	pci_disable_device(w->pdev);
	w->pdev = NULL;
}

static int start(struct wcfault *w, struct pci_dev *pdev)
{
	int err;

	if (w->pdev)
		return -EBUSY;
	as_before();
	if (!next_case)
		return -ENODEV;
	if (!(pci_resource_flags(pdev, next_bar) & IORESOURCE_MEM) || !pci_resource_start(pdev, next_bar))
		return -ENXIO;
	w->c = next_case;
	w->bar = next_bar;
	w->start = pci_resource_start(pdev, next_bar);
	w->size = pci_resource_len(pdev, next_bar);
	err = pci_enable_device(pdev);
	if (err)
		return err;
	w->pdev = pdev;
	last = pci_dev_get(pdev);
	err = kernel_take(w);
	if (err)
		take_back(w);
	return err;
}

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int err;

	mutex_lock(&wcfault_lock);
	err = start(&wcfault, pdev);
	mutex_unlock(&wcfault_lock);
	if (err)
		return err;
	/* Without the lock: the one of misc devices is held when our open() is called, uio's when our mmap() is. */
	switch (wcfault.c->how) {
	case NO_NODE:
		return 0;
	case UIO:
	case UIO_OWN:
		err = uio_make(&wcfault);
		break;
	default:
		err = node_make(&wcfault);
	}
	if (err) {
		mutex_lock(&wcfault_lock);
		take_back(&wcfault);
		mutex_unlock(&wcfault_lock);
	}
	return err;
}

static void remove(struct pci_dev *pdev)
{
	uio_drop(&wcfault);
	node_drop(&wcfault);
	mutex_lock(&wcfault_lock);
	take_back(&wcfault);
	mutex_unlock(&wcfault_lock);
}

/* "CASE BAR" */
static ssize_t case_store(struct device_driver *drv, const char *buf, size_t count)
{
	const struct wcfault_case *c;
	size_t len = strcspn(buf, " \n");
	int bar;

	c = case_find(buf, len);
	if (!c || kstrtoint(skip_spaces(buf + len), 10, &bar) || bar < 0 || bar >= PCI_STD_NUM_BARS)
		return -EINVAL;
	mutex_lock(&wcfault_lock);
	next_case = c;
	next_bar = bar;
	if (!wcfault.pdev)
		as_before();
	mutex_unlock(&wcfault_lock);
	return count;
}
static DRIVER_ATTR_WO(case);

static ssize_t act_store(struct device_driver *drv, const char *buf, size_t count)
{
	int err = -ENODEV;

	mutex_lock(&wcfault_lock);
	if (wcfault.pdev)
		err = act(&wcfault, buf, strcspn(buf, " \n"));
	mutex_unlock(&wcfault_lock);
	return err ? err : count;
}
static DRIVER_ATTR_WO(act);

static struct attribute *wcfault_attrs[] = { &driver_attr_case.attr, &driver_attr_act.attr, NULL };
ATTRIBUTE_GROUPS(wcfault);

/* No device is ours by itself: only driver_override binds one. */
static const struct pci_device_id none[] = { { 0 } };

static struct pci_driver wcfault_driver = {
	.name = "wcfault",
	.id_table = none,
	.probe = probe,
	.remove = remove,
	.groups = wcfault_groups,
};

static int __init wcfault_init(void)
{
	return pci_register_driver(&wcfault_driver);
}
module_init(wcfault_init);

static void __exit wcfault_exit(void)
{
	pci_unregister_driver(&wcfault_driver);
	as_before();
}
module_exit(wcfault_exit);

MODULE_DESCRIPTION("A driver that maps PCI BARs rightly and wrongly, for the lab of wcdiag");
MODULE_LICENSE("GPL");
