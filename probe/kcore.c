// SPDX-License-Identifier: GPL-2.0-or-later
/* kcore.c - opens what the kcore reader reads on this machine, says why not, and proves it on its own memory. */
#include "kcore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iomem.h"
#include "kcore_int.h"
#include "km.h"
#include "scan.h"
#include "src.h"

static const char as_root[] = "run as root, outside of containers (CAP_SYS_RAWIO)";
static const char by_module[] = "as root: make install-km, then modprobe wcdiag_km";

static int missing(struct fact *f, const char *where, int err, const char *why, const char *remedy)
{
	fact_missing(f, NULL, where, err, remedy);
	if (why)
		snprintf(f->why, sizeof(f->why), "%s", why);
	return -err;
}

static int not_opened(struct fact *f, int err)
{
	if (err == ENOENT)
		return missing(f, KCORE_PATH, err, "this kernel has none (CONFIG_PROC_KCORE)", by_module);
	if ((err == EPERM || err == EACCES) && kcore_file_has("/sys/kernel/security/lockdown", "[confidentiality]"))
		return missing(f, KCORE_PATH, err,
			       "the kernel's lockdown (confidentiality) forbids to read kernel memory",
			       "boot without lockdown=confidentiality; until the next boot nothing lifts it");
	if (err == EPERM || err == EACCES)
		return missing(f, KCORE_PATH, err, NULL, as_root);
	return missing(f, KCORE_PATH, err, NULL, by_module);
}

static int read_image(struct kcore *k, struct fact *f)
{
	size_t len = 65536, need = 0;
	uint8_t *head = NULL;
	const char *what;
	int err = -EAGAIN;

	for (int i = 0; i < 4 && err == -EAGAIN; i++) {
		uint8_t *p = realloc(head, len);

		if (!p) {
			free(head);
			return missing(f, KCORE_PATH, ENOMEM, NULL, NULL);
		}
		head = p;
		err = kcore_read_at(k->fd, head, len, 0);
		if (err == -EFAULT || (!err && len > KCORE_MAX_HEAD)) {
			/* A container often has /dev/null in its place. */
			free(head);
			return missing(f, KCORE_PATH, ENODATA, "it is empty: hidden from this container?", as_root);
		}
		if (err)
			break;
		err = kcore_image_parse(head, len, &k->image, &need, &what);
		len = need > len ? need : len;
	}
	free(head);
	if (err == -EBADMSG)
		return missing(f, KCORE_PATH, EBADMSG, what, by_module);
	return err ? missing(f, KCORE_PATH, -err, NULL, by_module) : 0;
}

/* Of the running kernel, which stays the same: read once, for whoever comes by again and again. */
static int read_layout(struct kcore *k, struct fact *f)
{
	static struct kcore_layout known;
	static bool is_known;
	const char *what = NULL;
	char *btf;
	size_t len;
	int err;

	if (is_known) {
		k->layout = known;
		return 0;
	}
	err = kcore_read_all(KCORE_BTF_PATH, &btf, &len);
	if (err)
		return missing(f, KCORE_BTF_PATH, -err,
			       err == -ENOENT ? "this kernel has no type information (CONFIG_DEBUG_INFO_BTF)" : NULL,
			       by_module);
	err = kcore_layout_from_btf(btf, len, &k->layout, &what);
	free(btf);
	if (err)
		return missing(f, KCORE_BTF_PATH, -err, what,
			       err == -ENOPKG ? "install libbpf1; or, as root: make install-km, then modprobe wcdiag_km"
					      : by_module);
	known = k->layout;
	is_known = true;
	return 0;
}

/* What tells apart the entries of this machine, and is no part of its tables. */
static int read_kind(struct kcore *k, struct fact *f)
{
	struct src *s;
	struct iomem m = { 0 };
	int err;

	if (kcore_file_has("/sys/hypervisor/guest_type", "PV\n") &&
	    !kcore_file_has("/sys/hypervisor/guest_type", "PVH"))
		return missing(f, KCORE_PATH, EOPNOTSUPP, "a Xen PV guest's entries hold the hypervisor's frames",
			       by_module);
	if (kcore_file_has("/proc/cpuinfo", " tdx_guest"))
		return missing(f, KCORE_PATH, EOPNOTSUPP,
			       "which bit of an entry is no address in a TDX guest is not told", by_module);
	k->mem.pti = kcore_file_has("/proc/cpuinfo", " pti ") || kcore_file_has("/proc/cpuinfo", " pti\n");
	k->mem.frames = ((1ULL << 52) - 1) & ~(KCORE_PAGE - 1) & ~k->image.sme_mask;
	err = src_open_live(&s);
	if (err)
		return missing(f, "/proc/iomem", -err, NULL, NULL);
	err = iomem_read(s, &m);
	src_close(s);
	if (!err)
		err = kcore_ram_from(&m, &k->ram);
	else
		*f = m.fact;
	iomem_free(&m);
	if (!err && !k->ram.nram)
		return missing(f, "/proc/iomem", ENODATA, "it shows no RAM", as_root);
	return err;
}

/* The number of this thread, and of this process, as /proc shows them. */
static bool own_numbers(int *pid, int *tid)
{
	char link[64];
	ssize_t n = readlink("/proc/thread-self", link, sizeof(link) - 1);

	if (n <= 0)
		return false;
	link[n] = 0;
	return sscanf(link, "%d/task/%d", pid, tid) == 2;
}

/* The page of a variable of this program: its frame by the tables, and by the kernel's own word. */
static bool frame_agrees(const struct kcore *k, int pid)
{
	static volatile char here = 1;
	uint64_t at = (uint64_t)(uintptr_t)&here & ~(KCORE_PAGE - 1), value = 0;
	struct runs l = { 0 };
	bool same = false;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	for (int i = 0; i < 4 && !same && fd >= 0; i++) {
		here++;
		if (kcore_read_at(fd, &value, sizeof(value), at / KCORE_PAGE * sizeof(value)))
			break;
		l.n = 0;
		if (!kcore_walk_process(k, pid, at, at + KCORE_PAGE, 0, &l) && l.n == 1)
			same = l.r[0].kind == PTE_PRESENT && value >> 63 &&
			       (value & ((1ULL << 55) - 1)) == l.r[0].phys / KCORE_PAGE;
	}
	runs_free(&l);
	if (fd >= 0)
		close(fd);
	return same;
}

static int prove(struct kcore *k, struct fact *f)
{
	static const char not_so[] =
		"what it shows of this program is not so: the type information is of another kernel?";
	int pid, tid;
	struct kcore_who w;
	uint64_t ticks, mm;
	char *text;
	size_t len;

	if (!own_numbers(&pid, &tid))
		return missing(f, "/proc/thread-self", ENOENT, NULL, NULL);
	/* A number would mean one process to this program, and another to who looks it up in /proc. */
	if (pid != getpid() || tid != gettid())
		return missing(f, "/proc", EXDEV, "it is another PID namespace's, not this program's",
			       "mount the namespace's own: unshare --pid --fork --mount-proc, or run it outside");
	k->ns = kcore_own_ns(&k->mem, &k->layout, tid);
	if (!k->ns || kcore_find(&k->mem, &k->layout, k->ns, pid, &w) ||
	    (uint64_t)k->layout.task_mm + 8 > k->image.task_len)
		return missing(f, KCORE_PATH, EPROTO, not_so, by_module);
	memcpy(&mm, k->image.task + k->layout.task_mm, sizeof(mm));
	if (mm != w.mm || kcore_read_all("/proc/self/stat", &text, &len))
		return missing(f, KCORE_PATH, EPROTO, not_so, by_module);
	if (kcore_start_of(text, len, &ticks))
		k->shift = (long long)ticks - (long long)(w.start / 10000000);
	free(text);
	return frame_agrees(k, pid) ? 0 : missing(f, KCORE_PATH, EPROTO, not_so, by_module);
}

static int open_all(struct kcore *k, struct fact *f)
{
	int err;

	k->fd = open(KCORE_PATH, O_RDONLY | O_CLOEXEC);
	if (k->fd < 0)
		return not_opened(f, errno);
	k->flags_fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	err = read_image(k, f);
	if (!err)
		err = read_layout(k, f);
	if (!err)
		err = read_kind(k, f);
	if (err)
		return err;
	k->user_end = (1ULL << (k->image.levels == 5 ? 56 : 47)) - KCORE_PAGE;
	k->kernel_start = UINT64_MAX << (k->image.levels == 5 ? 56 : 47);
	if (!kcore_image_vmalloc(&k->image, &k->vmalloc_start, &k->vmalloc_end))
		return missing(f, KCORE_PATH, EBADMSG, "where the kernel puts its ioremaps is not told", by_module);
	return prove(k, f);
}

int kcore_open(struct kcore **out, struct fact *f)
{
	struct kcore *k = calloc(1, sizeof(*k));
	int err;

	*out = NULL;
	if (!k)
		return missing(f, KCORE_PATH, ENOMEM, NULL, NULL);
	k->fd = k->flags_fd = -1;
	k->proc = kcore_live_proc;
	k->mem = (struct kcore_mem){
		.image = &k->image, .read = kcore_live_read, .page_flags = kcore_live_flags, .ctx = k
	};
	err = open_all(k, f);
	if (err) {
		kcore_close(k);
		return err;
	}
	fact_known(f, KCORE_PATH);
	*out = k;
	return 0;
}

void kcore_close(struct kcore *k)
{
	if (!k)
		return;
	if (k->fd >= 0)
		close(k->fd);
	if (k->flags_fd >= 0)
		close(k->flags_fd);
	kcore_image_free(&k->image);
	kcore_ram_free(&k->ram);
	free(k);
}

void kcore_say(const struct kcore *k, struct kcore_says *out)
{
	*out = (struct kcore_says){ .levels = k->image.levels,
				    .user_end = k->user_end,
				    .kernel_start = k->kernel_start,
				    .vmalloc_start = k->vmalloc_start,
				    .vmalloc_end = k->vmalloc_end };
	scan_copy(out->release, sizeof(out->release), k->image.release, strlen(k->image.release));
}

int kcore_walk(const struct kcore *k, int pid, uint64_t start, uint64_t end, unsigned int flags, struct runs *out)
{
	size_t from = out->n;
	int err;

	if (pid < 0 || start >= end || (start | end) % KCORE_PAGE || (pid && end > k->user_end) ||
	    (!pid && start < k->kernel_start))
		return -EINVAL;
	err = pid ? kcore_walk_process(k, pid, start, end, flags, out) : kcore_walk_kernel(k, start, end, flags, out);
	if (err == -ESRCH)
		out->n = from;
	return err;
}

const char *kcore_walk_why(int err, const char **remedy)
{
	*remedy = NULL;
	switch (err) {
	case EPERM:
	case EACCES:
		*remedy = "run as root, outside of containers (CAP_SYS_RAWIO, and CAP_SYS_PTRACE for a process)";
		return "its mappings may not be read";
	case ESRCH:
		return "the process has ended, or has no memory of its own";
	case EAGAIN:
		*remedy = "try again; or, as root: make install-km, then modprobe wcdiag_km, which can hold it still";
		return "it changes faster than it can be read from outside";
	case E2BIG:
		*remedy = "ask for a smaller range";
		return "more runs than can be kept";
	case EIO:
	case EFAULT:
		*remedy = by_module;
		return "/proc/kcore does not deliver a page table that an entry leads to";
	case EPROTO:
	case EBADMSG:
		*remedy = by_module;
		return "what /proc/kcore shows is impossible";
	default:
		return strerrordesc_np(err) ? strerrordesc_np(err) : "unknown error";
	}
}
