/* Runs a command that the kernel denies some system calls to, as a container's filter does.
 *
 *   deny CALL=ERROR... -- COMMAND...
 *
 * CALL is a name of the table below, ERROR is EPERM, ENOSYS or EACCES. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLS_AT_MOST 16

struct named {
    const char *name;
    int number;
};

static const struct named calls[] = {
    {"close_range", SYS_close_range},
    {"pidfd_open", SYS_pidfd_open},
    {"pidfd_send_signal", SYS_pidfd_send_signal},
    {"clone3", SYS_clone3},
    {"prlimit64", SYS_prlimit64},
    {"waitid", SYS_waitid},
    {"signalfd4", SYS_signalfd4},
    {"eventfd2", SYS_eventfd2},
    {"socketpair", SYS_socketpair},
    {"inotify_init1", SYS_inotify_init1},
    {"socket", SYS_socket},
    {"prctl", SYS_prctl},
    {"memfd_create", SYS_memfd_create},
    {"openat2", SYS_openat2},
    {"statx", SYS_statx},
    {"timerfd_create", SYS_timerfd_create},
    {"futex", SYS_futex},
    {"setrlimit", SYS_setrlimit},
    {"ppoll", SYS_ppoll},
    {"pselect6", SYS_pselect6},
};

static const struct named errors[] = {{"EPERM", EPERM}, {"ENOSYS", ENOSYS}, {"EACCES", EACCES}};

static int find(const struct named *table, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(table[i].name) == length && strncmp(table[i].name, name, length) == 0)
            return table[i].number;
    fprintf(stderr, "deny: unknown: %.*s\n", (int)length, name);
    _exit(99);
}

int main(int argc, char **argv)
{
    struct sock_filter filter[2 * CALLS_AT_MOST + 2] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
    unsigned short used = 1;
    int at = 1;
    for (; at < argc && strcmp(argv[at], "--") != 0 && at <= CALLS_AT_MOST; at++) {
        size_t length = strcspn(argv[at], "=");
        const char *error = argv[at] + length + (argv[at][length] == '=');
        unsigned call = (unsigned)find(calls, sizeof calls / sizeof *calls, argv[at], length);
        unsigned code =
            (unsigned)find(errors, sizeof errors / sizeof *errors, error, strlen(error));
        filter[used++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
        filter[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | code);
    }
    filter[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {used, filter};
    if (argc - at < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
        perror("deny");
        return 99;
    }
    execvp(argv[at + 1], argv + at + 1);
    perror(argv[at + 1]);
    return 127;
}
