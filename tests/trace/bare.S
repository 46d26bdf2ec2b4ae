/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bare.S - a program without a C library: its first instruction is its own, and each one is known. bare.expect is its
 * stream. As progs: bare NAME FILE.
 */
	.text
	.globl _start
_start:
	mov	24(%rsp), %rdi			/* argv[2] */
	mov	$2, %eax			/* open(FILE, O_RDWR) */
	mov	$2, %esi
	syscall
	mov	%eax, %r8d
	mov	$9, %eax			/* mmap(0, 0x8000, READ|WRITE, SHARED, fd, 0) */
	xor	%edi, %edi
	mov	$0x8000, %esi
	mov	$3, %edx
	mov	$1, %r10d
	xor	%r9d, %r9d
	syscall
	mov	%rax, %rbx
	mov	$110, %eax			/* the mark: prog/prog.h */
	mov	$0x57434201, %edi
	syscall
	/* A line of 64 bytes, with a fence in its midst. */
	movabs	$0x1122334455667788, %rcx
	mov	%rcx, (%rbx)
	mov	%rcx, 8(%rbx)
	mov	%rcx, 16(%rbx)
	mov	%rcx, 24(%rbx)
	sfence
	mov	%rcx, 32(%rbx)
	mov	%rcx, 40(%rbx)
	mov	%rcx, 48(%rbx)
	mov	%rcx, 56(%rbx)
	/* The same code three times over, elsewhere. */
	lea	0x100(%rbx), %rsi
	mov	$3, %edx
1:	movq	%rcx, %xmm0
	movups	%xmm0, (%rsi)
	movnti	%ecx, 16(%rsi)
	lock	incl -8(%rsp)
	movw	%cx, 20(%rsi)
	add	$64, %rsi
	dec	%edx
	jnz	1b
	/* A system call, then the last. */
	mov	$39, %eax
	syscall
	movb	$1, 0x7fff(%rbx)
	mov	$110, %eax
	mov	$0x57434202, %edi
	syscall
	mov	$60, %eax
	mov	$7, %edi
	syscall
	.section .note.GNU-stack, "", @progbits
