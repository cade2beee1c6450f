/* What the Windows side shares: Win32 under our own names, and text conversion in both directions.
 * Everywhere else paths and names are UTF-8. */
#ifndef TREEFALL_OS_WINDOWS_WIN_H
#define TREEFALL_OS_WINDOWS_WIN_H

/* Included before Win32, which defines some of its names as macros. */
#include "os/os.h"

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#undef ERROR_NOT_FOUND
#undef ERROR_TIMEOUT

#define WIN_PATH_CHARS 4096

/* GetLastError() as an error: ERROR_DENIED, ERROR_NO_MEMORY or ERROR_SYSTEM. */
struct error win_failed(const char *what, const char *advice);
/* False if it does not fit or is not UTF-8. */
bool win_wide(const char *text, wchar_t *out, size_t capacity);
bool win_utf8(const wchar_t *text, char *out, size_t capacity);
/* Appends `bytes` random bytes, at most 16, as hexadecimal digits. */
void win_append_random(wchar_t *text, size_t bytes);
/* A path that may be longer than 260 characters, whatever the program's manifest says. */
bool win_path(const char *path, wchar_t *out);
/* The same for a folder: names that are appended to it are taken literally. */
bool win_path_as_it_is(const char *path, wchar_t *out);
/* INVALID_HANDLE_VALUE on failure. */
HANDLE win_open_to_ask(const wchar_t *path);
/* Whether two handles refer to the same file or folder. False if one is not open. */
bool win_is_same_file(HANDLE a, HANDLE b);
/* A function that not every Windows version has; NULL = missing. */
void (*win_function(const wchar_t *library, const char *name))(void);
/* 100 ns since 1601, as one number. */
uint64_t win_time(FILETIME time);

#endif
