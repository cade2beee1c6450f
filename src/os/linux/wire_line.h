/* The wire's list of targets. A target is a process group or a process, with an anchor for each
 * pipe. For the guard that holds the wire. */
#ifndef TREEFALL_OS_LINUX_WIRE_LINE_H
#define TREEFALL_OS_LINUX_WIRE_LINE_H

#include "os/os.h"

#include <errno.h>
#include <sys/types.h>

enum { ABOVE, BELOW, PIPES };

struct wire_line {
    int32_t number; /* of the process group or process; 0 = free, negative = unusable */
    uint32_t is_group : 1;
    uint32_t look : 31; /* the last look that had begun when this was armed */
};

struct os_wire {
    _Atomic int32_t holder; /* the guard that is changing the lines; 0 = none */
    _Atomic bool over;      /* disarmed: nothing can be armed any more */
    int read[PIPES];
    int write[PIPES];
    ino_t inode[PIPES];
    int first;      /* number of the first line's first anchor; each line has PIPES */
    size_t used;    /* lines that have had anchors */
    size_t room;    /* lines that may have anchors */
    uint32_t looks; /* looks begun, by any guard */
    size_t missing;
    size_t missed; /* targets without room at the last look */
    struct wire_line lines[];
};

/* Makes an error from errno. */
static inline struct error wire_failed(const char *what)
{
    return error_make(
        ERROR_UNSUPPORTED, errno, what,
        "the kernel will not kill the tree if all guards die at once: use --isolate for that");
}

/* The descriptor number of the line's anchor on this pipe. */
int line_anchor(const struct os_wire *wire, size_t line, int pipe);
/* The target's line, or a free line; wire->room if there is none. */
size_t line_find(struct os_wire *wire, int32_t number, bool is_group);
bool line_is_whole(const struct os_wire *wire, size_t line);
/* The line is in the list before it is live: a guard that dies here leaves nothing that another
 * guard cannot release. A guard that disarms closes all numbers of the lines, so an anchor that is
 * woken later does nothing. */
struct error line_make(struct os_wire *wire, size_t line, const struct process_row *witness);
void line_drop(struct os_wire *wire, size_t line);

#endif
