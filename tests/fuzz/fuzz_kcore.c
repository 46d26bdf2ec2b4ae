/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_kcore.c - the kcore reader: headers, smaps, stat, and memory that lies. The first byte says which.
 *
 * Of memory each page is a part of the input, again and again: tables that lead anywhere, tasks that are none.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/kcore_int.h"
#include "probe/km.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	const uint8_t *p;
	size_t len;
	unsigned int reads;
} memory;

static int fake_read(void *ctx, void *buf, size_t len, uint64_t offset)
{
	(void)ctx;
	if (++memory.reads > 200000)
		return -EIO;
	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = memory.len ? memory.p[(offset / 4096 * 64 + (offset + i) % 4096) % memory.len] : 0;
	return 0;
}

static int fake_flags(void *ctx, uint64_t pfn, uint64_t *flags)
{
	(void)ctx;
	*flags = pfn & 1 ? 1 << 19 : 0;
	return 0;
}

static const char maps[] = "7f0000000000-7f0000400000 rw-s 00000000 00:05 77 /dev/x\nVmFlags: rd wr pf io\n";
static const char stat[] = "7 (x) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 0 0 0\n";

static int fake_proc(void *ctx, int pid, const char *file, char **text, size_t *len)
{
	bool is_stat = !strcmp(file, "stat");

	(void)ctx;
	(void)pid;
	*text = strdup(is_stat ? stat : maps);
	*len = strlen(*text);
	if (!strcmp(file, "maps"))
		*len = (size_t)(strchr(maps, '\n') + 1 - maps);
	return 0;
}

static void walk(const uint8_t *data, size_t size)
{
	static const struct kcore_layout layout = {
		.task_mm = 24, .task_thread_pid = 32, .task_pid_links = 40, .task_exec_id = 72, .task_start = 80,
		.pid_level = 4, .pid_numbers = 64, .pid_tasks = 16, .upid_ns = 8, .upid_size = 16, .ns_root = 8,
		.ns_base = 16, .node_slots = 40, .node_slots_size = 512, .mm_pgd = 16, .mm_users = 24,
	};
	struct kcore_seg seg = { 0xff11000000000000ULL, 1 << 30, 0, 0 };
	struct kcore k = { .image = { .seg = &seg, .n = 1, .levels = size & 1 ? 5 : 4 }, .layout = layout,
			   .ns = 0xff11000000000000ULL, .user_end = 1ULL << 47, .proc = fake_proc };
	struct kcore_fold f = { .pid = 7, .user = true, .upper = true };
	struct runs l = { 0 };

	k.mem = (struct kcore_mem){ .image = &k.image, .frames = 0xffffffffff000ULL, .read = fake_read,
				    .page_flags = fake_flags };
	memory.p = data;
	memory.len = size;
	memory.reads = 0;
	if (!kcore_walk_process(&k, 7, 0, 1ULL << 46, KM_UPPER, &l) && !l.n)
		abort();
	runs_free(&l);
	kcore_tables(&k.mem, 0x1000, 0x200000, 0x200000 + (64ULL << 30), &f, &l);
	for (size_t i = 0; i < l.n; i++)
		if (l.r[i].start >= l.r[i].end || (i && l.r[i].start < l.r[i - 1].end) ||
		    ((l.r[i].phys == PTE_NO_PHYS) != (l.r[i].kind == PTE_NONE || l.r[i].kind == PTE_OTHER)) ||
		    (l.r[i].phys != PTE_NO_PHYS && (l.r[i].level > 3 || l.r[i].phys % 4096)))
			abort();
	runs_free(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kcore_image i;
	struct kcore_vmas v;
	const char *what;
	uint64_t a, b;
	size_t need;

	if (!size)
		return 0;
	switch (*data++ & 3) {
	case 0:
		if (!kcore_image_parse(data, size - 1, &i, &need, &what)) {
			if (need > size - 1 || (i.levels != 4 && i.levels != 5))
				abort();
			if (kcore_image_vmalloc(&i, &a, &b) && a >= b)
				abort();
			kcore_image_free(&i);
		}
		break;
	case 1:
	case 2:
		if (!kcore_vmas_parse((const char *)data, size - 1, data[-1] & 1, &v)) {
			for (size_t k = 0; k < v.n; k++)
				if (v.v[k].start >= v.v[k].end || (k && v.v[k].start < v.v[k - 1].end) ||
				    (data[-1] & 1 && !v.v[k].vma))
					abort();
			kcore_vmas_free(&v);
		}
		kcore_start_of((const char *)data, size - 1, &a);
		break;
	default:
		walk(data, size - 1);
	}
	return 0;
}
