#include "run/wrapper.h"

#include "os/signal_name.h"
#include "plan/say.h"
#include "tree/ask.h"

static void say_passing(int number, int32_t pid)
{
    struct say line;
    say_begin(&line);
    sink_text(&line.sink, "forwarding SIG");
    sink_text(&line.sink, signal_name(number));
    sink_text(&line.sink, " to ");
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
    /* The init of a pid namespace forwards what it receives. So signal it alone, or the signal
     * would arrive twice. */
    bool whole = to_group && !wrapper->foreground && !wrapper->settings->isolate;
    /* A zombie accepts every signal and forwards none: send the signal to the rest of the tree. */
    if (wrapper->ward_is_gone || wrapper->reaper.ward_exited || os_process_ended(ward)) {
        ask_all(&wrapper->scope, number, &wrapper->ledger);
        return true;
    }
    /* The group may contain a kept process. */
    if (whole && wrapper->scope.keep.count > 0) {
        struct ledger unwanted = {0};
        ask_group(&wrapper->scope, ward->id.pid, number, &unwanted);
        return true;
    }
    return (whole ? os_strike_group(ward, number) : os_strike_handle(ward, number)) != STRIKE_DEAF;
}
