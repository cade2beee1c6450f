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
 * This process is the ward. A sentinel, which is a separate process, watches its beats. If they
 * stop for kill_delay_ms, or the ward exits without treefall_stop, the sentinel kills the ward and
 * every process that it started, directly or through others, and no other process. Descendants that
 * were orphaned before the guard started are not found. A ward that is stopped (SIGSTOP, Ctrl-Z) or
 * held by a debugger does not count as hung and is not killed. On Windows, a process under a
 * debugger is recognised; one that is merely suspended is not.
 *
 * A sentinel that is killed is replaced. If ward and sentinel are killed in the same instant, the
 * kernel kills the tree on Windows; on Linux no process is left to do it.
 *
 * Errors: TREEFALL_OK, or a negative TREEFALL_E... code, the same on every platform.
 * treefall_strerror explains a code and says what to do. After a failed treefall_start, the
 * system's own error is in errno, on Windows in GetLastError(). It is 0 if no system call failed.
 *
 * Every function accepts NULL as the guard and then does nothing, so that a program can run on
 * without a guard.
 *
 * Threads: every function may be called from any thread, also at the same time; but treefall_stop
 * must be the last call for its guard. A signal handler may only call the functions whose comment
 * says so.
 *
 * Fork: a forked child is a member of the tree and has no guard. In the child, calls with the
 * parent's guard do nothing. The child may start a guard of its own, which kills what it starts.
 *
 * Exec: a ward that executes another program without treefall_stop no longer beats, and is killed.
 *
 * No function prints, exits or changes signal handling. A guard costs a process of about 50 kB, a
 * sleeping thread, and four close-on-exec descriptors. One change to the ward remains after
 * treefall_stop: its RLIMIT_LOCKS is lowered, a limit that Linux does not enforce.
 *
 * Platforms: Linux 5.3 and later, Windows 10 and later (tested under Wine: docs/windows.md). On
 * Windows a ward enters two Job Objects, which it cannot leave; after treefall_stop they have no
 * effect.
 *
 * docs/glossary.md explains the words. */
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
#define TREEFALL_EINVAL      (-1)  /* an option is out of range: a bug in the caller */
#define TREEFALL_ENOSENTINEL (-2)  /* the program treefall-sentinel was not found: install it */
#define TREEFALL_ENOTARMED   (-3)  /* the sentinel could not arm: `treefall doctor` says why */
#define TREEFALL_ESYSTEM     (-4)  /* no memory, descriptors, threads or processes: see its error */
#define TREEFALL_EFORKED     (-5)  /* the guard belongs to the process that forked this one */
#define TREEFALL_EREFUSED    (-6)  /* this process is pid 1: run it under `treefall run` */
#define TREEFALL_EVERSION    (-7)  /* treefall-sentinel has another version than the library */
#define TREEFALL_EREPORT     (-8)  /* the report could not be written: see the system's error */
#define TREEFALL_ETIMEDOUT   (-9)  /* the sentinel did not answer within 10 s */
#define TREEFALL_ESENTINEL   (-10) /* treefall-sentinel cannot be executed, or exited at once */
#define TREEFALL_ESCRATCH    (-11) /* no empty and private scratch folder: see the system's error */

/* A guard. The caller of treefall_start owns it until treefall_stop. */
struct treefall;

/* Zero is the default of every field: initialise with `= {0}`, in C++ with `= {}`. Strings are
 * copied and remain the caller's. */
struct treefall_options {
    /* The ward counts as hung after this long without a beat, in milliseconds: 50 to 10 years;
     * 0 = 3000. */
    int64_t kill_delay_ms;
    /* Time allowed until the first beat, in milliseconds: 1 to 10 years; 0 = 30000. */
    int64_t startup_grace_ms;
    /* Silence that is permitted after treefall_stop_asked, in milliseconds: 1 to 10 years;
     * 0 = kill_delay_ms. */
    int64_t stop_budget_ms;
    /* Time for the processes that the ward leaves behind when it exits, or is killed because it
     * hangs, in milliseconds: 1 to 10 years; 0 = 1000, -1 = kill them at once. They are left alone
     * for the first 200 ms, then get SIGTERM (Linux), and are killed at the end. */
    int64_t exit_grace_ms;
    /* Not 0: a ward that is stopped or traced also counts as hung. */
    int32_t fall_when_stopped;
    /* Zero. */
    int32_t unused;
    /* Path of treefall-sentinel. NULL: $TREEFALL_SENTINEL, otherwise beside this library,
     * otherwise where it was installed. */
    const char *sentinel;
    /* File for the report, written when the tree is killed: .json, .txt or .html. A relative path
     * starts at the current directory. NULL = none. */
    const char *report;
    /* Folder for files that must not outlive the tree, such as sockets. If the tree is killed and
     * no process survives, the folder is removed with everything in it, but not across mounts and
     * not more than 64 folders deep. The caller creates it before the start: empty, and writable to
     * its own user alone. If the tree is not killed, the caller removes it. NULL = none. */
    const char *scratch;
    /* Zero: reserved for later versions. */
    int64_t reserved[6];
};

/* Starts a sentinel, and returns when the sentinel has reported from its own process that it is
 * armed. `options` may be NULL for all defaults.
 *
 * The sentinel is started from C, without fork handlers, interpreter or shell. It is not a child of
 * the caller, so no wait returns it. It has a session of its own and none of the caller's
 * descriptors. If it is killed, another one is started within milliseconds; until then
 * treefall_guarantee reports that there is none.
 *
 * Ownership: `*out` is the caller's until treefall_stop; it is unchanged on an error.
 * Errors: all but TREEFALL_EFORKED. None is fatal: without a guard the program runs as before.
 * Takes about 3 ms, and at most 10 s on a machine that does not respond.
 * Several guards may watch one process; the first that sees it hang kills it.
 * Not for signal handlers. Not a cancellation point. */
TREEFALL_API int treefall_start(const struct treefall_options *options, struct treefall **out);

/* A beat: the ward's main loop is alive. Call it more often than every kill_delay_ms; aim for ten
 * beats per kill_delay_ms. It stores a clock reading, which takes nanoseconds and no system call.
 * Safe in signal handlers, but pointless there: a handler runs even while the main loop hangs. */
TREEFALL_API void treefall_beat(struct treefall *guard);

/* Permits silence for `budget_ms` milliseconds from now; 0 or less = until treefall_release. Then a
 * full kill_delay_ms starts. Another call replaces the budget. Safe in signal handlers. */
TREEFALL_API void treefall_hold(struct treefall *guard, int64_t budget_ms);

/* Ends a hold, and counts as a beat. Safe in signal handlers. */
TREEFALL_API void treefall_release(struct treefall *guard);

/* The ward is about to exit and cleans up. If it is still alive after `budget_ms` milliseconds (0
 * or less = 10000), it is killed; until then it is not, whether it beats or not. Call treefall_stop
 * when the clean-up is over. Only the first call counts: a later one does not extend the time. Safe
 * in signal handlers. */
TREEFALL_API void treefall_closing(struct treefall *guard, int64_t budget_ms);

/* The ward was asked to stop: call this from the handler of SIGINT or SIGTERM. From now on a hold
 * no longer protects the ward, whether a debugger or treefall_hold began it: without a beat, the
 * ward is killed after stop_budget_ms. A beat cancels the request, and the ward is watched as
 * before. If a normal shutdown takes longer than kill_delay_ms, call treefall_closing. Safe in
 * signal handlers. */
TREEFALL_API void treefall_stop_asked(struct treefall *guard);

enum treefall_suspension {
    TREEFALL_RUNNING,   /* the main loop is not suspended */
    TREEFALL_SUSPENDED, /* a debugger inside the process has suspended it: silence is permitted */
    TREEFALL_ABANDONED  /* suspended, and the debugger is gone, so nothing will resume it: the ward
                           is killed at once, with the trigger caller-dead */
};
/* Reports what a debugger inside the ward, such as an interpreter's, does to its main loop. A
 * debugger that traces from outside, as gdb does, is noticed without this call. Safe in signal
 * handlers. */
TREEFALL_API void treefall_suspended(struct treefall *guard, enum treefall_suspension suspension);

/* Ends the guard: no process is killed, the tree stays. Returns when the sentinel is gone, and
 * frees the guard in any case. Errors: TREEFALL_ETIMEDOUT if the sentinel is stopped or starved: it
 * exits as soon as it runs. TREEFALL_EFORKED in a forked child: its copy is freed, the guard
 * continues. Not for signal handlers. */
TREEFALL_API int treefall_stop(struct treefall *guard);

/* What is armed now, and what each route misses, as JSON:
 * {"armed":true,"sentinel":4711,"lost":0,"confined":false,
 *  "guarantee":[{"route":"brand","blind_to":"..."}]}
 * `lost` counts the sentinels that were killed and replaced; while there is none, `armed` is false
 * and `sentinel` is 0. `confined` (Windows): the sentinel could not leave a job that also contains
 * this process, and ends with that job. Like snprintf, it writes at most `size` bytes including the
 * NUL, and returns the length of the whole text, at most 2047. Not for signal handlers. */
TREEFALL_API size_t treefall_guarantee(const struct treefall *guard, char *buffer, size_t size);

/* What a code means and what to do, as static text, never NULL. */
TREEFALL_API const char *treefall_strerror(int code);

#ifdef __cplusplus
}
#endif

#endif
