/* What sudo(8) is to a guard: run set-uid by an unprivileged user, it starts a process of root's,
 * which that user cannot signal, and passes SIGTERM on to it.
 *
 *   sudo ROSTER [SECONDS]    reports `root PID`; ends when that process has ended
 *
 * Compiled with -DDEAF, root's process does not heed SIGTERM. It ends by itself after SECONDS.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child;

static void pass_on(int number)
{
    kill(child, number);
}

int main(int argc, char **argv)
{
    char line[40];
    if (argc < 2 || signal(SIGTERM, pass_on) == SIG_ERR || (child = fork()) < 0)
        return 99;
    if (child == 0) {
#ifdef DEAF
        signal(SIGTERM, SIG_IGN);
#else
        signal(SIGTERM, SIG_DFL);
#endif
        if (setuid(0) < 0)
            _exit(99);
        sleep(argc > 2 ? (unsigned)atoi(argv[2]) : 1000);
        _exit(0);
    }
    int fd = open(argv[1], O_WRONLY | O_CLOEXEC);
    int length = snprintf(line, sizeof line, "root %d\n", (int)child);
    if (fd < 0 || write(fd, line, (size_t)length) != length)
        return 99;
    close(fd);
    while (waitpid(child, NULL, 0) < 0)
        ;
    return 0;
}
