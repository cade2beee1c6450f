/* Stop requests of the console: Ctrl+C, Ctrl+Break, closing its window. */
#include "os/windows/win.h"

#include <stdatomic.h>

static void (*_Atomic notice)(int signal);
static _Atomic int inside;

/* Runs in a thread of the system, which no Python debugger suspends. FALSE passes the event on. */
static BOOL WINAPI handle(DWORD event)
{
    atomic_fetch_add(&inside, 1);
    void (*told)(int) = atomic_load(&notice);
    if (told)
        told(event == CTRL_C_EVENT ? os_signal_interrupt() : os_signal_terminate());
    atomic_fetch_sub(&inside, 1);
    return FALSE;
}

/* The newest handler is called first. A handler of Python's, written with ctypes, waits for the
 * interpreter's lock, and then every older handler waits too. */
void os_stop_notice_take(void (*told)(int signal))
{
    atomic_store(&notice, told);
    SetConsoleCtrlHandler(handle, FALSE);
    SetConsoleCtrlHandler(handle, TRUE);
}

void os_stop_notice_drop(void)
{
    atomic_store(&notice, NULL);
    SetConsoleCtrlHandler(handle, FALSE);
    os_stop_notice_settle();
}

void os_stop_notice_settle(void)
{
    while (atomic_load(&inside) > 0)
        Sleep(0);
}
