/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect_same.c - two answers of check, of a machine and of its snapshot: do they say the same?
 */
#include <string.h>

#include "expect.h"

/* The first lines of the two texts that differ, side by side. */
static void show_difference(const char *a, const char *b)
{
	for (int shown = 0; shown < 8 && *a && *b;) {
		size_t la = strcspn(a, "\n"), lb = strcspn(b, "\n");

		if (la != lb || memcmp(a, b, la)) {
			say("here  %.*s", (int)(la < 300 ? la : 300), a);
			say("there %.*s", (int)(lb < 300 ? lb : 300), b);
			shown++;
		}
		a += la + (a[la] != '\0');
		b += lb + (b[lb] != '\0');
	}
}

/* Drops what is worded: of a finding stay rule, layer and severity; of the machine no advice, of a layer no sentence. */
static void drop_words(struct json_object *o)
{
	static const char *const worded[] = { "says", "evidence", "fix", "source", "next", "notes" };

	if (json_object_is_type(o, json_type_object)) {
		for (size_t i = 0; i < sizeof(worded) / sizeof(worded[0]); i++)
			json_object_object_del(o, worded[i]);
		json_object_object_foreach(o, key, v) {
			(void)key;
			drop_words(v);
		}
	}
	for (size_t i = 0; i < count(o); i++)
		drop_words(json_object_array_get_idx(o, i));
}

/*
 * An entry that nobody read is told differently: at the machine how to read it now, of a snapshot how to record it. That
 * it is missing, and for whom, must still agree.
 */
static void drop_advice(struct json_object *o)
{
	struct json_object *fs = get(o, "findings"), *bars = get(o, "bars");

	for (size_t i = 0; i < count(fs); i++) {
		struct json_object *f = json_object_array_get_idx(fs, i), *e = get(f, "evidence");

		if (!one_of(str(f, "layer"), "pte") || !one_of(str(f, "severity"), "unknown") || !has_text(f, "evidence", "/dev/wcdiag"))
			continue;
		json_object_object_del(f, "says");
		json_object_object_del(f, "fix");
		json_object_object_del(e, "error");
		json_object_object_del(e, "remedy");
	}
	for (size_t i = 0; i < count(bars); i++)
		drop_advice(json_object_array_get_idx(bars, i));
}

int same_files(const char *a, const char *b, const char *what, bool loose)
{
	struct json_object *x = json_object_from_file(a), *y = json_object_from_file(b);
	bool ok = x && y;

	if (ok) {
		json_object_object_del(get(x, "host"), "source");
		json_object_object_del(get(y, "host"), "source");
		/* What to do next is not the same for who sits at the machine and for who holds its snapshot. */
		json_object_object_del(x, "next");
		json_object_object_del(y, "next");
		drop_advice(x);
		drop_advice(y);
		if (loose) {
			json_object_object_del(x, "host");
			json_object_object_del(y, "host");
			drop_words(x);
			drop_words(y);
		}
		ok = json_object_equal(x, y);
	}
	report(ok, what, NULL);
	if (!ok && x && y)
		show_difference(json_object_to_json_string_ext(x, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE),
				json_object_to_json_string_ext(y, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	else if (!ok)
		say("%s is no JSON", x ? b : a);
	json_object_put(x);
	json_object_put(y);
	return ok ? 0 : 1;
}
