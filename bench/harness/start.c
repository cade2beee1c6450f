/* start RUNS ::: COMMAND... ::: COMMAND...: posix_spawn to wait for every command, in rounds of a
 * shuffled order, so that nobody always runs in the wake of the same other. One line of
 * nanoseconds for each command; a status other than 0 makes the sample 0. */
#define _GNU_SOURCE
#include "measures.h"

#include "../member.h"
#include "wrapper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { COMMANDS_MAX = 64 };

static int split(int argc, char **argv, struct command *commands)
{
    int count = 0;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], ":::") == 0) {
            argv[i] = NULL;
            if (count == COMMANDS_MAX)
                return -1;
            commands[count++] = (struct command){argv + i + 1, 0};
        } else if (count > 0) {
            commands[count - 1].count++;
        }
    }
    return count;
}

static int64_t time_one(const struct command *command)
{
    char *none[] = {NULL};
    int status = 0;
    int64_t start_ns = now_ns();
    pid_t pid = wrapper_start(command, none);
    waitpid(pid, &status, 0);
    int64_t took_ns = now_ns() - start_ns;
    reap_all();
    return status == 0 ? took_ns : 0;
}

static void shuffle(int *order, int count)
{
    for (int i = count - 1; i > 0; i--) {
        int other = rand() % (i + 1);
        int kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
}

static void time_rounds(const struct command *commands, int count, int runs, int64_t *samples)
{
    int order[COMMANDS_MAX];
    for (int i = 0; i < count; i++) {
        order[i] = i;
        time_one(&commands[i]); /* warm the caches */
    }
    for (int run = 0; run < runs; run++) {
        shuffle(order, count);
        for (int turn = 0; turn < count; turn++)
            samples[run * count + order[turn]] = time_one(&commands[order[turn]]);
    }
}

static void print_samples(const int64_t *samples, int runs, int stride)
{
    for (int i = 0; i < runs; i++)
        printf("%lld ", (long long)samples[i * stride]);
    putchar('\n');
}

int measure_start(int argc, char **argv)
{
    struct command commands[COMMANDS_MAX] = {{0}};
    int runs = argc > 1 ? atoi(argv[1]) : 0;
    int count = argc > 2 ? split(argc - 2, argv + 2, commands) : 0;
    int64_t *samples = calloc((size_t)(runs > 0 ? runs : 1) * COMMANDS_MAX, sizeof *samples);
    if (runs < 1 || count < 1 || samples == NULL)
        return fprintf(stderr, "usage: harness start RUNS ::: COMMAND...\n"), 125;

    time_rounds(commands, count, runs, samples);
    for (int i = 0; i < count; i++)
        print_samples(samples + i, runs, count);
    free(samples);
    return 0;
}
