#include "os/windows/object.h"

#include "os/windows/pipe.h"

#define OBJECTS 1024

static struct object objects[OBJECTS];
static SRWLOCK lock = SRWLOCK_INIT;

static void release(struct object *object)
{
    if (object->kind == OBJECT_PIPE)
        pipe_close(object->pipe);
    else if (object->handle)
        CloseHandle(object->handle);
}

os_handle object_add(struct object object)
{
    os_handle number = OBJECT_FIRST;
    AcquireSRWLockExclusive(&lock);
    while (number < OBJECTS && objects[number].kind != OBJECT_NONE)
        number++;
    if (number < OBJECTS)
        objects[number] = object;
    ReleaseSRWLockExclusive(&lock);
    if (number < OBJECTS)
        return number;
    release(&object);
    SetLastError(ERROR_TOO_MANY_OPEN_FILES);
    return OS_NO_HANDLE;
}

void object_place(os_handle number, struct object object)
{
    AcquireSRWLockExclusive(&lock);
    objects[number] = object;
    ReleaseSRWLockExclusive(&lock);
}

struct object object_get(os_handle number)
{
    struct object found = {OBJECT_NONE, NULL, NULL};
    if (number < 0 || number >= OBJECTS)
        return found;
    AcquireSRWLockShared(&lock);
    found = objects[number];
    ReleaseSRWLockShared(&lock);
    return found;
}

HANDLE object_handle(os_handle number, enum object_kind kind)
{
    struct object object = object_get(number);
    return object.kind == kind ? object.handle : NULL;
}

void object_close(os_handle number)
{
    struct object object = object_get(number);
    if (object.kind == OBJECT_NONE)
        return;
    object_place(number, (struct object){OBJECT_NONE, NULL, NULL});
    release(&object);
}
