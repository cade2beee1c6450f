#include "sentinel/watch.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/say.h"

static int report_error(struct error error, const struct watch_settings *settings)
{
    say_error(&error, error.code == ERROR_UNSAFE ? settings->heartbeat : NULL);
    return STATUS_FAILURE;
}

static void print_armed(const struct watch *watch, int32_t sentinel)
{
    struct output output;
    bool json = watch->settings->json;
    const char *between = "";
    output_open(&output);
    sink_text(&output.sink, json ? "{\"watching\":" : "watching ");
    sink_number(&output.sink, watch->settings->pid);
    sink_text(&output.sink, json ? ",\"sentinel\":" : ", sentinel ");
    sink_number(&output.sink, sentinel);
    sink_text(&output.sink, json ? ",\"armed\":[" : ", armed: ");
    for (int route = 0; route < ROUTE_COUNT; route++) {
        if (!watch->scope.guarantee.routes[route].armed)
            continue;
        sink_text(&output.sink, between);
        if (json)
            sink_json_string(&output.sink, route_info((enum route)route)->name);
        else
            sink_text(&output.sink, route_info((enum route)route)->name);
        between = json ? "," : ", ";
    }
    sink_text(&output.sink, json ? "]}\n" : "\n");
    output_close(&output, 0);
}

static void announce(void *context)
{
    print_armed(context, os_process_self());
}

static int guard(struct watch *watch, bool aloud)
{
    struct error error = watch_arm(watch);
    if (error.code)
        return report_error(error, watch->settings);
    if (aloud)
        watch->sentinel.attested = announce;
    int status = watch_run(watch);
    watch_close(watch);
    return status;
}

/* The sentinel goes its own way; we return once it has attested, from there, that it is armed. */
static void announce_and_leave(void *context)
{
    struct watch *watch = context;
    print_armed(watch, os_process_self());
    os_close_standard();
    os_dismiss(watch->attested);
}

static int detached_body(void *context)
{
    struct watch *watch = context;
    os_session_own();
    struct error error = watch_arm(watch);
    if (error.code)
        return report_error(error, watch->settings);
    watch->sentinel.attested = announce_and_leave;
    int status = watch_run(watch);
    watch_close(watch);
    return status;
}

static int detach(struct watch *watch)
{
    os_handle handles[2];
    uint32_t ready = 0;
    struct os_process sentinel;
    struct error error = os_dismissal_make(&watch->attested);
    if (!error.code)
        error = os_fork_detached("treefall-sentinel", detached_body, watch, &sentinel);
    if (error.code)
        return report_error(error, watch->settings);
    handles[0] = watch->attested;
    handles[1] = sentinel.handle;
    error = os_wait(handles, 2, OS_FOREVER, &ready);
    if (error.code)
        return report_error(error, watch->settings);
    if (ready & 1)
        return 0;
    say_line("the sentinel ended before it was armed");
    return STATUS_FAILURE;
}

int watch_command(const struct watch_settings *settings)
{
    static struct watch watch;
    struct error error = watch_open(&watch, settings);
    if (error.code)
        return report_error(error, settings);
    return settings->detach ? detach(&watch) : guard(&watch, settings->verbose || settings->json);
}
