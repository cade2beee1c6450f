#include "os/error.h"

#include <errno.h>
#include <string.h>

const char *os_error_text(int os_code, char *text, size_t capacity)
{
    size_t length = strnlen(strerror(os_code), capacity - 1);
    memcpy(text, strerror(os_code), length);
    text[length] = '\0';
    return text;
}

void os_error_tell(int os_code)
{
    errno = os_code;
}

int os_error_told(void)
{
    return errno;
}
