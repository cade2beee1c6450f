/* Command lines: a program receives one text, and splits it by the rules of the C library. */
#include "os/windows/words.h"

#include <string.h>
#include <wchar.h>

#define WORDS_BYTES ((size_t)256 * 1024)

/* ---- our own ---- */

static size_t bytes_of(const wchar_t *word)
{
    int bytes = WideCharToMultiByte(CP_UTF8, 0, word, -1, NULL, 0, NULL, NULL);
    return bytes > 0 ? (size_t)bytes : 1;
}

/* The C library's own function, which is in no public header: microsoft.com, "__wgetmainargs". The
 * shell's function would load the shell and its windows, and every start would take twice as
 * long. */
struct mode {
    int new_mode;
};
int __cdecl __wgetmainargs(int *count, wchar_t ***words, wchar_t ***environment, int wildcards,
                           struct mode *mode);

static int split(wchar_t ***words)
{
    wchar_t **environment = NULL;
    struct mode mode = {0};
    int count = 0;
    return __wgetmainargs(&count, words, &environment, 0, &mode) == 0 ? count : 0;
}

char **os_words(int argc, char **argv)
{
    wchar_t **wide = NULL;
    int count = split(&wide);
    size_t bytes = ((size_t)count + 1) * sizeof(char *);
    (void)argc;
    for (int i = 0; i < count; i++)
        bytes += bytes_of(wide[i]);
    char **words = count > 0 ? os_pages(bytes) : NULL;
    if (!words)
        return argv;
    char *at = (char *)(words + count + 1);
    for (int i = 0; i < count; i++) {
        words[i] = at;
        win_utf8(wide[i], at, bytes_of(wide[i]));
        at += bytes_of(wide[i]);
    }
    return words;
}

/* ---- for another program ---- */

bool words_put(struct words *words, wchar_t letter)
{
    if (words->used + 1 >= WORDS_CHARS)
        return false;
    words->text[words->used++] = letter;
    words->text[words->used] = L'\0';
    return true;
}

static bool put_many(struct words *words, wchar_t letter, size_t count)
{
    while (count-- > 0)
        if (!words_put(words, letter))
            return false;
    return true;
}

/* Backslashes before a quote count double: microsoft.com, "Parsing C command-line arguments". */
static bool put_quoted(struct words *words, const wchar_t *word)
{
    size_t slashes = 0;
    bool good = words_put(words, L'"');
    for (; *word && good; word++) {
        slashes = *word == L'\\' ? slashes + 1 : slashes;
        if (*word == L'"')
            good = put_many(words, L'\\', slashes + 1);
        if (*word != L'\\')
            slashes = 0;
        good = good && words_put(words, *word);
    }
    return good && put_many(words, L'\\', slashes) && words_put(words, L'"');
}

bool words_add(struct words *words, const wchar_t *word, bool always_quoted)
{
    bool quoted = always_quoted || *word == L'\0' || wcspbrk(word, L" \t\n\v\"");
    if (words->used > 0 && !words_put(words, L' '))
        return false;
    if (quoted)
        return put_quoted(words, word);
    for (; *word; word++)
        if (!words_put(words, *word))
            return false;
    return true;
}
