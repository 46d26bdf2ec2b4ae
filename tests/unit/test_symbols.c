/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include <cmocka.h>

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

static struct symbols *fresh(void)
{
	struct symbols *s;

	assert_int_equal(symbols_new(&s), 0);
	assert_null(symbols_why(s));
	return s;
}

static unsigned int own_line;

__attribute__((noinline)) static uint64_t own_place(void)
{
	own_line = __LINE__ + 1;
	return HERE;
}

static void own_code(void **state)
{
	struct symbols *s = fresh();
	uint64_t ip = own_place();
	struct symbol y, again;

	(void)state;
	symbols_at(s, getpid(), ip, &y);
	assert_string_equal(y.module, "test_symbols");
	assert_string_equal(y.function, "own_place");
	assert_int_equal(y.in, ip - (uint64_t)own_place);
	assert_string_equal(y.file, "test_symbols.c");
	assert_non_null(strstr(y.path, "tests/unit/test_symbols.c"));
	assert_int_equal(y.line, own_line);
	assert_null(y.inlined);
	symbols_at(s, getpid(), ip, &again);
	assert_memory_equal(&y, &again, sizeof(y));
	/* A place that is nowhere, one in data, and one that no process has. */
	symbols_at(s, getpid(), 16, &y);
	assert_true(!y.module && !y.function && !y.file && !y.line && y.offset == 16);
	symbols_at(s, getpid(), (uint64_t)&own_line, &y);
	assert_true(!y.module && !y.function);
	symbols_at(s, 0x7ffffff0, ip, &y);
	assert_null(y.module);
	assert_true(symbols_of_process(s, 0x7ffffff0) < 0);
	symbols_free(s);
	symbols_free(NULL);
}

/* How a program is built, and what can be known of it then. */
static const struct built {
	const char *cc, *flags;
	bool fixed; /* it has its addresses from its file */
	bool names, local, lines, inlined;
} builds[] = {
	{ "", "-O2 -g", .names = true, .local = true, .lines = true, .inlined = true },
	{ "", "-O2 -g -no-pie -fno-pie", .fixed = true, .names = true, .local = true, .lines = true, .inlined = true },
	{ "", "-O2 -g -static", .fixed = true, .names = true, .local = true, .lines = true, .inlined = true },
	{ "", "-O2 -g -static-pie", .names = true, .local = true, .lines = true, .inlined = true },
	{ "", "-O2 -g -gdwarf-4 -gz", .names = true, .local = true, .lines = true, .inlined = true },
	{ "", "-O0 -gdwarf-2 -gstrict-dwarf", .names = true, .local = true, .lines = true, .inlined = true },
	{ "", "-O2 -g -gsplit-dwarf", .names = true, .local = true, .lines = true },
	{ "clang", "-O2 -g", .names = true, .local = true, .lines = true, .inlined = true },
	{ "clang", "-O1 -gdwarf-4", .names = true, .local = true, .lines = true, .inlined = true },
	{ "", "-O2 -g0", .names = true, .local = true },
	{ "", "-O2 -s -rdynamic", .names = true },
	{ "", "-O2 -s", .names = false },
	{ "", "-O2 -g -Wl,-z,noseparate-code -Wl,-z,max-page-size=65536", .names = true, .local = true, .lines = true,
	  .inlined = true },
};

static void one_build(const struct built *b)
{
	struct symbols *s = fresh();
	struct symbol y[PLACES];
	char name[64];
	struct prog p;

	prog_build(&tree, "prog", b->cc, b->flags);
	prog_start(&p, at(&tree, "prog"), NULL);
	/* Asked for after it has ended, too: half of them were only seen. */
	assert_int_equal(symbols_of_process(s, p.pid), 0);
	symbols_at(s, p.pid, p.at[FIRST], &y[FIRST]);
	prog_end(&p);
	for (int i = HIDDEN; i <= LAST; i++)
		symbols_at(s, p.pid, p.at[i], &y[i]);
	for (int i = FIRST; i <= LAST; i++) {
		static const char *const functions[] = { "first", "hidden", "last" };

		print_message("%s %s: %s\n", b->cc, b->flags, functions[i]);
		assert_string_equal(y[i].module, "prog");
		assert_int_equal(y[i].offset, b->fixed ? p.at[i] : p.at[i] - p.at[EHDR]);
		if (i == HIDDEN ? b->local : b->names)
			assert_string_equal(y[i].function, functions[i]);
		else
			assert_null(y[i].function);
		if (b->lines) {
			assert_string_equal(y[i].file, "prog.c");
			assert_int_equal(y[i].line, 4 + i);
			snprintf(name, sizeof(name), "%s", y[i].path + strlen(y[i].path) - 7);
			assert_string_equal(name, "/prog.c");
		} else {
			assert_true(!y[i].file && !y[i].path && !y[i].line);
		}
		if (b->inlined && i == LAST)
			assert_string_equal(y[i].inlined, "inner");
		else
			assert_null(y[i].inlined);
	}
	symbols_free(s);
}

static void builds_of_a_program(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(builds) / sizeof(builds[0]); i++) {
		if (*builds[i].cc && system("command -v clang >/dev/null"))
			continue;
		one_build(&builds[i]);
	}
}

/* Hand-written code gives its functions no size; a label in one that has a size is no function. */
static void without_a_size(void **state)
{
	struct symbols *s = fresh();
	struct symbol y;
	uint64_t (*call)(void);
	void *lib;

	(void)state;
	put_text(&tree, "asm.s",
		 ".text\n.globl plain, sized\n"
		 "plain: lea 0(%rip), %rax\n ret\n"
		 ".type sized, @function\nsized: nop\n.globl label\nlabel: lea 0(%rip), %rax\n ret\n.size sized, . - sized\n"
		 ".section .note.GNU-stack\n");
	shell(&tree, "${CC:-cc} -shared -o asm.so asm.s");
	lib = dlopen(at(&tree, "asm.so"), RTLD_NOW);
	assert_non_null(lib);
	call = (uint64_t(*)(void))dlsym(lib, "plain");
	symbols_at(s, getpid(), call(), &y);
	assert_string_equal(y.function, "plain");
	assert_int_equal(y.in, call() - (uint64_t)call);
	call = (uint64_t(*)(void))dlsym(lib, "label");
	symbols_at(s, getpid(), call(), &y);
	assert_string_equal(y.function, "sized");
	/* Where local names were taken out, what lies behind the last known one may be anything. */
	dlclose(lib);
	shell(&tree, "strip -x -o cut.so asm.so");
	lib = dlopen(at(&tree, "cut.so"), RTLD_NOW);
	assert_int_equal(symbols_of_process(s, getpid()), 0);
	call = (uint64_t(*)(void))dlsym(lib, "plain");
	symbols_at(s, getpid(), call(), &y);
	assert_string_equal(y.module, "cut.so");
	assert_null(y.function);
	dlclose(lib);
	symbols_free(s);
}

/* An intrinsic's line is in the compiler's header: whose line of the program's own led there. */
static void out_of_headers(void **state)
{
	static const struct {
		const char *cc, *flags;
	} t[] = { { "${CC:-cc}", "-g" }, { "${CC:-cc}", "-gdwarf-4" }, { "clang", "-g" }, { "clang", "-gdwarf-4" } };
	struct symbol y;
	char buf[80];

	(void)state;
	put_text(&tree, "mine.h",
		 "static inline __attribute__((always_inline)) void send63(long long *p)\n"
		 "{ _mm_stream_si64(p, 9); }\n");
	put_text(&tree, "own.c",
		 "#include <emmintrin.h>\n#include \"mine.h\"\n"
		 "void direct(long long *p)\n{\n\t_mm_stream_si64(p, 7);\n}\n"
		 "void nested(long long *p)\n{\n\tsend63(p);\n}\n");
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct symbols *s = fresh();
		void *lib;

		if (!strcmp(t[i].cc, "clang") && system("command -v clang >/dev/null"))
			continue;
		shell(&tree, "%s -O2 -fcf-protection=none %s -shared -fPIC -o own%zu.so own.c", t[i].cc, t[i].flags, i);
		snprintf(buf, sizeof(buf), "own%zu.so", i);
		lib = dlopen(at(&tree, buf), RTLD_NOW);
		assert_non_null(lib);
		for (int nested = 0; nested < 2; nested++) {
			const unsigned char *p = dlsym(lib, nested ? "nested" : "direct");

			/* MOVNTI: 0f c3 behind REX. */
			while (p[1] != 0x0f || p[2] != 0xc3)
				p++;
			symbols_at(s, getpid(), (uint64_t)p, &y);
			/* clang leaves its intrinsics out of the lines. */
			if (strcmp(t[i].cc, "clang")) {
				assert_string_equal(y.file, "emmintrin.h");
				assert_string_equal(y.inlined, "_mm_stream_si64");
				assert_string_equal(y.own_file, nested ? "mine.h" : "own.c");
				assert_non_null(strstr(y.own_path, tree.dir));
				assert_int_equal(y.own_line, nested ? 2 : 5);
			} else {
				assert_true(!y.own_file && !y.own_path && !y.own_inlined && !y.own_line);
			}
			symbol_format(&y, 0, buf, sizeof(buf));
			assert_string_equal(buf, nested ? "nested (mine.h:2, send63 inlined)" : "direct (own.c:5)");
		}
		dlclose(lib);
		symbols_free(s);
	}
}

/* The same addresses, one library after the other. */
static void loaded_late(void **state)
{
	struct symbols *s = fresh();
	uint64_t ip[2], (*call)(void);
	struct symbol y;
	void *lib;

	(void)state;
	symbols_at(s, getpid(), own_place(), &y);
	for (int i = 0; i < 2; i++) {
		static const char *const names[] = { "one", "two" };
		char lines[64], source[400];

		memset(lines, '\n', sizeof(lines));
		snprintf(source, sizeof(source),
			 "%.*s__attribute__((noinline)) unsigned long %s(void) { char *p; "
			 "__asm__ volatile(\"lea 0(%%%%rip), %%0\" : \"=r\"(p)); return (unsigned long)p - 1; }\n"
			 "unsigned long call(void) { return %s(); }\n",
			 10 + i, lines, names[i], names[i]);
		put_text(&tree, "late.c", source);
		shell(&tree, "${CC:-cc} -O2 -g -fno-optimize-sibling-calls -shared -fPIC -o %s.so late.c", names[i]);
		lib = dlopen(at(&tree, i ? "two.so" : "one.so"), RTLD_NOW);
		assert_non_null(lib);
		call = (uint64_t(*)(void))dlsym(lib, "call");
		ip[i] = call();
		if (i)
			assert_int_equal(symbols_of_process(s, getpid()), 0);
		symbols_at(s, getpid(), ip[i], &y);
		assert_string_equal(y.module, i ? "two.so" : "one.so");
		assert_string_equal(y.function, names[i]);
		assert_int_equal(y.line, 11 + i);
		dlclose(lib);
		/* It is still what was there. */
		assert_int_equal(symbols_of_process(s, getpid()), 0);
		symbols_at(s, getpid(), ip[i], &y);
		assert_string_equal(y.function, names[i]);
	}
	/* If this fails the loader took other addresses, and nothing was tried. */
	assert_int_equal(ip[0], ip[1]);
	symbols_free(s);
}

static void the_vdso(void **state)
{
	struct symbols *s = fresh();
	void *lib = dlopen("linux-vdso.so.1", RTLD_NOW | RTLD_NOLOAD);
	uint64_t base = getauxval(AT_SYSINFO_EHDR), ip;
	struct symbol y;

	(void)state;
	if (!base || !lib)
		skip();
	ip = (uint64_t)dlsym(lib, "__vdso_clock_gettime");
	assert_true(ip > base);
	symbols_at(s, getpid(), ip + 1, &y);
	assert_string_equal(y.module, "[vdso]");
	assert_string_equal(y.function, "__vdso_clock_gettime");
	assert_true(y.in == 1 && y.offset == ip + 1 - base);
	dlclose(lib);
	symbols_free(s);
}

/* Code that is in no file. */
static void code_of_no_file(void **state)
{
	struct symbols *s = fresh();
	struct symbol y;
	char *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_true(page != MAP_FAILED);
	symbols_at(s, getpid(), (uint64_t)page + 8, &y);
	assert_true(!y.module && !y.function && y.offset == (uint64_t)page + 8);
	munmap(page, 4096);
	symbols_free(s);
}

static void after_exec(void **state)
{
	struct symbols *s = fresh();
	struct symbol y, old;
	uint64_t ip = own_place();

	(void)state;
	symbols_at(s, getpid(), ip, &old);
	symbols_forget(s, getpid());
	symbols_at(s, getpid(), ip, &y);
	assert_memory_equal(&y, &old, sizeof(y));
	symbols_forget(s, 0x7ffffff0);
	symbols_free(s);
}

static void in_words(void **state)
{
	static const struct {
		struct symbol y;
		const char *words;
	} t[] = {
		{ { .offset = 0x401136 }, "0x401136" },
		{ { .module = "prog", .offset = 0x1136 }, "0x401136 (prog+0x1136)" },
		{ { .module = "libc.so.6", .function = "memcpy", .in = 0x2f }, "memcpy+0x2f (libc.so.6)" },
		{ { .module = "prog", .function = "send", .file = "msg.c", .line = 42 }, "send (msg.c:42)" },
		{ { .module = "prog", .function = "send", .file = "copy.h", .line = 7, .inlined = "copy64" },
		  "send (copy.h:7, copy64 inlined)" },
		{ { .module = "prog", .function = "main", .file = "xmmintrin.h", .line = 9, .inlined = "_mm_sfence",
		    .own_file = "a.c", .own_line = 3 }, "main (a.c:3)" },
		{ { .module = "prog", .function = "main", .file = "xmmintrin.h", .line = 9, .inlined = "_mm_sfence",
		    .own_file = "a.c", .own_line = 3, .own_inlined = "send63" }, "main (a.c:3, send63 inlined)" },
		{ { .module = "prog", .offset = 1, .file = "msg.c", .line = 42 }, "0x401136 (prog+0x1, msg.c:42)" },
		{ { .module = "a\033[2Jb\nc", .offset = 1 }, "0x401136 (a?[2Jb?c+0x1)" },
	};
	char buf[64], tiny[6];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		symbol_format(&t[i].y, 0x401136, buf, sizeof(buf));
		assert_string_equal(buf, t[i].words);
	}
	symbol_format(&t[1].y, 0x401136, tiny, sizeof(tiny));
	assert_string_equal(tiny, "0x401");
	symbol_format(&t[1].y, 0x401136, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(own_code, setup, teardown),
		cmocka_unit_test_setup_teardown(builds_of_a_program, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_size, setup, teardown),
		cmocka_unit_test_setup_teardown(out_of_headers, setup, teardown),
		cmocka_unit_test_setup_teardown(loaded_late, setup, teardown),
		cmocka_unit_test(the_vdso),
		cmocka_unit_test(code_of_no_file),
		cmocka_unit_test(after_exec),
		cmocka_unit_test(in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
