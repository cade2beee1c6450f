/* Ways to start a process: the rungs of the ladder out of a job. */
#ifndef TREEFALL_OS_WINDOWS_START_H
#define TREEFALL_OS_WINDOWS_START_H

#include "os/windows/win.h"

#define START_BLOCK_CHARS 4096

struct start {
    wchar_t path[WIN_PATH_CHARS];
    wchar_t line[WIN_PATH_CHARS + 4];
    wchar_t block[START_BLOCK_CHARS]; /* its environment; empty = ours */
    DWORD flags;                      /* additional flags */
    PROCESS_INFORMATION made;         /* hThread may be NULL */
};

/* False if this way is not available, or the process exited at once. */
bool start_plainly(struct start *start);
bool start_by_breakaway(struct start *start);
/* As a child of the desktop's process. */
bool start_below_desktop(struct start *start);

void start_close(struct start *start);
void start_end(struct start *start);

#endif
