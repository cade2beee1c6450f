/* Which file the first word of a command means, and how it is started. */
#ifndef TREEFALL_OS_WINDOWS_PROGRAM_H
#define TREEFALL_OS_WINDOWS_PROGRAM_H

#include "os/windows/words.h"

struct program {
    wchar_t path[WIN_PATH_CHARS];
    bool is_batch; /* cmd.exe reads it */
};

/* Searches as a shell would: the endings of PATHEXT, and the folders of PATH if the word names no
 * folder. The folder of treefall itself is not searched. */
struct error program_find(const char *word, struct program *out);
/* Builds the command line. ERROR_USAGE if cmd.exe would misinterpret one of the words. */
struct error program_line(const struct program *program, char *const *argv, struct words *out);

#endif
