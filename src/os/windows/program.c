#include "os/windows/program.h"

#include <string.h>
#include <wchar.h>

#define VARIABLE_CHARS 32767
#define ENDINGS_CHARS  512

static const wchar_t *const usual_endings = L".COM;.EXE;.BAT;.CMD";
static const char *const what = "execute";

struct search {
    struct program *program;
    wchar_t word[WIN_PATH_CHARS];
    wchar_t endings[ENDINGS_CHARS];
    wchar_t folders[VARIABLE_CHARS];
    bool exists; /* something of that name exists, but is no program */
};

static bool ends_with(const wchar_t *text, const wchar_t *ending)
{
    size_t length = wcslen(text);
    size_t end = wcslen(ending);
    return length > end && _wcsicmp(text + length - end, ending) == 0;
}

static bool is_file(struct search *search)
{
    DWORD attributes = GetFileAttributesW(search->program->path);
    bool there = attributes != INVALID_FILE_ATTRIBUTES;
    search->exists |= there;
    return there && !(attributes & FILE_ATTRIBUTE_DIRECTORY);
}

static bool join(wchar_t *path, const wchar_t *folder, size_t length, const wchar_t *word,
                 const wchar_t *ending, size_t ending_length)
{
    const wchar_t *slash =
        length > 0 && folder[length - 1] != L'\\' && folder[length - 1] != L'/' ? L"\\" : L"";
    if (length + wcslen(word) + ending_length + 2 > WIN_PATH_CHARS)
        return false;
    swprintf(path, WIN_PATH_CHARS, L"%.*ls%ls%ls%.*ls", (int)length, folder, slash, word,
             (int)ending_length, ending);
    return true;
}

static bool find_in(struct search *search, const wchar_t *folder, size_t length)
{
    const wchar_t *dot = wcsrchr(search->word, L'.');
    bool has_ending = dot && !wcspbrk(dot, L"\\/");
    if (has_ending && join(search->program->path, folder, length, search->word, L"", 0) &&
        is_file(search))
        return true;
    for (const wchar_t *at = search->endings; *at;) {
        size_t ending = wcscspn(at, L";");
        if (ending > 0 && join(search->program->path, folder, length, search->word, at, ending) &&
            is_file(search))
            return true;
        at += ending + (at[ending] == L';');
    }
    return false;
}

static bool find_in_path(struct search *search)
{
    for (const wchar_t *at = search->folders; *at;) {
        size_t length = wcscspn(at, L";");
        bool quoted = length >= 2 && *at == L'"' && at[length - 1] == L'"';
        if (length > 0 && find_in(search, at + quoted, length - 2 * quoted))
            return true;
        at += length + (at[length] == L';');
    }
    return false;
}

static void read_variable(const wchar_t *name, wchar_t *value, DWORD capacity,
                          const wchar_t *otherwise)
{
    DWORD length = GetEnvironmentVariableW(name, value, capacity);
    if (length == 0 || length >= capacity)
        wcscpy(value, otherwise);
}

static struct error search_all(struct search *search)
{
    bool found;
    read_variable(L"PATHEXT", search->endings, ENDINGS_CHARS, usual_endings);
    read_variable(L"PATH", search->folders, VARIABLE_CHARS, L"");
    if (wcspbrk(search->word, L"\\/:"))
        found = find_in(search, L"", 0);
    else
        found = find_in(search, L".", 1) || find_in_path(search);
    if (found)
        return ERROR_OK;
    if (search->exists)
        return error_make(ERROR_DENIED, ERROR_BAD_EXE_FORMAT, what, NULL);
    return error_make(ERROR_NOT_FOUND, ERROR_FILE_NOT_FOUND, what, NULL);
}

/* As Windows does: "x.bat." means the batch file x.bat (CVE-2024-43402). */
static void trim(wchar_t *path)
{
    size_t length = wcslen(path);
    while (length > 0 && (path[length - 1] == L'.' || path[length - 1] == L' '))
        path[--length] = L'\0';
}

struct error program_find(const char *word, struct program *out)
{
    struct search *search = os_pages(sizeof *search);
    struct error error = error_make(ERROR_NOT_FOUND, ERROR_FILE_NOT_FOUND, what, NULL);
    if (!search)
        return win_failed(what, NULL);
    search->program = out;
    if (*word != '\0' && win_wide(word, search->word, WIN_PATH_CHARS))
        error = search_all(search);
    if (!error.code)
        trim(out->path);
    out->is_batch = !error.code && (ends_with(out->path, L".bat") || ends_with(out->path, L".cmd"));
    os_pages_free(search, sizeof *search);
    return error;
}

/* ---- the command line ---- */

/* cmd.exe replaces %NAME% even between quotes, and a quote within ends them (CVE-2024-24576). */
static bool is_safe_for_batch(const wchar_t *word)
{
    return !wcspbrk(word, L"\"%!\r\n");
}

static struct error too_long(void)
{
    return error_make(ERROR_DENIED, ERROR_FILENAME_EXCED_RANGE, what,
                      "the command line is longer than Windows accepts, or not UTF-8");
}

static bool begin_batch(struct words *out)
{
    wchar_t shell[MAX_PATH];
    UINT length = GetSystemDirectoryW(shell, MAX_PATH - 16);
    if (length == 0 || length >= MAX_PATH - 16)
        return false;
    wcscat(shell, L"\\cmd.exe");
    /* /s: removes the outermost quotes, and keeps everything between them. */
    return words_add(out, shell, true) && words_add(out, L"/d", false) &&
           words_add(out, L"/s", false) && words_add(out, L"/c", false) && words_put(out, L' ') &&
           words_put(out, L'"') && words_put(out, L'"');
}

static bool add_plain(struct words *out, const wchar_t *text)
{
    for (; *text; text++)
        if (!words_put(out, *text))
            return false;
    return true;
}

struct error program_line(const struct program *program, char *const *argv, struct words *out)
{
    wchar_t *word = os_pages(WORDS_CHARS * sizeof *word);
    bool fits = word != NULL;
    bool safe = !program->is_batch || is_safe_for_batch(program->path);
    out->used = 0;
    if (program->is_batch)
        fits = fits && begin_batch(out) && add_plain(out, program->path) && words_put(out, L'"');
    else
        fits = fits && win_wide(argv[0], word, WORDS_CHARS) && words_add(out, word, true);
    for (size_t i = 1; argv[i] && fits && safe; i++) {
        fits = win_wide(argv[i], word, WORDS_CHARS);
        safe = !program->is_batch || is_safe_for_batch(word);
        fits = fits && safe && words_add(out, word, program->is_batch);
    }
    if (program->is_batch)
        fits = fits && words_put(out, L'"');
    os_pages_free(word, WORDS_CHARS * sizeof *word);
    if (!safe)
        return error_make(ERROR_USAGE, 0, "pass a quote, % or ! to a batch file in",
                          "cmd.exe would interpret it: run cmd.exe /c yourself");
    return fits ? ERROR_OK : too_long();
}
