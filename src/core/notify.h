/* What an sd_notify datagram says. As in systemd, an unknown line is ignored, the first of repeated
 * lines counts, and a malformed or too large number is ignored. */
#ifndef TREEFALL_CORE_NOTIFY_H
#define TREEFALL_CORE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#define NOTIFY_STATUS_BYTES 128

struct notify_fields {
    bool ready;
    bool reloading;
    bool stopping;
    bool watchdog;         /* WATCHDOG=1: a beat */
    bool watchdog_trigger; /* WATCHDOG=trigger: the ward says that it hangs */
    bool barrier;          /* BARRIER=1: the sender waits until its descriptor is closed */
    int64_t watchdog_usec; /* WATCHDOG_USEC=: another kill_delay; 0 = not given */
    int64_t extend_usec;   /* EXTEND_TIMEOUT_USEC=: how long silence is legitimate; 0 = not given */
    char status[NOTIFY_STATUS_BYTES]; /* STATUS=, cut between characters; "" = not given */
};

void notify_parse(const char *text, struct notify_fields *out);

#endif
