/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kcore_int.h - what the parts of the kcore reader share: kcore_image.c (the headers of /proc/kcore), kcore_layout.c
 * (BTF), kcore_mem.c (kernel memory), kcore_task.c (whose tables), kcore_vmas.c (which VMAs), kcore_ram.c (what is
 * RAM), kcore_tables.c (the walk), kcore_walk.c (a process, the kernel), kcore_live.c (files), kcore.c (opens it all).
 *
 * All but the last two are pure: bytes and callbacks in, so that tests can make up a machine.
 */
#ifndef WCDIAG_KCORE_INT_H
#define WCDIAG_KCORE_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entries.h"

#define KCORE_PAGE 4096ULL

/* --- kcore_image.c: what the headers of /proc/kcore say (Linux fs/proc/kcore.c) --- */

#define KCORE_NO_PADDR UINT64_MAX
#define KCORE_MAX_HEAD ((size_t)16 << 20)

struct kcore_seg {
	uint64_t vaddr, size;
	uint64_t paddr;	 /* of vaddr: RAM and the kernel's image; KCORE_NO_PADDR: mapped page by page */
	uint64_t offset; /* in the file */
};

struct kcore_image {
	struct kcore_seg *seg; /* n, as they stand in the file */
	size_t n;
	unsigned int levels; /* of page tables: 4 or 5 */
	uint64_t swapper;    /* virtual address of the kernel's own root table */
	uint64_t sme_mask;   /* the bit of an entry that stands for memory encryption; 0: none */
	char release[65];    /* uname -r */
	uint8_t *task;	     /* the reading thread's task_struct, as it stood at that moment; malloc'ed */
	size_t task_len;
};

/*
 * The beginning of the file. 0; -EAGAIN: more of it is needed, *need bytes; -EBADMSG with *what: not what this program
 * knows; -ENOMEM. On failure nothing has to be freed.
 */
int kcore_image_parse(const uint8_t *bytes, size_t len, struct kcore_image *out, size_t *need, const char **what);
void kcore_image_free(struct kcore_image *i);
/* Where ioremap puts its mappings: the one range of terabytes that is mapped page by page. False: not found. */
bool kcore_image_vmalloc(const struct kcore_image *i, uint64_t *start, uint64_t *end);

/* --- kcore_layout.c: where the kernel's structures have what is needed, by its own type information --- */

/* Offsets in bytes; a row of the table in kcore_layout.c each. */
struct kcore_layout {
	uint32_t task_pid, task_comm, task_mm, task_thread_pid, task_pid_links, task_exec_id, task_start;
	uint32_t pid_level, pid_numbers, pid_tasks, upid_nr, upid_ns, upid_size;
	uint32_t ns_root, ns_base, node_shift, node_slots, node_slots_size;
	uint32_t mm_pgd, mm_users;
};

/* 0; -EBADMSG, -ENOPKG (no libbpf) or -ENOMEM with *what. The bytes: /sys/kernel/btf/vmlinux. */
int kcore_layout_from_btf(const void *bytes, size_t len, struct kcore_layout *out, const char **what);

/* --- kcore_mem.c: kernel memory, of which the file shows what it can --- */

struct kcore_mem {
	const struct kcore_image *image;
	uint64_t frames; /* the bits of an entry that may hold a frame, above those of the page */
	bool pti;	 /* page table isolation is on */
	/* len bytes from offset, all or none. 0 or negative errno. */
	int (*read)(void *ctx, void *buf, size_t len, uint64_t offset);
	/* /proc/kpageflags of one page. 0 or negative errno. */
	int (*page_flags)(void *ctx, uint64_t pfn, uint64_t *flags);
	void *ctx;
};

/*
 * 0; -EFAULT: the file does not hold it; -EIO: what came are zeros, and it cannot be told from "not delivered". len may
 * not cross a page.
 */
int kcore_virt(const struct kcore_mem *m, uint64_t addr, void *buf, size_t len);
int kcore_phys(const struct kcore_mem *m, uint64_t phys, void *buf, size_t len);
/* The physical address of one in RAM or the kernel's image. False: none. */
bool kcore_to_phys(const struct kcore_mem *m, uint64_t addr, uint64_t *phys);

/* --- kcore_task.c: a process by its number --- */

struct kcore_who {
	uint64_t task, pid, mm, pgd, exec_id;
	uint64_t start; /* nanoseconds since boot */
};

/* The reading thread: its struct pid and, of its PID namespaces, the one in which it has the number nr; 0: none, or
 * two. */
uint64_t kcore_own_ns(const struct kcore_mem *m, const struct kcore_layout *l, int nr);
/*
 * 0; -ESRCH: no such process, or it has no memory; -EAGAIN: it changed meanwhile; -EFAULT, -EIO: not to be read;
 * -EPROTO: impossible.
 */
int kcore_find(const struct kcore_mem *m, const struct kcore_layout *l, uint64_t ns, int pid, struct kcore_who *out);

/* --- kcore_vmas.c: /proc/PID/smaps --- */

struct kcore_vma {
	uint64_t start, end, offset;
	uint8_t vma; /* PTE_VMA_*; 0: not said (a line of maps) */
	bool read, write, exec, shared;
	uint64_t line; /* of all that its line of maps says: device, inode and name as well */
	bool walked;
	struct runs runs;
};
struct kcore_vmas {
	struct kcore_vma *v; /* ascending */
	size_t n;
};
/*
 * smaps (flags: every VMA must have its line VmFlags) or maps. 0, -ENOMEM, -EBADMSG.
 */
int kcore_vmas_parse(const char *text, size_t len, bool flags, struct kcore_vmas *out);
void kcore_vmas_free(struct kcore_vmas *v);

/* --- kcore_ram.c: which physical ranges are RAM --- */

struct iomem;
struct kcore_ram {
	struct kcore_range {
		uint64_t start, end;
	} * ram, *other; /* ascending; other: what is claimed at the top and is no RAM */
	size_t nram, nother;
};
int kcore_ram_from(const struct iomem *m, struct kcore_ram *out); /* 0 or -ENOMEM */
void kcore_ram_free(struct kcore_ram *r);
/* Is some of it RAM, as the kernel's region_intersects() says? Part RAM and part something else is not. */
bool kcore_is_ram(const struct kcore_ram *r, uint64_t phys, uint64_t size);

/* --- kcore_tables.c: down the page tables --- */

struct kcore_fold {
	int pid;
	uint8_t vma;
	bool user; /* of a process */
	bool skip_none, upper;
	const struct kcore_ram *not_ram; /* leave out what is RAM, and what is no page; NULL: all */
	uint64_t ignore;		 /* as of runs_join() */
	bool fresh;			 /* the next run joins no earlier one */
};

/*
 * [start, end) from the root table at that physical address, appended to out. 0; -EAGAIN: a table would not hold still;
 * -EIO: one lies where the file delivers nothing; -E2BIG; -ENOMEM. What was read before an error stays.
 */
int kcore_tables(const struct kcore_mem *m, uint64_t root, uint64_t start, uint64_t end, struct kcore_fold *f,
		 struct runs *out);

/* --- kcore_walk.c: a process, the kernel --- */

/* What kcore.c opened. The three calls are of this machine, or of a test. */
struct kcore {
	struct kcore_image image;
	struct kcore_layout layout;
	struct kcore_mem mem;
	struct kcore_ram ram;
	uint64_t ns; /* the PID namespace that /proc shows */
	uint64_t user_end, kernel_start, vmalloc_start, vmalloc_end;
	long long shift; /* what /proc/PID/stat has more than the task, in ticks (a time namespace) */
	/* /proc/PID/FILE; data malloc'ed and terminated. 0 or negative errno. */
	int (*proc)(void *ctx, int pid, const char *file, char **data, size_t *len);
	void *ctx;
	int fd, flags_fd; /* of kcore.c */
};

/* --- kcore_live.c: this machine's files; ctx: the struct kcore --- */

int kcore_live_read(void *ctx, void *buf, size_t len, uint64_t offset);
int kcore_live_flags(void *ctx, uint64_t pfn, uint64_t *flags);
int kcore_live_proc(void *ctx, int pid, const char *file, char **data, size_t *len);
/* len bytes, all of them (-EFAULT: there are fewer); a whole file, malloc'ed and terminated. 0 or negative errno. */
int kcore_read_at(int fd, void *buf, size_t len, uint64_t offset);
int kcore_read_all(const char *path, char **data, size_t *len);
bool kcore_file_has(const char *path, const char *words);

/* --- kcore_walk.c, again --- */

/* Field 22 of /proc/PID/stat, in ticks of a hundredth of a second. False: not to be told. */
bool kcore_start_of(const char *stat, size_t len, uint64_t *ticks);
int kcore_walk_process(const struct kcore *k, int pid, uint64_t start, uint64_t end, unsigned int flags,
		       struct runs *out);
int kcore_walk_kernel(const struct kcore *k, uint64_t start, uint64_t end, unsigned int flags, struct runs *out);

#endif
