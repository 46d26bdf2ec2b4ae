/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klog_read.c - the kernel log's text: /dev/kmsg record by record, a file that the user names, or a snapshot's copy.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "klog.h"
#include "src_int.h"

#define KMSG_PATH "/dev/kmsg"

/* More than a record can have (kernel/printk: 2 KiB of text, escaped to four times that, and its properties). */
#define RECORD 16384

/*
 * Each read gives one record, from the oldest on. EPIPE: records were overwritten before we came to them, the next read
 * goes on with the oldest one left. EAGAIN: that was the newest.
 */
static int read_records(int fd, struct blob *out)
{
	size_t cap = 0;
	ssize_t n;

	for (;;) {
		if (cap - out->len < RECORD + 1) {
			size_t want = cap ? cap * 2 : 16 * RECORD;
			char *data = want <= SRC_MAX_FILE ? realloc(out->data, want) : NULL;

			if (!data)
				return want <= SRC_MAX_FILE ? -ENOMEM : -EFBIG;
			out->data = data;
			cap = want;
		}
		n = read(fd, out->data + out->len, RECORD);
		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n <= 0)
			break;
		out->len += (size_t)n;
	}
	out->data[out->len] = '\0';
	return 0;
}

static int read_kmsg(const struct src *s, struct blob *out)
{
	int err, fd = src_open(s, KMSG_PATH);	/* which never blocks */

	if (fd < 0)
		return fd;
	err = read_records(fd, out);
	close(fd);
	return err;
}

/*
 * The user's file is on the machine at hand, also when everything else comes from a snapshot; and it may be a pipe
 * (journalctl -k | wcdiag check --klog /dev/stdin), which is waited for, unlike any file that we choose ourselves.
 */
static int read_file(const char *file, struct blob *out)
{
	int err, fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	err = src_read_fd(fd, out);
	close(fd);
	return err;
}

/* Does a line begin as kernel logs do: "[    1.234]", "[Mon Nov 22 ...]", "<6>[", "6,123,456,-;", or hold " kernel: "? */
static bool log_line(const char *line, size_t len)
{
	size_t digits = 0;

	if (memmem(line, len, " kernel: ", 9) || (len && *line == '['))
		return true;
	if (len > 3 && *line == '<')
		return memchr(line, '>', 5) != NULL;
	while (digits < len && line[digits] >= '0' && line[digits] <= '9')
		digits++;
	return digits && digits + 1 < len && line[digits] == ',' && line[digits + 1] >= '0' && line[digits + 1] <= '9';
}

/* A wrong file would read as "nothing was ever downgraded": a log that says nothing to us must at least be a log. */
static bool is_log(const struct klog *k)
{
	const char *p = k->text.data, *end = p + k->text.len;

	if (k->n)
		return true;
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl ? nl : end) - p);

		if (log_line(p, len))
			return true;
		p += len + 1;
	}
	return false;
}

int klog_read(const struct src *s, const char *file, struct klog *out)
{
	const char *where = file ? file : KMSG_PATH, *remedy = NULL;
	struct blob text = {0};
	int err;

	*out = (struct klog){0};
	if (file)
		err = read_file(file, &text);
	else
		err = src_is_live(s) ? read_kmsg(s, &text) : src_read(s, KMSG_PATH, &text);
	if (err) {
		blob_free(&text);
		if (!file && (err == -EPERM || err == -EACCES))
			remedy = "run as root (or sysctl kernel.dmesg_restrict=0)";
		else if (!file)
			remedy = "name a log file: --klog FILE";
		fact_missing(&out->fact, file ? NULL : s, where, -err, remedy);
		return err;
	}
	/* A kernel log has at least a line and holds no NUL; what has not is no log, and tells nothing. */
	if (!text.len || memchr(text.data, '\0', text.len)) {
		fact_garbled(&out->fact, where, text.len ? "holds bytes that no kernel log has" : "empty");
		blob_free(&text);
		return -EBADMSG;
	}
	err = klog_parse(text, out);
	if (err) {
		klog_free(out);
		fact_missing(&out->fact, NULL, where, -err, NULL);
	} else if (file && !is_log(out)) {
		klog_free(out);
		fact_garbled(&out->fact, where, "no line of it is a kernel log's");
		err = -EBADMSG;
	} else {
		fact_known(&out->fact, where);
	}
	return err;
}
