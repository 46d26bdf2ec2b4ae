/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect.c - compares what wcdiag said in the lab with what the scenario wants.
 *
 *   expect FOLDER PREFIX        FOLDER is one scenario's results: "wants" and, for each check, TAG.out and TAG.code
 *   expect --same A B WHAT      two outputs of check --json must agree in everything but host.source
 *   expect --agree A B WHAT     the same, but for the wording: verdicts, layers, rules and severities
 *
 * Prints unnumbered TAP lines ("ok - PREFIX: ..."), and below each failure the findings that it is about.
 * The lines of "wants" are separated by tabs; tests/lab/guest/lib.sh writes them and explains the words.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

#define MAXWORD 32

static const char *prefix;
static int failures;

struct answer {
	const char *folder;
	char tag[64];
	struct json_object *root;	/* NULL when it is no JSON */
	int code;			/* -1: the program was not there */
};

const char *str(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	if (!o || !json_object_object_get_ex(o, key, &v))
		return NULL;
	return v ? json_object_get_string(v) : "null";
}

struct json_object *get(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	return o && json_object_object_get_ex(o, key, &v) ? v : NULL;
}

size_t count(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

void report(bool ok, const char *what, const char *skip)
{
	printf("%s - %s: %s%s%s\n", ok ? "ok" : "not ok", prefix, what, skip ? " # SKIP " : "", skip ? skip : "");
	if (!ok)
		failures++;
}

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("#   ");
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
}

void show_file(const char *folder, const char *tag, const char *ending)
{
	char path[512], line[400];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.%s", folder, tag, ending);
	f = fopen(path, "r");
	if (!f)
		return;
	for (int i = 0; i < 24 && fgets(line, sizeof(line), f); i++) {
		line[strcspn(line, "\n")] = '\0';
		say("%s", line);
	}
	fclose(f);
}

bool one_of(const char *value, const char *allowed)
{
	size_t len;

	if (!value)
		return false;
	for (;; allowed += len + 1) {
		len = strcspn(allowed, "|");
		if (strlen(value) == len && !memcmp(value, allowed, len))
			return true;
		if (!allowed[len])
			return false;
	}
}

/* The bar "0000:00:02.0:2"; the root itself for "machine". */
static struct json_object *subject(struct json_object *root, const char *where)
{
	struct json_object *bars = get(root, "bars");
	const char *colon = strrchr(where, ':');

	if (!strcmp(where, "machine"))
		return root;
	for (size_t i = 0; colon && i < count(bars); i++) {
		struct json_object *b = json_object_array_get_idx(bars, i);
		const char *slot = str(b, "slot"), *bar = str(b, "bar");

		if (slot && bar && strlen(slot) == (size_t)(colon - where) && !strncmp(slot, where, strlen(slot)) &&
		    !strcmp(bar, colon + 1))
			return b;
	}
	return NULL;
}

bool has_text(struct json_object *finding, const char *key, const char *words)
{
	struct json_object *v = get(finding, key);
	const char *text = v ? json_object_is_type(v, json_type_string) ? json_object_get_string(v) :
			   json_object_to_json_string_ext(v, JSON_C_TO_STRING_NOSLASHESCAPE) : NULL;

	return text && strstr(text, words);
}

/* "pid=7": evidence.pid is 7. "says~words": the sentence holds them; "evidence~7": so does the evidence, anywhere. */
static bool condition(struct json_object *finding, const char *word)
{
	size_t len = strcspn(word, "=~");
	const char *value;
	char key[64];

	if (!word[len] || len >= sizeof(key))
		return false;
	memcpy(key, word, len);
	key[len] = '\0';
	if (word[len] == '~')
		return has_text(finding, key, word + len + 1);
	value = str(get(finding, "evidence"), key);
	return value && one_of(value, word + len + 1);
}

static bool finding_matches(struct json_object *f, char **w, int n)
{
	if (!one_of(str(f, "rule"), w[0]) || !one_of(str(f, "severity"), w[1]))
		return false;
	for (int i = 2; i < n; i++)
		if (!condition(f, w[i]))
			return false;
	return true;
}

static bool want_rule(struct json_object *s, char **w, int n)
{
	struct json_object *fs = get(s, "findings");

	for (size_t i = 0; n >= 2 && i < count(fs); i++)
		if (finding_matches(json_object_array_get_idx(fs, i), w, n))
			return true;
	return false;
}

static bool want_no(struct json_object *s, char **w, int n)
{
	struct json_object *fs = get(s, "findings");

	for (size_t i = 0; i < count(fs); i++)
		for (int k = 0; k < n; k++)
			if (one_of(str(json_object_array_get_idx(fs, i), "rule"), w[k]))
				return false;
	return fs && n;
}

/* No finding of this layer (any when NULL) has one of these severities. */
static bool without(struct json_object *s, const char *layer, const char *severities)
{
	struct json_object *fs = get(s, "findings");

	for (size_t i = 0; i < count(fs); i++) {
		struct json_object *f = json_object_array_get_idx(fs, i);

		if (one_of(str(f, "severity"), severities) && (!layer || one_of(str(f, "layer"), layer)))
			return false;
	}
	return fs != NULL;
}

static bool want_names(struct json_object *s, const char *layer, const char *words)
{
	struct json_object *fs = get(s, "findings");

	for (size_t i = 0; i < count(fs); i++) {
		struct json_object *f = json_object_array_get_idx(fs, i);

		if (one_of(str(f, "layer"), layer) && one_of(str(f, "severity"), "unknown") &&
		    (has_text(f, "says", words) || has_text(f, "evidence", words) || has_text(f, "fix", words)))
			return true;
	}
	return false;
}

static bool judge(const struct answer *a, struct json_object *s, char **w, int n)
{
	if (!strcmp(w[0], "exit"))
		return n == 2 && a->code == atoi(w[1]);
	if (!strcmp(w[0], "absent"))
		return a->root && !s;
	if (!s)
		return false;
	if (!strcmp(w[0], "present"))
		return true;
	if (!strcmp(w[0], "rule"))
		return want_rule(s, w + 1, n - 1);
	if (!strcmp(w[0], "no"))
		return want_no(s, w + 1, n - 1);
	if (!strcmp(w[0], "value"))
		return want_value(s, w + 1, n - 1);
	if (one_of(w[0], "class|first"))
		return want_list(s, w, n);
	if (!strcmp(w[0], "stored"))
		return want_stored(s, w + 1, n - 1);
	if (!strcmp(w[0], "unbroken"))
		return without(s, NULL, "broken");
	if (!strcmp(w[0], "clean") && n == 2)
		return without(s, w[1], "broken|suspect|unknown");
	if (!strcmp(w[0], "names") && n == 3)
		return want_names(s, w[1], w[2]);
	if (!strcmp(w[0], "layer") && n == 3)
		return one_of(str(get(s, "layers"), w[1]), w[2]);
	return n == 2 && one_of(str(s, w[0]), w[1]);	/* verdict, breaks_at, judged_to */
}

/* Every finding by name; those whose rule the wish names (one of word[]), whole. */
static void explain(const struct answer *a, struct json_object *s, char **word, int n)
{
	struct json_object *fs = get(s, "findings");

	if (!a->root) {
		say("%s.out is no JSON; exit status %d; it printed:", a->tag, a->code);
		show_file(a->folder, a->tag, "out");
		show_file(a->folder, a->tag, "err");
		return;
	}
	if (!s) {
		say("%s.out has no such BAR", a->tag);
		return;
	}
	say("exit %d", a->code);
	if (s != a->root)
		say("verdict %s, breaks_at %s, judged_to %s, %s", str(s, "verdict"), str(s, "breaks_at"),
		    str(s, "judged_to"), str(s, "layers"));
	show_stored(s);
	show_list(s);
	for (size_t i = 0; i < count(fs); i++) {
		struct json_object *f = json_object_array_get_idx(fs, i);
		bool whole = false;

		for (int k = 0; k < n; k++)
			whole = whole || one_of(str(f, "rule"), word[k]) || one_of(str(f, "layer"), word[k]);
		if (whole)
			say("%s", json_object_to_json_string_ext(f, JSON_C_TO_STRING_NOSLASHESCAPE));
		else
			say("%s: %s (%s)", str(f, "layer"), str(f, "rule"), str(f, "severity"));
	}
}

static void answer_load(struct answer *a, const char *folder, const char *tag)
{
	char path[512];
	FILE *f;

	if (a->folder && !strcmp(a->tag, tag))
		return;
	json_object_put(a->root);
	*a = (struct answer){ .folder = folder, .code = -1 };
	snprintf(a->tag, sizeof(a->tag), "%s", tag);
	snprintf(path, sizeof(path), "%s/%s.code", folder, tag);
	f = fopen(path, "r");
	if (f) {
		if (fscanf(f, "%d", &a->code) != 1)
			a->code = -1;
		fclose(f);
	}
	snprintf(path, sizeof(path), "%s/%s.out", folder, tag);
	a->root = json_object_from_file(path);
}

static int split(char *line, char **word)
{
	int n = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *p = strsep(&line, "\t"); p && n < MAXWORD; p = strsep(&line, "\t"))
		word[n++] = p;
	return n;
}

/* want TAG SLOT:BAR ALIAS WORDS... */
static void do_want(struct answer *a, const char *folder, char **w, int n)
{
	struct json_object *s;
	char what[600];
	size_t at;
	bool ok;

	at = (size_t)snprintf(what, sizeof(what), "%s: %s", w[1], w[3]);
	for (int i = strcmp(w[3], "exit") ? 4 : 5; i < n && at < sizeof(what); i++)
		at += (size_t)snprintf(what + at, sizeof(what) - at, " %s", w[i]);
	answer_load(a, folder, w[1]);
	if (a->code < 0) {
		report(true, what, "no ./wcdiag in the guest");
		return;
	}
	s = subject(a->root, w[2]);
	ok = judge(a, s, w + 4, n - 4);
	report(ok, what, NULL);
	if (!ok)
		explain(a, s, w + 4, n - 4);
}

static int scenario(const char *folder)
{
	struct answer a = { 0 };
	char path[512], line[1024];
	bool ended = false;
	int untrue = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/wants", folder);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		char *w[MAXWORD] = { 0 };
		int n = split(line, w);

		if (!strcmp(w[0], "truth") && n == 3) {
			untrue += strcmp(w[1], "ok") != 0;
			report(!strcmp(w[1], "ok"), w[2], NULL);
		} else if (!strcmp(w[0], "want") && n >= 5)
			do_want(&a, folder, w, n);
		else if (!strcmp(w[0], "walk"))
			do_walk(folder, w, n);
		else if (!strcmp(w[0], "some"))
			do_some(folder, w, n);
		else if (!strcmp(w[0], "compare"))
			do_compare(folder, w, n);
		else if (one_of(w[0], "tlps|stores|reads|tlps-are|untouched|stored-as|memory-as"))
			do_bus(folder, w, n);
		else if (!strcmp(w[0], "end") && n == 1)
			ended = true;
		else
			report(false, "a line of its wishes cannot be read", NULL);
	}
	if (f)
		fclose(f);
	/* Without this a step that failed half way would only make the scenario shorter. */
	report(ended, "every step ran to its end", NULL);
	if (!ended || untrue)
		show_file(folder, "run", "log");
	json_object_put(a.root);
	return failures ? 1 : 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && (!strcmp(argv[1], "--same") || !strcmp(argv[1], "--agree"))) {
		char *colon = strstr(argv[4], ": ");

		prefix = argv[4];
		if (colon)
			*colon = '\0';
		return same_files(argv[2], argv[3], colon ? colon + 2 : "the same", argv[1][2] == 'a');
	}
	if (argc != 3) {
		fprintf(stderr, "usage: expect FOLDER PREFIX\n       expect --same|--agree A B 'PREFIX: WHAT'\n");
		return 2;
	}
	prefix = argv[2];
	return scenario(argv[1]);
}
