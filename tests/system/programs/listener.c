/* A ward that tells the test of every signal.
 *
 *   listener ROSTER [NUMBER=STATUS...]
 *
 * writes `ward PID` to the FIFO named ROSTER and then one line for each signal, in the order of
 * their arrival: `got NUMBER`. It ends with STATUS after signal NUMBER, and else with SIGKILL only.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *roster;

static void report(const char *word, int number)
{
    char line[80];
    int length = snprintf(line, sizeof line, "%s %d\n", word, number);
    int fd = open(roster, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, line, (size_t)length) != length)
        exit(99);
    close(fd);
}

int main(int argc, char **argv)
{
    sigset_t all;
    int statuses[NSIG];
    if (argc < 2)
        return 99;
    roster = argv[1];
    memset(statuses, -1, sizeof statuses);
    for (int i = 2; i < argc; i++) {
        char *end;
        long number = strtol(argv[i], &end, 10);
        statuses[number] = atoi(end + 1);
    }
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    report("ward", getpid());
    for (;;) {
        int number = sigwaitinfo(&all, NULL);
        if (number < 0)
            continue;
        report("got", number);
        if (statuses[number] >= 0)
            return statuses[number];
    }
}
