// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmstore.c - stores by the helper module: kmstore patterns SLOT BAR | vector SLOT BAR | random SLOT BAR |
 * large SLOT BAR | conflict SLOT BAR | not-allowed SLOT BAR | locked SLOT BAR | refuse SLOT BAR OTHER-SLOT BRIDGE-SLOT
 * | busy SLOT BAR TYPE TYPE-THAT-IT-GETS.
 */
#include "kmstore.h"

#include <sys/wait.h>

static void one(int fd, struct wcdiag_km_store s, uint32_t lines, uint8_t *want, uint8_t *got)
{
	const char *name = wcdiag_store_patterns[s.pattern].name;
	uint32_t samples[64] = { 0 };
	unsigned int n = 0;
	bool same;
	int err;

	s.samples = (uintptr_t)samples;
	s.max_samples = 64;
	memset(got, BLANK, size);
	whole_bar(got, true);
	err = try(fd, WCDIAG_KM_STORE, &s);
	whole_bar(got, false);
	if (err) {
		memset(want, BLANK, size);
		ok(err == EOPNOTSUPP && wcdiag_store_patterns[s.pattern].cpu != WCDIAG_STORE_ANY &&
			   !memcmp(want, got, size),
		   "%s: this CPU does not have it (%s), and nothing was stored", name, strerrorname_np(err));
		return;
	}
	expect(want, &s, lines);
	same = !memcmp(want, got, size);
	for (uint64_t i = 0, shown = 0; !same && i < size && shown < 4; i++)
		if (want[i] != got[i])
			printf("# byte %#lx is %#x, not %#x\n", i, got[i], want[i]), shown++;
	while (n < s.nsamples && samples[n] > 0)
		n++;
	ok(same && s.done == s.messages, "%s %s%s, %u lines a message: its bytes, and no other of the BAR", name,
	   s.type == WCDIAG_KM_WC ? "WC" : "UC-", s.flags & WCDIAG_KM_IRQS_OFF ? " irqs off" : "", lines);
	ok(s.phys == phys + (s.offset & ~(PAGE - 1)) && s.level == 1 && s.other == 0 && pat[s.slot] == s.type &&
		   (s.entry >> 3 & 3) == (s.slot & 3U) && (s.entry >> 7 & 1) == s.slot >> 2,
	   "%s: entry %llx, slot %u", name, s.entry, s.slot);
	ok(n && n == s.nsamples && s.cycles && s.cpu < 2 && !s.zero[0] && !s.zero[1], "%s: %u samples, %llu cycles",
	   name, s.nsamples, s.cycles);
}

static void patterns(int fd)
{
	uint8_t *want = malloc(size), *got = malloc(size);

	for (uint32_t p = 0; p < WCDIAG_STORE_COUNT; p++) {
		bool lines = covers[p].lines;
		struct wcdiag_km_store s = good;

		s.pattern = p;
		if (wcdiag_store_patterns[p].flags & WCDIAG_STORE_USER_ONLY) {
			wants(try(fd, WCDIAG_KM_STORE, &s), EINVAL, wcdiag_store_patterns[p].name);
			continue;
		}
		s.lines = lines;
		one(fd, s, 1, want, got);
		s.type = WCDIAG_KM_UCMINUS;
		s.flags = WCDIAG_KM_IRQS_OFF;
		s.messages = 5;
		s.batch = 1;
		one(fd, s, 1, want, got);
		s.messages = 1000; /* around and around */
		s.batch = 0;
		s.lines = lines ? 16 : 0;
		one(fd, s, lines ? 16 : 1, want, got);
	}
	free(want);
	free(got);
}

static void vector_state(int fd)
{
	struct wcdiag_km_store s = good;
	uint64_t before = 0x123456789abcdef0, after = 0;

	s.pattern = WCDIAG_STORE_AVX;
	__asm__ volatile("movq %0, %%xmm0" : : "r"(before) : "xmm0");
	if (ioctl(fd, WCDIAG_KM_STORE, &s))
		die("avx");
	__asm__ volatile("movq %%xmm0, %0" : "=r"(after));
	ok(after == before, "the program's own vector registers are as before");
}

static void refuse(int fd, const char *edu, const char *bridge)
{
	struct wcdiag_km_store s;
	uint8_t *before = malloc(size), *after = malloc(size);

	whole_bar(before, false);
#define BAD(want, what, ...) (s = good, __VA_ARGS__, wants(try(fd, WCDIAG_KM_STORE, &s), want, what))
	BAD(EINVAL, "padding that is not zero", s.zero[1] = 1);
	BAD(EINVAL, "an unknown flag", s.flags = 1);
	BAD(EINVAL, "BAR 6", s.bar = 6);
	BAD(EINVAL, "type UC", s.type = WCDIAG_KM_UC);
	BAD(EINVAL, "type WB", s.type = WCDIAG_KM_WB);
	BAD(EINVAL, "type WT, forced", (s.type = WCDIAG_KM_WT, s.flags = WCDIAG_KM_FORCE_BUSY));
	BAD(EINVAL, "a pattern that is not", s.pattern = WCDIAG_STORE_COUNT);
	BAD(EINVAL, "a pattern far away", s.pattern = ~0U);
	BAD(EINVAL, "lines of a pattern that takes none", s.lines = 2);
	BAD(EINVAL, "a gap of a pattern that has none", s.gap = 2);
	BAD(EINVAL, "65 lines a message", (s.pattern = WCDIAG_STORE_REP_MOVSQ, s.lines = 65));
	BAD(EINVAL, "1001 no-ops", (s.pattern = WCDIAG_STORE_GAP, s.gap = 1001));
	BAD(EINVAL, "a batch of 65", s.batch = 65);
	BAD(EINVAL, "a batch of more than 64 lines", (s.pattern = WCDIAG_STORE_INTERLEAVED, s.batch = 5));
	BAD(EINVAL, "no message", s.messages = 0);
	BAD(E2BIG, "more lines than one call may", s.messages = (1 << 24) + 1);
	BAD(E2BIG, "more messages than there are numbers", s.messages = ~0ULL);
	BAD(EINVAL, "no length", s.length = 0);
	BAD(EINVAL, "a length within a line", s.length = 0x1ff8);
	BAD(EINVAL, "an offset within a line", s.offset = 0x3048);
	BAD(EINVAL, "a range too short for a message", (s.pattern = WCDIAG_STORE_MISALIGNED, s.length = 64));
	BAD(EINVAL, "an offset behind the BAR", s.offset = size);
	BAD(EINVAL, "a range beyond the BAR", s.offset = size - 0x1fc0);
	BAD(EINVAL, "an offset that wraps", s.offset = -0x1000ULL);
	BAD(EINVAL, "a range that reaches RAM", (s.offset = 0, s.length = 1 << 30));
	BAD(E2BIG, "a range beyond the limit", s.length = (1 << 30) + 64);
	BAD(E2BIG, "too many samples", (s.samples = (uintptr_t)before, s.max_samples = 65537));
	BAD(EINVAL, "samples to nowhere", s.max_samples = 1);
	BAD(EINVAL, "no samples to somewhere", s.samples = (uintptr_t)before);
	BAD(ENODEV, "a domain that is not", s.domain = 1);
	BAD(ENODEV, "a domain that is a negative number", s.domain = ~0U);
	BAD(ENODEV, "a slot with nothing in it", s.devfn = 0xef);
	BAD(ENXIO, "the upper half of a 64-bit BAR", s.bar = 3);
	BAD(EINVAL, "a BAR smaller than a page", (s.bar = 0, s.offset = 0, s.length = 64));
	BAD(ENXIO, "a BAR that is not there", (set_slot(&s, edu), s.bar = 5));
	BAD(EOPNOTSUPP, "a bridge", (set_slot(&s, bridge), s.bar = 0));
	BAD(EOPNOTSUPP, "a bridge, forced", (set_slot(&s, bridge), s.bar = 0, s.flags = WCDIAG_KM_FORCE_BUSY));
#undef BAD
	wants(try(fd, WCDIAG_KM_STORE, NULL), EFAULT, "from no memory");
	whole_bar(after, false);
	ok(!memcmp(before, after, size), "nothing was stored");
	s = good;
	s.offset = size - s.length;
	wants(try(fd, WCDIAG_KM_STORE, &s), 0, "the end of the BAR");
	s = good;
	s.max_samples = 64;
	s.samples = 0x1000;
	wants(try(fd, WCDIAG_KM_STORE, &s), EFAULT, "samples to no memory, after the run");
	/* Nobody else but root. */
	fflush(stdout);
	if (!fork()) {
		if (setuid(65534))
			_exit(1);
		s = good;
		_exit(try(fd, WCDIAG_KM_STORE, &s) != EPERM);
	}
	int status = 1;

	wait(&status);
	ok(status == 0, "an ordinary user with root's descriptor: EPERM");
	free(before);
	free(after);
}

static void not_allowed(int fd)
{
	struct wcdiag_km_info i;
	struct wcdiag_km_store s = good;

	wants(try(fd, WCDIAG_KM_INFO, &i), 0, "INFO");
	ok(!(i.caps & WCDIAG_KM_CAP_STORE), "not offered: it was loaded without stores=1");
	wants(try(fd, WCDIAG_KM_STORE, &s), EPERM, "STORE");
}

/* The driver's reservation is older: it decides, and the module says so. */
static void busy(int fd, unsigned int type, unsigned int want)
{
	struct wcdiag_km_store s = good;

	s.type = (uint8_t)type;
	wants(try(fd, WCDIAG_KM_STORE, &s), EBUSY, "a device with a driver");
	s.flags = WCDIAG_KM_FORCE_BUSY;
	wants(try(fd, WCDIAG_KM_STORE, &s), 0, "a device with a driver, forced");
	ok(s.done == s.messages && pat[s.slot] == want && s.other == 0,
	   "all of it; type %u asked for, slot %u is type %u", type, s.slot, pat[s.slot]);
}

static uint64_t seed = 88172645463325252;

static uint32_t any(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % below;
}

/* Mostly what may be, now and then a little beyond. */
static struct wcdiag_km_store any_run(void)
{
	struct wcdiag_km_store s = good;
	bool wild = any(4) == 0;

	s.pattern = any(WCDIAG_STORE_COUNT + wild);
	s.type = any(2) ? WCDIAG_KM_WC : WCDIAG_KM_UCMINUS;
	s.flags = any(2) ? WCDIAG_KM_IRQS_OFF : 0;
	s.offset = any((uint32_t)size / 64 + 2 * wild) * 64 + wild * any(2) * 4;
	s.length = any(any(2) ? 8 : 1024) * 64 + wild * any(2) * 4;
	s.messages = any(any(2) ? 4 : 300);
	if (s.pattern < WCDIAG_STORE_COUNT && (wild || covers[s.pattern].lines))
		s.lines = any(covers[s.pattern].lines ? 65 + wild : 2);
	if (wild || s.pattern == WCDIAG_STORE_GAP)
		s.gap = any(s.pattern == WCDIAG_STORE_GAP ? 1001 + wild : 2);
	s.batch = any(3) ? 0 : any(8);
	for (int i = 0; i < 64; i++)
		s.data[i] = (uint8_t)any(BLANK);
	return s;
}

/* What the header says of a run, once more. */
static bool may_be(const struct wcdiag_km_store *s, uint32_t *lines)
{
	uint32_t span = s->pattern == WCDIAG_STORE_MISALIGNED ? 128 : 64;

	if (s->pattern >= WCDIAG_STORE_COUNT || s->pattern == WCDIAG_STORE_MEMCPY)
		return false;
	*lines = s->lines ? s->lines : s->pattern == WCDIAG_STORE_INTERLEAVED ? 16 : 1;
	if ((s->lines && !covers[s->pattern].lines) || s->lines > 64)
		return false;
	if (s->gap && (s->pattern != WCDIAG_STORE_GAP || s->gap > 1000))
		return false;
	return s->messages && s->batch * span * *lines <= 4096 && s->offset % 64 == 0 && s->length % 64 == 0 &&
	       s->length >= span * *lines && s->offset + s->length <= size;
}

static void random_runs(int fd)
{
	uint8_t *want = malloc(size), *got = malloc(size);
	unsigned int good_ones = 0, bad_ones = 0, n;

	for (n = 0; n < 400; n++) {
		struct wcdiag_km_store s = any_run();
		uint32_t lines = 1;
		bool possible = may_be(&s, &lines), done, right;
		int err;

		memset(got, BLANK, size);
		whole_bar(got, true);
		err = try(fd, WCDIAG_KM_STORE, &s);
		whole_bar(got, false);
		done = !err;
		if (err)
			memset(want, BLANK, size);
		else
			expect(want, &s, lines);
		right = done ? possible && s.done == s.messages
			     : (err == EINVAL && !possible) ||
					(err == EOPNOTSUPP && wcdiag_store_patterns[s.pattern].cpu != WCDIAG_STORE_ANY);
		if (memcmp(want, got, size) || !right) {
			ok(false, "run %u: pattern %u lines %u gap %u batch %u messages %llu at %llx+%llx: error %d", n,
			   s.pattern, s.lines, s.gap, s.batch, s.messages, s.offset, s.length, err);
			break;
		}
		good_ones += done;
		bad_ones += !done;
	}
	ok(n == 400 && good_ones > 100 && bad_ones > 30, "%u random runs stored exactly their bytes, %u were refused",
	   good_ones, bad_ones);
	free(want);
	free(got);
}

/* A BAR of gigabytes, mapped by large pages: where the bits of the type stand elsewhere. */
static void large(int fd)
{
	static const uint64_t lengths[] = { 32 << 20, 1 << 30 };

	for (size_t i = 0; i < 4; i++) {
		struct wcdiag_km_store s = good;
		uint64_t low;

		s.type = i & 1 ? WCDIAG_KM_UCMINUS : WCDIAG_KM_WC;
		s.offset = 1ULL << 30;
		s.length = lengths[i / 2];
		s.messages = 100000;
		wants(try(fd, WCDIAG_KM_STORE, &s), 0, "a large range");
		low = (1ULL << (s.level == 3 ? 30 : 21)) - 1;
		ok(s.done == s.messages && s.level >= 2 && pat[s.slot] == s.type && s.other == 0 &&
			   s.phys == phys + s.offset && (s.entry & 0xffffffffff000 & ~low) == s.phys &&
			   (s.entry >> 3 & 3) == (s.slot & 3U) && (s.entry >> 12 & 1) == s.slot >> 2,
		   "%#llx bytes: level %u, entry %llx, slot %u", s.length, s.level, s.entry, s.slot);
	}
}

/* Half of the BAR is reserved as one type, half as another: no mapping over both. */
static void conflict(int fd)
{
	struct wcdiag_km_store s = good;

	s.flags = WCDIAG_KM_FORCE_BUSY;
	s.offset = size / 2 - 4096;
	s.length = 8192;
	wants(try(fd, WCDIAG_KM_STORE, &s), EBUSY, "a range over two types");
	s.length = 4096;
	wants(try(fd, WCDIAG_KM_STORE, &s), 0, "its first half");
	ok(pat[s.slot] == 1, "is WC");
	s.offset = size / 2;
	wants(try(fd, WCDIAG_KM_STORE, &s), 0, "its second half");
	ok(pat[s.slot] == 7, "is UC-");
}

static void locked(int fd)
{
	struct wcdiag_km_store s = good;
	struct wcdiag_km_info i;

	wants(try(fd, WCDIAG_KM_INFO, &i), 0, "INFO");
	ok(i.caps & WCDIAG_KM_CAP_STORE && i.locked & WCDIAG_KM_LOCKED_MAP, "loaded with stores=1, and locked");
	wants(try(fd, WCDIAG_KM_STORE, &s), EPERM, "STORE under lockdown");
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{ "patterns", patterns },	{ "vector", vector_state }, { "random", random_runs },
		{ "not-allowed", not_allowed }, { "large", large },	    { "conflict", conflict },
		{ "locked", locked },
	};
	int fd = km_device();

	if (argc < 4)
		return 2;
	read_pat(fd);
	find_bar(argv[2], atoi(argv[3]));
	if (argc == 6 && !strcmp(argv[1], "refuse"))
		refuse(fd, argv[4], argv[5]);
	else if (argc == 6 && !strcmp(argv[1], "busy"))
		busy(fd, (unsigned int)atoi(argv[4]), (unsigned int)atoi(argv[5]));
	else
		act(acts, sizeof(acts) / sizeof(*acts), fd, argv[1]);
	return failures != 0;
}
