/* Takes every step that a guard could first pick below the brand that this process inherits.
 *
 *   steps ROSTER ORDERS
 *
 * starts one child for each of the steps, each with the limits that a member of such a guard's tree
 * has, writes `ward PID` to the FIFO named ROSTER, and answers each line from the FIFO named ORDERS
 * with `alive N`: how many of its children live. The layout is that of src/core/brand.h, level 2.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHIFT 11
#define ONES  0x7ffULL
#define FIRST 1024

static void report(const char *roster, const char *word, int number)
{
    char line[80];
    int length = snprintf(line, sizeof line, "%s %d\n", word, number);
    int fd = open(roster, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, line, (size_t)length) != length)
        exit(99);
    close(fd);
}

static void start(struct rlimit limit, uint64_t step)
{
    pid_t pid = fork();
    if (pid < 0)
        exit(98);
    if (pid > 0)
        return;
    prctl(PR_SET_PDEATHSIG, 9);
    limit.rlim_max = (limit.rlim_max & ~(ONES << SHIFT)) | step << SHIFT;
    if (setrlimit(RLIMIT_LOCKS, &limit) < 0)
        _exit(97);
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    struct rlimit limit;
    char order[80];
    int alive = 0;
    if (argc != 3 || getrlimit(RLIMIT_LOCKS, &limit) < 0 || limit.rlim_max >> 62 != 1 ||
        (limit.rlim_max >> SHIFT & ONES) != ONES) {
        fprintf(stderr, "steps: not at the first level of a guard's tree\n");
        return 99;
    }
    for (uint64_t step = FIRST; step < ONES; step++, alive++)
        start(limit, step);
    report(argv[1], "ward", getpid());
    FILE *orders = fopen(argv[2], "r+");
    while (orders && fgets(order, sizeof order, orders)) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            alive--;
        report(argv[1], "alive", alive);
    }
    for (;;)
        pause();
}
