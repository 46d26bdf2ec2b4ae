// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbols_elf.c - from the bytes of a file that are mapped to the addresses that the file itself gives them: by its
 * program headers, which stay when all else is stripped. No library is needed for it.
 *
 * Sources: System V ABI, generic, "Program Header"; AMD64 supplement.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbols_int.h"

#define MOST 128

static bool get(const struct symbols_module *m, uint64_t at, void *to, size_t len)
{
	if (!m->image)
		return m->fd >= 0 && at <= SYMBOLS_FILE && pread(m->fd, to, len, (off_t)at) == (ssize_t)len;
	if (at > m->imagelen || len > m->imagelen - at)
		return false;
	memcpy(to, m->image + at, len);
	return true;
}

void symbols_segments(struct symbols_module *m)
{
	Elf64_Ehdr h;
	Elf64_Phdr p;

	if (!get(m, 0, &h, sizeof(h)) || memcmp(h.e_ident, ELFMAG, SELFMAG) || h.e_ident[EI_CLASS] != ELFCLASS64 ||
	    h.e_ident[EI_DATA] != ELFDATA2LSB || h.e_machine != EM_X86_64 || h.e_phentsize != sizeof(p))
		return;
	m->segment = calloc(h.e_phnum < MOST ? h.e_phnum + 1u : MOST, sizeof(*m->segment));
	for (size_t i = 0; m->segment && i < h.e_phnum && i < MOST; i++) {
		if (!get(m, h.e_phoff + i * sizeof(p), &p, sizeof(p)))
			return;
		if (p.p_type == PT_LOAD)
			m->segment[m->segments++] = (struct symbols_segment){
				.offset = p.p_offset,
				.filesz = p.p_filesz,
				.vaddr = p.p_vaddr,
				.exec = p.p_flags & PF_X,
			};
	}
}

/* Segments may share a page of the file: the executable one is meant, for it is code that is asked for. */
bool symbols_address(const struct symbols_module *m, uint64_t offset, uint64_t *addr)
{
	const struct symbols_segment *found = NULL;

	for (size_t i = 0; i < m->segments; i++) {
		const struct symbols_segment *s = &m->segment[i];

		if (offset >= s->offset && offset - s->offset < s->filesz && (!found || (s->exec && !found->exec)))
			found = s;
	}
	if (found)
		*addr = offset - found->offset + found->vaddr;
	return found;
}
