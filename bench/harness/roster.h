/* The members of one tree: they report themselves over a socket, the kernel vouches for their
 * pids, and each is held by a pidfd until it is known to be dead. */
#ifndef BENCH_ROSTER_H
#define BENCH_ROSTER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct roster_member {
    pid_t pid;
    int pidfd;
    char role[16];
    int64_t at_ns;
};

struct roster {
    char path[96];
    int socket;
    int alive; /* read end of the pipe that every member of tree.c holds open */
    const volatile int64_t *exit_ns; /* when the ward of tree.c called _exit */
    struct roster_member *members;
    int count;
    int capacity;
};

/* Makes the socket, the pipe and the file of the exit time in `folder`. Fails by exiting, as all
 * here: this is a bench. */
void roster_init(struct roster *roster, const char *folder, int capacity);

/* Takes one report; a member that reported before is not added twice. False at the deadline. */
bool roster_take(struct roster *roster, int64_t deadline_ns, struct roster_member *taken);

/* Takes `count` members. False at the deadline. */
bool roster_gather(struct roster *roster, int count, int64_t deadline_ns);

struct roster_member *roster_find(struct roster *roster, const char *role);

/* How many are not dead yet; a zombie is dead. */
int roster_living(const struct roster *roster);

/* Waits until the pipe has ended and every pidfd says dead. Returns the time of that, or 0. */
int64_t roster_wait_gone(struct roster *roster, int64_t deadline_ns);

/* Returns the time at which the first of them but `except` was dead, or 0. */
int64_t roster_wait_first(struct roster *roster, const struct roster_member *except,
                          int64_t deadline_ns);

/* Kills whoever is left, through its pidfd, waits for the deaths and lets go of everything. */
void roster_done(struct roster *roster);

int pidfd_of(pid_t pid);
void pidfd_signal(int pidfd, int signal_number);
bool pidfd_wait(int pidfd, int64_t deadline_ns);
_Noreturn void die(const char *what);

#endif
