// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmmap.c - mappings of a BAR made by the helper module: kmmap types SLOT BAR | refuse SLOT BAR | busy SLOT BAR |
 * hold | driven | beside SLOT BAR: says "ready", looks again when it gets a line (the device is gone; has a driver; has
 * one and the mapping was forced), says "looked", and unmaps when it gets another.
 */
#include "kmtest.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>

static struct wcdiag_km_map bar; /* all of it */
static uint64_t phys;
static unsigned int pat[8];

static void read_pat(int fd)
{
	struct wcdiag_km_msr m = { .msr = 0x277 };

	if (try(fd, WCDIAG_KM_MSR, &m))
		die("PAT");
	for (int i = 0; i < 8; i++)
		pat[i] = m.value >> 8 * i & 7;
}

static void find_bar(const char *slot, int n)
{
	unsigned int domain, bus, dev, fn;
	uint64_t start = 0, end = 0, flags;
	char path[128];
	FILE *f;

	if (sscanf(slot, "%x:%x:%x.%x", &domain, &bus, &dev, &fn) != 4)
		die("slot %s", slot);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource", slot);
	f = fopen(path, "r");
	for (int i = 0; f && i <= n; i++)
		if (fscanf(f, "%lx %lx %lx", &start, &end, &flags) != 3)
			die("%s", path);
	if (!f)
		die("%s", path);
	fclose(f);
	phys = start;
	bar = (struct wcdiag_km_map){ .domain = domain,
				      .bus = (uint8_t)bus,
				      .devfn = (uint8_t)(dev << 3 | fn),
				      .bar = (uint8_t)n,
				      .type = WCDIAG_KM_WC,
				      .length = end - start + 1 };
}

static void *map(int fd, size_t length)
{
	return mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

/* The one run of the mapping, or none. */
static struct wcdiag_km_run run_of(int fd, const void *at, size_t length)
{
	struct walked w = walk(fd, getpid(), (uintptr_t)at, (uintptr_t)at + length, 0, WCDIAG_KM_MAY_IGNORE, 16);
	struct wcdiag_km_run r = { 0 };

	if (!w.err && w.n == 1)
		r = w.runs[0];
	walked_free(&w);
	return r;
}

static unsigned int type_of(const struct wcdiag_km_run *r)
{
	return pat[(r->entry >> (r->level == 1 ? 7 : 12) & 1) << 2 | (r->entry >> 3 & 3)];
}

static bool maps_has(uint64_t at, uint64_t offset)
{
	FILE *f = fopen("/proc/self/maps", "r");
	uint64_t start, end, off;
	char line[512];
	bool found = false;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &off) == 3 && start == at)
			found = off == offset && strstr(line, "/dev/wcdiag");
	if (f)
		fclose(f);
	return found;
}

static const unsigned int device_vma =
	WCDIAG_KM_VMA | WCDIAG_KM_VMA_PFNMAP | WCDIAG_KM_VMA_IO | WCDIAG_KM_VMA_SHARED | WCDIAG_KM_VMA_WRITE;

static void one_type(int fd, const char *name, unsigned int type, unsigned int flags, unsigned int want)
{
	struct wcdiag_km_map m = bar;
	struct wcdiag_km_run r;
	void *at;

	m.type = (uint8_t)type;
	m.flags = flags;
	if (!wants(try(fd, WCDIAG_KM_MAP, &m), 0, name))
		return;
	at = map(fd, m.length);
	if (!ok(at != MAP_FAILED, "%s: mmap (%s)", name, at == MAP_FAILED ? strerror(errno) : "done"))
		return;
	r = run_of(fd, at, m.length);
	ok(r.kind == WCDIAG_KM_PRESENT && r.phys == phys && r.end - r.start == m.length && r.vma == device_vma &&
		   r.rights == (WCDIAG_KM_WRITE | WCDIAG_KM_USER | WCDIAG_KM_NX),
	   "%s: one run, all of the BAR, entry %llx level %u", name, r.entry, r.level);
	ok(type_of(&r) == want, "%s: the entry's type is %u", name, type_of(&r));
	ok(maps_has((uintptr_t)at, phys), "%s: maps shows the physical address", name);
	ok(map(fd, m.length) == MAP_FAILED && errno == EINVAL, "%s: one mmap a MAP", name);
	munmap(at, m.length);
}

/* The region is not covered by a WC MTRR here: a request for WB becomes UC- by the kernel's rule, all others stay. */
static void types(int fd)
{
	struct wcdiag_km_map part = bar;
	struct wcdiag_km_run r;
	char *at;

	one_type(fd, "WC", WCDIAG_KM_WC, 0, 1);
	one_type(fd, "UC-", WCDIAG_KM_UCMINUS, 0, 7);
	one_type(fd, "UC", WCDIAG_KM_UC, 0, 0);
	one_type(fd, "WT, forced", WCDIAG_KM_WT, WCDIAG_KM_FORCE_TYPE, 4);
	one_type(fd, "WP, forced", WCDIAG_KM_WP, WCDIAG_KM_FORCE_TYPE, 5);
	one_type(fd, "WB, forced", WCDIAG_KM_WB, WCDIAG_KM_FORCE_TYPE, 7);

	part.offset = 3 * PAGE;
	part.length = 2 * PAGE;
	wants(try(fd, WCDIAG_KM_MAP, &part), 0, "a part");
	at = map(fd, part.length);
	r = run_of(fd, at, part.length);
	ok(r.phys == phys + part.offset && r.end - r.start == part.length, "a part is mapped where it lies");
	ok(maps_has((uintptr_t)at, phys + part.offset), "maps shows the part's address");
	munmap(at, part.length);
}

static void bad_maps(int fd)
{
	const struct wcdiag_km_map good = bar;
	struct wcdiag_km_map m;

#define BAD(want, what, ...) (m = good, __VA_ARGS__, wants(try(fd, WCDIAG_KM_MAP, &m), want, what))
	ok(map(fd, PAGE) == MAP_FAILED && errno == EINVAL, "mmap without MAP");
	BAD(EINVAL, "padding that is not zero", m.zero = 1);
	BAD(EINVAL, "an unknown flag", m.flags = 4);
	BAD(EINVAL, "BAR 6", m.bar = 6);
	BAD(EINVAL, "BAR 255", m.bar = 255);
	BAD(EINVAL, "type 2", m.type = 2);
	BAD(EINVAL, "type 3", m.type = 3);
	BAD(EINVAL, "type 8", m.type = 8);
	BAD(EACCES, "WT without force", m.type = WCDIAG_KM_WT);
	BAD(EACCES, "WP without force", m.type = WCDIAG_KM_WP);
	BAD(EACCES, "WB without force", m.type = WCDIAG_KM_WB);
	BAD(EINVAL, "no length", m.length = 0);
	BAD(EINVAL, "a length inside a page", m.length--);
	BAD(EINVAL, "an offset inside a page", m.offset = 64);
	BAD(EINVAL, "an offset behind the BAR", (m.offset = good.length, m.length = PAGE));
	BAD(EINVAL, "a length beyond the BAR", m.length += PAGE);
	BAD(EINVAL, "a length that wraps", (m.offset = PAGE, m.length = -PAGE));
	BAD(EINVAL, "an offset that wraps", (m.offset = -PAGE, m.length = 2 * PAGE));
	BAD(EINVAL, "a length that reaches RAM", m.length = 1ULL << 40);
	BAD(ENODEV, "another domain", m.domain = 1);
	BAD(ENODEV, "a domain that is a negative number", m.domain = ~0U);
	BAD(ENODEV, "a slot with nothing in it", m.devfn = 0xef);
	BAD(ENXIO, "a BAR that is not there", m.bar = 5);
	BAD(ENXIO, "the upper half of a 64-bit BAR", m.bar = 3);
	BAD(EINVAL, "a BAR smaller than a page", (m.bar = 0, m.length = PAGE));
	BAD(ENXIO, "a bridge's ports",
	    (m.devfn = 0x1f << 3 | 2, m.bar = 4, m.flags = WCDIAG_KM_FORCE_BUSY, m.length = PAGE));
#undef BAD
}

static void bad_mmaps(int fd)
{
	const size_t length = bar.length;

	wants(try(fd, WCDIAG_KM_MAP, &bar), 0, "MAP");
	ok(mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED && errno == EINVAL, "MAP_PRIVATE");
	ok(mmap(NULL, length, PROT_READ, MAP_SHARED, fd, PAGE) == MAP_FAILED && errno == EINVAL, "an offset");
	ok(map(fd, length - PAGE) == MAP_FAILED && errno == EINVAL, "shorter than MAP said");
	ok(map(fd, length + PAGE) == MAP_FAILED && errno == EINVAL, "longer than MAP said");
}

/* What would leave a reservation behind, on kernels up to 6.12. */
static void splits(int fd, char *at)
{
	const size_t length = bar.length;
	struct wcdiag_km_run before = run_of(fd, at, length), r;
	char *moved;

	ok(munmap(at, length / 2) && errno == EINVAL, "no munmap of the first half");
	ok(munmap(at + PAGE, PAGE) && errno == EINVAL, "no munmap of a page within");
	ok(mprotect(at + PAGE, PAGE, PROT_READ) && errno == EINVAL, "no mprotect of a part");
	ok(mremap(at, length, length - PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == EINVAL, "no mremap to less");
	ok(mremap(at, length, length + PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT, "no mremap to more");
	/* Linux 6.1 says ENOMEM. */
	ok(mmap(at, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED,
	   "no other mapping over a part");
	r = run_of(fd, at, length);
	ok(r.end - r.start == length && r.entry == before.entry, "after all these it is whole");

	ok(!mprotect(at, length, PROT_NONE), "all of it PROT_NONE");
	r = run_of(fd, at, length);
	ok(r.kind == WCDIAG_KM_PROTNONE && r.phys == phys && r.end - r.start == length &&
		   type_of(&r) == type_of(&before),
	   "PROT_NONE: the frame stands inverted, the type stays (entry %llx)", r.entry);
	ok(!mprotect(at, length, PROT_READ | PROT_WRITE), "and back");
	r = run_of(fd, at, length);
	ok(r.kind == WCDIAG_KM_PRESENT && r.phys == phys && type_of(&r) == type_of(&before), "it is as before");

	moved = mremap(at, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, at + (1L << 32));
	ok(moved == at + (1L << 32), "moved as a whole");
	r = run_of(fd, moved, length);
	ok(r.kind == WCDIAG_KM_PRESENT && r.phys == phys && r.end - r.start == length, "the moved mapping is whole");
	ok(!munmap(moved, length), "and unmapped");
}

static void forked(int fd, char *at)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (!child) {
		struct wcdiag_km_run r;
		struct wcdiag_km_walk w = { .pid = getpid(),
					    .start = (uintptr_t)at,
					    .end = (uintptr_t)at + bar.length,
					    .runs = (uintptr_t)&r,
					    .max_runs = 1 };

		_exit(try(fd, WCDIAG_KM_WALK, &w) || w.nruns);
	}
	waitpid(child, &status, 0);
	ok(status == 0, "a child does not inherit it");
}

static void refuse(int fd)
{
	char *at;

	bad_maps(fd);
	bad_mmaps(fd);
	at = map(fd, bar.length);
	if (!ok(at != MAP_FAILED, "what was refused can be mapped rightly afterwards"))
		return;
	forked(fd, at);
	splits(fd, at);
}

static void busy(int fd)
{
	struct wcdiag_km_map m = bar;
	void *at;

	wants(try(fd, WCDIAG_KM_MAP, &m), EBUSY, "a device with a driver");
	m.flags = WCDIAG_KM_FORCE_BUSY;
	wants(try(fd, WCDIAG_KM_MAP, &m), 0, "a device with a driver, forced");
	at = map(fd, m.length);
	ok(at != MAP_FAILED, "mapped beside its driver");
	munmap(at, m.length);
}

static sigjmp_buf back;

static void on_bus(int sig)
{
	(void)sig;
	siglongjmp(back, 1);
}

static bool faults(volatile char *at)
{
	signal(SIGBUS, on_bus);
	if (sigsetjmp(back, 1))
		return true;
	*at = 1;
	return false;
}

/* What becomes of a mapping when another program does something to the device; it says when that is done. */
static void hold(int fd, unsigned int flags, void (*look)(int fd, char *at))
{
	struct wcdiag_km_map m = bar;
	char line[16], *at;

	m.flags = flags;
	wants(try(fd, WCDIAG_KM_MAP, &m), 0, "MAP");
	at = map(fd, m.length);
	if (at == MAP_FAILED)
		die("mmap");
	ok(!faults(at), "the device can be reached");
	wants(try(fd, WCDIAG_KM_MAP, &m), 0, "MAP once more, for later");
	printf("ready\n");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(1);
	look(fd, at);
	printf("looked\n");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(1);
	munmap(at, m.length);
	printf("done\n");
}

static void taken_away(int fd, char *at, int why)
{
	struct wcdiag_km_run r = run_of(fd, at, bar.length);

	ok(r.kind == WCDIAG_KM_NONE && r.end - r.start == bar.length, "the entries were taken away");
	ok(faults(at), "an access is SIGBUS");
	ok(map(fd, bar.length) == MAP_FAILED && errno == why, "what was chosen before cannot be mapped any more");
	wants(try(fd, WCDIAG_KM_MAP, &bar), why, "MAP");
}

static void gone(int fd, char *at)
{
	taken_away(fd, at, ENODEV);
}

static void driven(int fd, char *at)
{
	taken_away(fd, at, EBUSY);
}

static void stayed(int fd, char *at)
{
	struct wcdiag_km_run r = run_of(fd, at, bar.length);

	ok(r.kind == WCDIAG_KM_PRESENT && r.phys == phys && r.end - r.start == bar.length, "the entries have stayed");
	ok(!faults(at), "the device can be reached as before");
}

int main(int argc, char **argv)
{
	int fd = km_device();

	if (argc != 4)
		return 2;
	read_pat(fd);
	find_bar(argv[2], atoi(argv[3]));
	if (!strcmp(argv[1], "types"))
		types(fd);
	else if (!strcmp(argv[1], "refuse"))
		refuse(fd);
	else if (!strcmp(argv[1], "busy"))
		busy(fd);
	else if (!strcmp(argv[1], "hold"))
		hold(fd, 0, gone);
	else if (!strcmp(argv[1], "driven"))
		hold(fd, 0, driven);
	else if (!strcmp(argv[1], "beside"))
		hold(fd, WCDIAG_KM_FORCE_BUSY, stayed);
	else
		return 2;
	return failures != 0;
}
