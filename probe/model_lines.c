/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_lines.c - the buffers of the default list: lines open, bytes gathered, the line opened first leaves first. */
#include <string.h>

#include "model_int.h"

int lines_find(struct model *m, uint64_t line)
{
	/* The slot written last is the likely one, and it is cheaper than a search. */
	if (m->tag[m->hit] == line)
		return (int)m->hit;
	for (unsigned int i = 0; m->n && i < m->nbuf; i++)
		if (m->tag[i] == line)
			return (int)i;
	return -1;
}

static void forget(struct model *m, unsigned int slot)
{
	unsigned int i = 0;

	m->tag[slot] = NO_LINE;
	while (m->order[i] != slot)
		i++;
	m->n--;
	memmove(&m->order[i], &m->order[i + 1], m->n - i);
}

void lines_leave(struct model *m, unsigned int slot, enum model_reason why)
{
	const struct open_line *l = &m->slot[slot];
	struct cut_count c = cut_line(m->cpu->partial, l->mask);

	/* While nothing is open to doubt, the range is what this very line can become; range_direct() knows of more. */
	if (!m->range.open && why != MR_OVERTAKEN)
		range_add(m, c, MU_PARTIAL);
	out_line(m, m->tag[slot], l, why, c.dflt);
	forget(m, slot);
}

void lines_leave_all(struct model *m, enum model_reason why)
{
	while (m->n)
		lines_leave(m, m->order[0], why);
}

static unsigned int open_slot(struct model *m, uint64_t line)
{
	unsigned int slot = 0;

	if (m->n == m->nbuf || (m->n && !m->known)) {
		/* With a single buffer there is no choice. */
		if (!m->known)
			range_fork(m, MU_BUFFERS | MU_POLICY);
		else if (m->nbuf > 1)
			range_fork(m, MU_POLICY);
		if (m->n == m->nbuf)
			lines_leave(m, m->order[0], MR_CAPACITY);
	}
	while (m->tag[slot] != NO_LINE)
		slot++;
	m->tag[slot] = line;
	m->slot[slot] = (struct open_line){ .first = m->at, .ip_first = m->at_ip };
	m->order[m->n++] = (uint8_t)slot;
	if (m->n > m->t.open_max)
		m->t.open_max = m->n;
	return slot;
}

/* A store of a whole line, with a buffer to spare, takes one for no longer than itself. */
static void pass(struct model *m, uint64_t line)
{
	struct open_line l = { FULL_MASK, m->at, m->at, m->at_ip, m->at_ip, 1, 0 };

	if (m->n == m->t.open_max)
		m->t.open_max++;
	range_add(m, (struct cut_count){ 1, 1, 1 }, 0);
	out_line(m, line, &l, MR_FULL, 1);
}

void lines_store(struct model *m, uint64_t line, uint64_t mask)
{
	int found = lines_find(m, line);
	struct open_line *l;
	unsigned int slot;

	if (found < 0 && mask == FULL_MASK && !m->range.open && m->n < m->nbuf && (m->known || !m->n)) {
		pass(m, line);
		return;
	}
	slot = found >= 0 ? (unsigned int)found : open_slot(m, line);
	l = &m->slot[slot];
	if (l->mask & mask) {
		unsigned int again = cut_bytes(l->mask & mask);

		m->t.repeat_bytes += again;
		l->repeat += again < UINT32_MAX - l->repeat ? again : 0;
	}
	m->hit = slot;
	l->mask |= mask;
	l->last = m->at;
	l->ip_last = m->at_ip;
	l->stores += l->stores < UINT32_MAX;
	if (m->range.open)
		range_piece(m, line, mask);
	if (l->mask == FULL_MASK)
		lines_leave(m, slot, MR_FULL);
}
