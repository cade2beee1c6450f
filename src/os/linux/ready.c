#include "os/linux/ready.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/select.h>

#define WORD_BITS   (CHAR_BIT * sizeof(unsigned long))
#define DESCRIPTORS 4096 /* FD_SETSIZE is the C library's limit, not the kernel's */
#define MS_PER_S    1000
#define NS_PER_MS   1000000

struct set {
    unsigned long words[DESCRIPTORS / WORD_BITS];
};

static const short kinds[] = {POLLIN, POLLOUT, POLLPRI};
#define KINDS (sizeof kinds / sizeof *kinds)

static unsigned long bit_of(int fd)
{
    return 1UL << ((size_t)fd % WORD_BITS);
}

static bool holds(const struct set *set, int fd)
{
    return set->words[(size_t)fd / WORD_BITS] & bit_of(fd);
}

static int fill(struct set *sets, const struct pollfd *polled, nfds_t count)
{
    int end = 0;
    memset(sets, 0, KINDS * sizeof *sets);
    for (nfds_t i = 0; i < count; i++) {
        int fd = polled[i].fd;
        if (fd >= DESCRIPTORS)
            return -1;
        for (size_t kind = 0; kind < KINDS; kind++)
            if (polled[i].events & kinds[kind])
                sets[kind].words[(size_t)fd / WORD_BITS] |= bit_of(fd);
        end = fd < end ? end : fd + 1;
    }
    return end;
}

/* RLIMIT_NOFILE limits the number of poll's entries, even for descriptors that are open already. It
 * does not limit select's. A filter may forbid one call and allow the other. */
static int select_instead(struct pollfd *polled, nfds_t count, const struct timespec *left)
{
    struct set sets[KINDS];
    int end = fill(sets, polled, count);
    if (end < 0) {
        errno = EINVAL;
        return -1;
    }
    int got = pselect(end, (fd_set *)&sets[0], (fd_set *)&sets[1], (fd_set *)&sets[2], left, NULL);
    for (nfds_t i = 0; i < count; i++) {
        polled[i].revents = 0;
        for (size_t kind = 0; got > 0 && kind < KINDS; kind++)
            if (holds(&sets[kind], polled[i].fd))
                polled[i].revents = (short)(polled[i].revents | kinds[kind]);
    }
    return got;
}

int ready_wait(struct pollfd *polled, nfds_t count, const struct timespec *left)
{
    int got = ppoll(polled, count, left, NULL);
    return got < 0 && errno != EINTR ? select_instead(polled, count, left) : got;
}

int ready_within(int fd, short events, int patience_ms)
{
    struct pollfd polled = {.fd = fd, .events = events};
    struct timespec left = {patience_ms / MS_PER_S, (long)(patience_ms % MS_PER_S) * NS_PER_MS};
    int got;
    do
        got = ready_wait(&polled, 1, patience_ms < 0 ? NULL : &left);
    while (got < 0 && errno == EINTR);
    return got > 0 ? polled.revents : got;
}
