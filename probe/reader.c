// SPDX-License-Identifier: GPL-2.0-or-later
/* reader.c - chooses who reads page table entries, and passes the question on. */
#include "reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kcore.h"

static enum reader_kind preferred = READER_ANY;

void reader_prefer(enum reader_kind kind)
{
	preferred = kind;
}

bool reader_kind_parse(const char *word, enum reader_kind *kind)
{
	static const char *const words[] = { [READER_ANY] = "any", [READER_KM] = "km", [READER_KCORE] = "kcore" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(word, words[i])) {
			*kind = (enum reader_kind)i;
			return true;
		}
	return false;
}

static int open_km(struct reader *r, struct fact *f)
{
	int err = km_open(&r->km, f);

	if (err)
		return err;
	snprintf(r->name, sizeof(r->name), "wcdiag_km %s", r->km.version);
	r->where = KM_PATH;
	r->levels = r->km.levels;
	r->user_end = r->km.user_end;
	r->kernel_start = r->km.kernel_start;
	r->vmalloc_start = r->km.vmalloc_start;
	r->vmalloc_end = r->km.vmalloc_end;
	return 0;
}

/* Open for whoever comes next; NULL: none, or it is lent. */
static struct kcore *kept;
static bool keeping;

void reader_keep(bool keep)
{
	keeping = keep;
	if (!keep) {
		kcore_close(kept);
		kept = NULL;
	}
}

static int open_kcore(struct reader *r, struct fact *f)
{
	struct kcore_says s;
	int err = 0;

	if (kept) {
		r->kcore = kept;
		kept = NULL;
		fact_known(f, KCORE_PATH);
	} else {
		err = kcore_open(&r->kcore, f);
	}
	if (err)
		return err;
	kcore_say(r->kcore, &s);
	snprintf(r->name, sizeof(r->name), "kcore of %.50s", *s.release ? s.release : "this kernel");
	r->where = KCORE_PATH;
	r->levels = s.levels;
	r->user_end = s.user_end;
	r->kernel_start = s.kernel_start;
	r->vmalloc_start = s.vmalloc_start;
	r->vmalloc_end = s.vmalloc_end;
	return 0;
}

/*
 * Neither can read. The module's reason stands first. What to do is what is nearest: kcore needs nothing to be loaded,
 * so where its obstacle can be removed that is it.
 */
static void neither(struct fact *f, const struct fact *km, const struct fact *kcore)
{
	*f = *km;
	snprintf(f->why, sizeof(f->why), "%.90s; %.40s: %.60s", km->why, kcore->where, kcore->why);
	if (km->err != EPERM && km->err != EACCES && kcore->remedy)
		f->remedy = kcore->remedy;
}

int reader_open(struct reader *r, enum reader_kind kind, struct fact *f)
{
	struct fact km = { 0 }, kcore = { 0 };
	int err = -ENODEV;

	*r = (struct reader)READER_NONE;
	if (kind == READER_ANY)
		kind = preferred;
	if (kind != READER_KCORE) {
		err = open_km(r, &km);
		if (!err || kind == READER_KM) {
			*f = km;
			return err;
		}
	}
	err = open_kcore(r, &kcore);
	if (!err || kind == READER_KCORE)
		*f = kcore;
	else
		neither(f, &km, &kcore);
	return err;
}

void reader_close(struct reader *r)
{
	km_close(&r->km);
	if (keeping && r->kcore && !kept)
		kept = r->kcore;
	else
		kcore_close(r->kcore);
	*r = (struct reader)READER_NONE;
}

int reader_walk(const struct reader *r, int pid, uint64_t start, uint64_t end, unsigned int flags, struct runs *out)
{
	if (r->kcore)
		return kcore_walk(r->kcore, pid, start, end, flags, out);
	return r->km.fd < 0 ? -ENODEV : km_walk(&r->km, pid, start, end, flags, out);
}

const char *reader_why(const struct reader *r, int err, const char **remedy)
{
	return r->kcore ? kcore_walk_why(err, remedy) : km_walk_why(&r->km, err, remedy);
}
