#include "base/status.h"
#include "cli/command.h"
#include "cli/detach.h"
#include "plan/say.h"

/* The sentinel goes to the background. We return once it has attested from there that it is
 * armed. */
static void announce_and_leave(void *context)
{
    struct watch *watch = context;
    watch_print_armed(watch, os_process_self());
    os_close_standard();
    os_dismiss(watch->attested);
}

static int body(void *context)
{
    struct watch *watch = context;
    os_session_own();
    struct error error = watch_arm(watch);
    if (error.code)
        return watch_report_error(error, watch->settings);
    watch->sentinel.calls.attested = announce_and_leave;
    int status = watch_run(watch);
    watch_close(watch);
    return status;
}

int watch_detach(struct watch *watch)
{
    os_handle handles[2];
    uint32_t ready = 0;
    struct os_process sentinel;
    struct error error = os_dismissal_make(&watch->attested);
    if (!error.code)
        error = os_fork_detached("treefall-sentinel", body, watch, &sentinel);
    if (error.code)
        return watch_report_error(error, watch->settings);
    handles[0] = watch->attested;
    handles[1] = sentinel.handle;
    error = os_wait(handles, 2, OS_FOREVER, &ready);
    if (error.code)
        return watch_report_error(error, watch->settings);
    if (ready & 1)
        return 0;
    say_line("the sentinel exited before it was armed; run treefall doctor to see what this "
             "machine allows");
    return STATUS_FAILURE;
}
