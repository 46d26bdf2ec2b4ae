/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out_labels.h - values of labels in metrics: whatever a machine or a file is called, it stays text, and one of its
 * own. */
#ifndef WCDIAG_OUT_LABELS_H
#define WCDIAG_OUT_LABELS_H

#include <stddef.h>
#include <stdio.h>

/*
 * s (NULL: nothing) as it stands between the quotes of a label: backslash, quote and newline as the format wants them,
 * every other byte that is not printable ASCII as the four characters \xNN, so that different names stay different.
 */
void out_label(FILE *to, const char *s);

/*
 * n names, ready to be printed between quotes. Series that are equal in all labels are an error, so the second of equal
 * names gets " (2)" behind it, and so on. NULL when memory ran out.
 */
char **out_labels_new(const char **name, size_t n);
void out_labels_free(char **label, size_t n);

#endif
