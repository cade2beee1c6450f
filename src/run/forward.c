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

/* False: it cannot be asked, so there is no answer to wait for. */
static bool send(struct wrapper *wrapper, int number, bool to_group)
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
    return (whole ? os_strike_group(ward, number) : os_strike_handle(ward, number)) != STRIKE_DEAF;
}

static void hear_stop(struct wrapper *wrapper, const struct os_signal *signal, int64_t now_ms)
{
    bool first = escalation_ask(&wrapper->escalation, TRIGGER_ASKED, now_ms);
    bool by_us = wrapper->foreground && signal->from_terminal;
    wrapper->interrupted |= signal->from_terminal && signal->number == os_signal_interrupt();
    if (!by_us)
        send(wrapper, mapped(wrapper->settings, signal->number),
             wrapper->settings->group || signal->from_terminal);
    if (first)
        return;
    wrapper->trigger_detail = wrapper->escalation.trigger == TRIGGER_ASKED
                                  ? "a second stop signal came"
                                  : "a stop signal came and cut the grace short";
    escalation_force(&wrapper->escalation, TRIGGER_ASKED);
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
        if (!(wrapper->foreground && signal->from_terminal))
            send(wrapper, mapped(wrapper->settings, signal->number),
                 wrapper->settings->group || signal->from_terminal);
        break;
    }
}

void wrapper_ask(struct wrapper *wrapper, enum trigger trigger, const char *detail, int64_t now_ms)
{
    if (!escalation_ask(&wrapper->escalation, trigger, now_ms))
        return;
    wrapper->trigger_detail = detail;
    if (!send(wrapper, wrapper->settings->signal, wrapper->settings->group))
        escalation_force(&wrapper->escalation, trigger);
    /* A stopped ward could not hear it. */
    if (!wrapper->reaper.ward_exited)
        os_strike_handle(&wrapper->scope.ward, os_signal_continue());
}
