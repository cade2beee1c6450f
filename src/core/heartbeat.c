#include "core/heartbeat.h"

#define CLOCK_SLACK_MS   20 /* clocks are read one after the other; file stamps tick coarsely */
#define OVERSLEPT_MIN_MS 50 /* less is the noise of a busy machine */
#define UNDATED_LOOKS    4  /* per kill_delay: bounds how late an undated beat is noticed */

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Sums and differences saturate: a file's times may be hostile, and delays huge. */
static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? (b > 0 ? INT64_MAX : INT64_MIN) : sum;
}

static int64_t minus(int64_t a, int64_t b)
{
    int64_t difference;
    return __builtin_sub_overflow(a, b, &difference) ? (b < 0 ? INT64_MAX : INT64_MIN) : difference;
}

void heartbeat_arm(struct heartbeat *heartbeat, int64_t kill_delay_ms, int64_t startup_grace_ms,
                   const struct clock_reading *now)
{
    *heartbeat = (struct heartbeat){
        .kill_delay_ms = max64(kill_delay_ms, 1),
        .last_ms = now->now_ms,
        .began_ms = INT64_MIN,
        .extended_until_ms = INT64_MIN,
        .awaited_until_ms = plus(now->now_ms, max64(startup_grace_ms, 0)),
        .looked = *now,
    };
}

void heartbeat_ward_began(struct heartbeat *heartbeat, int64_t began_ms)
{
    heartbeat->began_ms = began_ms;
}

void heartbeat_excuse(struct heartbeat *heartbeat, const struct clock_reading *now)
{
    int64_t full = plus(now->now_ms, heartbeat->kill_delay_ms);
    heartbeat->last_ms = max64(heartbeat->last_ms, now->now_ms);
    heartbeat->awaited_until_ms = max64(heartbeat->awaited_until_ms, full);
    heartbeat->granted = false;
}

void heartbeat_retime(struct heartbeat *heartbeat, int64_t kill_delay_ms,
                      const struct clock_reading *now)
{
    heartbeat->kill_delay_ms = max64(kill_delay_ms, 1);
    heartbeat_excuse(heartbeat, now);
}

void heartbeat_extend(struct heartbeat *heartbeat, int64_t until_ms)
{
    heartbeat->extended_until_ms = max64(heartbeat->extended_until_ms, until_ms);
}

static void take_beat(struct heartbeat *heartbeat, int64_t at_ms)
{
    /* The first beat ends the startup grace, so it may be older than the arming. */
    heartbeat->last_ms = heartbeat->beaten ? max64(heartbeat->last_ms, at_ms) : at_ms;
    heartbeat->beaten = true;
    heartbeat->granted = false;
}

/* A stamp found by the first look may be from an earlier boot or run, or lie in the future. */
static void take_found(struct heartbeat *heartbeat, const struct beat_observation *seen,
                       const struct clock_reading *now)
{
    int64_t age = minus(now->wall_ms, seen->wall_ms);
    int64_t at = minus(now->now_ms, age);
    bool of_this_run = at >= heartbeat->began_ms;
    heartbeat->sighted = of_this_run;
    if (of_this_run && age >= 0 && age <= min64(heartbeat->kill_delay_ms, now->boot_ms))
        take_beat(heartbeat,
                  seen->changed_ms ? min64(plus(at, seen->lag_ms), now->now_ms) : now->now_ms);
}

/* The beat came after the previous look. The wall clock tells when exactly, if it ran evenly since
 * then and agrees. A forward step within the slack may make the beat younger, never older. */
static int64_t beat_date(const struct heartbeat *heartbeat, const struct beat_observation *seen,
                         const struct clock_reading *now)
{
    const struct clock_reading *before = &heartbeat->looked;
    int64_t interval = minus(now->now_ms, before->now_ms);
    int64_t step = minus(minus(now->wall_ms, before->wall_ms), interval);
    int64_t slack = plus(CLOCK_SLACK_MS, interval / 1000); /* for a clock that is being slewed */
    int64_t age = minus(now->wall_ms, seen->changed_ms);
    if (seen->changed_ms == 0 || step > slack || step < -slack || age < 0 ||
        age > plus(interval, slack))
        return now->now_ms;
    return minus(now->now_ms, min64(max64(minus(age, max64(step, 0)), 0), interval));
}

static void take_stamp(struct heartbeat *heartbeat, const struct beat_observation *seen,
                       const struct clock_reading *now)
{
    bool changed = !heartbeat->stamped || heartbeat->stamp != seen->stamp;
    if (!heartbeat->looked_once) {
        take_found(heartbeat, seen, now);
    } else if (changed) {
        heartbeat->sighted = true;
        take_beat(heartbeat, beat_date(heartbeat, seen, now));
    }
    heartbeat->undated = seen->changed_ms == 0;
    heartbeat->stamp = seen->stamp;
    heartbeat->stamped = true;
}

/* Only a new time is a beat: otherwise a beat in the future would be fresh for ever. */
static void take_timed(struct heartbeat *heartbeat, int64_t at_ms, int64_t now_ms)
{
    heartbeat->sighted = true;
    if (heartbeat->stamped && heartbeat->stamp == at_ms)
        return;
    take_beat(heartbeat, min64(at_ms, now_ms));
    heartbeat->stamp = at_ms;
    heartbeat->stamped = true;
}

static void take(struct heartbeat *heartbeat, const struct beat_observation *seen,
                 const struct clock_reading *now)
{
    switch (seen->kind) {
    case BEAT_NONE:
        break;
    case BEAT_STAMP:
        take_stamp(heartbeat, seen, now);
        break;
    case BEAT_TIMED:
        take_timed(heartbeat, seen->at_ms, now->now_ms);
        break;
    case BEAT_LOST:
        heartbeat->stamped = false; /* the next file in its place is a beat */
        break;
    }
    heartbeat->looked_once = true;
}

static bool suspended_since(const struct clock_reading *before, const struct clock_reading *now)
{
    int64_t slept = minus(minus(now->boot_ms, before->boot_ms), minus(now->now_ms, before->now_ms));
    return slept > CLOCK_SLACK_MS;
}

static int64_t deadline(const struct heartbeat *heartbeat)
{
    int64_t end = heartbeat->beaten ? plus(heartbeat->last_ms, heartbeat->kill_delay_ms)
                                    : heartbeat->awaited_until_ms;
    end = max64(end, heartbeat->extended_until_ms);
    return heartbeat->granted ? max64(end, heartbeat->granted_until_ms) : end;
}

/* If this process slept too long, the ward may have slept too: it gets the missed time back, once
 * per silence. */
static void grant(struct heartbeat *heartbeat, int64_t now_ms)
{
    int64_t late = minus(now_ms, heartbeat->planned_ms);
    int64_t threshold = max64(OVERSLEPT_MIN_MS, heartbeat->kill_delay_ms / 10);
    if (heartbeat->granted || heartbeat->planned_ms == 0 || late <= threshold)
        return;
    heartbeat->granted = true;
    heartbeat->granted_until_ms =
        plus(now_ms, max64(CLOCK_SLACK_MS, min64(late, heartbeat->kill_delay_ms)));
}

static enum heartbeat_age judge(struct heartbeat *heartbeat, bool lost, int64_t now_ms)
{
    if (lost && heartbeat->sighted)
        return HEARTBEAT_MISSING;
    if (now_ms >= deadline(heartbeat))
        grant(heartbeat, now_ms);
    if (now_ms < deadline(heartbeat))
        return heartbeat->beaten ? HEARTBEAT_FRESH : HEARTBEAT_AWAITED;
    return lost || !heartbeat->stamped ? HEARTBEAT_MISSING : HEARTBEAT_STALE;
}

enum heartbeat_age heartbeat_look(struct heartbeat *heartbeat, const struct beat_observation *seen,
                                  const struct clock_reading *now)
{
    take(heartbeat, seen, now);
    if (suspended_since(&heartbeat->looked, now))
        heartbeat_excuse(heartbeat, now);
    enum heartbeat_age age = judge(heartbeat, seen->kind == BEAT_LOST, now->now_ms);
    heartbeat->looked = *now;
    heartbeat->planned_ms = 0;
    return age;
}

int64_t heartbeat_next_look(struct heartbeat *heartbeat)
{
    int64_t looked = heartbeat->looked.now_ms;
    int64_t delay = heartbeat->kill_delay_ms;
    int64_t often = heartbeat->undated ? max64(delay / UNDATED_LOOKS, 1) : delay;
    int64_t next = deadline(heartbeat);
    if (!heartbeat->beaten || heartbeat->undated)
        next = min64(next, plus(looked, often));
    if (!heartbeat->looked_once)
        next = looked;
    else if (next <= looked) /* already stale, and held */
        next = plus(looked, delay);
    heartbeat->planned_ms = next;
    return next;
}
