/* libtreefall: a dead-man's switch for this process and everything it starts.
 *
 *     struct treefall *guard;
 *     struct treefall_options options = {.kill_delay_ms = 3000};
 *     if (treefall_start(&options, &guard) == 0)
 *         while (work())
 *             treefall_beat(guard);
 *     treefall_stop(guard);
 *
 * A sentinel, a process outside, watches the beats. When they stop for kill_delay_ms, or when this
 * process ends without treefall_stop, it fells this process and all that descends from it, and
 * nothing else. A ward that is stopped or held by a debugger is not felled.
 *
 * Errors: 0, or a negative TREEFALL_E... code, the same on every platform; treefall_strerror says it
 * in words. Nothing here prints, exits or changes signal handling. */
#ifndef TREEFALL_H
#define TREEFALL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TREEFALL_API __attribute__((visibility("default")))
#else
#define TREEFALL_API
#endif

#define TREEFALL_OK 0
#define TREEFALL_EINVAL (-1)       /* an option is out of range */
#define TREEFALL_ENOSENTINEL (-2)  /* the treefall-sentinel program was not found */
#define TREEFALL_ENOTARMED (-3)    /* it started, and could not arm: it said why on the way */
#define TREEFALL_ESYSTEM (-4)      /* the system refused: no memory, no descriptors, no processes */
#define TREEFALL_EFORKED (-5)      /* the handle belongs to the process that started it */

struct treefall;

/* Zero is the default of every field. */
struct treefall_options {
    int64_t kill_delay_ms;    /* 0 = 3000; 50 to 10 years */
    int64_t startup_grace_ms; /* until the first beat; 0 = 30000 */
    int fall_when_stopped;    /* not 0: a stopped or traced process counts as hung as well */
    const char *sentinel;     /* path of treefall-sentinel; NULL: $TREEFALL_SENTINEL, then beside
                                 this library, then the installed one */
    const char *report;       /* .json, .txt or .html; NULL = none */
};

/* Starts a sentinel and returns when it has attested, from its own process, that it is armed. The
 * caller is the ward. The sentinel is no child of the caller: waitpid(-1) never sees it. `*out` is
 * untouched on an error, and owned by the caller otherwise.
 * Not async-signal-safe; one thread at a time. A child made by fork inherits no guard of its own: it
 * is a member of the tree. Linux and Windows. */
TREEFALL_API int treefall_start(const struct treefall_options *options, struct treefall **out);

/* The ward's main loop turns. One store, no system call; any thread, also in a signal handler. */
TREEFALL_API void treefall_beat(struct treefall *guard);

/* Silence is legitimate for `budget_ms` (0 = until the release). Any thread. */
TREEFALL_API void treefall_hold(struct treefall *guard, int64_t budget_ms);
TREEFALL_API void treefall_release(struct treefall *guard);

/* The ward cleans up: it falls in `budget_ms` if it is still there, and not before. Any thread. */
TREEFALL_API void treefall_closing(struct treefall *guard, int64_t budget_ms);

/* Ends the guard: nothing falls. Frees the handle; NULL is allowed. Returns when the sentinel is
 * gone. In a forked child it only frees. */
TREEFALL_API int treefall_stop(struct treefall *guard);

/* What is armed and what it cannot see, as JSON: {"guarantee":[{"route":...}]}. Owned by the
 * handle. */
TREEFALL_API const char *treefall_guarantee(const struct treefall *guard);

/* Static text for a code. Never NULL. */
TREEFALL_API const char *treefall_strerror(int code);

#ifdef __cplusplus
}
#endif

#endif
