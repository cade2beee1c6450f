#include "lib/locate.h"

#include "os/os.h"
#include "paths.h"

#include <string.h>

#define NAME "treefall-sentinel"

static bool take(const char *from, char *path)
{
    return os_is_program(from) && !os_path_absolute(from, path, LOCATE_BYTES).code;
}

bool locate_sentinel(const char *given, char *path)
{
    char beside[LOCATE_BYTES];
    if (!given)
        given = os_setting("TREEFALL_SENTINEL");
    if (given)
        return take(given, path);
    if (os_path_beside(NAME, beside, sizeof beside) && take(beside, path))
        return true;
    return take(TREEFALL_LIBEXEC "/" NAME, path);
}
