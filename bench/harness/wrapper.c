#define _GNU_SOURCE
#include "wrapper.h"

#include "roster.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 64 };

pid_t wrapper_start(const struct command *wrapper, char *const ward[])
{
    char *words[WORDS_MAX + 1] = {0};
    int count = 0;
    pid_t pid;

    for (int i = 0; i < wrapper->count && count < WORDS_MAX; i++)
        words[count++] = wrapper->words[i];
    for (int i = 0; ward[i] != NULL && count < WORDS_MAX; i++)
        words[count++] = ward[i];
    errno = posix_spawnp(&pid, words[0], NULL, NULL, words, environ);
    if (errno != 0)
        die(words[0]);
    return pid;
}

void wrapper_end(pid_t pid, int64_t deadline_ns)
{
    int pidfd = pidfd_of(pid);
    if (pidfd >= 0 && !pidfd_wait(pidfd, deadline_ns))
        pidfd_signal(pidfd, SIGKILL);
    if (pidfd >= 0)
        close(pidfd);
    waitpid(pid, NULL, 0);
}

void reap_all(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
}
