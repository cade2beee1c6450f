/* The handle behind `struct treefall`: what the library's parts share. */
#ifndef TREEFALL_LIB_HANDLE_H
#define TREEFALL_LIB_HANDLE_H

#include "lib/locate.h"
#include "os/os.h"
#include "plan/order.h"
#include "treefall.h"

/* In memory that a forked child finds wiped: the guard does not belong to the child. */
struct mine {
    struct beat_page *page;
};

struct treefall {
    struct mine *mine;
    struct beat_page *page; /* not mapped in a forked child */
    os_handle page_handle;
    os_handle dismissal;
    os_handle nudge;
    os_handle alarm; /* the sentinel moves it on; OS_NO_HANDLE = no alarms here */
    struct os_process sentinel;
    struct os_process sentinel_parent; /* kept if we are a subreaper; see os/orphan.h */
    struct os_thread keeper;
    bool kept;   /* the keeper is running */
    bool joined; /* it counts as a user of the enclosure */
    struct order order;
    char path[LOCATE_BYTES]; /* of the sentinel */
    _Atomic uint32_t armed;  /* one bit per route; 0 = the sentinel is lost */
    _Atomic int32_t sentinel_pid;
    _Atomic uint32_t lost; /* how many sentinels were lost */
    _Atomic bool confined; /* of the present sentinel */
};

/* Stores the system's code where a caller looks for it. 0 if the system is not involved. */
static inline int failed(int code, int os_code)
{
    os_error_tell(os_code);
    return code;
}

#endif
