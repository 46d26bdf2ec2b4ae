/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * km.c - asks the helper module.
 *
 * The module is the kernel's, and yet no answer of it is believed unseen: a wrong one (another build, another driver
 * under the same name) must end in an error, not in a verdict or in a loop without end.
 */
#include "km.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "km/wcdiag_km.h"
#include "km_int.h"
#include "scan.h"

#define PAGE	     4096ULL
#define RUNS_AT_ONCE 4096	/* 200 KiB, with the entries above them 330 KiB */
#define MAX_RUNS     (4U << 20) /* no address space that anybody can look through has more */
#define MAX_IDLE     8		/* answers in a row that bring the walk no further */

/* A run is copied as it is. */
_Static_assert((int)PTE_CAN_WRITE == WCDIAG_KM_WRITE && (int)PTE_CAN_USER == WCDIAG_KM_USER &&
		       (int)PTE_CANNOT_EXEC == WCDIAG_KM_NX,
	       "rights");
_Static_assert((int)PTE_VMA == WCDIAG_KM_VMA && (int)PTE_VMA_PFNMAP == WCDIAG_KM_VMA_PFNMAP &&
		       (int)PTE_VMA_MIXEDMAP == WCDIAG_KM_VMA_MIXEDMAP && (int)PTE_VMA_IO == WCDIAG_KM_VMA_IO &&
		       (int)PTE_VMA_SHARED == WCDIAG_KM_VMA_SHARED && (int)PTE_VMA_WRITE == WCDIAG_KM_VMA_WRITE &&
		       (int)PTE_VMA_HUGETLB == WCDIAG_KM_VMA_HUGETLB,
	       "vma");
_Static_assert(PTE_NO_PHYS == WCDIAG_KM_NO_PHYS, "no physical address");

static const char load_it[] = "as root: make install-km, then modprobe wcdiag_km";
static const char as_root[] = "run as root, outside of containers (CAP_SYS_RAWIO, and CAP_SYS_PTRACE for a process)";

static int real_open(const char *path)
{
	/* Never for writing: what this client asks for changes nothing. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

static int real_ioctl(int fd, unsigned long request, void *arg)
{
	int rc;

	do {
		rc = ioctl(fd, request, arg);
	} while (rc < 0 && errno == EINTR);
	return rc < 0 ? -errno : rc;
}

static const struct km_ops real = { real_open, real_ioctl };
const struct km_ops *km_ops = &real;

static int missing(struct fact *f, int err, const char *why, const char *remedy)
{
	fact_missing(f, NULL, KM_PATH, err, remedy);
	if (why)
		snprintf(f->why, sizeof(f->why), "%s", why);
	return -err;
}

static int not_opened(struct fact *f, int err)
{
	switch (err) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return missing(f, err, "the helper module is not loaded", load_it);
	case EACCES:
	case EPERM:
		return missing(f, err, NULL, as_root);
	default:
		return missing(f, err, NULL, NULL);
	}
}

static bool sane(const struct wcdiag_km_info *i)
{
	return i->max_runs && (i->levels == 4 || i->levels == 5) && i->user_end && i->user_end < i->kernel_start &&
	       i->kernel_start <= i->vmalloc_start && i->vmalloc_start < i->vmalloc_end && i->user_end % PAGE == 0 &&
	       i->vmalloc_start % PAGE == 0 && i->vmalloc_end % PAGE == 0 && i->kernel_start % PAGE == 0 &&
	       memchr(i->version, 0, sizeof(i->version));
}

static int ask_info(struct km *k, struct fact *f)
{
	struct wcdiag_km_info i = { 0 };
	char why[120];
	int err = km_ops->ioctl(k->fd, WCDIAG_KM_INFO, &i);

	if (err == -EPERM || err == -EACCES)
		return missing(f, -err, NULL, as_root);
	if (err == -ENOTTY || err == -EINVAL || (!err && i.abi != WCDIAG_KM_ABI)) {
		snprintf(why, sizeof(why), "the module loaded is of another version of wcdiag (ABI %u, wanted %u)",
			 i.abi, WCDIAG_KM_ABI);
		return missing(f, EPROTO, i.abi ? why : "what is there is no helper module of this version of wcdiag",
			       "as root: rmmod wcdiag_km, then make install-km and modprobe wcdiag_km");
	}
	if (err)
		return missing(f, -err, NULL, NULL);
	if (!sane(&i))
		return missing(f, EPROTO, "the module says impossible things of itself",
			       "report it as a fault of wcdiag_km");
	k->caps = i.caps;
	k->locked = i.locked;
	k->levels = i.levels;
	k->user_end = i.user_end;
	k->kernel_start = i.kernel_start;
	k->vmalloc_start = i.vmalloc_start;
	k->vmalloc_end = i.vmalloc_end;
	k->max_runs = i.max_runs < RUNS_AT_ONCE ? i.max_runs : RUNS_AT_ONCE;
	scan_copy(k->version, sizeof(k->version), i.version, strlen(i.version));
	return 0;
}

int km_open(struct km *k, struct fact *f)
{
	int err;

	*k = (struct km){ .fd = km_ops->open(KM_PATH) };
	if (k->fd < 0) {
		err = -k->fd;
		k->fd = -1;
		return not_opened(f, err);
	}
	err = ask_info(k, f);
	if (err)
		km_close(k);
	else
		fact_known(f, KM_PATH);
	return err;
}

void km_close(struct km *k)
{
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
}

/* One answer's run, if it can be one of [at, next). */
static bool take_run(const struct wcdiag_km_run *in, const struct wcdiag_km_upper *up, uint64_t at, uint64_t next,
		     struct pte_run *r)
{
	bool leaf = in->kind == WCDIAG_KM_PRESENT || in->kind == WCDIAG_KM_PROTNONE;

	if (in->start < at || in->end <= in->start || in->end > next || (in->start | in->end) % PAGE)
		return false;
	if (in->kind >= PTE_KINDS || in->level < 1 || in->level > (leaf ? 3 : 5))
		return false;
	if (leaf != (in->phys != WCDIAG_KM_NO_PHYS) ||
	    (leaf && (in->phys % PAGE || in->phys > UINT64_MAX - (in->end - in->start))))
		return false;
	*r = (struct pte_run){ .start = in->start,
			       .end = in->end,
			       .raw = in->entry,
			       .phys = in->phys,
			       .differ = in->differ,
			       .level = in->level,
			       .kind = in->kind,
			       .rights = in->rights,
			       .vma = in->vma };
	if (up)
		memcpy(r->upper, up->entry, sizeof(r->upper));
	return true;
}

struct answer {
	struct wcdiag_km_run *run;
	struct wcdiag_km_upper *upper; /* NULL: not asked for */
};

/* One call: appends its runs and moves *at on. cut: *at is where an answer ended. */
static int walk_once(const struct km *k, struct wcdiag_km_walk *w, const struct answer *a, uint64_t *at, bool cut,
		     struct runs *out)
{
	struct pte_run r;
	uint64_t from = *at;
	int err;

	w->start = *at;
	w->next = 0;
	w->nruns = 0;
	err = km_ops->ioctl(k->fd, WCDIAG_KM_WALK, w);
	if (err)
		return err < 0 ? err : -EPROTO;
	if (w->nruns > w->max_runs || w->next < *at || w->next > w->end || w->next % PAGE)
		return -EPROTO;
	for (unsigned int i = 0; i < w->nruns; i++) {
		if (!take_run(&a->run[i], a->upper ? &a->upper[i] : NULL, from, w->next, &r))
			return -EPROTO;
		r.pid = w->pid;
		from = r.end;
		if (out->n >= MAX_RUNS)
			return -E2BIG;
		/* Only what the end of the answer before may have cut: neighbours of two VMAs stay two runs. */
		err = i || !cut ? runs_push(out, &r) : runs_join(out, &r, w->ignore);
		if (err)
			return err;
	}
	*at = w->next;
	return 0;
}

int km_walk(const struct km *k, int pid, uint64_t start, uint64_t end, unsigned int flags, struct runs *out)
{
	struct answer a = { .run = calloc(k->max_runs, sizeof(*a.run)),
			    .upper = flags & KM_UPPER ? calloc(k->max_runs, sizeof(*a.upper)) : NULL };
	struct wcdiag_km_walk w = {
		.target = pid ? WCDIAG_KM_PROCESS : WCDIAG_KM_KERNEL,
		.pid = pid,
		.end = end,
		.runs = (uintptr_t)a.run,
		.upper = (uintptr_t)a.upper,
		.ignore = flags & KM_EVERY ? 0 : PTE_A | PTE_D | PTE_SOFT,
		.max_runs = k->max_runs,
		.flags = (flags & KM_DEVICE ? WCDIAG_KM_DEVICE : 0) | (flags & KM_SKIP_NONE ? WCDIAG_KM_SKIP_NONE : 0),
	};
	bool cut = false;
	int err = 0, idle = 0;

	if (!a.run || ((flags & KM_UPPER) && !a.upper))
		err = -ENOMEM;
	else if (!(k->caps & WCDIAG_KM_CAP_WALK))
		err = -EOPNOTSUPP;
	else if (pid < 0 || start >= end || (start | end) % PAGE)
		err = -EINVAL;
	while (!err && start < end) {
		uint64_t before = start;

		err = walk_once(k, &w, &a, &start, cut, out);
		cut = true;
		idle = start > before ? 0 : idle + 1;
		if (!err && idle >= MAX_IDLE)
			err = -EAGAIN;
	}
	free(a.run);
	free(a.upper);
	return err;
}

int km_msr(const struct km *k, unsigned int cpu, uint32_t msr, uint64_t *value)
{
	struct wcdiag_km_msr m = { .cpu = cpu, .msr = msr };
	int err;

	if (!(k->caps & WCDIAG_KM_CAP_MSR))
		return -EOPNOTSUPP;
	err = km_ops->ioctl(k->fd, WCDIAG_KM_MSR, &m);
	if (err)
		return err < 0 ? err : -EPROTO;
	*value = m.value;
	return 0;
}

/* Lockdown can be raised at any time: what INFO said at the start may not be true any more. */
static unsigned int locked_now(const struct km *k)
{
	struct wcdiag_km_info i = { 0 };

	return km_ops->ioctl(k->fd, WCDIAG_KM_INFO, &i) ? k->locked : i.locked;
}

const char *km_walk_why(const struct km *k, int err, const char **remedy)
{
	*remedy = NULL;
	switch (err) {
	case EPERM:
	case EACCES:
		if (locked_now(k) & WCDIAG_KM_LOCKED_WALK) {
			*remedy = "boot without lockdown=confidentiality; until the next boot nothing lifts it";
			return "the kernel's lockdown (confidentiality) forbids to read page tables";
		}
		*remedy = as_root;
		return "not permitted to walk page tables";
	case ESRCH:
		return "the process has ended, or has no memory of its own";
	case EAGAIN:
		*remedy = "try again";
		return "the walk came no further: the page tables change faster than they can be read";
	case E2BIG:
		*remedy = "ask for a smaller range";
		return "more runs than can be kept";
	case EPROTO:
		*remedy = "report it as a fault of wcdiag_km";
		return "the module gave an impossible answer";
	case EOPNOTSUPP:
		*remedy = load_it;
		return "the module loaded cannot walk page tables";
	default:
		return strerrordesc_np(err) ? strerrordesc_np(err) : "unknown error";
	}
}
