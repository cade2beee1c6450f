#include "cli/option.h"

#include "cli/nearest.h"

#include <string.h>

const struct option option_common[] = {
    {.name = "help", .letter = 'h', .help = "print this and exit"},
    {.name = "version", .help = "print the version and exit"},
};
const size_t option_common_count = sizeof option_common / sizeof *option_common;

enum step { STEP_ON, STEP_HELP, STEP_VERSION, STEP_FAULT, STEP_END };

struct parse {
    const struct usage *usage;
    char **words; /* the next one */
    union settings *settings;
    struct option_fault *fault;
    bool operand_seen;
};

static void *field_at(const struct parse *parse, size_t offset)
{
    return (char *)parse->settings + offset;
}

static enum step fail(struct parse *parse, struct option_fault fault)
{
    *parse->fault = fault;
    return STEP_FAULT;
}

bool option_is_there(const struct option *option)
{
    return !option->is_there || option->is_there();
}

/* ---- finding an option ---------------------------------------------------------------------- */

static bool is_named(const struct option *option, const char *name, size_t length)
{
    return strlen(option->name) == length && memcmp(option->name, name, length) == 0;
}

static const struct option *by_name(const struct usage *usage, const char *name, size_t length)
{
    for (size_t i = 0; i < usage->option_count; i++)
        if (is_named(&usage->options[i], name, length))
            return &usage->options[i];
    for (size_t i = 0; i < option_common_count; i++)
        if (is_named(&option_common[i], name, length))
            return &option_common[i];
    return NULL;
}

static const struct option *by_letter(const struct usage *usage, char letter)
{
    for (size_t i = 0; i < usage->option_count; i++)
        if (usage->options[i].letter == letter)
            return &usage->options[i];
    for (size_t i = 0; i < option_common_count; i++)
        if (option_common[i].letter == letter)
            return &option_common[i];
    return NULL;
}

static const char *nearest_name(const struct usage *usage, const char *name, size_t length)
{
    struct nearest nearest = {0};
    for (size_t i = 0; i < usage->option_count; i++)
        if (option_is_there(&usage->options[i]))
            nearest_weigh(&nearest, name, length, usage->options[i].name);
    for (size_t i = 0; i < option_common_count; i++)
        nearest_weigh(&nearest, name, length, option_common[i].name);
    return nearest.name;
}

/* ---- taking one ----------------------------------------------------------------------------- */

static enum step take_common(const struct option *option)
{
    return option == &option_common[0] ? STEP_HELP : STEP_VERSION;
}

static bool is_common(const struct option *option)
{
    return option >= option_common && option < option_common + option_common_count;
}

/* `value` is what was attached to the option, or NULL: then the next word is used. A word that
 * looks like a long option is taken as an option, not as a value. */
static enum step take_value(struct parse *parse, const struct option *option, const char *value)
{
    if (!value && *parse->words && strncmp(*parse->words, "--", 2) != 0)
        value = *parse->words++;
    if (!value)
        return fail(parse, (struct option_fault){.kind = FAULT_VALUE_MISSING, .option = option});
    const char *clause = option_store(option, value, field_at(parse, option->offset));
    if (!clause)
        return STEP_ON;
    return fail(parse,
                (struct option_fault){
                    .kind = FAULT_VALUE, .option = option, .value = value, .clause = clause});
}

static enum step take_flag(struct parse *parse, const struct option *option)
{
    if (is_common(option))
        return take_common(option);
    *(bool *)field_at(parse, option->offset) = option->kind == OPTION_FLAG;
    return STEP_ON;
}

static enum step take_long(struct parse *parse, const char *word)
{
    const char *name = word + 2;
    size_t length = strcspn(name, "=");
    const char *value = name[length] == '=' ? name + length + 1 : NULL;
    const struct option *option = by_name(parse->usage, name, length);
    if (!option)
        return fail(parse,
                    (struct option_fault){.kind = FAULT_UNKNOWN,
                                          .word = word,
                                          .word_length = length + 2,
                                          .nearest = nearest_name(parse->usage, name, length)});
    if (option->value)
        return take_value(parse, option, value);
    if (value)
        return fail(parse, (struct option_fault){.kind = FAULT_VALUE_UNWANTED, .option = option});
    return take_flag(parse, option);
}

/* -vg is -v -g; -k5s is -k 5s. */
static enum step take_letters(struct parse *parse, const char *word)
{
    enum step step = STEP_ON;
    for (const char *at = word + 1; *at != '\0' && step == STEP_ON; at++) {
        const struct option *option = by_letter(parse->usage, *at);
        if (!option)
            return fail(parse, (struct option_fault){.kind = FAULT_UNKNOWN,
                                                     .word = word,
                                                     .word_length = strlen(word)});
        if (option->value)
            return take_value(parse, option, at[1] != '\0' ? at + 1 : NULL);
        step = take_flag(parse, option);
    }
    return step;
}

/* ---- operands ------------------------------------------------------------------------------- */

static enum step take_operand(struct parse *parse, char **word)
{
    const struct usage *usage = parse->usage;
    struct option_fault fault = {
        .kind = FAULT_OPERAND_EXTRA, .word = *word, .word_length = strlen(*word)};
    if (usage->operand_kind == OPERAND_NONE || parse->operand_seen)
        return fail(parse, fault);
    parse->operand_seen = true;
    if (usage->operand_kind == OPERAND_COMMAND) {
        *(char ***)field_at(parse, usage->operand_offset) = word;
        return STEP_END;
    }
    fault.kind = FAULT_OPERAND;
    fault.clause = option_store_pid(*word, field_at(parse, usage->operand_offset));
    return fault.clause ? fail(parse, fault) : STEP_ON;
}

static enum step take_operands(struct parse *parse)
{
    enum step step = STEP_ON;
    while (step == STEP_ON && *parse->words)
        step = take_operand(parse, parse->words++);
    return step == STEP_ON ? STEP_END : step;
}

static enum step take_word(struct parse *parse)
{
    char **word = parse->words;
    if (!*word)
        return STEP_END;
    parse->words++;
    if (strcmp(*word, "--") == 0)
        return take_operands(parse);
    if (strncmp(*word, "--", 2) == 0)
        return take_long(parse, *word);
    if (**word == '-' && (*word)[1] != '\0')
        return take_letters(parse, *word);
    return take_operand(parse, word);
}

static enum step check_whole(struct parse *parse)
{
    const struct usage *usage = parse->usage;
    if (usage->operand_kind != OPERAND_NONE && !parse->operand_seen)
        return fail(parse, (struct option_fault){.kind = FAULT_OPERAND_MISSING});
    const char *clause = usage->check ? usage->check(parse->settings) : NULL;
    if (clause)
        return fail(parse, (struct option_fault){.kind = FAULT_TOGETHER, .clause = clause});
    return STEP_END;
}

enum option_end option_parse(const struct usage *usage, char **words, union settings *settings,
                             struct option_fault *fault)
{
    struct parse parse = {.usage = usage, .words = words, .settings = settings, .fault = fault};
    enum step step = STEP_ON;
    memcpy(settings, usage->defaults, usage->settings_bytes);
    while (step == STEP_ON)
        step = take_word(&parse);
    if (step == STEP_END)
        step = check_whole(&parse);
    if (step == STEP_END)
        return OPTION_END_OK;
    if (step == STEP_FAULT)
        return OPTION_END_FAULT;
    return step == STEP_HELP ? OPTION_END_HELP : OPTION_END_VERSION;
}
