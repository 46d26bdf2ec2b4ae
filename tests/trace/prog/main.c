// SPDX-License-Identifier: GPL-2.0-or-later
/* main.c - the traced programs: see prog.h. */
#include <stdarg.h>

#include "prog.h"

bool telling;
int prog_argc;
char **prog_argv;
int prog_fd = -1;

static struct prog *first;

void prog_add(struct prog *p)
{
	struct prog **at = &first;

	while (*at && strcmp((*at)->name, p->name) < 0)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
}

void tell_of(int t, const char *fmt, ...)
{
	char text[256], *line, *rest = text;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	while ((line = strsep(&rest, "\n")))
		printf(*line == '#' ? "%s t=%d\n" : "%s\t# t=%d\n", line, t);
}

uint64_t value(void)
{
	static uint64_t v = 0x0123456789abcdef;

	return v = v * 6364136223846793005ULL + 1442695040888963407ULL;
}

void skip(const char *why)
{
	printf("skip: %s\n", why);
	exit(SKIP);
}

void fail(const char *what)
{
	printf("failed: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(99);
}

static void list(void)
{
	static const char letters[] = "tTlubdnsc";

	for (struct prog *p = first; p; p = p->next) {
		printf("%s -", p->name);
		for (int i = 0; letters[i]; i++)
			if (p->marks & 1U << i)
				putchar(letters[i]);
		printf(" %s\n", p->what);
	}
}

/* What the program left in its file, so that it is seen from inside as well. */
static void digest(const unsigned char *p)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < SIZE; i++)
		h = (h ^ p[i]) * 0x100000001b3;
	printf("digest %016lx\n", (unsigned long)h);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	unsigned char *p = NULL;
	struct prog *at;
	int rc;

	if (!strcmp(name, "--list")) {
		list();
		return 0;
	}
	telling = !strcmp(name, "--expect");
	if (argc < 3)
		return 3;
	if (telling)
		name = argv[2];
	for (at = first; at && strcmp(at->name, name);)
		at = at->next;
	if (!at) {
		fprintf(stderr, "progs: %s: there is no such program\n", name);
		return 3;
	}
	prog_argc = argc - 2;
	prog_argv = argv + 2;
	if (telling) {
		/* Nothing is stored, but addresses are computed. */
		p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		return p == MAP_FAILED ? 3 : at->run(p);
	}
	prog_fd = open(argv[2], O_RDWR | O_CLOEXEC);
	MUST(prog_fd >= 0);
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, prog_fd, 0);
	MUST(p != MAP_FAILED);
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	rc = at->run(p);
	if (!rc)
		digest(p);
	fflush(stdout);
	return rc;
}
