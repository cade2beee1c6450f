/* Any command line: the first byte picks the subcommand, the rest are its words, a line each. What
 * is taken is within its limits; what is not is said in one line that is fit for a terminal. */
#include "cli/usage.h"

#include "base/duration.h"
#include "os/child.h"
#include "os/signal_name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct usage *const usages[] = {&usage_run, &usage_watch, &usage_kill, &usage_tree,
                                             &usage_doctor};
#define USAGES (sizeof usages / sizeof *usages)

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void check_duration(int64_t ms)
{
    must(ms >= 0 && ms <= DURATION_MAX_MS);
}

static void check_maps(const struct setting_maps *maps, size_t limit, bool are_signals)
{
    must(maps->count <= limit);
    for (size_t i = 0; i < maps->count; i++) {
        const struct setting_map *map = &maps->items[i];
        must(map->from <= os_status_most() && map->to <= os_status_most());
        must(!are_signals ||
             (signal_name((int)map->from) && (!map->to || signal_name((int)map->to))));
    }
}

static void check_texts(const struct setting_texts *texts, size_t limit)
{
    must(texts->count <= limit);
    for (size_t i = 0; i < texts->count; i++)
        must(texts->items[i] && *texts->items[i]);
}

static void check_run(const struct run_settings *run)
{
    check_duration(run->timeout_ms);
    check_duration(run->plan.grace_ms);
    check_duration(run->plan.exit_grace_ms);
    check_duration(run->plan.kill_delay_ms);
    check_duration(run->plan.startup_grace_ms);
    must(run->plan.kill_delay_ms > 0 && run->plan.startup_grace_ms > 0);
    must(signal_name(run->plan.signal) && run->command && *run->command);
    must(run->plan.without < 1U << ROUTE_COUNT);
    must(run->max_processes >= 0 && run->max_processes <= 4194304);
    must((run->caller.choice == CALLER_PROCESS) == (run->caller.pid > 0) &&
         run->sentinel_loss <= SENTINEL_LOSS_REPLACE);
    check_maps(&run->map_signal, SETTINGS_MAP_SIGNALS, true);
    check_maps(&run->map_status, SETTINGS_MAP_STATUS, false);
    check_texts(&run->keep, SETTINGS_KEEP);
    check_texts(&run->reports, SETTINGS_REPORTS);
}

static void check_taken(const struct usage *usage, const union settings *settings)
{
    if (usage == &usage_run)
        check_run(&settings->run);
    if (usage == &usage_watch)
        must(settings->watch.pid > 0 && settings->watch.pid <= 4194304);
    if (usage == &usage_kill)
        must(settings->kill.pid > 0 && settings->kill.pid <= 4194304);
}

static void check_said(const struct usage *usage, const struct option_fault *fault)
{
    char line[1024];
    struct sink sink = {.buffer = line, .capacity = sizeof line};
    option_fault_write(fault, usage, &sink);
    must(!sink.failed && sink.used > 0);
    for (size_t i = 0; i < sink.used; i++)
        must((unsigned char)line[i] >= ' ' && line[i] != 127);
}

static void split(char *text, char *words[WORDS_MAX + 1])
{
    size_t count = 0;
    for (char *at = text; at && count < WORDS_MAX; count++) {
        words[count] = at;
        at = strchr(at, '\n');
        if (at)
            *at++ = '\0';
    }
    words[count] = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    union settings settings;
    struct option_fault fault;
    char *words[WORDS_MAX + 1];
    if (size == 0)
        return 0;
    const struct usage *usage = usages[data[0] % USAGES];
    char *text = malloc(size); /* of exactly this size, so that one byte beyond is noticed */
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    split(text, words);
    memset(&fault, 0xa5, sizeof fault);
    enum option_end end = option_parse(usage, words, &settings, &fault);
    if (end == OPTION_END_OK)
        check_taken(usage, &settings);
    if (end == OPTION_END_FAULT)
        check_said(usage, &fault);
    free(text);
    return 0;
}
