/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpu_lib.c - all that libcpuid does for us: raw registers of this machine, its own text of them, the code name.
 *
 * Never cpuid_get_hypervisor(): it executes CPUID here even for registers of another machine.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libcpuid/libcpuid.h>

#include "cpu_raw.h"

_Static_assert(MAX_CPUID_LEVEL == CPU_RAW_LEAVES && MAX_EXT_CPUID_LEVEL == CPU_RAW_LEAVES, "libcpuid's raw form");

/* Warnings would go to stderr, and the library prints nothing. */
static void silent(const char *msg)
{
	(void)msg;
}

int cpu_raw_live(struct cpu_raw *out)
{
	struct cpu_raw_data_t raw = { 0 };

	cpuid_set_warn_function(silent);
	if (cpuid_get_raw_data(&raw))
		return -ENOSYS;
	memcpy(out->basic, raw.basic_cpuid, sizeof(out->basic));
	memcpy(out->ext, raw.ext_cpuid, sizeof(out->ext));
	return 0;
}

static int read_all(int fd, char **text, size_t *len)
{
	struct stat st;
	size_t n = 0;
	char *buf;

	if (fstat(fd, &st))
		return -errno;
	buf = malloc((size_t)st.st_size + 1);
	if (!buf)
		return -ENOMEM;
	while (n < (size_t)st.st_size) {
		ssize_t got = pread(fd, buf + n, (size_t)st.st_size - n, (off_t)n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			int err = got ? -errno : -EIO;

			free(buf);
			return err;
		}
		n += (size_t)got;
	}
	buf[n] = '\0';
	*text = buf;
	*len = n;
	return 0;
}

int cpu_raw_record(char **text, size_t *len)
{
	struct cpu_raw_data_t raw = { 0 };
	char path[40];
	int fd, err;

	*text = NULL;
	*len = 0;
	cpuid_set_warn_function(silent);
	if (cpuid_get_raw_data(&raw))
		return -ENOSYS;
	/* Leaf 3 is the processor's serial number where there is one (Intel SDM vol 2 CPUID). */
	memset(raw.basic_cpuid[3], 0, sizeof(raw.basic_cpuid[3]));
	/* libcpuid writes to a path only; this one is no file on any disk. */
	fd = memfd_create("cpuid", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = cpuid_serialize_raw_data(&raw, path) ? -EIO : read_all(fd, text, len);
	close(fd);
	return err;
}

void cpu_raw_codename(const struct cpu_raw *r, char *name, size_t len)
{
	struct cpu_raw_data_t raw = { 0 };
	struct cpu_id_t id = { 0 };

	if (len)
		name[0] = '\0';
	cpuid_set_warn_function(silent);
	/*
	 * Only these: from garbage in the subleaves of caches and topology libcpuid 0.6.2 overruns its own stack, and
	 * no code name depends on them.
	 */
	memcpy(raw.basic_cpuid, r->basic, sizeof(r->basic));
	memcpy(raw.ext_cpuid, r->ext, sizeof(r->ext));
	if (cpu_identify(&raw, &id) || !strncmp(id.cpu_codename, "Unknown", 7))
		return;
	snprintf(name, len, "%.*s", (int)strnlen(id.cpu_codename, sizeof(id.cpu_codename)), id.cpu_codename);
}
