#include "base/status.h"
#include "cli/command.h"
#include "cli/detach.h"
#include "cli/output.h"
#include "plan/say.h"
#include "report/survivors.h"

int watch_report_error(struct error error, const struct watch_settings *settings)
{
    say_error(&error, error.code == ERROR_UNSAFE ? settings->heartbeat : NULL);
    return STATUS_FAILURE;
}

void watch_print_armed(const struct watch *watch, int32_t sentinel)
{
    struct output output;
    bool json = watch->settings->json;
    const char *between = "";
    output_open_of_guard(&output);
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
    watch_print_armed(context, os_process_self());
}

static int guard(struct watch *watch, bool aloud)
{
    struct error error = watch_arm(watch);
    if (error.code)
        return watch_report_error(error, watch->settings);
    if (aloud)
        watch->sentinel.calls.attested = announce;
    int status = watch_run(watch);
    if (watch->sentinel.failure.code)
        say_error(&watch->sentinel.failure, NULL);
    if (watch->incomplete)
        survivors_say(&watch->sentinel.ledger);
    if (watch->unreported.code) {
        say_error(&watch->unreported, watch->unwritten);
        status = STATUS_FAILURE;
    }
    watch_close(watch);
    return status;
}

int watch_command(const struct watch_settings *settings)
{
    static struct watch watch;
    struct error error = watch_open(&watch, settings);
    if (error.code)
        return watch_report_error(error, settings);
    os_drop_inherited(STREAM_OUT);
    if (!settings->stays_in_folder)
        os_leave_folder();
    return settings->detach ? watch_detach(&watch)
                            : guard(&watch, settings->verbose || settings->json);
}
