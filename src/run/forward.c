#include "run/wrapper.h"

static int mapped(const struct run_settings *settings, int number)
{
    for (size_t i = 0; i < settings->map_signal.count; i++)
        if (settings->map_signal.items[i].from == (uint32_t)number)
            return (int)settings->map_signal.items[i].to;
    return number;
}

/* In the foreground, the terminal has sent the signal to the command too. */
static bool came_to_both(const struct wrapper *wrapper, const struct os_signal *signal)
{
    return wrapper->foreground && signal->from_terminal;
}

static void hear_stop(struct wrapper *wrapper, const struct os_signal *signal, int64_t now_ms)
{
    int number = mapped(wrapper->settings, signal->number);
    if (number == 0) /* --map-signal: the signal is ignored */
        return;
    wrapper->interrupted |= signal->from_terminal && signal->number == os_signal_interrupt();
    wrapper_stop(wrapper, came_to_both(wrapper, signal) ? 0 : number,
                 wrapper->settings->plan.group || signal->from_terminal, now_ms);
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
                         wrapper->settings->plan.group || signal->from_terminal);
        break;
    }
}
