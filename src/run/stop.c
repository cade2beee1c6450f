/* The wrapper's triggers, and the steps of the ending that each begins (core/ending). */
#include "run/wrapper.h"

#include "plan/say.h"
#include "tree/ask.h"
#include "tree/step.h"

/* Times count from the first trigger. */
static void begin(struct wrapper *wrapper)
{
    if (wrapper->ledger.trigger_us != 0)
        return;
    ledger_begin(&wrapper->ledger);
    scope_keep_unwired(&wrapper->scope);
    /* Before the first signal: the sentinel gives the grace in our place if we are stopped now. */
    wrapper_claim(wrapper);
}

static void ask_ward(struct wrapper *wrapper, int number, bool to_group)
{
    if (!wrapper_send(wrapper, number, to_group))
        ending_force(&wrapper->ending, wrapper->ending.trigger);
}

static void say_forced(const struct wrapper *wrapper)
{
    if (wrapper->settings->verbose && wrapper->ending.expired)
        say_line("the grace expired: killing the processes that are left");
}

/* Takes every step except asking the ward, which has a signal of its own. */
static void take(struct wrapper *wrapper, enum ending_step step)
{
    begin(wrapper);
    step_take(&wrapper->scope, &wrapper->ending, step, &wrapper->ledger);
    if (step == STEP_FORCE)
        say_forced(wrapper);
}

void wrapper_ask(struct wrapper *wrapper, enum trigger trigger, const char *detail, int64_t now_ms)
{
    struct ending *ending = &wrapper->ending;
    if (ending->phase != ENDING_NONE)
        return;
    wrapper->trigger_detail = detail;
    if (wrapper->settings->verbose)
        say_line(trigger_sentence(trigger));
    enum ending_step step = ending_ask(ending, trigger, wrapper->ward_is_gone, now_ms);
    take(wrapper, step);
    if (step != STEP_ASK)
        return;
    if (step_keeps_ward(&wrapper->scope)) {
        ask_all(&wrapper->scope, wrapper->settings->plan.signal, &wrapper->ledger);
        return;
    }
    ask_ward(wrapper, wrapper->settings->plan.signal, wrapper->settings->plan.group);
    /* A stopped ward does not receive the signal before it continues. */
    os_strike_handle(&wrapper->scope.ward, os_signal_continue());
}

void wrapper_stop(struct wrapper *wrapper, int number, bool to_group, int64_t now_ms)
{
    struct ending *ending = &wrapper->ending;
    /* After the end of input, which is a stop too, clients send a signal as their next step. That
     * one is not a second stop. */
    bool first = ending->phase == ENDING_NONE ||
                 (ending->trigger == TRIGGER_ASKED && !wrapper->was_signalled);
    wrapper->was_signalled = true;
    enum ending_step step = ending_ask(ending, TRIGGER_ASKED, wrapper->ward_is_gone, now_ms);
    begin(wrapper);
    if (step == STEP_ASK_HEADS && number != 0) {
        ending->signal = number;
        take(wrapper, step);
    } else {
        wrapper_send(wrapper, number, to_group);
    }
    if (!first)
        wrapper_force(wrapper, TRIGGER_ASKED,
                      ending->trigger == TRIGGER_ASKED
                          ? "a second stop signal arrived"
                          : "a stop signal arrived and cut the grace short");
}

void wrapper_begin_fall(struct wrapper *wrapper)
{
    if (wrapper->ending.phase == ENDING_NONE)
        ending_force(&wrapper->ending, TRIGGER_WARD_DEAD);
    begin(wrapper);
}

void wrapper_strike(struct wrapper *wrapper, enum trigger trigger, int64_t now_ms)
{
    take(wrapper, ending_strike(&wrapper->ending, trigger, wrapper->ward_is_gone, now_ms));
}

void wrapper_force(struct wrapper *wrapper, enum trigger trigger, const char *detail)
{
    wrapper->trigger_detail = detail;
    ending_force(&wrapper->ending, trigger);
    take(wrapper, STEP_FORCE);
}

/* A key that killed the ward before we noticed was a stop for the whole group. */
void wrapper_lose_ward(struct wrapper *wrapper, int64_t now_ms)
{
    struct ending *ending = &wrapper->ending;
    if (os_signals_take_key()) {
        wrapper->interrupted = true;
        ending_ask(ending, TRIGGER_ASKED, false, now_ms);
    }
    wrapper->ward_is_gone = true;
    if (wrapper->settings->plan.fall_on_exit || ending->phase != ENDING_NONE)
        take(wrapper, ending_command_gone(ending, now_ms));
}

void wrapper_pass_time(struct wrapper *wrapper, int64_t now_ms)
{
    enum ending_step step = ending_pass(&wrapper->ending, now_ms);
    if (step != STEP_NONE)
        take(wrapper, step);
}
