/* What the console asks of us, and what else is told like a signal. */
#ifndef TREEFALL_OS_WINDOWS_CONTROL_H
#define TREEFALL_OS_WINDOWS_CONTROL_H

#include "os/windows/win.h"

/* From any thread: our child ended. */
void control_tell_child(void);
/* One key of this kind, CTRL_C_EVENT or CTRL_BREAK_EVENT, will be our own. */
void control_expect(DWORD key);
/* It was not sent after all. */
void control_expect_not(DWORD key);

#endif
