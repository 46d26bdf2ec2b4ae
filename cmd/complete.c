/* SPDX-License-Identifier: GPL-2.0-or-later */
/* complete.c - where on the command line the word stands that is being typed; for the shells (complete.h). */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/complete.h"

void complete_offer(const struct completing *c, const char *word, const char *what)
{
	char safe[160];

	if (strncmp(word, c->cur, strlen(c->cur)))
		return;
	printf("%s%s", c->before, word);
	if (what)
		printf("\t%s", safe_text(what, safe, sizeof(safe)));
	putchar('\n');
}

/* name up to its '='; abbreviations as getopt takes them, but for the check that only one option begins so. */
static const struct opt *long_option(const struct cmd *c, const char *name)
{
	size_t len = strcspn(name, "=");
	const struct opt *o, *begins = NULL;

	for (size_t i = 0; (o = common_opt(c, i)); i++) {
		if (strncmp(o->name, name, len))
			continue;
		if (!o->name[len])
			return o;
		if (!begins)
			begins = o;
	}
	return begins;
}

static const struct opt *short_option(const struct cmd *c, char letter)
{
	const struct opt *o;

	for (size_t i = 0; (o = common_opt(c, i)); i++)
		if (o->val == letter)
			return o;
	return NULL;
}

/*
 * The option of this word that takes a value, and the value, when it stands in the same word, else *value = NULL.
 * NULL: there is none ("--json", "-v", no option at all).
 */
static const struct opt *takes(const struct cmd *c, const char *word, const char **value)
{
	const struct opt *o = NULL;

	*value = NULL;
	if (!strncmp(word, "--", 2)) {
		o = word[2] ? long_option(c, word + 2) : NULL;
		*value = strchr(word, '=');
		if (*value)
			++*value;
		return o && o->arg ? o : NULL;
	}
	if (*word != '-')
		return NULL;
	for (const char *p = word + 1; *p; p++) {
		o = short_option(c, *p);
		if (!o)
			return NULL;
		if (o->arg) {
			*value = p[1] ? p + 1 : NULL;
			return o;
		}
	}
	return NULL;
}

/* cur begins at value, inside of word: what stands before it is said again with each candidate. */
static bool split(struct completing *c, const char *word, const char *value)
{
	int n = snprintf(c->before, sizeof(c->before), "%.*s", (int)(value - word), word);

	c->cur = value;
	return n >= 0 && (size_t)n < sizeof(c->before);
}

static void offer_options(const struct completing *c)
{
	const struct opt *o;
	char word[64];

	for (size_t i = 0; (o = common_opt(c->cmd, i)); i++) {
		snprintf(word, sizeof(word), "--%s", o->name);
		complete_offer(c, word, o->help);
	}
}

static void offer_commands(const struct completing *c, const struct cmd *const *cmds, size_t ncmds)
{
	for (size_t i = 0; i < ncmds; i++)
		complete_offer(c, cmds[i]->name, cmds[i]->help);
	if (*c->cur == '-') {
		complete_offer(c, "--help", "the commands");
		complete_offer(c, "--version", NULL);
	}
}

/* Within the words of one command; words[0] is its name. */
static void in_command(struct completing *c, int nwords, char **words)
{
	const struct opt *pending = NULL, *o;
	const char *value;

	for (int i = 1; i < nwords - 1; i++) {
		if (pending) {
			o = pending;
			value = words[i];
			pending = NULL;
		} else if (!strcmp(words[i], "--")) {
			if (strstr(c->cmd->args, "-- COMMAND"))
				printf(":command %d\n", i + 2); /* "wcdiag" is word 0 */
			else
				complete_argument(c);
			return;
		} else {
			o = takes(c->cmd, words[i], &value);
			if (o && !value)
				pending = o;
		}
		if (o && value && !strcmp(o->name, "root"))
			c->root = value;
	}
	c->value_of = pending;
	if (!pending) {
		c->value_of = takes(c->cmd, c->cur, &value);
		if (!value)
			c->value_of = NULL;
		if (value && (!c->value_of || !split(c, c->cur, value))) /* "--json=": it takes none */
			return;
	}
	if (c->value_of)
		complete_value(c);
	else if (*c->cur == '-')
		offer_options(c);
	else
		complete_argument(c);
}

int complete(const struct cmd *const *cmds, size_t ncmds, int nwords, char **words)
{
	struct completing c = { .cur = nwords > 0 ? words[nwords - 1] : "" };

	if (nwords < 2) {
		offer_commands(&c, cmds, ncmds);
		return EXIT_INTACT;
	}
	for (size_t i = 0; i < ncmds; i++)
		if (!strcmp(words[0], cmds[i]->name)) {
			c.cmd = cmds[i];
			in_command(&c, nwords, words);
		}
	return EXIT_INTACT;
}
