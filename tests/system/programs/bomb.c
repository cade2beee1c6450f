/* A fork bomb that is harmless: it reads its cap back before the first fork, and ends itself.
 *
 *   bomb ROSTER nproc N    the cap is RLIMIT_NPROC, which counts N threads outside of the bomb
 *   bomb ROSTER FILE       the cap stands in FILE, such as pids.max of a cgroup
 *
 * Every process forks for ever. The one that first hits the cap writes `full PID` to the FIFO named
 * ROSTER. Whatever happens, all of them end by themselves after a while. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define LIFE_S      90
#define CAP_AT_MOST 2000

static long cap_of(const char *from)
{
    struct rlimit limit;
    char text[32] = "";
    if (strcmp(from, "nproc") == 0)
        return getrlimit(RLIMIT_NPROC, &limit) < 0 ? -1 : (long)limit.rlim_cur;
    int fd = open(from, O_RDONLY);
    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
        return -1;
    close(fd);
    return atol(text);
}

static time_t seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void report_full(const char *roster, atomic_int *told)
{
    char line[40];
    if (atomic_exchange(told, 1))
        return;
    int length = snprintf(line, sizeof line, "full %d\n", getpid());
    int fd = open(roster, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, line, (size_t)length) != length)
        exit(99);
    close(fd);
}

int main(int argc, char **argv)
{
    const struct timespec moment = {0, 20000000};
    long cap = argc >= 3 ? cap_of(argv[2]) : 0;
    if (argc > 3)
        cap -= atol(argv[3]);
    if (cap <= 0 || cap > CAP_AT_MOST) {
        fprintf(stderr, "bomb: no cap of at most %d: not one fork\n", CAP_AT_MOST);
        return 99;
    }
    atomic_int *told =
        mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    time_t end = seconds() + LIFE_S;
    if (told == MAP_FAILED)
        return 99;
    while (seconds() < end) {
        if (fork() >= 0)
            continue;
        report_full(argv[1], told);
        nanosleep(&moment, NULL);
    }
    return 0;
}
