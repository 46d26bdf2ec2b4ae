// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_insn_truth.c - what insn.h says of instructions, against what this CPU does: pieces of assembly, the store
 * patterns, and the C library's memcpy and memset in every form that it lets itself be told to use.
 */
#include "insn_step.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/auxv.h>

#include "insn_truth_asm.h"
#include "stores_list.h"

#define X(name, flags, code)                                                                                           \
	__asm__(".pushsection .text\n.globl truth_" #name "\n.hidden truth_" #name "\n.type truth_" #name              \
		", @function\ntruth_" #name ":\n" code "\nret\n.popsection");                                          \
	extern void truth_##name(void *to, const void *from);
PIECES(X)
#undef X

static const struct piece {
	const char *name;
	unsigned int flags;
	void (*fn)(void *to, const void *from);
} pieces[] = {
#define X(piece, needs, code) { .name = #piece, .flags = needs, .fn = truth_##piece },
	PIECES(X)
#undef X
};

static bool can(unsigned int flags)
{
	uint32_t a = 0, b = 0, c = 0, d = 0, ext = 0, amd = 0, leaf7 = 0, leaf7c = 0, xs = 0;

	if (__get_cpuid(0x80000008, &a, &b, &c, &d))
		ext = b;
	if (__get_cpuid(0x80000001, &a, &b, &c, &d))
		amd = c;
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
		leaf7 = b;
		leaf7c = c;
	}
	if (__get_cpuid_count(0xd, 1, &a, &b, &c, &d))
		xs = a;
	__builtin_cpu_init();
	return (!(flags & AVX2) || __builtin_cpu_supports("avx2")) &&
	       (!(flags & AVX512) || (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
				      __builtin_cpu_supports("avx512dq"))) &&
	       (!(flags & VBMI2) || __builtin_cpu_supports("avx512vbmi2")) && (!(flags & CLZERO) || ext & 1) &&
	       (!(flags & XSAVEC) || (xs & 3) == 3) && (!(flags & FSGS) || (leaf7 & 1 && getauxval(AT_HWCAP2) & 2)) &&
	       (!(flags & SSE4A) || amd & 1u << 6) &&
	       (!(flags & MOVDIRI) || leaf7c & 1u << 27) && (!(flags & MOVDIR64B) || leaf7c & 1u << 28);
}

static void run_pieces(struct shared *s)
{
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		if (!can(pieces[i].flags))
			continue;
		s->job = (int)i;
		s->loose = !!(pieces[i].flags & LOOSE);
		s->state = STORING;
		pieces[i].fn(s->memory + PAGE, s->data);
		s->state = IDLE;
	}
}

static void ends(const struct stepper *t, const char *what)
{
	print_message("# %s: %" PRIu64 " instructions, %" PRIu64 " of them stored %" PRIu64 " bytes, %" PRIu64
		      " not sure, %" PRIu64 " differences\n",
		      what, t->steps, t->storing, t->bytes, t->unsure, t->wrong);
	print_message("# values: %" PRIu64 " told, %" PRIu64 " not; %" PRIu64 " non-temporal, %" PRIu64 " direct, %" PRIu64
		      " masked, %" PRIu64 " from memory, %" PRIu64 " wrong\n",
		      t->value.told, t->value.untold, t->value.by[INSN_PUT_NT], t->value.by[INSN_PUT_DIRECT],
		      t->value.masked, t->value.from_memory, t->value.wrong);
	assert_int_equal(t->wrong, 0);
	assert_int_equal(t->value.wrong, 0);
}

static void pieces_do_what_is_said(void **state)
{
	struct stepper *t = calloc(1, sizeof(*t));

	(void)state;
	assert_non_null(t);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		if (!can(pieces[i].flags))
			print_message("# not here: %s\n", pieces[i].name);
		else
			print_message("# job %zu: %s\n", i, pieces[i].name);
	of_this_cpu(t);
	t->s = share();
	if (!step_through(t, run_pieces))
		skip();
	ends(t, "pieces");
	assert_true(t->storing > 150 && t->bytes > 1000);
	assert_true(t->value.told > 150 && t->value.from_memory > 20 && t->value.by[INSN_PUT_NT] > 10);
	munmap(t->s, sizeof(*t->s));
	free(t);
}

static void run_patterns(struct shared *s)
{
	for (unsigned int i = 0; i < WCDIAG_STORE_COUNT; i++) {
		struct wcdiag_store_args args = {
			.to = s->memory + PAGE, .from = s->data, .messages = 3, .lines = 2, .gap = 3
		};
		struct stores_run r = a_run(i);

		if (stores_check(&r, 2 * PAGE))
			continue;
		s->job = (int)i;
		s->loose = 0;
		s->state = STORING;
		stores_function(i)(&args);
		s->state = IDLE;
	}
}

static void patterns_do_what_is_said(void **state)
{
	struct stepper *t = calloc(1, sizeof(*t));

	(void)state;
	assert_non_null(t);
	for (unsigned int i = 0; i < WCDIAG_STORE_COUNT; i++)
		here(i);
	of_this_cpu(t);
	t->s = share();
	if (!step_through(t, run_patterns))
		skip();
	ends(t, "patterns");
	assert_true(t->storing > 300);
	munmap(t->s, sizeof(*t->s));
	free(t);
}

static void *(*libc_memcpy)(void *, const void *, size_t);
static void *(*libc_memset)(void *, int, size_t);

static void run_libc(struct shared *s)
{
	s->loose = 0;
	for (size_t n = 1; n <= 300; n++) {
		s->job = (int)n;
		s->state = STORING;
		libc_memcpy(s->memory + PAGE + n % 7, s->data + n % 5, n);
		libc_memset(s->memory + PAGE - n % 11, 0x11, n);
		s->state = IDLE;
	}
}

/* In a process of its own: GLIBC_TUNABLES are read when it starts. */
static int libc_as_told(void)
{
	struct stepper *t = calloc(1, sizeof(*t));
	void *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
	struct link_map *map = NULL;
	char what[256];
	int rc = 77;

	assert_true(t && libc && !dlinfo(libc, RTLD_DI_LINKMAP, &map));
	/* Not the name: a sanitizer puts functions of its own in their place. */
	*(void **)&libc_memcpy = dlsym(libc, "memcpy");
	*(void **)&libc_memset = dlsym(libc, "memset");
	of_this_cpu(t);
	t->s = share();
	if (step_through(t, run_libc)) {
		snprintf(what, sizeof(what), "libc, first store at +%" PRIx64, t->first_ip - map->l_addr);
		ends(t, what);
		rc = t->storing < 600;
	}
	munmap(t->s, sizeof(*t->s));
	free(t);
	dlclose(libc);
	return rc;
}

#define NO_512	"-AVX512F,-AVX512VL,-AVX512BW"
#define NO_AVX2 "-AVX2," NO_512 ",-AVX_Fast_Unaligned_Load"

/* In turn, where the CPU has them: the forms for AVX-512, EVEX, AVX, SSSE3, SSE2 and ERMS; rep from few bytes on. */
static const char *const tunables[] = {
	"",
	"glibc.cpu.hwcaps=-ERMS,-FSRM",
	"glibc.cpu.hwcaps=-AVX512VL",
	"glibc.cpu.hwcaps=-AVX512F",
	"glibc.cpu.hwcaps=-AVX512F,-ERMS,-FSRM",
	"glibc.cpu.hwcaps=" NO_512,
	"glibc.cpu.hwcaps=" NO_AVX2,
	"glibc.cpu.hwcaps=" NO_AVX2 ",-SSSE3",
	"glibc.cpu.hwcaps=" NO_AVX2 ",-SSSE3,-ERMS,-FSRM",
	"glibc.cpu.hwcaps=" NO_512 ",Prefer_ERMS",
	"glibc.cpu.hwcaps=" NO_AVX2
	",-SSSE3:glibc.cpu.x86_rep_movsb_threshold=128:glibc.cpu.x86_rep_stosb_threshold=64",
	"glibc.cpu.hwcaps=" NO_512 ":glibc.cpu.x86_rep_movsb_threshold=256:glibc.cpu.x86_rep_stosb_threshold=64",
};

static void libc_does_what_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tunables) / sizeof(tunables[0]); i++) {
		int status;
		pid_t child;

		print_message("# GLIBC_TUNABLES=%s\n", tunables[i]);
		fflush(stdout);
		child = fork();
		assert_true(child >= 0);
		if (!child) {
			setenv("GLIBC_TUNABLES", tunables[i], 1);
			execl("/proc/self/exe", "test_insn_truth", "--libc", (char *)NULL);
			_exit(1);
		}
		while (waitpid(child, &status, 0) < 0)
			assert_int_equal(errno, EINTR);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status) == 77)
			skip();
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_do_what_is_said),
		cmocka_unit_test(patterns_do_what_is_said),
		cmocka_unit_test(libc_does_what_is_said),
	};

	if (argc == 2 && !strcmp(argv[1], "--libc"))
		return libc_as_told();
	return cmocka_run_group_tests_name("insn_truth", tests, NULL, NULL);
}
