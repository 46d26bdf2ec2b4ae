// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbols_line.c - the source line of an address, and what was inlined there.
 *
 * Only the unit's own information is asked: libdw would open a split unit (.dwo) by the name that the file gives,
 * whatever that names. Its lines are in the file itself.
 *
 * Sources: DWARF 5, sections 3.3.8 (inlined subroutines), 6.2 (line numbers).
 */
#include <dwarf.h>
#include <string.h>

#include "symbols_int.h"

/* The unit that has code at addr. */
static bool unit_of(const struct dw_lib *dw, Dwarf *dwarf, uint64_t addr, Dwarf_Die *out, uint8_t *type)
{
	Dwarf_CU *cu = NULL;

	while (!dw->dwarf_get_units(dwarf, cu, &cu, NULL, type, out, NULL))
		if (dw->dwarf_haspc(out, addr) > 0)
			return true;
	return false;
}

/* Its table of lines is of a bearable size. */
static bool lines_affordable(const struct dw_lib *dw, Elf *elf, Dwarf_Die *unit)
{
	Dwarf_Attribute a;
	Elf_Data *data;
	Dwarf_Word at;
	uint64_t len;
	uint32_t word;

	if (!dw->dwarf_attr(unit, DW_AT_stmt_list, &a) || dw->dwarf_formudata(&a, &at) ||
	    !symbols_section(dw, elf, ".debug_line", &data) || data->d_size < 12 || at > data->d_size - 12)
		return false;
	memcpy(&word, (char *)data->d_buf + at, sizeof(word));
	len = word;
	if (word == UINT32_MAX) /* DWARF of 64 bits */
		memcpy(&len, (char *)data->d_buf + at + 4, sizeof(len));
	return len <= SYMBOLS_PROGRAM;
}

/* A string in the information itself may run out of it: libdw does not look. */
static const char *whole(const struct dw_lib *dw, const struct symbols_module *m, const char *p)
{
	Elf *elf[] = { m->elf, m->debug, m->alternate };
	Elf_Data *data;

	for (size_t i = 0; p && i < sizeof(elf) / sizeof(elf[0]); i++) {
		const char *from;

		if (!symbols_section(dw, elf[i], ".debug_info", &data))
			continue;
		from = data->d_buf;
		if (p >= from && p < from + data->d_size && !memchr(p, 0, (size_t)(from + data->d_size - p)))
			return NULL;
	}
	return p && *p ? p : NULL;
}

static const char *link_name(const struct dw_lib *dw, const struct symbols_module *m, Dwarf_Die *die)
{
	Dwarf_Attribute a;
	const char *name = NULL;

	if (dw->dwarf_attr_integrate(die, DW_AT_linkage_name, &a) ||
	    dw->dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &a))
		name = dw->dwarf_formstring(&a);
	return whole(dw, m, name ? name : dw->dwarf_diename(die));
}

/* Does somebody else write what stands there? */
static bool foreign(const char *path)
{
	static const char *const begins[] = { "/usr/include/", "/usr/local/include/" };
	static const char *const holds[] = { "/lib/gcc/", "/lib64/gcc/", "/lib/clang/", "/lib64/clang/", "/lib/llvm" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (!strncmp(path, begins[i], strlen(begins[i])))
			return true;
	for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++)
		if (strstr(path, holds[i]))
			return true;
	return false;
}

static const char *last_part(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

/* Out of the headers of others, call by call. */
static void own_line(const struct dw_lib *dw, struct symbols_module *m, struct symbols_place *p, struct symbol *out)
{
	Dwarf_Files *files;
	Dwarf_Attribute a;
	Dwarf_Word file, line;
	const char *path = out->path;
	size_t n;

	if (!path || dw->dwarf_getsrcfiles(&p->unit, &files, &n))
		return;
	for (int i = p->n; foreign(path) && i-- > 0;) {
		if (!dw->dwarf_attr(&p->inlined[i], DW_AT_call_file, &a) || dw->dwarf_formudata(&a, &file) ||
		    !dw->dwarf_attr(&p->inlined[i], DW_AT_call_line, &a) || dw->dwarf_formudata(&a, &line) ||
		    file >= n || !line || line > UINT32_MAX)
			return;
		path = dw->dwarf_filesrc(files, (size_t)file, NULL, NULL);
		if (!path)
			return;
		if (foreign(path))
			continue;
		out->own_path = path;
		out->own_file = last_part(path);
		out->own_line = (unsigned int)line;
		out->own_inlined = i ? whole(dw, m, dw->dwarf_diename(&p->inlined[i - 1])) : NULL;
	}
}

void symbols_line(const struct dw_lib *dw, struct symbols_module *m, uint64_t addr, struct symbol *out)
{
	Elf *elf = m->debug ? m->debug : m->elf;
	struct symbols_place p;
	Dwarf_Line *line;
	Dwarf_Addr entry;
	uint8_t type;
	int n;

	if (!m->dwarf || !unit_of(dw, m->dwarf, addr, &p.unit, &type))
		return;
	line = lines_affordable(dw, elf, &p.unit) ? dw->dwarf_getsrc_die(&p.unit, addr) : NULL;
	if (line && !dw->dwarf_lineno(line, &n) && n > 0) {
		out->path = dw->dwarf_linesrc(line, NULL, NULL);
		out->file = last_part(out->path);
		out->line = out->path ? (unsigned int)n : 0;
	}
	if (type == DW_UT_skeleton)
		return;
	symbols_place(dw, &p, addr);
	if (p.n) {
		out->inlined = whole(dw, m, dw->dwarf_diename(&p.inlined[p.n - 1]));
		own_line(dw, m, &p, out);
	}
	/* Only of one piece: the distance from the begin of another piece says nothing. */
	if (p.found && !out->function && dw->dwarf_hasattr(&p.function, DW_AT_high_pc) &&
	    !dw->dwarf_entrypc(&p.function, &entry) && entry <= addr) {
		out->function = link_name(dw, m, &p.function);
		out->in = out->function ? addr - entry : 0;
	}
}
