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

#define DEEPEST 64

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

/* Does it only group others? Then what is below it counts, whatever addresses it names. */
static bool group(const struct dw_lib *dw, Dwarf_Die *die, int tag)
{
	switch (tag) {
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		return true;
	case DW_TAG_lexical_block:
		return !dw->dwarf_hasattr(die, DW_AT_low_pc) && !dw->dwarf_hasattr(die, DW_AT_ranges);
	default:
		return false;
	}
}

static bool code(int tag)
{
	return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block ||
	       tag == DW_TAG_try_block || tag == DW_TAG_catch_block;
}

/*
 * The function that addr is in, and the innermost of those inlined there. Below what has code at addr nothing else is
 * looked at any more: only groups have to be left again.
 */
static bool function_of(const struct dw_lib *dw, Dwarf_Die *unit, uint64_t addr, Dwarf_Die *function,
			Dwarf_Die *inlined, bool *is_inlined)
{
	Dwarf_Die at[DEEPEST];
	bool found = false;
	int depth = 0;

	*is_inlined = false;
	if (dw->dwarf_child(unit, &at[0]))
		return false;
	for (;;) {
		int tag = dw->dwarf_tag(&at[depth]);
		Dwarf_Die child;

		if (code(tag) && dw->dwarf_haspc(&at[depth], addr) > 0) {
			if (tag == DW_TAG_subprogram) {
				*function = at[depth];
				found = true;
				*is_inlined = false;
			} else if (tag == DW_TAG_inlined_subroutine) {
				*inlined = at[depth];
				*is_inlined = true;
			}
			if (dw->dwarf_child(&at[depth], &child))
				return found;
			at[0] = child;
			depth = 0;
			continue;
		}
		if (depth + 1 < DEEPEST && group(dw, &at[depth], tag) && !dw->dwarf_child(&at[depth], &at[depth + 1])) {
			depth++;
			continue;
		}
		while (dw->dwarf_siblingof(&at[depth], &at[depth]))
			if (!depth--)
				return found;
	}
}

void symbols_line(const struct dw_lib *dw, struct symbols_module *m, uint64_t addr, struct symbol *out)
{
	Elf *elf = m->debug ? m->debug : m->elf;
	Dwarf_Die unit, function, inlined;
	Dwarf_Line *line;
	Dwarf_Addr entry;
	uint8_t type;
	bool is_inlined;
	int n;

	if (!m->dwarf || !unit_of(dw, m->dwarf, addr, &unit, &type))
		return;
	line = lines_affordable(dw, elf, &unit) ? dw->dwarf_getsrc_die(&unit, addr) : NULL;
	if (line && !dw->dwarf_lineno(line, &n) && n > 0) {
		out->path = dw->dwarf_linesrc(line, NULL, NULL);
		out->file = out->path ? strrchr(out->path, '/') : NULL;
		out->file = out->file ? out->file + 1 : out->path;
		out->line = out->path ? (unsigned int)n : 0;
	}
	if (type == DW_UT_skeleton || !function_of(dw, &unit, addr, &function, &inlined, &is_inlined))
		return;
	if (is_inlined)
		out->inlined = whole(dw, m, dw->dwarf_diename(&inlined));
	/* Only of one piece: the distance from the begin of another piece says nothing. */
	if (!out->function && dw->dwarf_hasattr(&function, DW_AT_high_pc) && !dw->dwarf_entrypc(&function, &entry) &&
	    entry <= addr) {
		out->function = link_name(dw, m, &function);
		out->in = out->function ? addr - entry : 0;
	}
}
