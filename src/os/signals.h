/* Signals that come to us. */
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
    bool ignored; /* our caller had us ignore it (nohup, a script's background job) */
};
enum os_signal_class {
    SIGNAL_FORWARD, /* passed on, nothing else */
    SIGNAL_STOP,    /* asks to end: TERM, INT */
    SIGNAL_HANGUP,
    SIGNAL_CHILD,    /* a child changed */
    SIGNAL_SUSPEND,  /* job control: TSTP */
    SIGNAL_TERMINAL, /* who gets it wants the terminal, and is in the background: TTIN, TTOU */
    SIGNAL_CONTINUE,
};
/* Every signal that can be is delivered through the handle from now on; os_spawn gives the command
 * back what we had inherited. */
struct error os_signals_take(os_handle *out);
bool os_signals_read(os_handle handle, struct os_signal *out);
/* Takes a SIGINT out of the queue; true if it was a Ctrl-C that is not ignored. */
bool os_signals_take_key(void);
enum os_signal_class os_signal_class(int number);
/* TERM and INT, and HUP when it says that the terminal is gone: a HUP from a process mostly asks
 * for a reload. One that is ignored is passed on and does nothing else, as without us. */
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
