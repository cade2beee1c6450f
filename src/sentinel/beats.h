/* Where beats come from: nowhere, a file, a shared page, or sd_notify datagrams. */
#ifndef TREEFALL_SENTINEL_BEATS_H
#define TREEFALL_SENTINEL_BEATS_H

#include "core/verdict.h"
#include "os/os.h"

enum beats_source { BEATS_NONE, BEATS_FILE, BEATS_PAGE, BEATS_NOTIFY };

struct beats {
    enum beats_source source;
    struct os_beat_file file;
    const struct beat_page *page;
    os_handle nudge; /* the page: look now; OS_NO_HANDLE = none */
    struct os_notify notify;
    int64_t notified_ms; /* the last datagram beat */
    int64_t extend_ms;   /* EXTEND_TIMEOUT_USEC: a hold asked for, 0 = none */
    int64_t delay_ms;    /* WATCHDOG_USEC: another kill_delay asked for, 0 = none */
    size_t admitted;     /* so many users may beat */
    bool stopping;       /* STOPPING=1 came */
    bool trigger;        /* WATCHDOG=trigger came */
};

/* The handle to wait on: a removed file, a datagram. OS_NO_HANDLE = none. */
os_handle beats_handle(const struct beats *beats);
/* Takes what is queued, a bounded number a turn. `is_member` decides whose datagrams count. */
typedef bool beats_is_member(void *context, const struct notify_message *message);
void beats_receive(struct beats *beats, beats_is_member *is_member, void *context, int64_t now_ms);
/* Users that may beat from now on. True if there are more than before. */
bool beats_admit(struct beats *beats, const uint32_t *users, size_t count);
/* Removes what we made for them; all stays open, for other guards. */
void beats_clear(struct beats *beats);
void beats_close(struct beats *beats);
void beats_look(struct beats *beats, struct beat_observation *out);

#endif
