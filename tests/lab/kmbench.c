// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmbench.c - kmbench SLOT BAR: pages a second of a batched walk, of one call a page, and of one pread of pagemap,
 * over the same pages: a process's memory whose frames lie scattered, so that nothing folds (the worst case); memory
 * as the kernel gave it; a mapping of a BAR. Each rate is the fastest of a few, taken in turn.
 */
#include "kmtest.h"

static int fd, pagemap;
static uint64_t *words;
static unsigned int nruns;
static struct wcdiag_km_run *runs;

static void batched(uintptr_t at, size_t pages)
{
	struct wcdiag_km_walk w = { .pid = getpid(), .start = at, .end = at + pages * PAGE, .max_runs = 1024 };

	nruns = 0;
	while (w.start < w.end) {
		w.runs = (uintptr_t)(runs + nruns);
		if (ioctl(fd, WCDIAG_KM_WALK, &w))
			die("WALK");
		nruns += w.nruns;
		w.start = w.next;
	}
}

static void single(uintptr_t at, size_t pages)
{
	for (size_t i = 0; i < pages; i++) {
		struct wcdiag_km_walk w = { .pid = getpid(),
					    .start = at + i * PAGE,
					    .end = at + (i + 1) * PAGE,
					    .runs = (uintptr_t)(runs + i),
					    .max_runs = 1 };

		if (ioctl(fd, WCDIAG_KM_WALK, &w))
			die("WALK");
	}
}

static void kernels_own(uintptr_t at, size_t pages)
{
	if (pread(pagemap, words, pages * 8, (off_t)(at / PAGE * 8)) != (ssize_t)(pages * 8))
		die("pagemap");
}

/* The fastest so far, in pages a second. */
static void once(void (*read)(uintptr_t, size_t), uintptr_t at, size_t pages, double *best)
{
	double from = now(), rate;

	read(at, pages);
	rate = (double)pages / (now() - from);
	if (rate > *best)
		*best = rate;
}

/* Pages in the runs of the last batched walk. */
static size_t covered(void)
{
	size_t n = 0;

	for (unsigned int i = 0; i < nruns; i++)
		n += (runs[i].end - runs[i].start) / PAGE;
	return n;
}

static void measure(const char *what, const void *at, size_t pages)
{
	double b = 0, p = 0, s = 0;

	for (int i = 0; i < 12; i++) {
		once(batched, (uintptr_t)at, pages, &b);
		once(kernels_own, (uintptr_t)at, pages, &p);
		if (i % 4 == 0)
			once(single, (uintptr_t)at, pages, &s);
	}
	batched((uintptr_t)at, pages);
	printf("%-28s %5zu pages %5u runs  batched %10.0f/s  one a call %8.0f/s  pagemap %10.0f/s\n", what, pages,
	       nruns, b, s, p);
	/* For people, and for "make bench": how fast a busy machine is proves nothing in a test. */
	printf("%s%s: batched is %.0f times one page a call (50 asked for)\n", b >= 50 * s ? "" : "TOO SLOW: ", what, b / s);
	printf("%s%s: batched is %.1f times a pread of pagemap (2 asked for)\n", b >= 2 * p ? "" : "TOO SLOW: ", what, b / p);
	ok(covered() == pages, "%s: the walk of %zu pages returned %zu", what, pages, covered());
}

/* Frames taken in one go lie side by side; every second of them, in another order, do not. */
static void *scattered(size_t pages)
{
	char *all = mmap(NULL, 2 * pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *at;

	madvise(all, 2 * pages * PAGE, MADV_NOHUGEPAGE);
	memset(all, 1, 2 * pages * PAGE);
	for (size_t i = 0; i < pages; i++)
		madvise(all + (2 * i + 1) * PAGE, PAGE, MADV_DONTNEED);
	at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise(at, pages * PAGE, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < pages; i++)
		at[(i * 7919 % pages) * PAGE] = 1;
	return at;
}

int main(int argc, char **argv)
{
	struct wcdiag_km_map m = { .type = WCDIAG_KM_WC };
	unsigned int dev, fn, bus;
	size_t pages = 8192;
	uint64_t start, end, flags;
	char path[128];
	FILE *f;
	void *at;

	if (argc != 3 || sscanf(argv[1], "%x:%x:%x.%x", &m.domain, &bus, &dev, &fn) != 4)
		return 2;
	m.bus = (uint8_t)bus;
	m.devfn = (uint8_t)(dev << 3 | fn);
	m.bar = (uint8_t)atoi(argv[2]);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource", argv[1]);
	f = fopen(path, "r");
	for (int i = 0; i <= m.bar; i++)
		if (!f || fscanf(f, "%lx %lx %lx", &start, &end, &flags) != 3)
			die("%s", path);
	m.length = end - start + 1;
	fd = km_device();
	pagemap = open("/proc/self/pagemap", O_RDONLY);
	words = malloc(pages * 8);
	runs = malloc((pages + 1024) * sizeof(*runs));
	memset(words, 1, pages * 8);
	memset(runs, 1, (pages + 1024) * sizeof(*runs));
	measure("memory, frames scattered", scattered(pages), pages);
	at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise(at, pages * PAGE, MADV_NOHUGEPAGE);
	memset(at, 1, pages * PAGE);
	measure("memory, as it came", at, pages);
	if (ioctl(fd, WCDIAG_KM_MAP, &m))
		die("MAP");
	at = mmap(NULL, m.length, PROT_READ, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		die("mmap");
	if (m.length / PAGE < pages)
		pages = m.length / PAGE;
	measure("a BAR", at, pages);
	return failures != 0;
}
