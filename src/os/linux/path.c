#include "os/linux/path.h"

#include "base/text.h"
#include "os/os.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REMOVE_TRIES 3

bool path_append(char *path, size_t capacity, const char *part)
{
    size_t used = strlen(path);
    size_t length = strlen(part);
    if (length >= capacity - used)
        return false;
    memcpy(path + used, part, length + 1);
    return true;
}

bool path_append_number(char *path, size_t capacity, unsigned number)
{
    char digits[TEXT_DECIMAL_BYTES];
    text_decimal(digits, number);
    return path_append(path, capacity, digits);
}

void path_of_fd(char path[PATH_OF_FD_BYTES], int fd)
{
    path[0] = '\0';
    path_append(path, PATH_OF_FD_BYTES, "/proc/self/fd/");
    path_append_number(path, PATH_OF_FD_BYTES, (unsigned)fd);
}

bool path_append_random(char *path, size_t capacity, size_t bytes)
{
    unsigned char random[16];
    char text[2 * sizeof random + 1];
    os_random(random, bytes);
    text_hex_bytes(text, random, bytes);
    return path_append(path, capacity, text);
}

/* Retries a removal that failed for a passing reason, because otherwise the name would stay. */
bool path_remove(int folder, const char *name, int flags)
{
    for (int tries = 0; tries < REMOVE_TRIES; tries++)
        if (unlinkat(folder, name, flags) == 0)
            return true;
        else if (errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST)
            return false;
    return false;
}

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ? "" : name;
}

struct error os_path_absolute(const char *path, char *out, size_t capacity)
{
    static const char what[] = "resolve the path";
    out[0] = '\0';
    if (path[0] != '/' && !getcwd(out, capacity))
        return path_error(errno, what);
    if ((path[0] != '/' && !path_append(out, capacity, "/")) || !path_append(out, capacity, path))
        return path_error(ENAMETOOLONG, what);
    return ERROR_OK;
}

DIR *path_stream(int folder)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
    if (!stream && copy >= 0)
        close(copy);
    return stream;
}

/* The loader knows a program only by the name that it was called by, which is not a path. */
static bool path_of_code(char *path, size_t capacity)
{
    Dl_info here;
    if (dladdr((void *)(uintptr_t)os_path_beside, &here) && here.dli_fname &&
        here.dli_fname[0] == '/')
        return path_append(path, capacity, here.dli_fname);
    ssize_t length = readlink("/proc/self/exe", path, capacity - 1);
    path[length > 0 ? length : 0] = '\0';
    return length > 0;
}

bool os_path_beside(const char *name, char *path, size_t capacity)
{
    path[0] = '\0';
    if (!path_of_code(path, capacity))
        return false;
    strrchr(path, '/')[1] = '\0';
    return path_append(path, capacity, name);
}

bool os_is_program(const char *path)
{
    struct stat found;
    if (stat(path, &found) != 0)
        return false;
    if (S_ISREG(found.st_mode))
        return access(path, X_OK) == 0;
    errno = EACCES;
    return false;
}

const char *os_manual(void)
{
    return "treefall(1)";
}

const char *os_setting(const char *name)
{
    return secure_getenv(name);
}

struct error path_error(int os_code, const char *what)
{
    switch (os_code) {
    case 0:
        return ERROR_OK;
    case EACCES:
    case EPERM:
    case ELOOP:
        return error_make(ERROR_DENIED, os_code, what, "choose a path that you may write to");
    case EROFS:
        return error_make(ERROR_DENIED, os_code, what, "choose a path that is not read-only");
    case ENOENT:
    case ENOTDIR:
        return error_make(ERROR_NOT_FOUND, os_code, what, "create the folder first");
    case ENAMETOOLONG:
        return error_make(ERROR_USAGE, os_code, what, "choose a shorter path");
    case ENOSPC:
    case EDQUOT:
        return error_make(ERROR_SYSTEM, os_code, what, "free space on that disk");
    default:
        return error_make(ERROR_SYSTEM, os_code, what, NULL);
    }
}
