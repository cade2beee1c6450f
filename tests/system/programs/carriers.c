/* Sessions that carry a copied brand: carriers COUNT SOFT HARD. Each prints its pid; they end with
 * the first one. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define COUNT_AT_MOST 1000

int main(int argc, char **argv)
{
    int count = argc == 4 ? atoi(argv[1]) : 0;
    if (count < 1 || count > COUNT_AT_MOST)
        return 2;
    struct rlimit pair = {strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10)};
    if (setrlimit(RLIMIT_LOCKS, &pair) < 0)
        return 1;
    pid_t first = getpid();
    for (int i = 0; i < count; i++) {
        pid_t pid = fork();
        if (pid < 0)
            return 3;
        if (pid > 0)
            continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setsid();
        if (getppid() != first)
            return 4;
        dprintf(1, "%d\n", getpid());
        for (;;)
            pause();
    }
    for (;;)
        pause();
}
