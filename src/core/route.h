/* How a process is proven to belong to a tree, strongest first, and what each proof cannot see. */
#ifndef TREEFALL_CORE_ROUTE_H
#define TREEFALL_CORE_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

enum route {
    ROUTE_PIDNS,
    ROUTE_CGROUP,
    ROUTE_JOB,
    ROUTE_BRAND,
    ROUTE_SUBREAPER,
    ROUTE_EVENTS,
    ROUTE_LINEAGE,
    ROUTE_PARENT_LINK,
    ROUTE_ENVIRON,
    ROUTE_WIRE, /* no proof of membership: the kernel kills the tree when both guards die */
    ROUTE_COUNT
};

struct route_info {
    const char *name;
    const char *does;
    const char *blind_to;
};

/* One rung of the guarantee. `why_not` is a static string, NULL when armed. */
struct route_status {
    bool armed;
    const char *why_not;
};

/* How a sentinel left the job that holds its ward (Windows). Closing that job would terminate the
 * sentinel too. */
enum escape {
    ESCAPE_UNNEEDED, /* there are no jobs here */
    ESCAPE_NO_JOB,
    ESCAPE_BREAKAWAY,
    ESCAPE_DESKTOP,
    ESCAPE_SERVICE,
    ESCAPE_NONE,
    ESCAPE_COUNT
};

struct guarantee {
    struct route_status routes[ROUTE_COUNT];
    enum escape escape;
    size_t wire_room; /* how many groups and single processes the wire can hold */
    size_t unwired;   /* how many more there were at the last scan */
};

struct escape_info {
    const char *name;
    const char *does; /* and for ESCAPE_NONE, what still holds */
};
/* NULL for ESCAPE_UNNEEDED. */
const struct escape_info *escape_info(enum escape escape);

const struct route_info *route_info(enum route route);
/* False for a rung that this system does not have: it is neither armed nor has a reason, and is not
 * reported. */
bool guarantee_tells(const struct guarantee *guarantee, enum route route);
/* False when no route has that name. */
bool route_by_name(const char *name, size_t length, enum route *out);

#endif
