/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drive_world.h - a phase of drive over a file that stands for resourceN_wc, and a module that answers as it is told.
 * Include after cmocka.h; judge_world.h is its machine.
 */
#ifndef WCDIAG_DRIVE_WORLD_H
#define WCDIAG_DRIVE_WORLD_H

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "judge_world.h"
#include "km/wcdiag_km.h"
#include "probe/drive.h"
#include "probe/drive_int.h"

#define OFFSET 0x1040ULL
#define LENGTH 0x1000ULL
#define PAGES  0x2000ULL

static struct world w;
static unsigned int patterns[4];

static struct drive_plan plan(unsigned int pattern)
{
	struct drive_plan p = {
		.m = &w.m,
		.dev = &w.dev,
		.bar = 2,
		.have_scratch = true,
		.offset = OFFSET,
		.length = LENGTH,
		.side = { true, true },
		.cpu = -1,
		.pattern = patterns,
		.npattern = 1,
		.messages = 100,
		.repeat = 3,
	};

	patterns[0] = pattern;
	for (unsigned int i = 0; i < sizeof(p.data); i++)
		p.data[i] = (uint8_t)(i + 1);
	return p;
}

static struct {
	char path[64];
	int map_err, walk_err, store_err;
	const char *cannot;
	unsigned int mapped, unmapped, stores, lists;
	void *at;
	uint64_t shift;	     /* the entries point so far beside the BAR */
	uint64_t other_from; /* from here on another slot; 0: nowhere */
	unsigned int kind;
	uint8_t rights;
	const char *list[4]; /* of each call; the last one goes on */
	uint64_t stop_after; /* of the module: messages */
	uint8_t slot;
	bool truncate; /* the file loses its pages once it is mapped */
} fake;

static void reset(void)
{
	int fd;

	world_init(&w);
	w.dev.dev = 2;
	memset(&fake, 0, sizeof(fake));
	strcpy(fake.path, "/tmp/wcdiag-drive.XXXXXX");
	fd = mkstemp(fake.path);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)BAR_SIZE), 0);
	close(fd);
	fake.kind = PTE_PRESENT;
	fake.rights = PTE_CAN_WRITE | PTE_CAN_USER;
	fake.slot = 1;
	fake.list[0] = "PAT memtype list:\n";
	fake.list[1] = "PAT memtype list:\nPAT: [mem 0x00000000fe001000-0x00000000fe003000] write-combining\n";
	fake.list[2] = fake.list[0];
}

static const char *fake_cannot(void *ctx, const struct drive_plan *p, enum drive_side side, const char **remedy)
{
	(void)ctx;
	(void)p;
	(void)side;
	*remedy = fake.cannot ? "do something" : NULL;
	return fake.cannot;
}

static int fake_map(void *ctx, const struct drive_plan *p, uint64_t size, void **at)
{
	(void)ctx;
	assert_int_equal(size, PAGES);
	assert_int_equal(fake.mapped, fake.unmapped);
	if (fake.map_err)
		return fake.map_err;
	assert_int_equal(drive_map_file(fake.path, drive_first_page(p), size, at), 0);
	fake.at = *at;
	fake.mapped++;
	if (fake.truncate)
		assert_int_equal(truncate(fake.path, 0), 0);
	return 0;
}

static void fake_unmap(void *ctx, void *at, uint64_t size)
{
	(void)ctx;
	assert_ptr_equal(at, fake.at);
	assert_int_equal(munmap(at, size), 0);
	fake.unmapped++;
}

static int fake_walk(void *ctx, uint64_t start, uint64_t end, struct runs *out)
{
	(void)ctx;
	assert_int_equal(end - start, PAGES);
	assert_int_equal(start, (uintptr_t)fake.at);
	if (fake.walk_err)
		return fake.walk_err;
	for (uint64_t at = start; at < end; at += 4096) {
		bool other = fake.other_from && at - start >= fake.other_from;
		uint64_t phys = BAR_ADDR + 0x1000 + (at - start) + fake.shift;
		struct pte_run r = { .start = at,
				     .end = at + 4096,
				     .level = 1,
				     .kind = (uint8_t)fake.kind,
				     .rights = fake.rights,
				     .phys = fake.kind == PTE_PRESENT ? phys : PTE_NO_PHYS,
				     /* PWT is bit 3, PCD bit 4. */
				     .raw = phys | 0x67 | (other ? 2ULL : (uint64_t)fake.slot) << 3 };

		assert_int_equal(runs_push(out, &r), 0);
	}
	return 0;
}

static int fake_store(void *ctx, struct wcdiag_km_store *s)
{
	(void)ctx;
	fake.stores++;
	assert_int_equal(fake.mapped, fake.unmapped);
	assert_int_equal(s->offset, OFFSET);
	assert_int_equal(s->length, LENGTH);
	assert_int_equal(s->bar, 2);
	assert_int_equal(s->devfn, 2 << 3);
	assert_int_equal(s->data[63], 64);
	if (fake.store_err)
		return fake.store_err;
	s->done = fake.stop_after && fake.stop_after < s->messages ? fake.stop_after : s->messages;
	s->phys = BAR_ADDR + 0x1000 + fake.shift;
	s->entry = s->phys | 0x63 | (uint64_t)fake.slot << 3;
	s->level = 1;
	s->slot = fake.slot;
	s->nsamples = s->max_samples ? 1 : 0;
	if (s->nsamples)
		*(uint32_t *)(uintptr_t)s->samples = 6400;
	return 0;
}

static int fake_list(void *ctx, struct memtype_list *out)
{
	const char *text = fake.list[fake.lists], *what;
	unsigned int line;

	(void)ctx;
	if (fake.lists < 2)
		fake.lists++;
	if (!text)
		return -EACCES;
	assert_int_equal(memtype_parse(text, strlen(text), out, &line, &what), 0);
	known(&out->fact);
	return 0;
}

static const struct drive_ops ops = { fake_cannot, fake_map, fake_unmap, fake_walk, fake_store, fake_list };

static struct drive_phase go(const struct drive_plan *p, enum drive_side side)
{
	struct drive_phase ph;

	assert_int_equal(drive_phase_run(p, side, &ops, NULL, NULL, &ph), 0);
	assert_int_equal(fake.mapped, fake.unmapped);
	return ph;
}

#endif
