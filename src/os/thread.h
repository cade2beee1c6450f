/* Threads and locks in a host process. */
#ifndef TREEFALL_OS_THREAD_H
#define TREEFALL_OS_THREAD_H

#include "base/error.h"

#include <stdint.h>

/* A thread that receives no signals. A forked child does not have it. */
struct os_thread {
    uintptr_t id;
};
struct error os_thread_start(void (*run)(void *context), void *context, struct os_thread *out);
void os_thread_join(const struct os_thread *thread);

/* A lock between threads; zero is free. In a forked child it is free, even if a thread held it. */
struct os_lock {
    _Atomic int32_t owner;
};
void os_lock_take(struct os_lock *lock);
void os_lock_give(struct os_lock *lock);

#endif
