/* The partner as a fork: it knows all that we know. */
#include "sentinel/pair.h"

/* Takes the primary's place if its end was not a wanted one. */
static int partner_body(void *context)
{
    struct watch *watch = context;
    os_handle handles[] = {watch->dismissal, watch->primary.handle};
    struct os_signal stale;
    uint32_t ready;
    watch->sentinel.attested = NULL; /* that was done */
    os_session_own();
    if (os_wait(handles, 2, OS_FOREVER, &ready).code || ready & 1)
        return 0;
    while (os_signals_read(watch->sentinel.signals, &stale))
        ; /* to stop was asked of one that did not watch */
    return watch_run(watch);
}

struct error pair_start(struct watch *watch)
{
    int32_t self = os_process_self();
    os_process_close(&watch->primary);
    os_handle_close(&watch->dismissal);
    struct error error = os_process_watch(self, &watch->primary);
    if (!error.code)
        error = os_dismissal_make(&watch->dismissal);
    if (error.code)
        return error;
    scope_unspare(&watch->scope, watch->sentinel.partner.id.pid);
    scope_unspare(&watch->scope, self);
    scope_spare(&watch->scope, self);
    error = os_fork_guard("treefall-sentinel", partner_body, watch, &watch->sentinel.partner);
    if (!error.code)
        scope_spare(&watch->scope, watch->sentinel.partner.id.pid);
    return error;
}
