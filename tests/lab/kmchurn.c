// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmchurn.c - kmchurn SECONDS: walk processes whose page tables change all the time: memory mapped, split, collapsed
 * (MADV_COLLAPSE, khugepaged), protected, given back, shared; processes that end. And the kernel's own while mappings
 * of a device come and go. Counts what was done; that the kernel says nothing is looked at by the scenario.
 */
#include "kmtest.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define HUGE  (2UL << 20)
#define PLACE ((char *)0x100000000000)

static void nap(void)
{
	struct timespec t = { .tv_nsec = 300000 };

	nanosleep(&t, NULL);
}

/* Anonymous memory and a file in memory, both in large pages and not. */
static void churn_memory(const char *file, unsigned int seed)
{
	int fd = open(file, O_RDWR | O_CREAT, 0600);

	srand(seed);
	if (fd < 0 || ftruncate(fd, 4 * HUGE))
		die("%s", file);
	for (;;) {
		char *anon =
			mmap(PLACE, 4 * HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		char *shared = mmap(PLACE + 8 * HUGE, 4 * HUGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);

		if (anon == MAP_FAILED || shared == MAP_FAILED)
			die("mmap");
		madvise(anon, 4 * HUGE, rand() & 1 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
		for (size_t i = 0; i < 4 * HUGE; i += PAGE * (1 + (unsigned int)rand() % 8))
			anon[i] = 1, shared[i] = 1;
		nap();
		madvise(anon, 4 * HUGE, MADV_COLLAPSE);
		madvise(shared, 4 * HUGE, MADV_COLLAPSE);
		nap();
		mprotect(anon + HUGE / 2, HUGE, rand() & 1 ? PROT_NONE : PROT_READ);
		madvise(anon + 2 * HUGE + PAGE, HUGE, MADV_DONTNEED);
		madvise(shared, HUGE, MADV_DONTNEED);
		nap();
		munmap(anon + HUGE, HUGE);
		mremap(anon + 3 * HUGE, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, PLACE + 16 * HUGE);
		if (!(rand() & 3))
			fallocate(fd, 3 /* punch, keep size */, 0, 2 * HUGE);
		nap();
		munmap(PLACE, 20 * HUGE);
	}
}

/* Processes that are born, touch and end. */
static void churn_processes(void)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		if (!fork()) {
			char *at = mmap(PLACE, HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
					-1, 0);

			memset(at, 1, HUGE / 4);
			nap();
			_exit(0);
		}
		nap();
	}
}

static void churn_device(const char *slot)
{
	int fd = km_device();
	struct wcdiag_km_map m = { .bar = 2, .type = WCDIAG_KM_WC, .length = HUGE / 2 };
	unsigned int domain, bus, dev, fn;

	if (sscanf(slot, "%x:%x:%x.%x", &domain, &bus, &dev, &fn) != 4)
		die("slot");
	m.domain = domain;
	m.bus = (uint8_t)bus;
	m.devfn = (uint8_t)(dev << 3 | fn);
	for (;;) {
		void *at;

		if (try(fd, WCDIAG_KM_MAP, &m))
			die("MAP");
		at = mmap(NULL, m.length, PROT_READ, MAP_SHARED, fd, 0);
		nap();
		if (at != MAP_FAILED)
			munmap(at, m.length);
	}
}

static pid_t start(int what, const char *slot)
{
	pid_t child = fork();

	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	switch (what) {
	case 0:
	case 1:
		churn_memory(what ? "/tmp/churn.1" : "/dev/shm/churn.0", (unsigned int)what);
		break;
	case 2:
		churn_processes();
		break;
	default:
		churn_device(slot);
	}
	_exit(1);
}

static int newest_pid(void)
{
	static int fd = -1;
	char line[64] = "", *last;

	if (fd < 0)
		fd = open("/proc/loadavg", O_RDONLY);
	if (pread(fd, line, sizeof(line) - 1, 0) <= 0)
		die("/proc/loadavg");
	last = strrchr(line, ' ');
	return last ? atoi(last) : 1;
}

/* Neither order nor bounds nor kinds may suffer, whatever happens to the tables. */
static long walk_once(int fd, int pid, uint64_t end, long *gone, long *huge)
{
	static struct wcdiag_km_run run[1024];
	struct wcdiag_km_walk w = { .pid = pid,
				    .target = pid ? WCDIAG_KM_PROCESS : WCDIAG_KM_KERNEL,
				    .end = end,
				    .runs = (uintptr_t)run,
				    .max_runs = 1024,
				    .ignore = WCDIAG_KM_MAY_IGNORE };
	long runs = 0, idle = 0;

	if (!pid) {
		struct wcdiag_km_info i;

		ioctl(fd, WCDIAG_KM_INFO, &i);
		w.start = i.vmalloc_start;
		w.end = i.vmalloc_end;
		w.flags = WCDIAG_KM_SKIP_NONE;
	}
	while (w.start < w.end) {
		int err = try(fd, WCDIAG_KM_WALK, &w);

		if (err == ESRCH && pid) {
			(*gone)++;
			return runs;
		}
		if (err)
			die("WALK of %d", pid);
		for (unsigned int i = 0; i < w.nruns; i++) {
			if (run[i].start >= run[i].end || run[i].start < (i ? run[i - 1].end : w.start) ||
			    run[i].end > w.next)
				ok(false, "a run out of place: %llx-%llx", run[i].start, run[i].end), exit(1);
			*huge += run[i].level == 2 && run[i].kind == WCDIAG_KM_PRESENT;
		}
		runs += w.nruns;
		idle = w.next == w.start ? idle + 1 : 0;
		if (idle > 100)
			ok(false, "no progress at %llx", w.start), exit(1);
		w.start = w.next;
	}
	return runs;
}

int main(int argc, char **argv)
{
	int fd = km_device();
	long walks = 0, runs = 0, gone = 0, huge = 0;
	struct wcdiag_km_info i;
	double until;
	pid_t child[4];

	if (argc != 3 || try(fd, WCDIAG_KM_INFO, &i))
		return 2;
	for (int k = 0; k < 4; k++)
		child[k] = start(k, argv[2]);
	until = now() + atof(argv[1]);
	while (now() < until) {
		for (int k = 0; k < 4; k++, walks++)
			runs += walk_once(fd, child[k], i.user_end, &gone, &huge);
		/* The short-lived have the highest numbers; of some it comes too late. */
		for (int k = 0; k < 12; k++, walks++)
			runs += walk_once(fd, newest_pid() - k % 3, i.user_end, &gone, &huge);
		runs += walk_once(fd, 0, 0, &gone, &huge);
	}
	for (int k = 0; k < 4; k++) {
		ok(!kill(child[k], 0) && waitpid(child[k], NULL, WNOHANG) == 0, "process %d went on to the end", k);
		kill(child[k], SIGKILL);
		waitpid(child[k], NULL, 0);
	}
	unlink("/tmp/churn.1");
	unlink("/dev/shm/churn.0");
	ok(gone > 10 && huge > 10, "processes ended and large pages came meanwhile");
	ok(walks > 100 && runs > 1000, "%ld walks, %ld runs, %ld found no process, %ld large pages", walks, runs, gone,
	   huge);
	return failures != 0;
}
