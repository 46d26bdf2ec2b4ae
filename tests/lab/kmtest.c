// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmtest.c - try every call of the helper module, the refusals too: kmtest calls | walk | kernel | msr | nobody |
 * lockdown SLOT (writes integrity, then confidentiality: it cannot be taken back).
 */
#include "kmtest.h"

#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static struct wcdiag_km_info info_of(int fd)
{
	struct wcdiag_km_info i;

	memset(&i, 0xff, sizeof(i));
	wants(try(fd, WCDIAG_KM_INFO, &i), 0, "INFO");
	return i;
}

/* The same call as a 32-bit program makes it: the kernel's other entry. */
static int ioctl32(int fd, unsigned int cmd, void *arg)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(54L), "b"((long)fd), "c"((long)cmd), "d"(arg)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)-ret;
}

static void call_numbers(int fd)
{
	char big[4096] = "";
	struct wcdiag_km_info *low =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	wants(try(fd, _IO(WCDIAG_KM_IOC, 0xd0), big), ENOTTY, "INFO without its size");
	wants(try(fd, _IOWR(WCDIAG_KM_IOC, 0xd1, char[64]), big), ENOTTY, "WALK with another size");
	wants(try(fd, _IOW(WCDIAG_KM_IOC, 0xd4, struct wcdiag_km_map), big), ENOTTY, "a call that does not exist");
	wants(try(fd, 0x5401, big), ENOTTY, "a terminal's call");
	wants(try(fd, WCDIAG_KM_INFO, NULL), EFAULT, "INFO to no memory");
	wants(try(fd, WCDIAG_KM_WALK, (void *)-4096L), EFAULT, "WALK from the kernel's memory");
	wants(try(fd, WCDIAG_KM_MSR, (void *)0x1000), EFAULT, "MSR from no memory");
	wants(try(fd, WCDIAG_KM_MAP, (void *)(1L << 62)), EFAULT, "MAP from an address that cannot be");
	wants(ioctl32(fd, WCDIAG_KM_INFO, low), 0, "INFO as a 32-bit program asks");
	ok(low->abi == WCDIAG_KM_ABI, "the 32-bit program gets the same answer");
	wants(ioctl32(fd, _IO(WCDIAG_KM_IOC, 0xd0), low), ENOTTY, "an unknown call of a 32-bit program");
	munmap(low, PAGE);
}

static void calls(int fd)
{
	struct wcdiag_km_info i = info_of(fd);
	char flags[65536] = "";
	int cpuinfo = open("/proc/cpuinfo", O_RDONLY);
	bool la57;

	if (read(cpuinfo, flags, sizeof(flags) - 1) <= 0)
		die("/proc/cpuinfo");
	close(cpuinfo);
	la57 = strstr(flags, " la57");
	ok(i.abi == WCDIAG_KM_ABI && i.zero == 0 && i.caps == 7 && i.locked == 0, "INFO's fields");
	ok(i.levels == (la57 ? 5 : 4), "%u levels of page tables", i.levels);
	ok(i.kernel_start == (la57 ? 0xff00000000000000 : 0xffff800000000000), "the kernel's half starts at %#llx",
	   i.kernel_start);
	ok(i.user_end == (1ULL << (la57 ? 56 : 47)) - PAGE, "user space ends at %#llx", i.user_end);
	ok(i.vmalloc_start > i.kernel_start && i.vmalloc_end > i.vmalloc_start && i.vmalloc_end % PAGE == 0,
	   "vmalloc space is %#llx-%#llx", i.vmalloc_start, i.vmalloc_end);
	ok(memchr(i.version, 0, sizeof(i.version)) && i.version[0], "version %s", i.version);
	call_numbers(fd);
}

/* One field of a good WALK made wrong. */
static void bad_walks(int fd, const struct wcdiag_km_info *i)
{
	struct wcdiag_km_run run[4];
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	const struct wcdiag_km_walk good = {
		.target = WCDIAG_KM_PROCESS,
		.pid = getpid(),
		.start = (uintptr_t)page,
		.end = (uintptr_t)page + PAGE,
		.runs = (uintptr_t)run,
		.max_runs = 4,
	};
	struct wcdiag_km_walk w;
	pid_t child;

#define BAD(want, what, ...) (w = good, __VA_ARGS__, wants(try(fd, WCDIAG_KM_WALK, &w), want, what))
	BAD(0, "a good walk", (void)0);
	BAD(0, "an empty range", w.end = w.start);
	BAD(EINVAL, "padding that is not zero", w.zero = 1);
	BAD(EINVAL, "an unknown flag", w.flags = 4);
	BAD(EINVAL, "an unknown target", w.target = 2);
	BAD(EINVAL, "pid 0", w.pid = 0);
	BAD(EINVAL, "pid -1", w.pid = -1);
	BAD(EINVAL, "a start inside a page", w.start++);
	BAD(EINVAL, "an end inside a page", w.end--);
	BAD(EINVAL, "a range that runs backwards", w.end = w.start - PAGE);
	BAD(EINVAL, "no runs", w.max_runs = 0);
	BAD(EINVAL, "too many runs", w.max_runs = i->max_runs + 1);
	BAD(EINVAL, "ignoring the type", w.ignore = 0x18);
	BAD(EINVAL, "ignoring the frame", w.ignore = 0x1000);
	BAD(EINVAL, "a user range that ends in the hole", w.end = i->user_end + PAGE);
	BAD(EINVAL, "a user range up to the last page", w.end = ~0ULL - 4095);
	BAD(EINVAL, "the kernel with a pid", w.target = WCDIAG_KM_KERNEL, w.start = i->kernel_start,
	    w.end = w.start + PAGE);
	BAD(EINVAL, "the kernel below its half", w.target = WCDIAG_KM_KERNEL, w.pid = 0);
	BAD(EINVAL, "the kernel from the hole", w.target = WCDIAG_KM_KERNEL, w.pid = 0, w.start = 1ULL << 60,
	    w.end = ~0ULL - 4095);
	BAD(EFAULT, "runs to no memory", w.runs = 0x1000);
	BAD(EFAULT, "runs to the kernel", w.runs = i->kernel_start);
	BAD(EFAULT, "upper entries to no memory", w.upper = 8);
	BAD(ESRCH, "a process that is not", w.pid = 0x3fffff);
	BAD(ESRCH, "a pid that cannot be", w.pid = 0x7fffffff);
	BAD(ESRCH, "a kernel thread", w.pid = 2);
	child = fork();
	if (!child)
		_exit(0);
	usleep(200000);
	BAD(ESRCH, "a zombie", w.pid = child);
	waitpid(child, NULL, 0);
#undef BAD
	munmap(page, PAGE);
}

/* Every page of [at, at + pages) is in exactly one run, of this kind and level, with the frame that pagemap shows. */
static void expect(int fd, const char *what, const char *at, size_t pages, int kind, int level, int rights)
{
	struct walked w = walk(fd, getpid(), (uintptr_t)at, (uintptr_t)at + pages * PAGE, 0, WCDIAG_KM_MAY_IGNORE, 64);
	uint64_t next = (uintptr_t)at;
	size_t good = 0;

	for (unsigned int i = 0; i < w.n && w.runs[i].start == next; i++) {
		const struct wcdiag_km_run *r = &w.runs[i];

		next = r->end;
		for (uint64_t a = r->start; a < r->end; a += PAGE) {
			uint64_t phys = kind == WCDIAG_KM_NONE ? WCDIAG_KM_NO_PHYS : r->phys + (a - r->start);

			good += r->kind == kind && (!level || r->level == level) && r->rights == rights &&
				(kind == WCDIAG_KM_NONE ? r->phys == phys : pagemap_phys((void *)a) == phys);
		}
		if (r->kind != kind || r->rights != rights || (level && r->level != level))
			printf("# %llx-%llx entry %llx phys %llx level %u kind %u rights %u\n", r->start, r->end,
			       r->entry, r->phys, r->level, r->kind, r->rights);
	}
	ok(!w.err && good == pages && next == (uintptr_t)at + pages * PAGE, "%s: %zu of %zu pages", what, good, pages);
	walked_free(&w);
}

#define RWX_W (WCDIAG_KM_WRITE | WCDIAG_KM_USER | WCDIAG_KM_NX)
#define RWX_R (WCDIAG_KM_USER | WCDIAG_KM_NX)

static void huge_page(int fd)
{
	const size_t size = 2 << 20;
	char *all = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *at = (char *)(((uintptr_t)all + size - 1) & ~(size - 1));

	madvise(at, size, MADV_HUGEPAGE);
	memset(at, 1, size);
	expect(fd, "a transparent huge page", at, 512, WCDIAG_KM_PRESENT, 2, RWX_W);
	expect(fd, "the middle of a huge page", at + 5 * PAGE, 7, WCDIAG_KM_PRESENT, 2, RWX_W);
	mprotect(at, size, PROT_NONE);
	expect(fd, "a huge page under PROT_NONE", at, 512, WCDIAG_KM_PROTNONE, 2, WCDIAG_KM_NX * 0);
	munmap(all, 2 * size);

	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (!ok(at != MAP_FAILED, "a page of hugetlb"))
		return;
	expect(fd, "hugetlb, not touched", at, 512, WCDIAG_KM_NONE, 0, 0);
	memset(at, 1, size);
	expect(fd, "hugetlb", at, 512, WCDIAG_KM_PRESENT, 2, RWX_W);
	mprotect(at, size, PROT_NONE);
	expect(fd, "hugetlb under PROT_NONE", at, 512, WCDIAG_KM_PROTNONE, 2, 0);
	munmap(at, size);
}

/* A process that stands still. */
static void same_walk_cut(int fd)
{
	uint64_t end = info_of(fd).user_end, pages_a = 0, pages_b = 0;
	pid_t child = fork();
	struct walked a, b;

	if (!child) {
		pause();
		_exit(0);
	}
	usleep(300000);
	a = walk(fd, child, 0, end, 0, 0, 1024);
	b = walk(fd, child, 0, end, 0, 0, 1);
	for (unsigned int i = 0; i < a.n; i++)
		pages_a += (a.runs[i].end - a.runs[i].start) / PAGE;
	for (unsigned int i = 0; i < b.n; i++)
		pages_b += (b.runs[i].end - b.runs[i].start) / PAGE;
	ok(!a.err && !b.err && a.n > 20 && pages_a == pages_b && b.calls >= a.n,
	   "one run a call gives the same %llu pages (%u runs and %u, %u calls and %u)", (unsigned long long)pages_a,
	   a.n, b.n, a.calls, b.calls);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	walked_free(&a);
	walked_free(&b);
}

static void own(int fd)
{
	struct wcdiag_km_info i = info_of(fd);
	size_t pages = 600; /* more than one table */
	char *at = mmap(NULL, 2 * pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct wcdiag_km_walk one;
	struct wcdiag_km_run run;
	struct walked w;

	bad_walks(fd, &i);
	madvise(at, 2 * pages * PAGE, MADV_NOHUGEPAGE);
	memset(at, 1, pages * PAGE);
	expect(fd, "memory that was written", at, pages, WCDIAG_KM_PRESENT, 1, RWX_W);
	expect(fd, "memory that was never touched", at + pages * PAGE, pages, WCDIAG_KM_NONE, 0, 0);
	w = walk(fd, getpid(), (uintptr_t)at, (uintptr_t)at + 2 * pages * PAGE, WCDIAG_KM_SKIP_NONE,
		 WCDIAG_KM_MAY_IGNORE, 1024);
	ok(w.n && w.runs[w.n - 1].end == (uintptr_t)at + pages * PAGE, "without what is not there");
	ok(w.upper[0].entry[0] & 1 && w.upper[0].entry[1] & 1 && w.upper[0].entry[2] & 1 &&
		   (w.upper[0].entry[3] & 1) == (i.levels == 5),
	   "the entries above stand beside");
	walked_free(&w);
	w = walk(fd, getpid(), (uintptr_t)at, (uintptr_t)at + pages * PAGE, WCDIAG_KM_DEVICE, 0, 64);
	ok(!w.err && !w.n, "memory is no device");
	walked_free(&w);
	mprotect(at, pages * PAGE, PROT_READ);
	expect(fd, "read-only memory", at, pages, WCDIAG_KM_PRESENT, 1, RWX_R);
	mprotect(at, pages * PAGE, PROT_NONE);
	expect(fd, "memory under PROT_NONE", at, pages, WCDIAG_KM_PROTNONE, 1, 0);
	munmap(at, 2 * pages * PAGE);
	one = (struct wcdiag_km_walk){ .pid = getpid(),
				       .start = (uintptr_t)at,
				       .end = (uintptr_t)at + pages * PAGE,
				       .runs = (uintptr_t)&run,
				       .max_runs = 1 };
	ok(!try(fd, WCDIAG_KM_WALK, &one) && !one.nruns && one.next == one.end,
	   "memory that was given back is left out");
	huge_page(fd);
	same_walk_cut(fd);
}

/* "System RAM" of /proc/iomem: the pages that are RAM as a whole. */
static unsigned int read_ram(uint64_t (*ram)[2], unsigned int max)
{
	FILE *f = fopen("/proc/iomem", "r");
	char line[256];
	unsigned int n = 0;
	uint64_t a, b;

	while (f && n < max && fgets(line, sizeof(line), f))
		if (line[0] != ' ' && strstr(line, "System RAM") && sscanf(line, "%lx-%lx", &a, &b) == 2)
			ram[n][0] = (a + PAGE - 1) & ~(PAGE - 1), ram[n++][1] = (b + 1) & ~(PAGE - 1);
	if (f)
		fclose(f);
	return n;
}

static bool overlaps_ram(uint64_t (*ram)[2], unsigned int n, uint64_t start, uint64_t end)
{
	for (unsigned int i = 0; i < n; i++)
		if (start < ram[i][1] && end > ram[i][0])
			return true;
	return false;
}

/* Every page whose frame is no RAM is a device's: that of the local APIC must be among them, and no RAM. */
static void kernel(int fd)
{
	struct wcdiag_km_info i = info_of(fd);
	double from = now();
	struct walked all = walk(fd, 0, i.kernel_start, ~0ULL - 4095, WCDIAG_KM_SKIP_NONE, WCDIAG_KM_MAY_IGNORE, 1024),
		      dev;
	uint64_t ram[64][2], pages = 0, ram_pages = 0, apic = 0, wrong = 0, device = 0;
	unsigned int n = read_ram(ram, 64), unordered = 0, user = 0;

	ok(!all.err && all.n > 100 && n, "the whole of the kernel: %u runs, %u calls, %.2f s", all.n, all.calls,
	   now() - from);
	for (unsigned int k = 0; k < all.n; k++) {
		const struct wcdiag_km_run *r = &all.runs[k];

		unordered += r->start >= r->end || (k && r->start < r[-1].end);
		user += r->kind == WCDIAG_KM_PRESENT && (r->rights & WCDIAG_KM_USER) &&
			(r->start >> 12) != 0xffffffffff600;
		pages += (r->end - r->start) / PAGE;
		if (r->kind == WCDIAG_KM_PRESENT && overlaps_ram(ram, n, r->phys, r->phys + (r->end - r->start)))
			ram_pages += (r->end - r->start) / PAGE;
	}
	ok(!unordered, "the runs ascend");
	ok(!user, "nothing of it is the user's but the vsyscall page");
	from = now();
	dev = walk(fd, 0, i.kernel_start, ~0ULL - 4095, WCDIAG_KM_DEVICE, WCDIAG_KM_MAY_IGNORE, 1024);
	for (unsigned int k = 0; k < dev.n; k++) {
		const struct wcdiag_km_run *r = &dev.runs[k];

		apic += r->phys <= 0xfee00000 && 0xfee00000 < r->phys + (r->end - r->start);
		device += (r->end - r->start) / PAGE;
		if (r->kind != WCDIAG_KM_PRESENT || overlaps_ram(ram, n, r->phys, r->phys + (r->end - r->start))) {
			printf("# %llx-%llx phys %llx level %u kind %u\n", r->start, r->end, r->phys, r->level,
			       r->kind);
			wrong += r->level == 1;
		}
	}
	ok(!dev.err && dev.n && !wrong, "its devices: %u runs, %u calls, %.2f s, no RAM", dev.n, dev.calls,
	   now() - from);
	ok(apic, "the local APIC is among them");
	ok(device < pages && ram_pages && device + ram_pages >= pages,
	   "all others are RAM: %llu of %llu pages, %llu of devices", (unsigned long long)ram_pages,
	   (unsigned long long)pages, (unsigned long long)device);
	walked_free(&all);
	walked_free(&dev);

	from = now();
	dev = walk(fd, 0, i.vmalloc_start, i.vmalloc_end, WCDIAG_KM_DEVICE | WCDIAG_KM_SKIP_NONE, 0, 1024);
	ok(!dev.err && dev.n && now() - from < 2, "the devices in vmalloc space: %u runs, %.3f s", dev.n, now() - from);
	walked_free(&dev);
	dev = walk(fd, 0, ~0ULL - 8191, ~0ULL - 4095, 0, 0, 4);
	ok(!dev.err && dev.n == 1, "the last page but one");
	walked_free(&dev);
}

static void registers(int fd)
{
	static const uint32_t some[] = { 0x277, 0xfe, 0x2ff, 0x200, 0x20f, 0x250, 0x258, 0x259, 0x268, 0x26f };
	static const uint32_t never[] = { 0,	      0x10,	  0x1b,	      0x1ff,	  0x240,      0x24f,
					  0x251,      0x257,	  0x25a,      0x267,	  0x270,      0x276,
					  0x278,      0x2fe,	  0x300,      0x174,	  0xc0000080, 0xc0000082,
					  0xc0010011, 0xc001001b, 0xc0010130, 0xc0010132, 0xffffffff };
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	struct wcdiag_km_msr m;
	int same = 0, refused = 0, all = 0;

	for (int cpu = 0; cpu < cpus; cpu++) {
		char path[64];
		int msr;

		snprintf(path, sizeof(path), "/dev/cpu/%d/msr", cpu);
		msr = open(path, O_RDONLY);
		for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++, all++) {
			uint64_t v;
			bool read = pread(msr, &v, 8, some[i]) == 8;

			m = (struct wcdiag_km_msr){ .cpu = (unsigned int)cpu, .msr = some[i] };
			same += try(fd, WCDIAG_KM_MSR, &m) == (read ? 0 : EIO) && (!read || m.value == v);
		}
		close(msr);
	}
	ok(same == all, "%d of %d registers are what the msr device says", same, all);
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
		m = (struct wcdiag_km_msr){ .msr = never[i] };
		if (try(fd, WCDIAG_KM_MSR, &m) == EACCES)
			refused++;
		else
			printf("# %x was read\n", never[i]);
	}
	ok(refused == sizeof(never) / sizeof(*never), "%d registers beside them are refused", refused);
	m = (struct wcdiag_km_msr){ .cpu = (unsigned int)cpus, .msr = 0x277 };
	wants(try(fd, WCDIAG_KM_MSR, &m), ENXIO, "a CPU that is not there");
	m.cpu = ~0U;
	wants(try(fd, WCDIAG_KM_MSR, &m), ENXIO, "the last CPU number");
}

/* Every call and a mapping, on a descriptor that somebody privileged opened. */
static void all_refused(int fd, const char *who)
{
	static char buf[4096];
	int got[4] = {
		try(fd, WCDIAG_KM_INFO, buf),
		try(fd, WCDIAG_KM_WALK, buf),
		try(fd, WCDIAG_KM_MSR, buf),
		try(fd, WCDIAG_KM_MAP, buf),
	};
	void *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	ok(got[0] == EPERM && got[1] == EPERM && got[2] == EPERM && got[3] == EPERM, "%s: every call is EPERM", who);
	ok(at == MAP_FAILED && errno == EPERM, "%s: a mapping is EPERM", who);
	wants(try(fd, 0x12345678, buf), EPERM, "an unknown call is EPERM too");
}

static void drop(int cap)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d))
		die("capget");
	d[cap / 32].effective &= ~(1U << cap % 32);
	if (syscall(SYS_capset, &h, d))
		die("capset");
}

/* A child with fewer rights; its failures are ours. */
#define AS(setup, ...)                                                                                                 \
	do {                                                                                                           \
		pid_t child = (fflush(stdout), fork());                                                                \
		int status;                                                                                            \
		if (!child) {                                                                                          \
			failures = 0;                                                                                  \
			setup;                                                                                         \
			__VA_ARGS__;                                                                                   \
			_exit(failures != 0);                                                                          \
		}                                                                                                      \
		waitpid(child, &status, 0);                                                                            \
		failures += status != 0;                                                                               \
	} while (0)

static void become_nobody(void)
{
	if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
		die("setuid");
}

static void nobody(int fd)
{
	struct wcdiag_km_run run;
	struct wcdiag_km_walk w = { .start = 0x1000, .end = 0x2000, .runs = (uintptr_t)&run, .max_runs = 1 };
	struct stat st;

	ok(!stat("/dev/" WCDIAG_KM_NODE, &st) && (st.st_mode & 0777) == 0600 && !st.st_uid, "the node is root's alone");
	AS(become_nobody(), all_refused(fd, "nobody, a descriptor inherited"));
	AS(become_nobody(), ok(open("/dev/" WCDIAG_KM_NODE, O_RDWR) < 0 && errno == EACCES, "nobody cannot open it"));
	chmod("/dev/" WCDIAG_KM_NODE, 0666);
	AS(become_nobody(),
	   ok(open("/dev/" WCDIAG_KM_NODE, O_RDWR) < 0 && errno == EPERM, "nobody cannot open it, chmod or not"));
	chmod("/dev/" WCDIAG_KM_NODE, 0600);
	AS(drop(CAP_SYS_RAWIO), all_refused(fd, "root without CAP_SYS_RAWIO"));
	AS(if (unshare(CLONE_NEWUSER)) die("unshare"), all_refused(fd, "root of a user namespace of its own"));
	w.pid = 1;
	AS(drop(CAP_SYS_PTRACE), wants(try(fd, WCDIAG_KM_WALK, &w), EPERM, "another process without CAP_SYS_PTRACE"));
	AS((drop(CAP_SYS_PTRACE), w.pid = getpid()),
	   wants(try(fd, WCDIAG_KM_WALK, &w), 0, "oneself without CAP_SYS_PTRACE"));
	wants(try(fd, WCDIAG_KM_WALK, &w), 0, "another process with it");
}

static void lock(const char *mode)
{
	int f = open("/sys/kernel/security/lockdown", O_WRONLY);

	ok(write(f, mode, strlen(mode)) == (ssize_t)strlen(mode), "lockdown is now %s", mode);
	close(f);
}

static void locked(int fd, const char *mode, struct wcdiag_km_map *m, unsigned int bits, int walk_err, int map_err)
{
	struct wcdiag_km_info i = info_of(fd);
	struct wcdiag_km_run run;
	struct wcdiag_km_walk w = {
		.pid = getpid(), .start = (uintptr_t)&run & -PAGE, .runs = (uintptr_t)&run, .max_runs = 1
	};
	struct wcdiag_km_msr r = { .msr = 0x277 };
	void *at;

	w.end = w.start + PAGE;
	ok(i.locked == bits, "%s: INFO says what is locked (%u)", mode, i.locked);
	/* One MAP was made before. */
	at = mmap(NULL, m->length, PROT_READ, MAP_SHARED, fd, 0);
	ok(map_err ? at == MAP_FAILED && errno == map_err : at != MAP_FAILED, "%s: mmap of what was chosen before",
	   mode);
	if (at != MAP_FAILED)
		munmap(at, m->length);
	wants(try(fd, WCDIAG_KM_MAP, m), map_err, "MAP");
	wants(try(fd, WCDIAG_KM_WALK, &w), walk_err, "WALK of a process");
	w.target = WCDIAG_KM_KERNEL, w.pid = 0, w.start = i.vmalloc_start, w.end = w.start + PAGE;
	wants(try(fd, WCDIAG_KM_WALK, &w), walk_err, "WALK of the kernel");
	wants(try(fd, WCDIAG_KM_MSR, &r), 0, "MSR");
}

static void lockdown(int fd, const char *slot)
{
	struct wcdiag_km_map m = { .bar = 2, .type = WCDIAG_KM_WC, .length = PAGE };
	unsigned int bus, dev, fn;

	if (sscanf(slot, "%x:%x:%x.%x", &m.domain, &bus, &dev, &fn) != 4)
		die("slot");
	m.bus = (uint8_t)bus;
	m.devfn = (uint8_t)(dev << 3 | fn);
	wants(try(fd, WCDIAG_KM_MAP, &m), 0, "MAP");
	locked(fd, "not locked", &m, 0, 0, 0);
	lock("integrity");
	locked(fd, "integrity", &m, WCDIAG_KM_LOCKED_MAP, 0, EPERM);
	lock("confidentiality");
	locked(fd, "confidentiality", &m, WCDIAG_KM_LOCKED_MAP | WCDIAG_KM_LOCKED_WALK, EPERM, EPERM);
}

int main(int argc, char **argv)
{
	const char *what = argc >= 2 ? argv[1] : "";
	int fd = km_device();

	if (!strcmp(what, "calls"))
		calls(fd);
	else if (!strcmp(what, "walk"))
		own(fd);
	else if (!strcmp(what, "kernel"))
		kernel(fd);
	else if (!strcmp(what, "msr"))
		registers(fd);
	else if (!strcmp(what, "nobody"))
		nobody(fd);
	else if (!strcmp(what, "lockdown") && argc == 3)
		lockdown(fd, argv[2]);
	else
		return 2;
	return failures != 0;
}
