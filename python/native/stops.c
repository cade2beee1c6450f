#include "stops.h"

#include "os/os.h"
#include "treefall.h"

#include <stdatomic.h>

static struct treefall *_Atomic guards[STOPS_GUARDS];
static _Atomic unsigned interrupts;

/* In the context of a signal handler. */
static void tell_all(int signal)
{
    if (signal == os_signal_interrupt())
        atomic_fetch_add(&interrupts, 1);
    for (int i = 0; i < STOPS_GUARDS; i++)
        treefall_stop_asked(atomic_load(&guards[i]));
}

static bool put(struct treefall *from, struct treefall *to)
{
    for (int i = 0; i < STOPS_GUARDS; i++)
        if (atomic_load(&guards[i]) == from) {
            atomic_store(&guards[i], to);
            return true;
        }
    return false;
}

static bool are_none(void)
{
    for (int i = 0; i < STOPS_GUARDS; i++)
        if (atomic_load(&guards[i]))
            return false;
    return true;
}

void stops_add(struct treefall *guard)
{
    if (put(NULL, guard))
        os_stop_notice_take(tell_all);
}

void stops_remove(struct treefall *guard)
{
    if (!guard || !put(guard, NULL))
        return;
    if (are_none())
        os_stop_notice_drop();
    else
        os_stop_notice_settle();
}

void stops_renew(void)
{
    if (!are_none())
        os_stop_notice_take(tell_all);
}

unsigned stops_interrupts(void)
{
    return atomic_load(&interrupts);
}
