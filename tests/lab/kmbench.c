// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmbench.c - kmbench SLOT BAR: pages a second of a batched walk, of one call a page, and of one pread of pagemap, over the same
 * pages: RAM whose frames lie scattered, so that nothing folds, and a mapping of a BAR. One line each:
 *     ram pages 16384 runs 16384 batched 1234567 single 12345 pagemap 456789
 * Under a fresh memory group every page is its own; the frames are scattered by taking every other page of twice as much.
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
		struct wcdiag_km_walk w = { .pid = getpid(), .start = at + i * PAGE, .end = at + (i + 1) * PAGE,
					    .runs = (uintptr_t)(runs + i), .max_runs = 1 };

		if (ioctl(fd, WCDIAG_KM_WALK, &w))
			die("WALK");
	}
}

static void kernels_own(uintptr_t at, size_t pages)
{
	if (pread(pagemap, words, pages * 8, (off_t)(at / PAGE * 8)) != (ssize_t)(pages * 8))
		die("pagemap");
}

/* Pages a second of the fastest of a few. */
static double rate(void (*read)(uintptr_t, size_t), uintptr_t at, size_t pages, int times)
{
	double best = 1e9;

	for (int i = 0; i < times; i++) {
		double from = now(), took;

		read(at, pages);
		took = now() - from;
		if (took < best)
			best = took;
	}
	return (double)pages / best;
}

static void measure(const char *what, void *at, size_t pages)
{
	uintptr_t a = (uintptr_t)at;
	double b = rate(batched, a, pages, 9), p = rate(kernels_own, a, pages, 9), s = rate(single, a, pages, 3);

	batched(a, pages);
	printf("%s pages %zu runs %u batched %.0f single %.0f pagemap %.0f, %.1f times single, %.1f times pagemap\n", what, pages,
	       nruns, b, s, p, b / s, b / p);
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
	measure("ram", scattered(pages), pages);
	if (ioctl(fd, WCDIAG_KM_MAP, &m))
		die("MAP");
	at = mmap(NULL, m.length, PROT_READ, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		die("mmap");
	if (m.length / PAGE < pages)
		pages = m.length / PAGE;
	measure("bar", at, pages);
	return 0;
}
