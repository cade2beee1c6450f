/* The clock of the bench: `harness fall|first|start|stale ...` runs one measure and prints plain
 * numbers in nanoseconds; the scripts around it choose, repeat and compare. */
#include "measures.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} measures[] = {
    {"fall", measure_fall},
    {"first", measure_fall},
    {"start", measure_start},
    {"stale", measure_stale},
};

static void raise_file_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

int main(int argc, char **argv)
{
    /* Orphans come to us and stay zombies until the clock has stopped, so neither a slow nor a
     * busy init takes part in the measure. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    raise_file_limit();
    for (size_t i = 0; argc > 1 && i < sizeof measures / sizeof *measures; i++)
        if (strcmp(argv[1], measures[i].name) == 0)
            return measures[i].run(argc - 1, argv + 1);
    return fprintf(stderr, "usage: harness fall|first|start|stale ...\n"), 125;
}
