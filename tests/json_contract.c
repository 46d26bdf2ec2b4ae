/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_contract.c - is what "wcdiag check --json" printed the contract, and does it agree with itself?
 *
 *     json_contract [--exit N] [--must FILE SECTION] < JSON
 *
 * Knows nothing of the program's tables: the layers, states and rules of agreement stand here a second time. Prints one
 * line a check, "ok WHAT" or "not ok WHAT: WHY", and ends with 1 when one failed. FILE holds assertions (tests/README.md).
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>

#include "json_contract.h"

static const char *const layers[] = { "host", "pat", "mtrr", "pci", "memtype", "pte", "stores", "fabric" };
static const char *const states[] = { "ok", "broken", "suspect", "unknown", "skipped" };
const char *const severities[] = { "info", "suspect", "unknown", "broken" };
static const char *const verdicts[] = { "intact", "broken", "unknown" };	/* by exit status */

static int failures;
static char first_fault[400];

/* A fault in the contract: only the first is told, the check goes on. */
__attribute__((format(printf, 2, 3)))
static bool want(bool ok, const char *fmt, ...)
{
	va_list ap;

	if (ok || *first_fault)
		return ok;
	va_start(ap, fmt);
	vsnprintf(first_fault, sizeof(first_fault), fmt, ap);
	va_end(ap);
	return false;
}

void result(const char *what, bool ok, const char *why)
{
	if (ok)
		printf("ok %s\n", what);
	else
		printf("not ok %s%s%s\n", what, why ? ": " : "", why ? why : "");
	failures += !ok;
}

static bool is_hex(const char *s)
{
	if (!s || strncmp(s, "0x", 2) || !s[2] || strlen(s) > 18)
		return false;
	return strspn(s + 2, "0123456789abcdef") == strlen(s + 2);
}

static bool is_number(struct json_object *o, const char *key)
{
	struct json_object *v = get(o, key);

	return json_object_is_type(v, json_type_int) && json_object_get_int64(v) >= 0;
}

static bool is_slot(const char *s)
{
	size_t n = s ? strspn(s, "0123456789abcdef") : 0;

	return n >= 4 && n <= 8 && s[n] == ':' && strlen(s + n) == 8 && isxdigit(s[n + 1]) && isxdigit(s[n + 2]) &&
	       s[n + 3] == ':' && isxdigit(s[n + 4]) && isxdigit(s[n + 5]) && s[n + 6] == '.' && s[n + 7] >= '0' && s[n + 7] <= '7';
}

/* Text for a terminal: no control characters, no hole where evidence should stand. */
static bool clean(const char *s)
{
	if (!s || !*s)
		return false;
	for (const char *p = s; *p; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p == 0x7f)
			return false;
	for (const char *p = s; (p = strchr(p, '{')); p++) {
		size_t n = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz_0123456789");

		/* Code in a fix may hold braces; a lone {word} is a key nobody filled in. */
		if (n && p[1 + n] == '}')
			return false;
	}
	return true;
}

static void check_evidence(struct json_object *ev, const char *rule)
{
	want(json_object_is_type(ev, json_type_object), "%s: evidence is no object", rule);
	if (!json_object_is_type(ev, json_type_object))
		return;
	json_object_object_foreach(ev, key, v) {
		enum json_type t = json_object_get_type(v);

		want(t == json_type_string || t == json_type_int, "%s: evidence %s is neither text nor number", rule, key);
		if (!strcmp(key, "pid"))
			want(t == json_type_int, "%s: pid is no number", rule);
		if (!strcmp(key, "process") || !strcmp(key, "holder") || !strcmp(key, "reader"))
			want(t == json_type_string, "%s: %s is no text", rule, key);
	}
}

static int check_finding(struct json_object *f, int *layer)
{
	const char *rule = str(f, "rule"), *sev = str(f, "severity");
	int s = index_of(severities, NEL(severities), sev);

	*layer = index_of(layers, NEL(layers), str(f, "layer"));
	if (!want(rule && *rule, "a finding without rule"))
		rule = "?";
	want(*layer >= 0, "%s: no such layer", rule);
	want(s >= 0, "%s: severity \"%s\"", rule, sev ? sev : "");
	want(clean(str(f, "says")), "%s: says is missing, empty or has a hole: %s", rule, str(f, "says") ? str(f, "says") : "");
	want(is_null(f, "fix") || clean(str(f, "fix")), "%s: fix is empty or has a hole", rule);
	want(str(f, "source") && *str(f, "source"), "%s: no source", rule);
	want(s != 3 || str(f, "fix"), "%s: broken, and no fix is offered", rule);
	check_evidence(get(f, "evidence"), rule);
	return s;
}

/* The worst of a layer's findings; info leaves it ok. */
static const char *state_of(int severity)
{
	static const char *const st[] = { "ok", "suspect", "unknown", "broken" };

	return severity < 0 ? "ok" : st[severity];
}

/* Fills state[] from the object, which must name all layers in the order of the chain. */
static void check_layers(struct json_object *o, const char *whose, const char *state[])
{
	int n = 0;

	for (int l = 0; l < NEL(layers); l++)
		state[l] = "?";
	if (!want(json_object_is_type(o, json_type_object), "%s: layers is no object", whose))
		return;
	json_object_object_foreach(o, key, v) {
		const char *s = json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;

		if (!want(n < NEL(layers) && !strcmp(key, layers[n]), "%s: layer %s at place %d", whose, key, n))
			return;
		want(index_of(states, NEL(states), s) >= 0, "%s: layer %s is \"%s\"", whose, key, s ? s : "");
		state[n++] = s ? s : "?";
	}
	want(n == NEL(layers), "%s: %d layers", whose, n);
}

static void check_findings(struct json_object *list, const char *whose, int worst[])
{
	int last = -1;

	for (int l = 0; l < NEL(layers); l++)
		worst[l] = -1;
	if (!want(json_object_is_type(list, json_type_array), "%s: findings is no list", whose))
		return;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		int layer, s = check_finding(json_object_array_get_idx(list, i), &layer);

		want(layer >= last, "%s: findings are not in the order of the layers", whose);
		last = layer;
		if (layer >= 0 && s > worst[layer])
			worst[layer] = s;
	}
}

static bool text_or_null(struct json_object *o, const char *key, const char *value)
{
	return value ? str(o, key) && !strcmp(str(o, key), value) : is_null(o, key);
}

/* Returns the verdict that follows from the states: 0 intact, 1 broken, 2 unknown. */
static int follow(const char *const state[], const int worst[], const char *whose, const char **breaks, const char **judged)
{
	int verdict = 0;

	*breaks = *judged = NULL;
	for (int l = 0; l < NEL(layers); l++) {
		if (!strcmp(state[l], "skipped")) {
			want(worst[l] < 0, "%s: layer %s is skipped and has findings", whose, layers[l]);
			continue;
		}
		want(!strcmp(state[l], state_of(worst[l])), "%s: layer %s is %s, its findings say %s", whose, layers[l], state[l],
		     state_of(worst[l]));
		if (worst[l] == 3 && !*breaks)
			*breaks = layers[l];
		if (worst[l] == 3)
			verdict = 1;
		else if (worst[l] == 2 && !verdict)
			verdict = 2;
		if (strcmp(state[l], "unknown"))
			*judged = layers[l];
	}
	return verdict;
}

static void check_mapping(struct json_object *m, const char *whose)
{
	static const char *const numbers[] = { "pid", "pages_wc", "pages_not_wc", "pages_unknown", "pages_none", "pages_ram" };
	bool kernel = json_object_get_boolean(get(m, "kernel"));

	for (int i = 0; i < NEL(numbers); i++)
		want(is_number(m, numbers[i]), "%s: a mapping's %s is no number", whose, numbers[i]);
	want(json_object_is_type(get(m, "kernel"), json_type_boolean) && kernel == !json_object_get_int(get(m, "pid")),
	     "%s: a mapping's kernel", whose);
	want(json_object_is_type(get(m, "read"), json_type_boolean), "%s: a mapping's read", whose);
	want(is_null(m, "path") == kernel && is_null(m, "process") == kernel && is_null(m, "holder") == !kernel,
	     "%s: a mapping is a process's or the kernel's", whose);
	want(is_hex(str(m, "start")) && is_hex(str(m, "end")), "%s: a mapping's range", whose);
	want(json_object_is_type(get(m, "pat_slots"), json_type_array) && json_object_is_type(get(m, "levels"), json_type_array),
	     "%s: a mapping's slots and levels", whose);
	want(str(m, "says"), "%s: a mapping says nothing", whose);
}

static int check_bar(struct json_object *b, const char *state[])
{
	const char *slot = str(b, "slot"), *breaks, *judged;
	int worst[NEL(layers)], verdict;
	char whose[64];

	snprintf(whose, sizeof(whose), "%.20s:%d", slot ? slot : "?", json_object_get_int(get(b, "bar")));
	want(is_slot(slot), "slot \"%s\"", slot ? slot : "");
	want(is_number(b, "bar") && json_object_get_int(get(b, "bar")) <= 5, "%s: bar", whose);
	want(is_hex(str(b, "address")), "%s: address is no hexadecimal text", whose);
	want(is_number(b, "size"), "%s: size is no number", whose);
	check_layers(get(b, "layers"), whose, state);
	if (want(json_object_is_type(get(b, "mappings"), json_type_array), "%s: mappings is no list", whose))
		for (size_t i = 0; i < json_object_array_length(get(b, "mappings")); i++)
			check_mapping(json_object_array_get_idx(get(b, "mappings"), i), whose);
	check_findings(get(b, "findings"), whose, worst);
	verdict = follow(state, worst, whose, &breaks, &judged);
	want(text_or_null(b, "verdict", verdicts[verdict]), "%s: verdict is %s, the layers say %s", whose,
	     str(b, "verdict") ? str(b, "verdict") : "missing", verdicts[verdict]);
	want(text_or_null(b, "breaks_at", breaks), "%s: breaks_at is not %s", whose, breaks ? breaks : "null");
	want(text_or_null(b, "judged_to", judged), "%s: judged_to is not %s", whose, judged ? judged : "null");
	return verdict;
}

static int rank(const char *state)
{
	static const char *const order[] = { "skipped", "ok", "suspect", "unknown", "broken" };

	return index_of(order, NEL(order), state);
}

/* Broken before unknown before intact. */
static int worse(int a, int b)
{
	static const int r[] = { 0, 2, 1 };

	return r[a] >= r[b] ? a : b;
}

static void check_host(struct json_object *h)
{
	const char *source = str(h, "source");

	if (!want(json_object_is_type(h, json_type_object), "host is no object"))
		return;
	want(is_null(h, "kernel") || clean(str(h, "kernel")), "host.kernel");
	want(is_null(h, "cpu") || clean(str(h, "cpu")), "host.cpu");
	/* null: not counted */
	want(is_null(h, "cpus") || is_number(h, "cpus"), "host.cpus");
	want(is_null(h, "hypervisor") || clean(str(h, "hypervisor")), "host.hypervisor");
	want(source && (!strcmp(source, "live") || !strcmp(source, "snapshot")), "host.source");
}

static int check_all(struct json_object *top)
{
	const char *state[NEL(layers)], *all[NEL(layers)], *seen[NEL(layers)], *breaks, *judged;
	struct json_object *bars = get(top, "bars");
	int worst[NEL(layers)], verdict = 0;
	size_t n;

	want(str(top, "wcdiag") && *str(top, "wcdiag"), "no version");
	want(is_number(top, "schema") && json_object_get_int(get(top, "schema")) == 1, "schema is not 1");
	check_host(get(top, "host"));
	check_layers(get(top, "layers"), "machine", all);
	check_findings(get(top, "findings"), "machine", worst);
	if (!want(json_object_is_type(bars, json_type_array), "bars is no list"))
		return 2;
	n = json_object_array_length(bars);
	for (int l = 0; l < NEL(layers); l++)
		seen[l] = n ? "skipped" : all[l];
	for (size_t i = 0; i < n; i++) {
		verdict = worse(verdict, check_bar(json_object_array_get_idx(bars, i), state));
		for (int l = 0; l < NEL(layers); l++)
			if (rank(state[l]) > rank(seen[l]))
				seen[l] = state[l];
	}
	if (!n)
		verdict = follow(all, worst, "machine", &breaks, &judged);
	for (int l = 0; l < NEL(layers); l++)
		want(!strcmp(seen[l], all[l]), "layers.%s is %s, the worst of the BARs is %s", layers[l], all[l], seen[l]);
	return verdict;
}

static struct json_object *read_all(void)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *o = NULL;
	char buf[65536];
	size_t n;

	while (tok && !o && (n = fread(buf, 1, sizeof(buf), stdin)) > 0)
		o = json_tokener_parse_ex(tok, buf, (int)n);
	if (tok)
		json_tokener_free(tok);
	return o;
}

int main(int argc, char **argv)
{
	const char *file = NULL, *section = NULL;
	struct json_object *top;
	int code = -1, verdict;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--exit") && i + 1 < argc) {
			code = atoi(argv[++i]);
		} else if (!strcmp(argv[i], "--must") && i + 2 < argc) {
			file = argv[++i];
			section = argv[++i];
		} else {
			fprintf(stderr, "usage: json_contract [--exit N] [--must FILE SECTION] < JSON\n");
			return 3;
		}
	}
	top = read_all();
	if (!json_object_is_type(top, json_type_object)) {
		result("the JSON contract", false, "not one JSON object");
		return 1;
	}
	verdict = check_all(top);
	if (code >= 0)
		want(code == verdict, "exit status %d, the verdict is %s", code, verdicts[verdict]);
	result("the JSON contract", !*first_fault, first_fault);
	if (file && !must(top, file, section, code))
		result("assertions", false, "the file cannot be read");
	json_object_put(top);
	return failures ? 1 : 0;
}
