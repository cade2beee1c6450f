#include "lib/keeper.h"

#include "lib/launch.h"

/* If a sentinel is lost again and again, it is restarted more and more slowly. */
#define FIRST_PAUSE_MS 10
#define LAST_PAUSE_MS  10000
#define LATE_MS        1000 /* the sentinel's alarm allows it a second as well */
#define SOUND_MS       1000 /* a sentinel that lived this long was sound */

static int64_t now_ms(void)
{
    struct clock_reading now;
    os_clock(&now);
    return now.now_ms;
}

/* False if the guard is dismissed meanwhile. */
static bool pause_for(const struct treefall *guard, int64_t ms)
{
    uint32_t ready = 0;
    return !os_wait(&guard->dismissal, 1, now_ms() + ms, &ready).code && ready == 0;
}

/* A sentinel that was frozen together with us has time to recover. */
static bool is_still_late(const struct treefall *guard)
{
    os_handle handles[] = {guard->dismissal, guard->sentinel.handle};
    uint32_t ready = 0;
    if (os_wait(handles, 2, now_ms() + LATE_MS, &ready).code || ready != 0)
        return false;
    return !os_wait(&guard->alarm, 1, 0, &ready).code && ready != 0;
}

/* False if the guard is dismissed. A stopped sentinel is as useless as a dead one. */
static bool await_loss(const struct treefall *guard)
{
    os_handle handles[] = {guard->dismissal, guard->sentinel.handle, guard->alarm};
    uint32_t ready = 0;
    do {
        if (ready != 0 && is_still_late(guard))
            os_strike_handle(&guard->sentinel, os_signal_kill());
        if (os_wait(handles, 3, OS_FOREVER, &ready).code)
            return false;
    } while (ready == 1u << 2);
    return !(ready & 1);
}

static void keep(void *context)
{
    struct treefall *guard = context;
    int64_t pause_ms = 0;
    int64_t started_ms = now_ms();
    while (await_loss(guard)) {
        launch_forget(guard);
        os_alarm_set(guard->alarm, OS_FOREVER);
        guard->lost++;
        if (now_ms() - started_ms >= SOUND_MS)
            pause_ms = 0;
        do {
            if (pause_ms > 0 && !pause_for(guard, pause_ms))
                return;
            pause_ms = pause_ms == 0 ? FIRST_PAUSE_MS : 2 * pause_ms;
            pause_ms = pause_ms > LAST_PAUSE_MS ? LAST_PAUSE_MS : pause_ms;
        } while (launch_sentinel(guard) != TREEFALL_OK);
        started_ms = now_ms();
    }
}

int keeper_start(struct treefall *guard)
{
    struct error error = os_thread_start(keep, guard, &guard->keeper);
    guard->kept = !error.code;
    return error.code ? failed(TREEFALL_ESYSTEM, error.os_code) : TREEFALL_OK;
}

void keeper_join(struct treefall *guard)
{
    if (guard->kept)
        os_thread_join(&guard->keeper);
    guard->kept = false;
}
