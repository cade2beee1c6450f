/* The options of a subcommand: a table says what there is, option_parse fills the settings from it.
 * No allocation, nothing is printed; values point into the words. */
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
    OPTION_TEXTS,      /* struct setting_texts, `limit` at most */
    OPTION_WORD,       /* an enum: the index in `words` */
    OPTION_YES_NO,     /* bool */
    OPTION_ROUTES,     /* uint32_t, a bit for each route */
    OPTION_MAP_SIGNAL, /* struct setting_maps, `limit` at most */
    OPTION_MAP_STATUS, /* the same */
    OPTION_CALLER,     /* struct setting_caller */
    OPTION_KIND_COUNT
};

struct option {
    const char *heading; /* of the group in --help that starts here, or NULL */
    const char *name;    /* without the dashes */
    char letter;         /* of the short form, or 0 */
    enum option_kind kind;
    size_t offset;     /* of the field in the settings */
    const char *value; /* how --help calls the value; NULL = takes none */
    const char *help;
    size_t limit;
    const char *const *words;
    bool (*is_there)(void); /* on this system; NULL = on all. If not, --help does not tell it */
};

enum operand_kind {
    OPERAND_NONE,
    OPERAND_PID,     /* one, anywhere among the options */
    OPERAND_COMMAND, /* the first word that is no option, and all that follow it */
};

/* A subcommand as the parser and --help see it. */
struct usage {
    const char *name;
    const char *operand; /* how --help calls it; NULL = none */
    const char *summary;
    const char *notes; /* what --help says at the end; lines are kept */
    const struct option *options;
    size_t option_count;
    enum operand_kind operand_kind;
    size_t operand_offset;
    const void *defaults; /* settings of this subcommand */
    size_t settings_bytes;
    /* Looks at the options together; a complaint, or NULL. */
    const char *(*check)(const union settings *settings);
};

enum option_fault_kind {
    FAULT_UNKNOWN,         /* `word` is no option; `nearest` may be one */
    FAULT_VALUE_MISSING,   /* of `option` */
    FAULT_VALUE_UNWANTED,  /* `option` takes none */
    FAULT_VALUE,           /* `value` of `option`: see `clause` */
    FAULT_OPERAND,         /* `word` as the operand: see `clause` */
    FAULT_OPERAND_MISSING, /* */
    FAULT_OPERAND_EXTRA,   /* `word` is not expected */
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

/* option_value.c: stores `value` in the field; a clause that says what is wrong, or NULL. */
const char *option_store(const struct option *option, const char *value, void *field);
extern const char option_too_many[]; /* the clause for a list that is full */
const char *option_store_pid(const char *value, int32_t *out);

/* option_fault.c: the line for a fault, without a newline. */
void option_fault_write(const struct option_fault *fault, const struct usage *usage,
                        struct sink *sink);

#endif
