// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kcore_vmas.c - a process's VMAs and their flags, from /proc/PID/smaps: the kernel's own word, in a form that it
 * keeps.
 *
 * The alternative, the mm's maple tree by BTF, would take constants that no type information has (how a pointer to a
 * node tells its kind, what bit VM_PFNMAP is). The price: smaps looks at every page of ordinary memory, a second for
 * some hundred GiB in pages of 4 KiB; of device memory it does not.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore_int.h"
#include "maps.h"
#include "scan.h"

#define MAX_VMAS (4U << 20)

/* Linux Documentation/filesystems/proc.rst, "VmFlags"; fs/proc/task_mmu.c show_smap_vma_flags() */
static const struct {
	char word[3];
	uint8_t bit;
} words[] = {
	{ "pf", PTE_VMA_PFNMAP }, { "mm", PTE_VMA_MIXEDMAP }, { "io", PTE_VMA_IO },
	{ "sh", PTE_VMA_SHARED }, { "wr", PTE_VMA_WRITE },    { "ht", PTE_VMA_HUGETLB },
};

/* FNV-1a. Another file may be mapped over this one with the same bounds: its line is then another one. */
static uint64_t sum_of(const char *p, size_t len)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)p[i]) * 0x100000001b3u;
	return h;
}

static int push(struct kcore_vmas *l, size_t *max, const struct map_line *m, uint64_t line)
{
	if (l->n >= MAX_VMAS)
		return -EBADMSG;
	if (l->n == *max) {
		size_t more = *max ? *max * 2 : 64;
		struct kcore_vma *v = reallocarray(l->v, more, sizeof(*v));

		if (!v)
			return -ENOMEM;
		l->v = v;
		*max = more;
	}
	l->v[l->n++] = (struct kcore_vma){ .start = m->vstart,
					   .end = m->vend,
					   .offset = m->offset,
					   .read = m->read,
					   .write = m->write,
					   .exec = m->exec,
					   .shared = m->shared,
					   .line = line };
	return 0;
}

static uint8_t flags_of(struct scan l)
{
	uint8_t bits = PTE_VMA;
	const char *w;
	size_t len;

	while (scan_blanks(&l), scan_word(&l, &w, &len))
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (len == 2 && !memcmp(w, words[i].word, 2))
				bits |= words[i].bit;
	return bits;
}

/* "Size:      4 kB", of smaps. */
static bool is_detail(struct scan l)
{
	const char *w;
	size_t len;

	return scan_word(&l, &w, &len) && len > 1 && w[len - 1] == ':' && *w >= 'A' && *w <= 'Z';
}

int kcore_vmas_parse(const char *text, size_t len, bool flags, struct kcore_vmas *out)
{
	struct scan t = scan_of(text, len), l;
	size_t max = 0;
	bool whole;
	int err = 0;

	*out = (struct kcore_vmas){ 0 };
	while (!err && scan_line(&t, &l, &whole)) {
		struct kcore_vma *last = out->n ? &out->v[out->n - 1] : NULL;
		struct map_line m;

		if (!whole) {
			err = -EBADMSG;
		} else if (flags && scan_lit(&l, "VmFlags:")) {
			if (!last || last->vma)
				err = -EBADMSG;
			else
				last->vma = flags_of(l);
		} else if (flags && is_detail(l)) {
			err = last && !last->vma ? 0 : -EBADMSG;
		} else if (map_line_parse(l.p, scan_left(&l), &m) || m.vstart >= m.vend ||
			   (last && (m.vstart < last->end || (flags && !last->vma)))) {
			err = -EBADMSG;
		} else {
			err = push(out, &max, &m, sum_of(l.p, scan_left(&l)));
		}
	}
	if (!err && flags && out->n && !out->v[out->n - 1].vma)
		err = -EBADMSG;
	if (err)
		kcore_vmas_free(out);
	return err;
}

void kcore_vmas_free(struct kcore_vmas *v)
{
	for (size_t i = 0; i < v->n; i++)
		runs_free(&v->v[i].runs);
	free(v->v);
	*v = (struct kcore_vmas){ 0 };
}
