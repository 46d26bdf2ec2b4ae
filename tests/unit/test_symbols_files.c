/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which file a name is taken from: never another one than is mapped, and nowhere outside of this machine. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

#include "probe/symbols_int.h"
#include "symbols_prog.h"

static struct tree tree;

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tree_remove(&tree);
	return 0;
}

/* In words, as another user when this one may look at everything: false: that could not be tried. */
static bool words(const struct prog *p, int place, bool ordinary, char *buf, size_t len)
{
	struct symbols *s;
	struct symbol y;
	int fd[2], status;
	ssize_t n;
	pid_t pid;

	if (!ordinary || geteuid()) {
		assert_int_equal(symbols_new(&s), 0);
		symbols_at(s, p->pid, p->at[place], &y);
		symbol_format(&y, p->at[place], buf, len);
		symbols_free(s);
		return true;
	}
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	if (!pid) {
		close(fd[0]);
		if (setgid(65534) || setuid(65534) || symbols_new(&s))
			_exit(1);
		symbols_at(s, p->pid, p->at[place], &y);
		symbol_format(&y, p->at[place], buf, len);
		_exit(write(fd[1], buf, strlen(buf)) < 0);
	}
	close(fd[1]);
	n = read(fd[0], buf, len - 1);
	close(fd[0]);
	waitpid(pid, &status, 0);
	buf[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* The program as that user, where this one is root. */
static void start_as_other(struct prog *p, const char *name)
{
	char as[400];

	if (geteuid()) {
		prog_start(p, at(&tree, name), NULL);
		return;
	}
	shell(&tree, "chmod 755 . && { [ ! -e '%s' ] || chmod 755 '%s'; }", name, name);
	snprintf(as, sizeof(as), "#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups '%s/%s'\n", tree.dir,
		 name);
	put_text(&tree, "as", as);
	shell(&tree, "chmod 755 as");
	prog_start(p, at(&tree, "as"), NULL);
}

static void a_name_that_is_another_file_now(void **state)
{
	static const char *const after[] = {
		"true",
		"rm prog",
		"mv prog old",
		"cp prog new; mv new prog",
		"mv prog old; cp other prog",
		"rm prog; mkfifo prog",
	};
	char buf[200];
	struct prog p;

	(void)state;
	prog_build(&tree, "other", "", "-O2 -g");
	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		shell(&tree, "rm -f prog old new; cp other prog");
		start_as_other(&p, "prog");
		shell(&tree, "%s", after[i]);
		/* What is mapped is still there, and can be had: by its mapping, or as the process's program. */
		assert_true(words(&p, HIDDEN, false, buf, sizeof(buf)));
		assert_string_equal(buf, "hidden (prog.c:5)");
		assert_true(words(&p, HIDDEN, true, buf, sizeof(buf)));
		assert_string_equal(buf, "hidden (prog.c:5)");
		prog_end(&p);
	}
}

/* A library has only its name, for one who is not root. */
static void a_library_that_is_another_now(void **state)
{
	static const struct {
		const char *after;
		bool found;
	} t[] = {
		{ "true", true },
		{ "rm lib.so", false },
		{ "cp lib.so old.so; mv old.so lib.so", false },
		{ "rm lib.so; mkfifo lib.so", false },
		{ "cp lib.so 'lib.so (deleted)'; rm lib.so", false },
		{ "mv lib.so old.so; cp old.so lib.so", true },
		{ "mv lib.so old.so; ln -s old.so lib.so", true },
	};
	char buf[200];
	struct prog p;

	(void)state;
	put_text(&tree, "main.c", "int run(void); int main(void) { return run(); }\n");
	prog_build(&tree, "built.so", "", "-O2 -g -shared -fPIC -Dmain=run -Wl,-soname,lib.so");
	shell(&tree, "chmod 755 built.so; ${CC:-cc} -o user main.c built.so -Wl,-rpath,'%s'", tree.dir);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		shell(&tree, "rm -f lib.so* old.so; cp built.so lib.so");
		start_as_other(&p, "user");
		shell(&tree, "%s", t[i].after);
		assert_true(words(&p, HIDDEN, true, buf, sizeof(buf)));
		if (t[i].found)
			assert_string_equal(buf, "hidden (prog.c:5)");
		else
			assert_non_null(strstr(buf, "(lib.so"));
		assert_true(words(&p, HIDDEN, false, buf, sizeof(buf)));
		if (!geteuid())
			assert_string_equal(buf, "hidden (prog.c:5)");
		prog_end(&p);
	}
}

static void odd_paths(void **state)
{
	static const char *const names[] = { "a b", "a\nb", "a\\012b", "a (deleted)", "[vdso]", "\303\244 'x" };
	char buf[200], *from, *to;
	struct prog p;

	(void)state;
	prog_build(&tree, "prog", "", "-O2 -g");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		from = strdup(at(&tree, "prog"));
		to = strdup(at(&tree, names[i]));
		assert_int_equal(rename(from, to), 0);
		prog_start(&p, to, NULL);
		assert_true(words(&p, LAST, false, buf, sizeof(buf)));
		assert_string_equal(buf, "last (prog.c:6, inner inlined)");
		assert_true(words(&p, LAST, true, buf, sizeof(buf)));
		prog_end(&p);
		assert_int_equal(rename(to, from), 0);
		free(from);
		free(to);
	}
}

/* Debug information in a file of its own, found by name and checksum beside the program. */
static void by_debuglink(void **state)
{
	static const struct {
		const char *where, *spoil;
		bool found;
	} t[] = {
		{ "prog.dbg", "true", true },
		{ ".debug/prog.dbg", "true", true },
		{ "prog.dbg", "echo >>prog.dbg", false },
		{ "elsewhere/prog.dbg", "true", false },
		{ "prog.dbg", "rm prog.dbg; mkfifo prog.dbg", false },
		{ "prog.dbg", "rm prog.dbg; ln -s /dev/zero prog.dbg", false },
	};
	struct prog p;
	char buf[200];

	(void)state;
	prog_build(&tree, "built", "", "-O2 -g -Wl,--build-id=none");
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		shell(&tree,
		      "rm -f prog.dbg; cp built prog; objcopy --only-keep-debug prog prog.dbg; strip prog;"
		      "objcopy --add-gnu-debuglink=prog.dbg prog; mkdir -p .debug elsewhere; rm -f .debug/* elsewhere/*;"
		      "[ %s = prog.dbg ] || mv prog.dbg %s; %s",
		      t[i].where, t[i].where, t[i].spoil);
		prog_start(&p, at(&tree, "prog"), NULL);
		assert_true(words(&p, LAST, false, buf, sizeof(buf)));
		if (t[i].found)
			assert_string_equal(buf, "last (prog.c:6, inner inlined)");
		else
			assert_non_null(strstr(buf, " (prog+0x"));
		prog_end(&p);
	}
}

/* A root of its own, in a namespace of its own or not: its files and its debug files are found below that. */
static void below_another_root(void **state)
{
	char *root, buf[200];
	struct prog p;

	(void)state;
	if (geteuid())
		skip();
	root = strdup(at(&tree, "jail"));
	for (int i = 0; i < 2; i++) {
		shell(&tree, "rm -rf jail; mkdir -p jail/usr/lib/debug/.build-id/ab");
		prog_build(&tree, "jail/prog", "", "-O2 -g -static -Wl,--build-id=0xabcdef01");
		shell(&tree,
		      "objcopy --only-keep-debug jail/prog jail/usr/lib/debug/.build-id/ab/cdef01.debug; strip jail/prog; %s",
		      i ? "sed -i s/\\\\xab\\\\xcd\\\\xef/\\\\xab\\\\xcd\\\\xee/ jail/usr/lib/debug/.build-id/ab/cdef01.debug" : "true");
		prog_start(&p, "/prog", root);
		assert_true(words(&p, LAST, false, buf, sizeof(buf)));
		if (!i)
			assert_string_equal(buf, "last (prog.c:6, inner inlined)");
		else
			assert_non_null(strstr(buf, "(prog+0x"));
		prog_end(&p);
	}
	free(root);
}

/* Nobody is asked over a network, and the environment is left alone. */
static void no_server_is_asked(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(a);
	char url[64], buf[200];
	struct prog p;

	(void)state;
	assert_true(fd >= 0 && !bind(fd, (struct sockaddr *)&a, len) && !listen(fd, 1) &&
		    !getsockname(fd, (struct sockaddr *)&a, &len));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d", ntohs(a.sin_port));
	setenv("DEBUGINFOD_URLS", url, 1);
	prog_build(&tree, "prog", "", "-O2 -s -Wl,--build-id=0xabcdef0102");
	prog_start(&p, at(&tree, "prog"), NULL);
	assert_true(words(&p, LAST, false, buf, sizeof(buf)));
	assert_non_null(strstr(buf, "(prog+0x"));
	assert_int_equal(accept(fd, NULL, NULL), -1);
	assert_int_equal(errno, EAGAIN);
	assert_string_equal(getenv("DEBUGINFOD_URLS"), url);
	unsetenv("DEBUGINFOD_URLS");
	prog_end(&p);
	close(fd);
}

/* Without libdw there are modules and offsets. */
static void without_libdw(void **state)
{
	struct symbols *s;
	struct symbol y;
	struct prog p;

	(void)state;
	prog_build(&tree, "prog", "", "-O2 -g");
	prog_start(&p, at(&tree, "prog"), NULL);
	assert_int_equal(symbols_new(&s), 0);
	s->dw = NULL;
	s->why = "libdw is not installed";
	symbols_at(s, p.pid, p.at[HIDDEN], &y);
	assert_string_equal(y.module, "prog");
	assert_int_equal(y.offset, p.at[HIDDEN] - p.at[EHDR]);
	assert_true(!y.function && !y.file);
	symbols_free(s);
	prog_end(&p);
}

/* What stands for a device is not opened: a BAR in sysfs is a regular file, too. */
static void only_files_are_read(void **state)
{
	(void)state;
	assert_true(symbols_open_path(open("/dev/null", O_PATH)) < 0);
	assert_true(symbols_open_path(open("/proc/self/status", O_PATH)) < 0);
	assert_true(symbols_open_path(open("/sys/kernel/mm/transparent_hugepage/enabled", O_PATH)) < 0);
	put_fifo(&tree, "fifo");
	assert_true(symbols_open_path(open(at(&tree, "fifo"), O_PATH)) < 0);
	put_text(&tree, "file", "x");
	assert_true(symbols_open_path(open(at(&tree, "file"), O_PATH)) >= 0);
	assert_int_equal(symbols_open_path(-ENOENT), -ENOENT);
}

/* Files that were spoilt: any answer, soon. */
static void hostile_files(void **state)
{
	uint64_t seed = 20260101;
	char *good, *bad, name[32];
	struct stat st;
	int fd;

	(void)state;
	prog_build(&tree, "good.so", "", "-O2 -g -shared -fPIC -rdynamic");
	fd = open(at(&tree, "good.so"), O_RDONLY);
	assert_true(fd >= 0 && !fstat(fd, &st));
	good = malloc((size_t)st.st_size);
	bad = malloc((size_t)st.st_size);
	assert_true(good && bad && read(fd, good, (size_t)st.st_size) == st.st_size);
	close(fd);
	for (int i = 0; i < 100; i++) {
		struct symbols *s;
		struct symbol y;
		char *at_;

		memcpy(bad, good, (size_t)st.st_size);
		for (int k = 0; k < 1 + i % 40; k++) {
			seed = seed * 6364136223846793005 + 1442695040888963407;
			bad[(seed >> 33) % (uint64_t)st.st_size] = (char)(seed >> 24);
		}
		snprintf(name, sizeof(name), "bad%d.so", i);
		put_bytes(&tree, name, bad, i % 5 ? (size_t)st.st_size : (seed >> 20) % (uint64_t)st.st_size);
		fd = open(tree.path, O_RDONLY);
		at_ = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
		close(fd);
		assert_true(at_ != MAP_FAILED);
		assert_int_equal(symbols_new(&s), 0);
		for (off_t at_byte = 0; at_byte < st.st_size; at_byte += 211)
			symbols_at(s, getpid(), (uint64_t)at_ + (uint64_t)at_byte, &y);
		symbols_free(s);
		munmap(at_, (size_t)st.st_size);
		unlink(tree.path);
	}
	free(good);
	free(bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_name_that_is_another_file_now, setup, teardown),
		cmocka_unit_test_setup_teardown(a_library_that_is_another_now, setup, teardown),
		cmocka_unit_test_setup_teardown(odd_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(by_debuglink, setup, teardown),
		cmocka_unit_test_setup_teardown(below_another_root, setup, teardown),
		cmocka_unit_test_setup_teardown(no_server_is_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(without_libdw, setup, teardown),
		cmocka_unit_test_setup_teardown(only_files_are_read, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_files, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
