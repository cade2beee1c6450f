/* What follows the ward's end where that is no trigger: a successor that a pid file names, or a
 * tree that goes on without a ward until it is empty. */
#ifndef TREEFALL_SENTINEL_HEIR_H
#define TREEFALL_SENTINEL_HEIR_H

#include "core/heartbeat.h"

#include <stdbool.h>
#include <stdint.h>

struct sentinel;

struct heir {
    const char *pid_file; /* NULL = none */
    int64_t until_ms;     /* a successor is awaited */
    int64_t look_ms;      /* the next look; 0 = the ward lives */
    int64_t gap_ms;
};

enum heir_news {
    HEIR_NONE,  /* nothing to be done now */
    HEIR_TAKEN, /* the scope has another ward */
    HEIR_GONE,  /* no successor came, or the tree is empty */
};

/* The ward's end is no trigger, or not at once. */
bool heir_may_come(const struct sentinel *sentinel);
/* The ward has ended. False: that is a trigger. */
bool heir_await(struct sentinel *sentinel, int64_t now_ms);
/* To be called each turn. */
enum heir_news heir_look(struct sentinel *sentinel, int64_t now_ms);
/* When it looks next; INT64_MAX = never. */
int64_t heir_next_look(const struct heir *heir);

#endif
