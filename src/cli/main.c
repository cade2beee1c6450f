#include "base/status.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/nearest.h"
#include "os/os.h"
#include "plan/say.h"
#include "report/publish.h"
#include "version.h"

#include <string.h>

#define PATH_BYTES 4096

/* Checked before anything starts: a report that cannot be written would be missing at the end. */
static bool can_write(const struct setting_texts *reports)
{
    for (size_t i = 0; i < reports->count; i++) {
        struct error error = publish_check(reports->items[i]);
        if (error.code) {
            say_error(&error, reports->items[i]);
            return false;
        }
    }
    return true;
}

/* Makes the reports' paths absolute, because guards leave their caller's folder. False if a report
 * has no absolute path. */
static bool anchor(struct setting_texts *reports)
{
    static char paths[SETTINGS_REPORTS][PATH_BYTES];
    for (size_t i = 0; i < reports->count; i++) {
        if (!os_path_anchor(reports->items[i], paths[i], PATH_BYTES))
            return false;
        if (paths[i][0] != '\0')
            reports->items[i] = paths[i];
    }
    return true;
}

static int start_run(union settings *settings)
{
    settings->run.stays_in_folder = !anchor(&settings->run.reports);
    return run_command(&settings->run);
}

static int start_watch(union settings *settings)
{
    if (!can_write(&settings->watch.reports))
        return STATUS_FAILURE;
    settings->watch.stays_in_folder = !anchor(&settings->watch.reports);
    return watch_command(&settings->watch);
}

static int start_kill(union settings *settings)
{
    return can_write(&settings->kill.reports) ? kill_command(&settings->kill) : STATUS_FAILURE;
}

static int start_tree(union settings *settings)
{
    return tree_command(&settings->tree);
}

static int start_doctor(union settings *settings)
{
    return doctor_command(&settings->doctor);
}

static int (*const starts[])(union settings *) = {start_run, start_watch, start_kill, start_tree,
                                                  start_doctor};
static const struct usage *const usages[] = {&usage_run, &usage_watch, &usage_kill, &usage_tree,
                                             &usage_doctor};
#define COMMAND_COUNT (sizeof usages / sizeof *usages)

static int print_version(void)
{
    struct output output;
    output_open(&output);
    sink_text(&output.sink, "treefall " TREEFALL_VERSION "\n");
    return output_close(&output, 0);
}

static int print_help(const struct usage *usage)
{
    struct output output;
    output_open(&output);
    if (usage)
        help_print(usage, &output);
    else
        help_print_all(usages, COMMAND_COUNT, &output);
    return output_close(&output, 0);
}

static int say_fault(const struct option_fault *fault, const struct usage *usage)
{
    struct say line;
    say_begin_for(&line, usage->name);
    option_fault_write(fault, usage, &line.sink);
    say_end(&line);
    return STATUS_FAILURE;
}

static int say_unknown(const char *word)
{
    struct nearest nearest = {0};
    struct say line;
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        nearest_weigh(&nearest, word, strlen(word), usages[i]->name);
    nearest_weigh(&nearest, word, strlen(word), "--help");
    nearest_weigh(&nearest, word, strlen(word), "--version");
    say_begin(&line);
    sink_text(&line.sink, *word == '-' ? "unknown option " : "unknown subcommand ");
    sink_escaped(&line.sink, SINK_PLAIN, word, 80);
    if (nearest.name) {
        sink_text(&line.sink, "; did you mean ");
        sink_text(&line.sink, nearest.name);
        sink_text(&line.sink, "?");
    }
    sink_text(&line.sink, nearest.name ? " See treefall --help." : ". See treefall --help.");
    say_end(&line);
    return STATUS_FAILURE;
}

/* The index of a subcommand, or COMMAND_COUNT. */
static size_t find(const char *name)
{
    size_t i = 0;
    while (i < COMMAND_COUNT && strcmp(usages[i]->name, name) != 0)
        i++;
    return i;
}

static int start(size_t index, char **words)
{
    static union settings settings; /* the guards keep pointers to it */
    struct option_fault fault = {0};
    switch (option_parse(usages[index], words, &settings, &fault)) {
    case OPTION_END_OK:
        return starts[index](&settings);
    case OPTION_END_HELP:
        return print_help(usages[index]);
    case OPTION_END_VERSION:
        return print_version();
    case OPTION_END_FAULT:
        return say_fault(&fault, usages[index]);
    }
    return STATUS_FAILURE;
}

static int help_about(const char *name)
{
    if (!name)
        return print_help(NULL);
    size_t index = find(name);
    return index < COMMAND_COUNT ? print_help(usages[index]) : say_unknown(name);
}

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

static int call(char **argv)
{
    static const char *const helps[] = {"help", "--help", "-h", NULL};
    static const char *const versions[] = {"version", "--version", NULL};
    if (!argv || !argv[0] || !argv[1]) {
        say_line("no subcommand was given. See treefall --help.");
        return STATUS_FAILURE;
    }
    if (is_one_of(argv[1], helps))
        return help_about(argv[2]);
    if (is_one_of(argv[1], versions))
        return print_version();
    size_t index = find(argv[1]);
    return index < COMMAND_COUNT ? start(index, argv + 2) : say_unknown(argv[1]);
}

int main(int argc, char **argv)
{
    struct error error = os_streams_hold();
    os_limits_raise();
    if (!error.code)
        return call(os_words(argc, argv));
    say_error(&error, NULL);
    return STATUS_FAILURE;
}
