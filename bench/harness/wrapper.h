/* A wrapper that the harness started: its own child, so its pid cannot be recycled unseen. */
#ifndef BENCH_WRAPPER_H
#define BENCH_WRAPPER_H

#include <stdint.h>
#include <sys/types.h>

/* The words before the ward's own: a wrapper and its options. Empty for a bare ward. */
struct command {
    char **words;
    int count;
};

pid_t wrapper_start(const struct command *wrapper, char *const ward[]);

/* Waits for the end of it and kills it at the deadline. */
void wrapper_end(pid_t pid, int64_t deadline_ns);

/* Takes in every child that died, ours or inherited: the harness is a subreaper. */
void reap_all(void);

#endif
