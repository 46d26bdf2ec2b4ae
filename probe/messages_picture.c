/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages_picture.c - one line of a pattern, byte by byte. */
#include <string.h>

#include "messages_int.h"

static void paint(int16_t *at, uint64_t mask, int16_t with)
{
	for (unsigned int i = 0; i < MODEL_LINE; i++)
		if (mask >> i & 1)
			at[i] = with;
}

/* A line's bytes, gathered and all. */
struct sum {
	uint64_t line, gathered, all;
};

static void sum_add(struct sum *s, unsigned int *n, uint64_t line, uint64_t mask, bool gathers)
{
	unsigned int i = *n;

	/* The last one is the likely one. */
	while (i && s[i - 1].line != line)
		i--;
	if (!i) {
		s[i = (*n)++] = (struct sum){ .line = line };
		i++;
	}
	s[i - 1].all |= mask;
	s[i - 1].gathered |= gathers ? mask : 0;
}

void message_sum(struct message_pattern *p)
{
	struct sum s[2 * MESSAGES_STORES];
	unsigned int n = 0;

	p->bytes = p->fewest = 0;
	for (size_t i = 0; i < p->n; i++) {
		const struct model_event *e = &p->e[i].e;
		bool gathers = e->type == MT_WC && !(e->flags & ME_DIRECT);
		struct bytes w;

		if (e->kind != ME_STORE)
			continue;
		bytes_of(e, &w);
		for (unsigned int k = 0; k < w.n; k++)
			if (w.mask[k])
				sum_add(s, &n, w.line[k], w.mask[k], gathers);
		p->fewest += !gathers && e->type != MT_WB;
	}
	/* A masked store may lie over a line and write nothing to it. */
	p->lines = n;
	p->line = n ? s[0].line : p->line;
	for (unsigned int i = 0; i < n; i++) {
		p->bytes += cut_bytes(s[i].all);
		p->fewest += s[i].gathered ? cut_fewest(s[i].gathered) : 0;
	}
}

void message_picture(const struct message_pattern *p, uint64_t line, struct message_line *out)
{
	uint64_t all = 0;

	memset(out, -1, sizeof(*out));
	out->line = line;
	out->again = 0;
	for (size_t i = 0; i < p->n; i++) {
		struct bytes w;

		if (p->e[i].e.kind != ME_STORE)
			continue;
		bytes_of(&p->e[i].e, &w);
		for (unsigned int k = 0; k < w.n; k++) {
			if (w.line[k] != line)
				continue;
			out->again |= all & w.mask[k];
			all |= w.mask[k];
			paint(out->by, w.mask[k], (int16_t)i);
		}
	}
	for (size_t i = 0; i < p->ntlps; i++) {
		const struct model_tlp *t = &p->tlps[i];

		if (t->line == line)
			paint(out->departure, model_tlp_mask(t->addr, t->ndw, t->fbe, t->lbe), (int16_t)t->group);
	}
}
