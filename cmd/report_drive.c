// SPDX-License-Identifier: GPL-2.0-or-later
/* report_drive.c - what wcdiag drive stored elsewhere and what was counted of it, from its JSON, as a table. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/report.h"
#include "cmd/stored.h"

#define MOST (8U << 20)

/* The whole file as a string; -EFBIG when it is larger than any answer. */
static int slurp(const char *file, char **out)
{
	FILE *f = fopen(file, "re");
	char *text = malloc(MOST + 1);
	size_t n = 0;
	int rc = 0;

	if (!f || !text) {
		rc = f ? -ENOMEM : -errno;
	} else {
		n = fread(text, 1, MOST + 1, f);
		rc = ferror(f) ? -EIO : n > MOST ? -EFBIG : 0;
	}
	if (f)
		fclose(f);
	if (rc) {
		free(text);
		return rc;
	}
	text[n] = '\0';
	*out = text;
	return 0;
}

int report_drive_read(const char *file, struct stored *out)
{
	char *text;
	int rc = slurp(file, &text);

	if (rc)
		return rc;
	rc = stored_read(text, NULL, 0, out);
	free(text);
	if (!rc && !out->understood)
		rc = -EBADMSG;
	if (rc)
		stored_free(out);
	return rc;
}

static const char *mood_class(enum mood m)
{
	static const char *const cls[] = {
		[MOOD_PLAIN] = "skipped", [MOOD_GOOD] = "ok", [MOOD_BAD] = "broken", [MOOD_DUNNO] = "unknown"
	};

	return cls[m];
}

static void one_row(struct page *p, const struct stored_row *r)
{
	page_row(p, "%s", r->side);
	page_cell(p, "%s", *r->pattern ? r->pattern : "-");
	page_cell(p, "%s", *r->type ? r->type : "-");
	page_cell(p, "%s", *r->predicted ? r->predicted : "-");
	page_cell(p, "%s", *r->counted ? r->counted : "-");
	page_cell(p, "%s", *r->witness ? r->witness : "nobody");
	html_open(&p->h, "td");
	page_word(p, mood_class(r->mood), r->says);
	html_close(&p->h);
	page_row_end(p);
}

void page_drive(struct page *p)
{
	static const char *const column[] = { "Side",	 "Pattern",    "Type",	  "TLPs predicted",
					      "Counted", "Counted by", "Verdict", NULL };
	const struct stored *s = p->stored;

	html_open(&p->h, "section");
	html_attr(&p->h, "aria-labelledby", "driven");
	html_open(&p->h, "h2");
	html_attr(&p->h, "id", "driven");
	html_text(&p->h, "Stores that were made");
	html_close(&p->h);
	html_open(&p->h, "p");
	html_text(&p->h, "By wcdiag drive, to %s: ", s->of);
	page_word(p, mood_class(s->mood), s->says);
	html_text(&p->h, ".");
	html_close(&p->h);
	html_line(&p->h);
	if (s->emulated)
		html_put(&p->h, "p",
			 "The CPU was an emulated one: it combines nothing by itself, what was counted is what its "
			 "emulator "
			 "makes of the stores.");
	page_table(p, "From each side each pattern", column);
	for (size_t i = 0; i < s->n && i < PAGE_ROWS; i++)
		one_row(p, &s->row[i]);
	page_table_end(p);
	if (s->n > PAGE_ROWS)
		html_put(&p->h, "p", "and %zu rows more", s->n - PAGE_ROWS);
	html_put(&p->h, "p",
		 "Whole: so many of the lines that the pattern fills left as one TLP. The verdicts of the BARs above "
		 "do not "
		 "take these stores into account: wcdiag check --scratch judges both together.");
	html_close(&p->h);
	html_line(&p->h);
}
