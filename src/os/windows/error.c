#include "os/windows/win.h"

#define TEXT_CHARS 256

/* Some texts have a place for a name that nothing fills in: "%1 is not a valid application". */
static void fill_places(wchar_t *text)
{
    for (; text[0] != L'\0'; text++)
        if (text[0] == L'%' && text[1] == L'1') {
            text[0] = L'i';
            text[1] = L't';
        }
}

/* Without the line end and the full stop that the system adds. */
const char *os_error_text(int os_code, char *text, size_t capacity)
{
    wchar_t wide[TEXT_CHARS];
    DWORD flags =
        FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
    DWORD length = FormatMessageW(flags, NULL, (DWORD)os_code, 0, wide, TEXT_CHARS, NULL);
    while (length > 0 && (wide[length - 1] <= L' ' || wide[length - 1] == L'.'))
        wide[--length] = L'\0';
    if (length > 0)
        fill_places(wide);
    return length > 0 && win_utf8(wide, text, capacity) ? text : "an error without a text";
}

/* errno belongs to a C library, and the caller may use another one than we do. */
void os_error_tell(int os_code)
{
    SetLastError((DWORD)os_code);
}

int os_error_told(void)
{
    return (int)GetLastError();
}
