/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buffers_svg.c - the curves as a picture of its own: no script, no style sheet, no font of elsewhere. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/buffers.h"
#include "cmd/cmd.h"

enum { WIDTH = 720, HEIGHT = 360, LEFT = 60, RIGHT = 20, TOP = 50, BOTTOM = 50, STEP = HEIGHT };

static void escaped(FILE *f, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			fputc((unsigned char)*s >= 0x20 && (unsigned char)*s < 0x7f ? *s : '?', f);
		}
	}
}

static double x_of(unsigned int n, unsigned int points)
{
	return LEFT + (double)(WIDTH - LEFT - RIGHT) * (n - 1) / (points > 1 ? points - 1 : 1);
}

static double y_of(double v, double least, double most)
{
	return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * buffers_scale(v, least, most);
}

/* 10, 20, 50, 100 ...: as far as they lie in it. */
static void grid(FILE *f, double least, double most)
{
	static const double mantissa[] = { 1, 2, 5 };

	for (double ten = 1; ten < most && ten < 1e9; ten *= 10) {
		for (size_t i = 0; i < 3; i++) {
			double v = ten * mantissa[i], y = y_of(v, least, most);

			if (v < least || v > most)
				continue;
			fprintf(f, "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>\n", LEFT,
				WIDTH - RIGHT, y, y);
			fprintf(f, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.0f</text>\n", LEFT - 6, y + 4, v);
		}
	}
}

static void curve(FILE *f, const struct buffers_taken *t, unsigned int points, double least, double most, bool median)
{
	fprintf(f, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"%s\" points=\"", median ? "#999" : "#06c",
		median ? "1" : "2");
	for (unsigned int n = 1; n <= points; n++) {
		double v[2];

		buffers_shape(&t->rec.curve, n, &v[0], &v[1]);
		fprintf(f, "%s%.1f,%.1f", n > 1 ? " " : "", x_of(n, points), y_of(v[median], least, most));
	}
	fputs("\"/>\n", f);
}

static void words(const struct buffers_taken *t, char *buf, size_t len)
{
	const struct buffers_answer *a = &t->a;
	char name[48];

	buffers_name(t, name, sizeof(name));
	if (a->stable)
		snprintf(buf, len, "%s: %s%u buffers, %u of them free now, confidence %.2f%s", name,
			 a->confidence > 0.5 ? "" : "at least ", a->capacity, a->available, a->confidence,
			 a->contended ? ", contended" : "");
	else
		snprintf(buf, len, "%s: not stable: %s", name, a->why ? a->why : "no answer");
}

static void panel(FILE *f, const struct buffers_taken *t, size_t at)
{
	unsigned int points = buffers_points(t);
	double least, most, x;
	char buf[200];

	fprintf(f, "<g transform=\"translate(0,%zu)\">\n", at * STEP);
	words(t, buf, sizeof(buf));
	fprintf(f, "<text x=\"%d\" y=\"%d\" font-size=\"14\">", LEFT, TOP - 16);
	escaped(f, buf);
	fputs("</text>\n", f);
	if (buffers_extent(t, &least, &most)) {
		grid(f, least, most);
		for (unsigned int n = 1; n <= points; n++)
			if (n == 1 || n % 4 == 0)
				fprintf(f, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%u</text>\n",
					x_of(n, points), HEIGHT - BOTTOM + 18, n);
		if (t->a.stable) {
			x = (x_of(t->a.capacity, points) + x_of(t->a.capacity + 1, points)) / 2;
			fprintf(f,
				"<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#c00\" "
				"stroke-dasharray=\"4 3\"/>\n",
				x, x, TOP, HEIGHT - BOTTOM);
		}
		curve(f, t, points, least, most, true);
		curve(f, t, points, least, most, false);
		fprintf(f,
			"<text x=\"%d\" y=\"%d\">lines written in turns; ticks a line, the least (thick) and the "
			"middle</text>\n",
			LEFT, HEIGHT - BOTTOM + 38);
	}
	fputs("</g>\n", f);
}

static void draw(FILE *f, const struct buffers_view *v)
{
	char buf[200];
	size_t height = (v->n ? v->n : 1) * STEP;

	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%zu\" viewBox=\"0 0 %d %zu\" "
		"role=\"img\" font-family=\"sans-serif\" font-size=\"12\">\n",
		WIDTH, height, WIDTH, height);
	buffers_machine(v, buf, sizeof(buf));
	fputs("<title>Write-combining buffers: ", f);
	escaped(f, buf);
	fputs("</title>\n<desc>What a line of 64 bytes costs when several are written in turns, by non-temporal "
	      "stores.",
	      f);
	for (size_t i = 0; i < v->n; i++) {
		words(&v->at[i], buf, sizeof(buf));
		fputc(' ', f);
		escaped(f, buf);
		fputc('.', f);
	}
	fprintf(f, "</desc>\n<rect width=\"%d\" height=\"%zu\" fill=\"#fff\"/>\n", WIDTH, height);
	for (size_t i = 0; i < v->n; i++)
		panel(f, &v->at[i], i);
	fputs("</svg>\n", f);
}

int buffers_svg(const struct cmd *c, const struct buffers_view *v, const char *file)
{
	FILE *f = fopen(file, "we");
	int bad;

	if (!f)
		return cmd_fail_errno(c, file, errno, "--svg names a file that can be written");
	draw(f, v);
	bad = ferror(f);
	errno = 0;
	if (fclose(f) || bad)
		return cmd_fail_errno(c, file, errno ? errno : EIO, "the picture is not complete");
	return 0;
}
