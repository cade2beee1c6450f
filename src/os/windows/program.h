/* Which file a command's first word means, and how it is started. */
#ifndef TREEFALL_OS_WINDOWS_PROGRAM_H
#define TREEFALL_OS_WINDOWS_PROGRAM_H

#include "os/windows/words.h"

struct program {
    wchar_t path[WIN_PATH_CHARS];
    bool is_batch; /* cmd.exe reads it */
};

/* As a shell would: the endings of PATHEXT, and the folders of PATH where the word names no folder;
 * the folder of treefall itself is not searched. */
struct error program_find(const char *word, struct program *out);
/* The command line for it. ERROR_USAGE: cmd.exe would take one of the words apart. */
struct error program_line(const struct program *program, char *const *argv, struct words *out);

#endif
