// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbols_scope.c - the function that has code at an address, and what was inlined into it there. Nothing recurses: the
 * information may be nested as deep as it likes.
 *
 * Source: DWARF 5, sections 3.3 (subroutines, inlined ones), 3.5 (lexical blocks).
 */
#include <dwarf.h>
#include <string.h>

#include "symbols_int.h"

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

static void note(struct symbols_place *p, const Dwarf_Die *die, int tag)
{
	if (tag == DW_TAG_subprogram) {
		p->function = *die;
		p->found = true;
		p->n = 0;
	} else if (tag == DW_TAG_inlined_subroutine) {
		/* The innermost count most. */
		if (p->n == SYMBOLS_DEEPEST)
			memmove(&p->inlined[0], &p->inlined[1], (size_t)--p->n * sizeof(*die));
		p->inlined[p->n++] = *die;
	}
}

/*
 * Below what has code at addr nothing else is looked at any more: only groups have to be left again.
 */
void symbols_place(const struct dw_lib *dw, struct symbols_place *p, uint64_t addr)
{
	Dwarf_Die at[SYMBOLS_DEEPEST];
	int depth = 0;

	p->found = false;
	p->n = 0;
	if (dw->dwarf_child(&p->unit, &at[0]))
		return;
	for (;;) {
		int tag = dw->dwarf_tag(&at[depth]);
		Dwarf_Die child;

		if (code(tag) && dw->dwarf_haspc(&at[depth], addr) > 0) {
			note(p, &at[depth], tag);
			if (dw->dwarf_child(&at[depth], &child))
				return;
			at[0] = child;
			depth = 0;
			continue;
		}
		if (depth + 1 < SYMBOLS_DEEPEST && group(dw, &at[depth], tag) &&
		    !dw->dwarf_child(&at[depth], &at[depth + 1])) {
			depth++;
			continue;
		}
		while (dw->dwarf_siblingof(&at[depth], &at[depth]))
			if (!depth--)
				return;
	}
}
