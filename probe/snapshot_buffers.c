/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot_buffers.c - the write-combining buffers, measured when asked for: one CPU of each kind. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "buffers_take.h"
#include "snapshot_int.h"

/* 0 with *n records, one of each kind; an error when any of them could not be had. */
static int measure(struct taker *t, const struct hyper *hyper, struct buffers_record *r, size_t *n)
{
	struct buffers_taken *b = malloc(sizeof(*b));
	struct buffers_place *p = NULL;
	int here = sched_getcpu(), err = b ? 0 : -ENOMEM;
	size_t places = 0;

	*n = 0;
	if (!err)
		err = buffers_places(t->s, hyper->guest || t->cpu.hypervisor_bit, &p, &places);
	if (!err)
		places = buffers_places_one_each(p, places, here < 0 ? 0 : (unsigned int)here);
	for (size_t i = 0; i < places && *n < BUFFERS_RECORDS && !err; i++) {
		err = buffers_take(t->s, &t->cpu, hyper, &p[i], 0, b);
		if (!err && !b->rec.curve.rounds)
			err = -EAGAIN; /* too busy */
		if (!err)
			r[(*n)++] = b->rec;
	}
	free(p);
	free(b);
	return err;
}

void take_buffers(struct taker *t)
{
	struct buffers_record *r;
	struct hyper hyper = { 0 };
	char *text = NULL;
	size_t n, len;
	int err;

	if (!src_is_live(t->s) || !t->o->buffers) {
		take_optional(t, BUFFERS_PATH);
		return;
	}
	hyper_read(t->s, &t->cpu, &hyper);
	if (hyper.kind && hyper.kind->pat == HYPER_PAT_EMULATED) {
		left_out(t, "%s: the CPU is emulated, there is nothing to measure", BUFFERS_PATH);
		return;
	}
	r = calloc(BUFFERS_RECORDS, sizeof(*r));
	err = r ? measure(t, &hyper, r, &n) : -ENOMEM;
	if (!err)
		text = buffers_records_format(r, n, &len);
	if (text)
		put(t, BUFFERS_PATH, text, len);
	else if (!err || err == -ENOMEM)
		t->nomem = true;
	else
		miss(t, BUFFERS_PATH, -err, "try again when the machine is less busy: wcdiag capture --buffers");
	free(text);
	free(r);
}
