// SPDX-License-Identifier: GPL-2.0-or-later
/* symbols_seen.c - what was asked before: a hash with open addressing, at most half full. */
#include <stdlib.h>

#include "symbols_int.h"

#define SEEN_MOST (1u << 20)

static struct symbols_seen *slot(struct symbols_seen *seen, size_t room, uint64_t whose, uint64_t addr)
{
	uint64_t h = (addr + whose * 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93;

	for (size_t i = (h ^ h >> 32) & (room - 1);; i = (i + 1) & (room - 1))
		if (!seen[i].whose || (seen[i].whose == whose && seen[i].addr == addr))
			return &seen[i];
}

bool symbols_remember(struct symbols *s, uint64_t whose, uint64_t addr, struct symbols_seen **out)
{
	*out = NULL;
	if (s->seens * 2 >= s->room) {
		size_t room = s->room ? s->room * 2 : 1024;
		struct symbols_seen *more = room <= 2 * SEEN_MOST ? calloc(room, sizeof(*more)) : NULL;

		for (size_t i = 0; more && i < s->room; i++)
			if (s->seen[i].whose)
				*slot(more, room, s->seen[i].whose, s->seen[i].addr) = s->seen[i];
		if (more) {
			free(s->seen);
			s->seen = more;
			s->room = room;
		}
	}
	if (!s->room)
		return true;
	*out = slot(s->seen, s->room, whose, addr);
	if ((*out)->whose)
		return false;
	if (s->seens * 2 >= s->room) {
		*out = NULL;
		return true;
	}
	(*out)->whose = whose;
	(*out)->addr = addr;
	s->seens++;
	return true;
}
