/* A child that borrows our memory until it executes something, as with vfork, while we run on:
 * no page table is copied, and no page of ours after that. */
#ifndef TREEFALL_OS_LINUX_BORROW_H
#define TREEFALL_OS_LINUX_BORROW_H

#include "os/linux/sys.h"

#include <errno.h>
#include <stdbool.h>

#ifndef CLONE_VM
#define CLONE_VM 0x00000100
#endif

/* `body` runs on the stack that `args` names and must not return. It shares our errno, and whatever
 * it writes: no allocation, no stdio, no setenv. False in `may_borrow`: use sys_clone. */
#if defined(__x86_64__)
static const bool may_borrow = true;

static inline pid_t sys_clone_borrow(const struct sys_clone_args *args, void (*body)(void *),
                                     void *context)
{
    /* Registers that the kernel keeps, and that are nobody's frame pointer. */
    register void (*kept_body)(void *) __asm__("r12") = body;
    register void *kept_context __asm__("r13") = context;
    long result = SYS_clone3;
    __asm__ volatile("syscall\n\t"
                     "test %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "xor %%ebp, %%ebp\n\t"
                     "mov %%r13, %%rdi\n\t"
                     "call *%%r12\n\t"
                     "ud2\n"
                     "1:"
                     : "+a"(result)
                     : "D"(args), "S"(sizeof *args), "r"(kept_body), "r"(kept_context)
                     : "rcx", "r11", "cc", "memory");
    if (result >= 0)
        return (pid_t)result;
    errno = (int)-result;
    return -1;
}
#else
static const bool may_borrow = false;

static inline pid_t sys_clone_borrow(const struct sys_clone_args *args, void (*body)(void *),
                                     void *context)
{
    (void)args;
    (void)body;
    (void)context;
    errno = ENOSYS;
    return -1;
}
#endif

#endif
