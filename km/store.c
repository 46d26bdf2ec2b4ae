// SPDX-License-Identifier: GPL-2.0-only
/*
 * store.c - the STORE call: the only part of the module that writes to a device. Not without "stores=1".
 *
 * All that it makes it takes back before it returns: the mapping, and with it the kernel's reservation of its type. It
 * requests no region and enables nothing; the device's configuration space is not touched.
 */
#include <linux/io.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "store.h"

static bool stores;
module_param(stores, bool, 0444);
MODULE_PARM_DESC(stores, "allow WCDIAG_KM_STORE to write to devices (default: no)");

/* One call at a time: two would measure each other. */
static DEFINE_MUTEX(store_mutex);

/* Which device is being written to; ended counts the runs that are over. */
static DEFINE_SPINLOCK(running_lock);
static struct wcdiag_store *running;
static const struct pci_dev *running_on;
static unsigned int ended;
static DECLARE_WAIT_QUEUE_HEAD(ended_queue);

bool wcdiag_stores_allowed(void)
{
	return stores;
}

void wcdiag_store_stop(const struct pci_dev *pdev, bool all)
{
	bool wait = false;
	unsigned int seen;

	spin_lock(&running_lock);
	if (running && running_on == pdev && (all || !(running->req.flags & WCDIAG_KM_FORCE_BUSY))) {
		WRITE_ONCE(running->stop, true);
		wait = true;
	}
	seen = ended;
	spin_unlock(&running_lock);
	if (wait)
		wait_event(ended_queue, READ_ONCE(ended) != seen);
}

static void begins(struct wcdiag_store *s, const struct pci_dev *pdev)
{
	spin_lock(&running_lock);
	running = s;
	running_on = pdev;
	spin_unlock(&running_lock);
}

static void ends(void)
{
	spin_lock(&running_lock);
	running = NULL;
	running_on = NULL;
	WRITE_ONCE(ended, ended + 1);
	spin_unlock(&running_lock);
	wake_up_all(&ended_queue);
}

/* What can be said without looking at the machine's devices. */
static int check(struct wcdiag_store *s)
{
	const struct wcdiag_km_store *r = &s->req;

	if (r->zero[0] || r->zero[1] || r->flags & ~(WCDIAG_KM_FORCE_BUSY | WCDIAG_KM_IRQS_OFF))
		return -EINVAL;
	if (r->bar >= PCI_STD_NUM_BARS || (r->type != WCDIAG_KM_WC && r->type != WCDIAG_KM_UCMINUS))
		return -EINVAL;
	if (!r->max_samples != !r->samples || r->offset % WCDIAG_STORE_LINE || r->offset + r->length < r->offset)
		return -EINVAL;
	if (wcdiag_store_begin(&s->walk, r->pattern, &s->lines, &s->gap, r->batch, r->messages, r->length))
		return -EINVAL;
	if (!wcdiag_store_function(r->pattern))
		return -EINVAL;
	if (r->length > WCDIAG_KM_STORE_MAX_LENGTH || r->max_samples > WCDIAG_KM_STORE_MAX_SAMPLES ||
	    r->messages > WCDIAG_KM_STORE_MAX_LINES * (u64)WCDIAG_STORE_LINE / s->walk.span)
		return -E2BIG;
	return wcdiag_store_cpu_has(r->pattern) ? 0 : -EOPNOTSUPP;
}

/* What the kernel remembers: the device is not asked. A device without a driver is mostly in no state that is known. */
static bool asleep(const struct pci_dev *pdev)
{
	pci_power_t now = READ_ONCE(pdev->current_state);

	return now == PCI_D1 || now == PCI_D2 || now == PCI_D3hot || now == PCI_D3cold;
}

/* The pages that the range lies in, as a MAP would name them: the same rules hold for both. */
static int find_pages(struct wcdiag_store *s, const struct pci_dev *pdev)
{
	const struct wcdiag_km_store *r = &s->req;
	struct wcdiag_km_map m = {
		.bar = r->bar,
		.offset = r->offset & PAGE_MASK,
		.length = PAGE_ALIGN(r->offset + r->length) - (r->offset & PAGE_MASK),
		.flags = r->flags & WCDIAG_KM_FORCE_BUSY,
	};
	int err;

	if (pdev->hdr_type != PCI_HEADER_TYPE_NORMAL)
		return -EOPNOTSUPP;
	err = wcdiag_place(pdev, &m, &s->phys);
	if (err)
		return err;
	if (asleep(pdev))
		return -EHOSTDOWN;
	s->size = m.length;
	s->inside = r->offset - m.offset;
	return 0;
}

/* Known as running before the driver is looked for: one that comes afterwards ends it. */
static int run_on(struct wcdiag_store *s, const struct pci_dev *pdev)
{
	int err;

	begins(s, pdev);
	err = find_pages(s, pdev);
	if (!err)
		err = wcdiag_store_map(s);
	if (!err) {
		wcdiag_store_run(s);
		iounmap(s->mapping);
	}
	ends();
	return err;
}

static int run(struct wcdiag_store *s)
{
	const struct wcdiag_km_store *r = &s->req;
	struct pci_dev *pdev;
	int err;

	if (mutex_lock_interruptible(&store_mutex))
		return -EINTR;
	pdev = r->domain <= INT_MAX ? pci_get_domain_bus_and_slot(r->domain, r->bus, r->devfn) : NULL;
	err = pdev ? run_on(s, pdev) : -ENODEV;
	pci_dev_put(pdev);
	mutex_unlock(&store_mutex);
	return err;
}

static int with_memory(struct wcdiag_store *s)
{
	struct wcdiag_km_store *r = &s->req;
	u32 at;
	int err = -ENOMEM;

	BUILD_BUG_ON(WCDIAG_STORE_MAX_LINES * WCDIAG_STORE_LINE > PAGE_SIZE);
	s->from = (void *)__get_free_page(GFP_KERNEL);
	s->samples = kvcalloc(max_t(u32, r->max_samples, 1), sizeof(*s->samples), GFP_KERNEL);
	if (s->from && s->samples) {
		for (at = 0; at < PAGE_SIZE; at += sizeof(r->data))
			memcpy(s->from + at, r->data, sizeof(r->data));
		err = run(s);
	}
	if (!err && copy_to_user(u64_to_user_ptr(r->samples), s->samples, r->nsamples * sizeof(*s->samples)))
		err = -EFAULT;
	kvfree(s->samples);
	free_page((unsigned long)s->from);
	return err;
}

/* Results begin at "done" and go on to the end. */
static void clear_results(struct wcdiag_km_store *r)
{
	r->done = r->cycles = r->entry = r->phys = 0;
	r->nsamples = r->every = r->cpu = r->moved = r->other = 0;
	r->level = r->slot = 0;
}

static int with_request(struct wcdiag_store *s, void __user *arg)
{
	int err;

	if (copy_from_user(&s->req, arg, sizeof(s->req)))
		return -EFAULT;
	clear_results(&s->req);
	s->lines = s->req.lines;
	s->gap = s->req.gap;
	err = check(s);
	if (!err)
		err = wcdiag_map_unlocked();
	if (!err)
		err = with_memory(s);
	if (!err && copy_to_user(arg, &s->req, sizeof(s->req)))
		err = -EFAULT;
	return err;
}

int wcdiag_store(void __user *arg)
{
	struct wcdiag_store *s;
	int err;

	if (!stores)
		return -EPERM;
	s = kvzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	err = with_request(s, arg);
	kvfree(s);
	return err;
}
