/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buffers.h - wcdiag buffers: what was measured, or recorded, and the ways to show that. */
#ifndef WCDIAG_CMD_BUFFERS_H
#define WCDIAG_CMD_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>

#include "probe/buffers_take.h"
#include "probe/cpu.h"

struct cmd;

struct buffers_view {
	const struct cpu *cpu;
	const struct hyper *hyper;
	bool live; /* else only the curves are there, of a snapshot */
	const struct buffers_taken *at;
	size_t n;
	bool color;
};

/* The one to name when asked for a single answer: NULL when there are cores of several kinds, or none is stable. */
const struct buffers_taken *buffers_best(const struct buffers_view *v);
/* "AMD EPYC, below KVM" */
void buffers_machine(const struct buffers_view *v, char *buf, size_t len);
/* What to call one: "CPU 3", "CPU 3 (core)". */
void buffers_name(const struct buffers_taken *t, char *buf, size_t len);
/* So many points of its curve are worth showing. */
unsigned int buffers_points(const struct buffers_taken *t);
/* Where v lies between least and most on a logarithmic scale: 0 to 1. */
double buffers_scale(double v, double least, double most);
/* The least and the most of all points that are shown; false: none. */
bool buffers_extent(const struct buffers_taken *t, double *least, double *most);

void buffers_text(const struct buffers_view *v);
void buffers_json(const struct buffers_view *v);
/* A picture of all curves into a file. 0, or EXIT_FAILED after saying why. */
int buffers_svg(const struct cmd *c, const struct buffers_view *v, const char *file);

#endif
