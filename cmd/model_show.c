/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_show.c - what the model made of a stream, for people and for programs. */
#include <inttypes.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/model.h"
#include "cmd/table.h"
#include "cmd/text.h"

#define TOP_IPS 10

static const struct col tlp_cols[] = {
	{ "ADDRESS", COL_HEX, "of the first doubleword" },
	{ "DWS", COL_NUMBER, "length in doublewords" },
	{ "FBE", COL_TEXT, "first byte enables" },
	{ "LBE", COL_TEXT, "last byte enables" },
	{ "BYTES", COL_NUMBER, "enabled bytes" },
	{ "WHY", COL_TEXT, "why it left" },
	{ "BY", COL_NUMBER, "the event that made it leave" },
	{ "FIRST", COL_NUMBER, "the first store of its line" },
	{ "LAST", COL_NUMBER, "the last one" },
	{ "STORES", COL_NUMBER, "how many stores wrote the line" },
	{ "IP", COL_HEX, "instruction of the last store" },
	{ NULL, 0, NULL },
};

static const struct col why_cols[] = {
	{ "WHY", COL_TEXT, "why lines left" },
	{ "LINES", COL_NUMBER, "lines, or stores that combine with nothing" },
	{ "TLPS", COL_NUMBER, "TLPs" },
	{ NULL, 0, NULL },
};

static const struct col ip_cols[] = {
	{ "IP", COL_HEX, "instruction of the last store to a partial line" },
	{ "LINES", COL_NUMBER, "partial lines" },
	{ "TLPS", COL_NUMBER, "TLPs they became" },
	{ "LEFT_BY", COL_TEXT, "why the first of them left" },
	{ "AT", COL_HEX, "the instruction that made it leave" },
	{ NULL, 0, NULL },
};

static const struct col profile_cols[] = {
	{ "NAME", COL_TEXT, "for --profile" },
	{ "BUFFERS", COL_NUMBER, "lines open at once" },
	{ "SURE", COL_TEXT, "how far that can be trusted" },
	{ "PARTIAL", COL_TEXT, "how a partial line is cut" },
	{ "CPUS", COL_TEXT, "which CPUs" },
	{ "SOURCE", COL_TEXT, "where the number of buffers is from" },
	{ NULL, 0, NULL },
};

static void hex_or_none(struct table *t, uint64_t v)
{
	if (v)
		table_num(t, v);
	else
		table_none(t);
}

static struct table *tlps(const struct model_view *v)
{
	struct table *t = table_new(tlp_cols);

	for (size_t i = 0; t && i < v->ntlp; i++) {
		const struct model_tlp *p = &v->tlp[i];

		table_row(t);
		table_num(t, p->addr);
		table_num(t, p->ndw);
		table_text(t, "%x", p->fbe);
		table_text(t, "%x", p->lbe);
		table_num(t, p->bytes);
		table_text(t, "%s", v->json ? model_reason_id(p->reason) : model_reason_name(p->reason));
		table_num(t, p->by);
		table_num(t, p->first);
		table_num(t, p->last);
		table_num(t, p->stores);
		hex_or_none(t, p->ip_last);
	}
	return t;
}

static struct table *reasons(const struct model_view *v)
{
	struct table *t = table_new(why_cols);

	for (unsigned int r = 0; t && r < MR_COUNT; r++) {
		if (!v->t->reason_tlps[r])
			continue;
		table_row(t);
		table_text(t, "%s", v->json ? model_reason_id(r) : model_reason_name(r));
		table_num(t, v->t->reason_lines[r]);
		table_num(t, v->t->reason_tlps[r]);
	}
	return t;
}

static struct table *instructions(const struct model_view *v)
{
	struct table *t = table_new(ip_cols);

	for (size_t i = 0; t && i < v->ips->n && (v->json || i < TOP_IPS); i++) {
		const struct model_ip *p = &v->ips->at[i];

		table_row(t);
		table_num(t, p->ip);
		table_num(t, p->lines);
		table_num(t, p->tlps);
		table_text(t, "%s", v->json ? model_reason_id(p->why) : model_reason_name(p->why));
		hex_or_none(t, p->by_ip);
	}
	return t;
}

static double share(uint64_t a, uint64_t b)
{
	return b ? (double)a / (double)b : 0;
}

/* Which question, and where the profile says something about it. */
static void question(const struct model_view *v, unsigned int bit, char *buf, size_t len)
{
	const struct cpu_profile *c = v->cpu;
	struct items kinds;
	char list[200];

	if (bit == MU_EVENT) {
		items_begin(&kinds, list, sizeof(list));
		for (unsigned int k = 0; k < ME_KINDS; k++)
			if (v->t->maybe_kinds >> k & 1)
				items_add(&kinds, 1, ", ", "%s", model_kind_name(k));
		items_end(&kinds);
		snprintf(buf, len, "%s: %s (%s)", model_unknown_says(bit), list, c->events->source);
	} else if (bit == MU_PARTIAL || bit == MU_BUFFERS) {
		snprintf(buf, len, "%s (%s)", model_unknown_says(bit),
			 bit == MU_PARTIAL ? c->partial_source : c->buffers_source);
	} else {
		snprintf(buf, len, "%s", model_unknown_says(bit));
	}
}

static void buffers_line(const struct model_view *v, char *buf, size_t len)
{
	if (v->par.buffers)
		snprintf(buf, len, "%u, asked for", v->buffers);
	else if (v->cpu->buffers)
		snprintf(buf, len, "%u (%s)", v->buffers, v->cpu->buffers_source);
	else
		snprintf(buf, len, "not known, %u assumed (%s)", v->buffers, v->cpu->buffers_source);
}

static void summary(const struct model_view *v)
{
	const struct model_totals *t = v->t;
	char buf[512];

	printf("CPU      %s (%s): %s\n", v->cpu->name, v->chosen, v->cpu->title);
	buffers_line(v, buf, sizeof(buf));
	printf("Buffers  %s\n\n", buf);
	printf("events       %" PRIu64 ", of them stores %" PRIu64 ": WC %" PRIu64 ", uncached %" PRIu64
	       ", direct %" PRIu64 ", to write-back memory %" PRIu64 "\n",
	       t->events, t->stores, t->wc, t->uc, t->direct, t->wb);
	if (t->straddling)
		printf("straddling   %" PRIu64 " stores cross a line\n", t->straddling);
	if (t->repeat_bytes)
		printf("repeated     %" PRIu64 " bytes written again while they were in a buffer\n", t->repeat_bytes);
	printf("lines        %" PRIu64 ", full %" PRIu64 " (%.1f %%), open at once %u\n", t->lines, t->full,
	       100 * share(t->full, t->lines), t->open_max);
	printf("TLPs         %" PRIu64, t->tlps);
	if (t->best != t->worst)
		printf(", as far as is known %" PRIu64 " to %" PRIu64, t->best, t->worst);
	printf("\nper TLP      %.1f bytes\n", share(t->bytes, t->tlps));
	printf("on the wire  %" PRIu64 " bytes for %" PRIu64 ": %.1f %%\n", t->wire, t->bytes,
	       100 * share(t->bytes, t->wire));
}

static int show_table(const char *title, struct table *t)
{
	if (!t)
		return -1;
	if (!table_empty(t))
		printf("\n%s\n", title);
	return table_print(t);
}

/* What made no difference to the count is not worth a word; a stream that has holes always is. */
static unsigned int unknowns(const struct model_totals *t)
{
	return t->best != t->worst ? t->unknowns : t->unseen ? MU_UNSEEN : 0;
}

static int show_text(const struct model_view *v)
{
	const struct model_ips *s = v->ips;
	char buf[512];
	int rc;

	summary(v);
	rc = show_table("Why they left", reasons(v));
	if (!rc)
		rc = show_table("Partial lines, by the instruction of their last store", instructions(v));
	if (!rc && s->n > TOP_IPS)
		printf("... and %zu more instructions\n", s->n - TOP_IPS);
	if (!rc && s->more)
		printf("... and %" PRIu64 " lines by still others, which were not kept apart\n", s->more);
	if (!rc && v->list) {
		rc = show_table("TLPs; events are counted from 0", tlps(v));
		if (!rc && v->t->tlps > v->ntlp)
			printf("... and %" PRIu64 " more\n", v->t->tlps - v->ntlp);
	}
	if (!unknowns(v->t))
		return rc;
	printf("\nNot known\n");
	for (unsigned int i = 0; i < MU_BITS; i++) {
		if (!(unknowns(v->t) >> i & 1))
			continue;
		question(v, 1u << i, buf, sizeof(buf));
		printf("  ");
		wrap(buf, 2, 2, text_width());
	}
	return rc;
}

static void js_cpu(struct json_object *top, const struct model_view *v)
{
	struct json_object *o = json_object_new_object();

	js_str(o, "name", v->cpu->name);
	js_str(o, "title", v->cpu->title);
	js_str(o, "chosen", v->chosen);
	js_num(o, "buffers", v->buffers);
	js_bool(o, "buffers_known", v->par.buffers || v->cpu->buffers);
	js_str(o, "buffers_confidence", confidence_name(v->par.buffers ? CONF_NONE : v->cpu->buffers_conf));
	js_str(o, "buffers_source", v->par.buffers ? "asked for" : v->cpu->buffers_source);
	js_str(o, "partial_source", v->cpu->partial_source);
	js_str(o, "events_source", v->cpu->events->source);
	json_object_object_add(top, "profile", o);
}

static void js_table(struct json_object *o, const char *key, struct table *t)
{
	json_object_object_add(o, key, t ? table_json(t) : NULL);
}

static int show_json(const struct model_view *v)
{
	const struct model_totals *t = v->t;
	struct json_object *o = js_head(NULL), *u = json_object_new_array();
	char buf[512];

	js_cpu(o, v);
	js_num(o, "events", t->events);
	js_num(o, "stores", t->stores);
	js_num(o, "stores_wc", t->wc);
	js_num(o, "stores_uncached", t->uc);
	js_num(o, "stores_direct", t->direct);
	js_num(o, "stores_wb", t->wb);
	js_num(o, "straddling", t->straddling);
	js_num(o, "repeated_bytes", t->repeat_bytes);
	js_num(o, "lines", t->lines);
	js_num(o, "full", t->full);
	json_object_object_add(o, "full_rate", t->lines ? json_object_new_double(share(t->full, t->lines)) : NULL);
	js_num(o, "open_max", t->open_max);
	js_num(o, "tlps", t->tlps);
	js_num(o, "best", t->best);
	js_num(o, "worst", t->worst);
	js_num(o, "bytes", t->bytes);
	json_object_object_add(o, "bytes_per_tlp", t->tlps ? json_object_new_double(share(t->bytes, t->tlps)) : NULL);
	js_num(o, "wire_bytes", t->wire);
	json_object_object_add(o, "efficiency", t->wire ? json_object_new_double(share(t->bytes, t->wire)) : NULL);
	js_table(o, "reasons", reasons(v));
	js_table(o, "instructions", instructions(v));
	js_num(o, "instructions_not_kept", v->ips->more);
	js_num(o, "partial_lines_without_ip", v->ips->nowhere);
	for (unsigned int i = 0; i < MU_BITS; i++) {
		struct json_object *q;

		if (!(unknowns(t) >> i & 1))
			continue;
		q = json_object_new_object();
		question(v, 1u << i, buf, sizeof(buf));
		js_str(q, "id", model_unknown_id(1u << i));
		js_str(q, "says", buf);
		json_object_array_add(u, q);
	}
	json_object_object_add(o, "unknown", u);
	if (v->list) {
		js_table(o, "list", tlps(v));
		js_num(o, "list_left_out", t->tlps - v->ntlp);
	}
	js_print(o);
	return 0;
}

int model_show(const struct model_view *v)
{
	return (v->json ? show_json(v) : show_text(v)) ? EXIT_FAILED : 0;
}

int model_show_profiles(bool json)
{
	struct table *t = table_new(profile_cols);
	const struct cpu_profile *c;
	struct json_object *o;

	for (size_t i = 0; t && (c = cpu_profile_at(i)); i++) {
		table_row(t);
		table_text(t, "%s", c->name);
		hex_or_none(t, c->buffers);
		table_text(t, "%s", confidence_name(c->buffers_conf));
		table_text(t, "%s", c->partial == PARTIAL_CHUNK8 ? "8 bytes" : "not known");
		table_text(t, "%s", c->title);
		table_text(t, "%s", c->buffers_source);
	}
	if (!t)
		return EXIT_FAILED;
	if (!json)
		return table_print(t) ? EXIT_FAILED : 0;
	o = js_head(NULL);
	js_table(o, "profiles", t);
	js_print(o);
	return 0;
}
