/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kmstore.h - what the programs that try the helper module's stores share: a good request, the BAR, and what it must
 * hold afterwards.
 *
 * What a pattern covers is told here once more, by hand: the table of the module is what is tried.
 */
#ifndef KMSTORE_H
#define KMSTORE_H

#include "kmtest.h"

#include "km/wcdiag_stores.h"

#define BLANK 0xa5

static struct wcdiag_km_store good; /* 64 messages from byte 0x3040 of the BAR on, in 0x2000 bytes */
static char resource[128];
static uint64_t phys, size;
static unsigned int pat[8];

static struct { /* bytes of the line, and of the next, that a message of one line covers */
	unsigned int first, end;
	bool lines; /* takes them */
} const covers[WCDIAG_STORE_COUNT] = {
	[WCDIAG_STORE_MOV8] = { 0, 64, false },	      [WCDIAG_STORE_MOV4] = { 0, 64, false },
	[WCDIAG_STORE_SSE] = { 0, 64, false },	      [WCDIAG_STORE_AVX] = { 0, 64, false },
	[WCDIAG_STORE_AVX512] = { 0, 64, false },     [WCDIAG_STORE_MOVNTI] = { 0, 64, false },
	[WCDIAG_STORE_MOVNTDQ] = { 0, 64, false },    [WCDIAG_STORE_VMOVNTDQ] = { 0, 64, false },
	[WCDIAG_STORE_VMOVNTDQ512] = { 0, 64, false },
	[WCDIAG_STORE_REP_MOVSQ] = { 0, 64, true },   [WCDIAG_STORE_REP_MOVSB] = { 0, 64, true },
	[WCDIAG_STORE_MEMCPY_TOIO] = { 0, 64, true }, [WCDIAG_STORE_IOWRITE64_COPY] = { 0, 64, true },
	[WCDIAG_STORE_MOVDIRI] = { 0, 64, false },    [WCDIAG_STORE_MOVDIR64B] = { 0, 64, false },
	[WCDIAG_STORE_MISALIGNED] = { 8, 72, false }, [WCDIAG_STORE_PARTIAL] = { 0, 56, false },
	[WCDIAG_STORE_FENCED] = { 0, 64, false },     [WCDIAG_STORE_INTERLEAVED] = { 0, 64, true },
	[WCDIAG_STORE_GAP] = { 0, 64, false },	      [WCDIAG_STORE_DESCENDING] = { 0, 64, false },
	[WCDIAG_STORE_OVERLAP] = { 0, 64, false },
};

__attribute__((unused)) static void set_slot(struct wcdiag_km_store *s, const char *slot)
{
	unsigned int domain, bus, dev, fn;

	if (sscanf(slot, "%x:%x:%x.%x", &domain, &bus, &dev, &fn) != 4)
		die("slot %s", slot);
	s->domain = domain;
	s->bus = (uint8_t)bus;
	s->devfn = (uint8_t)(dev << 3 | fn);
}

__attribute__((unused)) static void find_bar(const char *slot, int n)
{
	uint64_t start = 0, end = 0, flags;
	FILE *f;

	snprintf(resource, sizeof(resource), "/sys/bus/pci/devices/%s/resource", slot);
	f = fopen(resource, "r");
	for (int i = 0; f && i <= n; i++)
		if (fscanf(f, "%lx %lx %lx", &start, &end, &flags) != 3)
			die("%s", resource);
	if (!f)
		die("%s", resource);
	fclose(f);
	snprintf(resource, sizeof(resource), "/sys/bus/pci/devices/%s/resource%d", slot, n);
	phys = start;
	size = end - start + 1;
	good = (struct wcdiag_km_store){
		.bar = (uint8_t)n, .type = WCDIAG_KM_WC, .offset = 0x3040, .length = 0x2000, .messages = 64
	};
	set_slot(&good, slot);
	for (int i = 0; i < 64; i++)
		good.data[i] = (uint8_t)(i + 1);
}

__attribute__((unused)) static void read_pat(int fd)
{
	struct wcdiag_km_msr m = { .msr = 0x277 };

	if (try(fd, WCDIAG_KM_MSR, &m))
		die("PAT");
	for (int i = 0; i < 8; i++)
		pat[i] = m.value >> 8 * i & 7;
}

/* The device's memory through its sysfs file, mapped only for this moment: its reservation would decide the types. */
__attribute__((unused)) static void whole_bar(uint8_t *copy, bool write)
{
	int fd = open(resource, O_RDWR | O_CLOEXEC);
	uint8_t *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd < 0 || at == MAP_FAILED)
		die("%s", resource);
	if (write)
		memcpy(at, copy, size);
	else
		memcpy(copy, at, size);
	munmap(at, size);
	close(fd);
}

/* What the BAR holds after the run, byte for byte. */
__attribute__((unused)) static void expect(uint8_t *want, const struct wcdiag_km_store *s, uint32_t lines)
{
	uint32_t span = s->pattern == WCDIAG_STORE_MISALIGNED ? 128 : 64;
	uint64_t room = s->length / (span * lines), n = s->messages < room ? s->messages : room;

	memset(want, BLANK, size);
	for (uint64_t line = 0; line < n * lines; line++)
		for (unsigned int i = covers[s->pattern].first; i < covers[s->pattern].end; i++)
			want[s->offset + line * span + i] = s->data[i - covers[s->pattern].first];
}

/* The act that argv[1] names, with argv[2] SLOT and argv[3] BAR. */
struct act {
	const char *name;
	void (*act)(int fd);
};

__attribute__((unused)) static void act(const struct act *acts, size_t n, int fd, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(name, acts[i].name)) {
			acts[i].act(fd);
			return;
		}
	ok(false, "there is a test '%s'", name);
}

#endif
