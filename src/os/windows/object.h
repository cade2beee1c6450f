/* What is behind an os_handle here: a small number, so that a sentinel finds its handles under the
 * numbers that its order names. Any thread may call these functions. */
#ifndef TREEFALL_OS_WINDOWS_OBJECT_H
#define TREEFALL_OS_WINDOWS_OBJECT_H

#include "os/windows/win.h"

struct pipe;

enum object_kind {
    OBJECT_NONE,
    OBJECT_PROCESS,
    OBJECT_EVENT,
    OBJECT_MAPPING,
    OBJECT_JOB,
    OBJECT_FOLDER,
    OBJECT_PIPE,     /* one end of a channel; `pipe` */
    OBJECT_PIPE_END, /* the far end, not opened yet; `pipe` is the near end's */
};

struct object {
    enum object_kind kind;
    HANDLE handle;
    struct pipe *pipe;
};

/* The first number that a starting process gives to the process that it starts. */
#define OBJECT_FIRST 3

/* Takes ownership of the handle. OS_NO_HANDLE if there is no room: then the handle is closed. */
os_handle object_add(struct object object);
/* The same under exactly this number, which is free. */
void object_place(os_handle number, struct object object);
struct object object_get(os_handle number);
void object_close(os_handle number);
/* NULL if it is not of that kind. */
HANDLE object_handle(os_handle number, enum object_kind kind);

#endif
