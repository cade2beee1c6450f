/* Carries a copied brand, and says in its environment whose ward's it is. Prints its pid and lives
 * on. forger SOFT HARD WARD START BRAND; WARD 0 = itself, START 0 = its own. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static unsigned long long own_start(void)
{
    char text[1024] = {0};
    unsigned long long start = 0;
    FILE *stat = fopen("/proc/self/stat", "r");
    if (!stat || fread(text, 1, sizeof text - 1, stat) == 0)
        exit(1);
    fclose(stat);
    sscanf(strrchr(text, ')') + 2,
           "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
           &start);
    return start;
}

int main(int argc, char **argv)
{
    char ward[128];
    if (argc != 6)
        return 2;
    struct rlimit pair = {strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10)};
    if (setrlimit(RLIMIT_LOCKS, &pair) < 0)
        return 1;
    int pid = atoi(argv[3]) ? atoi(argv[3]) : getpid();
    unsigned long long start = strtoull(argv[4], NULL, 10);
    snprintf(ward, sizeof ward, "%d:%llu:%s", pid, start ? start : own_start(), argv[5]);
    setenv("TREEFALL_WARD", ward, 1);
    printf("%d\n", getpid());
    fflush(stdout);
    execlp("sleep", "sleep", "1000", NULL);
    return 1;
}
