#include "run/wrapper.h"

#include "base/status.h"
#include "plan/say.h"
#include "report/publish.h"
#include "report/report.h"
#include "report/survivors.h"

#define COMMAND_BYTES 512

static uint32_t ward_status(const struct wrapper *wrapper)
{
    const struct os_exit *exit = &wrapper->reaper.ward_exit;
    if (!wrapper->reaper.ward_exited)
        return STATUS_KILLED;
    return exit->kind == EXIT_SIGNAL ? STATUS_SIGNALLED + exit->status : exit->status;
}

static uint32_t mapped(const struct run_settings *settings, uint32_t status)
{
    for (size_t i = 0; i < settings->map_status.count; i++)
        if (settings->map_status.items[i].from == status)
            return settings->map_status.items[i].to;
    return status;
}

static bool is_time_out(enum trigger trigger)
{
    return trigger == TRIGGER_TIMEOUT || trigger == TRIGGER_STALE ||
           trigger == TRIGGER_HEARTBEAT_MISSING;
}

uint32_t outcome_status(const struct wrapper *wrapper, bool complete)
{
    const struct run_settings *settings = wrapper->settings;
    if (!complete) {
        survivors_say(&wrapper->ledger);
        return STATUS_FAILURE;
    }
    if (is_time_out(wrapper->ending.trigger) && !settings->preserve_status)
        return mapped(settings, STATUS_TIMED_OUT);
    return mapped(settings, ward_status(wrapper));
}

/* The words joined by spaces, cut off if they are too long. */
static const char *command_line(char *const *command, char *text, size_t capacity)
{
    struct sink sink = {.buffer = text, .capacity = capacity - 1};
    for (; *command; command++) {
        sink_text(&sink, sink.used > 0 ? " " : "");
        sink_text(&sink, *command);
    }
    text[sink.used] = '\0';
    return text;
}

/* Reported at the end: whether a stop is obeyed is not known when it arrives. */
static const char *detail_of(const struct wrapper *wrapper, enum trigger trigger)
{
    if (wrapper->trigger_detail || trigger != TRIGGER_ASKED)
        return wrapper->trigger_detail;
    if (wrapper->ending.expired)
        return "a stop signal arrived and the grace expired";
    return "a stop signal arrived and the command exited within the grace";
}

void outcome_report(struct wrapper *wrapper, struct ledger *ledger, enum trigger trigger,
                    bool complete, const char *written_by)
{
    const struct run_settings *settings = wrapper->settings;
    char command[COMMAND_BYTES];
    struct report report = {
        .command = command_line(settings->command, command, sizeof command),
        .ward = wrapper->scope.ward.id,
        .ward_exited = wrapper->reaper.ward_exited,
        .ward_status = REPORT_STATUS_UNKNOWN,
        .exit_status = complete ? STATUS_DONE : STATUS_FAILURE,
        .trigger = trigger,
        .trigger_detail = detail_of(wrapper, trigger),
        .written_by = written_by,
        .guarantee = scope_guarantee(&wrapper->scope),
    };
    ledger_tell_times(ledger, &wrapper->started, &report);
    if (wrapper->reaper.ward_exited)
        report.ward_status = ward_status(wrapper);
    /* A kept command goes on, but the wrapper exits. */
    if (complete && (wrapper->reaper.ward_exited || wrapper->scope.seat == SEAT_WRAPPER))
        report.exit_status = outcome_status(wrapper, complete);
    const char *failed = NULL;
    struct error error =
        publish_report(&report, ledger, settings->reports.items, settings->reports.count, &failed);
    if (error.code)
        say_error(&error, failed);
}
