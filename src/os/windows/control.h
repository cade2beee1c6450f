/* What the console asks of us, and what else is told like a signal. */
#ifndef TREEFALL_OS_WINDOWS_CONTROL_H
#define TREEFALL_OS_WINDOWS_CONTROL_H

#include "os/windows/win.h"

/* From any thread: our child ended. */
void control_tell_child(void);
#define CONTROL_NONE ((DWORD)-1)

/* The next key of this kind is one that we send ourselves. */
void control_expect(DWORD key);

#endif
