#include "cli/usage.h"
#include "os/child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define WORDS(...) ((char *[]){__VA_ARGS__, NULL})
#define NO_WORDS   ((char *[]){NULL})

static const struct usage *const usages[] = {&usage_run, &usage_watch, &usage_kill, &usage_tree,
                                             &usage_doctor};
static union settings settings;
static struct option_fault fault;
static char line[2048];

static enum option_end parse(const struct usage *usage, char **words)
{
    memset(&settings, 0xa5, sizeof settings);
    return option_parse(usage, words, &settings, &fault);
}

static void assert_taken(const struct usage *usage, char **words)
{
    enum option_end end = parse(usage, words);
    if (end == OPTION_END_FAULT) {
        struct sink sink = {.buffer = line, .capacity = sizeof line - 1};
        memset(line, 0, sizeof line);
        option_fault_write(&fault, usage, &sink);
        fail_msg("%s: %s", usage->name, line);
    }
    assert_int_equal(end, OPTION_END_OK);
}

static void assert_said(const struct usage *usage, char **words, const char *part)
{
    struct sink sink = {.buffer = line, .capacity = sizeof line - 1};
    memset(line, 0, sizeof line);
    assert_int_equal(parse(usage, words), OPTION_END_FAULT);
    option_fault_write(&fault, usage, &sink);
    if (!strstr(line, part))
        fail_msg("'%s' is not in: %s", part, line);
    assert_null(strchr(line, '\n'));
    assert_non_null(strstr(line, " --help."));
}

/* ---- the words ------------------------------------------------------------------------------- */

static void defaults_are_filled_in(void **state)
{
    (void)state;
    assert_taken(&usage_run, WORDS("true"));
    assert_int_equal(settings.run.timeout_ms, 0);
    assert_int_equal(settings.run.plan.grace_ms, 10000);
    assert_int_equal(settings.run.plan.exit_grace_ms, SETTINGS_EXIT_GRACE_MS);
    assert_int_equal(settings.run.plan.kill_delay_ms, 3000);
    assert_int_equal(settings.run.plan.startup_grace_ms, 30000);
    assert_int_equal(settings.run.plan.signal, SIGTERM);
    assert_true(settings.run.plan.hold_when_stopped);
    assert_true(settings.run.plan.fall_on_exit);
    assert_false(settings.run.notify);
    assert_int_equal(settings.run.caller.choice, CALLER_PARENT);
    assert_int_equal(settings.run.sentinel_loss, SENTINEL_LOSS_FALL);
    assert_int_equal(settings.run.plan.without, 0);
    assert_null(settings.run.heartbeat);
    assert_int_equal(settings.run.reports.count, 0);
}

static void the_command_is_what_follows_the_options(void **state)
{
    (void)state;
    char **words = WORDS("-v", "sleep", "--help", "-3");
    assert_taken(&usage_run, words);
    assert_ptr_equal(settings.run.command, words + 1);
    assert_true(settings.run.verbose);
    words = WORDS("--", "--odd", "x");
    assert_taken(&usage_run, words);
    assert_ptr_equal(settings.run.command, words + 1);
    words = WORDS("cat", "--", "x");
    assert_taken(&usage_run, words);
    assert_ptr_equal(settings.run.command, words);
    words = WORDS("-", "x");
    assert_taken(&usage_run, words);
    assert_ptr_equal(settings.run.command, words);
}

static void values_come_in_four_forms(void **state)
{
    (void)state;
    assert_taken(&usage_run, WORDS("--timeout=3s", "x"));
    assert_int_equal(settings.run.timeout_ms, 3000);
    assert_taken(&usage_run, WORDS("--timeout", "3s", "x"));
    assert_int_equal(settings.run.timeout_ms, 3000);
    assert_taken(&usage_run, WORDS("-t", "3s", "x"));
    assert_int_equal(settings.run.timeout_ms, 3000);
    assert_taken(&usage_run, WORDS("-t3s", "x"));
    assert_int_equal(settings.run.timeout_ms, 3000);
    assert_taken(&usage_run, WORDS("--heartbeat=--odd=name", "x"));
    assert_string_equal(settings.run.heartbeat, "--odd=name");
}

static void letters_can_be_joined(void **state)
{
    (void)state;
    assert_taken(&usage_run, WORDS("-vgk2s", "-sINT", "x"));
    assert_true(settings.run.verbose);
    assert_true(settings.run.plan.group);
    assert_int_equal(settings.run.plan.grace_ms, 2000);
    assert_int_equal(settings.run.plan.signal, SIGINT);
}

static void the_last_word_counts(void **state)
{
    (void)state;
    assert_taken(&usage_run, WORDS("--grace", "1s", "--kill-after", "0", "x"));
    assert_int_equal(settings.run.plan.grace_ms, 0);
}

static void a_pid_stands_anywhere(void **state)
{
    (void)state;
    assert_taken(&usage_kill, WORDS("4711", "--dry-run", "--grace=0"));
    assert_int_equal(settings.kill.pid, 4711);
    assert_true(settings.kill.dry_run);
    assert_taken(&usage_kill, WORDS("-n", "--", "2147483647"));
    assert_int_equal(settings.kill.pid, INT32_MAX);
    assert_taken(&usage_watch, WORDS("--pid", "7", "--detach"));
    assert_int_equal(settings.watch.pid, 7);
    assert_int_equal(settings.watch.plan.startup_grace_ms, SETTINGS_WATCH_STARTUP_GRACE_MS);
}

/* ---- the values ------------------------------------------------------------------------------ */

static void lists_grow_and_maps_are_replaced(void **state)
{
    (void)state;
    assert_taken(&usage_run, WORDS("--keep", "a*", "--keep=b", "--map-signal", "TERM=KILL",
                                   "--map-signal=15=0", "--map-signal", "kill=SIGINT",
                                   "--map-status", "143=0", "--map-status=0=255", "x"));
    assert_int_equal(settings.run.keep.count, 2);
    assert_string_equal(settings.run.keep.items[1], "b");
    assert_int_equal(settings.run.map_signal.count, 2);
    assert_int_equal(settings.run.map_signal.items[0].from, SIGTERM);
    assert_int_equal(settings.run.map_signal.items[0].to, 0);
    assert_int_equal(settings.run.map_signal.items[1].to, SIGINT);
    assert_int_equal(settings.run.map_status.count, 2);
    assert_int_equal(settings.run.map_status.items[1].to, 255);
}

/* As many as the system's processes can end with. */
static void statuses_are_the_systems(void **state)
{
    char pair[64];
    unsigned most = os_status_most();
    (void)state;
    snprintf(pair, sizeof pair, "%u=0x%X", most, most - 5);
    assert_taken(&usage_run, WORDS("--map-status", pair, "--map-status=0X0a=007", "x"));
    assert_int_equal(settings.run.map_status.items[0].from, most);
    assert_int_equal(settings.run.map_status.items[0].to, most - 5);
    assert_int_equal(settings.run.map_status.items[1].from, 10);
    assert_int_equal(settings.run.map_status.items[1].to, 7);
}

static void routes_become_bits(void **state)
{
    (void)state;
    assert_taken(&usage_run, WORDS("--without", "brand,cgroup", "--without=wire", "x"));
    assert_int_equal(settings.run.plan.without,
                     1U << ROUTE_BRAND | 1U << ROUTE_CGROUP | 1U << ROUTE_WIRE);
}

static void a_caller_is_a_word_or_a_pid(void **state)
{
    (void)state;
    assert_taken(&usage_run, WORDS("--caller", "session", "x"));
    assert_int_equal(settings.run.caller.choice, CALLER_SESSION);
    assert_taken(&usage_run, WORDS("--caller=4711", "x"));
    assert_int_equal(settings.run.caller.choice, CALLER_PROCESS);
    assert_int_equal(settings.run.caller.pid, 4711);
}

static void choices_and_flags(void **state)
{
    (void)state;
    assert_taken(&usage_run,
                 WORDS("--caller", "none", "--on-sentinel-loss=replace", "--hold-when-stopped",
                       "no", "--no-fall-on-exit", "--max-procs=64", "x"));
    assert_int_equal(settings.run.caller.choice, CALLER_NONE);
    assert_int_equal(settings.run.sentinel_loss, SENTINEL_LOSS_REPLACE);
    assert_false(settings.run.plan.hold_when_stopped);
    assert_false(settings.run.plan.fall_on_exit);
    assert_int_equal(settings.run.max_processes, 64);
}

static bool never(void)
{
    return false;
}

/* Whoever uses one that this system has not is told so by what would do it. */
static void an_option_that_is_not_there_is_taken_and_not_named(void **state)
{
    static const struct run_settings none;
    static const struct option options[] = {
        {.name = "present", .offset = offsetof(struct run_settings, plan.group)},
        {.name = "absent", .offset = offsetof(struct run_settings, isolate), .is_there = never}};
    static const struct usage usage = {.name = "run",
                                       .options = options,
                                       .option_count = USAGE_COUNT(options),
                                       .defaults = &none,
                                       .settings_bytes = sizeof none};
    (void)state;
    assert_true(option_is_there(&options[0]));
    assert_false(option_is_there(&options[1]));
    assert_taken(&usage, WORDS("--absent"));
    assert_true(settings.run.isolate);
    assert_said(&usage, WORDS("--presen"), "did you mean --present?");
    assert_said(&usage, WORDS("--absen"), "unknown option --absen. See");
}

/* ---- the slips ------------------------------------------------------------------------------- */

static void unknown_options_name_the_nearest(void **state)
{
    (void)state;
    assert_said(&usage_run, WORDS("--tiemout", "3", "x"),
                "unknown option --tiemout; did you mean --timeout? See treefall run --help.");
    assert_said(&usage_run, WORDS("--hearbeat=f", "x"), "did you mean --heartbeat?");
    assert_said(&usage_run, WORDS("--helpp"), "did you mean --help?");
    assert_said(&usage_kill, WORDS("--dryrun", "5"), "did you mean --dry-run?");
    assert_said(&usage_run, WORDS("--frobnicate", "x"), "unknown option --frobnicate. See");
    assert_said(&usage_run, WORDS("-vz", "x"), "unknown option -vz");
    assert_said(&usage_run, WORDS("--time", "3", "x"), "unknown option --time"); /* no short cuts */
    assert_said(&usage_run, WORDS("--=3", "x"), "unknown option --");
    assert_said(&usage_doctor, WORDS("--timeout", "3"), "unknown option --timeout");
}

static void values_that_are_missing_or_unwanted(void **state)
{
    (void)state;
    assert_said(&usage_run, WORDS("--timeout"), "--timeout needs a value");
    assert_said(&usage_run, WORDS("-t"), "--timeout needs a value");
    assert_said(&usage_run, WORDS("--heartbeat", "--notify", "x"), "--heartbeat needs a value");
    assert_said(&usage_run, WORDS("--notify=1", "x"), "--notify takes no value");
    assert_said(&usage_run, WORDS("--timeout=", "x"), "--timeout '' is empty");
    assert_said(&usage_run, WORDS("--heartbeat=", "x"), "--heartbeat '' is empty");
    assert_said(&usage_run, WORDS("--keep", "", "x"), "--keep '' is empty");
    assert_said(&usage_run, WORDS("--help=1"), "--help takes no value");
}

static void durations_that_are_none(void **state)
{
    (void)state;
    assert_said(&usage_run, WORDS("-t", "0", "x"), "--timeout 0 would kill the tree at once");
    assert_said(&usage_run, WORDS("--kill-delay=0ms", "x"), "would kill the tree at once");
    assert_said(&usage_run, WORDS("-k", "-1", "x"), "--grace -1 is negative");
    assert_said(&usage_run, WORDS("-k", "nan", "x"), "is not a duration");
    assert_said(&usage_run, WORDS("-k", "5x", "x"), "has an unknown unit");
    assert_said(&usage_run, WORDS("-k", "99999999999999999999", "x"), "longer than 10 years");
}

static void other_values_that_are_none(void **state)
{
    (void)state;
    assert_said(&usage_run, WORDS("-s", "SIGFOO", "x"), "--signal SIGFOO is not a signal");
    assert_said(&usage_run, WORDS("-s", "0", "x"), "is not a signal");
    assert_said(&usage_run, WORDS("--max-procs", "0", "x"), "--max-procs 0 is not");
    assert_said(&usage_run, WORDS("--without", "brand,", "x"), "the routes are pidns,");
    assert_said(&usage_run, WORDS("--without", "", "x"), "contains an unknown route");
    assert_said(&usage_run, WORDS("--map-signal", "TERM", "x"), "is not a pair of signals");
    assert_said(&usage_run, WORDS("--map-signal", "0=TERM", "x"), "is not a pair of signals");
    assert_said(&usage_run, WORDS("--map-signal", "TERM=", "x"), "is not a pair of signals");
    assert_said(&usage_run, WORDS("--caller=die", "x"), "give a pid, session or none");
    assert_said(&usage_run, WORDS("--hold-when-stopped=1", "x"), "it takes yes|no");
}

static void statuses_that_are_none(void **state)
{
    static char *const words[] = {"=",    "3",     "-1=0", "0x=0",         "x8=0",
                                  "8A=0", "0xG=0", "1=",   "4294967296=0", "0=0x100000000"};
    char beyond[64];
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_said(&usage_run, WORDS("--map-status", words[i], "x"), "is not a pair of statuses");
    snprintf(beyond, sizeof beyond, "a status is 0 to %u. See", os_status_most());
    assert_said(&usage_run, WORDS("--map-status", "=", "x"), beyond);
    snprintf(beyond, sizeof beyond, "0x%llX=0", os_status_most() + 1ULL);
    assert_said(&usage_run, WORDS("--map-status", beyond, "x"), "is not a pair of statuses");
}

static void pids_that_are_none(void **state)
{
    (void)state;
    static char *const words[] = {
        "0", "2147483648", "99999999999999999999", "x", "", "1x", "+5", " 5", "5 ", "0x10"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_said(&usage_kill, WORDS(words[i]), "is not a pid");
    assert_said(&usage_kill, WORDS("--", "-5"), "-5 is not a pid");
    assert_said(&usage_kill, WORDS("-5"), "unknown option -5");
    assert_said(&usage_watch, WORDS("--pid=0"), "--pid 0 is not a pid");
}

static void lists_have_an_end(void **state)
{
    char *words[2 * 64 + 2] = {0};
    char pairs[64][16];
    (void)state;
    for (int i = 0; i <= SETTINGS_MAP_STATUS; i++) {
        snprintf(pairs[i], sizeof pairs[i], "%d=0", i);
        words[2 * i] = "--map-status";
        words[2 * i + 1] = pairs[i];
    }
    assert_said(&usage_run, words, "--map-status 32=0 is one too many: 32 are accepted");
    words[2 * SETTINGS_MAP_STATUS] = "x";
    words[2 * SETTINGS_MAP_STATUS + 1] = NULL;
    assert_taken(&usage_run, words);
    for (int i = 0; i <= SETTINGS_REPORTS; i++) {
        words[2 * i] = "--report";
        words[2 * i + 1] = "r.json";
    }
    assert_said(&usage_run, words, "is one too many: 8 are accepted");
}

static void operands_that_are_missing_or_extra(void **state)
{
    (void)state;
    assert_said(&usage_run, NO_WORDS, "no command was given");
    assert_said(&usage_run, WORDS("-v", "--"), "no command was given");
    assert_said(&usage_kill, WORDS("--json"), "no PID was given");
    assert_said(&usage_tree, WORDS("5", "6"), "unexpected argument 6");
    assert_said(&usage_doctor, WORDS("5"), "unexpected argument 5");
    assert_said(&usage_watch, WORDS("5"), "unexpected argument 5");
    assert_said(&usage_watch, WORDS("--json"), "no --pid N was given");
}

static void options_that_exclude_each_other(void **state)
{
    (void)state;
    assert_said(&usage_run, WORDS("--heartbeat=f", "--notify", "x"), "choose one");
    assert_said(&usage_run, WORDS("--foreground", "-g", "x"), "--foreground creates none");
}

static void what_is_shown_is_harmless_and_short(void **state)
{
    char word[4096];
    (void)state;
    assert_said(&usage_run, WORDS("--\033[31m\nx", "x"), "unknown option --?[31m?x");
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    assert_said(&usage_kill, WORDS(word), "...");
    assert_true(strlen(line) < 300);
}

static void help_and_version_come_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof usages / sizeof *usages; i++) {
        assert_int_equal(parse(usages[i], WORDS("--help")), OPTION_END_HELP);
        assert_int_equal(parse(usages[i], WORDS("-h")), OPTION_END_HELP);
        assert_int_equal(parse(usages[i], WORDS("--version")), OPTION_END_VERSION);
    }
    assert_int_equal(parse(&usage_run, WORDS("-vh", "--nonsense")), OPTION_END_HELP);
}

/* ---- the tables ------------------------------------------------------------------------------ */

static bool is_list(enum option_kind kind)
{
    return kind == OPTION_TEXTS || kind == OPTION_MAP_SIGNAL || kind == OPTION_MAP_STATUS;
}

static void assert_row(const struct usage *usage, const struct option *option)
{
    bool is_flag = option->kind == OPTION_FLAG || option->kind == OPTION_NO_FLAG;
    assert_true(is_flag == !option->value);
    assert_true(is_list(option->kind) == (option->limit > 0));
    assert_true((option->kind == OPTION_WORD) == (option->words != NULL));
    assert_true(option->offset < usage->settings_bytes);
    assert_true(option->limit <=
                (option->kind == OPTION_TEXTS ? SETTINGS_KEEP : SETTINGS_MAP_SIGNALS));
    for (const struct option *other = usage->options; other < option; other++) {
        assert_string_not_equal(other->name, option->name);
        assert_true(!option->letter || other->letter != option->letter);
    }
}

static void rows_are_whole_and_names_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof usages / sizeof *usages; i++) {
        const struct usage *usage = usages[i];
        assert_non_null(usage->options[0].heading);
        for (size_t j = 0; j < usage->option_count; j++)
            assert_row(usage, &usage->options[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_filled_in),
        cmocka_unit_test(the_command_is_what_follows_the_options),
        cmocka_unit_test(values_come_in_four_forms),
        cmocka_unit_test(letters_can_be_joined),
        cmocka_unit_test(the_last_word_counts),
        cmocka_unit_test(a_pid_stands_anywhere),
        cmocka_unit_test(lists_grow_and_maps_are_replaced),
        cmocka_unit_test(statuses_are_the_systems),
        cmocka_unit_test(routes_become_bits),
        cmocka_unit_test(a_caller_is_a_word_or_a_pid),
        cmocka_unit_test(choices_and_flags),
        cmocka_unit_test(an_option_that_is_not_there_is_taken_and_not_named),
        cmocka_unit_test(unknown_options_name_the_nearest),
        cmocka_unit_test(values_that_are_missing_or_unwanted),
        cmocka_unit_test(durations_that_are_none),
        cmocka_unit_test(other_values_that_are_none),
        cmocka_unit_test(statuses_that_are_none),
        cmocka_unit_test(pids_that_are_none),
        cmocka_unit_test(lists_have_an_end),
        cmocka_unit_test(operands_that_are_missing_or_extra),
        cmocka_unit_test(options_that_exclude_each_other),
        cmocka_unit_test(what_is_shown_is_harmless_and_short),
        cmocka_unit_test(help_and_version_come_first),
        cmocka_unit_test(rows_are_whole_and_names_unique),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
