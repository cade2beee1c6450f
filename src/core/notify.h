/* What an sd_notify datagram says. Lines that are not known are ignored, of a repeated one the
 * first counts, a number that is malformed or too large is as if not said: as systemd does. */
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
    bool watchdog_trigger; /* WATCHDOG=trigger: the ward gives itself up */
    bool barrier;          /* BARRIER=1: who sent it waits until its descriptor is closed */
    int64_t watchdog_usec; /* WATCHDOG_USEC=: another kill_delay; 0 = not said */
    int64_t extend_usec;   /* EXTEND_TIMEOUT_USEC=: silence is legitimate so long; 0 = not said */
    char status[NOTIFY_STATUS_BYTES]; /* STATUS=, cut between characters; "" = not said */
};

void notify_parse(const char *text, struct notify_fields *out);

#endif
