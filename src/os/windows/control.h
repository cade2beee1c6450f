/* What the console asks of us, and what else is told like a signal. */
#ifndef TREEFALL_OS_WINDOWS_CONTROL_H
#define TREEFALL_OS_WINDOWS_CONTROL_H

/* From any thread: our child ended. */
void control_tell_child(void);
/* The next key of the console is one that we send ourselves. */
void control_expect(void);

#endif
