/* What the console asks of us, and what else is told like a signal. */
#ifndef TREEFALL_OS_WINDOWS_SIGNALS_H
#define TREEFALL_OS_WINDOWS_SIGNALS_H

#include "os/windows/win.h"

#define SIGNAL_TEST      0
#define SIGNAL_INTERRUPT 2
#define SIGNAL_KILL      9
#define SIGNAL_TERMINATE 15
#define SIGNAL_BREAK     21

/* From any thread: our child ended. */
void signals_tell_child(void);
/* One key of this kind, CTRL_C_EVENT or CTRL_BREAK_EVENT, will be our own. */
void signals_expect(DWORD key);
/* It was not sent after all. */
void signals_expect_not(DWORD key);

#endif
