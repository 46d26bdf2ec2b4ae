// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch.bpf.c - the kernel's decisions about memory types, at the moment at which they are made. Runs in the kernel.
 *
 * fentry and fexit programs of the functions that decide; which of them exist on the running kernel is looked up before
 * they are loaded (probe/watch_kernel.c). What a function gives back through a pointer is read when it returns, what the
 * caller had put there when it begins; in between it is kept by thread.
 *
 * Of the kernel's types only what is used stands here: the loader finds the fields in the running kernel's own type
 * information (CO-RE).
 */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "../watch_record.h"

struct vm_area_struct {
	unsigned long vm_start, vm_end;
} __attribute__((preserve_access_index));

/* What a function was asked for, until it returns. */
struct begun {
	__u64 prot;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, WATCH_RING);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096); /* threads that are in such a function at once */
	__type(key, __u64);
	__type(value, struct begun);
} under_way SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct watch_counts);
} counts SEC(".maps");

enum { SEEN, LOST, UNPAIRED };

static __always_inline void add(int what)
{
	__u32 zero = 0;
	struct watch_counts *c = bpf_map_lookup_elem(&counts, &zero);

	if (c)
		__sync_fetch_and_add(what == SEEN ? &c->seen : what == LOST ? &c->lost : &c->unpaired, 1);
}

/*
 * A record that was taken from the ring must be handed in on every way, and the verifier follows each by itself: the
 * test for none stands right behind the taking, in each program.
 */
static __always_inline void fill(void *ctx, struct watch_record *r, __u16 kind, __u64 start, __u64 end, __s32 result)
{
	__u64 id = bpf_get_current_pid_tgid();
	long got;

	r->when = bpf_ktime_get_ns();
	r->start = start;
	r->end = end;
	r->asked = r->got = r->at = r->vma_start = r->vma_end = 0;
	r->result = result;
	r->pid = id >> 32;
	r->tid = (__u32)id;
	r->kind = kind;
	r->flags = WATCH_RAW_RESULT;
	bpf_get_current_comm(r->comm, sizeof(r->comm));
	got = bpf_get_stack(ctx, r->stack, sizeof(r->stack), 0);
	r->frames = got > 0 ? got / sizeof(r->stack[0]) : 0;
}

/*
 * By number, not by type: a pointer to an enum, or a structure handed over in a register, is nothing that the verifier
 * would let pass as it stands.
 */
static __always_inline __u64 arg(void *ctx, __u32 n)
{
	__u64 v = 0;

	bpf_get_func_arg(ctx, n, &v);
	return v;
}

static __always_inline __s32 result_of(void *ctx)
{
	__u64 v = 0;

	bpf_get_func_ret(ctx, &v);
	return (__s32)v;
}

/* int memtype_reserve(u64 start, u64 end, enum page_cache_mode req_type, enum page_cache_mode *new_type) */
SEC("fexit/memtype_reserve")
int reserved(void *ctx)
{
	const void *got = (const void *)arg(ctx, 3);
	const __s32 result = result_of(ctx);
	struct watch_record *r;
	__u32 type;

	add(SEEN);
	r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
	if (!r) {
		add(LOST);
		return 0;
	}
	fill(ctx, r, WATCH_RAW_RESERVE, arg(ctx, 0), arg(ctx, 1), result);
	r->asked = type = (__u32)arg(ctx, 2);
	r->flags |= WATCH_RAW_ASKED;
	/* Who gives no place for another type takes the one asked for, or nothing. */
	if (!result && (!got || !bpf_probe_read_kernel(&type, sizeof(type), got))) {
		r->got = type;
		r->flags |= WATCH_RAW_GOT;
	}
	bpf_ringbuf_submit(r, 0);
	return 0;
}

/* int memtype_free(u64 start, u64 end) */
SEC("fexit/memtype_free")
int freed(void *ctx)
{
	struct watch_record *r;

	add(SEEN);
	r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
	if (!r) {
		add(LOST);
		return 0;
	}
	fill(ctx, r, WATCH_RAW_FREE, arg(ctx, 0), arg(ctx, 1), result_of(ctx));
	bpf_ringbuf_submit(r, 0);
	return 0;
}

/* The three below begin with (vma or pfn, ...) and have the protection where it is told. */
static __always_inline int begin(const void *prot)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct begun b = {};

	if (bpf_probe_read_kernel(&b.prot, sizeof(b.prot), prot))
		return 0;
	/* Where this fails, the end finds nothing, and counts it. */
	bpf_map_update_elem(&under_way, &id, &b, BPF_ANY);
	return 0;
}

static __always_inline int end_with(void *ctx, __u16 kind, __u64 pfn, __u64 size, const void *prot,
				    struct vm_area_struct *vma, __u64 at, int result)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct begun *b = bpf_map_lookup_elem(&under_way, &id);
	struct watch_record *r;

	add(SEEN);
	/* Under way when the watch began, no room, or not readable. */
	if (!b)
		add(UNPAIRED);
	r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
	if (!r) {
		add(LOST);
		bpf_map_delete_elem(&under_way, &id);
		return 0;
	}
	fill(ctx, r, kind, pfn << 12, (pfn << 12) + size, result);
	if (b) {
		r->asked = b->prot;
		r->flags |= WATCH_RAW_ASKED;
	}
	if (!result && !bpf_probe_read_kernel(&r->got, sizeof(r->got), prot))
		r->flags |= WATCH_RAW_GOT;
	r->at = at;
	if (vma) {
		r->vma_start = BPF_CORE_READ(vma, vm_start);
		r->vma_end = BPF_CORE_READ(vma, vm_end);
	}
	bpf_ringbuf_submit(r, 0);
	bpf_map_delete_elem(&under_way, &id);
	return 0;
}

/* The upper bits of the number are flags (pfn_t). */
#define PFN_MASK ((1ULL << 52) - 1)

/* void track_pfn_insert(struct vm_area_struct *vma, pgprot_t *prot, pfn_t pfn): up to Linux 6.15 */
SEC("fentry/track_pfn_insert")
int insert_begin(void *ctx)
{
	return begin((const void *)arg(ctx, 1));
}

SEC("fexit/track_pfn_insert")
int insert_end(void *ctx)
{
	return end_with(ctx, WATCH_RAW_INSERT, arg(ctx, 2) & PFN_MASK, 4096, (const void *)arg(ctx, 1),
			(struct vm_area_struct *)arg(ctx, 0), 0, 0);
}

/* int track_pfn_remap(struct vm_area_struct *vma, pgprot_t *prot, ulong pfn, ulong addr, ulong size): up to 6.15 */
SEC("fentry/track_pfn_remap")
int remap_begin(void *ctx)
{
	return begin((const void *)arg(ctx, 1));
}

/* Of the whole VMA it is a reservation, which memtype_reserve tells. */
SEC("fexit/track_pfn_remap")
int remap_end(void *ctx)
{
	struct vm_area_struct *vma = (struct vm_area_struct *)arg(ctx, 0);
	const __u64 at = arg(ctx, 3), size = arg(ctx, 4), id = bpf_get_current_pid_tgid();

	if (vma && at == BPF_CORE_READ(vma, vm_start) && at + size == BPF_CORE_READ(vma, vm_end)) {
		bpf_map_delete_elem(&under_way, &id);
		return 0;
	}
	return end_with(ctx, WATCH_RAW_REMAP, arg(ctx, 2), size, (const void *)arg(ctx, 1), vma, at, result_of(ctx));
}

/* int pfnmap_setup_cachemode(ulong pfn, ulong size, pgprot_t *prot): from 6.16 on in place of both */
SEC("fentry/pfnmap_setup_cachemode")
int setup_begin(void *ctx)
{
	return begin((const void *)arg(ctx, 2));
}

SEC("fexit/pfnmap_setup_cachemode")
int setup_end(void *ctx)
{
	return end_with(ctx, WATCH_RAW_SETUP, arg(ctx, 0), arg(ctx, 1), (const void *)arg(ctx, 2), 0, 0, result_of(ctx));
}

/* The kernel lends some of its functions only to programs under such a license. */
char gpl[] SEC("license") = "GPL";
