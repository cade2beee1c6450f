/* Signals that we receive. */
#ifndef TREEFALL_OS_SIGNALS_H
#define TREEFALL_OS_SIGNALS_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>
#include <stdint.h>

struct os_signal {
    int number;
    int32_t sender; /* pid, 0 = the kernel */
    bool from_terminal;
    bool ignored; /* our caller made us ignore it (nohup, a script's background job) */
};
enum os_signal_class {
    SIGNAL_FORWARD, /* only forwarded */
    SIGNAL_STOP,    /* a request to exit: TERM, INT */
    SIGNAL_HANGUP,
    SIGNAL_CHILD,    /* a child changed its state */
    SIGNAL_SUSPEND,  /* job control: TSTP */
    SIGNAL_TERMINAL, /* for a background process that wants the terminal: TTIN, TTOU */
    SIGNAL_CONTINUE,
};
/* From now on every signal that can be is delivered through the handle. os_spawn gives the command
 * back what we inherited. */
struct error os_signals_take(os_handle *out);
bool os_signals_read(os_handle handle, struct os_signal *out);
/* Removes a SIGINT from the queue. True if it was a Ctrl-C that is not ignored. */
bool os_signals_take_key(void);
enum os_signal_class os_signal_class(int number);
/* Whether the signal requests a stop: TERM and INT, and HUP if it says that the terminal is gone. A
 * HUP from a process mostly asks for a reload. An ignored signal is forwarded and does nothing
 * else, as without treefall. */
static inline bool os_signal_stops(const struct os_signal *signal)
{
    enum os_signal_class class = os_signal_class(signal->number);
    return !signal->ignored &&
           (class == SIGNAL_STOP || (class == SIGNAL_HANGUP && signal->from_terminal));
}
int os_signal_terminate(void);
int os_signal_kill(void);
int os_signal_continue(void);
int os_signal_interrupt(void);

#endif
