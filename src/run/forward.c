#include "run/wrapper.h"

#include "cli/say.h"
#include "core/signal_name.h"
#include "guard/fall.h"

static int mapped(const struct run_settings *settings, int number)
{
    for (size_t i = 0; i < settings->map_signal.count; i++)
        if (settings->map_signal.items[i].from == (uint32_t)number)
            return (int)settings->map_signal.items[i].to;
    return number;
}

static void say_passing(int number, int32_t pid)
{
    struct say line;
    say_begin(&line);
    sink_text(&line.sink, "passing SIG");
    sink_text(&line.sink, signal_name(number));
    sink_text(&line.sink, " on to ");
    sink_number(&line.sink, pid);
    say_end(&line);
}

bool wrapper_send(struct wrapper *wrapper, int number, bool to_group)
{
    struct os_process *ward = &wrapper->scope.ward;
    if (number == 0)
        return true;
    if (wrapper->settings->verbose)
        say_passing(number, ward->id.pid);
    /* The init of a pid namespace passes on what it gets: to it alone, or it would come twice. */
    bool whole = to_group && !wrapper->foreground && !wrapper->settings->isolate;
    /* A zombie takes every signal and passes none on: then it is for what is left. */
    if (wrapper->reaper.ward_exited || os_process_ended(ward)) {
        fall_ask_all(&wrapper->scope, number, &wrapper->ledger);
        return true;
    }
    /* A kept one may be in its group. */
    if (whole && wrapper->scope.keep_count > 0) {
        struct ledger unwanted = {0};
        fall_ask_group(&wrapper->scope, ward->id.pid, number, &unwanted);
        return true;
    }
    return (whole ? os_strike_group(ward, number) : os_strike_handle(ward, number)) != STRIKE_DEAF;
}

/* In the foreground the terminal has given it to the command, too. */
static bool came_to_both(const struct wrapper *wrapper, const struct os_signal *signal)
{
    return wrapper->foreground && signal->from_terminal;
}

static void hear_stop(struct wrapper *wrapper, const struct os_signal *signal, int64_t now_ms)
{
    int number = mapped(wrapper->settings, signal->number);
    if (number == 0) /* --map-signal: it is to do nothing */
        return;
    wrapper->interrupted |= signal->from_terminal && signal->number == os_signal_interrupt();
    wrapper_stop(wrapper, came_to_both(wrapper, signal) ? 0 : number,
                 wrapper->settings->group || signal->from_terminal, now_ms);
}

void wrapper_hear_signal(struct wrapper *wrapper, const struct os_signal *signal, int64_t now_ms)
{
    if (os_signal_stops(signal)) {
        hear_stop(wrapper, signal, now_ms);
        return;
    }
    switch (os_signal_class(signal->number)) {
    case SIGNAL_CHILD:
        break;
    case SIGNAL_CONTINUE:
        job_continue(wrapper);
        break;
    case SIGNAL_SUSPEND:
    case SIGNAL_TERMINAL:
    case SIGNAL_STOP:
    case SIGNAL_HANGUP:
    case SIGNAL_FORWARD:
        if (!came_to_both(wrapper, signal))
            wrapper_send(wrapper, mapped(wrapper->settings, signal->number),
                         wrapper->settings->group || signal->from_terminal);
        break;
    }
}
