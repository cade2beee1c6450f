/* libtreefall: a dead-man's switch for this process and everything it starts.
 *
 *     struct treefall *guard = NULL;
 *     struct treefall_options options = {.kill_delay_ms = 3000};
 *     int status = treefall_start(&options, &guard);
 *     if (status != TREEFALL_OK)
 *         fprintf(stderr, "unguarded: %s\n", treefall_strerror(status));
 *     while (work())
 *         treefall_beat(guard);
 *     treefall_stop(guard);
 *
 * This process is the ward. A sentinel, a process outside of it, watches its beats. When they stop
 * for kill_delay_ms, or when the ward ends without treefall_stop, the sentinel kills the ward and
 * all that it has started, directly or not, and nothing else. What was orphaned before the guard
 * started is not found. A ward that is stopped (SIGSTOP, Ctrl-Z) or held by a debugger is not hung,
 * and is not felled. Windows does not tell who is stopped, only who is debugged.
 *
 * A sentinel that is killed is replaced. If ward and sentinel are killed in the same instant, the
 * tree falls on Windows, by the kernel; on Linux nobody is left to fell it.
 *
 * Errors: TREEFALL_OK, or a negative TREEFALL_E... code, the same on every platform.
 * treefall_strerror says in words what it means and what to do. After a failed treefall_start,
 * the system's own error is where its errors always are: in errno, on Windows in GetLastError().
 * It is 0 where the system has no part in it.
 *
 * A guard may be NULL everywhere: nothing happens. So a program can run on without one.
 *
 * Threads: every function may be called from any thread, several at once; only treefall_stop must
 * be the last call for its guard. Signal handlers may call those of which it is said.
 *
 * Fork: a forked child is a member of the tree. The guard is not its own: in it, beats and the like
 * do nothing. It may start one of its own, which fells what the child starts.
 *
 * Exec: a ward that executes another program without treefall_stop beats no more, and falls.
 *
 * Nothing here prints, exits or changes signal handling. A guard costs a process of about 50 kB, a
 * thread that sleeps, and four descriptors, which are closed on exec. The ward keeps one mark, also
 * after treefall_stop: its limit RLIMIT_LOCKS is lowered, which Linux does not enforce.
 *
 * Platforms: Linux 5.3 and later, Windows 10 and later (shown under Wine: docs/windows.md). There a
 * ward enters two Job Objects, which it cannot leave again: after treefall_stop they have no
 * effect. */
#ifndef TREEFALL_H
#define TREEFALL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32) && defined(TREEFALL_BUILDS_LIBRARY)
#define TREEFALL_API __declspec(dllexport)
#elif defined(__GNUC__) && !defined(_WIN32)
#define TREEFALL_API __attribute__((visibility("default")))
#else
#define TREEFALL_API
#endif

#define TREEFALL_OK          0
#define TREEFALL_EINVAL      (-1)  /* an option is out of range: a bug of the caller's */
#define TREEFALL_ENOSENTINEL (-2)  /* the program treefall-sentinel was not found: install it */
#define TREEFALL_ENOTARMED   (-3)  /* the sentinel could not arm: `treefall doctor` says why */
#define TREEFALL_ESYSTEM     (-4)  /* no memory, descriptors, threads or processes: see its error */
#define TREEFALL_EFORKED     (-5)  /* the guard belongs to the process that forked this one */
#define TREEFALL_EREFUSED    (-6)  /* this process is pid 1: run it under `treefall run` */
#define TREEFALL_EVERSION    (-7)  /* treefall-sentinel is of another version than the library */
#define TREEFALL_EREPORT     (-8)  /* the report could not be written: see the system's error */
#define TREEFALL_ETIMEDOUT   (-9)  /* the sentinel did not answer within 10 s */
#define TREEFALL_ESENTINEL   (-10) /* treefall-sentinel cannot be executed, or ended at once */
#define TREEFALL_ESCRATCH    (-11) /* no empty and private scratch folder: see the system's error */

/* A guard. Owned by whoever called treefall_start, until treefall_stop. */
struct treefall;

/* Zero is the default of every field: start with `= {0}`, in C++ with `= {}`. Strings stay the
 * caller's and are copied. */
struct treefall_options {
    /* Silence that counts as hung, in milliseconds: 50 to 10 years; 0 = 3000. */
    int64_t kill_delay_ms;
    /* How long the first beat may take, in milliseconds: 1 to 10 years; 0 = 30000. */
    int64_t startup_grace_ms;
    /* How long silence may last after treefall_stop_asked, in milliseconds: 1 to 10 years;
     * 0 = kill_delay_ms. */
    int64_t stop_budget_ms;
    /* How long what is left may take to end when the ward has ended, or was killed because it hung,
     * in milliseconds: 1 to 10 years; 0 = 1000, -1 = killed at once. For the first 200 ms it is
     * left alone, then asked by SIGTERM (Linux), and killed at the end. */
    int64_t exit_grace_ms;
    /* Not 0: a ward that is stopped or traced counts as hung, too. */
    int32_t fall_when_stopped;
    /* Zero. */
    int32_t unused;
    /* Path of treefall-sentinel. NULL: $TREEFALL_SENTINEL, else beside this library, else where
     * it was installed. */
    const char *sentinel;
    /* A file that says what fell and why, written when it does: .json, .txt or .html. A relative
     * path is of the present folder. NULL = none. */
    const char *report;
    /* A folder for what the ward and its tree leave lying about, sockets, say: after a fall that
     * nothing survived it is removed with all in it. The caller makes it before the start: empty,
     * its own, writable to nobody else; without a fall it is the caller's to remove. Not across
     * mounts, nor more than 64 folders deep. NULL = none. */
    const char *scratch;
    /* Zero: room for what later versions add. */
    int64_t reserved[6];
};

/* Starts a sentinel and returns when that has said, from its own process, that it is armed.
 * `options` may be NULL: all defaults.
 *
 * The sentinel is started from C, without fork handlers, interpreter or shell. It is no child of
 * the caller: no wait sees it. It has a session of its own and none of the caller's descriptors.
 * When it is killed, another is started within milliseconds; until then treefall_guarantee tells.
 *
 * Ownership: `*out` is the caller's until treefall_stop; it is untouched on an error.
 * Errors: all but TREEFALL_EFORKED. None is fatal: without a guard the program runs as before.
 * Takes about 3 ms, and at most 10 s on a machine that answers no more.
 * Several guards may watch one process; the first that sees it hang fells it.
 * Not for signal handlers. Not a point where a thread may be cancelled. */
TREEFALL_API int treefall_start(const struct treefall_options *options, struct treefall **out);

/* The ward's main loop turns. To be called more often than every kill_delay_ms; ten times is well.
 * A store of a clock reading: nanoseconds, no system call. Safe in signal handlers, where it
 * defeats its purpose: a handler runs while the main loop hangs. */
TREEFALL_API void treefall_beat(struct treefall *guard);

/* From now on silence is legitimate for `budget_ms` milliseconds; 0 or less = until the release.
 * Then a full kill_delay_ms starts. Holding again sets another budget. Safe in signal handlers. */
TREEFALL_API void treefall_hold(struct treefall *guard, int64_t budget_ms);

/* Ends a hold. It is a beat. Safe in signal handlers. */
TREEFALL_API void treefall_release(struct treefall *guard);

/* The ward is about to end and cleans up. In `budget_ms` milliseconds (0 or less = 10000) it falls
 * if it is still there, and not before, whether it beats or not. Call treefall_stop when the
 * clean-up is over. The first call counts: a later one stretches nothing. Safe in signal handlers.
 */
TREEFALL_API void treefall_closing(struct treefall *guard, int64_t budget_ms);

/* The ward was asked to stop: call it from the handler of SIGINT or SIGTERM. From now on a ward
 * that a debugger holds, or that holds itself, is no longer excused: without a beat it falls
 * stop_budget_ms from now. A beat answers: the ward goes on, and is watched as before. A ward that
 * runs and ends in order needs longer than its kill_delay_ms? treefall_closing says so. Safe in
 * signal handlers. */
TREEFALL_API void treefall_stop_asked(struct treefall *guard);

enum treefall_suspension {
    TREEFALL_RUNNING,   /* nothing is suspended */
    TREEFALL_SUSPENDED, /* by a debugger inside the process: silence is legitimate */
    TREEFALL_ABANDONED  /* suspended, and its debugger is gone: nobody will resume it. It falls
                           at once, with the trigger caller-dead */
};
/* What a debugger that works inside the ward (of an interpreter, say) does to its main loop. One
 * that traces from outside, as gdb does, is seen without this. Safe in signal handlers. */
TREEFALL_API void treefall_suspended(struct treefall *guard, enum treefall_suspension suspension);

/* Ends the guard: nothing falls, the tree stays. Returns when the sentinel is gone, and frees the
 * guard in any case.
 * Errors: TREEFALL_ETIMEDOUT when the sentinel is stopped or starved: it ends as soon as it runs.
 * TREEFALL_EFORKED in a forked child: its copy is freed, the guard goes on.
 * Not for signal handlers. */
TREEFALL_API int treefall_stop(struct treefall *guard);

/* What is armed now and what that cannot see, as JSON:
 * {"armed":true,"sentinel":4711,"lost":0,"confined":false,
 *  "guarantee":[{"route":"brand","blind_to":"..."}]}
 * `lost` counts the sentinels that were killed and replaced; `armed` is false and `sentinel` 0
 * while there is none. `confined`: it could not leave a job that holds this process, too, and ends
 * with that (Windows). Like snprintf, writes `size` bytes at most with the NUL and returns the
 * length that the whole text has, 2047 at most. Not for signal handlers. */
TREEFALL_API size_t treefall_guarantee(const struct treefall *guard, char *buffer, size_t size);

/* A code in words: what it means and what to do. Static text, never NULL. */
TREEFALL_API const char *treefall_strerror(int code);

#ifdef __cplusplus
}
#endif

#endif
