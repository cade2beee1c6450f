/* What the Windows side shares: Win32 behind our own names, and text on both ways. Paths and names
 * are UTF-8 everywhere else. */
#ifndef TREEFALL_OS_WINDOWS_WIN_H
#define TREEFALL_OS_WINDOWS_WIN_H

/* Before Win32, which has macros of some of its names. */
#include "os/os.h"

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#undef ERROR_NOT_FOUND
#undef ERROR_TIMEOUT

#define WIN_PATH_CHARS 4096

/* GetLastError() as an error: ERROR_DENIED, ERROR_NO_MEMORY or ERROR_SYSTEM. */
struct error win_failed(const char *what, const char *advice);
/* False when it does not fit or is no UTF-8. */
bool win_wide(const char *text, wchar_t *out, size_t capacity);
bool win_utf8(const wchar_t *text, char *out, size_t capacity);
/* `bytes` random bytes, 16 at most, as hexadecimal digits. */
void win_append_random(wchar_t *text, size_t bytes);
/* A path that may be longer than 260 characters, whatever the program's manifest says. */
bool win_path(const char *path, wchar_t *out);
/* The same, for a folder: whatever is appended to it is taken as it is written. */
bool win_path_as_it_is(const char *path, wchar_t *out);
/* INVALID_HANDLE_VALUE when there is none. */
HANDLE win_open_to_ask(const wchar_t *path);
/* Whether two open files, or folders, are one; false for one that is not open. */
bool win_is_same_file(HANDLE a, HANDLE b);
/* A function that not every Windows has; NULL = it has not. */
void (*win_function(const wchar_t *library, const char *name))(void);
/* 100 ns since 1601, as one number. */
uint64_t win_time(FILETIME time);

#endif
