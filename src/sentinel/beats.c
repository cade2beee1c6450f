#include "sentinel/beats.h"

#include "base/moment.h"
#include "core/notify.h"

/* A ward that floods the guard must not keep it from its other work. */
#define MESSAGES_A_TURN 64

os_handle beats_handle(const struct beats *beats)
{
    switch (beats->source) {
    case BEATS_FILE:
        return beats->file.watch;
    case BEATS_NOTIFY:
        return beats->notify.socket;
    case BEATS_PAGE:
        return beats->nudge;
    case BEATS_NONE:
        break;
    }
    return OS_NO_HANDLE;
}

void beats_receive(struct beats *beats, beats_is_member *is_member, void *context, int64_t now_ms)
{
    struct notify_message message;
    struct notify_fields fields;
    if (beats->source == BEATS_PAGE)
        os_nudge_hear(beats->nudge);
    if (beats->source != BEATS_NOTIFY)
        return;
    for (int turn = 0; turn < MESSAGES_A_TURN && os_notify_read(&beats->notify, &message); turn++) {
        if (!is_member(context, &message))
            continue;
        notify_parse(message.text, &fields);
        /* READY=1 ends the start: from then on silence counts, as it does for systemd. */
        if (fields.watchdog || fields.ready)
            beats->notified_ms = now_ms;
        if (fields.watchdog_usec > 0)
            beats->delay_ms = fields.watchdog_usec / 1000 + (fields.watchdog_usec % 1000 > 0);
        if (fields.extend_usec > 0)
            beats->extend_ms =
                moment_later(beats->extend_ms, now_ms + (int64_t)(fields.extend_usec / 1000));
        beats->stopping |= fields.stopping;
        beats->trigger |= fields.watchdog_trigger;
    }
}

void beats_look(struct beats *beats, struct beat_observation *out)
{
    *out = (struct beat_observation){.kind = BEAT_NONE};
    if (beats->source == BEATS_FILE) {
        os_beat_file_look(&beats->file, out);
        return;
    }
    int64_t at_ms = beats->source == BEATS_PAGE ? beats->page->beat_ms : beats->notified_ms;
    if (at_ms != 0)
        *out = (struct beat_observation){.kind = BEAT_TIMED, .at_ms = at_ms};
}

bool beats_admit(struct beats *beats, const uint32_t *users, size_t count)
{
    if (count <= beats->admitted)
        return false;
    if (beats->source == BEATS_FILE)
        os_beat_file_admit(&beats->file, users, count);
    beats->admitted = count;
    return true;
}

void beats_clear(struct beats *beats)
{
    if (beats->source == BEATS_FILE)
        os_beat_file_clear(&beats->file);
    if (beats->source == BEATS_NOTIFY)
        os_notify_clear(&beats->notify);
}

void beats_close(struct beats *beats)
{
    if (beats->source == BEATS_FILE)
        os_beat_file_close(&beats->file);
    if (beats->source == BEATS_NOTIFY)
        os_notify_close(&beats->notify);
    beats->source = BEATS_NONE;
}
