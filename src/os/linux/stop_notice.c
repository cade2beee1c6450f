/* Stop requests, noticed in the context of a signal handler and passed on to the previous
 * handler. */
#include "os/os.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

static const int signals[] = {SIGINT, SIGTERM};
#define SIGNAL_COUNT (sizeof signals / sizeof *signals)

/* Written before our handler can read it. */
static struct sigaction previous[SIGNAL_COUNT];
static bool chained[SIGNAL_COUNT];
static void (*_Atomic notice)(int signal);
static _Atomic int inside; /* handlers that are running now */

static void pass_on(const struct sigaction *to, int number, siginfo_t *info, void *context)
{
    if (to->sa_flags & SA_SIGINFO)
        to->sa_sigaction(number, info, context);
    else if (to->sa_handler != SIG_IGN && to->sa_handler != SIG_DFL)
        to->sa_handler(number);
}

static void handle(int number, siginfo_t *info, void *context)
{
    int error = errno;
    atomic_fetch_add(&inside, 1);
    void (*told)(int) = atomic_load(&notice);
    if (told)
        told(number);
    atomic_fetch_sub(&inside, 1);
    errno = error;
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        if (signals[i] == number)
            pass_on(&previous[i], number, info, context);
}

static bool is_ours(const struct sigaction *action)
{
    return action->sa_flags & SA_SIGINFO && action->sa_sigaction == handle;
}

static bool is_same(const struct sigaction *a, const struct sigaction *b)
{
    return (a->sa_flags & SA_SIGINFO) == (b->sa_flags & SA_SIGINFO) &&
           a->sa_handler == b->sa_handler;
}

/* If no handler is set, the kernel acts: a ward that dies of the signal is seen to die, and a ward
 * that ignores it was not asked. A handler above ours may call ours. If ours were put on top of it
 * again, the two would call each other for ever. */
static bool is_to_be_chained(size_t i, const struct sigaction *now)
{
    bool handled =
        now->sa_flags & SA_SIGINFO || (now->sa_handler != SIG_DFL && now->sa_handler != SIG_IGN);
    return handled && !is_ours(now) && (!chained[i] || is_same(now, &previous[i]));
}

static void chain(size_t i)
{
    struct sigaction now;
    if (sigaction(signals[i], NULL, &now) < 0 || !is_to_be_chained(i, &now))
        return;
    struct sigaction ours = now;
    ours.sa_sigaction = handle;
    ours.sa_flags = (now.sa_flags | SA_SIGINFO) & ~(int)SA_RESETHAND;
    previous[i] = now;
    chained[i] = sigaction(signals[i], &ours, NULL) == 0;
}

static void forget_handlers(void)
{
    atomic_store(&inside, 0);
}

void os_stop_notice_take(void (*told)(int signal))
{
    static bool fork_seen;
    if (!fork_seen)
        fork_seen = pthread_atfork(NULL, NULL, forget_handlers) == 0;
    atomic_store(&notice, told);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        chain(i);
}

void os_stop_notice_drop(void)
{
    struct sigaction now;
    atomic_store(&notice, NULL);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        if (chained[i] && sigaction(signals[i], NULL, &now) == 0 && is_ours(&now)) {
            sigaction(signals[i], &previous[i], NULL);
            chained[i] = false;
        }
    os_stop_notice_settle();
}

void os_stop_notice_settle(void)
{
    while (atomic_load(&inside) > 0)
        sched_yield();
}
