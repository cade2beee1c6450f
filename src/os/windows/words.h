/* A command line as it is built, word by word. */
#ifndef TREEFALL_OS_WINDOWS_WORDS_H
#define TREEFALL_OS_WINDOWS_WORDS_H

#include "os/windows/win.h"

#define WORDS_CHARS 32767 /* the system's own limit */

struct words {
    size_t used;
    wchar_t text[WORDS_CHARS];
};

/* False when there is no more room. */
bool words_put(struct words *words, wchar_t letter);
/* One word, quoted where it has to be, or always. */
bool words_add(struct words *words, const wchar_t *word, bool always_quoted);

#endif
