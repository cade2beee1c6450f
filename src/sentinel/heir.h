/* What follows if the end of the ward is no trigger: a successor that a pid file names, or a tree
 * that goes on without a ward until it is empty. */
#ifndef TREEFALL_SENTINEL_HEIR_H
#define TREEFALL_SENTINEL_HEIR_H

#include "core/heartbeat.h"

#include <stdbool.h>
#include <stdint.h>

struct sentinel;

struct heir {
    const char *pid_file; /* NULL = none */
    int64_t until_ms;     /* until then a successor is awaited */
    int64_t look_ms;      /* when to look next; 0 = the ward lives */
    int64_t gap_ms;
};

enum heir_news {
    HEIR_NONE,  /* nothing to do now */
    HEIR_TAKEN, /* the scope has another ward */
    HEIR_GONE,  /* no successor came, or the tree is empty */
};

/* Whether the end of the ward is no trigger, or not at once. */
bool heir_may_come(const struct sentinel *sentinel);
/* The ward has exited. False if that is a trigger. */
bool heir_await(struct sentinel *sentinel, int64_t now_ms);
/* Call each turn. */
enum heir_news heir_look(struct sentinel *sentinel, int64_t now_ms);
/* When the next look is due; INT64_MAX = never. */
int64_t heir_next_look(const struct heir *heir);

#endif
