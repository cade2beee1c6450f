#include "lib/locate.h"

#include "os/os.h"
#include "paths.h"

#include <stdlib.h>
#include <string.h>

#define NAME "treefall-sentinel"

static bool take(const char *from, char *path)
{
    if (!from || strlen(from) >= LOCATE_BYTES || !os_is_program(from))
        return false;
    strcpy(path, from);
    return true;
}

bool locate_sentinel(const char *given, char *path)
{
    char beside[LOCATE_BYTES];
    if (given)
        return take(given, path);
    if (getenv("TREEFALL_SENTINEL"))
        return take(getenv("TREEFALL_SENTINEL"), path);
    if (os_path_beside(NAME, beside, sizeof beside) && take(beside, path))
        return true;
    return take(TREEFALL_LIBEXEC "/" NAME, path);
}
