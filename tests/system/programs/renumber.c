/* renumber NUMBER COMMAND...: starts the command with this pid as soon as the pid is free, in a
 * session of its own and without a parent. It takes the right to choose pids, as root has it. */
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TRY_NS     1000000
#define TRIES_MOST 60000

int main(int argc, char **argv)
{
    const struct timespec pause = {0, TRY_NS};
    pid_t number = argc > 2 ? atoi(argv[1]) : 0;
    struct clone_args args = {
        .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&number, .set_tid_size = 1};
    long child = -1;
    for (int i = 0; i < TRIES_MOST; i++) {
        child = syscall(SYS_clone3, &args, sizeof args);
        if (child >= 0 || errno != EEXIST)
            break;
        nanosleep(&pause, NULL);
    }
    if (child < 0) {
        perror("renumber");
        return 1;
    }
    if (child > 0)
        return 0;
    setsid();
    execvp(argv[2], argv + 2);
    _exit(127);
}
