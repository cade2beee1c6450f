#include "core/ending.h"

#include "base/moment.h"

static enum ending_step force(struct ending *ending)
{
    ending->phase = ENDING_FORCED;
    ending->next_ms = INT64_MAX;
    return STEP_FORCE;
}

static enum ending_step ask_rest(struct ending *ending)
{
    ending->phase = ENDING_REST_ASKED;
    ending->next_ms = ending->force_ms;
    return STEP_ASK_REST;
}

/* A worker that is asked at the same time as its supervisor exits, and the supervisor loses its
 * work. But a supervisor that waits for its children before it handles a signal would wait for
 * ever, so in the end every process is asked. */
static enum ending_step ask_heads(struct ending *ending, int64_t now_ms)
{
    if (ending->at_once || now_ms >= ending->rest_ms)
        return ask_rest(ending);
    ending->phase = ENDING_HEADS_ASKED;
    ending->next_ms = moment_earlier(moment_after(now_ms, ENDING_SETTLE_MS), ending->rest_ms);
    return STEP_ASK_HEADS;
}

static enum ending_step begin_asking(struct ending *ending, int64_t now_ms)
{
    ending->rest_ms = moment_after(now_ms, (ending->force_ms - now_ms) / 2);
    return ask_heads(ending, now_ms);
}

/* The processes that the command left have until `until_ms`. */
static enum ending_step settle(struct ending *ending, int64_t until_ms, int64_t now_ms)
{
    ending->force_ms = until_ms;
    if (now_ms >= until_ms)
        return force(ending);
    ending->phase = ENDING_SETTLING;
    ending->next_ms =
        now_ms + moment_earlier(ENDING_SETTLE_MS, (until_ms - now_ms) / ENDING_SETTLE_PART);
    return STEP_NONE;
}

enum ending_step ending_ask(struct ending *ending, enum trigger trigger, bool command_is_gone,
                            int64_t now_ms)
{
    if (ending->phase != ENDING_NONE)
        return STEP_NONE;
    ending->trigger = trigger;
    ending->force_ms = moment_after(now_ms, ending->grace_ms);
    if (command_is_gone)
        return begin_asking(ending, now_ms);
    ending->phase = ENDING_ASKED;
    ending->next_ms = ending->force_ms;
    return STEP_ASK;
}

enum ending_step ending_strike(struct ending *ending, enum trigger trigger, bool command_is_gone,
                               int64_t now_ms)
{
    int64_t until_ms = moment_after(now_ms, ending->exit_grace_ms);
    if (ending->phase != ENDING_NONE)
        return STEP_NONE;
    ending->trigger = trigger;
    if (command_is_gone || now_ms >= until_ms)
        return settle(ending, until_ms, now_ms);
    ending->phase = ENDING_STRUCK;
    ending->force_ms = ending->next_ms = until_ms;
    return STEP_KILL;
}

enum ending_step ending_command_gone(struct ending *ending, int64_t now_ms)
{
    int64_t exit_ms = moment_after(now_ms, ending->exit_grace_ms);
    switch (ending->phase) {
    case ENDING_NONE:
        ending->trigger = TRIGGER_WARD_DEAD;
        return settle(ending, exit_ms, now_ms);
    case ENDING_STRUCK:
        return settle(ending, exit_ms, now_ms);
    case ENDING_ASKED:
        return settle(ending, ending->force_ms, now_ms);
    case ENDING_SETTLING:
    case ENDING_HEADS_ASKED:
    case ENDING_REST_ASKED:
    case ENDING_FORCED:
        break;
    }
    return STEP_NONE;
}

enum ending_step ending_pass(struct ending *ending, int64_t now_ms)
{
    if (ending->phase == ENDING_NONE || ending->phase == ENDING_FORCED || now_ms < ending->next_ms)
        return STEP_NONE;
    if (now_ms < ending->force_ms)
        return ending->phase == ENDING_SETTLING ? begin_asking(ending, now_ms)
                                                : ask_heads(ending, now_ms);
    ending->expired = true;
    return force(ending);
}

void ending_force(struct ending *ending, enum trigger trigger)
{
    if (ending->phase == ENDING_NONE)
        ending->trigger = trigger;
    force(ending);
}

void ending_extend(struct ending *ending, int64_t until_ms)
{
    if (ending->phase == ENDING_NONE || ending->phase == ENDING_FORCED ||
        until_ms <= ending->force_ms)
        return;
    if (ending->next_ms == ending->force_ms)
        ending->next_ms = until_ms;
    ending->force_ms = until_ms;
}

void ending_inherit(struct ending *ending, const struct ending *from)
{
    *ending = *from;
    if (ending->phase == ENDING_HEADS_ASKED)
        ask_rest(ending);
}

int64_t ending_deadline(const struct ending *ending)
{
    bool waits = ending->phase != ENDING_NONE && ending->phase != ENDING_FORCED;
    return waits ? ending->next_ms : INT64_MAX;
}

bool ending_awaits_rest(const struct ending *ending)
{
    return ending->phase == ENDING_SETTLING || ending->phase == ENDING_HEADS_ASKED ||
           ending->phase == ENDING_REST_ASKED;
}
