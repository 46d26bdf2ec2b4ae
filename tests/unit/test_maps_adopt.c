/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_maps_adopt.c - mappings that only the entries tell, and mappings whose place only the entries tell; recorded, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/entries.h"
#include "probe/maps.h"
#include "probe/pci.h"
#include "recording.h"

/* BAR 2 of each; behind the second one follows a BAR of the third without a gap. */
static struct pci_device devices[] = {
	{ .slot = "0000:00:02.0", .dev = 2,
	  .bar = { [2] = { .addr = 0xfe000000, .size = 0x100000, .flags = RES_MEM | RES_PREFETCH } } },
	{ .slot = "0000:00:03.0", .dev = 3,
	  .bar = { [0] = { .addr = 0xfd000000, .size = 0x10000, .flags = RES_MEM } } },
	{ .slot = "0000:00:04.0", .dev = 4,
	  .bar = { [0] = { .addr = 0xfd010000, .size = 0x10000, .flags = RES_MEM } } },
};
static const struct pci pci = { .dev = devices, .n = 3 };

/* Processes as capture would have recorded them. */
#define MAPS_412 \
	"55d000000000-55d000010000 r-xp 00000000 08:01 77 /usr/bin/prog\n" \
	"7f0000000000-7f0000010000 rw-s 00000000 00:05 9 /dev/mydrv\n" \
	"7f0000020000-7f0000030000 rw-s 00000000 00:0e 10 anon_inode:[mydrv]\n" \
	"7f0000040000-7f0000050000 rw-s 20000000000 00:0e 11 anon_inode:[vfio-device]\n" \
	"7f0000060000-7f0000070000 rw-s 00000000 00:0e 12 /dev/revoked\n" \
	"7f0000080000-7f0000090000 rw-s 00000000 00:0e 13 /dev/scattered\n" \
	"7f00000a0000-7f00000c0000 rw-s 00000000 00:0e 14 /dev/across\n" \
	"7f00000d0000-7f00000e0000 rw-s 00000000 00:0e 15 /dev/dax\n" \
	"7ffc00000000-7ffc00004000 r--p 00000000 00:00 0 [vvar]\n"

#define ENTRIES \
	"reader wcdiag_km 0.1.0\n" \
	"0 0xffffc90000000000 0xffffc90000010000 1 present wx - 0xfe000000 0x80000000fe00016b 0x0\n" \
	"412 0x7f0000000000 0x7f0000010000 1 present wux piw 0xfe000000 0x80000000fe00026f 0x0\n" \
	/* half of it touched, and that in two pieces that lie as they should */ \
	"412 0x7f0000020000 0x7f0000021000 1 present wux piw 0xfe020000 0x80000000fe02026f 0x0\n" \
	"412 0x7f0000022000 0x7f0000028000 1 present wux piw 0xfe022000 0x80000000fe02226f 0x0\n" \
	"412 0x7f0000028000 0x7f0000030000 1 none - piw - 0x0 0x0\n" \
	"412 0x7f0000040000 0x7f0000050000 1 present wux piw 0xfe040000 0x80000000fe040277 0x0\n" \
	"412 0x7f0000060000 0x7f0000070000 1 none - piw - 0x0 0x0\n" \
	/* in one BAR, but not as one piece */ \
	"412 0x7f0000080000 0x7f0000081000 1 present wux piw 0xfe090000 0x80000000fe09026f 0x0\n" \
	"412 0x7f0000081000 0x7f0000090000 1 present wux piw 0xfe080000 0x80000000fe08026f 0x0\n" \
	/* one piece, but of two BARs */ \
	"412 0x7f00000a0000 0x7f00000c0000 1 present wux piw 0xfd000000 0x80000000fd00026f 0x0\n" \
	/* RAM, in a VMA that is no VM_PFNMAP */ \
	"412 0x7f00000d0000 0x7f00000e0000 1 present wux misw 0x10000000 0x8000000010000067 0x0\n" \
	"412 0x7ffc00000000 0x7ffc00004000 1 present u pi 0x20000000 0x8000000020000025 0x0\n" \
	"500 0x7f0000000000 0x7f0000001000 1 present wux piw 0xfe000000 0x80000000fe00026f 0x0\n"

static void machine(void)
{
	put_text(&from, "proc/412/maps", MAPS_412);
	put_text(&from, "proc/412/comm", "prog\n");
	put_text(&from, "wcdiag/nodes.txt", "/dev/mydrv 0000:00:02.0\n");
	put_text(&from, "wcdiag/entries.txt", ENTRIES);
}

static const struct map *find(const struct maps *m, const char *path)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->m[i].path, path))
			return &m->m[i];
	return NULL;
}

static void read_both(struct src *s, struct entries *e, struct maps *m)
{
	assert_int_equal(entries_read(s, e), 0);
	assert_int_equal(maps_read(s, &pci, 0x060c00, m), 0);
}

static void entries_place_what_maps_cannot(void **state)
{
	struct entries e;
	const struct map *p;
	struct maps m;
	struct src *s;

	(void)state;
	machine();
	s = open_root(from.dir);
	read_both(s, &e, &m);
	/* maps alone: the tied node, and a vfio region of an unknown device */
	assert_int_equal(m.n, 2);
	assert_false(m.m[0].phys_known || m.m[1].phys_known);

	assert_int_equal(maps_adopt(s, &pci, &e, &m), 0);
	assert_int_equal(m.n, 6);
	for (size_t i = 1; i < m.n; i++)
		assert_true(m.m[i - 1].vstart < m.m[i].vstart);
	p = find(&m, "/dev/mydrv");
	assert_true(p->kind == MAP_NODE && p->phys_known && p->phys == 0xfe000000 && p->dev == 0 && p->bar == 2);
	p = find(&m, "anon_inode:[vfio-device]");
	assert_true(p->kind == MAP_VFIO && p->phys_known && p->phys == 0xfe040000 && p->dev == 0 && p->bar == 2);
	p = find(&m, "anon_inode:[mydrv]");
	assert_true(p->kind == MAP_NODE && p->pid == 412 && p->phys_known && p->phys == 0xfe020000 && p->bar == 2);
	assert_true(p->read && p->write && p->shared && !p->exec && p->vend == 0x7f0000030000);
	assert_string_equal(p->comm, "prog");
	p = find(&m, "/dev/revoked");	/* VM_PFNMAP, and nothing in it: whose it is nobody can tell */
	assert_true(p && !p->phys_known && p->dev == -1 && p->bar == -1);
	p = find(&m, "/dev/scattered");
	assert_true(p && !p->phys_known && p->dev == 0 && p->bar == 2);
	p = find(&m, "/dev/across");
	assert_true(p && !p->phys_known && p->dev == -1);
	/* RAM, the kernel's own pages, and ordinary files are nobody's business */
	assert_true(!find(&m, "/dev/dax") && !find(&m, "[vvar]") && !find(&m, "/usr/bin/prog"));
	maps_free(&m);
	entries_free(&e);
	src_close(s);
}

static void adopting_twice_adds_nothing(void **state)
{
	struct entries e;
	struct maps m;
	struct src *s;

	(void)state;
	machine();
	s = open_root(from.dir);
	read_both(s, &e, &m);
	assert_int_equal(maps_adopt(s, &pci, &e, &m), 0);
	assert_int_equal(maps_adopt(s, &pci, &e, &m), 0);
	assert_int_equal(m.n, 6);
	maps_free(&m);
	entries_free(&e);
	src_close(s);
}

static void without_entries_nothing_changes(void **state)
{
	struct entries e;
	struct maps m;
	struct src *s;

	(void)state;
	machine();
	unlink(at(&from, "wcdiag/entries.txt"));
	s = open_root(from.dir);
	assert_int_equal(entries_read(s, &e), -ENODATA);
	assert_int_equal(maps_read(s, &pci, 0x060c00, &m), 0);
	assert_int_equal(maps_adopt(s, &pci, &e, &m), 0);
	assert_true(m.n == 2 && !m.m[0].phys_known);
	maps_free(&m);
	entries_free(&e);
	src_close(s);
}

/* Two small BARs in one page: an entry of that page does not tell which is meant. */
static void a_page_of_two_bars_is_neither(void **state)
{
	static struct pci_device two[] = { { .slot = "0000:00:02.0",
					     .bar = { [0] = { .addr = 0xfeb12000, .size = 256, .flags = RES_MEM },
						      [1] = { .addr = 0xfeb12100, .size = 256, .flags = RES_MEM } } } };
	static const struct pci one = { .dev = two, .n = 1 };
	struct entries e;
	struct maps m;
	struct src *s;

	(void)state;
	put_text(&from, "proc/9/maps", "7f0000000000-7f0000001000 rw-s 00000000 00:05 9 /dev/small\n");
	put_text(&from, "wcdiag/nodes.txt", "");
	put_text(&from, "wcdiag/entries.txt",
		 "9 0x7f0000000000 0x7f0000001000 1 present wux piw 0xfeb12000 0x80000000feb12277 0x0\n");
	s = open_root(from.dir);
	assert_int_equal(entries_read(s, &e), 0);
	assert_int_equal(maps_read(s, &one, 0x060c00, &m), 0);
	assert_int_equal(maps_adopt(s, &one, &e, &m), 0);
	assert_true(m.n == 1 && m.m[0].dev == -1 && !m.m[0].phys_known);
	maps_free(&m);
	entries_free(&e);
	src_close(s);
}

/* Recorded once more, the lines of adopted mappings are still there, and nothing of the others. */
static void a_recording_keeps_what_was_adopted(void **state)
{
	struct src *s;

	(void)state;
	machine();
	put_device();	/* 0000:00:02.0 with BAR 2 at 0xfe000000 */
	s = record(false);
	assert_text(s, "/wcdiag/entries.txt", ENTRIES);
	assert_text(s, "/proc/412/maps",
		    "7f0000000000-7f0000010000 rw-s 00000000 00:05 9 /dev/mydrv\n"
		    "7f0000020000-7f0000030000 rw-s 00000000 00:0e 10 anon_inode:[mydrv]\n"
		    "7f0000040000-7f0000050000 rw-s 20000000000 00:0e 11 anon_inode:[vfio-device]\n"
		    "7f0000060000-7f0000070000 rw-s 00000000 00:0e 12 /dev/revoked\n"
		    "7f0000080000-7f0000090000 rw-s 00000000 00:0e 13 /dev/scattered\n"
		    "7f00000a0000-7f00000c0000 rw-s 00000000 00:0e 14 /dev/across\n");
	src_close(s);
}

static void a_refusal_is_recorded_with_its_reason(void **state)
{
	struct entries e;
	struct src *s;

	(void)state;
	put_text(&from, "wcdiag/errors.txt", "ENOENT /dev/wcdiag\nENOENT /wcdiag/entries.txt\n");
	s = record(false);
	assert_text(s, "/wcdiag/entries.txt", NULL);
	assert_int_equal(entries_read(s, &e), -ENOENT);
	assert_string_equal(e.fact.why, "there was no reader of entries when the snapshot was taken: neither the helper module nor /proc/kcore");
	entries_free(&e);
	src_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(entries_place_what_maps_cannot, setup, teardown),
		cmocka_unit_test_setup_teardown(adopting_twice_adds_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(without_entries_nothing_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(a_page_of_two_bars_is_neither, setup, teardown),
		cmocka_unit_test_setup_teardown(a_recording_keeps_what_was_adopted, setup, teardown),
		cmocka_unit_test_setup_teardown(a_refusal_is_recorded_with_its_reason, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
