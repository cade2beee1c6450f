/* The plan of a sentinel, as plain data. The options of `run` and `watch` fill it, and the library
 * does for a program that guards itself. A forked sentinel has a copy; a sentinel that is a program
 * of its own gets the bytes in its order. */
#ifndef TREEFALL_PLAN_PLAN_H
#define TREEFALL_PLAN_PLAN_H

#include "core/ending.h"

#include <stdbool.h>
#include <stdint.h>

#define PLAN_ASKS(trigger) (1U << TRIGGER_##trigger)

struct plan {
    int64_t kill_delay_ms; /* the silence that ends the tree */
    int64_t startup_grace_ms;
    int64_t grace_ms;      /* for a stop; 0 = force at once */
    int64_t exit_grace_ms; /* for what a ward leaves when it exits; 0 = force at once */
    int signal;            /* sent to ask */
    uint32_t asks_for;     /* one bit for each trigger that asks the ward first */
    uint32_t without;      /* one bit for each route that is switched off */
    bool group;            /* a stop asks the whole process group of the ward */
    bool hold_when_stopped;
    bool fall_on_exit;
};

static inline struct ending plan_ending(const struct plan *plan)
{
    return (struct ending){
        .grace_ms = plan->grace_ms, .exit_grace_ms = plan->exit_grace_ms, .signal = plan->signal};
}

#endif
