/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list.c - TLPs written down and counted.
 */
#include <inttypes.h>

#include "list.h"

FILE *list_file(const char *folder, const char *name, uint64_t number, const char *ending)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.%" PRIu64 "%s", folder, name, number, ending);
	f = fopen(path, "w");
	if (!f)
		perror(path);
	return f;
}

bool list_open(struct list *l, const char *folder, const char *name, uint64_t number, bool text)
{
	*l = (struct list){ .csv = list_file(folder, name, number, ".csv") };
	if (text)
		l->text = list_file(folder, name, number, "");
	if (!l->csv || (text && !l->text)) {
		list_close(l);
		return false;
	}
	fprintf(l->csv, "address,dws,first_be,last_be,reason,ip,flush\n");
	return true;
}

void list_emit(const struct wc_tlp *t, void *data)
{
	struct list_from *from = data;
	struct list *l = from->list;

	if (l->model != from->model || l->model_flush != t->flush) {
		l->model = from->model;
		l->model_flush = t->flush;
		l->flush++;
	}
	l->sum.tlps++;
	l->sum.full += t->reason == WC_FULL;
	l->sum.uc += t->reason == WC_UC_STORE;
	l->sum.bytes += wc_bytes(t);
	l->sum.dws += t->dws;
	if (l->sum.tlps > LIST_MAX)
		return;
	fprintf(l->csv, "0x%" PRIx64 ",%u,0x%x,0x%x,%s,0x%" PRIx64 ",%" PRIu64 "\n", t->address, t->dws, t->first,
		t->last, wc_reason_name[t->reason], t->ip, l->flush);
	if (l->text)
		fprintf(l->text, "tlp 0x%" PRIx64 " %u %x %x\n", t->address, t->dws, t->first, t->last);
}

static bool close_one(FILE **f)
{
	bool ok = *f && !ferror(*f);

	if (*f)
		ok = !fclose(*f) && ok;
	*f = NULL;
	return ok;
}

bool list_close(struct list *l)
{
	FILE *both[] = { l->csv, l->text };

	for (int i = 0; i < 2; i++)
		if (both[i])
			fprintf(both[i], "%s %" PRIu64 "\n", l->sum.tlps > LIST_MAX ? "cut" : "end", l->sum.tlps);
	if (l->text && !close_one(&l->text)) {
		close_one(&l->csv);
		return false;
	}
	return close_one(&l->csv);
}
