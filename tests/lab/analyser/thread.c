/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * thread.c - whose instruction is this?
 */
#include <stddef.h>

#include "guest.h"
#include "page.h"
#include "thread.h"

#define THREADS 64	/* that store to the range */
/* What is emulated for the interrupted code may push or pop a few words; a handler's own frame is larger than that. */
#define SAME_STACK 64

struct thread threads[THREADS];
unsigned int nthreads;
static struct list *list;
static struct wc_model fresh;

static bool is_kernel(uint64_t ip)
{
	return ip >> 63;
}

void thread_start(struct list *to, const struct wc_model *like)
{
	nthreads = 0;
	list = to;
	fresh = *like;
}

static struct thread *find(unsigned int cpu)
{
	uint64_t cr3 = page_cr3(cpu), fs = 0;
	bool known = false;

	for (unsigned int i = 0; i < nthreads; i++) {
		if (threads[i].cr3 != cr3)
			continue;
		/* Most of what runs is nobody's: its register is not asked for. */
		if (!known)
			fs = guest_reg(cpu, GUEST_FS_BASE);
		known = true;
		if (threads[i].fs == fs)
			return &threads[i];
	}
	return NULL;
}

struct thread *thread_stores(unsigned int cpu, uint64_t ip, bool *own)
{
	struct thread *t = find(cpu);

	*own = true;
	if (!t && nthreads == THREADS)
		return NULL;
	if (!t) {
		t = &threads[nthreads++];
		*t = (struct thread){ .cr3 = page_cr3(cpu), .fs = guest_reg(cpu, GUEST_FS_BASE) };
		t->from = (struct list_from){ list, &t->model };
		t->model = fresh;
		t->model.emit = list_emit;
		t->model.data = &t->from;
	}
	/* A program may leave a signal's handler by a jump, or store from it. */
	*own = !t->away || !is_kernel(ip);
	t->away = false;
	t->in_kernel = is_kernel(ip);
	return t;
}

struct thread *thread_own(unsigned int cpu, uint64_t ip)
{
	struct thread *t = find(cpu);

	if (!t || t->away)
		return NULL;
	if (!is_kernel(ip))
		t->in_kernel = false;
	else if (!t->in_kernel)
		return NULL;
	return t;
}

void thread_calls(struct thread *t)
{
	t->in_kernel = true;
}

/* Word n of a frame in the guest's memory; 0, which none of them is, when it cannot be read. */
static uint64_t word(unsigned int cpu, uint64_t frame, unsigned int n)
{
	uint64_t at = frame + n * 8, value = 0;
	const struct page *p = page_of(cpu, at);

	if (p)
		guest_read(p->phys + at % 4096, &value, sizeof(value));
	return value;
}

/* A frame, from its lowest word on: RIP CS RFLAGS RSP SS (Intel SDM vol 3, 6.14.2). */
#define FRAME_CS 1
#define FRAME_SP 3

static bool is_user(uint64_t cs)
{
	return (cs & 3) == 3;
}

void thread_handler(unsigned int cpu)
{
	struct thread *t = find(cpu);
	uint64_t frame;

	if (!t || t->away)
		return;
	frame = guest_reg(cpu, GUEST_RSP);
	/* Below it some exceptions push an error code; then what is in CS's place is an address of code. */
	if (word(cpu, frame, FRAME_CS) > 0xffff)
		frame += 8;
	t->away = true;
	t->away_user = is_user(word(cpu, frame, FRAME_CS));
	t->away_stack = word(cpu, frame, FRAME_SP);
}

void thread_iret(unsigned int cpu, uint64_t frame)
{
	struct thread *t = find(cpu);

	if (t && t->away && is_user(word(cpu, frame, FRAME_CS)) == t->away_user &&
	    word(cpu, frame, FRAME_SP) - t->away_stack + SAME_STACK <= 2 * SAME_STACK)
		t->away = false;
}
