/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch_bpf.c - the watch by BPF programs at the functions that decide. READ.
 *
 * Which of the functions there are is asked of the kernel's own type information; programs of the others are not
 * loaded. Programs, links, maps and ring belong to descriptors of this process: they go when it goes, kill -9 included.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch_bpf.h"
#include "watch_int.h"
#include "watch_record.h"

#define BTF_PATH "/sys/kernel/btf/vmlinux"

#ifdef WCDIAG_BPF

#include "bpf_lib.h"

static const struct bpf_lib *lib;

/* The skeleton's few calls go through the library that was loaded late. */
#define bpf_object__open_skeleton      lib->bpf_object__open_skeleton
#define bpf_object__load_skeleton      lib->bpf_object__load_skeleton
#define bpf_object__attach_skeleton    lib->bpf_object__attach_skeleton
#define bpf_object__destroy_skeleton   lib->bpf_object__destroy_skeleton
#define bpf_object__detach_skeleton(s) ((void)(s))
#include "watch.skel.h"

struct by_bpf {
	struct watch_bpf *skel;
	struct ring_buffer *ring;
	struct watch *w;
	int rc;
};

/* What libbpf says is for its developers; the errno and where it failed are kept, not the words. */
static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	(void)fmt;
	(void)args;
	return 0;
}

static int refused(const struct watch *w, struct fact *f, int err)
{
	return watch_refusal(w, f, "the system call bpf", err,
			     "a kernel with CONFIG_DEBUG_INFO_BTF and BPF trampolines, 5.17 or later; or --by perf");
}

/* Has the running kernel this function, with as many arguments as the one that was read? */
static bool there(const struct btf *btf, const struct watch_function *fn)
{
	const int id = lib->btf__find_by_name_kind(btf, fn->name, BTF_KIND_FUNC);
	const struct btf_type *t = id > 0 ? lib->btf__type_by_id(btf, (unsigned int)id) : NULL;

	t = t ? lib->btf__type_by_id(btf, t->type) : NULL;
	return t && btf_vlen(t) == fn->nargs;
}

static const struct watch_function *row(const char *name)
{
	for (const struct watch_function *f = watch_functions; f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}

/* -ENOENT: one without which nothing is to be seen is not there. */
static int choose(struct watch *w, struct watch_bpf *skel, struct fact *why)
{
	struct btf *btf = lib->btf__load_vmlinux_btf();
	struct bpf_program *p = NULL;
	int rc = 0;

	if (!btf) {
		const int err = errno ? errno : ENOENT;

		fact_missing(why, NULL, BTF_PATH, err,
			     err == EACCES || err == EPERM ? "run as root"
							   : "a kernel with CONFIG_DEBUG_INFO_BTF; or --by perf");
		return -err;
	}
	while ((p = lib->bpf_object__next_program(skel->obj, p))) {
		const char *at = strchr(lib->bpf_program__section_name(p), '/');
		const struct watch_function *f = at ? row(at + 1) : NULL;

		lib->bpf_program__set_autoload(p, f && there(btf, f));
	}
	for (const struct watch_function *f = watch_functions; f->name && !rc; f++) {
		if (there(btf, f))
			continue;
		if (!f->what) {
			fact_missing(why, NULL, f->name, ENOENT, "not a kernel whose functions are known: report it");
			rc = -ENOENT;
		} else if (!f->instead || !there(btf, row(f->instead))) {
			watch_lacks(w, f->what);
		}
	}
	lib->btf__free(btf);
	return rc;
}

static int take_one(void *ctx, void *data, size_t len)
{
	struct by_bpf *b = ctx;

	if (len < sizeof(struct watch_record))
		return 0;
	b->rc = watch_hand_over(b->w, data);
	/* libbpf ends at a negative number only. */
	return b->rc ? -ECANCELED : 0;
}

static int open_bpf(struct watch *w, struct fact *why)
{
	struct by_bpf *b = calloc(1, sizeof(*b));
	const char *absent;
	int rc;

	if (!b)
		return -ENOMEM;
	w->way = b;
	b->w = w;
	lib = bpf_lib(&absent);
	if (!lib) {
		*why = (struct fact){ .state = FACT_MISSING, .err = ENOENT, .remedy = "install it; or --by perf" };
		snprintf(why->where, sizeof(why->where), "libbpf.so.1");
		snprintf(why->why, sizeof(why->why), "%s", absent);
		return -ENOENT;
	}
	lib->libbpf_set_print(quiet);
	errno = 0;
	b->skel = watch_bpf__open();
	if (!b->skel)
		return refused(w, why, errno ? errno : EINVAL);
	rc = choose(w, b->skel, why);
	if (rc)
		return rc;
	rc = watch_bpf__load(b->skel);
	if (!rc)
		rc = watch_bpf__attach(b->skel);
	if (rc)
		return refused(w, why, -rc);
	b->ring = lib->ring_buffer__new(lib->bpf_map__fd(b->skel->maps.ring), take_one, b, NULL);
	if (!b->ring)
		return refused(w, why, errno ? errno : EINVAL);
	fact_known(why, "BPF programs");
	return 0;
}

static void close_bpf(struct watch *w)
{
	struct by_bpf *b = w->way;

	if (!b)
		return;
	if (b->ring)
		lib->ring_buffer__free(b->ring);
	if (b->skel)
		watch_bpf__destroy(b->skel);
	free(b);
}

static int fd_bpf(const struct watch *w)
{
	return lib->ring_buffer__epoll_fd(((const struct by_bpf *)w->way)->ring);
}

static int take_bpf(struct watch *w)
{
	struct by_bpf *b = w->way;
	int n;

	b->rc = 0;
	n = lib->ring_buffer__consume(b->ring);
	return b->rc ? b->rc : n < 0 ? n : 0;
}

/* A program that is interrupted by another decision on the same processor is not entered again: the kernel counts. */
static uint64_t not_entered(const struct by_bpf *b)
{
	struct bpf_program *p = NULL;
	uint64_t n = 0;

	while ((p = lib->bpf_object__next_program(b->skel->obj, p))) {
		struct bpf_prog_info info = { 0 };
		unsigned int len = sizeof(info);
		const int fd = lib->bpf_program__fd(p);

		if (fd >= 0 && !lib->bpf_obj_get_info_by_fd(fd, &info, &len))
			n += info.recursion_misses;
	}
	return n;
}

static void counts_bpf(struct watch *w)
{
	struct by_bpf *b = w->way;
	struct watch_counts c = { 0 };
	const unsigned int zero = 0;

	if (lib->bpf_map_lookup_elem(lib->bpf_map__fd(b->skel->maps.counts), &zero, &c))
		return;
	w->state.seen = c.seen;
	w->state.unpaired = c.unpaired;
	w->state.lost = c.lost + not_entered(b) + w->garbled;
}

bool watch_has_bpf(void)
{
	return true;
}

#else

static int open_bpf(struct watch *w, struct fact *why)
{
	(void)w;
	*why = (struct fact){ .state = FACT_MISSING,
			      .err = EOPNOTSUPP,
			      .why = "this wcdiag was built without it",
			      .remedy = "build it where clang, bpftool and libbpf-dev are installed; or --by perf" };
	snprintf(why->where, sizeof(why->where), "the BPF programs");
	return -EOPNOTSUPP;
}

static void close_bpf(struct watch *w)
{
	(void)w;
}

static int fd_bpf(const struct watch *w)
{
	(void)w;
	return -1;
}

static int take_bpf(struct watch *w)
{
	(void)w;
	return -EOPNOTSUPP;
}

static void counts_bpf(struct watch *w)
{
	(void)w;
}

bool watch_has_bpf(void)
{
	return false;
}

#endif

const struct watch_ops watch_by_bpf = {
	.way = WATCH_BPF,
	.open = open_bpf,
	.close = close_bpf,
	.fd = fd_bpf,
	.take = take_bpf,
	.counts = counts_bpf,
};
