/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json.c - small words over json-c. */
#include "cmd/json.h"

#include <inttypes.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "probe/machine.h"
#include "probe/rule.h"
#include "probe/src.h"

void js_str(struct json_object *o, const char *key, const char *value)
{
	char buf[4096];

	json_object_object_add(o, key, value ? json_object_new_string(safe_text(value, buf, sizeof(buf))) : NULL);
}

void js_num(struct json_object *o, const char *key, uint64_t value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

void js_hex(struct json_object *o, const char *key, uint64_t value)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "0x%" PRIx64, value);
	json_object_object_add(o, key, json_object_new_string(buf));
}

void js_bool(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

void js_fact(struct json_object *o, const char *key, const struct fact *f)
{
	struct json_object *j = json_object_new_object();

	js_str(j, "state", f->state == FACT_KNOWN ? "known" : f->state == FACT_ABSENT ? "absent" : "missing");
	js_str(j, "where", f->where);
	if (f->state == FACT_MISSING) {
		js_str(j, "why", f->why);
		js_str(j, "remedy", f->remedy);
	}
	json_object_object_add(o, key, j);
}

struct json_object *js_host(const struct machine *m)
{
	struct json_object *h = json_object_new_object();

	js_str(h, "kernel", *m->host.release ? m->host.release : NULL);
	js_str(h, "cpu", *m->cpu.name ? m->cpu.name : NULL);
	if (m->ncpu)
		js_num(h, "cpus", m->ncpu);
	else
		js_str(h, "cpus", NULL);
	/* null says bare metal, and only a fact says that. */
	js_str(h, "hypervisor",
	       !m->hyper.guest	     ? m->hyper.fact.state == FACT_MISSING ? "unknown" : NULL
	       : m->hyper.kind	     ? m->hyper.kind->name
	       : *m->hyper.signature ? m->hyper.signature
				     : "unknown");
	js_str(h, "source", src_is_live(m->src) ? "live" : "snapshot");
	return h;
}

struct json_object *js_head(const struct machine *m)
{
	struct json_object *o = json_object_new_object();

	js_str(o, "wcdiag", WCDIAG_VERSION);
	js_num(o, "schema", 1);
	if (m)
		json_object_object_add(o, "host", js_host(m));
	return o;
}

static struct json_object *finding(const struct finding *f)
{
	struct json_object *o = json_object_new_object(), *ev = json_object_new_object();

	js_str(o, "rule", f->rule->id);
	js_str(o, "layer", layer_name(f->rule->layer));
	js_str(o, "severity", severity_name(f->sev));
	js_str(o, "says", f->says);
	for (size_t i = 0; i < f->nev; i++) {
		const struct evidence *e = &f->ev[i];

		if (e->type == EV_TEXT)
			js_str(ev, e->key, e->text);
		else if (e->type == EV_HEX)
			js_hex(ev, e->key, e->num);
		else
			js_num(ev, e->key, e->num);
	}
	json_object_object_add(o, "evidence", ev);
	js_str(o, "fix", f->fix);
	js_str(o, "source", f->rule->source);
	return o;
}

struct json_object *js_findings(const struct findings *fs)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < fs->n; i++)
		json_object_array_add(a, finding(&fs->f[i]));
	return a;
}

void js_print(struct json_object *o)
{
	puts(json_object_to_json_string_ext(o, JS_FORM));
	json_object_put(o);
}
