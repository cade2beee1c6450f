/* A thread of the library's own in a host process, and a lock that survives a fork. */
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#define STACK_BYTES ((size_t)256 * 1024) /* static thread-local storage is taken from it */

struct body {
    void (*run)(void *context);
    void *context;
};

_Static_assert(sizeof(pthread_t) <= sizeof(((struct os_thread *)0)->id), "a thread fits");

static void *thread_main(void *given)
{
    struct body body = *(struct body *)given;
    os_pages_free(given, sizeof body);
    body.run(body.context);
    return NULL;
}

/* All signals go to the host's threads: a handler never runs on ours. */
static int create(pthread_t *thread, struct body *body)
{
    pthread_attr_t attributes;
    sigset_t all;
    sigset_t before;
    int os_code = pthread_attr_init(&attributes);
    if (os_code != 0)
        return os_code;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    os_code = pthread_create(thread, &attributes, thread_main, body);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return os_code;
}

struct error os_thread_start(void (*run)(void *context), void *context, struct os_thread *out)
{
    pthread_t thread;
    struct body *body = os_pages(sizeof *body);
    if (!body)
        return error_make(ERROR_NO_MEMORY, ENOMEM, "start a thread", NULL);
    *body = (struct body){run, context};
    int os_code = create(&thread, body);
    if (os_code != 0) {
        os_pages_free(body, sizeof *body);
        return error_make(ERROR_SYSTEM, os_code, "start a thread", NULL);
    }
    pthread_setname_np(thread, "treefall");
    out->id = (uintptr_t)thread;
    return ERROR_OK;
}

void os_thread_join(const struct os_thread *thread)
{
    pthread_join((pthread_t)thread->id, NULL);
}

/* The word holds the owner's pid. If that is not ours, a fork copied the lock while it was held,
 * and no thread in this process will release it. */
void os_lock_take(struct os_lock *lock)
{
    int32_t self = os_process_self();
    for (;;) {
        int32_t owner = 0;
        if (atomic_compare_exchange_strong(&lock->owner, &owner, self))
            return;
        if (owner != self && atomic_compare_exchange_strong(&lock->owner, &owner, self))
            return;
        if (owner == self)
            syscall(SYS_futex, &lock->owner, FUTEX_WAIT_PRIVATE, self, NULL, NULL, 0);
    }
}

void os_lock_give(struct os_lock *lock)
{
    atomic_store(&lock->owner, 0);
    syscall(SYS_futex, &lock->owner, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
