/* What the parts of the scripted OS share with one another and with no test. */
#ifndef TREEFALL_TESTS_FAKE_PARTS_H
#define TREEFALL_TESTS_FAKE_PARTS_H

#include "fake_os.h"

enum fake_kind {
    FAKE_CLOSED,
    FAKE_PROCESS,
    FAKE_DISMISSAL,
    FAKE_SIGNALS,
    FAKE_EVENTS,
    FAKE_BEAT_WATCH,
    FAKE_NOTIFY,
    FAKE_CHANNEL,
    FAKE_ALARM,
};

os_handle fake_handle(enum fake_kind kind, size_t index);
size_t fake_handle_index(os_handle handle);

void fake_processes_reset(void);
bool fake_process_ended(size_t index);
uint64_t fake_latest_start(void);

void fake_sources_reset(void);
bool fake_events_pending(size_t kind);
/* Whether an innocent is in what was armed. */
void fake_wire_check(void);

static inline void fake_race(enum fake_moment moment, int32_t pid)
{
    if (fake.race)
        fake.race(moment, pid);
}

#endif
