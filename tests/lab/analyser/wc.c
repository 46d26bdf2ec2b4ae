/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wc.c - the analyser's reference model of write-combining buffers.
 */
#include <string.h>

#include "wc.h"

#define NO_LINE 1 /* no line's address */

const char *const wc_reason_name[WC_REASONS] = {
	[WC_FULL] = "full",	[WC_CAPACITY] = "capacity", [WC_SFENCE] = "sfence",	  [WC_MFENCE] = "mfence",
	[WC_LOCK] = "lock",	[WC_SERIAL] = "serialise",  [WC_IO] = "io",		  [WC_UC] = "uc",
	[WC_READ] = "read",	[WC_END] = "end",	    [WC_INTERRUPT] = "interrupt", [WC_UC_STORE] = "uc-store",
	[WC_DIRECT] = "direct",	[WC_SYSCALL] = "syscall",   [WC_EVICT] = "evict",
};

/* The bytes from to end of a line, as a mask. */
static uint64_t bytes_mask(unsigned int from, unsigned int end)
{
	uint64_t upto = end == 64 ? ~UINT64_C(0) : (UINT64_C(1) << end) - 1;

	return upto & ~((UINT64_C(1) << from) - 1);
}

/* One TLP for the bytes in mask, which is not 0, of the line at address. */
static void send(struct wc_model *m, uint64_t address, uint64_t mask, enum wc_reason why, uint64_t ip)
{
	unsigned int from = (unsigned int)__builtin_ctzll(mask) / 4, to = (63 - (unsigned int)__builtin_clzll(mask)) / 4;
	struct wc_tlp t = {
		.address = address + from * 4,
		.dws = to - from + 1,
		.first = mask >> (from * 4) & 15,
		.last = to > from ? mask >> (to * 4) & 15 : 0,
		.reason = why,
		.ip = ip,
		.flush = m->flushes,
	};

	m->emit(&t, m->data);
}

static void leave(struct wc_model *m, const struct wc_line *l, enum wc_reason why)
{
	if (l->mask == ~UINT64_C(0)) {
		send(m, l->address, l->mask, why, l->ip);
		return;
	}
	for (unsigned int at = 0; at < WC_LINE; at += 8)
		if (l->mask & bytes_mask(at, at + 8))
			send(m, l->address, l->mask & bytes_mask(at, at + 8), why, l->ip);
}

static void close_line(struct wc_model *m, unsigned int i, enum wc_reason why)
{
	struct wc_line l = m->line[i];

	m->open--;
	memmove(&m->line[i], &m->line[i + 1], (m->open - i) * sizeof(l));
	m->flushes++;
	leave(m, &l, why);
}

void wc_flush(struct wc_model *m, enum wc_reason why)
{
	if (!m->open)
		return;
	m->flushes++;
	for (unsigned int i = 0; i < m->open; i++)
		leave(m, &m->line[i], why);
	m->open = 0;
}

/* Where the line is; m->open when no buffer has it. */
static unsigned int find(const struct wc_model *m, uint64_t line)
{
	unsigned int i = 0;

	while (i < m->open && m->line[i].address != line)
		i++;
	return i;
}

/* Of a store, the bytes on the line that it reaches next, as a mask of that line; the store goes on behind them. */
struct store {
	uint64_t address, mask;
	unsigned int left;
};

static bool next_line(struct store *s, uint64_t *line, uint64_t *mask)
{
	unsigned int at = s->address % WC_LINE, n = WC_LINE - at < s->left ? WC_LINE - at : s->left;

	if (!s->left)
		return false;
	*line = s->address - at;
	*mask = s->mask << at & bytes_mask(at, at + n);
	s->address += n;
	s->left -= n;
	/* A store of more than 64 bytes has no mask. */
	s->mask = s->mask == WC_ALL ? WC_ALL : n == 64 ? 0 : s->mask >> n;
	return true;
}

/* After how many stores a line that is opened now will be given up; 0: never. */
static unsigned int lasts(struct wc_model *m, uint64_t line)
{
	bool rest = m->evicted == line + 1;

	m->evicted = 0;
	if (!m->evict || rest)
		return 0;
	return ++m->opened % m->evict ? 0 : m->evict_after;
}

/* All that are full but this one. */
static void close_full(struct wc_model *m, uint64_t but)
{
	for (unsigned int i = 0; i < m->open;)
		if (m->line[i].mask == WC_ALL && m->line[i].address != but)
			close_line(m, i, WC_FULL);
		else
			i++;
}

void wc_store(struct wc_model *m, uint64_t address, unsigned int size, uint64_t bytes, uint64_t ip)
{
	wc_piece(m, address, size, bytes, ip);
	close_full(m, NO_LINE);
}

void wc_piece(struct wc_model *m, uint64_t address, unsigned int size, uint64_t bytes, uint64_t ip)
{
	struct store s = { address, bytes, size };
	uint64_t line, mask;

	while (next_line(&s, &line, &mask)) {
		unsigned int i;

		if (!mask)
			continue;
		/* The store has left the line before this one. */
		close_full(m, line);
		i = find(m, line);
		if (i == m->open) {
			if (m->open == m->buffers)
				close_line(m, 0, WC_CAPACITY);
			i = m->open;
			m->line[i] = (struct wc_line){ .address = line, .lasts = lasts(m, line) };
			m->open++;
		}
		m->line[i].mask |= mask;
		m->line[i].ip = ip;
	}
}

void wc_stored(struct wc_model *m, uint64_t address, unsigned int size)
{
	close_full(m, NO_LINE);
	for (uint64_t line = address - address % WC_LINE; line < address + size; line += WC_LINE) {
		unsigned int i = find(m, line);

		if (i == m->open || !m->line[i].lasts || --m->line[i].lasts)
			continue;
		m->evicted = line + 1;
		close_line(m, i, WC_EVICT);
	}
}

/* Bytes without a hole are one TLP; with holes they go as those of a line that is not full. */
static void send_alone(struct wc_model *m, uint64_t line, uint64_t mask, enum wc_reason why, uint64_t ip)
{
	struct wc_line l = { .address = line, .mask = mask, .ip = ip };
	uint64_t low = mask & -mask;

	if (!mask)
		return;
	m->flushes++;
	if ((mask & (mask + low)) == 0)
		send(m, line, mask, why, ip);
	else
		leave(m, &l, why);
}

void wc_store_uc(struct wc_model *m, uint64_t address, unsigned int size, uint64_t bytes, uint64_t ip)
{
	struct store s = { address, bytes, size };
	uint64_t line, mask;

	wc_flush(m, WC_UC);
	while (next_line(&s, &line, &mask))
		send_alone(m, line, mask, WC_UC_STORE, ip);
}

void wc_direct(struct wc_model *m, uint64_t address, unsigned int size, uint64_t bytes, uint64_t ip)
{
	struct store s = { address, bytes, size };
	uint64_t line, mask;

	while (next_line(&s, &line, &mask)) {
		unsigned int i = find(m, line);

		if (mask && i < m->open)
			close_line(m, i, WC_DIRECT);
		send_alone(m, line, mask, WC_DIRECT, ip);
	}
}

void wc_read(struct wc_model *m, uint64_t address, unsigned int size)
{
	for (uint64_t line = address - address % WC_LINE; line < address + size; line += WC_LINE) {
		unsigned int i = find(m, line);

		if (i < m->open)
			close_line(m, i, WC_READ);
	}
}

unsigned int wc_bytes(const struct wc_tlp *t)
{
	unsigned int between = t->dws > 2 ? (t->dws - 2) * 4 : 0;

	return (unsigned int)__builtin_popcount(t->first) + between + (unsigned int)__builtin_popcount(t->last);
}

static void count(const struct wc_tlp *t, void *data)
{
	struct wc_pending *p = data;

	p->tlps++;
	p->dws += t->dws;
	p->bytes += wc_bytes(t);
}

struct wc_pending wc_pending(const struct wc_model *m)
{
	struct wc_pending p = { 0 };
	struct wc_model if_flushed = { .emit = count, .data = &p };

	for (unsigned int i = 0; i < m->open; i++) {
		p.full += m->line[i].mask == WC_ALL;
		leave(&if_flushed, &m->line[i], WC_END);
	}
	return p;
}
