/* The options of a subcommand. A table describes them, and option_parse fills the settings from it.
 * No allocation and no output; values point into the words. */
#ifndef TREEFALL_CLI_OPTION_H
#define TREEFALL_CLI_OPTION_H

#include "base/sink.h"
#include "plan/settings.h"

enum option_kind {
    OPTION_FLAG,       /* bool: becomes true */
    OPTION_NO_FLAG,    /* bool: becomes false */
    OPTION_DURATION,   /* int64_t ms, not 0 */
    OPTION_BUDGET,     /* int64_t ms, 0 = at once */
    OPTION_COUNT,      /* int64_t, not 0 */
    OPTION_PID,        /* int32_t */
    OPTION_SIGNAL,     /* int */
    OPTION_TEXT,       /* const char * */
    OPTION_TEXTS,      /* struct setting_texts, at most `limit` */
    OPTION_WORD,       /* an enum: the index in `words` */
    OPTION_YES_NO,     /* bool */
    OPTION_ROUTES,     /* uint32_t, one bit for each route */
    OPTION_MAP_SIGNAL, /* struct setting_maps, at most `limit` */
    OPTION_MAP_STATUS, /* the same */
    OPTION_CALLER,     /* struct setting_caller */
    OPTION_KIND_COUNT
};

struct option {
    const char *heading; /* of the group in --help that begins here, or NULL */
    const char *name;    /* without the dashes */
    char letter;         /* of the short form, or 0 */
    enum option_kind kind;
    size_t offset;     /* of the field in the settings */
    const char *value; /* the value's name in --help; NULL = takes none */
    const char *help;
    size_t limit;
    const char *const *words;
    bool (*is_there)(void); /* whether this system has it; NULL = always. --help omits it if not */
};

enum operand_kind {
    OPERAND_NONE,
    OPERAND_PID,     /* one, anywhere among the options */
    OPERAND_COMMAND, /* the first word that is not an option, and all words after it */
};

/* A subcommand, for the parser and for --help. */
struct usage {
    const char *name;
    const char *operand; /* its name in --help; NULL = none */
    const char *summary;
    const char *notes; /* printed at the end of --help, with its line breaks */
    const struct option *options;
    size_t option_count;
    enum operand_kind operand_kind;
    size_t operand_offset;
    const void *defaults; /* settings of this subcommand */
    size_t settings_bytes;
    /* Checks the options together. Returns a complaint, or NULL. */
    const char *(*check)(const union settings *settings);
};

enum option_fault_kind {
    FAULT_UNKNOWN,         /* `word` is no option; `nearest` may be the intended one */
    FAULT_VALUE_MISSING,   /* `option` needs a value */
    FAULT_VALUE_UNWANTED,  /* `option` takes no value */
    FAULT_VALUE,           /* `value` of `option`: see `clause` */
    FAULT_OPERAND,         /* `word` as the operand: see `clause` */
    FAULT_OPERAND_MISSING, /* */
    FAULT_OPERAND_EXTRA,   /* `word` is unexpected */
    FAULT_TOGETHER,        /* `clause` */
};

struct option_fault {
    enum option_fault_kind kind;
    const struct option *option;
    const char *word;
    size_t word_length;
    const char *value;
    const char *clause;  /* "is negative" */
    const char *nearest; /* the name of an option, or NULL */
};

enum option_end { OPTION_END_OK, OPTION_END_HELP, OPTION_END_VERSION, OPTION_END_FAULT };

/* Starts from the defaults. `words` is NULL-terminated. `fault` is filled for OPTION_END_FAULT. */
enum option_end option_parse(const struct usage *usage, char **words, union settings *settings,
                             struct option_fault *fault);

bool option_is_there(const struct option *option);

/* --help and --version, which every subcommand has. */
extern const struct option option_common[];
extern const size_t option_common_count;

/* option_value.c: stores `value` in the field. Returns a clause that says what is wrong, or
 * NULL. */
const char *option_store(const struct option *option, const char *value, void *field);
extern const char option_too_many[]; /* the clause for a list that is full */
const char *option_store_pid(const char *value, int32_t *out);

/* option_fault.c: writes the message for a fault, without a newline. */
void option_fault_write(const struct option_fault *fault, const struct usage *usage,
                        struct sink *sink);

#endif
