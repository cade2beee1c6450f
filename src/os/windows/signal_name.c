#include "os/signal_name.h"

#include <string.h>

/* What a strike may be asked for here: the C library's numbers. */
static const struct {
    const char *name;
    int number;
} names[] = {{"INT", 2}, {"KILL", 9}, {"TERM", 15}, {"BREAK", 21}};

#define NAME_COUNT (sizeof names / sizeof *names)

const char *signal_name(int number)
{
    for (size_t i = 0; i < NAME_COUNT; i++)
        if (names[i].number == number)
            return names[i].name;
    return NULL;
}

const char *signal_forms(void)
{
    return "TERM, INT, BREAK or KILL";
}

static int by_number(const char *text, size_t length)
{
    int number = 0;
    for (size_t i = 0; i < length && number < 100; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = 10 * number + (text[i] - '0');
    }
    return signal_name(number) ? number : -1;
}

bool signal_by_name(const char *text, size_t length, int *out)
{
    int number = length > 0 ? by_number(text, length) : -1;
    if (length >= 3 && _strnicmp(text, "SIG", 3) == 0) {
        text += 3;
        length -= 3;
    }
    for (size_t i = 0; i < NAME_COUNT; i++)
        if (strlen(names[i].name) == length && _strnicmp(names[i].name, text, length) == 0)
            number = names[i].number;
    if (number < 0)
        return false;
    *out = number;
    return true;
}
