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
    os_handle nudge; /* the page: readable when a look is due; OS_NO_HANDLE = none */
    struct os_notify notify;
    int64_t notified_ms; /* the last datagram beat */
    int64_t extend_ms;   /* EXTEND_TIMEOUT_USEC: until when a hold was requested, 0 = none */
    int64_t delay_ms;    /* WATCHDOG_USEC: another kill_delay was requested, 0 = none */
    size_t admitted;     /* how many users may beat */
    bool stopping;       /* STOPPING=1 was received */
    bool trigger;        /* WATCHDOG=trigger was received */
};

/* The handle to wait on: readable when a file is removed or a datagram arrives. OS_NO_HANDLE =
 * none. */
os_handle beats_handle(const struct beats *beats);
/* Reads queued datagrams, a bounded number per turn. `is_member` decides whose datagrams count. */
typedef bool beats_is_member(void *context, const struct notify_message *message);
void beats_receive(struct beats *beats, beats_is_member *is_member, void *context, int64_t now_ms);
/* Sets the users that may beat from now on. True if there are more than before. */
bool beats_admit(struct beats *beats, const uint32_t *users, size_t count);
/* Removes the files made for the beats. All handles stay open, for other guards. */
void beats_clear(struct beats *beats);
void beats_close(struct beats *beats);
void beats_look(struct beats *beats, struct beat_observation *out);

#endif
