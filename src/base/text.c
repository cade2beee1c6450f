#include "base/text.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

size_t text_decimal(char out[TEXT_DECIMAL_BYTES], uint64_t number)
{
    char digits[TEXT_DECIMAL_BYTES];
    size_t at = sizeof digits;
    digits[--at] = '\0';
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    memcpy(out, digits + at, sizeof digits - at);
    return sizeof digits - at - 1;
}

void text_field(char *out, unsigned number, size_t width)
{
    for (; width-- > 0; number /= 10)
        out[width] = (char)('0' + number % 10);
}

void text_hex(char *out, uint64_t number, size_t width)
{
    for (; width-- > 0; number >>= 4)
        out[width] = hex_digits[number & 15];
}

void text_hex_bytes(char *out, const unsigned char *bytes, size_t count)
{
    for (; count-- > 0; out += 2)
        text_hex(out, *bytes++, 2);
    *out = '\0';
}

bool text_is_hex(const char *text, size_t digits)
{
    return strlen(text) == digits && strspn(text, hex_digits) == digits;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

uint64_t text_number(const char **text)
{
    uint64_t number = 0;
    for (; is_digit(**text); (*text)++)
        number = number * 10 + (uint64_t)(**text - '0');
    return number;
}

bool text_to_number(const char *text, size_t length, uint64_t *out)
{
    uint64_t number = 0;
    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_digit(text[i]) || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(text[i] - '0'), &number))
            return false;
    *out = number;
    return true;
}
