/* A command line as it is built, word by word. */
#ifndef TREEFALL_OS_WINDOWS_WORDS_H
#define TREEFALL_OS_WINDOWS_WORDS_H

#include "os/windows/win.h"

#define WORDS_CHARS 32767 /* the system's own limit */

struct words {
    size_t used;
    wchar_t text[WORDS_CHARS];
};

/* False if there is no more room. */
bool words_put(struct words *words, wchar_t letter);
/* Adds one word, quoted if necessary, or always. */
bool words_add(struct words *words, const wchar_t *word, bool always_quoted);

#endif
