/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_must.c - the assertions of tests/machines/NAME/must; their words are explained in tests/README.md. */
#include <stdlib.h>

#include "json_contract.h"

struct target {
	bool any, machine;
	char slot[32];
	int bar;
};

/* "0000:01:00.0:2", "machine", or nothing: anywhere. */
static bool parse_target(const char *s, struct target *t)
{
	const char *colon;

	*t = (struct target){ .any = !s || !*s, .bar = -1 };
	if (t->any)
		return true;
	if (!strcmp(s, "machine")) {
		t->machine = true;
		return true;
	}
	colon = strrchr(s, ':');
	if (!colon || strchr(colon, '.') || (size_t)(colon - s) >= sizeof(t->slot))
		return false;
	memcpy(t->slot, s, (size_t)(colon - s));
	t->bar = atoi(colon + 1);
	return true;
}

static struct json_object *find_bar(struct json_object *top, const struct target *t)
{
	struct json_object *bars = get(top, "bars");

	for (size_t i = 0; i < json_object_array_length(bars); i++) {
		struct json_object *b = json_object_array_get_idx(bars, i);

		if (str(b, "slot") && !strcmp(str(b, "slot"), t->slot) && json_object_get_int(get(b, "bar")) == t->bar)
			return b;
	}
	return NULL;
}

/* Calls fn for every finding of the target; returns how many it liked. */
static int each(struct json_object *top, const struct target *t, bool (*fn)(struct json_object *f, char **arg), char **arg)
{
	struct json_object *bars = get(top, "bars"), *own = get(top, "findings"), *list;
	int n = 0;

	for (size_t b = 0; b <= json_object_array_length(bars); b++) {
		struct json_object *bar = b ? json_object_array_get_idx(bars, b - 1) : NULL;

		if (!t->any && (t->machine ? b > 0 : !b || bar != find_bar(top, t)))
			continue;
		list = b ? get(bar, "findings") : own;
		for (size_t i = 0; i < json_object_array_length(list); i++)
			n += fn(json_object_array_get_idx(list, i), arg);
	}
	return n;
}

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

static bool is_rule(struct json_object *f, char **arg)
{
	return same(str(f, "rule"), arg[0]) && (!arg[1] || !strcmp(arg[1], "any") || same(str(f, "severity"), arg[1]));
}

static bool is_severity(struct json_object *f, char **arg)
{
	return same(str(f, "severity"), arg[0]);
}

static bool is_file(struct json_object *f, char **arg)
{
	return same(str(get(f, "evidence"), "file"), arg[0]);
}

static bool has_evidence(struct json_object *f, char **arg)
{
	struct json_object *v = get(get(f, "evidence"), arg[1]);

	return same(str(f, "rule"), arg[0]) && v && strstr(json_object_get_string(v), arg[2]);
}

static bool says(struct json_object *f, char **arg)
{
	return same(str(f, "rule"), arg[0]) && str(f, "says") && strstr(str(f, "says"), arg[1]);
}

static bool next_has(struct json_object *top, const char *text)
{
	struct json_object *list = get(top, "next");

	for (size_t i = 0; json_object_is_type(list, json_type_array) && i < json_object_array_length(list); i++)
		if (strstr(json_object_get_string(json_object_array_get_idx(list, i)), text))
			return true;
	return false;
}

static const char *field(struct json_object *top, const struct target *t, const char *key)
{
	struct json_object *b = find_bar(top, t);

	if (!b)
		return "no such BAR was judged";
	return is_null(b, key) ? "none" : str(b, key);
}

static const char *layer_field(struct json_object *top, const struct target *t, const char *layer)
{
	struct json_object *b = find_bar(top, t);
	const char *s = str(t->machine ? get(top, "layers") : get(b, "layers"), layer);

	return !b && !t->machine ? "no such BAR was judged" : s ? s : "no such layer";
}

/* Cut into at most n words; the last takes the rest of the line. */
static int words(char *line, char **w, int n)
{
	int k = 0;

	while (*line && k < n) {
		line += strspn(line, " \t");
		if (!*line)
			break;
		w[k++] = line;
		if (k == n)
			break;
		line += strcspn(line, " \t");
		if (*line)
			*line++ = '\0';
	}
	return k;
}

static void equal(const char *line, const char *got, const char *expected)
{
	char why[300];

	snprintf(why, sizeof(why), "it is %s", got ? got : "missing");
	result(line, same(got, expected), why);
}

static void count(const char *line, bool ok, int n)
{
	char why[80];

	snprintf(why, sizeof(why), "%d findings match", n);
	result(line, ok, why);
}

/* How many words each assertion has; the last of some is free text. Only for a clear message about a typing error. */
static const struct {
	const char *name;
	int least, most;
} kinds[] = {
	{ "exit", 2, 2 }, { "bars", 2, 2 }, { "host", 3, 3 }, { "verdict", 3, 3 }, { "breaks_at", 3, 3 }, { "judged_to", 3, 3 },
	{ "layer", 4, 4 }, { "rule", 3, 4 }, { "norule", 2, 4 }, { "nosev", 2, 3 }, { "file", 2, 3 }, { "evidence", 4, 4 },
	{ "says", 3, 3 }, { "next", 2, 2 },
};

static void assertion(struct json_object *top, const char *text, int code)
{
	char line[400], label[420], *w[5] = { NULL };
	struct target t;
	int k = -1, n, i;

	snprintf(line, sizeof(line), "%s", text);
	snprintf(label, sizeof(label), "must %s", text);
	for (i = 0; i < NEL(kinds); i++)
		if (!strncmp(line, kinds[i].name, strlen(kinds[i].name)) && strchr(" \t", line[strlen(kinds[i].name)]))
			k = i;
	n = k < 0 ? 0 : words(line, w, kinds[k].most);
	if (k < 0 || n < kinds[k].least) {
		result(label, false, "no assertion that json_contract knows");
		return;
	}
	if (!strcmp(w[0], "exit")) {
		char got[16];

		snprintf(got, sizeof(got), "%d", code);
		equal(label, got, w[1]);
	} else if (!strcmp(w[0], "bars")) {
		char got[16];

		snprintf(got, sizeof(got), "%zu", json_object_array_length(get(top, "bars")));
		equal(label, got, w[1]);
	} else if (!strcmp(w[0], "host")) {
		struct json_object *v = get(get(top, "host"), w[1]);

		equal(label, v ? json_object_get_string(v) : "none", w[2]);
	} else if (!strcmp(w[0], "verdict") || !strcmp(w[0], "breaks_at") || !strcmp(w[0], "judged_to")) {
		equal(label, parse_target(w[1], &t) ? field(top, &t, w[0]) : "no target", w[2]);
	} else if (!strcmp(w[0], "layer")) {
		equal(label, parse_target(w[1], &t) ? layer_field(top, &t, w[2]) : "no target", w[3]);
	} else if (!strcmp(w[0], "rule") || !strcmp(w[0], "norule")) {
		/* "norule RULE TARGET" leaves the severity out. */
		if (w[2] && index_of(severities, NEL(severities), w[2]) < 0 && strcmp(w[2], "any")) {
			w[3] = w[2];
			w[2] = NULL;
		}
		if (!parse_target(w[3], &t) || (!t.any && !t.machine && !find_bar(top, &t))) {
			result(label, false, "no such BAR was judged");
			return;
		}
		i = each(top, &t, is_rule, w + 1);
		count(label, *w[0] == 'r' ? i > 0 : !i, i);
	} else if (!strcmp(w[0], "nosev")) {
		if (!parse_target(w[2], &t) || (!t.any && !t.machine && !find_bar(top, &t))) {
			result(label, false, "no such BAR was judged");
			return;
		}
		i = each(top, &t, is_severity, w + 1);
		count(label, !i, i);
	} else if (!strcmp(w[0], "file")) {
		i = parse_target(w[2], &t) ? each(top, &t, is_file, w + 1) : 0;
		count(label, i > 0, i);
	} else if (!strcmp(w[0], "next")) {
		result(label, next_has(top, w[1]), "no such step is offered");
	} else {
		parse_target(NULL, &t);
		i = each(top, &t, *w[0] == 'e' ? has_evidence : says, w + 1);
		count(label, i > 0, i);
	}
}

/* The lines of one section: "[NAME]" begins it, what stands before the first is [check]'s. */
bool must(struct json_object *top, const char *path, const char *section, int code)
{
	char line[400], now[64] = "check";
	FILE *f = fopen(path, "r");

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line == '[') {
			snprintf(now, sizeof(now), "%.*s", (int)strcspn(line + 1, "]"), line + 1);
			continue;
		}
		if (*line && *line != '#' && !strcmp(now, section))
			assertion(top, line, code);
	}
	fclose(f);
	return true;
}

