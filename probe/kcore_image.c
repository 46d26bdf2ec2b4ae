// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kcore_image.c - the headers of /proc/kcore: which file offset shows which memory, and two notes.
 *
 * Program headers: where RAM and the kernel's image lie, virtual and physical (p_paddr, Linux 4.5 on; all ones for what
 * is mapped page by page). Notes (Linux fs/proc/kcore.c): "VMCOREINFO" holds, as text, the number of levels, the
 * root table and the encryption bit (Linux 4.19 on; Documentation/admin-guide/kdump/vmcoreinfo.rst); NT_TASKSTRUCT is
 * the task_struct of whoever reads. Through the second every process is found without /proc/kallsyms, which takes a
 * hundred milliseconds to read and may hide all addresses.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore_int.h"
#include "scan.h"

#define MAX_SEGS 65535
#define NT_TASK	 4 /* NT_TASKSTRUCT */

static bool header_ok(const Elf64_Ehdr *e)
{
	return !memcmp(e->e_ident, ELFMAG, SELFMAG) && e->e_ident[EI_CLASS] == ELFCLASS64 &&
	       e->e_ident[EI_DATA] == ELFDATA2LSB && e->e_type == ET_CORE && e->e_machine == EM_X86_64 &&
	       e->e_phentsize == sizeof(Elf64_Phdr);
}

static int take_seg(struct kcore_image *i, const Elf64_Phdr *p)
{
	/* The last byte of the address space may belong to one: its end is then 0. */
	if (!p->p_memsz || p->p_vaddr > UINT64_MAX - (p->p_memsz - 1) || p->p_offset > INT64_MAX ||
	    p->p_memsz - 1 > INT64_MAX - p->p_offset)
		return -EBADMSG;
	if (p->p_paddr != KCORE_NO_PADDR && p->p_paddr > UINT64_MAX - p->p_memsz)
		return -EBADMSG;
	i->seg[i->n++] = (struct kcore_seg){ p->p_vaddr, p->p_memsz, p->p_paddr, p->p_offset };
	return 0;
}

static bool number(struct scan *s, bool hex, uint64_t *v)
{
	if (hex)
		return scan_hex(s, v);
	/* Written with "%ld": bit 63 makes it negative, and no processor has its encryption bit there. */
	return scan_dec(s, INT64_MAX, v);
}

/* Lines "KEY=VALUE". What is there twice, or cannot be read, makes the whole worthless. */
static int take_info(struct kcore_image *i, const char *text, size_t len)
{
	const struct {
		const char *key;
		uint64_t *value;
		bool hex;
	} rows[] = {
		/* Linux kernel/crash_core.c, arch/x86/kernel/crash_core_64.c or machine_kexec_64.c */
		{ "SYMBOL(swapper_pg_dir)=", &i->swapper, true },
		{ "NUMBER(sme_mask)=", &i->sme_mask, false },
		{ "NUMBER(pgtable_l5_enabled)=", &(uint64_t){ 2 }, false },
	};
	const char *nul = memchr(text, 0, len);
	struct scan t = scan_of(text, nul ? (size_t)(nul - text) : len), l;
	bool whole;

	while (scan_line(&t, &l, &whole)) {
		if (scan_lit(&l, "OSRELEASE=")) {
			scan_copy(i->release, sizeof(i->release), l.p, scan_left(&l));
			continue;
		}
		for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
			if (!scan_lit(&l, rows[r].key))
				continue;
			if (!number(&l, rows[r].hex, rows[r].value) || !scan_done(&l))
				return -EBADMSG;
		}
	}
	if (*rows[2].value > 1)
		return -EBADMSG;
	i->levels = *rows[2].value ? 5 : 4;
	return 0;
}

static int take_note(struct kcore_image *i, const Elf64_Nhdr *n, const char *name, const uint8_t *desc)
{
	if (n->n_namesz == sizeof("CORE") && !memcmp(name, "CORE", sizeof("CORE")) && n->n_type == NT_TASK &&
	    !i->task) {
		i->task = malloc(n->n_descsz ? n->n_descsz : 1);
		if (!i->task)
			return -ENOMEM;
		memcpy(i->task, desc, n->n_descsz);
		i->task_len = n->n_descsz;
	} else if (n->n_namesz == sizeof("VMCOREINFO") && !memcmp(name, "VMCOREINFO", sizeof("VMCOREINFO"))) {
		return take_info(i, (const char *)desc, n->n_descsz);
	}
	return 0;
}

static int take_notes(struct kcore_image *i, const uint8_t *p, size_t len)
{
	while (len >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr n;
		size_t name, desc;
		int err;

		memcpy(&n, p, sizeof(n));
		name = ((size_t)n.n_namesz + 3) & ~(size_t)3;
		desc = ((size_t)n.n_descsz + 3) & ~(size_t)3;
		p += sizeof(n);
		len -= sizeof(n);
		if (name > len || desc > len - name)
			return -EBADMSG;
		err = take_note(i, &n, (const char *)p, p + name);
		if (err)
			return err;
		p += name + desc;
		len -= name + desc;
	}
	return 0;
}

/* How much of the file the headers take; 0: nothing that can be. */
static size_t head_size(const uint8_t *bytes, const Elf64_Ehdr *e, size_t len)
{
	size_t end = e->e_phoff + (size_t)e->e_phnum * sizeof(Elf64_Phdr);

	if (e->e_phoff > KCORE_MAX_HEAD || end > KCORE_MAX_HEAD)
		return 0;
	for (size_t k = 0; k < e->e_phnum && e->e_phoff + (k + 1) * sizeof(Elf64_Phdr) <= len; k++) {
		Elf64_Phdr p;

		memcpy(&p, bytes + e->e_phoff + k * sizeof(p), sizeof(p));
		if (p.p_type != PT_NOTE)
			continue;
		if (p.p_offset > KCORE_MAX_HEAD || p.p_filesz > KCORE_MAX_HEAD - p.p_offset)
			return 0;
		if (p.p_offset + p.p_filesz > end)
			end = p.p_offset + p.p_filesz;
	}
	return end;
}

static int take_all(struct kcore_image *i, const uint8_t *bytes, const Elf64_Ehdr *e)
{
	int err = 0;

	for (size_t k = 0; k < e->e_phnum && !err; k++) {
		Elf64_Phdr p;

		memcpy(&p, bytes + e->e_phoff + k * sizeof(p), sizeof(p));
		if (p.p_type == PT_LOAD)
			err = take_seg(i, &p);
		else if (p.p_type == PT_NOTE)
			err = take_notes(i, bytes + p.p_offset, p.p_filesz);
	}
	return err;
}

int kcore_image_parse(const uint8_t *bytes, size_t len, struct kcore_image *out, size_t *need, const char **what)
{
	Elf64_Ehdr e;
	int err;

	*out = (struct kcore_image){ 0 };
	*need = sizeof(e);
	*what = "it is no image of this kernel's memory";
	if (len < sizeof(e))
		return -EAGAIN;
	memcpy(&e, bytes, sizeof(e));
	if (!header_ok(&e) || !e.e_phnum || e.e_phnum == PN_XNUM)
		return -EBADMSG;
	*need = head_size(bytes, &e, len);
	if (!*need)
		return -EBADMSG;
	if (*need > len)
		return -EAGAIN;
	out->seg = calloc(e.e_phnum, sizeof(*out->seg));
	err = out->seg ? take_all(out, bytes, &e) : -ENOMEM;
	if (!err && (!out->levels || !out->swapper)) {
		*what = "its note VMCOREINFO, which tells the form of the page tables, is not there (Linux before "
			"4.19)";
		err = -EBADMSG;
	} else if (!err && !out->task) {
		*what = "its note with the reading task is not there";
		err = -EBADMSG;
	}
	if (err)
		kcore_image_free(out);
	return err;
}

void kcore_image_free(struct kcore_image *i)
{
	free(i->seg);
	free(i->task);
	*i = (struct kcore_image){ 0 };
}

bool kcore_image_vmalloc(const struct kcore_image *i, uint64_t *start, uint64_t *end)
{
	/* 32 TiB with 4 levels, 12800 with 5 (Linux Documentation/x86/x86_64/mm.rst); the others are gigabytes or
	 * metadata of RAM. */
	const uint64_t tera = 1ULL << 40;
	const struct kcore_seg *best = NULL;

	for (size_t k = 0; k < i->n; k++) {
		const struct kcore_seg *s = &i->seg[k];

		if (s->paddr == KCORE_NO_PADDR && s->size > 16 * tera && s->vaddr >> 63 &&
		    (!best || s->size > best->size))
			best = s;
	}
	if (!best)
		return false;
	/* Its last page is left out: VMALLOC_END is the last byte, not the one behind it. */
	*start = best->vaddr & ~(KCORE_PAGE - 1);
	*end = (best->vaddr + best->size + KCORE_PAGE - 1) & ~(KCORE_PAGE - 1);
	return *end > *start;
}
