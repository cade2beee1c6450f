#include "tree/reaper.h"

static void take_one(struct reaper *reaper, const struct os_exit *exit)
{
    bool ended = exit->kind == EXIT_CODE || exit->kind == EXIT_SIGNAL;
    reaper->reaped += ended;
    if (exit->pid != reaper->ward || reaper->ward_exited)
        return;
    reaper->ward_exited = ended;
    if (reaper->ward_told)
        return;
    reaper->ward_exit = *exit;
    reaper->ward_changed = !ended;
}

void reaper_tell_ward(struct reaper *reaper, uint32_t status)
{
    if (reaper->ward_exited)
        return;
    reaper->ward_told = true;
    reaper->ward_exit = (struct os_exit){.pid = reaper->ward, .kind = EXIT_CODE, .status = status};
}

enum os_reaped reaper_take(struct reaper *reaper)
{
    struct os_exit exit;
    enum os_reaped result;
    while ((result = os_child_reap(&exit)) == REAPED_ONE)
        take_one(reaper, &exit);
    return result;
}
