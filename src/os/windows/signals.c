#include "os/windows/signals.h"

#include "os/windows/object.h"

#define SIGNAL_CHILD_ENDED 17
#define SIGNAL_CLOSED      1
#define QUEUE              16

static struct {
    SRWLOCK lock;
    HANDLE event; /* set while the queue is not empty */
    struct os_signal signals[QUEUE];
    size_t count;
} queue = {.lock = SRWLOCK_INIT};

/* If the queue is full, there have been enough requests. */
static void tell(int number)
{
    AcquireSRWLockExclusive(&queue.lock);
    if (queue.count < QUEUE)
        queue.signals[queue.count++] =
            (struct os_signal){.number = number, .from_terminal = number != SIGNAL_CHILD_ENDED};
    if (queue.event)
        SetEvent(queue.event);
    ReleaseSRWLockExclusive(&queue.lock);
}

void signals_tell_child(void)
{
    tell(SIGNAL_CHILD_ENDED);
}

/* Indexed by Ctrl+C and Ctrl+Break, the first two events. */
static volatile LONG expected[2];

void signals_expect(DWORD key)
{
    InterlockedIncrement(&expected[key]);
}

static bool is_expected(DWORD key)
{
    if (key > CTRL_BREAK_EVENT)
        return false;
    for (LONG left = expected[key]; left > 0; left = expected[key])
        if (InterlockedCompareExchange(&expected[key], left - 1, left) == left)
            return true;
    return false;
}

void signals_expect_not(DWORD key)
{
    is_expected(key);
}

/* A service is told about the logoff of every user. */
static bool is_of_others(DWORD event)
{
    DWORD session = MAXDWORD;
    return event == CTRL_LOGOFF_EVENT && ProcessIdToSessionId(GetCurrentProcessId(), &session) &&
           session == 0;
}

/* The system terminates us when we return from one of the last three events, so we must have exited
 * by ourselves before. */
static BOOL WINAPI handle(DWORD event)
{
    if (is_expected(event))
        return TRUE;
    if (is_of_others(event))
        return FALSE;
    switch (event) {
    case CTRL_C_EVENT:
        tell(SIGNAL_INTERRUPT);
        return TRUE;
    case CTRL_BREAK_EVENT:
        tell(SIGNAL_BREAK);
        return TRUE;
    case CTRL_CLOSE_EVENT:
        tell(SIGNAL_CLOSED);
        break;
    default:
        tell(SIGNAL_TERMINATE);
        break;
    }
    Sleep(INFINITE);
    return TRUE;
}

struct error os_signals_take(os_handle *out)
{
    static os_handle taken = OS_NO_HANDLE;
    HANDLE event = taken == OS_NO_HANDLE ? CreateEventW(NULL, TRUE, FALSE, NULL) : NULL;
    if (event) {
        queue.event = event;
        taken = object_add((struct object){OBJECT_EVENT, event, NULL});
        SetConsoleCtrlHandler(handle, TRUE);
    }
    if (taken == OS_NO_HANDLE)
        return win_failed("receive Ctrl+C", NULL);
    *out = taken;
    return ERROR_OK;
}

bool os_signals_read(os_handle unused, struct os_signal *out)
{
    (void)unused;
    AcquireSRWLockExclusive(&queue.lock);
    bool got = queue.count > 0;
    if (got) {
        *out = queue.signals[0];
        queue.count--;
        for (size_t i = 0; i < queue.count; i++)
            queue.signals[i] = queue.signals[i + 1];
    } else if (queue.event) {
        ResetEvent(queue.event);
    }
    ReleaseSRWLockExclusive(&queue.lock);
    return got;
}

/* The status of the ward shows what a Ctrl+C did. */
bool os_signals_take_key(void)
{
    return false;
}

enum os_signal_class os_signal_class(int number)
{
    switch (number) {
    case SIGNAL_CHILD_ENDED:
        return SIGNAL_CHILD;
    case SIGNAL_CLOSED:
        return SIGNAL_HANGUP;
    default:
        return SIGNAL_STOP;
    }
}

int os_signal_terminate(void)
{
    return SIGNAL_TERMINATE;
}

int os_signal_kill(void)
{
    return SIGNAL_KILL;
}

int os_signal_interrupt(void)
{
    return SIGNAL_INTERRUPT;
}

int os_signal_continue(void)
{
    return SIGNAL_TEST;
}
