/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_kcore.c - what the kcore reader takes apart: headers, type information, mappings; and who is chosen to read. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/iomem.h"
#include "probe/kcore_int.h"
#include "probe/km_int.h"
#include "probe/reader.h"

/* --- the headers --- */

#define INFO "OSRELEASE=6.1.0-56-amd64\nPAGESIZE=4096\nSYMBOL(swapper_pg_dir)=ffffffff82e10000\nNUMBER(sme_mask)=0\nNUMBER(pgtable_l5_enabled)=1\n"

struct head {
	uint8_t bytes[4096];
	size_t len;
	Elf64_Ehdr *e;
	Elf64_Phdr *p;
};

static size_t note(uint8_t *at, const char *name, uint32_t type, const void *desc, size_t len)
{
	Elf64_Nhdr n = { (uint32_t)strlen(name) + 1, (uint32_t)len, type };
	size_t rounded = (n.n_namesz + 3) & ~3U;

	memcpy(at, &n, sizeof(n));
	memcpy(at + sizeof(n), name, n.n_namesz);
	memcpy(at + sizeof(n) + rounded, desc, len);
	return sizeof(n) + rounded + ((len + 3) & ~(size_t)3);
}

static void make(struct head *h, const char *info)
{
	static const uint8_t task[100] = { 1, 2, 3 };
	size_t at = sizeof(Elf64_Ehdr) + 4 * sizeof(Elf64_Phdr), from = at;

	memset(h, 0, sizeof(*h));
	h->e = (void *)h->bytes;
	h->p = (void *)(h->bytes + sizeof(*h->e));
	memcpy(h->e->e_ident, ELFMAG, SELFMAG);
	h->e->e_ident[EI_CLASS] = ELFCLASS64;
	h->e->e_ident[EI_DATA] = ELFDATA2LSB;
	h->e->e_type = ET_CORE;
	h->e->e_machine = EM_X86_64;
	h->e->e_phoff = sizeof(*h->e);
	h->e->e_phentsize = sizeof(*h->p);
	h->e->e_phnum = 4;
	at += note(h->bytes + at, "CORE", NT_PRSTATUS, task, 64);
	at += note(h->bytes + at, "CORE", 4, task, sizeof(task));
	at += note(h->bytes + at, "VMCOREINFO", 0, info, strlen(info));
	h->len = at;
	h->p[0] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = from, .p_filesz = at - from };
	h->p[1] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_vaddr = 0xffa0000000000000ULL, .p_paddr = KCORE_NO_PADDR,
				.p_memsz = (12800ULL << 40) - 1, .p_offset = 0x1000 };
	h->p[2] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_vaddr = 0xff11000000001000ULL, .p_paddr = 0x1000,
				.p_memsz = 0x9e000, .p_offset = 0x2000 };
	h->p[3] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_vaddr = 0xffd4000000000000ULL, .p_paddr = KCORE_NO_PADDR,
				.p_memsz = 0x800000, .p_offset = 0x3000 };
}

/* In memory of just that size: an over-read is seen. */
static int parse(const struct head *h, size_t len, struct kcore_image *i, size_t *need)
{
	uint8_t *exact = malloc(len ? len : 1);
	const char *what;
	int err;

	memcpy(exact, h->bytes, len);
	err = kcore_image_parse(exact, len, i, need, &what);
	if (err == -EBADMSG)
		assert_non_null(what);
	free(exact);
	return err;
}

static void headers_are_read(void **state)
{
	struct kcore_image i;
	uint64_t start, end;
	struct head h;
	size_t need;

	(void)state;
	make(&h, INFO);
	assert_int_equal(parse(&h, h.len, &i, &need), 0);
	assert_int_equal(i.n, 3);
	assert_int_equal(i.levels, 5);
	assert_true(i.swapper == 0xffffffff82e10000ULL && i.sme_mask == 0);
	assert_string_equal(i.release, "6.1.0-56-amd64");
	assert_true(i.task_len == 100 && i.task[2] == 3);
	assert_true(i.seg[1].paddr == 0x1000 && i.seg[1].offset == 0x2000);
	assert_true(kcore_image_vmalloc(&i, &start, &end));
	assert_true(start == 0xffa0000000000000ULL && end == 0xffd2000000000000ULL);
	kcore_image_free(&i);
	make(&h, "SYMBOL(swapper_pg_dir)=ffffffff82e10000\nNUMBER(sme_mask)=140737488355328\nNUMBER(pgtable_l5_enabled)=0\n");
	h.p[1].p_memsz = 1 << 30;
	assert_int_equal(parse(&h, h.len, &i, &need), 0);
	assert_true(i.levels == 4 && i.sme_mask == 1ULL << 47);
	assert_false(kcore_image_vmalloc(&i, &start, &end));
	kcore_image_free(&i);
}

static void cut_headers_ask_for_more(void **state)
{
	struct kcore_image i;
	struct head h;
	size_t need;

	(void)state;
	make(&h, INFO);
	for (size_t len = 0; len < h.len; len++) {
		assert_int_equal(parse(&h, len, &i, &need), -EAGAIN);
		assert_true(need > len && need <= h.len);
	}
}

static void bad(struct head *h)
{
	struct kcore_image i;
	size_t need;

	assert_int_equal(parse(h, h->len, &i, &need), -EBADMSG);
	assert_null(i.seg);
}

static void strange_headers_are_refused(void **state)
{
	struct head h;

	(void)state;
#define BAD(change)                                                                                                    \
	do {                                                                                                           \
		make(&h, INFO);                                                                                        \
		change;                                                                                                \
		bad(&h);                                                                                               \
	} while (0)
	BAD(h.bytes[1] = 'F');
	BAD(h.e->e_ident[EI_CLASS] = ELFCLASS32);
	BAD(h.e->e_machine = EM_AARCH64);
	BAD(h.e->e_phentsize = 32);
	BAD(h.e->e_phnum = 0);
	BAD(h.e->e_phnum = PN_XNUM);
	BAD(h.e->e_phoff = UINT64_MAX - 10);
	BAD(h.p[0].p_offset = UINT64_MAX);
	BAD(h.p[0].p_filesz = UINT64_MAX);
	BAD(h.p[0].p_filesz -= 4);
	BAD(h.p[2].p_memsz = 0);
	BAD(h.p[2].p_memsz = UINT64_MAX);
	BAD(h.p[2].p_paddr = UINT64_MAX - 5);
	BAD(h.p[2].p_offset = INT64_MAX);
	BAD(((Elf64_Nhdr *)(void *)(h.bytes + h.p[0].p_offset))->n_descsz = UINT32_MAX);
	BAD(((Elf64_Nhdr *)(void *)(h.bytes + h.p[0].p_offset))->n_namesz = UINT32_MAX);
	make(&h, "SYMBOL(swapper_pg_dir)=ffffffff82e10000\n");
	bad(&h);
	make(&h, "NUMBER(pgtable_l5_enabled)=1\n");
	bad(&h);
	make(&h, "SYMBOL(swapper_pg_dir)=ffffffff82e10000\nNUMBER(pgtable_l5_enabled)=2\n");
	bad(&h);
	make(&h, "SYMBOL(swapper_pg_dir)=0xyz\nNUMBER(pgtable_l5_enabled)=1\n");
	bad(&h);
	make(&h, "SYMBOL(swapper_pg_dir)=ffffffff82e10000\nNUMBER(sme_mask)=-1\nNUMBER(pgtable_l5_enabled)=1\n");
	bad(&h);
}

/* --- mappings --- */

static int vmas(const char *text, bool flags, struct kcore_vmas *out)
{
	size_t len = strlen(text);
	char *exact = malloc(len ? len : 1);
	int err;

	memcpy(exact, text, len);
	err = kcore_vmas_parse(exact, len, flags, out);
	free(exact);
	return err;
}

#define LINE "7f0000000000-7f0000001000 rw-s 00002000 00:05 77    /dev/x VmFlags: a\n"

static void mappings_have_their_flags(void **state)
{
	struct kcore_vmas v;

	(void)state;
	assert_int_equal(vmas(LINE "Size:   4 kB\nTHPeligible:    0\nVmFlags: rd wr sh mr mw me ms io pf de dd sd \n"
				   "7f0000001000-7f0000002000 r--p 0 00:05 77\nVmFlags: rd mm ht\n",
			      true, &v), 0);
	assert_int_equal(v.n, 2);
	assert_int_equal(v.v[0].vma, PTE_VMA | PTE_VMA_PFNMAP | PTE_VMA_IO | PTE_VMA_SHARED | PTE_VMA_WRITE);
	assert_true(v.v[0].shared && v.v[0].write && v.v[0].offset == 0x2000);
	assert_int_equal(v.v[1].vma, PTE_VMA | PTE_VMA_MIXEDMAP | PTE_VMA_HUGETLB);
	kcore_vmas_free(&v);
	assert_int_equal(vmas(LINE, false, &v), 0);
	assert_true(v.n == 1 && !v.v[0].vma);
	kcore_vmas_free(&v);
	assert_int_equal(vmas("", true, &v), 0);
	assert_int_equal(v.n, 0);
}

static void strange_mappings_are_refused(void **state)
{
	static const char *const bad_text[] = {
		LINE,				     /* no flags */
		"VmFlags: rd\n",		     /* of nothing */
		"Size: 4 kB\n",			     /* of nothing */
		LINE "VmFlags: rd\nVmFlags: rd\n",   /* twice */
		LINE "VmFlags: rd",		     /* cut */
		LINE "VmFlags: rd\nSize: 4 kB\n",    /* behind the end */
		LINE "what\nVmFlags: rd\n",
		LINE "VmFlags: rd\n" LINE "VmFlags: rd\n", /* the same again */
		LINE LINE "VmFlags: rd\n",
		"7f0000001000-7f0000000000 rw-s 0 00:05 77\nVmFlags: rd\n",
	};
	struct kcore_vmas v;

	(void)state;
	for (size_t i = 0; i < sizeof(bad_text) / sizeof(bad_text[0]); i++) {
		assert_int_equal(vmas(bad_text[i], true, &v), -EBADMSG);
		assert_null(v.v);
	}
}

static void the_start_of_a_process_is_told(void **state)
{
	static const char stat[] = "1234 (a ) b) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 500 0 0\n";
	uint64_t t;

	(void)state;
	assert_true(kcore_start_of(stat, sizeof(stat) - 1, &t));
	assert_int_equal(t, 500);
	assert_false(kcore_start_of(stat, 40, &t));
	assert_false(kcore_start_of("", 0, &t));
}

/* --- what is RAM --- */

static void ram_is_what_the_tree_says(void **state)
{
	static const char text[] = "00001000-0009ffff : System RAM\n"
				   "000a0000-000fffff : PCI Bus 0000:00\n"
				   "00100000-1fffffff : System RAM\n"
				   "  01000000-01ffffff : Kernel code\n"
				   "fe000000-fe0fffff : Reserved\n"
				   "100000000-1ffffffff : CXL Window 0\n"
				   "  100000000-1ffffffff : dax0.0\n"
				   "    100000000-17fffffff : System RAM (kmem)\n";
	struct kcore_ram r;
	unsigned int line;
	const char *what;
	struct iomem m;

	(void)state;
	assert_int_equal(iomem_parse(text, sizeof(text) - 1, &m, &line, &what), 0);
	assert_int_equal(kcore_ram_from(&m, &r), 0);
	assert_true(kcore_is_ram(&r, 0x1000, 4096));
	assert_true(kcore_is_ram(&r, 0x1000000, 4096));
	assert_true(kcore_is_ram(&r, 0x100000000, 2 << 20));
	assert_false(kcore_is_ram(&r, 0x180000000, 4096));
	assert_false(kcore_is_ram(&r, 0xfe000000, 4096));
	assert_false(kcore_is_ram(&r, 0, 2 << 20)); /* RAM and something else */
	assert_false(kcore_is_ram(&r, 0x9f000 + 0x1000, 4096));
	kcore_ram_free(&r);
	iomem_free(&m);
}

/* --- type information --- */

/* The kernel's structures as libbpf writes them; leave: which member is left out; wide: which has another size. */
static void *btf_of(const char *leave, const char *wide, uint32_t *len)
{
	struct btf *b = btf__new_empty();
	int u8 = btf__add_int(b, "unsigned char", 1, 0), u32 = btf__add_int(b, "int", 4, 0);
	int u64 = btf__add_int(b, "long", 8, 0), ptr = btf__add_ptr(b, 0), list, comm, inner, at, inner2;
	void *bytes;
	const void *raw;

	list = btf__add_array(b, u32, ptr, 64);
	comm = btf__add_array(b, u32, u8, 16);
	btf__add_struct(b, "xarray", 16);
	btf__add_field(b, "xa_flags", u32, 0, 0);
	btf__add_field(b, "xa_head", ptr, 64, 0);
	inner = btf__add_struct(b, "idr", 24);
	btf__add_field(b, "idr_rt", inner - 1, 0, 0);
	btf__add_field(b, "idr_base", u32, 128, 0);
	/* A structure without a name in one without a name. */
	inner2 = btf__add_struct(b, NULL, 24);
	btf__add_field(b, "other", u64, 0, 0);
	btf__add_field(b, "pgd", ptr, 64, 0);
	btf__add_field(b, "mm_users", u32, 128, 0);
	at = btf__add_struct(b, NULL, 32);
	btf__add_field(b, NULL, inner2, 64, 0);
	btf__add_struct(b, "mm_struct", 64);
	btf__add_field(b, NULL, at, 128, 0);
	btf__add_struct(b, "upid", 16);
	btf__add_field(b, "nr", u32, 0, 0);
	btf__add_field(b, "ns", ptr, 64, 0);
	btf__add_struct(b, "pid", 128);
	btf__add_field(b, "level", u32, 32, 0);
	btf__add_field(b, "tasks", list, 64, 0);
	btf__add_field(b, "numbers", list, 512, 0);
	btf__add_struct(b, "pid_namespace", 64);
	btf__add_field(b, "idr", inner, 64, 0);
	btf__add_struct(b, "xa_node", 576);
	btf__add_field(b, "shift", u8, 0, 0);
	btf__add_field(b, "slots", list, 320, 0);
	btf__add_struct(b, "task_struct", 4096);
	for (int i = 0; i < 7; i++) {
		static const char *const names[] = { "pid", "comm", "mm", "thread_pid", "pid_links", "self_exec_id",
						     "start_boottime" };
		int type = i == 0 ? u32 : i == 1 ? comm : i < 5 ? ptr : u64;

		if (leave && !strcmp(leave, names[i]))
			continue;
		if (wide && !strcmp(wide, names[i]))
			type = u8;
		btf__add_field(b, names[i], type, (uint32_t)(800 + 128 * i), 0);
	}
	raw = btf__raw_data(b, len);
	bytes = malloc(*len);
	memcpy(bytes, raw, *len);
	btf__free(b);
	return bytes;
}

static int layout(const char *leave, const char *wide, struct kcore_layout *l, const char **what)
{
	uint32_t len;
	void *bytes = btf_of(leave, wide, &len);
	int err = kcore_layout_from_btf(bytes, len, l, what);

	free(bytes);
	return err;
}

static void places_come_from_the_types(void **state)
{
	struct kcore_layout l;
	const char *what;

	(void)state;
	assert_int_equal(layout(NULL, NULL, &l, &what), 0);
	assert_int_equal(l.mm_pgd, 16 + 8 + 8);
	assert_int_equal(l.mm_users, 16 + 8 + 16);
	assert_int_equal(l.ns_root, 8 + 8);
	assert_int_equal(l.ns_base, 8 + 16);
	assert_int_equal(l.node_slots, 40);
	assert_int_equal(l.node_slots_size, 512);
	assert_int_equal(l.upid_size, 16);
	assert_int_equal(l.task_mm, 100 + 32);
	assert_int_equal(l.task_comm, 100 + 16);
}

static void types_that_are_not_as_known_are_refused(void **state)
{
	struct kcore_layout l;
	const char *what;

	(void)state;
	assert_int_equal(layout("mm", NULL, &l, &what), -EBADMSG);
	assert_string_equal(what, "this kernel's struct task_struct is not as known: mm");
	assert_int_equal(layout(NULL, "thread_pid", &l, &what), -EBADMSG);
	assert_int_equal(kcore_layout_from_btf("garbage", 7, &l, &what), -EBADMSG);
	assert_int_equal(kcore_layout_from_btf("", 0, &l, &what), -EBADMSG);
}

/* --- who reads --- */

static int no_module(const char *path)
{
	(void)path;
	return -ENOENT;
}

static void who_was_asked_for_is_asked(void **state)
{
	static const struct km_ops none = { no_module, NULL };
	const struct km_ops *before = km_ops;
	enum reader_kind k;
	struct reader r;
	struct fact f;
	struct runs l = { 0 };

	(void)state;
	assert_true(reader_kind_parse("km", &k) && k == READER_KM);
	assert_true(reader_kind_parse("kcore", &k) && k == READER_KCORE);
	assert_true(reader_kind_parse("any", &k) && k == READER_ANY);
	assert_false(reader_kind_parse("module", &k));
	km_ops = &none;
	assert_int_equal(reader_open(&r, READER_KM, &f), -ENOENT);
	assert_true(f.state == FACT_MISSING);
	assert_string_equal(f.where, KM_PATH);
	assert_string_equal(f.why, "the helper module is not loaded");
	assert_false(reader_is_open(&r));
	assert_int_equal(reader_walk(&r, 1, 0, 4096, 0, &l), -ENODEV);
	/* Whether this machine lets kcore be read is not known here: if not, both reasons are told. */
	if (reader_open(&r, READER_ANY, &f)) {
		assert_non_null(strstr(f.why, "the helper module is not loaded; "));
		assert_true(strstr(f.why, "/proc/kcore") || strstr(f.why, "/sys/kernel/btf"));
		assert_non_null(f.remedy);
	} else {
		assert_memory_equal(r.name, "kcore of ", 9);
	}
	reader_close(&r);
	km_ops = before;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_read),
		cmocka_unit_test(cut_headers_ask_for_more),
		cmocka_unit_test(strange_headers_are_refused),
		cmocka_unit_test(mappings_have_their_flags),
		cmocka_unit_test(strange_mappings_are_refused),
		cmocka_unit_test(the_start_of_a_process_is_told),
		cmocka_unit_test(ram_is_what_the_tree_says),
		cmocka_unit_test(places_come_from_the_types),
		cmocka_unit_test(types_that_are_not_as_known_are_refused),
		cmocka_unit_test(who_was_asked_for_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
