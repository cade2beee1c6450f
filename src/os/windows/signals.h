/* Requests of the console, and other events that are reported like signals. */
#ifndef TREEFALL_OS_WINDOWS_SIGNALS_H
#define TREEFALL_OS_WINDOWS_SIGNALS_H

#include "os/windows/win.h"

#define SIGNAL_TEST      0
#define SIGNAL_INTERRUPT 2
#define SIGNAL_KILL      9
#define SIGNAL_TERMINATE 15
#define SIGNAL_BREAK     21

/* Call from any thread when our child has exited. */
void signals_tell_child(void);
/* The next key of this kind, CTRL_C_EVENT or CTRL_BREAK_EVENT, is sent by ourselves. */
void signals_expect(DWORD key);
/* The key was not sent after all. */
void signals_expect_not(DWORD key);

#endif
