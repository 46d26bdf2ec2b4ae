/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * complete.h - what may come next on a command line that is being typed. The shells' scripts in completion/ ask with
 *
 *   wcdiag --complete WORD...	the words behind "wcdiag" as far as they are typed; the last, which may be "", is the
 *				one to be completed
 *
 * and get lines: a whole word, a tab, what it is (or nothing). A line that begins with ':' is for the shell to do:
 * ":files" (names of files, too) or ":command N" (the words from the Nth on are a command line of their own); the shells
 * pass over others.
 * Commands and options come from the tables that parse them, so that there is no list to be kept up to date.
 */
#ifndef WCDIAG_COMPLETE_H
#define WCDIAG_COMPLETE_H

#include <stddef.h>

struct cmd;
struct opt;

struct completing {
	const struct cmd *cmd;
	const char *cur;		/* the word, or the part of it that is to be completed */
	char before[256];		/* what stands before that part in the same word: "--until=", "-p", "mov8," */
	const struct opt *value_of;	/* cur is the value of this option; NULL: it is an argument */
	const char *root;		/* what --root named; NULL: this machine */
};

/* One candidate: printed when it begins with c->cur. what may be NULL. */
void complete_offer(const struct completing *c, const char *word, const char *what);

/* complete_words.c: what an option's value, or an argument, may be. */
void complete_value(struct completing *c);
void complete_argument(struct completing *c);

/* Never an error: who presses a key wants no message. Prints, and returns 0. */
int complete(const struct cmd *const *cmds, size_t ncmds, int nwords, char **words);

#endif
