#include "core/route.h"

#include <string.h>

static const struct route_info infos[ROUTE_COUNT] = {
    [ROUTE_PIDNS] = {"pidns", "the kernel kills the whole pid namespace",
                     "nothing: no process can leave its pid namespace"},
    [ROUTE_CGROUP] = {"cgroup", "one write kills all members, atomically with respect to fork",
                      "a process that a privileged program (PAM, an init) moved to another cgroup"},
    [ROUTE_JOB] = {"job", "the Job Object lists and terminates its members",
                   "a process that a service started on the command's behalf"},
    [ROUTE_BRAND] = {"brand", "a random number in RLIMIT_LOCKS that children inherit",
                     "a process whose limits were raised again with CAP_SYS_RESOURCE (su, sudo, "
                     "cron through PAM), or that lowered its own limit of file locks"},
    [ROUTE_SUBREAPER] = {"subreaper", "orphans become children of treefall",
                         "orphans once the wrapper is dead"},
    [ROUTE_EVENTS] = {"events",
                      "the kernel reports every new session (every fork, without brand and cgroup)",
                      "other pid namespaces; bursts that overflow its buffer (a new scan follows)"},
    [ROUTE_LINEAGE] = {"lineage", "a process that was once seen to belong stays known",
                       "a process that was born and orphaned between two scans, without events"},
    [ROUTE_PARENT_LINK] = {"parent-link", "a child of a member is a member",
                           "a process whose parent is already dead"},
    [ROUTE_ENVIRON] = {"environ", "TREEFALL_WARD in the environment, confirmed by the brand",
                       "a cleared environment"},
    [ROUTE_WIRE] = {"wire", "the kernel kills the tree when the last guard dies",
                    "a process group created since the last scan"},
};

static const struct escape_info escapes[ESCAPE_COUNT] = {
    [ESCAPE_NO_JOB] = {"no-job", "the guard was started outside all jobs"},
    [ESCAPE_BREAKAWAY] = {"breakaway", "the guard broke away from the job around treefall"},
    [ESCAPE_DESKTOP] = {"desktop", "the guard was started as a child of the desktop's process"},
    [ESCAPE_SERVICE] = {"service", "the guard was started by the system's management service"},
    [ESCAPE_NONE] = {"none", "the guard is in the job around treefall: closing that job terminates "
                             "the guard and the job's members; everything else holds"},
};

const struct escape_info *escape_info(enum escape escape)
{
    return escape == ESCAPE_UNNEEDED ? NULL : &escapes[escape];
}

const struct route_info *route_info(enum route route)
{
    return &infos[route];
}

bool guarantee_tells(const struct guarantee *guarantee, enum route route)
{
    return guarantee->routes[route].armed || guarantee->routes[route].why_not;
}

bool route_by_name(const char *name, size_t length, enum route *out)
{
    for (int route = 0; route < ROUTE_COUNT; route++) {
        if (strlen(infos[route].name) == length && memcmp(infos[route].name, name, length) == 0) {
            *out = (enum route)route;
            return true;
        }
    }
    return false;
}
