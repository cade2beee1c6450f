#include "os/windows/thread.h"

#include <stdatomic.h>

struct body {
    void (*run)(void *context);
    void *context;
};

static DWORD WINAPI thread_main(void *given)
{
    struct body body = *(struct body *)given;
    os_pages_free(given, sizeof body);
    body.run(body.context);
    return 0;
}

void thread_stay_loaded(void)
{
    HMODULE here;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                       (const wchar_t *)(uintptr_t)thread_main, &here);
}

struct error os_thread_start(void (*run)(void *context), void *context, struct os_thread *out)
{
    struct body *body = os_pages(sizeof *body);
    if (!body)
        return win_failed("start a thread", NULL);
    *body = (struct body){run, context};
    thread_stay_loaded();
    HANDLE thread = CreateThread(NULL, 0, thread_main, body, 0, NULL);
    if (!thread) {
        struct error error = win_failed("start a thread", NULL);
        os_pages_free(body, sizeof *body);
        return error;
    }
    out->id = (uintptr_t)thread;
    return ERROR_OK;
}

void os_thread_join(const struct os_thread *thread)
{
    WaitForSingleObject((HANDLE)thread->id, INFINITE);
    CloseHandle((HANDLE)thread->id);
}

/* The lock is held at most while a sentinel is started. */
void os_lock_take(struct os_lock *lock)
{
    int32_t owner = 0;
    while (!atomic_compare_exchange_strong(&lock->owner, &owner, 1)) {
        owner = 0;
        Sleep(1);
    }
}

void os_lock_give(struct os_lock *lock)
{
    atomic_store(&lock->owner, 0);
}
