// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kcore_layout.c - where the running kernel keeps what is needed, by its own type information (BTF), read by libbpf.
 *
 * libbpf is taken in only here, when somebody asks: no diagnosis that has the helper module loads it.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "btf_lib.h"
#include "kcore.h"
#include "kcore_int.h"

#define MAX_DEPTH 8 /* of structures without a name in each other */

/*
 * A structure and the way into it, through members that may lie in structures without a name. Sources: Linux
 * include/linux/sched.h, pid.h, pid_namespace.h, idr.h, xarray.h, mm_types.h. "size" is what the member must have.
 */
static const struct row {
	const char *type;
	const char *way[4];
	size_t size;
	size_t to;	/* offsetof in struct kcore_layout */
	bool take_size; /* the member's size instead of its place */
} rows[] = {
#define TO(field) .to = offsetof(struct kcore_layout, field)
	{ .type = "task_struct", .way = { "pid" }, .size = 4, TO(task_pid) },
	{ .type = "task_struct", .way = { "comm" }, .size = 16, TO(task_comm) },
	{ .type = "task_struct", .way = { "mm" }, .size = 8, TO(task_mm) },
	{ .type = "task_struct", .way = { "thread_pid" }, .size = 8, TO(task_thread_pid) },
	{ .type = "task_struct", .way = { "pid_links" }, TO(task_pid_links) },
	{ .type = "task_struct", .way = { "self_exec_id" }, .size = 8, TO(task_exec_id) },
	{ .type = "task_struct", .way = { "start_boottime" }, .size = 8, TO(task_start) },
	{ .type = "pid", .way = { "level" }, .size = 4, TO(pid_level) },
	{ .type = "pid", .way = { "numbers" }, TO(pid_numbers) },
	{ .type = "pid", .way = { "tasks" }, TO(pid_tasks) },
	{ .type = "upid", .way = { "nr" }, .size = 4, TO(upid_nr) },
	{ .type = "upid", .way = { "ns" }, .size = 8, TO(upid_ns) },
	{ .type = "upid", TO(upid_size), .take_size = true },
	{ .type = "pid_namespace", .way = { "idr", "idr_rt", "xa_head" }, .size = 8, TO(ns_root) },
	{ .type = "pid_namespace", .way = { "idr", "idr_base" }, .size = 4, TO(ns_base) },
	{ .type = "xa_node", .way = { "shift" }, .size = 1, TO(node_shift) },
	{ .type = "xa_node", .way = { "slots" }, TO(node_slots) },
	{ .type = "xa_node", .way = { "slots" }, TO(node_slots_size), .take_size = true },
	{ .type = "mm_struct", .way = { "pgd" }, .size = 8, TO(mm_pgd) },
	{ .type = "mm_struct", .way = { "mm_users" }, .size = 4, TO(mm_users) },
#undef TO
};

struct place {
	uint32_t type;
	uint64_t bits;
};

/* A member of a structure, or of one without a name in it. An explicit stack: what is read is never recursed on. */
static bool member(const struct btf_lib *b, const struct btf *btf, uint32_t type, const char *name, struct place *out)
{
	struct {
		uint32_t type;
		uint32_t next;
		uint64_t bits;
	} on[MAX_DEPTH] = { { .type = type } };
	int depth = 0;

	while (depth >= 0) {
		const struct btf_type *t = b->btf__type_by_id(btf, on[depth].type);
		const struct btf_member *m;
		const char *called;
		uint64_t bits;
		int inner;

		if (!t || !btf_is_composite(t) || on[depth].next >= btf_vlen(t)) {
			depth--;
			continue;
		}
		m = btf_members(t) + on[depth].next;
		bits = on[depth].bits + btf_member_bit_offset(t, on[depth].next);
		on[depth].next++;
		called = b->btf__name_by_offset(btf, m->name_off);
		if (called && !strcmp(called, name)) {
			*out = (struct place){ m->type, bits };
			return true;
		}
		if (called && *called)
			continue;
		inner = b->btf__resolve_type(btf, m->type);
		if (inner > 0 && depth + 1 < MAX_DEPTH) {
			depth++;
			on[depth].type = (uint32_t)inner;
			on[depth].next = 0;
			on[depth].bits = bits;
		}
	}
	return false;
}

static bool resolve(const struct btf_lib *b, const struct btf *btf, const struct row *r, int id, uint32_t *value)
{
	struct place p = { .type = (uint32_t)id }, next;
	long long size;

	if (id <= 0)
		return false;
	for (size_t i = 0; i < sizeof(r->way) / sizeof(r->way[0]) && r->way[i]; i++) {
		int type = b->btf__resolve_type(btf, p.type);

		if (type <= 0 || !member(b, btf, (uint32_t)type, r->way[i], &next))
			return false;
		p = (struct place){ next.type, p.bits + next.bits };
	}
	size = b->btf__resolve_size(btf, p.type);
	if (p.bits % 8 || p.bits / 8 > 1U << 20 || size < 0 || size > 1 << 20 || (r->size && (size_t)size != r->size))
		return false;
	*value = r->take_size ? (uint32_t)size : (uint32_t)(p.bits / 8);
	return true;
}

const char *kcore_libbpf(const char **why)
{
	const struct btf_lib *b = btf_lib(why);

	return b ? b->libbpf_version_string() : NULL;
}

static bool sane(const struct kcore_layout *l)
{
	return l->upid_size >= 12 && l->upid_size % 8 == 0 && l->node_slots_size % 8 == 0 && l->node_slots_size >= 8 &&
	       l->node_slots_size <= 1024;
}

int kcore_layout_from_btf(const void *bytes, size_t len, struct kcore_layout *out, const char **what)
{
	static char lacks[80];
	const struct btf_lib *b = btf_lib(what);
	struct btf *btf;
	int err = 0, id = 0;

	*out = (struct kcore_layout){ 0 };
	if (!b)
		return -ENOPKG;
	b->libbpf_set_print(NULL); /* it would write to stderr */
	btf = len > UINT32_MAX ? NULL : b->btf__new(bytes, (uint32_t)len);
	*what = "it is no type information that libbpf understands";
	if (!btf || b->libbpf_get_error(btf))
		return -EBADMSG;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !err; i++) {
		const struct row *r = &rows[i];

		/* A search through a hundred thousand types; rows of one stand together. */
		if (!i || strcmp(r->type, r[-1].type))
			id = b->btf__find_by_name_kind(btf, r->type, BTF_KIND_STRUCT);
		if (resolve(b, btf, r, id, (uint32_t *)((char *)out + r->to)))
			continue;
		snprintf(lacks, sizeof(lacks), "this kernel's struct %s is not as known: %s", r->type,
			 r->way[0] ? r->way[0] : "its size");
		*what = lacks;
		err = -EBADMSG;
	}
	b->btf__free(btf);
	if (!err && !sane(out))
		err = -EBADMSG;
	return err;
}
