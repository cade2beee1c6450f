/* The handle behind `struct treefall`: what the library's parts share. */
#ifndef TREEFALL_LIB_HANDLE_H
#define TREEFALL_LIB_HANDLE_H

#include "lib/locate.h"
#include "os/os.h"
#include "plan/order.h"
#include "treefall.h"

/* In memory that a forked child finds wiped: there the guard is not its own. */
struct mine {
    struct beat_page *page;
};

struct treefall {
    struct mine *mine;
    struct beat_page *page; /* a forked child does not have it mapped */
    os_handle page_handle;
    os_handle dismissal;
    os_handle nudge;
    os_handle alarm; /* the sentinel moves it on; OS_NO_HANDLE where there are none */
    struct os_process sentinel;
    struct os_process sentinel_parent; /* stays where we are a subreaper; see os/orphan.h */
    struct os_thread keeper;
    bool kept;   /* the keeper runs */
    bool joined; /* it counts among those that share the enclosure */
    struct order order;
    char path[LOCATE_BYTES]; /* of the sentinel */
    _Atomic uint32_t armed;  /* routes, a bit each; 0 = the sentinel is lost */
    _Atomic int32_t sentinel_pid;
    _Atomic uint32_t lost; /* how many sentinels */
    _Atomic bool confined; /* the present one */
};

/* What the system says of it goes to where a caller looks; 0 where it has no part in it. */
static inline int failed(int code, int os_code)
{
    os_error_tell(os_code);
    return code;
}

#endif
