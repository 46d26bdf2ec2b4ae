/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_paths.c - the places that a program stops at, and the ways between them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace_paths.h"

#define BUCKETS 4096u
/* Ways from a place that are stepped however long they are. */
#define LEAST 3u
/* Instructions that may be spent on seeing a way that was taken unstepped. */
#define BUDGET 20000u
/*
 * A known place is looked at again after so many visits, and more for each instruction that it took. No multiple of
 * what programs repeat by, and not the same each time, so that not the same turn of a loop is met again and again; and
 * so many ways at once, that a loop's turns are all met.
 */
#define AGAIN	   61u
#define AGAIN_EACH 6u
/* Behind a way into a gap anything may come, so that nothing is sure whatever its beginning holds: it can wait. */
#define AGAIN_GAP  24u
#define LOOK_WAYS  24u
#define LOOK_STEPS 64u

/* So many equal ways have to follow one that was not before any is assumed again. */
#define VARIES 512u

struct place {
	struct place *next;
	uint64_t ip;
	uint64_t visits, check;	  /* check: the visit that is stepped again */
	unsigned int look, spent; /* ways yet to be stepped in this look; instructions that it took */
	uint64_t ways, steps;	  /* stepped from here: ways, instructions */
	uint64_t near;		  /* of them: not into a gap */
	struct path *unseen;	  /* a way to see, or NULL */
	unsigned int varies;	  /* step so often yet: what lies on a way from here is not always the same */
};

struct paths {
	unsigned int learn, often, most;
	uint64_t count, again;
	struct place *places[BUCKETS];
	struct path *paths[BUCKETS];
};

static unsigned int bucket(uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ (b << 32 | b >> 32)) * 0x9e3779b97f4a7c15u;

	return (unsigned int)(h >> 40) % BUCKETS;
}

int path_events_add(struct path_events *v, const struct path_event *e)
{
	if (v->n == v->cap) {
		size_t cap = v->cap ? v->cap * 2 : 16;
		struct path_event *p = reallocarray(v->e, cap, sizeof(*p));

		if (!p)
			return -ENOMEM;
		v->e = p;
		v->cap = cap;
	}
	v->e[v->n++] = *e;
	return 0;
}

void path_events_free(struct path_events *v)
{
	free(v->e);
	*v = (struct path_events){ .e = NULL };
}

int paths_new(unsigned int learn, struct paths **out)
{
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	(*out)->learn = learn;
	(*out)->often = learn > PATHS_OFTEN ? learn : PATHS_OFTEN;
	(*out)->most = 20 * learn > PATHS_LONG ? 20 * learn : PATHS_LONG;
	return 0;
}

void paths_clear(struct paths *p)
{
	for (unsigned int i = 0; i < BUCKETS; i++) {
		while (p->places[i]) {
			struct place *next = p->places[i]->next;

			free(p->places[i]);
			p->places[i] = next;
		}
		while (p->paths[i]) {
			struct path *next = p->paths[i]->next;

			path_events_free(&p->paths[i]->has);
			free(p->paths[i]);
			p->paths[i] = next;
		}
	}
}

void paths_free(struct paths *p)
{
	if (p)
		paths_clear(p);
	free(p);
}

static struct place *place_of(struct paths *p, uint64_t end)
{
	const uint64_t ip = end >> 6;
	struct place **at = &p->places[bucket(ip, 0)], *q;

	for (q = *at; q; q = q->next)
		if (q->ip == ip)
			return q;
	q = calloc(1, sizeof(*q));
	if (!q)
		return NULL;
	q->ip = ip;
	q->next = *at;
	*at = q;
	return q;
}

static struct path *find(const struct paths *p, uint64_t from, uint64_t to)
{
	for (struct path *q = p->paths[bucket(from, to)]; q; q = q->next)
		if (q->from == from && q->to == to)
			return q;
	return NULL;
}

static struct path *path_of(struct paths *p, uint64_t from, uint64_t to)
{
	struct path *q = find(p, from, to), **at;

	if (q)
		return q;
	q = calloc(1, sizeof(*q));
	if (!q)
		return NULL;
	at = &p->paths[bucket(from, to)];
	q->from = from;
	q->to = to;
	q->next = *at;
	*at = q;
	p->count++;
	return q;
}

bool paths_step(struct paths *p, uint64_t from)
{
	struct place *q = place_of(p, from);

	if (!q) /* no memory to learn anything: nothing must be assumed */
		return true;
	q->visits++;
	if (!q->look)
		q->spent = 0;
	if (q->varies || q->ways < LEAST || (q->ways < p->often && q->steps < p->most))
		return true;
	if (q->unseen) {
		if (q->unseen->stepped < p->learn && q->unseen->budget)
			return true;
		q->unseen = NULL;
	}
	if (q->look > 1) {
		q->look--;
		return true;
	}
	q->look = 0;
	if (q->visits < q->check)
		return false;
	q->look = LOOK_WAYS;
	q->spent = 0;
	p->again++;
	return true;
}

/* A read may be elsewhere each time. */
static bool same(const struct path_events *a, const struct path_events *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->e[i].e.kind != b->e[i].e.kind || a->e[i].e.ip != b->e[i].e.ip)
			return false;
	return true;
}

static int copy(struct path_events *to, const struct path_events *from)
{
	if (to == from)
		return 0;
	to->n = 0;
	for (size_t i = 0; i < from->n; i++)
		if (path_events_add(to, &from->e[i]))
			return -ENOMEM;
	return 0;
}

int paths_stepped(struct paths *p, uint64_t from, uint64_t to, uint32_t steps, const struct path_events *has)
{
	struct place *pl = place_of(p, from);
	struct path *q = pl ? path_of(p, from, to) : NULL;
	int was;

	if (!q)
		return -ENOMEM;
	was = !q->stepped ? PATH_NEW : same(&q->has, has) ? PATH_SAME : PATH_OTHER;
	pl->spent += steps;
	if (pl->spent >= LOOK_STEPS)
		pl->look = 0;
	pl->check = pl->visits + AGAIN + (to ? AGAIN_EACH : AGAIN_GAP) * pl->spent +
		    (pl->visits * 0x9e3779b97f4a7c15u >> 40) % AGAIN;
	pl->ways++;
	pl->near += to != 0;
	pl->steps += steps;
	if (pl->unseen)
		pl->unseen->budget -= steps < pl->unseen->budget ? steps : pl->unseen->budget;
	q->steps = steps;
	/* What it was taken for no longer holds, and may not next time: nothing is assumed for long. */
	q->stepped = was == PATH_OTHER ? 1 : q->stepped + 1;
	if (was == PATH_OTHER)
		pl->varies = VARIES;
	else if (pl->varies)
		pl->varies--;
	if (copy(&q->has, has))
		return -ENOMEM;
	/* By its ip alone as well: wherever in a line it stores. */
	if (!to && from != (from & ~(uint64_t)63)) {
		q = path_of(p, (from & ~(uint64_t)63), 0);
		if (!q || (!q->stepped && copy(&q->has, has)))
			return -ENOMEM;
		q->stepped += !q->stepped;
	}
	return was;
}

const struct path *paths_known(struct paths *p, uint64_t from, uint64_t to)
{
	const struct path *q = find(p, from, to);
	struct place *pl;

	if (!q || !q->stepped) {
		pl = to ? NULL : place_of(p, from);
		q = pl && !pl->near ? find(p, (from & ~(uint64_t)63), 0) : NULL;
	}
	return q && q->stepped ? q : NULL;
}

const struct path *paths_taken(struct paths *p, uint64_t from, uint64_t to)
{
	struct path *q = path_of(p, from, to);
	struct place *pl;

	if (!q || q->stepped)
		return q;
	/* Not to be caught at once: try again after 1, 2, 4, 8, ... times. */
	q->unseen++;
	if (!(q->unseen & (q->unseen - 1))) {
		q->budget = BUDGET;
		pl = place_of(p, from);
		if (pl)
			pl->unseen = q;
	}
	return NULL;
}

uint64_t paths_again(const struct paths *p)
{
	return p->again;
}

uint64_t paths_count(const struct paths *p)
{
	return p->count;
}
