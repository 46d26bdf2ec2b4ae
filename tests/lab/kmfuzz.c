// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmfuzz.c - kmfuzz CALLS SEED [nobody]: random calls with random structures, half of them nearly right. No answer
 * may be out of bounds, no error one that the interface does not know; that the kernel says nothing is looked at by
 * the scenario.
 */
#include "kmtest.h"

#include <grp.h>

static uint64_t state;

static uint64_t rnd(void) /* xorshift64* */
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dULL;
}

static bool one_in(unsigned int n)
{
	return rnd() % n == 0;
}

/* Numbers at which programs err. */
static uint64_t odd(void)
{
	static const uint64_t n[] = {
		0,
		1,
		7,
		8,
		64,
		4095,
		4096,
		4097,
		1 << 20,
		1U << 31,
		~0U,
		1ULL << 32,
		0x7ffffffff000,
		0x800000000000,
		0xffff800000000000,
		0xff00000000000000,
		0xffffffff81000000,
		0xffffffffff600000,
		0xfffffffffffff000,
		0xfffffffffffffff8,
		~0ULL,
		0x8000000000000000,
		0xfee00000,
		0xfe000000,
	};

	return one_in(3) ? rnd() >> rnd() % 64 : n[rnd() % (sizeof(n) / sizeof(*n))];
}

#define RUNS 1024
static struct wcdiag_km_info info;
typedef struct wcdiag_km_upper upper_entries;
static char *buffer, *upper; /* each ends at a page that is not there */
static int fd;

static char *guarded(size_t size)
{
	size_t all = (size + PAGE - 1) & ~(PAGE - 1);
	char *p = mmap(NULL, all + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + all, PAGE, PROT_NONE))
		die("memory");
	return p + all - size;
}

static uint64_t pointer(char *good, size_t size, size_t each)
{
	switch (rnd() % 16) {
	case 0:
		return odd();
	case 1:
		return (uintptr_t)good + size - each / 2; /* runs into the hole */
	case 2:
		return (uintptr_t)good + rnd() % size;
	default:
		return (uintptr_t)good;
	}
}

static void check_walk(const struct wcdiag_km_walk *in, const struct wcdiag_km_walk *w)
{
	const struct wcdiag_km_run *r = (const void *)(uintptr_t)w->runs;
	bool bad = w->nruns > in->max_runs || w->next < in->start || w->next > in->end;

	for (unsigned int i = 0; !bad && in->runs == (uintptr_t)buffer && i < w->nruns; i++)
		bad = r[i].start >= r[i].end || r[i].start < (i ? r[i - 1].end : in->start) || r[i].end > in->end ||
		      r[i].zero || r[i].kind > WCDIAG_KM_OTHER || r[i].level < 1 || r[i].level > info.levels ||
		      r[i].rights > 7 || (r[i].differ & ~in->ignore);
	if (bad) {
		ok(false, "an impossible answer: %#llx-%#llx target %u pid %d flags %u: nruns %u next %#llx", in->start,
		   in->end, in->target, in->pid, in->flags, w->nruns, w->next);
		exit(1);
	}
}

static int call_walk(void)
{
	struct wcdiag_km_walk w = {
		.target = one_in(20) ? (unsigned int)odd() : rnd() & 1,
		.flags = one_in(20) ? (unsigned int)odd() : rnd() & 3,
		.max_runs = one_in(20) ? (unsigned int)odd() : 1 + (unsigned int)(rnd() % (one_in(8) ? RUNS : 16)),
		.runs = pointer(buffer, RUNS * sizeof(struct wcdiag_km_run), sizeof(struct wcdiag_km_run)),
		.upper = one_in(2) ? 0 : pointer(upper, RUNS * sizeof(upper_entries), sizeof(upper_entries)),
		.ignore = one_in(4) ? odd() : one_in(2) ? 0 : WCDIAG_KM_MAY_IGNORE,
		.zero = one_in(50),
	}, in;
	int err;

	if (w.target == WCDIAG_KM_PROCESS)
		w.pid = one_in(8) ? (int)odd() : one_in(2) ? getpid() : (int)(rnd() % 200);
	else
		w.pid = one_in(20);
	switch (one_in(200) ? 3 : rnd() % 3) {
	case 0:
		w.start = odd();
		w.end = odd();
		break;
	case 1:
		w.start = w.target ? info.vmalloc_start + (rnd() % (1 << 20)) * PAGE : (uintptr_t)buffer & -PAGE;
		w.end = w.start + (rnd() % 64) * PAGE;
		break;
	case 2:
		w.start = w.target ? info.kernel_start + (rnd() >> 8) % -info.kernel_start : rnd() % info.user_end;
		w.start &= -PAGE;
		w.end = w.start + (PAGE << rnd() % 40);
		break;
	case 3:
		w.start = w.target ? info.kernel_start : 0;
		w.end = w.target ? ~0ULL - 4095 : info.user_end;
		w.flags |= one_in(4) ? 0 : WCDIAG_KM_DEVICE | WCDIAG_KM_SKIP_NONE;
		break;
	}
	in = w;
	err = try(fd, WCDIAG_KM_WALK, &w);
	if (!err)
		check_walk(&in, &w);
	return err;
}

static int call_msr(void)
{
	struct wcdiag_km_msr m = {
		.cpu = one_in(4) ? (unsigned int)odd() : rnd() & 1,
		.msr = one_in(4) ? (unsigned int)odd() : 0x200 + (unsigned int)(rnd() & 0xff),
	};

	return try(fd, WCDIAG_KM_MSR, &m);
}

static int call_map(void)
{
	struct wcdiag_km_map m = {
		.domain = one_in(10) ? (unsigned int)odd() : 0,
		.bus = one_in(4) ? (uint8_t)rnd() : 0,
		.devfn = (uint8_t)(rnd() % 5 << 3 | one_in(10)),
		.bar = (uint8_t)(rnd() % (one_in(10) ? 256 : 6)),
		.type = (uint8_t)(rnd() % (one_in(10) ? 256 : 8)),
		.offset = one_in(2) ? 0 : odd() & (one_in(4) ? ~0ULL : -PAGE),
		.length = one_in(2) ? PAGE : odd() & (one_in(4) ? ~0ULL : -PAGE),
		.flags = one_in(10) ? (unsigned int)odd() : rnd() & 3,
		.zero = one_in(50),
	};
	int err = try(fd, WCDIAG_KM_MAP, &m);
	void *at;

	/* Memory is only reserved for it, and nothing is touched: the device at hand knows nothing of this. */
	if (one_in(2)) {
		size_t length = one_in(8) ? PAGE << rnd() % 12 : m.length;

		at = mmap(NULL, length, (int)(rnd() & 7), (one_in(8) ? MAP_PRIVATE : MAP_SHARED) | MAP_NORESERVE, fd,
			  one_in(8) ? 4096 : 0);
		if (at != MAP_FAILED) {
			if (one_in(8))
				mprotect(at, PAGE << rnd() % 4, (int)(rnd() & 7));
			munmap(at, length);
		}
	}
	return err;
}

static int call_raw(void)
{
	static unsigned long bytes[64];
	unsigned long cmd =
		one_in(4) ? rnd() : _IOC(rnd() & 3, WCDIAG_KM_IOC, 0xd0 + rnd() % 6, one_in(2) ? 72 : rnd() % 128);

	for (int i = 0; i < 64; i++)
		bytes[i] = one_in(2) ? 0 : odd();
	return try(fd, cmd, one_in(8) ? (void *)odd() : bytes);
}

static int call_info(void)
{
	return try(fd, WCDIAG_KM_INFO, (void *)pointer(buffer, PAGE, sizeof(info)));
}

int main(int argc, char **argv)
{
	static const int known[] = { 0, EINVAL, EFAULT, EPERM, ESRCH, ENXIO, EACCES, EIO, ENOTTY, ENODEV, EBUSY };
	long calls = argc > 2 ? atol(argv[1]) : 0, seen[200] = { 0 };
	bool nobody = argc > 3;
	double from = now();

	if (calls <= 0)
		return 2;
	state = strtoull(argv[2], NULL, 0) | 1;
	fd = km_device();
	if (try(fd, WCDIAG_KM_INFO, &info))
		die("INFO");
	buffer = guarded(RUNS * sizeof(struct wcdiag_km_run));
	upper = guarded(RUNS * sizeof(struct wcdiag_km_upper));
	if (nobody && (setgroups(0, NULL) || setgid(65534) || setuid(65534)))
		die("setuid");
	for (long i = 0; i < calls; i++) {
		unsigned int what = rnd() % 16;
		int err = what < 9    ? call_walk()
			  : what < 11 ? call_msr()
			  : what < 13 ? call_map()
			  : what < 15 ? call_raw()
				      : call_info();

		seen[err < 200 ? err : 199]++;
	}
	printf("# %ld calls in %.1f s:", calls, now() - from);
	for (int e = 0; e < 200; e++)
		if (seen[e])
			printf(" %s %ld", e ? strerrorname_np(e) : "success", seen[e]);
	printf("\n");
	if (nobody)
		ok(seen[EPERM] == calls, "nobody: %ld of %ld calls were EPERM", seen[EPERM], calls);
	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
		calls -= seen[known[k]];
	ok(!calls, "random calls: no error that is not in the interface (%ld)", calls);
	if (!nobody)
		for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
			if (known[k] != EPERM && known[k] != EIO && known[k] != EBUSY)
				ok(seen[known[k]], "%ld calls ended with %s", seen[known[k]],
				   known[k] ? strerrorname_np(known[k]) : "success");
	return failures != 0;
}
