/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages_fold.c - equal messages are one pattern: what is compared of a message, and what is kept of the first. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "messages_int.h"

/* The message's own lines, in the order they are touched. */
struct own_lines {
	uint64_t line[2 * MESSAGES_STORES];
	unsigned int n, at;
};

static unsigned int line_number(struct own_lines *l, uint64_t line)
{
	if (l->n && l->line[l->at] == line)
		return l->at;
	for (unsigned int i = 0; i < l->n; i++)
		if (l->line[i] == line)
			return l->at = i;
	return LINE_ELSEWHERE;
}

static unsigned int line_add(struct own_lines *l, uint64_t line, int8_t *step)
{
	unsigned int i = line_number(l, line);
	uint64_t before = l->n ? l->line[l->n - 1] : line;

	if (i != LINE_ELSEWHERE)
		return i;
	*step = !l->n ? 0 : line == before + MODEL_LINE ? 1 : line == before - MODEL_LINE ? -1 : 2;
	l->at = l->n;
	l->line[l->n++] = line;
	return l->at;
}

static void canon_place(struct own_lines *l, const struct model_event *e, struct canon *c)
{
	c->off = (uint8_t)(e->addr % MODEL_LINE);
	c->size = e->size;
	c->type = e->type;
	if (e->kind == ME_STORE) {
		int8_t other = 0;

		c->line = (uint16_t)line_add(l, LINE_OF(e->addr), &c->step);
		if (c->off + e->size > MODEL_LINE)
			c->line2 = (uint16_t)line_add(l, LINE_OF(e->addr) + MODEL_LINE, &other);
	} else {
		c->line = (uint16_t)line_number(l, LINE_OF(e->addr));
		if (c->line == LINE_ELSEWHERE)
			c->off = 0;
	}
}

static uint64_t place_of(const struct messages *m, pid_t pid, uint64_t ip)
{
	return ip && m->par.place ? m->par.place(pid, ip, m->par.ctx) : ip;
}

/* What is compared of it into m->canon, and its lines. */
static size_t canonise(struct messages *m, const struct message *one, struct own_lines *l)
{
	size_t n = 0;

	l->n = l->at = 0;
	for (size_t i = 0; i < one->n; i++) {
		const struct trace_event *e = &one->e[i];
		struct canon *c = &m->canon[n];

		if (e->e.kind == ME_GAP && e->e.addr < STREAM_GAP_MANY)
			continue;
		memset(c, 0, sizeof(*c));
		c->ip = place_of(m, e->pid, e->e.ip) + 31 * place_of(m, e->pid, e->call);
		c->kind = e->e.kind;
		c->flags = e->e.flags;
		c->number = e->e.kind == ME_SYSCALL ? e->number : 0;
		c->mask = e->e.flags & ME_MASKED ? e->e.mask : 0;
		if (e->e.kind == ME_STORE || e->e.kind == ME_READ)
			canon_place(l, &e->e, c);
		n++;
	}
	return n;
}

/* FNV-1a, by words: collisions are told by comparing. */
static uint64_t hash_of(const struct canon *c, size_t n, bool stores)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < n; i++) {
		uint64_t w[sizeof(*c) / 8];

		if (stores && c[i].kind != ME_STORE)
			continue;
		memcpy(w, &c[i], sizeof(w));
		for (size_t k = 0; k < sizeof(w) / sizeof(w[0]); k++)
			h = (h ^ w[k]) * 0x100000001b3ULL;
		h ^= h >> 29;
	}
	return h;
}

_Static_assert(sizeof(struct canon) == 32, "no byte of it is left undefined, and words hold all of it");

static struct kept *find(struct messages *m, uint64_t hash, size_t n, bool unsaid)
{
	for (int i = m->bucket[hash % FOLD_BUCKETS]; i >= 0; i = m->kept[i].chain) {
		struct kept *k = &m->kept[i];

		if (k->hash == hash && k->ncanon == n && k->p.unsaid == unsaid &&
		    !memcmp(k->canon, m->canon, n * sizeof(*m->canon)))
			return k;
	}
	return NULL;
}

static int keep(struct messages *m, const struct message *one, size_t n, uint64_t hash, const struct own_lines *l,
		struct kept **out)
{
	size_t body = n;
	struct kept *k;

	while (body && m->canon[body - 1].kind != ME_STORE)
		body--;
	*out = NULL;
	if (m->nkept == m->max) {
		m->t.other++;
		return 0;
	}
	if (m->nkept == m->room) {
		size_t room = m->room ? 2 * m->room : 16;

		k = realloc(m->kept, room * sizeof(*k));
		if (!k)
			return -ENOMEM;
		m->kept = k;
		m->room = room;
	}
	k = &m->kept[m->nkept];
	*k = (struct kept){
		.p = { .id = (int)m->nkept,
		       .pid = one->pid,
		       .tid = one->tid,
		       .first = one->number,
		       .n = one->n,
		       .line = l->n ? l->line[0] : LINE_OF(one->e[0].e.addr),
		       .lines = l->n,
		       .unsaid = one->unsaid,
		       .same_stores = -1,
		       .same_body = -1 },
		.ncanon = n,
		.hash = hash,
		.nbody = body,
		.stores_hash = hash_of(m->canon, n, true),
		.body_hash = hash_of(m->canon, body, false),
		.chain = m->bucket[hash % FOLD_BUCKETS],
	};
	k->p.e = malloc(one->n * sizeof(*one->e));
	k->canon = malloc(n * sizeof(*k->canon));
	if (!k->p.e || !k->canon) {
		free(k->p.e);
		free(k->canon);
		return -ENOMEM;
	}
	memcpy(k->p.e, one->e, one->n * sizeof(*one->e));
	memcpy(k->canon, m->canon, n * sizeof(*k->canon));
	m->bucket[hash % FOLD_BUCKETS] = (int)m->nkept++;
	*out = k;
	return 0;
}

int fold(struct messages *m, struct message *one, size_t unsaid_at, bool end_unseen, bool cut)
{
	struct own_lines l;
	size_t n = canonise(m, one, &l);
	uint64_t hash = hash_of(m->canon, n, false) ^ one->unsaid;
	struct kept *k = find(m, hash, n, one->unsaid);
	int rc = 0;

	if (!k) {
		rc = keep(m, one, n, hash, &l, &k);
		if (k) {
			k->p.unsaid_at = unsaid_at;
			k->p.cut = cut;
		}
	}
	if (k) {
		k->p.cut &= cut;
		k->p.count++;
		k->p.assumed += one->assumed;
		k->p.end_unseen |= end_unseen;
	}
	one->pattern = k ? k->p.id : -1;
	return rc || !m->par.each ? rc : m->par.each(one, m->par.ctx);
}

struct heard {
	struct model_tlp *t;
	size_t n, room;
	bool nomem;
};

static void hear(const struct model_tlp *t, void *ctx)
{
	struct heard *h = ctx;

	if (h->n == h->room) {
		size_t room = h->room ? 2 * h->room : 16;
		struct model_tlp *p = realloc(h->t, room * sizeof(*p));

		h->nomem |= !p;
		if (!p)
			return;
		h->t = p;
		h->room = room;
	}
	h->t[h->n++] = *t;
}

/* The message alone. */
static int tell(const struct messages *m, struct message_pattern *p)
{
	struct heard h = { 0 };
	struct stream_story *copy = malloc(sizeof(*copy));
	struct stream *s;
	int rc = copy ? stream_new(&m->par.model, hear, &h, &s) : -ENOMEM;

	if (rc) {
		free(copy);
		return rc;
	}
	for (size_t i = 0; i < p->n && !rc; i++)
		rc = stream_feed(s, &p->e[i].e);
	*copy = *stream_end(s);
	stream_free(s);
	p->story = copy;
	p->tlps = h.t;
	p->ntlps = h.n;
	return rc ? rc : h.nomem ? -ENOMEM : 0;
}

static bool same_stores(const struct kept *a, const struct kept *b)
{
	size_t i = 0, k = 0;

	if (a->stores_hash != b->stores_hash)
		return false;
	for (;; i++, k++) {
		while (i < a->ncanon && a->canon[i].kind != ME_STORE)
			i++;
		while (k < b->ncanon && b->canon[k].kind != ME_STORE)
			k++;
		if (i == a->ncanon || k == b->ncanon)
			return i == a->ncanon && k == b->ncanon;
		if (memcmp(&a->canon[i], &b->canon[k], sizeof(*a->canon)))
			return false;
	}
}

static bool changed(const struct messages *m, uint64_t from, uint64_t to)
{
	for (unsigned int k = 0; k < m->nchanged; k++)
		if (m->nchanged == CHANGED_MAX || (m->changed[k].from == from && m->changed[k].to == to))
			return true;
	return false;
}

/*
 * Does it rely on a way that another time was found to hold something else? One that was stepped each time does not;
 * of one on which nothing lies that cannot be told.
 */
static bool doubtful(const struct messages *m, const struct message_pattern *p)
{
	const struct trace_event *before = NULL;

	for (size_t i = 0; i < p->n && m->nchanged; i++) {
		if (p->e[i].e.kind != ME_STORE)
			continue;
		if (before && changed(m, before->e.ip, p->e[i].e.ip) && (p->assumed || before == &p->e[i - 1]))
			return true;
		before = &p->e[i];
	}
	return false;
}

/*
 * It was counted as it was when its ways were stepped. What they hold may as well be what was found the other time:
 * between any two of its stores something may flush.
 */
static int doubt(struct messages *m, const struct message_pattern *p)
{
	static const struct model_event unseen = { .kind = ME_UNSEEN };
	const uint64_t n = p->assumed ? p->assumed : p->count;
	const struct model_totals *t;
	struct model *all;
	int rc = model_new(&m->par.model, NULL, NULL, &all);

	if (rc)
		return rc;
	for (size_t i = 0; i < p->n; i++) {
		model_feed(all, &p->e[i].e);
		model_feed(all, &unseen);
	}
	model_end(all);
	t = model_totals(all);
	m->t.doubtful += n;
	m->t.full_doubt += n * t->full;
	m->t.worst_doubt += n * (t->worst - t->best);
	model_free(all);
	return 0;
}

static bool lacking(const struct kept *k)
{
	return k->p.unsaid || k->p.end_unseen;
}

/* More frequent than a, or as frequent and earlier. */
static bool before(const struct kept *b, const struct kept *a)
{
	return b->p.count != a->p.count ? b->p.count > a->p.count : b->p.id < a->p.id;
}

static void find_same_body(const struct messages *m, struct kept *k)
{
	const struct kept *best = NULL;

	for (size_t j = 0; j < m->nkept && !k->p.unsaid; j++) {
		const struct kept *o = &m->kept[j];

		if (o->body_hash == k->body_hash && o->nbody == k->nbody && !o->p.unsaid &&
		    before(o, best ? best : k) && !memcmp(o->canon, k->canon, k->nbody * sizeof(*k->canon)))
			best = o;
	}
	k->p.same_body = best ? best->p.id : -1;
}

static int by_count(const void *a, const void *b)
{
	const struct message_pattern *x = a, *y = b;

	return x->count != y->count ? (x->count < y->count) - (x->count > y->count) : (x->id > y->id) - (x->id < y->id);
}

int fold_end(struct messages *m)
{
	int rc = 0;

	m->t.patterns = m->nkept;
	m->pattern = calloc(m->nkept ? m->nkept : 1, sizeof(*m->pattern));
	if (!m->pattern)
		return -ENOMEM;
	for (size_t i = 0; i < m->nkept && !rc; i++) {
		struct kept *k = &m->kept[i];

		for (size_t j = 0; j < m->nkept && lacking(k) && k->p.same_stores < 0; j++)
			if (!lacking(&m->kept[j]) && same_stores(k, &m->kept[j]))
				k->p.same_stores = m->kept[j].p.id;
		find_same_body(m, k);
		k->p.doubtful = doubtful(m, &k->p);
		message_sum(&k->p);
		rc = tell(m, &k->p);
		if (!rc && k->p.doubtful && !k->p.unsaid)
			rc = doubt(m, &k->p);
		m->pattern[i] = k->p;
	}
	/* Which of those that were not kept are in doubt nobody knows. */
	if (m->nchanged && m->t.other)
		m->t.full_doubt = m->t.full_sure;
	m->t.full_sure -= m->t.full_doubt < m->t.full_sure ? m->t.full_doubt : m->t.full_sure;
	m->t.worst += m->t.worst_doubt;
	qsort(m->pattern, m->nkept, sizeof(*m->pattern), by_count);
	return rc;
}

void fold_free(struct messages *m)
{
	for (size_t i = 0; i < m->nkept; i++) {
		free(m->kept[i].p.e);
		free(m->kept[i].canon);
		free((void *)m->kept[i].p.story);
		free(m->kept[i].p.tlps);
	}
	free(m->kept);
	free(m->pattern);
}
