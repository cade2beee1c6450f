#include "os/windows/inheritance.h"

#include "os/windows/object.h"
#include "os/windows/pipe.h"

#include <wchar.h>

#define TAKE_MS 10000

/* The first message on the pipe. The pipe itself is the first handle. */
struct inheritance {
    uint32_t count;
    struct {
        uint32_t kind;
        uint64_t handle;
    } given[INHERITANCE_AT_MOST];
};

/* The least that a sentinel needs: other processes of this user may open the object. */
static DWORD rights_of(enum object_kind kind)
{
    switch (kind) {
    case OBJECT_MAPPING:
        return FILE_MAP_READ;
    case OBJECT_EVENT:
        return SYNCHRONIZE | EVENT_MODIFY_STATE;
    case OBJECT_JOB:
        return JOB_OBJECT_QUERY | JOB_OBJECT_TERMINATE;
    case OBJECT_PROCESS:
        return SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_TERMINATE;
    case OBJECT_NONE:
    case OBJECT_FOLDER:
    case OBJECT_PIPE:
    case OBJECT_PIPE_END:
        break;
    }
    return 0;
}

struct error inheritance_give(struct pipe *pipe, HANDLE process, const os_handle *handles,
                              size_t count)
{
    struct inheritance inheritance = {.count = (uint32_t)count};
    for (size_t i = 1; i < count; i++) {
        struct object object = object_get(handles[i]);
        HANDLE theirs = NULL;
        if (object.kind != OBJECT_NONE &&
            !DuplicateHandle(GetCurrentProcess(), object.handle, process, &theirs,
                             rights_of(object.kind), FALSE, 0))
            return win_failed("pass a handle to the sentinel", NULL);
        inheritance.given[i].kind = object.kind;
        inheritance.given[i].handle = (uintptr_t)theirs;
    }
    if (!pipe_write(pipe, &inheritance, sizeof inheritance))
        return win_failed("send the sentinel its handles", NULL);
    return ERROR_OK;
}

static struct pipe *open_named(void)
{
    wchar_t text[PIPE_NAME_CHARS + 16];
    DWORD length = GetEnvironmentVariableW(INHERITANCE_VARIABLE, text, PIPE_NAME_CHARS + 16);
    wchar_t *bar = length > 0 && length < PIPE_NAME_CHARS + 16 ? wcschr(text, L'|') : NULL;
    if (!bar)
        return NULL;
    *bar = L'\0';
    SetEnvironmentVariableW(INHERITANCE_VARIABLE, NULL);
    return pipe_open(text, wcstoul(bar + 1, NULL, 10));
}

void inheritance_take(void)
{
    struct inheritance inheritance = {0};
    bool closed;
    struct pipe *pipe = open_named();
    if (!pipe)
        return;
    if (WaitForSingleObject(pipe_signal(pipe), TAKE_MS) == WAIT_OBJECT_0 &&
        pipe_read(pipe, &inheritance, sizeof inheritance, &closed))
        for (uint32_t i = 1; i < inheritance.count && i < INHERITANCE_AT_MOST; i++)
            object_place(OBJECT_FIRST + i,
                         (struct object){(enum object_kind)inheritance.given[i].kind,
                                         (HANDLE)(uintptr_t)inheritance.given[i].handle, NULL});
    object_place(OBJECT_FIRST, (struct object){OBJECT_PIPE, NULL, pipe});
}
