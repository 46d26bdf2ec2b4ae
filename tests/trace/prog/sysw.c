// SPDX-License-Identifier: GPL-2.0-or-later
/* sysw.c - system calls that write into the region: each must do what it does without a tracer. */
#include <linux/futex.h>
#include <sched.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>

#include "prog.h"

#define STORE(at) INSN("movq %%rax,(%%rdi)", p + (at), 0, 0, 0, value())
#define SAY(what, rc)                                                                                                  \
	do {                                                                                                           \
		long rc_ = (long)(rc);                                                                                 \
		printf("%s %ld %s\n", what, rc_, rc_ < 0 ? strerror(errno) : "");                                      \
	} while (0)

PROGRAM(syscalls, 0, "read, pread, readv, recv, getrandom, ioctl, stat, poll, ... into the region")
{
	static const char text[] = "from a pipe: 0123456789";
	struct iovec iov[3] = { { p + 0x300, 5 }, { p + 0x340, 5 }, { p + 0x1ffe, 8 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 3 };
	int ends[2], pair[2], self;
	struct pollfd *pfd;
	struct stat st;

	if (telling)
		return 0;
	MUST(!pipe(ends) && !socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	STORE(0);
	MUST(write(ends[1], text, sizeof(text)) > 0);
	SAY("ioctl", ioctl(ends[0], FIONREAD, p + 0x80));
	SAY("read", read(ends[0], p + 0x100, sizeof(text)));
	STORE(8);
	MUST(write(ends[1], text, sizeof(text)) > 0);
	SAY("read over a page", read(ends[0], p + 0xff0, sizeof(text)));
	MUST(write(ends[1], text, sizeof(text)) > 0);
	SAY("readv", readv(ends[0], iov, 3));
	MUST(send(pair[0], text, sizeof(text), 0) > 0);
	SAY("recv", recv(pair[1], p + 0x400, 64, 0));
	MUST(send(pair[0], text, sizeof(text), 0) > 0);
	SAY("recvmsg", recvmsg(pair[1], &msg, 0));
	self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	SAY("pread", pread(self, p + 0x500, 16, 0));
	SAY("preadv", preadv(self, iov, 2, 0));
	STORE(16);
	SAY("getrandom", getrandom(p + 0x600, 64, 0));
	memset(p + 0x600, 0, 64);
	SAY("pipe2", syscall(SYS_pipe2, p + 0x640, O_CLOEXEC));
	SAY("getrusage", syscall(SYS_getrusage, 0, p + 0x700));
	memset(p + 0x700, 0, 0x100);
	SAY("uname", uname((struct utsname *)(p + 0x800)));
	SAY("fstat", syscall(SYS_fstat, self, p + 0xa00));
	MUST(!fstat(self, &st) && ((struct stat *)(p + 0xa00))->st_size == st.st_size);
	memset(p + 0xa00, 0, 0x100);
	SAY("getcwd", syscall(SYS_getcwd, p + 0xb00, 128) > 0);
	memset(p + 0xb00, 0, 128);
	SAY("clock_gettime", syscall(SYS_clock_gettime, CLOCK_MONOTONIC, p + 0xc00));
	memset(p + 0xc00, 0, 16);
	SAY("sigprocmask", syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, p + 0xc40, 8));
	SAY("getsockname", syscall(SYS_getsockname, pair[0], p + 0xd00, memcpy(p + 0xcf0, "\x40\0\0\0", 4)));
	pfd = (struct pollfd *)(p + 0x1100);
	*pfd = (struct pollfd){ .fd = ends[1], .events = POLLOUT };
	SAY("poll", syscall(SYS_poll, pfd, 1, 1000));
	printf("revents %d\n", pfd->revents);
	SAY("wait4", ({
		    pid_t child = fork();

		    if (!child)
			    _exit(9);
		    syscall(SYS_wait4, child, p + 0x1140, 0, NULL) == child;
	    }));
	printf("status %x\n", *(int *)(p + 0x1140));
	/* What must fail goes on failing, with the same error. */
	SAY("read of nothing", read(-1, p + 0x100, 8));
	SAY("read past the end", read(self, p + SIZE, 8));
	SAY("read to read-only", ({
		    void *ro = mmap(NULL, 4096, PROT_READ, MAP_SHARED, prog_fd, 0);

		    MUST(ro != MAP_FAILED);
		    read(self, ro, 8);
	    }));
	STORE(24);
	memset(p + 0xa00, 0, 0x200);
	return 0;
}

/* Words that the kernel changes for threads: a futex operation, a thread's end. */
static int cleared(void *arg)
{
	(void)arg;
	return 0;
}

PROGRAM(words, P_UNSAID, "words in the region that the kernel itself changes: FUTEX_WAKE_OP, CLONE_CHILD_CLEARTID")
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	volatile int *word = (int *)(p + 0x100), *tid = (int *)(p + 0x140);
	pid_t child;

	if (telling)
		return 0;
	STORE(0);
	*word = 5;
	SAY("wake_op", syscall(SYS_futex, p + 0x180, FUTEX_WAKE_OP, 1, 1, word, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5)));
	printf("word %d\n", *word);
	*tid = 1;
	child = clone(cleared, stack + sizeof(stack), CLONE_VM | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, NULL, NULL,
		      NULL, tid);
	MUST(child > 0 && waitpid(child, NULL, 0) == child);
	printf("tid %s\n", *tid ? "left" : "cleared");
	STORE(8);
	return 0;
}

PROGRAM(vdso, 0, "clock_gettime into the region: stores of the kernel's own code in the program")
{
	if (telling)
		return 0;
	STORE(0);
	for (int i = 0; i < 4; i++)
		MUST(!clock_gettime(CLOCK_MONOTONIC, (struct timespec *)(p + 0x100 + 16 * i)));
	STORE(8);
	MUST(((volatile struct timespec *)(p + 0x100))->tv_nsec < 1000000000);
	memset(p + 0x100, 0, 64);
	return 0;
}

/* A handler whose stack lies in the region: the kernel writes its frame there. */
static unsigned char *base;
static volatile int handled;

static void on_usr1(int sig)
{
	char here;

	handled += (unsigned char *)&here > base && (unsigned char *)&here < base + SIZE && sig == SIGUSR1;
}

PROGRAM(altstack, P_UNSAID, "a signal's handler whose stack is the region")
{
	struct sigaction sa = { .sa_handler = on_usr1, .sa_flags = SA_ONSTACK };
	stack_t ss = { .ss_sp = p, .ss_size = SIZE };

	if (telling)
		return 0;
	base = p;
	STORE(0);
	MUST(!sigaltstack(&ss, NULL) && !sigaction(SIGUSR1, &sa, NULL));
	raise(SIGUSR1);
	STORE(8);
	printf("handled on it %d\n", handled);
	memset(p, 1, SIZE);
	return 0;
}
