// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbols_table.c - which function an address lies in, by the tables of symbols. One that ends before the address is
 * not the function: in a stripped library those between are merely nameless.
 */
#include <stdlib.h>
#include <string.h>

#include "symbols_int.h"

/* Of several names of one place: with a size; global, then weak; a function; not the name of a version; the plainest.
 */
static unsigned int rank(const GElf_Sym *y, const char *name)
{
	unsigned int bind = GELF_ST_BIND(y->st_info), type = GELF_ST_TYPE(y->st_info);

	return (y->st_size ? 0 : 1u << 20) +
	       (bind == STB_GLOBAL ? 0
		: bind == STB_WEAK ? 1u << 18
				   : 2u << 18) +
	       (type == STT_FUNC ? 0 : 1u << 17) + (strchr(name, '@') ? 1u << 16 : 0) + (unsigned int)strspn(name, "_");
}

struct table {
	const struct dw_lib *dw;
	Elf *elf;
	Elf_Data *data;
	GElf_Shdr h;
	size_t n;
	bool whole; /* local symbols were left in it */
};

/* Does an entry without a size reach up to the next one? In hand-written code; but only where no name was taken out. */
static uint64_t unsized_end(const struct table *t, const GElf_Sym *y)
{
	GElf_Shdr h;

	if (!t->whole || (GELF_ST_TYPE(y->st_info) != STT_FUNC && GELF_ST_BIND(y->st_info) != STB_GLOBAL) ||
	    !t->dw->gelf_getshdr(t->dw->elf_getscn(t->elf, y->st_shndx), &h) || !(h.sh_flags & SHF_EXECINSTR) ||
	    y->st_value < h.sh_addr || y->st_value - h.sh_addr >= h.sh_size || h.sh_addr + h.sh_size < h.sh_addr)
		return y->st_value;
	return h.sh_addr + h.sh_size;
}

static void add(const struct table *t, struct symbols_module *m)
{
	GElf_Sym y;

	for (size_t i = 1; i < t->n; i++) {
		const char *name = NULL;
		unsigned int type;

		if (!t->dw->gelf_getsym(t->data, (int)i, &y) || y.st_shndx == SHN_UNDEF || y.st_shndx >= SHN_LORESERVE)
			continue;
		type = GELF_ST_TYPE(y.st_info);
		if (type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE)
			name = t->dw->elf_strptr(t->elf, t->h.sh_link, y.st_name);
		if (!name || !*name || y.st_value + y.st_size < y.st_value)
			continue;
		m->entry[m->entries++] = (struct symbols_entry){
			.addr = y.st_value,
			.size = y.st_size,
			.reach = y.st_size ? y.st_value + y.st_size : unsized_end(t, &y),
			.name = name,
			.rank = rank(&y, name),
		};
	}
}

/* All tables of an ELF file. */
static void take(const struct dw_lib *dw, Elf *elf, struct symbols_module *m)
{
	struct table t = { .dw = dw, .elf = elf };
	struct symbols_entry *more;
	Elf_Scn *scn = NULL;
	GElf_Sym y;

	while (elf && (scn = dw->elf_nextscn(elf, scn))) {
		if (!dw->gelf_getshdr(scn, &t.h) || (t.h.sh_type != SHT_SYMTAB && t.h.sh_type != SHT_DYNSYM))
			continue;
		t.data = dw->elf_getdata(scn, NULL);
		t.n = t.data ? t.data->d_size / sizeof(Elf64_Sym) : 0;
		if (t.n > SYMBOLS_ENTRIES - m->entries)
			continue;
		more = realloc(m->entry, (m->entries + t.n + 1) * sizeof(*more));
		if (!more)
			return;
		m->entry = more;
		/* What strips local symbols strips also those of the compiler's own code that every linked file has. */
		t.whole = false;
		for (size_t i = 1; t.h.sh_type == SHT_SYMTAB && !t.whole && i < t.n && i < t.h.sh_info; i++)
			t.whole = dw->gelf_getsym(t.data, (int)i, &y) && GELF_ST_TYPE(y.st_info) == STT_FUNC;
		add(&t, m);
	}
}

/* By address; of one address the best last, where the search begins. */
static int order(const void *a, const void *b)
{
	const struct symbols_entry *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	return strcmp(y->name, x->name);
}

void symbols_table(const struct dw_lib *dw, struct symbols_module *m)
{
	uint64_t next = UINT64_MAX, end = 0;

	m->entries = 0;
	take(dw, m->elf, m);
	take(dw, m->debug, m);
	if (!m->entries)
		return;
	qsort(m->entry, m->entries, sizeof(*m->entry), order);
	for (size_t i = m->entries; i-- > 0;) {
		struct symbols_entry *e = &m->entry[i];

		if (!e->size && e->reach > next)
			e->reach = next;
		if (i && e[-1].addr != e->addr)
			next = e->addr;
	}
	/* One without a size is none inside of one that has a size: a label in a function. */
	for (size_t i = 0; i < m->entries; i++) {
		struct symbols_entry *e = &m->entry[i];

		if (e->size && end < e->reach)
			end = e->reach;
		else if (!e->size && e->addr < end)
			e->reach = e->addr;
		e->size = e->reach - e->addr;
		if (i && e->reach < e[-1].reach)
			e->reach = e[-1].reach;
	}
}

/* The innermost. */
const struct symbols_entry *symbols_entry_at(const struct symbols_module *m, uint64_t addr)
{
	size_t low = 0, high = m->entries;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->entry[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	while (low-- > 0 && m->entry[low].reach > addr)
		if (addr - m->entry[low].addr < m->entry[low].size)
			return &m->entry[low];
	return NULL;
}
