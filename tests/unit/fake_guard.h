/* A guard over the scripted OS: a ward with a child and an orphaned daemon, and the sentinel that
 * watches them, as `watch` sets it up (or, with guard_of_run, as `run` does). */
#ifndef TREEFALL_TESTS_FAKE_GUARD_H
#define TREEFALL_TESTS_FAKE_GUARD_H

#include "fake_os.h"
#include "sentinel/sentinel.h"

#define CHILD      101 /* of the ward */
#define DAEMON     102 /* of the child, then of init: in a session of its own */
#define WRAPPER    390
#define KILL_DELAY 3000
#define STARTUP    2000
#define CLOSING    5000 /* the budget of a stop */

struct guard {
    struct scope scope;
    struct sentinel sentinel;
    struct beat_page page;
    bool beating; /* the ward beats every half second */
    size_t attestations;
    size_t falls;
    enum trigger trigger;
    bool complete;
    int64_t fell_ms;   /* when the fall began, since the start */
    int status;        /* of sentinel_run */
    int64_t passed_ms; /* when it returned */
};

extern struct guard guard;

int guard_setup(void **unused);
/* Closes everything and lets fake_check judge. */
int guard_teardown(void **unused);

/* Where beats come from; none without. */
void guard_beats_by_page(void);
void guard_beats_by_file(void);
void guard_beats_by_notify(void);
/* A wrapper is there, and is told to fell. */
void guard_of_run(void);
/* The ward beats from now on, every half second, until guard.beating is taken back. */
void guard_beat(void);
/* Runs the sentinel to its end, which comes by dismissal after `most_ms` if not before. */
void guard_run(int64_t most_ms);

/* The fall came by `trigger` at `at_ms`, left nothing of the tree, and was the only one. */
void expect_fall(enum trigger trigger, int64_t at_ms);
/* Nothing was touched, and the guard is over. */
void expect_no_fall(void);

/* Steps: */
void step_hush(int64_t unused); /* no more beats */
void step_state(int64_t state); /* the ward is stopped, traced, or runs on */

#define GUARD_TEST(name) cmocka_unit_test_setup_teardown(name, guard_setup, guard_teardown)

#endif
