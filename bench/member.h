/* What every process of a benchmarked tree does: it reports itself settled, then waits to die. */
#ifndef BENCH_MEMBER_H
#define BENCH_MEMBER_H

#include <stdint.h>

/* One datagram to the roster's socket. The kernel adds the sender's pid as the reader sees it,
 * which holds across pid namespaces. Every part has a fixed width: Python reads it too. */
struct member_report {
    char role[16];
    int64_t at_ns;
};

int64_t now_ns(void);

/* Opens the socket for this one report and closes it again, so that a member may have closed all
 * its descriptors before. Waits while the reader is behind. Exits if nobody reads. */
void member_report(const char *roster_path, const char *role, int64_t at_ns);

/* Nobody outlives a bench that was killed: SIGALRM ends the caller. Not inherited over fork. */
void member_limit_life(void);

/* Sleeps until a signal ends the caller; SIGUSR1 does so with status 0. */
_Noreturn void member_wait(void);

#endif
