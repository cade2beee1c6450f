/* --stop-on-stdin-close: the end of standard input is a request to stop. */
#include "run/wrapper.h"

/* A command that reads its input exits by itself at the end of it: wait before asking. */
#define PAUSE_MS 200

struct error wrapper_watch_input(struct wrapper *wrapper)
{
    return wrapper->settings->stop_on_input_end ? os_input_watch(&wrapper->input) : ERROR_OK;
}

/* The handle is ready at the end of the input first, and then when the pause is over. */
void wrapper_hear_input(struct wrapper *wrapper, int64_t now_ms)
{
    os_handle_close(&wrapper->input);
    if (!wrapper->input_ended && !os_alarm_make(&wrapper->input).code) {
        wrapper->input_ended = true;
        os_alarm_set(wrapper->input, now_ms + PAUSE_MS);
        return;
    }
    wrapper_ask(wrapper, TRIGGER_ASKED, "end of input", now_ms);
}
