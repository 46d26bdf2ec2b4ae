/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_kcore_walk.c - processes of a made-up machine: found by number, and gone, changed or another one meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kcore_world.h"

#define AT 0x7f0040000000ULL

/* Physical places of the structures; virtual is RAM_AT more. */
enum { NS = 0x10000, PID = 0x11000, TASK = 0x12000, MM = 0x13000, NODE = 0x14000, NODE2 = 0x15000, TASK2 = 0x16000, MM2 = 0x17000 };

#define SMAPS                                                                                                          \
	"7f0040000000-7f0040004000 rw-s 00000000 00:05 77                         /dev/bar\n"                          \
	"Size:                 16 kB\n"                                                                                \
	"VmFlags: rd wr sh mr mw me ms io pf dc de dd \n"                                                              \
	"7f0050000000-7f0050001000 rw-p 00000000 00:00 0 \n"                                                           \
	"Size:                  4 kB\n"                                                                                \
	"VmFlags: rd wr mr mw me ac \n"
#define MAPS                                                                                                           \
	"7f0040000000-7f0040004000 rw-s 00000000 00:05 77                         /dev/bar\n"                          \
	"7f0050000000-7f0050001000 rw-p 00000000 00:00 0 \n"
#define STAT "1234 (a ) b) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 500 0 0\n"

static uint64_t root;

static void put(struct world *w, uint64_t phys, uint32_t field, uint64_t v)
{
	*world_word(w, phys + field) = v;
}

static void put4(struct world *w, uint64_t phys, uint32_t field, uint32_t v)
{
	memcpy(world_page(w, phys) + (phys & 4095) + field, &v, 4);
}

/* A process of that number in a namespace of its own depth 1. */
static void process(struct world *w, int nr)
{
	const struct kcore_layout *l = &world_layout;

	world_init(w, 4);
	root = world_new(w);
	put4(w, NS, l->ns_base, 0);
	put(w, NS, l->ns_root, (RAM_AT + NODE) | 2);
	*world_page(w, NODE) = 6;
	put(w, NODE, l->node_slots + (uint32_t)(nr >> 6) * 8, (RAM_AT + NODE2) | 2);
	put(w, NODE2, l->node_slots + (uint32_t)(nr & 63) * 8, RAM_AT + PID);
	put4(w, PID, l->pid_level, 1);
	put4(w, PID, l->pid_numbers + l->upid_nr, 99);
	put(w, PID, l->pid_numbers + l->upid_ns, RAM_AT + 0x1f000);
	put4(w, PID, l->pid_numbers + l->upid_size + l->upid_nr, (uint32_t)nr);
	put(w, PID, l->pid_numbers + l->upid_size + l->upid_ns, RAM_AT + NS);
	put(w, PID, l->pid_tasks, RAM_AT + TASK + l->task_pid_links);
	put(w, TASK, l->task_thread_pid, RAM_AT + PID);
	put(w, TASK, l->task_mm, RAM_AT + MM);
	put(w, TASK, l->task_exec_id, 5);
	put(w, TASK, l->task_start, 5000000000);
	put(w, MM, l->mm_pgd, RAM_AT + root);
	put4(w, MM, l->mm_users, 2);
	for (unsigned int i = 0; i < 4; i++)
		world_map(w, root, AT + i * 4096, 1, (0xfe000000 + i * 4096) | W_TABLE | W_PWT);
	world_map(w, root, 0x7f0050000000, 1, 0x5000 | W_TABLE);
	w->k.ns = RAM_AT + NS;
	w->smaps = SMAPS;
	w->maps = MAPS;
	w->stat = STAT;
}

static int find(struct world *w, int nr)
{
	struct kcore_who who;

	return kcore_find(&w->k.mem, &w->k.layout, w->k.ns, nr, &who);
}

static void a_process_is_found_by_its_number(void **state)
{
	struct kcore_who who;
	struct world w;

	(void)state;
	process(&w, 1234);
	assert_int_equal(kcore_find(&w.k.mem, &w.k.layout, w.k.ns, 1234, &who), 0);
	assert_true(who.mm == RAM_AT + MM && who.pgd == RAM_AT + root && who.task == RAM_AT + TASK && who.exec_id == 5);
	assert_int_equal(find(&w, 1235), -ESRCH);
	assert_int_equal(find(&w, 1234 + 64), -ESRCH);
	assert_int_equal(find(&w, 4096), -ESRCH);
	assert_int_equal(find(&w, 1 << 30), -ESRCH);
	/* A tree of one number; one whose numbers begin later. */
	put(&w, NS, world_layout.ns_root, RAM_AT + PID);
	assert_int_equal(find(&w, 1234), -ESRCH);
	put4(&w, NS, world_layout.ns_base, 1234);
	assert_int_equal(find(&w, 1234), 0);
	assert_int_equal(find(&w, 1233), -ESRCH);
	assert_int_equal(find(&w, 1235), -ESRCH);
}

static void who_has_no_memory_is_gone(void **state)
{
	struct world w;

	(void)state;
	process(&w, 1234);
	put(&w, TASK, world_layout.task_mm, 0);
	assert_int_equal(find(&w, 1234), -ESRCH);
	process(&w, 1234);
	put4(&w, MM, world_layout.mm_users, 0);
	assert_int_equal(find(&w, 1234), -ESRCH);
	process(&w, 1234);
	put(&w, PID, world_layout.pid_tasks, 0);
	assert_int_equal(find(&w, 1234), -ESRCH);
}

/* What was freed and is something else by now does not say what it should of itself. */
static void what_is_not_as_it_says_is_not_believed(void **state)
{
	struct world w;

	(void)state;
	process(&w, 1234);
	put(&w, TASK, world_layout.task_thread_pid, RAM_AT + 0x1000);
	assert_int_equal(find(&w, 1234), -EAGAIN);
	process(&w, 1234);
	put4(&w, PID, world_layout.pid_numbers + world_layout.upid_size, 1235);
	assert_int_equal(find(&w, 1234), -EAGAIN);
	process(&w, 1234);
	put(&w, PID, world_layout.pid_numbers + world_layout.upid_size + 8, RAM_AT + NS + 8);
	assert_int_equal(find(&w, 1234), -EAGAIN);
	process(&w, 1234);
	put4(&w, PID, world_layout.pid_level, 0xffffffff);
	assert_int_equal(find(&w, 1234), -EAGAIN);
	process(&w, 1234);
	*world_page(&w, NODE) = 64;
	assert_int_equal(find(&w, 1234), -EPROTO);
	process(&w, 1234);
	put(&w, NODE, world_layout.node_slots + (1234 >> 6) * 8, (RAM_AT + NODE) | 2); /* a circle */
	*world_page(&w, NODE) = 0;
	put(&w, NODE, world_layout.node_slots + 1234 % 64 * 8, (RAM_AT + NODE) | 2);
	assert_true(find(&w, 50) < 0);
	process(&w, 1234);
	put(&w, TASK, world_layout.task_mm, 0x1000);
	assert_int_equal(find(&w, 1234), -EFAULT);
	process(&w, 1234);
	put(&w, PID, world_layout.pid_tasks, RAM_AT + TASK + world_layout.task_pid_links + 3);
	assert_int_equal(find(&w, 1234), -EPROTO);
	/* A field of zeros on a page that was not delivered. */
	process(&w, 1234);
	put(&w, TASK, world_layout.task_mm, 0);
	w.page_flags = 1 << 19;
	w.flags_of = TASK;
	assert_int_equal(find(&w, 1234), -EIO);
}

static void the_namespace_is_the_one_that_proc_shows(void **state)
{
	uint8_t task[64] = { 0 };
	uint64_t pid = RAM_AT + PID;
	struct world w;

	(void)state;
	process(&w, 1234);
	memcpy(task + world_layout.task_thread_pid, &pid, 8);
	w.k.image.task = task;
	w.k.image.task_len = sizeof(task);
	assert_true(kcore_own_ns(&w.k.mem, &w.k.layout, 1234) == RAM_AT + NS);
	assert_true(kcore_own_ns(&w.k.mem, &w.k.layout, 99) == RAM_AT + 0x1f000);
	assert_true(kcore_own_ns(&w.k.mem, &w.k.layout, 7) == 0);
	/* The same number in both: nobody can say which. */
	put4(&w, PID, world_layout.pid_numbers, 1234);
	assert_true(kcore_own_ns(&w.k.mem, &w.k.layout, 1234) == 0);
	w.k.image.task_len = 39;
	assert_true(kcore_own_ns(&w.k.mem, &w.k.layout, 99) == 0);
}

static int walk(struct world *w, unsigned int flags, struct runs *l)
{
	*l = (struct runs){ 0 };
	return kcore_walk_process(&w->k, 1234, 0, w->k.user_end, flags, l);
}

static void its_entries_and_mappings(void **state)
{
	struct world w;
	struct runs l;

	(void)state;
	process(&w, 1234);
	assert_int_equal(walk(&w, 0, &l), 0);
	assert_int_equal(l.n, 2);
	assert_true(l.r[0].pid == 1234 && l.r[0].start == AT && l.r[0].end == AT + 0x4000 && l.r[0].phys == 0xfe000000);
	assert_int_equal(l.r[0].vma, PTE_VMA | PTE_VMA_PFNMAP | PTE_VMA_IO | PTE_VMA_SHARED | PTE_VMA_WRITE);
	assert_int_equal(l.r[1].vma, PTE_VMA | PTE_VMA_WRITE);
	runs_free(&l);
	assert_int_equal(walk(&w, KM_DEVICE, &l), 0);
	assert_int_equal(l.n, 1);
	runs_free(&l);
	l = (struct runs){ 0 };
	assert_int_equal(kcore_walk_process(&w.k, 1234, AT + 4096, AT + 8192, 0, &l), 0);
	assert_true(l.n == 1 && l.r[0].start == AT + 4096 && l.r[0].end == AT + 8192 && l.r[0].phys == 0xfe001000);
	runs_free(&l);
}

static void ends(struct world *w)
{
	put(w, TASK, world_layout.task_mm, 0);
}

static void executes(struct world *w)
{
	static int times;

	if (times++)
		return;
	/* Another program, with the same mappings and other pages. */
	put(w, TASK, world_layout.task_exec_id, 6);
	for (unsigned int i = 0; i < 4; i++)
		world_map(w, root, AT + i * 4096, 1, (0xfd000000 + i * 4096) | W_TABLE);
}

static int unmap_times;
static void unmaps(struct world *w)
{
	if (unmap_times-- > 0) {
		w->maps = "7f0050000000-7f0050001000 rw-p 00000000 00:00 0 \n";
		return;
	}
	w->maps = MAPS;
}

/* Another file over the old one, with its bounds and rights. */
static void maps_over(struct world *w)
{
	static const char line[] = "7f0040000000-7f0040004000 rw-s 00000000 00:05 78                         /dev/bar_uc\n";
	static char smaps[sizeof(SMAPS) + sizeof(line)];

	if (w->smaps == smaps)
		return;
	snprintf(smaps, sizeof(smaps), "%s%s", line, strchr(SMAPS, '\n') + 1);
	w->smaps = smaps;
	w->maps = line;
	for (unsigned int i = 0; i < 4; i++)
		world_map(w, root, AT + i * 4096, 1, (0xfe000000 + i * 4096) | W_TABLE | W_PCD);
}

static void who_ends_meanwhile_is_gone(void **state)
{
	struct world w;
	struct runs l;

	(void)state;
	process(&w, 1234);
	w.maps_left = 1;
	assert_int_equal(walk(&w, 0, &l), -ESRCH);
	assert_int_equal(l.n, 0);
	runs_free(&l);
	process(&w, 1234);
	w.after_smaps = ends;
	assert_int_equal(walk(&w, 0, &l), -ESRCH);
	assert_int_equal(l.n, 0);
	runs_free(&l);
	process(&w, 1234);
	w.smaps = "";
	assert_int_equal(walk(&w, 0, &l), -ESRCH);
	runs_free(&l);
}

static void who_changes_is_read_again(void **state)
{
	struct world w;
	struct runs l;

	(void)state;
	process(&w, 1234);
	w.before_maps = executes; /* when its entries were read already */
	assert_int_equal(walk(&w, KM_DEVICE, &l), 0);
	assert_true(l.n == 1 && l.r[0].phys == 0xfd000000);
	runs_free(&l);
	process(&w, 1234);
	w.after_smaps = unmaps;
	unmap_times = 2;
	assert_int_equal(walk(&w, KM_DEVICE, &l), 0);
	assert_true(l.n == 1 && l.r[0].phys == 0xfe000000);
	runs_free(&l);
	process(&w, 1234);
	w.after_smaps = unmaps;
	unmap_times = 1000;
	assert_int_equal(walk(&w, KM_DEVICE, &l), -EAGAIN);
	assert_int_equal(l.n, 0);
	runs_free(&l);
	process(&w, 1234);
	w.before_maps = maps_over; /* behind the walk */
	assert_int_equal(walk(&w, KM_DEVICE, &l), 0);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.r[0].raw & (W_PWT | W_PCD), W_PCD);
	runs_free(&l);
	/* Of that which was not asked for it does not matter. */
	process(&w, 1234);
	w.maps = "7f0040000000-7f0040004000 rw-s 00000000 00:05 77                         /dev/bar\n";
	assert_int_equal(walk(&w, KM_DEVICE, &l), 0);
	assert_int_equal(l.n, 1);
	runs_free(&l);
}

/* A number that was given anew; a /proc of another namespace. */
static void another_process_of_that_number_is_not_it(void **state)
{
	struct world w;
	struct runs l;

	(void)state;
	process(&w, 1234);
	w.stat = "1234 (x) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 502 0 0\n";
	assert_int_equal(walk(&w, 0, &l), -EAGAIN);
	runs_free(&l);
	w.k.shift = 2; /* a time namespace */
	assert_int_equal(walk(&w, 0, &l), 0);
	runs_free(&l);
	w.stat = "1234 (x S 1 1 1";
	assert_int_equal(walk(&w, 0, &l), -EPROTO);
	runs_free(&l);
}

static void a_hole_in_its_tables_is_no_answer(void **state)
{
	struct world w;
	struct runs l;

	(void)state;
	process(&w, 1234);
	w.page_flags = 1 << 19;
	w.flags_of = world_entry(&w, root, AT, 1) & ~4095ULL;
	memset(world_page(&w, w.flags_of), 0, 4096);
	assert_int_equal(walk(&w, 0, &l), -EIO);
	assert_int_equal(l.n, 0);
	runs_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_is_found_by_its_number),
		cmocka_unit_test(who_has_no_memory_is_gone),
		cmocka_unit_test(what_is_not_as_it_says_is_not_believed),
		cmocka_unit_test(the_namespace_is_the_one_that_proc_shows),
		cmocka_unit_test(its_entries_and_mappings),
		cmocka_unit_test(who_ends_meanwhile_is_gone),
		cmocka_unit_test(who_changes_is_read_again),
		cmocka_unit_test(another_process_of_that_number_is_not_it),
		cmocka_unit_test(a_hole_in_its_tables_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
