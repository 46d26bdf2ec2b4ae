// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbols_debug.c - the debug information of a module: in its own file, or in a separate one found by its build ID or
 * its .gnu_debuglink; and what dwz moved out of that into yet another. Looked for in the process's own root, then in
 * this one's.
 *
 * Sources: GDB manual, "Debugging Information in Separate Files" (places, names, CRC); DWARF 5, section 7.3.6
 * (supplementary files); elfutils libdw.h, dwarf_setalt().
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbols_int.h"

#define PLACE "/usr/lib/debug"

/* The section of that name, its bytes to out; false: none. */
bool symbols_section(const struct dw_lib *dw, Elf *elf, const char *name, Elf_Data **out)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr h;
	size_t names;

	if (!elf || dw->elf_getshdrstrndx(elf, &names))
		return false;
	while ((scn = dw->elf_nextscn(elf, scn))) {
		const char *is = dw->gelf_getshdr(scn, &h) ? dw->elf_strptr(elf, names, h.sh_name) : NULL;

		if (is && !strcmp(is, name) && h.sh_type != SHT_NOBITS) {
			*out = dw->elf_getdata(scn, NULL);
			return *out && (*out)->d_buf;
		}
	}
	return false;
}

/* libdw takes in and decompresses all of it at once. */
static bool affordable(const struct dw_lib *dw, Elf *elf)
{
	uint64_t sum = 0;
	Elf_Scn *scn = NULL;
	GElf_Chdr packed;
	GElf_Shdr h;
	size_t names;
	bool info = false;

	if (dw->elf_getshdrstrndx(elf, &names))
		return false;
	while ((scn = dw->elf_nextscn(elf, scn))) {
		const char *is = dw->gelf_getshdr(scn, &h) ? dw->elf_strptr(elf, names, h.sh_name) : NULL;
		uint64_t size = h.sh_size;

		if (!is || h.sh_type == SHT_NOBITS || (strncmp(is, ".debug_", 7) && strncmp(is, ".zdebug_", 8)))
			continue;
		info |= !strcmp(is, ".debug_info") || !strcmp(is, ".zdebug_info");
		if (h.sh_flags & SHF_COMPRESSED)
			size = dw->gelf_getchdr(scn, &packed) ? packed.ch_size : UINT64_MAX;
		else if (is[1] == 'z')
			size = size < SYMBOLS_DEBUG ? size * 1032 : size; /* the most that zlib can do */
		if (size > SYMBOLS_DEBUG - sum)
			return false;
		sum += size;
	}
	return info;
}

static Dwarf *information(const struct dw_lib *dw, Elf *elf)
{
	return elf && affordable(dw, elf) ? dw->dwarf_begin_elf(elf, DWARF_C_READ, NULL) : NULL;
}

static bool same_id(const struct dw_lib *dw, Elf *elf, const void *id, ssize_t len)
{
	const void *is;

	return dw->dwelf_elf_gnu_build_id(elf, &is) == len && !memcmp(is, id, (size_t)len);
}

/* Of the whole file, as .gnu_debuglink has it (ISO 3309, reflected). */
static bool same_crc(int fd, uint32_t want)
{
	static uint32_t table[256];
	uint32_t crc = ~0u;
	unsigned char buf[16384];
	off_t at = 0;
	ssize_t n;

	for (uint32_t i = 0; !table[255] && i < 256; i++) {
		uint32_t c = i;

		for (int bit = 0; bit < 8; bit++)
			c = c & 1 ? c >> 1 ^ 0xedb88320 : c >> 1;
		table[i] = c;
	}
	while ((n = pread(fd, buf, sizeof(buf), at)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			crc = crc >> 8 ^ table[(crc ^ buf[i]) & 0xff];
		at += n;
	}
	return !n && ~crc == want;
}

/* What is looked for: by its ID when there is one, else by its checksum. */
struct wanted {
	struct symbols *s;
	int root; /* of the process */
	const void *id;
	ssize_t idlen;
	GElf_Word crc;
	bool by_crc;
	char found[4096];
};

/* An ELF file of that name that is the wanted one. */
static Elf *try(struct wanted *w, int *fd, const char *before, const char *dir, size_t dirlen, const char *name)
{
	const struct dw_lib *dw = w->s->dw;
	int n = snprintf(w->found, sizeof(w->found), "%s%.*s/%s", before, (int)dirlen, dir, name);

	for (int i = 0; n < (int)sizeof(w->found) && i < (w->root ? 2 : 1); i++) {
		Elf *elf;

		*fd = symbols_open_below(w->s->root[i ? 0 : w->root].fd, w->found);
		if (*fd < 0)
			continue;
		elf = dw->elf_begin(*fd, ELF_C_READ, NULL);
		if (elf && (w->idlen > 0 ? same_id(dw, elf, w->id, w->idlen) : w->by_crc && same_crc(*fd, w->crc)))
			return elf;
		dw->elf_end(elf);
		close(*fd);
	}
	*fd = -1;
	return NULL;
}

static Elf *by_id(struct wanted *w, int *fd)
{
	const unsigned char *id = w->id;
	char name[160];
	int n = 0;

	if (w->idlen < 2 || w->idlen > 64)
		return NULL;
	for (ssize_t i = 0; i < w->idlen; i++)
		n += snprintf(name + n, sizeof(name) - (size_t)n, i == 1 ? "/%02x" : "%02x", id[i]);
	snprintf(name + n, sizeof(name) - (size_t)n, ".debug");
	return try(w, fd, PLACE, "/.build-id", 10, name);
}

/* The separate file of a module. */
static Elf *separate(struct wanted *w, const struct symbols_module *m, int *fd)
{
	const char *link = w->s->dw->dwelf_elf_gnu_debuglink(m->elf, &w->crc);
	size_t dirlen = (size_t)(m->name - m->path);
	Elf *elf = by_id(w, fd);

	if (elf || !link || !*link || strchr(link, '/') || !dirlen)
		return elf;
	dirlen--;
	w->by_crc = true;
	elf = try(w, fd, "", m->path, dirlen, link);
	if (!elf && dirlen < sizeof(w->found) - 16) {
		char beside[sizeof(w->found)];

		snprintf(beside, sizeof(beside), "%.*s/.debug", (int)dirlen, m->path);
		elf = try(w, fd, "", beside, strlen(beside), link);
	}
	return elf ? elf : try(w, fd, PLACE, m->path, dirlen, link);
}

/* What dwz moved out. Without it names would be wrong or missing: then there is no debug information. */
static bool alternate(struct wanted *w, struct symbols_module *m)
{
	const struct dw_lib *dw = w->s->dw;
	struct wanted a = { .s = w->s, .root = w->root };
	const char *name, *slash = strrchr(w->found, '/');

	a.idlen = dw->dwelf_dwarf_gnu_debugaltlink(m->dwarf, &name, &a.id);
	if (!a.idlen)
		return true;
	if (a.idlen < 0)
		return false;
	m->alternate = by_id(&a, &m->alternatefd);
	if (!m->alternate && *name == '/')
		m->alternate = try(&a, &m->alternatefd, "", "", 0, name);
	else if (!m->alternate && slash)
		m->alternate = try(&a, &m->alternatefd, "", w->found, (size_t)(slash - w->found), name);
	m->alternate_dwarf = information(dw, m->alternate);
	if (m->alternate_dwarf)
		dw->dwarf_setalt(m->dwarf, m->alternate_dwarf);
	return m->alternate_dwarf;
}

static void use(struct wanted *w, struct symbols_module *m, Elf *elf)
{
	const struct dw_lib *dw = w->s->dw;

	m->dwarf = information(dw, elf);
	m->searched |= m->dwarf != NULL; /* what it has is all there is to be had */
	if (m->dwarf && !alternate(w, m)) {
		dw->dwarf_end(m->dwarf);
		m->dwarf = NULL;
	}
	symbols_table(dw, m);
}

static void own(struct symbols *s, struct symbols_module *m)
{
	const struct dw_lib *dw = s->dw;
	struct wanted w = { .s = s, .root = m->root };

	if (!dw || !m->segments)
		return;
	m->elf = m->image ? dw->elf_memory(m->image, m->imagelen) : dw->elf_begin(m->fd, ELF_C_READ, NULL);
	if (!m->elf)
		return;
	snprintf(w.found, sizeof(w.found), "%s", m->path);
	use(&w, m, m->elf);
}

static void elsewhere(struct symbols *s, struct symbols_module *m)
{
	struct wanted w = { .s = s, .root = m->root };

	if (!m->elf)
		return;
	w.idlen = s->dw->dwelf_elf_gnu_build_id(m->elf, &w.id);
	m->debug = separate(&w, m, &m->debugfd);
	if (m->debug)
		use(&w, m, m->debug);
}

void symbols_look(struct symbols *s, struct symbols_module *m, bool all)
{
	if (!m->looked)
		own(s, m);
	m->looked = true;
	if (all && !m->searched)
		elsewhere(s, m);
	m->searched |= all;
}

void symbols_unlook(const struct dw_lib *dw, struct symbols_module *m)
{
	int fds[] = { m->fd, m->debugfd, m->alternatefd };

	if (dw) {
		dw->dwarf_end(m->dwarf);
		dw->dwarf_end(m->alternate_dwarf);
		dw->elf_end(m->debug);
		dw->elf_end(m->alternate);
		dw->elf_end(m->elf);
	}
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(m->entry);
	free(m->segment);
	free(m->image);
	free(m->path);
	free(m);
}
